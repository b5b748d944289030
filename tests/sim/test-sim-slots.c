/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots of Child SAs: there is room for IKE_MAX_SLOTS, and no two that live have the same one.
 */
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include "sa/select.h"
#include "wire/payload-delete.h"
#include "wire/payload-sa.h"
#include "wire/payload-ts.h"

#define CHILD_SPI 0xaaaa0001u

static guint created, refused, agreed; /* by the scripted end; of its own requests */

static GBytes *
ts_body (const char *first, const char *last)
{
  g_autoptr (GArray) ts = ike_select_new ();
  IkeSelector selector = { .port_last = 65535 };
  g_auto (IkeWriter) writer = IKE_WRITER (64);

  g_assert (ike_address_from_string (first, &selector.first) && ike_address_from_string (last, &selector.last));
  g_array_append_val (ts, selector);
  ike_ts_write (&writer, ts, ike_chunk (NULL, 0));
  return ike_chunk_dup (ike_writer_chunk (&writer));
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };
  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE)
    {
      refused += ike_notify_find (payloads, IKE_NOTIFY_TS_UNACCEPTABLE, &notify);
      agreed += ike_payloads_find (payloads, IKE_PAYLOAD_SA) != NULL;
      return TRUE;
    }
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      sim_peer_answer_child (peer, header->message_id, payloads, CHILD_SPI + created++);
      return TRUE;
    }
  ike_builder_init_inner (&builder);
  sim_peer_send (peer, (IkeExchange) header->exchange, TRUE, header->message_id, &builder);
  return TRUE;
}

static SimHost *
client_of (Sim *sim, SimPeer **ret_peer)
{
  SimHost *client = sim_client (sim);

  *ret_peer = sim_peer_new (sim);
  (*ret_peer)->on_other = on_other;
  client->config->child.pfs = FALSE;
  client->config->keep_trying = TRUE;
  created = refused = agreed = 0;
  return client;
}

/* ---- one slot for each ---- */

static void
ask_for_child (SimPeer *peer, guint32 number, const char *first, const char *last)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  const guint32 spi = GUINT32_TO_BE (CHILD_SPI + number);
  const guint8 nonce[32] = { 3 };
  g_autoptr (GBytes) ours = ts_body (first, last);
  g_autoptr (GBytes) theirs = ts_body ("10.1.0.0", "10.1.255.255");
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (ours));
  ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (theirs));
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

static void
delete_child (SimPeer *peer, guint32 number)
{
  const guint32 spi = CHILD_SPI + number;
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
  ike_builder_end (&builder);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

static const SimPolicy *
policy_for (const SimHost *host, const char *remote)
{
  for (guint i = 0; i < host->kernel.policies->len; i++)
    {
      const SimPolicy *policy = host->kernel.policies->pdata[i];
      g_autofree char *text = ike_select_to_string (policy->remote_ts);

      if (strcmp (text, remote) == 0)
        return policy;
    }
  return NULL;
}

/* A peer that has the half of 10.2/16 for the first Child SA, and may ask for the rest. On demand there is a trap, too. */
static SimHost *
half_a_peer (Sim *sim, SimPeer **ret_peer, GBytes **ret_first, IkeBegin begin)
{
  SimHost *host = client_of (sim, ret_peer);

  host->config->role = IKE_ROLE_PEER;
  host->config->begin = begin;
  (*ret_peer)->answer_ts[1] = *ret_first = ts_body ("10.2.0.0", "10.2.127.255");
  sim_start (host);
  if (begin == IKE_BEGIN_DEMAND)
    {
      IkeInput *input = g_new0 (IkeInput, 1);

      input->type = IKE_INPUT_ACQUIRE;
      input->connection = host->id;
      sim_input (host, input);
    }
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&host->kernel, TRUE) == 1 && policy_for (host, "10.2.0.0/17"));
  return host;
}

static void
assert_both (SimHost *host, guint policies)
{
  const SimPolicy *first = policy_for (host, "10.2.0.0/17"), *other = policy_for (host, "10.2.128.0/17");

  sim_assert (host->sim, first && other && first->slot != other->slot && host->kernel.policies->len == policies);
  sim_assert (host->sim, sim_kernel_count (&host->kernel, TRUE) == 2);
}

/* What is refused takes no slot. */
static void
test_refused (void)
{
  for (guint demand = 0; demand < 2; demand++)
    {
      Sim *sim = sim_new (9100 + demand);
      SimPeer *peer;
      g_autoptr (GBytes) first = NULL;
      SimHost *host = half_a_peer (sim, &peer, &first, demand ? IKE_BEGIN_DEMAND : IKE_BEGIN_NOW);

      for (guint i = 0; i < 300; i++)
        ask_for_child (peer, i, "10.77.0.0", "10.77.255.255");
      sim_assert (sim, refused == 300 && !agreed);
      ask_for_child (peer, 300, "10.2.128.0", "10.2.255.255");
      sim_assert (sim, agreed == 1);
      assert_both (host, 2 + demand);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* One that comes and goes for weeks gets the slots of nobody else: of the first one, and of the trap. */
static void
test_remade (void)
{
  Sim *sim = sim_new (9110);
  SimPeer *peer;
  g_autoptr (GBytes) first = NULL;
  SimHost *host = half_a_peer (sim, &peer, &first, IKE_BEGIN_DEMAND);
  guint32 slot = policy_for (host, "10.2.0.0/17")->slot, trap = policy_for (host, "10.2.0.0/16")->slot;

  for (guint i = 0; i < 300; i++)
    {
      ask_for_child (peer, i, "10.2.128.0", "10.2.255.255");
      sim_assert (sim, agreed == i + 1);
      assert_both (host, 3);
      delete_child (peer, i);
      sim_assert (sim, host->kernel.policies->len == 2 && sim_kernel_count (&host->kernel, TRUE) == 1);
      sim_assert (sim,
                  policy_for (host, "10.2.0.0/17")->slot == slot && policy_for (host, "10.2.0.0/16")->slot == trap);
    }
  sim_end (sim);
  sim_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/slots/refused", test_refused);
  g_test_add_func ("/sim/slots/remade", test_remade);
  return g_test_run ();
}
