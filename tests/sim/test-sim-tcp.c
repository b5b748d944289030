/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP encapsulation, RFC 9329: what the engine does otherwise on a connection, and when there is another one. */
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include <string.h>

#define SECONDS(n) ((n) *IKE_SECOND)
#define FIRST_PORT 40001

static SimHost *
client_new (Sim *sim, gboolean mobike)
{
  SimHost *client = sim_client (sim);

  client->config->mobike = mobike;
  client->config->keep_trying = TRUE;
  client->config->dpd_delay = SECONDS (30);
  client->config->dpd_timeout = SECONDS (60);
  return client;
}

static SimHost *
gateway_new (Sim *sim, gboolean mobike)
{
  SimHost *gateway = sim_gateway (sim);

  gateway->config->mobike = mobike;
  return gateway;
}

static SimVerdict
black_hole (Sim *sim, SimPacket *packet, gpointer data)
{
  return *(gboolean *) data ? SIM_DROP : SIM_PASS;
}

/* @dark (or NULL): while it is TRUE all that is sent is swallowed. */
static void
connect_by_tcp (Sim *sim, SimHost *client, SimHost *gateway, gboolean *dark)
{
  sim->filter = dark ? black_hole : NULL;
  sim->filter_data = dark;
  sim_listen (gateway);
  sim_engine_add (client, g_steal_pointer (&client->config));
  sim_tcp_stands (client, gateway, IKE_INPUT_START, FIRST_PORT);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (10)));
  sim_run (sim, IKE_SECOND);
}

static void
assert_by_tcp (Sim *sim, SimHost *client, SimHost *gateway, guint16 port)
{
  const SimSa *out = sim_kernel_outbound (&client->kernel), *back = sim_kernel_outbound (&gateway->kernel);

  sim_assert_agree (client, gateway, 1);
  sim_assert (sim, out->path.transport == IKE_TRANSPORT_TCP && back->path.transport == IKE_TRANSPORT_TCP);
  sim_assert (sim, out->path.local.port == port && back->path.local.port == SIM_TCP_PORT);
  sim_assert (sim, client->ups == 1 && client->reconnectings == 0);
}

/* No port 4500, nothing for NATs, and nothing sent twice. */
static void
test_connect (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = client_new (sim, TRUE), *gateway = gateway_new (sim, TRUE);

  sim_nat (client, "203.0.113.7");
  connect_by_tcp (sim, client, gateway, NULL);
  assert_by_tcp (sim, client, gateway, FIRST_PORT);
  sim_assert (sim, client->configured->nat_here && client->configured->path.transport == IKE_TRANSPORT_TCP);
  sim_assert (sim, client->sent == 2 && gateway->sent == 2);
  sim_run (sim, SECONDS (300));
  sim_assert (sim, client->keepalives == 0 && gateway->keepalives == 0);
  sim_assert (sim, strstr (sim->transcript->str, "again") == NULL);
  sim_end (sim);
}

/* The connection breaks before IKE_SA_INIT is answered, or IKE_AUTH: the same IKE SA goes on by another one. */
static void
test_breaks_early (void)
{
  for (guint answers = 0; answers < 2; answers++)
    {
      Sim *sim = sim_new (8 + answers);
      SimHost *client = client_new (sim, TRUE), *gateway = gateway_new (sim, TRUE);
      gboolean dark = answers == 0;

      sim->filter = black_hole;
      sim->filter_data = &dark;
      sim->latency = 100 * IKE_MILLISECOND;
      sim_listen (gateway);
      sim_engine_add (client, g_steal_pointer (&client->config));
      sim_tcp_stands (client, gateway, IKE_INPUT_START, FIRST_PORT);
      sim_run (sim, 150 * IKE_MILLISECOND);
      dark = TRUE;
      sim_run (sim, 500 * IKE_MILLISECOND);
      dark = FALSE;
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (2)));
      sim_run (sim, IKE_SECOND);
      assert_by_tcp (sim, client, gateway, FIRST_PORT + 1);
      /* what has been repeated tells the gateway nothing if its answer was lost: a question does */
      sim_assert (sim, client->sent == 3 + answers);
      sim_end (sim);
    }
}

/* RFC 9329 section 6.2: a request is not repeated; when nothing comes at all that is the end, and the other end's. */
static void
test_patience (void)
{
  Sim *sim = sim_new (2);
  SimHost *client = client_new (sim, TRUE), *gateway = gateway_new (sim, TRUE);
  gboolean dark = FALSE;
  guint sent;

  connect_by_tcp (sim, client, gateway, &dark);
  sim_run (sim, SECONDS (10));
  dark = TRUE;
  sent = client->sent;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (50));
  sim_assert (sim, client->sent == sent + 1 && client->path_fails && client->reconnectings == 0);
  sim_run (sim, SECONDS (20));
  sim_assert (sim, client->reconnectings == 1);
  dark = FALSE;
  sim_end (sim);
}

/* The connection breaks while a question is on its way: it goes on by another one, by MOBIKE or without. */
static void
test_another_connection (void)
{
  for (guint mobike = 0; mobike < 2; mobike++)
    {
      Sim *sim = sim_new (3 + mobike);
      SimHost *client = client_new (sim, mobike), *gateway = gateway_new (sim, mobike);
      gboolean dark = FALSE;

      connect_by_tcp (sim, client, gateway, &dark);
      sim_run (sim, SECONDS (10));
      dark = TRUE;
      sim_check (client, FALSE);
      sim_run (sim, SECONDS (1));
      dark = FALSE;
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
      sim_run (sim, SECONDS (1));
      assert_by_tcp (sim, client, gateway, FIRST_PORT + 1);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == FIRST_PORT + 1);
      /* and when nobody was asking */
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 2);
      sim_run (sim, SECONDS (1));
      assert_by_tcp (sim, client, gateway, FIRST_PORT + 2);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == FIRST_PORT + 2);
      sim_end (sim);
    }
}

typedef struct {
  guint16 port; /* of the last connection */
  guint answers; /* before it closes one */
  guint room; /* messages that still get in */
} Doorman;

/* As Libreswan does: a connection that does not begin with IKE_SA_INIT is closed, before the answer or after it. */
static SimVerdict
only_new (Sim *sim, SimPacket *packet, gpointer data)
{
  Doorman *doorman = data;
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  if (packet->to.port != SIM_TCP_PORT)
    return SIM_PASS;
  if (packet->from.port != doorman->port)
    {
      doorman->port = packet->from.port;
      doorman->room = octets[18] == IKE_EXCHANGE_IKE_SA_INIT ? G_MAXUINT : doorman->answers;
    }
  return doorman->room && doorman->room-- ? SIM_PASS : SIM_DROP;
}

/* The second connection that is of no use begins with a new IKE SA. */
static void
test_closed_again (void)
{
  for (guint i = 0; i < 4; i++)
    {
      Sim *sim = sim_new (30 + i);
      SimHost *client = client_new (sim, i % 2), *gateway = gateway_new (sim, i % 2);
      Doorman doorman = { .answers = i / 2 };

      connect_by_tcp (sim, client, gateway, NULL);
      sim_run (sim, SECONDS (10));
      sim->filter = only_new;
      sim->filter_data = &doorman;
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
      sim_run (sim, SECONDS (1));
      sim_assert (sim, !doorman.room && doorman.port == FIRST_PORT + 1);
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 2);
      sim_run (sim, SECONDS (1));
      assert_by_tcp (sim, client, gateway, FIRST_PORT + 2);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == FIRST_PORT + 2);
      sim_run (sim, SECONDS (60));
      assert_by_tcp (sim, client, gateway, FIRST_PORT + 2);
      sim_end (sim);
    }
}

/* It has lost us, and leaves the next connection without an answer; or that one breaks, too. */
static void
test_forgotten (void)
{
  for (guint i = 0; i < 4; i++)
    {
      gboolean mobike = i % 2;
      Sim *sim = sim_new (40 + i);
      SimHost *client = client_new (sim, mobike), *gateway = gateway_new (sim, mobike);
      guint16 port = FIRST_PORT + 1;

      connect_by_tcp (sim, client, gateway, NULL);
      sim_run (sim, SECONDS (10));
      sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
      gateway->config->mobike = mobike;
      sim_listen (gateway);
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, port);
      sim_run (sim, i < 2 ? SECONDS (4) : 2700 * IKE_MILLISECOND);
      if (i >= 2)
        sim_tcp_stands (client, gateway, IKE_INPUT_PATH, ++port);
      sim_run (sim, SECONDS (1));
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == port);
      sim_run (sim, SECONDS (100));
      assert_by_tcp (sim, client, gateway, port);
      sim_end (sim);
    }
}

/* What the server asks while there is no connection is asked again when there is one, also through a NAT. */
static void
test_server_asks (void)
{
  for (guint nat = 0; nat < 2; nat++)
    {
      Sim *sim = sim_new (5 + nat);
      SimHost *client = client_new (sim, FALSE), *gateway = gateway_new (sim, FALSE);
      gboolean dark = FALSE;

      if (nat)
        sim_nat (client, "203.0.113.7");
      gateway->config->dpd_delay = SECONDS (10);
      client->config->dpd_delay = 0;
      connect_by_tcp (sim, client, gateway, &dark);
      dark = TRUE;
      sim_run (sim, SECONDS (20));
      dark = FALSE;
      client->nat_ports[0] = client->nat_ports[1] = 0; /* (another connection is another mapping) */
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
      sim_run (sim, SECONDS (2));
      assert_by_tcp (sim, client, gateway, FIRST_PORT + 1);
      sim_run (sim, SECONDS (120));
      sim_assert (sim, gateway->gones == 0 && client->downs == 0);
      sim_end (sim);
    }
}

/* Lets IKE_AUTH's answers through no more. */
static SimVerdict
no_auth_answers (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  if (*(gboolean *) data)
    return SIM_DROP;
  return packet->from.port == SIM_TCP_PORT && octets[18] == IKE_EXCHANGE_IKE_AUTH ? SIM_DROP : SIM_PASS;
}

/* The connection breaks while authentication is repeated and the old IKE SA has a question: that is asked again. */
static void
test_breaks_in_reauth (void)
{
  Sim *sim = sim_new (50);
  SimHost *client = client_new (sim, FALSE), *gateway = gateway_new (sim, FALSE);
  gboolean dark = FALSE;

  client->config->reauth = TRUE;
  client->config->ike_lifetime = SECONDS (1000);
  connect_by_tcp (sim, client, gateway, NULL);
  sim->filter = no_auth_answers;
  sim->filter_data = &dark;
  sim_hasten (client, "reauth");
  sim_run (sim, SECONDS (1));
  dark = TRUE;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (1));
  dark = FALSE;
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
  sim_run (sim, SECONDS (1));
  sim_assert (sim, client->reconnectings == 0);
  sim_assert (sim, strstr (sim->transcript->str, "the peer has made another connection") != NULL);
  sim->filter = NULL;
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 2);
  sim_run (sim, SECONDS (60));
  assert_by_tcp (sim, client, gateway, FIRST_PORT + 2);
  sim_end (sim);
}

/* Whoever dials hears after 3 s that UDP has no answer; the IKE SA that goes by TCP is a new one. */
static void
test_unanswered (void)
{
  Sim *sim = sim_new (6);
  SimHost *client = client_new (sim, TRUE), *gateway = gateway_new (sim, TRUE);
  gboolean dark = TRUE;

  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_listen (gateway);
  sim_start (client);
  sim_run (sim, SECONDS (2));
  sim_assert (sim, client->unanswered == 0 && ike_engine_is_silent (client->engine, client->id));
  sim_run (sim, SECONDS (2));
  sim_assert (sim, client->unanswered == 1);
  dark = FALSE;
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  sim_run (sim, IKE_SECOND);
  assert_by_tcp (sim, client, gateway, FIRST_PORT);
  sim_assert (sim, !ike_engine_is_silent (client->engine, client->id));
  sim_assert (sim, ike_engine_uses (gateway->engine, &sim_kernel_outbound (&gateway->kernel)->path));
  sim_end (sim);
}

/* There is a connection by the other uplink. */
static void
goes_elsewhere (Sim *sim, SimHost *client, SimHost *gateway, gboolean mobike)
{
  client->address = sim_address ("192.0.2.99");
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, client->ups == (mobike ? 1 : 2) && client->moves == (mobike ? 1 : 0) && !client->leaks);
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&gateway->kernel)->path.remote.address, &client->address));
}

/* With another uplink at hand one that swallows everything is left soon, but not before TCP has had time to repeat. */
static void
black_hole_elsewhere (gconstpointer data)
{
  gboolean mobike = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (10);
  SimHost *client = client_new (sim, mobike), *gateway = gateway_new (sim, mobike);
  gboolean dark = FALSE;
  IkeTime took;

  connect_by_tcp (sim, client, gateway, &dark);
  sim_elsewhere (client, TRUE);
  sim_traffic (client, 100, 100, 200);
  /* once, twice: 600 ms, and the way back */
  sim->latency = 300 * IKE_MILLISECOND;
  sim_traffic (client, 0, 100, 10);
  sim->latency = IKE_MILLISECOND;
  sim_traffic (client, 100, 100, 200);
  sim_assert (sim, !client->path_fails && client->ups == 1);
  /* ... and less: it is not how long the way is */
  sim->latency = 110 * IKE_MILLISECOND;
  sim_traffic (client, 0, 100, 10);
  sim->latency = IKE_MILLISECOND;
  sim_traffic (client, 100, 100, 200);
  dark = TRUE;
  took = sim_until_doubt (client);
  sim_assert (sim, took >= SECONDS (1) && took <= 2200 * IKE_MILLISECOND && !client->reconnectings);
  dark = FALSE;
  goes_elsewhere (sim, client, gateway, mobike);
  sim_end (sim);
}

/* TCP says that it repeats in vain. */
static gboolean
clogged (SimHost *client, gboolean certain)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  client->path_fails = FALSE;
  input->type = IKE_INPUT_CLOGGED;
  input->ok = certain;
  input->connection = client->id;
  sim_input (client, input);
  return client->path_fails;
}

/* ... and that is enough, soon after nothing arrives any more, and not twice. */
static void
clogged_elsewhere (gconstpointer data)
{
  gboolean mobike = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (12);
  SimHost *client = client_new (sim, mobike), *gateway = gateway_new (sim, mobike);
  gboolean dark = FALSE;

  connect_by_tcp (sim, client, gateway, &dark);
  sim_elsewhere (client, TRUE);
  sim_traffic (client, 100, 100, 200);
  sim_assert (sim, !clogged (client, TRUE));
  dark = TRUE;
  sim_traffic (client, 0, 100, 7);
  sim_assert (sim, !client->path_fails && clogged (client, TRUE));
  sim_assert (sim, !clogged (client, TRUE) && !clogged (client, FALSE));
  dark = FALSE;
  goes_elsewhere (sim, client, gateway, mobike);
  sim_assert (sim, !clogged (client, TRUE));
  sim_end (sim);
}

/* What it only supposes is enough as well, but not before traffic has waited for half a second. */
static void
clogged_perhaps (gconstpointer data)
{
  gboolean mobike = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (16);
  SimHost *client = client_new (sim, mobike), *gateway = gateway_new (sim, mobike);
  gboolean dark = FALSE;

  connect_by_tcp (sim, client, gateway, &dark);
  sim_elsewhere (client, TRUE);
  sim_traffic (client, 100, 100, 200);
  dark = TRUE;
  sim_traffic (client, 0, 100, 5);
  sim_assert (sim, !clogged (client, FALSE));
  sim_traffic (client, 0, 100, 2);
  sim_assert (sim, !client->path_fails && clogged (client, FALSE));
  dark = FALSE;
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
  sim_traffic (client, 100, 100, 20);
  /* nobody waits */
  sim_run (sim, SECONDS (20));
  dark = TRUE;
  sim_check (client, FALSE);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, !clogged (client, FALSE));
  dark = FALSE;
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 2);
  sim_run (sim, SECONDS (2));
  assert_by_tcp (sim, client, gateway, FIRST_PORT + 2);
  sim_end (sim);
}

/* It is no news while ESP arrives, when there is no other path, for an idle tunnel that would be made anew, and of UDP. */
static void
test_clogged_is_no_news (void)
{
  for (guint mobike = 0; mobike < 2; mobike++)
    {
      Sim *sim = sim_new (13 + mobike);
      SimHost *client = client_new (sim, mobike), *gateway = gateway_new (sim, mobike);
      gboolean dark = FALSE;

      connect_by_tcp (sim, client, gateway, &dark);
      sim_traffic (client, 100, 100, 50);
      dark = TRUE;
      sim_traffic (client, 0, 100, 30);
      sim_assert (sim, !clogged (client, TRUE));
      sim_elsewhere (client, TRUE);
      sim_traffic (client, 100, 100, 2);
      sim_assert (sim, !clogged (client, TRUE));
      dark = FALSE;
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
      sim_traffic (client, 100, 100, 20);
      sim_run (sim, SECONDS (20));
      dark = TRUE;
      sim_check (client, FALSE);
      sim_run (sim, IKE_SECOND / 2);
      sim_assert (sim, clogged (client, TRUE) == (mobike != 0));
      dark = FALSE;
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 2);
      sim_run (sim, SECONDS (2));
      assert_by_tcp (sim, client, gateway, FIRST_PORT + 2);
      sim_end (sim);
    }
}

static void
test_clogged_by_udp (void)
{
  Sim *sim = sim_new (15);
  SimHost *client = client_new (sim, TRUE), *gateway = gateway_new (sim, TRUE);
  gboolean dark = FALSE;

  sim->filter = black_hole;
  sim->filter_data = &dark;
  sim_connect (sim, client, gateway);
  sim_elsewhere (client, TRUE);
  sim_traffic (client, 100, 100, 50);
  dark = TRUE;
  sim_traffic (client, 0, 100, 5);
  sim_assert (sim, !client->path_fails && !clogged (client, TRUE));
  sim_assert (sim, sim_until_doubt (client) <= SECONDS (1));
  dark = FALSE;
  sim_end (sim);
}

/* UDP stops getting through; MOBIKE takes the tunnel to TCP, and back (RFC 9329 section 7.1). */
static void
test_move (void)
{
  Sim *sim = sim_new (7);
  SimHost *client = client_new (sim, TRUE), *gateway = gateway_new (sim, TRUE);

  sim_connect (sim, client, gateway);
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT);
  sim_run (sim, IKE_SECOND);
  assert_by_tcp (sim, client, gateway, FIRST_PORT);
  sim_assert (sim, client->moves == 1);
  sim_move (client, "192.0.2.99");
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, client->moves == 2 && client->ups == 1);
  sim_assert (sim, sim_kernel_outbound (&client->kernel)->path.transport == IKE_TRANSPORT_NATT);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* What the server asked by UDP while the client was away it asks again by the connection to which MOBIKE takes it, which
 * repeats nothing by itself. */
static void
test_move_unanswered (void)
{
  Sim *sim = sim_new (9);
  SimHost *client = client_new (sim, TRUE), *gateway = gateway_new (sim, TRUE);
  gboolean dark = FALSE;

  gateway->config->dpd_delay = SECONDS (10);
  gateway->config->dpd_timeout = SECONDS (60);
  client->config->dpd_delay = 0;
  sim_connect (sim, client, gateway);
  sim->filter = black_hole;
  sim->filter_data = &dark;
  dark = TRUE;
  sim_run (sim, SECONDS (20));
  dark = FALSE;
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT);
  sim_run (sim, IKE_SECOND);
  assert_by_tcp (sim, client, gateway, FIRST_PORT);
  sim_run (sim, SECONDS (120));
  sim_assert (sim, gateway->gones == 0 && client->downs == 0);
  assert_by_tcp (sim, client, gateway, FIRST_PORT);
  sim_end (sim);
}

/* The same when it is ESP that shows the server the other connection. */
static void
test_mapping_unanswered (void)
{
  Sim *sim = sim_new (10);
  SimHost *client = client_new (sim, FALSE), *gateway = gateway_new (sim, FALSE);
  IkeInput *input = g_new0 (IkeInput, 1);
  gboolean dark = FALSE;
  guint sent;

  sim_nat (client, "203.0.113.7");
  gateway->config->dpd_delay = SECONDS (10);
  client->config->dpd_delay = 0;
  connect_by_tcp (sim, client, gateway, &dark);
  dark = TRUE;
  sim_run (sim, SECONDS (20));
  sent = gateway->sent;
  for (guint i = 0; i < gateway->kernel.sas->len; i++)
    if (!((const SimSa *) gateway->kernel.sas->pdata[i])->out)
      input->spi = ((const SimSa *) gateway->kernel.sas->pdata[i])->spi;
  input->type = IKE_INPUT_MAPPING;
  input->path.remote = sim_kernel_outbound (&gateway->kernel)->path.remote;
  input->path.remote.port++;
  sim_feed (gateway, input);
  sim_assert (sim, gateway->sent == sent + 1);
  dark = FALSE;
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/tcp/connect", test_connect);
  g_test_add_func ("/sim/tcp/breaks-early", test_breaks_early);
  g_test_add_func ("/sim/tcp/patience", test_patience);
  g_test_add_func ("/sim/tcp/another-connection", test_another_connection);
  g_test_add_func ("/sim/tcp/closed-again", test_closed_again);
  g_test_add_func ("/sim/tcp/forgotten", test_forgotten);
  g_test_add_func ("/sim/tcp/server-asks", test_server_asks);
  g_test_add_func ("/sim/tcp/breaks-in-reauth", test_breaks_in_reauth);
  g_test_add_func ("/sim/tcp/unanswered", test_unanswered);
  g_test_add_data_func ("/sim/tcp/black-hole/mobike", GINT_TO_POINTER (TRUE), black_hole_elsewhere);
  g_test_add_data_func ("/sim/tcp/black-hole/renew", GINT_TO_POINTER (FALSE), black_hole_elsewhere);
  g_test_add_data_func ("/sim/tcp/clogged/mobike", GINT_TO_POINTER (TRUE), clogged_elsewhere);
  g_test_add_data_func ("/sim/tcp/clogged/renew", GINT_TO_POINTER (FALSE), clogged_elsewhere);
  g_test_add_data_func ("/sim/tcp/clogged/perhaps/mobike", GINT_TO_POINTER (TRUE), clogged_perhaps);
  g_test_add_data_func ("/sim/tcp/clogged/perhaps/renew", GINT_TO_POINTER (FALSE), clogged_perhaps);
  g_test_add_func ("/sim/tcp/clogged/no-news", test_clogged_is_no_news);
  g_test_add_func ("/sim/tcp/clogged/udp", test_clogged_by_udp);
  g_test_add_func ("/sim/tcp/move", test_move);
  g_test_add_func ("/sim/tcp/move/unanswered", test_move_unanswered);
  g_test_add_func ("/sim/tcp/mapping-unanswered", test_mapping_unanswered);
  return g_test_run ();
}
