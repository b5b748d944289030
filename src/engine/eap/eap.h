/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EAP peer (RFC 3748): one conversation with the gateway's authentication server, as a pure machine.
 *
 * Packet in, then exactly one of: a packet to send, a secret that is wanted, success with its key, or failure with
 * a reason. Identity, Notification and Nak are answered here; a method is one row (mschapv2.c). Success is
 * believed only when the method has finished and has verified the server (RFC 3748 section 4.2; cve-2021-45079).
 */
#pragma once

#include "ike-engine-io.h"

/* One conversation may take this many requests; a server that wants more is refused. */
#define IKE_EAP_MAX_ROUNDS 64
/* Longest EAP packet that we read or write. */
#define IKE_EAP_MAX_PACKET 4096

typedef struct _IkeEapPeer IkeEapPeer;

/* Who we are and what is allowed. Methods: 1 << IkeEapType. */
typedef struct {
  const char *user;  /* UTF-8: the name within a method */
  const char *outer; /* what the Identity request is answered with; NULL: user */
  guint methods;
  guint inner;       /* the same inside of TTLS and PEAP */
  gboolean chain; /* inside of these the server may go on with another method when one has finished */
  IkeTtls ttls;
} IkeEapSettings;

typedef enum {
  IKE_EAP_STEP_SEND, /* packet: put it into an EAP payload */
  IKE_EAP_STEP_SECRET, /* kind, attempt, message: ask, then ike_eap_peer_give_secret() */
  IKE_EAP_STEP_TLS, /* tls: an order for the TLS client, then ike_eap_peer_give_tls() */
  IKE_EAP_STEP_SUCCEEDED, /* msk: 64 octets, or NULL for a method without keys */
  IKE_EAP_STEP_FAILED, /* reason; the conversation is over */
} IkeEapAction;

typedef struct {
  IkeEapAction action;
  GBytes *packet;
  IkeSecret *msk;
  IkeSecretKind kind;
  guint attempt; /* 0 first; above: the secret before was refused */
  char *message; /* printable text about the refusal, or from a Notification; may be NULL */
  IkeTlsOrder *tls;
  IkeReason reason;
} IkeEapStep;
void ike_eap_step_clear (IkeEapStep *step);

/* @settings are copied. */
IkeEapPeer *ike_eap_peer_new (const IkeCrypto *crypto, const IkeEapSettings *settings);
void ike_eap_peer_free (IkeEapPeer *peer);

/* The content of a received EAP payload. Fills in @ret, always. */
void ike_eap_peer_handle (IkeEapPeer *peer, IkeChunk packet, IkeEapStep *ret);
/* The answer to STEP_SECRET; @take_secret NULL: there is none (the conversation fails). */
void ike_eap_peer_give_secret (IkeEapPeer *peer, IkeSecret *take_secret, IkeEapStep *ret);

/* The answer to STEP_TLS: borrowed, but for the secret, which is taken (NULL is left). */
typedef struct {
  gboolean ok;
  guint flags; /* IKE_TLS_* */
  GBytes *records;
  IkeSecret *secret;
  const IkeReason *reason; /* not ok: why */
} IkeTlsAnswer;
void ike_eap_peer_give_tls (IkeEapPeer *peer, IkeTlsAnswer *answer, IkeEapStep *ret);

/* Has the method run to its end, so that a Success would be believed? */
gboolean ike_eap_peer_is_finished (const IkeEapPeer *peer);
/* "EAP-MSCHAPv2", or "EAP" before a method was chosen. */
const char *ike_eap_peer_get_method_name (const IkeEapPeer *peer);
/* When the server has already said no within the method but not yet with EAP-Failure: why. FALSE: it has not. */
gboolean ike_eap_peer_get_refusal (const IkeEapPeer *peer, IkeReason *ret);
/* May a server be authenticated by this conversation alone (RFC 5998 section 4)? */
gboolean ike_eap_peer_is_mutual (const IkeEapPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeEapPeer, ike_eap_peer_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeEapStep, ike_eap_step_clear)
