/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reasons as values: the rows are in reason.def. A detail is made printable here, since it may quote a peer. */
#include "base/reason.h"

#include "base/text.h"

#include <string.h>

static const struct {
  const char *name;
  IkeWho who;
} reason_rows[] = {
#define IKE_REASON(name, who, detail) [IKE_REASON_##name] = { #name, IKE_WHO_##who },
#include "base/reason.def"
#undef IKE_REASON
};

void
ike_reason_set (IkeReason *reason, IkeReasonCode code, guint16 notify, const char *format, ...)
{
  char *detail = NULL;

  if (format)
    {
      va_list args;

      va_start (args, format);
      detail = g_strdup_vprintf (format, args);
      va_end (args);
      if (!ike_text_is_clean (detail, strlen (detail), FALSE))
        {
          g_autofree char *raw = g_steal_pointer (&detail);

          detail = ike_text_clean (raw, strlen (raw), FALSE);
        }
    }
  ike_reason_clear (reason); /* only now: the arguments may point into it */
  *reason = (IkeReason){ ike_reason_code_who (code), code, notify, detail };
}

void
ike_reason_copy (IkeReason *ret, const IkeReason *reason)
{
  IkeReason copy = *reason;

  copy.detail = g_strdup (reason->detail);
  ike_reason_clear (ret);
  *ret = copy;
}

void
ike_reason_clear (IkeReason *reason)
{
  g_free (reason->detail);
  *reason = (IkeReason){ IKE_WHO_NOBODY };
}

const char *
ike_reason_code_name (IkeReasonCode code)
{
  return (guint) code < G_N_ELEMENTS (reason_rows) ? reason_rows[code].name : "UNKNOWN";
}

IkeWho
ike_reason_code_who (IkeReasonCode code)
{
  return (guint) code < G_N_ELEMENTS (reason_rows) ? reason_rows[code].who : IKE_WHO_US;
}

gboolean
ike_reason_is_final (IkeReasonCode code)
{
  static const IkeReasonCode final[] = {
    IKE_REASON_USER_STOP,          IKE_REASON_IKE_VERSION,      IKE_REASON_PEER_REFUSED_US,
    IKE_REASON_PEER_AUTH_WRONG,    IKE_REASON_PEER_ID_MISMATCH, IKE_REASON_PEER_METHOD,
    IKE_REASON_CERT_MISSING,       IKE_REASON_CERT_UNKNOWN_CA,  IKE_REASON_CERT_EXPIRED,
    IKE_REASON_CERT_NOT_YET_VALID, IKE_REASON_CERT_REVOKED,     IKE_REASON_CERT_USAGE,
    IKE_REASON_CERT_NAME,          IKE_REASON_CERT_WEAK,        IKE_REASON_CERT_BAD,
    IKE_REASON_EAP_REFUSED,        IKE_REASON_EAP_METHOD,       IKE_REASON_EAP_SERVER_WRONG,
    IKE_REASON_EAP_EARLY_SUCCESS,  IKE_REASON_SECRET_MISSING,   IKE_REASON_PPK,
    IKE_REASON_SIGN_FAILED,        IKE_REASON_HELPER,           IKE_REASON_EAP_CERT_UNKNOWN_CA,
    IKE_REASON_EAP_CERT_NAME,      IKE_REASON_EAP_CERT_BAD,     IKE_REASON_PPK_FILE,
    IKE_REASON_RSA_SHA1,
  };

  for (guint i = 0; i < G_N_ELEMENTS (final); i++)
    if (final[i] == code)
      return TRUE;
  return FALSE;
}
