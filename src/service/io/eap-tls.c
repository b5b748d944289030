/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One order is one or two requests to the helper: when the handshake stops at the server's certificate and that is good,
 * it is told to go on. A certificate that is not good ends the matter with the reason; the server hears no more of us.
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
  JobDoneFunc done;
  gpointer data;
} Run;

static void
run_free (Run *run)
{
  nss_trust_unref (run->trust);
  ike_identity_free (run->identity);
  g_byte_array_unref (run->records);
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

/* The sentences of the gateway's certificate would send the user to the wrong keys. */
static void
reason_of_server (const IkeReason *reason, IkeReason *ret)
{
  static const struct {
    IkeReasonCode from, to;
    const char *what;
  } rows[] = {
    { IKE_REASON_CERT_UNKNOWN_CA, IKE_REASON_EAP_CERT_UNKNOWN_CA, "" },
    { IKE_REASON_CERT_NAME, IKE_REASON_EAP_CERT_NAME, "" },
    { IKE_REASON_CERT_EXPIRED, IKE_REASON_EAP_CERT_BAD, "it has expired: " },
    { IKE_REASON_CERT_NOT_YET_VALID, IKE_REASON_EAP_CERT_BAD, "it is not valid yet: " },
    { IKE_REASON_CERT_REVOKED, IKE_REASON_EAP_CERT_BAD, "it was revoked: " },
    { IKE_REASON_CERT_STATUS_OLD, IKE_REASON_EAP_CERT_BAD, "what says that it was not revoked is out of date: " },
    { IKE_REASON_CERT_STATUS, IKE_REASON_EAP_CERT_BAD, "it cannot be found out whether it was revoked: " },
    { IKE_REASON_CERT_WEAK, IKE_REASON_EAP_CERT_BAD, "it is too weak: " },
    { IKE_REASON_CERT_USAGE, IKE_REASON_EAP_CERT_BAD, "it is not made for this use: " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].from == reason->code)
      {
        ike_reason_set (ret, rows[i].to, 0, "%s%s", rows[i].what, reason->detail);
        return;
      }
  ike_reason_set (ret, IKE_REASON_EAP_CERT_BAD, 0, "%s", reason->detail);
}

static void
verify (const Run *run, GPtrArray *certificates, GPtrArray *path, IkeReason *ret)
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

  if (!nss_chain_verify (&query, NULL, &reason))
    reason_of_server (&reason, ret);
}

static void on_answer (HelperTlsAnswer *take_answer, GError *error, gpointer data);

static void
on_revocation (const IkeReason *reason, gpointer data)
{
  static const HelperTlsRequest trust = { .op = HELPER_TLS_TRUST };
  Run *run = data;
  IkeInput *answer;

  if (reason->code == IKE_REASON_NONE)
    {
      helper_client_tls (run->helper, &trust, on_answer, run);
      return;
    }
  answer = g_new0 (IkeInput, 1);
  reason_of_server (reason, &answer->reason);
  finish (run, answer);
}

static void
on_answer (HelperTlsAnswer *take_answer, GError *error, gpointer data)
{
  g_autoptr (HelperTlsAnswer) tls = take_answer;
  Run *run = data;
  IkeInput *answer = g_new0 (IkeInput, 1);

  if (!tls)
    {
      ike_reason_set (&answer->reason,
                      g_error_matches (error, HELPER_TLS_ERROR, 0) ? IKE_REASON_EAP_TLS : IKE_REASON_HELPER, 0, "%s",
                      error->message);
      finish (run, answer);
      return;
    }
  if (tls->records)
    g_byte_array_append (run->records, g_bytes_get_data (tls->records, NULL), (guint) g_bytes_get_size (tls->records));
  if (tls->state == HELPER_TLS_VERIFY && !run->verified)
    {
      g_autoptr (GPtrArray) path = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);

      run->verified = TRUE;
      verify (run, tls->certificates, path, &answer->reason);
      if (answer->reason.code == IKE_REASON_NONE)
        {
          g_free (answer);
          revocation_check (run->revocation, path, NULL, on_revocation, run);
          return;
        }
    }
  answer->bytes = g_bytes_new (run->records->data, run->records->len);
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
