/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of a Child SA: RFC 7296 sections 1.3.1 (transport mode, TFC padding), 2.22 (IPComp, RFC 3173); RFC 9347
 * section 5 (IP-TFS, whose payloads are called AGGFRAG), and RFC 9611 as far as it is one (resource.h). Owns nothing.
 *
 * Invariants: what the peer has not agreed to is not used, and does not keep the Child SA from being made; a rekeyed
 * Child SA is negotiated anew, as the first one was.
 */
#include "exchange/options.h"

#include "exchange/resource.h"
#include "sa/connection.h"
#include "wire/payload-notify.h"

#define IPCOMP_DEFLATE 2 /* RFC 7296 section 3.3.2: transform ID */
#define CPI_FIRST 256 /* RFC 3173 section 3.3: below they are not negotiated */
/* RFC 9347 section 5.1 */
#define AGGFRAG_WHOLE 1 /* the sender takes no pieces */
#define AGGFRAG_CONGESTION 2 /* and wants to be told of congestion */

void
ike_options_wish (IkeChild *child)
{
  const IkeChildConfig *config = &ike_parent_config (child->parent)->child;

  child->aggfrag = config->aggfrag && !config->transport_mode;
  child->compress = config->ipcomp && !child->aggfrag;
  ike_resource_wish (child);
}

/* ---- IPComp ---- */

static gboolean
is_of_family (const GArray *selectors, IkeFamily family)
{
  for (guint i = 0; i < selectors->len; i++)
    if (g_array_index (selectors, IkeSelector, i).first.family != family)
      return FALSE;
  return TRUE;
}

/* NULL: it can be. The kernel's ESP is in transport mode below IPComp, and so takes only packets of the outer family; a
 * NAT changes the addresses by which IPComp's SAs are found. */
static const char *
why_not (const IkeChild *child, const GArray *local_ts, const GArray *remote_ts)
{
  const IkeParent *parent = child->parent;
  IkeFamily family = parent->path.remote.address.family;

  if (parent->nat_here || parent->nat_there || parent->encap)
    return "there is address translation on the way";
  if (!is_of_family (local_ts, family) || !is_of_family (remote_ts, family))
    return "addresses of another family than the gateway's go through the tunnel";
  return NULL;
}

static void
say_uncompressed (const IkeChild *child, const char *why)
{
  ike_parent_log (child->parent, IKE_LOG_NOTICE, "child", "Child SA #%u is not compressed: %s", child->number, why);
}

static void
write_ipcomp (IkeBuilder *builder, const IkeChild *child)
{
  const guint8 data[] = { (guint8) (child->cpi_in >> 8), (guint8) child->cpi_in, IPCOMP_DEFLATE };

  ike_builder_notify (builder, IKE_NOTIFY_IPCOMP_SUPPORTED, ike_chunk (data, sizeof data));
}

/* RFC 7296 section 3.10.1: CPI, transform, attributes. 0: DEFLATE is not among what is offered. */
static guint16
read_ipcomp (const IkePayloads *payloads, gboolean *ret_any)
{
  guint index = 0;
  IkeNotify notify;

  *ret_any = FALSE;
  while (ike_notify_next (payloads, IKE_NOTIFY_IPCOMP_SUPPORTED, &index, &notify))
    {
      IkeReader reader = ike_reader (notify.data);
      guint16 cpi;

      *ret_any = TRUE;
      if (notify.data.len < 3)
        continue;
      cpi = ike_read_u16 (&reader);
      if (ike_read_u8 (&reader) == IPCOMP_DEFLATE && cpi >= CPI_FIRST)
        return cpi;
    }
  return 0;
}

/* ---- TFC padding ---- */

static void
note_tfc (IkeChild *child, const IkePayloads *payloads)
{
  IkeNotify notify;

  /* RFC 4303 section 2.7: in transport mode the end of a packet would not be known */
  child->tfc =
      ike_parent_config (child->parent)->child.tfc && !child->transport_mode && !child->cpi_out && !child->aggfrag;
  if (!child->tfc || !ike_notify_find (payloads, IKE_NOTIFY_ESP_TFC_PADDING_NOT_SUPPORTED, &notify))
    return;
  child->tfc = FALSE;
  ike_parent_log (child->parent, IKE_LOG_NOTICE, "child", "Child SA #%u is not padded: the peer does not take it",
                  child->number);
}

/* ---- IP-TFS ---- */

static void
write_aggfrag (IkeBuilder *builder)
{
  const guint8 flags = AGGFRAG_WHOLE; /* with pieces a tunnel between two Linux 7.2 stalled; why is not known */

  ike_builder_notify (builder, IKE_NOTIFY_USE_AGGFRAG, ike_chunk (&flags, sizeof flags));
}

/* NULL: it is wanted in a way that we can. Kernels know nothing of congestion. */
static const char *
read_aggfrag (IkeChild *child, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (!ike_notify_find (payloads, IKE_NOTIFY_USE_AGGFRAG, &notify))
    return "the peer does not want it";
  if (notify.data.len != 1 || notify.data.data[0] & AGGFRAG_CONGESTION)
    return "the peer wants to be told of congestion, or something unknown";
  child->aggfrag_whole = notify.data.data[0] & AGGFRAG_WHOLE;
  return NULL;
}

static void
give_up_aggfrag (IkeChild *child, const char *why)
{
  ike_parent_log (child->parent, IKE_LOG_NOTICE, "child", "Child SA #%u is without IP-TFS: %s", child->number, why);
  child->aggfrag = FALSE;
}

/* What is neither offered nor answered as it can be must not be used by the peer either. */
static gboolean
accept_aggfrag (IkeChild *child, const IkePayloads *answer)
{
  IkeNotify notify;

  if (!ike_notify_find (answer, IKE_NOTIFY_USE_AGGFRAG, &notify))
    {
      if (child->aggfrag)
        give_up_aggfrag (child, "the peer does not want it");
      return TRUE;
    }
  return child->aggfrag && !child->transport_mode && !read_aggfrag (child, answer);
}

static void
choose_aggfrag (IkeChild *child, const IkePayloads *request)
{
  const char *why = child->transport_mode ? "it is in transport mode" : read_aggfrag (child, request);

  if (child->aggfrag && why)
    give_up_aggfrag (child, why);
}

/* ---- requests and answers ---- */

static void
write_mode (IkeBuilder *builder, gboolean transport)
{
  if (!transport)
    return;
  ike_builder_notify (builder, IKE_NOTIFY_USE_TRANSPORT_MODE, ike_chunk (NULL, 0));
  ike_builder_notify (builder, IKE_NOTIFY_ESP_TFC_PADDING_NOT_SUPPORTED, ike_chunk (NULL, 0));
}

void
ike_options_offer (IkeBuilder *builder, IkeChild *child, gboolean transport, const GArray *local_ts,
                   const GArray *remote_ts)
{
  const char *why = child->cpi_in ? why_not (child, local_ts, remote_ts) : NULL;

  write_mode (builder, transport);
  if (why)
    {
      say_uncompressed (child, why);
      child->cpi_in = 0;
    }
  if (child->cpi_in)
    write_ipcomp (builder, child);
  if (child->aggfrag)
    write_aggfrag (builder);
  ike_resource_write (builder, child);
}

const char *
ike_options_accept (IkeChild *child, const IkePayloads *answer)
{
  gboolean any;
  guint16 cpi = read_ipcomp (answer, &any);

  if (any && (!cpi || !child->cpi_in))
    return "IPComp";
  if (!accept_aggfrag (child, answer))
    return "IP-TFS";
  if (!ike_resource_accept (child, answer))
    return "a Child SA for all processors";
  child->cpi_out = cpi;
  if (child->cpi_in && !cpi)
    {
      say_uncompressed (child, "the peer does not want it");
      child->cpi_in = 0;
    }
  note_tfc (child, answer);
  return NULL;
}

void
ike_options_choose (IkeChild *child, const IkePayloads *request)
{
  const char *why = NULL;
  gboolean any;

  ike_options_wish (child);
  child->cpi_out = child->compress ? read_ipcomp (request, &any) : 0;
  if (child->compress && !child->cpi_out)
    why = "the peer does not offer it";
  else if (child->cpi_out)
    why = why_not (child, child->local_ts, child->remote_ts);
  if (why)
    {
      say_uncompressed (child, why);
      child->compress = FALSE;
      child->cpi_out = 0;
    }
  choose_aggfrag (child, request);
  ike_resource_choose (child, request);
  note_tfc (child, request);
}

void
ike_options_answer (IkeBuilder *builder, const IkeChild *child)
{
  write_mode (builder, child->transport_mode);
  if (child->cpi_in && child->cpi_out)
    write_ipcomp (builder, child);
  if (child->aggfrag)
    write_aggfrag (builder);
  ike_resource_write (builder, child);
}
