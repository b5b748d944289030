/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of IKE_AUTH that keep somebody out, one by one. */
#include "sim-attacker.h"
#include "sim-peer.h"

#include "crypto/sig-scheme.h"

/* Long enough for FIPS mode. */
#define LONG_KEY "as long as any of the PRFs could want it to be, and some more"

/* ---- signatures ---- */

/* A signature by SHA-1 is not even looked at, unless the user wants it; nor in FIPS mode one that is not approved. */
static void
test_schemes (void)
{
  const IkeSigScheme *scheme;
  guint refused = 0, taken = 0;

  for (guint i = 0; (scheme = ike_sig_scheme_at (i)); i++)
    for (guint how = 0; how < 4; how++)
      {
        Sim *sim = sim_new (10 + i);
        gboolean fips = how & 1, allowed = (how & 2) != 0;
        SimHost *client;
        SimPeer *peer;

        sim->crypto.table.fips = fips;
        client = sim_client (sim);
        peer = sim_peer_new (sim);
        client->config->remote_auth = IKE_AUTH_SIGNATURE;
        client->config->certificate_identity_check = TRUE;
        client->config->allow_rsa_sha1 = allowed;
        client->psk = LONG_KEY;
        client->peer_key = "key of the gateway";
        peer->signature = TRUE;
        peer->scheme = scheme;
        sim_start (client);
        sim_run (sim, 2 * IKE_SECOND);
        sim_note (sim, "%s, FIPS %d, allowed %d", scheme->name, fips, allowed);
        if ((scheme->weak && !allowed) || (fips && !scheme->fips))
          {
            refused++;
            sim_assert_reason (sim, client, CERT_WEAK);
            sim_assert (sim, client->verifies == 0 && client->kernel.installs == 0);
          }
        else
          {
            taken++;
            sim_assert (sim, client->ups == 1 && client->verifies == 1);
          }
        sim_end (sim);
        sim_peer_free (peer);
      }
  g_assert_cmpuint (refused, >, 8);
  g_assert_cmpuint (taken, >, 20);
}

/* ---- the same client again, that does not say that it knows of no other (INITIAL_CONTACT) ---- */

static void
test_unique (void)
{
  static const struct {
    IkeUnique unique;
    gboolean first, second; /* are in */
  } rows[] = { { IKE_UNIQUE_REPLACE, FALSE, TRUE }, { IKE_UNIQUE_KEEP, TRUE, FALSE }, { IKE_UNIQUE_NO, TRUE, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SimAttacker second;
      SimHost *first, *gateway;

      sim_attacker_prepare (&second, 20 + i);
      gateway = (SimHost *) second.gateway;
      gateway->config->serve = ike_serve_new ();
      gateway->config->serve->unique = rows[i].unique;
      first = sim_client (second.sim);
      sim_listen (gateway);
      sim_start_to (first, &gateway->address);
      sim_assert (second.sim, sim_run_until (second.sim, sim_is_up, first, IKE_SECOND));
      sim_attacker_init (&second);
      sim_attacker_enter (&second, FALSE);
      sim_run (second.sim, IKE_SECOND);
      sim_assert (second.sim, second.said == (rows[i].second ? 0 : IKE_NOTIFY_AUTHENTICATION_FAILED));
      sim_assert (second.sim, gateway->ups == 1u + rows[i].second);
      sim_assert (second.sim, sim_count_ike (gateway) == 0u + rows[i].first + rows[i].second);
      sim_assert (second.sim, sim_kernel_count (&gateway->kernel, TRUE) == 0u + rows[i].first + rows[i].second);
      if (rows[i].first)
        sim_assert (second.sim, !first->downs && first->kernel.sas->len == 2);
      else
        sim_assert_reason (second.sim, first, PEER_DELETED);
      sim_stop (gateway);
      sim_end (second.sim);
    }
}

/* ---- who the gateway is ---- */

/* With EAP alone (RFC 5998) there is no certificate with a name in it: the name that is told must be the right one, before
 * anything is said to it. */
static void
test_eap_only_identity (void)
{
  static const char *const users[] = { "alice", "correct horse", NULL }, *const passwords[] = { "correct horse", NULL };

  for (guint right = 0; right < 2; right++)
    {
      Sim *sim = sim_new (30 + right);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      client->config->local_auth = IKE_AUTH_EAP;
      client->config->remote_auth = IKE_AUTH_EAP_ONLY;
      client->config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
      client->config->eap_identity = g_strdup ("alice");
      client->passwords = passwords;
      gateway->config->local_auth = IKE_AUTH_EAP_ONLY;
      gateway->config->remote_auth = IKE_AUTH_EAP;
      g_clear_pointer (&gateway->config->remote_id, ike_identity_free);
      gateway->users = users;
      if (!right)
        {
          ike_identity_free (gateway->config->local_id);
          gateway->config->local_id = ike_identity_new (IKE_ID_FQDN, "other.example", 13);
        }
      sim_listen (gateway);
      sim_start (client);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, !client->ups && client->passwords_asked == right);
      if (right)
        sim_assert_reason (sim, client, PEER_AUTH_WRONG); /* this method alone proves too little */
      else
        sim_assert_reason (sim, client, PEER_ID_MISMATCH);
      sim_end (sim);
    }
}

/* ---- how often ---- */

/* A gateway that wants to see AUTH every second is asked every minute. */
static void
test_short_auth_lifetime (void)
{
  Sim *sim = sim_new (40);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  peer->auth_lifetime = 1;
  client->config->keep_trying = TRUE;
  sim_start (client);
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, client->ups && !client->reconnectings && peer->inits >= 1 && peer->inits <= 2);
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, peer->inits >= 2 && peer->inits <= 4);
  sim_end (sim);
  sim_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/entry/schemes", test_schemes);
  g_test_add_func ("/sim/entry/unique", test_unique);
  g_test_add_func ("/sim/entry/eap-only-identity", test_eap_only_identity);
  g_test_add_func ("/sim/entry/short-auth-lifetime", test_short_auth_lifetime);
  return g_test_run ();
}
