/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question is: whose uid is it? then, if not root's: polkit, by the caller's unique name, which nobody can get again.
 * What a caller has asked ends with it, so that those who come and go hold up nobody; its dialog polkit takes back by
 * itself, since it knows the caller's name. */
#include "bouncer.h"

#define BUS_MS 5000
#define POLKIT_MS (10 * 60 * 1000) /* somebody types a password */
#define MAX_WAITING 8 /* questions of one user: nobody types more passwords at once */
#define POLKIT_INTERACTION 1 /* AllowUserInteraction */
#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

typedef struct {
  GDBusConnection *bus;
  char *sender, *action;
  gboolean interactive, counted; /* in @waiting */
  guint32 uid;
  GCancellable *vanished; /* cancelled with the caller */
  guint watch;
  BouncerFunc func;
  gpointer data;
} Question;

static GHashTable *waiting; /* uid: how many of its questions wait for polkit */

static guint
waiting_of (guint32 uid)
{
  return waiting ? GPOINTER_TO_UINT (g_hash_table_lookup (waiting, GUINT_TO_POINTER (uid))) : 0;
}

static void
waiting_set (guint32 uid, guint n)
{
  if (!waiting)
    waiting = g_hash_table_new (NULL, NULL);
  if (n > 0)
    g_hash_table_insert (waiting, GUINT_TO_POINTER (uid), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (waiting, GUINT_TO_POINTER (uid));
}

static void
decide (Question *q, BouncerVerdict verdict)
{
  if (q->counted)
    waiting_set (q->uid, waiting_of (q->uid) - 1);
  g_clear_handle_id (&q->watch, g_bus_unwatch_name);
  q->func (g_cancellable_is_cancelled (q->vanished) ? BOUNCER_VANISHED : verdict, q->data);
  g_object_unref (q->bus);
  g_object_unref (q->vanished);
  g_free (q->sender);
  g_free (q->action);
  g_free (q);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  Question *q = data;

  g_cancellable_cancel (q->vanished); /* what is under way ends, and with it the question */
}

static void
on_polkit (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *q = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  gboolean authorized = FALSE, challenge = FALSE;

  if (!reply)
    {
      decide (q, BOUNCER_NOBODY);
      return;
    }
  /* (is authorized, is a challenge, details). A challenge is no yes: a password would do, but polkit was not allowed to
   * ask for one, or has no agent in the caller's session that could. */
  g_variant_get (reply, "((bba{ss}))", &authorized, &challenge, NULL);
  if (authorized)
    decide (q, BOUNCER_YES);
  else if (challenge)
    decide (q, q->interactive ? BOUNCER_NO_AGENT : BOUNCER_CHALLENGE);
  else
    decide (q, BOUNCER_NO);
}

static void
ask_polkit (Question *q)
{
  GVariantBuilder subject = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariant *parameters;

  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (q->sender));
  parameters = g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject, q->action, NULL,
                              q->interactive ? POLKIT_INTERACTION : 0, "");
  g_dbus_connection_call (q->bus, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE, "CheckAuthorization", parameters,
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, POLKIT_MS, q->vanished, on_polkit, q);
}

static void
on_user (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *q = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (!reply)
    {
      decide (q, BOUNCER_VANISHED);
      return;
    }
  g_variant_get (reply, "(u)", &q->uid);
  if (q->uid == 0)
    decide (q, BOUNCER_YES);
  else if (waiting_of (q->uid) >= MAX_WAITING)
    decide (q, BOUNCER_BUSY);
  else
    {
      waiting_set (q->uid, waiting_of (q->uid) + 1);
      q->counted = TRUE;
      ask_polkit (q);
    }
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
  q->vanished = g_cancellable_new ();
  q->func = func;
  q->data = data;
  q->watch = g_bus_watch_name_on_connection (bus, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished, q, NULL);
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "GetConnectionUnixUser", g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, BUS_MS, q->vanished, on_user, q);
}
