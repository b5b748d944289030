/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain data at the engine's edge: identities compared and shown, and nothing left when all is freed. */
#include "ike-engine-io.h"
#include "secret-count.h"

#include <string.h>

static IkeIdentity *
id (IkeIdType type, const char *text)
{
  return ike_identity_new (type, text, strlen (text));
}

static void
test_identity_equal (void)
{
  const struct {
    IkeIdType type_a;
    const char *a;
    IkeIdType type_b;
    const char *b;
    gboolean equal;
  } cases[] = {
    { IKE_ID_FQDN, "vpn.example.org", IKE_ID_FQDN, "VPN.Example.ORG", TRUE },
    { IKE_ID_FQDN, "vpn.example.org", IKE_ID_FQDN, "vpn.example.or", FALSE },
    { IKE_ID_FQDN, "vpn.example.org", IKE_ID_FQDN, "vpn.example.org.", FALSE },
    { IKE_ID_FQDN, "vpn.example.org", IKE_ID_KEY_ID, "vpn.example.org", FALSE },
    { IKE_ID_RFC822_ADDR, "Bob@example.org", IKE_ID_RFC822_ADDR, "Bob@EXAMPLE.org", TRUE },
    /* RFC 4945 section 3.1.3, though for mail the local part's case counts: "bob" and "Bob" are one for unique ids as well */
    { IKE_ID_RFC822_ADDR, "Bob@example.org", IKE_ID_RFC822_ADDR, "bob@example.org", TRUE },
    { IKE_ID_RFC822_ADDR, "A@b@c.org", IKE_ID_RFC822_ADDR, "A@B@c.org", TRUE },
    { IKE_ID_RFC822_ADDR, "Bob@example.org", IKE_ID_RFC822_ADDR, "bab@example.org", FALSE },
    { IKE_ID_RFC822_ADDR, "example", IKE_ID_RFC822_ADDR, "EXAMPLE", TRUE },
    { IKE_ID_KEY_ID, "key", IKE_ID_KEY_ID, "KEY", FALSE },
    { IKE_ID_KEY_ID, "key", IKE_ID_KEY_ID, "key", TRUE },
    { IKE_ID_IPV4_ADDR, "\x0a\x01\x01\x01", IKE_ID_IPV4_ADDR, "\x0a\x01\x01\x02", FALSE },
    { IKE_ID_NULL, "", IKE_ID_NULL, "", TRUE },
    { 99, "x", 99, "x", TRUE },
    { 99, "x", 98, "x", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (IkeIdentity) a = id (cases[i].type_a, cases[i].a);
      g_autoptr (IkeIdentity) b = id (cases[i].type_b, cases[i].b);
      g_autoptr (IkeIdentity) copy = ike_identity_copy (a);

      g_assert_true (ike_identity_equal (a, b) == cases[i].equal);
      g_assert_true (ike_identity_equal (b, a) == cases[i].equal);
      g_assert_true (ike_identity_equal (a, copy));
      g_assert_false (ike_identity_equal (a, NULL));
    }
  g_assert_true (ike_identity_equal (NULL, NULL));
  g_assert_null (ike_identity_copy (NULL));
}

/* An embedded NUL must not make two names equal. */
static void
test_identity_embedded_nul (void)
{
  g_autoptr (IkeIdentity) a = ike_identity_new (IKE_ID_FQDN, "a.org\0evil", 10);
  g_autoptr (IkeIdentity) b = ike_identity_new (IKE_ID_FQDN, "a.org\0good", 10);
  g_autoptr (IkeIdentity) c = ike_identity_new (IKE_ID_FQDN, "a.org", 5);
  g_autofree char *text = ike_identity_to_string (a);

  g_assert_false (ike_identity_equal (a, b));
  g_assert_false (ike_identity_equal (a, c));
  g_assert_cmpstr (text, ==, "a.org\\x00evil");
}

static void
test_identity_text (void)
{
  const struct {
    IkeIdType type;
    const char *data;
    gsize len;
    const char *text;
  } cases[] = {
    { IKE_ID_IPV4_ADDR, "\xc0\x00\x02\x01", 4, "192.0.2.1" },
    { IKE_ID_IPV4_ADDR, "\xc0\x00\x02", 3, "ID_IPV4_ADDR:c00002" },
    { IKE_ID_IPV6_ADDR, " \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, "2001:db8::1" },
    { IKE_ID_IPV6_ADDR, "\xc0\x00\x02\x01", 4, "ID_IPV6_ADDR:c0000201" },
    { IKE_ID_FQDN, "gw.example.org", 14, "gw.example.org" },
    { IKE_ID_FQDN, "", 0, "" },
    { IKE_ID_RFC822_ADDR, "a@b\n", 4, "a@b\\x0a" },
    { IKE_ID_KEY_ID, "office", 6, "office" },
    { IKE_ID_KEY_ID, "\x01\xff", 2, "@#01ff" },
    { IKE_ID_KEY_ID, "", 0, "@#" },
    { IKE_ID_DER_ASN1_DN, "\x30\x00", 2, "#3000" },
    { IKE_ID_DER_ASN1_GN, "\x82\x00", 2, "ID_DER_ASN1_GN:8200" },
    { IKE_ID_NULL, "", 0, "ID_NULL" },
    { 200, "x", 1, "ID_200:78" },
  };
  g_autofree char *any = ike_identity_to_string (NULL);

  g_assert_cmpstr (any, ==, "any");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (IkeIdentity) identity = ike_identity_new (cases[i].type, cases[i].data, cases[i].len);
      g_autofree char *text = ike_identity_to_string (identity);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* strongSwan CVE-2010-2628: printing an identity. */
static void
test_identity_hostile (void)
{
  guint8 octets[8192];

  for (guint type = 0; type < 256; type++)
    for (guint kind = 0; kind < 4; kind++)
      {
        g_autoptr (IkeIdentity) identity = NULL;
        g_autofree char *text = NULL;

        for (guint i = 0; i < sizeof octets; i++)
          octets[i] = kind == 0   ? (guint8) (i * 37)
                      : kind == 1 ? (guint8) "%n%s%x$(`"[i % 9]
                      : kind == 2 ? 0xff
                                  : (guint8) "\xf0\x9f\x98\x80"[i % 4]; /* cut inside a character */
        identity = ike_identity_new (type, octets, sizeof octets - kind);
        text = ike_identity_to_string (identity);
        g_assert_true (g_utf8_validate (text, -1, NULL));
        g_assert_cmpuint (strlen (text), <, 2048);
        for (const char *c = text; *c; c++)
          g_assert_false (g_ascii_iscntrl (*c));
      }
}

static void
test_proposal_and_config (void)
{
  IkeConfig *config = ike_config_new ();
  IkeProposal *proposal = ike_proposal_new (IKE_PROTOCOL_IKE);
  const IkeTransform transform = { IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0 };

  g_array_append_val (proposal->transforms, transform);
  g_ptr_array_add (config->proposals, proposal);
  g_ptr_array_add (config->child_proposals, ike_proposal_new (IKE_PROTOCOL_ESP));
  g_ptr_array_add (config->certificates, g_bytes_new ("x", 1));
  g_ptr_array_add (config->child.local_ts, g_new0 (IkeSelector, 1));
  g_ptr_array_add (config->child.remote_ts, g_new0 (IkeSelector, 1));
  config->name = g_strdup ("office");
  config->eap_identity = g_strdup ("bob");
  config->local_id = id (IKE_ID_FQDN, "me");
  config->remote_id = id (IKE_ID_FQDN, "gw");
  config->certreq_hashes = g_bytes_new ("", 0);
  ike_config_free (config);
  ike_config_free (NULL);
  ike_proposal_free (NULL);
  ike_identity_free (NULL);
}

static IkeOutput *
full_output (void)
{
  IkeOutput *output = g_new0 (IkeOutput, 1);

  output->datagram = g_bytes_new ("x", 1);
  output->job = g_new0 (IkeJob, 1);
  output->job->ke.peer = g_bytes_new ("x", 1);
  output->job->sign.octets = g_bytes_new ("x", 1);
  output->job->verify.octets = g_bytes_new ("x", 1);
  output->job->verify.signature = g_bytes_new ("x", 1);
  output->job->verify.certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  output->job->verify.identity = id (IKE_ID_FQDN, "gw");
  output->job->secret.message = g_strdup ("again");
  output->kernel = g_new0 (IkeKernelRequest, 1);
  output->kernel->encr_in = ike_secret_new (36);
  output->kernel->integ_in = ike_secret_new (32);
  output->kernel->encr_out = ike_secret_new (36);
  output->kernel->integ_out = ike_secret_new (32);
  output->kernel->local_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  output->kernel->remote_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  output->configured = ike_configured_new ();
  output->configured->remote_id = id (IKE_ID_FQDN, "gw");
  output->configured->banner = g_strdup ("hello");
  output->configured->ike_suite = g_strdup ("suite");
  output->configured->child_suite = g_strdup ("suite");
  g_ptr_array_add (output->configured->domains, g_strdup ("example.org"));
  ike_reason_set (&output->reason, IKE_REASON_LIMIT, 0, "%d", 1);
  output->log.text = g_strdup ("text");
  return output;
}

static void
test_output_frees_its_secrets (void)
{
  gint live = secret_count_live ();
  IkeOutput *output = full_output ();

  g_assert_cmpint (secret_count_live (), ==, live + 4);
  ike_output_free (output);
  g_assert_cmpint (secret_count_live (), ==, live);
  ike_output_free (g_new0 (IkeOutput, 1));
  ike_output_free (NULL);
}

static guint freed_keys;

static void
count_key (const IkeCrypto *self, IkeKeKey *key)
{
  g_assert_true (key == (IkeKeKey *) &freed_keys);
  freed_keys++;
}

static void
test_input_clear_frees_what_is_left (void)
{
  const IkeCrypto crypto = { .ke_free = count_key };
  gint live = secret_count_live ();
  IkeInput input = { .type = IKE_INPUT_JOB };

  input.key = (IkeKeKey *) &freed_keys;
  input.bytes = g_bytes_new ("x", 1);
  input.secret = ike_secret_new (32);
  input.kernel_text = g_strdup ("no such file");
  ike_reason_set (&input.reason, IKE_REASON_CERT_BAD, 0, "x");
  ike_input_clear (&crypto, &input);
  g_assert_cmpint (secret_count_live (), ==, live);
  g_assert_cmpuint (freed_keys, ==, 1);
  ike_input_clear (&crypto, &input); /* and again */
  g_assert_cmpuint (freed_keys, ==, 1);
  g_assert_null (input.bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/identity/equal", test_identity_equal);
  g_test_add_func ("/io/identity/embedded-nul", test_identity_embedded_nul);
  g_test_add_func ("/io/identity/text", test_identity_text);
  g_test_add_func ("/io/cve-2010-2628-identity-printing", test_identity_hostile);
  g_test_add_func ("/io/proposal-and-config", test_proposal_and_config);
  g_test_add_func ("/io/output-frees-its-secrets", test_output_frees_its_secrets);
  g_test_add_func ("/io/input-clear-frees-what-is-left", test_input_clear_frees_what_is_left);
  return g_test_run ();
}
