/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the driver is told beside the addresses: which rules the profile, and the machine, has for this connection. */
#include "manager.h"

#include "crypto/proposal.h"

#include <string.h>

static const DriverStart *
start (const char *const *data, const char *const *secrets)
{
  manager_connect (manager_connection (data, secrets));
  world_wait ("start *", 1);
  return world->start;
}

static void
again (void)
{
  manager_disconnect ();
  manager_wait_quit ();
  manager_down ();
  manager_up (FALSE);
}

/* The system's crypto policy decides what is offered, unless the profile says that it does not count. */
static void
test_policy (void)
{
  g_autoptr (IpsecPolicy) policy = ipsec_policy_parse ("ike=aes_gcm256-sha2_512-dh20\nesp=aes_gcm256\n", NULL);
  const char *const *psk = LIST ("psk=an excellent secret");
  const DriverStart *one;
  g_autofree char *obeyed = NULL, *ignored = NULL;

  world->policy = policy;
  one = start (LIST ("gateway=192.0.2.1", "auth=psk"), psk);
  obeyed = ike_proposals_to_string (one->config->proposals);
  g_assert_cmpstr (obeyed, ==, "AES_GCM_16_256/PRF_HMAC_SHA2_512/ECP_384");
  again ();
  world->policy = policy;
  one = start (LIST ("gateway=192.0.2.1", "auth=psk", "crypto-policy=ignore"), psk);
  ignored = ike_proposals_to_string (one->config->proposals);
  g_assert_nonnull (strstr (ignored, "AES_CBC_128"));
  g_assert_nonnull (strstr (ignored, "CURVE25519"));
}

/* Whom to trust, and how to get there. Each row is one key's doing; the rest is as in the first. */
static void
test_rules (void)
{
  static const struct {
    const char *key, *more;
    gboolean require_id, pinned;
    RevocationMode revocation;
    WayTransport transport;
    guint16 tcp_port;
    const char *server; /* whose certificate EAP wants */
    gboolean eap_cas;
  } rows[] = {
#define GATEWAY "vpn.example.org"
    { "x-none=", "x-more=", TRUE, FALSE, REVOCATION_SOFT, WAY_UDP, 4500, GATEWAY, FALSE },
    { "require-id-on-certificate=no", "x-none=", FALSE, FALSE, REVOCATION_SOFT, WAY_UDP, 4500, GATEWAY, FALSE },
    /* which vouches for nobody else */
    { "remote-certificate=/r.pem", "x-none=", TRUE, TRUE, REVOCATION_SOFT, WAY_UDP, 4500, GATEWAY, TRUE },
    { "revocation=strict", "x-none=", TRUE, FALSE, REVOCATION_STRICT, WAY_UDP, 4500, GATEWAY, FALSE },
    { "revocation=off", "x-none=", TRUE, FALSE, REVOCATION_OFF, WAY_UDP, 4500, GATEWAY, FALSE },
    { "tcp=yes", "tcp-port=443", TRUE, FALSE, REVOCATION_SOFT, WAY_TCP, 443, GATEWAY, FALSE },
    { "tcp=fallback", "x-none=", TRUE, FALSE, REVOCATION_SOFT, WAY_TCP_FALLBACK, 4500, GATEWAY, FALSE },
    { "eap-server-name=radius.example.org", "x-none=", TRUE, FALSE, REVOCATION_SOFT, WAY_UDP, 4500,
      "radius.example.org", FALSE },
    { "eap-ca=/e.pem", "eap-server-name=radius.example.org", TRUE, FALSE, REVOCATION_SOFT, WAY_UDP, 4500,
      "radius.example.org", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const *data =
          LIST ("gateway=" GATEWAY, "auth=eap", "user=alice", "eap=peap", rows[i].key, rows[i].more);
      const DriverStart *one = start (data, LIST ("password=secret"));
      g_autofree char *server = one->eap_server ? ike_identity_to_string (one->eap_server) : NULL;

      g_test_message ("%s", rows[i].key);
      g_assert_cmpint (one->require_id_on_certificate, ==, rows[i].require_id);
      g_assert_cmpint (one->config->certificate_identity_check, ==, rows[i].require_id);
      g_assert_cmpint (one->pinned, ==, rows[i].pinned);
      g_assert_cmpint (one->revocation, ==, rows[i].revocation);
      g_assert_cmpint (one->transport, ==, rows[i].transport);
      g_assert_cmpuint (one->tcp_port, ==, rows[i].tcp_port);
      g_assert_cmpstr (server, ==, rows[i].server);
      g_assert_cmpint (one->eap_cas != NULL, ==, rows[i].eap_cas);
      g_assert_cmpuint (one->tunnel, ==, 5);
      g_assert_false (one->any_port);
      again ();
    }
}

static void
test_local (void)
{
  const DriverStart *one = start (LIST ("gateway=192.0.2.1", "auth=psk", "local-address=192.0.2.9", "local-port=1500"),
                                  LIST ("psk=an excellent secret"));
  g_autofree char *text = ike_endpoint_to_string (&one->local);

  g_assert_cmpstr (text, ==, "192.0.2.9:1500");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/start/policy", test_policy);
  manager_test ("/start/rules", test_rules);
  manager_test ("/start/local", test_local);
  return g_test_run ();
}
