/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends rekey the same Child SA at once, and the other end is a script that chooses its nonces: RFC 7296 section
 * 2.8.1 says that what was created with the lowest of the four is closed by whoever created it. Then the IKE SA, and the
 * script ends everything before it is decided which one stays.
 */
#include "sim-internal.h"
#include "sim-peer.h"

#include "crypto/sk.h"
#include "wire/payload-delete.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"

#define SPI_FIRST 0x12345678 /* of the Child SA that sim-peer.c makes */
#define SPI_OURS 0xaaaa0001 /* of what the script rekeys */
#define SPI_ANSWER 0xaaaa0002 /* of the script's answer to the client */

static guint8 nonce_octet;
static guint32 deleted[8];
static guint n_deleted;

/* The selectors of the first Child SA. */
static void
write_rest (SimPeer *peer, IkeBuilder *builder, gboolean swap)
{
  guint8 nonce[32];
  IkeChunk tsi = ike_chunk_bytes (peer->tsi), tsr = ike_chunk_bytes (peer->tsr);

  memset (nonce, nonce_octet, sizeof nonce);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (builder, IKE_PAYLOAD_TSI, swap ? tsr : tsi);
  ike_builder_add (builder, IKE_PAYLOAD_TSR, swap ? tsi : tsr);
}

static void
write_sa (SimPeer *peer, IkeBuilder *builder, guint32 spi)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  guint32 octets = GUINT32_TO_BE (spi);

  ike_sa_write (ike_builder_begin (builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&octets, sizeof octets));
  ike_builder_end (builder);
}

static void
send_rekey (SimPeer *peer)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, SPI_FIRST);
  write_sa (peer, &builder, SPI_OURS);
  write_rest (peer, &builder, TRUE);
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
}

static void
send_answer (SimPeer *peer, guint32 id, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  sim_peer_choose_child (peer, &builder, payloads, SPI_ANSWER);
  write_rest (peer, &builder, FALSE);
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_DELETE);
  IkeDelete del;

  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      send_rekey (peer);
      sim_run (peer->sim, 50 * IKE_MILLISECOND);
      send_answer (peer, header->message_id, payloads);
      return TRUE;
    }
  if (payload && ike_delete_parse (payload->body, &del) && del.protocol == IKE_PROTOCOL_ESP && n_deleted < 8)
    deleted[n_deleted++] = ike_delete_spi (&del, 0);
  return FALSE;
}

static void
collide (guint8 octet, SimHost **ret_client, SimPeer **ret_peer, guint32 *ret_old)
{
  Sim *sim = sim_new (octet + 256u); /* of our nonces of either exchange the first one is lower */
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  nonce_octet = octet;
  n_deleted = 0;
  peer->on_other = on_other;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  for (guint i = 0; i < client->kernel.sas->len; i++)
    if (!((SimSa *) client->kernel.sas->pdata[i])->out)
      *ret_old = ((SimSa *) client->kernel.sas->pdata[i])->spi;
  sim_expire (client, SPI_FIRST, FALSE);
  sim_run (sim, IKE_SECOND);
  *ret_client = client;
  *ret_peer = peer;
}

/* The script has the lowest nonce: the script would have to delete what it made; we delete the old one. */
static void
test_peer_lowest (void)
{
  SimHost *client;
  SimPeer *peer;
  guint32 old;

  collide (0x00, &client, &peer, &old);
  sim_assert (client->sim, n_deleted == 1 && deleted[0] == old);
  sim_assert (client->sim, sim_kernel_outbound (&client->kernel)->spi == SPI_ANSWER);
  sim_end (client->sim);
  sim_peer_free (peer);
}

/* We have the lowest: we delete what we made ourselves, and use the script's when it deletes the old one. */
static void
test_client_lowest (void)
{
  SimHost *client;
  SimPeer *peer;
  guint32 old, spi = SPI_FIRST;
  g_auto (IkeBuilder) builder = { 0 };

  collide (0xff, &client, &peer, &old);
  sim_assert (client->sim, n_deleted == 1 && deleted[0] != old);
  sim_assert (client->sim, sim_kernel_outbound (&client->kernel)->spi == SPI_FIRST);
  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
  ike_builder_end (&builder);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  sim_run (client->sim, 10 * IKE_SECOND);
  sim_assert (client->sim, sim_kernel_count (&client->kernel, TRUE) == 1);
  sim_assert (client->sim, sim_kernel_outbound (&client->kernel)->spi == SPI_OURS);
  /* it received for as long as the script might send by it */
  sim_assert (client->sim, !sim_kernel_find (&client->kernel, deleted[0], FALSE));
  sim_end (client->sim);
  sim_peer_free (peer);
}

/* ---- the IKE SA ---- */

#define SPI_NEW G_GUINT64_CONSTANT (0xbbbb000000000001) /* of the IKE SA that the script makes */
#define SPI_NONE 0xcccc0001 /* of no Child SA at all */

typedef enum { DELETE_CHILD, CREATE_CHILD, REKEY_AGAIN } Next;

static IkeKeKey *key; /* the script's, while its rekey is unanswered */
static guint64 theirs; /* the client's SPI of the new IKE SA */
static IkeKeys keys; /* its keys */

/* Of the IKE SA, in which the script has always the same nonce. */
static void
write_rekey_ike (SimPeer *peer, IkeBuilder *builder, IkeChunk public)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_IKE, FALSE);
  guint64 spi = GUINT64_TO_BE (SPI_NEW);
  guint8 nonce[32] = { 0 };
  IkeKe ke = { .group = IKE_KE_CURVE25519, .data = public };

  ike_sa_write (ike_builder_begin (builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (builder);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (builder);
}

static void
write_delete (IkeBuilder *builder, const guint32 *spis, guint n)
{
  ike_builder_init_inner (builder);
  ike_delete_write (ike_builder_begin (builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, spis, n);
  ike_builder_end (builder);
}

/* What the client's answer to the script's rekey has made. */
static void
take_keys (SimPeer *peer, const IkePayloads *payloads)
{
  const IkeCrypto *crypto = &peer->sim->crypto.table;
  g_autoptr (GPtrArray) ours = ike_proposals_default (crypto, IKE_PROTOCOL_IKE, FALSE);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE };
  g_autoptr (IkeSecret) shared = NULL;
  g_autoptr (GBytes) public = NULL;
  static const guint8 ni[32] = { 0 };
  IkeKeyInput input = { .ni = ni, .ni_len = sizeof ni, .spi_i = SPI_NEW };
  g_auto (IkeSa) sa = { 0 };
  IkeReader reader;
  IkeSuite suite;
  IkeChunk nonce;
  IkeKe ke;

  sim_assert (peer->sim, ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa) &&
                             ike_proposal_check (&suite, ours, &sa, &rule) && suite.spi_len == 8);
  sim_assert (peer->sim, ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &nonce));
  sim_assert (peer->sim, ike_ke_parse (ike_payloads_find (payloads, IKE_PAYLOAD_KE)->body, &ke));
  reader = ike_reader (ike_chunk (suite.spi, suite.spi_len));
  input.spi_r = theirs = ike_read_u64 (&reader);
  input.nr = nonce.data;
  input.nr_len = nonce.len;
  public = ike_chunk_dup (ke.data);
  shared = crypto->ke_finish (crypto, key, public);
  crypto->ke_free (crypto, g_steal_pointer (&key));
  sim_assert (peer->sim, shared && ike_keys_rekey (&keys, crypto, &peer->keys, &suite, shared, &input));
}

/* The client's own rekey has no answer. */
static gboolean
on_ike (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  if (key && header->flags & IKE_FLAG_RESPONSE && header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    take_keys (peer, payloads);
  return header->flags & IKE_FLAG_RESPONSE || header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA;
}

/* The first request on the new IKE SA, which the script has begun. */
static void
send_next (SimPeer *peer, Next next)
{
  static const guint8 public[32] = { 9 };
  const guint32 none = SPI_NONE;
  IkeHeader header = { .spi_i = SPI_NEW,
                       .spi_r = theirs,
                       .version = IKE_VERSION_2,
                       .exchange = next == DELETE_CHILD ? IKE_EXCHANGE_INFORMATIONAL : IKE_EXCHANGE_CREATE_CHILD_SA,
                       .flags = IKE_FLAG_INITIATOR };
  IkePath path = { peer->natt ? IKE_TRANSPORT_NATT : IKE_TRANSPORT_UDP, peer->to, peer->from };
  g_autoptr (GPtrArray) datagrams = NULL;
  g_autoptr (GBytes) chain = NULL;
  g_auto (IkeBuilder) builder = { 0 };
  guint64 iv = 0;

  switch (next)
    {
    case DELETE_CHILD:
      write_delete (&builder, &none, 1);
      break;
    case CREATE_CHILD:
      ike_builder_init_inner (&builder);
      write_sa (peer, &builder, SPI_NONE);
      write_rest (peer, &builder, TRUE);
      break;
    case REKEY_AGAIN:
      ike_builder_init_inner (&builder);
      write_rekey_ike (peer, &builder, ike_chunk (public, sizeof public));
      break;
    }
  chain = ike_builder_finish (&builder);
  datagrams =
      ike_sk_seal (&peer->sim->crypto.table, &keys, TRUE, &header, builder.first, ike_chunk_bytes (chain), &iv, 0);
  sim_transmit (peer->host, &path, datagrams->pdata[0], IKE_PIECES_USUAL);
}

/* The script rekeys the Child SA, and the IKE SA while the client does so too. Then it deletes both Child SAs on the old
 * one, which waits for the kernel, and goes on with the new one: that the client goes down is found out amid this. */
static void
ended_undecided (gconstpointer data)
{
  const guint32 both[] = { SPI_FIRST, SPI_OURS };
  Next next = (Next) GPOINTER_TO_INT (data);
  Sim *sim = sim_new (7 + next);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);
  const IkeCrypto *crypto = &sim->crypto.table;
  g_auto (IkeBuilder) rekey = { 0 }, deletes = { 0 };
  g_autoptr (GBytes) public = NULL;

  nonce_octet = 0;
  peer->on_other = on_ike;
  client->config->ike_lifetime = 20 * IKE_SECOND;
  client->config->ike_rekey_margin = 5 * IKE_SECOND;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  send_rekey (peer);
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_hasten (client, "rekey");
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_assert (sim, crypto->ke_generate (crypto, IKE_KE_CURVE25519, &key, &public));
  ike_builder_init_inner (&rekey);
  write_rekey_ike (peer, &rekey, ike_chunk_bytes (public));
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &rekey);
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_assert (sim, !key && sim_count_ike (client) == 2 && sim_kernel_count (&client->kernel, FALSE) == 2);
  client->kernel_time = 100 * IKE_MILLISECOND;
  write_delete (&deletes, both, G_N_ELEMENTS (both));
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &deletes);
  send_next (peer, next);
  sim_run (sim, IKE_SECOND);
  sim_assert_reason (sim, client, PEER_DELETED);
  ike_keys_clear (&keys);
  sim_end (sim);
  sim_peer_free (peer);
}

static SimVerdict
mute (Sim *sim, SimPacket *packet, gpointer data)
{
  const SimHost *host = data;

  return ike_address_equal (&packet->from.address, &host->address) ? SIM_DROP : SIM_PASS;
}

/* Both make one in the place of one that is gone, and what one of them sends is late: the other end does not see that they
 * cross before it has its own. One is left. */
static void
test_crossed_late (void)
{
  for (guint i = 0; i < 40; i++)
    {
      Sim *sim = sim_new (9950 + i);
      SimHost *ends[] = { sim_client (sim), sim_gateway (sim) };

      for (guint end = 0; end < 2; end++)
        {
          ends[end]->config->role = IKE_ROLE_PEER;
          ends[end]->config->keep_trying = TRUE;
        }
      sim_start (ends[0]);
      sim_run (sim, IKE_SECOND);
      sim_start (ends[1]);
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert_agree (ends[0], ends[1], 1);
      sim_expire (ends[i & 1], sim_kernel_outbound (&ends[i & 1]->kernel)->spi, TRUE);
      sim_run (sim, IKE_MILLISECOND);
      sim->filter = mute;
      sim->filter_data = ends[i & 1];
      sim_run (sim, (i / 2 + 1) * 400 * IKE_MILLISECOND);
      sim->filter = NULL;
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert_agree (ends[0], ends[1], 1);
      sim_end (sim);
    }
}

/* Libreswan deletes its Child SAs with the IKE SA that has lost: whoever lost asks whether they are there. */
static void
test_loser_asks (void)
{
  guint losers = 0;

  for (guint seed = 1; seed <= 8; seed++)
    {
      Sim *sim = sim_new (seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint lost;

      client->config->child.lifetime = gateway->config->child.lifetime = 0;
      client->config->ike_lifetime = gateway->config->ike_lifetime = 2000 * IKE_SECOND;
      client->config->ike_rekey_margin = gateway->config->ike_rekey_margin = 100 * IKE_SECOND;
      sim_connect (sim, client, gateway);
      sim_hasten (client, "rekey");
      sim_hasten (gateway, "rekey");
      sim_run (sim, IKE_SECOND / 2);
      lost = sim_count_said (sim, "gateway [rekey] both ends rekeyed; ours stays");
      sim_assert (sim, lost + sim_count_said (sim, "client [rekey] both ends rekeyed; ours stays") == 1);
      sim_assert (sim, !sim_count_said (sim, "(rekey Child) request"));
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, sim_count_said (sim, "client [packet] sent CREATE_CHILD_SA (rekey Child) request") == lost);
      sim_assert (sim, sim_count_said (sim, "gateway [packet] sent CREATE_CHILD_SA (rekey Child) request") == !lost);
      sim_assert_agree (client, gateway, 1);
      losers |= 1u << lost;
      sim_end (sim);
    }
  g_assert_cmpuint (losers, ==, 3);
}

/* Libreswan sends at once by what its answer to our rekey has made, and the RFC lets it. The gateway does so here since its
 * old one has expired. Whoever has to delete the new one receives by it until the other end knows that. */
static void
test_loser_receives (void)
{
  guint lost = 0;

  for (guint seed = 1; seed <= 8; seed++)
    {
      Sim *sim = sim_new (seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      const SimSa *out, *in;
      guint32 old, spi;

      sim->latency = 250 * IKE_MILLISECOND;
      sim_connect (sim, client, gateway);
      old = sim_kernel_outbound (&gateway->kernel)->spi;
      sim_expire (client, old, FALSE);
      sim_expire (gateway, old, FALSE);
      /* both requests are answered, the answers are on their way */
      sim_run (sim, 300 * IKE_MILLISECOND);
      sim_expire (gateway, old, TRUE);
      sim_run (sim, 50 * IKE_MILLISECOND);
      spi = sim_kernel_outbound (&gateway->kernel)->spi;
      sim_assert (sim, spi != old);
      sim_run (sim, 200 * IKE_MILLISECOND);
      out = sim_kernel_find (&gateway->kernel, spi, TRUE);
      in = sim_kernel_find (&client->kernel, spi, FALSE);
      sim_assert (sim, out && in && !in->larval && sim_sa_matches (out, in));
      if (sim_count_said (sim, "client [child] both ends rekeyed; the peer's Child SA stays"))
        {
          lost++;
          /* our half of it sends nothing, and the policies are not its */
          sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 1 && client->kernel.policies->len == 1);
          sim_assert (sim, sim_kernel_outbound (&client->kernel)->spi != spi);
        }
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
  g_assert_cmpuint (lost, >, 0);
  g_assert_cmpuint (lost, <, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/collision/peer-lowest", test_peer_lowest);
  g_test_add_func ("/sim/collision/client-lowest", test_client_lowest);
  g_test_add_data_func ("/sim/collision/ended-undecided/delete-child", GINT_TO_POINTER (DELETE_CHILD), ended_undecided);
  g_test_add_data_func ("/sim/collision/ended-undecided/create-child", GINT_TO_POINTER (CREATE_CHILD), ended_undecided);
  g_test_add_data_func ("/sim/collision/ended-undecided/rekey-again", GINT_TO_POINTER (REKEY_AGAIN), ended_undecided);
  g_test_add_func ("/collision/crossed-late", test_crossed_late);
  g_test_add_func ("/sim/collision/loser-asks", test_loser_asks);
  g_test_add_func ("/sim/collision/loser-receives", test_loser_receives);
  return g_test_run ();
}
