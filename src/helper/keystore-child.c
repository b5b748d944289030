/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call after the other. Each opens the database and closes it again, so that a new one, or another password, is seen.
 * What may be called stands in one table.
 */
#include "keystore-child.h"

#include "nss-crypto.h"
#include "nss-pem.h"
#include "nss-raw-key.h"
#include "nss-report.h"
#include "nss-said.h"
#include "nss-store.h"

#include "files.h"
#include "keystore-directory.h"
#include "keystore.h"
#include "privileges.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MS 10000 /* a writer that says nothing for so long has no more to say */

typedef struct {
  const char *method;
  GVariant *parameters;
  int fds[KEYSTORE_MAX_FDS];
  guint n_fds;
} Call;

typedef enum { STORE_NONE, STORE_READ, STORE_WRITE } StoreUse;

typedef struct {
  const char *method, *parameters; /* the type */
  guint fds;
  StoreUse use;
  /* floating; NULL: error */
  GVariant *(*run) (const Call *call, GError **error);
} Row;

/* ---- memory files ---- */

int
keystore_variant_write (GVariant *value)
{
  return files_keep (g_variant_get_data (value), g_variant_get_size (value));
}

static gpointer
read_all (int fd, gsize len)
{
  guint8 *data = g_malloc (len + 1);
  gsize done = 0;

  while (done < len)
    {
      gssize n = pread (fd, data + done, len - done, (off_t) done);

      if (n <= 0)
        {
          g_free (data);
          return NULL;
        }
      done += (gsize) n;
    }
  return data;
}

GVariant *
keystore_variant_read (int fd, const GVariantType *type)
{
  struct stat st;
  gpointer data;
  g_autoptr (GVariant) value = NULL;

  if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || st.st_size > CHANNEL_MAX_FILE)
    return NULL;
  data = read_all (fd, (gsize) st.st_size);
  if (!data)
    return NULL;
  value = g_variant_ref_sink (g_variant_new_from_data (type, data, (gsize) st.st_size, FALSE, g_free, data));
  return g_variant_is_normal_form (value) ? g_steal_pointer (&value) : NULL;
}

/* ---- what callers bring ---- */

/* A file, a pipe, a memory file: to its end, which must come in time. */
static IkeSecret *
fd_read (int fd, gsize max, gboolean is_password, GError **error)
{
  g_autoptr (IkeSecret) buffer = ike_secret_new (max + 1);
  gsize len = 0;
  gssize n = 1;

  while (n != 0 && len <= max)
    {
      struct pollfd ready = { .fd = fd, .events = POLLIN };

      n = poll (&ready, 1, READ_MS) == 1 ? read (fd, ike_secret_data (buffer) + len, max + 1 - len) : -1;
      if (n < 0)
        break;
      len += (gsize) n;
    }
  if (n == 0 && len <= max)
    return ike_secret_slice (buffer, 0, len);
  g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_FILE,
                       is_password ? n < 0 ? N_ ("The password cannot be read.") : N_ ("The password is too long.")
                       : n < 0 ? N_ ("The file cannot be read.")
                                   : N_ ("The file is too long."));
  return NULL;
}

static IkeSecret *
password_read (const Call *call, guint index, GError **error)
{
  return fd_read (call->fds[index], NSS_STORE_MAX_PASSWORD, TRUE, error);
}

/* ---- lists ---- */

static void
put (GVariantBuilder *builder, const char *name, GVariant *value)
{
  g_variant_builder_add (builder, "{sv}", name, value);
}

static void
put_text (GVariantBuilder *builder, const char *name, const char *text)
{
  put (builder, name, g_variant_new_string (text ? text : ""));
}

static GVariant *
certificate_entry (const NssStoreCert *entry)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *subject = nss_cert_subject (entry->cert), *issuer = nss_cert_issuer (entry->cert);
  g_autoptr (GBytes) public_key = nss_cert_public_key (entry->cert);
  g_autofree char *key = nss_raw_key_describe (public_key);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, nss_cert_der (entry->cert));

  put_text (&builder, "nickname", entry->nickname);
  put_text (&builder, "subject", subject);
  put_text (&builder, "issuer", issuer);
  put (&builder, "not-before", g_variant_new_int64 (nss_cert_not_before (entry->cert)));
  put (&builder, "not-after", g_variant_new_int64 (nss_cert_not_after (entry->cert)));
  put_text (&builder, "key", key);
  put_text (&builder, "ckaid", entry->ckaid);
  put (&builder, "private-key", g_variant_new_boolean (entry->has_key));
  put (&builder, "ca", g_variant_new_boolean (nss_cert_is_ca (entry->cert)));
  put (&builder, "trusted", g_variant_new_boolean (entry->trusted));
  put_text (&builder, "sha256", sha256);
  return g_variant_builder_end (&builder);
}

static GVariant *
list_certificates (const Call *call, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GPtrArray) entries = nss_store_certificates ();

  for (guint i = 0; i < entries->len; i++)
    g_variant_builder_add_value (&builder, certificate_entry (entries->pdata[i]));
  return g_variant_new ("(aa{sv})", &builder);
}

static GVariant *
get_certificate (const Call *call, GError **error)
{
  g_autoptr (GPtrArray) entries = nss_store_certificates ();
  const char *nickname;

  g_variant_get (call->parameters, "(&s)", &nickname);
  for (guint i = 0; i < entries->len; i++)
    {
      const NssStoreCert *entry = entries->pdata[i];

      if (strcmp (entry->nickname, nickname) == 0)
        {
          g_autofree char *pem = nss_pem_write ("CERTIFICATE", nss_cert_der (entry->cert));

          return g_variant_new ("(s)", pem);
        }
    }
  g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_NOT_FOUND, NSS_SAID_NO_CERTIFICATE, nickname);
  return NULL;
}

static GVariant *
list_keys (const Call *call, GError **error)
{
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GPtrArray) keys = nss_store_keys (error);

  for (guint i = 0; keys && i < keys->len; i++)
    {
      const NssStoreKey *key = keys->pdata[i];
      g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
      g_autofree char *kind = nss_raw_key_describe (key->public_key), *text = nss_raw_key_to_text (key->public_key);
      g_autofree char *pem = nss_raw_key_to_pem (key->public_key);

      put_text (&builder, "ckaid", key->ckaid);
      put_text (&builder, "key", kind);
      put_text (&builder, "nickname", key->nickname);
      put_text (&builder, "word", nss_raw_key_word (key->public_key));
      put_text (&builder, "public", text);
      put_text (&builder, "pem", pem);
      g_variant_builder_add_value (&list, g_variant_builder_end (&builder));
    }
  return keys ? g_variant_new ("(aa{sv})", &list) : NULL;
}

static GVariant *
get_database (const Call *call, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *file = g_build_filename (keystore_directory (), NSS_STORE_PASSWORD_FILE, NULL);
  gboolean exists = nss_store_open (keystore_directory (), FALSE, NULL, NULL);

  put_text (&builder, "database", keystore_directory ());
  put (&builder, "exists", g_variant_new_boolean (exists));
  put (&builder, "password", g_variant_new_boolean (exists && nss_store_has_password ()));
  put (&builder, "password-file", g_variant_new_boolean (access (file, R_OK) == 0));
  put (&builder, "unlocked", g_variant_new_boolean (exists && nss_store_login (NULL)));
  return g_variant_new ("(a{sv})", &builder);
}

/* ---- health ---- */

static GVariant *
get_fips (const Call *call, GError **error)
{
  return g_variant_new ("(@a{sv})", nss_report_fips ());
}

static GVariant *
list_algorithms (const Call *call, GError **error)
{
  GVariant *list = nss_report_algorithms (error);

  return list ? g_variant_new ("(@aa{sv})", list) : NULL;
}

static GVariant *
self_test (const Call *call, GError **error)
{
  return nss_report_selftest (error);
}

/* ---- changes ---- */

static GVariant *
generate_key (const Call *call, GError **error)
{
  const char *kind;
  guint32 bits;
  g_autoptr (GBytes) public_key = NULL;
  g_autofree char *ckaid = NULL;

  g_variant_get (call->parameters, "(&su)", &kind, &bits);
  public_key = nss_store_generate (kind, bits, error);
  ckaid = public_key ? nss_raw_key_ckaid (public_key) : NULL;
  return ckaid ? g_variant_new ("(s)", ckaid) : NULL;
}

static GVariant *
import (const Call *call, const IkeSecret *password, const char *name, gboolean trusted, GError **error)
{
  g_autoptr (IkeSecret) octets = fd_read (call->fds[0], NSS_CREDENTIAL_MAX_FILE, FALSE, error);
  g_autoptr (GBytes) bytes = octets ? g_bytes_new_static (ike_secret_data (octets), ike_secret_len (octets)) : NULL;
  const NssFile file = { "the file", bytes };
  g_autoptr (GPtrArray) nicknames =
      octets ? nss_store_import (&file, password, *name ? name : NULL, trusted, error) : NULL;

  return nicknames
             ? g_variant_new ("(@as)", g_variant_new_strv ((const char *const *) nicknames->pdata, nicknames->len))
             : NULL;
}

static GVariant *
import_pkcs12 (const Call *call, GError **error)
{
  g_autoptr (IkeSecret) password = password_read (call, 1, error);
  const char *name;

  g_variant_get (call->parameters, "(&s)", &name);
  /* what comes with our own certificate are our authorities */
  return password ? import (call, password, name, TRUE, error) : NULL;
}

static GVariant *
import_certificates (const Call *call, GError **error)
{
  const char *name;
  gboolean trusted;

  g_variant_get (call->parameters, "(&sb)", &name, &trusted);
  return import (call, NULL, name, trusted, error);
}

static GVariant *
set_trust (const Call *call, GError **error)
{
  const char *nickname;
  gboolean trusted;

  g_variant_get (call->parameters, "(&sb)", &nickname, &trusted);
  return nss_store_set_trust (nickname, trusted, error) ? g_variant_new ("()") : NULL;
}

static GVariant *delete (const Call *call, GError **error)
{
  const char *name;

  g_variant_get (call->parameters, "(&s)", &name);
  return nss_store_delete (name, error) ? g_variant_new ("()") : NULL;
}

static GVariant *
set_password (const Call *call, GError **error)
{
  g_autoptr (IkeSecret) old = password_read (call, 0, error);
  g_autoptr (IkeSecret) fresh = old ? password_read (call, 1, error) : NULL;
  gboolean store;

  g_variant_get (call->parameters, "(b)", &store);
  if (!fresh || !nss_store_set_password (old, fresh, error))
    return NULL;
  if (!nss_store_password_keep (store ? fresh : NULL, error))
    {
      (void) nss_store_set_password (fresh, old, NULL); /* as the file still says */
      return NULL;
    }
  return g_variant_new ("()");
}

static const Row rows[] = {
  { "ListCertificates", "()", 0, STORE_READ, list_certificates },
  { "GetCertificate", "(s)", 0, STORE_READ, get_certificate },
  { "ListKeys", "()", 0, STORE_READ, list_keys },
  { "GetDatabase", "()", 0, STORE_NONE, get_database },
  { "GetFips", "()", 0, STORE_NONE, get_fips },
  { "ListAlgorithms", "()", 0, STORE_NONE, list_algorithms },
  { "SelfTest", "()", 0, STORE_NONE, self_test },
  { "GenerateKey", "(su)", 0, STORE_WRITE, generate_key },
  { "ImportPkcs12", "(s)", 2, STORE_WRITE, import_pkcs12 },
  { "ImportCertificates", "(sb)", 1, STORE_WRITE, import_certificates },
  { "SetTrust", "(sb)", 0, STORE_WRITE, set_trust },
  { "Delete", "(s)", 0, STORE_WRITE, delete },
  { "SetPassword", "(b)", 2, STORE_WRITE, set_password },
};

/* ---- calls ---- */

static const Row *
row_find (const Call *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].method, call->method) == 0 &&
        g_variant_is_of_type (call->parameters, G_VARIANT_TYPE (rows[i].parameters)) && call->n_fds == rows[i].fds)
      return &rows[i];
  return NULL;
}

static GVariant *
call_run (const Row *row, const Call *call, GError **error)
{
  GVariant *result = NULL;

  if (row->use == STORE_WRITE && g_mkdir_with_parents (keystore_directory (), 0700) < 0)
    {
      g_set_error (error, NSS_STORE_ERROR, NSS_STORE_ERROR_FAILED, NSS_SAID_CANNOT_BE_MADE, keystore_directory (),
                   g_strerror (errno));
      return NULL;
    }
  if (row->use == STORE_NONE || nss_store_open (keystore_directory (), row->use == STORE_WRITE, NULL, error))
    result = row->run (call, error);
  (void) nss_stop ();
  (void) nss_store_close ();
  return result;
}

static void
answer (int fd, GVariant *floating, const GError *error)
{
  g_autoptr (GVariant) result = floating ? g_variant_ref_sink (g_variant_new_variant (floating)) : NULL;
  ChannelMsg msg = { .type = CHANNEL_READ, .fd = result ? keystore_variant_write (result) : -1 };

  if (msg.fd >= 0)
    {
      (void) channel_send (fd, &msg);
      close (msg.fd);
      return;
    }
  /* the numbers of both domains are the same where they meet; others are failures like any other */
  worker_fail (fd,
               error && (error->domain == NSS_STORE_ERROR || error->domain == NSS_CREDENTIAL_ERROR)
                   ? (ChannelError) error->code
                   : (ChannelError) NSS_STORE_ERROR_FAILED,
               0, "%s", error ? error->message : N_ ("The answer is too long."));
}

/* FALSE: the parent is gone, or says what it never says. */
static gboolean
receive (int fd, guint serial, int *ret_fd)
{
  g_autoptr (ChannelMsg) msg = NULL;

  if (channel_receive (fd, &msg) != 0 || msg->type != CHANNEL_READ || msg->serial != serial || msg->fd < 0)
    return FALSE;
  *ret_fd = g_steal_fd (&msg->fd);
  return TRUE;
}

static gboolean
serve_one (int fd)
{
  Call call = { .fds = { -1, -1 } };
  g_autoptr (GVariant) message = NULL, parameters = NULL;
  g_autoptr (GError) error = NULL;
  const Row *row;
  int memory = -1;
  gboolean ok = receive (fd, 0, &memory);

  if (ok)
    message = keystore_variant_read (memory, G_VARIANT_TYPE ("(suv)"));
  if (memory >= 0)
    close (memory);
  if (!message)
    return FALSE;
  g_variant_get (message, "(&suv)", &call.method, &call.n_fds, &parameters);
  call.parameters = parameters;
  if (call.n_fds > KEYSTORE_MAX_FDS)
    return FALSE;
  for (guint i = 0; ok && i < call.n_fds; i++)
    ok = receive (fd, i + 1, &call.fds[i]);
  row = row_find (&call);
  if (ok && row)
    {
      GVariant *result = call_run (row, &call, &error);

      answer (fd, result, error);
    }
  for (guint i = 0; i < KEYSTORE_MAX_FDS; i++)
    if (call.fds[i] >= 0)
      close (call.fds[i]);
  return ok && row;
}

void
keystore_child_main (int fd, gpointer data)
{
  if (!privileges_keep_none ())
    return;
  while (serve_one (fd))
    ;
}
