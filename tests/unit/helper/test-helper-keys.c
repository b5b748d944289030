/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Credentials and signatures of the real helper: files by path, certificates and CAs back in one memory file,
 * signatures that verify, and each way to fail with its own code. The fixtures are those of the certificate tests
 * ($CERT_FIXTURES).
 */
#include "tls-session.h"

#include "nss-crypto.h"
#include "nss-sign.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWORD "p\xc3\xa4ssword" /* of make-fixtures.sh */

static const char *helper;

typedef struct {
  guint certificates, ca_files;
  gsize ca_octets;
  GBytes *first;
} Items;

static void
count_item (ChannelItem item, const guint8 *octets, gsize len, gpointer data)
{
  Items *items = data;

  if (item == CHANNEL_ITEM_CERTIFICATE && items->certificates++ == 0)
    items->first = g_bytes_new (octets, len);
  if (item == CHANNEL_ITEM_CA_FILE)
    {
      items->ca_files++;
      items->ca_octets += len;
    }
}

static char *
path_of (const char *name)
{
  return !name ? g_strdup ("")
         : *name == '/' || strcmp (name, "system") == 0 || g_str_has_prefix (name, "data:")
             ? g_strdup (name)
             : g_build_filename (g_getenv ("CERT_FIXTURES"), name, NULL);
}

static ChannelMsg *
load (Probe *p, const char *certificate, const char *key, const char *ca, const char *password)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS);
  g_autofree char *certificate_path = path_of (certificate), *key_path = path_of (key), *ca_path = path_of (ca);

  r.credentials.certificate = certificate_path;
  r.credentials.private_key = key_path;
  r.credentials.ca = ca_path;
  r.credentials.has_password = password != NULL;
  if (password)
    r.credentials.password = (ChannelBlob){ (const guint8 *) password, strlen (password) };
  return probe_call (p, &r);
}

static ChannelMsg *
sign (Probe *p, guint32 key, const IkeSigScheme *scheme, const char *text)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SIGN);

  r.sign.key = key;
  r.sign.method = (guint8) scheme->method;
  r.sign.hash = (guint8) scheme->hash;
  r.sign.pss = scheme->pss != FALSE;
  r.sign.octets = (ChannelBlob){ (const guint8 *) text, strlen (text) };
  return probe_call (p, &r);
}

static const IkeSigScheme *
scheme_named (IkeAuthMethod method, IkeHashId hash, gboolean pss, IkeKeyType type)
{
  const IkeSigScheme *s;

  for (guint i = 0; (s = ike_sig_scheme_at (i)); i++)
    if (s->method == method && s->hash == hash && !s->pss == !pss && s->keys & (1u << type))
      return s;
  g_assert_not_reached ();
}

static GBytes *
public_key_of (GBytes *certificate)
{
  g_autoptr (GError) error = NULL;
  NssCert *cert = nss_cert_new (certificate, &error);
  GBytes *key;

  g_assert_no_error (error);
  key = g_bytes_ref (nss_cert_public_key (cert));
  nss_cert_unref (cert);
  return key;
}

/* Does what the helper signs verify with the certificate that it gave? */
static void
expect_signature (Probe *p, guint32 key, GBytes *certificate, const IkeSigScheme *scheme)
{
  g_autoptr (ChannelMsg) answer = sign (p, key, scheme, "octets to be signed");
  g_autoptr (GBytes) octets = g_bytes_new_static ("octets to be signed", 19), signature = NULL, public_key = NULL;

  if (answer->type == CHANNEL_FAILED)
    g_error ("%s: %s", scheme->name, answer->failed.text);
  g_assert_cmpint (answer->type, ==, CHANNEL_SIGNED);
  signature = g_bytes_new (answer->signature.signature.data, answer->signature.signature.len);
  public_key = public_key_of (certificate);
  g_assert_true (nss_verify (public_key, scheme, octets, signature));
}

static void
expect_loaded (Probe *p, const char *certificate, const char *key, const char *password, IkeKeyType type,
               const IkeSigScheme *scheme)
{
  g_autoptr (ChannelMsg) answer = load (p, certificate, key, "root.pem", password);
  Items items = { 0 };

  if (answer->type == CHANNEL_FAILED)
    g_error ("%s: %s", certificate, answer->failed.text);
  g_assert_cmpint (answer->type, ==, CHANNEL_LOADED);
  g_assert_cmpint (fcntl (answer->fd, F_GET_SEALS) & F_SEAL_WRITE, !=, 0);
  g_assert_true (channel_items_read (answer->fd, count_item, &items));
  g_assert_cmpuint (items.certificates, >=, 1);
  g_assert_cmpuint (items.ca_files, ==, 1);
  g_assert_cmpuint (answer->loaded.key, !=, 0);
  g_assert_cmpuint (answer->loaded.key_type, ==, type);
  expect_signature (p, answer->loaded.key, items.first, scheme);
  g_bytes_unref (items.first);
}

static void
test_keys (void)
{
  Probe *p = probe_start (helper);

  expect_loaded (p, "rsa.pem", "rsa.key", NULL, IKE_KEY_RSA,
                 scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, TRUE, IKE_KEY_RSA));
  expect_loaded (p, "rsa.pem", "rsa.key", NULL, IKE_KEY_RSA,
                 scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_512, FALSE, IKE_KEY_RSA));
  expect_loaded (p, "p256.pem", "p256.key", NULL, IKE_KEY_P256,
                 scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256));
  expect_loaded (p, "p384.pem", "p384.key", NULL, IKE_KEY_P384,
                 scheme_named (IKE_AUTH_METHOD_ECDSA_384, IKE_HASH_SHA2_384, FALSE, IKE_KEY_P384));
  expect_loaded (p, "both.pem", "both.pem", NULL, IKE_KEY_P256,
                 scheme_named (IKE_AUTH_METHOD_ECDSA_256, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256));
  expect_loaded (p, "both.pem", NULL, NULL, IKE_KEY_P256,
                 scheme_named (IKE_AUTH_METHOD_ECDSA_256, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256));
  expect_loaded (p, "rsa.pem", "enc-aes256.pem", PASSWORD, IKE_KEY_RSA,
                 scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, FALSE, IKE_KEY_RSA));
  expect_loaded (p, "modern.p12", "modern.p12", PASSWORD, IKE_KEY_P256,
                 scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256));
  probe_stop (p);
}

static char *
data_of (const char *name, const char *type)
{
  g_autofree char *path = path_of (name), *octets = NULL, *base64 = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (path, &octets, &len, NULL));
  base64 = g_base64_encode ((const guint8 *) octets, len);
  return g_strdup_printf ("data:%s;base64,%s", type, base64);
}

/* What stands in the profile itself is as good as a file, and nobody needs to be able to read one. */
static void
test_data (void)
{
  Probe *p = probe_start (helper);
  const IkeSigScheme *scheme = scheme_named (IKE_AUTH_METHOD_ECDSA_256, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256);
  g_autofree char *certificate = data_of ("p256.pem", "application/x-pem-file"), *key = data_of ("p256.key", "");
  g_autofree char *both = data_of ("both.pem", ""), *bundle = data_of ("modern.p12", "application/x-pkcs12");
  g_autofree char *ca = data_of ("root.pem", "");
  const char *const bad[] = { "data:;base64,YWJj", "data:;base64,", "data:,abc", "data:" };
  Items items = { 0 };

  expect_loaded (p, certificate, key, NULL, IKE_KEY_P256, scheme);
  expect_loaded (p, both, both, NULL, IKE_KEY_P256, scheme);
  expect_loaded (p, both, NULL, NULL, IKE_KEY_P256, scheme);
  expect_loaded (p, bundle, bundle, PASSWORD, IKE_KEY_P256,
                 scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256));
  expect_loaded (p, certificate, "p256.key", NULL, IKE_KEY_P256, scheme);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (ChannelMsg) answer = load (p, bad[i], NULL, NULL, NULL);

      g_assert_cmpint (answer->type, ==, CHANNEL_FAILED);
    }
  {
    g_autoptr (ChannelMsg) answer = load (p, NULL, NULL, ca, NULL);

    g_assert_cmpint (answer->type, ==, CHANNEL_LOADED);
    g_assert_true (channel_items_read (answer->fd, count_item, &items));
    g_assert_cmpuint (items.ca_files, ==, 1);
    g_clear_pointer (&items.first, g_bytes_unref);
  }
  probe_stop (p);
}

/* ---- the key store ---- */

static char *store;

static void
tool (const char *command)
{
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

/* A database that others have made, with a password in its file or (@locked) only in somebody's head. */
static char *
store_new (gboolean locked)
{
  g_autofree char *p12 = path_of ("modern.p12"), *ca = path_of ("other.pem"), *file = NULL, *listed = NULL;
  g_autofree char *command = NULL;
  const char *at;

  store = g_dir_make_tmp ("nm-ipsec-keys-XXXXXX", NULL);
  file = g_build_filename (store, "pw", NULL);
  g_assert_true (g_file_set_contents (file, "Kenn0Wort\n", -1, NULL));
  command = g_strdup_printf ("certutil -N -d sql:%s -f %s", store, file);
  tool (command);
  command = (g_free (command), g_strdup_printf ("pk12util -d sql:%s -W " PASSWORD " -i %s -k %s", store, p12, file));
  tool (command);
  command =
      (g_free (command), g_strdup_printf ("certutil -A -n anchor -t CT,, -d sql:%s -a -i %s -f %s", store, ca, file));
  tool (command);
  command = (g_free (command), g_strdup_printf ("certutil -K -d sql:%s -f %s", store, file));
  g_assert_true (g_spawn_command_line_sync (command, &listed, NULL, NULL, NULL));
  at = strstr (listed, "ec       ");
  g_assert_nonnull (at);
  if (!locked)
    {
      g_free (g_steal_pointer (&file));
      file = g_build_filename (store, "nsspassword", NULL);
      g_assert_true (g_file_set_contents (file, "NSS Certificate DB:Kenn0Wort\n", -1, NULL));
    }
  g_setenv ("NM_IPSEC_KEY_STORE", store, TRUE);
  return g_strndup (at + 9, 40);
}

static void
store_end (void)
{
  g_autofree char *command = g_strconcat ("rm -rf ", store, NULL);

  tool (command);
  g_clear_pointer (&store, g_free);
}

static ChannelMsg *
load_store (Probe *p, const char *certificate, const char *key, const char *ca, const char *user, const char *password)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS);

  r.credentials.certificate = certificate;
  r.credentials.private_key = key;
  r.credentials.ca = ca;
  r.credentials.user = user;
  r.credentials.store_password = (ChannelBlob){ (const guint8 *) password, strlen (password) };
  return probe_call (p, &r);
}

static void
test_store (void)
{
  g_autofree char *ckaid = store_new (FALSE), *name = g_strconcat ("ckaid:", ckaid, NULL);
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) raw = load_store (p, "", name, "", "", "");
  g_autoptr (ChannelMsg) certificate = NULL, trust = NULL;
  const IkeSigScheme *scheme = scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256);
  Items items = { 0 }, none = { 0 };

  if (raw->type == CHANNEL_FAILED)
    g_error ("%s", raw->failed.text);
  g_assert_cmpint (raw->loaded.key_type, ==, IKE_KEY_P256);
  g_assert_true (channel_items_read (raw->fd, count_item, &none));
  g_assert_cmpuint (none.certificates, ==, 0);
  certificate = load_store (p, "nss:vpn - IPsec Lab", "", "nss:*", "", "");
  if (certificate->type == CHANNEL_FAILED)
    g_error ("%s", certificate->failed.text);
  g_assert_true (channel_items_read (certificate->fd, count_item, &items));
  g_assert_cmpuint (items.certificates, >=, 1);
  expect_signature (p, certificate->loaded.key, items.first, scheme);
  expect_signature (p, raw->loaded.key, items.first, scheme); /* the same key */
  tls_session_run (p, 2, certificate->loaded.key); /* EAP-TLS; the key stays where it is */
  tls_session_run (p, 3, certificate->loaded.key);
  probe_stop (p);
  /* the same when the server's CAs come after it, by themselves; these are nobody's secret */
  p = probe_start (helper);
  g_clear_pointer (&certificate, channel_msg_free);
  certificate = load_store (p, "nss:vpn - IPsec Lab", "", "", "", "");
  g_assert_cmpint (certificate->type, ==, CHANNEL_LOADED);
  trust = load_store (p, "", "", "nss:anchor", "alice", "");
  g_assert_cmpint (trust->type, ==, CHANNEL_LOADED);
  g_assert_cmpuint (trust->loaded.key, ==, 0);
  tls_session_run (p, 3, certificate->loaded.key);
  probe_expect_failed (load_store (p, "", name, "", "alice", ""), CHANNEL_ERROR_BAD_FILE, "all users");
  probe_expect_failed (load_store (p, "nss:vpn - IPsec Lab", "", "", "alice", ""), CHANNEL_ERROR_BAD_FILE, "all users");
  probe_expect_failed (load_store (p, "nss:nobody", "", "", "", ""), CHANNEL_ERROR_NOT_FOUND, "nobody");
  probe_expect_failed (load_store (p, "", "ckaid:0123456789012345678901234567890123456789", "", "", ""),
                       CHANNEL_ERROR_NOT_FOUND, "0123456789");
  probe_expect_failed (load_store (p, "", "ckaid:zz", "", "", ""), CHANNEL_ERROR_NOT_FOUND, "zz");
  probe_expect_failed (load_store (p, "nss:vpn - IPsec Lab", "/etc/passwd", "", "", ""), CHANNEL_ERROR_BAD_FILE,
                       "both");
  g_bytes_unref (items.first);
  probe_stop (p);
  store_end ();
}

static void
test_store_locked (void)
{
  g_autofree char *ckaid = store_new (TRUE), *name = g_strconcat ("ckaid:", ckaid, NULL);
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) loaded = NULL;

  probe_expect_failed (load_store (p, "", name, "", "", ""), CHANNEL_ERROR_NEED_PASSWORD, "password");
  probe_expect_failed (load_store (p, "", name, "", "", "wrong"), CHANNEL_ERROR_BAD_PASSWORD, "wrong");
  loaded = load_store (p, "", name, "", "", "Kenn0Wort");
  g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
  probe_stop (p);
  store_end ();
}

static void
test_store_absent (void)
{
  Probe *p;

  g_setenv ("NM_IPSEC_KEY_STORE", "/nonexistent", TRUE);
  p = probe_start (helper);
  probe_expect_failed (load_store (p, "nss:x", "", "", "", ""), CHANNEL_ERROR_NOT_FOUND, "/nonexistent");
  probe_stop (p);
}

/* No certificate and no key: nothing is parsed, and the process for keys is never started. */
static void
test_only_cas (void)
{
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) one = load (p, NULL, NULL, "bundle.pem", NULL), system = load (p, NULL, NULL, "system", NULL);
  Items items = { 0 };
  struct stat st;

  g_assert_cmpint (one->type, ==, CHANNEL_LOADED);
  g_assert_cmpuint (one->loaded.key, ==, 0);
  g_assert_true (channel_items_read (one->fd, count_item, &items));
  g_assert_cmpuint (items.certificates, ==, 0);
  g_assert_cmpuint (items.ca_files, ==, 1);
  if (stat ("/etc/ssl/certs/ca-certificates.crt", &st) == 0)
    {
      g_assert_cmpint (system->type, ==, CHANNEL_LOADED);
      g_assert_true (channel_items_read (system->fd, count_item, &items));
      g_assert_cmpuint (items.ca_octets, >, st.st_size);
    }
  probe_stop (p);
}

static void
expect_error (Probe *p, const char *certificate, const char *key, const char *ca, const char *password,
              ChannelError code)
{
  g_autoptr (ChannelMsg) answer = load (p, certificate, key, ca, password);

  g_assert_cmpint (answer->type, ==, CHANNEL_FAILED);
  g_test_message ("%s", answer->failed.text);
  g_assert_cmpint (answer->failed.code, ==, code);
  g_assert_cmpuint (strlen (answer->failed.text), >, 10);
}

static void
test_errors (void)
{
  Probe *p = probe_start (helper);

  expect_error (p, "/no/such/file.pem", "rsa.key", NULL, NULL, CHANNEL_ERROR_NOT_FOUND);
  expect_error (p, "rsa.pem", "/no/such/file.key", NULL, NULL, CHANNEL_ERROR_NOT_FOUND);
  expect_error (p, "rsa.pem", "rsa.key", "/no/such/ca.pem", NULL, CHANNEL_ERROR_NOT_FOUND);
  expect_error (p, "rsa.pem", "/dev/zero", NULL, NULL, CHANNEL_ERROR_BAD_FILE);
  expect_error (p, "/etc/passwd", NULL, NULL, NULL, CHANNEL_ERROR_BAD_FILE);
  expect_error (p, "rsa.pem", "/etc/passwd", NULL, NULL, CHANNEL_ERROR_BAD_FILE);
  expect_error (p, "rsa.pem", "p256.key", NULL, NULL, CHANNEL_ERROR_MISMATCH);
  expect_error (p, "modern.p12", NULL, NULL, NULL, CHANNEL_ERROR_NEED_PASSWORD);
  expect_error (p, "modern.p12", NULL, NULL, "wrong", CHANNEL_ERROR_BAD_PASSWORD);
  probe_stop (p);
}

static void
test_wrong_signatures (void)
{
  Probe *p = probe_start (helper);
  const IkeSigScheme *rsa = scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, TRUE, IKE_KEY_RSA);
  const IkeSigScheme *ec = scheme_named (IKE_AUTH_METHOD_ECDSA_256, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256);
  g_autoptr (ChannelMsg) none = sign (p, 1, rsa, "x"), loaded = load (p, "p256.pem", "p256.key", NULL, NULL);
  g_autoptr (ChannelMsg) type = NULL, number = NULL, zero = NULL;
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);
  g_autoptr (ChannelMsg) after = NULL;

  g_assert_cmpint (none->type, ==, CHANNEL_FAILED);
  g_assert_cmpint (none->failed.code, ==, CHANNEL_ERROR_INVALID);
  g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
  type = sign (p, loaded->loaded.key, rsa, "x");
  g_assert_cmpint (type->failed.code, ==, CHANNEL_ERROR_SIGN);
  number = sign (p, loaded->loaded.key + 1, ec, "x");
  g_assert_cmpint (number->failed.code, ==, CHANNEL_ERROR_INVALID);
  zero = sign (p, 0, ec, "x");
  g_assert_cmpint (zero->failed.code, ==, CHANNEL_ERROR_INVALID);
  probe_do (p, &end);
  after = sign (p, loaded->loaded.key, ec, "x");
  g_assert_cmpint (after->failed.code, ==, CHANNEL_ERROR_INVALID);
  probe_stop (p);
}

/* A server's clients come all at once: however many signatures the child is behind with, each is made. */
static void
test_many (void)
{
  Probe *p = probe_start (helper);
  const IkeSigScheme *scheme = scheme_named (IKE_AUTH_METHOD_SIGNATURE, IKE_HASH_SHA2_256, FALSE, IKE_KEY_P256);
  g_autoptr (ChannelMsg) loaded = load (p, "p256.pem", "p256.key", NULL, NULL), named = NULL;
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SIGN), resolve = PROBE_REQUEST (CHANNEL_RESOLVE);
  guint8 octets[1300] = { 0 };
  guint32 first = p->serial + 1;
  pid_t child = 0;

  g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
  g_assert_cmpuint (probe_children (p, "nm-ipsec-keys", &child), ==, 1);
  kill (child, SIGSTOP);
  r.sign.key = loaded->loaded.key;
  r.sign.method = (guint8) scheme->method;
  r.sign.hash = (guint8) scheme->hash;
  r.sign.octets = (ChannelBlob){ octets, sizeof octets };
  for (guint i = 0; i < 400; i++)
    probe_ask (p, &r);
  /* others do not wait for that */
  resolve.resolve.host = "192.0.2.1";
  named = probe_call (p, &resolve);
  g_assert_cmpint (named->type, ==, CHANNEL_RESOLVED);
  kill (child, SIGCONT);
  for (guint i = 0; i < 400; i++)
    {
      g_autoptr (ChannelMsg) answer = probe_event (p, 10000);

      g_assert_nonnull (answer);
      if (answer->type == CHANNEL_FAILED)
        g_error ("%u: %s", i, answer->failed.text);
      g_assert_cmpint (answer->type, ==, CHANNEL_SIGNED);
      g_assert_cmpuint (answer->serial, ==, first + i);
    }
  probe_stop (p);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  helper = argv[1];
  if (!nss_start (&error))
    g_error ("%s", error->message);
  g_test_add_func ("/helper/keys/keys", test_keys);
  g_test_add_func ("/helper/keys/data", test_data);
  g_test_add_func ("/helper/keys/store", test_store);
  g_test_add_func ("/helper/keys/store-locked", test_store_locked);
  g_test_add_func ("/helper/keys/store-absent", test_store_absent);
  g_test_add_func ("/helper/keys/only-cas", test_only_cas);
  g_test_add_func ("/helper/keys/errors", test_errors);
  g_test_add_func ("/helper/keys/wrong-signatures", test_wrong_signatures);
  g_test_add_func ("/helper/keys/many", test_many);
  return g_test_run ();
}
