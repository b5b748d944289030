/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key of NSS's (nss-remote-key.h) whose signatures are messages. */
#include "keys-elsewhere.h"

#include "nss-cert.h"
#include "nss-crypto.h"
#include "nss-remote-key.h"

#include <dlfcn.h>

__attribute__ ((visibility ("default"))) gulong C_GetFunctionList (gpointer *ret);

/* NSS finds the token by this name, in this very module. */
gulong
C_GetFunctionList (gpointer *ret)
{
  return nss_remote_key_functions (ret);
}

static void
take_certificate (ChannelItem item, const guint8 *octets, gsize len, gpointer data)
{
  if (item == CHANNEL_ITEM_CERTIFICATE)
    g_ptr_array_add (data, g_bytes_new (octets, len));
}

GPtrArray *
keys_elsewhere_certificates (int items)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  (void) channel_items_read (items, take_certificate, list);
  return list;
}

/* Until the answer: other requests wait. */
static GBytes *
wait_for_signature (KeysElsewhere *self)
{
  ChannelMsg *msg = NULL;

  while (channel_receive (self->fd, &msg) == 0)
    {
      GBytes *signature = NULL;

      if (msg->type != CHANNEL_SIGNED && msg->type != CHANNEL_FAILED)
        {
          g_queue_push_tail (&self->later, g_steal_pointer (&msg));
          continue;
        }
      if (msg->type == CHANNEL_SIGNED)
        signature = g_bytes_new (msg->signature.signature.data, msg->signature.signature.len);
      channel_msg_free (msg);
      return signature;
    }
  return NULL;
}

static GBytes *
sign_elsewhere (IkeHashId hash, gboolean pss, const guint8 *digest, gsize len, gpointer data)
{
  KeysElsewhere *self = data;
  const ChannelMsg request = { .type = CHANNEL_SIGN,
                               .fd = -1,
                               .sign = { .method = IKE_AUTH_METHOD_SIGNATURE,
                                         .hash = (guint8) hash,
                                         .pss = pss ? 1 : 0,
                                         .digest = 1,
                                         .octets = { digest, len } } };

  return channel_send (self->fd, &request) == 0 ? wait_for_signature (self) : NULL;
}

static void
keys_elsewhere_forget (KeysElsewhere *self)
{
  g_clear_pointer (&self->credential, nss_credential_free);
  g_clear_error (&self->error);
}

void
keys_elsewhere_take (KeysElsewhere *self, int fd, int items, gboolean does_pss)
{
  g_autoptr (NssCredential) credential = g_new0 (NssCredential, 1);
  g_autoptr (NssCert) cert = NULL;
  g_autoptr (GBytes) public_key = NULL;
  Dl_info module;

  keys_elsewhere_forget (self);
  self->fd = fd;
  credential->certificates = keys_elsewhere_certificates (items);
  if (nss_start (&self->error) && credential->certificates->len > 0)
    cert = nss_cert_new (credential->certificates->pdata[0], NULL);
  if (!cert || !dladdr ((gpointer) C_GetFunctionList, &module))
    return;
  public_key = nss_cert_public_key (cert);
  credential->key = nss_remote_key_new (public_key, does_pss, module.dli_fname, sign_elsewhere, self, &self->error);
  if (credential->key)
    self->credential = g_steal_pointer (&credential);
}

void
keys_elsewhere_clear (KeysElsewhere *self)
{
  keys_elsewhere_forget (self);
  g_queue_clear_full (&self->later, (GDestroyNotify) channel_msg_free);
}
