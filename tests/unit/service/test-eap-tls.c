/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service says to the TLS client when the login server's certificate comes, over doubles of the helper. */
#include "io/eap-tls.h"

#include "helper-tls.h"
#include "nss-crypto.h"

#include "../nss/cert-test.h"

#include <string.h>

/* ---- the helper, and what is known of revocation ---- */

static GString *asked; /* the orders that it got, one word each */
static HelperTlsFunc waiting;
static gpointer waiting_data;
static IkeReasonCode revoked;

GQuark
helper_tls_error_quark (void)
{
  return g_quark_from_static_string ("test");
}

void
helper_tls_answer_free (HelperTlsAnswer *answer)
{
  if (!answer)
    return;
  g_clear_pointer (&answer->records, g_bytes_unref);
  g_clear_pointer (&answer->certificates, g_ptr_array_unref);
  ike_secret_free (answer->clear);
  g_free (answer);
}

void
helper_client_tls (HelperClient *client, const HelperTlsRequest *request, HelperTlsFunc func, gpointer data)
{
  static const char *const names[] = { "open", "step", "trust", "export", "refuse" };

  g_string_append_printf (asked, "%s%s", asked->len ? " " : "", names[request->op]);
  if (request->op == HELPER_TLS_REFUSE)
    g_string_append_printf (asked, ":%zu", request->len);
  waiting = func;
  waiting_data = data;
}

void
revocation_check (Revocation *self, GPtrArray *path, GPtrArray *shown, RevocationFunc done, gpointer data)
{
  g_auto (IkeReason) reason = { 0 };

  if (revoked != IKE_REASON_NONE)
    ike_reason_set (&reason, revoked, 0, "CN=x");
  done (&reason, data);
}

static void
answer (HelperTlsState state, const char *records, const char *clear, const char *certificates)
{
  HelperTlsAnswer *take_answer = g_new0 (HelperTlsAnswer, 1);
  HelperTlsFunc func = waiting;

  take_answer->state = state;
  take_answer->records = records ? g_bytes_new_static (records, strlen (records)) : NULL;
  take_answer->clear = clear ? secret_of (clear) : NULL;
  take_answer->certificates = fixture_list (certificates);
  g_assert_nonnull (func);
  waiting = NULL;
  func (take_answer, NULL, waiting_data);
}

/* ---- the order ---- */

static void
on_done (IkeInput *take_answer, gpointer data)
{
  IkeInput **ret = data;

  g_assert_null (*ret);
  *ret = take_answer;
}

static void
input_free (IkeInput *input)
{
  ike_input_clear (nss_crypto_get (NULL), input);
  g_free (input);
}

static void
test_server (void)
{
  static const struct {
    const char *certificate, *anchors;
    IkeReasonCode revoked;
    const char *asked; /* of the helper */
    IkeReasonCode ends;
  } rows[] = {
    { "good int", "root", IKE_REASON_NONE, "step trust", IKE_REASON_NONE },
    { "good int", "other", IKE_REASON_NONE, "step refuse:48", IKE_REASON_EAP_CERT_UNKNOWN_CA },
    { "upper int", "root", IKE_REASON_CERT_REVOKED, "step refuse:44", IKE_REASON_EAP_CERT_BAD },
    { "good int", "root", IKE_REASON_CERT_STATUS, "step refuse:0", IKE_REASON_EAP_CERT_BAD },
  };
  const IkeTlsOrder order = { .op = IKE_TLS_STEP };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) anchors = fixture_list (rows[i].anchors);
      g_autoptr (NssTrust) trust = nss_trust_new (anchors, NULL);
      const EapTlsServer server = { .trust = trust };
      gboolean good = rows[i].ends == IKE_REASON_NONE;
      const char *last = good ? "ab" : "a!"; /* what came before the alert belongs to it */
      IkeInput *done = NULL;

      g_string_truncate (asked, 0);
      revoked = rows[i].revoked;
      eap_tls_run (&server, &order, on_done, &done);
      answer (HELPER_TLS_VERIFY, "a", NULL, rows[i].certificate);
      g_assert_null (done);
      answer (good ? HELPER_TLS_ESTABLISHED : HELPER_TLS_FAILED, good ? "b" : "!", good ? NULL : "refused", "");
      g_assert_cmpstr (asked->str, ==, rows[i].asked);
      g_assert_nonnull (done);
      g_assert_cmpint (done->ok, ==, good);
      g_assert_cmpint (done->reason.code, ==, rows[i].ends);
      g_assert_cmpmem (g_bytes_get_data (done->bytes, NULL), g_bytes_get_size (done->bytes), last, 2);
      g_assert_null (done->secret);
      input_free (done);
    }
}

/* TLS that fails by itself has an alert for the server, too, and NSS's words for the user. */
static void
test_failed (void)
{
  g_autoptr (GPtrArray) anchors = fixture_list ("root");
  g_autoptr (NssTrust) trust = nss_trust_new (anchors, NULL);
  const EapTlsServer server = { .trust = trust };
  const IkeTlsOrder order = { .op = IKE_TLS_STEP };
  IkeInput *done = NULL;

  eap_tls_run (&server, &order, on_done, &done);
  answer (HELPER_TLS_FAILED, "alert", "the record is wrong", "");
  g_assert_nonnull (done);
  g_assert_false (done->ok);
  g_assert_cmpint (done->reason.code, ==, IKE_REASON_EAP_TLS);
  g_assert_cmpstr (done->reason.detail, ==, "the record is wrong");
  g_assert_cmpmem (g_bytes_get_data (done->bytes, NULL), g_bytes_get_size (done->bytes), "alert", 5);
  g_assert_null (done->secret);
  input_free (done);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (nss_start (NULL));
  asked = g_string_new (NULL);
  g_test_add_func ("/eap-tls/server", test_server);
  g_test_add_func ("/eap-tls/failed", test_failed);
  return g_test_run ();
}
