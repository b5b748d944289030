/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gateway that refuses to rekey, or does it wrongly: RFC 7296 sections 1.3, 2.25. What no engine of ours does, a
 * script does.
 */
#include "sim-peer.h"

#include "wire/payload-delete.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"

#define SPI_FIRST 0x12345678 /* of the Child SA that sim-peer.c makes */
#define SPI_FRESH 0xaaaa0002

typedef struct {
  Sim *sim;
  SimHost *client;
  SimPeer *peer;
  IkeNotifyType refusal; /* 0: a good answer */
  guint refusals; /* so often; then a good answer */
  gboolean delete_old; /* deletes the old one itself, though the client began */
  guint creates, rekeys, ike_rekeys, deletes;
  IkeTime first, last; /* when it refused */
} World;

static void
send_delete (SimPeer *peer, guint32 spi)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
  ike_builder_end (&builder);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
}

static World world;

static void
refuse (SimPeer *peer, guint32 id)
{
  g_auto (IkeBuilder) builder = { 0 };

  world.refusals--;
  world.last = peer->sim->now;
  if (!world.first)
    world.first = world.last;
  ike_builder_init_inner (&builder);
  if (world.refusal == IKE_NOTIFY_CHILD_SA_NOT_FOUND)
    ike_builder_notify_child (&builder, world.refusal, IKE_PROTOCOL_ESP, 0);
  else
    ike_builder_notify (&builder, world.refusal, ike_chunk (NULL, 0));
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  world.deletes += ike_payloads_find (payloads, IKE_PAYLOAD_DELETE) != NULL;
  if (header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    return FALSE;
  if (ike_notify_find (payloads, IKE_NOTIFY_REKEY_SA, &notify))
    world.rekeys++;
  else if (ike_payloads_find (payloads, IKE_PAYLOAD_TSI))
    world.creates++;
  else
    world.ike_rekeys++;
  if (world.refusals && (world.rekeys || world.ike_rekeys))
    {
      refuse (peer, header->message_id);
      return TRUE;
    }
  sim_assert (peer->sim, ike_payloads_find (payloads, IKE_PAYLOAD_TSI));
  sim_peer_answer_child (peer, header->message_id, payloads, SPI_FRESH);
  if (world.delete_old)
    send_delete (peer, SPI_FIRST);
  return TRUE;
}

static void
begin_for (IkeNotifyType refusal, guint refusals, gboolean keep_trying, IkeTime lifetime, IkeTime margin)
{
  world = (World){ .refusal = refusal, .refusals = refusals };
  world.sim = sim_new (1);
  world.client = sim_client (world.sim);
  world.client->config->keep_trying = keep_trying;
  world.client->config->ike_lifetime = lifetime;
  world.client->config->ike_rekey_margin = margin;
  world.peer = sim_peer_new (world.sim);
  world.peer->on_other = on_other;
  sim_start (world.client);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, IKE_SECOND));
}

static void
begin (IkeNotifyType refusal, guint refusals, gboolean keep_trying)
{
  begin_for (refusal, refusals, keep_trying, 12 * 3600 * IKE_SECOND, 600 * IKE_SECOND);
}

static void
end (void)
{
  sim_end (world.sim);
  sim_peer_free (world.peer);
}

static void
assert_uses (guint32 spi)
{
  sim_assert (world.sim, sim_kernel_count (&world.client->kernel, TRUE) == 1);
  sim_assert (world.sim, sim_kernel_count (&world.client->kernel, FALSE) == 1);
  sim_assert (world.sim, !sim_kernel_larval (&world.client->kernel));
  sim_assert (world.sim, sim_kernel_outbound (&world.client->kernel)->spi == spi);
  sim_assert (world.sim, world.client->kernel.policies->len == 1 && world.client->ups == 1);
}

/* Later, not at once; and an hour without trouble ends the row. */
static void
test_temporary_failure (void)
{
  begin (IKE_NOTIFY_TEMPORARY_FAILURE, 3, FALSE);
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, 100 * IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 4 && world.last - world.first >= 10 * IKE_SECOND);
  assert_uses (SPI_FRESH);
  /* each time a new row */
  for (guint i = 0; i < 3; i++)
    {
      world.refusals = 1;
      world.rekeys = 0;
      sim_run (world.sim, 1000 * IKE_SECOND);
      sim_expire (world.client, SPI_FRESH, FALSE);
      /* the same SPI a second time would not do: this one is refused, and then given up with the old one */
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.rekeys == 1 && !world.client->downs);
      sim_expire (world.client, SPI_FRESH, TRUE);
      sim_run (world.sim, 100 * IKE_SECOND);
      sim_assert (world.sim, !world.client->downs);
      assert_uses (SPI_FRESH);
    }
  end ();
}

/* RFC 7296 section 2.25: for minutes: the ends are out of step, and begin anew. */
static void
test_temporary_failure_for_ever (void)
{
  begin (IKE_NOTIFY_TEMPORARY_FAILURE, 10000, FALSE);
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, 290 * IKE_SECOND);
  sim_assert (world.sim, !world.client->downs && world.rekeys > 15 && world.rekeys < 60);
  assert_uses (SPI_FIRST);
  sim_run (world.sim, 60 * IKE_SECOND);
  sim_assert_reason (world.sim, world.client, REKEY_FAILED);
  sim_assert (world.sim, world.deletes == 1);
  end ();
}

/* Keys that are near their end are not left to it by the pause before the next attempt. */
static void
test_temporary_failure_in_time (void)
{
  begin_for (IKE_NOTIFY_TEMPORARY_FAILURE, 10000, FALSE, 11 * IKE_SECOND, 3 * IKE_SECOND);
  sim_run (world.sim, 21 * IKE_SECOND / 2);
  sim_assert (world.sim, world.ike_rekeys >= 2 && world.ike_rekeys <= 4 && !world.client->downs);
  end ();
}

/* It has lost the Child SA: a new one, not a rekey, and without a DELETE for what is not there. */
static void
test_child_sa_not_found (void)
{
  begin (IKE_NOTIFY_CHILD_SA_NOT_FOUND, 1, FALSE);
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, 10 * IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 1 && world.creates == 1 && world.deletes == 0);
  assert_uses (SPI_FRESH);
  end ();
}

/* RFC 7296 section 1.3: a peer that can do one Child SA and no more: all anew, even for who does not keep trying. */
static void
test_no_additional_sas (void)
{
  for (guint ike = 0; ike < 2; ike++)
    {
      begin (IKE_NOTIFY_NO_ADDITIONAL_SAS, 1, FALSE);
      if (ike)
        sim_hasten (world.client, "rekey");
      else
        sim_expire (world.client, SPI_FIRST, FALSE);
      sim_run (world.sim, 10 * IKE_SECOND);
      sim_assert (world.sim, world.rekeys + world.ike_rekeys == 1 && world.deletes == 1);
      sim_assert (world.sim, world.client->ups == 2 && world.client->reconnectings == 1 && !world.client->downs);
      sim_assert (world.sim, sim_kernel_count (&world.client->kernel, TRUE) == 1);
      end ();
    }
}

/* Some other refusal: tried again, the old one goes on meanwhile. */
static void
test_other_refusal (void)
{
  begin (IKE_NOTIFY_NO_PROPOSAL_CHOSEN, 2, FALSE);
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, IKE_SECOND);
  assert_uses (SPI_FIRST);
  sim_run (world.sim, 60 * IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 3);
  assert_uses (SPI_FRESH);
  end ();
}

/* What is an answer of IKE_SA_INIT is none here, where nothing else is in it (found by fuzz-engine). */
static void
test_cookie_to_child (void)
{
  begin (IKE_NOTIFY_COOKIE, 1, FALSE);
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, IKE_SECOND);
  sim_assert_reason (world.sim, world.client, BAD_MESSAGE);
  end ();
}

/* Who answered a rekey deletes the old one himself. */
static void
test_incorrect_delete (void)
{
  for (guint slow = 0; slow < 2; slow++)
    {
      begin (0, 0, FALSE);
      world.delete_old = TRUE;
      if (slow)
        world.sim->jitter = 10 * IKE_MILLISECOND;
      sim_expire (world.client, SPI_FIRST, FALSE);
      sim_run (world.sim, 10 * IKE_SECOND);
      sim_assert (world.sim, world.rekeys == 1 && world.creates == 0 && !world.client->downs);
      assert_uses (SPI_FRESH);
      end ();
    }
}

/* The kernel refuses what the peer has made: it is given back, and tried again. */
static void
test_kernel_refuses_rekey (void)
{
  begin (0, 0, FALSE);
  world.client->kernel.refuse_install = 12;
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 1 && world.deletes == 1);
  assert_uses (SPI_FIRST);
  world.client->kernel.refuse_install = 0;
  sim_run (world.sim, 60 * IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 2);
  assert_uses (SPI_FRESH);
  end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/refusal/temporary-failure", test_temporary_failure);
  g_test_add_func ("/sim/refusal/temporary-failure-in-time", test_temporary_failure_in_time);
  g_test_add_func ("/sim/refusal/temporary-failure-for-ever", test_temporary_failure_for_ever);
  g_test_add_func ("/sim/refusal/child-sa-not-found", test_child_sa_not_found);
  g_test_add_func ("/sim/refusal/no-additional-sas", test_no_additional_sas);
  g_test_add_func ("/sim/refusal/other", test_other_refusal);
  g_test_add_func ("/sim/refusal/cookie-to-child", test_cookie_to_child);
  g_test_add_func ("/sim/refusal/incorrect-delete", test_incorrect_delete);
  g_test_add_func ("/sim/refusal/kernel-refuses-rekey", test_kernel_refuses_rekey);
  return g_test_run ();
}
