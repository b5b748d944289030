/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain loop that blocks: one request after the other. Three kinds: one parses files and has no privileges, one has the
 * key store open, one has loaded the code of tokens.
 */
#include "keys-child.h"

#include "keys-elsewhere.h"
#include "keys-tls.h"

#include "nss-credential.h"
#include "nss-crypto.h"
#include "nss-sign.h"
#include "nss-store.h"
#include "nss-token.h"

#include "keystore-directory.h"
#include "privileges.h"
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum { KIND_FILES, KIND_STORE, KIND_TOKEN } Kind;

typedef struct {
  int fd;
  Kind kind;
  int files[KEYS_ITEMS + 1]; /* by KEYS_*, -1: none */
  GPtrArray *keys; /* NssCredential with a key; the handle is the index + 1 */
  KeysTls tls;
  KeysElsewhere elsewhere;
} Child;

typedef struct {
  gsize len;
  guint8 octets[];
} Erased;

static void
erased_free (gpointer data)
{
  Erased *e = data;

  explicit_bzero (e, sizeof *e + e->len);
  g_free (e);
}

/* The whole of a memory file; its octets are erased with the GBytes. */
static GBytes *
file_bytes (int fd)
{
  struct stat st;
  Erased *e;
  gsize len = 0;

  if (fstat (fd, &st) < 0 || st.st_size <= 0 || st.st_size > CHANNEL_MAX_FILE)
    return NULL;
  e = g_malloc0 (sizeof *e + (gsize) st.st_size);
  e->len = (gsize) st.st_size;
  while (len < e->len)
    {
      gssize n = pread (fd, e->octets + len, e->len - len, (off_t) len);

      if (n <= 0)
        {
          erased_free (e);
          return NULL;
        }
      len += (gsize) n;
    }
  return g_bytes_new_with_free_func (e->octets, e->len, erased_free, e);
}

static void
forget_files (Child *child)
{
  for (gsize i = 0; i < G_N_ELEMENTS (child->files); i++)
    {
      if (child->files[i] >= 0)
        close (child->files[i]);
      child->files[i] = -1;
    }
}

/* ---- the key store ---- */

/* Once; what the password file says comes before what the user was asked for. */
static gboolean
store_open (const ChannelMsg *request, GError **error)
{
  g_autoptr (IkeSecret) password = NULL;

  /* a password that was wrong is not kept: the database is opened anew */
  if (nss_store_is_open () && nss_store_login (NULL))
    return TRUE;
  if (request->credentials.store_password.len > 0)
    password = ike_secret_new_from (request->credentials.store_password.data, request->credentials.store_password.len);
  if (nss_store_close ())
    return nss_store_open (keystore_directory (), FALSE, password, error);
  g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_FAILED, "The key store is in use with another password");
  return FALSE;
}

static gboolean
append_all (int items, ChannelItem item, GPtrArray *list, GError **error)
{
  for (guint i = 0; i < list->len; i++)
    {
      gsize len;
      const guint8 *der = g_bytes_get_data (g_ptr_array_index (list, i), &len);

      if (channel_items_append (items, item, der, len) != 0)
        {
          g_set_error_literal (error, NSS_STORE_ERROR, NSS_STORE_ERROR_BAD_FILE,
                               "The certificates cannot be passed on");
          return FALSE;
        }
    }
  return TRUE;
}

/* Whom to trust: certificates, or the public key of a CKAID. */
static gboolean
store_trust (int items, const char *name, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;
  GBytes *key;

  if (g_str_has_prefix (name, STORE_NICKNAME))
    {
      list = nss_store_anchors (name + strlen (STORE_NICKNAME), error);
      return list && append_all (items, CHANNEL_ITEM_CA, list, error);
    }
  key = nss_store_public_key (name + strlen (STORE_CKAID), error);
  if (!key)
    return FALSE;
  list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (list, key);
  return append_all (items, CHANNEL_ITEM_CA_FILE, list, error);
}

static NssCredential *
store_load (const Child *child, const ChannelMsg *request, GError **error)
{
  const ChannelCredentials *c = &request->credentials;
  g_autoptr (NssCredential) credential = NULL;

  if (!store_open (request, error))
    return NULL;
  if (keys_in_store (c->ca) && !store_trust (child->files[KEYS_ITEMS], c->ca, error))
    return NULL;
  if (g_str_has_prefix (c->certificate, STORE_NICKNAME))
    return nss_store_credential (c->certificate + strlen (STORE_NICKNAME), TRUE, error);
  credential = g_new0 (NssCredential, 1);
  if (!g_str_has_prefix (c->private_key, STORE_CKAID))
    return g_steal_pointer (&credential);
  credential->key = nss_store_key (c->private_key + strlen (STORE_CKAID), error);
  return credential->key ? g_steal_pointer (&credential) : NULL;
}

/* ---- tokens ---- */

static NssCredential *
token_load (const Child *child, const ChannelMsg *request, GError **error)
{
  const ChannelCredentials *c = &request->credentials;
  const char *certificate = keys_on_token (c->certificate) ? c->certificate : NULL;
  const char *key = keys_on_token (c->private_key) ? c->private_key : NULL;
  g_autoptr (IkeSecret) pin = NULL;
  g_autoptr (GPtrArray) anchors = NULL, foreign = NULL; /* our certificates, when they were in a file */

  if (!nss_token_start (error))
    return NULL;
  if (keys_on_token (c->ca))
    {
      anchors = nss_token_certificates (c->ca, error);
      if (!anchors || !append_all (child->files[KEYS_ITEMS], CHANNEL_ITEM_CA, anchors, error))
        return NULL;
    }
  if (!certificate && !key)
    return g_new0 (NssCredential, 1);
  if (!certificate && *c->certificate)
    foreign = keys_elsewhere_certificates (child->files[KEYS_ITEMS]);
  if (c->pin.len > 0)
    pin = ike_secret_new_from (c->pin.data, c->pin.len);
  return nss_token_credential (certificate, key, foreign && foreign->len > 0 ? foreign->pdata[0] : NULL, pin,
                               c->pin_typed, error);
}

/* ---- credentials ---- */

static const char *
shown_name (const char *name)
{
  return g_str_has_prefix (name, KEYS_DATA) ? KEYS_DATA : name;
}

static NssCredential *
load (const Child *child, const ChannelMsg *request, GError **error)
{
  int certificate_fd = child->files[KEYS_CERTIFICATE], key_fd = child->files[KEYS_PRIVATE_KEY];
  g_autoptr (GBytes) certificate_bytes = certificate_fd >= 0 ? file_bytes (certificate_fd) : NULL;
  g_autoptr (GBytes) key_bytes = key_fd >= 0 ? file_bytes (key_fd) : NULL;
  const NssFile certificate = { shown_name (request->credentials.certificate), certificate_bytes };
  const NssFile private_key = { shown_name (request->credentials.private_key), key_bytes };
  g_autoptr (IkeSecret) password = NULL;

  if (request->credentials.has_password)
    password = ike_secret_new_from (request->credentials.password.data, request->credentials.password.len);
  return nss_credential_load (certificate_bytes ? &certificate : NULL, key_bytes ? &private_key : NULL, password,
                              error);
}

/* What the helper's errors are numbered like. */
static ChannelError
code_of (const GError *error)
{
  gboolean known = error->domain == NSS_CREDENTIAL_ERROR || error->domain == NSS_TOKEN_ERROR ||
                   (error->domain == NSS_STORE_ERROR && error->code <= NSS_STORE_ERROR_MISMATCH);

  return known ? (ChannelError) error->code : CHANNEL_ERROR_BAD_FILE;
}

static NssCredential *
load_by_kind (const Child *child, const ChannelMsg *request, GError **error)
{
  switch (child->kind)
    {
    case KIND_FILES:
      return nss_start (error) ? load (child, request, error) : NULL;
    case KIND_STORE:
      return store_load (child, request, error);
    case KIND_TOKEN:
      return token_load (child, request, error);
    }
  g_assert_not_reached ();
}

static void
on_credentials (Child *child, const ChannelMsg *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NssCredential) credential = load_by_kind (child, request, &error);
  ChannelMsg answer = { .type = CHANNEL_LOADED, .fd = child->files[KEYS_ITEMS] };

  if (!credential)
    {
      worker_fail (child->fd, code_of (error), 0, "%s", error->message);
      return;
    }
  if (answer.fd < 0 ||
      (credential->certificates && !append_all (answer.fd, CHANNEL_ITEM_CERTIFICATE, credential->certificates, NULL)))
    {
      worker_fail (child->fd, CHANNEL_ERROR_BAD_FILE, 0, "The certificates cannot be passed on");
      return;
    }
  if (credential->key)
    {
      answer.loaded.key_type = (guint8) nss_key_type (credential->key);
      answer.loaded.key_bits = nss_key_bits (credential->key);
      answer.loaded.pss = nss_key_does_pss (credential->key) ? 1 : 0;
      g_ptr_array_add (child->keys, g_steal_pointer (&credential));
      answer.loaded.key = child->keys->len;
    }
  (void) channel_send (child->fd, &answer);
}

/* ---- signatures ---- */

/* The row that the service means, as far as this key can do it. */
static const IkeSigScheme *
find_scheme (const ChannelMsg *request, IkeKeyType type)
{
  const IkeSigScheme *s;

  for (guint i = 0; (s = ike_sig_scheme_at (i)); i++)
    if (s->method == (IkeAuthMethod) request->sign.method && s->hash == (IkeHashId) request->sign.hash &&
        !s->pss == !request->sign.pss && s->keys & (1u << type))
      return s;
  return NULL;
}

static void
on_sign (Child *child, const ChannelMsg *request)
{
  const NssKey *key;
  const IkeSigScheme *scheme;
  g_autoptr (GBytes) octets = NULL, signature = NULL;
  ChannelMsg answer = { .type = CHANNEL_SIGNED, .fd = -1 };
  IkeReason reason = { 0 };

  if (request->sign.key == 0 || request->sign.key > child->keys->len)
    {
      worker_fail (child->fd, CHANNEL_ERROR_INVALID, 0, "There is no key with this number");
      return;
    }
  key = ((const NssCredential *) g_ptr_array_index (child->keys, request->sign.key - 1))->key;
  scheme = find_scheme (request, nss_key_type (key));
  octets = g_bytes_new (request->sign.octets.data, request->sign.octets.len);
  if (request->sign.digest)
    signature = nss_sign_digest (key, (IkeHashId) request->sign.hash, request->sign.pss, request->sign.octets.data,
                                 request->sign.octets.len);
  else if (scheme)
    signature = nss_sign (key, scheme, octets, &reason);
  ike_reason_clear (&reason);
  if (!signature)
    {
      worker_fail (child->fd, CHANNEL_ERROR_SIGN, 0, "%s",
                   nss_key_is_on_token (key)
                       ? "The token with the private key was removed, or cannot sign in the way that the gateway wants"
                       : "The private key cannot sign in the way that the gateway wants");
      return;
    }
  answer.signature.signature.data = g_bytes_get_data (signature, &answer.signature.signature.len);
  (void) channel_send (child->fd, &answer);
}

static void
on_tls (Child *child, const ChannelMsg *request)
{
  const NssCredential *credential = NULL;
  gboolean elsewhere = request->tls.key == KEYS_ELSEWHERE && child->elsewhere.credential;

  if (child->kind != KIND_FILES || (request->tls.key > child->keys->len && !elsewhere))
    {
      if (child->elsewhere.error)
        worker_fail (child->fd, CHANNEL_ERROR_TLS, 0, "%s", child->elsewhere.error->message);
      else
        worker_fail (child->fd, CHANNEL_ERROR_INVALID, 0, "There is no key with this number");
      return;
    }
  if (elsewhere)
    credential = child->elsewhere.credential;
  else if (request->tls.key > 0)
    credential = g_ptr_array_index (child->keys, request->tls.key - 1);
  keys_tls_handle (&child->tls, child->fd, request, credential ? credential->key : NULL,
                   credential ? credential->certificates : NULL);
}

/* FALSE: the helper is gone, or says what it never says. */
static gboolean
handle (Child *child)
{
  g_autoptr (ChannelMsg) msg = g_queue_pop_head (&child->elsewhere.later);

  if (!msg && channel_receive (child->fd, &msg) != 0)
    return FALSE;
  if (msg->type == CHANNEL_READ && msg->serial >= KEYS_CERTIFICATE && msg->serial <= KEYS_ITEMS &&
      child->files[msg->serial] < 0)
    child->files[msg->serial] = g_steal_fd (&msg->fd);
  else if (msg->type == CHANNEL_CREDENTIALS)
    {
      on_credentials (child, msg);
      forget_files (child);
    }
  else if (msg->type == CHANNEL_LOADED && child->kind == KIND_FILES)
    {
      /* of the key that was there before TLS knows the address only */
      keys_tls_clear (&child->tls);
      keys_elsewhere_take (&child->elsewhere, child->fd, msg->fd, msg->loaded.pss);
    }
  else if (msg->type == CHANNEL_SIGN)
    on_sign (child, msg);
  else if (msg->type == CHANNEL_TLS)
    on_tls (child, msg);
  else
    return FALSE;
  return TRUE;
}

static void
run (int fd, Kind kind)
{
  Child child = { .fd = fd,
                  .kind = kind,
                  .files = { -1, -1, -1, -1 },
                  .keys = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_credential_free) };

  while (handle (&child))
    ;
  forget_files (&child);
  keys_tls_clear (&child.tls);
  keys_elsewhere_clear (&child.elsewhere);
  g_ptr_array_unref (child.keys);
}

__attribute__ ((visibility ("default"))) void
keys_child_main (int fd, gpointer data)
{
  if (privileges_become_nobody ())
    run (fd, KIND_FILES);
}

__attribute__ ((visibility ("default"))) void
keys_child_main_store (int fd, gpointer data)
{
  if (privileges_keep_none ())
    run (fd, KIND_STORE);
}

__attribute__ ((visibility ("default"))) void
keys_child_main_token (int fd, gpointer data)
{
  /* the system's modules, not those that a user has chosen: their code would run in a copy of the helper */
  if (g_setenv ("HOME", "/nonexistent", TRUE) && g_setenv ("XDG_CONFIG_HOME", "/nonexistent", TRUE) &&
      privileges_become_user (data))
    run (fd, KIND_TOKEN);
}
