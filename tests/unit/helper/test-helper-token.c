/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates and keys on tokens (SoftHSM), through the real helper: what is found by which URI, signatures that verify,
 * and each way to fail with its own code. The fixtures are those of the certificate tests ($CERT_FIXTURES).
 */
#include "tls-session.h"

#include "nss-crypto.h"
#include "nss-sign.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TOKEN "pkcs11:token=IPsec%20Lab"

static const char *helper, *token_put;
static char *dir;

typedef struct {
  guint certificates, cas;
  GBytes *first;
} Items;

static void
count_item (ChannelItem item, const guint8 *octets, gsize len, gpointer data)
{
  Items *items = data;

  if (item == CHANNEL_ITEM_CERTIFICATE && items->certificates++ == 0)
    items->first = g_bytes_new (octets, len);
  items->cas += item == CHANNEL_ITEM_CA;
}

/* ---- the tokens ---- */

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said,
                &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("%s: %s", argv[0], said);
}

static char *
fixture (const char *name)
{
  return g_build_filename (g_getenv ("CERT_FIXTURES"), name, NULL);
}

static void
put_key (const char *token, const char *id, const char *label, const char *name)
{
  g_autofree char *path = fixture (name), *pkcs8 = g_build_filename (dir, label, NULL);

  run ((const char *const[]){ "openssl", "pkcs8", "-topk8", "-nocrypt", "-in", path, "-out", pkcs8, NULL });
  run ((const char *const[]){ "softhsm2-util", "--import", pkcs8, "--token", token, "--pin", "1234", "--id", id,
                              "--label", label, NULL });
}

static void
put_certificate (const char *token, const char *id, const char *label, const char *name)
{
  g_autofree char *path = fixture (name);

  run ((const char *const[]){ token_put, token, "1234", id, label, path, NULL });
}

static void
make_token (const char *label)
{
  run ((const char *const[]){ "softhsm2-util", "--init-token", "--free", "--label", label, "--pin", "1234", "--so-pin",
                              "5678", NULL });
}

/* FALSE: this machine has no SoftHSM. */
static gboolean
make_tokens (void)
{
  g_autofree char *conf = NULL, *text = NULL, *tool = g_find_program_in_path ("softhsm2-util");

  if (tool == NULL)
    return FALSE;
  dir = g_dir_make_tmp ("nm-ipsec-token-XXXXXX", NULL);
  conf = g_build_filename (dir, "softhsm2.conf", NULL);
  text = g_strdup_printf ("directories.tokendir = %s\nobjectstore.backend = file\n", dir);
  g_assert_true (g_file_set_contents (conf, text, -1, NULL));
  g_setenv ("SOFTHSM2_CONF", conf, TRUE);
  make_token ("IPsec Lab");
  put_key ("IPsec Lab", "01", "rsa", "rsa.key");
  put_certificate ("IPsec Lab", "01", "rsa", "rsa.pem");
  put_key ("IPsec Lab", "02", "ec", "p256.key");
  put_certificate ("IPsec Lab", "02", "ec", "p256.pem");
  put_certificate ("IPsec Lab", "09", "root", "root.pem");
  put_certificate ("IPsec Lab", "07", "stray", "p384.pem");
  make_token ("Other");
  put_key ("Other", "02", "ec", "p256.key");
  put_certificate ("Other", "02", "ec", "p256.pem");
  return TRUE;
}

static void
remove_tokens (void)
{
  run ((const char *const[]){ "rm", "-rf", dir, NULL });
  g_clear_pointer (&dir, g_free);
}

/* ---- requests ---- */

static ChannelMsg *
load_with (Probe *p, const char *certificate, const char *key, const char *ca, const char *pin, gboolean typed)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS);
  g_autofree char *file = *certificate && !strchr (certificate, ':') ? fixture (certificate) : NULL;

  r.credentials.certificate = file ? file : certificate;
  r.credentials.private_key = key;
  r.credentials.ca = ca;
  r.credentials.pin = (ChannelBlob){ (const guint8 *) pin, strlen (pin) };
  r.credentials.pin_typed = typed != FALSE;
  return probe_call (p, &r);
}

static ChannelMsg *
load (Probe *p, const char *certificate, const char *key, const char *ca, const char *pin)
{
  return load_with (p, certificate, key, ca, pin, TRUE);
}

/* What is signed verifies with the certificate that was given; the first scheme that the key may use. */
static void
expect_signature (Probe *p, const ChannelMsg *loaded, GBytes *certificate, gboolean pss)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SIGN);
  g_autoptr (GBytes) octets = g_bytes_new_static ("to be signed", 12), signature = NULL, public_key = NULL;
  g_autoptr (ChannelMsg) answer = NULL;
  g_autoptr (NssCert) cert = nss_cert_new (certificate, NULL);
  const IkeSigScheme *s;

  for (guint i = 0; (s = ike_sig_scheme_at (i)); i++)
    if (s->method == IKE_AUTH_METHOD_SIGNATURE && s->hash == IKE_HASH_SHA2_256 && !s->pss == !pss &&
        s->keys & 1u << loaded->loaded.key_type)
      break;
  g_assert_nonnull (s);
  r.sign.key = loaded->loaded.key;
  r.sign.method = (guint8) s->method;
  r.sign.hash = (guint8) s->hash;
  r.sign.pss = s->pss != FALSE;
  r.sign.octets = (ChannelBlob){ (const guint8 *) "to be signed", 12 };
  answer = probe_call (p, &r);
  if (answer->type != CHANNEL_SIGNED)
    g_error ("%s: %s", s->name, answer->failed.text);
  signature = g_bytes_new (answer->signature.signature.data, answer->signature.signature.len);
  public_key = nss_cert_public_key (cert);
  g_assert_true (nss_verify (public_key, s, octets, signature));
}

static void
expect_loaded (Probe *p, const char *certificate, const char *key, IkeKeyType type)
{
  g_autoptr (ChannelMsg) answer = load (p, certificate, key, "", "1234");
  Items items = { 0 };

  if (answer->type != CHANNEL_LOADED)
    g_error ("%s: %s", certificate, answer->failed.text);
  g_assert_true (channel_items_read (answer->fd, count_item, &items));
  g_assert_cmpuint (items.certificates, >=, 1);
  g_assert_cmpuint (answer->loaded.key, !=, 0);
  if (type != IKE_KEY_NONE)
    g_assert_cmpuint (answer->loaded.key_type, ==, type);
  expect_signature (p, answer, items.first, FALSE);
  if (type == IKE_KEY_RSA && answer->loaded.pss)
    expect_signature (p, answer, items.first, TRUE);
  g_bytes_unref (items.first);
}

/* ---- tests ---- */

static void
test_keys (void)
{
  Probe *p = probe_start (helper);

  expect_loaded (p, TOKEN ";object=rsa", "", IKE_KEY_RSA);
  expect_loaded (p, TOKEN ";id=%02", "", IKE_KEY_P256);
  expect_loaded (p, TOKEN ";id=%02;type=cert", "", IKE_KEY_P256);
  expect_loaded (p, TOKEN ";model=SoftHSM%20v2;manufacturer=SoftHSM%20project;object=ec", "", IKE_KEY_P256);
  expect_loaded (p, TOKEN ";object=rsa", TOKEN ";object=rsa;type=private", IKE_KEY_RSA);
  expect_loaded (p, "rsa.pem", TOKEN ";id=%01", IKE_KEY_RSA);
  expect_loaded (p, TOKEN, "", IKE_KEY_NONE); /* whichever has a key */
  probe_stop (p);
}

static void
test_anchors (void)
{
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) one = load (p, "", "", TOKEN ";object=root", ""), all = load (p, "", "", TOKEN, "");
  Items items = { 0 };

  g_assert_cmpint (one->type, ==, CHANNEL_LOADED);
  g_assert_cmpuint (one->loaded.key, ==, 0);
  g_assert_true (channel_items_read (one->fd, count_item, &items));
  g_assert_cmpuint (items.cas, ==, 1);
  g_assert_true (channel_items_read (all->fd, count_item, &items));
  g_assert_cmpuint (items.cas, ==, 1 + 4);
  g_assert_cmpuint (items.certificates, ==, 0);
  probe_expect_failed (load (p, "", "", TOKEN ";object=none", ""), CHANNEL_ERROR_NO_OBJECT, "none");
  probe_stop (p);
}

static void
test_names (void)
{
  Probe *p = probe_start (helper);

  probe_expect_failed (load (p, "pkcs11:token=Lost", "", "", "1234"), CHANNEL_ERROR_NO_TOKEN, "Lost");
  probe_expect_failed (load (p, TOKEN ";serial=0", "", "", "1234"), CHANNEL_ERROR_NO_TOKEN, "serial=0");
  probe_expect_failed (load (p, TOKEN ";object=none", "", "", "1234"), CHANNEL_ERROR_NO_OBJECT, "certificate");
  probe_expect_failed (load (p, TOKEN ";object=rsa;type=private", "", "", "1234"), CHANNEL_ERROR_NO_OBJECT,
                       "certificate");
  probe_expect_failed (load (p, TOKEN ";object=stray", "", "", "1234"), CHANNEL_ERROR_NO_OBJECT, "private key");
  probe_expect_failed (load (p, "rsa.pem", TOKEN ";object=none", "", "1234"), CHANNEL_ERROR_NO_OBJECT, "private key");
  probe_expect_failed (load (p, "pkcs11:object=ec", "", "", "1234"), CHANNEL_ERROR_NO_OBJECT, "several");
  probe_expect_failed (load (p, "pkcs11:token=%zz", "", "", "1234"), CHANNEL_ERROR_BAD_FILE, "URI");
  probe_expect_failed (load (p, TOKEN "?pin-value=1234", "", "", ""), CHANNEL_ERROR_BAD_FILE, "URI");
  probe_expect_failed (load (p, "rsa.pem", TOKEN ";object=ec", "", "1234"), CHANNEL_ERROR_MISMATCH, "not that of");
  probe_expect_failed (load (p, TOKEN ";object=rsa", TOKEN ";object=ec", "", "1234"), CHANNEL_ERROR_MISMATCH,
                       "not that of");
  probe_expect_failed (load (p, TOKEN ";object=rsa", "/etc/passwd", "", "1234"), CHANNEL_ERROR_BAD_FILE, "on a token");
  probe_stop (p);
}

/* The PIN is said once; the right one after it opens the token. */
static void
test_pin (void)
{
  Probe *p = probe_start (helper);

  probe_expect_failed (load (p, TOKEN ";object=rsa", "", "", ""), CHANNEL_ERROR_NEED_PIN, "IPsec Lab");
  probe_expect_failed (load (p, TOKEN ";object=rsa", "", "", "4321"), CHANNEL_ERROR_BAD_PIN, "has refused it");
  probe_expect_failed (load (p, TOKEN ";object=rsa", "", "", "4321"), CHANNEL_ERROR_BAD_PIN, "refused before");
  probe_expect_failed (load (p, TOKEN ";object=rsa", "", "", "1"), CHANNEL_ERROR_BAD_PIN, "IPsec Lab");
  expect_loaded (p, TOKEN ";object=rsa", "", IKE_KEY_RSA);
  probe_stop (p);
}

static void
expect_kept (const char *pin, ChannelError code, const char *text)
{
  Probe *p = probe_start (helper);

  probe_expect_failed (load_with (p, TOKEN ";object=rsa", "", "", pin, FALSE), code, text);
  probe_stop (p);
}

/* One that is kept is wrong at every start: it is said once, and then no other that is kept, until somebody has typed it. */
static void
test_pin_kept (void)
{
  Probe *p;
  g_autoptr (ChannelMsg) kept = NULL;

  expect_kept ("4321", CHANNEL_ERROR_BAD_PIN, "has refused it");
  expect_kept ("4321", CHANNEL_ERROR_BAD_PIN, "is not tried");
  expect_kept ("1234", CHANNEL_ERROR_BAD_PIN, "is not tried");
  p = probe_start (helper);
  expect_loaded (p, TOKEN ";object=rsa", "", IKE_KEY_RSA);
  probe_stop (p);
  p = probe_start (helper);
  kept = load_with (p, TOKEN ";object=rsa", "", "", "1234", FALSE);
  g_assert_cmpint (kept->type, ==, CHANNEL_LOADED);
  probe_stop (p);
}

static void
test_user (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS);

  expect_loaded (p, TOKEN ";object=rsa", "", IKE_KEY_RSA);
  r.credentials.certificate = TOKEN ";object=rsa";
  r.credentials.user = "nobody";
  probe_expect_failed (probe_call (p, &r), CHANNEL_ERROR_INVALID, "another user");
  probe_stop (p);
}

/* The process of this name that the helper has started; 0: there is none. */
static pid_t
child_named (const Probe *p, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", (int) p->pid, (int) p->pid), *pids = NULL;
  g_auto (GStrv) list = NULL;

  g_assert_true (g_file_get_contents (path, &pids, NULL, NULL));
  list = g_strsplit (g_strstrip (pids), " ", -1);
  for (guint i = 0; list[i]; i++)
    {
      g_autofree char *comm = g_strdup_printf ("/proc/%s/comm", list[i]), *text = NULL;

      if (g_file_get_contents (comm, &text, NULL, NULL) && g_str_equal (g_strstrip (text), name))
        return (pid_t) g_ascii_strtoll (list[i], NULL, 10);
    }
  return 0;
}

#define MAX_MAPPING (1u << 30) /* what is larger is AddressSanitizer's own */

/* How often @what is in its memory. */
static guint
memory_count (pid_t pid, const char *what)
{
  g_autofree char *maps = g_strdup_printf ("/proc/%d/maps", (int) pid),
                  *mem = g_strdup_printf ("/proc/%d/mem", (int) pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize len = strlen (what), read_all = 0;
  guint n = 0;
  int fd = open (mem, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (g_file_get_contents (maps, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      char *end = NULL, *rest = NULL;
      guint64 from = g_ascii_strtoull (lines[i], &end, 16), to = *end ? g_ascii_strtoull (end + 1, &rest, 16) : 0;
      g_autofree guint8 *octets = NULL;
      gssize got;

      if (!rest || !g_str_has_prefix (rest, " rw") || to - from > MAX_MAPPING)
        continue;
      octets = g_malloc (to - from);
      got = pread (fd, octets, to - from, (off_t) from);
      for (const guint8 *at = octets; got > 0 && (at = memmem (at, (gsize) (octets + got - at), what, len)); at++)
        n++;
      read_all += got > 0 ? (gsize) got : 0;
    }
  close (fd);
  g_assert_cmpuint (read_all, >, 65536);
  return n;
}

/* A certificate in a file and its key on a token: the second process is forked while the passwords are known. */
static void
test_passwords (void)
{
  static const char password[] = "a file's pass word", pin[] = "1234";
  g_autofree char *certificate = fixture ("rsa.pem");
  Probe *p = probe_start (helper);
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS), sign = PROBE_REQUEST (CHANNEL_SIGN);
  g_autoptr (ChannelMsg) loaded = NULL, next = NULL;
  pid_t child;

  r.credentials.certificate = certificate;
  r.credentials.private_key = TOKEN ";object=rsa";
  r.credentials.pin = (ChannelBlob){ (const guint8 *) pin, strlen (pin) };
  r.credentials.has_password = 1;
  r.credentials.password = (ChannelBlob){ (const guint8 *) password, strlen (password) };
  loaded = probe_call (p, &r);
  g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
  /* it forgets what it was asked after it has answered: then it reads the next request */
  sign.sign.key = loaded->loaded.key;
  next = probe_call (p, &sign);
  g_assert_cmpint (next->type, ==, CHANNEL_FAILED);
  child = child_named (p, "nm-ipsec-token");
  g_assert_cmpint (child, >, 0);
  if (getuid () != 0)
    g_test_skip ("the memory of others is root's to read");
  else
    {
      g_assert_cmpuint (memory_count (child, password), ==, 0);
      g_assert_cmpuint (memory_count (p->pid, password), ==, 0);
    }
  probe_stop (p);
}

/* EAP-TLS: the TLS client knows the certificate, and the token's own process signs; of another key there is nothing. */
static void
test_tls (void)
{
  static const char *const names[][2] = { { TOKEN ";object=rsa", "" }, { "p256.pem", TOKEN ";object=ec" } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Probe *p = probe_start (helper);
      g_autoptr (ChannelMsg) loaded = load (p, names[i][0], names[i][1], "", "1234"), cas = NULL;
      g_autofree char *file = fixture ("root.pem");

      g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
      probe_expect_failed (tls_session_ask (p, CHANNEL_TLS_OPEN, loaded->loaded.key + 1, NULL, NULL),
                           CHANNEL_ERROR_INVALID, "No private key");
      tls_session_run (p, 2, loaded->loaded.key);
      tls_session_run (p, 3, loaded->loaded.key);
      probe_stop (p);
      /* the server's CAs are loaded after it, by themselves, from there or from a file */
      p = probe_start (helper);
      g_clear_pointer (&loaded, channel_msg_free);
      loaded = load (p, names[i][0], names[i][1], "", "1234");
      g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
      cas = load (p, "", "", i == 0 ? TOKEN ";object=root" : file, "");
      if (cas->type == CHANNEL_FAILED)
        g_error ("%s", cas->failed.text);
      tls_session_run (p, 3, loaded->loaded.key);
      probe_stop (p);
    }
}

/* A digest is signed for the TLS client, and for nobody who merely asks for it. */
static void
test_digest (void)
{
  static const guint8 digest[32] = { 1 };
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) loaded = load (p, TOKEN ";object=rsa", "", "", "1234");
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SIGN);

  g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
  r.sign.key = loaded->loaded.key;
  r.sign.method = IKE_AUTH_METHOD_SIGNATURE;
  r.sign.hash = IKE_HASH_SHA2_256;
  r.sign.digest = 1;
  r.sign.octets = (ChannelBlob){ digest, sizeof digest };
  probe_expect_failed (probe_call (p, &r), CHANNEL_ERROR_INVALID, "for TLS only");
  probe_stop (p);
}

/* The card is pulled after it was read: the next signature says so, and nothing hangs. */
static void
test_removed (void)
{
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) loaded = load (p, TOKEN ";object=rsa", "", "", "1234");
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SIGN);

  g_assert_cmpint (loaded->type, ==, CHANNEL_LOADED);
  remove_tokens ();
  r.sign.key = loaded->loaded.key;
  r.sign.method = IKE_AUTH_METHOD_SIGNATURE;
  r.sign.hash = IKE_HASH_SHA2_256;
  r.sign.octets = (ChannelBlob){ (const guint8 *) "x", 1 };
  probe_expect_failed (probe_call (p, &r), CHANNEL_ERROR_SIGN, "removed");
  probe_stop (p);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  helper = argv[1];
  token_put = argv[2];
  if (!nss_start (&error))
    g_error ("%s", error->message);
  if (!make_tokens ())
    return 77;
  g_test_add_func ("/helper/token/keys", test_keys);
  g_test_add_func ("/helper/token/passwords", test_passwords);
  g_test_add_func ("/helper/token/anchors", test_anchors);
  g_test_add_func ("/helper/token/names", test_names);
  g_test_add_func ("/helper/token/pin", test_pin);
  g_test_add_func ("/helper/token/pin-kept", test_pin_kept);
  g_test_add_func ("/helper/token/user", test_user);
  g_test_add_func ("/helper/token/tls", test_tls);
  g_test_add_func ("/helper/token/digest", test_digest);
  g_test_add_func ("/helper/token/removed", test_removed);
  return g_test_run ();
}
