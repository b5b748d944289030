/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request becomes a batch of kernel requests, and none waits for the answer to another; when the last is answered and one
 * has failed, the ledger says what must be undone. SAs come before the policies that need them, and go after them.
 */
#include "tunnel-private.h"

#include "kernel/owner.h"

#include <errno.h>
#include <string.h>

Tunnel *
tunnel_new (Netlink *xfrm, pid_t owner, gboolean with_dir)
{
  Tunnel *t = g_new0 (Tunnel, 1);

  t->xfrm = xfrm;
  t->owner = owner;
  t->with_dir = with_dir;
  t->offload_said = CHANNEL_OFFLOAD_AUTO;
  t->ledger = ledger_new ();
  return t;
}

void
tunnel_free (Tunnel *tunnel)
{
  if (!tunnel)
    return;
  ledger_free (tunnel->ledger);
  g_free (tunnel);
}

void
tunnel_set_scope (Tunnel *tunnel, guint32 if_id, guint32 mark)
{
  tunnel->if_id = if_id;
  tunnel->mark = mark;
}

void
tunnel_set_traits (Tunnel *tunnel, const TunnelTraits *traits)
{
  tunnel->traits = *traits;
}

void
tunnel_set_room (Tunnel *tunnel, guint room)
{
  tunnel->room = room;
}

void
tunnel_answer (TunnelFunc func, gpointer data, int error, const char *text)
{
  const TunnelResult result = { .error = error, .text = text };

  func (&result, data);
}

gboolean
tunnel_is_full (const Tunnel *t, TunnelFunc func, gpointer data)
{
  if (!t->room || ledger_size (t->ledger) < t->room)
    return FALSE;
  tunnel_answer (func, data, ENOSPC, "There is no room for so many SAs and policies");
  return TRUE;
}

/* ---- batches ---- */

Batch *
tunnel_batch_new (Tunnel *t, TunnelFunc func, gpointer data)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->tunnel = t;
  batch->number = ++t->last_batch;
  batch->func = func;
  batch->data = data;
  batch->outstanding = 1; /* as long as steps are being added */
  return batch;
}

static void
delete_comp (Tunnel *t, const XfrmSaId *esp)
{
  const XfrmSaId comp = xfrm_sa_comp (esp);

  netlink_call (t->xfrm, xfrm_build_sa_delete (&comp), NULL, NULL);
}

static void
undo_entry (const LedgerEntry *e, gpointer data)
{
  Tunnel *t = data;

  if (!e->is_policy)
    {
      if (e->sa.cpi)
        delete_comp (t, &e->sa);
      netlink_call (t->xfrm, xfrm_build_sa_delete (&e->sa), NULL, NULL);
    }
  else if (e->has_previous)
    netlink_call (t->xfrm, xfrm_build_policy (&e->previous), NULL, NULL);
  else
    netlink_call (t->xfrm, xfrm_build_policy_delete (&e->policy), NULL, NULL);
}

void
tunnel_batch_release (Batch *batch)
{
  if (--batch->outstanding > 0)
    return;
  if (batch->error)
    ledger_undo (batch->tunnel->ledger, batch->number, undo_entry, batch->tunnel);
  else
    {
      /* those that an SA has left behind, so that nothing passes without one, have had their time */
      ledger_remove_older (batch->tunnel->ledger, batch->number, batch->replaces, undo_entry, batch->tunnel);
      ledger_commit (batch->tunnel->ledger, batch->number);
    }
  tunnel_answer (batch->func, batch->data, batch->error, batch->text ? batch->text : "");
  g_free (batch->text);
  g_free (batch);
}

void
tunnel_batch_fail (Batch *batch, int error, const char *what, const char *why)
{
  if (batch->error) /* the first is the cause */
    return;
  batch->error = error;
  batch->text = g_strdup_printf ("%s: %s", what, *why ? why : g_strerror (error));
}

static void on_step (const NetlinkReply *reply, gpointer data);

void
tunnel_batch_send (const Step *template, struct nl_msg *take_msg)
{
  Step *step = g_memdup2 (template, sizeof *template);

  step->batch->outstanding++;
  if (take_msg)
    {
      netlink_call (step->batch->tunnel->xfrm, take_msg, on_step, step);
      return;
    }
  tunnel_batch_fail (step->batch, EINVAL, step->what, "the name of an algorithm is too long");
  xfrm_msg_free (step->otherwise);
  step->batch->outstanding--;
  g_free (step);
}

/* The kernel says nothing when the card has no cipher: then the processor does it. */
static void
on_look (const NetlinkReply *reply, gpointer data)
{
  Step *step = data;
  XfrmState state = { 0 };

  if (reply->error == 0 && reply->answer && xfrm_parse_sa (reply->answer, &state) && !state.offload.ifindex)
    tunnel_batch_fail (step->batch, EOPNOTSUPP, "The network card does not encrypt", "it has no offload of ESP");
  tunnel_batch_release (step->batch);
  g_free (step);
}

static void
look (const Step *step)
{
  if (!step->batch->tunnel->offload.ifindex || step->kind != STEP_ADD_SA)
    return;
  step->batch->outstanding++;
  netlink_call (step->batch->tunnel->xfrm, xfrm_build_sa_get (&step->sa), on_look, g_memdup2 (step, sizeof *step));
}

static void
step_done (Step *step)
{
  Tunnel *t = step->batch->tunnel;

  switch (step->kind)
    {
    case STEP_ADD_SA:
      ledger_add_sa (t->ledger, step->batch->number, &step->sa, FALSE);
      if (step->sa.outbound)
        t->acquired = 0; /* the larval state has gone with it */
      break;
    case STEP_ADD_POLICY:
      ledger_add_policy (t->ledger, step->batch->number, &step->policy);
      break;
    case STEP_MOVE_SA: /* there is no way back: the old one is gone */
      ledger_add_sa (t->ledger, 0, &step->sa, FALSE);
      break;
    case STEP_COMP: /* its ESP's entry stands for it, too */
    case STEP_DELETE:
      break;
    }
}

/* Nobody knows whether the kernel has done it: then it has, and is to be undone. */
static gboolean
is_unknown (int error)
{
  return error == ETIMEDOUT || error == ECANCELED;
}

/* An IPComp SA comes before its ESP: when it was refused, for one, because somebody else has that number with this peer,
 * nothing below the ESP is ours to delete. */
static void
note_comp (Step *step, int error)
{
  gboolean *no_comp = &step->batch->no_comp[step->sa.outbound != FALSE];

  if (step->kind == STEP_COMP)
    *no_comp = error && !is_unknown (error);
  else if (*no_comp && (step->kind == STEP_ADD_SA || step->kind == STEP_MOVE_SA))
    step->sa.cpi = 0;
}

static void
on_step (const NetlinkReply *reply, gpointer data)
{
  Step *step = data;
  Batch *batch = step->batch;

  if (reply->error == ESRCH && step->otherwise)
    {
      /* the larval state has expired (xfrm_acq_expires); its SPI is most likely still free */
      netlink_call (batch->tunnel->xfrm, g_steal_pointer (&step->otherwise), on_step, step);
      return;
    }
  note_comp (step, reply->error);
  /* nothing stands for an outbound IPComp SA, or one that was moved, but its ESP */
  if (reply->error && step->sa.cpi &&
      ((step->kind == STEP_ADD_SA && step->sa.outbound) || (step->kind == STEP_MOVE_SA && !is_unknown (reply->error))))
    delete_comp (batch->tunnel, &step->sa);
  if (reply->error == 0 || is_unknown (reply->error))
    step_done (step);
  if (reply->error == 0)
    look (step);
  else if (step->kind != STEP_DELETE) /* what is gone already is as good as deleted */
    tunnel_batch_fail (batch, reply->error, step->what, reply->text);
  xfrm_msg_free (step->otherwise);
  g_free (step);
  tunnel_batch_release (batch);
}

/* ---- SPI ---- */

typedef struct {
  Tunnel *tunnel;
  TunnelFunc func;
  gpointer data;
  XfrmSaId id; /* of ESP, below IPComp */
  gboolean iptfs; /* can it be? */
} Call;

static Call *
call_new (Tunnel *t, TunnelFunc func, gpointer data)
{
  Call *call = g_new0 (Call, 1);

  call->tunnel = t;
  call->func = func;
  call->data = data;
  return call;
}

/* Outputs are there when the error is 0. */
static TunnelResult
state_result (const NetlinkReply *reply, XfrmState *ret_state)
{
  TunnelResult result = { .error = reply->error, .text = reply->text };

  if (result.error == 0 && (!reply->answer || !xfrm_parse_sa (reply->answer, ret_state)))
    result.error = EPROTO;
  if (result.error && !*result.text)
    result.text = g_strerror (result.error);
  return result;
}

static void
on_spi (const NetlinkReply *reply, gpointer data)
{
  g_autofree Call *call = data;
  XfrmState state;
  TunnelResult result = state_result (reply, &state);

  if (result.error == 0)
    {
      ledger_add_sa (call->tunnel->ledger, 0, &state.id, TRUE);
      result.spi = state.id.spi;
    }
  if (call->iptfs && result.error == 0)
    ability_find (call->tunnel, ABILITY_IPTFS, &result, call->func, call->data);
  else
    call->func (&result, call->data);
}

/* IPComp's SA is complete at once, because that alone tells whether the kernel has it; without it there is none. */
static void
on_comp (const NetlinkReply *reply, gpointer data)
{
  g_autofree Call *comp = data;
  TunnelResult result = { .text = "", .spi = comp->id.spi, .cpi = comp->id.cpi };

  if (reply->error)
    {
      delete_comp (comp->tunnel, &comp->id);
      comp->id.cpi = result.cpi = 0;
    }
  ledger_add_sa (comp->tunnel->ledger, 0, &comp->id, TRUE);
  comp->func (&result, comp->data);
}

static void
on_cpi (const NetlinkReply *reply, gpointer data)
{
  Call *comp = data;
  XfrmState state;
  TunnelResult result = state_result (reply, &state);
  XfrmSa sa = { .label = comp->tunnel->label, .with_dir = comp->tunnel->with_dir, .encr = "", .integ = "" };

  if (result.error)
    {
      result = (TunnelResult){ .text = "", .spi = comp->id.spi };
      ledger_add_sa (comp->tunnel->ledger, 0, &comp->id, TRUE);
      comp->func (&result, comp->data);
      g_free (comp);
      return;
    }
  comp->id.cpi = (guint16) state.id.spi;
  sa.id = xfrm_sa_comp (&comp->id);
  tunnel_set_mark (comp->tunnel, &sa.set_mark, &sa.set_mark_mask);
  netlink_call (comp->tunnel->xfrm, xfrm_build_sa (&sa, TRUE), on_comp, comp);
}

static void
on_comp_spi (const NetlinkReply *reply, gpointer data)
{
  Call *comp = data;
  XfrmState state;
  TunnelResult result = state_result (reply, &state);
  XfrmSaId id;

  if (result.error)
    {
      comp->func (&result, comp->data);
      g_free (comp);
      return;
    }
  comp->id.spi = state.id.spi;
  id = xfrm_sa_comp (&comp->id);
  netlink_call (comp->tunnel->xfrm, xfrm_build_spi_alloc (&id, comp->tunnel->with_dir), on_cpi, comp);
}

/* There is room for so many slots in a reqid that names its owner. A server has more, and some live for long while many
 * others come and go: with a link of its own it is the link's number that names the owner, and for a mesh that of the
 * selectors (kernel/owner.h). Of anybody else a higher one would be another slot's, whose policies went with it. */
guint32
tunnel_slot_reqid (const Tunnel *t, guint32 slot)
{
  if (slot <= CHANNEL_MAX_SLOTS)
    return owner_number (t->owner, (guint8) slot);
  if (t->mesh || owner_of (t->if_id ? t->if_id : t->mark) == t->owner)
    return owner_link_slot (slot);
  return 0;
}

guint32
tunnel_user (const Tunnel *t, TunnelUser what)
{
  return owner_number (t->owner, (guint8) what);
}

XfrmSaId
tunnel_sa_id (const Tunnel *t, guint32 slot, gboolean transport_mode)
{
  XfrmSaId id = { .reqid = tunnel_slot_reqid (t, slot),
                  .if_id = t->if_id,
                  .mark = t->mark,
                  .protocol = IPPROTO_ESP,
                  .transport_mode = transport_mode,
                  .user = t->mesh ? tunnel_user (t, TUNNEL_USER_SA) : 0 };

  return id;
}

static void
on_allocated (const TunnelResult *result, gpointer data)
{
  g_autofree Call *call = data;

  if (result->error)
    call->func (result, call->data);
  else
    ability_find (call->tunnel, ABILITY_CPUS, result, call->func, call->data);
}

void
tunnel_spi_alloc (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data)
{
  XfrmSaId id = tunnel_sa_id (tunnel, request->spi_alloc.slot, request->spi_alloc.transport_mode);
  Call *call;

  id.src = request->spi_alloc.remote;
  id.dst = request->spi_alloc.local;
  if (tunnel_is_full (tunnel, func, data))
    return;
  if (request->spi_alloc.protocol != PROTOCOL_ESP || id.src.family == 0 || id.src.family != id.dst.family)
    {
      tunnel_answer (func, data, EINVAL, "There are no SPIs for this protocol or these addresses");
      return;
    }
  if (!id.reqid)
    {
      tunnel_answer (func, data, EINVAL, TUNNEL_NO_SLOT);
      return;
    }
  if (request->spi_alloc.per_cpu)
    {
      data = call_new (tunnel, func, data);
      func = on_allocated;
    }
  if (request->spi_alloc.ipcomp)
    {
      Call *comp = call_new (tunnel, func, data);

      comp->id = id;
      comp->id.comp_transport = id.transport_mode;
      comp->id.transport_mode = TRUE;
      netlink_call (tunnel->xfrm, xfrm_build_spi_alloc (&comp->id, tunnel->with_dir), on_comp_spi, comp);
      return;
    }
  call = call_new (tunnel, func, data);
  call->iptfs = request->spi_alloc.iptfs;
  netlink_call (tunnel->xfrm, xfrm_build_spi_alloc (&id, tunnel->with_dir), on_spi, call);
}

/* ---- delete ---- */

static void
delete_entry (const LedgerEntry *e, gpointer data)
{
  Step step = { .batch = data, .kind = STEP_DELETE };
  XfrmSaId comp;

  if (!e->is_policy && e->sa.cpi)
    {
      comp = xfrm_sa_comp (&e->sa);
      tunnel_batch_send (&step, xfrm_build_sa_delete (&comp));
    }
  tunnel_batch_send (&step, e->is_policy ? xfrm_build_policy_delete (&e->policy) : xfrm_build_sa_delete (&e->sa));
}

static void
delete_sa (Batch *batch, guint32 spi, gboolean outbound, guint32 reqid)
{
  const LedgerEntry *e = ledger_find_sa (batch->tunnel->ledger, spi, outbound, reqid);
  XfrmSaId id;

  if (!e)
    return;
  id = e->sa;
  delete_entry (e, batch);
  ledger_remove_sa (batch->tunnel->ledger, &id);
}

void
tunnel_delete (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data)
{
  Batch *batch = tunnel_batch_new (tunnel, func, data);
  guint32 reqid = tunnel_slot_reqid (tunnel, request->sa_delete.slot);

  if (request->sa_delete.parts & CHANNEL_SA_POLICIES)
    {
      ledger_each_policy (tunnel->ledger, reqid, delete_entry, batch);
      ledger_remove_policies (tunnel->ledger, reqid);
    }
  if (request->sa_delete.parts & CHANNEL_SA_OUT)
    delete_sa (batch, request->sa_delete.spi_out, TRUE, reqid);
  if (request->sa_delete.parts & CHANNEL_SA_IN)
    delete_sa (batch, request->sa_delete.spi_in, FALSE, reqid);
  tunnel_batch_release (batch);
}

void
tunnel_clear (Tunnel *tunnel, TunnelFunc func, gpointer data)
{
  Batch *batch = tunnel_batch_new (tunnel, func, data);

  ledger_undo_all (tunnel->ledger, delete_entry, batch);
  tunnel->label = (XfrmLabel){ 0 };
  tunnel->rank = 0;
  tunnel_batch_release (batch);
}

/* ---- questions ---- */

static void
on_state (const NetlinkReply *reply, gpointer data)
{
  g_autofree Call *call = data;
  XfrmState state;
  TunnelResult result = state_result (reply, &state);

  if (result.error == 0)
    {
      result.spi = state.id.spi;
      result.bytes = state.bytes;
      result.packets = state.packets;
      result.last_use = state.last_use;
    }
  call->func (&result, call->data);
}

void
tunnel_query (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data)
{
  const LedgerEntry *e = ledger_find_sa (tunnel->ledger, request->sa_query.spi, request->sa_query.outbound,
                                         tunnel_slot_reqid (tunnel, request->sa_query.slot));

  if (!e)
    tunnel_answer (func, data, ESRCH, "There is no SA with this SPI");
  else
    netlink_call (tunnel->xfrm, xfrm_build_sa_get (&e->sa), on_state, call_new (tunnel, func, data));
}

/* The kernel has removed it. */
static void
forget (Tunnel *t, const LedgerEntry *e)
{
  const XfrmSaId id = e->sa;

  if (id.cpi)
    delete_comp (t, &id);
  ledger_remove_sa (t->ledger, &id);
}

gboolean
tunnel_event (Tunnel *tunnel, const XfrmEvent *event, guint32 *ret_slot)
{
  const LedgerEntry *e;
  gboolean ours;

  if (owner_of (event->reqid) != tunnel->owner && !owner_is_link_slot (event->reqid))
    return FALSE;
  *ret_slot = owner_is_link_slot (event->reqid) ? 0 : event->reqid & 0xff;
  if (event->type == XFRM_EVENT_ACQUIRE)
    {
      if (!tunnel_label_takes (tunnel, event->label))
        return FALSE;
      tunnel->acquired = event->acquired;
      return *ret_slot > 0;
    }
  e = ledger_find_sa_to (tunnel->ledger, event->spi, &event->dst);
  ours = e && !e->larval;
  if (e && event->type == XFRM_EVENT_EXPIRE && event->hard)
    forget (tunnel, e);
  return ours;
}
