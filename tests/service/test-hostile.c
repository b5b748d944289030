/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles that somebody made to break us: each is answered, none does harm, what is wrong is named. */
#include "manager.h"

#include "profile/profile-keys.h"

#include <string.h>

#define GOOD LIST ("gateway=192.0.2.1", "auth=psk")
#define PSK LIST ("psk=an excellent secret")

static char *
try_connect (GVariant *connection)
{
  return manager_call ("Connect", g_variant_new ("(@a{sa{sv}})", connection));
}

/* CVE-2024-9050: a newline in a value. Every key refuses it, by its name, and nothing was asked of anybody. */
static void
test_newline (void)
{
  static const char *const injected[] = { "x\nleftupdown=/bin/sh", "x\rpriority=1", "\x1b[2J" };
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)); i++)
    for (guint v = 0; !key->secret && v < G_N_ELEMENTS (injected); v++)
      {
        g_autofree char *item = g_strdup_printf ("%s=%s", key->name, injected[v]);
        g_autofree char *error = NULL;
        char *found;

        manager_forget ();
        error = try_connect (manager_connection (
            strcmp (key->name, "gateway") == 0 ? LIST (item, "auth=psk") : LIST ("gateway=192.0.2.1", item), PSK));
        g_assert_nonnull (error);
        g_assert_true (g_str_has_prefix (error, "BadArguments: "));
        found = strstr (error, key->name);
        if (!found)
          g_error ("\"%s\" does not name %s", error, key->name);
        g_assert_null (strchr (error, '\n'));
        g_assert_null (strchr (error, '\r'));
        g_assert_null (strchr (error, '\x1b'));
        manager_sync ();
      }
  g_assert_cmpuint (world->calls->len, ==, 0);
  for (guint i = 0; i < world->log->len; i++)
    g_assert_null (strpbrk (world->log->pdata[i], "\n\r\x1b"));
}

static void
assert_named (const char *const *data, const char *const *secrets, const char *named)
{
  guint errors = world->errors_logged;
  g_autofree char *error = try_connect (manager_connection (data, secrets));

  if (!error || !g_str_has_prefix (error, "BadArguments: ") || !strstr (error, named))
    g_error ("\"%s\" does not name %s", error ? error : "it worked", named);
  /* the same sentence is in the journal, once */
  g_assert_cmpuint (world->errors_logged, ==, errors + 1);
  g_assert_nonnull (strstr (world->log->pdata[world->log->len - 1], named));
  g_assert_true (g_str_has_prefix (world->log->pdata[world->log->len - 1], "3 BAD_PROFILE " TEST_UUID " "));
  manager_sync ();
}

static void
test_named (void)
{
  assert_named (LIST ("gatway=192.0.2.1", "auth=psk"), PSK, "gatway");
  assert_named (LIST ("auth=psk"), PSK, "gateway");
  assert_named (LIST ("gateway=192.0.2.1", "auth=magic"), PSK, "auth");
  assert_named (LIST ("gateway=192.0.2.1", "auth=psk", "mtu=12abc"), PSK, "mtu");
  assert_named (LIST ("gateway=192.0.2.1", "auth=psk", "mtu=0x500"), PSK, "mtu");
  assert_named (LIST ("gateway=192.0.2.1", "auth=psk", "local-ts=10.0.0.0/33"), PSK, "local-ts");
  assert_named (LIST ("gateway=192.0.2.1", "auth=psk", "ike=des"), PSK, "ike");
  assert_named (LIST ("gateway=192.0.2.1", "auth=cert", "certificate=../c.pem"), NULL, "certificate");
  assert_named (LIST ("gateway=192.0.2.1", "auth=psk"), LIST ("psk=x", "passwort=y"), "passwort");
  g_assert_cmpuint (world->calls->len, ==, 0);
}

static void
test_no_user (void)
{
  assert_named (LIST ("gateway=192.0.2.1", "auth=eap"), LIST ("password=x"), "user");
}

static GVariant *
raw (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE ("a{sa{sv}}"), text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

/* Not even a VPN connection. */
static void
test_no_connection (void)
{
  static const char *const texts[] = {
    "{}",
    "{'connection': {}}",
    "{'vpn': {}}",
    "{'connection': {'id': <'x'>, 'uuid': <'" TEST_UUID "'>, 'type': <'vpn'>}}",
    "{'connection': {'id': <'x'>, 'type': <'vpn'>}, 'vpn': {'data': <{'gateway': '192.0.2.1', 'auth': 'psk'}>}}",
    "{'connection': {'id': <'x'>, 'uuid': <'../../../etc/passwd'>, 'type': <'vpn'>}, 'vpn': {'data': <{'gateway': "
    "'192.0.2.1'}>}}",
    "{'connection': {'id': <7>, 'uuid': <'" TEST_UUID "'>, 'type': <'vpn'>}, 'vpn': {'data': <'gateway'>}}",
    "{'connection': {'id': <'x'>, 'uuid': <'" TEST_UUID "'>, 'type': <'wifi'>}, 'wifi': {}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *error = try_connect (raw (texts[i]));
      g_autofree char *need = NULL;

      g_test_message ("%s: %s", texts[i], error);
      g_assert_nonnull (error);
      manager_sync ();
      g_free (manager_call ("NeedSecrets", g_variant_new ("(@a{sa{sv}})", raw (texts[i]))));
      g_free (manager_call ("NewSecrets", g_variant_new ("(@a{sa{sv}})", raw (texts[i]))));
    }
  g_assert_cmpuint (world->calls->len, ==, 0);
}

/* NewSecrets without a VPN setting while one is asked for. */
static void
test_hostile_secrets (void)
{
  manager_connect_interactive (manager_connection (GOOD, NULL));
  world_wait ("start *", 1);
  world_driver_ask (1, IKE_SECRET_PSK, 0, NULL);
  manager_sync ();
  g_free (manager_call ("NewSecrets", g_variant_new ("(@a{sa{sv}})", raw ("{'connection': {'id': <'x'>}}"))));
  manager_sync ();
  g_assert_cmpuint (world_count ("secret *"), ==, 0);
}

static char *
random_text (GRand *random)
{
  static const char *const pieces[] = { "\n",
                                        "=",
                                        ",",
                                        "/",
                                        "[",
                                        "]",
                                        "%",
                                        "0.0.0.0/0",
                                        "::/0",
                                        "192.0.2.1",
                                        "yes",
                                        "no",
                                        "auto",
                                        "aes256",
                                        "-",
                                        "sha256",
                                        "modp2048",
                                        "'",
                                        "\"",
                                        "\\",
                                        " ",
                                        "data:;base64,QQ==",
                                        "pkcs11:",
                                        "99999999999999999999",
                                        "-1",
                                        "1h",
                                        "@",
                                        "\xc3\xa4",
                                        "\xe2\x80\xae",
                                        "x" };
  GString *text = g_string_new (NULL);
  guint n = g_rand_int_range (random, 0, 6);

  for (guint i = 0; i < n; i++)
    g_string_append (text, pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
  if (g_rand_int_range (random, 0, 50) == 0)
    for (guint i = 0; i < 5000; i++)
      g_string_append_c (text, 'A');
  return g_string_free (text, FALSE);
}

/* Something that the key may really have. */
static char *
plausible_text (GRand *random, const IpsecKey *key)
{
  g_auto (GStrv) words = g_strsplit (key->values ? key->values : key->fallback ? key->fallback : "1", " ", -1);

  return g_strdup (words[g_rand_int_range (random, 0, MAX ((int) g_strv_length (words), 1))]);
}

static char **
random_items (GRand *random, gboolean secret, guint n_keys)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean plausible = g_rand_boolean (random);
  guint n = g_rand_int_range (random, 0, plausible ? 3 : 6);

  if (plausible || g_rand_boolean (random))
    g_strv_builder_add_many (builder, secret ? "psk=x" : "gateway=192.0.2.1", secret ? NULL : "auth=psk", NULL);
  for (guint i = 0; i < n; i++)
    {
      const IpsecKey *key = ipsec_key_at (g_rand_int_range (random, 0, n_keys));
      g_autofree char *text = plausible ? plausible_text (random, key) : random_text (random);
      g_autofree char *item = g_strdup_printf ("%s=%s", key->name, text);

      if (!plausible || key->secret == secret)
        g_strv_builder_add (builder, item);
    }
  return g_strv_builder_end (builder);
}

static void
test_thousand (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4711);
  guint n_keys = 0, taken = 0;

  while (ipsec_key_at (n_keys))
    n_keys++;
  for (guint i = 0; i < 1000; i++)
    {
      g_auto (GStrv) data = random_items (random, FALSE, n_keys);
      g_auto (GStrv) secrets = random_items (random, TRUE, n_keys);
      g_autofree char *need =
          manager_need_secrets (manager_connection ((const char *const *) data, (const char *const *) secrets));
      g_autofree char *error =
          try_connect (manager_connection ((const char *const *) data, (const char *const *) secrets));

      if (!error)
        {
          taken++;
          manager_disconnect ();
        }
      else
        g_assert_true (g_str_has_prefix (error, "BadArguments: ") || g_str_has_prefix (error, "WrongState: "));
      manager_sync ();
      /* one at a time: what was wrong makes libnm stop, from an idle handler */
      if (i % 50 == 49)
        {
          manager_down ();
          manager_up (TRUE);
        }
    }
  g_test_message ("%u were taken", taken);
  g_assert_cmpuint (taken, >, 50);
}

static void
run_thousand (gconstpointer data)
{
  manager_up (TRUE);
  test_thousand ();
  manager_down ();
}

static void
run_persist (gconstpointer data)
{
  void (*func) (void) = (void (*) (void)) data;

  manager_up (TRUE);
  func ();
  manager_down ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/hostile/newline", (gconstpointer) test_newline, run_persist);
  g_test_add_data_func ("/hostile/named", (gconstpointer) test_named, run_persist);
  g_test_add_data_func ("/hostile/no-user", (gconstpointer) test_no_user, run_persist);
  g_test_add_data_func ("/hostile/no-connection", (gconstpointer) test_no_connection, run_persist);
  g_test_add_data_func ("/hostile/secrets", (gconstpointer) test_hostile_secrets, run_persist);
  g_test_add_data_func ("/hostile/thousand", NULL, run_thousand);
  return g_test_run ();
}
