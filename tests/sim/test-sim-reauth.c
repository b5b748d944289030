/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A new IKE SA beside the old one (RFC 7296 section 2.8.3), or the moment in which the first one has no Child SA in the
 * kernel yet, and something else happens just then.
 */
#include "sim-peer.h"

#include "wire/payload-notify.h"

#include <string.h>

#define SPI_FIRST 0x12345678 /* of the Child SA that sim-peer.c makes */
#define SLOW (50 * IKE_MILLISECOND) /* a kernel: longer than to the other end and back */
#define ANSWERED (5 * IKE_MILLISECOND) /* its kernel has a Child SA, and then the answer is on its way */

static SimHost *
client_new (Sim *sim)
{
  SimHost *client = sim_client (sim);

  client->config->reauth = client->config->keep_trying = TRUE;
  client->config->ike_lifetime = 1000 * IKE_SECOND;
  client->config->ike_rekey_margin = 100 * IKE_SECOND;
  return client;
}

static void
be_up (Sim *sim, SimHost *client)
{
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 5 * IKE_SECOND));
}

/* Nobody has noticed anything, and there is one of each. */
static void
assert_undisturbed (SimHost *client, SimHost *gateway)
{
  Sim *sim = client->sim;

  sim_assert (sim, client->ups == 1 && !client->reconnectings && !client->downs);
  sim_assert (sim, sim_count_ike (client) == 1 && sim_kernel_count (&client->kernel, TRUE) == 1);
  if (gateway)
    {
      sim_assert (sim, sim_count_ike (gateway) == 1);
      sim_assert_agree (client, gateway, 1);
    }
}

static gboolean
has_child (Sim *sim, gpointer host)
{
  return sim_kernel_count (&((SimHost *) host)->kernel, TRUE) == 1;
}

static gboolean
has_two_children (Sim *sim, gpointer host)
{
  return sim_kernel_count (&((SimHost *) host)->kernel, TRUE) == 2;
}

/* ---- the old one is to be made anew ---- */

typedef struct {
  guint8 spi[8]; /* of the IKE SA that was begun beside the other */
  gboolean begun, open;
} Beside;

/* Of all first messages only those of the one that is begun first, and these when it is open. */
static SimVerdict
only_beside (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  Beside *beside = data;

  if (octets[18] != IKE_EXCHANGE_IKE_SA_INIT)
    return SIM_PASS;
  if (!beside->begun)
    memcpy (beside->spi, octets, sizeof beside->spi);
  beside->begun = TRUE;
  return beside->open && memcmp (beside->spi, octets, sizeof beside->spi) == 0 ? SIM_PASS : SIM_DROP;
}

static gboolean
refuse_children (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  if (header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    return FALSE;
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_NO_ADDITIONAL_SAS, ike_chunk (NULL, 0));
  sim_peer_send (peer, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, header->message_id, &builder);
  return TRUE;
}

/* RFC 7296 section 1.3: it cannot be rekeyed. What is under way beside it takes its place, and nothing else is begun. */
static void
test_renewed (void)
{
  Sim *sim = sim_new (5100);
  SimHost *client = client_new (sim);
  SimPeer *peer = sim_peer_new (sim);
  Beside beside = { 0 };

  peer->on_other = refuse_children;
  be_up (sim, client);
  sim->filter = only_beside;
  sim->filter_data = &beside;
  sim_hasten (client, "reauth");
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_assert (sim, beside.begun);
  sim_expire (client, SPI_FIRST, FALSE);
  sim_run (sim, 200 * IKE_MILLISECOND);
  sim_assert (sim, client->reconnectings == 1);
  beside.open = TRUE;
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, client->ups == 2 && !client->downs && sim_count_ike (client) == 1);
  sim->filter = NULL;
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, client->ups == 2 && client->reconnectings == 1 && !client->downs && sim_count_ike (client) == 1);
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 1 && client->kernel.policies->len == 1);
  sim_end (sim);
  sim_peer_free (peer);
}

/* ---- what nobody has authenticated ---- */

static gboolean
say_nothing (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  return TRUE;
}

/* Somebody on the way answers its first message, and sends it elsewhere: the old one, which is authenticated, stays. Also
 * when the new one is there because the old one was silent. */
static void
test_redirected (void)
{
  static const guint8 elsewhere[] = { 1, 4, 198, 51, 100, 2 };

  for (guint silent = 0; silent < 2; silent++)
    {
      Sim *sim = sim_new (5110 + silent);
      SimHost *client = client_new (sim);
      SimPeer *peer = sim_peer_new (sim);
      guint inits;

      be_up (sim, client);
      peer->redirect = SIM_REDIRECT_INIT;
      peer->redirect_to = ike_chunk (elsewhere, sizeof elsewhere);
      if (silent)
        {
          peer->on_other = say_nothing;
          sim_check (client, FALSE);
        }
      else
        sim_hasten (client, "reauth");
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, peer->inits > 1 && client->redirects == 0);
      assert_undisturbed (client, NULL);
      /* the old one answers again; the new one is tried again */
      peer->on_other = NULL;
      inits = peer->inits;
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, silent || peer->inits > inits);
      assert_undisturbed (client, NULL);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* ---- the old one ends, by either end ---- */

/* On demand, too: the gateway deletes the old one when the new one stands but for the kernel's answer. */
static void
test_deleted (void)
{
  for (guint demand = 0; demand < 2; demand++)
    {
      Sim *sim = sim_new (5120 + demand);
      SimHost *client = client_new (sim), *gateway = sim_gateway (sim);

      gateway->config->auth_lifetime = 900 * IKE_SECOND;
      sim_listen (gateway);
      if (demand)
        {
          IkeInput *acquire = g_new0 (IkeInput, 1);

          client->config->begin = IKE_BEGIN_DEMAND;
          sim_start (client);
          acquire->type = IKE_INPUT_ACQUIRE;
          acquire->connection = client->id;
          sim_input (client, acquire);
          sim_assert (sim, sim_run_until (sim, sim_is_up, client, 5 * IKE_SECOND));
        }
      else
        be_up (sim, client);
      client->kernel_time = SLOW;
      sim_assert (sim, sim_run_until (sim, has_two_children, gateway, 900 * IKE_SECOND));
      sim_run (sim, ANSWERED);
      /* it has not authenticated again in time */
      sim_hasten (gateway, "reauth");
      sim_run (sim, 2 * SLOW);
      client->kernel_time = 0;
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, !client->downs && sim_count_ike (client) == 1 && sim_count_ike (gateway) == 1);
      sim_assert_agree (client, gateway, 1);
      /* it can be rekeyed, and once more authenticated */
      sim_hasten (client, "reauth");
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, !client->downs && sim_count_ike (client) == 1 && sim_count_ike (gateway) == 1);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* The user gives up, at any moment of it: nothing is said to be up after that, and nothing is left at the gateway. */
static void
test_stopped (void)
{
  for (guint turn = 0; turn < 24; turn++)
    {
      Sim *sim = sim_new (5140 + turn);
      SimHost *client = client_new (sim), *gateway = sim_gateway (sim);

      sim_connect (sim, client, gateway);
      sim_hasten (client, "reauth");
      client->kernel_time = turn & 1 ? SLOW : 0;
      sim_run (sim, turn * 5 * IKE_MILLISECOND);
      sim_stop (client);
      sim_run (sim, IKE_SECOND);
      sim_assert_reason (sim, client, USER_STOP);
      sim_assert (sim, client->ups == 1 && gateway->kernel.sas->len == 0);
      sim_end (sim);
    }
}

/* ---- the first Child SA ---- */

/* The gateway deletes it before our kernel has it: it is made again, or that is the end. */
static void
test_child_deleted (void)
{
  for (guint again = 0; again < 2; again++)
    {
      Sim *sim = sim_new (5170 + again);
      SimHost *client = client_new (sim), *gateway = sim_gateway (sim);

      client->config->keep_trying = again;
      client->kernel_time = SLOW;
      sim_listen (gateway);
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, has_child, gateway, 5 * IKE_SECOND));
      sim_run (sim, ANSWERED);
      sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, TRUE);
      sim_run (sim, 10 * IKE_SECOND);
      if (again)
        assert_undisturbed (client, gateway);
      else
        {
          sim_assert_reason (sim, client, PEER_DELETED);
          sim_assert (sim, client->ups == 0 && sim_count_ike (gateway) == 0);
        }
      sim_end (sim);
    }
}

/* The same with the one that was to take the old one's place, which goes on; and the next one does take it. */
static void
test_child_deleted_beside (void)
{
  Sim *sim = sim_new (5175);
  SimHost *client = client_new (sim), *gateway = sim_gateway (sim);
  guint32 spi;

  sim_connect (sim, client, gateway);
  spi = sim_kernel_outbound (&client->kernel)->spi;
  sim_hasten (client, "reauth");
  client->kernel_time = SLOW;
  sim_assert (sim, sim_run_until (sim, has_two_children, gateway, 5 * IKE_SECOND));
  sim_run (sim, ANSWERED);
  sim_expire (gateway, sim_kernel_outbound (&gateway->kernel)->spi, TRUE);
  sim_run (sim, 10 * IKE_SECOND);
  client->kernel_time = 0;
  assert_undisturbed (client, gateway);
  sim_assert (sim, sim_kernel_outbound (&client->kernel)->spi == spi);
  sim_run (sim, 60 * IKE_SECOND);
  assert_undisturbed (client, gateway);
  sim_assert (sim, sim_kernel_outbound (&client->kernel)->spi != spi);
  sim_end (sim);
}

/* While the kernel is asked for what its SAs have carried, those of the old one are removed by us, and not lost. */
static void
test_counted (void)
{
  for (guint i = 0; i < 20; i++)
    {
      Sim *sim = sim_new (5190 + i);
      SimHost *client = client_new (sim), *gateway = sim_gateway (sim);

      client->config->dpd_delay = 30 * IKE_SECOND;
      client->config->ike_lifetime = 60 * IKE_SECOND;
      client->config->ike_rekey_margin = 15 * IKE_SECOND;
      sim_connect (sim, client, gateway);
      client->kernel_time = 300 * IKE_MILLISECOND;
      sim->latency = 500 * IKE_MILLISECOND;
      sim_traffic (client, 0, 100, 580);
      assert_undisturbed (client, gateway);
      sim_assert (sim, strstr (sim->transcript->str, "authenticating again"));
      sim_assert (sim, !strstr (sim->transcript->str, "the kernel has lost an SA"));
      sim_end (sim);
    }
}

/* It rekeys the IKE SA meanwhile. */
static void
test_ike_rekeyed (void)
{
  Sim *sim = sim_new (5180);
  SimHost *client = client_new (sim), *gateway = sim_gateway (sim);

  gateway->config->ike_lifetime = 1000 * IKE_SECOND;
  gateway->config->ike_rekey_margin = 100 * IKE_SECOND;
  client->kernel_time = SLOW;
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, has_child, gateway, 5 * IKE_SECOND));
  sim_run (sim, ANSWERED);
  sim_hasten (gateway, "rekey");
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 5 * IKE_SECOND));
  sim_run (sim, 60 * IKE_SECOND);
  assert_undisturbed (client, gateway);
  sim_assert (sim, strstr (sim->transcript->str, "replaces #") != NULL);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/reauth/renewed", test_renewed);
  g_test_add_func ("/sim/reauth/redirected", test_redirected);
  g_test_add_func ("/sim/reauth/deleted", test_deleted);
  g_test_add_func ("/sim/reauth/stopped", test_stopped);
  g_test_add_func ("/sim/reauth/child-deleted", test_child_deleted);
  g_test_add_func ("/sim/reauth/child-deleted-beside", test_child_deleted_beside);
  g_test_add_func ("/sim/reauth/counted", test_counted);
  g_test_add_func ("/sim/reauth/ike-rekeyed", test_ike_rekeyed);
  return g_test_run ();
}
