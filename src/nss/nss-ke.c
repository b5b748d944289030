/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key exchange with NSS: MODP (RFC 2409, 3526, 5114), ECP (RFC 5903), Curve25519 (RFC 8031), ML-KEM-768 where NSS has
 * it.
 *
 * Invariants: a private half is used once (so RFC 6989 section 2.2 asks only for range checks of the RFC 5114 groups);
 * lengths and ranges of the peer's value are checked before NSS sees it; secrets of MODP keep their leading zeros.
 */
#include "nss-crypto-private.h"

#include "nss-der.h"
#include "nss-ke-groups.h"

#include "crypto/suites.h"

#include <pkcs11n.h>
#include <secitem.h>
#include <string.h>

#define X25519_LEN 32

typedef enum { KIND_NONE, KIND_MODP, KIND_ECP, KIND_X25519, KIND_KEM } Kind;

struct _IkeKeKey {
  guint16 group;
  SECKEYPrivateKey *private_key;
  SECKEYPublicKey *public_key;
};

static const guint8 oid_p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const guint8 oid_p384[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const guint8 oid_p521[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
static const guint8 oid_x25519[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01 };

static Kind
kind_of (guint16 group)
{
  switch (group)
    {
    case IKE_KE_MODP_768:
    case IKE_KE_MODP_1024:
    case IKE_KE_MODP_1536:
    case IKE_KE_MODP_2048:
    case IKE_KE_MODP_3072:
    case IKE_KE_MODP_4096:
    case IKE_KE_MODP_6144:
    case IKE_KE_MODP_8192:
    case IKE_KE_MODP_1024_160:
    case IKE_KE_MODP_2048_224:
    case IKE_KE_MODP_2048_256:
      return KIND_MODP;
    case IKE_KE_ECP_256:
    case IKE_KE_ECP_384:
    case IKE_KE_ECP_521:
      return KIND_ECP;
    case IKE_KE_CURVE25519:
      return KIND_X25519;
    case IKE_KE_ML_KEM_512:
    case IKE_KE_ML_KEM_768:
    case IKE_KE_ML_KEM_1024:
      return KIND_KEM;
    default: /* any number may come from a peer */
      return KIND_NONE;
    }
}

static SECItem
curve_of (guint16 group)
{
  switch (group)
    {
    case IKE_KE_ECP_256:
      return (SECItem){ siBuffer, (guint8 *) oid_p256, sizeof oid_p256 };
    case IKE_KE_ECP_384:
      return (SECItem){ siBuffer, (guint8 *) oid_p384, sizeof oid_p384 };
    case IKE_KE_ECP_521:
      return (SECItem){ siBuffer, (guint8 *) oid_p521, sizeof oid_p521 };
    default:
      return (SECItem){ siBuffer, (guint8 *) oid_x25519, sizeof oid_x25519 };
    }
}

#ifdef CKM_NSS_ML_KEM
/* What this NSS has: 768 alone under a name of its own, or all of them under PKCS#11's. */
typedef struct {
  guint16 group;
  CK_MECHANISM_TYPE generate, encapsulate;
  CK_ULONG param;
  KyberParams params;
} Kem;

static const Kem kems[] = {
#ifdef MLKEM512_PUBLIC_KEY_BYTES
  { IKE_KE_ML_KEM_512, CKM_ML_KEM_KEY_PAIR_GEN, CKM_ML_KEM, CKP_ML_KEM_512, params_ml_kem512 },
#endif
#ifdef MLKEM1024_PUBLIC_KEY_BYTES
  { IKE_KE_ML_KEM_768, CKM_ML_KEM_KEY_PAIR_GEN, CKM_ML_KEM, CKP_ML_KEM_768, params_ml_kem768 },
  { IKE_KE_ML_KEM_1024, CKM_ML_KEM_KEY_PAIR_GEN, CKM_ML_KEM, CKP_ML_KEM_1024, params_ml_kem1024 },
#else
  { IKE_KE_ML_KEM_768, CKM_NSS_ML_KEM_KEY_PAIR_GEN, CKM_NSS_ML_KEM, CKP_NSS_ML_KEM_768, params_ml_kem768 },
#endif
};

static const Kem *
kem_find (guint16 group)
{
  for (guint i = 0; i < G_N_ELEMENTS (kems); i++)
    {
      if (kems[i].group == group)
        return &kems[i];
    }
  return NULL;
}

static gboolean
kem_can (guint16 group)
{
  const Kem *kem = kem_find (group);

  return kem && nss_can (kem->generate) && nss_can (kem->encapsulate);
}
#endif

gboolean
nss_ke_supports (guint16 group)
{
  switch (kind_of (group))
    {
    case KIND_MODP:
      return nss_can (CKM_DH_PKCS_KEY_PAIR_GEN) && nss_can (CKM_DH_PKCS_DERIVE);
    case KIND_ECP:
    case KIND_X25519:
      return nss_can (CKM_EC_KEY_PAIR_GEN) && nss_can (CKM_ECDH1_DERIVE);
    case KIND_KEM:
#ifdef CKM_NSS_ML_KEM
      return kem_can (group);
#else
      return FALSE;
#endif
    case KIND_NONE:
      return FALSE;
    }
  return FALSE;
}

void
nss_ke_free (const IkeCrypto *self, IkeKeKey *key)
{
  if (!key)
    return;
  if (key->private_key)
    SECKEY_DestroyPrivateKey (key->private_key);
  if (key->public_key)
    SECKEY_DestroyPublicKey (key->public_key);
  g_free (key);
}

/* The octets of a symmetric key that NSS derived; consumes @take_key. NULL unless it has the length that it must
 * have. */
static IkeSecret *
secret_of (PK11SymKey *take_key, gsize want)
{
  g_autoptr (PK11SymKey) key = take_key;
  IkeSecret *secret = NULL;
  SECItem *value;

  if (!key || PK11_ExtractKeyValue (key) != SECSuccess)
    return NULL;
  value = PK11_GetKeyData (key);
  if (value && value->len == want)
    secret = ike_secret_new_from (value->data, value->len);
  return secret;
}

/* ---- peer's values ---- */

static SECKEYPublicKey *
public_new (KeyType type)
{
  PLArenaPool *arena = PORT_NewArena (DER_DEFAULT_CHUNKSIZE);
  SECKEYPublicKey *key = arena ? PORT_ArenaZAlloc (arena, sizeof *key) : NULL;

  if (!key)
    g_error ("out of memory");
  key->arena = arena;
  key->keyType = type;
  key->pkcs11ID = CK_INVALID_HANDLE;
  return key;
}

static void
public_copy (SECKEYPublicKey *key, SECItem *to, const guint8 *data, gsize len)
{
  SECItem from = { siBuffer, (guint8 *) data, (unsigned) len };

  if (SECITEM_CopyItem (key->arena, to, &from) != SECSuccess)
    g_error ("out of memory");
}

/* 1 < y < p - 1, both @len octets: RFC 6989 section 2.1 */
static gboolean
modp_in_range (const guint8 *y, const guint8 *p, gsize len)
{
  gsize i;
  int order;

  for (i = 0; i + 1 < len && y[i] == 0; i++)
    ;
  if (i + 1 == len && y[i] <= 1)
    return FALSE;
  /* p is odd: p - 1 differs from it in the last octet only. */
  order = memcmp (y, p, len - 1);
  return order < 0 || (order == 0 && y[len - 1] < p[len - 1] - 1);
}

static SECKEYPublicKey *
public_of_modp (guint16 group, const guint8 *value, gsize len)
{
  g_autoptr (GBytes) prime = NULL;
  g_autoptr (GBytes) generator = NULL;
  IkeChunk p, g;
  SECKEYPublicKey *key;

  if (!nss_ke_group_get (group, &prime, &generator))
    return NULL;
  p = ike_chunk_bytes (prime);
  g = ike_chunk_bytes (generator);
  if (len != p.len || !modp_in_range (value, p.data, len))
    return NULL;
  key = public_new (dhKey);
  public_copy (key, &key->u.dh.prime, p.data, p.len);
  public_copy (key, &key->u.dh.base, g.data, g.len);
  public_copy (key, &key->u.dh.publicValue, value, len);
  return key;
}

/* NSS's form has 0x04 before x and y; for Curve25519 the octets alone. */
static SECKEYPublicKey *
public_of_curve (guint16 group, const guint8 *value, gsize len)
{
  SECKEYPublicKey *key = public_new (ecKey);
  SECItem curve = curve_of (group);
  guint8 point[1 + 2 * 66];

  public_copy (key, &key->u.ec.DEREncodedParams, curve.data, curve.len);
  key->u.ec.encoding = ECPoint_Undefined;
  if (group == IKE_KE_CURVE25519)
    {
      public_copy (key, &key->u.ec.publicValue, value, len);
      return key;
    }
  g_assert (len < sizeof point);
  point[0] = EC_POINT_FORM_UNCOMPRESSED;
  memcpy (point + 1, value, len);
  public_copy (key, &key->u.ec.publicValue, point, len + 1);
  return key;
}

/* ---- our half ---- */

/* RFC 7296 section 3.4: as long as the modulus, with zeros before. */
static GBytes *
padded (const SECItem *value, gsize len)
{
  gsize skip = 0;
  guint8 *octets;

  while (skip < value->len && value->data[skip] == 0)
    skip++;
  if (value->len - skip > len)
    return NULL;
  octets = g_malloc0 (len);
  memcpy (octets + len - (value->len - skip), value->data + skip, value->len - skip);
  return g_bytes_new_take (octets, len);
}

static GBytes *
public_octets (const IkeKeKey *key)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_KE, key->group);
  const SECKEYPublicKey *public_key = key->public_key;

  switch (kind_of (key->group))
    {
    case KIND_MODP:
      return padded (&public_key->u.dh.publicValue, alg->ke_initiator);
    case KIND_ECP:
      if (public_key->u.ec.publicValue.len != 1u + alg->ke_initiator ||
          public_key->u.ec.publicValue.data[0] != EC_POINT_FORM_UNCOMPRESSED)
        return NULL;
      return g_bytes_new (public_key->u.ec.publicValue.data + 1, alg->ke_initiator);
    case KIND_X25519:
      if (public_key->u.ec.publicValue.len != X25519_LEN)
        return NULL;
      return g_bytes_new (public_key->u.ec.publicValue.data, X25519_LEN);
    case KIND_KEM:
#ifdef CKM_NSS_ML_KEM
      if (public_key->u.kyber.publicValue.len != alg->ke_initiator)
        return NULL;
      return g_bytes_new (public_key->u.kyber.publicValue.data, alg->ke_initiator);
#else
      return NULL;
#endif
    case KIND_NONE:
      return NULL;
    }
  return NULL;
}

static SECKEYPrivateKey *
generate (CK_MECHANISM_TYPE mechanism, void *param, SECKEYPublicKey **ret_public)
{
  g_autoptr (PK11SlotInfo) slot = PK11_GetInternalSlot ();

  return slot ? PK11_GenerateKeyPair (slot, mechanism, param, ret_public, PR_FALSE, PR_FALSE, NULL) : NULL;
}

static void
generate_modp (IkeKeKey *key)
{
  g_autoptr (GBytes) prime = NULL;
  g_autoptr (GBytes) generator = NULL;
  SECKEYDHParams param = { 0 };
  IkeChunk p, g;

  if (!nss_ke_group_get (key->group, &prime, &generator))
    return;
  p = ike_chunk_bytes (prime);
  g = ike_chunk_bytes (generator);
  param.prime = (SECItem){ siBuffer, (guint8 *) p.data, (unsigned) p.len };
  param.base = (SECItem){ siBuffer, (guint8 *) g.data, (unsigned) g.len };
  key->private_key = generate (CKM_DH_PKCS_KEY_PAIR_GEN, &param, &key->public_key);
}

static IkeSecret *
ecdh (SECKEYPrivateKey *private_key, SECKEYPublicKey *public_key, gsize len)
{
  return secret_of (PK11_PubDeriveWithKDF (private_key, public_key, PR_FALSE, NULL, NULL, CKM_ECDH1_DERIVE,
                                           CKM_GENERIC_SECRET_KEY_GEN, CKA_DERIVE, 0, CKD_NULL, NULL, NULL),
                    len);
}

/* PKCS#8 (RFC 5208) around an ECPrivateKey (RFC 5915). */
static GByteArray *
ec_private_der (guint16 group, IkeChunk private_value, IkeChunk point)
{
  static const guint8 zero[] = { 0 }, one[] = { 1 };
  static const guint8 oid_ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
  g_autoptr (GByteArray) algorithm = g_byte_array_new ();
  g_autoptr (GByteArray) bits = g_byte_array_new ();
  g_autoptr (GByteArray) public_part = g_byte_array_new ();
  /* with room for all of it: what grows leaves copies */
  const guint room = (guint) (private_value.len + point.len) + 128;
  GByteArray *ec = g_byte_array_sized_new (room), *info = g_byte_array_sized_new (room),
             *der = g_byte_array_sized_new (room);
  SECItem curve = curve_of (group);

  g_byte_array_append (algorithm, oid_ec, sizeof oid_ec);
  g_byte_array_append (algorithm, curve.data, curve.len);
  g_byte_array_append (bits, zero, sizeof zero);
  g_byte_array_append (bits, point.data, (guint) point.len);
  nss_der_put (public_part, NSS_DER_BIT_STRING, bits->data, bits->len);

  nss_der_put (info, NSS_DER_INTEGER, one, sizeof one);
  nss_der_put (info, NSS_DER_OCTET_STRING, private_value.data, private_value.len);
  nss_der_put (info, NSS_DER_CONTEXT_CONSTRUCTED (1), public_part->data, public_part->len);
  nss_der_put (ec, NSS_DER_SEQUENCE, info->data, info->len);

  explicit_bzero (info->data, info->len);
  g_byte_array_set_size (info, 0);
  nss_der_put (info, NSS_DER_INTEGER, zero, sizeof zero);
  nss_der_put (info, NSS_DER_SEQUENCE, algorithm->data, algorithm->len);
  nss_der_put (info, NSS_DER_OCTET_STRING, ec->data, ec->len);
  nss_der_put (der, NSS_DER_SEQUENCE, info->data, info->len);
  nss_der_wipe (info);
  nss_der_wipe (ec);
  return der;
}

static SECKEYPrivateKey *
import_ec (guint16 group, IkeChunk private_value, IkeChunk point)
{
  g_autoptr (PK11SlotInfo) slot = PK11_GetInternalSlot ();
  GByteArray *der = ec_private_der (group, private_value, point);
  SECItem item = { siBuffer, der->data, der->len };
  SECKEYPrivateKey *key = NULL;

  if (slot && PK11_ImportDERPrivateKeyInfoAndReturnKey (slot, &item, NULL, NULL, PR_FALSE, PR_TRUE, KU_KEY_AGREEMENT,
                                                        &key, NULL) != SECSuccess)
    key = NULL;
  nss_der_wipe (der);
  return key;
}

/*
 * Any 32 octets are a private key of Curve25519 (RFC 7748 section 6.1), and the public value is what it makes of the
 * point 9. So the key can be drawn, imported and used, which takes one multiplication; NSS's own generation takes more,
 * for a consistency check. The public part of the import, which NSS wants to be there, does not matter.
 */
static gboolean
import_x25519 (IkeKeKey *key, const guint8 *private_value)
{
  static const guint8 base_point[X25519_LEN] = { 9 };
  g_autoptr (IkeSecret) value = NULL;
  SECKEYPublicKey *base;

  key->private_key =
      import_ec (key->group, ike_chunk (private_value, X25519_LEN), ike_chunk (base_point, sizeof base_point));
  if (!key->private_key)
    return FALSE;
  base = public_of_curve (key->group, base_point, sizeof base_point);
  value = ecdh (key->private_key, base, X25519_LEN);
  SECKEY_DestroyPublicKey (base);
  if (value)
    key->public_key = public_of_curve (key->group, ike_secret_data (value), X25519_LEN);
  else
    g_clear_pointer (&key->private_key, SECKEY_DestroyPrivateKey);
  return value != NULL;
}

static void
generate_x25519 (IkeKeKey *key)
{
  guint8 private_value[X25519_LEN];
  SECItem curve = curve_of (key->group);
  gboolean ok =
      PK11_GenerateRandom (private_value, sizeof private_value) == SECSuccess && import_x25519 (key, private_value);

  explicit_bzero (private_value, sizeof private_value);
  /* A token that takes no keys from outside (FIPS) makes its own. */
  if (!ok)
    key->private_key = generate (CKM_EC_KEY_PAIR_GEN, &curve, &key->public_key);
}

static void
generate_kem (IkeKeKey *key)
{
#ifdef CKM_NSS_ML_KEM
  const Kem *kem = kem_find (key->group);
  CK_ULONG param = kem ? kem->param : 0;

  if (kem)
    key->private_key = generate (kem->generate, &param, &key->public_key);
#endif
}

gboolean
nss_ke_generate (const IkeCrypto *self, guint16 group, IkeKeKey **ret_key, GBytes **ret_public)
{
  IkeKeKey *key = g_new0 (IkeKeKey, 1);
  SECItem curve = curve_of (group);
  GBytes *octets;

  key->group = group;
  switch (kind_of (group))
    {
    case KIND_MODP:
      generate_modp (key);
      break;
    case KIND_ECP:
      key->private_key = generate (CKM_EC_KEY_PAIR_GEN, &curve, &key->public_key);
      break;
    case KIND_X25519:
      generate_x25519 (key);
      break;
    case KIND_KEM:
      generate_kem (key);
      break;
    case KIND_NONE:
      break;
    }
  octets = key->private_key && key->public_key ? public_octets (key) : NULL;
  if (!octets)
    {
      nss_ke_free (self, key);
      return FALSE;
    }
  *ret_key = key;
  *ret_public = octets;
  return TRUE;
}

gboolean
nss_ke_import (guint16 group, IkeChunk private_value, IkeChunk public_value, IkeKeKey **ret_key, GBytes **ret_public)
{
  IkeKeKey *key = g_new0 (IkeKeKey, 1);

  key->group = group;
  if (kind_of (group) == KIND_X25519 && private_value.len == X25519_LEN)
    import_x25519 (key, private_value.data);
  else if (kind_of (group) == KIND_ECP &&
           public_value.len == ike_algorithm_find (IKE_TRANSFORM_KE, group)->ke_initiator)
    {
      key->public_key = public_of_curve (group, public_value.data, public_value.len);
      key->private_key =
          import_ec (group, private_value,
                     ike_chunk (key->public_key->u.ec.publicValue.data, key->public_key->u.ec.publicValue.len));
    }
  if (!key->private_key)
    {
      nss_ke_free (NULL, key);
      return FALSE;
    }
  *ret_key = key;
  *ret_public = public_octets (key);
  return TRUE;
}

/* ---- both halves ---- */

static IkeSecret *
finish_modp (IkeKeKey *key, const guint8 *value, gsize len)
{
  SECKEYPublicKey *peer = public_of_modp (key->group, value, len);
  IkeSecret *secret;

  if (!peer)
    return NULL;
  /* The key size asks NSS for all octets: left to itself it drops leading zeros, which RFC 7296 section 2.14 wants. */
  secret = secret_of (PK11_PubDerive (key->private_key, peer, PR_FALSE, NULL, NULL, CKM_DH_PKCS_DERIVE,
                                      CKM_GENERIC_SECRET_KEY_GEN, CKA_DERIVE, (int) len, NULL),
                      len);
  SECKEY_DestroyPublicKey (peer);
  return secret;
}

static IkeSecret *
finish_curve (IkeKeKey *key, const IkeAlgorithm *alg, const guint8 *value, gsize len)
{
  SECKEYPublicKey *peer = public_of_curve (key->group, value, len);
  g_autoptr (IkeSecret) secret = ecdh (key->private_key, peer, alg->ke_shared);
  guint8 any = 0;

  SECKEY_DestroyPublicKey (peer);
  /* RFC 7748 section 6.1, RFC 8031 section 5: an all-zero result comes from a point of small order. */
  for (gsize i = 0; i < ike_secret_len (secret); i++)
    any |= ike_secret_data (secret)[i];
  return any != 0 ? g_steal_pointer (&secret) : NULL;
}

static IkeSecret *
finish_kem (IkeKeKey *key, const IkeAlgorithm *alg, const guint8 *value, gsize len)
{
#ifdef CKM_NSS_ML_KEM
  SECItem ciphertext = { siBuffer, (guint8 *) value, (unsigned) len };
  PK11SymKey *shared = NULL;

  if (PK11_Decapsulate (key->private_key, &ciphertext, CKM_GENERIC_SECRET_KEY_GEN,
                        PK11_ATTR_SESSION | PK11_ATTR_INSENSITIVE, CKF_DERIVE, &shared) != SECSuccess)
    return NULL;
  return secret_of (shared, alg->ke_shared);
#else
  return NULL;
#endif
}

IkeSecret *
nss_ke_finish (const IkeCrypto *self, IkeKeKey *key, GBytes *peer)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_KE, key->group);
  IkeChunk value = ike_chunk_bytes (peer);

  /* RFC 7296 section 3.4 and cve-2026-35332, cve-2023-41913: exactly the group's length, before anything else. */
  if (!alg || value.len != alg->ke_responder)
    return NULL;
  switch (kind_of (key->group))
    {
    case KIND_MODP:
      return finish_modp (key, value.data, value.len);
    case KIND_ECP:
    case KIND_X25519:
      return finish_curve (key, alg, value.data, value.len);
    case KIND_KEM:
      return finish_kem (key, alg, value.data, value.len);
    case KIND_NONE:
      return NULL;
    }
  return NULL;
}

#ifdef CKM_NSS_ML_KEM
static SECStatus
encapsulate (const Kem *kem, IkeChunk value, PK11SymKey **ret_shared, SECItem **ret_ciphertext)
{
  g_autoptr (PK11SlotInfo) slot = PK11_GetInternalSlot ();
  SECKEYPublicKey *peer = public_new (kyberKey);
  SECStatus rv = SECFailure;

  peer->u.kyber.params = kem->params;
  public_copy (peer, &peer->u.kyber.publicValue, value.data, value.len);
  /* PK11_Encapsulate() wants a key that already lives in a slot. */
  if (slot && PK11_ImportPublicKey (slot, peer, PR_FALSE) != CK_INVALID_HANDLE)
    rv = PK11_Encapsulate (peer, CKM_GENERIC_SECRET_KEY_GEN, PK11_ATTR_SESSION | PK11_ATTR_INSENSITIVE, CKF_DERIVE,
                           ret_shared, ret_ciphertext);
  SECKEY_DestroyPublicKey (peer);
  return rv;
}
#endif

static gboolean
respond_kem (const IkeAlgorithm *alg, IkeChunk value, GBytes **ret_public, IkeSecret **ret_shared)
{
#ifdef CKM_NSS_ML_KEM
  g_autoptr (IkeSecret) secret = NULL;
  const Kem *kem = kem_find (alg->id);
  PK11SymKey *shared = NULL;
  SECItem *ciphertext = NULL;
  gboolean ok;

  if (!kem || value.len != alg->ke_initiator || encapsulate (kem, value, &shared, &ciphertext) != SECSuccess)
    return FALSE;
  secret = secret_of (shared, alg->ke_shared);
  ok = secret && ciphertext->len == alg->ke_responder;
  if (ok)
    {
      *ret_public = g_bytes_new (ciphertext->data, ciphertext->len);
      *ret_shared = g_steal_pointer (&secret);
    }
  SECITEM_FreeItem (ciphertext, PR_TRUE);
  return ok;
#else
  return FALSE;
#endif
}

gboolean
nss_ke_respond (const IkeCrypto *self, guint16 group, GBytes *peer, GBytes **ret_public, IkeSecret **ret_shared)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_KE, group);
  g_autoptr (GBytes) ours = NULL;
  IkeKeKey *key = NULL;
  IkeSecret *shared;

  if (!alg)
    return FALSE;
  if (kind_of (group) == KIND_KEM)
    return respond_kem (alg, ike_chunk_bytes (peer), ret_public, ret_shared);
  /* The length is checked again in finish; here it saves an attacker's victim the key generation. */
  if (g_bytes_get_size (peer) != alg->ke_initiator || !nss_ke_generate (self, group, &key, &ours))
    return FALSE;
  shared = nss_ke_finish (self, key, peer);
  nss_ke_free (self, key);
  if (!shared)
    return FALSE;
  *ret_public = g_steal_pointer (&ours);
  *ret_shared = shared;
  return TRUE;
}
