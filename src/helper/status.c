/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question to the bus, one to each service at the same time, one to the kernel. A service that does not answer is left
 * out. One that the network has taken over may have many names, and long answers: each process is heard once, and what it
 * says has limits. */
#include "status.h"

#include "kernel/netlink.h"
#include "kernel/xfrm-parse.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#define BUS "org.freedesktop.DBus"
#define STATUS_PATH "/org/freedesktop/NetworkManager/ipsec/Status"
#define STATUS_INTERFACE "org.freedesktop.NetworkManager.ipsec.Status"
#define HELPER_NAME "org.freedesktop.NetworkManager.ipsec.Helper"
#define ANSWER_MS 3000
#define MAX_SERVICES 256
#define MAX_CONNECTIONS 1024
#define MAX_ANSWER (4 * 1024 * 1024) /* octets of one service */
#define MAX_ANSWERS (16 * 1024 * 1024) /* of all together */
#define MAX_SAS 65536 /* of all together, IKE SAs and Child SAs */

/* The service's own name, and those that it has for profiles of others. */
static const char *const prefixes[] = {
  "org.freedesktop.NetworkManager.ipsec",
  "org.freedesktop.NetworkManager.libreswan",
  "org.freedesktop.NetworkManager.openswan",
  "org.freedesktop.NetworkManager.strongswan",
};

typedef struct {
  GDBusConnection *bus;
  GPtrArray *connections; /* GVariant, a{sv} */
  GArray *states; /* XfrmState */
  GHashTable *heard; /* char: the bus's own name of each process that has answered */
  gsize octets; /* of their answers */
  guint sas;
  guint waiting;
  StatusFunc func;
  gpointer data;
} Collection;

/* ---- the kernel's part ---- */

static void
on_state (const struct nlmsghdr *msg, gpointer data)
{
  GArray *states = data;
  XfrmState state;

  if (xfrm_parse_sa (msg, &state))
    g_array_append_val (states, state);
}

static void
ask_kernel (GArray *states)
{
  int fd = netlink_sync_open (NETLINK_XFRM);

  if (fd < 0)
    return;
  (void) netlink_sync (fd, xfrm_build_sa_dump (), on_state, states);
  close (fd);
}

/* @endpoint: "192.0.2.1:500", "[2001:db8::1]:500". */
static gboolean
is_at (const ChannelAddress *address, const char *endpoint)
{
  char text[INET6_ADDRSTRLEN];
  gboolean six = address->family == 6;
  g_autofree char *begin = NULL;

  if (!address->family || !inet_ntop (six ? AF_INET6 : AF_INET, address->bytes, text, sizeof text))
    return FALSE;
  begin = g_strdup_printf (six ? "[%s]:" : "%s:", text);
  return g_str_has_prefix (endpoint, begin);
}

static void
add_counts (const Collection *self, GVariantDict *child, const char *remote, gboolean in)
{
  guint32 spi = 0;

  (void) g_variant_dict_lookup (child, in ? "spi-in" : "spi-out", "u", &spi);
  for (guint i = 0; spi && i < self->states->len; i++)
    {
      const XfrmState *state = &g_array_index (self->states, XfrmState, i);

      if (state->id.spi != spi || !is_at (in ? &state->id.src : &state->id.dst, remote))
        continue;
      g_variant_dict_insert (child, in ? "bytes-in" : "bytes-out", "t", state->bytes);
      g_variant_dict_insert (child, in ? "packets-in" : "packets-out", "t", state->packets);
      return;
    }
}

/* ---- putting together ---- */

typedef GVariant *Complete (Collection *self, GVariant *dict, const char *remote);

/* The list @name in @dict with each of its elements completed. */
static void
complete_list (Collection *self, GVariantDict *dict, const char *name, const char *remote, Complete *complete)
{
  g_autoptr (GVariant) list = g_variant_dict_lookup_value (dict, name, G_VARIANT_TYPE ("aa{sv}"));
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; list && i < g_variant_n_children (list) && self->sas < MAX_SAS; i++)
    {
      g_autoptr (GVariant) element = g_variant_get_child_value (list, i);

      self->sas++;
      g_variant_builder_add_value (&builder, complete (self, element, remote));
    }
  g_variant_dict_insert_value (dict, name, g_variant_builder_end (&builder));
}

static GVariant *
complete_child (Collection *self, GVariant *element, const char *remote)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, element);
  add_counts (self, &dict, remote, TRUE);
  add_counts (self, &dict, remote, FALSE);
  return g_variant_dict_end (&dict);
}

static GVariant *
complete_sa (Collection *self, GVariant *element, const char *unused)
{
  const char *remote = "";
  GVariantDict dict;

  (void) g_variant_lookup (element, "remote", "&s", &remote);
  g_variant_dict_init (&dict, element);
  complete_list (self, &dict, "children", remote, complete_child);
  return g_variant_dict_end (&dict);
}

static GVariant *
complete_connection (Collection *self, GVariant *element)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, element);
  complete_list (self, &dict, "sas", NULL, complete_sa);
  return g_variant_dict_end (&dict);
}

static void
finish (Collection *self)
{
  g_autoptr (GVariant) all = NULL;
  GVariantBuilder list;

  ask_kernel (self->states);
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < self->connections->len; i++)
    g_variant_builder_add_value (&list, complete_connection (self, self->connections->pdata[i]));
  all = g_variant_ref_sink (g_variant_builder_end (&list));
  self->func (all, self->data);
  g_ptr_array_unref (self->connections);
  g_array_unref (self->states);
  g_hash_table_unref (self->heard);
  g_object_unref (self->bus);
  g_free (self);
}

/* ---- asking ---- */

/* What it says, if that is an answer of a process that has not been heard yet, and there is room for it. */
static GVariant *
take_first (Collection *self, GDBusMessage *reply)
{
  GVariant *body = g_dbus_message_get_body (reply);
  gsize size = body ? g_variant_get_size (body) : 0;

  if (g_dbus_message_get_message_type (reply) == G_DBUS_MESSAGE_TYPE_METHOD_RETURN && body &&
      g_variant_is_of_type (body, G_VARIANT_TYPE ("(aa{sv})")) && size <= MAX_ANSWER &&
      size <= MAX_ANSWERS - self->octets &&
      g_hash_table_add (self->heard, g_strdup (g_dbus_message_get_sender (reply))))
    return body;
  return NULL;
}

static void
on_answer (GObject *object, GAsyncResult *result, gpointer data)
{
  Collection *self = data;
  g_autoptr (GDBusMessage) reply =
      g_dbus_connection_send_message_with_reply_finish (G_DBUS_CONNECTION (object), result, NULL);
  GVariant *body = reply ? take_first (self, reply) : NULL;

  if (body)
    {
      g_autoptr (GVariant) list = g_variant_get_child_value (body, 0);

      self->octets += g_variant_get_size (body);
      for (gsize i = 0; i < g_variant_n_children (list) && self->connections->len < MAX_CONNECTIONS; i++)
        g_ptr_array_add (self->connections, g_variant_get_child_value (list, i));
    }
  if (--self->waiting == 0)
    finish (self);
}

static void
ask (Collection *self, const char *name)
{
  g_autoptr (GDBusMessage) question = g_dbus_message_new_method_call (name, STATUS_PATH, STATUS_INTERFACE, "Get");

  self->waiting++;
  g_dbus_message_set_flags (question, G_DBUS_MESSAGE_FLAGS_NO_AUTO_START);
  g_dbus_connection_send_message_with_reply (self->bus, question, G_DBUS_SEND_MESSAGE_FLAGS_NONE, ANSWER_MS, NULL, NULL,
                                             on_answer, self);
}

/* A name with a prefix of ours, or one below it. */
static gboolean
is_service (const char *name)
{
  if (strcmp (name, HELPER_NAME) == 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      gsize len = strlen (prefixes[i]);

      if (strncmp (name, prefixes[i], len) == 0 && (name[len] == '\0' || name[len] == '.'))
        return TRUE;
    }
  return FALSE;
}

static void
on_names (GObject *object, GAsyncResult *result, gpointer data)
{
  Collection *self = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  g_autofree const char **names = NULL;

  if (reply)
    g_variant_get (reply, "(^a&s)", &names);
  for (guint i = 0; names && names[i] && self->waiting <= MAX_SERVICES; i++)
    if (is_service (names[i]))
      ask (self, names[i]);
  if (--self->waiting == 0)
    finish (self);
}

void
status_collect (GDBusConnection *bus, StatusFunc func, gpointer data)
{
  Collection *self = g_new0 (Collection, 1);

  self->bus = g_object_ref (bus);
  self->connections = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  self->states = g_array_new (FALSE, FALSE, sizeof (XfrmState));
  self->heard = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting = 1;
  self->func = func;
  self->data = data;
  g_dbus_connection_call (bus, BUS, "/org/freedesktop/DBus", BUS, "ListNames", NULL, G_VARIANT_TYPE ("(as)"),
                          G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, NULL, on_names, self);
}
