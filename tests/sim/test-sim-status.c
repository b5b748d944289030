/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OCSP says of a certificate, shown in the negotiation (RFC 4806): asked for, answered, and left out, by both ends. */
#include "sim-attacker.h"

#include <string.h>

static void
shows_certificates (SimHost *host, const char *own, const char *peer)
{
  IkeConfig *config = host->config;

  config->local_auth = config->remote_auth = IKE_AUTH_SIGNATURE;
  config->key_type = IKE_KEY_P256;
  config->key_bits = 256;
  g_ptr_array_add (config->certificates, g_bytes_new_static ("certificate", 11));
  config->certreq_hashes = g_bytes_new_static ("12345678901234567890", 20);
  config->certificate_identity_check = TRUE;
  host->sign_key = own;
  host->peer_key = peer;
}

static void
assert_shown (SimHost *host, const char *wanted)
{
  sim_assert (host->sim, host->peer_status && host->peer_status->len == (wanted ? 1u : 0));
  if (wanted)
    g_assert_cmpmem (g_bytes_get_data (host->peer_status->pdata[0], NULL),
                     g_bytes_get_size (host->peer_status->pdata[0]), wanted, strlen (wanted));
}

/* Each of them asks, or does not, and has something to show, or has not. */
static void
test_both (void)
{
  for (guint i = 0; i < 16; i++)
    {
      Sim *sim = sim_new (i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint client_asks = i & 1, gateway_asks = i >> 1 & 1;

      shows_certificates (client, "key of the client", "key of the gateway");
      shows_certificates (gateway, "key of the gateway", "key of the client");
      client->config->ask_status = client_asks != 0;
      gateway->config->ask_status = gateway_asks != 0;
      client->status = i & 4 ? "the client is good" : NULL;
      gateway->status = i & 8 ? "the gateway is good" : NULL;
      sim_listen (gateway);
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
      sim_assert (sim, client->status_wanted == gateway_asks && gateway->status_wanted == client_asks);
      assert_shown (client, client_asks ? gateway->status : NULL);
      assert_shown (gateway, gateway_asks ? client->status : NULL);
      sim_stop (client);
      sim_run (sim, 2 * IKE_SECOND);
      sim_end (sim);
    }
}

/* One that is long goes in fragments like a long certificate. */
static void
test_long (void)
{
  Sim *sim = sim_new (99);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  g_autofree char *status = g_strnfill (6000, 's');

  shows_certificates (client, "key of the client", "key of the gateway");
  shows_certificates (gateway, "key of the gateway", "key of the client");
  client->config->ask_status = TRUE;
  client->config->fragmentation = gateway->config->fragmentation = TRUE;
  gateway->status = status;
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
  assert_shown (client, status);
  sim_stop (client);
  sim_run (sim, 2 * IKE_SECOND);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/status/both", test_both);
  g_test_add_func ("/sim/status/long", test_long);
  return g_test_run ();
}
