/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another member of the gateway's cluster goes on with an IKE SA, and says from which message ids (RFC 6311). */
#include "sim-peer.h"

#include "wire/payload-notify.h"

typedef struct {
  Sim *sim;
  SimHost *client;
  SimPeer *peer;
  guint answers; /* of ours to the message apart */
  guint32 nonce, send, expect; /* the last one's */
  guint32 last_request; /* id of the client's last request */
  guint requests, ordinary; /* of the client; its answers to what is ordinary */
  gboolean mute; /* the client's requests are not answered */
} World;

static World world;

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;
  IkeReader reader;

  if (!(header->flags & IKE_FLAG_RESPONSE))
    {
      world.requests++;
      world.last_request = header->message_id;
      return world.mute;
    }
  if (!ike_notify_find (payloads, IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC, &notify))
    {
      world.ordinary++;
      return TRUE;
    }
  sim_assert (peer->sim, header->message_id == 0 && payloads->n == 1);
  reader = ike_reader (notify.data);
  world.answers++;
  world.nonce = ike_read_u32 (&reader);
  world.send = ike_read_u32 (&reader);
  world.expect = ike_read_u32 (&reader);
  sim_assert (peer->sim, ike_reader_done (&reader));
  return TRUE;
}

static void
begin (guint64 seed, gboolean agreed)
{
  world = (World){ .sim = sim_new (seed) };
  world.client = sim_client (world.sim);
  world.client->config->dpd_delay = 20 * IKE_SECOND;
  world.client->config->dpd_timeout = 60 * IKE_SECOND;
  world.peer = sim_peer_new (world.sim);
  world.peer->sync = agreed;
  world.peer->on_other = on_other;
  sim_start (world.client);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, 10 * IKE_SECOND));
}

static void
end (void)
{
  world.mute = FALSE;
  sim_end (world.sim);
  sim_peer_free (world.peer);
}

enum { PLAIN, WITH_COUNTER, WITH_MORE, SHORT };

static void
ask (guint32 send, guint32 expect, guint how)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_auto (IkeWriter) writer = IKE_WRITER (16);

  ike_write_u32 (&writer, 0xabcd0000 + send);
  ike_write_u32 (&writer, send);
  if (how != SHORT)
    ike_write_u32 (&writer, expect);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC, ike_writer_chunk (&writer));
  if (how == WITH_COUNTER)
    ike_builder_notify (&builder, IKE_NOTIFY_IPSEC_REPLAY_COUNTER_SYNC, ike_chunk ("1234", 4));
  if (how == WITH_MORE)
    ike_builder_notify (&builder, IKE_NOTIFY_INITIAL_CONTACT, ike_chunk (NULL, 0));
  world.answers = 0;
  sim_peer_send (world.peer, IKE_EXCHANGE_INFORMATIONAL, FALSE, 0, &builder);
  sim_run (world.sim, IKE_SECOND);
}

/* An ordinary request of the gateway's. */
static gboolean
is_answered (guint32 id)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  world.ordinary = 0;
  sim_peer_send (world.peer, IKE_EXCHANGE_INFORMATIONAL, FALSE, id, &builder);
  sim_run (world.sim, IKE_SECOND);
  return world.ordinary > 0;
}

static void
test_right (void)
{
  for (guint before = 0; before < 3; before++)
    for (guint how = PLAIN; how <= WITH_COUNTER; how++)
      {
        begin (10 + before, TRUE);
        for (guint i = 0; i < before; i++)
          sim_assert (world.sim, is_answered (i));
        ask (100, 200, how);
        sim_assert (world.sim,
                    world.answers == 1 && world.nonce == 0xabcd0000 + 100 && world.send == 200 && world.expect == 100);
        /* from there on, in both directions */
        sim_assert (world.sim, !is_answered (before) && is_answered (100) && is_answered (101));
        sim_run (world.sim, 60 * IKE_SECOND);
        sim_assert (world.sim, world.requests > 0 && world.last_request >= 200 && world.client->downs == 0);
        end ();
      }
}

/* Old ones, the same again, what is malformed or comes with something else, and what leaves no room: nothing changes. */
static void
test_refused (void)
{
  begin (20, TRUE);
  for (guint i = 0; i < 4; i++)
    sim_assert (world.sim, is_answered (i));
  ask (3, 10, PLAIN);
  sim_assert (world.sim, world.answers == 0);
  ask (50, 10, WITH_MORE);
  sim_assert (world.sim, world.answers == 0);
  ask (50, 10, SHORT);
  sim_assert (world.sim, world.answers == 0);
  ask (0x80000000, 10, PLAIN);
  sim_assert (world.sim, world.answers == 0);
  ask (50, 0xffffffff, PLAIN);
  sim_assert (world.sim, world.answers == 0 && is_answered (4));
  ask (50, 1, PLAIN);
  /* ours is never less than it was */
  sim_assert (world.sim, world.answers == 1 && world.expect == 50 && world.send >= 2);
  ask (50, 90, PLAIN);
  sim_assert (world.sim, world.answers == 0);
  ask (49, 90, PLAIN);
  sim_assert (world.sim, world.answers == 0 && is_answered (50));
  ask (60, 90, PLAIN);
  sim_assert (world.sim, world.answers == 1 && world.send == 90 && world.expect == 60);
  end ();
}

/* One that was answered out of turn is seen, though another before it is not: its id is not used twice. */
static void
test_out_of_turn (void)
{
  begin (25, TRUE);
  sim_assert (world.sim, is_answered (0) && is_answered (2));
  ask (1, 60, PLAIN);
  sim_assert (world.sim, world.answers == 0);
  ask (2, 60, PLAIN);
  sim_assert (world.sim, world.answers == 0);
  ask (3, 60, PLAIN);
  sim_assert (world.sim, world.answers == 1 && world.expect == 3 && is_answered (3));
  end ();
}

/* Who has not said that it could do such a thing cannot. */
static void
test_not_agreed (void)
{
  begin (30, FALSE);
  sim_assert (world.sim, is_answered (0));
  ask (50, 60, PLAIN);
  sim_assert (world.sim, world.answers == 0 && is_answered (1));
  end ();
}

/* A request that the member before has not answered goes to the new one, under an id that it takes. */
static void
test_unanswered (void)
{
  guint32 before;

  begin (40, TRUE);
  world.mute = TRUE;
  while (!world.requests)
    sim_run (world.sim, IKE_SECOND);
  before = world.last_request;
  ask (10, 500, PLAIN);
  sim_assert (world.sim, world.answers == 1 && world.send == 500 && world.last_request == 500 && before < 500);
  world.mute = FALSE;
  sim_run (world.sim, 100 * IKE_SECOND);
  sim_assert (world.sim, world.client->downs == 0 && world.last_request > 500);
  end ();
}

static SimVerdict
keep (Sim *sim, SimPacket *packet, gpointer data)
{
  GBytes **kept = data;

  /* what the gateway sends */
  if (ike_address_equal (&packet->from.address, &world.peer->host->address))
    {
      g_clear_pointer (kept, g_bytes_unref);
      *kept = g_bytes_ref (packet->data);
    }
  return SIM_PASS;
}

/* What was sent once comes again from elsewhere: nothing is believed of it, and the client stays where it is. */
static void
test_replayed (void)
{
  const IkeEndpoint from = { { IKE_FAMILY_IP4, { 203, 0, 113, 9 } }, 500 };
  g_autoptr (GBytes) kept = NULL;
  IkeEndpoint to;
  guint before;

  begin (50, TRUE);
  to = (IkeEndpoint){ world.client->address, 500 };
  world.sim->filter = keep;
  world.sim->filter_data = &kept;
  sim_assert (world.sim, is_answered (0) && kept != NULL);
  world.sim->filter = NULL;
  g_autoptr (GBytes) first = g_bytes_ref (kept);
  sim_assert (world.sim, is_answered (1));
  for (guint i = 0; i < 200; i++)
    {
      sim_send (world.sim, &from, &to, FALSE, g_bytes_ref (first), 0);
      sim_run (world.sim, IKE_SECOND);
    }
  /* nor does it pass for a sign of life */
  before = world.requests;
  sim_assert (world.sim, before > 5 && world.client->downs == 0 && world.client->moves == 0);
  sim_assert (world.sim, is_answered (2));
  end ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/sync/right", test_right);
  g_test_add_func ("/sim/sync/refused", test_refused);
  g_test_add_func ("/sim/sync/out-of-turn", test_out_of_turn);
  g_test_add_func ("/sim/sync/not-agreed", test_not_agreed);
  g_test_add_func ("/sim/sync/unanswered", test_unanswered);
  g_test_add_func ("/sim/sync/replayed", test_replayed);
  return g_test_run ();
}
