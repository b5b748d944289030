/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked for, and what is answered from what is known.
 */
#include "config.h"

#include "request.h"

#include <string.h>

static const char *in_keyring; /* "secret=value" */
static const char *service; /* whose the connection is, without its prefix; NULL: ours */
static guint lookups;

static char *
lookup (const char *uuid, const char *secret)
{
  g_assert_cmpstr (uuid, ==, "some-uuid");
  lookups++;
  if (in_keyring != NULL && g_str_has_prefix (in_keyring, secret) && in_keyring[strlen (secret)] == '=')
    return g_strdup (in_keyring + strlen (secret) + 1);
  return NULL;
}

/* "key=value;key=value" */
static GHashTable *
table (const char *items)
{
  GHashTable *out = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) list = g_strsplit (items, ";", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (list[i], "=", 2);

      g_hash_table_insert (out, g_strdup (pair[0]), g_strdup (pair[1]));
    }
  return out;
}

/* The questions as "name?" (asked) or "name=value", with "+echo". */
static char *
ask_with (const char *data_items, const char *secret_items, const char *hint_items, gboolean interaction,
          gboolean reprompt)
{
  g_autoptr (GHashTable) data = table (data_items), secrets = table (secret_items);
  g_auto (GStrv) hints = hint_items != NULL ? g_strsplit (hint_items, "|", -1) : NULL;
  g_autofree char *type = service != NULL ? g_strconcat ("org.freedesktop.NetworkManager.", service, NULL) : NULL;
  RequestInput input = {
    "some-uuid", "office", (const char *const *) hints, interaction, reprompt, data, secrets, type
  };
  g_autoptr (Request) request = request_new (&input, lookup);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < request->questions->len; i++)
    {
      const Question *question = request->questions->pdata[i];

      g_string_append_printf (out, "%s%s%s%s%s", i > 0 ? "," : "", question->name, question->ask ? "?" : "=",
                              question->value != NULL ? question->value : "", question->echo ? "+echo" : "");
    }
  return g_string_free (out, FALSE);
}

static void
assert_asks (const char *data, const char *secrets, const char *hints, const char *expected)
{
  g_autofree char *text = ask_with (data, secrets, hints, TRUE, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_needed (void)
{
  assert_asks ("gateway=a;auth=eap", "", NULL, "password?");
  assert_asks ("gateway=a;auth=psk", "", NULL, "psk?");
  assert_asks ("gateway=a;auth=eap;remote-auth=psk", "", NULL, "psk?,password?");
  assert_asks ("gateway=a;auth=cert;certificate=/a.pem", "", NULL, "");
  assert_asks ("gateway=a;auth=cert;certificate=/a.pem;key-password-flags=2", "", NULL, "key-password?");
  assert_asks ("gateway=a;auth=cert;certificate=pkcs11:object=a", "", NULL, "pin?");
  assert_asks ("gateway=a;auth=cert;certificate=/a.pem;private-key=pkcs11:object=a", "", NULL, "pin?");
  assert_asks ("gateway=a;auth=cert;certificate=pkcs11:object=a;pin-flags=4", "", NULL, "");
  assert_asks ("gateway=a;auth=psk;psk-flags=4;ca=pkcs11:object=a", "", NULL, "");
  assert_asks ("gateway=a;auth=eap;password-flags=4", "", NULL, "");
}

static void
test_known (void)
{
  assert_asks ("gateway=a;auth=eap", "password=p", NULL, "password=p");
  in_keyring = "password=from the keyring";
  assert_asks ("gateway=a;auth=eap;password-flags=1", "", NULL, "password=from the keyring");
  assert_asks ("gateway=a;auth=eap;password-flags=1", "password=newer", NULL, "password=newer");
  lookups = 0;
  assert_asks ("gateway=a;auth=eap;password-flags=2", "", NULL, "password?");
  g_assert_cmpuint (lookups, ==, 0);
  in_keyring = "otp=1";
  assert_asks ("gateway=a;auth=eap", "", "otp", "otp?+echo");
  in_keyring = NULL;
}

/* A secret that is kept for this user is not lost because something else stands for it now. */
static void
test_kept (void)
{
  static const char pad[] = "gateway=a;auth=eap;ppk=yes;ppk-id=pad;ppk-file=/pad;password-flags=1;";
  g_autofree char *kept = g_strconcat (pad, "ppk-flags=1", NULL), *all = g_strconcat (pad, "ppk-flags=0", NULL);
  g_autofree char *asked = g_strconcat (pad, "ppk-flags=3", NULL);

  in_keyring = "ppk=quantum";
  assert_asks (kept, "", NULL, "password?,ppk=quantum");
  assert_asks (kept, "", "password", "password?");
  assert_asks (all, "", NULL, "password?");
  assert_asks (asked, "", NULL, "password?");
  in_keyring = "password=p";
  assert_asks (kept, "", NULL, "password=p");
  assert_asks ("gateway=a;auth=cert;certificate=/a.pem;password-flags=1", "", NULL, "password=p");
  lookups = 0;
  assert_asks ("gateway=a;auth=cert;certificate=/a.pem", "", NULL, "");
  g_assert_cmpuint (lookups, ==, 0);
  in_keyring = NULL;
}

static void
test_hints (void)
{
  assert_asks ("gateway=a;auth=eap", "", "otp", "otp?+echo");
  assert_asks ("gateway=a;auth=eap", "", "pin", "pin?");
  assert_asks ("gateway=a;auth=eap", "", "password|otp", "password?,otp?+echo");
  assert_asks ("gateway=a;auth=eap", "", "x-dynamic-challenge:otp", "otp?+echo");
  assert_asks ("gateway=a;auth=eap", "", "x-dynamic-challenge-echo:password", "password?+echo");
  /* what is no secret of ours does not count */
  assert_asks ("gateway=a;auth=eap", "", "nonsense", "password?");
  /* somebody waits, and what is known was refused */
  assert_asks ("gateway=a;auth=eap", "password=wrong", "password|x-vpn-message:No.", "password?");
  assert_asks ("gateway=a;auth=eap", "password=right", "password", "password=right");
}

static void
test_flags (void)
{
  g_autofree char *silent = ask_with ("gateway=a;auth=eap", "", NULL, FALSE, FALSE);
  g_autofree char *again = ask_with ("gateway=a;auth=eap", "password=wrong", NULL, TRUE, TRUE);

  g_assert_cmpstr (silent, ==, "password=");
  g_assert_cmpstr (again, ==, "password?");
}

static void
test_bad_profile (void)
{
  assert_asks ("gateway=a b;auth=eap", "", NULL, "");
  assert_asks ("nonsense=1", "", NULL, "");
  assert_asks ("", "", NULL, "");
  assert_asks ("gateway=a b;auth=eap", "", "password|x-vpn-message:!", "password?");
}

static Request *
request_with (const char *hint, const char *secrets_items)
{
  const char *const hints[] = { hint, NULL };
  g_autoptr (GHashTable) data = table ("gateway=a;auth=eap"), secrets = table (secrets_items);

  return request_new (&(RequestInput){ "some-uuid", "office", hints, TRUE, FALSE, data, secrets }, NULL);
}

static void
test_message (void)
{
  g_autoptr (Request) request = request_with ("x-vpn-message:The password is wrong.\nTry again", "a=b");
  g_autoptr (Request) plain = request_with ("x-vpn-message:", "a=b");
  g_autoptr (Request) broken = request_with ("x-vpn-message:\xff", "a=b");

  g_assert_cmpstr (request->message, ==, "The password is wrong.\nTry again");
  g_assert_cmpstr (plain->message, ==, "You need to sign in to the VPN “office”.");
  g_assert_cmpstr (broken->message, ==, plain->message);
}

static void
test_keyfile (void)
{
  g_autoptr (Request) request = request_with ("x-vpn-message:Line\nline [x]", "a=b");
  g_autoptr (Request) none = request_with ("x", "a=b");
  g_autofree char *text = request_to_keyfile (request), *empty = NULL, *message = NULL;
  g_autoptr (GKeyFile) keyfile = g_key_file_new ();

  g_assert_true (g_str_has_prefix (text, "[VPN Plugin UI]\nVersion=2\n"));
  g_assert_true (g_key_file_load_from_data (keyfile, text, (gsize) -1, G_KEY_FILE_NONE, NULL));
  message = g_key_file_get_string (keyfile, "VPN Plugin UI", "Description", NULL);
  g_assert_cmpstr (message, ==, "Line\nline [x]");
  g_assert_true (g_key_file_get_boolean (keyfile, "password", "ShouldAsk", NULL));
  g_ptr_array_set_size (none->questions, 0);
  empty = request_to_keyfile (none);
  g_assert_nonnull (strstr (empty, "[no-secret]"));
}

static void
test_lines (void)
{
  g_autoptr (Request) request = request_with ("password", "password=p p");
  g_autoptr (Request) broken = request_with ("password", "password=a\nb");
  g_autofree char *text = request_to_lines (request), *unsaid = request_to_lines (broken);

  g_assert_cmpstr (text, ==, "password\np p\n\n\n");
  g_assert_cmpstr (unsaid, ==, "no-secret\ntrue\n\n\n");
}

#define SWAN "right=vpn.example.com;ikev2=insist;leftid=@me"
#define STRONG "address=vpn.example.com;virtual=yes;user=alice;"

/* Connections of other plugins: what ours would need, by their names. */
static void
test_libreswan (void)
{
  service = "libreswan";
  assert_asks (SWAN, "", NULL, "pskvalue?");
  assert_asks (SWAN, "pskvalue=geheim", NULL, "pskvalue=geheim");
  assert_asks (SWAN, "psk=geheim", NULL, "pskvalue?");
  assert_asks (SWAN ";leftcert=me", "", NULL, "");
  assert_asks (SWAN ";pskvalue-flags=4", "", NULL, "");
  assert_asks (SWAN ";pskinputmodes=unused", "", NULL, "");
  in_keyring = "pskvalue=from keyring";
  assert_asks (SWAN, "", NULL, "pskvalue=from keyring");
  assert_asks (SWAN ";pskvalue-flags=1", "", NULL, "pskvalue=from keyring");
  /* not saved: not even looked for */
  assert_asks (SWAN ";pskvalue-flags=2", "", NULL, "pskvalue?");
  assert_asks (SWAN ";pskinputmodes=ask", "", NULL, "pskvalue?");
  assert_asks (SWAN ";pskinputmodes=ask;pskvalue-flags=1", "", NULL, "pskvalue=from keyring");
  assert_asks (SWAN, "", "pskvalue", "pskvalue=from keyring");
  assert_asks (SWAN, "", "pskvalue|x-vpn-message:Wrong.", "pskvalue?");
  /* an editor wants what there is, though a certificate does without */
  assert_asks (SWAN ";leftcert=me;pskvalue-flags=1", "", NULL, "pskvalue=from keyring");
  assert_asks (SWAN ";leftcert=me;pskvalue-flags=0", "", NULL, "");
  in_keyring = "psk=ours";
  assert_asks (SWAN ";pskvalue-flags=1", "", NULL, "pskvalue?");
  in_keyring = NULL;
  assert_asks (SWAN, "", "xauthpassword", "xauthpassword?");
  assert_asks (SWAN, "", "otp", "otp?+echo");
  /* what ours cannot run is for the service to refuse; what it then asks for is asked */
  assert_asks (SWAN ";leftupdown=/bin/sh", "", NULL, "");
  assert_asks (SWAN ";leftupdown=/bin/sh", "", "pskvalue", "pskvalue?");
  service = "openswan";
  assert_asks (SWAN, "", NULL, "pskvalue?");
  service = NULL;
}

static void
test_strongswan (void)
{
  service = "strongswan";
  assert_asks (STRONG "method=eap", "", NULL, "password?");
  assert_asks (STRONG "method=psk", "", NULL, "password?");
  assert_asks (STRONG "method=psk;password-flags=2", "password=x", NULL, "password=x");
  assert_asks (STRONG "method=key;usercert=/a.pem;userkey=/a.key", "", NULL, "");
  assert_asks (STRONG "method=key;usercert=/a.pem;userkey=/a.key;password-flags=2", "", NULL, "password?");
  assert_asks (STRONG "method=key;usercert=/a.pem;userkey=/a.key", "", "password", "password?");
  in_keyring = "password=from keyring";
  assert_asks (STRONG "method=eap;password-flags=1", "", NULL, "password=from keyring");
  assert_asks (STRONG "method=eap;password-flags=2", "", NULL, "password?");
  assert_asks (STRONG "method=eap", "", "password|x-vpn-message:Wrong.", "password?");
  in_keyring = NULL;
  service = NULL;
}

/* Theirs is one name, and says what it is for. */
static void
test_strongswan_label (void)
{
  static const struct {
    const char *data, *label;
  } cases[] = {
    { STRONG "method=eap", "Password" },
    { STRONG "method=psk", "Pre-Shared Key" },
    { STRONG "method=key;usercert=/a.pem;userkey=/a.key", "Password of the Private Key" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) data = table (cases[i].data);
      const char *const hints[] = { "password", NULL };
      g_autoptr (Request) request =
          request_new (&(RequestInput){ .uuid = "u",
                                        .name = "n",
                                        .hints = hints,
                                        .data = data,
                                        .service = "org.freedesktop.NetworkManager.strongswan" },
                       NULL);

      g_assert_cmpuint (request->questions->len, ==, 1);
      g_assert_cmpstr (((Question *) request->questions->pdata[0])->label, ==, cases[i].label);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/auth-dialog/needed", test_needed);
  g_test_add_func ("/auth-dialog/known", test_known);
  g_test_add_func ("/auth-dialog/kept", test_kept);
  g_test_add_func ("/auth-dialog/hints", test_hints);
  g_test_add_func ("/auth-dialog/flags", test_flags);
  g_test_add_func ("/auth-dialog/bad-profile", test_bad_profile);
  g_test_add_func ("/auth-dialog/message", test_message);
  g_test_add_func ("/auth-dialog/keyfile", test_keyfile);
  g_test_add_func ("/auth-dialog/lines", test_lines);
  g_test_add_func ("/request/libreswan", test_libreswan);
  g_test_add_func ("/request/strongswan", test_strongswan);
  g_test_add_func ("/request/strongswan-label", test_strongswan_label);
  return g_test_run ();
}
