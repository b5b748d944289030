/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See nss-des3.h. */
#include "nss-des3.h"

#include <nss.h>
#include <pk11pub.h>

#define KEY_LEN 24
#define IV_LEN 8
#define DATA_MAX 65536

static gboolean
decrypt (PK11SlotInfo *slot, const guint8 *key, const guint8 *iv, const guint8 *data, gsize len, guint8 *ret_text)
{
  SECItem key_item = { siBuffer, (unsigned char *) key, KEY_LEN };
  SECItem iv_item = { siBuffer, (unsigned char *) iv, IV_LEN };
  unsigned int n = 0;
  PK11SymKey *symmetric = PK11_ImportSymKey (slot, CKM_DES3_CBC, PK11_OriginUnwrap, CKA_DECRYPT, &key_item, NULL);
  gboolean ok;

  if (symmetric == NULL)
    return FALSE;
  ok = PK11_Decrypt (symmetric, CKM_DES3_CBC, &iv_item, ret_text, &n, (unsigned int) len, data, (unsigned int) len) ==
           SECSuccess &&
       n == len;
  PK11_FreeSymKey (symmetric);
  return ok;
}

gboolean
nss_des3_decrypt (const guint8 *key, const guint8 *iv, const guint8 *data, gsize len, guint8 *ret_text)
{
  NSSInitParameters parameters = { .length = sizeof parameters };
  NSSInitContext *context;
  PK11SlotInfo *slot;
  gboolean ok;

  if (len > DATA_MAX)
    return FALSE;
  /* a context of our own: the program may have NSS open, and other databases in it */
  context = NSS_InitContext ("", "", "", "", &parameters,
                             NSS_INIT_READONLY | NSS_INIT_NOCERTDB | NSS_INIT_NOMODDB | NSS_INIT_FORCEOPEN |
                                 NSS_INIT_NOROOTINIT);
  if (context == NULL)
    return FALSE;
  slot = PK11_GetInternalSlot ();
  ok = slot != NULL && decrypt (slot, key, iv, data, len, ret_text);
  if (slot != NULL)
    PK11_FreeSlot (slot);
  NSS_ShutdownContext (context);
  return ok;
}
