/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only the negotiation of an IKE SA needs, from IKE_SA_INIT until the first Child SA stands.
 *
 * Owned by the IKE SA; secrets in it are erased as soon as they have been used.
 */
#pragma once

#include "crypto/auth-announce.h"
#include "crypto/auth.h"
#include "crypto/sig-scheme.h"
#include "eap/eap-server.h"
#include "eap/eap.h"
#include "sa/serve.h"
#include "sa/tickets.h"
#include "sa/task.h"

/* How a post-quantum pre-shared key comes in: agreed on in IKE_SA_INIT. */
typedef enum { IKE_PPK_USE_NONE, IKE_PPK_USE_AUTH, IKE_PPK_USE_INTERMEDIATE } IkePpkUse;

typedef struct {
  IkeMaterial material;
  GBytes *request, *response; /* IKE_SA_INIT as it was sent: RealMessage1 and 2 of RFC 7296 section 2.15 */
  IkeIntAuth int_auth; /* of IKE_INTERMEDIATE */
  IkePpkUse ppk;
  gboolean ppk_done; /* IKE_INTERMEDIATE: it was agreed on or given up */
  gboolean ppk_mixed; /* it is in the keys */
  GBytes *ppk_id;
  IkeSecret *ppk_secret; /* until it has been mixed in */
  IkeKeys plain_keys; /* without it, until the peer has said that it knows it */
  GBytes *no_ppk_auth; /* body of an AUTH payload made without it */
  GBytes *cookie;
  guint cookies; /* COOKIE answers so far */
  guint unreachable; /* ICMP errors so far */
  struct _IkePuzzleWork *puzzle; /* that is being solved; NULL: none */
  guint32 puzzles; /* so far */
  gboolean auth_puzzle; /* one is to be solved before IKE_AUTH: */
  IkePuzzle auth_puzzle_is;
  GBytes *solution; /* of the last one, for the message that is next; NULL: none */
  IkeReason doubt; /* why an unauthenticated answer says that it will not work */
  guint peer_hashes; /* 1 << IkeHashId of SIGNATURE_HASH_ALGORITHMS */
  IkeAnnounced announced; /* what the peer accepts of us, as far as it has said so */
  gboolean announces; /* it has said so */
  guint32 child; /* number of the first Child SA */

  IkeSession *resumed; /* NULL: a full exchange (RFC 5723) */
  IkeTicketRef ticket; /* responder: the one that was presented */
  gboolean resumed_briefly; /* AUTH covers the sender's first message alone */

  GBytes *my_id, *peer_id; /* bodies of the ID payloads */
  IkeIdentity *peer_identity; /* as claimed, then as proven */
  gboolean peer_proven; /* its AUTH is right, and its identity is the one that we want */
  GPtrArray *peer_certificates; /* GBytes */
  guint8 peer_encoding; /* IkeCertEncoding, or anything: of one that we cannot read; 0: none */
  GPtrArray *peer_status; /* GBytes: answers of OCSP (RFC 4806) */
  GBytes *own_status;
  gboolean status_wanted; /* by the peer */
  const IkeSigScheme *scheme; /* of @auth; NULL: it is a checksum */
  IkeSecret *psk, *msk;
  gboolean psk_padded; /* @psk is what the PRF has made of it: for the other end's AUTH as well */
  gboolean is_null; /* @auth proves nothing (RFC 7619) */
  gboolean takes_childless; /* the responder takes an IKE_AUTH without a Child SA (RFC 6023), */
  gboolean childless; /* and we send it one */
  IkeServeWish wish; /* responder: what a client asks for */
  gboolean multiple; /* initiator: the gateway can do two authentications (RFC 4739) */
  gboolean have_msk; /* EAP is over; without MSK it is a method without keys */
  GBytes *auth; /* our own signature or checksum */
  IkeEapPeer *eap;
  IkeEapServer *eap_server;
  IkeIncoming *first; /* responder: the request that asked for a Child SA, while EAP runs */
  GArray *local_ts, *remote_ts; /* IkeSelector, as offered */
  IkeConfigured *configured; /* what CP gave */
} IkeNego;

typedef struct _IkePuzzleWork IkePuzzleWork;
void ike_puzzle_work_free (IkePuzzleWork *work); /* exchange/puzzle.c */

IkeNego *ike_nego_new (void);
void ike_nego_free (IkeNego *nego, const IkeCrypto *crypto);
