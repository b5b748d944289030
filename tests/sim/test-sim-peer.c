/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: either end may begin, both may at once, and the other end may take one pair of selectors for a Child SA. What
 * RFC 7296 leaves open must come out alike at both ends.
 */
#include "sim-attacker.h"
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include "wire/header.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"

#define CHILD_SPI 0xaaaa0001u

static void
add_net (GPtrArray *list, const char *first, const char *last)
{
  IkeSelector *selector = g_new0 (IkeSelector, 1);

  g_assert (ike_address_from_string (first, &selector->first) && ike_address_from_string (last, &selector->last));
  selector->port_last = 65535;
  g_ptr_array_add (list, selector);
}

static void
peers (Sim *sim, SimHost **ret_a, SimHost **ret_b, IkeBegin a, IkeBegin b)
{
  *ret_a = sim_client (sim);
  *ret_b = sim_gateway (sim);
  (*ret_a)->config->role = (*ret_b)->config->role = IKE_ROLE_PEER;
  (*ret_a)->config->keep_trying = (*ret_b)->config->keep_trying = TRUE;
  (*ret_a)->config->begin = a;
  (*ret_b)->config->begin = b;
}

/* Both have the same one IKE SA, and so many Child SAs. */
static void
assert_one (SimHost *a, SimHost *b, guint children)
{
  sim_assert (a->sim, sim_count_ike (a) == 1 && sim_count_ike (b) == 1);
  sim_assert_agree (a, b, children);
}

static void
start_both (Sim *sim, SimHost *a, SimHost *b)
{
  sim_start (a);
  sim_start_to (b, &a->address);
  sim_assert (sim, sim_run_until (sim, sim_is_up, a, 60 * IKE_SECOND));
  sim_assert (sim, sim_run_until (sim, sim_is_up, b, 60 * IKE_SECOND));
}

/* ---- who begins ---- */

static void
test_either (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Sim *sim = sim_new (700 + i);
      SimHost *a, *b;

      peers (sim, &a, &b, i ? IKE_BEGIN_LISTEN : IKE_BEGIN_NOW, i ? IKE_BEGIN_NOW : IKE_BEGIN_LISTEN);
      if (i)
        sim_signatures (a, b);
      sim_start (a);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, a->waitings == i);
      sim_start_to (b, &a->address);
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert (sim, a->ups == 1 && b->ups == 1 && a->waitings + b->waitings == 1);
      assert_one (a, b, 1);
      sim_end (sim);
    }
}

/* Two that only listen stay where they are, and a stranger is not answered. */
static void
test_nobody (void)
{
  Sim *sim = sim_new (705);
  SimHost *a, *b, *stranger;

  peers (sim, &a, &b, IKE_BEGIN_LISTEN, IKE_BEGIN_LISTEN);
  stranger = sim_host_new (sim, "stranger", "203.0.113.9", IKE_ROLE_INITIATOR);
  stranger->config->remote_id = ike_identity_new (IKE_ID_FQDN, "gw.example", 10);
  sim_start (a);
  sim_start_to (b, &a->address);
  sim_start_to (stranger, &b->address);
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, !a->ups && !b->ups && !a->sent && !b->sent);
  sim_assert_reason (sim, stranger, NO_RESPONSE);
  sim_end (sim);
}

/* A kernel that refuses what a peer begins anew: the policies stay with the tunnel of before, and go with it. */
static void
test_refused_beside (void)
{
  Sim *sim = sim_new (706);
  SimHost *a, *b;

  peers (sim, &a, &b, IKE_BEGIN_NOW, IKE_BEGIN_LISTEN);
  start_both (sim, a, b);
  sim_reboot (b, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
  b->config->role = IKE_ROLE_PEER;
  a->kernel.refuse_install = 12;
  sim_start_to (b, &a->address);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, a->kernel.policies->len == 1 && sim_kernel_count (&a->kernel, TRUE) == 1);
  a->kernel.refuse_install = 0;
  sim_stop (a);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, a->kernel.policies->len == 0);
  sim_end (sim);
}

/* Both at once, in whatever order the packets come: one IKE SA and one Child SA are left, and traffic flows always. */
static void
test_both (void)
{
  for (guint i = 0; i < 60; i++)
    {
      Sim *sim = sim_new (710 + i);
      SimHost *a, *b;

      peers (sim, &a, &b, IKE_BEGIN_NOW, IKE_BEGIN_NOW);
      sim->jitter = i % 3 * 40 * IKE_MILLISECOND;
      sim->loss = i % 5 == 4 ? 20 : 0;
      sim_start (a);
      sim_run (sim, i % 7 * 8 * IKE_MILLISECOND);
      start_both (sim, a, b);
      /* (who answers has the SA before who began) */
      sim_run (sim, 500 * IKE_MILLISECOND);
      sim_ping (a, b, 50 * IKE_MILLISECOND, 50 * IKE_SECOND);
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, sim->loss || sim->pings == sim->pongs);
      sim_assert (sim, sim->loss || (a->ups == 1 && b->ups == 1 && !a->reconnectings && !b->reconnectings));
      sim->loss = 0;
      sim_run (sim, 60 * IKE_SECOND);
      assert_one (a, b, 1);
      sim_end (sim);
    }
}

static guint
claims_to_be_only (const Sim *sim)
{
  g_auto (GStrv) parts = g_strsplit (sim->transcript->str, "knows of no other IKE SA", -1);

  return g_strv_length (parts) - 1;
}

/* Whoever begins alone says that there is no other IKE SA (INITIAL_CONTACT); of two that begin at once each would have the
 * other end drop the one that stays. */
static void
test_only_one (void)
{
  for (guint both = 0; both < 3; both++)
    {
      Sim *sim = sim_new (780 + both);
      SimHost *a, *b;

      peers (sim, &a, &b, IKE_BEGIN_NOW, both ? IKE_BEGIN_NOW : IKE_BEGIN_LISTEN);
      sim_start (a);
      sim_run (sim, both == 2 ? 8 * IKE_MILLISECOND : 0);
      start_both (sim, a, b);
      sim_run (sim, 10 * IKE_SECOND);
      assert_one (a, b, 1);
      sim_assert (sim, claims_to_be_only (sim) == (both ? 0 : 1));
      sim_end (sim);
    }
}

/* ---- the end of an IKE SA ---- */

/* One end stops and comes again: the other one has it back, or waits for it. */
static void
deleted (guint64 seed, IkeBegin begin)
{
  Sim *sim = sim_new (seed);
  SimHost *a, *b;

  peers (sim, &a, &b, begin, IKE_BEGIN_NOW);
  start_both (sim, a, b);
  sim_stop (b);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, b->downs == 1 && !a->downs);
  sim_assert (sim, sim_count_ike (a) == 0 && sim_kernel_count (&a->kernel, TRUE) == 0);
  /* what is to be up leaves nothing out in the clear meanwhile */
  sim_assert (sim, a->kernel.policies->len == (begin == IKE_BEGIN_NOW));
  sim_assert (sim, begin == IKE_BEGIN_NOW ? a->reconnectings == 1 : a->waitings == 2 && !a->reconnectings);
  b->downs = b->ups = 0;
  sim_start_to (b, &a->address);
  sim_run (sim, 90 * IKE_SECOND);
  sim_assert (sim, a->ups == 2 && b->ups == 1);
  assert_one (a, b, 1);
  sim_end (sim);
}

static void
test_deleted (void)
{
  deleted (780, IKE_BEGIN_NOW);
  deleted (781, IKE_BEGIN_LISTEN);
}

/* What @data sends as IKE_AUTH requests is lost, and its IKE_SA_INIT requests are counted. */
static guint begun;

static SimVerdict
drop_auth (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  if (!ike_address_equal (&packet->from.address, &((const SimHost *) data)->address) || octets[19] & IKE_FLAG_RESPONSE)
    return SIM_PASS;
  begun += octets[18] == IKE_EXCHANGE_IKE_SA_INIT;
  return octets[18] == IKE_EXCHANGE_IKE_AUTH ? SIM_DROP : SIM_PASS;
}

/* Both have begun at once, and the one that is up ends while ours still waits for its answer: that one goes on. */
static void
deleted_amid (gconstpointer data)
{
  gboolean once = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (783 + once);
  SimHost *a, *b;

  peers (sim, &a, &b, IKE_BEGIN_NOW, IKE_BEGIN_NOW);
  a->config->keep_trying = !once;
  a->config->retransmit_timeout = 20 * IKE_SECOND;
  sim->filter = drop_auth;
  sim->filter_data = a;
  begun = 0;
  start_both (sim, a, b);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, a->ups == 1 && sim_kernel_count (&a->kernel, TRUE) == 1 && begun == 1);
  sim_stop (b);
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, a->reconnectings == 1 && !a->downs && begun == 1);
  /* it has no answer either: now that was all, or everything begins anew */
  sim_run (sim, 30 * IKE_SECOND);
  if (once)
    sim_assert_reason (sim, a, NO_RESPONSE);
  else
    sim_assert (sim, !a->downs && a->stalls >= 1 && begun > 1);
  sim_end (sim);
}

static void
forget (SimHost *host)
{
  SimHost *other = sim_gateway (host->sim);
  IkeOutput *output;

  host->config = g_steal_pointer (&other->config);
  host->config->role = IKE_ROLE_PEER;
  sim_engine_remove (host);
  while ((output = sim_engine_poll (host)))
    ike_output_free (output);
  g_ptr_array_set_size (host->kernel.sas, 0);
  g_ptr_array_set_size (host->kernel.policies, 0);
}

/* The other end has lost its memory and begins anew: the newer IKE SA takes over without a gap here. */
static void
test_newer (void)
{
  Sim *sim = sim_new (785);
  SimHost *a, *b;

  peers (sim, &a, &b, IKE_BEGIN_LISTEN, IKE_BEGIN_NOW);
  start_both (sim, a, b);
  sim_run (sim, 100 * IKE_SECOND);
  forget (b);
  sim_start_to (b, &a->address);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, b->ups == 2 && a->ups == 1 && !a->reconnectings && sim_count_ike (a) == 2);
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, a->waitings == 1);
  assert_one (a, b, 1);
  sim_end (sim);
}

/* ---- Child SAs ---- */

/* A Child SA that one end has to give up comes back, once, and the other one stays. */
static void
test_child_deleted (void)
{
  Sim *sim = sim_new (790);
  SimHost *a, *b;

  peers (sim, &a, &b, IKE_BEGIN_NOW, IKE_BEGIN_NOW);
  start_both (sim, a, b);
  sim_run (sim, 60 * IKE_SECOND);
  for (guint i = 0; i < 4; i++)
    {
      SimHost *host = i & 1 ? a : b;

      sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, TRUE);
      sim_run (sim, 30 * IKE_SECOND);
      assert_one (a, b, 1);
    }
  sim_assert (sim, !a->reconnectings && !b->reconnectings);
  sim_end (sim);
}

/* Many selectors are one Child SA between ends that can do it. */
static void
test_many_in_one (void)
{
  Sim *sim = sim_new (791);
  SimHost *a, *b;

  peers (sim, &a, &b, IKE_BEGIN_NOW, IKE_BEGIN_LISTEN);
  add_net (a->config->child.local_ts, "10.3.0.0", "10.3.255.255");
  add_net (b->config->child.remote_ts, "10.3.0.0", "10.3.255.255");
  start_both (sim, a, b);
  sim_run (sim, 30 * IKE_SECOND);
  assert_one (a, b, 1);
  sim_assert (sim, a->configured->local_ts->len == 2 && b->configured->remote_ts->len == 2);
  sim_end (sim);
}

/* What only one end has in its configuration is left out, and does no harm. */
static void
test_left_out (void)
{
  Sim *sim = sim_new (792);
  SimHost *a, *b;

  peers (sim, &a, &b, IKE_BEGIN_NOW, IKE_BEGIN_NOW);
  add_net (a->config->child.local_ts, "10.3.0.0", "10.3.255.255");
  start_both (sim, a, b);
  sim_run (sim, 100 * IKE_SECOND);
  assert_one (a, b, 1);
  sim_assert (sim, strstr (sim->transcript->str, "the other end does not want 10.3.0.0/16"));
  sim_end (sim);
}

/* With exact selectors nothing may be cut down, by either end. */
static void
test_exact (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Sim *sim = sim_new (793 + i);
      SimHost *a, *b;

      peers (sim, &a, &b, IKE_BEGIN_NOW, IKE_BEGIN_LISTEN);
      (i ? b : a)->config->child.exact = TRUE;
      g_ptr_array_set_size ((i ? a : b)->config->child.local_ts, 0);
      add_net ((i ? a : b)->config->child.local_ts, i ? "10.1.4.0" : "10.2.4.0", i ? "10.1.4.255" : "10.2.4.255");
      sim_start_to (b, &a->address);
      sim_start (a);
      sim_run (sim, 30 * IKE_SECOND);
      if (i)
        sim_assert_reason (sim, a, TS_UNACCEPTABLE);
      else
        sim_assert_reason (sim, a, TS_NARROWED);
      sim_assert (sim, b->kernel.sas->len == 0);
      sim_end (sim);
    }
}

static SimVerdict
drop_init (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return octets[18] == IKE_EXCHANGE_IKE_SA_INIT && octets[19] == IKE_FLAG_INITIATOR &&
                 ike_address_equal (&packet->from.address, &((const SimHost *) data)->address)
             ? SIM_DROP
             : SIM_PASS;
}

/* Whoever forges a peer's address, and gets no further than a refusal, keeps nobody from asking for what is missing. */
static void
test_forged (void)
{
  SimAttacker attacker;
  SimHost *a, *b;
  IkeAddress own;

  sim_attacker_prepare (&attacker, 796);
  own = attacker.host->address;
  attacker.offer = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  attacker.patience = 0;
  g_ptr_array_add (attacker.offer, ike_proposal_new (IKE_PROTOCOL_IKE));
  sim_offer (attacker.offer, IKE_TRANSFORM_ENCR, IKE_ENCR_3DES);
  a = sim_client (attacker.sim);
  b = (SimHost *) attacker.gateway;
  a->config->role = b->config->role = IKE_ROLE_PEER;
  add_net (b->config->child.local_ts, "10.3.0.0", "10.3.255.255");
  attacker.sim->filter = drop_init;
  attacker.sim->filter_data = b;
  sim_start_to (a, &b->address);
  sim_start_to (b, &a->address);
  sim_run (attacker.sim, IKE_SECOND);
  sim_assert (attacker.sim, a->ups == 1 && b->ups == 1);
  for (guint i = 0; i < 5; i++)
    {
      attacker.host->address = a->address;
      attacker.spi_i++;
      sim_attacker_init (&attacker);
      attacker.host->address = own;
      sim_run (attacker.sim, 4 * IKE_SECOND);
    }
  assert_one (a, b, 1);
  sim_assert (attacker.sim, strstr (attacker.sim->transcript->str, "the other end does not want 10.3.0.0/16"));
  g_ptr_array_unref (attacker.offer);
  sim_end (attacker.sim);
}

/* ---- somebody who takes one pair for a Child SA ---- */

static guint created;
static IkeNotifyType refuse_with;

static void
answer_child (SimPeer *peer, guint32 id, const IkePayloads *payloads)
{
  guint32 spi = CHILD_SPI + created++;
  g_auto (IkeBuilder) builder = { 0 };

  if (!refuse_with)
    {
      sim_peer_answer_child (peer, id, payloads, spi);
      return;
    }
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, refuse_with, ike_chunk (NULL, 0));
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    answer_child (peer, header->message_id, payloads);
  else
    {
      ike_builder_init_inner (&builder);
      sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, header->message_id, &builder);
    }
  return TRUE;
}

static void
one_by_one (guint64 seed, IkeNotifyType refuse)
{
  Sim *sim = sim_new (seed);
  SimHost *a = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  created = 0;
  refuse_with = refuse;
  peer->on_other = on_other;
  peer->ts_first = "10.1.0.0";
  peer->ts_last = "10.1.255.255";
  a->config->role = IKE_ROLE_PEER;
  a->config->child.pfs = FALSE;
  add_net (a->config->child.local_ts, "10.3.0.0", "10.3.255.255");
  add_net (a->config->child.local_ts, "10.4.0.0", "10.4.255.255");
  sim_start (a);
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, a->ups == 1 && !a->downs && created == 2);
  sim_assert (sim, sim_kernel_count (&a->kernel, TRUE) == (refuse ? 1 : 3));
  sim_assert (sim, a->kernel.policies->len == (refuse ? 1 : 3));
  for (guint i = 0; i < a->kernel.policies->len; i++)
    sim_assert (sim, ((SimPolicy *) a->kernel.policies->pdata[i])->local_ts->len == 1);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
test_one_by_one (void)
{
  one_by_one (796, 0);
  one_by_one (797, IKE_NOTIFY_TS_UNACCEPTABLE);
  one_by_one (798, IKE_NOTIFY_NO_ADDITIONAL_SAS);
}

/* ---- on demand ---- */

static void
acquire (SimHost *host)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_ACQUIRE;
  input->connection = host->id;
  sim_feed (host, input);
}

static void
assert_trapped (SimHost *a, SimHost *b)
{
  sim_assert (a->sim, sim_count_ike (a) == 0 && sim_count_ike (b) == 0);
  sim_assert (a->sim, a->kernel.sas->len == 0 && b->kernel.sas->len == 0);
  sim_assert (a->sim, a->kernel.policies->len == 1 && b->kernel.policies->len == 0);
}

/* The policies are there from the beginning to the end; the rest comes with a packet and goes without any. @narrow: the
 * other end takes less, so that the Child SA has policies of its own beside the trap's. */
static void
on_demand (guint64 seed, gboolean narrow)
{
  Sim *sim = sim_new (seed);
  SimHost *a, *b;
  guint policies = narrow ? 2 : 1;

  peers (sim, &a, &b, IKE_BEGIN_DEMAND, IKE_BEGIN_LISTEN);
  a->config->idle_timeout = 60 * IKE_SECOND;
  if (narrow)
    add_net (a->config->child.local_ts, "10.3.0.0", "10.3.255.255");
  sim_start_to (b, &a->address);
  sim_start (a);
  sim_run (sim, 1000 * IKE_SECOND);
  sim_assert (sim, a->waitings == 1 && !a->ups && !a->sent);
  assert_trapped (a, b);
  for (guint i = 0; i < 3; i++)
    {
      acquire (a);
      acquire (a);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, a->ups == i + 1 && sim_count_ike (a) == 1 && sim_count_ike (b) == 1);
      sim_assert (sim, sim_kernel_count (&a->kernel, TRUE) == 1 && a->kernel.policies->len == policies);
      sim_ping (a, b, 20 * IKE_SECOND, 300 * IKE_SECOND);
      sim_run (sim, 299 * IKE_SECOND);
      sim_assert (sim, sim->pings == sim->pongs && sim_count_ike (a) == 1);
      sim_run (sim, 180 * IKE_SECOND);
      sim_assert (sim, a->waitings == i + 2 && !a->reconnectings);
      assert_trapped (a, b);
    }
  sim_end (sim);
}

static void
test_on_demand (void)
{
  on_demand (800, FALSE);
  on_demand (801, TRUE);
}

/* The other end may begin; nobody there does no harm; and a kernel that wants no trap is a failure. */
static void
test_on_demand_others (void)
{
  Sim *sim = sim_new (802);
  SimHost *a, *b;

  peers (sim, &a, &b, IKE_BEGIN_DEMAND, IKE_BEGIN_NOW);
  sim_start (a);
  acquire (a);
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, a->waitings == 2 && !a->downs && !a->ups);
  start_both (sim, b, a);
  sim_run (sim, 20 * IKE_SECOND);
  assert_one (a, b, 1);
  sim_end (sim);
  sim = sim_new (803);
  peers (sim, &a, &b, IKE_BEGIN_DEMAND, IKE_BEGIN_NOW);
  a->kernel.refuse_install = 22;
  sim_start (a);
  sim_run (sim, IKE_SECOND);
  sim_assert_reason (sim, a, KERNEL);
  a->kernel.refuse_install = 0;
  sim_end (sim);
}

static void
give_addresses (SimHost *client, SimHost *server)
{
  client->config->want_address4 = TRUE;
  g_ptr_array_set_size (client->config->child.local_ts, 0);
  server->config->serve = ike_serve_new ();
  server->config->serve->pool4 = TRUE;
  g_ptr_array_set_size (server->config->child.remote_ts, 0);
  server->pool4 = "10.9.0.0";
}

/* A client that is given addresses learns at the beginning which, and then its trap is for these; one without begins
 * with the trap. */
static void
client_on_demand (guint64 seed, guint virtual)
{
  Sim *sim = sim_new (seed);
  SimHost *a = sim_client (sim), *b = sim_gateway (sim);
  guint slot = 0;

  a->config->begin = IKE_BEGIN_DEMAND;
  a->config->keep_trying = TRUE;
  a->config->idle_timeout = 60 * IKE_SECOND;
  if (virtual)
    give_addresses (a, b);
  sim_listen (b);
  sim_start (a);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, a->ups == virtual && a->waitings == !virtual);
  sim_run (sim, 300 * IKE_SECOND);
  for (guint i = 0; i < 3; i++)
    {
      guint done = i + virtual;

      sim_assert (sim, a->ups == done && a->waitings == i + 1 && !a->reconnectings && !a->downs);
      assert_trapped (a, b);
      sim_assert (sim, !slot || slot == ((const SimPolicy *) a->kernel.policies->pdata[0])->slot);
      acquire (a);
      acquire (a);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, a->ups == done + 1 && sim_count_ike (a) == 1 && sim_count_ike (b) == 1);
      sim_assert (sim, a->kernel.policies->len == 1 && a->kernel.sas->len == 2);
      slot = ((const SimPolicy *) a->kernel.policies->pdata[0])->slot;
      sim_ping (a, b, 20 * IKE_SECOND, 300 * IKE_SECOND);
      sim_run (sim, 299 * IKE_SECOND);
      sim_assert (sim, sim->pings == sim->pongs && sim_count_ike (a) == 1);
      sim_run (sim, 180 * IKE_SECOND);
    }
  sim_end (sim);
}

static void
test_client_on_demand (void)
{
  client_on_demand (810, FALSE);
  client_on_demand (811, TRUE);
}

/* Nobody there: it waits for the next packet. Refused: that is the end, and not a refusal for each packet. Gone while
 * it is up: it waits, too. */
static void
test_client_on_demand_fails (void)
{
  Sim *sim = sim_new (812);
  SimHost *a = sim_client (sim), *b = sim_gateway (sim);

  a->config->begin = IKE_BEGIN_DEMAND;
  a->config->keep_trying = TRUE;
  a->config->dpd_delay = 30 * IKE_SECOND;
  sim_listen (b);
  sim_start (a);
  b->off = TRUE;
  acquire (a);
  sim_run (sim, 400 * IKE_SECOND);
  sim_assert (sim, a->waitings == 2 && !a->ups && !a->downs);
  b->off = FALSE;
  acquire (a);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, a->ups == 1);
  b->off = TRUE;
  sim_run (sim, 400 * IKE_SECOND);
  sim_assert (sim, a->waitings == 3 && !a->downs && !a->reconnectings && a->kernel.policies->len == 1);
  b->off = FALSE;
  b->psk = "another";
  acquire (a);
  sim_run (sim, 400 * IKE_SECOND);
  sim_assert (sim, a->downs == 1 && a->kernel.policies->len == 0);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer/refused-beside", test_refused_beside);
  g_test_add_func ("/peer/either", test_either);
  g_test_add_func ("/peer/nobody", test_nobody);
  g_test_add_func ("/peer/both", test_both);
  g_test_add_func ("/peer/only-one", test_only_one);
  g_test_add_func ("/peer/deleted", test_deleted);
  g_test_add_data_func ("/peer/deleted-amid/keep-trying", GINT_TO_POINTER (FALSE), deleted_amid);
  g_test_add_data_func ("/peer/deleted-amid/once", GINT_TO_POINTER (TRUE), deleted_amid);
  g_test_add_func ("/peer/newer", test_newer);
  g_test_add_func ("/peer/child-deleted", test_child_deleted);
  g_test_add_func ("/peer/many-in-one", test_many_in_one);
  g_test_add_func ("/peer/left-out", test_left_out);
  g_test_add_func ("/peer/exact", test_exact);
  g_test_add_func ("/peer/forged", test_forged);
  g_test_add_func ("/peer/one-by-one", test_one_by_one);
  g_test_add_func ("/peer/on-demand", test_on_demand);
  g_test_add_func ("/peer/on-demand-others", test_on_demand_others);
  g_test_add_func ("/peer/client-on-demand", test_client_on_demand);
  g_test_add_func ("/peer/client-on-demand-fails", test_client_on_demand_fails);
  return g_test_run ();
}
