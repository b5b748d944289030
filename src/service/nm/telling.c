/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the three dictionaries of the last time. */
#include "nm/telling.h"

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

gboolean
telling_change (Telling *telling, const IkeConfigured *configured, const IpconfigOptions *options)
{
  gboolean variant = telling->been_up && !telling->variant;
  Ipconfig fresh = { 0 };

  if (!build (telling, configured, options, variant, &fresh))
    return FALSE;
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

static gboolean
is_same (GVariant *a, GVariant *b)
{
  return a && b ? g_variant_equal (a, b) : a == b;
}

gboolean
telling_knows (const Telling *telling, const IkeConfigured *configured, const IpconfigOptions *options)
{
  g_auto (Ipconfig) other = { 0 };

  return telling->been_up && build (telling, configured, options, telling->variant, &other) &&
         is_same (telling->now.config, other.config) && is_same (telling->now.ip4, other.ip4) &&
         is_same (telling->now.ip6, other.ip6);
}

gboolean
telling_forget_servers (Telling *telling, const IpconfigOptions *options, gboolean again)
{
  g_autoptr (IkeConfigured) without = NULL;
  IkeConfigured *whole = telling->configured;

  if (!whole || (!whole->dns->len && !whole->domains->len && !whole->resolvers->len))
    return FALSE;
  without = ike_configured_copy (whole); /* which has the same arrays */
  g_array_unref (without->dns);
  without->dns = g_array_new (FALSE, FALSE, sizeof (IkeAddress));
  g_ptr_array_unref (without->domains);
  without->domains = g_ptr_array_new ();
  g_ptr_array_unref (without->resolvers);
  without->resolvers = g_ptr_array_new ();
  if (!again && telling_knows (telling, without, options))
    return FALSE;
  /* what comes next is made of all of it again */
  telling->configured = NULL;
  if (telling_change (telling, without, options))
    ike_configured_free (telling->configured);
  telling->configured = whole;
  return TRUE;
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
