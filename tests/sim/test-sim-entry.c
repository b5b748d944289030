/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of IKE_AUTH that keep somebody out, one by one. */
#include "sim-attacker.h"
#include "sim-peer.h"

#include "crypto/sig-scheme.h"

/* Long enough for FIPS mode. */
#define LONG_KEY "as long as any of the PRFs could want it to be, and some more"

/* ---- signatures ---- */

/* A signature by SHA-1 is not even looked at, unless the user wants it and it is RSA's; nor in FIPS mode one that is not
 * approved. That of method 1 is, since nothing else tells what its hash is. */
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
        if (!ike_sig_scheme_allowed (scheme, allowed, fips))
          {
            gboolean rsa = scheme->weak && scheme->keys & 1u << IKE_KEY_RSA;

            refused++;
            if (rsa)
              sim_assert_reason (sim, client, RSA_SHA1);
            else
              sim_assert_reason (sim, client, CERT_WEAK);
            sim_assert (sim,
                        client->verifies == (scheme->method == IKE_AUTH_METHOD_RSA) && client->kernel.installs == 0);
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

/* Method 1 with each hash; the row is that of SHA-1 or SHA-2, as on the wire there is but one. */
static void
test_method_1 (void)
{
  static const struct {
    IkeHashId hash;
    gboolean allowed, fips, in;
  } rows[] = {
    { IKE_HASH_SHA1, FALSE, FALSE, FALSE },   { IKE_HASH_SHA1, TRUE, FALSE, TRUE },
    { IKE_HASH_SHA1, TRUE, TRUE, FALSE },     { IKE_HASH_SHA2_512, FALSE, FALSE, TRUE },
    { IKE_HASH_SHA2_512, TRUE, FALSE, TRUE }, { IKE_HASH_SHA2_512, TRUE, TRUE, TRUE },
  };
  const IkeSigScheme *scheme = NULL;

  for (guint i = 0; !scheme || scheme->method != IKE_AUTH_METHOD_RSA; i++)
    scheme = ike_sig_scheme_at (i);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (50 + i);
      SimHost *client;
      SimPeer *peer;

      sim->crypto.table.fips = rows[i].fips;
      client = sim_client (sim);
      peer = sim_peer_new (sim);
      client->config->remote_auth = IKE_AUTH_SIGNATURE;
      client->config->allow_rsa_sha1 = rows[i].allowed;
      client->psk = LONG_KEY;
      client->peer_key = "key of the gateway";
      peer->signature = TRUE;
      peer->scheme = scheme;
      peer->hash = rows[i].hash;
      sim_start (client);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, (client->ups == 1) == rows[i].in && client->verifies == 1);
      if (!rows[i].in)
        sim_assert_reason (sim, client, RSA_SHA1);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Our own key, and a gateway that knows no SIGNATURE_HASH_ALGORITHMS: what it is shown, or why nothing. */
static void
test_old_gateway (void)
{
  static const struct {
    IkeKeyType key;
    gboolean allowed, fips;
    guint method;
    IkeReasonCode reason;
  } rows[] = {
    { IKE_KEY_RSA, FALSE, FALSE, 0, IKE_REASON_RSA_SHA1 },
    { IKE_KEY_RSA, TRUE, FALSE, IKE_AUTH_METHOD_RSA, IKE_REASON_NONE },
    { IKE_KEY_RSA, TRUE, TRUE, 0, IKE_REASON_RSA_SHA1 },
    { IKE_KEY_P384, FALSE, FALSE, IKE_AUTH_METHOD_ECDSA_384, IKE_REASON_NONE },
    { IKE_KEY_ED25519, TRUE, FALSE, 0, IKE_REASON_SIGN_FAILED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (60 + i);
      SimHost *client;
      SimPeer *peer;

      sim->crypto.table.fips = rows[i].fips;
      client = sim_client (sim);
      peer = sim_peer_new (sim);
      client->config->local_auth = IKE_AUTH_SIGNATURE;
      client->config->key_type = rows[i].key;
      client->config->key_bits = 2048;
      client->config->key_pss = TRUE;
      client->config->allow_rsa_sha1 = rows[i].allowed;
      client->sign_key = "key of the client";
      client->psk = peer->psk = LONG_KEY;
      sim_start (client);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, peer->auth_method == rows[i].method && client->signs == (rows[i].method != 0));
      sim_assert (sim, client->ups == (rows[i].method != 0) && client->reason.code == rows[i].reason);
      sim_end (sim);
      sim_peer_free (peer);
    }
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

/* The same device, without end, which never deletes what it had: that goes by itself, and is never more than one. */
static void
test_unique_again (void)
{
  static const IkeUnique uniques[] = { IKE_UNIQUE_REPLACE, IKE_UNIQUE_KEEP };

  for (guint i = 0; i < G_N_ELEMENTS (uniques); i++)
    {
      SimAttacker client;
      SimHost *gateway;

      sim_attacker_prepare (&client, 24 + i);
      gateway = (SimHost *) client.gateway;
      gateway->config->serve = ike_serve_new ();
      gateway->config->serve->unique = uniques[i];
      sim_listen (gateway);
      for (guint n = 0; n < 5; n++)
        {
          client.spi_i++;
          sim_attacker_init (&client);
          sim_attacker_enter (&client, FALSE);
          sim_run (client.sim, IKE_SECOND);
          sim_assert (client.sim, client.said == 0 && gateway->ups == n + 1 && gateway->gones == 0);
          sim_assert (client.sim, sim_count_ike (gateway) == MIN (n + 1, 2));
          sim_assert (client.sim, sim_kernel_count (&gateway->kernel, TRUE) == 1 && gateway->kernel.policies->len == 1);
        }
      sim_run (client.sim, 31 * IKE_SECOND);
      sim_assert (client.sim, sim_count_ike (gateway) == 1 && gateway->gones == 0);
      sim_stop (gateway);
      sim_assert (client.sim, gateway->gones == 1 && !gateway->kernel.sas->len && !gateway->kernel.policies->len);
      sim_end (client.sim);
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

/* One that says so after hours, when nobody is to be let be any longer, is asked at once. */
static void
test_auth_lifetime_ends (void)
{
  for (guint seconds = 0; seconds <= 30; seconds += 30)
    {
      Sim *sim = sim_new (41 + seconds);
      SimHost *client = sim_client (sim);
      SimPeer *peer = sim_peer_new (sim);
      const guint32 octets = GUINT32_TO_BE (seconds);
      g_auto (IkeBuilder) builder = { 0 };

      client->config->keep_trying = TRUE;
      sim_start (client);
      sim_run (sim, 3600 * IKE_SECOND);
      sim_assert (sim, client->ups == 1 && peer->inits == 1);
      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, IKE_NOTIFY_AUTH_LIFETIME, ike_chunk (&octets, sizeof octets));
      sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
      sim_run (sim, MAX (seconds, 1) * IKE_SECOND);
      sim_assert (sim, peer->inits == 2 && !client->reconnectings && !client->downs);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/entry/schemes", test_schemes);
  g_test_add_func ("/sim/entry/method-1", test_method_1);
  g_test_add_func ("/sim/entry/old-gateway", test_old_gateway);
  g_test_add_func ("/sim/entry/unique", test_unique);
  g_test_add_func ("/sim/entry/unique-again", test_unique_again);
  g_test_add_func ("/sim/entry/eap-only-identity", test_eap_only_identity);
  g_test_add_func ("/sim/entry/short-auth-lifetime", test_short_auth_lifetime);
  g_test_add_func ("/sim/entry/auth-lifetime-ends", test_auth_lifetime_ends);
  return g_test_run ();
}
