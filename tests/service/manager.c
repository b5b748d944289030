/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See manager.h. */
#include "manager.h"

#include <stdlib.h>
#include <string.h>

#define PATH "/org/freedesktop/NetworkManager/VPN/Plugin"
#define INTERFACE "org.freedesktop.NetworkManager.VPN.Plugin"

Manager *manager;
static GTestDBus *bus_daemon; /* one a process: the system bus is a singleton */

/* ---- signals ---- */

static void
keep (GVariant **where, GVariant *parameters)
{
  g_clear_pointer (where, g_variant_unref);
  *where = g_variant_get_child_value (parameters, 0);
}

static void
on_signal (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *name,
           GVariant *parameters, gpointer data)
{
  GString *line = g_string_new (name);

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(u)")))
    {
      guint number;

      g_variant_get (parameters, "(u)", &number);
      g_string_append_printf (line, " %u", number);
    }
  else if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sas)")))
    {
      const char *message;
      g_autofree const char **hints = NULL;
      g_autofree char *joined = NULL;

      g_variant_get (parameters, "(&s^a&s)", &message, &hints);
      joined = g_strjoinv (",", (char **) hints);
      g_string_append_printf (line, " %s [%s]", message, joined);
    }
  if (strcmp (name, "Config") == 0)
    keep (&manager->config, parameters);
  if (strcmp (name, "Ip4Config") == 0)
    keep (&manager->ip4, parameters);
  if (strcmp (name, "Ip6Config") == 0)
    keep (&manager->ip6, parameters);
  g_ptr_array_add (manager->signals, g_string_free (line, FALSE));
}

static char *
signals (void)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < manager->signals->len; i++)
    g_string_append_printf (all, "%s%s", i ? "; " : "", (char *) manager->signals->pdata[i]);
  return g_string_free (all, FALSE);
}

guint
manager_count (const char *pattern)
{
  guint count = 0;

  for (guint i = 0; i < manager->signals->len; i++)
    count += g_pattern_match_simple (pattern, manager->signals->pdata[i]);
  return count;
}

void
manager_forget (void)
{
  manager_sync ();
  g_ptr_array_set_size (manager->signals, 0);
}

static gboolean
on_too_long (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

void
manager_expect (const char *expected)
{
  gboolean too_long = FALSE;
  /* _full is not wrapped: real time */
  guint watchdog = g_timeout_add_full (G_PRIORITY_DEFAULT, 30000, on_too_long, &too_long, NULL);
  g_autofree char *got = NULL;

  while (manager_sync (), g_free (got), got = signals (), strlen (got) < strlen (expected) && !too_long)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (watchdog);
  g_assert_cmpstr (got, ==, expected);
}

/* ---- calls ---- */

typedef struct {
  gboolean done;
  GVariant *reply;
  GError *error;
} Call;

static void
on_reply (GObject *object, GAsyncResult *result, gpointer data)
{
  Call *call = data;

  call->reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &call->error);
  call->done = TRUE;
}

static GVariant *
call_raw (const char *name, const char *path, const char *interface, const char *method, GVariant *parameters,
          GError **error)
{
  Call call = { 0 };

  g_dbus_connection_call (manager->bus, name, path, interface, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                          G_MAXINT, NULL, on_reply, &call);
  while (!call.done)
    g_main_context_iteration (NULL, TRUE);
  if (call.error)
    g_propagate_error (error, call.error);
  return call.reply;
}

void
manager_sync (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  world_settle ();
  /* whatever the plugin has sent before is delivered before the answer to this */
  reply = call_raw (g_dbus_connection_get_unique_name (manager->bus), PATH, "org.freedesktop.DBus.Peer", "Ping", NULL,
                    &error);
  g_assert_no_error (error);
  g_clear_pointer (&reply, g_variant_unref);
  if (manager->plugin)
    {
      g_autoptr (GDBusConnection) its = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

      /* it may have given up its name */
      reply =
          call_raw (g_dbus_connection_get_unique_name (its), PATH, "org.freedesktop.DBus.Peer", "Ping", NULL, &error);
      g_assert_no_error (error);
    }
  world_settle ();
}

char *
manager_call (const char *method, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = call_raw (manager->name, PATH, INTERFACE, method, parameters, &error);
  g_autofree char *remote = NULL;
  const char *dot;

  if (reply)
    return NULL;
  remote = g_dbus_error_get_remote_error (error);
  g_dbus_error_strip_remote_error (error);
  dot = remote ? strrchr (remote, '.') : NULL;
  return g_strdup_printf ("%s: %s", dot ? dot + 1 : "?", error->message);
}

GVariant *
manager_status (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = call_raw (manager->name, "/org/freedesktop/NetworkManager/ipsec/Status",
                                         "org.freedesktop.NetworkManager.ipsec.Status", "Get", NULL, &error);

  g_assert_no_error (error);
  return g_variant_get_child_value (reply, 0);
}

static void
call_must_work (const char *method, GVariant *parameters)
{
  g_autofree char *error = manager_call (method, parameters);

  g_assert_cmpstr (error, ==, NULL);
}

char *
manager_need_secrets (GVariant *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      call_raw (manager->name, PATH, INTERFACE, "NeedSecrets", g_variant_new ("(@a{sa{sv}})", connection), &error);
  char *setting;

  g_assert_no_error (error);
  g_variant_get (reply, "(s)", &setting);
  return setting;
}

void
manager_connect (GVariant *connection)
{
  call_must_work ("Connect", g_variant_new ("(@a{sa{sv}})", connection));
}

void
manager_connect_interactive (GVariant *connection)
{
  call_must_work ("ConnectInteractive", g_variant_new ("(@a{sa{sv}}a{sv})", connection, NULL));
}

void
manager_new_secrets (const char *const *data, const char *const *secrets)
{
  call_must_work ("NewSecrets", g_variant_new ("(@a{sa{sv}})", manager_connection (data, secrets)));
}

void
manager_disconnect (void)
{
  call_must_work ("Disconnect", NULL);
}

/* ---- connections ---- */

static GVariant *
strings (const char *const *items)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (; items && *items; items++)
    {
      const char *equal = strchr (*items, '=');
      g_autofree char *key = g_strndup (*items, (gsize) (equal - *items));

      g_variant_builder_add (&builder, "{ss}", key, equal + 1);
    }
  return g_variant_builder_end (&builder);
}

static void
add_all (GVariantBuilder *builder, GVariant *more)
{
  GVariantIter iter;
  GVariant *item;

  if (!more)
    return;
  g_variant_iter_init (&iter, more);
  while ((item = g_variant_iter_next_value (&iter)))
    {
      g_variant_builder_add_value (builder, item);
      g_variant_unref (item);
    }
  g_variant_unref (g_variant_ref_sink (more));
}

GVariant *
manager_connection_with (const char *const *data, const char *const *secrets, GVariant *connection, GVariant *vpn)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_open (&builder, G_VARIANT_TYPE ("{sa{sv}}"));
  g_variant_builder_add (&builder, "s", "connection");
  g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "id", g_variant_new_string ("office"));
  g_variant_builder_add (&builder, "{sv}", "uuid", g_variant_new_string (TEST_UUID));
  g_variant_builder_add (&builder, "{sv}", "type", g_variant_new_string ("vpn"));
  add_all (&builder, connection);
  g_variant_builder_close (&builder);
  g_variant_builder_close (&builder);
  g_variant_builder_open (&builder, G_VARIANT_TYPE ("{sa{sv}}"));
  g_variant_builder_add (&builder, "s", "vpn");
  g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
  if (!vpn || !g_variant_lookup (vpn, "service-type", "&s", NULL))
    g_variant_builder_add (&builder, "{sv}", "service-type", g_variant_new_string (IPSEC_PLUGIN_BUS_NAME));
  g_variant_builder_add (&builder, "{sv}", "data", strings (data));
  g_variant_builder_add (&builder, "{sv}", "secrets", strings (secrets));
  add_all (&builder, vpn);
  g_variant_builder_close (&builder);
  g_variant_builder_close (&builder);
  return g_variant_builder_end (&builder);
}

GVariant *
manager_connection (const char *const *data, const char *const *secrets)
{
  return manager_connection_with (data, secrets, NULL, NULL);
}

/* ---- up and down ---- */

static void
on_quit (int status, gpointer data)
{
  g_assert_cmpuint (world->drivers, ==, 0);
  manager->quits++;
  manager->status = status;
}

void
manager_wait_quit (void)
{
  gboolean too_long = FALSE;
  guint watchdog = g_timeout_add_full (G_PRIORITY_DEFAULT, 30000, on_too_long, &too_long, NULL);

  while (!manager->quits && !too_long)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (watchdog);
  g_assert_cmpint (manager->quits, ==, 1);
  if (!g_dbus_connection_is_closed (manager->bus))
    manager_sync ();
}

GDBusConnection *
manager_bus_new (void)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus_daemon),
                                                                 G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                                     G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                                 NULL, NULL, &error);

  g_assert_no_error (error);
  return bus;
}

/* What GLib leaves behind for this misses a daemon whose test is over before it has looked. */
static void
stop_daemon (void)
{
  g_test_dbus_stop (bus_daemon);
}

void
manager_up (gboolean persist)
{
  static guint serial;
  g_autoptr (GError) error = NULL;
  IpsecPluginOptions options = { .persist = persist, .quit = on_quit };

  if (!bus_daemon)
    {
      bus_daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
      g_test_dbus_up (bus_daemon);
      atexit (stop_daemon);
      g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (bus_daemon), TRUE);
    }
  world_new ();
  manager = g_new0 (Manager, 1);
  manager->daemon = bus_daemon;
  manager->bus = manager_bus_new ();
  manager->name = g_strdup_printf ("%s.Connection_%u", IPSEC_PLUGIN_BUS_NAME, ++serial);
  manager->signals = g_ptr_array_new_with_free_func (g_free);
  options.bus_name = manager->name;
  options.helper = world_helper ();
  options.crypto = world_crypto ();
  options.netwatch = world_netwatch ();
  manager->plugin = ipsec_plugin_new (&options, &error);
  g_assert_no_error (error);
  /* by its name, as NetworkManager does */
  g_dbus_connection_signal_subscribe (manager->bus, manager->name, INTERFACE, NULL, PATH, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_signal, NULL, NULL);
  manager_sync ();
  g_assert_cmpint (manager->quits, ==, 0);
}

void
manager_down (void)
{
  g_dbus_connection_close_sync (manager->bus, NULL, NULL);
  g_clear_pointer (&manager->plugin, ipsec_plugin_free);
  world_settle ();
  g_clear_object (&manager->bus);
  g_clear_pointer (&manager->config, g_variant_unref);
  g_clear_pointer (&manager->ip4, g_variant_unref);
  g_clear_pointer (&manager->ip6, g_variant_unref);
  g_ptr_array_unref (manager->signals);
  g_free (manager->name);
  g_clear_pointer (&manager, g_free);
  world_free ();
}

static void
run (gconstpointer data)
{
  void (*func) (void) = (void (*) (void)) data;

  manager_up (FALSE);
  func ();
  manager_down ();
}

void
manager_test (const char *path, void (*func) (void))
{
  g_test_add_data_func (path, (gconstpointer) func, run);
}
