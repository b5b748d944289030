/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tunnel's ends move. The kernel tells SAs apart by their destination, so that each is read, deleted and made anew at its
 * new place; then its policies follow. There is no way back.
 */
#include "tunnel-private.h"

#include <errno.h>

typedef struct {
  Batch *batch;
  ChannelEndpoint local, remote;
  ChannelEncap encap;
  guint waiting;
  struct {
    XfrmSaId old;
    struct nl_msg *moved;
  } sa[2];
  guint n_sas;
} Move;

typedef struct {
  Move *move;
  guint index;
} MoveAnswer;

static void
move_policy (const LedgerEntry *e, gpointer data)
{
  GArray *policies = data;

  g_array_append_val (policies, *e);
}

static void
move_policies (Move *move, guint32 reqid)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (LedgerEntry));

  ledger_each_policy (move->batch->tunnel->ledger, reqid, move_policy, entries);
  for (guint i = 0; i < entries->len; i++)
    {
      XfrmPolicy policy = g_array_index (entries, LedgerEntry, i).policy;
      gboolean out = policy.dir == XFRM_POLICY_OUT;

      policy.src = out ? move->local.address : move->remote.address;
      policy.dst = out ? move->remote.address : move->local.address;
      policy.offload = (XfrmOffload){ 0 }; /* and that of the SAs: it was another way's card */
      tunnel_send_policy (move->batch, &policy);
    }
}

static void
turn (const Move *move, XfrmSaId *id)
{
  id->src = id->outbound ? move->local.address : move->remote.address;
  id->dst = id->outbound ? move->remote.address : move->local.address;
}

/* It has neither keys nor numbers that would have to go along. */
static void
move_comp (Move *move, const XfrmSaId *esp)
{
  Step step = { .batch = move->batch, .kind = STEP_DELETE, .what = "The kernel refused the moved IPComp SA" };
  XfrmSaId id = xfrm_sa_comp (esp);

  tunnel_batch_send (&step, xfrm_build_sa_delete (&id));
  turn (move, &id);
  tunnel_send_comp (&step, &id);
}

static void
move_sa (Move *move, guint i)
{
  Step step = { .batch = move->batch, .kind = STEP_DELETE, .sa = move->sa[i].old };

  tunnel_batch_send (&step, xfrm_build_sa_delete (&step.sa));
  ledger_remove_sa (move->batch->tunnel->ledger, &step.sa);
  if (step.sa.cpi)
    move_comp (move, &step.sa);
  step.kind = STEP_MOVE_SA;
  step.what = step.sa.outbound ? "The kernel refused the moved outbound SA" : "The kernel refused the moved inbound SA";
  turn (move, &step.sa);
  tunnel_batch_send (&step, g_steal_pointer (&move->sa[i].moved));
}

static void
move_release (Move *move)
{
  if (--move->waiting > 0)
    return;
  for (guint i = 0; i < move->n_sas && !move->batch->error; i++)
    move_sa (move, i);
  if (!move->batch->error && move->n_sas > 0)
    move_policies (move, move->sa[0].old.reqid);
  for (guint i = 0; i < move->n_sas; i++)
    xfrm_msg_free (move->sa[i].moved);
  tunnel_batch_release (move->batch);
  g_free (move);
}

static void
on_moving_sa (const NetlinkReply *reply, gpointer data)
{
  g_autofree MoveAnswer *a = data;
  Move *move = a->move;
  gboolean out = move->sa[a->index].old.outbound;
  const XfrmPlace place = { .src = out ? move->local.address : move->remote.address,
                            .dst = out ? move->remote.address : move->local.address,
                            .encap = move->encap,
                            .encap_sport = out ? move->local.port : move->remote.port,
                            .encap_dport = out ? move->remote.port : move->local.port };

  if (reply->error)
    tunnel_batch_fail (move->batch, reply->error, "The kernel knows nothing of an SA that was to be moved",
                       reply->text);
  else if (!reply->answer || !(move->sa[a->index].moved = xfrm_build_sa_moved (reply->answer, &place)))
    tunnel_batch_fail (move->batch, EPERM, "An SA cannot be moved", "the kernel keeps its keys to itself");
  move_release (move);
}

static void
move_add (Move *move, guint32 spi, gboolean outbound, guint32 reqid)
{
  const LedgerEntry *e = spi ? ledger_find_sa (move->batch->tunnel->ledger, spi, outbound, reqid) : NULL;
  MoveAnswer *a;

  if (!spi)
    return;
  if (!e || e->larval)
    {
      tunnel_batch_fail (move->batch, ESRCH, "An SA cannot be moved", "there is none with this SPI");
      return;
    }
  a = g_new0 (MoveAnswer, 1);
  a->move = move;
  a->index = move->n_sas;
  move->sa[move->n_sas++].old = e->sa;
  move->waiting++;
  netlink_call (move->batch->tunnel->xfrm, xfrm_build_sa_get (&e->sa), on_moving_sa, a);
}

void
tunnel_update (Tunnel *tunnel, const ChannelMsg *request, TunnelFunc func, gpointer data)
{
  const guint32 reqid = tunnel_slot_reqid (tunnel, request->sa_update.slot);
  Move *move;

  if (request->sa_update.local.address.family == 0 ||
      request->sa_update.local.address.family != request->sa_update.remote.address.family)
    {
      tunnel_answer (func, data, EINVAL, "The tunnel's new ends are not addresses of one family");
      return;
    }
  move = g_new0 (Move, 1);
  move->batch = tunnel_batch_new (tunnel, func, data);
  move->local = request->sa_update.local;
  move->remote = request->sa_update.remote;
  move->encap = request->sa_update.encap;
  move->waiting = 1;
  move_add (move, request->sa_update.spi_in, FALSE, reqid);
  move_add (move, request->sa_update.spi_out, TRUE, reqid);
  move_release (move);
}
