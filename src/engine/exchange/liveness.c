/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the peer there, and does the path carry? Traffic that arrives is the answer, and then no packet is spent on the
 * question. RFC 7296 section 2.4; RFC 4555 section 3.8.
 *
 * Whoever began the connection watches closely: what the kernel counts is looked at every second while there is traffic,
 * more and more rarely when there is none. Traffic that only leaves, or that has stopped arriving through a NAT, is
 * doubted after moments; silence on both sides after the configured delay. With another path at hand the looks are
 * closer and the moments shorter. A responder, who cannot choose a path and may have thousands of peers, looks only that
 * often.
 */
#include "exchange/liveness.h"

#include "exchange/addresses.h"
#include "exchange/handlers.h"
#include "exchange/qcd.h"
#include "exchange/redirect.h"
#include "exchange/stream.h"
#include "exchange/ticket.h"

#include "wire/payload-notify.h"

#include <errno.h>

#define PACE IKE_SECOND
#define SILENCE (2 * IKE_SECOND)
/* With another path at hand. Twice a round trip, and something for those who do not answer at once. */
#define PACE_QUICK (100 * IKE_MILLISECOND)
#define SILENCE_QUICK (200 * IKE_MILLISECOND)
#define INTERVAL_QUICK (125 * IKE_MILLISECOND)
#define LONGEST_INTERVAL_QUICK (500 * IKE_MILLISECOND)
/* TCP repeats what is lost by itself, 200 ms later at the earliest, and then 400: all behind it waits for that. (Whether it
 * does so in vain is said by CLOGGED, once there is a question.) */
#define INTERVAL_QUICK_STREAM (250 * IKE_MILLISECOND)
/* So many unanswered messages are enough. Without MOBIKE the other path costs a new IKE SA, and TCP repeats after 0.2,
 * 0.6 and 1.4 s: some more. */
#define TIMES_QUICK 3
#define TIMES_QUICK_MORE 5
/* What has come through a NAT all the time for a second, and stops: at once it is only the NAT that is suspected. */
#define PACE_NAT (200 * IKE_MILLISECOND)
#define SILENCE_NAT (400 * IKE_MILLISECOND)
#define STEADY 5
/* The peer has just answered although nothing arrives: a flow may well have only one direction. */
#define SILENCE_AGAIN (10 * IKE_SECOND)

static gboolean
watches (const IkeParent *parent)
{
  return parent->connection->state != IKE_CONNECTION_LISTENING;
}

static gboolean
is_quick (const IkeParent *parent)
{
  const IkeConnection *connection = parent->connection;

  return connection->elsewhere && connection->current == parent && parent->state == IKE_PARENT_ESTABLISHED &&
         watches (parent) && parent->window.rtt;
}

/* How long traffic may be without an answer before that is asked for. */
static IkeTime
silence_quick (const IkeParent *parent)
{
  return MAX (SILENCE_QUICK, 2 * parent->window.rtt);
}

gboolean
ike_liveness_is_urgent (const IkeParent *parent)
{
  return is_quick (parent) && (parent->mobike || parent->unanswered);
}

void
ike_liveness_hurry (const IkeParent *parent, IkeRequest *request)
{
  gboolean stream = ike_stream_is (&parent->path);
  IkeTime rtt = parent->window.rtt;
  IkeTime interval = stream ? MAX (INTERVAL_QUICK_STREAM, 4 * rtt) : MAX (INTERVAL_QUICK, 2 * rtt);

  if (!ike_liveness_is_urgent (parent))
    return;
  ike_request_hurry (request, MIN (interval, LONGEST_INTERVAL_QUICK),
                     parent->mobike && !stream ? TIMES_QUICK : TIMES_QUICK_MORE);
}

static IkeTime
pace (const IkeParent *parent)
{
  if (is_quick (parent))
    return PACE_QUICK;
  return watches (parent) && parent->nat_here && parent->receiving ? PACE_NAT : PACE;
}

static IkeTime
last_sign (const IkeParent *parent)
{
  return MAX (parent->heard, parent->proof);
}

static void
rearm (IkeParent *parent)
{
  IkeTime delay = ike_parent_config (parent)->dpd_delay, now = parent->core->now;
  IkeTime due = last_sign (parent) + delay;

  if (!delay || parent->state != IKE_PARENT_ESTABLISHED)
    return;
  if (watches (parent))
    due = MIN (due, now + parent->pace);
  ike_parent_set_timer (parent, IKE_PARENT_TIMER_LIVENESS, MAX (due, now + MIN (delay, pace (parent))));
}

void
ike_liveness_begin (IkeParent *parent)
{
  parent->proof = parent->core->now;
  parent->pace = pace (parent);
  rearm (parent);
}

/* ---- the question ---- */

/* Whatever request is on its way is as good as a question. */
static gboolean
is_asking (const IkeParent *parent)
{
  const IkeTask *task = ike_parent_current (parent);

  return task && task->started;
}

static void
ask (IkeParent *parent)
{
  if (is_asking (parent))
    return;
  ike_run_queue (parent, &ike_row_liveness);
  ike_run_next (parent);
}

/* RFC 4555 section 3.8: who suspects another mapping may say so without looking first. */
void
ike_liveness_doubt (IkeParent *parent)
{
  if (parent->state != IKE_PARENT_ESTABLISHED || is_asking (parent))
    return;
  if (!parent->mobike || !parent->nat_here || !watches (parent))
    {
      ask (parent);
      return;
    }
  ike_run_queue (parent, &ike_row_update_addresses);
  ike_run_next (parent);
}

void
ike_liveness_start (IkeTask *task)
{
  IkeParent *parent = task->parent;
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  /* RFC 4555 section 3.8: the answer tells as whom the peer sees us */
  if (parent->mobike && parent->nat_here && watches (parent))
    (void) ike_natd_write (&builder, parent->core->crypto, parent->spi_i, parent->spi_r, &parent->path,
                           ike_parent_config (parent)->encap);
  if (task->step == IKE_LIVENESS_TOKEN)
    ike_qcd_write (&builder, parent);
  if (task->step == IKE_LIVENESS_TICKET)
    ike_ticket_request (&builder, parent);
  if (task->step == IKE_LIVENESS_REDIRECT)
    ike_redirect_write_to (&builder, parent);
  if (task->step == IKE_LIVENESS_ADDRESSES)
    ike_addresses_write (&builder, parent, TRUE);
  ike_run_send (task, &builder);
}

void
ike_liveness_on_response (IkeTask *task)
{
  IkeParent *parent = task->parent;
  gboolean moved = parent->mobike && parent->nat_here && watches (parent) &&
                   ike_mobike_mapping_changed (parent, task->message);

  /* what TCP had to repeat on the way says nothing about how long that is */
  if (!ike_stream_is (&parent->path) || !parent->window.rtt ||
      parent->core->now - task->request.since < parent->window.rtt)
    ike_window_measure (&parent->window, &task->request, parent->core->now);
  if (moved)
    {
      ike_parent_log (parent, IKE_LOG_INFO, "mobike", "the NAT before us has another mapping for us");
      ike_run_queue (parent, &ike_row_update_addresses);
    }
  if (task->step == IKE_LIVENESS_TICKET)
    ike_ticket_note (parent, &task->message->payloads);
  rearm (parent);
  ike_run_finish (task);
}

void
ike_liveness_on_give_up (IkeTask *task, IkeReason *reason)
{
  ike_life_end (task->parent, IKE_FAREWELL_NONE, reason);
}

/* ---- what the kernel has counted ---- */

/* Traffic leaves, and nothing has come for it. */
static gboolean
is_silent (const IkeParent *parent)
{
  IkeTime now = parent->core->now, since = last_sign (parent);

  if (parent->heard > parent->proof)
    return now - since >= SILENCE_AGAIN;
  return now - since >= SILENCE ||
         (is_quick (parent) && now - MAX (since, parent->unanswered) >= silence_quick (parent));
}

/* Nobody sends any more, or the NAT has forgotten us. */
static gboolean
has_stopped (const IkeParent *parent)
{
  IkeTime now = parent->core->now;
  gboolean steady = parent->steady >= STEADY && now - parent->hinted >= SILENCE_AGAIN;

  return watches (parent) && parent->receiving && parent->nat_here &&
         now - parent->proof >= (steady ? SILENCE_NAT : SILENCE);
}

static void
judge (IkeParent *parent, gboolean out_grew)
{
  IkeTime delay = ike_parent_config (parent)->dpd_delay, now = parent->core->now;

  if (parent->in_grew)
    {
      parent->proof = now;
      parent->unanswered = 0;
      parent->receiving = TRUE;
      parent->steady = (guint8) MIN (parent->steady + 1, STEADY);
      parent->pace = pace (parent);
    }
  else if (out_grew)
    {
      parent->pace = pace (parent);
      if (!parent->unanswered)
        parent->unanswered = now;
      if (watches (parent) && is_silent (parent))
        ike_liveness_doubt (parent);
    }
  else
    {
      parent->pace = MIN (parent->pace * 2, delay);
      if (parent->pace > PACE)
        parent->unanswered = 0; /* what had no answer wanted none */
      if (has_stopped (parent))
        {
          parent->receiving = FALSE;
          parent->hinted = now;
          ike_liveness_doubt (parent);
        }
      if (now - parent->proof >= SILENCE_NAT)
        parent->steady = 0;
    }
  if (now - last_sign (parent) >= delay)
    ask (parent);
  rearm (parent);
}

/* SAs can be removed without an EXPIRE: by hand, or with the network card that encrypts, when that goes down
 * (xfrm_dev_down). Whoever calls this returns. */
static void
check_lost (IkeParent *parent, guint32 number, const IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);

  if (input->kernel_error != ESRCH || !child || child->state != IKE_CHILD_READY || child->expired ||
      parent->state != IKE_PARENT_ESTABLISHED)
    return;
  ike_parent_log (parent, IKE_LOG_NOTICE, "kernel", "the kernel has lost an SA of Child SA #%u", number);
  ike_life_on_expire (child, TRUE);
}

static void
on_sent (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);

  if (child && !input->kernel_error && input->traffic_bytes != child->seen_out)
    {
      child->seen_out = input->traffic_bytes;
      parent->out_grew = TRUE;
    }
  if (--parent->checks == 0)
    judge (parent, parent->out_grew);
  check_lost (parent, number, input);
}

static guint
query_all (IkeParent *parent, guint part, IkeWorkDone done)
{
  guint n = 0;

  for (IkeChild *child = parent->children; child && n < G_MAXUINT16; child = child->next)
    if (child->state == IKE_CHILD_READY)
      {
        IkeWorkFor work = { .parent = parent, .child = child->number, .done = done };

        n++;
        ike_child_query (child, part, &work);
      }
  return n;
}

static void
on_received (IkeParent *parent, IkeTask *task, guint32 number, IkeInput *input)
{
  IkeChild *child = ike_child_by_number (parent, number);

  if (child && !input->kernel_error && input->traffic_bytes != child->seen)
    {
      child->seen = input->traffic_bytes;
      parent->in_grew = TRUE;
    }
  if (--parent->checks == 0)
    {
      parent->checks = parent->in_grew ? 0 : (guint16) query_all (parent, IKE_SA_OUT, on_sent);
      if (!parent->checks)
        judge (parent, FALSE);
    }
  check_lost (parent, number, input);
}

/* RFC 7296 section 2.4: nothing is asked while traffic shows that the peer lives. */
void
ike_liveness_check (IkeParent *parent)
{
  if (parent->state != IKE_PARENT_ESTABLISHED || !ike_parent_config (parent)->dpd_delay || parent->checks)
    return;
  if (is_asking (parent) && !is_quick (parent))
    {
      rearm (parent); /* its retransmissions are a check as well */
      return;
    }
  if (!watches (parent) && parent->core->now - last_sign (parent) < ike_parent_config (parent)->dpd_delay)
    {
      rearm (parent);
      return;
    }
  parent->in_grew = parent->out_grew = FALSE;
  parent->checks = (guint16) query_all (parent, IKE_SA_IN, on_received);
  if (!parent->checks)
    judge (parent, FALSE);
}
