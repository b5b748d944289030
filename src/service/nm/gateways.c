/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the list of hosts and the look-ups that are under way. The helper resolves; nothing here opens a file or a
 * socket. A look-up that answers after its time, or after gateways_free(), is ignored.
 *
 * A name that has had addresses never fails again: while NetworkManager has us for connected, or reconnecting, the name
 * servers may be those behind the very tunnel that is lost.
 */
#include "nm/gateways.h"

#include "nm/ipconfig.h"

#include <string.h>

typedef enum { HOST_PENDING, HOST_KNOWN, HOST_FAILED } HostState;

typedef struct {
  char *name;
  HostState state;
  gboolean late, late_told; /* PENDING: for longer than usual; and that was said */
  IkeReason reason;
  IkeAddress addresses[GATEWAYS_MAX_ADDRESSES];
  guint n_addresses;
  IkeAddress before[GATEWAYS_MAX_ADDRESSES]; /* what the last look-up gave that gave any */
  guint n_before;
} Host;

struct _Gateways {
  guint refs;
  gboolean closed;
  HelperClient *helper;
  guint16 port;
  GPtrArray *hosts; /* Host */
  guint host, address; /* the next to try */
  guint timer, wait;
  gint64 waiting_since;
  guint rounds; /* in vain */
  void (*changed) (gpointer data);
  gpointer data;
};

/* What an answer has to find again. */
typedef struct {
  Gateways *gateways;
  guint host;
} Lookup;

static void
host_free (gpointer data)
{
  Host *host = data;

  ike_reason_clear (&host->reason);
  g_free (host->name);
  g_free (host);
}

Gateways *
gateways_new (HelperClient *helper, const char *const *hosts, guint16 port, void (*changed) (gpointer data),
              gpointer data)
{
  Gateways *self = g_new0 (Gateways, 1);

  self->refs = 1;
  self->helper = helper;
  self->port = port;
  self->changed = changed;
  self->data = data;
  self->hosts = g_ptr_array_new_with_free_func (host_free);
  for (; *hosts; hosts++)
    {
      Host *host = g_new0 (Host, 1);

      host->name = g_strdup (*hosts);
      if (ike_address_from_string (host->name, &host->addresses[0]))
        {
          host->state = HOST_KNOWN;
          host->n_addresses = 1;
        }
      g_ptr_array_add (self->hosts, host);
    }
  return self;
}

static void
gateways_unref (Gateways *self)
{
  if (--self->refs)
    return;
  g_ptr_array_unref (self->hosts);
  g_free (self);
}

void
gateways_free (Gateways *self)
{
  if (!self)
    return;
  self->closed = TRUE;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->wait, g_source_remove);
  gateways_unref (self);
}

/* What filters names, and what a captive portal says of all of them, may be 0.0.0.0 or 127.0.0.1: that is no answer. FALSE:
 * none of @addresses is one. */
static gboolean
host_known (Host *host, const IkeAddress *addresses, guint n)
{
  host->n_addresses = 0;
  for (guint i = 0; i < n && host->n_addresses < GATEWAYS_MAX_ADDRESSES; i++)
    if (ipconfig_is_host (&addresses[i]))
      host->addresses[host->n_addresses++] = addresses[i];
  if (host->n_addresses)
    host->state = HOST_KNOWN;
  return host->n_addresses > 0;
}

static void
host_failed (Host *host, IkeReasonCode code, const char *why)
{
  if (host_known (host, host->before, host->n_before))
    return;
  host->state = HOST_FAILED;
  if (why)
    ike_reason_set (&host->reason, code, 0, "%s: %s", host->name, why);
  else
    ike_reason_set (&host->reason, code, 0, "%s", host->name);
}

static gboolean
is_pending (const Gateways *self)
{
  for (guint i = 0; i < self->hosts->len; i++)
    if (((const Host *) self->hosts->pdata[i])->state == HOST_PENDING)
      return TRUE;
  return FALSE;
}

/* Nobody waits for a name that is late while a gateway behind it could be tried. */
static void
overtake_late (Gateways *self)
{
  gboolean known = FALSE;

  for (guint i = self->hosts->len; i-- > 0;)
    {
      Host *host = self->hosts->pdata[i];

      if (host->state == HOST_PENDING && host->late && (known || host->n_before))
        host_failed (host, IKE_REASON_NAME_NO_ANSWER, NULL);
      known = known || host->state == HOST_KNOWN;
    }
}

static void
on_resolved (const IkeAddress *addresses, guint n, GError *error, gpointer data)
{
  g_autofree Lookup *lookup = data;
  Gateways *self = lookup->gateways;
  Host *host = self->hosts->pdata[lookup->host];

  if (!self->closed && host->state == HOST_PENDING)
    {
      if (error && !g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
        host_failed (host, IKE_REASON_NAME_NO_ANSWER, error->message);
      else if (!host_known (host, addresses, n))
        host_failed (host, IKE_REASON_NAME_NOT_FOUND, NULL);
      overtake_late (self);
      if (!is_pending (self))
        g_clear_handle_id (&self->timer, g_source_remove);
      self->changed (self->data);
    }
  gateways_unref (self);
}

static gboolean
on_timeout (gpointer data)
{
  Gateways *self = data;

  self->timer = 0;
  for (guint i = 0; i < self->hosts->len; i++)
    {
      Host *host = self->hosts->pdata[i];

      host->late = host->state == HOST_PENDING;
    }
  overtake_late (self);
  self->changed (self->data);
  return G_SOURCE_REMOVE;
}

void
gateways_resolve (Gateways *self)
{
  for (guint i = 0; i < self->hosts->len; i++)
    {
      Host *host = self->hosts->pdata[i];
      Lookup *lookup;

      if (host->state != HOST_PENDING)
        continue;
      lookup = g_new0 (Lookup, 1);
      lookup->gateways = self;
      lookup->host = i;
      self->refs++;
      if (!self->timer)
        self->timer = g_timeout_add (GATEWAYS_LOOKUP_MS, on_timeout, self);
      helper_client_resolve (self->helper, host->name, on_resolved, lookup);
    }
}

void
gateways_again (Gateways *self)
{
  IkeAddress address;

  self->host = self->address = 0;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->wait, g_source_remove);
  for (guint i = 0; i < self->hosts->len; i++)
    {
      Host *host = self->hosts->pdata[i];

      if (ike_address_from_string (host->name, &address))
        continue;
      if (host->n_addresses)
        {
          memcpy (host->before, host->addresses, sizeof host->before);
          host->n_before = host->n_addresses;
        }
      host->state = HOST_PENDING;
      host->late = host->late_told = FALSE;
      host->n_addresses = 0;
      ike_reason_clear (&host->reason);
    }
  gateways_resolve (self);
}

static gboolean
on_wait (gpointer data)
{
  Gateways *self = data;

  self->wait = 0;
  gateways_again (self);
  self->changed (self->data);
  return G_SOURCE_REMOVE;
}

guint
gateways_wait (Gateways *self, guint rounds)
{
  guint seconds = MIN (GATEWAYS_WAIT_FIRST << MIN (self->rounds, 4), GATEWAYS_WAIT_LONGEST);

  self->rounds++;
  if (rounds && self->rounds >= rounds)
    return 0;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->wait, g_source_remove);
  self->wait = g_timeout_add_seconds (seconds, on_wait, self);
  self->waiting_since = g_get_monotonic_time ();
  return seconds;
}

void
gateways_hurry (Gateways *self)
{
  gint64 due = self->waiting_since + GATEWAYS_WAIT_FIRST * G_USEC_PER_SEC;

  if (!self->wait)
    return;
  g_source_remove (self->wait);
  self->wait = g_timeout_add ((guint) (MAX (due - g_get_monotonic_time (), 0) / 1000), on_wait, self);
}

void
gateways_answered (Gateways *self)
{
  self->rounds = 0;
}

gboolean
gateways_may_differ (const Gateways *self)
{
  IkeAddress address;

  return self->hosts->len > 1 || !ike_address_from_string (((Host *) self->hosts->pdata[0])->name, &address);
}

static void
first_failure (const Gateways *self, IkeReason *ret)
{
  for (guint i = 0; i < self->hosts->len; i++)
    {
      const Host *host = self->hosts->pdata[i];

      if (host->state == HOST_FAILED)
        {
          ike_reason_copy (ret, &host->reason);
          return;
        }
    }
}

GatewaysNext
gateways_next (Gateways *self, IkeEndpoint *ret_endpoint, const char **ret_host, IkeReason *ret_reason)
{
  for (; self->host < self->hosts->len; self->host++, self->address = 0)
    {
      Host *host = self->hosts->pdata[self->host];

      if (host->state == HOST_PENDING)
        {
          gboolean news = host->late && !host->late_told;

          host->late_told = host->late;
          *ret_host = host->name;
          return news ? GATEWAYS_LATE : GATEWAYS_PENDING;
        }
      if (host->state == HOST_FAILED || self->address >= host->n_addresses)
        continue;
      *ret_endpoint = (IkeEndpoint){ .address = host->addresses[self->address++], .port = self->port };
      *ret_host = host->name;
      return GATEWAYS_FOUND;
    }
  first_failure (self, ret_reason);
  return GATEWAYS_NO_MORE;
}

guint
gateways_count_left (const Gateways *self)
{
  guint left = 1;

  for (guint i = self->host; i < self->hosts->len; i++)
    {
      const Host *host = self->hosts->pdata[i];

      switch (host->state)
        {
        case HOST_PENDING:
          left++;
          break;
        case HOST_KNOWN:
          left += host->n_addresses - (i == self->host ? self->address : 0);
          break;
        case HOST_FAILED:
          break;
        }
    }
  return left;
}
