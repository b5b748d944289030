/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EAP peer state machine (see the header): RFC 3748 sections 2.1, 4 and 5, RFC 7296 section 2.16.
 *
 * Invariants: a conversation ends once; the identity is said only before a method has begun; one method at most, but
 * inside of a tunnel another when it has finished; what a Success is worth, the last method alone knows.
 */
#include "eap/eap.h"

#include "base/text.h"
#include "eap/eap-method.h"
#include "wire/payload-eap.h"

#include <string.h>

/* In the order in which we prefer them. */
static const IkeEapMethod *const methods[] = { &ike_eap_tls,      &ike_eap_ttls, &ike_eap_peap,
                                               &ike_eap_mschapv2, &ike_eap_gtc,  &ike_eap_md5 };

#define MAX_METHODS 4 /* of a chain */

struct _IkeEapPeer {
  const IkeCrypto *crypto;
  IkeEapSettings settings; /* its texts are ours */
  const IkeEapMethod *method;
  gpointer state; /* the method's */
  gboolean over, asking; /* for a secret */
  gboolean ordered; /* of the TLS client */
  guint8 request_id; /* of the Request that the coming Response answers */
  guint rounds, n_methods;
  GString *refused_types; /* what we answered with Nak */
};

IkeEapPeer *
ike_eap_peer_new (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  IkeEapPeer *peer = g_new0 (IkeEapPeer, 1);

  peer->crypto = crypto;
  peer->settings = *settings;
  peer->settings.user = g_strdup (settings->user);
  peer->settings.outer = g_strdup (settings->outer ? settings->outer : settings->user);
  peer->refused_types = g_string_new (NULL);
  return peer;
}

void
ike_eap_peer_free (IkeEapPeer *peer)
{
  if (!peer)
    return;
  if (peer->method)
    peer->method->free (peer->state);
  g_string_free (peer->refused_types, TRUE);
  g_free ((char *) peer->settings.user);
  g_free ((char *) peer->settings.outer);
  g_free (peer);
}

void
ike_eap_step_clear (IkeEapStep *step)
{
  g_clear_pointer (&step->packet, g_bytes_unref);
  g_clear_pointer (&step->msk, ike_secret_free);
  g_clear_pointer (&step->message, g_free);
  g_clear_pointer (&step->tls, ike_tls_order_free);
  ike_reason_clear (&step->reason);
}

const char *
ike_eap_peer_get_method_name (const IkeEapPeer *peer)
{
  return peer->method ? peer->method->name : "EAP";
}

gboolean
ike_eap_peer_get_refusal (const IkeEapPeer *peer, IkeReason *ret)
{
  return peer->method && peer->method->get_refusal (peer->state, ret);
}

gboolean
ike_eap_peer_is_finished (const IkeEapPeer *peer)
{
  return !peer->over && peer->method && peer->method->finish (peer->state, NULL);
}

gboolean
ike_eap_peer_is_mutual (const IkeEapPeer *peer)
{
  return peer->method && peer->method->safe_alone;
}

static void
fail (IkeEapPeer *peer, IkeEapStep *ret, IkeReasonCode code, const char *detail)
{
  peer->over = TRUE;
  ret->action = IKE_EAP_STEP_FAILED;
  ike_reason_set (&ret->reason, code, 0, "%s", detail);
}

static void
respond (IkeEapPeer *peer, guint8 type, IkeChunk data, IkeEapStep *ret)
{
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_EAP_MAX_PACKET);
  IkeEap packet = { .code = IKE_EAP_CODE_RESPONSE, .id = peer->request_id, .type = type, .data = data };

  ike_eap_write (&writer, &packet);
  if (!ike_writer_ok (&writer))
    {
      fail (peer, ret, IKE_REASON_LIMIT, "the EAP response is too long");
      return;
    }
  /* it may hold a password */
  packet.data = ike_writer_chunk (&writer);
  ret->action = IKE_EAP_STEP_SEND;
  ret->packet = ike_secret_to_bytes (ike_secret_new_from (packet.data.data, packet.data.len));
}

/* What the method said, as a step of the conversation. Consumes @step. */
static void
take_method_step (IkeEapPeer *peer, IkeEapMethodStep *step, IkeEapStep *ret)
{
  switch (step->action)
    {
    case IKE_EAP_METHOD_REPLY:
      respond (peer, (guint8) peer->method->type,
               step->secret ? ike_secret_chunk (step->secret) : ike_chunk_bytes (step->data), ret);
      break;
    case IKE_EAP_METHOD_SECRET:
      peer->asking = TRUE;
      ret->action = IKE_EAP_STEP_SECRET;
      ret->kind = step->kind;
      ret->attempt = step->attempt;
      ret->message = g_steal_pointer (&step->message);
      break;
    case IKE_EAP_METHOD_TLS:
      peer->ordered = TRUE;
      ret->action = IKE_EAP_STEP_TLS;
      ret->tls = g_steal_pointer (&step->tls);
      break;
    case IKE_EAP_METHOD_FAILED:
      peer->over = TRUE;
      ret->action = IKE_EAP_STEP_FAILED;
      ike_reason_copy (&ret->reason, &step->reason);
      break;
    }
  g_clear_pointer (&step->data, g_bytes_unref);
  g_clear_pointer (&step->secret, ike_secret_free);
  g_clear_pointer (&step->message, g_free);
  ike_reason_clear (&step->reason);
}

/* RFC 3748 section 5.3.1: the types that we would take, or 0 for none. */
static void
nak (IkeEapPeer *peer, guint8 refused, IkeEapStep *ret)
{
  guint8 wanted[G_N_ELEMENTS (methods)] = { 0 };
  guint n = 0;

  if (peer->refused_types->len < 80)
    g_string_append_printf (peer->refused_types, "%s%s", peer->refused_types->len > 0 ? ", " : "",
                            IKE_NAME (EAP, refused));
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (peer->settings.methods & 1u << methods[i]->type)
      wanted[n++] = (guint8) methods[i]->type;
  respond (peer, IKE_EAP_NAK, ike_chunk (wanted, MAX (n, 1)), ret);
}

static gboolean
choose_method (IkeEapPeer *peer, guint8 type)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (methods[i]->type == type && (peer->settings.methods & 1u << methods[i]->type))
      {
        peer->n_methods++;
        peer->method = methods[i];
        peer->state = methods[i]->start (peer->crypto, &peer->settings);
        return TRUE;
      }
  return FALSE;
}

/* RFC 5281 section 11.3: "a new EAP type once the previous authentication has completed", which is negotiated like the
 * first. What that one has proven is over: a Success is worth what the new one says. */
static void
begin_anew (IkeEapPeer *peer)
{
  if (!peer->settings.chain || !ike_eap_peer_is_finished (peer))
    return;
  peer->method->free (g_steal_pointer (&peer->state));
  peer->method = NULL;
}

static void
on_method_request (IkeEapPeer *peer, const IkeEap *packet, IkeEapStep *ret)
{
  IkeEapMethodStep step = { 0 };

  if (peer->method && peer->method->type != packet->type)
    begin_anew (peer);
  if (!peer->method && peer->n_methods == MAX_METHODS)
    {
      fail (peer, ret, IKE_REASON_LIMIT, "too many EAP methods");
      return;
    }
  if (!peer->method && !choose_method (peer, packet->type))
    {
      nak (peer, packet->type, ret);
      return;
    }
  /* RFC 3748 section 2.1: after the first Response of a method there is no other. */
  if (peer->method->type != packet->type)
    {
      fail (peer, ret, IKE_REASON_BAD_MESSAGE, "the server changed the EAP method on the way");
      return;
    }
  peer->method->handle (peer->state, packet->id, packet->data, &step);
  take_method_step (peer, &step, ret);
}

static void
on_request (IkeEapPeer *peer, const IkeEap *packet, IkeEapStep *ret)
{
  if (++peer->rounds > IKE_EAP_MAX_ROUNDS)
    {
      fail (peer, ret, IKE_REASON_LIMIT, "too many EAP requests");
      return;
    }
  peer->request_id = packet->id;
  switch (packet->type)
    {
    case IKE_EAP_IDENTITY:
      begin_anew (peer);
      if (peer->method)
        fail (peer, ret, IKE_REASON_BAD_MESSAGE, "EAP identity request within a method");
      else
        respond (peer, IKE_EAP_IDENTITY, ike_chunk (peer->settings.outer, strlen (peer->settings.outer)), ret);
      return;
    case IKE_EAP_NOTIFICATION:
      /* RFC 3748 section 5.2: shown or logged, and always answered, without data. */
      respond (peer, IKE_EAP_NOTIFICATION, ike_chunk (NULL, 0), ret);
      if (ret->action == IKE_EAP_STEP_SEND && packet->data.len > 0)
        ret->message = ike_text_clean (packet->data.data, packet->data.len, FALSE);
      return;
    case IKE_EAP_NAK:
      fail (peer, ret, IKE_REASON_BAD_MESSAGE, "EAP Nak as a request");
      return;
    default:
      on_method_request (peer, packet, ret);
    }
}

static void
on_success (IkeEapPeer *peer, IkeEapStep *ret)
{
  IkeSecret *msk = NULL;

  /* RFC 3748 section 4.2, cve-2021-45079: before the method has verified the server, Success is an attack. */
  if (!peer->method || !peer->method->finish (peer->state, &msk))
    {
      fail (peer, ret, IKE_REASON_EAP_EARLY_SUCCESS, ike_eap_peer_get_method_name (peer));
      return;
    }
  peer->over = TRUE;
  ret->action = IKE_EAP_STEP_SUCCEEDED;
  ret->msk = msk;
}

static void
on_failure (IkeEapPeer *peer, IkeEapStep *ret)
{
  g_autofree char *who = g_strdup_printf ("%s as %s", ike_eap_peer_get_method_name (peer), peer->settings.user);

  if (ike_eap_peer_get_refusal (peer, &ret->reason))
    {
      peer->over = TRUE;
      ret->action = IKE_EAP_STEP_FAILED;
    }
  else if (!peer->method && peer->refused_types->len > 0)
    fail (peer, ret, IKE_REASON_EAP_METHOD, peer->refused_types->str);
  else if (peer->method && peer->method->type == IKE_EAP_TLS) /* which knows no password */
    fail (peer, ret, IKE_REASON_EAP_TLS, "the server ended it");
  else
    fail (peer, ret, IKE_REASON_EAP_REFUSED, who);
}

void
ike_eap_peer_handle (IkeEapPeer *peer, IkeChunk packet, IkeEapStep *ret)
{
  IkeEap eap;

  *ret = (IkeEapStep){ 0 };
  if (peer->over || peer->asking || peer->ordered)
    {
      fail (peer, ret, IKE_REASON_BAD_MESSAGE, "EAP packet out of order");
      return;
    }
  if (packet.len > IKE_EAP_MAX_PACKET || !ike_eap_parse (packet, &eap))
    {
      fail (peer, ret, IKE_REASON_BAD_MESSAGE, "malformed EAP packet");
      return;
    }
  switch ((IkeEapCode) eap.code)
    {
    case IKE_EAP_CODE_REQUEST:
      on_request (peer, &eap, ret);
      return;
    case IKE_EAP_CODE_SUCCESS:
      on_success (peer, ret);
      return;
    case IKE_EAP_CODE_FAILURE:
      on_failure (peer, ret);
      return;
    case IKE_EAP_CODE_RESPONSE:
      break;
    }
  fail (peer, ret, IKE_REASON_BAD_MESSAGE, "EAP response from a server");
}

void
ike_eap_peer_give_secret (IkeEapPeer *peer, IkeSecret *take_secret, IkeEapStep *ret)
{
  IkeEapMethodStep step = { 0 };

  *ret = (IkeEapStep){ 0 };
  if (!peer->asking)
    {
      ike_secret_free (take_secret);
      fail (peer, ret, IKE_REASON_BAD_MESSAGE, "a secret that was not asked for");
      return;
    }
  peer->asking = FALSE;
  peer->method->give_secret (peer->state, take_secret, &step);
  take_method_step (peer, &step, ret);
}

void
ike_eap_peer_give_tls (IkeEapPeer *peer, IkeTlsAnswer *answer, IkeEapStep *ret)
{
  IkeEapMethodStep step = { 0 };

  *ret = (IkeEapStep){ 0 };
  if (!peer->ordered)
    {
      fail (peer, ret, IKE_REASON_BAD_MESSAGE, "an answer of TLS that was not asked for");
      return;
    }
  peer->ordered = FALSE;
  peer->method->give_tls (peer->state, answer, &step);
  take_method_step (peer, &step, ret);
}
