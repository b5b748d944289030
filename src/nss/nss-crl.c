/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CRL: RFC 5280 sections 5.1 and 6.3.3, without deltas and without indirect ones. The signature is checked last:
 * whoever wants us to check many must first write a list that looks right.
 */
#include "nss-revocation-private.h"

#include "nss-name.h"

#include <string.h>

/* IssuingDistributionPoint, the one critical extension that we read (RFC 5280 section 5.2.5). */
static const guint8 OID_IDP[] = { 0x55, 0x1d, 0x1c };
static const guint8 OID_REASON[] = { 0x55, 0x1d, 0x15 };
#define NSS_DER_BOOLEAN 0x01

typedef struct {
  NssDer whole, issuer, entries;
  gint64 this_update, next_update;
  gboolean has_next, has_point, only_some; /* reasons */
  NssDer point; /* DistributionPointName */
  gboolean only_users, only_cas, useless;
} Crl;

/* ---- reading ---- */

static void
read_point (Crl *crl, NssDer value)
{
  NssDer in = nss_der_enter (&value, NSS_DER_SEQUENCE);

  crl->useless = crl->useless || !nss_der_done (&value);
  while (in.len > 0 && !in.bad)
    {
      guint8 tag = nss_der_peek (&in);
      NssDer field = nss_der_enter (&in, tag);
      gboolean on = field.len == 1 && field.data[0] != 0;

      if (tag == NSS_DER_CONTEXT_CONSTRUCTED (0))
        {
          crl->has_point = TRUE;
          crl->point = field;
        }
      else if (tag == NSS_DER_CONTEXT (1))
        crl->only_users = on;
      else if (tag == NSS_DER_CONTEXT (2))
        crl->only_cas = on;
      else if (tag == NSS_DER_CONTEXT (3))
        crl->only_some = TRUE;
      else /* indirect, only attribute certificates, or unheard of */
        crl->useless = crl->useless || on || tag > NSS_DER_CONTEXT (5);
    }
  crl->useless = crl->useless || in.bad;
}

static void
read_extensions (Crl *crl, NssDer wrapped)
{
  NssDer list = nss_der_enter (&wrapped, NSS_DER_SEQUENCE);

  while (list.len > 0 && !list.bad)
    {
      NssDer extension = nss_der_enter (&list, NSS_DER_SEQUENCE), oid = nss_der_enter (&extension, NSS_DER_OID);
      NssDer critical = nss_der_peek (&extension) == NSS_DER_BOOLEAN ? nss_der_enter (&extension, NSS_DER_BOOLEAN)
                                                                     : nss_der (NULL, 0);
      NssDer value = nss_der_enter (&extension, NSS_DER_OCTET_STRING);

      if (!nss_der_done (&extension))
        list.bad = TRUE;
      else if (nss_der_is_oid (&oid, OID_IDP))
        read_point (crl, value);
      else if (critical.len > 0 && critical.data[0] != 0)
        crl->useless = TRUE; /* among them the mark of a delta */
    }
  crl->useless = crl->useless || list.bad || !nss_der_done (&wrapped);
}

/* FALSE: malformed. */
static gboolean
read_crl (GBytes *bytes, Crl *crl)
{
  NssDer in = nss_der_bytes (bytes), outer, tbs;

  crl->whole = nss_der_element (&in);
  if (!nss_der_done (&in))
    return FALSE;
  in = crl->whole;
  outer = nss_der_enter (&in, NSS_DER_SEQUENCE);
  tbs = nss_der_enter (&outer, NSS_DER_SEQUENCE);
  nss_der_skip_optional (&tbs, NSS_DER_INTEGER);
  nss_der_enter (&tbs, NSS_DER_SEQUENCE);
  crl->issuer = nss_der_element (&tbs);
  crl->this_update = nss_revocation_time (&tbs);
  crl->has_next = nss_der_peek (&tbs) == 0x17 || nss_der_peek (&tbs) == 0x18;
  crl->next_update = crl->has_next ? nss_revocation_time (&tbs) : 0;
  if (nss_der_peek (&tbs) == NSS_DER_SEQUENCE)
    crl->entries = nss_der_enter (&tbs, NSS_DER_SEQUENCE);
  if (nss_der_peek (&tbs) == NSS_DER_CONTEXT_CONSTRUCTED (0))
    read_extensions (crl, nss_der_enter (&tbs, NSS_DER_CONTEXT_CONSTRUCTED (0)));
  return nss_der_done (&tbs) && !outer.bad;
}

/* ---- asking ---- */

/* RFC 5280 section 6.3.3 (b)(2)(i): a list that names its distribution point is for the certificates that name it too;
 * else somebody on the way could give us another list of the same issuer. */
static gboolean
point_fits (const Crl *crl, const NssCert *cert)
{
  g_auto (GStrv) urls = nss_crl_urls (cert);
  NssDer point = crl->point, names;

  if (!crl->has_point)
    return TRUE;
  names = nss_der_enter (&point, NSS_DER_CONTEXT_CONSTRUCTED (0));
  while (names.len > 0 && !names.bad)
    {
      guint8 tag = nss_der_peek (&names);
      NssDer value = nss_der_enter (&names, tag);

      for (guint i = 0; tag == NSS_DER_CONTEXT (6) && urls[i]; i++)
        if (nss_der_is (&value, (const guint8 *) urls[i], strlen (urls[i])))
          return TRUE;
    }
  return FALSE;
}

static gboolean
issuer_may_sign (const NssCert *issuer)
{
  SECItem item = { siBuffer, NULL, 0 };
  gboolean may = TRUE;

  if (CERT_FindKeyUsageExtension (nss_cert_nss (issuer), &item) == SECSuccess)
    may = item.len > 0 && item.data[0] & KU_CRL_SIGN;
  SECITEM_FreeItem (&item, PR_FALSE);
  return may;
}

static const char *
complaint (const Crl *crl, const NssCert *cert, const NssCert *issuer)
{
  g_autoptr (GBytes) name = nss_der_dup (&crl->issuer);

  if (!nss_name_equal (name, nss_cert_subject_der (issuer)))
    return "it is of another issuer";
  if (crl->useless || (crl->only_users && nss_cert_is_ca (cert)) || (crl->only_cas && !nss_cert_is_ca (cert)))
    return "it is of a kind that says nothing about this certificate";
  if (!point_fits (crl, cert))
    return "it is for other certificates of the issuer";
  if (!crl->has_next)
    return "it does not say until when it is valid";
  if (!issuer_may_sign (issuer) || !nss_revocation_signed_by (&crl->whole, issuer))
    return "its issuer has not signed it";
  return NULL;
}

/* What follows the serial number: a date and perhaps extensions, of which one is the reason (RFC 5280 section 5.3.1). */
static NssRevocation
entry_revoked (NssDer entry, char **ret_text)
{
  gint64 when = nss_revocation_time (&entry);
  NssDer list = entry.len > 0 ? nss_der_enter (&entry, NSS_DER_SEQUENCE) : nss_der (NULL, 0);
  guint8 reason = 0;

  while (list.len > 0 && !list.bad)
    {
      NssDer extension = nss_der_enter (&list, NSS_DER_SEQUENCE), oid = nss_der_enter (&extension, NSS_DER_OID);
      NssDer value;

      nss_der_skip_optional (&extension, NSS_DER_BOOLEAN);
      value = nss_der_enter (&extension, NSS_DER_OCTET_STRING);
      if (nss_der_is_oid (&oid, OID_REASON))
        reason = nss_revocation_reason (nss_der_enter (&value, NSS_DER_ENUMERATED));
    }
  return nss_revocation_revoked (ret_text, when, reason);
}

/* *crl: zeroed; borrows @bytes. */
static NssRevocation
check (GBytes *bytes, const NssCert *cert, const NssCert *issuer, gint64 now, Crl *crl, char **ret_text)
{
  const char *why;
  NssDer entries;

  crl->entries = nss_der (NULL, 0);
  if (!read_crl (bytes, crl))
    return nss_revocation_unknown (ret_text, "it is no list of revoked certificates");
  why = complaint (crl, cert, issuer);
  if (why)
    return nss_revocation_unknown (ret_text, why);
  /* a revocation stays one when the list has become old */
  entries = crl->entries;
  while (entries.len > 0 && !entries.bad)
    {
      NssDer entry = nss_der_enter (&entries, NSS_DER_SEQUENCE), serial = nss_der_enter (&entry, NSS_DER_INTEGER);

      if (nss_revocation_is_serial (&serial, cert))
        return entry_revoked (entry, ret_text);
    }
  if (entries.bad)
    return nss_revocation_unknown (ret_text, "it is malformed");
  if (crl->only_some)
    return nss_revocation_unknown (ret_text, "it is for some reasons only");
  return nss_revocation_dates (crl->this_update, crl->next_update, now, ret_text);
}

NssRevocation
nss_crl_check (GBytes *bytes, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text)
{
  Crl crl = { 0 };

  return check (bytes, cert, issuer, now, &crl, ret_text);
}

/* ---- several ---- */

/* Does @later say what @crl says, and more? Both are of one issuer. */
static gboolean
replaces (const Crl *later, const Crl *crl)
{
  return later->this_update > crl->this_update && later->has_point == crl->has_point &&
         (!crl->has_point || nss_der_is (&later->point, crl->point.data, crl->point.len)) &&
         later->only_users == crl->only_users && later->only_cas == crl->only_cas && later->only_some == crl->only_some;
}

static gboolean
is_replaced (const Crl *crl, const Crl *all, const NssRevocation *verdicts, guint n)
{
  for (guint i = 0; i < n; i++)
    if (verdicts[i] != NSS_REVOCATION_UNKNOWN && replaces (&all[i], crl))
      return TRUE;
  return FALSE;
}

/* What counts more than what. */
static guint
weight (NssRevocation verdict)
{
  switch (verdict)
    {
    case NSS_REVOCATION_REVOKED:
      return 3;
    case NSS_REVOCATION_GOOD:
      return 2;
    case NSS_REVOCATION_OLD:
      return 1;
    case NSS_REVOCATION_UNKNOWN:
      break;
    }
  return 0;
}

NssRevocation
nss_crls_check (GPtrArray *crls, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text)
{
  g_autofree Crl *all = g_new0 (Crl, crls->len);
  g_autofree NssRevocation *verdicts = g_new0 (NssRevocation, crls->len);
  g_auto (GStrv) texts = g_new0 (char *, crls->len + 1);
  NssRevocation best = NSS_REVOCATION_UNKNOWN;

  for (guint i = 0; i < crls->len; i++)
    {
      char *text = NULL;

      verdicts[i] = check (crls->pdata[i], cert, issuer, now, &all[i], &text);
      texts[i] = text ? text : g_strdup ("");
    }
  for (guint i = 0; i < crls->len; i++)
    if (weight (verdicts[i]) > weight (best) && !is_replaced (&all[i], all, verdicts, crls->len))
      {
        best = verdicts[i];
        g_free (*ret_text);
        *ret_text = *texts[i] ? g_strdup (texts[i]) : NULL;
      }
  return best;
}
