/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One order is one or two requests to the helper: when the handshake stops at the server's certificate and that is good,
 * it is told to go on. A certificate that is not good ends the matter with the reason, and with the alert for the server.
 */
#include "io/eap-tls.h"

#include "helper-tls.h"

typedef struct {
  HelperClient *helper;
  Revocation *revocation;
  NssTrust *trust;
  IkeIdentity *identity;
  GByteArray *records; /* of both requests */
  gboolean verified;
  IkeReason refusal; /* of the server's certificate */
  JobDoneFunc done;
  gpointer data;
} Run;

static void
run_free (Run *run)
{
  nss_trust_unref (run->trust);
  ike_identity_free (run->identity);
  g_byte_array_unref (run->records);
  ike_reason_clear (&run->refusal);
  g_free (run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

static void
finish (Run *take_run, IkeInput *take_answer)
{
  g_autoptr (Run) run = take_run;

  take_answer->type = IKE_INPUT_JOB;
  take_answer->ok = take_answer->reason.code == IKE_REASON_NONE;
  run->done (take_answer, run->data);
}

/* The sentences of the gateway's certificate would send the user to the wrong keys. The result is the alert. */
static guint
reason_of_server (const IkeReason *reason, IkeReason *ret)
{
  static const struct {
    IkeReasonCode from, to;
    const char *what;
    guint alert; /* RFC 8446 section 6.2; 0: nothing in particular */
  } rows[] = {
    { IKE_REASON_CERT_UNKNOWN_CA, IKE_REASON_EAP_CERT_UNKNOWN_CA, "", 48 },
    { IKE_REASON_CERT_NAME, IKE_REASON_EAP_CERT_NAME, "", 0 },
    { IKE_REASON_CERT_EXPIRED, IKE_REASON_EAP_CERT_BAD, "it has expired: ", 45 },
    { IKE_REASON_CERT_NOT_YET_VALID, IKE_REASON_EAP_CERT_BAD, "it is not valid yet: ", 45 },
    { IKE_REASON_CERT_REVOKED, IKE_REASON_EAP_CERT_BAD, "it was revoked: ", 44 },
    { IKE_REASON_CERT_STATUS_OLD, IKE_REASON_EAP_CERT_BAD, "what says that it was not revoked is out of date: ", 0 },
    { IKE_REASON_CERT_STATUS, IKE_REASON_EAP_CERT_BAD, "it cannot be found out whether it was revoked: ", 0 },
    { IKE_REASON_CERT_WEAK, IKE_REASON_EAP_CERT_BAD, "it is too weak: ", 0 },
    { IKE_REASON_CERT_USAGE, IKE_REASON_EAP_CERT_BAD, "it is not made for this use: ", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].from == reason->code)
      {
        ike_reason_set (ret, rows[i].to, 0, "%s%s", rows[i].what, reason->detail);
        return rows[i].alert;
      }
  ike_reason_set (ret, IKE_REASON_EAP_CERT_BAD, 0, "%s", reason->detail);
  return 0;
}

/* FALSE: it is bad, and *ret_alert says so. */
static gboolean
verify (Run *run, GPtrArray *certificates, GPtrArray *path, guint *ret_alert)
{
  const NssChainQuery query = {
    .trust = run->trust,
    .certificates = certificates,
    .identity = run->identity,
    .check_identity = run->identity != NULL,
    .tls_server = TRUE,
    .path = path,
    .now = g_get_real_time () / G_USEC_PER_SEC,
  };
  g_auto (IkeReason) reason = { 0 };

  if (nss_chain_verify (&query, NULL, &reason))
    return TRUE;
  *ret_alert = reason_of_server (&reason, &run->refusal);
  return FALSE;
}

static void on_answer (HelperTlsAnswer *take_answer, GError *error, gpointer data);

/* RFC 5216 section 2.1.3, RFC 9190 section 2.1.4: a server whose certificate is refused is told so by an alert, without
 * which its administrator never knows. */
static void
refuse (Run *run, guint alert)
{
  const HelperTlsRequest request = { .op = HELPER_TLS_REFUSE, .len = alert };

  helper_client_tls (run->helper, &request, on_answer, run);
}

static void
on_revocation (const IkeReason *reason, gpointer data)
{
  static const HelperTlsRequest trust = { .op = HELPER_TLS_TRUST };
  Run *run = data;

  if (reason->code == IKE_REASON_NONE)
    helper_client_tls (run->helper, &trust, on_answer, run);
  else
    refuse (run, reason_of_server (reason, &run->refusal));
}

static void
keep_records (Run *run, const HelperTlsAnswer *tls)
{
  if (tls->records)
    g_byte_array_append (run->records, g_bytes_get_data (tls->records, NULL), (guint) g_bytes_get_size (tls->records));
}

/* It is over, whatever the helper could say to that. */
static void
on_refused (Run *run, const HelperTlsAnswer *tls)
{
  IkeInput *answer = g_new0 (IkeInput, 1);

  ike_reason_copy (&answer->reason, &run->refusal);
  if (tls)
    keep_records (run, tls);
  if (run->records->len > 0)
    answer->bytes = g_bytes_new (run->records->data, run->records->len);
  finish (run, answer);
}

static void
check_server (Run *run, const HelperTlsAnswer *tls)
{
  g_autoptr (GPtrArray) path = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);
  guint alert;

  keep_records (run, tls);
  run->verified = TRUE;
  if (verify (run, tls->certificates, path, &alert))
    revocation_check (run->revocation, path, NULL, on_revocation, run);
  else
    refuse (run, alert);
}

static void
on_answer (HelperTlsAnswer *take_answer, GError *error, gpointer data)
{
  g_autoptr (HelperTlsAnswer) tls = take_answer;
  Run *run = data;
  IkeInput *answer;

  if (run->refusal.code != IKE_REASON_NONE)
    {
      on_refused (run, tls);
      return;
    }
  if (tls && tls->state == HELPER_TLS_VERIFY && !run->verified)
    {
      check_server (run, tls);
      return;
    }
  answer = g_new0 (IkeInput, 1);
  if (!tls)
    {
      ike_reason_set (&answer->reason,
                      g_error_matches (error, HELPER_TLS_ERROR, 0) ? IKE_REASON_EAP_TLS : IKE_REASON_HELPER, 0, "%s",
                      error->message);
      finish (run, answer);
      return;
    }
  keep_records (run, tls);
  if (tls->state == HELPER_TLS_FAILED)
    ike_reason_set (&answer->reason, IKE_REASON_EAP_TLS, 0, "%.*s", (int) ike_secret_len (tls->clear),
                    tls->clear ? (const char *) ike_secret_data (tls->clear) : "");
  answer->bytes = g_bytes_new (run->records->data, run->records->len);
  if (tls->state != HELPER_TLS_FAILED)
    answer->secret = g_steal_pointer (&tls->clear);
  answer->tls_flags = (tls->state == HELPER_TLS_ESTABLISHED ? IKE_TLS_ESTABLISHED : 0) | (tls->tls13 ? IKE_TLS_1_3 : 0);
  finish (run, answer);
}

void
eap_tls_run (const EapTlsServer *server, const IkeTlsOrder *order, JobDoneFunc done, gpointer data)
{
  Run *run = g_new0 (Run, 1);
  HelperTlsRequest request = { .key = server->key, .records = order->records, .clear = order->clear };

  run->helper = server->helper;
  run->revocation = server->revocation;
  run->trust = nss_trust_ref (server->trust);
  run->identity = ike_identity_copy (server->identity);
  run->records = g_byte_array_new ();
  run->done = done;
  run->data = data;
  switch (order->op)
    {
    case IKE_TLS_OPEN:
      request.op = HELPER_TLS_OPEN;
      break;
    case IKE_TLS_STEP:
      request.op = HELPER_TLS_STEP;
      break;
    case IKE_TLS_EXPORT:
      request.op = HELPER_TLS_EXPORT;
      request.label = order->label;
      request.context = order->has_context ? &order->context : NULL;
      request.len = order->len;
      break;
    }
  helper_client_tls (run->helper, &request, on_answer, run);
}
