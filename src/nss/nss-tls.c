/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An NSPR layer whose bottom is two buffers, and NSS's libssl on top of it.
 *
 * Invariants: nothing is said inside before the handshake is complete, which it is not before nss_tls_trust(); what was
 * received inside is erased when it has been handed over.
 */
#include "nss-tls.h"
#include "nss-cert-private.h"
#include "nss-crypto.h"
#include "nss-fips.h"
#include "nss-key-private.h"

#include <prerror.h>
#include <prio.h>
#include <secerr.h>
#include <ssl.h>
#include <sslerr.h>
#include <sslproto.h>

#include <string.h>

/* Suites below this are not offered, whatever NSS thinks of them. */
#define MIN_BITS 128

/* What FIPS mode leaves of NSS's groups: X25519 goes. */
static const SSLNamedGroup approved_groups[] = { ssl_grp_ec_secp256r1, ssl_grp_ec_secp384r1, ssl_grp_ec_secp521r1,
                                                 ssl_grp_ffdhe_2048,   ssl_grp_ffdhe_3072,   ssl_grp_ffdhe_4096 };

struct _NssTls {
  PRFileDesc *fd;
  GByteArray *in, *out;
  gsize read; /* of @in */
  const NssKey *key;
  CERTCertificate *certificate;
  GPtrArray *issuers; /* CERTCertificate: NSS finds them while they live */
  gboolean asked, trusted, complete, established, over;
};

static PRDescIdentity identity = PR_INVALID_IO_LAYER;
static PRIOMethods methods;

void
nss_tls_result_clear (NssTlsResult *result)
{
  g_clear_pointer (&result->records, g_bytes_unref);
  g_clear_pointer (&result->clear, ike_secret_free);
  g_clear_pointer (&result->text, g_free);
}

/* ---- the layer ---- */

static NssTls *
self_of (PRFileDesc *fd)
{
  return (NssTls *) fd->secret;
}

static PRInt32
layer_recv (PRFileDesc *fd, void *buffer, PRInt32 amount, PRIntn flags, PRIntervalTime timeout)
{
  NssTls *self = self_of (fd);
  gsize n = MIN (self->in->len - self->read, (gsize) MAX (amount, 0));

  if (n == 0)
    {
      PR_SetError (PR_WOULD_BLOCK_ERROR, 0);
      return -1;
    }
  memcpy (buffer, self->in->data + self->read, n);
  if (!(flags & PR_MSG_PEEK))
    self->read += n;
  return (PRInt32) n;
}

static PRInt32
layer_read (PRFileDesc *fd, void *buffer, PRInt32 amount)
{
  return layer_recv (fd, buffer, amount, 0, PR_INTERVAL_NO_WAIT);
}

static PRInt32
layer_send (PRFileDesc *fd, const void *buffer, PRInt32 amount, PRIntn flags, PRIntervalTime timeout)
{
  NssTls *self = self_of (fd);

  if (amount < 0 || (gsize) amount > NSS_TLS_MAX_RECORDS - MIN (self->out->len, NSS_TLS_MAX_RECORDS))
    {
      PR_SetError (PR_BUFFER_OVERFLOW_ERROR, 0);
      return -1;
    }
  g_byte_array_append (self->out, buffer, (guint) amount);
  return amount;
}

static PRInt32
layer_write (PRFileDesc *fd, const void *buffer, PRInt32 amount)
{
  return layer_send (fd, buffer, amount, 0, PR_INTERVAL_NO_WAIT);
}

/* NSS takes a descriptor without a peer for one that is not connected yet. */
static PRStatus
layer_getpeername (PRFileDesc *fd, PRNetAddr *address)
{
  memset (address, 0, sizeof *address);
  address->inet.family = PR_AF_INET;
  return PR_SUCCESS;
}

static PRStatus
layer_getsocketoption (PRFileDesc *fd, PRSocketOptionData *data)
{
  if (data->option != PR_SockOpt_Nonblocking)
    {
      PR_SetError (PR_NOT_IMPLEMENTED_ERROR, 0);
      return PR_FAILURE;
    }
  data->value.non_blocking = PR_TRUE;
  return PR_SUCCESS;
}

/* NSS wants no delay before its goodbye: there is none. */
static PRStatus
layer_setsocketoption (PRFileDesc *fd, const PRSocketOptionData *data)
{
  return PR_SUCCESS;
}

static PRStatus
layer_shutdown (PRFileDesc *fd, PRIntn how)
{
  return PR_SUCCESS;
}

static PRStatus
layer_close (PRFileDesc *fd)
{
  fd->secret = NULL;
  fd->dtor (fd);
  return PR_SUCCESS;
}

static PRFileDesc *
layer_new (NssTls *self)
{
  PRFileDesc *fd;

  if (identity == PR_INVALID_IO_LAYER)
    {
      identity = PR_GetUniqueIdentity ("nm-ipsec");
      methods = *PR_GetDefaultIOMethods ();
      methods.recv = layer_recv;
      methods.read = layer_read;
      methods.send = layer_send;
      methods.write = layer_write;
      methods.getpeername = layer_getpeername;
      methods.getsocketoption = layer_getsocketoption;
      methods.setsocketoption = layer_setsocketoption;
      methods.shutdown = layer_shutdown;
      methods.close = layer_close;
    }
  fd = PR_CreateIOLayerStub (identity, &methods);
  if (fd != NULL)
    fd->secret = (PRFilePrivate *) self;
  return fd;
}

/* ---- what NSS asks ---- */

static SECStatus
on_server_certificate (void *arg, PRFileDesc *fd, PRBool check_signature, PRBool is_server)
{
  NssTls *self = arg;

  self->asked = TRUE;
  return SECWouldBlock; /* until nss_tls_trust() */
}

static SECStatus
on_own_certificate (void *arg, PRFileDesc *fd, CERTDistNames *cas, CERTCertificate **ret_certificate,
                    SECKEYPrivateKey **ret_key)
{
  const NssTls *self = arg;

  if (self->certificate == NULL)
    return SECFailure; /* an empty list is sent: the server decides */
  *ret_key = SECKEY_CopyPrivateKey (nss_key_nss (self->key));
  if (*ret_key == NULL)
    return SECFailure;
  *ret_certificate = CERT_DupCertificate (self->certificate);
  return SECSuccess;
}

static void
on_complete (PRFileDesc *fd, void *arg)
{
  NssTls *self = arg;

  self->complete = TRUE;
}

/* ---- making one ---- */

static CERTCertificate *
certificate_new (GBytes *der)
{
  gsize len;
  SECItem item = { siDERCertBuffer, (unsigned char *) g_bytes_get_data (der, &len), 0 };

  item.len = (unsigned int) len;
  return CERT_NewTempCertificate (CERT_GetDefaultCertDB (), &item, NULL, PR_FALSE, PR_TRUE);
}

/* NSS exports no keys of TLS 1.2 when its PRF is that of SHA-384 (NSS bug 1312976, there in 3.110). */
static gboolean
suite_can_export (const SSLCipherSuiteInfo *info)
{
  return info->authType == ssl_auth_tls13_any || info->kdfHash != ssl_hash_sha384;
}

/* Without a key that is made for this connection alone, what was recorded can be read by whoever gets the server's key one
 * day; and RSA encryption of the secret is what Bleichenbacher's attacks are about (RFC 9325 section 4.1). */
static gboolean
suite_has_static_key (const SSLCipherSuiteInfo *info)
{
  return info->keaType == ssl_kea_rsa || info->authType == ssl_auth_ecdh_rsa || info->authType == ssl_auth_ecdh_ecdsa;
}

static gboolean
set_suites (PRFileDesc *fd)
{
  const PRUint16 *suites = SSL_GetImplementedCiphers ();
  SSLCipherSuiteInfo info;

  for (PRUint16 i = 0; i < SSL_GetNumImplementedCiphers (); i++)
    if (SSL_GetCipherSuiteInfo (suites[i], &info, sizeof info) != SECSuccess || info.effectiveKeyBits < MIN_BITS ||
        !suite_can_export (&info) || suite_has_static_key (&info) || (nss_fips_mode () && !info.isFIPS))
      if (SSL_CipherPrefSet (fd, suites[i], PR_FALSE) != SECSuccess)
        return FALSE;
  return TRUE;
}

static gboolean
set_options (PRFileDesc *fd)
{
  static const struct {
    PRInt32 option;
    PRIntn value;
  } options[] = {
    { SSL_SECURITY, PR_TRUE },
    { SSL_HANDSHAKE_AS_CLIENT, PR_TRUE },
    { SSL_NO_CACHE, PR_TRUE },
    { SSL_ENABLE_SESSION_TICKETS, PR_FALSE },
    { SSL_ENABLE_FALSE_START, PR_FALSE },
    { SSL_ENABLE_RENEGOTIATION, SSL_RENEGOTIATE_NEVER },
    { SSL_ENABLE_EXTENDED_MASTER_SECRET, PR_TRUE },
  };
  const SSLVersionRange versions = { SSL_LIBRARY_VERSION_TLS_1_2, SSL_LIBRARY_VERSION_TLS_1_3 };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    if (SSL_OptionSet (fd, options[i].option, options[i].value) != SECSuccess)
      return FALSE;
  if (nss_fips_mode () && SSL_NamedGroupConfig (fd, approved_groups, G_N_ELEMENTS (approved_groups)) != SECSuccess)
    return FALSE;
  return SSL_VersionRangeSet (fd, &versions) == SECSuccess && set_suites (fd);
}

static gboolean
open_session (NssTls *self)
{
  PRFileDesc *layer = layer_new (self);

  if (layer == NULL)
    return FALSE;
  self->fd = SSL_ImportFD (NULL, layer);
  if (self->fd == NULL)
    {
      PR_Close (layer);
      return FALSE;
    }
  return set_options (self->fd) && SSL_AuthCertificateHook (self->fd, on_server_certificate, self) == SECSuccess &&
         SSL_GetClientAuthDataHook (self->fd, on_own_certificate, self) == SECSuccess &&
         SSL_HandshakeCallback (self->fd, on_complete, self) == SECSuccess &&
         SSL_ResetHandshake (self->fd, PR_FALSE) == SECSuccess;
}

static gboolean
take_certificates (NssTls *self, GPtrArray *certificates)
{
  for (guint i = 0; i < certificates->len; i++)
    {
      CERTCertificate *certificate = certificate_new (certificates->pdata[i]);

      if (certificate == NULL)
        return FALSE;
      if (i == 0)
        self->certificate = certificate;
      else
        g_ptr_array_add (self->issuers, certificate);
    }
  return TRUE;
}

NssTls *
nss_tls_new (const NssKey *key, GPtrArray *certificates, GError **error)
{
  g_autoptr (NssTls) self = g_new0 (NssTls, 1);
  g_autofree char *text = NULL;

  self->in = g_byte_array_new ();
  self->out = g_byte_array_new ();
  self->issuers = g_ptr_array_new_with_free_func ((GDestroyNotify) CERT_DestroyCertificate);
  self->key = key;
  if (!nss_start (error))
    return NULL;
  if (NSS_SetDomesticPolicy () == SECSuccess && (key == NULL || take_certificates (self, certificates)) &&
      open_session (self))
    return g_steal_pointer (&self);
  text = nss_error_text ();
  g_set_error (error, NSS_CRYPTO_ERROR, NSS_CRYPTO_ERROR_INIT, "TLS cannot be started: %s", text);
  return NULL;
}

void
nss_tls_free (NssTls *self)
{
  if (self == NULL)
    return;
  if (self->fd != NULL)
    PR_Close (self->fd);
  if (self->certificate != NULL)
    CERT_DestroyCertificate (self->certificate);
  g_ptr_array_unref (self->issuers);
  g_byte_array_unref (self->in);
  g_byte_array_unref (self->out);
  g_free (self);
}

/* ---- running it ---- */

static void
fail (NssTls *self, NssTlsResult *ret)
{
  self->over = TRUE;
  ret->state = NSS_TLS_FAILED;
  ret->text = nss_error_text ();
}

static void
shake (NssTls *self, NssTlsResult *ret)
{
  /* it tells of records that are wanted even when it has just become complete */
  if (SSL_ForceHandshake (self->fd) != SECSuccess && PR_GetError () != PR_WOULD_BLOCK_ERROR)
    fail (self, ret);
  else
    ret->state = self->asked && !self->trusted ? NSS_TLS_VERIFY : NSS_TLS_HANDSHAKE;
  self->established = self->complete && self->trusted && !self->over;
}

static gboolean
say (NssTls *self, const guint8 *clear, gsize len, NssTlsResult *ret)
{
  if (len == 0)
    return TRUE;
  if (len <= NSS_TLS_MAX_CLEAR && PR_Write (self->fd, clear, (PRInt32) len) == (PRInt32) len)
    return TRUE;
  fail (self, ret);
  return FALSE;
}

/* All that the server has said inside. */
static void
listen_inside (NssTls *self, NssTlsResult *ret)
{
  g_autoptr (IkeSecret) buffer = ike_secret_new (NSS_TLS_MAX_RECORDS);
  gsize got = 0;
  PRInt32 n = 1;

  while (n > 0 && got < NSS_TLS_MAX_RECORDS)
    {
      n = PR_Read (self->fd, ike_secret_data (buffer) + got, (PRInt32) (NSS_TLS_MAX_RECORDS - got));
      got += n > 0 ? (gsize) n : 0;
    }
  if (got > 0)
    ret->clear = ike_secret_slice (buffer, 0, got);
  if (n < 0 && PR_GetError () != PR_WOULD_BLOCK_ERROR)
    fail (self, ret);
  else if (n == 0)
    {
      self->over = TRUE;
      ret->state = NSS_TLS_CLOSED;
    }
}

static void
take_records (NssTls *self, NssTlsResult *ret)
{
  if (self->out->len == 0)
    return;
  ret->records = g_byte_array_free_to_bytes (self->out);
  self->out = g_byte_array_new ();
}

static void
run (NssTls *self, const guint8 *clear, gsize clear_len, NssTlsResult *ret)
{
  SSLChannelInfo info;

  if (!self->established)
    shake (self, ret);
  if (self->established)
    {
      ret->state = NSS_TLS_ESTABLISHED;
      if (say (self, clear, clear_len, ret))
        listen_inside (self, ret);
    }
  if (SSL_GetChannelInfo (self->fd, &info, sizeof info) == SECSuccess)
    ret->tls13 = info.protocolVersion >= SSL_LIBRARY_VERSION_TLS_1_3;
  take_records (self, ret);
}

void
nss_tls_step (NssTls *self, const guint8 *records, gsize len, const guint8 *clear, gsize clear_len, NssTlsResult *ret)
{
  *ret = (NssTlsResult){ 0 };
  if (self->over)
    {
      ret->state = NSS_TLS_FAILED;
      ret->text = g_strdup ("TLS is over already");
      return;
    }
  if (self->read > 0)
    g_byte_array_remove_range (self->in, 0, (guint) self->read);
  self->read = 0;
  if (len > NSS_TLS_MAX_RECORDS - MIN (self->in->len, NSS_TLS_MAX_RECORDS))
    {
      PR_SetError (PR_BUFFER_OVERFLOW_ERROR, 0);
      fail (self, ret);
      return;
    }
  if (len > 0)
    g_byte_array_append (self->in, records, (guint) len);
  run (self, clear, clear_len, ret);
}

void
nss_tls_trust (NssTls *self, NssTlsResult *ret)
{
  *ret = (NssTlsResult){ 0 };
  if (self->over || !self->asked || self->trusted)
    {
      ret->state = NSS_TLS_FAILED;
      ret->text = g_strdup ("nobody asked whether the server is to be trusted");
      return;
    }
  self->trusted = TRUE;
  if (SSL_AuthCertificateComplete (self->fd, 0) == SECSuccess)
    run (self, NULL, 0, ret);
  else
    fail (self, ret);
}

void
nss_tls_refuse (NssTls *self, guint alert, NssTlsResult *ret)
{
  PRErrorCode error = alert == 48   ? SEC_ERROR_UNKNOWN_ISSUER
                      : alert == 45 ? SEC_ERROR_EXPIRED_CERTIFICATE
                      : alert == 44 ? SEC_ERROR_REVOKED_CERTIFICATE
                                    : SSL_ERROR_BAD_CERTIFICATE;

  *ret = (NssTlsResult){ .state = NSS_TLS_FAILED };
  if (!self->over && self->asked && !self->trusted)
    (void) SSL_AuthCertificateComplete (self->fd, error);
  take_records (self, ret);
  self->over = TRUE;
  ret->text = g_strdup ("the server's certificate was refused");
}

GPtrArray *
nss_tls_certificates (const NssTls *self)
{
  GPtrArray *ders = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  CERTCertList *list = SSL_PeerCertificateChain (self->fd);

  if (list == NULL)
    return ders;
  for (CERTCertListNode *node = CERT_LIST_HEAD (list); !CERT_LIST_END (node, list); node = CERT_LIST_NEXT (node))
    g_ptr_array_add (ders, g_bytes_new (node->cert->derCert.data, node->cert->derCert.len));
  CERT_DestroyCertList (list);
  return ders;
}

IkeSecret *
nss_tls_export (NssTls *self, const char *label, const guint8 *context, gsize context_len, gsize len)
{
  g_autoptr (IkeSecret) out = ike_secret_new (len);

  if (!self->established ||
      SSL_ExportKeyingMaterial (self->fd, label, (unsigned int) strlen (label), context != NULL, context,
                                (unsigned int) context_len, ike_secret_data (out), (unsigned int) len) != SECSuccess)
    return NULL;
  return g_steal_pointer (&out);
}
