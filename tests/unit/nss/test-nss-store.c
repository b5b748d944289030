/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key store: a database that is made, filled, read by others (certutil), protected and emptied. */
#include "sign-test.h"

#include "nss-raw-key.h"
#include "nss-store.h"

#include <glib/gstdio.h>
#include <string.h>

static char *directory;

static void
store_open (gboolean write, const char *password)
{
  g_autoptr (IkeSecret) secret = password ? ike_secret_new_from ((const guint8 *) password, strlen (password)) : NULL;
  g_autoptr (GError) error = NULL;

  nss_store_open (directory, write, secret, &error);
  g_assert_no_error (error);
}

static void
store_close (void)
{
  g_assert_true (nss_store_close ());
}

static void
store_fresh (void)
{
  g_autofree char *command = g_strdup_printf ("rm -rf %s", directory);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
}

/* What "certutil" says. */
static char *
certutil (const char *arguments)
{
  g_autofree char *command = g_strdup_printf ("certutil -d sql:%s %s", directory, arguments);
  char *out = NULL;

  g_assert_true (g_spawn_command_line_sync (command, &out, NULL, NULL, NULL));
  return out;
}

static void
test_absent (void)
{
  g_autoptr (GError) error = NULL;

  store_fresh ();
  g_assert_false (nss_store_open (directory, FALSE, NULL, &error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND);
}

static void
check_key (const char *kind, guint bits, IkeKeyType type, guint real_bits)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) made = NULL, found = NULL, octets = fixture ("octets");
  g_autofree char *ckaid = NULL, *listed = NULL;
  g_autoptr (GPtrArray) keys = NULL;
  g_autoptr (NssKey) key = NULL;

  store_fresh ();
  store_open (TRUE, NULL);
  made = nss_store_generate (kind, bits, &error);
  g_assert_no_error (error);
  ckaid = nss_raw_key_ckaid (made);
  store_close ();
  listed = certutil ("-K");
  g_assert_nonnull (strstr (listed, ckaid)); /* NSS gives it the same name */

  store_open (FALSE, NULL);
  keys = nss_store_keys (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (keys->len, ==, 1);
  g_assert_cmpstr (((NssStoreKey *) keys->pdata[0])->ckaid, ==, ckaid);
  found = nss_store_public_key (ckaid, &error);
  g_assert_true (found && g_bytes_equal (found, made));
  key = nss_store_key (ckaid, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nss_key_type (key), ==, type);
  g_assert_cmpuint (nss_key_bits (key), ==, real_bits);
  g_assert_true (nss_key_matches (key, made));
  g_assert_null (nss_store_key ("0123456789abcdef0123456789abcdef01234567", &error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND);
  g_clear_pointer (&key, nss_key_free);
  store_close ();

  g_clear_error (&error);
  store_open (TRUE, NULL);
  g_assert_true (nss_store_delete (ckaid, &error));
  g_clear_pointer (&keys, g_ptr_array_unref);
  keys = nss_store_keys (NULL);
  g_assert_cmpuint (keys->len, ==, 0);
  g_assert_false (nss_store_delete (ckaid, &error));
  store_close ();
}

static void
test_generate (void)
{
  g_autoptr (GError) error = NULL;

  check_key ("rsa", 2048, IKE_KEY_RSA, 2048);
  check_key ("ecdsa", 0, IKE_KEY_P256, 256);
  check_key ("ecdsa", 384, IKE_KEY_P384, 384);
  check_key ("ecdsa", 521, IKE_KEY_P521, 521);
  if (nss_sign_does (IKE_KEY_ML_DSA_65))
    {
      check_key ("mldsa", 44, IKE_KEY_ML_DSA_44, 1312 * 8);
      check_key ("mldsa", 0, IKE_KEY_ML_DSA_65, 1952 * 8);
      check_key ("mldsa", 87, IKE_KEY_ML_DSA_87, 2592 * 8);
    }
  store_open (TRUE, NULL);
  g_assert_null (nss_store_generate ("mldsa", 45, NULL));
  g_assert_null (nss_store_generate ("rsa", 1024, NULL));
  g_assert_null (nss_store_generate ("ecdsa", 255, NULL));
  g_assert_null (nss_store_generate ("dsa", 0, &error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_FILE);
  store_close ();
}

static GPtrArray *
import_file (const char *name, const char *password, const char *as, gboolean trusted, GError **error)
{
  g_autoptr (GBytes) bytes = fixture (name);
  const NssFile file = { name, bytes };
  g_autoptr (IkeSecret) secret = password ? secret_of (password) : NULL;

  return nss_store_import (&file, secret, as, trusted, error);
}

static const NssStoreCert *
entry_of (GPtrArray *entries, const char *nickname)
{
  for (guint i = 0; i < entries->len; i++)
    if (strcmp (((NssStoreCert *) entries->pdata[i])->nickname, nickname) == 0)
      return entries->pdata[i];
  return NULL;
}

static void
test_import (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = NULL, again = NULL, entries = NULL, anchors = NULL, ca = NULL;
  g_autoptr (NssCredential) credential = NULL;
  const char *name;
  g_autofree char *listed = NULL;

  store_fresh ();
  store_open (TRUE, NULL);
  g_assert_null (import_file ("modern.p12", "wrong", NULL, TRUE, &error));
  g_assert_error (error, NSS_CREDENTIAL_ERROR, NSS_CREDENTIAL_ERROR_BAD_PASSWORD);
  g_clear_error (&error);
  names = import_file ("modern.p12", "pässword", NULL, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (names->len, >=, 1);
  name = names->pdata[0];
  again = import_file ("modern.p12", "pässword", NULL, TRUE, &error); /* twice is no harm */
  g_assert_no_error (error);
  g_assert_cmpstr (again->pdata[0], ==, name);
  ca = import_file ("other.pem", NULL, "our: root", TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ca->pdata[0], ==, "our  root");
  entries = nss_store_certificates ();
  g_assert_true (entry_of (entries, name)->has_key);
  g_assert_true (entry_of (entries, "our  root")->trusted);
  g_assert_false (entry_of (entries, "our  root")->has_key);
  store_close ();
  listed = certutil ("-L");
  g_assert_nonnull (strstr (listed, "u,u,u"));

  store_open (FALSE, NULL);
  credential = nss_store_credential (name, TRUE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (credential->key);
  g_assert_cmpuint (credential->certificates->len, >=, 1);
  anchors = nss_store_anchors ("*", &error);
  g_assert_no_error (error);
  g_clear_pointer (&credential, nss_credential_free);
  g_assert_null (nss_store_credential ("nobody", TRUE, &error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (nss_store_credential ("our  root", TRUE, &error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND);
  store_close ();

  store_open (TRUE, NULL);
  g_assert_true (nss_store_set_trust ("our  root", FALSE, NULL));
  g_assert_true (nss_store_delete (name, NULL));
  g_clear_pointer (&entries, g_ptr_array_unref);
  entries = nss_store_certificates ();
  g_assert_null (entry_of (entries, name));
  g_assert_false (entry_of (entries, "our  root")->trusted);
  store_close ();
}

static void
test_password (void)
{
  g_autoptr (IkeSecret) none = secret_of (""), one = secret_of ("Kenn0Wort!"), other = secret_of ("other");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) made = NULL;
  g_autoptr (GPtrArray) keys = NULL;
  g_autofree char *file = g_build_filename (directory, "nsspassword", NULL), *token = NULL, *text = NULL;

  store_fresh ();
  store_open (TRUE, NULL);
  g_assert_false (nss_store_has_password ());
  made = nss_store_generate ("ecdsa", 0, NULL);
  g_assert_false (nss_store_set_password (other, one, &error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_PASSWORD);
  g_assert_true (nss_store_set_password (none, one, NULL));
  g_assert_true (nss_store_has_password ());
  token = nss_store_token ();
  store_close ();

  store_open (FALSE, NULL);
  g_clear_error (&error);
  g_assert_null (nss_store_keys (&error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NEED_PASSWORD);
  store_close ();
  store_open (FALSE, "wrong");
  g_clear_error (&error);
  g_assert_null (nss_store_keys (&error));
  g_assert_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_PASSWORD);
  store_close ();
  store_open (FALSE, "Kenn0Wort!");
  keys = nss_store_keys (NULL);
  g_assert_cmpuint (keys->len, ==, 1);
  store_close ();

  text = g_strdup_printf ("another token:x\n%s:Kenn0Wort!\n", token);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  store_open (FALSE, NULL);
  g_clear_pointer (&keys, g_ptr_array_unref);
  keys = nss_store_keys (NULL);
  g_assert_cmpuint (keys->len, ==, 1);
  store_close ();
}

static void
test_password_file (void)
{
  static const struct {
    const char *text, *password;
  } cases[] = {
    { "NSS Certificate DB:secret", "secret" },
    { "x:y\nNSS Certificate DB:a:b \nNSS Certificate DB:second\n", "a:b " },
    { "NSS Certificate DB:\n", "" },
    { "NSS Certificate DB\n:x", NULL },
    { "NSS Certificate D:x", NULL },
    { " NSS Certificate DB:x", NULL },
    { "", NULL },
    { "\n\n\n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (IkeSecret) found =
          nss_store_password_find (cases[i].text, strlen (cases[i].text), "NSS Certificate DB");

      if (cases[i].password == NULL)
        g_assert_null (found);
      else
        g_assert_cmpmem (ike_secret_data (found), ike_secret_len (found), cases[i].password,
                         strlen (cases[i].password));
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("nm-ipsec-store-XXXXXX", NULL);
  g_test_add_func ("/store/password-file", test_password_file);
  g_test_add_func ("/store/absent", test_absent);
  g_test_add_func ("/store/generate", test_generate);
  g_test_add_func ("/store/import", test_import);
  g_test_add_func ("/store/password", test_password);
  status = g_test_run ();
  store_fresh ();
  g_rmdir (directory);
  g_free (directory);
  return status;
}
