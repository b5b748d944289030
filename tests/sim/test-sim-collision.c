/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends rekey the same Child SA at once, and the other end is a script that chooses its nonces: RFC 7296 section
 * 2.8.1 says that what was created with the lowest of the four is closed by whoever created it.
 */
#include "sim-peer.h"

#include "wire/payload-delete.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"

#define SPI_FIRST 0x12345678 /* of the Child SA that sim-peer.c makes */
#define SPI_OURS 0xaaaa0001 /* of what the script rekeys */
#define SPI_ANSWER 0xaaaa0002 /* of the script's answer to the client */

static guint8 nonce_octet;
static guint32 deleted[8];
static guint n_deleted;

static void
write_rest (IkeBuilder *builder, const IkePayloads *payloads, gboolean swap)
{
  guint8 nonce[32];
  IkeChunk tsi = ike_payloads_find (payloads, IKE_PAYLOAD_TSI)->body,
           tsr = ike_payloads_find (payloads, IKE_PAYLOAD_TSR)->body;

  memset (nonce, nonce_octet, sizeof nonce);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (builder, IKE_PAYLOAD_TSI, swap ? tsr : tsi);
  ike_builder_add (builder, IKE_PAYLOAD_TSR, swap ? tsi : tsr);
}

static void
send_rekey (SimPeer *peer, const IkePayloads *payloads)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  guint32 spi = GUINT32_TO_BE (SPI_OURS);
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, SPI_FIRST);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  write_rest (&builder, payloads, TRUE);
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
}

static void
send_answer (SimPeer *peer, guint32 id, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  sim_peer_choose_child (peer, &builder, payloads, SPI_ANSWER);
  write_rest (&builder, payloads, FALSE);
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
      send_rekey (peer, payloads);
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
  Sim *sim = sim_new (octet);
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
  sim_assert (client->sim, !sim_kernel_find (&client->kernel, deleted[0], FALSE));
  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
  ike_builder_end (&builder);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  sim_run (client->sim, 10 * IKE_SECOND);
  sim_assert (client->sim, sim_kernel_count (&client->kernel, TRUE) == 1);
  sim_assert (client->sim, sim_kernel_outbound (&client->kernel)->spi == SPI_OURS);
  sim_end (client->sim);
  sim_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/collision/peer-lowest", test_peer_lowest);
  g_test_add_func ("/sim/collision/client-lowest", test_client_lowest);
  return g_test_run ();
}
