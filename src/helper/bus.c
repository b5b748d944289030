/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nm-ipsec-helper-bus: what people and the editor may ask for over D-Bus. Root, started on demand, ends when idle. It is a
 * program of its own because the helper of a tunnel, of which there is one for each, needs neither GDBus nor the key
 * store's methods.
 *
 * One table says which methods there are, who must be asked for each, and what does it. A call is checked by GDBus
 * against the introspection, then judged by the bouncer, and only then looked at. What is not in the table is refused.
 */
#include "bouncer.h"
#include "kernel/guard.h"
#include "keystore.h"
#include "privileges.h"
#include "status.h"

#include "config.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDLE_SECONDS 30
#define MAX_CALLS 64 /* allowed, and under way at once, of all callers */
#define BUS_NAME "org.freedesktop.NetworkManager.ipsec.Helper"
#define BUS_PATH "/org/freedesktop/NetworkManager/ipsec/Helper"
#define ERROR_PREFIX BUS_NAME ".Error."
#define ACTION_STATUS "org.freedesktop.NetworkManager.ipsec.status"
#define ACTION_UNBLOCK "org.freedesktop.NetworkManager.ipsec.unblock"
#define ACTION_KEYS "org.freedesktop.NetworkManager.ipsec.keys"

typedef struct {
  GMainLoop *loop;
  GDBusConnection *bus;
  Keystore *keystore;
  guint calls, running; /* running: those that are allowed */
  guint idle;
  int status;
} Door;

typedef struct _Row Row;

typedef struct {
  Door *door;
  const Row *row;
  GDBusMethodInvocation *invocation;
  gboolean running;
} Call;

struct _Row {
  const char *method, *action;
  void (*run) (Call *take_call);
};

/* ---- answers ---- */

static gboolean
on_idle (gpointer data)
{
  Door *door = data;

  door->idle = 0;
  g_main_loop_quit (door->loop);
  return G_SOURCE_REMOVE;
}

static void
call_free (Call *call)
{
  Door *door = call->door;

  door->running -= call->running ? 1 : 0;
  if (--door->calls == 0)
    door->idle = g_timeout_add_seconds (IDLE_SECONDS, on_idle, door);
  g_free (call);
}

/* The invocation is the bus's again with the answer. */
static void
refuse (Call *take_call, const char *name, const char *text)
{
  g_autofree char *full = g_strconcat (ERROR_PREFIX, name, NULL);

  g_dbus_method_invocation_return_dbus_error (take_call->invocation, full, text);
  call_free (take_call);
}

static const char *
error_name (const GError *error)
{
  static const char *const names[] = { "NotFound", "BadFile", "NeedPassword", "BadPassword", "BadFile", "Exists" };

  return error->domain == KEYSTORE_ERROR && (guint) error->code < G_N_ELEMENTS (names) ? names[error->code] : "Failed";
}

static void
on_keystore (GVariant *result, const GError *error, gpointer data)
{
  Call *call = data;

  if (!result)
    {
      Door *door = call->door;
      gboolean gone = error->code == KEYSTORE_ERROR_GONE;

      refuse (call, error_name (error), error->message);
      /* the next call finds a fresh process */
      if (gone)
        g_main_loop_quit (door->loop);
      return;
    }
  g_dbus_method_invocation_return_value (call->invocation, result);
  call_free (call);
}

/* ---- methods ---- */

/* Without the descriptors, which come in *ret_fds. NULL: they are not there. */
static GVariant *
parameters_split (GDBusMethodInvocation *invocation, int *ret_fds, guint *ret_n)
{
  GUnixFDList *list = g_dbus_message_get_unix_fd_list (g_dbus_method_invocation_get_message (invocation));
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_TUPLE);
  GVariantIter iter;
  GVariant *child;

  g_variant_iter_init (&iter, g_dbus_method_invocation_get_parameters (invocation));
  while ((child = g_variant_iter_next_value (&iter)))
    {
      g_autoptr (GVariant) value = child;

      if (!g_variant_is_of_type (value, G_VARIANT_TYPE_HANDLE))
        {
          g_variant_builder_add_value (&builder, value);
          continue;
        }
      if (!list || *ret_n == KEYSTORE_MAX_FDS || g_variant_get_handle (value) < 0 ||
          g_variant_get_handle (value) >= g_unix_fd_list_get_length (list))
        return NULL;
      ret_fds[*ret_n] = g_unix_fd_list_get (list, g_variant_get_handle (value), NULL);
      if (ret_fds[*ret_n] < 0)
        return NULL;
      (*ret_n)++;
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
run_keystore (Call *take_call)
{
  int fds[KEYSTORE_MAX_FDS];
  guint n = 0;
  g_autoptr (GVariant) parameters = parameters_split (take_call->invocation, fds, &n);

  if (parameters)
    keystore_call (take_call->door->keystore, take_call->row->method, parameters, fds, n, on_keystore, take_call);
  else
    refuse (take_call, "Failed", N_ ("A file descriptor is missing."));
  while (n > 0)
    close (fds[--n]);
}

/* A handful of questions to the kernel, which answers at once. */
static void
run_unblock (Call *take_call)
{
  const char *uuid = "";
  guint removed = 0;
  int error;

  g_variant_get (g_dbus_method_invocation_get_parameters (take_call->invocation), "(&s)", &uuid);
  error = guard_remove (*uuid ? uuid : NULL, &removed);
  if (error)
    {
      refuse (take_call, "Failed", g_strerror (error));
      return;
    }
  g_dbus_method_invocation_return_value (take_call->invocation, g_variant_new ("(u)", removed));
  call_free (take_call);
}

static void
on_status (GVariant *connections, gpointer data)
{
  Call *call = data;

  g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(@aa{sv})", connections));
  call_free (call);
}

static void
run_status (Call *take_call)
{
  status_collect (take_call->door->bus, on_status, take_call);
}

static const Row rows[] = {
  { "ListCertificates", ACTION_STATUS, run_keystore }, { "GetCertificate", ACTION_STATUS, run_keystore },
  { "ListKeys", ACTION_STATUS, run_keystore },         { "GetDatabase", ACTION_STATUS, run_keystore },
  { "GetFips", ACTION_STATUS, run_keystore },          { "ListAlgorithms", ACTION_STATUS, run_keystore },
  { "SelfTest", ACTION_STATUS, run_keystore },         { "GenerateKey", ACTION_KEYS, run_keystore },
  { "ImportPkcs12", ACTION_KEYS, run_keystore },       { "ImportCertificates", ACTION_KEYS, run_keystore },
  { "SetTrust", ACTION_KEYS, run_keystore },           { "Delete", ACTION_KEYS, run_keystore },
  { "SetPassword", ACTION_KEYS, run_keystore },        { "Unblock", ACTION_UNBLOCK, run_unblock },
  { "ListConnections", ACTION_STATUS, run_status },
};

/* ---- calls ---- */

static void
run (Call *take_call)
{
  if (take_call->door->running == MAX_CALLS)
    {
      refuse (take_call, "Busy", N_ ("Too many calls at once; try again later."));
      return;
    }
  take_call->running = TRUE;
  take_call->door->running++;
  take_call->row->run (take_call);
}

static void
on_verdict (BouncerVerdict verdict, gpointer data)
{
  Call *call = data;

  switch (verdict)
    {
    case BOUNCER_YES:
      run (call);
      return;
    case BOUNCER_BUSY:
      refuse (call, "Busy", N_ ("You have asked for too much at once; answer what is asked, or try again later."));
      return;
    case BOUNCER_NO:
      refuse (call, "NotAllowed", N_ ("You may not do this; an administrator may."));
      return;
    case BOUNCER_CHALLENGE:
      /* the name that the D-Bus specification has for it, so that clients try again with the flag */
      g_dbus_method_invocation_return_dbus_error (call->invocation,
                                                  "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
                                                  N_ ("An administrator's password is needed for this."));
      call_free (call);
      return;
    case BOUNCER_NO_AGENT:
      refuse (
          call, "NoAgent",
          N_ ("An administrator's password is needed for this, and there is no program in this session that could ask "
              "for it; do it as root (sudo)."));
      return;
    case BOUNCER_NOBODY:
      refuse (call, "NotAllowed", N_ ("There is no polkit to say whether you may do this; root may."));
      return;
    case BOUNCER_VANISHED:
      refuse (call, "NotAllowed", N_ ("The caller has gone."));
      return;
    }
}

static const Row *
row_find (const char *method)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].method, method) == 0)
      return &rows[i];
  return NULL;
}

static void
on_method (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
           GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  Door *door = data;
  const Row *row = row_find (method);
  GDBusMessageFlags flags = g_dbus_message_get_flags (g_dbus_method_invocation_get_message (invocation));
  Call *call = g_new0 (Call, 1);

  g_clear_handle_id (&door->idle, g_source_remove);
  door->calls++;
  call->door = door;
  call->row = row;
  call->invocation = invocation;
  if (!row || !sender)
    refuse (call, "NotAllowed", N_ ("There is no such method."));
  else
    bouncer_ask (bus, sender, row->action, (flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0,
                 on_verdict, call);
}

/* ---- life ---- */

static void
on_bus (GDBusConnection *bus, const char *name, gpointer data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_method };
  Door *door = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (NM_IPSEC_HELPER_XML, &error);

  g_assert (node); /* ours, and tested */
  door->bus = g_object_ref (bus);
  if (g_dbus_connection_register_object (bus, BUS_PATH, node->interfaces[0], &vtable, door, NULL, &error) != 0)
    return;
  g_printerr ("nm-ipsec-helper-bus: %s\n", error->message);
  door->status = 1;
  g_main_loop_quit (door->loop);
}

static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer data)
{
  Door *door = data;

  g_printerr ("nm-ipsec-helper-bus: %s\n", bus ? "somebody else has our name" : "there is no system bus");
  door->status = 1;
  g_main_loop_quit (door->loop);
}

static gboolean
on_signal (gpointer data)
{
  const Door *door = data;

  g_main_loop_quit (door->loop);
  return G_SOURCE_REMOVE;
}

int
main (void)
{
  Door door = { 0 };
  guint name;

  (void) umask (077);
  (void) signal (SIGPIPE, SIG_IGN);
  (void) signal (SIGCHLD, SIG_IGN);
  privileges_limit ();
  privileges_refuse_programs ();
  /* before GDBus has a thread */
  door.keystore = keystore_new ();
  if (!door.keystore || chdir ("/") < 0)
    {
      g_printerr ("nm-ipsec-helper-bus: %s\n", g_strerror (errno));
      return 1;
    }
  (void) privileges_keep_net_admin ();
  door.loop = g_main_loop_new (NULL, FALSE);
  door.idle = g_timeout_add_seconds (IDLE_SECONDS, on_idle, &door);
  g_unix_signal_add (SIGTERM, on_signal, &door);
  g_unix_signal_add (SIGINT, on_signal, &door);
  name = g_bus_own_name (G_BUS_TYPE_SYSTEM, BUS_NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, on_bus, NULL, on_name_lost,
                         &door, NULL);
  g_main_loop_run (door.loop);
  g_bus_unown_name (name);
  if (door.bus)
    (void) g_dbus_connection_flush_sync (door.bus, NULL, NULL);
  g_clear_object (&door.bus);
  keystore_free (door.keystore);
  g_main_loop_unref (door.loop);
  return door.status;
}
