/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form: what becomes of connections that are there, of what was filled in before, and where secrets are kept. */
#include "config.h"

#include "form-test.h"

#define CKAID "0123456789abcdef0123456789abcdef01234567"

/* What is asked for, even where nobody has typed it in, is kept where the page says; else NetworkManager keeps it for all. */
static void
test_asked_storage (void)
{
  g_autoptr (Form) token = form_empty (), key = form_empty (), old = form_with ("auth=cert;certificate=/a;gateway=a"),
                   pad = form_with ("auth=psk;gateway=a;psk-flags=1"),
                   kept = form_with ("auth=cert;certificate=pkcs11:object=a;gateway=a");

  form_set (token, at ("gateway"), "a");
  form_set (token, at (FIELD_SIGN_IN), SIGN_IN_TOKEN);
  form_set (token, at ("certificate"), "pkcs11:object=a");
  assert_stored (token, "auth=cert;certificate=pkcs11:object=a;gateway=a;pin-flags=1");
  form_set_storage (token, secret_at ("pin"), NM_SETTING_SECRET_FLAG_NONE);
  assert_stored (token, "auth=cert;certificate=pkcs11:object=a;gateway=a");
  assert_stored (kept, "auth=cert;certificate=pkcs11:object=a;gateway=a");
  g_assert_cmpint (form_get_storage (kept, secret_at ("pin")), ==, NM_SETTING_SECRET_FLAG_NONE);
  form_set (pad, at ("ppk"), "yes");
  form_set (pad, at ("ppk-id"), "p");
  assert_stored (pad, "auth=psk;gateway=a;ppk-flags=1;ppk-id=p;ppk=yes;psk-flags=1");
  /* a key may have no password, and then nobody is asked; where it would be kept can be said all the same */
  form_set (key, at ("gateway"), "a");
  form_set (key, at (FIELD_SIGN_IN), SIGN_IN_CERTIFICATE);
  form_set (key, at ("certificate"), "/a");
  assert_stored (key, "auth=cert;certificate=/a;gateway=a");
  g_assert_true (form_set_storage (key, secret_at ("key-password"), NM_SETTING_SECRET_FLAG_AGENT_OWNED));
  assert_stored (key, "auth=cert;certificate=/a;gateway=a;key-password-flags=1");
  g_assert_false (form_set_storage (key, secret_at ("key-password"), NM_SETTING_SECRET_FLAG_AGENT_OWNED));
  form_set_storage (old, secret_at ("key-password"), NM_SETTING_SECRET_FLAG_AGENT_OWNED);
  assert_stored (old, "auth=cert;certificate=/a;gateway=a;key-password-flags=1");
}

/* Who begins with a raw key is asked for both. */
static void
test_raw_keys (void)
{
  g_autoptr (Form) fresh = form_empty (), old = form_with ("auth=eap;gateway=a"),
                   key = form_with ("auth=cert;certificate=/a;gateway=a;private-key=/k");

  form_set (fresh, at ("gateway"), "a");
  form_set (fresh, at (FIELD_SIGN_IN), SIGN_IN_RAW_KEY);
  assert_stored (fresh, "This Machine’s Public Key: Choose the key of this machine.");
  form_set (fresh, at ("local-rsa-key"), CKAID);
  assert_stored (fresh, "Public Key of the Other Side: Paste the public key of the other side.");
  form_set (fresh, at ("remote-auth"), "cert");
  assert_stored (fresh, "auth=rsa;gateway=a;local-rsa-key=" CKAID ";remote-auth=cert");
  form_set (old, at (FIELD_SIGN_IN), SIGN_IN_RAW_KEY);
  form_set (old, at ("local-rsa-key"), CKAID);
  assert_stored (old, "Public Key of the Other Side: Paste the public key of the other side.");
  /* the key of a certificate is not one */
  form_set (key, at (FIELD_SIGN_IN), SIGN_IN_RAW_KEY);
  assert_stored (key, "This Machine’s Public Key: Choose the key of this machine.");
}

/* What other tools leave without a value goes; what is not ours stays as it is. */
static void
test_empty (void)
{
  g_autoptr (Form) form = form_with ("auth=eap;ca=;gateway=a;mtu= ;x-mine=");

  g_assert_null (form_problem (form));
  assert_stored (form, "auth=eap;gateway=a;x-mine=");
  form_set (form, at ("ca"), "/ca.pem");
  assert_stored (form, "auth=eap;ca=/ca.pem;gateway=a;x-mine=");
}

/* A key with two names is one field. */
static void
test_compress (void)
{
  static const char *const rows[][2] = {
    /* what is there, and with the field turned off */
    { "auth=eap;compress=yes;gateway=a", "auth=eap;gateway=a" },
    { "auth=eap;compress=yes;gateway=a;ipcomp=no", "auth=eap;gateway=a" },
    { "auth=eap;compress=no;gateway=a;ipcomp=yes", "auth=eap;gateway=a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Form) form = form_with (rows[i][0]);

      g_assert_cmpstr (form_get (form, at ("ipcomp")), ==, "yes");
      assert_stored (form, rows[i][0]);
      form_set (form, at ("ipcomp"), "no");
      assert_stored (form, rows[i][1]);
      form_set (form, at ("ipcomp"), "yes");
      assert_stored (form, rows[i][0]); /* as it was */
    }
}

/* A key that is not seen does not outlive what it belongs to. */
static void
test_hidden_key (void)
{
  static const char both[] = "auth=cert;certificate=pkcs11:object=a;gateway=a;pin-flags=1;private-key=pkcs11:b";
  g_autoptr (Form) token = form_with (both),
                   raw = form_with ("auth=rsa;gateway=a;private-key=/k;remote-rsa-key=" CKAID);

  g_assert_false (form_shows (token, at ("private-key")) || form_shows (raw, at ("private-key")));
  form_set (token, at ("mtu"), "1400");
  assert_stored (token, "auth=cert;certificate=pkcs11:object=a;gateway=a;mtu=1400;pin-flags=1;private-key=pkcs11:b");
  form_set (token, at ("certificate"), "pkcs11:object=c");
  assert_stored (token, "auth=cert;certificate=pkcs11:object=c;gateway=a;mtu=1400;pin-flags=1");
  form_set (raw, at ("local-rsa-key"), CKAID);
  assert_stored (raw, "auth=rsa;gateway=a;local-rsa-key=" CKAID ";remote-rsa-key=" CKAID);
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form-saved/asked-storage", test_asked_storage);
  g_test_add_func ("/form-saved/raw-keys", test_raw_keys);
  g_test_add_func ("/form-saved/empty", test_empty);
  g_test_add_func ("/form-saved/compress", test_compress);
  g_test_add_func ("/form-saved/hidden-key", test_hidden_key);
  return g_test_run ();
}
