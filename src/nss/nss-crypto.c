/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NSS's life in this process, and the provider's table (see the headers). Owns the process-wide initialisation: done at
 * most once, under a lock, without a database.
 */
#include "nss-crypto-private.h"

#include "nss-fips.h"
#include "nss-selftest.h"
#include "nss-sign.h"

#include "crypto/suites.h"

#include <nss.h>
#include <prerror.h>
#include <secerr.h>
#include <string.h>

G_DEFINE_QUARK (nss_crypto_error, nss_crypto_error)

static GMutex lock;
static gboolean started_here, tested;

static gboolean
start_locked (GError **error)
{
  if (NSS_IsInitialized ())
    return TRUE;
  if (NSS_NoDB_Init (NULL) != SECSuccess)
    {
      const char *name = PR_ErrorToName (PR_GetError ());

      g_set_error (error, NSS_CRYPTO_ERROR, NSS_CRYPTO_ERROR_INIT, "The NSS library could not be started: %s.",
                   name ? name : "unknown error");
      return FALSE;
    }
  started_here = TRUE;
  return TRUE;
}

gboolean
nss_start (GError **error)
{
  g_autoptr (GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new (&lock);

  return start_locked (error);
}

gboolean
nss_stop (void)
{
  g_autoptr (GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new (&lock);
  gboolean clean = TRUE;

  if (started_here && NSS_IsInitialized ())
    clean = NSS_Shutdown () == SECSuccess;
  started_here = tested = FALSE;
  return clean;
}

gboolean
nss_can (CK_MECHANISM_TYPE mechanism)
{
  g_autoptr (PK11SlotInfo) slot = PK11_GetInternalSlot ();

  return slot && PK11_DoesMechanism (slot, mechanism);
}

PK11SymKey *
nss_key_import (CK_MECHANISM_TYPE mechanism, CK_ATTRIBUTE_TYPE operation, const guint8 *key, gsize len)
{
  g_autoptr (PK11SlotInfo) slot = PK11_GetInternalSlot ();
  SECItem item = { siBuffer, (guint8 *) key, (unsigned) len };

  if (!slot || len == 0 || len > G_MAXINT32)
    return NULL;
  return PK11_ImportSymKey (slot, mechanism, PK11_OriginUnwrap, operation, &item, NULL);
}

static gboolean
supports (const IkeCrypto *self, IkeTransformType type, guint16 id, guint16 key_bits)
{
  const IkeAlgorithm *alg = self->fips ? ike_algorithm_find (type, id) : NULL;

  if (self->fips && !(alg && alg->flags & IKE_ALG_FIPS))
    return FALSE;
  if (type == IKE_TRANSFORM_ENCR)
    return nss_cipher_supports (id, key_bits);
  if (type == IKE_TRANSFORM_PRF || type == IKE_TRANSFORM_INTEG)
    return key_bits == 0 && nss_mac_supports (type, id);
  return type == IKE_TRANSFORM_KE && key_bits == 0 && nss_ke_supports (id);
}

static gboolean
verifies (const IkeCrypto *self, const IkeSigScheme *scheme)
{
  return (!self->fips || scheme->fips) && nss_sign_supports (scheme);
}

static gboolean
random_octets (const IkeCrypto *self, guint8 *out, gsize len)
{
  return len <= G_MAXINT32 && PK11_GenerateRandom (out, (int) len) == SECSuccess;
}

#define FUNCTIONS                                                                                                      \
 .supports = supports, .verifies = verifies, .random = random_octets, .hash = nss_hash, .prf = nss_prf,                \
 .prf_plus = nss_prf_plus, .integ = nss_integ, .seal = nss_seal, .open = nss_open, .des_block = nss_des_block,         \
 .ke_generate = nss_ke_generate, .ke_finish = nss_ke_finish, .ke_respond = nss_ke_respond, .ke_free = nss_ke_free

static const IkeCrypto provider = { FUNCTIONS };
/* the same, with only what is approved */
static const IkeCrypto provider_fips = { .fips = TRUE, FUNCTIONS };

const IkeCrypto *
nss_crypto_untested (void)
{
  return &provider;
}

const IkeCrypto *
nss_crypto_get (GError **error)
{
  g_autoptr (GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new (&lock);

  if (!start_locked (error))
    return NULL;
  if (!tested)
    {
      if (!nss_selftest_run (&provider, error))
        return NULL;
      tested = TRUE;
    }
  return nss_fips_mode () ? &provider_fips : &provider;
}
