/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labeled IPsec (RFC 9478): both ends use the same label, for all Child SAs and all their life, or there is none. */
#include "sim-internal.h"
#include "sim-peer.h"

#include "sa/label.h"
#include "wire/payload-ts.h"

#include <string.h>

#define LABEL "system_u:object_r:ipsec_spd_t:s0"
#define OTHER "system_u:object_r:ipsec_spd_t:s0:c1"
#define SPI_FIRST 0x12345678u

static GBytes *
label_new (const char *text)
{
  return g_bytes_new (text, strlen (text) + 1);
}

static void
set_label (SimHost *host, const char *text)
{
  if (text)
    host->config->child.label = label_new (text);
}

/* All SAs and policies of both ends have it. */
static void
expect (Sim *sim, SimHost *a, SimHost *b, const char *text)
{
  g_autoptr (GBytes) label = label_new (text);
  SimHost *both[] = { a, b };

  sim_assert_agree (a, b, 1);
  for (guint i = 0; i < 2; i++)
    {
      const SimKernel *kernel = &both[i]->kernel;

      sim_assert (sim, kernel->policies->len == 1);
      sim_assert (sim, ike_label_equal (((SimPolicy *) kernel->policies->pdata[0])->label, label));
      for (guint j = 0; j < kernel->sas->len; j++)
        sim_assert (sim, ike_label_equal (((SimSa *) kernel->sas->pdata[j])->label, label));
    }
}

/* ---- two engines ---- */

static void
test_agree (void)
{
  for (guint signatures = 0; signatures < 2; signatures++)
    {
      Sim *sim = sim_new (1000 + signatures);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      set_label (client, LABEL);
      set_label (gateway, LABEL);
      if (signatures)
        sim_signatures (client, gateway);
      sim_connect (sim, client, gateway);
      expect (sim, client, gateway, LABEL);
      for (guint i = 0; i < 4; i++)
        {
          SimHost *who = i & 1 ? gateway : client;
          guint32 spi = sim_kernel_outbound (&who->kernel)->spi;

          sim_expire (who, spi, FALSE);
          sim_run (sim, 10 * IKE_SECOND);
          sim_assert (sim, sim_kernel_outbound (&who->kernel)->spi != spi);
          expect (sim, client, gateway, LABEL);
        }
      sim_end (sim);
    }
}

/* The Child SA by an exchange of its own, a client that comes back, one that authenticates anew. */
static void
test_other_ways (void)
{
  for (guint way = 0; way < 3; way++)
    {
      Sim *sim = sim_new (1005 + way);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      set_label (client, LABEL);
      set_label (gateway, LABEL);
      client->config->childless = gateway->config->childless = way == 0;
      client->config->resumption = gateway->config->resumption = way == 1;
      client->config->keep_trying = way == 1;
      client->config->reauth = way == 2;
      client->config->ike_lifetime = way == 2 ? 60 * IKE_SECOND : 0;
      client->config->ike_rekey_margin = way == 2 ? 10 * IKE_SECOND : 0;
      client->config->dpd_delay = 5 * IKE_SECOND;
      sim_connect (sim, client, gateway);
      expect (sim, client, gateway, LABEL);
      if (way == 1)
        sim_hasten (client, "liveness");
      sim_run (sim, 200 * IKE_SECOND);
      expect (sim, client, gateway, LABEL);
      sim_end (sim);
    }
}

/* Both rekey at once, again and again, on a link that reorders. */
static void
test_collision (void)
{
  for (guint i = 0; i < 20; i++)
    {
      Sim *sim = sim_new (1010 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      set_label (client, LABEL);
      set_label (gateway, LABEL);
      sim->jitter = 30 * IKE_MILLISECOND;
      sim_connect (sim, client, gateway);
      for (guint n = 0; n < 3; n++)
        {
          sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
          sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, FALSE);
          sim_run (sim, 30 * IKE_SECOND);
          expect (sim, client, gateway, LABEL);
        }
      sim_end (sim);
    }
}

/* Two peers that begin at once: one IKE SA, one Child SA, one label. */
static void
test_peers (void)
{
  for (guint i = 0; i < 20; i++)
    {
      Sim *sim = sim_new (1040 + i);
      SimHost *a = sim_client (sim), *b = sim_gateway (sim);

      a->config->role = b->config->role = IKE_ROLE_PEER;
      a->config->keep_trying = b->config->keep_trying = TRUE;
      set_label (a, LABEL);
      set_label (b, LABEL);
      sim->jitter = 30 * IKE_MILLISECOND;
      sim_start (a);
      sim_start_to (b, &a->address);
      sim_assert (sim, sim_run_until (sim, sim_is_up, a, 60 * IKE_SECOND));
      sim_run (sim, 120 * IKE_SECOND);
      expect (sim, a, b, LABEL);
      sim_end (sim);
    }
}

/* A trap has it before there is any SA, and after. */
static void
test_trap (void)
{
  g_autoptr (GBytes) label = label_new (LABEL);
  Sim *sim = sim_new (1070);
  SimHost *a = sim_client (sim), *b = sim_gateway (sim);
  IkeInput *input = g_new0 (IkeInput, 1);

  a->config->role = b->config->role = IKE_ROLE_PEER;
  a->config->keep_trying = b->config->keep_trying = TRUE;
  a->config->begin = IKE_BEGIN_DEMAND;
  b->config->begin = IKE_BEGIN_LISTEN;
  set_label (a, LABEL);
  set_label (b, LABEL);
  sim_start (a);
  sim_start_to (b, &a->address);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, a->kernel.policies->len == 1 && !a->ups);
  sim_assert (sim, ike_label_equal (((SimPolicy *) a->kernel.policies->pdata[0])->label, label));
  input->type = IKE_INPUT_ACQUIRE;
  input->connection = a->id;
  sim_feed (a, input);
  sim_assert (sim, sim_run_until (sim, sim_is_up, a, 60 * IKE_SECOND));
  sim_run (sim, 30 * IKE_SECOND);
  expect (sim, a, b, LABEL);
  sim_end (sim);
}

/* Another one, none here, none there. */
static void
test_refused (void)
{
  const char *const pairs[][2] = { { LABEL, OTHER }, { OTHER, LABEL }, { LABEL, NULL }, { NULL, LABEL } };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (pairs); i++)
    {
      const char *const *pair = pairs[i / 2];
      Sim *sim = sim_new (1080 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      set_label (client, pair[0]);
      set_label (gateway, pair[1]);
      client->config->childless = gateway->config->childless = i & 1;
      sim_listen (gateway);
      sim_start (client);
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert (sim, client->downs == 1 && !client->ups && (!gateway->ups || i & 1));
      sim_assert (sim, client->reason.notify == IKE_NOTIFY_TS_UNACCEPTABLE);
      if (!(i & 1))
        sim_assert (sim, client->reason.code == IKE_REASON_TS_UNACCEPTABLE &&
                             !pair[0] == !strstr (client->reason.detail, pair[0] ? pair[0] : "labelled"));
      sim_assert (sim, !client->kernel.sas->len && !client->kernel.policies->len);
      sim_assert (sim, !gateway->kernel.sas->len && !gateway->kernel.policies->len);
      sim_end (sim);
    }
}

/* ---- a scripted gateway ---- */

/* 10.@net.0.0/16, if it is not 0, and @labels, of which the last ends with NULL; @bare: without final NULs. */
static GBytes *
ts_new (guint8 net, gboolean bare, const char *const *labels)
{
  const guint8 range[] = { 7, 0, 0, 16, 0, 0, 255, 255, 10, net, 0, 0, 10, net, 255, 255 };
  GByteArray *body = g_byte_array_new ();
  guint8 head[] = { (guint8) ((net > 0) + g_strv_length ((char **) labels)), 0, 0, 0 };

  g_byte_array_append (body, head, sizeof head);
  if (net)
    g_byte_array_append (body, range, sizeof range);
  for (guint i = 0; labels[i]; i++)
    {
      /* "" is empty, without a NUL as well */
      gsize len = *labels[i] ? strlen (labels[i]) + !bare : 0;
      guint8 ts[] = { IKE_TS_SECLABEL, 0xff, 0, (guint8) (4 + len) };

      g_byte_array_append (body, ts, sizeof ts);
      g_byte_array_append (body, (const guint8 *) labels[i], (guint) len);
    }
  return g_byte_array_free_to_bytes (body);
}

typedef struct {
  const char *ours;
  gboolean bare;
  const char *initiator[3], *responder[3];
  gboolean good;
} Answer;

static const Answer answers[] = {
  { LABEL, FALSE, { LABEL }, { LABEL }, TRUE },
  { LABEL, TRUE, { LABEL }, { LABEL }, TRUE },
  { NULL, FALSE, { NULL }, { NULL }, TRUE },
  { LABEL, FALSE, { NULL }, { NULL }, FALSE }, /* it knows of no labels */
  { LABEL, FALSE, { LABEL }, { NULL }, FALSE },
  { LABEL, FALSE, { NULL }, { LABEL }, FALSE },
  { LABEL, FALSE, { OTHER }, { OTHER }, FALSE },
  { LABEL, FALSE, { LABEL }, { OTHER }, FALSE },
  { LABEL, FALSE, { LABEL, OTHER }, { LABEL, OTHER }, FALSE },
  { LABEL, FALSE, { LABEL, LABEL }, { LABEL, LABEL }, FALSE },
  { LABEL, FALSE, { "" }, { "" }, FALSE },
  { NULL, FALSE, { LABEL }, { LABEL }, FALSE },
  { NULL, FALSE, { "" }, { "" }, FALSE },
};

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const Answer *answer = &answers[i];
      Sim *sim = sim_new (1100 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);
      g_autoptr (GBytes) initiator = ts_new (1, answer->bare, answer->initiator);
      g_autoptr (GBytes) responder = ts_new (2, answer->bare, answer->responder);

      set_label (client, answer->ours);
      peer->answer_ts[0] = initiator;
      peer->answer_ts[1] = responder;
      sim_start (client);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, client->ups == (guint) answer->good && client->downs == (guint) !answer->good);
      sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == (guint) answer->good);
      if (answer->good)
        sim_assert (sim, !sim_kernel_outbound (&client->kernel)->label == !answer->ours);
      else
        sim_assert (sim, client->reason.code == IKE_REASON_LABEL && client->reason.detail);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* ---- and its requests ---- */

static guint refusals, created;
static IkeNotifyType last_refusal;
static GBytes *last_ts;

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const IkePayload *ts = ike_payloads_find (payloads, IKE_PAYLOAD_TSI);
  IkeNotify notify;

  if (!(header->flags & IKE_FLAG_RESPONSE))
    return FALSE;
  if (ike_notify_find_error (payloads, &notify))
    {
      refusals++;
      last_refusal = notify.type;
    }
  else if (ts)
    {
      created++;
      g_clear_pointer (&last_ts, g_bytes_unref);
      last_ts = ike_chunk_dup (ts->body);
    }
  return TRUE;
}

/* @rekey: the first Child SA; else one more. */
static void
ask (SimPeer *peer, gboolean rekey, GBytes *tsi, GBytes *tsr)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  guint32 spi = GUINT32_TO_BE (0xaaaa0001);
  const guint8 nonce[32] = { 3 };
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (rekey)
    ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, SPI_FIRST);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (tsi));
  ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (tsr));
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

typedef struct {
  const char *ours;
  gboolean no_range, bare;
  const char *initiator[4], *responder[4];
  gboolean good;
} Request;

static const Request requests[] = {
  { LABEL, FALSE, FALSE, { LABEL }, { LABEL }, TRUE },
  { LABEL, FALSE, TRUE, { LABEL }, { LABEL }, TRUE },
  { LABEL, FALSE, FALSE, { OTHER, "", LABEL }, { LABEL, OTHER }, TRUE },
  { NULL, FALSE, FALSE, { NULL }, { NULL }, TRUE },
  { LABEL, FALSE, FALSE, { NULL }, { NULL }, FALSE },
  { LABEL, FALSE, FALSE, { LABEL }, { NULL }, FALSE },
  { LABEL, FALSE, FALSE, { NULL }, { LABEL }, FALSE },
  { LABEL, FALSE, FALSE, { OTHER }, { OTHER }, FALSE },
  { LABEL, FALSE, FALSE, { LABEL }, { OTHER }, FALSE },
  { LABEL, FALSE, FALSE, { "" }, { "" }, FALSE }, /* not "any" */
  { LABEL, TRUE, FALSE, { LABEL }, { LABEL }, FALSE }, /* of no address */
  { NULL, FALSE, FALSE, { LABEL }, { LABEL }, FALSE },
  { NULL, FALSE, FALSE, { LABEL }, { NULL }, FALSE },
  { NULL, FALSE, FALSE, { "" }, { "" }, FALSE },
};

/* The answer names the label as it was offered, once. */
static void
expect_echo (Sim *sim, const Request *request)
{
  g_autoptr (GArray) selectors = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  g_autoptr (GArray) labels = ike_labels_new ();
  guint unknown;

  sim_assert (sim, ike_ts_parse (ike_chunk_bytes (last_ts), selectors, labels, &unknown));
  sim_assert (sim, labels->len == (request->ours != NULL));
  if (request->ours)
    sim_assert (sim, ike_chunk_equal (g_array_index (labels, IkeChunk, 0),
                                      ike_chunk (request->ours, strlen (request->ours) + !request->bare)));
}

static void
try_request (const Request *request, gboolean rekey, guint64 seed)
{
  Sim *sim = sim_new (seed);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);
  g_autoptr (GBytes) initiator = ts_new (request->no_range ? 0 : 2, request->bare, request->initiator);
  g_autoptr (GBytes) responder = ts_new (request->no_range ? 0 : 1, request->bare, request->responder);

  refusals = created = 0;
  set_label (client, request->ours);
  if (!rekey)
    client->config->role = IKE_ROLE_PEER;
  peer->on_other = on_other;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  ask (peer, rekey, initiator, responder);
  sim_assert (sim, created == (guint) request->good && refusals == (guint) !request->good);
  sim_assert (sim, request->good || last_refusal == IKE_NOTIFY_TS_UNACCEPTABLE);
  sim_assert (sim, sim_kernel_count (&client->kernel, FALSE) == 1 + (guint) request->good && !client->downs);
  for (guint i = 0; i < client->kernel.sas->len; i++)
    sim_assert (sim, !((SimSa *) client->kernel.sas->pdata[i])->label == !request->ours);
  if (request->good)
    expect_echo (sim, request);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
test_requests (void)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (requests); i++)
    try_request (&requests[i / 2], i & 1, 1200 + i);
  g_clear_pointer (&last_ts, g_bytes_unref);
}

/* ---- and its answers to ours ---- */

static const char *answer_label;
static guint deletes;

static void
write_answer_ts (IkeBuilder *builder, IkePayloadType type, const IkePayloads *request)
{
  g_autoptr (GArray) selectors = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  g_autoptr (GArray) labels = ike_labels_new ();
  guint unknown;

  g_assert_true (ike_ts_parse (ike_payloads_find (request, type)->body, selectors, labels, &unknown));
  ike_ts_write (ike_builder_begin (builder, type), selectors,
                ike_chunk (answer_label, answer_label ? strlen (answer_label) + 1 : 0));
  ike_builder_end (builder);
}

static gboolean
on_request (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  static const guint8 nonce[32] = { 7 };
  g_auto (IkeBuilder) builder = { 0 };

  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  ike_builder_init_inner (&builder);
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      sim_peer_choose_child (peer, &builder, payloads, 0xbbbb0001);
      ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
      write_answer_ts (&builder, IKE_PAYLOAD_TSI, payloads);
      write_answer_ts (&builder, IKE_PAYLOAD_TSR, payloads);
    }
  else
    deletes += ike_payloads_find (payloads, IKE_PAYLOAD_DELETE) != NULL;
  sim_peer_send (peer, header->exchange, TRUE, header->message_id, &builder);
  return TRUE;
}

/* A rekey without the label, or with another one, is given back, and the old Child SA goes on. */
static void
test_rekey_answers (void)
{
  const char *const with[] = { LABEL, OTHER, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (with); i++)
    {
      g_autoptr (GBytes) label = label_new (LABEL);
      Sim *sim = sim_new (1300 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      deletes = 0;
      answer_label = with[i];
      set_label (client, LABEL);
      peer->on_other = on_request;
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
      sim_expire (client, SPI_FIRST, FALSE);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, deletes == 1 && !client->downs);
      sim_assert (sim, !sim_kernel_find (&client->kernel, SPI_FIRST, TRUE) == (i == 0));
      sim_assert (sim, !sim_kernel_find (&client->kernel, 0xbbbb0001, TRUE) == (i != 0));
      sim_assert (sim, ike_label_equal (sim_kernel_outbound (&client->kernel)->label, label));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* ---- alone ---- */

static void
test_equal (void)
{
  const struct {
    const char *a, *b;
    gsize a_len, b_len;
    gboolean equal;
  } cases[] = {
    { NULL, NULL, 0, 0, TRUE }, { "a", NULL, 1, 0, FALSE },      { "a", "a", 1, 1, TRUE },
    { "a", "a", 2, 1, TRUE },   { "a", "a\0", 2, 3, FALSE },     { "a", "b", 1, 1, FALSE },
    { "a", "ab", 1, 2, FALSE }, { "a\0b", "a\0c", 3, 3, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) a = cases[i].a ? g_bytes_new (cases[i].a, cases[i].a_len) : NULL;
      g_autoptr (GBytes) b = cases[i].b ? g_bytes_new (cases[i].b, cases[i].b_len) : NULL;

      g_assert_true (ike_label_equal (a, b) == cases[i].equal && ike_label_equal (b, a) == cases[i].equal);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/label/agree", test_agree);
  g_test_add_func ("/sim/label/other-ways", test_other_ways);
  g_test_add_func ("/sim/label/collision", test_collision);
  g_test_add_func ("/sim/label/peers", test_peers);
  g_test_add_func ("/sim/label/trap", test_trap);
  g_test_add_func ("/sim/label/refused", test_refused);
  g_test_add_func ("/sim/label/answers", test_answers);
  g_test_add_func ("/sim/label/requests", test_requests);
  g_test_add_func ("/sim/label/rekey-answers", test_rekey_answers);
  g_test_add_func ("/sim/label/equal", test_equal);
  return g_test_run ();
}
