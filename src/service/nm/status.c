/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One object with one method, which changes nothing and waits for nothing. */
#include "nm/status.h"

#include "nm-interfaces.h"

#define STATUS_PATH "/org/freedesktop/NetworkManager/ipsec/Status"

typedef struct {
  StatusFunc get;
  gpointer data;
} Status;

static void
add_list (GVariantBuilder *dict, const char *name, const GPtrArray *texts)
{
  if (texts && texts->len)
    g_variant_builder_add (dict, "{sv}", name,
                           g_variant_new_strv ((const char *const *) texts->pdata, (gssize) texts->len));
}

GVariant *
status_report (const char *uuid, const char *name, const char *gateway, const char *phase, const Ipconfig *told,
               const Driver *driver)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&dict, "{sv}", "uuid", g_variant_new_string (uuid ? uuid : ""));
  g_variant_builder_add (&dict, "{sv}", "name", g_variant_new_string (name ? name : ""));
  g_variant_builder_add (&dict, "{sv}", "gateway", g_variant_new_string (gateway ? gateway : ""));
  g_variant_builder_add (&dict, "{sv}", "state", g_variant_new_string (phase));
  add_list (&dict, "dns", told->dns);
  add_list (&dict, "dns-over-tls", told->tls_used ? told->tls : NULL);
  g_variant_builder_add (&dict, "{sv}", "sas",
                         driver ? driver_report (driver) : g_variant_new_array (G_VARIANT_TYPE_VARDICT, NULL, 0));
  return g_variant_builder_end (&dict);
}

static void
on_method (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
           GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  const Status *self = data;
  GVariant *report = self->get (self->data);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  if (report)
    g_variant_builder_add_value (&list, report);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aa{sv})", &list));
}

guint
status_export (GDBusConnection *bus, StatusFunc get, gpointer data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_method };
  Status status = { get, data };

  return g_dbus_connection_register_object (bus, STATUS_PATH, (GDBusInterfaceInfo *) &ipsec_status_interface, &vtable,
                                            g_memdup2 (&status, sizeof status), g_free, NULL);
}
