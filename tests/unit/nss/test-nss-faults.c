/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cve-2013-2944 and its family: what NSS cannot do is no success, whatever number it says so with. Each call of each
 * function that a verification asks fails in turn (they are wrapped), and what was good is not believed any more.
 */
#include "nss-chain.h"
#include "nss-name.h"
#include "sign-test.h"

#include <cert.h>
#include <cryptohi.h>
#include <nss.h>
#include <pk11pub.h>
#include <secasn1.h>
#include <secerr.h>

#include <string.h>

/* clang-format off */
/* name, parameters, arguments */
#define STATUS_FUNCTIONS(F) \
  F (PK11_HashBuf, (SECOidTag a, unsigned char *b, const unsigned char *c, PRInt32 d), (a, b, c, d)) \
  F (VFY_VerifyDigestDirect, (const SECItem *a, const SECKEYPublicKey *b, const SECItem *c, SECOidTag d, SECOidTag e, void *f), \
     (a, b, c, d, e, f)) \
  F (PK11_VerifyWithMechanism, \
     (SECKEYPublicKey *a, CK_MECHANISM_TYPE b, const SECItem *c, const SECItem *d, const SECItem *e, void *f), \
     (a, b, c, d, e, f)) \
  F (CERT_VerifySignedDataWithPublicKey, (const CERTSignedData *a, SECKEYPublicKey *b, void *c), (a, b, c)) \
  F (CERT_PKIXVerifyCert, \
     (CERTCertificate *a, SECCertificateUsage b, CERTValInParam *c, CERTValOutParam *d, void *e), (a, b, c, d, e)) \
  F (CERT_GetCertTimes, (const CERTCertificate *a, PRTime *b, PRTime *c), (a, b, c)) \
  F (CERT_FindKeyUsageExtension, (CERTCertificate *a, SECItem *b), (a, b)) \
  F (CERT_FindCertExtension, (const CERTCertificate *a, int b, SECItem *c), (a, b, c)) \
  F (CERT_DecodeBasicConstraintValue, (CERTBasicConstraints *a, const SECItem *b), (a, b)) \
  F (CERT_FindNameConstraintsExten, (PLArenaPool *a, CERTCertificate *b, CERTNameConstraints **c), (a, b, c)) \
  F (CERT_CheckNameSpace, (PLArenaPool *a, const CERTNameConstraints *b, const CERTGeneralName *c), (a, b, c)) \
  F (CERT_AddCertToListTail, (CERTCertList *a, CERTCertificate *b), (a, b)) \
  F (SEC_QuickDERDecodeItem, (PLArenaPool *a, void *b, const SEC_ASN1Template *c, const SECItem *d), (a, b, c, d))
/* type, name, parameters, arguments */
#define POINTER_FUNCTIONS(F) \
  F (CERTSubjectPublicKeyInfo *, SECKEY_DecodeDERSubjectPublicKeyInfo, (const SECItem *a), (a)) \
  F (SECKEYPublicKey *, SECKEY_ExtractPublicKey, (const CERTSubjectPublicKeyInfo *a), (a)) \
  F (SECKEYPublicKey *, CERT_ExtractPublicKey, (CERTCertificate *a), (a)) \
  F (CERTCertificate *, CERT_NewTempCertificate, (CERTCertDBHandle *a, SECItem *b, char *c, PRBool d, PRBool e), (a, b, c, d, e)) \
  F (CERTCertList *, CERT_NewCertList, (void), ()) \
  F (CERTGeneralName *, CERT_GetConstrainedCertificateNames, (const CERTCertificate *a, PLArenaPool *b, PRBool c), (a, b, c)) \
  F (PLArenaPool *, PORT_NewArena, (unsigned long a), (a))

typedef enum {
#define F(name, parameters, arguments) FAULT_##name,
  STATUS_FUNCTIONS (F)
#undef F
#define F(type, name, parameters, arguments) FAULT_##name,
  POINTER_FUNCTIONS (F)
#undef F
  N_FAULTS
} Fault;

static const char *const fault_names[] = {
#define F(name, parameters, arguments) #name,
  STATUS_FUNCTIONS (F)
#undef F
#define F(type, name, parameters, arguments) #name,
  POINTER_FUNCTIONS (F)
#undef F
};
/* clang-format on */

static guint calls[N_FAULTS]; /* since reset() */
static Fault failing; /* N_FAULTS: nothing fails */
static guint failing_from; /* its calls from this one on */
static SECStatus failing_with;

static gboolean
fails (Fault fault)
{
  guint call = calls[fault]++;

  if (fault != failing || call < failing_from)
    return FALSE;
  PORT_SetError (SEC_ERROR_LIBRARY_FAILURE);
  return TRUE;
}

#define F(name, parameters, arguments)                                                                                 \
 SECStatus __real_##name parameters;                                                                                   \
 SECStatus __wrap_##name parameters;                                                                                   \
 SECStatus __wrap_##name parameters                                                                                    \
 {                                                                                                                     \
  return fails (FAULT_##name) ? failing_with : __real_##name arguments;                                                \
 }
STATUS_FUNCTIONS (F)
#undef F
#define F(type, name, parameters, arguments)                                                                           \
 type __real_##name parameters;                                                                                        \
 type __wrap_##name parameters;                                                                                        \
 type __wrap_##name parameters                                                                                         \
 {                                                                                                                     \
  return fails (FAULT_##name) ? NULL : __real_##name arguments;                                                        \
 }
POINTER_FUNCTIONS (F)
#undef F

static void
set (Fault fault, guint from, SECStatus with)
{
  memset (calls, 0, sizeof calls);
  failing = fault;
  failing_from = from;
  failing_with = with;
}

typedef gboolean (*Attempt) (gpointer data);

/* @attempt is TRUE, and is not with any fault. How many calls of a function there are must be known first. */
static guint
assert_closed (Attempt attempt, gpointer data, const char *what)
{
  static const SECStatus no[] = { SECFailure, SECWouldBlock, (SECStatus) 1 };
  guint usual[N_FAULTS], done = 0;

  set (N_FAULTS, 0, SECSuccess);
  if (!attempt (data))
    g_error ("%s is not believed", what);
  memcpy (usual, calls, sizeof usual);
  for (guint fault = 0; fault < N_FAULTS; fault++)
    for (guint from = 0; from < usual[fault]; from++)
      for (guint i = 0; i < G_N_ELEMENTS (no); i++)
        {
          set ((Fault) fault, from, no[i]);
          if (attempt (data))
            g_error ("%s is believed although call %u of %s says %d", what, from, fault_names[fault], (int) no[i]);
          done++;
        }
  set (N_FAULTS, 0, SECSuccess);
  g_assert_true (attempt (data));
  return done;
}

/* ---- signatures ---- */

typedef struct {
  GBytes *public_key, *octets, *signature;
  const IkeSigScheme *scheme;
} Signature;

static gboolean
signature_is_good (gpointer data)
{
  const Signature *self = data;

  return nss_verify (self->public_key, self->scheme, self->octets, self->signature);
}

static void
test_signatures (void)
{
  static const char *const names[] = { "rsa", "p256", "p384", "p521", "ed25519" };
  g_autoptr (GBytes) octets = fixture ("octets");
  const IkeSigScheme *scheme;
  guint done = 0;

  for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
    for (guint i = 0; (scheme = ike_sig_scheme_at (i)) != NULL; i++)
      {
        g_autoptr (NssKey) key = key_load (names[k]);
        g_autoptr (GBytes) public_key = spki_load (names[k]), signature = NULL, empty = g_bytes_new (NULL, 0);
        Signature self = { public_key, octets, NULL, scheme };

        if (key == NULL || !nss_sign_does (nss_key_type (key)) || !(scheme->keys & 1u << nss_key_type (key)))
          continue;
        signature = nss_sign (key, scheme, octets, NULL);
        if (signature == NULL)
          continue;
        self.signature = signature;
        done += assert_closed (signature_is_good, &self, scheme->name);
        self.signature = empty;
        g_assert_false (signature_is_good (&self));
      }
  g_assert_cmpuint (done, >, 100);
}

/* ---- chains, and what is signed by their end ---- */

typedef struct {
  NssChainQuery query;
  const IkeSigScheme *scheme;
  GBytes *octets, *signature; /* NULL: the chain alone */
} Proof;

static gboolean
proof_is_good (gpointer data)
{
  const Proof *self = data;
  g_auto (IkeReason) reason = { 0 };
  gboolean ok;

  if (self->signature)
    {
      nss_verify_auth (&self->query, self->scheme, self->octets, self->signature, &reason);
      return reason.code == IKE_REASON_NONE;
    }
  ok = nss_chain_verify (&self->query, NULL, &reason);
  /* who looks at the reason alone must see it too */
  return ok || reason.code == IKE_REASON_NONE;
}

static const struct {
  const char *anchors, *certificates, *key; /* key: of the end entity; NULL: the chain alone */
} proofs[] = {
  { "root", "good int", NULL },         { "int", "good", NULL },
  { "rsaroot", "rsa", NULL },           { "root", "ncgood nc", NULL },
  { "root", "ncpermitted ncip", NULL }, { "rsaroot", "rsa", "rsa" },
};

static void
test_chains (void)
{
  g_autoptr (IkeIdentity) identity = ike_identity_new (IKE_ID_FQDN, "vpn.example.org", 15);
  g_autoptr (NssCert) good = fixture_cert ("good");
  g_autoptr (GBytes) octets = fixture ("octets");

  for (gsize i = 0; i < G_N_ELEMENTS (proofs); i++)
    {
      g_autoptr (GPtrArray) anchors = fixture_list (proofs[i].anchors);
      g_autoptr (GPtrArray) certificates = fixture_list (proofs[i].certificates);
      g_autoptr (NssTrust) trust = nss_trust_new (anchors, NULL);
      g_autoptr (NssKey) key = proofs[i].key ? key_load (proofs[i].key) : NULL;
      g_autoptr (GBytes) signature = NULL;
      Proof self = { .query = { .trust = trust,
                                .certificates = certificates,
                                .identity = identity,
                                .check_identity = TRUE,
                                .now = nss_cert_not_before (good) + 3600 },
                     .octets = octets };

      if (key)
        {
          self.scheme = scheme_find (IKE_AUTH_METHOD_SIGNATURE, IKE_KEY_RSA, IKE_HASH_SHA2_256, FALSE);
          self.signature = signature = nss_sign (key, self.scheme, octets, NULL);
          g_assert_nonnull (signature);
        }
      g_assert_cmpuint (assert_closed (proof_is_good, &self, proofs[i].certificates), >, 20);
    }
}

int
main (int argc, char **argv)
{
  int status;

  set (N_FAULTS, 0, SECSuccess);
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (NSS_NoDB_Init (NULL), ==, SECSuccess);
  g_test_add_func ("/faults/cve-2013-2944-signatures", test_signatures);
  g_test_add_func ("/faults/cve-2013-2944-chains", test_chains);
  status = g_test_run ();
  g_assert_cmpint (NSS_Shutdown (), ==, SECSuccess);
  return status;
}
