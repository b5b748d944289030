/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that are authentic and malformed, or not as usual: what ends the IKE SA, what is told to the peer, and what is put
 * up with. RFC 7296 sections 1.4.1, 2.21, 3.11, 3.14. */
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include "crypto/sk.h"
#include "wire/payload-delete.h"
#include "wire/payload-ke.h"
#include "wire/payload-sa.h"

#define SPI_FIRST 0x12345678 /* of the Child SA that sim-peer.c makes */
#define SPI_FRESH 0xaaaa0002

static guint answers, answer_payloads;
static guint16 said; /* the first notification of the last answer */
static gboolean silent; /* it does not answer */

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  guint index = 0;
  IkeNotify notify;

  if (!(header->flags & IKE_FLAG_RESPONSE) && header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      sim_peer_answer_child (peer, header->message_id, payloads, SPI_FRESH);
      return TRUE;
    }
  if (!(header->flags & IKE_FLAG_RESPONSE))
    return silent;
  answers++;
  answer_payloads = payloads->n;
  said = ike_notify_next (payloads, 0, &index, &notify) ? notify.type : 0;
  return TRUE;
}

static SimPeer *
established (guint64 seed, SimHost **ret_client)
{
  Sim *sim = sim_new (seed);
  SimPeer *peer;

  *ret_client = sim_client (sim);
  peer = sim_peer_new (sim);
  peer->on_other = on_other;
  answers = 0;
  silent = FALSE;
  sim_start (*ret_client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, *ret_client, IKE_SECOND));
  return peer;
}

static void
request (SimPeer *peer, IkeExchange exchange, IkeBuilder *builder)
{
  guint before = answers;

  sim_peer_request (peer, exchange, builder);
  sim_run (peer->sim, IKE_SECOND);
  sim_assert (peer->sim, answers == before + 1);
}

static void
end (SimPeer *peer)
{
  sim_end (peer->sim);
  sim_peer_free (peer);
}

/* Section 2.21.2: the other end found fault with IKE_AUTH after we thought all was well; no Delete payload follows. */
static void
test_fault (void)
{
  static const struct {
    IkeNotifyType type;
    IkeReasonCode reason;
  } rows[] = {
    { IKE_NOTIFY_AUTHENTICATION_FAILED, IKE_REASON_PEER_REFUSED_US },
    { IKE_NOTIFY_INVALID_SYNTAX, IKE_REASON_PEER_SYNTAX },
    { IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, IKE_REASON_PEER_SYNTAX },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SimHost *client;
      SimPeer *peer = established (1 + i, &client);
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, rows[i].type, ike_chunk ("!", 1));
      request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
      sim_assert (peer->sim, !said && !answer_payloads);
      sim_assert (peer->sim, client->downs == 1 && client->reason.code == rows[i].reason);
      sim_assert (peer->sim, client->reason.notify == rows[i].type);
      end (peer);
    }
}

/* ---- Delete ---- */

/* Section 3.11. Nothing of a message is done that has a bad one in it, and the IKE SA is over. */
static void
test_delete (void)
{
  static const struct {
    const char *octets;
    gsize len;
    IkeReasonCode reason;
  } rows[] = {
    { "\3\4\0\2\x12\x34\x56\x78", 8, IKE_REASON_BAD_MESSAGE },
    { "\3\x8\0\1\x12\x34\x56\x78\0\0\0\0", 12, IKE_REASON_BAD_MESSAGE },
    { "\3\4", 2, IKE_REASON_BAD_MESSAGE },
    { "\7\4\0\0", 4, IKE_REASON_BAD_MESSAGE },
    /* that of the IKE SA has nothing that could be wrong */
    { "\1\x8\0\1\x12\x34\x56\x78\x12\x34\x56\x78", 12, IKE_REASON_PEER_DELETED },
    { "\1\0\0\1", 4, IKE_REASON_PEER_DELETED },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (rows); i++)
    {
      IkeReasonCode reason = rows[i / 2].reason;
      guint32 other = 0x99999999;
      SimHost *client;
      SimPeer *peer = established (10 + i, &client);
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      if (i & 1)
        {
          ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &other, 1);
          ike_builder_end (&builder);
        }
      ike_builder_add (&builder, IKE_PAYLOAD_DELETE, ike_chunk (rows[i / 2].octets, rows[i / 2].len));
      request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
      sim_assert (peer->sim, said == (reason == IKE_REASON_BAD_MESSAGE ? IKE_NOTIFY_INVALID_SYNTAX : 0));
      sim_assert (peer->sim, client->downs == 1 && client->reason.code == reason && !client->kernel.sas->len);
      end (peer);
    }
}

/* Section 1.4.1: two that cross. What leaves by it does not wait for the answer to our own. */
static void
test_crossing_deletes (void)
{
  const guint32 spi = SPI_FIRST;
  SimHost *client;
  SimPeer *peer = established (30, &client);
  g_auto (IkeBuilder) builder = { 0 };

  silent = TRUE;
  sim_expire (client, SPI_FIRST, FALSE);
  sim_run (peer->sim, IKE_SECOND);
  /* the old one is being deleted */
  sim_assert (peer->sim, sim_kernel_count (&client->kernel, TRUE) == 2);
  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
  ike_builder_end (&builder);
  request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  /* our own request names it; what arrives by it is still let in */
  sim_assert (peer->sim, !answer_payloads && sim_kernel_count (&client->kernel, FALSE) == 2);
  sim_assert (peer->sim, sim_kernel_count (&client->kernel, TRUE) == 1);
  sim_assert (peer->sim, sim_kernel_outbound (&client->kernel)->spi == SPI_FRESH);
  end (peer);
}

/* ---- CREATE_CHILD_SA ---- */

enum { BAD_NOTHING, BAD_SA, BAD_NONCE, BAD_KE, BAD_TS, N_BAD };

static void
write_create (SimPeer *peer, IkeBuilder *builder, guint bad, gboolean ike)
{
  static const guint8 nonce[32] = { 1 };
  IkeProtocolId protocol = ike ? IKE_PROTOCOL_IKE : IKE_PROTOCOL_ESP;
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, protocol, TRUE);
  IkeKe ke = { .group = IKE_KE_CURVE25519, .data = ike_chunk (nonce, bad == BAD_KE ? 0 : 32) };

  if (bad == BAD_SA)
    ike_builder_add (builder, IKE_PAYLOAD_SA, ike_chunk ("\0\0\0\5", 4));
  else
    {
      ike_sa_write (ike_builder_begin (builder, IKE_PAYLOAD_SA), proposals, ike_chunk ("12345678", ike ? 8 : 4));
      ike_builder_end (builder);
    }
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, bad == BAD_NONCE ? 8 : sizeof nonce));
  ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (builder);
  if (ike)
    return;
  ike_builder_add (builder, IKE_PAYLOAD_TSI, bad == BAD_TS ? ike_chunk ("\1\0\0", 4) : ike_chunk_bytes (peer->tsr));
  ike_builder_add (builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (peer->tsi));
}

static void
test_create (void)
{
  for (guint bad = 0; bad < 2 * N_BAD; bad++)
    {
      gboolean ike = bad & 1;
      SimHost *client;
      SimPeer *peer = established (40 + bad, &client);
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      if (!ike)
        ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, SPI_FIRST);
      write_create (peer, &builder, bad / 2, ike);
      if (ike && bad / 2 == BAD_TS)
        ike_builder_notify (&builder, (IkeNotifyType) 40960, ike_chunk ("harmless", 8));
      request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
      if (bad / 2 == BAD_NOTHING || (ike && bad / 2 == BAD_TS))
        sim_assert (peer->sim, !said && !client->downs);
      else
        {
          sim_assert (peer->sim, said == IKE_NOTIFY_INVALID_SYNTAX);
          sim_assert_reason (peer->sim, client, BAD_MESSAGE);
        }
      end (peer);
    }
}

/* What arrives of a server's request is malformed, and the client says so: the server keeps nothing that the client has not. */
static void
test_server (void)
{
  Sim *sim = sim_new (55);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_connect (sim, client, gateway);
  /* the first payload is REKEY_SA; the length of its SPI is as wrong as can be */
  sim->crypto.mangle_after = 0;
  sim->crypto.mangle_at = 5;
  sim->crypto.mangle_with = 0xff;
  sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, FALSE);
  sim_run (sim, IKE_SECOND);
  sim_assert_reason (sim, client, BAD_MESSAGE);
  sim_assert (sim, strstr (sim->transcript->str, "a peer is gone: PEER_SYNTAX"));
  sim_assert (sim, !sim_count_ike (gateway) && !gateway->kernel.sas->len && !gateway->downs);
  sim_end (sim);
}

/* ---- not as usual ---- */

/* Section 3.14: SK is the last payload, not the only one. What stands before it is nobody's word. */
static void
test_clear_before (void)
{
  static const IkeSkBefore before[] = { { IKE_PAYLOAD_VENDOR, { (const guint8 *) "some vendor", 11 } },
                                        { IKE_PAYLOAD_DELETE, { (const guint8 *) "\1\0\0\0", 4 } },
                                        { IKE_PAYLOAD_NOTIFY, { (const guint8 *) "\0\0\0\7", 4 } },
                                        { 250, { (const guint8 *) "unknown", 7 } } };
  SimHost *client;
  SimPeer *peer = established (60, &client);

  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    {
      IkeHeader header = { .spi_i = peer->spi_i,
                           .spi_r = peer->spi_r,
                           .version = IKE_VERSION_2,
                           .exchange = IKE_EXCHANGE_INFORMATIONAL,
                           .message_id = i };
      g_autoptr (GPtrArray) datagrams =
          ike_sk_seal_after (&peer->sim->crypto.table, &peer->keys, FALSE, &header, &before[i], IKE_PAYLOAD_NONE,
                             ike_chunk (NULL, 0), &peer->iv, 0);

      sim_send (peer->sim, &peer->to, &peer->from, peer->natt, datagrams->pdata[0], 0);
      sim_run (peer->sim, IKE_SECOND);
      sim_assert (peer->sim, answers == i + 1 && !said && !answer_payloads);
    }
  sim_assert (peer->sim, !client->downs);
  end (peer);
}

static SimVerdict
append (Sim *sim, SimPacket *packet, gpointer data)
{
  gsize len;
  const guint8 *octets = g_bytes_get_data (packet->data, &len);
  guint8 *longer = g_malloc0 (len + 4);

  memcpy (longer, octets, len);
  g_bytes_unref (packet->data);
  packet->data = g_bytes_new_take (longer, len + 4);
  return SIM_PASS;
}

/* A connection has lengths of its own, which are not mistaken (RFC 9329). */
static void
test_longer_by_tcp (void)
{
  Sim *sim = sim_new (75);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeInput *input = g_new0 (IkeInput, 1);

  sim->filter = append;
  input->type = IKE_INPUT_START;
  input->connection = client->id;
  input->path = input->natt_path =
      (IkePath){ IKE_TRANSPORT_TCP, { client->address, 40001 }, { gateway->address, SIM_TCP_PORT } };
  sim_listen (gateway);
  sim_engine_add (client, g_steal_pointer (&client->config));
  sim_input (client, input);
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, !client->ups && strstr (sim->transcript->str, "a first message that is malformed"));
  sim_end (sim);
}

/* Octets behind the end that the header tells, as Cisco sends them: of no consequence. */
static void
test_longer (void)
{
  for (guint fragments = 0; fragments < 2; fragments++)
    {
      Sim *sim = sim_new (70 + fragments);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim->filter = append;
      client->config->fragment_size = fragments ? 576 : 0;
      sim_signatures (client, gateway);
      sim_connect (sim, client, gateway);
      sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, strstr (sim->transcript->str, "(rekeyed) is up"));
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/syntax/fault", test_fault);
  g_test_add_func ("/sim/syntax/delete", test_delete);
  g_test_add_func ("/sim/syntax/crossing-deletes", test_crossing_deletes);
  g_test_add_func ("/sim/syntax/create", test_create);
  g_test_add_func ("/sim/syntax/server", test_server);
  g_test_add_func ("/sim/syntax/clear-before", test_clear_before);
  g_test_add_func ("/sim/syntax/longer", test_longer);
  g_test_add_func ("/sim/syntax/longer-by-tcp", test_longer_by_tcp);
  return g_test_run ();
}
