/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Only what the other end would accept is shown: good, fresh, and signed by whom may say so. A responder that is of no use
 * is not asked again for a while: whoever asks us may be nobody.
 */
#include "io/own-status.h"

#include "helper-fetch.h"

#include "nss-chain.h"

/* Between two questions to the responder. */
#define PAUSE (60 * G_USEC_PER_SEC)

struct _OwnStatus {
  HelperClient *helper;
  GPtrArray *certificates, *cas; /* GBytes */
  gboolean looked;
  GPtrArray *path; /* NssCert, ours first; NULL: its issuer is not known */
  char *url; /* NULL: nobody tells */
  GBytes *status;
  gint64 next;
  RevocationOwnFunc done; /* of who waits */
  gpointer data;
};

OwnStatus *
own_status_new (HelperClient *helper, const HelperCredentials *credentials)
{
  OwnStatus *self = g_new0 (OwnStatus, 1);

  self->helper = helper;
  self->certificates = credentials->certificates ? g_ptr_array_ref (credentials->certificates) : NULL;
  self->cas = credentials->cas ? g_ptr_array_ref (credentials->cas) : NULL;
  return self;
}

void
own_status_free (OwnStatus *self)
{
  if (!self)
    return;
  g_assert (!self->done);
  g_clear_pointer (&self->certificates, g_ptr_array_unref);
  g_clear_pointer (&self->cas, g_ptr_array_unref);
  g_clear_pointer (&self->path, g_ptr_array_unref);
  g_clear_pointer (&self->status, g_bytes_unref);
  g_free (self->url);
  g_free (self);
}

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* The issuer came with our certificate, or is one whom we trust as well. */
static void
find_issuer (OwnStatus *self)
{
  g_autoptr (GPtrArray) issuers = g_ptr_array_new ();
  g_autoptr (NssTrust) trust = NULL;
  g_autoptr (GPtrArray) path = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);
  g_auto (IkeReason) reason = { 0 };
  NssChainQuery query = { .certificates = self->certificates, .path = path, .now = now () };

  for (guint i = 1; i < self->certificates->len; i++)
    g_ptr_array_add (issuers, self->certificates->pdata[i]);
  for (guint i = 0; self->cas && i < self->cas->len; i++)
    g_ptr_array_add (issuers, self->cas->pdata[i]);
  trust = nss_trust_new (issuers, NULL);
  query.trust = trust;
  if (trust && nss_chain_verify (&query, NULL, &reason) && path->len > 1)
    self->path = g_steal_pointer (&path);
}

/* Once. */
static void
look (OwnStatus *self)
{
  g_auto (GStrv) urls = NULL;

  if (self->looked || !self->certificates || self->certificates->len == 0)
    return;
  self->looked = TRUE;
  find_issuer (self);
  urls = self->path ? nss_ocsp_urls (self->path->pdata[0]) : NULL;
  self->url = urls ? g_strdup (urls[0]) : NULL;
}

static gboolean
is_good (const OwnStatus *self, GBytes *status)
{
  g_autofree char *text = NULL;

  return status &&
         nss_ocsp_check (status, self->path->pdata[0], self->path->pdata[1], now (), &text) == NSS_REVOCATION_GOOD;
}

static void
on_fetched (GBytes *bytes, GError *error, gpointer data)
{
  OwnStatus *self = data;
  RevocationOwnFunc done = self->done;

  g_clear_pointer (&self->status, g_bytes_unref);
  if (is_good (self, bytes))
    self->status = g_bytes_ref (bytes);
  self->done = NULL;
  /* perhaps the end of us */
  done (self->status, self->data);
}

void
own_status_get (OwnStatus *self, guint32 uplink, RevocationOwnFunc done, gpointer data)
{
  g_autoptr (GBytes) request = NULL;

  look (self);
  if (is_good (self, self->status))
    {
      done (self->status, data);
      return;
    }
  if (!self->url || self->done || g_get_monotonic_time () < self->next)
    {
      done (NULL, data);
      return;
    }
  self->next = g_get_monotonic_time () + PAUSE;
  self->done = done;
  self->data = data;
  request = nss_ocsp_request (self->path->pdata[0], self->path->pdata[1]);
  helper_client_fetch (self->helper, self->url, request, uplink, on_fetched, self);
}
