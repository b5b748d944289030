/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bad networks: loss, repetition, disorder, corruption, and messages from somebody else. */
#include "sim-attacker.h"
#include "sim-internal.h"
#include "sim-peer.h"

#include "sa/natd.h"
#include "wire/payload-notify.h"

#include <string.h>

/* ---- loss ---- */

static void
loss (gconstpointer data)
{
  guint percent = GPOINTER_TO_UINT (data), ups = 0, runs = 40;

  for (guint64 seed = 0; seed < runs; seed++)
    {
      Sim *sim = sim_new (1000 * percent + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim->loss = percent;
      client->config->retransmit_timeout = 120 * IKE_SECOND;
      sim_listen (gateway);
      sim_start (client);
      sim_run_until (sim, sim_is_up, client, 300 * IKE_SECOND);
      ups += client->ups;
      sim->loss = 0;
      sim_run (sim, 10 * IKE_SECOND);
      if (client->ups)
        sim_assert_agree (client, gateway, 1);
      else
        sim_assert_reason (sim, client, NO_RESPONSE);
      sim_run (sim, 60 * IKE_SECOND);
      sim_end (sim);
    }
  /* a dozen tries: up to 40 % nobody notices but by the time that it takes */
  g_assert_cmpuint (ups, >=, percent <= 40 ? runs : percent <= 60 ? runs * 3 / 4 : runs / 8);
}

/* Every packet twice; the second time from the other end's store. */
static void
test_duplicates (void)
{
  Sim *sim = sim_new (10);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_signatures (client, gateway);
  sim->duplicates = 100;
  sim_connect (sim, client, gateway);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, gateway->verifies == 1 && gateway->signs == 1 && client->verifies == 1 && gateway->ups == 1);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* Between two rekeyings. */
static gboolean
is_calm (Sim *sim, gpointer data)
{
  for (guint i = 0; i < sim->hosts->len; i++)
    {
      const SimKernel *kernel = &((const SimHost *) sim->hosts->pdata[i])->kernel;

      if (sim_kernel_count (kernel, FALSE) != 1 || sim_kernel_count (kernel, TRUE) != 1 || sim_kernel_larval (kernel))
        return FALSE;
    }
  return TRUE;
}

static void
test_disorder (void)
{
  for (guint64 seed = 0; seed < 30; seed++)
    {
      Sim *sim = sim_new (20 + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      sim->jitter = 2 * IKE_SECOND;
      sim->duplicates = 50;
      sim->loss = 20;
      client->config->child.lifetime = 20 * IKE_SECOND;
      client->config->child.rekey_margin = 5 * IKE_SECOND;
      client->config->keep_trying = TRUE;
      sim_connect (sim, client, gateway);
      sim_run (sim, 100 * IKE_SECOND);
      sim->jitter = sim->loss = sim->duplicates = 0;
      sim_run (sim, 100 * IKE_SECOND);
      sim_assert (sim, !client->downs && sim_run_until (sim, is_calm, NULL, 20 * IKE_SECOND));
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* ---- somebody in between ---- */

/* Puts a bit wrong in the n-th packet. */
static SimVerdict
corrupt_nth (Sim *sim, SimPacket *packet, gpointer data)
{
  guint *n = data;
  gsize len;

  if ((*n)-- == 0)
    {
      g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (packet->data, &len), g_bytes_get_size (packet->data));

      copy[len - 20] ^= 0x40;
      g_bytes_unref (packet->data);
      packet->data = g_bytes_new (copy, len);
    }
  return SIM_PASS;
}

/* Each protected message in turn is corrupted on its way: it is dropped, keys stay as they are, and the next one is
 * good. */
static void
test_corrupt (void)
{
  for (guint n = 2; n < 8; n++)
    {
      Sim *sim = sim_new (60 + n);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint count = n;

      sim->filter = corrupt_nth;
      sim->filter_data = &count;
      sim_connect (sim, client, gateway);
      sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, client->ups == 1 && !client->downs);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* Everything that was ever sent comes again, ten times, in both directions. */
typedef struct {
  GPtrArray *packets;
  gboolean replaying;
} Tape;

static SimVerdict
record (Sim *sim, SimPacket *packet, gpointer data)
{
  Tape *tape = data;

  if (!tape->replaying)
    {
      SimPacket *copy = g_new0 (SimPacket, 1);

      *copy = *packet;
      copy->data = g_bytes_ref (packet->data);
      g_ptr_array_add (tape->packets, copy);
    }
  return SIM_PASS;
}

static void
packet_free (gpointer data)
{
  g_bytes_unref (((SimPacket *) data)->data);
  g_free (data);
}

static void
test_replay (void)
{
  Sim *sim = sim_new (70);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  Tape tape = { g_ptr_array_new_with_free_func (packet_free), FALSE };
  IkeEngineCounts counts;
  guint installs, n;

  sim->filter = record;
  sim->filter_data = &tape;
  sim_connect (sim, client, gateway);
  for (guint i = 0; i < 3; i++)
    {
      sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
    }
  installs = client->kernel.installs + gateway->kernel.installs;
  tape.replaying = TRUE;
  n = tape.packets->len;
  for (guint turn = 0; turn < 10; turn++)
    for (guint i = 0; i < n; i++)
      {
        const SimPacket *packet = tape.packets->pdata[i];

        sim_send (sim, &packet->from, &packet->to, packet->natt, packet->data, i * IKE_MILLISECOND);
      }
  sim_run (sim, IKE_SECOND);
  /* the gateway knows the first message again, too */
  ike_engine_get_counts (gateway->engine, &counts);
  sim_assert (sim, counts.ike_sas == 1 && counts.half_open == 0);
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim,
              client->kernel.installs + gateway->kernel.installs == installs && client->ups == 1 && gateway->ups == 1);
  sim_assert_agree (client, gateway, 1);
  g_ptr_array_unref (tape.packets);
  sim_end (sim);
}

/* Refusals that an attacker can send, before the good answer comes: none is believed. */
static const IkeNotifyType injected[] = { IKE_NOTIFY_NO_PROPOSAL_CHOSEN,           IKE_NOTIFY_INVALID_SYNTAX,
                                          IKE_NOTIFY_AUTHENTICATION_FAILED,        IKE_NOTIFY_INVALID_MAJOR_VERSION,
                                          IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, IKE_NOTIFY_INVALID_KE_PAYLOAD };

static SimVerdict
inject (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  IkeHeader header = { .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_RESPONSE };
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) message = NULL;
  IkeReader reader = ike_reader (ike_chunk (octets, 8));
  const IkeNotifyType type = *(IkeNotifyType *) data;
  const guint16 group = GUINT16_TO_BE (IKE_KE_MODP_2048); /* the client's last choice, so that it asks again */

  if (octets[18] == IKE_EXCHANGE_IKE_SA_INIT && !(octets[19] & IKE_FLAG_RESPONSE))
    {
      header.spi_i = ike_read_u64 (&reader);
      ike_builder_init (&builder, &header);
      ike_builder_notify (&builder, type,
                          ike_chunk (&group, type == IKE_NOTIFY_INVALID_KE_PAYLOAD ? sizeof group : 0));
      message = ike_builder_finish (&builder);
      sim_send (sim, &packet->to, &packet->from, FALSE, message, IKE_MILLISECOND);
      sim_send (sim, &packet->to, &packet->from, FALSE, message, 2 * IKE_MILLISECOND);
    }
  return SIM_PASS;
}

static void
test_injected_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (injected); i++)
    {
      Sim *sim = sim_new (80 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      IkeNotifyType type = injected[i];

      sim->filter = inject;
      sim->filter_data = &type;
      sim->latency = 500 * IKE_MILLISECOND;
      sim_connect (sim, client, gateway);
      sim_assert (sim, (client->configured->ke_group == IKE_KE_MODP_2048) == (type == IKE_NOTIFY_INVALID_KE_PAYLOAD));
      sim_end (sim);
    }
}

/* A refusal after each request, where a gateway's own answers take longer than a refusal is doubted: but each of them takes
 * the negotiation further. */
static void
test_injected_cookie (void)
{
  /* the last one asks for something instead */
  for (guint i = 0; i < G_N_ELEMENTS (injected) - 1; i++)
    {
      Sim *sim = sim_new (100 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);
      IkeNotifyType type = injected[i];

      peer->cookies = 2;
      sim->filter = inject;
      sim->filter_data = &type;
      sim->latency = 220 * IKE_MILLISECOND; /* there and back before anything is repeated */
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 5 * IKE_SECOND));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* The same while a slow machine computes what the gateway's answer takes: another key, or the shared secret. */
static void
test_injected_slow (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Sim *sim = sim_new (110 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);
      IkeNotifyType type = IKE_NOTIFY_NO_PROPOSAL_CHOSEN;

      peer->want_group = i ? 0 : IKE_KE_ECP_384;
      client->job_time[i ? IKE_JOB_KE_FINISH : IKE_JOB_KE_GENERATE] = 3 * IKE_SECOND;
      sim->filter = inject;
      sim->filter_data = &type;
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* ---- cookies, of which AUTH covers one (RFC 7296 section 2.15), and nothing says for which an answer is ---- */

typedef struct {
  gboolean forges, refuses, demands; /* an onlooker, the same; the gateway */
  guint begun; /* IKE SAs */
  guint8 spi[8]; /* of the last one */
} Cookies;

static GBytes *
init_notify (const guint8 *request, IkeNotifyType type, const char *data)
{
  IkeHeader header = { .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_RESPONSE };
  IkeReader reader = ike_reader (ike_chunk (request, 8));
  g_auto (IkeBuilder) builder = { 0 };

  header.spi_i = ike_read_u64 (&reader);
  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, type, ike_chunk (data, strlen (data)));
  return ike_builder_finish (&builder);
}

static gboolean
brings_cookie (GBytes *request, const char *cookie)
{
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeNotify notify;

  return ike_message_parse (ike_chunk_bytes (request), message) == IKE_PARSE_OK &&
         ike_notify_find (&message->payloads, IKE_NOTIFY_COOKIE, &notify) &&
         ike_chunk_equal (notify.data, ike_chunk (cookie, strlen (cookie)));
}

static SimVerdict
bake (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  g_autoptr (GBytes) forged = NULL;
  g_autoptr (GBytes) refusal = NULL;
  g_autoptr (GBytes) demand = NULL;
  Cookies *cookies = data;

  if (octets[18] != IKE_EXCHANGE_IKE_SA_INIT || octets[19] & IKE_FLAG_RESPONSE)
    return SIM_PASS;
  cookies->begun += memcmp (cookies->spi, octets, sizeof cookies->spi) != 0;
  memcpy (cookies->spi, octets, sizeof cookies->spi);
  forged = init_notify (octets, IKE_NOTIFY_COOKIE, "somebody's");
  refusal = init_notify (octets, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, "");
  demand = init_notify (octets, IKE_NOTIFY_COOKIE, "the gateway's");
  if (cookies->forges)
    sim_send (sim, &packet->to, &packet->from, FALSE, forged, IKE_MILLISECOND);
  if (cookies->refuses)
    sim_send (sim, &packet->to, &packet->from, FALSE, refusal, IKE_MILLISECOND);
  if (!cookies->demands || brings_cookie (packet->data, "the gateway's"))
    return SIM_PASS;
  sim_send (sim, &packet->to, &packet->from, FALSE, demand, 2 * sim->latency);
  return SIM_DROP;
}

static void
use_eap (SimHost *client, SimHost *gateway)
{
  static const char *const users[] = { "alice", "correct horse", NULL };
  static const char *const passwords[] = { "correct horse", NULL };

  sim_signatures (client, gateway);
  client->config->local_auth = IKE_AUTH_EAP;
  client->config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
  client->config->eap_identity = g_strdup ("alice");
  client->passwords = passwords;
  gateway->config->remote_auth = IKE_AUTH_EAP;
  g_clear_pointer (&gateway->config->remote_id, ike_identity_free);
  gateway->users = users;
}

static void
be_peers (SimHost *client, SimHost *gateway)
{
  client->config->role = gateway->config->role = IKE_ROLE_PEER;
  gateway->config->begin = IKE_BEGIN_LISTEN;
  gateway->config->keep_trying = TRUE;
}

/* @how: bits of who does what. */
static Cookies
cookies_of (guint how)
{
  return (Cookies){ .forges = how & 1, .demands = (how & 2) != 0, .refuses = (how & 4) != 0 };
}

typedef enum { WITH_PSK, WITH_EAP, AS_PEER } Kind;

static void
forged_cookie (guint how, Kind kind)
{
  Sim *sim = sim_new (120 + 3 * how + kind);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  Cookies cookies = cookies_of (how);

  if (kind == WITH_EAP)
    use_eap (client, gateway);
  if (kind == AS_PEER)
    be_peers (client, gateway);
  sim->filter = bake;
  sim->filter_data = &cookies;
  sim->latency = 50 * IKE_MILLISECOND;
  sim_listen (gateway);
  sim_start (client);
  /* only with cookies of both anybody waits, and without an onlooker's nothing is done twice */
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, (cookies.forges && cookies.demands ? 5 : 2) * IKE_SECOND));
  sim_assert (sim, cookies.begun == (cookies.forges ? 2 : 1));
  sim_assert (sim, client->passwords_asked == (kind == WITH_EAP));
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

static void
test_forged_cookie (void)
{
  for (guint how = 1; how < 8; how++)
    for (guint kind = WITH_PSK; kind <= AS_PEER; kind++)
      forged_cookie (how, kind);
}

/* Somebody whom the gateway does not want is told so, after a second try if that may have been a cookie's fault. */
static void
test_cookie_refused (void)
{
  for (guint how = 0; how < 4; how++)
    {
      Sim *sim = sim_new (140 + how);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      Cookies cookies = cookies_of (how);

      client->psk = "another key, which is wrong";
      client->config->keep_trying = TRUE;
      sim->filter = bake;
      sim->filter_data = &cookies;
      sim_listen (gateway);
      for (guint turn = 0; turn < 2; turn++)
        {
          client->downs = cookies.begun = 0;
          sim_start (client);
          sim_assert (sim, sim_run_until (sim, sim_is_down, client, 5 * IKE_SECOND));
          sim_assert_reason (sim, client, PEER_REFUSED_US);
          sim_assert (sim, cookies.begun == (how ? 2 : 1));
          sim_run (sim, 60 * IKE_SECOND);
          sim_assert (sim, cookies.begun == (how ? 2 : 1));
        }
      sim_end (sim);
    }
}

/* A tunnel that is to be authenticated again stands all the time. */
static void
test_cookie_beside (void)
{
  Sim *sim = sim_new (150);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  Cookies cookies = cookies_of (1);

  client->config->reauth = client->config->keep_trying = TRUE;
  client->config->ike_lifetime = 1000 * IKE_SECOND;
  client->config->ike_rekey_margin = 100 * IKE_SECOND;
  sim_connect (sim, client, gateway);
  sim->filter = bake;
  sim->filter_data = &cookies;
  for (guint turn = 1; turn < 3; turn++)
    {
      sim_run (sim, 1000 * IKE_SECOND);
      sim_assert (sim, cookies.begun == 2 * turn);
      sim_assert (sim, client->ups == 1 && !client->reconnectings && !client->downs);
      sim_assert_agree (client, gateway, 1);
    }
  sim_end (sim);
}

/* One ICMP error, or many with a good answer: not believed. */
static void
test_unreachable_once (void)
{
  Sim *sim = sim_new (90);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  gateway->closed = TRUE;
  sim_listen (gateway);
  sim_start (client);
  sim_run (sim, 200 * IKE_MILLISECOND);
  gateway->closed = FALSE;
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 3 * IKE_SECOND));
  sim_end (sim);
}

/* After it is up, no ICMP error and nothing in clear ends a tunnel. */
static void
test_established_is_deaf (void)
{
  Sim *sim = sim_new (91);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_connect (sim, client, gateway);
  for (guint i = 0; i < 10; i++)
    {
      IkeInput *input = g_new0 (IkeInput, 1);

      input->type = IKE_INPUT_UNREACHABLE;
      input->path.remote = (IkeEndpoint){ gateway->address, 500 };
      input->text = "Connection refused";
      sim_input (client, input);
    }
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, !client->downs && !client->reconnectings);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* Datagrams of every length up to a header and more, full of noise, to hosts in every state. */
static void
test_noise (void)
{
  Sim *sim = sim_new (92);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint8 noise[400];

  sim_listen (gateway);
  sim_start (client);
  for (guint i = 0; i < 4000; i++)
    {
      IkeEndpoint a = { client->address, 500 }, b = { gateway->address, 500 };
      gsize len = i % sizeof noise;
      g_autoptr (GBytes) data = NULL;

      sim->crypto.table.random (&sim->crypto.table, noise, sizeof noise);
      /* half of them look like a message */
      if (i & 1)
        {
          noise[17] = IKE_VERSION_2;
          noise[18] = (guint8) (34 + i % 4);
          noise[19] &= 0x28;
          memset (noise + 20, 0, 6);
          noise[26] = (guint8) (len >> 8);
          noise[27] = (guint8) len;
        }
      data = g_bytes_new (noise, len);
      sim_send (sim, i & 2 ? &a : &b, i & 2 ? &b : &a, FALSE, data, i * 20);
    }
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* ---- a peer that wants no NATs (RFC 4555 section 3.9) ---- */

static void
test_no_nats (void)
{
  for (guint i = 0; i < 4; i++)
    {
      gboolean nat = i & 1, late = (i & 2) != 0;
      SimAttacker attacker;
      SimHost *gateway;

      sim_attacker_prepare (&attacker, 150 + i);
      gateway = (SimHost *) attacker.gateway;
      gateway->config->mobike = attacker.mobike = TRUE;
      sim_listen (gateway);
      if (nat && !late)
        sim_nat (attacker.host, "203.0.113.99");
      attacker.no_nats = !late;
      sim_attacker_init (&attacker);
      sim_attacker_enter (&attacker, FALSE);
      sim_assert (attacker.sim, attacker.said == (nat && !late ? IKE_NOTIFY_UNEXPECTED_NAT_DETECTED : 0));
      sim_assert (attacker.sim, sim_count_ike (gateway) == !(nat && !late));
      for (guint wrong = 0; wrong < 2 && late; wrong++)
        {
          g_auto (IkeBuilder) builder = { 0 };
          guint updates = gateway->kernel.updates;

          attacker.host->address.bytes[3]++; /* it has moved */
          if (nat)
            sim_nat (attacker.host, "203.0.113.99");
          ike_builder_init_inner (&builder);
          ike_builder_notify (&builder, IKE_NOTIFY_UPDATE_SA_ADDRESSES, ike_chunk (NULL, 0));
          if (wrong)
            ike_builder_notify (&builder, IKE_NOTIFY_NO_NATS_ALLOWED, ike_chunk ("short", 5));
          else
            sim_attacker_write_no_nats (&attacker, &builder);
          sim_attacker_send (&attacker, IKE_EXCHANGE_INFORMATIONAL, attacker.next_id++, &builder);
          sim_assert (attacker.sim, attacker.said == (nat || wrong ? IKE_NOTIFY_UNEXPECTED_NAT_DETECTED : 0));
          sim_assert (attacker.sim, (gateway->kernel.updates > updates) == !(nat || wrong));
        }
      sim_stop (gateway);
      sim_end (attacker.sim);
    }
}

/* RFC 9329 section 7.1: what comes by TCP has its own ports, and no NAT harms it. */
static void
test_no_nats_by_tcp (void)
{
  IkePath path = { IKE_TRANSPORT_UDP, { sim_address ("198.51.100.1"), 500 }, { sim_address ("192.0.2.1"), 500 } };
  const IkePath theirs = { IKE_TRANSPORT_UDP, path.remote, path.local };

  for (guint i = 0; i < 6; i++)
    {
      g_auto (IkeBuilder) builder = { 0 };
      g_autofree IkePayloads *payloads = g_new0 (IkePayloads, 1);
      g_autoptr (GBytes) chain = NULL;
      IkeNotify notify;

      path.transport = i < 3 ? IKE_TRANSPORT_UDP : IKE_TRANSPORT_TCP;
      path.remote.port = i % 3 == 2 ? 501 : 500;
      ike_builder_init_inner (&builder);
      ike_natd_forbid (&builder, &theirs, i % 3 ? IKE_ENCAP_NEVER : IKE_ENCAP_ALWAYS);
      chain = ike_builder_finish (&builder);
      g_assert_true (ike_payloads_parse (builder.first, ike_chunk_bytes (chain), payloads) == IKE_PARSE_OK);
      g_assert_true (ike_notify_find (payloads, IKE_NOTIFY_NO_NATS_ALLOWED, &notify) == (i % 3 > 0));
      g_assert_true (ike_natd_is_unexpected (payloads, &path) == (i == 2));
    }
}

int
main (int argc, char **argv)
{
  static const guint percents[] = { 0, 10, 25, 40, 50, 60, 75 };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (percents); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sim/network/loss/%u", percents[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (percents[i]), loss);
    }
  g_test_add_func ("/sim/network/duplicates", test_duplicates);
  g_test_add_func ("/sim/network/disorder", test_disorder);
  g_test_add_func ("/sim/network/corrupt", test_corrupt);
  g_test_add_func ("/sim/network/replay", test_replay);
  g_test_add_func ("/sim/network/injected-refusals", test_injected_refusals);
  g_test_add_func ("/sim/network/injected-cookie", test_injected_cookie);
  g_test_add_func ("/sim/network/injected-slow", test_injected_slow);
  g_test_add_func ("/sim/network/forged-cookie", test_forged_cookie);
  g_test_add_func ("/sim/network/cookie-refused", test_cookie_refused);
  g_test_add_func ("/sim/network/cookie-beside", test_cookie_beside);
  g_test_add_func ("/sim/network/unreachable-once", test_unreachable_once);
  g_test_add_func ("/sim/network/established-is-deaf", test_established_is_deaf);
  g_test_add_func ("/sim/network/noise", test_noise);
  g_test_add_func ("/sim/network/no-nats", test_no_nats);
  g_test_add_func ("/sim/network/no-nats-by-tcp", test_no_nats_by_tcp);
  return g_test_run ();
}
