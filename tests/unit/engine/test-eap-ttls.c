/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an EAP-TTLS server says inside of the tunnel (RFC 5281 section 10): lengths that cannot be, and just can. */
#include "eap-test.h"

/* A tunnel that stands, made by nobody: we have sent a password, and what the server says inside is @clear. */
static void
hear (GBytes *clear, IkeEapStep *ret)
{
  const IkeEapSettings settings = { .user = "User", .methods = 1u << IKE_EAP_TTLS, .ttls = IKE_TTLS_PAP };
  g_autoptr (IkeEapPeer) peer = ike_eap_peer_new (test_crypto (), &settings);
  g_autoptr (GBytes) start = test_hex ("01 02 0006 15 20"), records = test_hex ("01 03 0008 15 00 1617");
  guint orders = 0;
  gboolean said = FALSE;
  IkeEapStep step = { 0 };

  ike_eap_peer_handle (peer, ike_chunk_bytes (start), &step);
  for (;;)
    {
      IkeTlsAnswer answer = { .ok = TRUE, .records = start };

      if (step.action == IKE_EAP_STEP_TLS)
        {
          orders++;
          if (step.tls->op == IKE_TLS_EXPORT)
            answer.secret = ike_secret_new (step.tls->len);
          else if (step.tls->op == IKE_TLS_STEP && step.tls->records && !said)
            answer.flags = IKE_TLS_ESTABLISHED;
          else if (step.tls->op == IKE_TLS_STEP && step.tls->records)
            answer.secret = ike_secret_new_from (g_bytes_get_data (clear, NULL), g_bytes_get_size (clear));
          if (answer.secret)
            answer.records = NULL;
          ike_eap_step_clear (&step);
          ike_eap_peer_give_tls (peer, &answer, &step);
          ike_secret_free (answer.secret);
        }
      else if (step.action == IKE_EAP_STEP_SECRET && !said)
        {
          said = TRUE;
          ike_eap_step_clear (&step);
          ike_eap_peer_give_secret (peer, ike_secret_new_from ("secret", 6), &step);
        }
      else if (step.action == IKE_EAP_STEP_SEND && orders < 6)
        {
          g_autoptr (GBytes) next = said ? test_hex ("01 04 0008 15 00 1617") : g_bytes_ref (records);

          g_assert_cmpuint (orders, >, 0);
          ike_eap_step_clear (&step);
          ike_eap_peer_handle (peer, ike_chunk_bytes (next), &step);
        }
      else
        break;
    }
  g_assert_true (said);
  *ret = step;
}

/* A Reply-Message is shown, so that what was read of it is seen. */
static const struct {
  const char *clear;
  const char *shown; /* NULL: BAD_MESSAGE; "-": nothing is to be shown, and nothing is wrong */
} rows[] = {
  { "00000012 0000000a 6f6b 0000", "ok" },
  { "00000012 0000000c 6f6b2121", "ok!!" },
  { "00000012 00000008", "" },
  /* less than their own header */
  { "00000012 00000000", NULL },
  { "00000012 00000001", NULL },
  { "00000012 00000004 6f6b2121", NULL },
  { "00000012 00000007 6f6b2121", NULL },
  { "00000012 00000000 00000012 0000000c 6f6b2121", NULL },
  /* with a vendor it is longer; that it is one of ours makes no difference */
  { "00000012 80000000 00000137", NULL },
  { "00000012 80000008 00000137", NULL },
  { "00000012 8000000b 00000137", NULL },
  { "00000002 8000000b 00000137 00000000", NULL },
  { "00000012 80000008", NULL },
  { "00000012 8000000c", NULL },
  { "00000012 8000000c 0001", NULL },
  { "00000012 8000000c 00000137", "-" },
  { "00000012 8000000c 00000137 00000012 0000000c 6f6b2121", "ok!!" },
  /* past the end */
  { "00000012 00000009", NULL },
  { "00000012 0000000c 6f6b21", NULL },
  { "00000012 00ffffff 6f6b2121", NULL },
  { "00000012 80ffffff 00000137 6f6b2121", NULL },
  /* the last one's padding may be missing, or a part of it; another's may not be another attribute */
  { "00000012 00000009 6f", "o" },
  { "00000012 00000009 6f 00", "o" },
  { "00000012 00000009 6f 0000", "o" },
  { "00000012 00000009 6f 000000", "o" },
  { "00000012 00000009 6f 00000000", NULL },
  { "00000012 00000009 6f 00000012 00000009 6b", NULL },
  { "00000012 00000009 6f 000000 00000012 00000009 6b", "o k" },
  /* no header */
  { "00", NULL },
  { "00000012 000000", NULL },
  { "00000012 00000008 00000012", NULL },
  /* not known: only if it must be */
  { "00000063 00000009 6f", "-" },
  { "00000063 40000009 6f", NULL },
};

static void
test_lengths (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) clear = test_hex (rows[i].clear);
      g_auto (IkeEapStep) step = { 0 };

      g_test_message ("%s", rows[i].clear);
      hear (clear, &step);
      if (!rows[i].shown)
        {
          g_assert_cmpint (step.action, ==, IKE_EAP_STEP_FAILED);
          assert_reason (&step.reason, "BAD_MESSAGE: EAP-TTLS: malformed or unknown attributes");
        }
      else if (g_str_equal (rows[i].shown, "-"))
        g_assert_cmpint (step.action, ==, IKE_EAP_STEP_SEND);
      else
        {
          g_assert_cmpint (step.action, ==, IKE_EAP_STEP_SECRET);
          g_assert_cmpstr (step.message ? step.message : "", ==, rows[i].shown);
        }
    }
}

/* So many in one message, and no more. */
static void
test_many (void)
{
  for (guint n = 64; n < 66; n++)
    {
      g_autofree guint8 *octets = g_malloc0 (n * 8);
      g_autoptr (GBytes) clear = NULL;
      g_auto (IkeEapStep) step = { 0 };

      for (guint i = 0; i < n; i++)
        {
          octets[8 * i + 3] = 99;
          octets[8 * i + 7] = 8;
        }
      clear = g_bytes_new (octets, n * 8);
      hear (clear, &step);
      g_assert_cmpint (step.action, ==, n == 64 ? IKE_EAP_STEP_SEND : IKE_EAP_STEP_FAILED);
    }
}

int
main (int argc, char **argv)
{
  int rv;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eap-ttls/cve-2026-25075-attribute-lengths", test_lengths);
  g_test_add_func ("/eap-ttls/many", test_many);
  rv = g_test_run ();
  g_assert_cmpint (secret_count_total (), >, 0);
  g_assert_cmpint (secret_count_live (), ==, 0);
  return rv;
}
