/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form: what follows from one choice for another field. */
#include "config.h"

#include "form-test.h"

/* Of one with a pre-shared key. */
static Form *
form_psk (const char *key, const char *value)
{
  g_autofree char *items = g_strdup_printf ("auth=psk;gateway=a.example;%s=%s", key, value);

  return form_with (items);
}

/* The kill switch wants the connection to stay when the uplink goes; who does not want that is told. */
static void
test_kill_switch (void)
{
  g_autoptr (Form) form = form_psk ("kill-switch", "yes");
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
      g_autoptr (Form) form = form_psk ("role", rows[i][0]);
      g_autoptr (NMConnection) connection = nm_simple_connection_new ();

      form_set (form, at ("remote-ts"), rows[i][1]);
      form_check (form);
      g_assert_true (form_store (form, connection, NULL));
      g_assert_cmpstr (nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (connection), "remote-ts"), ==,
                       rows[i][2]);
    }
}

/* A server waits as long as it thinks right for a client that may be moving, which is not the same as any time. */
static void
test_silence (void)
{
  static const struct {
    const char *items, *shown, *saved; /* in the empty field; with what the others take anyway */
  } rows[] = {
    { "auth=eap;gateway=a", "120s", "auth=eap;gateway=a" },
    { "auth=psk;pool=10.9.0.0/24;psk-flags=1;role=server", NULL,
      "auth=psk;dpd-timeout=120s;pool=10.9.0.0/24;psk-flags=1;role=server" },
    { "auth=psk;mobike=no;pool=10.9.0.0/24;psk-flags=1;role=server", "120s",
      "auth=psk;dpd-timeout=120s;mobike=no;pool=10.9.0.0/24;psk-flags=1;role=server" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Form) form = form_with (rows[i].items);
      g_autofree char *shown = form_default_text (form, at ("dpd-timeout"));

      g_assert_cmpstr (shown, ==, rows[i].shown);
      form_set (form, at ("dpd-timeout"), "120s");
      assert_stored (form, rows[i].saved);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/kill-switch", test_kill_switch);
  g_test_add_func ("/form/networks", test_networks);
  g_test_add_func ("/form/silence", test_silence);
  return g_test_run ();
}
