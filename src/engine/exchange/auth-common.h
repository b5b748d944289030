/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication as both ends do it: our AUTH, and the judgement of the peer's. RFC 7296 section 2.15. */
#pragma once

#include "exchange/handlers.h"

/* Called once; @reason NONE: it is done. Initiator and responder have one of each. */
typedef void (*IkeAuthDone) (IkeTask *task, IkeReason *reason);
void ike_auth_on_proven (IkeTask *task, IkeReason *reason);
void ike_auth_on_judged (IkeTask *task, IkeReason *reason);
void ike_auth_respond_on_proven (IkeTask *task, IkeReason *reason);
void ike_auth_respond_on_judged (IkeTask *task, IkeReason *reason);

/* Body of our ID payload into nego->my_id; without a configured identity our address. */
void ike_auth_make_id (IkeParent *parent);
/* Makes nego->auth by our own method (PSK or signature), asking for what it needs. */
void ike_auth_prove (IkeTask *task, IkeAuthDone done);
/* Judges identity (nego->peer_id is set), certificates and AUTH payload in task->message; commits nego->peer_proven. */
void ike_auth_judge (IkeTask *task, IkeAuthDone done);
/* The same for an AUTH that EAP's key makes; at once. */
gboolean ike_auth_judge_msk (IkeParent *parent, const IkePayloads *payloads);
/* Our AUTH from EAP's key, into nego->auth. */
gboolean ike_auth_prove_msk (IkeParent *parent);
void ike_auth_write_own (IkeBuilder *builder, const IkeNego *nego);
/* The peer's ID payload: body kept, identity kept. FALSE: malformed. */
gboolean ike_auth_read_id (IkeParent *parent, IkeChunk body);
/* CERT payloads with X.509 certificates, in order, copied. */
gboolean ike_auth_read_certificates (IkeParent *parent, const IkePayloads *payloads);
void ike_auth_write_certificates (IkeBuilder *builder, const IkeConfig *config);
/* auth.c, initiator: not where a NAT was met that must not be there. */
gboolean ike_auth_wants_mobike (const IkeParent *parent);
/* auth.c, initiator: our AUTH was refused, maybe only because it covers another IKE_SA_INIT request than the one that was
 * answered. TRUE: that is not final, and @parent is over. */
gboolean ike_auth_doubts_cookie (IkeParent *parent, const IkeNotify *notify);
/* What our selectors are before the peer has a say; @local TRUE: ours. */
GArray *ike_auth_selectors (const IkeParent *parent, gboolean local);
GArray *ike_config_selectors (const IkeConfig *config, const IkePath *path, gboolean local);
/* Child SA keys without KE of its own, from the nonces of IKE_SA_INIT. */
gboolean ike_auth_child_keys (IkeParent *parent, IkeChild *child, const IkeSuite *suite);
/* What was asked for in IKE_AUTH, for a reason's detail. */
char *ike_auth_wanted_to_string (const IkeParent *parent);
GPtrArray *ike_auth_child_proposals (const IkeConfig *config);
/* Has the other end cut down what must not be (IkeChildConfig.exact)? Our own side only when it is configured. */
gboolean ike_auth_is_cut (const IkeConfig *config, const GArray *local_ts, const GArray *remote_ts,
                          const GArray *local_offer, const GArray *remote_offer);
/* RFC 7296 section 2.9: the peer may narrow what was offered. Who widens it all the same gets no more than the offer, which
 * is said. FALSE: nothing of it was offered, or, of a rekey (section 2.9.2), not all is there. */
gboolean ike_child_keep_offered (const IkeParent *parent, gboolean rekey, GArray **local_ts, GArray **remote_ts,
                                 const GArray *local_offer, const GArray *remote_offer);
/* As responder: the offered selectors, narrowed to what is configured, for @child, and the label that is. FALSE: nothing
 * is left, or malformed. */
gboolean ike_child_narrow (IkeChild *child, const IkePayloads *payloads);
/* TSi and TSr; labels of IkeChunk. FALSE: malformed. */
gboolean ike_child_read_ts (const IkePayloads *payloads, GArray *initiator, GArray *initiator_labels, GArray *responder,
                            GArray *responder_labels);
void ike_child_write_ts (IkeBuilder *builder, const GArray *initiator, const GArray *responder, GBytes *label);
/* nat-ts.c: what selectors of transport mode mean here; they are of @payloads, a request or an answer. */
void ike_nat_ts_read (const IkeParent *parent, const IkePayloads *payloads, GArray *local_ts, GArray *remote_ts);
/* After the peer is proven: CP, SA and TS of the final answer; ends the negotiation either way. */
void ike_auth_complete (IkeTask *task);
/* The SPI that the peer put into its proposal; 0: none that could be one. */
guint32 ike_child_peer_spi (const IkeSuite *suite);
/* The facts of a suite. */
void ike_child_set_suite (IkeChild *child, const IkeSuite *suite);
