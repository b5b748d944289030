/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls-server.h"

#include "cert-test.h"
#include "nss-key-private.h"

#include <cert.h>
#include <prerror.h>
#include <prio.h>
#include <ssl.h>
#include <sslproto.h>
#include <string.h>

struct _TlsServer {
  PRFileDesc *fd;
  GByteArray *in, *out;
  NssCredential *credential;
  gboolean established;
  gboolean tolerant;
  const char *error;
};

static PRDescIdentity identity = PR_INVALID_IO_LAYER;
static PRIOMethods methods;

static TlsServer *
self_of (PRFileDesc *fd)
{
  return (TlsServer *) fd->secret;
}

static PRInt32
layer_recv (PRFileDesc *fd, void *buffer, PRInt32 amount, PRIntn flags, PRIntervalTime timeout)
{
  GByteArray *in = self_of (fd)->in;
  guint n = MIN (in->len, (guint) amount);

  if (n == 0)
    {
      PR_SetError (PR_WOULD_BLOCK_ERROR, 0);
      return -1;
    }
  memcpy (buffer, in->data, n);
  g_byte_array_remove_range (in, 0, n);
  return (PRInt32) n;
}

static PRInt32
layer_send (PRFileDesc *fd, const void *buffer, PRInt32 amount, PRIntn flags, PRIntervalTime timeout)
{
  g_byte_array_append (self_of (fd)->out, buffer, (guint) amount);
  return amount;
}

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
  data->value.non_blocking = PR_TRUE;
  return PR_SUCCESS;
}

static PRStatus
layer_setsocketoption (PRFileDesc *fd, const PRSocketOptionData *data)
{
  return PR_SUCCESS;
}

static PRStatus
layer_close (PRFileDesc *fd)
{
  fd->dtor (fd);
  return PR_SUCCESS;
}

static SECStatus
accept_client (void *arg, PRFileDesc *fd, PRBool check, PRBool is_server)
{
  return SECSuccess;
}

static void
must (SECStatus status)
{
  if (status != SECSuccess)
    g_error ("NSS: %s", PR_ErrorToName (PR_GetError ()));
}

TlsServer *
tls_server_new (const char *name, guint version, gboolean ask)
{
  TlsServer *self = g_new0 (TlsServer, 1);
  g_autofree char *pem = g_strconcat (name, ".pem", NULL), *key_name = g_strconcat (name, ".key", NULL);
  g_autoptr (GBytes) certificate = fixture (pem), key = fixture (key_name);
  const NssFile certificate_file = { pem, certificate }, key_file = { key_name, key };
  const SSLVersionRange versions = { SSL_LIBRARY_VERSION_TLS_1_2,
                                     version == 3 ? SSL_LIBRARY_VERSION_TLS_1_3 : SSL_LIBRARY_VERSION_TLS_1_2 };
  g_autoptr (GError) error = NULL;
  CERTCertificate *own;
  SECItem item = { siDERCertBuffer, NULL, 0 };
  GBytes *der;

  self->in = g_byte_array_new ();
  self->out = g_byte_array_new ();
  self->credential = nss_credential_load (&certificate_file, &key_file, NULL, &error);
  g_assert_no_error (error);
  if (identity == PR_INVALID_IO_LAYER)
    {
      identity = PR_GetUniqueIdentity ("test");
      methods = *PR_GetDefaultIOMethods ();
      methods.recv = layer_recv;
      methods.send = layer_send;
      methods.getpeername = layer_getpeername;
      methods.getsocketoption = layer_getsocketoption;
      methods.setsocketoption = layer_setsocketoption;
      methods.close = layer_close;
      must (SSL_ConfigServerSessionIDCache (0, 0, 0, NULL));
    }
  der = self->credential->certificates->pdata[0];
  item.data = (unsigned char *) g_bytes_get_data (der, NULL);
  item.len = (unsigned int) g_bytes_get_size (der);
  own = CERT_NewTempCertificate (CERT_GetDefaultCertDB (), &item, NULL, PR_FALSE, PR_TRUE);
  self->fd = PR_CreateIOLayerStub (identity, &methods);
  self->fd->secret = (PRFilePrivate *) self;
  self->fd = SSL_ImportFD (NULL, self->fd);
  must (SSL_OptionSet (self->fd, SSL_HANDSHAKE_AS_SERVER, PR_TRUE));
  must (SSL_OptionSet (self->fd, SSL_REQUEST_CERTIFICATE, ask));
  must (SSL_OptionSet (self->fd, SSL_REQUIRE_CERTIFICATE, SSL_REQUIRE_NEVER));
  must (SSL_OptionSet (self->fd, SSL_NO_CACHE, PR_TRUE));
  must (SSL_VersionRangeSet (self->fd, &versions));
  must (SSL_ConfigServerCert (self->fd, own, nss_key_nss (self->credential->key), NULL, 0));
  must (SSL_AuthCertificateHook (self->fd, accept_client, NULL));
  must (SSL_ResetHandshake (self->fd, PR_TRUE));
  CERT_DestroyCertificate (own);
  return self;
}

void
tls_server_free (TlsServer *self)
{
  PR_Close (self->fd);
  g_byte_array_unref (self->in);
  g_byte_array_unref (self->out);
  nss_credential_free (self->credential);
  g_free (self);
}

void
tls_server_only_static_rsa (TlsServer *self)
{
  const PRUint16 *suites = SSL_GetImplementedCiphers ();
  SSLCipherSuiteInfo info;

  for (PRUint16 i = 0; i < SSL_GetNumImplementedCiphers (); i++)
    {
      must (SSL_GetCipherSuiteInfo (suites[i], &info, sizeof info));
      must (SSL_CipherPrefSet (self->fd, suites[i], info.keaType == ssl_kea_rsa && info.effectiveKeyBits >= 128));
    }
}

gboolean
tls_server_feed (TlsServer *self, GBytes *records)
{
  g_byte_array_append (self->in, g_bytes_get_data (records, NULL), (guint) g_bytes_get_size (records));
  if (!self->established && SSL_ForceHandshake (self->fd) == SECSuccess)
    self->established = TRUE;
  else if (!self->established && PR_GetError () != PR_WOULD_BLOCK_ERROR)
    self->error = PR_ErrorToName (PR_GetError ());
  if (self->error && !self->tolerant)
    g_error ("NSS: %s", self->error);
  return self->established;
}

const char *
tls_server_error (TlsServer *self)
{
  self->tolerant = TRUE;
  return self->error;
}

GBytes *
tls_server_hear (TlsServer *self)
{
  guint8 buffer[4096];
  PRInt32 n = PR_Read (self->fd, buffer, sizeof buffer);

  if (n < 0 && PR_GetError () != PR_WOULD_BLOCK_ERROR)
    self->error = PR_ErrorToName (PR_GetError ());
  return n > 0 ? g_bytes_new (buffer, (gsize) n) : NULL;
}

void
tls_server_say (TlsServer *self, gconstpointer clear, gsize len)
{
  g_assert_cmpint (PR_Write (self->fd, clear, (PRInt32) len), ==, (PRInt32) len);
}

GBytes *
tls_server_take (TlsServer *self)
{
  GBytes *records = g_byte_array_free_to_bytes (self->out);

  self->out = g_byte_array_new ();
  return records;
}

void
tls_server_export (TlsServer *self, const char *label, int context, guint8 *out, gsize len)
{
  guint8 octet = (guint8) context;

  must (SSL_ExportKeyingMaterial (self->fd, label, (unsigned int) strlen (label), context >= 0, &octet, context >= 0,
                                  out, (unsigned int) len));
}

gboolean
tls_server_knows_client (TlsServer *self)
{
  CERTCertificate *client = SSL_PeerCertificate (self->fd);

  if (client != NULL)
    CERT_DestroyCertificate (client);
  return client != NULL;
}
