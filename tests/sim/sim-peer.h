/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gateway made of the wire and crypto parts alone, with no state machine of ours: it does what the script says,
 * right or wrong. It can do IKE_SA_INIT, IKE_AUTH with PSK, signature and EAP-MSCHAPv2 as a server, CP replies, and
 * send
 * anything that a test wants, protected with the right keys.
 */
#pragma once

#include "sim.h"

#include "crypto/keymat.h"
#include "crypto/proposal.h"
#include "crypto/puzzle.h"
#include "wire/payload-notify.h"
#include "eap/mschapv2.h"
#include "wire/message.h"

typedef struct _SimPeer SimPeer;

typedef enum {
  SIM_EAP_RIGHT,
  SIM_EAP_SUCCESS_FIRST, /* EAP-Success as the first packet */
  SIM_EAP_SUCCESS_AFTER_IDENTITY,
  SIM_EAP_SUCCESS_AFTER_RESPONSE, /* without having proven that it knows the password */
  SIM_EAP_WRONG_AUTHENTICATOR,
  SIM_EAP_OTHER_METHOD, /* asks for EAP-MD5 */
} SimEapScript;

/* Where it says REDIRECT. */
typedef enum { SIM_REDIRECT_NOT, SIM_REDIRECT_INIT, SIM_REDIRECT_INIT_WRONG, SIM_REDIRECT_AUTH } SimRedirect;

struct _SimPeer {
  SimHost *host;
  Sim *sim;
  /* the script */
  const char *id;
  guint cookies; /* so many COOKIE answers, each another one */
  gsize cookie_len;
  gint puzzle, auth_puzzle; /* bits of a puzzle with the last cookie, and with the good answer; negative: none */
  guint16 want_group; /* INVALID_KE_PAYLOAD for any other */
  guint16 want_group_too; /* and for that one this: nothing is ever right */
  IkeNotifyType init_error; /* instead of an answer, in clear */
  SimRedirect redirect;
  IkeChunk redirect_to; /* the notification's data but for the nonce */
  IkeChunk ke_value; /* our KE payload's data instead of a good one */
  guint16 ke_group; /* and its group; 0: the right one */
  guint8 cert_encoding; /* of its CERT payload; 0: a certificate as it is */
  gboolean signature; /* AUTH with the fake key "key of the gateway" */
  const struct _IkeSigScheme *scheme; /* of its signature; NULL: ECDSA with SHA-256 */
  IkeHashId hash; /* of its signature, where that is not the scheme's; 0: it is */
  const char *psk;
  gboolean eap; /* answers the first IKE_AUTH with EAP */
  gboolean eap_unasked; /* also a client that has sent AUTH */
  guint auth_lifetime; /* seconds after which it wants to see AUTH again; 0: says nothing */
  SimEapScript eap_script;
  const char *user, *password;
  guint retries; /* wrong passwords that are forgiven */
  IkeNotifyType child_error; /* AUTH is right, the Child SA is refused */
  IkeNotifyType auth_error; /* nothing but this notification */
  IkeNotifyType eap_error; /* instead of its first word about a response */
  IkeChunk error_data; /* of any of these */
  gboolean auth_corrupt; /* a wrong AUTH */
  gboolean final_corrupt; /* the same after EAP only */
  void (*write_more) (SimPeer *peer, IkeBuilder *builder); /* notifications beside its Child SA; NULL: none */
  void (*write_cp) (SimPeer *peer, IkeWriter *writer); /* attributes of the CFG_REPLY; NULL: none */
  const char *ts_first, *ts_last; /* our answer to TSi; NULL: as offered */
  GBytes *answer_ts[2]; /* the bodies of our TSi and TSr, which the test owns; NULL: as offered, or as above */
  guint window; /* says that it takes so many requests at once; 0: says nothing */
  gboolean sync, mobike; /* says that it can synchronise message ids; that it can move */
  const char *aggfrag; /* its Child SA has IP-TFS, with these flags; NULL: not */
  gsize aggfrag_len;
  gboolean transport; /* its Child SAs are in transport mode */
  gboolean resource; /* its Child SA may have others for single processors beside it (RFC 9611) */
  gboolean childless; /* says that it takes an IKE_AUTH without a Child SA */
  gboolean mute; /* gets, but answers nothing */
  /* called for whatever is not IKE_SA_INIT or IKE_AUTH; TRUE: it was answered */
  gboolean (*on_other) (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads);
  /* what it has seen */
  guint inits, auths, eap_identities, eap_responses, finals;
  guint auth_method; /* of the last first IKE_AUTH; 0: none */
  guint solutions; /* right ones */
  guint established;
  char *eap_identity;
  /* state */
  IkeEndpoint from; /* where the client is */
  IkeEndpoint to;
  gboolean natt;
  guint64 spi_i, spi_r;
  IkeKeys keys;
  IkeSuite suite, child_suite;
  GBytes *ni, *nr, *request, *response;
  GBytes *id_i;
  guint64 iv;
  guint32 next_id; /* of our own requests */
  guint8 challenge[16];
  guint8 eap_id;
  IkeSecret *msk;
  GBytes *child_sa, *tsi, *tsr; /* bodies, from the first IKE_AUTH */
};

SimPeer *sim_peer_new (Sim *sim);
SimPeer *sim_peer_new_at (Sim *sim, const char *name, const char *address);
void sim_peer_free (SimPeer *peer);
/* Sends an inner chain, protected; @response answers request @id. */
void sim_peer_send (SimPeer *peer, IkeExchange exchange, gboolean response, guint32 id, IkeBuilder *inner);
/* The same as a request of ours, with the next id. */
void sim_peer_request (SimPeer *peer, IkeExchange exchange, IkeBuilder *inner);
/* The SA payload that answers a CREATE_CHILD_SA request for a Child SA, with our @spi; and the whole answer, with the
 * selectors as they are. */
void sim_peer_choose_child (SimPeer *peer, IkeBuilder *builder, const IkePayloads *request, guint32 spi);
void sim_peer_answer_child (SimPeer *peer, guint32 id, const IkePayloads *request, guint32 spi);
/* Answers the last IKE_SA_INIT request, which was left unanswered. */
void sim_peer_init_again (SimPeer *peer);
/* One notification in clear, as an answer to IKE_SA_INIT. */
void sim_peer_init_notify (SimPeer *peer, guint64 spi_i, IkeNotifyType type, IkeChunk data);
