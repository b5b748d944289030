/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the three dictionaries of the last time. */
#include "nm/telling.h"

#include <NetworkManager.h>

/* After what was told before. */
static gboolean
build (const Telling *telling, const IkeConfigured *configured, const IpconfigOptions *options, gboolean variant,
       Ipconfig *ret)
{
  const Ipconfig *now = &telling->now;
  IpconfigOptions with = *options;

  with.variant = variant;
  with.before4 = now->address4.address.family ? &now->address4 : NULL;
  with.before6 = now->address6.address.family ? &now->address6 : NULL;
  return ipconfig_build (configured, &with, ret);
}

static gboolean
is_same (GVariant *a, GVariant *b)
{
  return a && b ? g_variant_equal (a, b) : a == b;
}

static gboolean
is_same_item (GVariant *a, GVariant *b, const char *name)
{
  g_autoptr (GVariant) one = a ? g_variant_lookup_value (a, name, NULL) : NULL;
  g_autoptr (GVariant) other = b ? g_variant_lookup_value (b, name, NULL) : NULL;

  return is_same (one, other);
}

/* The same name servers, for the same? */
static gboolean
asks_same (const Ipconfig *a, const Ipconfig *b)
{
  static const char *const names[] = { NM_VPN_PLUGIN_IP4_CONFIG_DNS, NM_VPN_PLUGIN_IP4_CONFIG_DOMAINS };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!is_same_item (a->ip4, b->ip4, names[i]) || !is_same_item (a->ip6, b->ip6, names[i]))
      return FALSE;
  return TRUE;
}

gboolean
telling_change (Telling *telling, const IkeConfigured *configured, const IpconfigOptions *options)
{
  gboolean variant = telling->been_up && !telling->variant;
  Ipconfig fresh = { 0 };

  if (!build (telling, configured, options, variant, &fresh))
    return FALSE;
  telling->twice = telling->been_up && fresh.ip4 && fresh.ip6 && !asks_same (&telling->now, &fresh);
  telling->bare = FALSE;
  ipconfig_clear (&telling->now);
  telling->now = fresh;
  telling->been_up = TRUE;
  telling->variant = variant;
  if (telling->configured != configured)
    {
      ike_configured_free (telling->configured);
      telling->configured = ike_configured_copy (configured);
    }
  return TRUE;
}

gboolean
telling_is_empty (const Telling *telling)
{
  return telling->been_up && !telling->now.ip4 && !telling->now.ip6;
}

gboolean
telling_knows (const Telling *telling, const IkeConfigured *configured, const IpconfigOptions *options)
{
  g_auto (Ipconfig) other = { 0 };

  return telling->been_up && build (telling, configured, options, telling->variant, &other) &&
         is_same (telling->now.config, other.config) && is_same (telling->now.ip4, other.ip4) &&
         is_same (telling->now.ip6, other.ip6);
}

/* What comes next is made of all of it again. */
static gboolean
change_bare (Telling *telling, const IkeConfigured *without, const IpconfigOptions *options)
{
  IkeConfigured *whole = g_steal_pointer (&telling->configured);
  gboolean changed = telling_change (telling, without, options);

  ike_configured_free (telling->configured);
  telling->configured = whole;
  telling->bare = TRUE;
  return changed;
}

static IkeConfigured *
without_servers (const IkeConfigured *whole)
{
  IkeConfigured *without = ike_configured_copy (whole); /* which has the same arrays */

  g_array_unref (without->dns);
  without->dns = g_array_new (FALSE, FALSE, sizeof (IkeAddress));
  g_ptr_array_unref (without->domains);
  without->domains = g_ptr_array_new ();
  g_ptr_array_unref (without->resolvers);
  without->resolvers = g_ptr_array_new ();
  return without;
}

gboolean
telling_forget_servers (Telling *telling, const IpconfigOptions *options)
{
  const IkeConfigured *whole = telling->configured;
  g_autoptr (IkeConfigured) without = NULL;

  if (telling->bare || !whole || (!whole->dns->len && !whole->domains->len && !whole->resolvers->len))
    return FALSE;
  without = without_servers (whole);
  return !telling_knows (telling, without, options) && change_bare (telling, without, options);
}

gboolean
telling_again (Telling *telling, const IpconfigOptions *options)
{
  g_autoptr (IkeConfigured) without = NULL;

  if (!telling->twice || !telling->configured)
    return FALSE;
  if (!telling->bare)
    return telling_change (telling, telling->configured, options);
  without = without_servers (telling->configured);
  return change_bare (telling, without, options);
}

gboolean
telling_resize (Telling *telling, const IpconfigOptions *options)
{
  guint before = telling->now.mtu;
  g_auto (Ipconfig) other = { 0 };

  if (!telling->configured || !ipconfig_build (telling->configured, options, &other) || other.mtu == before)
    return FALSE;
  return telling_change (telling, telling->configured, options);
}

void
telling_clear (Telling *telling)
{
  ipconfig_clear (&telling->now);
  g_clear_pointer (&telling->configured, ike_configured_free);
}
