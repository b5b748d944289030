/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CERT_PKIXVerifyCert without a database. It finds issuers only in NSS's store of temporary certificates, so exactly
 * the certificates of the path are put there, and taken out afterwards; cert_pi_certList, which should do that, is not
 * implemented in NSS.
 */
#include "nss-pkix.h"

#include <certt.h>
#include <prerror.h>
#include <secerr.h>

/* A list of new temporary certificates, the order of @path; NULL when NSS will not have one of them. */
static CERTCertList *
import_path (GPtrArray *path)
{
  CERTCertList *list = CERT_NewCertList ();

  for (guint i = 0; list != NULL && i < path->len; i++)
    {
      SECItem der = nss_cert_nss (path->pdata[i])->derCert;
      CERTCertificate *cert = CERT_NewTempCertificate (CERT_GetDefaultCertDB (), &der, NULL, PR_FALSE, PR_TRUE);

      if (cert == NULL || CERT_AddCertToListTail (list, cert) != SECSuccess)
        {
          if (cert != NULL)
            CERT_DestroyCertificate (cert);
          CERT_DestroyCertList (list);
          list = NULL;
        }
    }
  return list;
}

static IkeReasonCode
reason_of_error (PRErrorCode error)
{
  switch (error)
    {
    case SEC_ERROR_EXPIRED_CERTIFICATE:
    case SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE:
      return IKE_REASON_CERT_EXPIRED;
    case SEC_ERROR_REVOKED_CERTIFICATE:
      return IKE_REASON_CERT_REVOKED;
    case SEC_ERROR_UNKNOWN_ISSUER:
    case SEC_ERROR_UNTRUSTED_ISSUER:
      return IKE_REASON_CERT_UNKNOWN_CA;
    case SEC_ERROR_INADEQUATE_KEY_USAGE:
    case SEC_ERROR_INADEQUATE_CERT_TYPE:
    case SEC_ERROR_CA_CERT_INVALID:
    case SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID:
    case SEC_ERROR_CERT_NOT_IN_NAME_SPACE:
    case SEC_ERROR_POLICY_VALIDATION_FAILED:
      return IKE_REASON_CERT_USAGE;
    case SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED:
      return IKE_REASON_CERT_WEAK;
    default:
      return IKE_REASON_CERT_BAD;
    }
}

static SECStatus
pkix_verify (CERTCertificate *end_entity, CERTCertList *anchors, gint64 now)
{
  PRUint64 methods[2] = { CERT_REV_M_DO_NOT_TEST_USING_THIS_METHOD | CERT_REV_M_FORBID_NETWORK_FETCHING,
                          CERT_REV_M_DO_NOT_TEST_USING_THIS_METHOD | CERT_REV_M_FORBID_NETWORK_FETCHING };
  CERTRevocationTests tests = { .number_of_defined_methods = G_N_ELEMENTS (methods),
                                .cert_rev_flags_per_method = methods };
  CERTRevocationFlags revocation = { .leafTests = tests, .chainTests = tests };
  CERTValInParam in[] = {
    { .type = cert_pi_trustAnchors, .value.pointer.chain = anchors },
    { .type = cert_pi_useOnlyTrustAnchors, .value.scalar.b = PR_TRUE },
    { .type = cert_pi_useAIACertFetch, .value.scalar.b = PR_FALSE },
    { .type = cert_pi_revocationFlags, .value.pointer.revocation = &revocation },
    { .type = cert_pi_date, .value.scalar.time = now * PR_USEC_PER_SEC },
    { .type = cert_pi_end },
  };
  CERTValOutParam out[] = { { .type = cert_po_end } };

  return CERT_PKIXVerifyCert (end_entity, certificateUsageIPsec, in, out, NULL);
}

gboolean
nss_pkix_agrees (GPtrArray *path, gint64 now, IkeReason *ret)
{
  CERTCertList *list = import_path (path);
  CERTCertList *anchors = CERT_NewCertList ();
  SECStatus status = SECFailure;

  if (list != NULL && anchors != NULL)
    {
      CERTCertificate *anchor = CERT_DupCertificate (CERT_LIST_TAIL (list)->cert);

      if (CERT_AddCertToListTail (anchors, anchor) == SECSuccess)
        status = pkix_verify (CERT_LIST_HEAD (list)->cert, anchors, now);
      else
        CERT_DestroyCertificate (anchor);
    }
  if (status != SECSuccess)
    {
      IkeReasonCode code = reason_of_error (PORT_GetError ());
      g_autofree char *text = nss_error_text ();
      g_autofree char *subject = nss_cert_subject (path->pdata[0]);

      ike_reason_set (ret, code, 0, "%s: %s", subject, text);
    }
  if (anchors != NULL)
    CERT_DestroyCertList (anchors);
  if (list != NULL)
    CERT_DestroyCertList (list);
  return status == SECSuccess;
}
