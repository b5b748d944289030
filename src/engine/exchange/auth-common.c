/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authentication as both ends do it: RFC 7296 sections 2.15, 2.16; RFC 7427; RFC 4754.
 *
 * Invariant: peer_proven becomes TRUE in one place (judged()), after the identity was found to be the wanted one and
 * the AUTH payload was verified with the method that the configuration demands, or with a ticket for the same identity.
 */
#include "exchange/auth-common.h"

#include "crypto/auth.h"
#include "crypto/suites.h"
#include "exchange/status.h"
#include "wire/payload-auth.h"
#include "wire/payload-cert.h"
#include "wire/payload-id.h"

/* ---- identities ---- */

void
ike_auth_make_id (IkeParent *parent)
{
  const IkeConfig *config = ike_parent_config (parent);
  const IkeAddress *address = &parent->path.local.address;
  gboolean ip6 = address->family == IKE_FAMILY_IP6;
  g_autoptr (IkeIdentity) own = NULL;
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_ID + 64);

  if (parent->nego->my_id)
    return;
  own = config->local_id ? ike_identity_copy (config->local_id)
        : config->local_auth == IKE_AUTH_NULL
            ? ike_identity_new (IKE_ID_NULL, "", 0) /* RFC 7619 section 2.2 */
            : ike_identity_new (ip6 ? IKE_ID_IPV6_ADDR : IKE_ID_IPV4_ADDR, address->bytes, ip6 ? 16 : 4);
  ike_id_write (&writer, own);
  parent->nego->my_id = ike_writer_finish (&writer);
}

gboolean
ike_auth_read_id (IkeParent *parent, IkeChunk body)
{
  IkeNego *nego = parent->nego;
  IkeId id;

  if (!ike_id_parse (body, &id))
    return FALSE;
  g_clear_pointer (&nego->peer_id, g_bytes_unref);
  nego->peer_id = ike_chunk_dup (id.rest);
  ike_identity_free (nego->peer_identity);
  nego->peer_identity = ike_id_identity (&id);
  return nego->peer_identity != NULL;
}

gboolean
ike_auth_read_certificates (IkeParent *parent, const IkePayloads *payloads)
{
  const IkePayload *payload;
  guint index = 0;

  g_ptr_array_set_size (parent->nego->peer_certificates, 0);
  g_ptr_array_set_size (parent->nego->peer_status, 0);
  parent->nego->peer_encoding = 0;
  while ((payload = ike_payloads_next (payloads, IKE_PAYLOAD_CERT, &index)))
    {
      IkeCert cert;

      if (!ike_cert_parse (payload->body, &cert))
        return FALSE;
      /* hash and URL, PKCS#7 and the rest are of no use to us (protocol limit of our own) */
      if (cert.encoding == IKE_CERT_X509_SIGNATURE)
        g_ptr_array_add (parent->nego->peer_certificates, ike_chunk_dup (cert.data));
      else if (cert.encoding == IKE_CERT_OCSP)
        ike_status_take (parent, &cert);
      else
        parent->nego->peer_encoding = cert.encoding;
    }
  return TRUE;
}

void
ike_auth_write_certificates (IkeBuilder *builder, const IkeConfig *config)
{
  for (guint i = 0; i < config->certificates->len; i++)
    {
      IkeCert cert = { .encoding = IKE_CERT_X509_SIGNATURE, .data = ike_chunk_bytes (config->certificates->pdata[i]) };

      ike_cert_write (ike_builder_begin (builder, IKE_PAYLOAD_CERT), &cert);
      ike_builder_end (builder);
    }
}

/* ---- octets ---- */

static GBytes *
octets_of (const IkeParent *parent, gboolean initiator)
{
  const IkeNego *nego = parent->nego;
  IkeChunk id = ike_chunk_bytes (initiator == parent->initiator ? nego->my_id : nego->peer_id);

  return ike_int_auth_append (&nego->int_auth,
                              ike_auth_octets (parent->core->crypto, &parent->keys, initiator,
                                               initiator ? nego->request : nego->response,
                                               initiator ? nego->material.nr : nego->material.ni, id.data, id.len));
}

static void
say (IkeTask *task, IkeAuthDone done, IkeReasonCode code, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, "%s", detail);
  done (task, &reason);
}

static void
say_done (IkeTask *task, IkeAuthDone done)
{
  IkeReason none = { 0 };

  done (task, &none);
}

/* ---- the shared key, asked for once ---- */

static void prove_psk (IkeTask *task, IkeAuthDone done);
static void judge_psk (IkeTask *task, IkeAuthDone done);

/* An IkeWorkDone has no room for IkeAuthDone; which end we are tells which one it is. */
static IkeAuthDone prove_done (const IkeTask *task);
static IkeAuthDone judge_done (const IkeTask *task);

static void
ask_psk (IkeTask *task, IkeWorkDone done)
{
  IkeWorkFor work = { .parent = task->parent, .task = task->id, .done = done };
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_SECRET;
  job->secret.kind = IKE_SECRET_PSK;
  ike_core_ask (task->parent->core, ike_parent_config (task->parent)->id, job, &work, NULL);
}

static void
on_psk_to_prove (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  if (!parent->nego->psk)
    parent->nego->psk = g_steal_pointer (&input->secret);
  prove_psk (task, prove_done (task));
}

static void
on_psk_to_judge (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  if (!parent->nego->psk)
    parent->nego->psk = g_steal_pointer (&input->secret);
  judge_psk (task, judge_done (task));
}

/* FIPS 140: a key of at least half the length that the PRF prefers (SP 800-107 section 5.3.4). */
static gboolean
psk_unfit (IkeTask *task, IkeAuthDone done)
{
  const IkeParent *parent = task->parent;
  const IkeSecret *psk = parent->nego->psk;
  const IkeAlgorithm *prf = ike_algorithm_find (IKE_TRANSFORM_PRF, parent->keys.prf);
  g_autofree char *detail = NULL;

  if (!psk)
    {
      say (task, done, IKE_REASON_SECRET_MISSING, "pre-shared key");
      return TRUE;
    }
  if (!parent->core->crypto->fips || parent->nego->psk_padded || (prf && ike_secret_len (psk) >= prf->key / 2u))
    return FALSE;
  detail = g_strdup_printf ("%zu octets, not %u", ike_secret_len (psk), prf ? prf->key / 2u : 0);
  say (task, done, IKE_REASON_SECRET_WEAK, detail);
  return TRUE;
}

/* AUTH with the pre-shared key, which is forgotten unless it is needed for the other end, too. */
static GBytes *
psk_mac (IkeParent *parent, gboolean of_initiator, gboolean again)
{
  const IkeCrypto *crypto = parent->core->crypto;
  IkeNego *nego = parent->nego;
  g_autoptr (GBytes) octets = octets_of (parent, of_initiator);
  g_autoptr (IkeSecret) key = g_steal_pointer (&nego->psk);
  GBytes *mac;

  if (!nego->psk_padded)
    {
      IkeSecret *padded = ike_auth_pad (crypto, parent->keys.prf, key);

      ike_secret_free (key);
      key = padded;
    }
  mac = octets && key ? ike_auth_mac_padded (crypto, parent->keys.prf, key, octets) : NULL;
  nego->psk_padded = again && key;
  if (again)
    nego->psk = g_steal_pointer (&key);
  return mac;
}

static void
prove_psk (IkeTask *task, IkeAuthDone done)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;

  if (psk_unfit (task, done))
    return;
  nego->auth = psk_mac (parent, parent->initiator,
                        ike_parent_config (parent)->remote_auth == IKE_AUTH_PSK && !nego->peer_proven);
  if (nego->auth)
    say_done (task, done);
  else
    say (task, done, IKE_REASON_CRYPTO, "AUTH");
}

/* ---- our own AUTH ---- */

static void
on_signed (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeNego *nego = parent->nego;
  IkeAuthDone done = prove_done (task);

  if (!input->ok || !input->bytes)
    {
      say (task, done, IKE_REASON_SIGN_FAILED, input->reason.detail ? input->reason.detail : "no signature");
      return;
    }
  nego->auth = g_steal_pointer (&input->bytes);
  g_clear_pointer (&nego->own_status, g_bytes_unref);
  nego->own_status = g_steal_pointer (&input->status);
  say_done (task, done);
}

static void
prove_signature (IkeTask *task, IkeAuthDone done)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  const IkeConfig *config = ike_parent_config (parent);
  IkeSigKey key = { config->key_type, config->key_bits, config->key_pss, config->allow_rsa_sha1,
                    parent->core->crypto->fips };
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_signed };
  g_autoptr (GBytes) octets = octets_of (parent, parent->initiator);
  const IkeSigScheme *scheme;
  IkeJob *job;

  if (!octets)
    {
      say (task, done, IKE_REASON_CRYPTO, "AUTH");
      return;
    }
  nego->scheme = ike_sig_scheme_choose (&key, nego->peer_hashes, nego->announced.schemes);
  if (!nego->scheme)
    {
      key.rsa_sha1 = TRUE;
      key.fips = FALSE;
      scheme = ike_sig_scheme_choose (&key, nego->peer_hashes, 0);
      if (scheme && scheme->weak)
        say (task, done, IKE_REASON_RSA_SHA1, "it takes no other signature of our key");
      else
        say (task, done, IKE_REASON_SIGN_FAILED, "the peer and our key have no signature method in common");
      return;
    }
  if (nego->announced.schemes && !ike_announced_has_scheme (&nego->announced, nego->scheme))
    ike_parent_log_seldom (parent, "auth", "the peer does not say that it accepts %s", nego->scheme->name);
  job = g_new0 (IkeJob, 1);
  job->type = IKE_JOB_SIGN;
  job->sign.scheme = nego->scheme;
  job->sign.octets = g_steal_pointer (&octets);
  job->sign.status = nego->status_wanted && config->certificates->len > 0;
  ike_core_ask (parent->core, config->id, job, &work, NULL);
}

/* RFC 7619 section 2.1: as with EAP without a key; it proves that both mean the same IKE SA, and nothing else. */
static void
prove_null (IkeTask *task, IkeAuthDone done)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  g_autoptr (GBytes) octets = octets_of (parent, parent->initiator);

  nego->auth = octets ? ike_auth_mac_sk_p (parent->core->crypto, &parent->keys, parent->initiator, octets) : NULL;
  nego->is_null = TRUE;
  if (nego->auth)
    say_done (task, done);
  else
    say (task, done, IKE_REASON_CRYPTO, "AUTH");
}

/*
 * RFC 5723 section 4.3.3: who knows SK_p of the new IKE SA knew SK_d of the old one. Libreswan 5 leaves the nonce and the
 * identity out (@briefly): SK_p depends on both nonces, and the identities are compared with those of the ticket, so it
 * proves as much.
 */
static GBytes *
resumed_mac (const IkeParent *parent, gboolean of_initiator, gboolean briefly)
{
  const IkeNego *nego = parent->nego;
  g_autoptr (GBytes) octets =
      briefly ? g_bytes_ref (of_initiator ? nego->request : nego->response) : octets_of (parent, of_initiator);

  return octets ? ike_auth_mac_resumed (parent->core->crypto, &parent->keys, of_initiator, octets) : NULL;
}

static gboolean
resumed_is (const IkeParent *parent, const IkeAuthPayload *auth, gboolean briefly)
{
  g_autoptr (GBytes) expected = resumed_mac (parent, !parent->initiator, briefly);

  return ike_auth_mac_equal (expected, auth->data.data, auth->data.len);
}

static void
prove_resumed (IkeTask *task, IkeAuthDone done)
{
  IkeNego *nego = task->parent->nego;

  nego->auth = resumed_mac (task->parent, task->parent->initiator, nego->resumed_briefly);
  if (nego->auth)
    say_done (task, done);
  else
    say (task, done, IKE_REASON_CRYPTO, "AUTH");
}

/* RFC 9593: it is tried all the same, but whoever wonders why it is refused has it in the log. */
static void
warn_unannounced (const IkeParent *parent)
{
  IkeAuth method = ike_parent_config (parent)->local_auth;

  if (!ike_announced_has (&parent->nego->announced, method))
    ike_parent_log_seldom (parent, "auth", "the peer does not say that it accepts %s",
                           method == IKE_AUTH_PSK    ? "a pre-shared key"
                           : method == IKE_AUTH_NULL ? "NULL"
                                                     : "signatures");
}

void
ike_auth_prove (IkeTask *task, IkeAuthDone done)
{
  IkeParent *parent = task->parent;

  if (parent->nego->resumed)
    {
      prove_resumed (task, done);
      return;
    }
  warn_unannounced (parent);
  switch (ike_parent_config (parent)->local_auth)
    {
    case IKE_AUTH_PSK:
      if (parent->nego->psk)
        prove_psk (task, done);
      else
        ask_psk (task, on_psk_to_prove);
      return;
    case IKE_AUTH_SIGNATURE:
      prove_signature (task, done);
      return;
    case IKE_AUTH_NULL:
      prove_null (task, done);
      return;
    case IKE_AUTH_EAP:
    case IKE_AUTH_EAP_ONLY:
      say (task, done, IKE_REASON_CRYPTO, "a local authentication method that has no AUTH of its own");
      return;
    }
}

void
ike_auth_write_own (IkeBuilder *builder, const IkeNego *nego)
{
  IkeAuthPayload own = { .method = IKE_AUTH_METHOD_SHARED_KEY, .data = ike_chunk_bytes (nego->auth) };

  if (nego->is_null)
    own.method = IKE_AUTH_METHOD_NULL;
  if (nego->scheme)
    own = ike_sig_scheme_auth (nego->scheme, own.data);
  ike_auth_write (ike_builder_begin (builder, IKE_PAYLOAD_AUTH), &own);
  ike_builder_end (builder);
}

gboolean
ike_auth_prove_msk (IkeParent *parent)
{
  IkeNego *nego = parent->nego;
  const IkeCrypto *crypto = parent->core->crypto;
  g_autoptr (GBytes) octets = octets_of (parent, parent->initiator);

  g_clear_pointer (&nego->auth, g_bytes_unref);
  if (octets)
    nego->auth = nego->msk ? ike_auth_mac (crypto, parent->keys.prf, nego->msk, octets)
                           : ike_auth_mac_sk_p (crypto, &parent->keys, parent->initiator, octets);
  return nego->auth != NULL;
}

/* ---- the peer's AUTH ---- */

static gboolean
read_auth (const IkeParent *parent, const IkePayloads *payloads, IkeAuthPayload *ret)
{
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_AUTH);

  /* RFC 8784 section 3: we do not know its post-quantum pre-shared key, and it can do without */
  if (!parent->initiator && parent->nego->no_ppk_auth)
    return ike_auth_parse (ike_chunk_bytes (parent->nego->no_ppk_auth), ret);
  return payload && ike_auth_parse (payload->body, ret);
}

/* Is the claimed identity one that we may talk to? A gateway with a certificate may claim another of its names than the
 * one that was dialled: then its certificate must contain the wanted one, which the verification is asked for. */
static gboolean
identity_wanted (const IkeParent *parent, const IkeIdentity **ret_to_prove)
{
  const IkeConfig *config = ike_parent_config (parent);
  const IkeIdentity *claimed = parent->nego->peer_identity;

  *ret_to_prove = claimed;
  /* RFC 7619 section 2.2: what is claimed without proof is of no meaning */
  if (config->remote_auth == IKE_AUTH_NULL)
    return TRUE;
  if (!config->remote_id || ike_identity_equal (config->remote_id, claimed))
    return TRUE;
  /* RFC 5998 section 3: of EAP-only it is judged when the gateway has signed all the same */
  if ((config->remote_auth == IKE_AUTH_SIGNATURE || config->remote_auth == IKE_AUTH_EAP_ONLY) &&
      config->certificate_identity_check)
    {
      *ret_to_prove = config->remote_id;
      return TRUE;
    }
  return FALSE;
}

/* What was proven, which may be another name than the one that was claimed. */
static IkeIdentity *
proven_identity (const IkeParent *parent)
{
  const IkeIdentity *proven;

  if (parent->nego->resumed)
    return ike_identity_copy (parent->nego->resumed->peer_id);
  if (ike_parent_config (parent)->remote_auth == IKE_AUTH_NULL || !identity_wanted (parent, &proven))
    return ike_identity_new (IKE_ID_NULL, "", 0);
  return ike_identity_copy (proven);
}

static void
judged (IkeTask *task, IkeAuthDone done)
{
  IkeParent *parent = task->parent;

  parent->nego->peer_proven = TRUE;
  ike_identity_free (parent->peer_id);
  parent->peer_id = proven_identity (parent);
  say_done (task, done);
}

static void
say_wrong (IkeTask *task, IkeAuthDone done, const char *method)
{
  g_autofree char *who = ike_identity_to_string (task->parent->nego->peer_identity);
  g_autofree char *detail = g_strdup_printf ("%s, %s", who, method);

  say (task, done, IKE_REASON_PEER_AUTH_WRONG, detail);
}

static void
judge_psk (IkeTask *task, IkeAuthDone done)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;
  g_autoptr (GBytes) expected = NULL;
  IkeAuthPayload auth;

  if (psk_unfit (task, done))
    return;
  expected = psk_mac (parent, !parent->initiator, ike_parent_config (parent)->local_auth == IKE_AUTH_PSK && !nego->auth);
  if (!expected)
    say (task, done, IKE_REASON_CRYPTO, "AUTH");
  else if (!read_auth (parent, &task->message->payloads, &auth) ||
           !ike_auth_mac_equal (expected, auth.data.data, auth.data.len))
    say_wrong (task, done, "pre-shared key");
  else
    judged (task, done);
}

static void
judge_null (IkeTask *task, IkeAuthDone done, const IkeAuthPayload *auth)
{
  IkeParent *parent = task->parent;
  g_autoptr (GBytes) octets = octets_of (parent, !parent->initiator);
  g_autoptr (GBytes) expected =
      octets ? ike_auth_mac_sk_p (parent->core->crypto, &parent->keys, !parent->initiator, octets) : NULL;

  if (ike_auth_mac_equal (expected, auth->data.data, auth->data.len))
    judged (task, done);
  else
    say_wrong (task, done, "NULL");
}

/* The ticket is used up now; of two who came with it only the first gets in. */
static void
judge_resumed (IkeTask *task, IkeAuthDone done, const IkeAuthPayload *auth)
{
  IkeParent *parent = task->parent;
  IkeNego *nego = parent->nego;

  /* it is answered in kind */
  nego->resumed_briefly = auth && resumed_is (parent, auth, TRUE);
  if (auth && g_bytes_equal (nego->peer_id, parent->initiator ? nego->resumed->id_r : nego->resumed->id_i) &&
      (nego->resumed_briefly || resumed_is (parent, auth, FALSE)) &&
      (parent->initiator || ike_tickets_use (parent->connection->tickets, nego->ticket)))
    judged (task, done);
  else
    say_wrong (task, done, "ticket");
}

/* One that came, but not as we can read it, is not missed without a word about that. */
static void
explain_missing (const IkeParent *parent, IkeReason *reason)
{
  g_autofree char *whose = NULL;

  if (reason->code != IKE_REASON_CERT_MISSING || !parent->nego->peer_encoding)
    return;
  whose = g_steal_pointer (&reason->detail);
  ike_reason_set (reason, IKE_REASON_CERT_MISSING, 0, "%s; what came is %s", whose,
                  IKE_NAME (CERT, parent->nego->peer_encoding));
}

static void
on_verified (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input)
{
  IkeAuthDone done = judge_done (task);

  if (input->ok && input->reason.code == IKE_REASON_NONE)
    judged (task, done);
  else if (input->reason.code != IKE_REASON_NONE)
    {
      explain_missing (parent, &input->reason);
      done (task, &input->reason);
    }
  else
    say_wrong (task, done, "signature");
}

static void
judge_signature (IkeTask *task, IkeAuthDone done, const IkeAuthPayload *auth, const IkeIdentity *to_prove)
{
  IkeParent *parent = task->parent;
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = on_verified };
  gboolean fips = parent->core->crypto->fips, rsa_sha1 = ike_parent_config (parent)->allow_rsa_sha1 && !fips;
  const IkeSigScheme *scheme = ike_sig_scheme_of (auth, rsa_sha1);
  g_autoptr (GBytes) octets = octets_of (parent, !parent->initiator);
  IkeJob *job;

  if (!octets)
    {
      say (task, done, IKE_REASON_CRYPTO, "AUTH");
      return;
    }
  if (!scheme)
    {
      say_wrong (task, done, IKE_NAME (AUTH_METHOD, auth->method));
      return;
    }
  if (!ike_sig_scheme_allowed (scheme, rsa_sha1, fips))
    {
      /* another certificate may not help where it is the signature; there the user's word does */
      say (task, done,
           ike_sig_scheme_allowed (scheme, TRUE, FALSE) && scheme->weak ? IKE_REASON_RSA_SHA1 : IKE_REASON_CERT_WEAK,
           scheme->name);
      return;
    }
  job = g_new0 (IkeJob, 1);
  job->type = IKE_JOB_VERIFY;
  job->verify.scheme = scheme;
  job->verify.octets = g_steal_pointer (&octets);
  job->verify.signature = ike_chunk_dup (auth->data);
  job->verify.certificates = g_ptr_array_ref (parent->nego->peer_certificates);
  job->verify.status = g_ptr_array_ref (parent->nego->peer_status);
  job->verify.identity = ike_identity_copy (to_prove);
  ike_core_ask (parent->core, ike_parent_config (parent)->id, job, &work, NULL);
}

static void
say_mismatch (IkeTask *task, IkeAuthDone done)
{
  g_autofree char *wanted = ike_identity_to_string (ike_parent_config (task->parent)->remote_id);
  g_autofree char *got = ike_identity_to_string (task->parent->nego->peer_identity);
  g_autofree char *detail = g_strdup_printf ("%s, not %s", wanted, got);

  say (task, done, IKE_REASON_PEER_ID_MISMATCH, detail);
}

static void
say_method (IkeTask *task, IkeAuthDone done, const char *wanted, const char *got)
{
  g_autofree char *detail = g_strdup_printf ("%s, not %s", wanted, got);

  say (task, done, IKE_REASON_PEER_METHOD, detail);
}

void
ike_auth_judge (IkeTask *task, IkeAuthDone done)
{
  IkeParent *parent = task->parent;
  const IkeIdentity *to_prove;
  IkeAuthPayload auth = { 0 };
  gboolean have_auth = read_auth (parent, &task->message->payloads, &auth);
  const char *got = have_auth ? IKE_NAME (AUTH_METHOD, auth.method) : "none";

  if (parent->nego->resumed)
    {
      judge_resumed (task, done, have_auth ? &auth : NULL);
      return;
    }
  if (!identity_wanted (parent, &to_prove))
    {
      say_mismatch (task, done);
      return;
    }
  switch (ike_parent_config (parent)->remote_auth)
    {
    case IKE_AUTH_PSK:
      if (!have_auth || auth.method != IKE_AUTH_METHOD_SHARED_KEY)
        say_method (task, done, "pre-shared key", got);
      else if (parent->nego->psk)
        judge_psk (task, done);
      else
        ask_psk (task, on_psk_to_judge);
      return;
    case IKE_AUTH_SIGNATURE:
    case IKE_AUTH_EAP_ONLY:
      if (!have_auth || auth.method == IKE_AUTH_METHOD_SHARED_KEY || auth.method == IKE_AUTH_METHOD_NULL)
        say_method (task, done, "signature", got);
      else
        judge_signature (task, done, &auth, to_prove);
      return;
    case IKE_AUTH_NULL:
      if (!have_auth || auth.method != IKE_AUTH_METHOD_NULL)
        say_method (task, done, "NULL", got);
      else
        judge_null (task, done, &auth);
      return;
    case IKE_AUTH_EAP:
      say_method (task, done, "EAP", got);
      return;
    }
}

gboolean
ike_auth_judge_msk (IkeParent *parent, const IkePayloads *payloads)
{
  const IkeNego *nego = parent->nego;
  const IkeCrypto *crypto = parent->core->crypto;
  g_autoptr (GBytes) octets = octets_of (parent, !parent->initiator);
  g_autoptr (GBytes) expected = NULL;
  IkeAuthPayload auth;

  if (!octets || !nego->have_msk || !read_auth (parent, payloads, &auth) || auth.method != IKE_AUTH_METHOD_SHARED_KEY)
    return FALSE;
  expected = nego->msk ? ike_auth_mac (crypto, parent->keys.prf, nego->msk, octets)
                       : ike_auth_mac_sk_p (crypto, &parent->keys, !parent->initiator, octets);
  return ike_auth_mac_equal (expected, auth.data.data, auth.data.len);
}

/* ---- who waits: initiator and responder have one of each ---- */

static IkeAuthDone
prove_done (const IkeTask *task)
{
  return task->ours ? ike_auth_on_proven : ike_auth_respond_on_proven;
}

static IkeAuthDone
judge_done (const IkeTask *task)
{
  return task->ours ? ike_auth_on_judged : ike_auth_respond_on_judged;
}
