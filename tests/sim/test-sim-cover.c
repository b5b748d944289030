/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several networks, and a gateway that takes one pair of selectors for a Child SA, less or more than it was asked for:
 * RFC 7296 sections 2.9, 2.9.2.
 */
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include "sa/select.h"
#include "wire/payload-cp.h"
#include "wire/payload-delete.h"
#include "wire/payload-sa.h"
#include "wire/payload-ts.h"

#define CHILD_SPI 0xaaaa0001u

/* What the scripted gateway does with CREATE_CHILD_SA: one answer after the other, the last one for all that follow. */
typedef struct {
  IkeNotifyType refusal; /* 0: none */
  const char *ts_first, *ts_last; /* its TSr; NULL: as offered */
  gboolean deletes; /* before it answers: the one that is being made */
  gboolean waits; /* for answer_held() */
} Answer;

#define SPI_FIRST 0x12345678u /* of the first one */

static const Answer *answers; /* without refusal and selectors: the last one */
static guint created, deleted;
static guint refused, agreed; /* of its own requests */
static guint32 held; /* id of the request that waits */

static void
add_net (GPtrArray *list, const char *first, const char *last)
{
  IkeSelector *selector = g_new0 (IkeSelector, 1);

  g_assert (ike_address_from_string (first, &selector->first) && ike_address_from_string (last, &selector->last));
  selector->port_last = 65535;
  g_ptr_array_add (list, selector);
}

static GBytes *
ts_body (const char *first, const char *last)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) ts = ike_select_new ();
  g_auto (IkeWriter) writer = IKE_WRITER (64);

  add_net (list, first, last);
  g_array_append_vals (ts, list->pdata[0], 1);
  ike_ts_write (&writer, ts, ike_chunk (NULL, 0));
  return ike_chunk_dup (ike_writer_chunk (&writer));
}

static void
write_ts (IkeBuilder *builder, const Answer *answer, const IkePayloads *request)
{
  g_autoptr (GBytes) body = answer->ts_first ? ts_body (answer->ts_first, answer->ts_last) : NULL;

  ike_builder_add (builder, IKE_PAYLOAD_TSI, ike_payloads_find (request, IKE_PAYLOAD_TSI)->body);
  ike_builder_add (builder, IKE_PAYLOAD_TSR,
                   body ? ike_chunk_bytes (body) : ike_payloads_find (request, IKE_PAYLOAD_TSR)->body);
}

static void
ask_delete (SimPeer *peer, guint32 spi)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
  ike_builder_end (&builder);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
}

static void
answer_child (SimPeer *peer, guint32 id, const IkePayloads *request)
{
  static const guint8 nonce[32] = { 7 };
  const Answer *answer = answers;
  g_auto (IkeBuilder) builder = { 0 };

  if (answer->refusal || answer->ts_first)
    answers++;
  created++;
  held = id;
  if (answer->waits)
    return;
  if (answer->deletes)
    ask_delete (peer, CHILD_SPI + created);
  ike_builder_init_inner (&builder);
  if (answer->refusal)
    ike_builder_notify (&builder, answer->refusal, ike_chunk (NULL, 0));
  else
    {
      sim_peer_choose_child (peer, &builder, request, CHILD_SPI + created);
      ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
      write_ts (&builder, answer, request);
    }
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, id, &builder);
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE)
    {
      refused += ike_notify_find (payloads, IKE_NOTIFY_TS_UNACCEPTABLE, &notify);
      agreed += ike_payloads_find (payloads, IKE_PAYLOAD_SA) != NULL;
      return TRUE;
    }
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      answer_child (peer, header->message_id, payloads);
      return TRUE;
    }
  deleted += ike_payloads_find (payloads, IKE_PAYLOAD_DELETE) != NULL;
  ike_builder_init_inner (&builder);
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, header->message_id, &builder);
  return TRUE;
}

/* Wants 10.2/16 and 10.5/16. */
static SimHost *
client_of (Sim *sim, SimPeer **ret_peer, const Answer *script)
{
  SimHost *client = sim_client (sim);

  *ret_peer = sim_peer_new (sim);
  (*ret_peer)->on_other = on_other;
  client->config->child.pfs = FALSE;
  add_net (client->config->child.remote_ts, "10.5.0.0", "10.5.255.255");
  answers = script;
  created = deleted = refused = agreed = 0;
  return client;
}

static void
assert_nets (SimHost *client, guint children, guint told)
{
  sim_assert (client->sim, !client->downs && !client->reconnectings);
  sim_assert (client->sim, sim_kernel_count (&client->kernel, TRUE) == children);
  sim_assert (client->sim, client->configured && client->configured->remote_ts->len == told);
}

/* A client's gateway that narrows to the first pair has the second in a Child SA of its own, and routes are for both from
 * the beginning; one that refuses it has one, which is said. */
static void
test_first_pair (void)
{
  static const Answer takes[] = { { 0, NULL, NULL } };
  static const Answer refuses[] = { { IKE_NOTIFY_TS_UNACCEPTABLE, NULL, NULL }, { 0, NULL, NULL } };
  static const Answer other[] = { { 0, "10.2.0.0", "10.2.255.255" }, { 0, NULL, NULL } };
  const Answer *scripts[] = { takes, refuses, other };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      Sim *sim = sim_new (1400 + i);
      SimPeer *peer;
      SimHost *client = client_of (sim, &peer, scripts[i]);
      g_autoptr (GBytes) first = ts_body ("10.2.0.0", "10.2.255.255");

      peer->answer_ts[1] = first;
      sim_start (client);
      sim_run (sim, 30 * IKE_SECOND);
      sim_assert (sim, created == 1 && client->ups == (i ? 2 : 1) && deleted == (i == 2));
      assert_nets (client, i ? 1 : 2, i ? 1 : 2);
      sim_assert (sim, client->kernel.policies->len == (i ? 1 : 2));
      sim_assert (sim, strstr (sim->transcript->str,
                               "leaves 10.5.0.0/16 out of the first Child SA, which is for 10.2.0.0/16"));
      sim_assert (sim, !i == !strstr (sim->transcript->str, "the other end does not want 10.1.0.0/16 and 10.5.0.0/16"));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Nothing is asked for that was cut down on purpose, or is of a family that we have no address of. */
static void
test_split (void)
{
  static const Answer takes[] = { { 0, NULL, NULL } };
  Sim *sim = sim_new (1405);
  SimPeer *peer;
  SimHost *client = client_of (sim, &peer, takes);
  g_autoptr (GBytes) less = ts_body ("10.5.7.0", "10.5.7.255");

  g_ptr_array_set_size (client->config->child.remote_ts, 0);
  add_net (client->config->child.remote_ts, "0.0.0.0", "255.255.255.255");
  add_net (client->config->child.remote_ts, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  peer->answer_ts[1] = less;
  sim_start (client);
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, created == 0 && client->ups == 1 && !strstr (sim->transcript->str, "out of the first Child SA"));
  assert_nets (client, 1, 1);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
give_address (SimPeer *peer, IkeWriter *writer)
{
  const IkeAddress address = { IKE_FAMILY_IP4, { 10, 9, 0, 1 } };

  ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, &address, 32);
}

/* The offer as a whole is refused: pair by pair it may be taken, by whoever gives the address that it needs. */
static void
test_refused_in_auth (void)
{
  static const Answer takes[] = { { 0, NULL, NULL } };
  static const Answer takes_second[] = { { IKE_NOTIFY_TS_UNACCEPTABLE, NULL, NULL }, { 0, NULL, NULL } };
  static const Answer none[] = { { IKE_NOTIFY_TS_UNACCEPTABLE, NULL, NULL },
                                 { IKE_NOTIFY_TS_UNACCEPTABLE, NULL, NULL },
                                 { 0, NULL, NULL } };
  const struct {
    const Answer *script;
    IkeNotifyType refusal;
    gboolean virtual, given;
    guint created, children;
  } cases[] = {
    { takes, IKE_NOTIFY_TS_UNACCEPTABLE, FALSE, FALSE, 2, 2 },
    { takes, IKE_NOTIFY_SINGLE_PAIR_REQUIRED, FALSE, FALSE, 2, 2 },
    { takes_second, IKE_NOTIFY_TS_UNACCEPTABLE, FALSE, FALSE, 2, 1 },
    { none, IKE_NOTIFY_TS_UNACCEPTABLE, FALSE, FALSE, 2, 0 },
    { takes, IKE_NOTIFY_TS_UNACCEPTABLE, TRUE, TRUE, 2, 2 },
    { takes, IKE_NOTIFY_TS_UNACCEPTABLE, TRUE, FALSE, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Sim *sim = sim_new (1410 + i);
      SimPeer *peer;
      SimHost *client = client_of (sim, &peer, cases[i].script);

      peer->child_error = cases[i].refusal;
      if (cases[i].virtual)
        {
          client->config->want_address4 = TRUE;
          g_ptr_array_set_size (client->config->child.local_ts, 0);
        }
      if (cases[i].given)
        peer->write_cp = give_address;
      sim_start (client);
      sim_run (sim, 30 * IKE_SECOND);
      sim_assert (sim, created == cases[i].created);
      if (!cases[i].children)
        {
          sim_assert_reason (sim, client, TS_UNACCEPTABLE);
          sim_assert (sim, client->reason.detail && strstr (client->reason.detail, "10."));
        }
      else
        assert_nets (client, cases[i].children, cases[i].children);
      sim_assert (sim, client->ups == (cases[i].children ? 1 : 0));
      sim_assert (sim, !cases[i].given || client->configured->addresses->len == 1);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
acquire (SimHost *host)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_ACQUIRE;
  input->connection = host->id;
  sim_feed (host, input);
  sim_run (host->sim, IKE_SECOND);
}

/* On demand for 10.2/16, of which the other end gives a part at a time: a packet for another part asks again, until nothing
 * new comes of it. */
static void
test_parts_on_demand (void)
{
  static const Answer parts[] = { { 0, "10.2.2.0", "10.2.2.255" }, { 0, "10.2.2.0", "10.2.2.255" }, { 0, NULL, NULL } };
  Sim *sim = sim_new (1420);
  SimPeer *peer;
  SimHost *host = client_of (sim, &peer, parts);
  g_autoptr (GBytes) part = ts_body ("10.2.1.0", "10.2.1.255");

  host->config->role = IKE_ROLE_PEER;
  host->config->begin = IKE_BEGIN_DEMAND;
  g_ptr_array_set_size (host->config->child.remote_ts, 1);
  peer->answer_ts[1] = part;
  sim_start (host);
  acquire (host);
  sim_assert (sim, host->ups == 1 && created == 0 && sim_kernel_count (&host->kernel, TRUE) == 1);
  acquire (host);
  sim_assert (sim, created >= 1 && sim_kernel_count (&host->kernel, TRUE) == 2);
  acquire (host);
  sim_assert (sim, created == 2 && deleted == 1 && sim_kernel_count (&host->kernel, TRUE) == 2);
  acquire (host);
  sim_assert (sim, created == 2 && !host->downs);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
assert_policy (SimHost *host, const char *remote)
{
  g_autofree char *text = ike_select_to_string (((const SimPolicy *) host->kernel.policies->pdata[0])->remote_ts);

  sim_assert (host->sim, host->kernel.policies->len == 1 && !strcmp (text, remote));
}

/* An answer that is wider than the offer gets no more than the offer, also at a rekey, which then is as good as any. */
static void
test_wider (void)
{
  static const Answer everything[] = { { 0, "0.0.0.0", "255.255.255.255" }, { 0, NULL, NULL } };
  Sim *sim = sim_new (1430);
  SimPeer *peer;
  SimHost *client = client_of (sim, &peer, everything);
  g_autoptr (GBytes) wider = ts_body ("10.0.0.0", "10.255.255.255");

  g_ptr_array_set_size (client->config->child.remote_ts, 1);
  peer->answer_ts[1] = wider;
  sim_start (client);
  sim_run (sim, IKE_SECOND);
  assert_nets (client, 1, 1);
  assert_policy (client, "10.2.0.0/16");
  sim_assert (sim,
              strstr (sim->transcript->str, "more than we asked for, which is not used: 10.1.0.0/16 and 10.0.0.0/8"));
  sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, created == 1 && sim_kernel_outbound (&client->kernel)->spi == CHILD_SPI + 1);
  assert_nets (client, 1, 1);
  assert_policy (client, "10.2.0.0/16");
  sim_end (sim);
  sim_peer_free (peer);
}

/* RFC 7296 section 2.9.2: a rekey that would be narrower is none. */
static void
test_narrower_rekey (void)
{
  static const Answer half[] = { { 0, "10.2.0.0", "10.2.127.255" }, { 0, NULL, NULL } };
  Sim *sim = sim_new (1431);
  SimPeer *peer;
  SimHost *client = client_of (sim, &peer, half);
  guint32 spi;

  g_ptr_array_set_size (client->config->child.remote_ts, 1);
  sim_start (client);
  sim_run (sim, IKE_SECOND);
  spi = sim_kernel_outbound (&client->kernel)->spi;
  sim_expire (client, spi, FALSE);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, created == 1 && deleted == 1 && sim_kernel_outbound (&client->kernel)->spi == spi);
  assert_policy (client, "10.2.0.0/16");
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, created == 2 && sim_kernel_outbound (&client->kernel)->spi == CHILD_SPI + 2);
  assert_nets (client, 1, 1);
  assert_policy (client, "10.2.0.0/16");
  sim_end (sim);
  sim_peer_free (peer);
}

/* @rekeys: 0 for one more. */
static void
ask_for_child (SimPeer *peer, guint32 rekeys, const char *first, const char *last)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  const guint32 spi = GUINT32_TO_BE (CHILD_SPI);
  const guint8 nonce[32] = { 3 };
  g_autoptr (GBytes) ours = ts_body (first, last);
  g_autoptr (GBytes) theirs = ts_body ("10.1.0.0", "10.1.255.255");
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (rekeys)
    ike_builder_notify_child (&builder, IKE_NOTIFY_REKEY_SA, IKE_PROTOCOL_ESP, rekeys);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (ours));
  ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (theirs));
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

/* The same when the other end rekeys; one that is wider gets what there was. Deleted, it leaves the old one, which meanwhile
 * has come near its end. */
static void
test_rekeyed_by_peer (void)
{
  static const Answer none[] = { { 0, NULL, NULL } };
  Sim *sim = sim_new (1432);
  SimPeer *peer;
  SimHost *client = client_of (sim, &peer, none);

  g_ptr_array_set_size (client->config->child.remote_ts, 1);
  sim_start (client);
  sim_run (sim, IKE_SECOND);
  ask_for_child (peer, SPI_FIRST, "10.2.0.0", "10.2.127.255");
  sim_assert (sim, refused == 1 && !agreed && sim_kernel_outbound (&client->kernel)->spi == SPI_FIRST);
  ask_for_child (peer, SPI_FIRST, "10.0.0.0", "10.255.255.255");
  sim_assert (sim, refused == 1 && agreed == 1);
  assert_policy (client, "10.2.0.0/16");
  sim_expire (client, SPI_FIRST, FALSE);
  ask_delete (peer, CHILD_SPI);
  sim_run (sim, 20 * IKE_SECOND);
  sim_assert (sim, created == 1 && sim_kernel_outbound (&client->kernel)->spi == CHILD_SPI + 1);
  sim_assert (sim, !client->downs && !client->reconnectings);
  sim_end (sim);
  sim_peer_free (peer);
}

/* What the gateway deletes is asked for again while the other one goes on; deleted, the only one is the end. */
static void
test_deleted (void)
{
  static const Answer takes[] = { { 0, NULL, NULL } };

  for (guint all = 0; all < 2; all++)
    {
      Sim *sim = sim_new (1407 + all);
      SimPeer *peer;
      SimHost *client = client_of (sim, &peer, takes);
      g_autoptr (GBytes) first = ts_body ("10.2.0.0", "10.2.255.255");

      peer->answer_ts[1] = all ? NULL : first;
      client->config->keep_trying = FALSE;
      sim_start (client);
      sim_run (sim, IKE_SECOND);
      ask_delete (peer, SPI_FIRST);
      sim_run (sim, 10 * IKE_SECOND);
      if (all)
        sim_assert_reason (sim, client, PEER_DELETED);
      else
        assert_nets (client, 2, 2);
      sim_assert (sim, created == (all ? 0 : 2) && client->ups == 1);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* The same of one that takes the place of one that has expired, deleted before the answer that makes it is here. */
static void
test_deleted_unseen (void)
{
  static const Answer deletes[] = { { .deletes = TRUE } };

  for (guint keep_trying = 0; keep_trying < 2; keep_trying++)
    {
      Sim *sim = sim_new (1409 + keep_trying);
      SimPeer *peer;
      SimHost *client = client_of (sim, &peer, deletes);

      g_ptr_array_set_size (client->config->child.remote_ts, 1);
      client->config->keep_trying = keep_trying;
      sim_start (client);
      sim_run (sim, IKE_SECOND);
      sim_expire (client, SPI_FIRST, TRUE);
      /* at once, since it was ours that expired; after 200 ms; after 400 ms more */
      sim_run (sim, 500 * IKE_MILLISECOND);
      sim_assert (sim, created == (keep_trying ? 2 : 1));
      sim_run (sim, 250 * IKE_MILLISECOND);
      sim_assert (sim, created == (keep_trying ? 3 : 1));
      sim_assert (sim, strstr (sim->transcript->str, "the peer has deleted the new Child SA already"));
      if (keep_trying)
        sim_assert (sim, !client->downs);
      else
        sim_assert_reason (sim, client, PEER_DELETED);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
assert_two_nets (SimHost *client, guint32 slots[2])
{
  sim_assert (client->sim, client->kernel.policies->len == 2 && sim_kernel_count (&client->kernel, TRUE) == 2);
  for (guint i = 0; i < 2; i++)
    {
      const SimPolicy *policy = client->kernel.policies->pdata[i];
      g_autofree char *text = ike_select_to_string (policy->remote_ts);
      guint which = g_str_has_prefix (text, "10.5.");

      sim_assert (client->sim, policy->remote_ts->len == 1 && (!slots[which] || slots[which] == policy->slot));
      slots[which] = policy->slot;
    }
}

/* Two peers, one of which takes a pair at a time: it makes the second one itself, refuses the first one of ours, or has it put
 * off and makes it, too. The tunnel is up by what there is. */
static void
test_crossed (void)
{
  static const Answer waits[] = { { .waits = TRUE } };

  for (guint i = 0; i < 2; i++)
    {
      Sim *sim = sim_new (1450 + i);
      SimPeer *peer;
      SimHost *host = client_of (sim, &peer, waits);
      g_auto (IkeBuilder) builder = { 0 };

      host->config->role = IKE_ROLE_PEER;
      peer->child_error = IKE_NOTIFY_SINGLE_PAIR_REQUIRED;
      sim_start (host);
      sim_run (sim, IKE_SECOND / 4);
      sim_assert (sim, created == 1 && !host->ups);
      ask_for_child (peer, 0, i ? "10.2.0.0" : "10.5.0.0", i ? "10.2.255.255" : "10.5.255.255");
      sim_assert (sim, agreed == 1);
      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, i ? IKE_NOTIFY_TEMPORARY_FAILURE : IKE_NOTIFY_TS_UNACCEPTABLE, ike_chunk (NULL, 0));
      sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, held, &builder);
      sim_run (sim, 30 * IKE_SECOND);
      sim_assert (sim, host->ups >= 1 && !host->downs && !host->reconnectings);
      sim_assert (sim, sim_kernel_count (&host->kernel, TRUE) == 1);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Each keeps its policies when the tunnel is made anew: after a loss, where they hold back what would leave, and beside the
 * old one, which goes. */
static void
test_anew (void)
{
  static const Answer takes[] = { { 0, NULL, NULL } };

  for (guint beside = 0; beside < 2; beside++)
    {
      Sim *sim = sim_new (1440 + beside);
      SimPeer *peer;
      SimHost *client = client_of (sim, &peer, takes);
      g_autoptr (GBytes) first = ts_body ("10.2.0.0", "10.2.255.255");
      guint32 slots[2] = { 0, 0 };
      g_auto (IkeBuilder) builder = { 0 };

      peer->answer_ts[1] = first;
      client->config->keep_trying = TRUE;
      sim_start (client);
      sim_run (sim, 100 * IKE_SECOND);
      assert_two_nets (client, slots);
      ike_builder_init_inner (&builder);
      if (beside)
        ike_builder_notify (&builder, IKE_NOTIFY_AUTH_LIFETIME, ike_chunk ("\0\0\0\0", 4));
      else
        {
          ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_IKE, NULL, 0);
          ike_builder_end (&builder);
        }
      sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert (sim, peer->inits == 2 && created == 2 && client->reconnectings == !beside && !client->downs);
      assert_two_nets (client, slots);
      sim_assert (sim, client->configured->remote_ts->len == 2 && client->ups == (beside ? 1 : 2));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* What overlaps is told as it is, once; nothing changes when it is rekeyed. */
static void
test_overlap (void)
{
  static const Answer takes[] = { { 0, NULL, NULL } };
  Sim *sim = sim_new (1447);
  SimPeer *peer;
  SimHost *client = client_of (sim, &peer, takes);

  add_net (client->config->child.remote_ts, "10.0.0.0", "10.255.255.255");
  sim_start (client);
  sim_run (sim, IKE_SECOND);
  sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, created == 1 && client->ups == 1);
  assert_nets (client, 1, 3);
  sim_end (sim);
  sim_peer_free (peer);
}

/* On demand what is waited for are all networks, however many Child SAs they have. */
static void
test_client_on_demand (void)
{
  static const Answer takes[] = { { 0, NULL, NULL } };

  for (guint virtual = 0; virtual < 2; virtual ++)
    {
      Sim *sim = sim_new (1445 + virtual);
      SimPeer *peer;
      SimHost *client = client_of (sim, &peer, takes);
      g_autoptr (GBytes) first = ts_body ("10.2.0.0", "10.2.255.255");

      peer->answer_ts[1] = first;
      client->config->keep_trying = TRUE;
      client->config->begin = IKE_BEGIN_DEMAND;
      client->config->idle_timeout = 60 * IKE_SECOND;
      if (virtual)
        {
          client->config->want_address4 = TRUE;
          g_ptr_array_set_size (client->config->child.local_ts, 0);
          peer->write_cp = give_address;
        }
      sim_start (client);
      for (guint i = 0; i < 3; i++)
        {
          if (i || !virtual)
            acquire (client);
          sim_run (sim, IKE_SECOND);
          sim_assert (sim, created == i + 1 && sim_kernel_count (&client->kernel, TRUE) == 2);
          sim_assert (sim, client->kernel.policies->len == 2 && sim_kernel_is_whole (&client->kernel));
          sim_run (sim, 200 * IKE_SECOND);
          sim_assert (sim, client->kernel.sas->len == 0 && client->kernel.policies->len == 1);
          sim_assert (sim, ((const SimPolicy *) client->kernel.policies->pdata[0])->remote_ts->len == 2);
        }
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Of two peers that begin at once one has to give up the Child SA that stays while the other IKE SA, which goes in a
 * moment, still has its twin: it is made anew when that is gone. */
static void
test_begun_twice (void)
{
  for (guint i = 0; i < 12; i++)
    {
      Sim *sim = sim_new (9900 + i);
      SimHost *ends[] = { sim_client (sim), sim_gateway (sim) };

      for (guint end = 0; end < 2; end++)
        {
          ends[end]->config->role = IKE_ROLE_PEER;
          ends[end]->config->keep_trying = TRUE;
          sim_start (ends[end]);
        }
      sim_run (sim, i % 4 * IKE_SECOND + 100 * IKE_MILLISECOND);
      sim_assert (sim, sim_count_ike (ends[0]) == 2);
      sim_expire (ends[i & 1], sim_kernel_outbound (&ends[i & 1]->kernel)->spi, TRUE);
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert_agree (ends[0], ends[1], 1);
      sim_assert (sim, sim_count_ike (ends[0]) == 1 && !ends[0]->reconnectings && !ends[1]->reconnectings);
      sim_end (sim);
    }
}

/* On demand a Child SA that has been deleted waits for a packet, and not for the IKE SA that goes when that is rekeyed. */
static void
test_deleted_on_demand (void)
{
  Sim *sim = sim_new (9950);
  SimHost *a = sim_client (sim), *b = sim_gateway (sim);

  a->config->role = b->config->role = IKE_ROLE_PEER;
  a->config->begin = IKE_BEGIN_DEMAND;
  b->config->begin = IKE_BEGIN_LISTEN;
  a->config->ike_lifetime = 4000 * IKE_SECOND;
  a->config->ike_rekey_margin = 400 * IKE_SECOND;
  sim_start_to (b, &a->address);
  sim_start (a);
  acquire (a);
  sim_run (sim, IKE_SECOND);
  sim_assert_agree (a, b, 1);
  sim_expire (b, sim_kernel_outbound (&b->kernel)->spi, TRUE);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, !sim_kernel_count (&a->kernel, TRUE) && sim_count_ike (a) == 1);
  sim_hasten (a, "rekey");
  sim_run (sim, 20 * IKE_SECOND);
  sim_assert (sim, !sim_kernel_count (&a->kernel, TRUE) && sim_count_ike (a) == 1);
  acquire (a);
  sim_run (sim, IKE_SECOND);
  sim_assert_agree (a, b, 1);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cover/deleted-on-demand", test_deleted_on_demand);
  g_test_add_func ("/cover/first-pair", test_first_pair);
  g_test_add_func ("/cover/split", test_split);
  g_test_add_func ("/cover/refused-in-auth", test_refused_in_auth);
  g_test_add_func ("/cover/parts-on-demand", test_parts_on_demand);
  g_test_add_func ("/cover/wider", test_wider);
  g_test_add_func ("/cover/narrower-rekey", test_narrower_rekey);
  g_test_add_func ("/cover/rekeyed-by-peer", test_rekeyed_by_peer);
  g_test_add_func ("/cover/deleted", test_deleted);
  g_test_add_func ("/cover/deleted-unseen", test_deleted_unseen);
  g_test_add_func ("/cover/crossed", test_crossed);
  g_test_add_func ("/cover/anew", test_anew);
  g_test_add_func ("/cover/overlap", test_overlap);
  g_test_add_func ("/cover/begun-twice", test_begun_twice);
  g_test_add_func ("/cover/client-on-demand", test_client_on_demand);
  return g_test_run ();
}
