/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server and its clients: who gets in, how, and what they get; and who does not. */
#include "sim-internal.h"

#include "sa/configure.h"
#include "wire/payload-notify.h"

static const char *const users[] = { "alice", "correct horse", "bob", "battery staple", NULL };
static const char *const right[] = { "correct horse", NULL };
static const char *const wrong[] = { "battery staple", NULL };

/* Hands out 10.9.0.1, 10.9.0.2, ... and 2001:db8:9::1, ... */
static SimHost *
server_new (Sim *sim, IkeAuth clients)
{
  SimHost *server = sim_gateway (sim);
  IkeConfig *config = server->config;
  IkeAddress dns = { IKE_FAMILY_IP4, { 10, 2, 0, 53 } };
  IkeAddress dns6 = { IKE_FAMILY_IP6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x53 } };

  g_clear_pointer (&config->remote_id, ike_identity_free);
  config->remote_auth = clients;
  config->local_auth = clients == IKE_AUTH_PSK ? IKE_AUTH_PSK : IKE_AUTH_SIGNATURE;
  config->key_type = IKE_KEY_P256;
  config->key_bits = 256;
  g_ptr_array_add (config->certificates, g_bytes_new_static ("certificate", 11));
  g_ptr_array_set_size (config->child.remote_ts, 0);
  config->serve = ike_serve_new ();
  config->serve->pool4 = config->serve->pool6 = TRUE;
  g_array_append_val (config->serve->dns, dns);
  g_array_append_val (config->serve->dns, dns6);
  g_ptr_array_add (config->serve->domains, g_strdup ("corp.example"));
  config->serve->banner = g_strdup ("Be good.");
  server->sign_key = "key of the gateway";
  server->peer_key = "key of the client";
  server->users = users;
  server->pool4 = "10.9.0.0";
  server->pool6 = "2001:db8:9::";
  return server;
}

static SimHost *
client_new (Sim *sim, const char *name, const char *address, IkeAuth auth)
{
  SimHost *client = sim_host_new (sim, name, address, IKE_ROLE_INITIATOR);
  IkeConfig *config = client->config;
  IkeSelector *all = g_new0 (IkeSelector, 1);

  if (auth != IKE_AUTH_NULL)
    config->local_id = ike_identity_new (IKE_ID_FQDN, name, strlen (name));
  config->remote_id = ike_identity_new (IKE_ID_FQDN, "gw.example", 10);
  config->local_auth = auth;
  config->remote_auth = auth == IKE_AUTH_PSK ? IKE_AUTH_PSK : IKE_AUTH_SIGNATURE;
  config->key_type = auth == IKE_AUTH_SIGNATURE ? IKE_KEY_P256 : IKE_KEY_NONE;
  config->key_bits = 256;
  config->certificate_identity_check = TRUE;
  config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
  config->eap_identity = auth == IKE_AUTH_EAP ? g_strdup (name) : NULL;
  config->want_address4 = TRUE;
  all->first = (IkeAddress){ .family = IKE_FAMILY_IP4 };
  all->last = (IkeAddress){ IKE_FAMILY_IP4, { 255, 255, 255, 255 } };
  all->port_last = 65535;
  g_ptr_array_add (config->child.remote_ts, all);
  client->sign_key = "key of the client";
  client->peer_key = "key of the gateway";
  client->passwords = right;
  return client;
}

static gboolean
settled (Sim *sim, gpointer data)
{
  const SimHost *client = data;

  return client->ups || client->downs;
}

static void
dial (SimHost *client, SimHost *server)
{
  sim_start_to (client, &server->address);
  sim_assert (client->sim, sim_run_until (client->sim, settled, client, 60 * IKE_SECOND));
}

static void
assert_address (SimHost *client, const char *wanted)
{
  g_autofree char *got = NULL;

  sim_assert (client->sim, client->ups > 0 && client->configured->addresses->len == 1);
  got = ike_address_to_string (&g_array_index (client->configured->addresses, IkePrefix, 0).address);
  g_assert_cmpstr (got, ==, wanted);
}

static guint
half_open (const SimHost *server)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (server->engine, &counts);
  return counts.half_open;
}

/* ---- each way to prove who one is ---- */

static void
test_methods (void)
{
  static const IkeAuth methods[] = { IKE_AUTH_PSK, IKE_AUTH_SIGNATURE, IKE_AUTH_EAP, IKE_AUTH_NULL };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      Sim *sim = sim_new (i);
      SimHost *server = server_new (sim, methods[i]);
      SimHost *client = client_new (sim, "alice", "192.0.2.1", methods[i]);

      sim_listen (server);
      dial (client, server);
      assert_address (client, "10.9.0.1");
      sim_assert_agree (client, server, 1);
      g_assert_cmpuint (client->configured->dns->len, ==, 1);
      g_assert_cmpstr (client->configured->domains->pdata[0], ==, "corp.example");
      g_assert_cmpstr (client->configured->banner, ==, "Be good.");
      sim_assert (sim, server->ups == 1 && server->admits == 1 && server->configured->addresses->len == 1);
      g_autofree char *who = ike_identity_to_string (server->configured->remote_id);
      g_assert_cmpstr (who, ==, methods[i] == IKE_AUTH_NULL ? "ID_NULL" : "alice");
      /* the selectors are the address that was given and what the server has behind it */
      sim_assert (sim, g_array_index (server->configured->remote_ts, IkeSelector, 0).last.bytes[1] == 9);
      sim_assert (sim, g_array_index (client->configured->remote_ts, IkeSelector, 0).first.bytes[1] == 2);
      sim_stop (client);
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, server->gones == 1 && server->kernel.sas->len == 0);
      sim_end (sim);
    }
}

/* Both families, one of them, or none that there is. */
static void
test_families (void)
{
  for (guint i = 0; i < 4; i++)
    {
      Sim *sim = sim_new (10 + i);
      SimHost *server = server_new (sim, IKE_AUTH_PSK);
      SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_PSK);

      client->config->want_address4 = i != 1;
      client->config->want_address6 = i != 2;
      server->config->serve->pool6 = i != 3;
      if (i == 3)
        client->config->want_address4 = FALSE;
      for (guint side = 0; side < 2; side++)
        {
          IkeSelector *all6 = g_new0 (IkeSelector, 1);

          all6->first.family = all6->last.family = IKE_FAMILY_IP6;
          memset (all6->last.bytes, 0xff, 16);
          all6->port_last = 65535;
          g_ptr_array_add (side ? server->config->child.local_ts : client->config->child.remote_ts, all6);
        }
      sim_listen (server);
      dial (client, server);
      if (i < 3)
        {
          sim_assert (sim, client->ups == 1 && client->configured->addresses->len == (i ? 1 : 2));
          sim_assert (sim, client->configured->dns->len == (i ? 1 : 2));
          sim_assert (sim, g_array_index (client->configured->addresses, IkePrefix,
                                          i == 1 ? 0
                                          : i    ? 0
                                                 : 1)
                                   .address.family == (i == 2 ? IKE_FAMILY_IP4 : IKE_FAMILY_IP6));
        }
      else
        sim_assert_reason (sim, client, ADDRESS_FAILURE);
      sim_end (sim);
    }
}

/* A client that wants no address, where everybody gets one. */
static void
test_no_request (void)
{
  Sim *sim = sim_new (20);
  SimHost *server = server_new (sim, IKE_AUTH_PSK);
  SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_PSK);

  client->config->want_address4 = FALSE;
  sim_listen (server);
  dial (client, server);
  sim_assert_reason (sim, client, CP_REQUIRED);
  sim_end (sim);
}

/* ---- who does not get in ---- */

static void
test_eap_refused (void)
{
  guint sent[2] = { 0 };

  for (guint unknown = 0; unknown < 2; unknown++)
    {
      Sim *sim = sim_new (30);
      SimHost *server = server_new (sim, IKE_AUTH_EAP);
      SimHost *client = client_new (sim, unknown ? "carol" : "alice", "192.0.2.1", IKE_AUTH_EAP);

      client->passwords = wrong;
      sim_listen (server);
      dial (client, server);
      sim_assert_reason (sim, client, EAP_REFUSED);
      sim_assert (sim, server->ups == 0 && server->admits == 0 && server->kernel.sas->len == 0);
      /* our own signature came first */
      sim_assert (sim, server->signs == 1 && client->verifies == 1);
      sent[unknown] = server->sent;
      sim_end (sim);
    }
  /* whether there is such a user cannot be seen */
  g_assert_cmpuint (sent[0], ==, sent[1]);
}

static void
test_psk_wrong (void)
{
  Sim *sim = sim_new (31);
  SimHost *server = server_new (sim, IKE_AUTH_PSK);
  SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_PSK);

  client->psk = "another";
  sim_listen (server);
  dial (client, server);
  sim_assert_reason (sim, client, PEER_REFUSED_US);
  sim_assert (sim, server->ups == 0 && server->kernel.sas->len == 0);
  sim_end (sim);
}

/* A proven identity that may not come in. */
static void
test_not_authorized (void)
{
  Sim *sim = sim_new (32);
  SimHost *server = server_new (sim, IKE_AUTH_SIGNATURE);
  SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_SIGNATURE);

  server->refuse_admit = "alice";
  sim_listen (server);
  dial (client, server);
  sim_assert_reason (sim, client, PEER_REFUSED_US);
  sim_assert (sim, server->admits == 1 && server->gones == 1 && server->ups == 0);
  sim_end (sim);
}

/* Of several names in a certificate the one that the server wants was proven, whatever else was claimed. */
static void
test_proven_name (void)
{
  Sim *sim = sim_new (34);
  SimHost *server = server_new (sim, IKE_AUTH_SIGNATURE);
  SimHost *client = client_new (sim, "victim", "192.0.2.1", IKE_AUTH_SIGNATURE);
  g_autofree char *who = NULL;

  server->config->remote_id = ike_identity_new (IKE_ID_FQDN, "client.example", 14);
  server->config->certificate_identity_check = TRUE;
  server->certificate_name = "client.example";
  server->refuse_admit = "victim";
  sim_listen (server);
  dial (client, server);
  who = ike_identity_to_string (server->configured->remote_id);
  g_assert_cmpstr (who, ==, "client.example");
  sim_end (sim);
}

/* Whoever comes without a method that the server wants: NULL where a key is wanted, a key where nothing is. */
static void
test_wrong_method (void)
{
  static const IkeAuth pairs[][2] = { { IKE_AUTH_SIGNATURE, IKE_AUTH_NULL },
                                      { IKE_AUTH_EAP, IKE_AUTH_NULL },
                                      { IKE_AUTH_NULL, IKE_AUTH_SIGNATURE },
                                      { IKE_AUTH_SIGNATURE, IKE_AUTH_EAP },
                                      { IKE_AUTH_EAP, IKE_AUTH_SIGNATURE } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      Sim *sim = sim_new (40 + i);
      SimHost *server = server_new (sim, pairs[i][0]);
      SimHost *client = client_new (sim, "alice", "192.0.2.1", pairs[i][1]);

      sim_listen (server);
      dial (client, server);
      sim_assert_reason (sim, client, PEER_REFUSED_US);
      sim_assert (sim, server->ups == 0 && server->signs == 0);
      sim_end (sim);
    }
}

/* The pool is empty, until somebody goes. */
static void
test_pool_empty (void)
{
  Sim *sim = sim_new (33);
  SimHost *server = server_new (sim, IKE_AUTH_PSK);
  SimHost *one = client_new (sim, "one", "192.0.2.1", IKE_AUTH_PSK);
  SimHost *two = client_new (sim, "two", "192.0.2.2", IKE_AUTH_PSK);
  SimHost *three = client_new (sim, "three", "192.0.2.3", IKE_AUTH_PSK);

  server->pool_size = 1;
  sim_listen (server);
  dial (one, server);
  assert_address (one, "10.9.0.1");
  dial (two, server);
  sim_assert_reason (sim, two, ADDRESS_FAILURE);
  sim_stop (one);
  sim_run (sim, 3 * IKE_SECOND);
  dial (three, server);
  assert_address (three, "10.9.0.1");
  sim_end (sim);
}

/* RFC 8983: who asks for the other family is told why there is nothing for it. */
static void
test_other_family (void)
{
  for (guint six = 0; six < 2; six++)
    {
      Sim *sim = sim_new (36 + six);
      SimHost *server = server_new (sim, IKE_AUTH_PSK);
      SimHost *client = client_new (sim, "one", "192.0.2.1", IKE_AUTH_PSK);

      server->config->serve->pool4 = six;
      server->config->serve->pool6 = !six;
      client->config->want_address4 = !six;
      client->config->want_address6 = six;
      sim_listen (server);
      dial (client, server);
      sim_assert_reason (sim, client, ADDRESS_FAILURE);
      g_assert_cmpstr (client->reason.detail, ==, six ? "it has IPv4 only" : "it has IPv6 only");
      sim_end (sim);
    }
}

/* ---- the same client again ---- */

/* By its own word it knows of no other (INITIAL_CONTACT), but it comes from another address: with keep that is another
 * device (test-sim-devices.c). Without that word: test-sim-entry.c. */
static void
test_unique (void)
{
  static const struct {
    IkeUnique unique;
    guint stay;
    gboolean second; /* is in */
  } rows[] = { { IKE_UNIQUE_REPLACE, 1, TRUE }, { IKE_UNIQUE_KEEP, 1, FALSE }, { IKE_UNIQUE_NO, 2, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (50 + i);
      SimHost *server = server_new (sim, IKE_AUTH_PSK);
      SimHost *first = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_PSK);
      SimHost *second = client_new (sim, "alice", "192.0.2.2", IKE_AUTH_PSK);
      SimHost *other = client_new (sim, "bob", "192.0.2.3", IKE_AUTH_PSK);

      server->config->serve->unique = rows[i].unique;
      sim_listen (server);
      dial (first, server);
      dial (other, server);
      dial (second, server);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, second->ups == (rows[i].second ? 1 : 0) && other->downs == 0);
      sim_assert (sim, sim_kernel_count (&server->kernel, TRUE) == rows[i].stay + 1);
      if (rows[i].second)
        assert_address (second, rows[i].stay == 1 ? "10.9.0.1" : "10.9.0.3");
      else
        assert_address (first, "10.9.0.1");
      sim_end (sim);
    }
}

/* Nobody in particular replaces nobody (RFC 7619 section 2.3). */
static void
test_unique_null (void)
{
  Sim *sim = sim_new (60);
  SimHost *server = server_new (sim, IKE_AUTH_NULL);
  SimHost *clients[3];

  sim_listen (server);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *address = g_strdup_printf ("192.0.2.%u", i + 1);

      clients[i] = client_new (sim, "nobody", address, IKE_AUTH_NULL);
      dial (clients[i], server);
      sim_assert (sim, clients[i]->ups == 1);
    }
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&server->kernel, TRUE) == 3 && server->gones == 0);
  sim_end (sim);
}

/* A client that vanished is noticed, and its address is free again. */
static void
test_vanished (void)
{
  Sim *sim = sim_new (61);
  SimHost *server = server_new (sim, IKE_AUTH_PSK);
  SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_PSK);
  SimHost *other = client_new (sim, "bob", "192.0.2.2", IKE_AUTH_PSK);

  server->config->dpd_delay = 10 * IKE_SECOND;
  server->config->dpd_timeout = 20 * IKE_SECOND;
  sim_listen (server);
  dial (client, server);
  dial (other, server);
  client->off = TRUE;
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, server->gones == 1 && sim_kernel_count (&server->kernel, TRUE) == 1);
  sim_assert (sim, server->downs == 0 && other->downs == 0);
  sim_end (sim);
}

/* Between two rekeyings. */
static gboolean
is_calm (Sim *sim, gpointer data)
{
  const SimHost *host = data;

  return sim_kernel_count (&host->kernel, FALSE) == 1 && !sim_kernel_larval (&host->kernel);
}

/* The client is the same over rekeyings of the IKE SA, by either end. */
static void
test_rekey (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (62 + turn);
      SimHost *server = server_new (sim, IKE_AUTH_EAP);
      SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_EAP);
      IkeConfig *config = turn ? server->config : client->config;

      config->ike_lifetime = 100 * IKE_SECOND;
      config->ike_rekey_margin = 20 * IKE_SECOND;
      config->child.lifetime = 30 * IKE_SECOND;
      config->child.rekey_margin = 5 * IKE_SECOND;
      sim_listen (server);
      dial (client, server);
      sim_run (sim, 1000 * IKE_SECOND);
      sim_assert (sim, sim_run_until (sim, is_calm, server, 10 * IKE_SECOND));
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, server->gones == 0 && server->admits == 1 && client->reconnectings == 0);
      sim_assert_agree (client, server, 1);
      sim_end (sim);
    }
}

/* ---- the network ---- */

/* A bad network: each answer may be lost, or come twice. */
static void
test_lossy (void)
{
  for (guint seed = 0; seed < 20; seed++)
    {
      Sim *sim = sim_new (100 + seed);
      SimHost *server = server_new (sim, IKE_AUTH_EAP);
      SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_EAP);

      sim->loss = sim->duplicates = 25;
      sim->jitter = 50 * IKE_MILLISECOND;
      client->config->retransmit_timeout = 100 * IKE_SECOND;
      sim_listen (server);
      dial (client, server);
      assert_address (client, "10.9.0.1");
      sim->loss = sim->duplicates = 0;
      sim_run (sim, IKE_SECOND);
      sim_assert_agree (client, server, 1);
      sim_end (sim);
    }
}

static void
test_behind_nat (void)
{
  Sim *sim = sim_new (130);
  SimHost *server = server_new (sim, IKE_AUTH_EAP);
  SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_EAP);

  sim_nat (client, "203.0.113.7");
  sim_listen (server);
  dial (client, server);
  assert_address (client, "10.9.0.1");
  sim_assert (sim, client->configured->encap && server->configured->encap);
  sim_assert_agree (client, server, 1);
  sim_end (sim);
}

/* Many, of whom some come and go. */
static void
test_many (void)
{
  Sim *sim = sim_new (131);
  SimHost *server = server_new (sim, IKE_AUTH_EAP);
  g_autoptr (GPtrArray) clients = g_ptr_array_new ();

  server->config->serve->unique = IKE_UNIQUE_NO;
  sim_listen (server);
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *address = g_strdup_printf ("192.0.2.%u", i + 1);
      SimHost *client = client_new (sim, i % 2 ? "alice" : "bob", address, IKE_AUTH_EAP);

      client->passwords = i % 2 ? right : wrong;
      g_ptr_array_add (clients, client);
      sim_start_to (client, &server->address);
    }
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, server->ups == 60 && sim_kernel_count (&server->kernel, FALSE) == 60);
  for (guint i = 0; i < clients->len; i += 3)
    sim_stop (clients->pdata[i]);
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, server->gones == 20 && sim_kernel_count (&server->kernel, FALSE) == 40);
  sim_stop (server);
  sim_run (sim, 5 * IKE_SECOND);
  sim_assert (sim, server->gones == 60 && server->downs == 1);
  for (guint i = 0; i < clients->len; i++)
    sim_assert (sim, ((SimHost *) clients->pdata[i])->kernel.sas->len == 0);
  sim_end (sim);
}

/* ---- EAP-only (RFC 5998) ---- */

/* A server that is to be proven by the method: not by one that a false server could pass, and not for a client that
 * wants more. */
static void
test_eap_only (void)
{
  for (guint offered = 0; offered < 2; offered++)
    {
      Sim *sim = sim_new (150 + offered);
      SimHost *server = server_new (sim, IKE_AUTH_EAP);
      SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_EAP);

      server->config->local_auth = IKE_AUTH_EAP_ONLY;
      if (offered)
        client->config->remote_auth = IKE_AUTH_EAP_ONLY;
      sim_listen (server);
      dial (client, server);
      sim_assert (sim, server->signs == 0 && client->ups == 0 && client->downs == 1);
      sim_assert (sim, client->reason.code == (offered ? IKE_REASON_PEER_AUTH_WRONG : IKE_REASON_PEER_REFUSED_US));
      sim_end (sim);
    }
}

static guint32
spi_of (const SimHost *client, gboolean out)
{
  for (guint i = 0; i < client->kernel.sas->len; i++)
    if (!((SimSa *) client->kernel.sas->pdata[i])->out == !out)
      return ((SimSa *) client->kernel.sas->pdata[i])->spi;
  g_assert_not_reached ();
}

/* Bob takes the SPI by which the server gets Alice's packets: when his SA nears its end, it is his that is rekeyed. */
static void
test_same_spi (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Sim *sim = sim_new (1490 + i);
      SimHost *server = server_new (sim, IKE_AUTH_PSK);
      SimHost *alice = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_PSK);
      SimHost *bob = client_new (sim, "bob", "192.0.2.2", IKE_AUTH_PSK);
      SimHost *whose = i ? alice : bob, *other = i ? bob : alice;
      IkeInput *input = g_new0 (IkeInput, 1);
      guint32 spi, before_whose, before_other;

      sim_listen (server);
      dial (alice, server);
      spi = bob->kernel.next_spi = spi_of (alice, TRUE);
      dial (bob, server);
      sim_assert (sim, spi_of (bob, FALSE) == spi);
      before_whose = spi_of (whose, TRUE);
      before_other = spi_of (other, TRUE);
      input->type = IKE_INPUT_EXPIRE;
      input->spi = spi;
      input->path.remote.address = i ? server->address : bob->address;
      sim_feed (server, input);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, spi_of (whose, TRUE) != before_whose && spi_of (other, TRUE) == before_other);
      sim_assert (sim, sim_kernel_count (&server->kernel, TRUE) == 2);
      sim_end (sim);
    }
}

/* A user who waits for a password that is sent has the time for it; one who never says it is forgotten. */
static void
test_slow_user (void)
{
  for (guint gone = 0; gone < 2; gone++)
    {
      Sim *sim = sim_new (200 + gone);
      SimHost *server = server_new (sim, IKE_AUTH_EAP);
      SimHost *client = client_new (sim, "alice", "192.0.2.1", IKE_AUTH_EAP);

      client->job_time[IKE_JOB_SECRET] = gone ? 500 * IKE_SECOND : 100 * IKE_SECOND;
      sim_listen (server);
      sim_start_to (client, &server->address);
      sim_run (sim, 99 * IKE_SECOND);
      sim_assert (sim, client->passwords_asked == 1 && half_open (server) == 1);
      sim_run (sim, 30 * IKE_SECOND);
      sim_assert (sim, half_open (server) == 0 && sim_count_ike (server) == !gone && client->ups == !gone);
      if (gone)
        sim_stop (client);
      sim_run (sim, 60 * IKE_SECOND);
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/server/methods", test_methods);
  g_test_add_func ("/sim/server/families", test_families);
  g_test_add_func ("/sim/server/no-request", test_no_request);
  g_test_add_func ("/sim/server/eap-refused", test_eap_refused);
  g_test_add_func ("/sim/server/psk-wrong", test_psk_wrong);
  g_test_add_func ("/sim/server/not-authorized", test_not_authorized);
  g_test_add_func ("/sim/server/proven-name", test_proven_name);
  g_test_add_func ("/sim/server/wrong-method", test_wrong_method);
  g_test_add_func ("/sim/server/pool-empty", test_pool_empty);
  g_test_add_func ("/sim/server/other-family", test_other_family);
  g_test_add_func ("/sim/server/slow-user", test_slow_user);
  g_test_add_func ("/sim/server/unique", test_unique);
  g_test_add_func ("/sim/server/unique-null", test_unique_null);
  g_test_add_func ("/sim/server/vanished", test_vanished);
  g_test_add_func ("/sim/server/rekey", test_rekey);
  g_test_add_func ("/sim/server/lossy", test_lossy);
  g_test_add_func ("/sim/server/behind-nat", test_behind_nat);
  g_test_add_func ("/sim/server/many", test_many);
  g_test_add_func ("/sim/server/eap-only", test_eap_only);
  g_test_add_func ("/sim/server/same-spi", test_same_spi);
  return g_test_run ();
}
