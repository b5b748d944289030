/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to steps of the machine, and its results to answers. */
#include "keys-tls.h"

#include "files.h"
#include "nss-cert.h"
#include "nss-crypto.h"
#include "privileges.h"
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void
keys_tls_clear (KeysTls *self)
{
  g_clear_pointer (&self->tls, nss_tls_free);
}

/* All that NSS loads later must be there before. */
static gboolean
lock_down (KeysTls *self, GError **error)
{
  if (!nss_crypto_get (error))
    return FALSE;
  if (!self->locked)
    self->locked = privileges_lock_down ();
  return TRUE;
}

static gboolean
open_tls (KeysTls *self, const NssKey *key, GPtrArray *certificates, GError **error)
{
  keys_tls_clear (self);
  if (lock_down (self, error))
    self->tls = nss_tls_new (key, certificates, error);
  return self->tls != NULL;
}

/* The server's certificates, when they are asked about, as a sealed list of items. -1 with errno. */
static int
list_certificates (const NssTls *tls, gboolean asked)
{
  g_autoptr (GPtrArray) certificates = asked ? nss_tls_certificates (tls) : g_ptr_array_new ();
  int fd = memfd_create ("nm-ipsec", MFD_CLOEXEC | MFD_ALLOW_SEALING), e = fd < 0 ? errno : 0;

  for (guint i = 0; i < certificates->len && i < NSS_CERT_MAX_COUNT && !e; i++)
    {
      gsize len;
      const guint8 *der = g_bytes_get_data (certificates->pdata[i], &len);

      e = channel_items_append (fd, CHANNEL_ITEM_CERTIFICATE, der, len);
    }
  if (!e)
    e = files_seal (fd);
  if (!e)
    return fd;
  if (fd >= 0)
    close (fd);
  errno = e;
  return -1;
}

static void
answer (KeysTls *self, int fd, const NssTlsResult *result)
{
  ChannelMsg msg = { .type = CHANNEL_TLS_DONE, .fd = -1 };
  int e;

  /* RFC 5216 section 2.1.3: the server is to hear our alert */
  if (result->state == NSS_TLS_FAILED && !result->records)
    {
      worker_fail (fd, CHANNEL_ERROR_TLS, 0, "%s", result->text ? result->text : "TLS failed");
      return;
    }
  msg.tls_done.state = result->state == NSS_TLS_FAILED      ? CHANNEL_TLS_FAILED
                       : result->state == NSS_TLS_VERIFY    ? CHANNEL_TLS_VERIFY
                       : result->state == NSS_TLS_HANDSHAKE ? CHANNEL_TLS_HANDSHAKE
                                                            : CHANNEL_TLS_ESTABLISHED;
  msg.tls_done.tls13 = result->tls13 ? 1 : 0;
  if (result->records)
    msg.tls_done.records.data = g_bytes_get_data (result->records, &msg.tls_done.records.len);
  if (result->state == NSS_TLS_FAILED && result->text)
    msg.tls_done.clear = (ChannelBlob){ (const guint8 *) result->text, strlen (result->text) };
  else if (result->clear)
    msg.tls_done.clear = (ChannelBlob){ ike_secret_data (result->clear), ike_secret_len (result->clear) };
  msg.fd = list_certificates (self->tls, result->state == NSS_TLS_VERIFY);
  if (msg.fd < 0)
    {
      worker_fail (fd, CHANNEL_ERROR_TLS, errno, "The server's certificates cannot be passed on");
      return;
    }
  e = channel_send (fd, &msg);
  close (msg.fd);
  if (e == EMSGSIZE)
    worker_fail (fd, CHANNEL_ERROR_TLS, 0, "The server's messages are too long");
}

static void
export_key (KeysTls *self, int fd, const ChannelMsg *request)
{
  const ChannelTls *tls = &request->tls;
  g_autoptr (IkeSecret) key = nss_tls_export (self->tls, tls->label, tls->context.len > 0 ? tls->context.data : NULL,
                                              tls->context.len, tls->len);
  const NssTlsResult result = { .state = NSS_TLS_ESTABLISHED, .clear = key };

  if (key)
    answer (self, fd, &result);
  else
    worker_fail (fd, CHANNEL_ERROR_TLS, 0, "There is no key to export");
}

void
keys_tls_handle (KeysTls *self, int fd, const ChannelMsg *request, const NssKey *key, GPtrArray *certificates)
{
  const ChannelTls *tls = &request->tls;
  g_auto (NssTlsResult) result = { 0 };
  g_autoptr (GError) error = NULL;

  if (tls->op == CHANNEL_TLS_OPEN && !open_tls (self, key, certificates, &error))
    {
      worker_fail (fd, CHANNEL_ERROR_TLS, 0, "%s", error->message);
      return;
    }
  if (!self->tls)
    {
      worker_fail (fd, CHANNEL_ERROR_INVALID, 0, "There is no TLS session");
      return;
    }
  if (tls->op == CHANNEL_TLS_EXPORT)
    {
      export_key (self, fd, request);
      return;
    }
  if (tls->op == CHANNEL_TLS_TRUST)
    nss_tls_trust (self->tls, &result);
  else if (tls->op == CHANNEL_TLS_REFUSE)
    nss_tls_refuse (self->tls, tls->len, &result);
  else
    nss_tls_step (self->tls, tls->records.data, tls->records.len, tls->clear.data, tls->clear.len, &result);
  answer (self, fd, &result);
}
