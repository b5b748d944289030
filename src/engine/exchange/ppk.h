/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Post-quantum pre-shared keys, as IKE_SA_INIT, IKE_INTERMEDIATE and IKE_AUTH use them. RFC 8784, RFC 9867. */
#pragma once

#include "exchange/handlers.h"
#include "wire/payload-notify.h"

#define IKE_MAX_PPK_ID 512 /* the type octet included */
#define IKE_PPK_CONFIRMATION_LEN 8

/* Not without one. Who is not proven by anything else is proven by it alone (RFC 8784 section 5.2.3). */
gboolean ike_ppk_insists (const IkeConfig *config);
/* IKE_SA_INIT: what we offer; the peer's message (FALSE: we insist, and it does not want one); the same, which is good; what
 * we answer. */
void ike_ppk_offer (IkeBuilder *builder, const IkeConfig *config);
gboolean ike_ppk_suits (const IkeConfig *config, const IkePayloads *payloads);
void ike_ppk_agree (IkeParent *parent, const IkePayloads *payloads);
void ike_ppk_accept (IkeBuilder *builder, const IkeParent *parent);

/* Asks for the key of this PPK_ID (NULL: whatever is ours to choose); takes the answer. FALSE: there is none. */
void ike_ppk_ask (IkeTask *task, GBytes *id, IkeWorkDone done);
gboolean ike_ppk_take (IkeParent *parent, IkeInput *input);
void ike_ppk_why_missing (const IkeInput *input, IkeReason *ret);

/* Mixes the key into SK_d, SK_pi, SK_pr, and keeps the plain ones. FALSE: the provider cannot. */
gboolean ike_ppk_mix (IkeParent *parent);
/* Initiator: nego->auth was made without the key: it becomes NO_PPK_AUTH. */
void ike_ppk_keep_plain_auth (IkeParent *parent);
/* PPK_IDENTITY, maybe NO_PPK_AUTH. */
void ike_ppk_write (IkeBuilder *builder, const IkeParent *parent);
/* Initiator, with the answer: either the mixed keys stay or the plain ones come back. FALSE: we insist. */
gboolean ike_ppk_settle (IkeParent *parent, const IkePayloads *payloads);

typedef enum { IKE_PPK_NOT_USED, IKE_PPK_USED, IKE_PPK_NOT_KNOWN, IKE_PPK_REFUSED } IkePpkJudgement;
/* Responder, with the request: table 1 of RFC 8784. USED: *ret_id. */
IkePpkJudgement ike_ppk_judge (const IkeParent *parent, const IkePayloads *payloads, GBytes **ret_id);
/* Responder: the initiator's NO_PPK_AUTH takes the place of its AUTH. FALSE: there is none. */
gboolean ike_ppk_use_plain_auth (IkeParent *parent, const IkePayloads *payloads);

/* The IKE SA stands: if it does so without a key that we would have liked to have, the log says why. */
void ike_ppk_say_unused (const IkeParent *parent);

/* IKE_INTERMEDIATE: PPK_IDENTITY_KEY of our key; the first of the peer's that can be meant; its confirmation; keys. */
gboolean ike_ppk_write_key (IkeBuilder *builder, const IkeParent *parent);
gboolean ike_ppk_find_key (const IkeParent *parent, const IkePayloads *payloads, IkeNotify *ret);
gboolean ike_ppk_confirmation (const IkeParent *parent, guint8 ret[IKE_PPK_CONFIRMATION_LEN]);
gboolean ike_ppk_derive (IkeParent *parent, IkeKeys *ret);
