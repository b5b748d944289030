/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the one question. */
#include "nm/manager-version.h"

#include <NetworkManager.h>

struct _ManagerVersion {
  GDBusConnection *bus;
  GCancellable *question; /* NULL: not asked yet */
  gboolean known;
  guint major, minor; /* 0, 0: it did not say */
  void (*func) (gpointer data);
  gpointer data;
};

ManagerVersion *
manager_version_new (GDBusConnection *bus)
{
  ManagerVersion *self = g_new0 (ManagerVersion, 1);

  self->bus = g_object_ref (bus);
  return self;
}

void
manager_version_free (ManagerVersion *self)
{
  if (!self)
    return;
  if (self->question)
    g_cancellable_cancel (self->question);
  g_clear_object (&self->question);
  g_object_unref (self->bus);
  g_free (self);
}

/* "1.56.0", "1.57.2-dev" */
static void
read_version (ManagerVersion *self, const char *text)
{
  char *end;
  guint64 major = g_ascii_strtoull (text, &end, 10);

  if (end == text || *end != '.' || major > G_MAXUINT16)
    return;
  self->major = (guint) major;
  self->minor = (guint) MIN (g_ascii_strtoull (end + 1, NULL, 10), G_MAXUINT16);
}

static void
on_answer (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  g_autoptr (GVariant) value = NULL;
  ManagerVersion *self = data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* nobody is there any more */
  self->known = TRUE;
  if (reply)
    g_variant_get (reply, "(v)", &value);
  else
    g_clear_object (&self->question); /* who wants to know it next asks again */
  if (value && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    read_version (self, g_variant_get_string (value, NULL));
  if (self->func)
    self->func (self->data);
}

void
manager_version_ask (ManagerVersion *self, void (*func) (gpointer data), gpointer data)
{
  self->func = func;
  self->data = data;
  if (self->question)
    return;
  self->question = g_cancellable_new ();
  g_dbus_connection_call (self->bus, NM_DBUS_SERVICE, NM_DBUS_PATH, "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", NM_DBUS_INTERFACE, "Version"), G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->question, on_answer, self);
}

void
manager_version_forget (ManagerVersion *self, gpointer data)
{
  if (self->data != data)
    return;
  self->func = NULL;
  self->data = NULL;
}

gboolean
manager_version_is_known (const ManagerVersion *self)
{
  return self->known;
}

gboolean
manager_version_is_at_least (const ManagerVersion *self, guint major, guint minor)
{
  return self->major > major || (self->major == major && self->minor >= minor);
}
