/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of signature schemes, the choice for our own key, and the strict reading of a peer's AlgorithmIdentifier
 * (see the header): RFC 7427 sections 3 and 4 and appendix A, RFC 8420, RFC 4754, RFC 4055 section 3 (PSS parameters).
 */
#include "crypto/sig-scheme.h"

#include "crypto/suites.h"

#include <string.h>

#define RSA_KEYS (1u << IKE_KEY_RSA)
#define EC_KEYS (1u << IKE_KEY_P256 | 1u << IKE_KEY_P384 | 1u << IKE_KEY_P521)
#define DER(bytes) .der = (bytes), .der_len = sizeof (bytes)

/* OIDs with tag and length */
#define OID_PKCS1(last) 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, (last)
#define OID_SHA2(last) 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, (last)
#define OID_SIG(last) 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, (last)
#define NULL_PARAMS 0x05, 0x00

/* RFC 7427 appendix A.1: the parameters must be NULL; A.3: they must be absent; RFC 8420 appendix A: absent. */
static const guint8 rsa_with_sha1[] = { 0x30, 0x0d, OID_PKCS1 (5), NULL_PARAMS };
static const guint8 rsa_sha256[] = { 0x30, 0x0d, OID_PKCS1 (11), NULL_PARAMS };
static const guint8 rsa_sha384[] = { 0x30, 0x0d, OID_PKCS1 (12), NULL_PARAMS };
static const guint8 rsa_sha512[] = { 0x30, 0x0d, OID_PKCS1 (13), NULL_PARAMS };
static const guint8 ecdsa_sha1[] = { 0x30, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01 };
static const guint8 ecdsa_sha256[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
static const guint8 ecdsa_sha384[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 };
static const guint8 ecdsa_sha512[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04 };
static const guint8 ed25519[] = { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70 };
/* RFC 9881 section 2: absent, too */
static const guint8 ml_dsa_44[] = { 0x30, 0x0b, OID_SIG (17) };
static const guint8 ml_dsa_65[] = { 0x30, 0x0b, OID_SIG (18) };
static const guint8 ml_dsa_87[] = { 0x30, 0x0b, OID_SIG (19) };
/* RFC 7427 appendix A.4.3 without its trailerField: that is a default, which DER leaves out, and Libreswan compares octet
 * by octet with just this (4.10 refuses the longer form, strongSwan sends the shorter one too). */
/* clang-format off */
#define PSS(hash, salt) \
  { 0x30, 0x41, OID_PKCS1 (10), 0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, OID_SHA2 (hash), NULL_PARAMS, 0xa1, 0x1c, 0x30, \
    0x1a, OID_PKCS1 (8), 0x30, 0x0d, OID_SHA2 (hash), NULL_PARAMS, 0xa2, 0x03, 0x02, 0x01, (salt) }
/* clang-format on */
static const guint8 pss_sha256[] = PSS (1, 32);
static const guint8 pss_sha384[] = PSS (2, 48);
static const guint8 pss_sha512[] = PSS (3, 64);

/* In order of preference where several fit a key. */
static const IkeSigScheme schemes[] = {
  { "RSASSA-PSS with SHA-256", IKE_AUTH_METHOD_SIGNATURE, RSA_KEYS, IKE_HASH_SHA2_256, .pss = TRUE, .fips = TRUE,
    DER (pss_sha256) },
  { "RSASSA-PSS with SHA-384", IKE_AUTH_METHOD_SIGNATURE, RSA_KEYS, IKE_HASH_SHA2_384, .pss = TRUE, .fips = TRUE,
    DER (pss_sha384) },
  { "RSASSA-PSS with SHA-512", IKE_AUTH_METHOD_SIGNATURE, RSA_KEYS, IKE_HASH_SHA2_512, .pss = TRUE, .fips = TRUE,
    DER (pss_sha512) },
  { "RSA PKCS#1 v1.5 with SHA-256", IKE_AUTH_METHOD_SIGNATURE, RSA_KEYS, IKE_HASH_SHA2_256, .fips = TRUE,
    DER (rsa_sha256) },
  { "RSA PKCS#1 v1.5 with SHA-384", IKE_AUTH_METHOD_SIGNATURE, RSA_KEYS, IKE_HASH_SHA2_384, .fips = TRUE,
    DER (rsa_sha384) },
  { "RSA PKCS#1 v1.5 with SHA-512", IKE_AUTH_METHOD_SIGNATURE, RSA_KEYS, IKE_HASH_SHA2_512, .fips = TRUE,
    DER (rsa_sha512) },
  { "RSA PKCS#1 v1.5 with SHA-1", IKE_AUTH_METHOD_SIGNATURE, RSA_KEYS, IKE_HASH_SHA1, .weak = TRUE,
    DER (rsa_with_sha1) },
  { "ECDSA with SHA-256", IKE_AUTH_METHOD_SIGNATURE, EC_KEYS, IKE_HASH_SHA2_256, .fips = TRUE, DER (ecdsa_sha256) },
  { "ECDSA with SHA-384", IKE_AUTH_METHOD_SIGNATURE, EC_KEYS, IKE_HASH_SHA2_384, .fips = TRUE, DER (ecdsa_sha384) },
  { "ECDSA with SHA-512", IKE_AUTH_METHOD_SIGNATURE, EC_KEYS, IKE_HASH_SHA2_512, .fips = TRUE, DER (ecdsa_sha512) },
  { "ECDSA with SHA-1", IKE_AUTH_METHOD_SIGNATURE, EC_KEYS, IKE_HASH_SHA1, .weak = TRUE, DER (ecdsa_sha1) },
  { "Ed25519", IKE_AUTH_METHOD_SIGNATURE, 1u << IKE_KEY_ED25519, IKE_HASH_IDENTITY, DER (ed25519) },
  { "ML-DSA-44", IKE_AUTH_METHOD_SIGNATURE, 1u << IKE_KEY_ML_DSA_44, IKE_HASH_IDENTITY, DER (ml_dsa_44) },
  { "ML-DSA-65", IKE_AUTH_METHOD_SIGNATURE, 1u << IKE_KEY_ML_DSA_65, IKE_HASH_IDENTITY, DER (ml_dsa_65) },
  { "ML-DSA-87", IKE_AUTH_METHOD_SIGNATURE, 1u << IKE_KEY_ML_DSA_87, IKE_HASH_IDENTITY, DER (ml_dsa_87) },
  /* RFC 7296 section 3.8: method 1 is PKCS#1 v1.5, with SHA-1 where the peer is not known to do better; which hash it is
   * stands in the signature. Of us such peers expect SHA-1. */
  { "RSA with SHA-2 (method 1)", IKE_AUTH_METHOD_RSA, RSA_KEYS, IKE_HASH_SHA2_256, .fips = TRUE, .verify_only = TRUE },
  { "RSA with SHA-1 (method 1)", IKE_AUTH_METHOD_RSA, RSA_KEYS, IKE_HASH_SHA1, .weak = TRUE },
  { "ECDSA P-256 with SHA-256 (method 9)", IKE_AUTH_METHOD_ECDSA_256, 1u << IKE_KEY_P256, IKE_HASH_SHA2_256,
    .raw_ecdsa = TRUE, .fips = TRUE },
  { "ECDSA P-384 with SHA-384 (method 10)", IKE_AUTH_METHOD_ECDSA_384, 1u << IKE_KEY_P384, IKE_HASH_SHA2_384,
    .raw_ecdsa = TRUE, .fips = TRUE },
  { "ECDSA P-521 with SHA-512 (method 11)", IKE_AUTH_METHOD_ECDSA_521, 1u << IKE_KEY_P521, IKE_HASH_SHA2_512,
    .raw_ecdsa = TRUE, .fips = TRUE },
};

const IkeSigScheme *
ike_sig_scheme_at (guint index)
{
  return index < G_N_ELEMENTS (schemes) ? &schemes[index] : NULL;
}

/* RFC 8420 section 3: IDENTITY says that Ed25519 (or ML-DSA) can be verified, which not every NSS can. */
guint
ike_sig_hashes_offered (const IkeCrypto *crypto, IkeHashId ret[IKE_SIG_MAX_HASHES])
{
  static const IkeHashId all[] = { IKE_HASH_SHA2_256, IKE_HASH_SHA2_384, IKE_HASH_SHA2_512, IKE_HASH_IDENTITY };
  guint n = 0;

  G_STATIC_ASSERT (G_N_ELEMENTS (all) == IKE_SIG_MAX_HASHES);
  for (guint h = 0; h < G_N_ELEMENTS (all); h++)
    for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
      if (schemes[i].method == IKE_AUTH_METHOD_SIGNATURE && schemes[i].hash == all[h] &&
          crypto->verifies (crypto, &schemes[i]))
        {
          ret[n++] = all[h];
          break;
        }
  return n;
}

gboolean
ike_sig_scheme_allowed (const IkeSigScheme *scheme, gboolean rsa_sha1, gboolean fips)
{
  return (!scheme->weak || (rsa_sha1 && scheme->keys == RSA_KEYS)) && (!fips || scheme->fips);
}

/* ---- our own key ---- */

/* The hash as strong as the key: what a peer with any choice should see. */
static IkeHashId
natural_hash (const IkeSigKey *key)
{
  switch (key->type)
    {
    case IKE_KEY_RSA:
      return key->bits <= 3072 ? IKE_HASH_SHA2_256 : key->bits <= 7680 ? IKE_HASH_SHA2_384 : IKE_HASH_SHA2_512;
    case IKE_KEY_P256:
      return IKE_HASH_SHA2_256;
    case IKE_KEY_P384:
      return IKE_HASH_SHA2_384;
    case IKE_KEY_P521:
      return IKE_HASH_SHA2_512;
    case IKE_KEY_ED25519:
    case IKE_KEY_ML_DSA_44:
    case IKE_KEY_ML_DSA_65:
    case IKE_KEY_ML_DSA_87:
      return IKE_HASH_IDENTITY;
    case IKE_KEY_NONE:
      break;
    }
  return IKE_HASH_SHA1;
}

static gboolean
fits (const IkeSigScheme *scheme, const IkeSigKey *key)
{
  if (key->type == IKE_KEY_NONE || !(scheme->keys & 1u << key->type) || (scheme->pss && !key->pss) ||
      !ike_sig_scheme_allowed (scheme, key->rsa_sha1, key->fips))
    return FALSE;
  /* RFC 8017 section 9.1.1: PSS wants room for hash, salt and two octets. */
  return !scheme->pss || key->bits / 8 >= 2 * ike_hash_len (scheme->hash) + 2;
}

static const IkeSigScheme *
choose (const IkeSigKey *key, guint peer_hashes, guint32 among)
{
  const IkeSigScheme *best = NULL;
  IkeHashId natural = natural_hash (key);

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      const IkeSigScheme *scheme = &schemes[i];

      /* RFC 7427 section 4: without SIGNATURE_HASH_ALGORITHMS method 14 must not be used; with it, only its hashes. */
      if (!(among & 1u << i) || scheme->verify_only || !fits (scheme, key) ||
          (peer_hashes != 0) != (scheme->method == IKE_AUTH_METHOD_SIGNATURE) ||
          (peer_hashes != 0 && !(peer_hashes & 1u << scheme->hash)))
        continue;
      if (!best || (scheme->hash == natural && best->hash != natural && scheme->pss == best->pss))
        best = scheme;
    }
  return best;
}

const IkeSigScheme *
ike_sig_scheme_choose (const IkeSigKey *key, guint peer_hashes, guint32 announced)
{
  const IkeSigScheme *best = announced ? choose (key, peer_hashes, announced) : NULL;

  G_STATIC_ASSERT (G_N_ELEMENTS (schemes) <= 32);
  return best ? best : choose (key, peer_hashes, G_MAXUINT32);
}

/* ---- the peer's AlgorithmIdentifier ---- */

/* One DER element with the given tag; the length in its shortest form and below 256. Fails the reader otherwise. */
static IkeReader
read_der (IkeReader *reader, guint8 tag)
{
  guint8 got = ike_read_u8 (reader), len = ike_read_u8 (reader);

  if (len == 0x81)
    {
      len = ike_read_u8 (reader);
      if (len < 0x80)
        ike_reader_fail (reader);
    }
  else if (len >= 0x80)
    ike_reader_fail (reader);
  if (got != tag)
    ike_reader_fail (reader);
  return ike_read_sub (reader, len);
}

static gboolean
is_oid (IkeReader *reader, const guint8 *oid, gsize len)
{
  IkeReader content = read_der (reader, 0x06);
  IkeChunk value = ike_read_rest (&content);

  return ike_reader_ok (reader) && ike_chunk_equal (value, ike_chunk (oid + 2, len - 2));
}

/* Nothing, or NULL. */
static gboolean
read_null_params (IkeReader *reader)
{
  if (ike_reader_left (reader) > 0)
    {
      IkeReader null = read_der (reader, 0x05);

      if (ike_reader_left (&null) > 0)
        return FALSE;
    }
  return ike_reader_done (reader);
}

/* SEQUENCE { OID of a SHA-2, NULL or nothing }: RFC 4055 section 2.1 wants both forms accepted. 0: something else. */
static guint
read_hash (IkeReader *reader)
{
  static const struct {
    guint8 oid[11];
    IkeHashId hash;
  } known[] = {
    { { OID_SHA2 (1) }, IKE_HASH_SHA2_256 },
    { { OID_SHA2 (2) }, IKE_HASH_SHA2_384 },
    { { OID_SHA2 (3) }, IKE_HASH_SHA2_512 },
  };
  IkeReader content = read_der (reader, 0x30);

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      IkeReader attempt = content;

      if (is_oid (&attempt, known[i].oid, sizeof known[i].oid) && read_null_params (&attempt))
        return known[i].hash;
    }
  return 0;
}

/* INTEGER 0...127 in one octet, inside an explicit tag; -1: something else. */
static int
read_small (IkeReader *reader, guint8 tag)
{
  IkeReader outer = read_der (reader, tag);
  IkeReader inner = read_der (&outer, 0x02);
  guint8 value = ike_read_u8 (&inner);

  return ike_reader_done (&inner) && ike_reader_done (&outer) && ike_reader_ok (reader) && value < 0x80 ? value : -1;
}

/* RSASSA-PSS-params, RFC 4055 section 3.1, after the OID. Defaults mean SHA-1, which we refuse: the first three must be
 * there (cve-2018-6459, cve-2021-41990: nothing may be assumed, and no odd salt length believed). */
static guint
read_pss (IkeReader *reader)
{
  static const guint8 mgf1[] = { OID_PKCS1 (8) };
  IkeReader params = read_der (reader, 0x30);
  IkeReader hash_tag = read_der (&params, 0xa0);
  guint hash = read_hash (&hash_tag), mgf_hash;
  IkeReader mgf_tag = read_der (&params, 0xa1);
  IkeReader mgf = read_der (&mgf_tag, 0x30);

  if (hash == 0 || !ike_reader_done (&hash_tag) || !is_oid (&mgf, mgf1, sizeof mgf1))
    return 0;
  mgf_hash = read_hash (&mgf);
  if (mgf_hash != hash || !ike_reader_done (&mgf) || !ike_reader_done (&mgf_tag))
    return 0;
  if (read_small (&params, 0xa2) != (int) ike_hash_len (hash))
    return 0;
  if (ike_reader_left (&params) > 0 && read_small (&params, 0xa3) != 1)
    return 0;
  return ike_reader_done (&params) && ike_reader_done (reader) ? hash : 0;
}

/* RFC 4055 section 5: the NULL of PKCS#1 must be there, and must not be missed where it is not. */
static gboolean
is_without_null (const IkeSigScheme *scheme, IkeChunk identifier)
{
  const gsize null_len = 2;

  return scheme->der && scheme->keys == RSA_KEYS && !scheme->pss && identifier.len == scheme->der_len - null_len &&
         identifier.data[0] == 0x30 && identifier.data[1] == scheme->der[1] - null_len &&
         memcmp (identifier.data + 2, scheme->der + 2, identifier.len - 2) == 0;
}

static const IkeSigScheme *
scheme_of_identifier (IkeChunk identifier)
{
  static const guint8 pss[] = { OID_PKCS1 (10) };
  IkeReader reader = ike_reader (identifier);
  IkeReader content = read_der (&reader, 0x30), attempt = content;
  guint hash;

  if (!ike_reader_done (&reader))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if ((schemes[i].der && ike_chunk_equal (identifier, ike_chunk (schemes[i].der, schemes[i].der_len))) ||
        is_without_null (&schemes[i], identifier))
      return &schemes[i];
  if (!is_oid (&attempt, pss, sizeof pss))
    return NULL;
  hash = read_pss (&attempt);
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (schemes[i].pss && schemes[i].hash == hash)
      return &schemes[i];
  return NULL;
}

const IkeSigScheme *
ike_sig_scheme_of (const IkeAuthPayload *auth, gboolean rsa_sha1)
{
  if (auth->data.len == 0)
    return NULL;
  if (auth->method == IKE_AUTH_METHOD_SIGNATURE)
    return scheme_of_identifier (auth->algorithm);
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (schemes[i].method == auth->method && (auth->method != IKE_AUTH_METHOD_RSA || !schemes[i].weak == !rsa_sha1))
      return &schemes[i];
  return NULL;
}

IkeAuthPayload
ike_sig_scheme_auth (const IkeSigScheme *scheme, IkeChunk signature)
{
  return (IkeAuthPayload){ .method = (guint8) scheme->method,
                           .data = signature,
                           .algorithm = ike_chunk (scheme->der, scheme->der_len) };
}
