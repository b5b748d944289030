/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns what the helper was told last. Protected is what the profile names (remote-ts), the gateway's own address where
 * that is "dynamic". A gateway that takes all of it makes a tunnel for everything, of which nothing may go elsewhere,
 * and be it of the IP version that the gateway does not have; one that takes less has decided what the tunnel is for.
 */
#include "nm/guard.h"

#include "helper-guard.h"
#include "nm/ikeconfig.h"
#include "nm/meshconfig.h"

#include <string.h>

struct _Guard {
  HelperClient *helper;
  const Activation *activation;
  GArray *wanted; /* IkeSelector: of the profile */
  gboolean wants_gateway; /* and the gateway itself */
  gboolean by_name; /* a gateway has to be looked up */
  HelperGuard now;
};

static gboolean
is_everything (const IkeSelector *s)
{
  gsize len = s->first.family == IKE_FAMILY_IP4 ? 4 : 16;

  for (gsize i = 0; i < len; i++)
    if (s->first.bytes[i] != 0 || s->last.bytes[i] != 0xff)
      return FALSE;
  return TRUE;
}

static gboolean
has_everything (const GArray *selectors)
{
  for (guint i = 0; i < selectors->len; i++)
    if (is_everything (&g_array_index (selectors, IkeSelector, i)))
      return TRUE;
  return FALSE;
}

/* ---- the helper ---- */

static void
on_changed (GError *error, gpointer data)
{
  g_autofree char *uuid = data;
  LogFields fields = { .uuid = uuid };

  if (error)
    log_printf (IKE_LOG_ERROR, &fields, "The kill switch is not what it should be: %s", error->message);
}

static void
tell (Guard *guard, const HelperGuard *now)
{
  helper_client_guard (guard->helper, now, on_changed, g_strdup (guard->activation->uuid));
}

static void
protect (Guard *guard, const GArray *selectors)
{
  g_array_set_size (guard->now.protect, 0);
  if (selectors->len > 0)
    g_array_append_vals (guard->now.protect, selectors->data, selectors->len);
}

static void
set_inside (Guard *guard, const GArray *selectors)
{
  g_array_set_size (guard->now.inside, 0);
  for (guint i = 0; selectors && i < selectors->len; i++)
    /* for IPv4 the kernel tells by which link a packet is going to leave; for IPv6 only where that was asked for */
    if (g_array_index (selectors, IkeSelector, i).first.family == IKE_FAMILY_IP6)
      g_array_append_val (guard->now.inside, g_array_index (selectors, IkeSelector, i));
}

/* ---- times ---- */

void
guard_begin (Guard *guard, HelperDoneFunc func, gpointer data)
{
  guard->now.names = guard->by_name && has_everything (guard->now.protect);
  helper_client_guard (guard->helper, &guard->now, func, data);
}

void
guard_look_up (Guard *guard)
{
  if (!guard)
    return;
  set_inside (guard, NULL);
  guard->now.names = guard->by_name && has_everything (guard->now.protect);
  tell (guard, &guard->now);
}

void
guard_sent_on (Guard *guard)
{
  if (!guard || !has_everything (guard->now.protect))
    return;
  guard->now.names = TRUE;
  tell (guard, &guard->now);
}

void
guard_dial (Guard *guard, const IkeAddress *gateway)
{
  const IkeSelector host = { *gateway, *gateway, 0, 0, G_MAXUINT16 };

  if (!guard || !(guard->now.names || guard->wants_gateway))
    return;
  guard->now.names = FALSE;
  if (guard->wants_gateway)
    {
      protect (guard, guard->wanted);
      g_array_append_val (guard->now.protect, host);
    }
  tell (guard, &guard->now);
}

void
guard_up (Guard *guard, const IkeConfigured *configured)
{
  if (!guard)
    return;
  if (has_everything (guard->wanted) && configured->remote_ts->len > 0)
    protect (guard, has_everything (configured->remote_ts) ? guard->wanted : configured->remote_ts);
  set_inside (guard, configured->local_ts);
  tell (guard, &guard->now);
}

void
guard_down (Guard *guard)
{
  if (!guard || guard->now.inside->len == 0)
    return;
  set_inside (guard, NULL);
  tell (guard, &guard->now);
}

void
guard_keep (Guard *guard)
{
  LogFields fields = { 0 };

  if (!guard)
    return;
  fields.uuid = guard->activation->uuid;
  log_printf (
      IKE_LOG_WARNING, &fields,
      "The kill switch goes on blocking. Activate and deactivate the connection to end that, or: nm-ipsec unblock");
  tell (guard, NULL);
}

/* ---- the object ---- */

static gboolean
is_address (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address != NULL;
}

Guard *
guard_new (HelperClient *helper, const Activation *activation)
{
  const IpsecTunnel *tunnel = &activation->profile->tunnel;
  Guard *guard;

  if (!tunnel->kill_switch)
    return NULL;
  guard = g_new0 (Guard, 1);
  guard->helper = helper;
  guard->activation = activation;
  for (char *const *host = activation->profile->outer.gateways; host && *host; host++)
    guard->by_name |= !is_address (*host);
  guard->wanted = ikeconfig_selectors (tunnel->remote_ts);
  guard->wants_gateway = guard->wanted->len == 0;
  for (guint i = guard->wanted->len; i-- > 0;)
    if (!g_array_index (guard->wanted, IkeSelector, i).first.family) /* dynamic */
      {
        g_array_remove_index (guard->wanted, i);
        guard->wants_gateway = TRUE;
      }
  guard->now.protect = g_array_copy (guard->wanted);
  guard->now.except = ikeconfig_selectors (tunnel->kill_switch);
  guard->now.inside = g_array_new (FALSE, TRUE, sizeof (IkeSelector));
  if (activation->profile->role == IPSEC_ROLE_MESH)
    {
      guard->wants_gateway = FALSE;
      meshconfig_guard (activation->profile, guard->now.protect, guard->now.except);
    }
  return guard;
}

void
guard_free (Guard *guard)
{
  if (!guard)
    return;
  g_array_unref (guard->wanted);
  g_array_unref (guard->now.protect);
  g_array_unref (guard->now.except);
  g_array_unref (guard->now.inside);
  g_free (guard);
}
