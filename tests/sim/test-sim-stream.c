/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections (RFC 9329) that are dead without a word, or take an answer with them. */
#include "sim-internal.h"
#include "sim-record.h"

#define SECONDS(n) ((n) *IKE_SECOND)
#define FIRST_PORT 40001

static guint16 first_alive; /* of the client's ports */
static gboolean dies_with_answer, redials;
static guint doubts;

static SimVerdict
dead_ports (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  gboolean back = packet->from.port == SIM_TCP_PORT;
  guint16 port = back ? packet->to.port : packet->from.port;

  if (dies_with_answer && back && port == FIRST_PORT && octets[18] == IKE_EXCHANGE_IKE_AUTH)
    first_alive = FIRST_PORT + 1;
  return port < first_alive ? SIM_DROP : SIM_PASS;
}

/* The network is as it should be: who dials has a connection. */
static void
redial (SimHost *host, const IkeOutput *output, gpointer data)
{
  IkeInput *input;

  if (output->type != IKE_OUTPUT_PATH_FAILS || !redials)
    return;
  input = g_new0 (IkeInput, 1);
  input->type = IKE_INPUT_PATH;
  input->connection = host->id;
  input->path = output->path;
  input->path.local.port = (guint16) (FIRST_PORT + 2 + doubts++);
  input->natt_path = input->path;
  sim_feed (host, input);
}

static void
prepare (Sim *sim, SimHost **client, SimHost **gateway)
{
  *client = sim_client (sim);
  *gateway = sim_gateway (sim);
  (*client)->config->mobike = (*gateway)->config->mobike = (*client)->config->keep_trying = TRUE;
  (*client)->config->dpd_delay = SECONDS (30);
  (*client)->config->dpd_timeout = SECONDS (60);
  first_alive = FIRST_PORT;
  dies_with_answer = FALSE;
  redials = TRUE;
  doubts = 0;
  sim->filter = dead_ports;
  sim->look = redial;
}

static void
begin (SimHost *client, SimHost *gateway)
{
  sim_listen (gateway);
  sim_engine_add (client, g_steal_pointer (&client->config));
  sim_tcp_stands (client, gateway, IKE_INPUT_START, FIRST_PORT);
}

/* While a tunnel is made anew a connection that carries nothing any more is doubted, too. */
static void
test_dead_while_away (void)
{
  Sim *sim = sim_new (20);
  SimHost *client, *gateway;

  prepare (sim, &client, &gateway);
  redials = FALSE;
  begin (client, gateway);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (10)));
  sim_run (sim, IKE_SECOND);
  first_alive = FIRST_PORT + 1;
  sim_check (client, FALSE);
  sim_run (sim, SECONDS (100));
  sim_assert (sim, client->reconnectings == 1 && client->ups == 1);
  redials = TRUE;
  sim_run (sim, SECONDS (60));
  sim_assert (sim, client->ups == 2 && doubts > 0);
  sim_end (sim);
}

/* It breaks while the gateway works on IKE_AUTH, whose answer goes there; by the next one it comes once more. */
static void
test_breaks_at_work (void)
{
  Sim *sim = sim_new (21);
  SimHost *client, *gateway;

  prepare (sim, &client, &gateway);
  for (guint i = 0; i < G_N_ELEMENTS (gateway->job_time); i++)
    gateway->job_time[i] = SECONDS (2);
  begin (client, gateway);
  while (client->sent < 2)
    sim_run (sim, 100 * IKE_MILLISECOND);
  sim_run (sim, 300 * IKE_MILLISECOND);
  first_alive = FIRST_PORT + 1;
  sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, SECONDS (25)));
  sim_end (sim);
}

/* IKE_AUTH's answer is lost with the connection: the server learns of the next one, by which it is to send. */
static void
test_answer_lost (void)
{
  for (guint dpd = 0; dpd < 2; dpd++)
    {
      Sim *sim = sim_new (22 + dpd);
      SimHost *client, *gateway;

      prepare (sim, &client, &gateway);
      client->config->dpd_delay = dpd * SECONDS (30);
      dies_with_answer = TRUE;
      begin (client, gateway);
      sim_run (sim, SECONDS (1));
      sim_assert (sim, first_alive == FIRST_PORT + 1 && !client->ups);
      sim_tcp_stands (client, gateway, IKE_INPUT_PATH, FIRST_PORT + 1);
      sim_run (sim, SECONDS (5));
      sim_assert (sim, client->ups == 1);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == FIRST_PORT + 1);
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/stream/dead-while-away", test_dead_while_away);
  g_test_add_func ("/sim/stream/breaks-at-work", test_breaks_at_work);
  g_test_add_func ("/sim/stream/answer-lost", test_answer_lost);
  return g_test_run ();
}
