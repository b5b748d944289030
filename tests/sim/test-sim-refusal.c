/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gateway that refuses to rekey, or does it wrongly: RFC 7296 sections 1.3, 2.25. What no engine of ours does, a
 * script does.
 */
#include "sim-clear.h"
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
  gboolean only_ke; /* refuses only what has a key exchange, and takes nothing that offers one */
  IkeChunk data; /* of the refusal */
  guint32 spi; /* of the next that it makes */
  guint misunderstands; /* so many requests from now on */
  guint creates, rekeys, ike_rekeys, deletes, with_ke;
  guint farewells; /* Delete payloads for the IKE SA */
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
    ike_builder_notify (&builder, world.refusal, world.data);
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
}

/* Are there a KE payload and transforms for it, or neither? */
static gboolean
has_ke (const IkePayloads *payloads)
{
  gboolean ke = ike_payloads_find (payloads, IKE_PAYLOAD_KE) != NULL;
  g_auto (IkeSa) sa = { 0 };
  guint found = 0;

  sim_assert (world.sim, ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa));
  for (guint i = 0; i < sa.transforms->len; i++)
    found += g_array_index (sa.transforms, IkeTransform, i).type == IKE_TRANSFORM_KE;
  sim_assert (world.sim, ke == (found > 0));
  return ke;
}

static gboolean
misunderstand (SimPeer *peer, const IkeHeader *header)
{
  g_auto (IkeBuilder) builder = { 0 };

  if (!world.misunderstands)
    return FALSE;
  world.misunderstands--;
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_INVALID_SYNTAX, ike_chunk (NULL, 0));
  sim_peer_send (peer, (IkeExchange) header->exchange, TRUE, header->message_id, &builder);
  return TRUE;
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_DELETE);
  IkeNotify notify;
  IkeDelete del;

  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  if (misunderstand (peer, header))
    return TRUE;
  world.farewells += payload && ike_delete_parse (payload->body, &del) && del.protocol == IKE_PROTOCOL_IKE;
  world.deletes += ike_payloads_find (payloads, IKE_PAYLOAD_DELETE) != NULL;
  if (header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    return FALSE;
  if (ike_notify_find (payloads, IKE_NOTIFY_REKEY_SA, &notify))
    {
      world.rekeys++;
      world.with_ke += ike_payloads_find (payloads, IKE_PAYLOAD_KE) != NULL;
    }
  else if (ike_payloads_find (payloads, IKE_PAYLOAD_TSI))
    world.creates++;
  else
    world.ike_rekeys++;
  if (world.refusals && (world.rekeys || world.ike_rekeys) && (!world.only_ke || has_ke (payloads)))
    {
      refuse (peer, header->message_id);
      return TRUE;
    }
  sim_assert (peer->sim, ike_payloads_find (payloads, IKE_PAYLOAD_TSI));
  sim_peer_answer_child (peer, header->message_id, payloads, world.spi++);
  if (world.delete_old)
    send_delete (peer, SPI_FIRST);
  return TRUE;
}

static void
prepare (IkeNotifyType refusal, guint refusals, gboolean keep_trying, IkeTime lifetime, IkeTime margin)
{
  world = (World){ .refusal = refusal, .refusals = refusals, .spi = SPI_FRESH };
  world.sim = sim_new (1);
  world.client = sim_client (world.sim);
  world.client->config->keep_trying = keep_trying;
  world.client->config->ike_lifetime = lifetime;
  world.client->config->ike_rekey_margin = margin;
  world.peer = sim_peer_new (world.sim);
  world.peer->on_other = on_other;
}

static void
start (void)
{
  sim_start (world.client);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, IKE_SECOND));
}

static void
begin_for (IkeNotifyType refusal, guint refusals, gboolean keep_trying, IkeTime lifetime, IkeTime margin)
{
  prepare (refusal, refusals, keep_trying, lifetime, margin);
  start ();
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
      sim_expire (world.client, world.spi - 1, FALSE);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.rekeys == 1 && !world.client->downs);
      /* it is given up with the old one */
      sim_expire (world.client, world.spi - 1, TRUE);
      sim_run (world.sim, 100 * IKE_SECOND);
      sim_assert (world.sim, !world.client->downs);
      assert_uses (world.spi - 1);
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

static void
test_temporary_failure_in_time_child (void)
{
  world = (World){ .refusal = IKE_NOTIFY_TEMPORARY_FAILURE, .refusals = 2, .spi = SPI_FRESH };
  world.sim = sim_new (1);
  world.client = sim_client (world.sim);
  world.client->config->child.lifetime = 10 * IKE_SECOND;
  world.client->config->child.rekey_margin = 3 * IKE_SECOND;
  world.peer = sim_peer_new (world.sim);
  world.peer->on_other = on_other;
  sim_start (world.client);
  sim_run (world.sim, 10 * IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 3 && sim_kernel_outbound (&world.client->kernel)->spi == SPI_FRESH);
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

/* Some other refusal: tried once more, the old one goes on meanwhile. */
static void
test_other_refusal (void)
{
  begin (IKE_NOTIFY_NO_PROPOSAL_CHOSEN, 1, FALSE);
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, IKE_SECOND);
  assert_uses (SPI_FIRST);
  sim_run (world.sim, 60 * IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 2);
  assert_uses (SPI_FRESH);
  end ();
}

static const IkeNotifyType lasting[] = { IKE_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_TS_UNACCEPTABLE, 12345,
                                         IKE_NOTIFY_INVALID_KE_PAYLOAD };

/* Refused for good: the peer has nearly all of the time that is left for its own rekey; then a client begins anew beside the
 * old one, with the true reason in its log. */
static void
test_lasting (void)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (lasting); i++)
    {
      gboolean ike = i & 1;
      IkeNotifyType type = lasting[i / 2];
      g_autofree char *said = g_strdup_printf ("the peer refused to rekey %s: %s", ike ? "the IKE SA" : "a Child SA",
                                               IKE_NAME (NOTIFY, type));
      guint *n = ike ? &world.ike_rekeys : &world.rekeys;

      prepare (type, 10000, FALSE, (ike ? 3600 : 36000) * IKE_SECOND, 300 * IKE_SECOND);
      world.data = ike_chunk ("\0\1", type == IKE_NOTIFY_INVALID_KE_PAYLOAD ? 2 : 0);
      world.client->config->child.lifetime = (ike ? 4500 : 3600) * IKE_SECOND;
      world.client->config->child.rekey_margin = 300 * IKE_SECOND;
      start ();
      sim_run (world.sim, 3300 * IKE_SECOND + IKE_SECOND);
      sim_assert (world.sim, *n == 1 && strstr (world.sim->transcript->str, said));
      sim_run (world.sim, 250 * IKE_SECOND);
      sim_assert (world.sim, *n == 1 && world.peer->inits == 1);
      assert_uses (SPI_FIRST);
      sim_run (world.sim, 40 * IKE_SECOND);
      sim_assert (world.sim, *n == 2 && world.peer->inits == 2 && !world.client->downs && world.client->ups == 1);
      sim_assert (world.sim, !world.client->reconnectings && !strstr (world.sim->transcript->str, "puts us off"));
      /* of the old IKE SA the script knows nothing any more */
      sim_run (world.sim, 1000 * IKE_SECOND);
      assert_uses (SPI_FIRST + 1);
      sim_assert (world.sim, !world.client->downs && !world.client->reconnectings && world.client->ups == 1);
      end ();
    }
}

/* Nobody can begin anew: the reason at the end is what the peer has said. */
static void
test_lasting_ike_of_peer (void)
{
  prepare (IKE_NOTIFY_NO_PROPOSAL_CHOSEN, 10000, FALSE, 3600 * IKE_SECOND, 300 * IKE_SECOND);
  world.client->config->role = IKE_ROLE_PEER;
  start ();
  sim_run (world.sim, 3599 * IKE_SECOND);
  sim_assert (world.sim, world.ike_rekeys == 2 && !world.client->downs && !world.client->reconnectings);
  assert_uses (SPI_FIRST);
  sim_run (world.sim, 10 * IKE_SECOND);
  sim_assert_reason (world.sim, world.client, REKEY_FAILED);
  sim_assert (world.sim, strstr (world.client->reason.detail, "NO_PROPOSAL_CHOSEN"));
  sim_assert (world.sim, world.client->reason.notify == IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
  end ();
}

/* A client that refuses a server's rekey and does its own later, as Windows behind a NAT: it is left alone, and its IKE SA
 * lives. */
static void
test_lasting_of_client (void)
{
  Sim *sim = sim_new (2);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint32 spi;

  /* it wants forward secrecy, which the gateway's own rekey has not */
  client->config->child.pfs = TRUE;
  client->config->child.lifetime = 3610 * IKE_SECOND;
  client->config->child.rekey_margin = 30 * IKE_SECOND;
  gateway->config->child.pfs = FALSE;
  gateway->config->child.lifetime = 3600 * IKE_SECOND;
  gateway->config->child.rekey_margin = 300 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  spi = sim_kernel_outbound (&gateway->kernel)->spi;
  sim_run (sim, 3300 * IKE_SECOND);
  sim_assert (sim, strstr (sim->transcript->str, "gateway [child] the peer refused to rekey a Child SA"));
  sim_run (sim, 245 * IKE_SECOND);
  sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->spi == spi);
  sim_run (sim, 50 * IKE_SECOND);
  sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->spi != spi && client->ups == 1);
  sim_run (sim, 3000 * IKE_SECOND);
  sim_assert (sim, !client->downs && !client->reconnectings && sim_count_ike (gateway) == 1);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* The client's answer to our rekey says so. */
static gboolean
say_not_found (const SimClear *clear, IkeBuilder *instead, gpointer data)
{
  if (!clear->from_initiator || clear->header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA ||
      !(clear->header->flags & IKE_FLAG_RESPONSE))
    return FALSE;
  ike_builder_notify_child (instead, IKE_NOTIFY_CHILD_SA_NOT_FOUND, IKE_PROTOCOL_ESP, 0);
  return TRUE;
}

/* A server's client does not have its Child SA any more. If it does not know that, it has to begin anew to have one; not if
 * it makes one, or did not want one at first. */
static void
test_not_found_at_client (void)
{
  enum { UNAWARE, MAKES_ONE, CHILDLESS, N };

  for (guint i = 0; i < N; i++)
    {
      Sim *sim = sim_new (3);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint32 spi;

      client->config->keep_trying = TRUE;
      client->config->childless = gateway->config->childless = i == CHILDLESS;
      sim_connect (sim, client, gateway);
      spi = sim_kernel_outbound (&gateway->kernel)->spi;
      sim_clear_watch (say_not_found, NULL);
      sim_expire (gateway, spi, FALSE);
      sim_run (sim, IKE_SECOND);
      sim_clear_watch (NULL, NULL);
      sim_assert (sim, strstr (sim->transcript->str, "gateway [child] the peer does not have the Child SA any more"));
      sim_assert (sim, !gateway->kernel.sas->len && sim_count_ike (gateway) == 1);
      /* with its own new one, which we do not know, it loses both */
      for (guint n = 0; i == MAKES_ONE && n < client->kernel.sas->len; n++)
        {
          const SimSa *sa = client->kernel.sas->pdata[n];

          if (sa->out || sa->spi == spi)
            continue;
          sim_expire (client, sa->spi, TRUE);
          break;
        }
      sim_run (sim, 26 * IKE_SECOND);
      sim_assert (sim, !client->reconnectings && client->ups == 1 && sim_count_ike (gateway) == 1);
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, client->reconnectings == (i == UNAWARE) && client->ups == 1 + (i == UNAWARE));
      sim_assert (sim, !strstr (sim->transcript->str, "a peer is gone: NO_CHILD") == (i != UNAWARE));
      if (i == CHILDLESS)
        sim_assert (sim, sim_count_ike (gateway) == 1 && !gateway->kernel.sas->len);
      else
        sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* ---- no forward secrecy at the peer ---- */

static void
prepare_pfs (IkeNotifyType refusal, gboolean insists)
{
  g_autoptr (GPtrArray) plain = NULL;
  GPtrArray *proposals;

  prepare (refusal, 10000, FALSE, 36000 * IKE_SECOND, 300 * IKE_SECOND);
  world.only_ke = TRUE;
  world.client->config->child.pfs = TRUE;
  proposals = world.client->config->child_proposals;
  plain = ike_proposals_default (&world.sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  while (plain->len && !insists)
    g_ptr_array_add (proposals, g_ptr_array_steal_index (plain, 0));
}

/* A request with a key exchange is refused as a whole: at once again, with what has none; and so from then on. */
static void
test_no_pfs (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lasting); i++)
    {
      prepare_pfs (lasting[i], FALSE);
      world.data = ike_chunk ("\0\0", lasting[i] == IKE_NOTIFY_INVALID_KE_PAYLOAD ? 2 : 0);
      start ();
      sim_expire (world.client, SPI_FIRST, FALSE);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.rekeys == 2);
      sim_run (world.sim, 10 * IKE_SECOND);
      assert_uses (SPI_FRESH);
      for (guint again = 1; again < 3; again++)
        {
          sim_expire (world.client, world.spi - 1, FALSE);
          sim_run (world.sim, 20 * IKE_SECOND);
          sim_assert (world.sim, world.rekeys == 2 + again);
          assert_uses (SPI_FRESH + again);
        }
      end ();
    }
}

/* Some refusals are not about that; and whoever insists on forward secrecy does not go without. */
static void
test_no_pfs_but (void)
{
  static const IkeNotifyType others[] = { IKE_NOTIFY_TEMPORARY_FAILURE, IKE_NOTIFY_INVALID_KE_PAYLOAD,
                                          IKE_NOTIFY_NO_PROPOSAL_CHOSEN };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      prepare_pfs (others[i], others[i] == IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
      world.data = ike_chunk ("\0\1", others[i] == IKE_NOTIFY_INVALID_KE_PAYLOAD ? 2 : 0);
      start ();
      sim_expire (world.client, SPI_FIRST, FALSE);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.rekeys == 1);
      sim_run (world.sim, 28 * IKE_SECOND);
      sim_assert (world.sim, world.rekeys >= 2 && world.spi == SPI_FRESH && !world.client->downs);
      end ();
    }
}

/* Who has changed his mind meanwhile is asked with a key exchange again. */
static void
test_pfs_again (void)
{
  static const guint8 group[] = { 0, IKE_KE_CURVE25519 };

  prepare_pfs (IKE_NOTIFY_NO_PROPOSAL_CHOSEN, FALSE);
  start ();
  sim_expire (world.client, SPI_FIRST, FALSE);
  sim_run (world.sim, 10 * IKE_SECOND);
  assert_uses (SPI_FRESH);
  world.only_ke = FALSE;
  world.refusals = 1;
  world.refusal = IKE_NOTIFY_INVALID_KE_PAYLOAD;
  world.data = ike_chunk (group, sizeof group);
  world.rekeys = world.with_ke = 0;
  sim_expire (world.client, SPI_FRESH, FALSE);
  sim_run (world.sim, IKE_SECOND);
  sim_assert (world.sim, world.rekeys == 2 && world.with_ke == 1);
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
  /* the peer, which knows of no trouble, is told */
  sim_assert (world.sim, world.farewells == 1);
  end ();
}

/* RFC 7296 section 2.21.3: the IKE SA is over at both ends, whatever was asked; a client is back at once, but not again and
 * again. */
static void
test_invalid_syntax (void)
{
  enum { REKEY, REKEY_IKE, DELETE, LIVENESS, N };

  for (guint turn = 0; turn < 2 * N; turn++)
    {
      gboolean young = turn & 1;

      prepare (0, 0, FALSE, 36000 * IKE_SECOND, 300 * IKE_SECOND);
      world.client->config->dpd_delay = turn / 2 == LIVENESS ? (young ? 20 : 100) * IKE_SECOND : 0;
      start ();
      sim_run (world.sim, (young ? 10 : 90) * IKE_SECOND);
      world.misunderstands = 1;
      if (turn / 2 == REKEY)
        sim_expire (world.client, SPI_FIRST, FALSE);
      else if (turn / 2 == DELETE)
        sim_expire (world.client, SPI_FIRST, TRUE);
      else if (turn / 2 == REKEY_IKE)
        sim_hasten (world.client, "rekey");
      else
        sim_run (world.sim, 10 * IKE_SECOND);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, !world.misunderstands && world.farewells == 1 && world.client->reconnectings == 1);
      sim_assert (world.sim, strstr (world.sim->transcript->str, "reconnecting: PEER_SYNTAX"));
      sim_assert (world.sim, world.client->ups == (young && turn / 2 != REKEY_IKE ? 1 : 2));
      sim_run (world.sim, 15 * IKE_SECOND);
      sim_assert (world.sim, world.client->ups == 2 && !world.client->downs && world.peer->inits == 2);
      end ();
    }
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
  assert_uses (SPI_FRESH + 1);
  end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/refusal/temporary-failure", test_temporary_failure);
  g_test_add_func ("/sim/refusal/temporary-failure-in-time", test_temporary_failure_in_time);
  g_test_add_func ("/sim/refusal/temporary-failure-in-time/child", test_temporary_failure_in_time_child);
  g_test_add_func ("/sim/refusal/temporary-failure-for-ever", test_temporary_failure_for_ever);
  g_test_add_func ("/sim/refusal/child-sa-not-found", test_child_sa_not_found);
  g_test_add_func ("/sim/refusal/no-additional-sas", test_no_additional_sas);
  g_test_add_func ("/sim/refusal/other", test_other_refusal);
  g_test_add_func ("/sim/refusal/lasting", test_lasting);
  g_test_add_func ("/sim/refusal/lasting-ike-of-peer", test_lasting_ike_of_peer);
  g_test_add_func ("/sim/refusal/lasting-of-client", test_lasting_of_client);
  g_test_add_func ("/sim/refusal/not-found-at-client", test_not_found_at_client);
  g_test_add_func ("/sim/refusal/no-pfs", test_no_pfs);
  g_test_add_func ("/sim/refusal/no-pfs-but", test_no_pfs_but);
  g_test_add_func ("/sim/refusal/pfs-again", test_pfs_again);
  g_test_add_func ("/sim/refusal/cookie-to-child", test_cookie_to_child);
  g_test_add_func ("/sim/refusal/invalid-syntax", test_invalid_syntax);
  g_test_add_func ("/sim/refusal/incorrect-delete", test_incorrect_delete);
  g_test_add_func ("/sim/refusal/kernel-refuses-rekey", test_kernel_refuses_rekey);
  return g_test_run ();
}
