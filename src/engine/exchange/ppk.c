/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Post-quantum pre-shared keys, both ends: mixed into the keys of IKE_AUTH (RFC 8784), or before it in an
 * IKE_INTERMEDIATE (RFC 9867 section 3.1).
 *
 * Invariants: who insists on one never has an IKE SA without it; the key is erased once it has been mixed in; what the
 * peer does not confirm by its AUTH counts for nothing.
 */
#include "exchange/ppk.h"

#include "exchange/auth-common.h"

#include "wire/payload-auth.h"
#include "wire/payload-notify.h"

#define AUTH_HEADER_LEN 4 /* method and reserved octets before the data */

/* ---- IKE_SA_INIT ---- */

gboolean
ike_ppk_insists (const IkeConfig *config)
{
  gboolean null = config->local_auth == IKE_AUTH_NULL || config->remote_auth == IKE_AUTH_NULL;

  return config->ppk == IKE_PPK_INSIST || (config->ppk == IKE_PPK_YES && null);
}

/* In IKE_AUTH it would be mixed in by both of two authentications (RFC 4739). */
static gboolean
may_be_in_auth (const IkeConfig *config)
{
  return !config->then_eap;
}

void
ike_ppk_offer (IkeBuilder *builder, const IkeConfig *config)
{
  if (config->ppk == IKE_PPK_NO)
    return;
  if (may_be_in_auth (config))
    ike_builder_notify (builder, IKE_NOTIFY_USE_PPK, ike_chunk (NULL, 0));
  /* RFC 9867 section 3.1: both may be offered; the responder takes one */
  if (!config->ppk_in_auth)
    ike_builder_notify (builder, IKE_NOTIFY_USE_PPK_INT, ike_chunk (NULL, 0));
}

static IkePpkUse
use_of (const IkeConfig *config, const IkePayloads *payloads)
{
  IkeNotify notify;
  gboolean intermediate = ike_notify_find (payloads, IKE_NOTIFY_INTERMEDIATE_EXCHANGE_SUPPORTED, &notify);

  if (config->ppk == IKE_PPK_NO)
    return IKE_PPK_USE_NONE;
  if (intermediate && !config->ppk_in_auth && ike_notify_find (payloads, IKE_NOTIFY_USE_PPK_INT, &notify))
    return IKE_PPK_USE_INTERMEDIATE;
  return may_be_in_auth (config) && ike_notify_find (payloads, IKE_NOTIFY_USE_PPK, &notify) ? IKE_PPK_USE_AUTH
                                                                                             : IKE_PPK_USE_NONE;
}

gboolean
ike_ppk_suits (const IkeConfig *config, const IkePayloads *payloads)
{
  return !ike_ppk_insists (config) || use_of (config, payloads) != IKE_PPK_USE_NONE;
}

void
ike_ppk_agree (IkeParent *parent, const IkePayloads *payloads)
{
  parent->nego->ppk = use_of (ike_parent_config (parent), payloads);
}

void
ike_ppk_accept (IkeBuilder *builder, const IkeParent *parent)
{
  switch (parent->nego->ppk)
    {
    case IKE_PPK_USE_NONE:
      break;
    case IKE_PPK_USE_AUTH:
      ike_builder_notify (builder, IKE_NOTIFY_USE_PPK, ike_chunk (NULL, 0));
      break;
    case IKE_PPK_USE_INTERMEDIATE:
      ike_builder_notify (builder, IKE_NOTIFY_USE_PPK_INT, ike_chunk (NULL, 0));
      break;
    }
}

/* ---- the key ---- */

void
ike_ppk_ask (IkeTask *task, GBytes *id, IkeWorkDone done)
{
  IkeWorkFor work = { .parent = task->parent, .task = task->id, .done = done };
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_SECRET;
  job->secret.kind = IKE_SECRET_PPK;
  job->secret.id = id ? g_bytes_ref (id) : NULL;
  ike_core_ask (task->parent->core, ike_parent_config (task->parent)->id, job, &work, NULL);
}

gboolean
ike_ppk_take (IkeParent *parent, IkeInput *input)
{
  IkeNego *nego = parent->nego;
  GBytes *id = input->bytes ? input->bytes : ike_parent_config (parent)->ppk_id;

  /* a responder may go on without; whoever begins ends with this */
  if (!parent->initiator && input->reason.detail)
    ike_parent_log (parent, IKE_LOG_WARNING, "auth", "%s", input->reason.detail);
  if (!input->secret || !ike_secret_len (input->secret) || (parent->initiator && !id))
    return FALSE;
  ike_secret_free (nego->ppk_secret);
  nego->ppk_secret = g_steal_pointer (&input->secret);
  g_clear_pointer (&nego->ppk_id, g_bytes_unref);
  nego->ppk_id = id ? g_bytes_ref (id) : NULL;
  return TRUE;
}

void
ike_ppk_why_missing (const IkeInput *input, IkeReason *ret)
{
  if (input->reason.code != IKE_REASON_NONE)
    ike_reason_copy (ret, &input->reason);
  else
    ike_reason_set (ret, IKE_REASON_SECRET_MISSING, 0, "post-quantum pre-shared key");
}

/* ---- in IKE_AUTH: RFC 8784 section 3 ---- */

gboolean
ike_ppk_mix (IkeParent *parent)
{
  IkeNego *nego = parent->nego;
  IkeKeys mixed = { 0 };
  gboolean ok = ike_keys_mix_ppk (&mixed, parent->core->crypto, &parent->keys, nego->ppk_secret);

  g_clear_pointer (&nego->ppk_secret, ike_secret_free);
  if (!ok)
    return FALSE;
  nego->plain_keys = parent->keys;
  parent->keys = mixed;
  nego->ppk_mixed = TRUE;
  return TRUE;
}

void
ike_ppk_keep_plain_auth (IkeParent *parent)
{
  IkeNego *nego = parent->nego;
  IkeAuthPayload own = { .method = IKE_AUTH_METHOD_SHARED_KEY, .data = ike_chunk_bytes (nego->auth) };
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);

  if (nego->scheme)
    own = ike_sig_scheme_auth (nego->scheme, own.data);
  ike_auth_write (&writer, &own);
  g_clear_pointer (&nego->no_ppk_auth, g_bytes_unref);
  nego->no_ppk_auth = ike_writer_finish (&writer);
  g_clear_pointer (&nego->auth, g_bytes_unref);
}

void
ike_ppk_write (IkeBuilder *builder, const IkeParent *parent)
{
  const IkeNego *nego = parent->nego;

  if (nego->ppk != IKE_PPK_USE_AUTH || !nego->plain_keys.all)
    return;
  ike_builder_notify (builder, IKE_NOTIFY_PPK_IDENTITY,
                      parent->initiator ? ike_chunk_bytes (nego->ppk_id) : ike_chunk (NULL, 0));
  if (parent->initiator && nego->no_ppk_auth)
    {
      IkeChunk body = ike_chunk_bytes (nego->no_ppk_auth);

      ike_builder_notify (builder, IKE_NOTIFY_NO_PPK_AUTH,
                          ike_chunk (body.data + AUTH_HEADER_LEN, body.len - AUTH_HEADER_LEN));
    }
}

gboolean
ike_ppk_settle (IkeParent *parent, const IkePayloads *payloads)
{
  IkeNego *nego = parent->nego;
  IkeNotify notify;

  if (!nego->plain_keys.all)
    return TRUE;
  if (ike_notify_find (payloads, IKE_NOTIFY_PPK_IDENTITY, &notify))
    {
      ike_keys_clear (&nego->plain_keys);
      return TRUE;
    }
  if (ike_ppk_insists (ike_parent_config (parent)))
    return FALSE;
  nego->ppk_mixed = FALSE;
  ike_keys_clear (&parent->keys);
  parent->keys = nego->plain_keys;
  nego->plain_keys = (IkeKeys){ 0 };
  return TRUE;
}

void
ike_ppk_say_unused (const IkeParent *parent)
{
  const IkeNego *nego = parent->nego;

  /* the keys of a session that is resumed come from those that it had */
  if (ike_parent_config (parent)->ppk == IKE_PPK_NO || nego->ppk_mixed || nego->resumed)
    return;
  ike_parent_log (parent, IKE_LOG_NOTICE, "auth",
                  "no post-quantum pre-shared key protects this connection: the peer %s",
                  nego->ppk == IKE_PPK_USE_NONE ? "uses none" : "does not know ours");
}

/* ---- the responder in IKE_AUTH ---- */

IkePpkJudgement
ike_ppk_judge (const IkeParent *parent, const IkePayloads *payloads, GBytes **ret_id)
{
  const IkeConfig *config = ike_parent_config (parent);
  IkeNotify notify;
  gboolean known;

  if (config->ppk == IKE_PPK_NO || parent->nego->ppk == IKE_PPK_USE_INTERMEDIATE)
    return IKE_PPK_NOT_USED;
  if (parent->nego->ppk == IKE_PPK_USE_NONE)
    return ike_ppk_insists (config) ? IKE_PPK_REFUSED : IKE_PPK_NOT_USED;
  if (!ike_notify_find (payloads, IKE_NOTIFY_PPK_IDENTITY, &notify))
    return IKE_PPK_REFUSED;
  /* without a name of ours, whoever keeps the keys knows which ones there are */
  known = !config->ppk_id || ike_chunk_equal (ike_chunk_bytes (config->ppk_id), notify.data);
  if (known && notify.data.len > 0 && notify.data.len <= IKE_MAX_PPK_ID)
    {
      *ret_id = ike_chunk_dup (notify.data);
      return IKE_PPK_USED;
    }
  return ike_notify_find (payloads, IKE_NOTIFY_NO_PPK_AUTH, &notify) && !ike_ppk_insists (config) ? IKE_PPK_NOT_KNOWN
                                                                                                  : IKE_PPK_REFUSED;
}

gboolean
ike_ppk_use_plain_auth (IkeParent *parent, const IkePayloads *payloads)
{
  const IkePayload *payload = ike_payloads_find (payloads, IKE_PAYLOAD_AUTH);
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);
  IkeNotify notify;

  /* RFC 8784 section 3: the method is that of the AUTH payload */
  if (!payload || payload->body.len < AUTH_HEADER_LEN || !ike_notify_find (payloads, IKE_NOTIFY_NO_PPK_AUTH, &notify))
    return FALSE;
  ike_write_chunk (&writer, ike_chunk (payload->body.data, AUTH_HEADER_LEN));
  ike_write_chunk (&writer, notify.data);
  g_clear_pointer (&parent->nego->no_ppk_auth, g_bytes_unref);
  parent->nego->no_ppk_auth = ike_writer_finish (&writer);
  return parent->nego->no_ppk_auth != NULL;
}

/* ---- in IKE_INTERMEDIATE: RFC 9867 section 3.1 ---- */

gboolean
ike_ppk_write_key (IkeBuilder *builder, const IkeParent *parent)
{
  const IkeNego *nego = parent->nego;
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_PPK_ID + IKE_PPK_CONFIRMATION_LEN);
  guint8 confirmation[IKE_PPK_CONFIRMATION_LEN];
  g_autoptr (GBytes) data = NULL;

  if (!ike_ppk_confirmation (parent, confirmation))
    return FALSE;
  ike_write_chunk (&writer, ike_chunk_bytes (nego->ppk_id));
  ike_write_chunk (&writer, ike_chunk (confirmation, sizeof confirmation));
  data = ike_writer_finish (&writer);
  if (!data)
    return FALSE;
  ike_builder_notify (builder, IKE_NOTIFY_PPK_IDENTITY_KEY, ike_chunk_bytes (data));
  return TRUE;
}

gboolean
ike_ppk_confirmation (const IkeParent *parent, guint8 ret[IKE_PPK_CONFIRMATION_LEN])
{
  const IkeMaterial *material = &parent->nego->material;
  guint64 spis[2] = { GUINT64_TO_BE (parent->spi_i), GUINT64_TO_BE (parent->spi_r) };
  IkeChunk parts[] = { ike_chunk_bytes (material->ni), ike_chunk_bytes (material->nr), ike_chunk (spis, sizeof spis) };
  IkeChunk key = ike_secret_chunk (parent->nego->ppk_secret);
  guint8 out[IKE_MAX_PRF_OUTPUT];

  if (!key.len || !parent->core->crypto->prf (parent->core->crypto, parent->keys.prf, key.data, key.len, parts,
                                              G_N_ELEMENTS (parts), out))
    return FALSE;
  memcpy (ret, out, IKE_PPK_CONFIRMATION_LEN);
  explicit_bzero (out, sizeof out);
  return TRUE;
}

gboolean
ike_ppk_derive (IkeParent *parent, IkeKeys *ret)
{
  const IkeMaterial *material = &parent->nego->material;
  IkeKeyInput input = { .spi_i = parent->spi_i, .spi_r = parent->spi_r };
  gboolean ok;

  input.ni = g_bytes_get_data (material->ni, &input.ni_len);
  input.nr = g_bytes_get_data (material->nr, &input.nr_len);
  ok = ike_keys_reseed_ppk (ret, parent->core->crypto, &parent->keys, &material->suite, parent->nego->ppk_secret,
                            &input);
  g_clear_pointer (&parent->nego->ppk_secret, ike_secret_free);
  parent->nego->ppk_mixed = ok;
  return ok;
}

gboolean
ike_ppk_find_key (const IkeParent *parent, const IkePayloads *payloads, IkeNotify *ret)
{
  const IkeConfig *config = ike_parent_config (parent);
  guint index = 0;

  while (ike_notify_next (payloads, IKE_NOTIFY_PPK_IDENTITY_KEY, &index, ret))
    {
      IkeChunk id;

      if (ret->data.len <= IKE_PPK_CONFIRMATION_LEN || ret->data.len > IKE_MAX_PPK_ID + IKE_PPK_CONFIRMATION_LEN)
        continue;
      id = ike_chunk (ret->data.data, ret->data.len - IKE_PPK_CONFIRMATION_LEN);
      if (!config->ppk_id || ike_chunk_equal (ike_chunk_bytes (config->ppk_id), id))
        return TRUE;
    }
  return FALSE;
}
