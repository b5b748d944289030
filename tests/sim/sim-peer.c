/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-peer.h"

#include "crypto/auth.h"
#include "crypto/sig-scheme.h"
#include "crypto/sk.h"
#include "sim-internal.h"
#include "wire/payload-auth.h"
#include "wire/payload-cert.h"
#include "wire/payload-cp.h"
#include "wire/payload-eap.h"
#include "wire/payload-id.h"
#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"
#include "wire/payload-ts.h"

static const IkeCrypto *
crypto_of (SimPeer *peer)
{
  return &peer->sim->crypto.table;
}

/* ---- out ---- */

static void
transmit (SimPeer *peer, GBytes *data)
{
  IkePath path = { peer->natt ? IKE_TRANSPORT_NATT : IKE_TRANSPORT_UDP, peer->to, peer->from };

  sim_transmit (peer->host, &path, data, IKE_PIECES_USUAL);
}

void
sim_peer_send (SimPeer *peer, IkeExchange exchange, gboolean response, guint32 id, IkeBuilder *inner)
{
  IkeHeader header = {
    .spi_i = peer->spi_i,
    .spi_r = peer->spi_r,
    .version = IKE_VERSION_2,
    .exchange = (guint8) exchange,
    .flags = response ? IKE_FLAG_RESPONSE : 0,
    .message_id = id,
  };
  g_autoptr (GBytes) chain = ike_builder_finish (inner);
  g_autoptr (GPtrArray) datagrams = NULL;

  datagrams =
      ike_sk_seal (crypto_of (peer), &peer->keys, FALSE, &header, inner->first, ike_chunk_bytes (chain), &peer->iv, 0);
  g_assert (datagrams && datagrams->len == 1);
  transmit (peer, datagrams->pdata[0]);
}

void
sim_peer_request (SimPeer *peer, IkeExchange exchange, IkeBuilder *inner)
{
  sim_peer_send (peer, exchange, FALSE, peer->next_id++, inner);
}

void
sim_peer_init_notify (SimPeer *peer, guint64 spi_i, IkeNotifyType type, IkeChunk data)
{
  IkeHeader header = {
    .spi_i = spi_i, .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_RESPONSE
  };
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) message = NULL;

  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, type, data);
  message = ike_builder_finish (&builder);
  transmit (peer, message);
}

/* ---- puzzles: RFC 8019 ---- */

static void
write_puzzle (IkeBuilder *builder, gint bits)
{
  const guint8 data[] = { 0, IKE_PRF_HMAC_SHA2_256, (guint8) bits };

  if (bits >= 0)
    ike_builder_notify (builder, IKE_NOTIFY_PUZZLE, ike_chunk (data, sizeof data));
}

/* Section 8.2: four keys of one length, all different. */
static void
check_solution (SimPeer *peer, const IkePayload *payload, gint bits, IkeChunk octets)
{
  const IkePuzzle puzzle = { IKE_PRF_HMAC_SHA2_256, (guint8) bits };
  gsize len;

  sim_assert (peer->sim, payload && payload->body.len && payload->body.len % IKE_PUZZLE_KEYS == 0);
  len = payload->body.len / IKE_PUZZLE_KEYS;
  for (guint i = 0; i < IKE_PUZZLE_KEYS; i++)
    {
      IkeChunk key = ike_chunk (payload->body.data + i * len, len);

      sim_assert (peer->sim, ike_puzzle_check (crypto_of (peer), &puzzle, octets, key));
      for (guint j = 0; j < i; j++)
        sim_assert (peer->sim, !ike_chunk_equal (key, ike_chunk (payload->body.data + j * len, len)));
    }
  peer->solutions++;
}

/* ---- IKE_SA_INIT ---- */

static gboolean
init_refused (SimPeer *peer, const IkeMessage *message, guint16 group)
{
  IkeNotify notify;
  guint8 cookie[256];

  if (peer->redirect == SIM_REDIRECT_INIT || peer->redirect == SIM_REDIRECT_INIT_WRONG)
    {
      IkeChunk nonce = ike_payloads_find (&message->payloads, IKE_PAYLOAD_NONCE)->body;
      g_auto (IkeWriter) writer = IKE_WRITER (512);

      ike_write_chunk (&writer, peer->redirect_to);
      ike_write_chunk (&writer, nonce);
      if (peer->redirect == SIM_REDIRECT_INIT_WRONG)
        ike_writer_patch_u8 (&writer, peer->redirect_to.len, nonce.data[0] ^ 1u);
      sim_peer_init_notify (peer, message->header.spi_i, IKE_NOTIFY_REDIRECT, ike_writer_chunk (&writer));
      return TRUE;
    }
  if (peer->init_error)
    {
      sim_peer_init_notify (peer, message->header.spi_i, peer->init_error, peer->error_data);
      return TRUE;
    }
  if (peer->inits <= peer->cookies)
    {
      IkeHeader header = { .spi_i = message->header.spi_i,
                           .version = IKE_VERSION_2,
                           .exchange = IKE_EXCHANGE_IKE_SA_INIT,
                           .flags = IKE_FLAG_RESPONSE };
      g_auto (IkeBuilder) builder = { 0 };
      g_autoptr (GBytes) answer = NULL;

      memset (cookie, (int) peer->inits, sizeof cookie);
      ike_builder_init (&builder, &header);
      ike_builder_notify (&builder, IKE_NOTIFY_COOKIE, ike_chunk (cookie, peer->cookie_len));
      write_puzzle (&builder, peer->puzzle);
      answer = ike_builder_finish (&builder);
      transmit (peer, answer);
      return TRUE;
    }
  if (peer->cookies && peer->cookie_len)
    {
      /* RFC 7296 section 2.6: the cookie comes back, first of all payloads */
      sim_assert (peer->sim, message->payloads.at[0].type == IKE_PAYLOAD_NOTIFY);
      sim_assert (peer->sim, ike_notify_find (&message->payloads, IKE_NOTIFY_COOKIE, &notify));
      sim_assert (peer->sim, notify.data.len == peer->cookie_len && notify.data.data[0] == peer->cookies);
      if (peer->puzzle >= 0 && peer->puzzle <= IKE_PUZZLE_MAX_BITS)
        check_solution (peer, ike_payloads_find (&message->payloads, IKE_PAYLOAD_PS), peer->puzzle, notify.data);
      else
        sim_assert (peer->sim, !ike_payloads_find (&message->payloads, IKE_PAYLOAD_PS));
    }
  if (peer->want_group && (group != peer->want_group || peer->want_group_too))
    {
      guint16 wanted = GUINT16_TO_BE (group != peer->want_group ? peer->want_group : peer->want_group_too);

      sim_peer_init_notify (peer, message->header.spi_i, IKE_NOTIFY_INVALID_KE_PAYLOAD, ike_chunk (&wanted, 2));
      return TRUE;
    }
  return FALSE;
}

static void
init_answer (SimPeer *peer, const IkeMessage *message, const IkeKe *ke, const IkeChunk *nonce)
{
  const IkeCrypto *crypto = crypto_of (peer);
  g_autoptr (GPtrArray) ours = ike_proposals_default (crypto, IKE_PROTOCOL_IKE, TRUE);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_IKE, .ke_sent = ke->group };
  g_auto (IkeSa) sa = { 0 };
  g_autoptr (GBytes) peer_value = ike_chunk_dup (ke->data);
  g_autoptr (GBytes) value = NULL;
  g_autoptr (IkeSecret) shared = NULL;
  guint8 random[32];
  IkeKe answer_ke = { .group = ke->group };
  IkeKeyInput input = { 0 };
  IkeProposal *answer;
  g_auto (IkeBuilder) builder = { 0 };
  IkeHeader header = { .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_RESPONSE };

  sim_assert (peer->sim, ike_sa_parse (ike_payloads_find (&message->payloads, IKE_PAYLOAD_SA)->body, &sa));
  sim_assert (peer->sim, ike_proposal_choose (&peer->suite, ours, &sa, &rule));
  sim_assert (peer->sim, crypto->ke_respond (crypto, ke->group, peer_value, &value, &shared));
  crypto->random (crypto, random, sizeof random);
  crypto->random (crypto, (guint8 *) &peer->spi_r, sizeof peer->spi_r);
  peer->spi_i = message->header.spi_i;
  g_clear_pointer (&peer->ni, g_bytes_unref);
  g_clear_pointer (&peer->nr, g_bytes_unref);
  peer->ni = ike_chunk_dup (*nonce);
  peer->nr = g_bytes_new (random, sizeof random);
  input = (IkeKeyInput){ .ni = nonce->data,
                         .ni_len = nonce->len,
                         .nr = random,
                         .nr_len = sizeof random,
                         .spi_i = peer->spi_i,
                         .spi_r = peer->spi_r };
  ike_keys_clear (&peer->keys);
  sim_assert (peer->sim, ike_keys_derive (&peer->keys, crypto, &peer->suite, shared, &input));

  header.spi_i = peer->spi_i;
  header.spi_r = peer->spi_r;
  ike_builder_init (&builder, &header);
  answer = ike_proposal_from_suite (&peer->suite);
  ike_sa_write_chosen (ike_builder_begin (&builder, IKE_PAYLOAD_SA), peer->suite.number, IKE_PROTOCOL_IKE,
                       ike_chunk (NULL, 0), (const IkeTransform *) (gpointer) answer->transforms->data,
                       answer->transforms->len);
  ike_builder_end (&builder);
  ike_proposal_free (answer);
  answer_ke.data = peer->ke_value.len ? peer->ke_value : ike_chunk_bytes (value);
  if (peer->ke_group)
    answer_ke.group = peer->ke_group;
  ike_ke_write (ike_builder_begin (&builder, IKE_PAYLOAD_KE), &answer_ke);
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (random, sizeof random));
  write_puzzle (&builder, peer->auth_puzzle);
  if (peer->childless)
    ike_builder_notify (&builder, IKE_NOTIFY_CHILDLESS_IKEV2_SUPPORTED, ike_chunk (NULL, 0));
  g_clear_pointer (&peer->response, g_bytes_unref);
  peer->response = ike_builder_finish (&builder);
  transmit (peer, peer->response);
}

static void
got_init (SimPeer *peer, const IkeMessage *message, GBytes *datagram)
{
  IkeKe ke;
  IkeChunk nonce;

  sim_assert (peer->sim, ike_ke_parse (ike_payloads_find (&message->payloads, IKE_PAYLOAD_KE)->body, &ke));
  sim_assert (peer->sim, ike_nonce_parse (ike_payloads_find (&message->payloads, IKE_PAYLOAD_NONCE)->body, &nonce));
  /* a repetition of what was answered is answered again */
  if (peer->request && g_bytes_equal (peer->request, datagram) && peer->response)
    {
      transmit (peer, peer->response);
      return;
    }
  peer->inits++;
  g_clear_pointer (&peer->request, g_bytes_unref);
  peer->request = g_bytes_ref (datagram);
  g_clear_pointer (&peer->response, g_bytes_unref);
  if (!peer->mute && !init_refused (peer, message, ke.group))
    init_answer (peer, message, &ke, &nonce);
}

void
sim_peer_init_again (SimPeer *peer)
{
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  g_autoptr (GBytes) datagram = g_steal_pointer (&peer->request);

  sim_assert (peer->sim, ike_message_parse (ike_chunk_bytes (datagram), message) == IKE_PARSE_OK);
  got_init (peer, message, datagram);
}

/* ---- IKE_AUTH ---- */

static GBytes *
our_id (SimPeer *peer)
{
  g_auto (IkeWriter) writer = IKE_WRITER (512);
  IkeIdentity *identity = ike_identity_new (IKE_ID_FQDN, peer->id, strlen (peer->id));

  ike_id_write (&writer, identity);
  ike_identity_free (identity);
  return ike_writer_finish (&writer);
}

static void
write_auth (SimPeer *peer, IkeBuilder *builder, const IkeSecret *key)
{
  g_autoptr (GBytes) id = our_id (peer);
  g_autoptr (GBytes) octets = NULL;
  g_autoptr (GBytes) mac = NULL;
  IkeAuthPayload auth = { .method = IKE_AUTH_METHOD_SHARED_KEY };
  IkeSigKey sig_key = { IKE_KEY_P256, 256, FALSE, FALSE };
  guint8 corrupt[64];

  octets = ike_auth_octets (crypto_of (peer), &peer->keys, FALSE, peer->response, peer->ni, g_bytes_get_data (id, NULL),
                            g_bytes_get_size (id));
  if (key || !peer->signature)
    {
      g_autoptr (IkeSecret) psk = peer->psk ? ike_secret_new_from (peer->psk, strlen (peer->psk)) : NULL;

      mac = ike_auth_mac (crypto_of (peer), peer->keys.prf, key ? key : psk, octets);
      auth.data = ike_chunk_bytes (mac);
    }
  else
    {
      const IkeSigScheme *scheme =
          peer->scheme ? peer->scheme : ike_sig_scheme_choose (&sig_key, 1 << IKE_HASH_SHA2_256, 0);

      mac = sim_fake_signature ("key of the gateway", peer->hash ? peer->hash : scheme->hash, octets);
      auth = ike_sig_scheme_auth (scheme, ike_chunk_bytes (mac));
    }
  if (peer->auth_corrupt || (peer->final_corrupt && key))
    {
      memcpy (corrupt, auth.data.data, MIN (sizeof corrupt, auth.data.len));
      corrupt[3] ^= 1;
      auth.data = ike_chunk (corrupt, MIN (sizeof corrupt, auth.data.len));
    }
  ike_auth_write (ike_builder_begin (builder, IKE_PAYLOAD_AUTH), &auth);
  ike_builder_end (builder);
}

static void
write_child (SimPeer *peer, IkeBuilder *builder)
{
  const IkeCrypto *crypto = crypto_of (peer);
  g_autoptr (GPtrArray) ours = ike_proposals_default (crypto, IKE_PROTOCOL_ESP, FALSE);
  IkeProposalRule rule = { .protocol = IKE_PROTOCOL_ESP, .no_ke = TRUE };
  g_auto (IkeSa) sa = { 0 };
  IkeProposal *answer;
  guint32 spi = GUINT32_TO_BE (0x12345678 + peer->established);

  if (peer->window)
    {
      guint32 size = GUINT32_TO_BE (peer->window);

      ike_builder_notify (builder, IKE_NOTIFY_SET_WINDOW_SIZE, ike_chunk (&size, sizeof size));
    }
  if (peer->auth_lifetime)
    {
      guint32 seconds = GUINT32_TO_BE (peer->auth_lifetime);

      ike_builder_notify (builder, IKE_NOTIFY_AUTH_LIFETIME, ike_chunk (&seconds, sizeof seconds));
    }
  if (peer->sync)
    ike_builder_notify (builder, IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC_SUPPORTED, ike_chunk (NULL, 0));
  if (peer->mobike)
    ike_builder_notify (builder, IKE_NOTIFY_MOBIKE_SUPPORTED, ike_chunk (NULL, 0));
  if (peer->write_more)
    peer->write_more (peer, builder);
  if (peer->transport)
    ike_builder_notify (builder, IKE_NOTIFY_USE_TRANSPORT_MODE, ike_chunk (NULL, 0));
  if (peer->resource)
    ike_builder_notify (builder, IKE_NOTIFY_SA_RESOURCE_INFO, ike_chunk ("anything", 8));
  if (peer->aggfrag)
    ike_builder_notify (builder, IKE_NOTIFY_USE_AGGFRAG, ike_chunk (peer->aggfrag, peer->aggfrag_len));
  if (peer->redirect == SIM_REDIRECT_AUTH)
    {
      ike_builder_notify (builder, IKE_NOTIFY_REDIRECT, peer->redirect_to);
      return;
    }
  if (peer->write_cp)
    {
      IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_CP);

      ike_cp_write (writer, IKE_CP_REPLY);
      peer->write_cp (peer, writer);
      ike_builder_end (builder);
    }
  if (peer->child_error)
    {
      ike_builder_notify (builder, peer->child_error, peer->error_data);
      return;
    }
  sim_assert (peer->sim, ike_sa_parse (ike_chunk_bytes (peer->child_sa), &sa));
  sim_assert (peer->sim, ike_proposal_choose (&peer->child_suite, ours, &sa, &rule));
  answer = ike_proposal_from_suite (&peer->child_suite);
  ike_sa_write_chosen (ike_builder_begin (builder, IKE_PAYLOAD_SA), peer->child_suite.number, IKE_PROTOCOL_ESP,
                       ike_chunk (&spi, 4), (const IkeTransform *) (gpointer) answer->transforms->data,
                       answer->transforms->len);
  ike_builder_end (builder);
  ike_proposal_free (answer);
  if (peer->ts_first)
    {
      g_autoptr (GArray) ts = g_array_new (FALSE, TRUE, sizeof (IkeSelector));
      IkeSelector selector = { sim_address (peer->ts_first), sim_address (peer->ts_last), 0, 0, 65535 };

      g_array_append_val (ts, selector);
      ike_ts_write (ike_builder_begin (builder, IKE_PAYLOAD_TSI), ts, ike_chunk (NULL, 0));
      ike_builder_end (builder);
    }
  else
    ike_builder_add (builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (peer->answer_ts[0] ? peer->answer_ts[0] : peer->tsi));
  ike_builder_add (builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (peer->answer_ts[1] ? peer->answer_ts[1] : peer->tsr));
  peer->established++;
}

static void
write_eap (IkeBuilder *builder, guint8 code, guint8 id, guint8 type, IkeChunk data)
{
  IkeEap eap = { .code = code, .id = id, .type = type, .data = data };

  ike_eap_write (ike_builder_begin (builder, IKE_PAYLOAD_EAP), &eap);
  ike_builder_end (builder);
}

static GBytes *
keep (const IkePayloads *payloads, IkePayloadType type)
{
  const IkePayload *payload = ike_payloads_find (payloads, type);

  return payload ? ike_chunk_dup (payload->body) : NULL;
}

static void
first_auth (SimPeer *peer, const IkePayloads *payloads, IkeBuilder *builder)
{
  g_autoptr (GBytes) id = our_id (peer);
  const IkePayload *auth = ike_payloads_find (payloads, IKE_PAYLOAD_AUTH);

  peer->auth_method = auth && auth->body.len ? auth->body.data[0] : 0;
  g_clear_pointer (&peer->id_i, g_bytes_unref);
  g_clear_pointer (&peer->child_sa, g_bytes_unref);
  g_clear_pointer (&peer->tsi, g_bytes_unref);
  g_clear_pointer (&peer->tsr, g_bytes_unref);
  peer->id_i = keep (payloads, IKE_PAYLOAD_IDI);
  peer->child_sa = keep (payloads, IKE_PAYLOAD_SA);
  peer->tsi = keep (payloads, IKE_PAYLOAD_TSI);
  peer->tsr = keep (payloads, IKE_PAYLOAD_TSR);
  if (peer->auth_error)
    {
      ike_builder_notify (builder, peer->auth_error, peer->error_data);
      return;
    }
  ike_builder_add (builder, IKE_PAYLOAD_IDR, ike_chunk_bytes (id));
  if (peer->signature)
    {
      IkeCert cert = { .encoding = IKE_CERT_X509_SIGNATURE, .data = ike_chunk ("certificate", 11) };

      if (peer->cert_encoding)
        cert.encoding = peer->cert_encoding;

      ike_cert_write (ike_builder_begin (builder, IKE_PAYLOAD_CERT), &cert);
      ike_builder_end (builder);
    }
  write_auth (peer, builder, NULL);
  /* before EAP even begins (RFC 5685 section 6) */
  if (!peer->eap || peer->redirect == SIM_REDIRECT_AUTH)
    {
      write_child (peer, builder);
      return;
    }
  sim_assert (peer->sim, peer->eap_unasked || !ike_payloads_find (payloads, IKE_PAYLOAD_AUTH));
  if (peer->eap_script == SIM_EAP_SUCCESS_FIRST)
    write_eap (builder, IKE_EAP_CODE_SUCCESS, ++peer->eap_id, 0, ike_chunk (NULL, 0));
  else
    write_eap (builder, IKE_EAP_CODE_REQUEST, ++peer->eap_id, IKE_EAP_IDENTITY, ike_chunk (NULL, 0));
}

/* ---- EAP-MSCHAPv2, the server's side ---- */

static void
write_mschap (SimPeer *peer, IkeBuilder *builder, guint8 op, guint8 ms_id, const void *data, gsize len)
{
  g_auto (IkeWriter) writer = IKE_WRITER (1024);
  g_autoptr (GBytes) packet = NULL;

  ike_write_u8 (&writer, op);
  ike_write_u8 (&writer, ms_id);
  ike_write_u16 (&writer, (guint) (len + 4));
  ike_write_bytes (&writer, data, len);
  packet = ike_writer_finish (&writer);
  write_eap (builder, IKE_EAP_CODE_REQUEST, ++peer->eap_id, IKE_EAP_MSCHAPV2, ike_chunk_bytes (packet));
}

static void
send_challenge (SimPeer *peer, IkeBuilder *builder)
{
  guint8 data[1 + 16 + 2];

  crypto_of (peer)->random (crypto_of (peer), peer->challenge, sizeof peer->challenge);
  data[0] = 16;
  memcpy (data + 1, peer->challenge, 16);
  memcpy (data + 17, "gw", 2);
  write_mschap (peer, builder, 1, 7, data, sizeof data);
}

static void
judge_response (SimPeer *peer, const IkeEap *eap, IkeBuilder *builder)
{
  IkeReader reader = ike_reader (eap->data);
  guint8 peer_challenge[16], theirs[24], hash[16];
  IkeMschapv2Result result;
  char text[256];

  ike_read_skip (&reader, 5);
  ike_read_bytes (&reader, peer_challenge, sizeof peer_challenge);
  ike_read_skip (&reader, 8);
  ike_read_bytes (&reader, theirs, sizeof theirs);
  sim_assert (peer->sim, ike_reader_ok (&reader));
  sim_assert (peer->sim, ike_mschapv2_password_hash (ike_chunk (peer->password, strlen (peer->password)), hash));
  sim_assert (peer->sim,
              ike_mschapv2_compute (crypto_of (peer), peer->challenge, peer_challenge, peer->user, hash, &result));
  if (memcmp (result.nt_response, theirs, sizeof theirs) != 0)
    {
      GString *digits = g_string_new (NULL);

      for (guint i = 0; i < 16; i++)
        g_string_append_printf (digits, "%02X", peer->challenge[i] ^= 0x55);
      g_snprintf (text, sizeof text, "E=691 R=%d C=%s V=3 M=no", peer->retries > 0, digits->str);
      g_string_free (digits, TRUE);
      if (peer->retries)
        peer->retries--;
      write_mschap (peer, builder, 4, 7, text, strlen (text));
      return;
    }
  g_clear_pointer (&peer->msk, ike_secret_free);
  peer->msk = ike_secret_new_from (result.msk, sizeof result.msk);
  if (peer->eap_script == SIM_EAP_SUCCESS_AFTER_RESPONSE)
    {
      write_eap (builder, IKE_EAP_CODE_SUCCESS, ++peer->eap_id, 0, ike_chunk (NULL, 0));
      return;
    }
  memcpy (text, "S=", 2);
  for (guint i = 0; i < 20; i++)
    g_snprintf (text + 2 + 2 * i, 3, "%02X",
                result.authenticator[i] ^ (peer->eap_script == SIM_EAP_WRONG_AUTHENTICATOR));
  memcpy (text + 42, " M=hello", 8);
  write_mschap (peer, builder, 3, 7, text, 50);
}

static void
got_eap (SimPeer *peer, IkeChunk body, IkeBuilder *builder)
{
  IkeEap eap;

  sim_assert (peer->sim, ike_eap_parse (body, &eap) && eap.code == IKE_EAP_CODE_RESPONSE);
  if (eap.type == IKE_EAP_IDENTITY)
    {
      peer->eap_identities++;
      g_free (peer->eap_identity);
      peer->eap_identity = g_strndup ((const char *) eap.data.data, eap.data.len);
      if (peer->eap_script == SIM_EAP_SUCCESS_AFTER_IDENTITY)
        write_eap (builder, IKE_EAP_CODE_SUCCESS, ++peer->eap_id, 0, ike_chunk (NULL, 0));
      else if (peer->eap_script == SIM_EAP_OTHER_METHOD)
        write_eap (builder, IKE_EAP_CODE_REQUEST, ++peer->eap_id, IKE_EAP_MD5,
                   ike_chunk ("\x10"
                              "0123456789abcdef",
                              17));
      else
        send_challenge (peer, builder);
      return;
    }
  if (eap.type != IKE_EAP_MSCHAPV2 || eap.data.len < 1 || eap.data.data[0] == 4)
    {
      write_eap (builder, IKE_EAP_CODE_FAILURE, ++peer->eap_id, 0, ike_chunk (NULL, 0));
      return;
    }
  if (eap.data.data[0] == 2 && peer->eap_error)
    ike_builder_notify (builder, peer->eap_error, peer->error_data);
  else if (eap.data.data[0] == 2)
    {
      peer->eap_responses++;
      judge_response (peer, &eap, builder);
    }
  else
    write_eap (builder, IKE_EAP_CODE_SUCCESS, ++peer->eap_id, 0, ike_chunk (NULL, 0));
}

static void
got_final (SimPeer *peer, const IkePayloads *payloads, IkeBuilder *builder)
{
  g_autoptr (GBytes) octets = NULL;
  g_autoptr (GBytes) expected = NULL;
  IkeChunk id = ike_chunk_bytes (peer->id_i);
  IkeAuthPayload auth;

  peer->finals++;
  sim_assert (peer->sim, peer->msk && ike_auth_parse (ike_payloads_find (payloads, IKE_PAYLOAD_AUTH)->body, &auth));
  octets = ike_auth_octets (crypto_of (peer), &peer->keys, TRUE, peer->request, peer->nr, id.data, id.len);
  expected = ike_auth_mac (crypto_of (peer), peer->keys.prf, peer->msk, octets);
  sim_assert (peer->sim, ike_auth_mac_equal (expected, auth.data.data, auth.data.len));
  write_auth (peer, builder, peer->msk);
  write_child (peer, builder);
}

/* ---- in ---- */

static void
got_protected (SimPeer *peer, const IkeMessage *message, GBytes *datagram)
{
  g_auto (IkeSkOpened) opened = { 0 };
  g_autofree IkePayloads *inner = g_new0 (IkePayloads, 1);
  g_auto (IkeBuilder) builder = { 0 };
  const IkePayload *eap;

  if (message->header.spi_r != peer->spi_r || peer->mute)
    return;
  if (ike_sk_open (&opened, crypto_of (peer), &peer->keys, TRUE, ike_chunk_bytes (datagram),
                   &message->payloads.at[message->payloads.n - 1]) != IKE_SK_OK)
    return;
  if (peer->auth_puzzle >= 0 && message->header.exchange == IKE_EXCHANGE_IKE_AUTH && message->header.message_id == 1)
    {
      guint64 spi_r = GUINT64_TO_BE (peer->spi_r);
      g_autoptr (GByteArray) octets = g_byte_array_new ();

      g_byte_array_append (octets, g_bytes_get_data (peer->nr, NULL), (guint) g_bytes_get_size (peer->nr));
      g_byte_array_append (octets, (const guint8 *) &spi_r, sizeof spi_r);
      check_solution (peer, ike_payloads_find (&message->payloads, IKE_PAYLOAD_PS), peer->auth_puzzle,
                      ike_chunk (octets->data, octets->len));
    }
  else
    sim_assert (peer->sim, message->payloads.n == 1);
  sim_assert (peer->sim,
              ike_payloads_parse (opened.first_inner, ike_secret_chunk (opened.inner), inner) == IKE_PARSE_OK);
  if (message->header.exchange != IKE_EXCHANGE_IKE_AUTH)
    {
      if (peer->on_other && peer->on_other (peer, &message->header, inner))
        return;
      if (message->header.flags & IKE_FLAG_RESPONSE)
        return;
      ike_builder_init_inner (&builder);
      sim_peer_send (peer, (IkeExchange) message->header.exchange, TRUE, message->header.message_id, &builder);
      return;
    }
  peer->auths++;
  ike_builder_init_inner (&builder);
  eap = ike_payloads_find (inner, IKE_PAYLOAD_EAP);
  if (ike_payloads_find (inner, IKE_PAYLOAD_IDI))
    first_auth (peer, inner, &builder);
  else if (eap)
    got_eap (peer, eap->body, &builder);
  else
    got_final (peer, inner, &builder);
  sim_peer_send (peer, IKE_EXCHANGE_IKE_AUTH, TRUE, message->header.message_id, &builder);
}

static void
on_packet (SimHost *host, const SimPacket *packet, gpointer data)
{
  SimPeer *peer = data;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);

  if (!packet)
    {
      ike_keys_clear (&peer->keys);
      g_clear_pointer (&peer->msk, ike_secret_free);
      return;
    }
  peer->from = packet->from;
  peer->to = packet->to;
  peer->natt = packet->natt;
  if (ike_message_parse (ike_chunk_bytes (packet->data), message) != IKE_PARSE_OK)
    return;
  if (message->header.exchange == IKE_EXCHANGE_IKE_SA_INIT)
    got_init (peer, message, packet->data);
  else
    got_protected (peer, message, packet->data);
}

SimPeer *
sim_peer_new_at (Sim *sim, const char *name, const char *address)
{
  SimPeer *peer = g_new0 (SimPeer, 1);

  peer->sim = sim;
  peer->host = sim_scripted (sim, name, address, on_packet, peer);
  peer->puzzle = peer->auth_puzzle = -1;
  peer->id = "gw.example";
  peer->psk = "a shared key of some length";
  peer->user = "alice";
  peer->password = "correct horse";
  peer->cookie_len = 20;
  return peer;
}

SimPeer *
sim_peer_new (Sim *sim)
{
  return sim_peer_new_at (sim, "peer", "198.51.100.1");
}

void
sim_peer_free (SimPeer *peer)
{
  ike_keys_clear (&peer->keys);
  g_clear_pointer (&peer->ni, g_bytes_unref);
  g_clear_pointer (&peer->nr, g_bytes_unref);
  g_clear_pointer (&peer->request, g_bytes_unref);
  g_clear_pointer (&peer->response, g_bytes_unref);
  g_clear_pointer (&peer->id_i, g_bytes_unref);
  g_clear_pointer (&peer->child_sa, g_bytes_unref);
  g_clear_pointer (&peer->tsi, g_bytes_unref);
  g_clear_pointer (&peer->tsr, g_bytes_unref);
  ike_secret_free (peer->msk);
  g_free (peer->eap_identity);
  g_free (peer);
}
