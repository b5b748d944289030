/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One certificate after the other, and for each one source after the other, until one of them knows: the user's CRLs, the
 * OCSP responders, the CRLs that it names (RFC 5280 sections 4.2.1.13 and 4.2.2.1). A source that is of no use only adds
 * to what is told at last.
 */
#include "io/revocation.h"

#include "helper-fetch.h"
#include "io/expiry.h"
#include "io/own-status.h"

/* Answers that are kept: by their address, OCSP also by the certificate. */
#define MAX_KEPT 32
#define MAX_SOURCES (2 * NSS_REVOCATION_MAX_URLS)
/* The helper's limit; who comes later waits. */
#define MAX_AT_ONCE 4
/* After that long no other source is asked: somebody waits for the tunnel, and the other end has its patience too. */
#define MAX_TIME (8 * G_USEC_PER_SEC)

struct _Revocation {
  HelperClient *helper;
  RevocationMode mode;
  GPtrArray *crls;
  GHashTable *kept; /* text: GBytes */
  GHashTable *warned; /* texts: once is enough */
  guint32 uplink;
  guint fetching;
  GQueue waiting; /* Check: until fewer are fetching */
  void (*warn) (const char *text, gpointer data);
  gpointer warn_data;
  OwnStatus *own;
};

typedef struct {
  char *url;
  gboolean ocsp;
} Source;

typedef struct {
  Revocation *owner;
  GPtrArray *path, *shown;
  guint at; /* of @path: the one that is looked at */
  Source sources[MAX_SOURCES];
  guint n_sources, source;
  char *why; /* the first source that was of no use, and why; one that has become too old says more */
  gboolean old;
  gint64 deadline;
  RevocationFunc done;
  gpointer data;
} Check;

static void check_run (Check *self);

/* ---- the object ---- */

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Once each. */
static void
tell_expiry (Revocation *self, const NssCert *cert)
{
  g_autofree char *text = expiry_warning (cert, now ());

  if (text && g_hash_table_add (self->warned, g_strdup (text)))
    self->warn (text, self->warn_data);
}

/* Ours, so that somebody renews it before the gateway refuses it. */
static void
tell_own_expiry (Revocation *self, GPtrArray *certificates)
{
  g_autoptr (NssCert) cert = certificates && certificates->len > 0 ? nss_cert_new (certificates->pdata[0], NULL) : NULL;

  if (cert)
    tell_expiry (self, cert);
}

static void
tell_left_out (Revocation *self, guint lists)
{
  g_autofree char *text = NULL;

  if (lists == 0)
    return;
  text =
      g_strdup_printf ("revocation: the file of “ca” has too many lists of revoked certificates: the last %u are not "
                       "looked at",
                       lists);
  self->warn (text, self->warn_data);
}

Revocation *
revocation_new (HelperClient *helper, RevocationMode mode, const HelperCredentials *credentials,
                void (*warn) (const char *text, gpointer data), gpointer data)
{
  Revocation *self = g_new0 (Revocation, 1);

  self->helper = helper;
  self->mode = mode;
  self->crls = credentials && credentials->crls ? g_ptr_array_ref (credentials->crls) : NULL;
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->warn = warn;
  self->warn_data = data;
  if (credentials)
    tell_own_expiry (self, credentials->certificates);
  if (credentials && mode != REVOCATION_OFF)
    tell_left_out (self, credentials->crls_left_out);
  if (credentials && mode != REVOCATION_OFF)
    self->own = own_status_new (helper, credentials);
  return self;
}

void
revocation_keep_in (Revocation *self, GHashTable *kept)
{
  if (!kept)
    return;
  g_hash_table_unref (self->kept);
  self->kept = g_hash_table_ref (kept);
}

void
revocation_set_uplink (Revocation *self, guint32 ifindex)
{
  self->uplink = ifindex;
}

void
revocation_free (Revocation *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->crls, g_ptr_array_unref);
  g_assert (g_queue_is_empty (&self->waiting));
  own_status_free (self->own);
  g_hash_table_unref (self->kept);
  g_hash_table_unref (self->warned);
  g_free (self);
}

/* ---- one check ---- */

static void
sources_clear (Check *self)
{
  for (guint i = 0; i < self->n_sources; i++)
    g_free (self->sources[i].url);
  self->n_sources = self->source = 0;
  self->old = FALSE;
  g_clear_pointer (&self->why, g_free);
}

static void
check_finish (Check *self, IkeReasonCode code, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, detail ? "%s" : NULL, detail);
  sources_clear (self);
  g_ptr_array_unref (self->path);
  g_clear_pointer (&self->shown, g_ptr_array_unref);
  self->done (&reason, self->data);
  g_free (self);
}

static void
add_sources (Check *self, GStrv urls, gboolean ocsp)
{
  for (guint i = 0; urls[i] && self->n_sources < MAX_SOURCES; i++)
    self->sources[self->n_sources++] = (Source){ g_strdup (urls[i]), ocsp };
}

static const NssCert *
subject (const Check *self)
{
  return self->path->pdata[self->at];
}

static const NssCert *
issuer (const Check *self)
{
  return self->path->pdata[self->at + 1];
}

static void
next_certificate (Check *self)
{
  sources_clear (self);
  self->at++;
}

/* A source that was of no use. */
static void
take_complaint (Check *self, const char *where, const char *text, gboolean old)
{
  if (self->why && (!old || self->old))
    return;
  g_free (self->why);
  self->why = g_strdup_printf ("%s: %s", where, text);
  self->old = old;
}

/* TRUE: the check is over. */
static gboolean
take_verdict (Check *self, NssRevocation verdict, const char *where, const char *text)
{
  if (verdict == NSS_REVOCATION_REVOKED)
    {
      g_autofree char *name = nss_cert_subject (subject (self));
      g_autofree char *detail = g_strdup_printf ("%s, %s (%s)", name, text, where);

      check_finish (self, IKE_REASON_CERT_REVOKED, detail);
      return TRUE;
    }
  if (verdict == NSS_REVOCATION_GOOD)
    next_certificate (self);
  else
    take_complaint (self, where, text, verdict == NSS_REVOCATION_OLD);
  return FALSE;
}

/* Nobody knows. TRUE: the check is over. */
static gboolean
take_ignorance (Check *self)
{
  Revocation *owner = self->owner;
  g_autofree char *name = nss_cert_subject (subject (self));
  g_autofree char *detail =
      g_strdup_printf ("%s; %s", name, self->why ? self->why : "it does not say where that is told, and no file does");

  if (owner->mode == REVOCATION_STRICT)
    {
      check_finish (self, self->old ? IKE_REASON_CERT_STATUS_OLD : IKE_REASON_CERT_STATUS, detail);
      return TRUE;
    }
  /* without a place to ask there is nothing that anybody could do about it */
  if (self->why && g_hash_table_add (owner->warned, g_strdup (detail)))
    {
      g_autofree char *text = g_strdup_printf ("revocation: it cannot be found out whether this certificate was "
                                               "revoked, which is let pass (revocation=soft): %s",
                                               detail);

      owner->warn (text, owner->warn_data);
    }
  next_certificate (self);
  return FALSE;
}

/* ---- answers of the network ---- */

/* What was fetched, kept under this name. */
static char *
source_key (const Check *self, const Source *source)
{
  g_autofree char *hash = NULL;

  if (!source->ocsp)
    return g_strdup (source->url);
  hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, nss_cert_der (subject (self)));
  return g_strconcat (source->url, " ", hash, NULL);
}

static NssRevocation
read_answer (const Check *self, const Source *source, GBytes *bytes, char **ret_text)
{
  return source->ocsp ? nss_ocsp_check (bytes, subject (self), issuer (self), now (), ret_text)
                      : nss_crl_check (bytes, subject (self), issuer (self), now (), ret_text);
}

static gboolean
is_verdict (NssRevocation verdict)
{
  return verdict == NSS_REVOCATION_GOOD || verdict == NSS_REVOCATION_REVOKED;
}

static void
on_fetched (GBytes *bytes, GError *error, gpointer data)
{
  Check *self = data;
  Revocation *owner = self->owner;
  const Source *source = &self->sources[self->source++];
  g_autofree char *key = source_key (self, source), *text = NULL;
  NssRevocation verdict = NSS_REVOCATION_UNKNOWN;
  GQueue waiting = owner->waiting;

  /* from its end on, the last of the checks may be the last that holds the owner */
  owner->fetching--;
  g_queue_init (&owner->waiting);
  if (bytes)
    verdict = read_answer (self, source, bytes, &text);
  if (is_verdict (verdict))
    {
      if (g_hash_table_size (owner->kept) >= MAX_KEPT)
        g_hash_table_remove_all (owner->kept);
      g_hash_table_replace (owner->kept, g_steal_pointer (&key), g_bytes_ref (bytes));
    }
  if (!take_verdict (self, verdict, source->url, text ? text : error ? error->message : "no answer"))
    check_run (self);
  while (!g_queue_is_empty (&waiting))
    check_run (g_queue_pop_head (&waiting));
}

/* TRUE: it is asked for, it waits for its turn, or the check is over. */
static gboolean
ask (Check *self)
{
  Revocation *owner = self->owner;
  const Source *source = &self->sources[self->source];
  g_autofree char *key = source_key (self, source), *text = NULL;
  GBytes *kept = g_hash_table_lookup (owner->kept, key);
  NssRevocation verdict = kept ? read_answer (self, source, kept, &text) : NSS_REVOCATION_UNKNOWN;
  g_autoptr (GBytes) body = NULL;

  if (is_verdict (verdict))
    return take_verdict (self, verdict, source->url, text);
  /* too old by now */
  if (kept)
    g_hash_table_remove (owner->kept, key);
  if (g_get_monotonic_time () > self->deadline)
    {
      take_complaint (self, source->url, "there was no time left to ask", FALSE);
      self->source++;
      return FALSE;
    }
  if (owner->fetching >= MAX_AT_ONCE)
    {
      g_queue_push_tail (&owner->waiting, self);
      return TRUE;
    }
  owner->fetching++;
  body = source->ocsp ? nss_ocsp_request (subject (self), issuer (self)) : NULL;
  helper_client_fetch (owner->helper, source->url, body, owner->uplink, on_fetched, self);
  return TRUE;
}

/* TRUE: the check is over. */
static gboolean
look_into_files (Check *self)
{
  GPtrArray *crls = self->owner->crls;
  g_autofree char *text = NULL;
  NssRevocation verdict =
      crls ? nss_crls_check (crls, subject (self), issuer (self), now (), &text) : NSS_REVOCATION_UNKNOWN;

  /* a file has lists of others too: what they do not say is no news */
  return verdict != NSS_REVOCATION_UNKNOWN && take_verdict (self, verdict, "the list in the file of “ca”", text);
}

/* RFC 4806 section 4.1: into the validation it goes like any other. TRUE: the check is over. */
static gboolean
look_at_shown (Check *self)
{
  guint at = self->at;

  for (guint i = 0; self->shown && i < self->shown->len && self->at == at; i++)
    {
      g_autofree char *text = NULL;
      NssRevocation verdict = nss_ocsp_check (self->shown->pdata[i], subject (self), issuer (self), now (), &text);

      /* it may be about another certificate of the path */
      if (verdict != NSS_REVOCATION_UNKNOWN && take_verdict (self, verdict, "what the other end shows", text))
        return TRUE;
    }
  return FALSE;
}

static void
find_sources (Check *self)
{
  g_auto (GStrv) ocsp = nss_ocsp_urls (subject (self)), crls = nss_crl_urls (subject (self));

  add_sources (self, ocsp, TRUE);
  add_sources (self, crls, FALSE);
}

/* Until something must be waited for, or all is known. An anchor is trusted as it is. */
static void
check_run (Check *self)
{
  while (self->at + 1 < self->path->len)
    {
      guint at = self->at;

      if (self->n_sources == 0)
        {
          if (look_into_files (self) || (self->at == at && look_at_shown (self)))
            return;
          if (self->at != at)
            continue;
          find_sources (self);
        }
      if (self->source < self->n_sources ? ask (self) : take_ignorance (self))
        return;
    }
  check_finish (self, IKE_REASON_NONE, NULL);
}

void
revocation_own (Revocation *self, RevocationOwnFunc done, gpointer data)
{
  if (self->own)
    own_status_get (self->own, self->uplink, done, data);
  else
    done (NULL, data);
}

void
revocation_check (Revocation *self, GPtrArray *path, GPtrArray *shown, RevocationFunc done, gpointer data)
{
  Check *check = g_new0 (Check, 1);

  check->owner = self;
  check->path = g_ptr_array_ref (path);
  check->shown = shown ? g_ptr_array_ref (shown) : NULL;
  check->done = done;
  check->data = data;
  check->deadline = g_get_monotonic_time () + MAX_TIME;
  for (guint i = 0; i < path->len; i++)
    tell_expiry (self, path->pdata[i]);
  if (self->mode == REVOCATION_OFF)
    check->at = path->len;
  check_run (check);
}
