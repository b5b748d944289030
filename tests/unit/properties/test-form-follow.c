/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form: what follows from one choice for another field. */
#include "config.h"

#include "form/form.h"

#include <string.h>

static guint
at (const char *name)
{
  int field = field_find (name, FALSE);

  g_assert_cmpint (field, >=, 0);
  return (guint) field;
}

/* Of one with a pre-shared key. */
static Form *
form_with (const char *key, const char *value)
{
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();
  NMSettingVpn *setting = NM_SETTING_VPN (nm_setting_vpn_new ());

  g_object_set (setting, NM_SETTING_VPN_SERVICE_TYPE, "org.freedesktop.NetworkManager.ipsec", NULL);
  nm_setting_vpn_add_data_item (setting, "auth", "psk");
  nm_setting_vpn_add_data_item (setting, "gateway", "a.example");
  nm_setting_vpn_add_data_item (setting, key, value);
  nm_connection_add_setting (connection, NM_SETTING (setting));
  return form_new (connection);
}

/* The kill switch wants the connection to stay when the uplink goes; who does not want that is told. */
static void
test_kill_switch (void)
{
  g_autoptr (Form) form = form_with ("kill-switch", "yes");
  guint persistent = at (FIELD_PERSISTENT);
  const char *text;

  g_assert_cmpstr (form_get (form, persistent), ==, "no");
  form_check (form);
  g_assert_cmpint (form_note (form, persistent, &text), ==, NOTE_WARNING);
  form_set (form, at ("kill-switch"), "no");
  form_check (form);
  g_assert_cmpint (form_note (form, persistent, &text), ==, NOTE_NONE);
  g_assert_cmpstr (form_get (form, persistent), ==, "no");
  form_set (form, at ("kill-switch"), "yes");
  form_check (form);
  g_assert_cmpstr (form_get (form, persistent), ==, "yes");
  g_assert_cmpint (form_note (form, persistent, &text), ==, NOTE_NONE);
  /* a server has none */
  form_set (form, persistent, "no");
  form_set (form, at ("role"), "server");
  form_check (form);
  g_assert_cmpint (form_note (form, persistent, &text), ==, NOTE_NONE);
}

/* Everything is a client's default and must be said by a peer, whose default is the hosts themselves. */
static void
test_networks (void)
{
  static const char *const rows[][3] = { /* role, typed in, what is saved */
                                         { "client", "0.0.0.0/0,::/0", NULL },
                                         { "peer", "0.0.0.0/0,::/0", "0.0.0.0/0,::/0" },
                                         { "peer", "dynamic", NULL } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Form) form = form_with ("role", rows[i][0]);
      g_autoptr (NMConnection) connection = nm_simple_connection_new ();

      form_set (form, at ("remote-ts"), rows[i][1]);
      form_check (form);
      g_assert_true (form_store (form, connection, NULL));
      g_assert_cmpstr (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (connection), "remote-ts"), ==,
                       rows[i][2]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/kill-switch", test_kill_switch);
  g_test_add_func ("/form/networks", test_networks);
  return g_test_run ();
}
