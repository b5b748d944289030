/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "world-guard.h"

#include "io/netwatch.h"

#include "base/address.h"
#include "helper-clamp.h"
#include "helper-label.h"
#include "world.h"

static void
write_selectors (GString *line, const char *what, const GArray *selectors)
{
  for (guint i = 0; i < selectors->len; i++)
    {
      const IkeSelector *s = &g_array_index (selectors, IkeSelector, i);
      g_autofree char *first = ike_address_to_string (&s->first), *last = ike_address_to_string (&s->last);

      g_string_append_printf (line, " %s %s-%s", what, first, last);
    }
}

const char *
world_guard_text (const HelperGuard *guard)
{
  static GString *line;

  if (line)
    g_string_free (line, TRUE);
  line = g_string_new (guard ? "" : " keep");

  if (guard)
    {
      write_selectors (line, "protect", guard->protect);
      write_selectors (line, "except", guard->except);
      write_selectors (line, "inside", guard->inside);
    }
  if (guard && guard->names)
    g_string_append (line, " names");
  return line->str;
}

void
helper_client_clamp (HelperClient *client, guint mss4, guint mss6, HelperDoneFunc func, gpointer data)
{
  g_ptr_array_add (world->calls, g_strdup_printf ("clamp %u %u", mss4, mss6));
  func (NULL, data);
}

void
helper_client_label (HelperClient *client, const char *label, HelperDoneFunc func, gpointer data)
{
  g_ptr_array_add (world->calls, g_strdup_printf ("label %s", label));
  world_promise (ASKED_LABEL, G_CALLBACK (func), data);
}

static void (*link_gone) (gpointer data);
static gpointer link_data;

void
helper_client_watch_link (HelperClient *client, void (*gone) (gpointer data), gpointer data)
{
  link_gone = gone;
  link_data = data;
}

void
world_link_goes (void)
{
  g_assert_nonnull (link_gone);
  link_gone (link_data);
}

const IpsecPolicy *__wrap_system_policy_get (void);

const IpsecPolicy *
__wrap_system_policy_get (void)
{
  return world->policy;
}

GVariant *
driver_report (const Driver *self)
{
  return g_variant_new_parsed ("[{'state': <'ESTABLISHED'>}]");
}

void
helper_client_load_state (HelperClient *client, HelperStateFunc func, gpointer data)
{
  func ("0123456789abcdef 7\n", 19, data);
}

void
driver_check (Driver *self)
{
  g_ptr_array_add (world->calls, g_strdup ("check"));
}

void
driver_probe (Driver *self, guint octets)
{
  g_ptr_array_add (world->calls, g_strdup_printf ("probe %u", octets));
}

guint
driver_get_path_mtu (const Driver *self)
{
  return world->path_mtu ? world->path_mtu : 1400;
}

void
world_driver_moved (const char *local)
{
  gpointer data;
  const DriverEvents *events = world_driver_events (&data);
  IkePath path = { .transport = IKE_TRANSPORT_NATT, .remote = world->start->remote };

  g_assert_true (ike_address_from_string (local, &path.local.address));
  events->moved (&path, data);
}

void
world_driver_probed (guint octets, IkeProbe probe)
{
  gpointer data;
  const DriverEvents *events = world_driver_events (&data);

  events->probed (octets, probe, data);
}

static void (*network_changed) (gpointer data);
static gpointer network_data;

Netwatch *
world_netwatch (void)
{
  return (Netwatch *) 1;
}

void
netwatch_listen (Netwatch *self, void (*changed) (gpointer data), gpointer data)
{
  network_changed = changed;
  network_data = data;
}

gboolean
world_network_changes (void)
{
  if (!network_changed)
    return FALSE;
  network_changed (network_data);
  return TRUE;
}

void
world_driver_cancel (guint32 number)
{
  gpointer data;
  const DriverEvents *events = world_driver_events (&data);

  events->secret_cancelled (number, data);
}

/* No network: a mesh's own addresses are not known then. */
guint32
netwatch_link_of (Netwatch *self, const IkeAddress *address)
{
  return 0;
}

guint
netwatch_uplinks (Netwatch *self, const IkeAddress *gateway, NetwatchUplink ret[NETWATCH_MAX_UPLINKS])
{
  return 0;
}
