/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-attacker.h"

#include "crypto/auth.h"
#include "crypto/sk.h"
#include "sim-internal.h"
#include "wire/payload-auth.h"
#include "wire/payload-cp.h"
#include "wire/payload-delete.h"
#include "wire/payload-id.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"
#include "wire/payload-ts.h"

static const guint8 attacker_nonce[32] = { 7 };

static IkeSuite
attacker_suite (const SimAttacker *attacker)
{
  return (IkeSuite){ .protocol = IKE_PROTOCOL_IKE,
                     .encr = IKE_ENCR_AES_GCM_16,
                     .encr_bits = 256,
                     .prf = IKE_PRF_HMAC_SHA2_256,
                     .ke = attacker->group };
}

static void
attacker_on_init (SimAttacker *attacker, const IkeMessage *message)
{
  const IkeCrypto *crypto = &attacker->sim->crypto.table;
  IkeSuite suite = attacker_suite (attacker);
  IkeKeyInput input = { .ni = attacker_nonce, .ni_len = sizeof attacker_nonce };
  const IkePayload *ke_payload = ike_payloads_find (&message->payloads, IKE_PAYLOAD_KE);
  g_autoptr (IkeSecret) shared = NULL;
  g_autoptr (GBytes) value = NULL;
  IkeNotify notify;
  IkeChunk nonce;
  IkeKe ke;

  attacker->inits++;
  if (!ke_payload)
    {
      if (ike_notify_find (&message->payloads, IKE_NOTIFY_COOKIE, &notify))
        attacker->cookie = ike_chunk_dup (notify.data);
      if (ike_notify_find_error (&message->payloads, &notify))
        attacker->refusal = notify.type;
      return;
    }
  sim_assert (attacker->sim, ike_ke_parse (ke_payload->body, &ke));
  sim_assert (attacker->sim, ike_nonce_parse (ike_payloads_find (&message->payloads, IKE_PAYLOAD_NONCE)->body, &nonce));
  value = ike_chunk_dup (ke.data);
  shared = attacker->key ? crypto->ke_finish (crypto, attacker->key, value) : NULL;
  sim_assert (attacker->sim, shared != NULL);
  attacker->spi_r = message->header.spi_r;
  attacker->next_id = 1;
  g_clear_pointer (&attacker->nr, g_bytes_unref);
  attacker->nr = ike_chunk_dup (nonce);
  input.nr = nonce.data;
  input.nr_len = nonce.len;
  input.spi_i = attacker->spi_i;
  input.spi_r = attacker->spi_r;
  ike_keys_clear (&attacker->keys);
  sim_assert (attacker->sim, ike_keys_derive (&attacker->keys, crypto, &suite, shared, &input));
}

static void protect (SimAttacker *attacker, IkeExchange exchange, guint32 id, IkeBuilder *inner);

static void
send_delete (SimAttacker *attacker, guint32 spi)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), spi ? IKE_PROTOCOL_ESP : IKE_PROTOCOL_IKE, &spi,
                    spi ? 1 : 0);
  ike_builder_end (&builder);
  protect (attacker, IKE_EXCHANGE_INFORMATIONAL, attacker->next_id++, &builder);
}

/* What it has rekeyed has its keys from this answer on. */
static void
attacker_on_rekeyed (SimAttacker *attacker, const IkePayloads *payloads)
{
  const IkeCrypto *crypto = &attacker->sim->crypto.table;
  const IkeSuite suite = attacker_suite (attacker);
  IkeKeyInput input = { .ni = attacker_nonce, .ni_len = sizeof attacker_nonce, .spi_i = attacker->spi_i + 1 };
  g_autoptr (IkeSecret) shared = NULL;
  g_autoptr (GBytes) value = NULL;
  g_auto (IkeSa) sa = { 0 };
  IkeKeys keys = { 0 };
  IkeReader spi;
  IkeChunk nonce;
  IkeKe ke;

  sim_assert (attacker->sim, ike_ke_parse (ike_payloads_find (payloads, IKE_PAYLOAD_KE)->body, &ke) &&
                                 ike_nonce_parse (ike_payloads_find (payloads, IKE_PAYLOAD_NONCE)->body, &nonce) &&
                                 ike_sa_parse (ike_payloads_find (payloads, IKE_PAYLOAD_SA)->body, &sa));
  value = ike_chunk_dup (ke.data);
  shared = crypto->ke_finish (crypto, attacker->key, value);
  spi = ike_reader (ike_sa_proposal (&sa, 0)->spi);
  input.spi_r = ike_read_u64 (&spi);
  input.nr = nonce.data;
  input.nr_len = nonce.len;
  sim_assert (attacker->sim, shared && ike_keys_rekey (&keys, crypto, &attacker->keys, &suite, shared, &input));
  if (attacker->tidy)
    send_delete (attacker, 0);
  ike_keys_clear (&attacker->keys);
  attacker->keys = keys;
  attacker->spi_i = input.spi_i;
  attacker->spi_r = input.spi_r;
  attacker->next_id = 0;
}

static void
count_addresses (SimAttacker *attacker, const IkePayload *payload)
{
  IkeCp cp;
  IkeCpAttr attr;
  gsize offset = 0;

  if (!payload || !ike_cp_parse (payload->body, &cp))
    return;
  while (ike_cp_next (&cp, &offset, &attr))
    {
      attacker->addresses4 += attr.type == IKE_CP_ATTR_INTERNAL_IP4_ADDRESS;
      attacker->addresses6 += attr.type == IKE_CP_ATTR_INTERNAL_IP6_ADDRESS;
    }
}

static void
attacker_on_answer (SimAttacker *attacker, const IkeMessage *message, GBytes *datagram)
{
  g_auto (IkeSkOpened) opened = { 0 };
  g_autofree IkePayloads *inner = g_new0 (IkePayloads, 1);
  const IkePayload *payload;
  IkeNotify notify;
  IkeDelete del;

  if (message->header.spi_r != attacker->spi_r || !(message->header.flags & IKE_FLAG_RESPONSE) ||
      ike_sk_open (&opened, &attacker->sim->crypto.table, &attacker->keys, FALSE, ike_chunk_bytes (datagram),
                   &message->payloads.at[0]) != IKE_SK_OK ||
      ike_payloads_parse (opened.first_inner, ike_secret_chunk (opened.inner), inner) != IKE_PARSE_OK)
    return;
  attacker->said =
      ike_notify_find_error (inner, &notify) || ike_notify_find (inner, IKE_NOTIFY_REDIRECT, &notify) ? notify.type : 0;
  attacker->found += attacker->look_for && ike_notify_find (inner, attacker->look_for, &notify);
  count_addresses (attacker, ike_payloads_find (inner, IKE_PAYLOAD_CP));
  payload = ike_payloads_find (inner, IKE_PAYLOAD_DELETE);
  if (payload && ike_delete_parse (payload->body, &del))
    attacker->deleted = del.n_spis;
  g_clear_pointer (&attacker->eap_packet, g_bytes_unref);
  payload = ike_payloads_find (inner, IKE_PAYLOAD_EAP);
  if (payload)
    attacker->eap_packet = ike_chunk_dup (payload->body);
  if (message->header.exchange == IKE_EXCHANGE_CREATE_CHILD_SA && ike_payloads_find (inner, IKE_PAYLOAD_KE))
    attacker_on_rekeyed (attacker, inner);
}

static void
attacker_packet (SimHost *host, const SimPacket *packet, gpointer data)
{
  SimAttacker *attacker = data;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);

  if (!packet)
    {
      ike_keys_clear (&attacker->keys);
      g_clear_pointer (&attacker->first, g_bytes_unref);
      g_clear_pointer (&attacker->nr, g_bytes_unref);
      g_clear_pointer (&attacker->cookie, g_bytes_unref);
      g_clear_pointer (&attacker->eap_packet, g_bytes_unref);
      if (attacker->key)
        attacker->sim->crypto.table.ke_free (&attacker->sim->crypto.table, g_steal_pointer (&attacker->key));
      return;
    }
  if (ike_message_parse (ike_chunk_bytes (packet->data), message) != IKE_PARSE_OK)
    return;
  if (message->header.exchange == IKE_EXCHANGE_IKE_SA_INIT)
    attacker_on_init (attacker, message);
  else
    {
      attacker->others++;
      attacker_on_answer (attacker, message, packet->data);
    }
}

static void
attacker_transmit (SimAttacker *attacker, GBytes *data)
{
  IkePath path = { IKE_TRANSPORT_UDP, { attacker->host->address, 500 }, { attacker->gateway->address, 500 } };

  sim_transmit (attacker->host, &path, data, IKE_PIECES_USUAL);
}

static void
send_init (SimAttacker *attacker)
{
  const IkeCrypto *crypto = &attacker->sim->crypto.table;
  IkeTransform transforms[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256 },
                                { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
                                { IKE_TRANSFORM_KE, attacker->proposal_group, 0 } };
  IkeTransform addke = { IKE_TRANSFORM_ADDKE1, attacker->addke, 0 };
  IkeProposal *proposal = ike_proposal_new (IKE_PROTOCOL_IKE);
  g_autoptr (GPtrArray) proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  IkeHeader header = { .spi_i = attacker->spi_i,
                       .version = IKE_VERSION_2,
                       .exchange = IKE_EXCHANGE_IKE_SA_INIT,
                       .flags = IKE_FLAG_INITIATOR };
  g_autoptr (GBytes) mine = NULL;
  g_autoptr (GBytes) message = NULL;
  IkeKe ke = { .group = attacker->group };
  g_auto (IkeBuilder) builder = { 0 };

  g_array_append_vals (proposal->transforms, transforms, G_N_ELEMENTS (transforms));
  if (addke.id)
    g_array_append_val (proposal->transforms, addke);
  g_ptr_array_add (proposals, proposal);
  ke.data = attacker->value;
  if (!ke.data.len)
    {
      if (attacker->key)
        crypto->ke_free (crypto, g_steal_pointer (&attacker->key));
      sim_assert (attacker->sim, crypto->ke_generate (crypto, attacker->group, &attacker->key, &mine));
      ke.data = ike_chunk_bytes (mine);
    }
  ike_builder_init (&builder, &header);
  if (attacker->cookie)
    ike_builder_notify (&builder, IKE_NOTIFY_COOKIE, ike_chunk_bytes (attacker->cookie));
  g_clear_pointer (&attacker->cookie, g_bytes_unref);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), attacker->offer ? attacker->offer : proposals,
                ike_chunk (NULL, 0));
  ike_builder_end (&builder);
  ike_ke_write (ike_builder_begin (&builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (attacker_nonce, sizeof attacker_nonce));
  if (addke.id)
    ike_builder_notify (&builder, IKE_NOTIFY_INTERMEDIATE_EXCHANGE_SUPPORTED, ike_chunk (NULL, 0));
  if (attacker->redirectable)
    ike_builder_notify (&builder, IKE_NOTIFY_REDIRECT_SUPPORTED, ike_chunk (NULL, 0));
  message = ike_builder_finish (&builder);
  g_clear_pointer (&attacker->first, g_bytes_unref);
  attacker->first = g_bytes_ref (message);
  attacker_transmit (attacker, message);
  sim_run (attacker->sim, attacker->patience);
}

void
sim_attacker_init (SimAttacker *attacker)
{
  send_init (attacker);
  if (attacker->cookie)
    send_init (attacker);
}

GBytes *
sim_attacker_auth (const SimAttacker *attacker, const IkeIdentity *identity, const char *psk)
{
  const IkeCrypto *crypto = &attacker->sim->crypto.table;
  g_autoptr (IkeSecret) secret = psk ? ike_secret_new_from (psk, strlen (psk)) : NULL;
  g_auto (IkeWriter) id = IKE_WRITER (IKE_MAX_ID);
  g_autoptr (GBytes) octets = NULL;

  ike_id_write (&id, identity);
  octets = ike_auth_octets (crypto, &attacker->keys, TRUE, attacker->first, attacker->nr, ike_writer_chunk (&id).data,
                            ike_writer_len (&id));
  return secret ? ike_auth_mac (crypto, attacker->keys.prf, secret, octets)
                : ike_auth_mac_sk_p (crypto, &attacker->keys, TRUE, octets);
}

static void
protect (SimAttacker *attacker, IkeExchange exchange, guint32 id, IkeBuilder *inner)
{
  IkeHeader header = { .spi_i = attacker->spi_i,
                       .spi_r = attacker->spi_r,
                       .version = IKE_VERSION_2,
                       .exchange = (guint8) exchange,
                       .flags = IKE_FLAG_INITIATOR,
                       .message_id = id };
  g_autoptr (GBytes) chain = ike_builder_finish (inner);
  g_autoptr (GPtrArray) datagrams = ike_sk_seal (&attacker->sim->crypto.table, &attacker->keys, TRUE, &header,
                                                 inner->first, ike_chunk_bytes (chain), &attacker->iv, 0);

  attacker_transmit (attacker, datagrams->pdata[0]);
}

void
sim_attacker_send (SimAttacker *attacker, IkeExchange exchange, guint32 id, IkeBuilder *inner)
{
  protect (attacker, exchange, id, inner);
  sim_run (attacker->sim, attacker->patience);
}

void
sim_attacker_delete (SimAttacker *attacker, guint32 spi)
{
  send_delete (attacker, spi);
  sim_run (attacker->sim, attacker->patience);
}

static void
write_child (SimAttacker *attacker, IkeBuilder *builder, guint omit, gboolean nonce)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&attacker->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  g_autoptr (GArray) ts = g_array_new (FALSE, TRUE, sizeof (IkeSelector));
  IkeSelector all = { { IKE_FAMILY_IP4, { 0 } }, { IKE_FAMILY_IP4, { 255, 255, 255, 255 } }, 0, 0, 65535 };
  const guint32 number = SIM_ATTACKER_SPI + attacker->next_spi++, spi = GUINT32_TO_BE (number);

  g_array_append_val (ts, all);
  if (!(omit & 1))
    {
      ike_sa_write (ike_builder_begin (builder, IKE_PAYLOAD_SA), attacker->offer ? attacker->offer : proposals,
                    ike_chunk (&spi, sizeof spi));
      ike_builder_end (builder);
    }
  if (nonce)
    ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk (attacker_nonce, sizeof attacker_nonce));
  for (guint i = 0; i < 2; i++)
    {
      if (omit & 2u << i)
        continue;
      ike_ts_write (ike_builder_begin (builder, i ? IKE_PAYLOAD_TSR : IKE_PAYLOAD_TSI), ts, ike_chunk (NULL, 0));
      ike_builder_end (builder);
    }
}

void
sim_attacker_write_no_nats (const SimAttacker *attacker, IkeBuilder *builder)
{
  g_auto (IkeWriter) writer = IKE_WRITER (36);

  ike_write_chunk (&writer, ike_address_chunk (&attacker->host->address));
  ike_write_chunk (&writer, ike_address_chunk (&attacker->gateway->address));
  ike_write_u16 (&writer, 500);
  ike_write_u16 (&writer, 500);
  ike_builder_notify (builder, IKE_NOTIFY_NO_NATS_ALLOWED, ike_writer_chunk (&writer));
}

static IkeWriter *
begin_cp (IkeBuilder *builder)
{
  IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_CP);

  ike_cp_write (writer, IKE_CP_REQUEST);
  return writer;
}

void
sim_attacker_enter (SimAttacker *attacker, gboolean cp)
{
  g_autoptr (IkeIdentity) identity =
      attacker->nobody ? ike_identity_new (IKE_ID_NULL, "", 0) : ike_identity_new (IKE_ID_FQDN, "client.example", 14);
  const char *psk = attacker->psk ? attacker->psk : attacker->gateway->psk;
  g_autoptr (GBytes) mac = sim_attacker_auth (attacker, identity, attacker->nobody ? NULL : psk);
  const IkeAuthPayload auth = { .method = attacker->nobody ? IKE_AUTH_METHOD_NULL : IKE_AUTH_METHOD_SHARED_KEY,
                                .data = ike_chunk_bytes (mac) };
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_id_write (ike_builder_begin (&builder, IKE_PAYLOAD_IDI), identity);
  ike_builder_end (&builder);
  if (!attacker->eap)
    {
      ike_auth_write (ike_builder_begin (&builder, IKE_PAYLOAD_AUTH), &auth);
      ike_builder_end (&builder);
    }
  if (cp)
    {
      ike_cp_write_attr (begin_cp (&builder), IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, ike_chunk (NULL, 0));
      ike_builder_end (&builder);
    }
  write_child (attacker, &builder, attacker->omit, FALSE);
  if (attacker->mobike)
    ike_builder_notify (&builder, IKE_NOTIFY_MOBIKE_SUPPORTED, ike_chunk (NULL, 0));
  if (attacker->no_nats)
    sim_attacker_write_no_nats (attacker, &builder);
  if (attacker->write_more)
    attacker->write_more (&builder);
  sim_attacker_send (attacker, IKE_EXCHANGE_IKE_AUTH, attacker->next_id++, &builder);
}

void
sim_attacker_child (SimAttacker *attacker)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (attacker->rekeyed)
    {
      const guint32 spi = GUINT32_TO_BE (attacker->rekeyed);
      const IkeNotify notify = { .protocol = IKE_PROTOCOL_ESP,
                                 .type = IKE_NOTIFY_REKEY_SA,
                                 .spi = ike_chunk (&spi, sizeof spi) };

      ike_notify_write (ike_builder_begin (&builder, IKE_PAYLOAD_NOTIFY), &notify);
      ike_builder_end (&builder);
    }
  write_child (attacker, &builder, 0, TRUE);
  sim_attacker_send (attacker, IKE_EXCHANGE_CREATE_CHILD_SA, attacker->next_id++, &builder);
}

void
sim_attacker_rekey (SimAttacker *attacker)
{
  const IkeCrypto *crypto = &attacker->sim->crypto.table;
  g_autoptr (GPtrArray) proposals = ike_proposals_default (crypto, IKE_PROTOCOL_IKE, FALSE);
  const guint64 spi = GUINT64_TO_BE (attacker->spi_i + 1);
  g_autoptr (GBytes) mine = NULL;
  g_auto (IkeBuilder) builder = { 0 };
  IkeKe ke = { .group = attacker->group };

  if (attacker->key)
    crypto->ke_free (crypto, g_steal_pointer (&attacker->key));
  sim_assert (attacker->sim, crypto->ke_generate (crypto, attacker->group, &attacker->key, &mine));
  ke.data = ike_chunk_bytes (mine);
  ike_builder_init_inner (&builder);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), attacker->offer ? attacker->offer : proposals,
                ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (attacker_nonce, sizeof attacker_nonce));
  ike_ke_write (ike_builder_begin (&builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (&builder);
  sim_attacker_send (attacker, IKE_EXCHANGE_CREATE_CHILD_SA, attacker->next_id++, &builder);
}

void
sim_write_child_request (IkeBuilder *builder, const IkeCrypto *crypto, guint32 spi)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (crypto, IKE_PROTOCOL_ESP, FALSE);
  g_autoptr (GArray) ts = g_array_new (FALSE, TRUE, sizeof (IkeSelector));
  IkeSelector selector = { sim_address ("10.0.0.0"), sim_address ("10.255.255.255"), 0, 0, 65535 };
  static const guint8 nonce[32] = { 1 };

  g_array_append_val (ts, selector);
  ike_sa_write (ike_builder_begin (builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, 4));
  ike_builder_end (builder);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_ts_write (ike_builder_begin (builder, IKE_PAYLOAD_TSI), ts, ike_chunk (NULL, 0));
  ike_builder_end (builder);
  ike_ts_write (ike_builder_begin (builder, IKE_PAYLOAD_TSR), ts, ike_chunk (NULL, 0));
  ike_builder_end (builder);
}

static void
write_rekey_ike (IkeBuilder *builder, const IkeCrypto *crypto)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (crypto, IKE_PROTOCOL_IKE, FALSE);
  static const guint8 octets[32] = { 1 };
  guint64 spi = 0x1122334455667788;
  IkeKe ke = { IKE_KE_CURVE25519, { octets, sizeof octets } };

  ike_sa_write (ike_builder_begin (builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, 8));
  ike_builder_end (builder);
  ike_builder_add (builder, IKE_PAYLOAD_NONCE, ike_chunk (octets, sizeof octets));
  ike_ke_write (ike_builder_begin (builder, IKE_PAYLOAD_KE), &ke);
  ike_builder_end (builder);
}

IkeExchange
sim_write_forbidden (guint which, IkeBuilder *builder, const IkeCrypto *crypto)
{
  ike_builder_init_inner (builder);
  switch (which)
    {
    case 0:
      sim_write_child_request (builder, crypto, 0x01020304);
      return IKE_EXCHANGE_CREATE_CHILD_SA;
    case 1:
      write_rekey_ike (builder, crypto);
      return IKE_EXCHANGE_CREATE_CHILD_SA;
    case 2:
      ike_delete_write (ike_builder_begin (builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_IKE, NULL, 0);
      ike_builder_end (builder);
      return IKE_EXCHANGE_INFORMATIONAL;
    case 3:
      ike_builder_notify (builder, IKE_NOTIFY_UPDATE_SA_ADDRESSES, ike_chunk (NULL, 0));
      return IKE_EXCHANGE_INFORMATIONAL;
    case 4:
      ike_cp_write_attr (begin_cp (builder), IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, ike_chunk (NULL, 0));
      ike_builder_end (builder);
      return IKE_EXCHANGE_INFORMATIONAL;
    default:
      return IKE_EXCHANGE_INFORMATIONAL;
    }
}

void
sim_attacker_prepare (SimAttacker *attacker, guint64 seed)
{
  *attacker = (SimAttacker){
    .sim = sim_new (seed),
    .group = IKE_KE_CURVE25519,
    .proposal_group = IKE_KE_CURVE25519,
    .spi_i = 0x4242,
    .patience = IKE_SECOND,
  };
  attacker->host = sim_scripted (attacker->sim, "attacker", "203.0.113.66", attacker_packet, attacker);
  attacker->gateway = sim_gateway (attacker->sim);
}

void
sim_attacker_new (SimAttacker *attacker, guint64 seed)
{
  sim_attacker_prepare (attacker, seed);
  sim_listen ((SimHost *) attacker->gateway);
}

void
sim_attacker_end (SimAttacker *attacker)
{
  sim_assert (attacker->sim, attacker->gateway->kernel.sas->len == 0 && attacker->gateway->ups == 0);
  /* the half-open IKE SA goes by itself */
  sim_run (attacker->sim, 40 * IKE_SECOND);
  sim_end (attacker->sim);
}
