/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What EAP-TLS, TTLS and PEAP share: a TLS client whose records travel in EAP packets. The TLS machine itself is the
 * caller's (IkeTlsOrder); here is who speaks when. What is said inside of the tunnel is a row of functions.
 *
 *    server                        us
 *    Start             ->                  OPEN
 *                      <-  ClientHello
 *    ... handshake     ->                  STEP: until it stands; the server's certificate is then verified
 *                                          EXPORT: the MSK
 *                      <-  what the row has to say inside, first and then in answer to what comes
 *    EAP-Success       ->                  believed when the row says that it is done
 */
#pragma once

#include "eap/eap-method.h"

typedef enum {
  IKE_EAP_INNER_SAY, /* clear, or nothing to say */
  IKE_EAP_INNER_SECRET, /* kind, attempt, message */
  IKE_EAP_INNER_FAILED, /* reason */
} IkeEapInnerAction;

typedef struct {
  IkeEapInnerAction action;
  IkeSecret *clear;
  IkeSecretKind kind;
  guint attempt;
  char *message;
  IkeReason reason;
} IkeEapInnerStep;

typedef struct {
  IkeEapType type;
  const char *name;
  guint8 max_version; /* of the method's own, in the flags */
  const char *challenge_label; /* a second export, for what is inside; NULL: none */
  gsize challenge_len;
  gpointer (*start) (const IkeCrypto *crypto, const IkeEapSettings *settings);
  /* The tunnel stands, with TLS 1.3 or not; @challenge is borrowed, NULL without a label. */
  void (*begin) (gpointer inner, guint8 version, gboolean tls13, const IkeSecret *challenge, IkeEapInnerStep *ret);
  /* @id: of the EAP packet. */
  void (*receive) (gpointer inner, guint8 id, IkeChunk clear, IkeEapInnerStep *ret);
  void (*give_secret) (gpointer inner, IkeSecret *take_secret, IkeEapInnerStep *ret); /* NULL: never asks */
  gboolean (*is_done) (gpointer inner);
  gboolean (*get_refusal) (gpointer inner, IkeReason *ret);
  void (*free) (gpointer inner);
} IkeEapInner;

gpointer ike_eap_tunnel_new (const IkeEapInner *row, const IkeCrypto *crypto, const IkeEapSettings *settings);
/* For the rows of IkeEapMethod. */
void ike_eap_tunnel_handle (gpointer self, guint8 id, IkeChunk data, IkeEapMethodStep *ret);
void ike_eap_tunnel_give_secret (gpointer self, IkeSecret *take_secret, IkeEapMethodStep *ret);
void ike_eap_tunnel_give_tls (gpointer self, IkeTlsAnswer *answer, IkeEapMethodStep *ret);
gboolean ike_eap_tunnel_finish (gpointer self, IkeSecret **ret_msk);
gboolean ike_eap_tunnel_get_refusal (gpointer self, IkeReason *ret);
void ike_eap_tunnel_free (gpointer self);
/* All but its name, and start(), which knows the row above. */
#define IKE_EAP_TUNNEL_METHOD                                                                                          \
 .handle = ike_eap_tunnel_handle, .give_secret = ike_eap_tunnel_give_secret, .give_tls = ike_eap_tunnel_give_tls,      \
 .finish = ike_eap_tunnel_finish, .get_refusal = ike_eap_tunnel_get_refusal, .free = ike_eap_tunnel_free

/* An EAP conversation inside of the tunnel: what it wants, as a step of the row. @wrap makes the message of a packet. */
void ike_eap_inner_take (IkeEapStep *step, IkeSecret *(*wrap) (IkeChunk packet, gpointer data), gpointer data,
                         IkeEapInnerStep *ret);
