/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of IKE_AUTH that keep somebody out, one by one. */
#include "sim-attacker.h"
#include "sim-peer.h"

#include "crypto/sig-scheme.h"
#include "wire/payload-cp.h"

#include <errno.h>

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

static const IkeUnique uniques[] = { IKE_UNIQUE_REPLACE, IKE_UNIQUE_KEEP };

/* @address: and for one. */
static void
come_for (SimAttacker *client, gboolean address)
{
  client->spi_i++;
  sim_attacker_init (client);
  sim_attacker_enter (client, address);
}

static void
come (SimAttacker *client)
{
  come_for (client, FALSE);
}

static guint32
sends_by (const SimHost *gateway)
{
  const SimSa *out = sim_kernel_outbound (&gateway->kernel);

  return out ? out->spi : 0;
}

/* The same device, without end, which never deletes what it had: that goes by itself, and is never more than one. It may
 * have been started again, and has nothing but the newest: soon it is sent to by that. */
static void
test_unique_again (void)
{
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
          come (&client);
          sim_assert (client.sim, client.said == 0 && gateway->ups == n + 1 && gateway->gones == 0);
          sim_assert (client.sim, sim_kernel_count (&gateway->kernel, TRUE) == 1 && gateway->kernel.policies->len == 1);
          sim_assert (client.sim, sends_by (gateway) == SIM_ATTACKER_SPI + (n ? n - 1 : 0));
          sim_run (client.sim, 2 * IKE_SECOND);
          sim_assert (client.sim, sim_count_ike (gateway) == MIN (n + 1, 2));
          sim_assert (client.sim, sends_by (gateway) == SIM_ATTACKER_SPI + n && gateway->kernel.policies->len == 1);
        }
      sim_run (client.sim, 31 * IKE_SECOND);
      sim_assert (client.sim, sim_count_ike (gateway) == 1 && gateway->gones == 0);
      sim_stop (gateway);
      sim_assert (client.sim, gateway->gones == 1 && !gateway->kernel.sas->len && !gateway->kernel.policies->len);
      sim_end (client.sim);
    }
}

/* It hangs up before the old one has gone, of which it knows nothing: that is asked whether it is still there, and goes. */
static void
test_unique_ghost (void)
{
  SimAttacker client;
  SimHost *gateway;

  sim_attacker_prepare (&client, 26);
  gateway = (SimHost *) client.gateway;
  gateway->config->serve = ike_serve_new ();
  gateway->config->dpd_delay = 10 * IKE_SECOND;
  gateway->config->dpd_timeout = 30 * IKE_SECOND;
  gateway->config->ike_lifetime = 3600 * IKE_SECOND;
  sim_listen (gateway);
  come (&client);
  come (&client);
  sim_run (client.sim, 2 * IKE_SECOND);
  sim_attacker_delete (&client, 0);
  sim_assert (client.sim, sim_count_ike (gateway) == 1 && gateway->gones == 0);
  sim_run (client.sim, 60 * IKE_SECOND);
  sim_assert (client.sim, sim_count_ike (gateway) == 0 && gateway->gones == 1);
  sim_assert (client.sim, !strstr (client.sim->transcript->str, "CREATE_CHILD_SA"));
  sim_end (client.sim);
}

/* Without end again, and each time it wants what cannot be: the last ones stay for a while. */
static void
test_unique_in_vain (void)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (uniques); i++)
    {
      SimAttacker client;
      SimHost *gateway;
      IkeSelector *six = g_new0 (IkeSelector, 1);

      six->first.family = six->last.family = IKE_FAMILY_IP6;
      six->port_last = 65535;
      sim_attacker_prepare (&client, 27 + i);
      gateway = (SimHost *) client.gateway;
      gateway->config->serve = ike_serve_new ();
      gateway->config->serve->unique = uniques[i / 2];
      g_ptr_array_set_size (gateway->config->child.local_ts, 0);
      g_ptr_array_add (gateway->config->child.local_ts, six);
      sim_listen (gateway);
      client.patience = i & 1 ? 5 * IKE_SECOND : IKE_SECOND / 10;
      for (guint n = 0; n < 40; n++)
        {
          come (&client);
          sim_assert (client.sim, sim_count_ike (gateway) == (i & 1 ? MIN (n + 1, 4) : MIN (n + 1, 16)));
          sim_assert (client.sim,
                      client.said == (i & 1 || n < 16 ? IKE_NOTIFY_TS_UNACCEPTABLE : IKE_NOTIFY_TEMPORARY_FAILURE));
        }
      sim_run (client.sim, 31 * IKE_SECOND);
      sim_assert (client.sim, sim_count_ike (gateway) == 1 && gateway->gones == 0 && gateway->ups == 0);
      sim_stop (gateway);
      sim_end (client.sim);
    }
}

/* The first time nothing comes of it, the second time it has its Child SA a moment later: that is no less than any. */
static void
test_unique_late (void)
{
  SimAttacker client;
  SimHost *gateway;

  sim_attacker_prepare (&client, 34);
  gateway = (SimHost *) client.gateway;
  gateway->config->serve = ike_serve_new ();
  gateway->config->ike_lifetime = 200 * IKE_SECOND;
  sim_listen (gateway);
  gateway->kernel.refuse_spi = ENOMEM;
  come (&client);
  come (&client);
  sim_assert (client.sim, client.said == IKE_NOTIFY_TEMPORARY_FAILURE && sim_count_ike (gateway) == 2);
  gateway->kernel.refuse_spi = 0;
  sim_attacker_child (&client);
  sim_assert (client.sim, client.said == 0);
  sim_run (client.sim, 60 * IKE_SECOND);
  sim_assert (client.sim, sim_count_ike (gateway) == 2 && sim_kernel_count (&gateway->kernel, TRUE) == 1);
  sim_run (client.sim, 200 * IKE_SECOND);
  sim_assert (client.sim, sim_count_ike (gateway) == 0 && gateway->gones == 1);
  sim_end (client.sim);
}

/* By an IKE SA without a Child SA, since it has got no address, or the kernel would not; after a @good one, if so. */
static SimHost *
come_without (SimAttacker *client, guint64 seed, gboolean good, gboolean refuse)
{
  SimHost *gateway;

  sim_attacker_prepare (client, seed);
  gateway = (SimHost *) client->gateway;
  gateway->config->serve = ike_serve_new ();
  gateway->config->serve->pool4 = TRUE;
  gateway->config->ike_lifetime = 3600 * IKE_SECOND;
  gateway->pool4 = "10.9.0.0";
  sim_listen (gateway);
  if (good)
    come_for (client, TRUE);
  gateway->kernel.refuse_spi = refuse ? ENOMEM : 0;
  come_for (client, refuse);
  return gateway;
}

/* What has no Child SA, since it has got no address or the kernel would not, is no more when it is the last; if there was a
 * good one before it, that goes on. */
static void
test_unique_without (void)
{
  for (guint i = 0; i < 3; i++)
    {
      SimAttacker client;
      SimHost *gateway;
      guint good = i > 0;

      gateway = come_without (&client, 40 + i, good, i == 2);
      sim_assert (client.sim, client.said == (i == 2 ? IKE_NOTIFY_TEMPORARY_FAILURE : IKE_NOTIFY_FAILED_CP_REQUIRED));
      gateway->kernel.refuse_spi = 0;
      come_for (&client, TRUE);
      sim_assert (client.sim, client.said == 0 && sim_count_ike (gateway) == 2 + good);
      sim_attacker_delete (&client, 0);
      sim_assert (client.sim, sim_count_ike (gateway) == 1 + good);
      sim_assert (client.sim, !strstr (client.sim->transcript->str, "IKE SA #1 goes on") == !good);
      sim_run (client.sim, 35 * IKE_SECOND);
      sim_assert (client.sim, sim_count_ike (gateway) == good && gateway->gones == !good);
      sim_assert (client.sim, !strstr (client.sim->transcript->str, "IKE SA #2 goes on"));
      sim_stop (gateway);
      sim_end (client.sim);
    }
}

/* The same, and it does not come again: while it has a good one it is not said to be gone, and else why. */
static void
test_unique_spare (void)
{
  for (guint i = 0; i < 3; i++)
    {
      SimAttacker client;
      SimHost *gateway;
      guint good = i > 0;

      gateway = come_without (&client, 43 + i, good, i == 2);
      sim_assert (client.sim, client.said && sim_count_ike (gateway) == 1 + good);
      sim_run (client.sim, 35 * IKE_SECOND);
      sim_assert (client.sim, sim_count_ike (gateway) == good && gateway->gones == !good);
      sim_assert (client.sim, (strstr (client.sim->transcript->str, "a peer is gone") == NULL) == good);
      sim_assert (client.sim, good || strstr (client.sim->transcript->str, "a peer is gone: NO_CHILD"));
      gateway->kernel.refuse_spi = 0;
      sim_stop (gateway);
      sim_end (client.sim);
    }
}

static void
want_six (IkeBuilder *builder)
{
  IkeWriter *writer = ike_builder_begin (builder, IKE_PAYLOAD_CP);

  ike_cp_write (writer, IKE_CP_REQUEST);
  ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_IP6_ADDRESS, ike_chunk (NULL, 0));
  ike_builder_end (builder);
}

/* First it asks for an IPv4 address, then for an IPv6 one, of which there are @i: it hears of what it has asked for. */
static void
test_unique_other_address (void)
{
  for (guint i = 0; i < 2; i++)
    {
      SimAttacker client;
      SimHost *gateway;

      sim_attacker_prepare (&client, 36 + i);
      gateway = (SimHost *) client.gateway;
      gateway->config->serve = ike_serve_new ();
      gateway->config->serve->pool4 = TRUE;
      gateway->config->serve->pool6 = i;
      gateway->pool4 = "10.9.0.0";
      gateway->pool6 = i ? "2001:db8:9::" : NULL;
      sim_listen (gateway);
      sim_attacker_init (&client);
      sim_attacker_enter (&client, TRUE);
      sim_assert (client.sim, client.said == 0 && client.addresses4 == 1 && client.addresses6 == 0);
      client.write_more = want_six;
      come (&client);
      sim_assert (client.sim, client.said == (i ? 0 : IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE));
      sim_assert (client.sim, client.addresses4 == 1 && client.addresses6 == i);
      sim_stop (gateway);
      sim_end (client.sim);
    }
}

/* Then comes another one, with another identity, for the same packets: the policies are its. */
static SimHost *
come_with_other (SimAttacker *client, guint64 seed)
{
  SimHost *gateway, *other;

  sim_attacker_prepare (client, seed);
  gateway = (SimHost *) client->gateway;
  gateway->config->serve = ike_serve_new ();
  g_clear_pointer (&gateway->config->remote_id, ike_identity_free);
  other = sim_client (client->sim);
  ike_identity_free (other->config->local_id);
  other->config->local_id = ike_identity_new (IKE_ID_FQDN, "other.example", 13);
  sim_listen (gateway);
  client->patience = IKE_SECOND / 10;
  come (client);
  sim_start_to (other, &gateway->address);
  sim_assert (client->sim, sim_run_until (client->sim, sim_is_up, other, IKE_SECOND));
  return other;
}

static const SimPolicy *
policy_of (const SimAttacker *client, guint32 child)
{
  const SimPolicy *policy = g_ptr_array_index (client->gateway->kernel.policies, 0);

  sim_assert (client->sim, client->gateway->kernel.policies->len == 1 && policy->child == child);
  return policy;
}

/* It comes again to another address of ours: those of its old Child SA are not for that, but it has none. */
static void
test_unique_elsewhere (void)
{
  SimAttacker client;
  SimHost *other = come_with_other (&client, 39), *gateway = (SimHost *) client.gateway;
  const IkeAddress address = gateway->address;

  client.sim->roaming = TRUE;
  policy_of (&client, 2);
  sim_move (gateway, "198.51.100.9");
  come (&client);
  sim_assert (client.sim, gateway->ups == 3 && !gateway->gones);
  policy_of (&client, 2);
  gateway->address = address;
  sim_stop (other);
  sim_run (client.sim, IKE_SECOND);
  sim_assert (client.sim, gateway->gones == 1);
  sim_assert (client.sim, !ike_address_equal (&policy_of (&client, 3)->path.local.address, &address));
  sim_stop (gateway);
  sim_end (client.sim);
}

/* It asks for its Child SA by the old IKE SA and by a new one at the same moment: they are for the same, in the kernel too. */
static void
test_unique_at_once (void)
{
  SimAttacker old, fresh;
  SimHost *gateway;

  sim_attacker_prepare (&old, 46);
  gateway = (SimHost *) old.gateway;
  gateway->config->serve = ike_serve_new ();
  sim_listen (gateway);
  come (&old);
  sim_attacker_delete (&old, SIM_ATTACKER_SPI);
  sim_assert (old.sim, sim_count_ike (gateway) == 1 && !gateway->kernel.sas->len);
  fresh = (SimAttacker){ .sim = old.sim,
                         .host = old.host,
                         .gateway = gateway,
                         .group = old.group,
                         .proposal_group = old.proposal_group,
                         .spi_i = old.spi_i + 1,
                         .next_spi = 10,
                         .patience = IKE_SECOND };
  old.host->script_data = &fresh;
  sim_attacker_init (&fresh);
  old.patience = fresh.patience = 0;
  gateway->kernel_time = 100 * IKE_MILLISECOND;
  sim_attacker_child (&old);
  sim_attacker_enter (&fresh, FALSE);
  sim_run (old.sim, IKE_SECOND);
  sim_assert (old.sim, fresh.said == 0 && sim_count_ike (gateway) == 2);
  sim_assert (old.sim, sim_kernel_count (&gateway->kernel, FALSE) == 2 && gateway->kernel.policies->len == 1);
  sim_assert (old.sim, sim_kernel_is_whole (&gateway->kernel) && sim_kernel_outbound (&gateway->kernel));
  old.host->script (old.host, NULL, &old);
  sim_stop (gateway);
  sim_end (old.sim);
}

/* It is about to change over when the other one goes. */
static void
test_unique_policies (void)
{
  SimAttacker client;
  SimHost *other = come_with_other (&client, 38), *gateway = (SimHost *) client.gateway;

  come (&client);
  sim_assert (client.sim, gateway->ups == 3);
  policy_of (&client, 2);
  sim_stop (other);
  sim_run (client.sim, IKE_SECOND);
  sim_assert (client.sim, gateway->gones == 1 && sim_kernel_count (&gateway->kernel, TRUE) == 1);
  sim_assert (client.sim, sends_by (gateway) == SIM_ATTACKER_SPI && gateway->kernel.policies->len == 1);
  sim_run (client.sim, IKE_SECOND);
  sim_assert (client.sim, sends_by (gateway) == SIM_ATTACKER_SPI + 1 && sim_kernel_is_whole (&gateway->kernel));
  sim_stop (gateway);
  sim_end (client.sim);
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
  g_test_add_func ("/sim/entry/unique-ghost", test_unique_ghost);
  g_test_add_func ("/sim/entry/unique-in-vain", test_unique_in_vain);
  g_test_add_func ("/sim/entry/unique-late", test_unique_late);
  g_test_add_func ("/sim/entry/unique-without", test_unique_without);
  g_test_add_func ("/sim/entry/unique-spare", test_unique_spare);
  g_test_add_func ("/sim/entry/unique-other-address", test_unique_other_address);
  g_test_add_func ("/sim/entry/unique-elsewhere", test_unique_elsewhere);
  g_test_add_func ("/sim/entry/unique-at-once", test_unique_at_once);
  g_test_add_func ("/sim/entry/unique-policies", test_unique_policies);
  g_test_add_func ("/sim/entry/eap-only-identity", test_eap_only_identity);
  g_test_add_func ("/sim/entry/short-auth-lifetime", test_short_auth_lifetime);
  g_test_add_func ("/sim/entry/auth-lifetime-ends", test_auth_lifetime_ends);
  return g_test_run ();
}
