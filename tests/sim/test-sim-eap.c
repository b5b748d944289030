/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A road warrior with a user name and a password, and what a gateway gives him. */
#include "sim-peer.h"

#include "sa/configure.h"
#include "wire/payload-cp.h"

static const char *const right[] = { "correct horse", NULL };

/* A client that authenticates with EAP-MSCHAPv2 and wants an address. */
static SimHost *
eap_client (Sim *sim)
{
  SimHost *client = sim_client (sim);
  IkeConfig *config = client->config;

  config->local_auth = IKE_AUTH_EAP;
  config->remote_auth = IKE_AUTH_SIGNATURE;
  config->certificate_identity_check = TRUE;
  config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
  config->eap_identity = g_strdup ("alice");
  config->want_address4 = TRUE;
  g_ptr_array_set_size (config->child.local_ts, 0);
  client->peer_key = "key of the gateway";
  client->passwords = right;
  return client;
}

static void
give_address (SimPeer *peer, IkeWriter *writer)
{
  IkeAddress address = { IKE_FAMILY_IP4, { 10, 9, 8, 7 } }, dns = { IKE_FAMILY_IP4, { 10, 0, 0, 53 } };

  ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, &address, 32);
  ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP4_DNS, &dns, 32);
}

static SimPeer *
eap_peer (Sim *sim)
{
  SimPeer *peer = sim_peer_new (sim);

  peer->eap = peer->signature = TRUE;
  peer->write_cp = give_address;
  return peer;
}

static void
run (SimHost *client, SimPeer *peer)
{
  sim_start (client);
  while (!client->ups && !client->downs)
    sim_run (client->sim, IKE_SECOND);
}

static void
test_right (void)
{
  Sim *sim = sim_new (1);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);
  const IkeSelector *ts;

  run (client, peer);
  sim_assert (sim, client->ups == 1 && peer->finals == 1);
  g_assert_cmpstr (peer->eap_identity, ==, "alice");
  g_assert_cmpuint (client->configured->addresses->len, ==, 1);
  g_assert_cmpuint (client->configured->dns->len, ==, 1);
  /* our side of the tunnel is the address alone, though the gateway would take anything */
  ts = &g_array_index (client->configured->local_ts, IkeSelector, 0);
  sim_assert (sim, ts->first.bytes[3] == 7 && ts->last.bytes[3] == 7 && client->configured->local_ts->len == 1);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
test_second_password (void)
{
  static const char *const two[] = { "wrong", "correct horse", NULL };
  Sim *sim = sim_new (2);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);

  client->passwords = two;
  peer->retries = 1;
  run (client, peer);
  sim_assert (sim, client->ups == 1 && client->passwords_asked == 2 && peer->eap_responses == 2);
  g_assert_nonnull (client->secret_message);
  sim_end (sim);
  sim_peer_free (peer);
}

static guint farewells;

static gboolean
count_farewells (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;

  farewells += ike_notify_find (payloads, IKE_NOTIFY_AUTHENTICATION_FAILED, &notify);
  return TRUE;
}

static void
test_wrong_password (void)
{
  static const char *const wrong[] = { "wrong", NULL };

  for (guint retries = 0; retries < 2; retries++)
    {
      Sim *sim = sim_new (3 + retries);
      SimHost *client = eap_client (sim);
      SimPeer *peer = eap_peer (sim);

      client->passwords = wrong;
      peer->retries = retries;
      peer->on_other = count_farewells;
      farewells = 0;
      run (client, peer);
      sim_run (sim, IKE_SECOND);
      sim_assert_reason (sim, client, EAP_REFUSED);
      /* RFC 7296 section 2.21: who has sent EAP-Failure is not told; who waits for another password is */
      g_assert_cmpuint (farewells, ==, retries);
      sim_assert (sim, peer->finals == 0 && !peer->established);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
test_no_password (void)
{
  static const char *const none[] = { NULL };
  Sim *sim = sim_new (5);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);

  client->passwords = none;
  run (client, peer);
  sim_assert_reason (sim, client, SECRET_MISSING);
  sim_end (sim);
  sim_peer_free (peer);
}

/* cve-2021-45079: EAP-Success is no success before the method says so. */
static void
test_early_success (void)
{
  static const SimEapScript scripts[] = { SIM_EAP_SUCCESS_FIRST, SIM_EAP_SUCCESS_AFTER_IDENTITY,
                                          SIM_EAP_SUCCESS_AFTER_RESPONSE };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      Sim *sim = sim_new (10 + i);
      SimHost *client = eap_client (sim);
      SimPeer *peer = eap_peer (sim);

      peer->eap_script = scripts[i];
      run (client, peer);
      sim_assert_reason (sim, client, EAP_EARLY_SUCCESS);
      sim_assert (sim, peer->finals == 0);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

static void
test_wrong_server (void)
{
  Sim *sim = sim_new (20);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);

  peer->eap_script = SIM_EAP_WRONG_AUTHENTICATOR;
  peer->on_other = count_farewells;
  farewells = 0;
  run (client, peer);
  sim_run (sim, IKE_SECOND);
  g_assert_cmpuint (farewells, >, 0);
  sim_assert_reason (sim, client, EAP_SERVER_WRONG);
  sim_assert (sim, peer->finals == 0);
  sim_end (sim);
  sim_peer_free (peer);
}

/* The gateway does everything right but for its AUTH with the key of EAP. */
static void
test_wrong_final_auth (void)
{
  Sim *sim = sim_new (22);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);

  peer->final_corrupt = TRUE;
  run (client, peer);
  sim_assert_reason (sim, client, PEER_AUTH_WRONG);
  sim_assert (sim, peer->finals == 1 && client->kernel.installs == 0);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
test_other_method (void)
{
  Sim *sim = sim_new (21);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);

  peer->eap_script = SIM_EAP_OTHER_METHOD;
  run (client, peer);
  sim_assert (sim, client->downs == 1 && !client->ups);
  sim_assert (sim, client->reason.code == IKE_REASON_EAP_METHOD);
  sim_end (sim);
  sim_peer_free (peer);
}

/* cve-2015-4171: a gateway that is not proven, or not the right one, sees nothing of EAP. */
static void
test_unproven_gateway (void)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      Sim *sim = sim_new (30 + turn);
      SimHost *client = eap_client (sim);
      SimPeer *peer = eap_peer (sim);

      if (turn == 0)
        peer->id = client->certificate_name = "other.example";
      else if (turn == 1)
        peer->auth_corrupt = TRUE;
      else
        client->verify_says = IKE_REASON_CERT_UNKNOWN_CA;
      run (client, peer);
      sim_assert (sim, client->downs == 1 && peer->eap_identities == 0 && client->passwords_asked == 0);
      sim_assert (sim, client->reason.code == (turn == 0   ? IKE_REASON_CERT_NAME
                                               : turn == 1 ? IKE_REASON_PEER_AUTH_WRONG
                                                           : IKE_REASON_CERT_UNKNOWN_CA));
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* EAP when we did not ask for it, and none when we did. */
static void
test_method_confusion (void)
{
  Sim *sim = sim_new (40);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);

  client->config->local_auth = IKE_AUTH_PSK;
  client->config->remote_auth = IKE_AUTH_SIGNATURE;
  peer->eap = FALSE;
  run (client, peer);
  sim_assert (sim, client->ups == 1);
  sim_end (sim);
  sim_peer_free (peer);

  sim = sim_new (41);
  client = eap_client (sim);
  peer = eap_peer (sim);
  peer->eap = FALSE;
  run (client, peer);
  sim_assert_reason (sim, client, PEER_METHOD);
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 0);
  sim_end (sim);
  sim_peer_free (peer);

  sim = sim_new (42);
  client = eap_client (sim);
  peer = eap_peer (sim);
  client->config->local_auth = IKE_AUTH_PSK;
  peer->eap_unasked = TRUE;
  run (client, peer);
  sim_assert_reason (sim, client, PEER_METHOD);
  sim_assert (sim, peer->auths > 0 && peer->eap_identities == 0 && client->passwords_asked == 0);
  sim_end (sim);
  sim_peer_free (peer);
}

/* RFC 5998 section 3: a gateway that does not want EAP alone signs, which must be verified like any other's signature; and
 * then a method will do that proves too little of itself. */
static void
test_only_but_signed (void)
{
  enum { RIGHT, CORRUPT, OTHER_NAME, IN_CERTIFICATE, SHARED_KEY, N };

  for (guint how = RIGHT; how < N; how++)
    {
      Sim *sim = sim_new (170 + how);
      SimHost *client = eap_client (sim);
      SimPeer *peer = eap_peer (sim);
      guint in = how == RIGHT || how == IN_CERTIFICATE;

      client->config->remote_auth = IKE_AUTH_EAP_ONLY;
      client->config->certreq_hashes = g_bytes_new_static ("12345678901234567890", 20);
      peer->auth_corrupt = how == CORRUPT;
      peer->signature = how != SHARED_KEY;
      peer->psk = "a key of which nobody has told us";
      if (how == OTHER_NAME || how == IN_CERTIFICATE)
        peer->id = "other.example";
      client->certificate_name = how == OTHER_NAME ? "other.example" : NULL;
      run (client, peer);
      sim_assert (sim, client->ups == in && client->verifies == (how != SHARED_KEY));
      sim_assert (sim, client->passwords_asked == in && (peer->eap_identities > 0) == in);
      if (how == CORRUPT)
        sim_assert_reason (sim, client, PEER_AUTH_WRONG);
      if (how == OTHER_NAME)
        sim_assert_reason (sim, client, CERT_NAME);
      if (how == SHARED_KEY)
        sim_assert_reason (sim, client, PEER_METHOD);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* ---- what the gateway assigns ---- */

static void
give_everything (SimPeer *peer, IkeWriter *writer)
{
  static const char *const domains[] = { "corp.example", "a..b",          "$(reboot)",   "-x.example",
                                         "x\ny",         "corp.example.", "ok_1.example" };
  static const guint8 addresses[][4] = { { 0, 0, 0, 0 }, { 224, 0, 0, 1 }, { 127, 0, 0, 1 }, { 10, 9, 8, 7 } };
  static const guint8 subnet[8] = { 10, 20, 0, 0, 255, 255, 0, 0 };
  static const guint8 holes[8] = { 10, 20, 0, 0, 255, 0, 255, 0 };
  static const char banner[] = "Welcome `reboot`\nsecond line";

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, ike_chunk (addresses[i], 4));
      ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_IP4_DNS, ike_chunk (addresses[i], 4));
    }
  for (guint i = 0; i < 40; i++)
    {
      guint8 dns[4] = { 10, 0, 1, (guint8) i };

      ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_IP4_DNS, ike_chunk (dns, 4));
    }
  for (guint i = 0; i < G_N_ELEMENTS (domains); i++)
    ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_DNS_DOMAIN, ike_chunk (domains[i], strlen (domains[i])));
  ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_IP4_SUBNET, ike_chunk (subnet, 8));
  ike_cp_write_attr (writer, IKE_CP_ATTR_INTERNAL_IP4_SUBNET, ike_chunk (holes, 8));
  ike_cp_write_attr (writer, IKE_CP_ATTR_UNITY_BANNER, ike_chunk (banner, sizeof banner - 1));
}

static void
test_hostile_configuration (void)
{
  Sim *sim = sim_new (50);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);
  const IkeConfigured *got;

  peer->write_cp = give_everything;
  run (client, peer);
  sim_assert (sim, client->ups == 1);
  got = client->configured;
  g_assert_cmpuint (got->addresses->len, ==, 1);
  g_assert_cmpuint (got->dns->len, ==, IKE_CONFIGURE_MAX_SERVERS);
  g_assert_cmpuint (got->domains->len, ==, 2);
  g_assert_cmpstr (got->domains->pdata[0], ==, "corp.example");
  g_assert_cmpstr (got->domains->pdata[1], ==, "ok_1.example");
  g_assert_cmpuint (got->subnets->len, ==, 1);
  g_assert_nonnull (got->banner);
  sim_end (sim);
  sim_peer_free (peer);
}

static void
give_nothing (SimPeer *peer, IkeWriter *writer)
{
}

static void
test_no_address (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (51 + turn);
      SimHost *client = eap_client (sim);
      SimPeer *peer = eap_peer (sim);

      peer->write_cp = turn ? give_nothing : NULL;
      run (client, peer);
      sim_assert_reason (sim, client, NO_ADDRESS);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Selectors that we did not offer, or that do not hold our address. */
static void
test_selectors_not_ours (void)
{
  Sim *sim = sim_new (53);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);

  peer->ts_first = "10.9.8.8";
  peer->ts_last = "10.9.8.9";
  run (client, peer);
  sim_assert_reason (sim, client, TS_NOT_OURS);
  sim_end (sim);
  sim_peer_free (peer);
}

/* RFC 8598, RFC 9464: a trust anchor belongs to the domain before it, and is nothing without one. */
static void
give_dns (SimPeer *peer, IkeWriter *writer)
{
  static const guint8 resolver[] = "\0\1\1\013\12\11\10\65dns.example\0\1\0\3\2h2";
  static const guint8 stranger[] = "\0\1\1\013\377\377\377\377dns.example";
  static const char anchor[] = "\252\033\10\1b6225ab2cc613e0dca7962bdc2342ea4d5b1c0f4";
  const struct {
    IkeCpAttrType type;
    const void *data;
    gsize len;
  } attrs[] = {
    { IKE_CP_ATTR_INTERNAL_DNSSEC_TA, anchor, sizeof anchor - 1 }, /* of nothing */
    { IKE_CP_ATTR_INTERNAL_DNS_DOMAIN, "corp.example", 12 },
    { IKE_CP_ATTR_INTERNAL_DNSSEC_TA, anchor, sizeof anchor - 1 },
    { IKE_CP_ATTR_INTERNAL_DNSSEC_TA, anchor, sizeof anchor - 2 }, /* too short */
    { IKE_CP_ATTR_ENCDNS_IP4, resolver, sizeof resolver - 1 },
    { IKE_CP_ATTR_INTERNAL_DNSSEC_TA, anchor, sizeof anchor - 1 }, /* of nothing */
    { IKE_CP_ATTR_ENCDNS_IP4, stranger, sizeof stranger - 1 }, /* broadcast */
    { IKE_CP_ATTR_INTERNAL_DNS_DOMAIN, "not a domain", 12 },
    { IKE_CP_ATTR_INTERNAL_DNSSEC_TA, anchor, sizeof anchor - 1 }, /* of what was refused */
  };

  give_address (peer, writer);
  for (guint i = 0; i < G_N_ELEMENTS (attrs); i++)
    ike_cp_write_attr (writer, attrs[i].type, ike_chunk (attrs[i].data, attrs[i].len));
}

static void
test_dns (void)
{
  Sim *sim = sim_new (60);
  SimHost *client = eap_client (sim);
  SimPeer *peer = eap_peer (sim);
  const IkeResolver *resolver;

  peer->write_cp = give_dns;
  run (client, peer);
  sim_assert (sim, client->ups == 1 && client->configured->domains->len == 1);
  g_assert_cmpuint (client->configured->trust_anchors->len, ==, 1);
  g_assert_cmpstr (client->configured->trust_anchors->pdata[0], ==,
                   "corp.example DS 43547 8 1 B6225AB2CC613E0DCA7962BDC2342EA4D5B1C0F4");
  g_assert_cmpuint (client->configured->resolvers->len, ==, 1);
  resolver = client->configured->resolvers->pdata[0];
  g_assert_cmpstr (resolver->name, ==, "dns.example");
  g_assert_cmpstr (resolver->protocols, ==, "h2");
  sim_assert (sim, resolver->priority == 1 && resolver->addresses->len == 1 && !resolver->port && !resolver->path);
  sim_assert (sim, strstr (sim->transcript->str, "dns.example (10.9.8.53) by h2") != NULL);
  sim_end (sim);
  sim_peer_free (peer);
}

/* Who answers in secret is asked for by whoever can use it, of the families that addresses are wanted of. */
static void
test_dns_asked (void)
{
  for (guint i = 0; i < 8; i++)
    {
      IkeConfig *config = ike_config_new ();
      g_auto (IkeBuilder) builder = { 0 };
      gboolean asked4 = FALSE, asked6 = FALSE;
      IkePayloads payloads;
      IkeCp cp;
      IkeCpAttr attr;
      gsize offset = 0;

      config->want_address4 = (i & 1) != 0;
      config->want_address6 = (i & 2) != 0;
      config->want_resolvers = (i & 4) != 0;
      ike_builder_init_inner (&builder);
      ike_configure_request (&builder, config, NULL);
      g_assert_cmpint (ike_payloads_parse (builder.first, ike_writer_chunk (&builder.writer), &payloads), ==,
                       IKE_PARSE_OK);
      g_assert_true (ike_cp_parse (ike_payloads_find (&payloads, IKE_PAYLOAD_CP)->body, &cp));
      while (ike_cp_next (&cp, &offset, &attr))
        {
          asked4 |= attr.type == IKE_CP_ATTR_ENCDNS_IP4;
          asked6 |= attr.type == IKE_CP_ATTR_ENCDNS_IP6;
        }
      g_assert_cmpint (asked4, ==, i == 5 || i == 7);
      g_assert_cmpint (asked6, ==, i == 6 || i == 7);
      ike_config_free (config);
    }
}

/* What is told again when it is another one. */
static void
test_dns_changes (void)
{
  IkeConfigured *one = ike_configured_new (), *other = ike_configured_new ();
  IkeResolver *resolver = ike_resolver_new (), *again = ike_resolver_new ();

  resolver->name = g_strdup ("dns.example");
  again->name = g_strdup ("dns.example");
  g_ptr_array_add (one->resolvers, resolver);
  g_assert_false (ike_configure_same (one, other));
  g_assert_false (ike_configure_same (other, one));
  g_ptr_array_add (other->resolvers, again);
  g_assert_true (ike_configure_same (one, other));
  again->priority = 1;
  g_assert_false (ike_configure_same (one, other));
  again->priority = 0;
  again->port = 853;
  g_assert_false (ike_configure_same (one, other));
  ike_configured_free (one);
  ike_configured_free (other);
}

/* RFC 8598 section 8: a gateway that nobody has proven gives addresses and a name server, and says nothing of names. */
static void
test_dns_of_nobody (void)
{
  static const IkeAuth auths[] = { IKE_AUTH_SIGNATURE, IKE_AUTH_NULL };
  g_auto (IkeWriter) writer = IKE_WRITER (4096);

  ike_cp_write (&writer, IKE_CP_REPLY);
  give_dns (NULL, &writer);
  ike_cp_write_attr (&writer, IKE_CP_ATTR_UNITY_DEF_DOMAIN, ike_chunk ("bank.example", 12));
  for (guint i = 0; i < G_N_ELEMENTS (auths); i++)
    {
      IkeConfig *config = ike_config_new ();
      IkeConfigured *configured = ike_configured_new ();

      config->want_address4 = TRUE;
      config->remote_auth = auths[i];
      g_assert_true (ike_configure_read (ike_writer_chunk (&writer), config, configured));
      g_assert_cmpuint (configured->addresses->len, ==, 1);
      g_assert_cmpuint (configured->dns->len, ==, 1);
      g_assert_cmpuint (configured->domains->len, ==, i ? 0 : 2);
      g_assert_cmpuint (configured->trust_anchors->len, ==, i ? 0 : 1);
      g_assert_cmpuint (configured->resolvers->len, ==, i ? 0 : 1);
      ike_configured_free (configured);
      ike_config_free (config);
    }
}

static void
test_domains (void)
{
  g_autofree char *label63 = g_strnfill (63, 'a');
  g_autofree char *label64 = g_strnfill (64, 'a');
  static const char *const good[] = { "a", "a.b", "A-1.b_c.example", "xn--bcher-kva.example" };
  static const char *const bad[] = { "",     ".",   ".a",  "a..b",      "a-.b", "-a.b", "a b",
                                     "a\tb", "a;b", "a/b", "ä.example", "a.",   "a.-" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (ike_configure_domain_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ike_configure_domain_valid (bad[i]));
  g_assert_true (ike_configure_domain_valid (label63));
  g_assert_false (ike_configure_domain_valid (label64));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/eap/right", test_right);
  g_test_add_func ("/sim/eap/second-password", test_second_password);
  g_test_add_func ("/sim/eap/wrong-password", test_wrong_password);
  g_test_add_func ("/sim/eap/no-password", test_no_password);
  g_test_add_func ("/sim/eap/cve-2021-45079-early-success", test_early_success);
  g_test_add_func ("/sim/eap/wrong-server", test_wrong_server);
  g_test_add_func ("/sim/eap/wrong-final-auth", test_wrong_final_auth);
  g_test_add_func ("/sim/eap/other-method", test_other_method);
  g_test_add_func ("/sim/eap/cve-2015-4171-unproven-gateway", test_unproven_gateway);
  g_test_add_func ("/sim/eap/method-confusion", test_method_confusion);
  g_test_add_func ("/sim/eap/hostile-configuration", test_hostile_configuration);
  g_test_add_func ("/sim/eap/no-address", test_no_address);
  g_test_add_func ("/sim/eap/selectors-not-ours", test_selectors_not_ours);
  g_test_add_func ("/sim/eap/dns", test_dns);
  g_test_add_func ("/sim/eap/dns-asked", test_dns_asked);
  g_test_add_func ("/sim/eap/dns-changes", test_dns_changes);
  g_test_add_func ("/sim/eap/dns-of-nobody", test_dns_of_nobody);
  g_test_add_func ("/sim/eap/domains", test_domains);
  g_test_add_func ("/sim/eap/only-but-signed", test_only_but_signed);
  return g_test_run ();
}
