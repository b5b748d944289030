/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child SAs for single processors (RFC 9611): how many there are, and that what befalls one of them befalls no other. */
#include "sim-internal.h"
#include "sim-peer.h"

#include "wire/payload-delete.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"

#define MAX_CPUS 4
#define PATIENCE (10 * IKE_SECOND)

/* Both have the one for all and @n more, each for another processor at either end, in one slot with one policy. */
static gboolean
is_so (const SimKernel *kernel, guint n)
{
  const SimPolicy *policy = kernel->policies->len == 1 ? kernel->policies->pdata[0] : NULL;

  if (!policy || sim_kernel_larval (kernel) || sim_kernel_count (kernel, TRUE) != n + 1 ||
      sim_kernel_count (kernel, FALSE) != n + 1)
    return FALSE;
  for (guint16 cpu = 0; cpu <= n; cpu++)
    {
      const SimSa *sa = sim_kernel_of_cpu (kernel, cpu);

      if (!sa || sa->slot != policy->slot)
        return FALSE;
    }
  return TRUE;
}

static void
expect_at (SimHost *a, SimHost *b, guint n, int line)
{
  for (guint side = 0; side < 2; side++)
    {
      const SimHost *host = side ? b : a;
      const SimKernel *from = &host->kernel, *to = side ? &a->kernel : &b->kernel;

      for (guint i = 0; i < from->sas->len; i++)
        {
          const SimSa *out = from->sas->pdata[i], *in = out->out ? sim_kernel_find (to, out->spi, FALSE) : NULL;

          sim_note (a->sim, "%s: %s %08x cpu %u slot %u", host->name, out->out ? "out" : "in", out->spi, out->cpu,
                    out->slot);
          if (out->out && (!in || !sim_sa_matches (out, in)))
            sim_fail (a->sim, __FILE__, line, "each outbound SA has its inbound one");
        }
      if (!is_so (from, n))
        sim_fail (a->sim, __FILE__, line, "one for all, and one for each processor");
    }
}
#define expect(a, b, n) expect_at (a, b, n, __LINE__)

static void
pair (Sim *sim, guint cpus, SimHost **ret_client, SimHost **ret_gateway)
{
  *ret_client = sim_client (sim);
  *ret_gateway = sim_gateway (sim);
  (*ret_client)->config->child.cpus = (*ret_gateway)->config->child.cpus = cpus;
  (*ret_client)->config->keep_trying = TRUE;
}

static void
connect (Sim *sim, SimHost *client, SimHost *gateway)
{
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
}

static void
connect_and_expect (Sim *sim, SimHost *client, SimHost *gateway, guint n)
{
  connect (sim, client, gateway);
  sim_run (sim, PATIENCE);
  expect (client, gateway, n);
}

static guint32
spi_of (const SimHost *host, guint16 cpu)
{
  const SimSa *sa = sim_kernel_of_cpu (&host->kernel, cpu);

  return sa ? sa->spi : 0;
}

/* ---- how many ---- */

static guint
least (guint client, guint gateway, guint client_has, guint gateway_has)
{
  return MIN (MIN (client, client_has), MIN (gateway, gateway_has));
}

/* Who wants how many, and what its kernel can. */
static void
test_count (void)
{
  static const guint wanted[] = { 0, 1, 3, 9 };
  static const guint16 has[] = { 0, 1, MAX_CPUS };
  guint seed = 1;

  for (guint i = 0; i < 144; i++)
    {
      guint client_wants = wanted[i % 4], gateway_wants = wanted[i / 4 % 4];
      Sim *sim = sim_new (seed++);
      SimHost *client, *gateway;

      pair (sim, client_wants, &client, &gateway);
      gateway->config->child.cpus = gateway_wants;
      client->kernel.cpus = has[i / 16 % 3];
      gateway->kernel.cpus = has[i / 48];
      connect_and_expect (sim, client, gateway,
                          least (client_wants, gateway_wants, client->kernel.cpus, gateway->kernel.cpus));
      sim_assert (sim, client->ups == 1 && !client->downs && !client->reconnectings);
      sim_assert (sim, !strstr (sim->transcript->str, "TS_MAX_QUEUE") ==
                           !(gateway->kernel.cpus && gateway_wants &&
                             MIN (client_wants, client->kernel.cpus) > MIN (gateway_wants, gateway->kernel.cpus)));
      sim_end (sim);
    }
}

/* Without a first Child SA of IKE_AUTH. */
static void
test_childless (void)
{
  Sim *sim = sim_new (200);
  SimHost *client, *gateway;

  pair (sim, 3, &client, &gateway);
  client->config->childless = gateway->config->childless = TRUE;
  connect_and_expect (sim, client, gateway, 3);
  sim_end (sim);
}

/* With all that the first can have, too. */
static void
test_options (void)
{
  for (guint i = 0; i < 3; i++)
    {
      Sim *sim = sim_new (210 + i);
      SimHost *client, *gateway;

      pair (sim, 3, &client, &gateway);
      for (guint side = 0; side < 2; side++)
        {
          IkeConfig *config = side ? gateway->config : client->config;

          config->child.ipcomp = i == 1;
          config->child.aggfrag = i == 2;
          config->child.pfs = i == 0;
        }
      connect_and_expect (sim, client, gateway, 3);
      for (guint16 cpu = 0; cpu <= 3; cpu++)
        sim_assert (sim,
                    sim_kernel_of_cpu (&client->kernel, cpu)->aggfrag == (i == 2) &&
                        !sim_kernel_of_cpu (&client->kernel, cpu)->cpi == !sim_kernel_of_cpu (&client->kernel, 0)->cpi);
      sim_end (sim);
    }
}

/* Packets are lost, repeated and late: none is missing in the end, and none is there twice. */
static void
test_bad_network (void)
{
  guint whole = 0;

  for (guint seed = 0; seed < 30; seed++)
    {
      Sim *sim = sim_new (300 + seed);
      SimHost *client, *gateway;

      pair (sim, MAX_CPUS, &client, &gateway);
      sim->loss = 25;
      sim->duplicates = 20;
      sim->jitter = 300 * IKE_MILLISECOND;
      sim_start (client);
      sim_listen (gateway);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 300 * IKE_SECOND));
      sim_run (sim, 300 * IKE_SECOND);
      sim->loss = sim->duplicates = 0;
      sim_run (sim, 60 * IKE_SECOND);
      if (client->reconnectings == 0)
        {
          whole++;
          expect (client, gateway, MAX_CPUS);
        }
      sim_end (sim);
    }
  g_assert_cmpuint (whole, >, 0);
}

/* ---- what befalls them ---- */

static void
note (const SimHost *host, guint32 ret[MAX_CPUS + 1])
{
  for (guint16 cpu = 0; cpu <= MAX_CPUS; cpu++)
    ret[cpu] = spi_of (host, cpu);
}

/* Rekeyed by either end, each for itself; the other end may have it for another processor, and keeps it there. */
static void
test_rekey (void)
{
  for (guint turn = 0; turn < 2 * (MAX_CPUS + 1); turn++)
    {
      Sim *sim = sim_new (400 + turn);
      SimHost *client, *gateway, *who;
      guint32 before[2][MAX_CPUS + 1];
      guint16 cpu = (guint16) (turn / 2);
      guint changed = 0;

      pair (sim, MAX_CPUS, &client, &gateway);
      connect_and_expect (sim, client, gateway, MAX_CPUS);
      who = turn & 1 ? gateway : client;
      note (client, before[0]);
      note (gateway, before[1]);
      sim_expire (who, spi_of (who, cpu), FALSE);
      sim_run (sim, PATIENCE);
      expect (client, gateway, MAX_CPUS);
      for (guint16 i = 0; i <= MAX_CPUS; i++)
        {
          sim_assert (sim, (spi_of (who, i) != before[turn & 1][i]) == (i == cpu));
          changed += spi_of (who == client ? gateway : client, i) != before[!(turn & 1)][i];
        }
      sim_assert (sim, changed == 1 && client->ups == 1 && !client->reconnectings);
      sim_end (sim);
    }
}

/* Both ends at once, all of them, on a network that reorders. */
static void
test_collisions (void)
{
  for (guint seed = 0; seed < 40; seed++)
    {
      Sim *sim = sim_new (500 + seed);
      SimHost *client, *gateway;

      pair (sim, MAX_CPUS, &client, &gateway);
      sim->jitter = 30 * IKE_MILLISECOND;
      connect_and_expect (sim, client, gateway, MAX_CPUS);
      for (guint16 cpu = 0; cpu <= MAX_CPUS; cpu++)
        {
          guint32 here = spi_of (client, cpu), there = spi_of (gateway, cpu);

          sim_expire (client, here, FALSE);
          sim_expire (gateway, there, FALSE);
          sim_run (sim, seed % 3 ? 5 * IKE_SECOND : 0);
        }
      sim_run (sim, 120 * IKE_SECOND);
      expect (client, gateway, MAX_CPUS);
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_end (sim);
    }
}

/* One is deleted by either end: the others stay, and when the one for all is rekeyed it is made again. */
static void
test_delete (void)
{
  for (guint turn = 0; turn < 2 * MAX_CPUS; turn++)
    {
      Sim *sim = sim_new (600 + turn);
      SimHost *client, *gateway, *who;
      guint32 before[MAX_CPUS + 1];
      guint16 cpu = (guint16) (turn / 2 + 1);

      pair (sim, MAX_CPUS, &client, &gateway);
      client->config->keep_trying = FALSE;
      connect_and_expect (sim, client, gateway, MAX_CPUS);
      who = turn & 1 ? gateway : client;
      note (who, before);
      sim_expire (who, before[cpu], TRUE);
      sim_run (sim, PATIENCE);
      for (guint16 i = 0; i <= MAX_CPUS; i++)
        sim_assert (sim, spi_of (who, i) == (i == cpu ? 0 : before[i]));
      sim_assert (sim, sim_kernel_count (&client->kernel, FALSE) == MAX_CPUS && !client->downs);
      sim_expire (who, spi_of (who, 0), FALSE);
      sim_run (sim, PATIENCE);
      expect (client, gateway, MAX_CPUS);
      sim_end (sim);
    }
}

/* The one for all is gone: it comes again, in the same slot, and the policies never go away. */
static void
test_all_is_gone (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (620 + turn);
      SimHost *client, *gateway, *who;
      guint32 before[MAX_CPUS + 1], slot;

      pair (sim, MAX_CPUS, &client, &gateway);
      connect_and_expect (sim, client, gateway, MAX_CPUS);
      slot = ((SimPolicy *) client->kernel.policies->pdata[0])->slot;
      who = turn ? gateway : client;
      note (who, before);
      sim_expire (who, before[0], TRUE);
      sim_assert (sim, client->kernel.policies->len == 1);
      sim_run (sim, PATIENCE);
      expect (client, gateway, MAX_CPUS);
      sim_assert (sim, spi_of (who, 0) != before[0] && ((SimPolicy *) client->kernel.policies->pdata[0])->slot == slot);
      for (guint16 i = 1; i <= MAX_CPUS; i++)
        sim_assert (sim, spi_of (who, i) == before[i]);
      sim_end (sim);
    }
}

/* They go with their IKE SA: rekeyed, moved, made anew. */
static void
test_parents (void)
{
  for (guint turn = 0; turn < 4; turn++)
    {
      Sim *sim = sim_new (640 + turn);
      SimHost *client, *gateway;
      guint32 before;

      pair (sim, MAX_CPUS, &client, &gateway);
      client->config->mobike = gateway->config->mobike = TRUE;
      client->config->ike_lifetime = 10000 * IKE_SECOND;
      client->config->ike_rekey_margin = 100 * IKE_SECOND;
      client->config->reauth = turn == 1;
      connect_and_expect (sim, client, gateway, MAX_CPUS);
      before = spi_of (client, 2);
      if (turn < 2)
        sim_hasten (client, turn ? "reauth" : "rekey");
      else if (turn == 2)
        sim_move (client, "192.0.2.77");
      else
        sim_reboot (client, NULL);
      if (turn == 3)
        {
          client->config = sim_config (sim, "client", IKE_ROLE_INITIATOR);
          client->config->child.cpus = MAX_CPUS;
          sim_start (client);
        }
      sim_run (sim, 400 * IKE_SECOND);
      if (turn == 3)
        sim_assert (sim, is_so (&client->kernel, MAX_CPUS));
      else
        expect (client, gateway, MAX_CPUS);
      sim_assert (sim, (spi_of (client, 2) == before) == (turn == 0 || turn == 2));
      for (guint i = 0; turn == 2 && i < client->kernel.sas->len; i++)
        sim_assert (sim, ike_address_equal (&((SimSa *) client->kernel.sas->pdata[i])->path.local.address,
                                            &client->address));
      sim_end (sim);
    }
}

/* A kernel that refuses one, at either end, for now: the tunnel stays as it is. */
static void
test_kernel_refuses (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (660 + turn);
      SimHost *client, *gateway, *who;

      pair (sim, MAX_CPUS, &client, &gateway);
      who = turn ? gateway : client;
      connect (sim, client, gateway);
      who->kernel.refuse_install = 12;
      sim_run (sim, PATIENCE);
      /* what the other end has refused is asked for again, with the same SPI */
      if (!turn)
        expect (client, gateway, 0);
      sim_assert (sim, client->ups == 1 && !client->reconnectings && sim_kernel_count (&client->kernel, TRUE) == 1);
      who->kernel.refuse_install = 0;
      sim_run (sim, 60 * IKE_SECOND); /* ours waits for the next rekeying, the other end was put off */
      sim_expire (client, spi_of (client, 0), FALSE);
      sim_run (sim, 60 * IKE_SECOND);
      expect (client, gateway, MAX_CPUS);
      sim_end (sim);
    }
}

/* ---- peers ---- */

/* Either begins, or both at once; each has as many as both want. */
static void
test_peers (void)
{
  for (guint seed = 0; seed < 30; seed++)
    {
      Sim *sim = sim_new (700 + seed);
      SimHost *a, *b;

      pair (sim, 3, &a, &b);
      a->config->role = b->config->role = IKE_ROLE_PEER;
      b->config->keep_trying = TRUE;
      b->config->child.cpus = seed % 2 ? 2 : 4;
      sim->jitter = 30 * IKE_MILLISECOND;
      sim_start (a);
      if (seed % 3)
        sim_run (sim, IKE_SECOND / 20 * (seed % 3 - 1));
      sim_start_to (b, &a->address);
      sim_run (sim, 60 * IKE_SECOND);
      expect (a, b, seed % 2 ? 2 : 3);
      sim_expire (b, spi_of (b, 0), TRUE);
      sim_run (sim, 60 * IKE_SECOND);
      expect (a, b, seed % 2 ? 2 : 3);
      sim_end (sim);
    }
}

/* ---- answers, and requests, of a script ---- */

typedef struct {
  IkeNotifyType refuse; /* this instead */
  guint good; /* after so many that are made */
  gboolean silent_about; /* without the notification */
  gboolean narrow; /* for less */
  gboolean other_suite; /* with the cipher that is our second choice */
} Script;

static Script script;
static guint creates, deletes, refusals;
static guint16 last_refusal;

/* 10.2.0.0 to .255 of what is 10.2.0.0/16 */
static const guint8 narrower[] = { 1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 2, 0, 0, 10, 2, 0, 255 };

static void
answer_child (SimPeer *peer, guint32 id, const IkePayloads *payloads)
{
  g_autoptr (GPtrArray) ours = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP };
  guint32 number = 0xaaaa0001u + creates, spi = GUINT32_TO_BE (number);
  const guint8 nonce[32] = { 7 };
  g_auto (IkeSa) sa = { 0 };
  g_auto (IkeBuilder) builder = { 0 };
  IkeProposal *chosen;
  IkeSuite suite;

  if (script.other_suite)
    g_ptr_array_remove_index (ours, 0);
  ike_builder_init_inner (&builder);
  if (creates++ >= script.good && script.refuse)
    {
      ike_builder_notify (&builder, script.refuse, ike_chunk (NULL, 0));
      sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
      return;
    }
  sim_assert (peer->sim, ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa));
  sim_assert (peer->sim, ike_proposal_choose (&suite, ours, &sa, &rule));
  chosen = ike_proposal_from_suite (&suite);
  if (!script.silent_about)
    ike_builder_notify (&builder, IKE_NOTIFY_SA_RESOURCE_INFO, ike_chunk (NULL, 0));
  ike_sa_write_chosen (ike_builder_begin (&builder, IKE_PAYLOAD_SA), suite.number, IKE_PROTOCOL_ESP,
                       ike_chunk (&spi, sizeof spi), (const IkeTransform *) (gpointer) chosen->transforms->data,
                       chosen->transforms->len);
  ike_builder_end (&builder);
  ike_proposal_free (chosen);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_payloads_find (payloads, IKE_PAYLOAD_TSI)->body);
  ike_builder_add (&builder, IKE_PAYLOAD_TSR,
                   script.narrow ? ike_chunk (narrower, sizeof narrower)
                                 : ike_payloads_find (payloads, IKE_PAYLOAD_TSR)->body);
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_DELETE);
  IkeNotify notify;
  IkeDelete del;

  if (header->flags & IKE_FLAG_RESPONSE)
    {
      if (ike_notify_find_error (payloads, &notify))
        {
          refusals++;
          last_refusal = notify.type;
        }
      return TRUE;
    }
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      sim_assert (peer->sim, ike_notify_find (payloads, IKE_NOTIFY_SA_RESOURCE_INFO, &notify));
      sim_assert (peer->sim, !notify.protocol && !notify.spi.len);
      answer_child (peer, header->message_id, payloads);
      return TRUE;
    }
  if (payload && ike_delete_parse (payload->body, &del) && del.protocol == IKE_PROTOCOL_ESP)
    deletes++;
  return FALSE;
}

static SimPeer *
scripted (Sim *sim, const Script *how, guint cpus, SimHost **ret_client)
{
  SimPeer *peer = sim_peer_new (sim);

  script = *how;
  creates = deletes = refusals = 0;
  last_refusal = 0;
  *ret_client = sim_client (sim);
  (*ret_client)->config->child.cpus = cpus;
  peer->on_other = on_other;
  peer->resource = TRUE;
  return peer;
}

/* Whatever the peer makes of a request for one more: what stands goes on, and we do not ask again. That it cannot even
 * understand it ends the IKE SA at both ends (RFC 7296 section 2.21.3); on the next one we do not ask. */
static void
test_answers (void)
{
  static const struct {
    Script script;
    guint n, creates, deletes;
  } rows[] = {
    { { .good = 9 }, 4, 4, 0 },
    { { .refuse = IKE_NOTIFY_TS_MAX_QUEUE, .good = 2 }, 2, 3, 0 },
    { { .refuse = IKE_NOTIFY_TS_MAX_QUEUE }, 0, 1, 0 },
    { { .refuse = IKE_NOTIFY_NO_ADDITIONAL_SAS, .good = 1 }, 1, 2, 0 },
    { { .refuse = IKE_NOTIFY_NO_PROPOSAL_CHOSEN }, 0, 1, 0 },
    { { .refuse = IKE_NOTIFY_TS_UNACCEPTABLE }, 0, 1, 0 },
    { { .refuse = IKE_NOTIFY_INVALID_SYNTAX, .good = 3 }, 0, 4, 0 },
    { { .good = 9, .silent_about = TRUE }, 0, 1, 1 },
    { { .good = 9, .narrow = TRUE }, 0, 1, 1 },
    { { .good = 9, .other_suite = TRUE }, 0, 1, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (800 + i);
      SimHost *client;
      SimPeer *peer = scripted (sim, &rows[i].script, 4, &client);

      sim_start (client);
      sim_run (sim, 200 * IKE_SECOND);
      sim_assert (sim, client->ups == 1u + (rows[i].script.refuse == IKE_NOTIFY_INVALID_SYNTAX) && !client->downs);
      sim_assert (sim, is_so (&client->kernel, rows[i].n));
      sim_assert (sim, creates == rows[i].creates && deletes == rows[i].deletes);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Put off, it asks later; for ever put off, it does without. */
static void
test_put_off (void)
{
  const Script how = { .refuse = IKE_NOTIFY_TEMPORARY_FAILURE };
  Sim *sim = sim_new (830);
  SimHost *client;
  SimPeer *peer = scripted (sim, &how, 2, &client);

  sim_start (client);
  sim_run (sim, 1000 * IKE_SECOND);
  sim_assert (sim, client->ups == 1 && !client->downs && is_so (&client->kernel, 0));
  sim_assert (sim, creates > 5 && creates < 40);
  sim_end (sim);
  sim_peer_free (peer);
}

/* A peer that knows nothing of it is asked for nothing. */
static void
test_unknown (void)
{
  const Script how = { .good = 9 };
  Sim *sim = sim_new (840);
  SimHost *client;
  SimPeer *peer = scripted (sim, &how, 4, &client);

  peer->resource = FALSE;
  sim_start (client);
  sim_run (sim, 200 * IKE_SECOND);
  sim_assert (sim, client->ups == 1 && !client->downs && is_so (&client->kernel, 0) && creates == 0);
  sim_assert (sim, strstr (sim->transcript->str, "is for all processors: the peer gives them none of their own"));
  sim_end (sim);
  sim_peer_free (peer);
}

static void
ask (SimPeer *peer, guint n, gboolean with_info, gboolean narrow, gboolean other_suite)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  guint32 number = 0xbbbb0001u + n, spi = GUINT32_TO_BE (number);
  const guint8 nonce[32] = { 3 };
  g_auto (IkeBuilder) builder = { 0 };

  if (other_suite)
    g_ptr_array_remove_index (proposals, 0);
  ike_builder_init_inner (&builder);
  if (with_info)
    ike_builder_notify (&builder, IKE_NOTIFY_SA_RESOURCE_INFO, ike_chunk ("\377\377 whatever", 11));
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  if (narrow)
    {
      ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk (narrower, sizeof narrower));
      ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (peer->tsi));
    }
  else
    {
      ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (peer->tsr));
      ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (peer->tsi));
    }
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

/* The other end, whose packets want them, asks a client for more: up to its own limit, and only for the same. */
static void
test_requests (void)
{
  const Script how = { .refuse = IKE_NOTIFY_TS_MAX_QUEUE };
  Sim *sim = sim_new (850);
  SimHost *client;
  SimPeer *peer = scripted (sim, &how, 3, &client);

  sim_start (client);
  sim_run (sim, PATIENCE);
  sim_assert (sim, is_so (&client->kernel, 0));
  ask (peer, 0, FALSE, FALSE, FALSE);
  sim_assert (sim, refusals == 1 && last_refusal == IKE_NOTIFY_NO_ADDITIONAL_SAS);
  ask (peer, 1, TRUE, TRUE, FALSE);
  sim_assert (sim, refusals == 2 && last_refusal == IKE_NOTIFY_NO_ADDITIONAL_SAS);
  ask (peer, 2, TRUE, FALSE, TRUE);
  sim_assert (sim, refusals == 3 && last_refusal == IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
  for (guint i = 1; i <= 3; i++)
    {
      ask (peer, 2 + i, TRUE, FALSE, FALSE);
      sim_assert (sim, refusals == 3 && is_so (&client->kernel, i));
    }
  ask (peer, 9, TRUE, FALSE, FALSE);
  sim_assert (sim, refusals == 4 && last_refusal == IKE_NOTIFY_TS_MAX_QUEUE);
  sim_assert (sim, is_so (&client->kernel, 3) && client->ups == 1 && !client->downs);
  sim_end (sim);
  sim_peer_free (peer);
}

/* The kernel has no SPI at first, and then something else is under way until all that was put off is due: what is for all is
 * still made alone. */
static void
test_put_off_together (void)
{
  Sim *sim = sim_new (1690);
  SimHost *client, *gateway;

  pair (sim, 1, &client, &gateway);
  sim_listen (gateway);
  sim_start (client);
  sim_run (sim, IKE_MILLISECOND);
  client->kernel.refuse_spi = 12;
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  sim_run (sim, IKE_SECOND);
  sim_expire (gateway, sim_kernel_of_cpu (&gateway->kernel, 0)->spi, TRUE);
  sim_run (sim, IKE_SECOND);
  client->kernel.refuse_spi = 0;
  sim->loss = 100;
  sim_check (client, FALSE);
  sim_run (sim, 25 * IKE_SECOND);
  sim->loss = 0;
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, client->ups == 1 && !client->reconnectings);
  for (guint who = 0; who < 2; who++)
    sim_assert (sim, sim_kernel_of_cpu (who ? &gateway->kernel : &client->kernel, 0) != NULL);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/resource/count", test_count);
  g_test_add_func ("/sim/resource/childless", test_childless);
  g_test_add_func ("/sim/resource/options", test_options);
  g_test_add_func ("/sim/resource/bad-network", test_bad_network);
  g_test_add_func ("/sim/resource/rekey", test_rekey);
  g_test_add_func ("/sim/resource/collisions", test_collisions);
  g_test_add_func ("/sim/resource/delete", test_delete);
  g_test_add_func ("/sim/resource/all-is-gone", test_all_is_gone);
  g_test_add_func ("/sim/resource/parents", test_parents);
  g_test_add_func ("/sim/resource/kernel-refuses", test_kernel_refuses);
  g_test_add_func ("/sim/resource/peers", test_peers);
  g_test_add_func ("/sim/resource/answers", test_answers);
  g_test_add_func ("/sim/resource/put-off", test_put_off);
  g_test_add_func ("/sim/resource/put-off-together", test_put_off_together);
  g_test_add_func ("/sim/resource/unknown", test_unknown);
  g_test_add_func ("/sim/resource/requests", test_requests);
  return g_test_run ();
}
