/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mistakes that other engines made, and that no other test here has by name. */
#include "sim-peer.h"

#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"
#include "wire/payload-sa.h"

#define SPI_FIRST 0x12345678 /* of the Child SA that sim-peer.c makes */

/* A responder without a key for who asks: refused, and nothing of it stays. */
static void
test_no_psk (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->psk = NULL;
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
  sim_assert_reason (sim, client, PEER_REFUSED_US);
  sim_assert (sim, gateway->ups == 0 && gateway->kernel.sas->len == 0);
  sim_end (sim);
}

/* Names that are nearly none: they reach the gateway as they are, or not at all. */
static void
test_odd_eap_identity (void)
{
  static const char *const names[] = { "@", "@#", "@@", "%any", "%", "a" };
  static const char *const passwords[] = { "correct horse", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Sim *sim = sim_new (i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      client->config->local_auth = IKE_AUTH_EAP;
      client->config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
      client->config->eap_identity = g_strdup (names[i]);
      client->passwords = passwords;
      peer->eap = TRUE;
      peer->user = names[i];
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
      sim_assert (sim, g_str_equal (peer->eap_identity, names[i]));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static guint refusals;

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (!(header->flags & IKE_FLAG_RESPONSE))
    return FALSE;
  refusals += ike_notify_find_error (payloads, &notify);
  return TRUE;
}

static void
send_rekey (SimPeer *peer, IkeChunk tsi, IkeChunk tsr)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  guint32 spi = GUINT32_TO_BE (0xaaaa0001);
  guint8 nonce[32] = { 3 };
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, SPI_FIRST);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, tsi);
  ike_builder_add (&builder, IKE_PAYLOAD_TSR, tsr);
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

/* Selectors of no count, of another family, of a wrong length: refused. What is malformed ends the IKE SA as well (RFC 7296
 * section 2.21.3), else what stood goes on. */
static void
test_selectors (void)
{
  static const guint8 none[] = { 0, 0, 0, 0 };
  static const guint8 more[] = { 9, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 1, 0, 0, 10, 1, 255, 255 };
  static const guint8 six[] = { 1, 0, 0, 0, 8, 0, 0,    40, 0, 0, 255, 255, 0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0,
                                0, 0, 0, 0, 0, 0, 0x20, 1,  0, 0, 0,   0,   0,    0, 0, 0, 0, 0, 0, 0, 0, 9 };
  static const guint8 shorter[] = { 1, 0, 0, 0, 7, 0, 0, 9, 0, 0, 255, 255, 10, 1, 0, 0, 10, 1, 255, 255 };
  static const guint8 good[] = { 1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 2, 0, 0, 10, 2, 255, 255 };
  const IkeChunk bad[] = { ike_chunk (none, sizeof none), ike_chunk (more, sizeof more), ike_chunk (six, sizeof six),
                           ike_chunk (shorter, sizeof shorter) };
  const guint other_family = 2;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    for (guint second = 0; second < 2; second++)
      {
        Sim *sim = sim_new (i);
        SimHost *client = sim_client (sim);
        SimPeer *peer = sim_peer_new (sim);

        refusals = 0;
        peer->on_other = on_other;
        sim_start (client);
        sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
        send_rekey (peer, second ? ike_chunk (good, sizeof good) : bad[i],
                    second ? bad[i] : ike_chunk (good, sizeof good));
        sim_assert (sim, refusals == 1 && sim_kernel_count (&client->kernel, TRUE) == (i == other_family));
        sim_assert (sim, client->downs == (i != other_family));
        sim_end (sim);
        sim_peer_free (peer);
      }
}

/* Certificates in a wrapping (PKCS#7, a bundle) or by reference (hash and URL) are nothing: they are not looked at, and
 * nothing is fetched. But it is told what came in their place. */
static void
test_wrapped_certificate (void)
{
  static const guint8 encodings[] = { 1, 2, 3, 4, 12, 13, 14 };
  static const char *const details[] = { "the test says so; what came is PKCS7",
                                         "the test says so; what came is CERT_2",
                                         "the test says so; what came is CERT_3",
                                         NULL,
                                         "the test says so; what came is HASH_URL_CERT",
                                         "the test says so; what came is HASH_URL_BUNDLE",
                                         "the test says so" };

  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      Sim *sim = sim_new (i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      client->config->remote_auth = IKE_AUTH_SIGNATURE;
      client->peer_key = "key of the gateway";
      peer->signature = TRUE;
      peer->cert_encoding = encodings[i];
      client->verify_says = encodings[i] == 4 ? IKE_REASON_NONE : IKE_REASON_CERT_MISSING;
      sim_start (client);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, client->verifies == 1 && client->certificates == (encodings[i] == 4));
      sim_assert (sim, client->ups == (encodings[i] == 4));
      if (encodings[i] != 4)
        g_assert_cmpstr (client->reason.detail, ==, details[i]);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* ---- an answer that is two things at once, and neither whole ---- */

typedef struct {
  guint what; /* bits: which payloads are there; and the role */
  guint sent;
} Half;

static SimVerdict
halve (Sim *sim, SimPacket *packet, gpointer data)
{
  static const IkePayloadType types[] = { IKE_PAYLOAD_SA, IKE_PAYLOAD_KE, IKE_PAYLOAD_NONCE };
  Half *half = data;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  g_auto (IkeBuilder) builder = { 0 };

  if (ike_message_parse (ike_chunk_bytes (packet->data), message) != IKE_PARSE_OK ||
      message->header.exchange != IKE_EXCHANGE_IKE_SA_INIT || !(message->header.flags & IKE_FLAG_RESPONSE))
    return SIM_PASS;
  half->sent++;
  ike_builder_init (&builder, &message->header);
  ike_builder_notify (&builder, half->what & 8 ? IKE_NOTIFY_REDIRECT : IKE_NOTIFY_COOKIE, ike_chunk ("12345678", 8));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (half->what & 1u << i)
      ike_builder_add (&builder, types[i], ike_payloads_find (&message->payloads, types[i])->body);
  g_bytes_unref (packet->data);
  packet->data = ike_builder_finish (&builder);
  return SIM_PASS;
}

/* COOKIE or REDIRECT excuse what is missing: it is missing all the same. Anybody can send such a thing. */
static void
test_half_answer (void)
{
  for (guint what = 0; what < 32; what++)
    {
      Sim *sim = sim_new (300 + what);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      Half half = { .what = what & 15 };

      client->config->role = what & 16 ? IKE_ROLE_PEER : IKE_ROLE_INITIATOR;
      sim->filter = halve;
      sim->filter_data = &half;
      sim_listen (gateway);
      sim_start (client);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, half.sent > 0);
      sim_assert (sim, (what & 7) == 7 || !client->ups); /* something is missing without which there are no keys */
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/cve/cve-2024-2357-no-psk", test_no_psk);
  g_test_add_func ("/sim/cve/cve-2026-47895-odd-eap-identity", test_odd_eap_identity);
  g_test_add_func ("/sim/cve/cve-2023-23009-selectors", test_selectors);
  g_test_add_func ("/sim/cve/cve-2004-0590-wrapped-certificate", test_wrapped_certificate);
  g_test_add_func ("/sim/cve/half-answer", test_half_answer);
  return g_test_run ();
}
