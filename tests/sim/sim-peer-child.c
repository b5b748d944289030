/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scripted gateway's answers to CREATE_CHILD_SA for a Child SA. */
#include "sim-peer.h"

#include "wire/payload-sa.h"

void
sim_peer_choose_child (SimPeer *peer, IkeBuilder *builder, const IkePayloads *request, guint32 spi)
{
  g_autoptr (GPtrArray) ours = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP };
  guint32 octets = GUINT32_TO_BE (spi);
  g_auto (IkeSa) sa = { 0 };
  IkeProposal *chosen;
  IkeSuite suite;

  sim_assert (peer->sim, ike_sa_parse (ike_payloads_find (request, IKE_PAYLOAD_SA)->body, &sa));
  sim_assert (peer->sim, ike_proposal_choose (&suite, ours, &sa, &rule));
  chosen = ike_proposal_from_suite (&suite);
  ike_sa_write_chosen (ike_builder_begin (builder, IKE_PAYLOAD_SA), suite.number, IKE_PROTOCOL_ESP,
                       ike_chunk (&octets, sizeof octets), (const IkeTransform *) (gpointer) chosen->transforms->data,
                       chosen->transforms->len);
  ike_builder_end (builder);
  ike_proposal_free (chosen);
}

void
sim_peer_answer_child (SimPeer *peer, guint32 id, const IkePayloads *request, guint32 spi)
{
  static const guint8 nonce[32] = { 7 };
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (peer->transport)
    ike_builder_notify (&builder, IKE_NOTIFY_USE_TRANSPORT_MODE, ike_chunk (NULL, 0));
  if (peer->resource)
    ike_builder_notify (&builder, IKE_NOTIFY_SA_RESOURCE_INFO, ike_chunk ("anything", 8));
  sim_peer_choose_child (peer, &builder, request, spi);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_payloads_find (request, IKE_PAYLOAD_TSI)->body);
  ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_payloads_find (request, IKE_PAYLOAD_TSR)->body);
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
}
