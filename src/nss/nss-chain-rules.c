/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a certificate must be, alone, to stand in a chain: RFC 5280 section 6.1.3, RFC 4945 section 5.1.3. */
#include "nss-chain-rules.h"
#include "nss-name.h"
#include "nss-sign.h"

#include <keyhi.h>
#include <prprf.h>
#include <secerr.h>
#include <secoid.h>

static const guint8 OID_SHA1[] = { 0x2b, 0x0e, 0x03, 0x02, 0x1a };
static const guint8 OID_SHA256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
static const guint8 OID_SHA384[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 };
static const guint8 OID_SHA512[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 };

/* RFC 4945 section 5.1.3.12, and what CAs for VPNs put there in practice: a TLS purpose, or Apple's and Cisco's old
 * "IKE intermediate". */
static const struct {
  guint8 len;
  guint8 oid[8];
  gboolean tls_server;
} purposes[] = {
  { 8, { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x11 } }, /* id-kp-ipsecIKE */
  { 4, { 0x55, 0x1d, 0x25, 0x00 }, TRUE }, /* anyExtendedKeyUsage */
  { 8, { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x08, 0x02, 0x02 } }, /* iKEIntermediate */
  { 8, { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01 }, TRUE }, /* id-kp-serverAuth */
  { 8, { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02 } }, /* id-kp-clientAuth */
};

/* Extensions that are processed, here or by the PKIX validator: the last octet under id-ce (2.5.29). */
static const guint8 known_extensions[] = {
  14 /* SubjectKeyIdentifier */,   15 /* KeyUsage */,          17 /* SubjectAltName */,      18 /* IssuerAltName */,
  19 /* BasicConstraints */,       30 /* NameConstraints */,   32 /* CertificatePolicies */, 33 /* PolicyMappings */,
  35 /* AuthorityKeyIdentifier */, 36 /* PolicyConstraints */, 37 /* ExtendedKeyUsage */,    54 /* InhibitAnyPolicy */,
};

static gboolean
refuse (IkeReason *ret, IkeReasonCode code, const NssCert *cert, const char *what)
{
  g_autofree char *subject = nss_cert_subject (cert);

  ike_reason_set (ret, code, 0, "%s: %s", subject, what);
  return FALSE;
}

static gboolean
extension_is_known (const SECItem *oid)
{
  if (oid->len != 3 || oid->data[0] != 0x55 || oid->data[1] != 0x1d)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (known_extensions); i++)
    if (oid->data[2] == known_extensions[i])
      return TRUE;
  return FALSE;
}

gboolean
nss_rule_form (const NssCert *cert, IkeReason *ret)
{
  CERTCertificate *nss = nss_cert_nss (cert);

  if (SECOID_CompareAlgorithmID (&nss->signature, &nss->signatureWrap.signatureAlgorithm) != SECEqual)
    return refuse (ret, IKE_REASON_CERT_BAD, cert, "it names two different signature algorithms");
  for (guint i = 0; nss->extensions != NULL && nss->extensions[i] != NULL; i++)
    {
      const CERTCertExtension *extension = nss->extensions[i];
      g_autofree char *oid = NULL;
      g_autofree char *what = NULL;
      char *text;

      /* RFC 4945 section 5.1.3: what is critical and not supported makes the certificate unusable. */
      if (extension->critical.len == 0 || extension->critical.data[0] == 0 || extension_is_known (&extension->id))
        continue;
      text = CERT_GetOidString (&extension->id);
      oid = g_strdup (text != NULL ? text : "?");
      if (text != NULL)
        PR_smprintf_free (text);
      what = g_strdup_printf ("it has a critical extension that is not known, %s", oid);
      return refuse (ret, IKE_REASON_CERT_BAD, cert, what);
    }
  return TRUE;
}

gboolean
nss_rule_dates (const NssCert *cert, gint64 now, IkeReason *ret)
{
  gboolean ended = now > nss_cert_not_after (cert);
  gint64 date = ended ? nss_cert_not_after (cert) : nss_cert_not_before (cert);
  g_autofree char *text = NULL;

  /* Also a certificate that ends before it begins has ended. */
  if (!ended && now >= nss_cert_not_before (cert))
    return TRUE;
  text = nss_time_to_string (date);
  return refuse (ret, ended ? IKE_REASON_CERT_EXPIRED : IKE_REASON_CERT_NOT_YET_VALID, cert, text);
}

gboolean
nss_rule_key_kind (const NssCert *cert, IkeReason *ret)
{
  IkeKeyType type = nss_cert_spki (cert)->type;

  return (type != IKE_KEY_NONE && nss_sign_does (type)) ||
         refuse (ret, IKE_REASON_CERT_BAD, cert, "its public key is of a kind that cannot be used");
}

gboolean
nss_rule_key (const NssCert *cert, gboolean allow_weak, IkeReason *ret)
{
  const NssSpki *spki = nss_cert_spki (cert);
  g_autofree char *what = NULL;

  if (!nss_rule_key_kind (cert, ret))
    return FALSE;
  if (spki->type != IKE_KEY_RSA || spki->bits >= (allow_weak ? NSS_RULE_MIN_RSA_WEAK : NSS_RULE_MIN_RSA))
    return TRUE;
  what = g_strdup_printf ("its RSA key has only %u bits", spki->bits);
  return refuse (ret, IKE_REASON_CERT_WEAK, cert, what);
}

typedef enum { HASH_GOOD, HASH_SHA1, HASH_BAD } HashQuality;

/* RFC 4055 section 3.1: the hash is in the parameters, SHA-1 when it is left out. */
static HashQuality
pss_hash_quality (const SECItem *parameters)
{
  NssDer in = nss_der (parameters->data, parameters->len);
  NssDer sequence = nss_der_enter (&in, NSS_DER_SEQUENCE);
  NssDer tagged, algorithm, oid;

  if (sequence.bad)
    return HASH_BAD;
  if (nss_der_peek (&sequence) != NSS_DER_CONTEXT_CONSTRUCTED (0))
    return HASH_SHA1;
  tagged = nss_der_enter (&sequence, NSS_DER_CONTEXT_CONSTRUCTED (0));
  algorithm = nss_der_enter (&tagged, NSS_DER_SEQUENCE);
  oid = nss_der_enter (&algorithm, NSS_DER_OID);
  if (nss_der_is_oid (&oid, OID_SHA256) || nss_der_is_oid (&oid, OID_SHA384) || nss_der_is_oid (&oid, OID_SHA512))
    return HASH_GOOD;
  return nss_der_is_oid (&oid, OID_SHA1) ? HASH_SHA1 : HASH_BAD;
}

/* What is not on the list is bad: MD5 and its elders, and what nobody has heard of. */
static HashQuality
signature_hash_quality (const SECAlgorithmID *algorithm)
{
  static const SECOidTag good[] = {
    SEC_OID_PKCS1_SHA256_WITH_RSA_ENCRYPTION, SEC_OID_PKCS1_SHA384_WITH_RSA_ENCRYPTION,
    SEC_OID_PKCS1_SHA512_WITH_RSA_ENCRYPTION, SEC_OID_ANSIX962_ECDSA_SHA256_SIGNATURE,
    SEC_OID_ANSIX962_ECDSA_SHA384_SIGNATURE,  SEC_OID_ANSIX962_ECDSA_SHA512_SIGNATURE,
  };
  SECOidTag tag = SECOID_GetAlgorithmTag (algorithm);
  NssDer oid = nss_der (algorithm->algorithm.data, algorithm->algorithm.len);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    if (tag == good[i])
      return HASH_GOOD;
  if (tag == SEC_OID_PKCS1_RSA_PSS_SIGNATURE)
    return pss_hash_quality (&algorithm->parameters);
  if (tag == SEC_OID_PKCS1_SHA1_WITH_RSA_ENCRYPTION || tag == SEC_OID_ANSIX962_ECDSA_SHA1_SIGNATURE)
    return HASH_SHA1;
  /* these have no parameters */
  return nss_octet_key_by_oid (&oid) != NULL && algorithm->parameters.len == 0 ? HASH_GOOD : HASH_BAD;
}

gboolean
nss_rule_hash_is_good (const SECAlgorithmID *algorithm)
{
  return signature_hash_quality (algorithm) == HASH_GOOD;
}

gboolean
nss_rule_signature_hash (const NssCert *cert, gboolean allow_weak, IkeReason *ret)
{
  switch (signature_hash_quality (&nss_cert_nss (cert)->signatureWrap.signatureAlgorithm))
    {
    case HASH_GOOD:
      return TRUE;
    case HASH_SHA1:
      return allow_weak || refuse (ret, IKE_REASON_CERT_WEAK, cert, "it is signed with SHA-1");
    case HASH_BAD:
      break;
    }
  return refuse (ret, IKE_REASON_CERT_WEAK, cert, "it is signed with an algorithm that is broken or not known");
}

typedef enum { EXTENSION_ABSENT, EXTENSION_PRESENT, EXTENSION_BAD } ExtensionState;

/* The first two octets of the bits of KeyUsage. */
static ExtensionState
cert_key_usage (const NssCert *cert, guint *ret_bits)
{
  SECItem item = { siBuffer, NULL, 0 };

  if (CERT_FindKeyUsageExtension (nss_cert_nss (cert), &item) != SECSuccess)
    return PORT_GetError () == SEC_ERROR_EXTENSION_NOT_FOUND ? EXTENSION_ABSENT : EXTENSION_BAD;
  *ret_bits = item.len > 0 ? item.data[0] : 0;
  SECITEM_FreeItem (&item, PR_FALSE);
  return EXTENSION_PRESENT;
}

static gboolean
purpose_is_ours (const NssDer *oid, gboolean tls_server)
{
  for (gsize i = 0; i < G_N_ELEMENTS (purposes); i++)
    if ((!tls_server || purposes[i].tls_server) && nss_der_is (oid, purposes[i].oid, purposes[i].len))
      return TRUE;
  return FALSE;
}

/* Is one of the purposes ours (of all those, or of a TLS server's), or are there none? */
static gboolean
cert_purpose_fits (const NssCert *cert, gboolean tls_server)
{
  SECItem item = { siBuffer, NULL, 0 };
  gboolean ours = FALSE;
  NssDer in, list;

  if (CERT_FindCertExtension (nss_cert_nss (cert), SEC_OID_X509_EXT_KEY_USAGE, &item) != SECSuccess)
    return PORT_GetError () == SEC_ERROR_EXTENSION_NOT_FOUND;
  in = nss_der (item.data, item.len);
  list = nss_der_enter (&in, NSS_DER_SEQUENCE);
  while (list.len > 0)
    {
      NssDer oid = nss_der_enter (&list, NSS_DER_OID);

      ours = purpose_is_ours (&oid, tls_server) || ours;
    }
  ours = ours && nss_der_done (&list) && nss_der_done (&in);
  SECITEM_FreeItem (&item, PR_FALSE);
  return ours;
}

gboolean
nss_rule_end_entity_usage (const NssCert *cert, IkeReason *ret)
{
  guint usage = 0;
  ExtensionState state = cert_key_usage (cert, &usage);

  if (state == EXTENSION_BAD || (state == EXTENSION_PRESENT && !(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION))))
    return refuse (ret, IKE_REASON_CERT_USAGE, cert, "its key usage has neither digitalSignature nor nonRepudiation");
  if (!cert_purpose_fits (cert, FALSE))
    return refuse (ret, IKE_REASON_CERT_USAGE, cert,
                   "its extended key usage has none of ipsecIKE, serverAuth, clientAuth");
  return TRUE;
}

gboolean
nss_rule_tls_server_usage (const NssCert *cert, IkeReason *ret)
{
  guint usage = 0;
  ExtensionState state = cert_key_usage (cert, &usage);

  if (state == EXTENSION_BAD || (state == EXTENSION_PRESENT && !(usage & (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT))))
    return refuse (ret, IKE_REASON_CERT_USAGE, cert, "its key usage has neither digitalSignature nor keyEncipherment");
  if (!cert_purpose_fits (cert, TRUE))
    return refuse (ret, IKE_REASON_CERT_USAGE, cert, "its extended key usage lacks serverAuth");
  return TRUE;
}

gboolean
nss_cert_is_self_issued (const NssCert *cert)
{
  return nss_name_equal (nss_cert_subject_der (cert), nss_cert_issuer_der (cert));
}

gboolean
nss_cert_is_version_1 (const NssCert *cert)
{
  const SECItem *version = &nss_cert_nss (cert)->version;

  return version->len == 0 || version->data[version->len - 1] == 0;
}

gboolean
nss_rule_issuer_usage (const NssCert *cert, gboolean is_anchor, guint below, IkeReason *ret)
{
  CERTBasicConstraints constraints = { PR_FALSE, 0 };
  gboolean has_constraints = nss_cert_basic_constraints (cert, &constraints);
  guint usage = 0;
  ExtensionState state = cert_key_usage (cert, &usage);

  /* RFC 4945 section 5.1.1: an old certificate, which cannot say that it is a CA, only as a self-signed anchor. */
  if (!constraints.isCA &&
      !(is_anchor && nss_cert_is_version_1 (cert) && !has_constraints && nss_cert_is_self_issued (cert)))
    return refuse (ret, IKE_REASON_CERT_USAGE, cert, "it is not a certificate authority, but has issued a certificate");
  if (state == EXTENSION_BAD || (state == EXTENSION_PRESENT && !(usage & KU_KEY_CERT_SIGN)))
    return refuse (ret, IKE_REASON_CERT_USAGE, cert, "its key usage lacks keyCertSign");
  if (has_constraints && constraints.pathLenConstraint >= 0 && below > (guint) constraints.pathLenConstraint)
    return refuse (ret, IKE_REASON_CERT_USAGE, cert, "its path length allows no more authorities below it");
  return TRUE;
}

gboolean
nss_cert_is_signed_by (const NssCert *cert, const NssCert *issuer)
{
  SECKEYPublicKey *key = CERT_ExtractPublicKey (nss_cert_nss (issuer));
  SECStatus status = SECFailure;

  if (key == NULL)
    return FALSE;
  status = CERT_VerifySignedDataWithPublicKey (&nss_cert_nss (cert)->signatureWrap, key, NULL);
  SECKEY_DestroyPublicKey (key);
  return status == SECSuccess;
}

/* ---- name constraints ---- */

/* All names of @cert against the constraints of one issuer. */
static gboolean
names_fit (const NssCert *cert, gboolean is_end_entity, const CERTNameConstraints *constraints, PLArenaPool *arena)
{
  CERTGeneralName *names = CERT_GetConstrainedCertificateNames (nss_cert_nss (cert), arena, is_end_entity);
  CERTGeneralName *name = names;

  if (names == NULL)
    return FALSE;
  do
    {
      if (CERT_CheckNameSpace (arena, constraints, name) != SECSuccess)
        return FALSE;
      name = CERT_GetNextGeneralName (name);
    }
  while (name != names);
  return TRUE;
}

static gboolean
issuer_constraints_fit (GPtrArray *path, guint issuer, PLArenaPool *arena, IkeReason *ret)
{
  CERTNameConstraints *constraints = NULL;

  if (CERT_FindNameConstraintsExten (arena, nss_cert_nss (path->pdata[issuer]), &constraints) != SECSuccess &&
      PORT_GetError () != SEC_ERROR_EXTENSION_NOT_FOUND)
    return refuse (ret, IKE_REASON_CERT_BAD, path->pdata[issuer], "its name constraints cannot be read");
  for (guint i = 0; constraints != NULL && i < issuer; i++)
    /* RFC 5280 section 6.1.3 (b): a self-issued intermediate is passed over. */
    if ((i == 0 || !nss_cert_is_self_issued (path->pdata[i])) &&
        !names_fit (path->pdata[i], i == 0, constraints, arena))
      return refuse (ret, IKE_REASON_CERT_USAGE, path->pdata[i], "its issuer's name constraints forbid its names");
  return TRUE;
}

gboolean
nss_rule_name_constraints (GPtrArray *path, IkeReason *ret)
{
  PLArenaPool *arena = PORT_NewArena (DER_DEFAULT_CHUNKSIZE);
  gboolean ok = TRUE;

  if (arena == NULL)
    return refuse (ret, IKE_REASON_CERT_BAD, path->pdata[0], "its issuers' name constraints cannot be read");
  for (guint i = 1; ok && i < path->len; i++)
    ok = issuer_constraints_fit (path, i, arena, ret);
  PORT_FreeArena (arena, PR_FALSE);
  return ok;
}
