/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question is: whose uid is it? then, if not root's: polkit, by the caller's unique name, which nobody can get again. */
#include "bouncer.h"

#define BUS_MS 5000
#define POLKIT_MS (10 * 60 * 1000) /* somebody types a password */
#define POLKIT_INTERACTION 1 /* AllowUserInteraction */

typedef struct {
  GDBusConnection *bus;
  char *sender, *action;
  gboolean interactive, vanished;
  guint watch;
  BouncerFunc func;
  gpointer data;
} Question;

static void
decide (Question *q, BouncerVerdict verdict)
{
  g_clear_handle_id (&q->watch, g_bus_unwatch_name);
  q->func (q->vanished ? BOUNCER_VANISHED : verdict, q->data);
  g_object_unref (q->bus);
  g_free (q->sender);
  g_free (q->action);
  g_free (q);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  Question *q = data;

  q->vanished = TRUE;
}

static void
on_polkit (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *q = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  gboolean authorized = FALSE;

  if (!reply)
    {
      decide (q, BOUNCER_NOBODY);
      return;
    }
  /* (is authorized, is a challenge, details): a challenge is no yes */
  g_variant_get (reply, "((bba{ss}))", &authorized, NULL, NULL);
  decide (q, authorized ? BOUNCER_YES : BOUNCER_NO);
}

static void
ask_polkit (Question *q)
{
  GVariantBuilder subject = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariant *parameters;

  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (q->sender));
  parameters = g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject, q->action, NULL,
                              q->interactive ? POLKIT_INTERACTION : 0, "");
  g_dbus_connection_call (q->bus, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                          "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization", parameters,
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, POLKIT_MS, NULL, on_polkit, q);
}

static void
on_user (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *q = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  guint32 uid = G_MAXUINT32;

  if (!reply)
    {
      q->vanished = TRUE;
      decide (q, BOUNCER_VANISHED);
      return;
    }
  g_variant_get (reply, "(u)", &uid);
  if (uid == 0)
    decide (q, BOUNCER_YES);
  else
    ask_polkit (q);
}

void
bouncer_ask (GDBusConnection *bus, const char *sender, const char *action, gboolean interactive, BouncerFunc func,
             gpointer data)
{
  Question *q = g_new0 (Question, 1);

  q->bus = g_object_ref (bus);
  q->sender = g_strdup (sender);
  q->action = g_strdup (action);
  q->interactive = interactive;
  q->func = func;
  q->data = data;
  q->watch = g_bus_watch_name_on_connection (bus, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished, q, NULL);
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "GetConnectionUnixUser", g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, BUS_MS, NULL, on_user, q);
}
