/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a move changes beside the addresses, and who of both ends it is that moves: RFC 4555 sections 3.2 to 3.8. */
#include "sim-internal.h"
#include "sim-peer.h"

#include "wire/header.h"

#include <string.h>

#define SECONDS(n) ((n) *IKE_SECOND)

/* Both with MOBIKE; peers, or a client and its gateway. */
static void
hosts (Sim *sim, gboolean peers, SimHost **ret_client, SimHost **ret_gateway)
{
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->mobike = gateway->config->mobike = client->config->keep_trying = TRUE;
  gateway->config->ike_lifetime = 2000 * IKE_SECOND;
  gateway->config->ike_rekey_margin = 100 * IKE_SECOND;
  if (peers)
    {
      client->config->role = gateway->config->role = IKE_ROLE_PEER;
      client->config->begin = IKE_BEGIN_NOW;
      gateway->config->begin = IKE_BEGIN_LISTEN;
    }
  *ret_client = client;
  *ret_gateway = gateway;
}

static void
connect_both (Sim *sim, SimHost *client, SimHost *gateway, gboolean peers)
{
  if (peers)
    sim_start_to (gateway, &client->address);
  else
    sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (10)));
  sim_run (sim, IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
}

static void
assert_encap (SimHost *client, SimHost *gateway, gboolean encap)
{
  sim_assert (client->sim, !sim_kernel_outbound (&client->kernel)->encap == !encap);
  sim_assert (client->sim, !sim_kernel_outbound (&gateway->kernel)->encap == !encap);
  sim_assert_agree (client, gateway, 1);
}

/* ---- what the kernel has ---- */

/* The INFORMATIONAL requests of @data, and nothing else. */
static SimVerdict
drop_requests (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return ike_address_equal (&packet->from.address, &((const SimHost *) data)->address) &&
                 octets[18] == IKE_EXCHANGE_INFORMATIONAL && !(octets[19] & IKE_FLAG_RESPONSE)
             ? SIM_DROP
             : SIM_PASS;
}

/* The other half of a rekeyed Child SA comes while a move has no answer: both are where the first one is, and both move. */
static void
test_second_half_moves (void)
{
  Sim *sim = sim_new (23);
  SimHost *client, *gateway;

  hosts (sim, FALSE, &client, &gateway);
  connect_both (sim, client, gateway, FALSE);
  sim->filter = drop_requests;
  sim->filter_data = gateway;
  sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, FALSE);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&client->kernel, FALSE) == 2 && sim_kernel_count (&client->kernel, TRUE) == 1);
  sim->loss = 100;
  sim_move (client, "192.0.2.99");
  sim_run (sim, SECONDS (31));
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 2 && client->moves == 0);
  sim->loss = 0;
  sim->filter = NULL;
  sim_run (sim, SECONDS (30));
  sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings);
  for (guint i = 0; i < client->kernel.sas->len; i++)
    sim_assert (sim,
                ike_address_equal (&((SimSa *) client->kernel.sas->pdata[i])->path.local.address, &client->address));
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* The kernel has a Child SA no more, or cannot move it: another one is made. */
static void
not_moved (gconstpointer data)
{
  gboolean ours = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (24 + ours);
  SimHost *client, *gateway, *host;
  guint32 before;

  hosts (sim, FALSE, &client, &gateway);
  host = ours ? client : gateway;
  connect_both (sim, client, gateway, FALSE);
  before = sim_kernel_outbound (&client->kernel)->child;
  host->kernel.refuse_update = 3;
  sim_move (client, "192.0.2.99");
  sim_run (sim, IKE_SECOND);
  host->kernel.refuse_update = 0;
  sim_run (sim, SECONDS (10));
  sim_assert (sim, host->kernel.updates == 1 && client->moves == 1);
  sim_assert (sim, strstr (sim->transcript->str, "the kernel did not move Child SA #1: error 3") != NULL);
  sim_assert (sim, sim_kernel_outbound (&client->kernel)->child != before);
  sim_assert (sim, client->ups == 1 && !client->reconnectings);
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&client->kernel)->path.local.address, &client->address));
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.remote.address, &client->address));
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* ---- encapsulation without a NAT ---- */

/* Whoever has it in his profile keeps it when he moves, whoever has begun the IKE SA of today. */
static void
forced_encapsulation (gconstpointer data)
{
  gboolean peers = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (1 + peers);
  SimHost *client, *gateway;

  hosts (sim, peers, &client, &gateway);
  client->config->encap = IKE_ENCAP_ALWAYS;
  connect_both (sim, client, gateway, peers);
  assert_encap (client, gateway, TRUE);
  sim_hasten (gateway, "rekey");
  sim_run (sim, IKE_SECOND);
  sim_move (client, "192.0.2.99");
  sim_run (sim, SECONDS (10));
  sim_assert (sim, client->moves == 1);
  assert_encap (client, gateway, TRUE);
  sim_end (sim);
}

/* When the other one moves it is his wish that both ends know. */
static void
test_the_others_wish (void)
{
  Sim *sim = sim_new (3);
  SimHost *client, *gateway;

  hosts (sim, TRUE, &client, &gateway);
  client->config->encap = IKE_ENCAP_ALWAYS;
  connect_both (sim, client, gateway, TRUE);
  sim_move (gateway, "198.51.100.99");
  sim_run (sim, SECONDS (10));
  sim_assert (sim, gateway->moves == 1);
  assert_encap (client, gateway, FALSE);
  sim_end (sim);
}

static guint astray;

static SimVerdict
count_astray (Sim *sim, SimPacket *packet, gpointer data)
{
  astray += ike_address_equal (&packet->to.address, data);
  return SIM_PASS;
}

/* @host moves, and takes the other one for where it was at the beginning. */
static void
move_unaware (SimHost *host, const char *address, SimHost *other, const char *was)
{
  IkeAddress now = other->address;

  other->address = sim_address (was);
  sim_move (host, address);
  other->address = now;
}

/* Where a peer is that has moved the caller does not know. */
static void
test_where_the_other_went (void)
{
  Sim *sim = sim_new (31);
  SimHost *client, *gateway;
  IkeAddress before;

  hosts (sim, TRUE, &client, &gateway);
  sim_start_to (gateway, &client->address);
  sim_nat (client, "192.0.2.1");
  client->address = sim_address ("192.168.0.2");
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (10)));
  before = gateway->address;
  move_unaware (gateway, "198.51.100.99", client, "192.0.2.1");
  sim_run (sim, SECONDS (10));
  sim_assert (sim, gateway->moves == 1 && client->moves == 0);
  astray = 0;
  sim->filter = count_astray;
  sim->filter_data = &before;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (5));
  sim_assert (sim, client->moves == 1 && astray == 0);
  sim_assert_agree (client, gateway, 1);
  move_unaware (client, "192.168.0.9", gateway, "198.51.100.1");
  sim_run (sim, SECONDS (5));
  sim_assert (sim, client->moves == 2 && astray == 0);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* ---- NATs that come and go ---- */

/* Who is behind one says something now and then, whether it was there at the beginning or was met on the way. */
static void
keepalives (gconstpointer data)
{
  gboolean peers = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (4 + peers);
  SimHost *client, *gateway;

  hosts (sim, peers, &client, &gateway);
  connect_both (sim, client, gateway, peers);
  sim_run (sim, SECONDS (60));
  sim_assert (sim, client->keepalives == 0);
  /* whose address is the one that the gateway knows, so that it asks nothing (section 3.7) */
  sim_nat (client, "192.0.2.1");
  sim_move (client, "192.0.2.99");
  sim_run (sim, SECONDS (65));
  sim_assert (sim, client->moves == 1 && client->keepalives == 3 && gateway->keepalives == 0);
  assert_encap (client, gateway, TRUE);
  client->nat = (IkeAddress){ 0 };
  sim_move (client, "192.0.2.1");
  sim_run (sim, SECONDS (65));
  sim_assert (sim, client->moves == 2 && client->keepalives == 3 && gateway->keepalives == 0);
  assert_encap (client, gateway, FALSE);
  sim_end (sim);
}

/* ---- several updates at once ---- */

/* Return routability: it is where it says. As Libreswan it repeats the cookie beside NAT detection only. */
static gboolean
on_cookie (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };
  IkeNotify notify;
  IkeChunk cookie;

  if (header->flags & IKE_FLAG_RESPONSE || !ike_notify_find (payloads, IKE_NOTIFY_COOKIE2, &notify))
    return FALSE;
  cookie = notify.data;
  ike_builder_init_inner (&builder);
  if (ike_notify_find (payloads, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, &notify) &&
      ike_notify_find (payloads, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, &notify))
    ike_builder_notify (&builder, IKE_NOTIFY_COOKIE2, cookie);
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, header->message_id, &builder);
  return TRUE;
}

static enum { COOKIE_RIGHT, COOKIE_OTHER, COOKIE_SHORT, COOKIE_NONE, COOKIE_N } cookie_answer;

/* The same as somebody who has not seen the question. */
static gboolean
on_cookie_wrongly (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };
  IkeNotify notify;
  guint8 copy[64];

  if (header->flags & IKE_FLAG_RESPONSE || !ike_notify_find (payloads, IKE_NOTIFY_COOKIE2, &notify))
    return FALSE;
  g_assert (notify.data.len > 1 && notify.data.len <= sizeof copy);
  memcpy (copy, notify.data.data, notify.data.len);
  copy[notify.data.len - 1] ^= cookie_answer == COOKIE_OTHER;
  ike_builder_init_inner (&builder);
  if (cookie_answer != COOKIE_NONE)
    ike_builder_notify (&builder, IKE_NOTIFY_COOKIE2,
                        ike_chunk (copy, notify.data.len - (cookie_answer == COOKIE_SHORT)));
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, header->message_id, &builder);
  return TRUE;
}

/* The question is kept, and answered when it suits the peer. */
static guint8 kept[64];
static gsize kept_len;
static guint32 kept_id;

static gboolean
on_cookie_later (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE || !ike_notify_find (payloads, IKE_NOTIFY_COOKIE2, &notify))
    return FALSE;
  g_assert (notify.data.len <= sizeof kept);
  memcpy (kept, notify.data.data, kept_len = notify.data.len);
  kept_id = header->message_id;
  return TRUE;
}

static void
answer_kept (SimPeer *peer)
{
  g_auto (IkeBuilder) builder = { 0 };

  g_assert_cmpuint (kept_len, >, 0);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_COOKIE2, ike_chunk (kept, kept_len));
  kept_len = 0;
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, kept_id, &builder);
}

static SimVerdict
count_answers (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  *(guint *) data += octets[18] == IKE_EXCHANGE_INFORMATIONAL && octets[19] == (IKE_FLAG_RESPONSE | IKE_FLAG_INITIATOR);
  return SIM_PASS;
}

static void
update_from (SimPeer *peer, const char *address, guint32 id)
{
  g_auto (IkeBuilder) builder = { 0 };

  peer->host->address = peer->to.address = sim_address (address);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_UPDATE_SA_ADDRESSES, ike_chunk (NULL, 0));
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, FALSE, id, &builder);
}

static void
assert_remote (SimHost *client, const char *address)
{
  const IkeAddress remote = sim_address (address);

  for (guint i = 0; i < client->kernel.sas->len; i++)
    sim_assert (client->sim,
                ike_address_equal (&((SimSa *) client->kernel.sas->pdata[i])->path.remote.address, &remote));
}

/* One that was overtaken by a newer one is answered, and nothing else: RFC 4555 section 3.5. */
static void
test_overtaken (void)
{
  Sim *sim = sim_new (6);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);
  guint answers = 0;

  client->config->mobike = peer->mobike = TRUE;
  peer->on_other = on_cookie;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  sim->filter = count_answers;
  sim->filter_data = &answers;
  update_from (peer, "198.51.100.2", 0);
  sim_run (sim, IKE_SECOND);
  assert_remote (client, "198.51.100.2");
  update_from (peer, "198.51.100.4", 2);
  update_from (peer, "198.51.100.3", 1);
  peer->host->address = sim_address ("198.51.100.4");
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, answers == 3 && client->kernel.updates == 2);
  assert_remote (client, "198.51.100.4");
  sim_end (sim);
  sim_peer_free (peer);
}

/* Section 3.7: a question that was first sent elsewhere proves nothing of the address that came after it: it is asked again,
 * and who is not there cannot answer that. */
static void
test_cookie_of_elsewhere (void)
{
  for (guint there = 0; there < 2; there++)
    {
      Sim *sim = sim_new (40 + there);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      kept_len = 0;
      client->config->mobike = peer->mobike = TRUE;
      peer->on_other = on_cookie_later;
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
      update_from (peer, "198.51.100.2", 0);
      sim_run (sim, IKE_SECOND / 5);
      update_from (peer, "198.51.100.66", 1);
      sim_run (sim, IKE_SECOND / 100);
      if (!there)
        peer->host->address = peer->to.address = sim_address ("198.51.100.2");
      answer_kept (peer);
      sim_run (sim, IKE_SECOND / 5);
      if (there)
        answer_kept (peer); /* the second question */
      sim_run (sim, SECONDS (120));
      sim_assert (sim, client->downs == !there && client->kernel.sas->len == 2 * there);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Section 3.7: an answer without the cookie that was asked for is the end of the IKE SA. */
static void
test_wrong_cookie (void)
{
  for (guint i = COOKIE_RIGHT; i < COOKIE_N; i++)
    {
      Sim *sim = sim_new (30 + i);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);

      cookie_answer = i;
      client->config->mobike = peer->mobike = TRUE;
      peer->on_other = on_cookie_wrongly;
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
      update_from (peer, "198.51.100.2", 0);
      sim_run (sim, IKE_SECOND);
      if (i == COOKIE_RIGHT)
        sim_assert (sim, !client->downs && client->kernel.sas->len == 2);
      else
        {
          sim_assert_reason (sim, client, BAD_MESSAGE);
          g_assert_cmpstr (client->reason.detail, ==, "COOKIE2");
          sim_assert (sim, client->kernel.sas->len == 0);
        }
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static gboolean
on_update_later (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE || !ike_notify_find (payloads, IKE_NOTIFY_UPDATE_SA_ADDRESSES, &notify))
    return FALSE;
  kept_id = header->message_id;
  return TRUE;
}

/* While the user's end is awaited nothing is made anew, and nobody is told of it. */
static void
test_refused_in_farewell (void)
{
  Sim *sim = sim_new (7);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);
  g_auto (IkeBuilder) builder = { 0 };
  IkeTime since;

  client->config->mobike = peer->mobike = TRUE;
  peer->on_other = on_update_later;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  kept_id = G_MAXUINT32;
  sim_move (client, "192.0.2.9");
  sim_run (sim, IKE_SECOND / 10);
  g_assert_cmpuint (kept_id, !=, G_MAXUINT32);
  peer->from.address = client->address;
  sim_stop (client);
  since = sim->now;
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_UNACCEPTABLE_ADDRESSES, ike_chunk (NULL, 0));
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, kept_id, &builder);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, SECONDS (10)));
  sim_assert (sim, client->stalls == 0 && sim->now - since <= IKE_SECOND / 10);
  sim_end (sim);
  sim_peer_free (peer);
}

/* ---- NATs that forget ---- */

/* Before anybody has looked as whom the server sees us, our mapping is another one: the first look does not take it for
 * the one that the server's kernel knows. */
static void
test_first_mapping (void)
{
  Sim *sim = sim_new (40);
  SimHost *client, *gateway;

  hosts (sim, FALSE, &client, &gateway);
  client->config->dpd_delay = SECONDS (30);
  sim_nat (client, "203.0.113.5");
  connect_both (sim, client, gateway, FALSE);
  client->nat_ports[0] = client->nat_ports[1] = 0;
  sim_run (sim, SECONDS (65));
  sim_assert (sim, client->nat_ports[1]);
  sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == client->nat_ports[1]);
  sim_assert (sim, !client->reconnectings && !client->downs);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* ---- who is on the way ---- */

/* Section 3.11: a server waits for five minutes for a client that may come back from elsewhere; not where its profile says
 * how long, where the client would be kept out by what is left of it, and for one that cannot move. */
static void
test_on_the_way (void)
{
  static const struct {
    gboolean mobike, keep;
    guint timeout; /* seconds */
    gboolean stays;
  } rows[] = {
    { TRUE, FALSE, 0, TRUE }, { TRUE, FALSE, 60, FALSE }, { TRUE, TRUE, 0, FALSE }, { FALSE, FALSE, 0, FALSE }
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (50 + i);
      SimHost *client, *gateway;

      hosts (sim, FALSE, &client, &gateway);
      client->config->mobike = rows[i].mobike;
      client->config->dpd_delay = 0;
      gateway->config->dpd_delay = SECONDS (30);
      gateway->config->dpd_timeout = SECONDS (rows[i].timeout);
      gateway->config->serve = ike_serve_new ();
      gateway->config->serve->unique = rows[i].keep ? IKE_UNIQUE_KEEP : IKE_UNIQUE_REPLACE;
      connect_both (sim, client, gateway, FALSE);
      client->off = TRUE;
      sim_run (sim, SECONDS (280));
      sim_assert (sim, gateway->gones == !rows[i].stays);
      client->off = FALSE;
      if (rows[i].stays)
        {
          sim_move (client, "192.0.2.99");
          sim_run (sim, SECONDS (30));
          sim_assert (sim, client->moves == 1 && client->ups == 1 && !client->reconnectings && !gateway->gones);
          sim_assert_agree (client, gateway, 1);
          client->off = TRUE;
          sim_run (sim, SECONDS (400));
          sim_assert (sim, gateway->gones == 1);
        }
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/mobike/second-half", test_second_half_moves);
  g_test_add_data_func ("/sim/mobike/not-moved/ours", GINT_TO_POINTER (TRUE), not_moved);
  g_test_add_data_func ("/sim/mobike/not-moved/theirs", GINT_TO_POINTER (FALSE), not_moved);
  g_test_add_data_func ("/sim/mobike/forced-encapsulation/client", GINT_TO_POINTER (FALSE), forced_encapsulation);
  g_test_add_data_func ("/sim/mobike/forced-encapsulation/peer", GINT_TO_POINTER (TRUE), forced_encapsulation);
  g_test_add_func ("/sim/mobike/the-others-wish", test_the_others_wish);
  g_test_add_func ("/sim/mobike/where-the-other-went", test_where_the_other_went);
  g_test_add_data_func ("/sim/mobike/keepalives/client", GINT_TO_POINTER (FALSE), keepalives);
  g_test_add_data_func ("/sim/mobike/keepalives/peer", GINT_TO_POINTER (TRUE), keepalives);
  g_test_add_func ("/sim/mobike/overtaken", test_overtaken);
  g_test_add_func ("/sim/mobike/wrong-cookie", test_wrong_cookie);
  g_test_add_func ("/sim/mobike/cookie-of-elsewhere", test_cookie_of_elsewhere);
  g_test_add_func ("/sim/mobike/refused-in-farewell", test_refused_in_farewell);
  g_test_add_func ("/sim/mobike/first-mapping", test_first_mapping);
  g_test_add_func ("/sim/mobike/on-the-way", test_on_the_way);
  return g_test_run ();
}
