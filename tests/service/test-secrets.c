/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NeedSecrets, and secrets that are asked for, refused, given, not given, and never logged. */
#include "manager.h"

#include "nm/log.h"

#include <string.h>

#define EAP_DATA LIST ("gateway=192.0.2.1", "auth=eap", "user=alice")
#define PSK_DATA LIST ("gateway=192.0.2.1", "auth=psk")
#define CERT_DATA                                                                                                      \
 LIST ("gateway=192.0.2.1", "auth=cert", "certificate=/c.pem", "private-key=/k.pem", "local-id=@a.example")
#define FAILED(n) "StateChanged 5; Failure " #n "; StateChanged 6"

/* ---- NeedSecrets ---- */

static void
test_need_secrets (void)
{
  static const struct {
    const char *flags; /* of the data; NULL: none */
    const char *secret;
    gboolean needed;
  } cases[] = {
    { NULL, NULL, TRUE },     { "0", NULL, TRUE },     { "1", NULL, TRUE },     { "2", NULL, TRUE },
    { "4", NULL, FALSE },     { "5", NULL, FALSE },    { "6", NULL, FALSE },    { "x", NULL, TRUE },
    { NULL, "given", FALSE }, { "0", "given", FALSE }, { "1", "given", FALSE }, { "2", "given", FALSE },
    { "4", "given", FALSE },
  };
  static const struct {
    const char *data[4];
    const char *secret;
  } kinds[] = {
    { { "gateway=192.0.2.1", "auth=psk", NULL }, "psk" },
    { { "gateway=192.0.2.1", "auth=eap", NULL }, "password" },
    { { "gateway=192.0.2.1", "auth=eap", "user=alice", NULL }, "password" },
  };

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autoptr (GPtrArray) data = g_ptr_array_new_with_free_func (g_free);
        g_autofree char *secret = g_strdup_printf ("%s=%s", kinds[k].secret, cases[i].secret);
        g_autofree char *answer = NULL;

        for (guint d = 0; kinds[k].data[d]; d++)
          g_ptr_array_add (data, g_strdup (kinds[k].data[d]));
        if (cases[i].flags)
          g_ptr_array_add (data, g_strdup_printf ("%s-flags=%s", kinds[k].secret, cases[i].flags));
        g_ptr_array_add (data, NULL);
        answer = manager_need_secrets (
            manager_connection ((const char *const *) data->pdata, cases[i].secret ? LIST (secret) : NULL));
        g_test_message ("%s, flags %s, %s", kinds[k].secret, cases[i].flags ? cases[i].flags : "-",
                        cases[i].secret ? "given" : "missing");
        g_assert_cmpstr (answer, ==, cases[i].needed ? "vpn" : "");
      }
  g_assert_cmpuint (world->calls->len, ==, 0);
  g_assert_cmpuint (world->log->len, ==, 0);
  manager_expect ("");
}

static void
assert_need (const char *const *data, const char *const *secrets, const char *expected)
{
  g_autofree char *answer = manager_need_secrets (manager_connection (data, secrets));

  g_assert_cmpstr (answer, ==, expected);
}

static void
test_need_other (void)
{
  /* whether a key is encrypted is found out later */
  assert_need (CERT_DATA, NULL, "");
  assert_need (LIST ("gateway=192.0.2.1", "certificate=/c.pem", "private-key=/k.pem", "key-password-flags=1"), NULL,
               "vpn");
  assert_need (LIST ("gateway=192.0.2.1", "certificate=/c.pem", "private-key=/k.pem", "key-password-flags=1"),
               LIST ("key-password=x"), "");
  /* a wrong profile: Connect says what is wrong, instead of "no valid secrets" */
  assert_need (LIST ("gatewaay=192.0.2.1"), NULL, "");
  assert_need (LIST ("gateway=192.0.2.1\nx", "auth=psk"), NULL, "");
  assert_need (NULL, NULL, "");
  g_assert_cmpuint (world->log->len, ==, 0);
}

/* ---- plain Connect: nobody to ask ---- */

static void
test_stored_once (void)
{
  manager_connect (manager_connection (EAP_DATA, LIST ("password=sesame open")));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 5 sesame open", 1);
  world_driver_ask (6, IKE_SECRET_PASSWORD, 1, "no");
  world_wait ("secret 6 -", 1);
  world_driver_down (IKE_REASON_SECRET_MISSING, "password");
  manager_expect ("StateChanged 3; " FAILED (0));
  manager_wait_quit ();
  g_assert_cmpuint (world->errors_logged, ==, 1);
  /* it is not missing, it was refused */
  g_assert_true (g_str_has_prefix (world->log->pdata[world->log->len - 1], "3 EAP_REFUSED "));
}

static void
test_missing (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=eap", "user=alice", "password-flags=4"), NULL));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 5 -", 1);
  world_driver_down (IKE_REASON_SECRET_MISSING, "password");
  manager_expect ("StateChanged 3; " FAILED (0));
  g_assert_true (g_str_has_prefix (world->log->pdata[world->log->len - 1], "3 SECRET_MISSING "));
}

static void
test_psk_refused (void)
{
  manager_connect (manager_connection (PSK_DATA, LIST ("psk=0x616263")));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PSK, 0, NULL);
  world_wait ("secret 5 abc", 1);
  world_driver_down (IKE_REASON_PEER_REFUSED_US, "x");
  manager_expect ("StateChanged 3; " FAILED (0));
}

static void
test_psk_malformed (void)
{
  g_autofree char *error = manager_call (
      "Connect", g_variant_new ("(@a{sa{sv}})", manager_connection (PSK_DATA, LIST ("psk=0xverysecret"))));

  g_assert_true (g_str_has_prefix (error, "BadArguments: "));
  g_assert_nonnull (strstr (error, "psk"));
  g_assert_null (strstr (error, "verysecret"));
  for (guint i = 0; i < world->log->len; i++)
    g_assert_null (strstr (world->log->pdata[i], "verysecret"));
}

/* A key that is empty is none, whether or not the connection uses one. */
static void
test_key_empty (void)
{
  manager_connect (manager_connection (EAP_DATA, LIST ("password=x", "psk=", "ppk=")));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PSK, 0, NULL);
  world_wait ("secret 5 -", 1);
}

/* ---- ConnectInteractive ---- */

static void
test_ask_again (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=wrong")));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 5 wrong", 1);
  /* the gateway ends the whole negotiation */
  world_driver_down (IKE_REASON_EAP_REFUSED, "MSCHAPv2, alice");
  manager_expect (
      "StateChanged 3; SecretsRequired The gateway 192.0.2.1 refused the user name or the password. Please enter "
      "the password again. Details: MSCHAPv2, alice [password]");
  g_assert_cmpuint (world->drivers, ==, 0);
  g_assert_cmpuint (world->errors_logged, ==, 0);
  manager_new_secrets (EAP_DATA, LIST ("password=right"));
  world_wait ("start *", 2);
  world_driver_ask (1, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 1 right", 1);
  world_driver_up ("10.9.0.5/32");
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  /* kept for reconnecting */
  world_driver_ask (2, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 2 right", 1);
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

/* A post-quantum pre-shared key is not what EAP refuses. */
static void
test_ask_again_ppk (void)
{
  manager_connect_interactive (
      manager_connection (LIST ("gateway=192.0.2.1", "auth=eap", "user=alice", "ppk=insist", "ppk-id=lab"),
                          LIST ("password=wrong", "ppk=quantum")));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PPK, 0, NULL);
  world_wait ("secret 5 quantum", 1);
  world_driver_down (IKE_REASON_EAP_REFUSED, "EAP as alice");
  manager_expect (
      "StateChanged 3; SecretsRequired The gateway 192.0.2.1 refused the user name or the password. Please enter "
      "the password again. Details: EAP as alice [password]");
}

static void
test_psk_again (void)
{
  manager_connect_interactive (manager_connection (PSK_DATA, LIST ("psk=wrong")));
  world_wait ("start *", 1);
  world_driver_down (IKE_REASON_PEER_REFUSED_US, "x");
  manager_expect (
      "StateChanged 3; SecretsRequired The gateway 192.0.2.1 refused our identity or the pre-shared key. Please "
      "enter the pre-shared key again. Details: x [psk]");
  manager_new_secrets (PSK_DATA, LIST ("psk=0s/w=="));
  world_wait ("start *", 2);
  world_driver_ask (1, IKE_SECRET_PSK, 0, NULL);
  world_wait ("secret 1 \xff", 1);
}

static GVariant *
libreswan_connection (const char *const *secrets)
{
  return manager_connection_with (
      LIST ("right=192.0.2.1", "ikev2=insist", "leftid=@me", "pskvalue-flags=1"), secrets, NULL,
      g_variant_new_parsed ("{'service-type': <'org.freedesktop.NetworkManager.libreswan'>}"));
}

/* A connection of another plugin: its names outside, ours inside. */
static void
test_libreswan (void)
{
  g_autofree char *missing = manager_need_secrets (libreswan_connection (NULL));
  g_autofree char *error = NULL;

  g_assert_cmpstr (missing, ==, "vpn");
  manager_connect_interactive (libreswan_connection (LIST ("pskvalue=wrong")));
  world_wait ("start *", 1);
  world_driver_down (IKE_REASON_PEER_REFUSED_US, "x");
  manager_expect (
      "StateChanged 3; SecretsRequired The gateway 192.0.2.1 refused our identity or the pre-shared key. Please "
      "enter the pre-shared key again. Details: x [pskvalue]");
  error = manager_call ("NewSecrets", g_variant_new ("(@a{sa{sv}})", libreswan_connection (LIST ("pskvalue=right"))));
  g_assert_null (error);
  world_wait ("start *", 2);
  world_driver_ask (1, IKE_SECRET_PSK, 0, NULL);
  world_wait ("secret 1 right", 1);
}

/* A certificate that the gateway refuses is nothing to ask for. */
static void
test_certificate_refused (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=x")));
  world_wait ("start *", 1);
  world_driver_down (IKE_REASON_PEER_REFUSED_US, "x");
  manager_expect ("StateChanged 3; " FAILED (0));
}

/* The gateway asks again within the conversation. */
static void
test_in_place (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=wrong")));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PASSWORD, 0, NULL);
  world_driver_ask (6, IKE_SECRET_PASSWORD, 1, "E=691\n\x1b[31m R=1");
  manager_expect (
      "StateChanged 3; SecretsRequired The gateway 192.0.2.1 refused the user name or the password. Please enter "
      "the password again. Details: E=691  [31m R=1 [password]");
  world_advance (9000);
  manager_new_secrets (EAP_DATA, LIST ("password=right"));
  world_wait ("secret 6 right", 1);
  g_assert_cmpuint (world_count ("start *"), ==, 1);
}

/* The user took so long that the gateway has forgotten us. */
static void
test_slow_user (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=wrong")));
  world_wait ("start *", 1);
  world_driver_ask (6, IKE_SECRET_PASSWORD, 1, NULL);
  world_advance (11000);
  manager_new_secrets (EAP_DATA, LIST ("password=right"));
  world_wait ("start *", 2);
  g_assert_cmpuint (world_count ("secret *"), ==, 0);
  g_assert_cmpuint (world->drivers, ==, 1);
}

/* The driver gives up while the user thinks. */
static void
test_driver_gone_while_asking (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, NULL));
  world_wait ("start *", 1);
  world_driver_ask (6, IKE_SECRET_PASSWORD, 0, NULL);
  manager_expect ("StateChanged 3; SecretsRequired The gateway 192.0.2.1 asks for your password. [password]");
  world_driver_cancel (6);
  world_driver_down (IKE_REASON_NO_RESPONSE, "x");
  manager_sync ();
  g_assert_cmpuint (world->errors_logged, ==, 0);
  manager_new_secrets (EAP_DATA, LIST ("password=right"));
  world_wait ("start *", 2);
}

/* The password was changed while we were away. */
static void
test_refused_on_reconnecting (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=old")));
  world_wait ("start *", 1);
  world_driver_up ("10.9.0.5/32");
  world_driver_reconnecting (IKE_REASON_PEER_DEAD);
  manager_forget ();
  world_driver_down (IKE_REASON_EAP_REFUSED, NULL);
  manager_sync ();
  g_assert_cmpuint (manager_count ("SecretsRequired *"), ==, 1);
  g_assert_cmpuint (manager_count ("Failure *"), ==, 0);
  manager_new_secrets (EAP_DATA, LIST ("password=new"));
  world_wait ("start *", 2);
  world_driver_ask (1, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 1 new", 1);
}

static void
test_nothing_given (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, NULL));
  world_wait ("start *", 1);
  world_driver_ask (6, IKE_SECRET_PASSWORD, 0, NULL);
  manager_sync ();
  manager_forget ();
  manager_new_secrets (EAP_DATA, NULL);
  manager_expect (FAILED (0));
  g_assert_cmpuint (world->errors_logged, ==, 1);
  manager_wait_quit ();
}

static void
test_three_times (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=wrong")));
  for (guint i = 1; i <= 3; i++)
    {
      world_wait ("start *", i);
      world_driver_down (IKE_REASON_EAP_REFUSED, "x");
      manager_sync ();
      g_assert_cmpuint (manager_count ("SecretsRequired *"), ==, i);
      manager_new_secrets (EAP_DATA, LIST ("password=wrong"));
    }
  world_wait ("start *", 4);
  manager_forget ();
  world_driver_down (IKE_REASON_EAP_REFUSED, "x");
  manager_expect (FAILED (0));
  g_assert_cmpuint (world->errors_logged, ==, 1);
}

static void
test_otp (void)
{
  manager_connect_interactive (manager_connection (LIST ("gateway=192.0.2.1", "auth=eap", "user=alice", "otp-flags=0"),
                                                   LIST ("password=x", "otp=111111")));
  world_wait ("start *", 1);
  world_driver_ask (1, IKE_SECRET_OTP, 0, NULL);
  world_wait ("secret 1 111111", 1);
  /* a code works once */
  world_driver_ask (2, IKE_SECRET_OTP, 0, "Enter PASSCODE:");
  manager_expect (
      "StateChanged 3; SecretsRequired The gateway 192.0.2.1 asks for a one-time code. Details: Enter PASSCODE: "
      "[otp]");
  world_advance (25000);
  manager_new_secrets (EAP_DATA, LIST ("otp=222222"));
  /* the conversation that asked is the one that wants it, however long that took */
  world_wait ("secret 2 222222", 1);
}

/* A connection that says nothing of how it is kept brings the code that was typed the last time. */
static void
test_otp_of_last_time (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=x", "otp=111111")));
  world_wait ("start *", 1);
  world_driver_ask (1, IKE_SECRET_OTP, 0, NULL);
  manager_expect ("StateChanged 3; SecretsRequired The gateway 192.0.2.1 asks for a one-time code. [otp]");
  manager_new_secrets (EAP_DATA, LIST ("otp=222222"));
  world_wait ("secret 1 222222", 1);
}

/* A login that asks for a code after the password: the user is asked, though the profile knows of no codes. */
static void
test_code_after_password (void)
{
  manager_connect_interactive (manager_connection (EAP_DATA, LIST ("password=x")));
  world_wait ("start *", 1);
  world_driver_ask (1, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 1 x", 1);
  world_driver_ask (2, IKE_SECRET_OTP, 0, "Your token, please");
  manager_expect (
      "StateChanged 3; SecretsRequired The gateway 192.0.2.1 asks for a one-time code. Details: Your token, please "
      "[otp]");
  manager_new_secrets (EAP_DATA, LIST ("password=x", "otp=222222"));
  world_wait ("secret 2 222222", 1);
}

static void
test_key_password (void)
{
  world_fail (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NEED_PASSWORD, "encrypted");
  manager_connect_interactive (manager_connection (CERT_DATA, NULL));
  manager_expect (
      "StateChanged 3; SecretsRequired The private key for the gateway office is encrypted. Please enter its "
      "password. [key-password]");
  g_assert_cmpuint (world_count ("credentials /c.pem /k.pem system - -"), ==, 1);
  world_fail (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PASSWORD, "wrong");
  manager_forget ();
  manager_new_secrets (CERT_DATA, LIST ("key-password=one"));
  manager_expect ("SecretsRequired The password of the private key is wrong. Please enter it again. [key-password]");
  g_assert_cmpuint (world_count ("credentials /c.pem /k.pem system one -"), ==, 1);
  manager_forget ();
  manager_new_secrets (CERT_DATA, NULL);
  manager_expect (FAILED (0));
  g_assert_cmpuint (world->errors_logged, ==, 1);
}

/* The same for a token; what it says about tries is shown, and a locked one is not asked about any more. */
static void
test_pin (void)
{
  const char *const *data = LIST ("gateway=192.0.2.1", "certificate=pkcs11:token=card");

  assert_need (data, NULL, "vpn");
  assert_need (data, LIST ("pin=1234"), "");
  world_fail (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NEED_PIN, "card");
  manager_connect_interactive (manager_connection (data, NULL));
  manager_expect ("StateChanged 3; SecretsRequired The private key for the gateway office is on a token. Please enter "
                  "its PIN. [pin]");
  world_fail (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PIN, "One try is left.");
  manager_forget ();
  manager_new_secrets (data, LIST ("pin=1111"));
  manager_expect ("SecretsRequired The PIN of the token is wrong. Please enter it again; too many wrong ones lock the "
                  "token. Details: One try is left. [pin]");
  g_assert_cmpuint (world_count ("credentials pkcs11:token=card - system 1111! -"), ==, 1);
  world_fail (ASKED_CREDENTIALS, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_PIN_LOCKED, "card");
  manager_forget ();
  manager_new_secrets (data, LIST ("pin=2222"));
  manager_expect (FAILED (1));
  g_assert_cmpuint (world->errors_logged, ==, 1);
}

/* The helper is told which PIN was kept somewhere, without a mark here: that one would be wrong at every start. */
static void
test_pin_kept (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "certificate=pkcs11:token=card"), LIST ("pin=1111")));
  world_wait ("credentials pkcs11:token=card - system 1111 -", 1);
}

static void
test_pin_never_kept (void)
{
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "certificate=pkcs11:token=card", "pin-flags=2"),
                                       LIST ("pin=1111")));
  world_wait ("credentials pkcs11:token=card - system 1111! -", 1);
}

/* Line ends and whatever else in a password is sent as it is. */
static void
test_odd_password (void)
{
  manager_connect (manager_connection (EAP_DATA, LIST ("password=one\ntwo \xc3\xa4=\"")));
  world_wait ("start *", 1);
  world_driver_ask (5, IKE_SECRET_PASSWORD, 0, NULL);
  world_wait ("secret 5 one\ntwo \xc3\xa4=\"", 1);
}

/* The planted secrets are nowhere in the log, whatever happens, with everything logged. */
static void
test_never_logged (void)
{
  static const char *const planted[] = { "pl4nt3d", "706c346e" };

  log_set_level (7);
  manager_connect_interactive (
      manager_connection (LIST ("gateway=192.0.2.1", "auth=eap", "user=alice", "log-level=7"),
                          LIST ("password=pl4nt3d-1", "otp=pl4nt3d-2", "key-password=pl4nt3d-3")));
  world_wait ("start *", 1);
  world_driver_ask (1, IKE_SECRET_PASSWORD, 0, NULL);
  world_driver_ask (2, IKE_SECRET_PASSWORD, 1, NULL);
  manager_sync ();
  manager_new_secrets (EAP_DATA, LIST ("password=pl4nt3d-4"));
  world_driver_down (IKE_REASON_EAP_REFUSED, "x");
  manager_sync ();
  manager_new_secrets (EAP_DATA, LIST ("password=pl4nt3d-5", "x=pl4nt3d-6"));
  world_wait ("start *", 2);
  world_driver_up ("10.9.0.5/32");
  manager_disconnect ();
  manager_wait_quit ();
  g_assert_cmpuint (world_count ("secret *pl4nt3d*"), ==, 2);
  g_assert_cmpuint (world->log->len, >, 2);
  for (guint i = 0; i < world->log->len; i++)
    for (guint p = 0; p < G_N_ELEMENTS (planted); p++)
      g_assert_null (strstr (world->log->pdata[i], planted[p]));
  log_set_level (-1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/secrets/need", test_need_secrets);
  manager_test ("/secrets/need-other", test_need_other);
  manager_test ("/secrets/stored-once", test_stored_once);
  manager_test ("/secrets/missing", test_missing);
  manager_test ("/secrets/psk-refused", test_psk_refused);
  manager_test ("/secrets/psk-malformed", test_psk_malformed);
  manager_test ("/secrets/key-empty", test_key_empty);
  manager_test ("/secrets/ask-again", test_ask_again);
  manager_test ("/secrets/ask-again-ppk", test_ask_again_ppk);
  manager_test ("/secrets/psk-again", test_psk_again);
  manager_test ("/secrets/certificate-refused", test_certificate_refused);
  manager_test ("/secrets/in-place", test_in_place);
  manager_test ("/secrets/slow-user", test_slow_user);
  manager_test ("/secrets/driver-gone-while-asking", test_driver_gone_while_asking);
  manager_test ("/secrets/refused-on-reconnecting", test_refused_on_reconnecting);
  manager_test ("/secrets/nothing-given", test_nothing_given);
  manager_test ("/secrets/three-times", test_three_times);
  manager_test ("/secrets/libreswan", test_libreswan);
  manager_test ("/secrets/otp", test_otp);
  manager_test ("/secrets/otp-of-last-time", test_otp_of_last_time);
  manager_test ("/secrets/code-after-password", test_code_after_password);
  manager_test ("/secrets/key-password", test_key_password);
  manager_test ("/secrets/pin", test_pin);
  manager_test ("/secrets/pin-kept", test_pin_kept);
  manager_test ("/secrets/pin-never-kept", test_pin_never_kept);
  manager_test ("/secrets/odd-password", test_odd_password);
  manager_test ("/secrets/never-logged", test_never_logged);
  return g_test_run ();
}
