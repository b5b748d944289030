/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of EAP (RFC 3748): we ask, and find out who a client is. One conversation, as a pure machine: Identity,
 * then EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2, RFC 2759).
 *
 * Invariant: a user who does not exist and a wrong password are the same to whoever looks from outside: the same
 * packets after the same computations.
 */
#pragma once

#include "ike-engine-io.h"

typedef struct _IkeEapServer IkeEapServer;

typedef enum {
  IKE_EAP_SERVER_SEND, /* packet */
  IKE_EAP_SERVER_USER, /* user: what is its password? then ike_eap_server_give_password() */
  IKE_EAP_SERVER_SUCCEEDED, /* packet: the Success; user is proven; msk: 64 octets */
  IKE_EAP_SERVER_FAILED, /* packet: the Failure; reason */
} IkeEapServerAction;

typedef struct {
  IkeEapServerAction action;
  GBytes *packet;
  char *user;
  IkeSecret *msk;
  IkeReason reason;
} IkeEapServerStep;
void ike_eap_server_step_clear (IkeEapServerStep *step);

/* @name: how we call ourselves in the challenge. */
IkeEapServer *ike_eap_server_new (const IkeCrypto *crypto, const char *name);
void ike_eap_server_free (IkeEapServer *server);

/* These fill in @ret, always. */
void ike_eap_server_begin (IkeEapServer *server, IkeEapServerStep *ret);
void ike_eap_server_handle (IkeEapServer *server, IkeChunk packet, IkeEapServerStep *ret);
/* @take_password NULL: there is no such user. */
void ike_eap_server_give_password (IkeEapServer *server, IkeSecret *take_password, IkeEapServerStep *ret);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeEapServer, ike_eap_server_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeEapServerStep, ike_eap_server_step_clear)
