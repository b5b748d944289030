/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One EAP method as the peer runs it: a row of functions around a machine of its own. eap.c owns identifiers, Nak,
 * Success and Failure; a method sees only its type-data.
 */
#pragma once

#include "eap/eap.h"

/* One-time codes that we try in one conversation, however patient the server. */
#define IKE_EAP_MAX_CODES 8

typedef enum {
  IKE_EAP_METHOD_REPLY, /* data or secret: what follows the Type octet of the Response */
  IKE_EAP_METHOD_SECRET, /* kind, attempt, message */
  IKE_EAP_METHOD_TLS, /* tls */
  IKE_EAP_METHOD_FAILED, /* reason */
} IkeEapMethodAction;

typedef struct {
  IkeEapMethodAction action;
  GBytes *data;
  IkeSecret *secret;
  IkeSecretKind kind;
  guint attempt;
  char *message;
  IkeTlsOrder *tls;
  IkeReason reason;
} IkeEapMethodStep;

typedef struct {
  IkeEapType type;
  const char *name;
  gboolean safe_alone; /* proves the server, makes a key, withstands guessing: RFC 5998 section 4 */
  gpointer (*start) (const IkeCrypto *crypto, const IkeEapSettings *settings);
  /* @id: the Identifier of the Request. */
  void (*handle) (gpointer self, guint8 id, IkeChunk data, IkeEapMethodStep *ret);
  void (*give_secret) (gpointer self, IkeSecret *take_secret, IkeEapMethodStep *ret);
  void (*give_tls) (gpointer self, IkeTlsAnswer *answer, IkeEapMethodStep *ret); /* NULL: never orders */
  /* Has it run to its end, with the server verified if the method can do that? Then *ret_msk is its key (moved out), or
   * NULL without one; @ret_msk NULL: only asked. */
  gboolean (*finish) (gpointer self, IkeSecret **ret_msk);
  /* Why the server has refused us, when it has. */
  gboolean (*get_refusal) (gpointer self, IkeReason *ret);
  void (*free) (gpointer self);
} IkeEapMethod;

extern const IkeEapMethod ike_eap_gtc, ike_eap_md5, ike_eap_mschapv2, ike_eap_peap, ike_eap_tls, ike_eap_ttls;
