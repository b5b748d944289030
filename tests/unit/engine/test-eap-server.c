/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EAP server in conversations, the good one being RFC 2759 section 9.2 (user "User", password "clientPass") with our
 * challenge fixed.
 */
#include "crypto-test.h"
#include "eap/eap-server.h"
#include "secret-count.h"

static const guint8 challenge[16] = { 0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
                                      0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };

#define IDENTITY "020000090155736572"
#define CHALLENGE "010100231a0101001e105b5d7c7d7b3f2f3e3c2c602132262628676174657761792d31"
#define RESPONSE_HEAD "0201003f1a0201003a3121402324255e262a28295f2b3a337c7e0000000000000000"
#define NT_RESPONSE "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df"
#define NT_WRONG "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6de"
#define NAME "0055736572"

typedef enum { CLIENT, SEND, USER, GIVE, KEY, FAIL } Action;

typedef struct {
  Action action;
  const char *text; /* hexadecimal; SEND: how the packet begins; USER, GIVE: plain; NULL ends */
} Line;

static gboolean
fixed_random (const IkeCrypto *self, guint8 *out, gsize len)
{
  memset (out, 0, len);
  if (len == sizeof challenge)
    memcpy (out, challenge, len);
  return TRUE;
}

static void
assert_begins (const IkeEapServerStep *step, const char *want)
{
  g_autoptr (GString) got = g_string_new (NULL);
  gsize len;
  const guint8 *octets = g_bytes_get_data (step->packet, &len);

  for (gsize i = 0; i < len; i++)
    g_string_append_printf (got, "%02x", octets[i]);
  if (!g_str_has_prefix (got->str, want))
    g_error ("the packet is %s, not %s", got->str, want);
}

static void
talk (const Line *lines)
{
  IkeCrypto crypto = *test_crypto ();
  IkeEapServer *server;
  IkeEapServerStep step = { 0 };

  crypto.random = fixed_random;
  server = ike_eap_server_new (&crypto, "gateway-1");
  ike_eap_server_begin (server, &step);
  assert_begins (&step, "0100000501");
  for (; lines->text; lines++)
    {
      g_autoptr (GBytes) packet = NULL;

      switch (lines->action)
        {
        case CLIENT:
          ike_eap_server_step_clear (&step);
          packet = test_hex (lines->text);
          ike_eap_server_handle (server, ike_chunk_bytes (packet), &step);
          break;
        case SEND:
          g_assert_cmpint (step.action, ==, IKE_EAP_SERVER_SEND);
          assert_begins (&step, lines->text);
          break;
        case USER:
          g_assert_cmpint (step.action, ==, IKE_EAP_SERVER_USER);
          g_assert_cmpstr (step.user, ==, lines->text);
          break;
        case GIVE:
          ike_eap_server_step_clear (&step);
          ike_eap_server_give_password (
              server, *lines->text ? ike_secret_new_from (lines->text, strlen (lines->text)) : NULL, &step);
          break;
        case KEY:
          g_assert_cmpint (step.action, ==, IKE_EAP_SERVER_SUCCEEDED);
          assert_begins (&step, "03020004");
          g_assert_cmpuint (ike_secret_len (step.msk), ==, 64);
          g_assert_cmpstr (step.user, ==, lines->text);
          break;
        case FAIL:
          g_assert_cmpint (step.action, ==, IKE_EAP_SERVER_FAILED);
          assert_begins (&step, "04");
          g_assert_nonnull (strstr (step.reason.detail, lines->text));
          break;
        }
    }
  ike_eap_server_step_clear (&step);
  ike_eap_server_free (server);
  g_assert_cmpuint (secret_count_live (), ==, 0);
}

static void
test_right (void)
{
  static const Line lines[] = {
    { CLIENT, IDENTITY },
    { SEND, CHALLENGE },
    { CLIENT, RESPONSE_HEAD NT_RESPONSE NAME },
    { USER, "User" },
    { GIVE, "clientPass" },
    { SEND, "010200381a03010033533d"
            "343037413535383931313546443044363230394635313046453943303435363639333243444135" },
    { CLIENT, "020200061a03" },
    { KEY, "User" },
    { CLIENT, "020200061a03" },
    { FAIL, "out of order" },
    { 0 },
  };

  talk (lines);
}

/* MS-Length is 0x3a, and whoever says something else means that, too. */
static void
test_ms_length (void)
{
  static const char *const lengths[] = { "0000", "0036", "003e", "ffff" };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *response = g_strdup (RESPONSE_HEAD NT_RESPONSE NAME);
      const Line lines[] = {
        { CLIENT, IDENTITY },     { CLIENT, response },       { USER, "User" }, { GIVE, "clientPass" },
        { SEND, "010200381a03" }, { CLIENT, "020200061a03" }, { KEY, "User" },  { 0 },
      };

      g_assert_true (strncmp (response + 14, "003a", 4) == 0);
      memcpy (response + 14, lengths[i], 4);
      talk (lines);
    }
}

/* A wrong password, a user that is not there, one without a password: the same to the client. */
static void
test_refused (void)
{
  static const char *const nt[] = { NT_WRONG, NT_RESPONSE, NT_RESPONSE };
  static const char *const passwords[] = { "clientPass", "", "another" };

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *response = g_strconcat (RESPONSE_HEAD, nt[i], NAME, NULL);
      const Line lines[] = {
        { CLIENT, IDENTITY },       { SEND, CHALLENGE },    { CLIENT, response },
        { USER, "User" },           { GIVE, passwords[i] }, { SEND, "010200521a0401004d453d36393120523d3020433d" },
        { CLIENT, "020200061a04" }, { FAIL, "as User" },    { 0 },
      };

      talk (lines);
    }
}

/* After a refusal nothing makes it a success. */
static void
test_refused_stays (void)
{
  static const Line lines[] = {
    { CLIENT, IDENTITY },   { CLIENT, RESPONSE_HEAD NT_WRONG NAME },
    { GIVE, "clientPass" }, { CLIENT, "020200061a03" },
    { FAIL, "as User" },    { 0 },
  };

  talk (lines);
}

static void
test_hostile (void)
{
  static const Line rows[][6] = {
    { { CLIENT, "" }, { FAIL, "malformed" } },
    { { CLIENT, "020100090155736572" }, { FAIL, "malformed" } }, /* another identifier */
    { { CLIENT, "010000090155736572" }, { FAIL, "malformed" } }, /* a Request */
    { { CLIENT, "03000004" }, { FAIL, "malformed" } }, /* Success, from a client */
    { { CLIENT, "020000061a03" }, { FAIL, "another method" } }, /* the method before the identity */
    { { CLIENT, IDENTITY }, { CLIENT, IDENTITY }, { FAIL, "malformed" } },
    { { CLIENT, IDENTITY }, { CLIENT, "02010006030d" }, { FAIL, "cannot do" } },
    { { CLIENT, IDENTITY }, { CLIENT, "020100090155736572" }, { FAIL, "another method" } },
    /* too little, whatever MS-Length says (cve-2025-62291's other end) */
    { { CLIENT, IDENTITY }, { CLIENT, "020100091a02010004" }, { FAIL, "malformed response" } },
    { { CLIENT, IDENTITY }, { CLIENT, "020100091a0201ffff" }, { FAIL, "malformed" } },
    { { CLIENT, IDENTITY },
      { CLIENT, "0201003f1a0201003a3021402324255e262a28295f2b3a337c7e0000000000000000" NT_RESPONSE NAME },
      { FAIL, "malformed response" } },
    /* another challenge's number */
    { { CLIENT, IDENTITY },
      { CLIENT, "0201003f1a0202003a3121402324255e262a28295f2b3a337c7e0000000000000000" NT_RESPONSE NAME },
      { FAIL, "malformed" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    talk (rows[i]);
}

/* A client that says Success, or Failure, before it has shown that it knows the password. */
static void
test_success_first (void)
{
  static const Line rows[][4] = {
    { { CLIENT, IDENTITY }, { CLIENT, "020100061a03" }, { FAIL, "out of order" } },
    { { CLIENT, IDENTITY }, { CLIENT, "020100061a04" }, { FAIL, "out of order" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    talk (rows[i]);
}

/* Names that nobody can have are nobody's; a Windows domain does not count. */
static void
test_names (void)
{
  static const struct {
    const char *response, *user;
  } rows[] = {
    { "0201003b1a020100363121402324255e262a28295f2b3a337c7e0000000000000000" NT_RESPONSE "00", "" },
    { "0201003f1a0201003a3121402324255e262a28295f2b3a337c7e0000000000000000" NT_RESPONSE "00550a6572", "" },
    { "0201003f1a0201003a3121402324255e262a28295f2b3a337c7e0000000000000000" NT_RESPONSE "0055ff6572", "" },
    { "0201003f1a0201003a3121402324255e262a28295f2b3a337c7e0000000000000000" NT_RESPONSE "00425c6572", "er" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Line lines[] = {
        { CLIENT, IDENTITY }, { CLIENT, rows[i].response }, { USER, rows[i].user },
        { GIVE, "" },         { SEND, "010200521a04" },     { 0 },
      };

      talk (lines);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eap-server/right", test_right);
  g_test_add_func ("/eap-server/ms-length", test_ms_length);
  g_test_add_func ("/eap-server/refused", test_refused);
  g_test_add_func ("/eap-server/refused-stays", test_refused_stays);
  g_test_add_func ("/eap-server/hostile", test_hostile);
  g_test_add_func ("/eap-server/cve-2015-8023-success-first", test_success_first);
  g_test_add_func ("/eap-server/names", test_names);
  return g_test_run ();
}
