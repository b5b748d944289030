/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The handlers of the rows in table.c, by file; and what one exchange wants of another. */
#pragma once

#include "exchange/ke.h"
#include "exchange/life.h"
#include "exchange/run.h"

/* init.c, init-respond.c */
void ike_init_start (IkeTask *task);
void ike_init_on_response (IkeTask *task);
void ike_init_on_request (IkeTask *task);
void ike_init_on_give_up (IkeTask *task, IkeReason *reason);
void ike_init_on_doubt (IkeParent *parent);
void ike_init_on_unreachable (IkeParent *parent, const char *text);
/* The first message of a new IKE SA. */
void ike_init_receive (IkeConnection *connection, const IkePath *path, const IkeMessage *message, IkeChunk datagram);

/* resume.c, resume-respond.c */
void ike_resume_start (IkeTask *task);
void ike_resume_on_response (IkeTask *task);
void ike_resume_on_request (IkeTask *task);
void ike_resume_on_give_up (IkeTask *task, IkeReason *reason);

/* intermediate.c, followup.c */
void ike_intermediate_start (IkeTask *task);
void ike_intermediate_on_response (IkeTask *task);
void ike_intermediate_on_request (IkeTask *task);
void ike_intermediate_on_give_up (IkeTask *task, IkeReason *reason);
void ike_followup_on_response (IkeTask *task);
void ike_followup_on_request (IkeTask *task);
void ike_followup_on_give_up (IkeTask *task, IkeReason *reason);

/* auth.c, auth-respond.c, eap.c, eap-respond.c */
/* The answer to IKE_SA_INIT wants work to be done before IKE_AUTH (RFC 8019). */
void ike_auth_note_puzzle (IkeParent *parent, const IkePayloads *payloads);
void ike_auth_start (IkeTask *task);
void ike_auth_on_response (IkeTask *task);
void ike_auth_on_give_up (IkeTask *task, IkeReason *reason);
void ike_auth_on_request (IkeTask *task);
/* Whose password it is; and its method is ready, in the state in which it runs. */
char *ike_eap_user (const IkeParent *parent);
void ike_eap_prepare (IkeParent *parent);
void ike_eap_begin (IkeTask *task);
void ike_eap_on_response (IkeTask *task);
void ike_eap_on_request (IkeTask *task);
void ike_eap_on_final_request (IkeTask *task);
void ike_multi_on_request (IkeTask *task);
void ike_eap_on_final_response (IkeTask *task);

/* create-child.c (ours), child-respond.c (the peer's) */
void ike_create_start (IkeTask *task);
void ike_create_on_response (IkeTask *task);
void ike_create_on_give_up (IkeTask *task, IkeReason *reason);
void ike_create_on_request (IkeTask *task);
gboolean ike_create_matches_rekey (const IkePayloads *request);
gboolean ike_create_matches_new (const IkePayloads *request);

/* rekey-ike.c */
void ike_rekey_start (IkeTask *task);
void ike_rekey_on_response (IkeTask *task);
void ike_rekey_on_request (IkeTask *task);
void ike_rekey_on_give_up (IkeTask *task, IkeReason *reason);
gboolean ike_rekey_matches (const IkePayloads *request);
/* The old IKE SA is at its end, and our rekey of it is unanswered. TRUE: the peer's own rekey had been answered; the
 * Child SAs are that one's now, and the old one is gone. */
gboolean ike_rekey_outlives (IkeParent *parent);
/* Before a request of the peer touches Child SAs of @parent: its fate, if it is open, is decided. FALSE: it is over. */
gboolean ike_rekey_adopt (IkeParent *parent);

/* path.c: what the caller knows of the network */
void ike_path_new (IkeConnection *connection, const IkePath *path, const IkePath *natt_path);
/* From where the caller says that we are, to where it says that the peer is; or the peer itself, if it has moved since. */
IkePath ike_path_for (const IkeParent *parent);
/* There is none to where it was to go. */
void ike_path_none (IkeConnection *connection);
void ike_path_hint (IkeConnection *connection);
void ike_path_check (IkeConnection *connection, gboolean slept);
/* After each repetition of a request. */
void ike_path_doubt (IkeParent *parent);
/* Nothing is negotiated, the first message has no answer yet, or another one has none for a second. */
gboolean ike_path_is_silent (const IkeConnection *connection);

/* liveness.c */
/* step of the task: with a token for the peer (RFC 6290), the wish for a ticket (RFC 5723), another gateway (RFC 5685), other
 * addresses of ours (RFC 4555) */
enum { IKE_LIVENESS_PLAIN, IKE_LIVENESS_TOKEN, IKE_LIVENESS_TICKET, IKE_LIVENESS_REDIRECT, IKE_LIVENESS_ADDRESSES };
void ike_liveness_begin (IkeParent *parent);
void ike_liveness_check (IkeParent *parent);
/* Ask soon whether the peer is still there, and by this path. */
void ike_liveness_doubt (IkeParent *parent);
void ike_liveness_start (IkeTask *task);
void ike_liveness_on_response (IkeTask *task);
void ike_liveness_on_give_up (IkeTask *task, IkeReason *reason);

/* info.c, delete.c, mobike.c */
void ike_info_on_request (IkeTask *task);
void ike_delete_child_start (IkeTask *task);
void ike_delete_child_on_response (IkeTask *task);
void ike_delete_child_on_give_up (IkeTask *task, IkeReason *reason);
void ike_delete_ike_start (IkeTask *task);
void ike_delete_ike_on_response (IkeTask *task);
void ike_delete_ike_on_give_up (IkeTask *task, IkeReason *reason);
void ike_delete_on_request (IkeTask *task); /* the Delete payloads of an INFORMATIONAL request */
/* The Child SAs are about to move: a deletion that waits for the kernel is answered now. May end the IKE SA. */
void ike_delete_hurry (IkeParent *parent);
void ike_mobike_start (IkeTask *task);
void ike_mobike_on_response (IkeTask *task);
void ike_mobike_on_give_up (IkeTask *task, IkeReason *reason);
void ike_mobike_on_request (IkeTask *task);
/* Does the answer say that the peer sees us as somebody else than before? */
gboolean ike_mobike_mapping_changed (IkeParent *parent, const IkeIncoming *message);
void ike_mobike_copy_cookie (IkeBuilder *builder, const IkeParent *parent, const IkePayloads *request);
void ike_routability_start (IkeTask *task);
void ike_routability_on_response (IkeTask *task);
void ike_routability_on_give_up (IkeTask *task, IkeReason *reason);
