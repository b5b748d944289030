/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificate path building and validation: RFC 5280 section 6, RFC 4945 section 5.
 *
 * The walk goes from the end entity up, tries every issuer that the peer sent or that is trusted, and stops at the
 * first path in which all holds; every certificate stands in a path at most once, and the number of signatures that are
 * checked has a limit. Of all that went wrong, what happened nearest to an anchor is told. Only certificates of the
 * path that was found are then shown to NSS's own validator, which must agree.
 */
#include "nss-chain.h"
#include "nss-chain-rules.h"
#include "nss-name.h"
#include "nss-pkix.h"

#define CHAIN_MAX_SIGNATURES 32 /* checked for one query: a peer can send certificates that all issue each other */

struct _NssTrust {
  gatomicrefcount refs;
  GPtrArray *anchors; /* NssCert */
  GBytes *raw_key;
  gboolean pinned; /* the anchors are the peers themselves */
};

typedef struct {
  const NssChainQuery *query;
  GPtrArray *certificates; /* NssCert: the peer's, end entity first */
  GPtrArray *path; /* NssCert, borrowed: end entity, intermediates, anchor */
  guint signatures; /* checked so far */
  guint told; /* how telling the reason is */
  IkeReason reason;
} Walk;

/* ---- trust ---- */

NssTrust *
nss_trust_new (GPtrArray *anchors, guint *ret_bad)
{
  NssTrust *self = g_new0 (NssTrust, 1);
  guint bad = 0;

  g_atomic_ref_count_init (&self->refs);
  self->anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);
  for (guint i = 0; i < anchors->len; i++)
    {
      NssCert *cert = nss_cert_new (anchors->pdata[i], NULL);

      if (cert != NULL)
        g_ptr_array_add (self->anchors, cert);
      else
        bad++;
    }
  if (ret_bad != NULL)
    *ret_bad = bad;
  return self;
}

NssTrust *
nss_trust_new_pinned (GPtrArray *certificates)
{
  NssTrust *self = nss_trust_new (certificates, NULL);

  self->pinned = TRUE;
  return self;
}

NssTrust *
nss_trust_new_raw (GBytes *public_key)
{
  g_autoptr (GPtrArray) nobody = g_ptr_array_new ();
  NssTrust *self = nss_trust_new (nobody, NULL);

  self->raw_key = g_bytes_ref (public_key);
  return self;
}

GBytes *
nss_trust_raw_key (const NssTrust *self)
{
  return self->raw_key;
}

NssTrust *
nss_trust_ref (NssTrust *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
nss_trust_unref (NssTrust *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->anchors);
  g_clear_pointer (&self->raw_key, g_bytes_unref);
  g_free (self);
}

guint
nss_trust_size (const NssTrust *self)
{
  return self->anchors->len;
}

NssCert *
nss_trust_find (const NssTrust *self, const NssCert *cert)
{
  for (guint i = 0; i < self->anchors->len; i++)
    if (g_bytes_equal (nss_cert_der (self->anchors->pdata[i]), nss_cert_der (cert)))
      return self->anchors->pdata[i];
  return NULL;
}

/* ---- the walk ---- */

/* Keeps @take_reason if it tells more than what is known. */
static void
walk_tell (Walk *self, guint telling, IkeReason *take_reason)
{
  if (telling >= self->told)
    {
      ike_reason_clear (&self->reason);
      self->reason = *take_reason;
      self->told = telling;
    }
  else
    ike_reason_clear (take_reason);
  *take_reason = (IkeReason){ 0 };
}

/* What is told when no issuer of @cert is found at all. */
static void
walk_tell_orphan (Walk *self, const NssCert *cert)
{
  g_autofree char *subject = nss_cert_subject (cert);
  g_autofree char *issuer = nss_cert_issuer (cert);
  IkeReason reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_CERT_UNKNOWN_CA, 0, "%s, issued by %s", subject, issuer);
  walk_tell (self, 4 * self->path->len, &reason);
}

/* What is told when it is not the one that is pinned. */
static void
walk_tell_other (Walk *self, const NssCert *cert)
{
  g_autofree char *subject = nss_cert_subject (cert);
  IkeReason reason = { 0 };

  ike_reason_set (&reason, IKE_REASON_CERT_PINNED, 0, "%s", subject);
  walk_tell (self, 0, &reason);
}

static gboolean
walk_has (const Walk *self, const NssCert *cert)
{
  for (guint i = 0; i < self->path->len; i++)
    if (g_bytes_equal (nss_cert_der (self->path->pdata[i]), nss_cert_der (cert)))
      return TRUE;
  return FALSE;
}

/* Intermediates in the path so far that count for a path length: all but the end entity and self-issued ones. */
static guint
walk_intermediates (const Walk *self)
{
  guint n = 0;

  for (guint i = 1; i < self->path->len; i++)
    n += !nss_cert_is_self_issued (self->path->pdata[i]);
  return n;
}

static gboolean
walk_signature_ok (Walk *self, NssCert *cert, NssCert *issuer, IkeReason *ret)
{
  g_autofree char *subject = nss_cert_subject (cert);
  g_autofree char *name = nss_cert_issuer (cert);

  if (++self->signatures > CHAIN_MAX_SIGNATURES)
    {
      ike_reason_set (ret, IKE_REASON_CERT_BAD, 0, "%s: too many certificates could have issued it", subject);
      return FALSE;
    }
  if (!nss_rule_key_kind (issuer, ret))
    return FALSE;
  if (nss_cert_is_signed_by (cert, issuer))
    return TRUE;
  /* A CA of this name, but with another key. */
  ike_reason_set (ret, IKE_REASON_CERT_UNKNOWN_CA, 0, "%s, issued by %s (of another key)", subject, name);
  return FALSE;
}

/* Can @issuer stand above @cert, the last of the path? */
static gboolean
walk_link_ok (Walk *self, NssCert *cert, NssCert *issuer, gboolean is_anchor)
{
  const NssChainQuery *query = self->query;
  guint depth = 4 * self->path->len;
  IkeReason reason = { 0 };

  if (!nss_name_equal (nss_cert_issuer_der (cert), nss_cert_subject_der (issuer)))
    return FALSE;
  if (!nss_rule_signature_hash (cert, query->allow_weak, &reason))
    walk_tell (self, depth + 1, &reason);
  else if (!walk_signature_ok (self, cert, issuer, &reason))
    walk_tell (self, depth + 1, &reason);
  else if (!nss_rule_form (issuer, &reason) || !nss_rule_dates (issuer, query->now, &reason) ||
           !nss_rule_issuer_usage (issuer, is_anchor, walk_intermediates (self), &reason) ||
           !nss_rule_key (issuer, query->allow_weak, &reason))
    walk_tell (self, depth + 2, &reason);
  else
    return TRUE;
  return FALSE;
}

static gboolean
walk_complete (Walk *self)
{
  IkeReason reason = { 0 };

  if (nss_rule_name_constraints (self->path, &reason))
    return TRUE;
  walk_tell (self, 4 * self->path->len + 3, &reason);
  return FALSE;
}

/* From the last of the path to an anchor. The depth is bounded by NSS_CERT_MAX_COUNT: a certificate is used once. */
static gboolean
walk_up (Walk *self)
{
  NssCert *cert = self->path->pdata[self->path->len - 1];
  GPtrArray *anchors = self->query->trust->anchors;

  walk_tell_orphan (self, cert);
  for (guint pass = 0; pass < 2; pass++)
    {
      GPtrArray *issuers = pass == 0 ? anchors : self->certificates;

      for (guint i = pass; i < issuers->len && self->signatures <= CHAIN_MAX_SIGNATURES; i++)
        {
          if (walk_has (self, issuers->pdata[i]) || !walk_link_ok (self, cert, issuers->pdata[i], pass == 0))
            continue;
          g_ptr_array_add (self->path, issuers->pdata[i]);
          if (pass == 0 ? walk_complete (self) : walk_up (self))
            return TRUE;
          g_ptr_array_set_size (self->path, (gint) self->path->len - 1);
        }
    }
  return FALSE;
}

/* A path from the end entity to an anchor in self->path, or a reason. */
static gboolean
walk_find (Walk *self)
{
  NssCert *end_entity = self->certificates->pdata[0];

  g_ptr_array_add (self->path, end_entity);
  if (nss_trust_find (self->query->trust, end_entity) != NULL)
    return TRUE;
  if (!self->query->trust->pinned)
    return walk_up (self);
  walk_tell_other (self, end_entity);
  return FALSE;
}

/* ---- the whole verification ---- */

/* The first must be good; one behind it that cannot be read is of no use, and of no harm. */
static gboolean
walk_read (Walk *self, IkeReason *ret)
{
  const NssTrust *trust = self->query->trust;
  GPtrArray *ders = self->query->certificates;

  if ((ders == NULL || ders->len == 0) && trust->pinned && trust->anchors->len > 0)
    {
      g_ptr_array_add (self->certificates, nss_cert_ref (trust->anchors->pdata[0]));
      return TRUE;
    }
  if (ders == NULL || ders->len == 0)
    {
      g_autofree char *wanted = self->query->identity ? nss_identity_to_string (self->query->identity) : NULL;

      ike_reason_set (ret, IKE_REASON_CERT_MISSING, 0, "%s", wanted ? wanted : "the peer");
      return FALSE;
    }
  if (ders->len > NSS_CERT_MAX_COUNT)
    {
      ike_reason_set (ret, IKE_REASON_CERT_BAD, 0, "%u certificates, more than %u", ders->len, NSS_CERT_MAX_COUNT);
      return FALSE;
    }
  for (guint i = 0; i < ders->len; i++)
    {
      g_autoptr (GError) error = NULL;
      NssCert *cert = nss_cert_new (ders->pdata[i], &error);

      if (cert != NULL)
        g_ptr_array_add (self->certificates, cert);
      else if (i == 0)
        {
          ike_reason_set (ret, IKE_REASON_CERT_BAD, 0, "%s", error->message);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
name_ok (const NssChainQuery *query, const NssCert *cert, IkeReason *ret)
{
  g_autofree char *wanted = NULL;
  g_autofree char *names = NULL;

  if (!query->check_identity || query->identity == NULL || nss_cert_has_identity (cert, query->identity))
    return TRUE;
  wanted = nss_identity_to_string (query->identity);
  names = nss_cert_identities_string (cert);
  ike_reason_set (ret, IKE_REASON_CERT_NAME, 0, "%s, not in: %s", wanted, names);
  return FALSE;
}

/* NSS has no say about a pinned certificate. As an anchor it takes no version 1 certificate: what that has issued
 * stands for it then, our walk has verified it. */
static gboolean
walk_pkix_ok (Walk *self, IkeReason *ret)
{
  g_autoptr (GPtrArray) shown = g_ptr_array_new ();

  for (guint i = 0; i < self->path->len; i++)
    g_ptr_array_add (shown, self->path->pdata[i]);
  if (shown->len > 1 && nss_cert_is_version_1 (shown->pdata[shown->len - 1]))
    g_ptr_array_set_size (shown, (gint) shown->len - 1);
  return shown->len == 1 || nss_pkix_agrees (shown, self->query->now, ret);
}

static gboolean
walk_verify (Walk *self, IkeReason *ret)
{
  const NssChainQuery *query = self->query;
  NssCert *end_entity;

  if (!walk_read (self, ret))
    return FALSE;
  end_entity = self->certificates->pdata[0];
  if (!nss_rule_form (end_entity, ret))
    return FALSE;
  if (!walk_find (self))
    {
      ike_reason_copy (ret, &self->reason);
      return FALSE;
    }
  return nss_rule_dates (end_entity, query->now, ret) &&
         (query->tls_server ? nss_rule_tls_server_usage (end_entity, ret)
                            : nss_rule_end_entity_usage (end_entity, ret)) &&
         nss_rule_key (end_entity, query->allow_weak, ret) && walk_pkix_ok (self, ret) &&
         name_ok (query, end_entity, ret);
}

gboolean
nss_chain_verify (const NssChainQuery *query, NssCert **ret_end_entity, IkeReason *ret_reason)
{
  g_autoptr (GPtrArray) certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  Walk walk = { .query = query, .certificates = certificates, .path = path };
  gboolean ok = walk_verify (&walk, ret_reason);

  /* whoever looks at the reason alone must not take it for a success */
  if (!ok && ret_reason->code == IKE_REASON_NONE)
    ike_reason_set (ret_reason, IKE_REASON_CERT_BAD, 0, "the certificates cannot be verified");
  for (guint i = 0; ok && query->path != NULL && i < path->len; i++)
    g_ptr_array_add (query->path, nss_cert_ref (path->pdata[i]));
  if (ok && ret_end_entity != NULL)
    *ret_end_entity = nss_cert_ref (certificates->pdata[0]);
  ike_reason_clear (&walk.reason);
  return ok;
}
