/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an exchange is: one const row. Handlers live one file per exchange; this is all that they share.
 *
 * A handler parses, verifies in locals, commits once, and queues outputs. It ends by sending, by asking (and is called
 * again with the answer), or by finishing its task.
 */
#pragma once

#include "sa/connection.h"
#include "sa/parent.h"

/* How often a payload may be there. What a row does not list is not shown to its handler. */
typedef struct {
  guint8 type; /* IkePayloadType; 0 ends the list */
  guint8 min, max;
} IkePayloadRule;

struct _IkeExchangeRow {
  const char *name;
  IkeExchange exchange;
  guint request_states;  /* mask of IkeParentState: in which we answer the peer's */
  guint response_states; /* in which an answer to ours counts */
  gboolean (*matches) (const IkePayloads *request); /* which of several rows of the same exchange; NULL: any */
  const IkePayloadRule *request, *response;
  void (*start) (IkeTask *task);       /* ours: ask for what is needed, then send */
  void (*on_request) (IkeTask *task);  /* the peer's: task->message is there */
  void (*on_response) (IkeTask *task); /* the answer to ours: task->message is there */
  void (*on_give_up) (IkeTask *task, IkeReason *reason); /* no answer, or none that can be used; frees the task */
};

/* The rows, as others name them. */
extern const IkeExchangeRow ike_row_init, ike_row_auth, ike_row_auth_eap, ike_row_auth_final, ike_row_create_child,
    ike_row_rekey_child, ike_row_rekey_ike, ike_row_informational, ike_row_liveness, ike_row_delete_child,
    ike_row_delete_ike, ike_row_update_addresses;

/* ---- table.c ---- */

/* The row of a request of the peer in @state; NULL: there is none. */
const IkeExchangeRow *ike_table_find_request (guint8 exchange, IkeParentState state, const IkePayloads *payloads);
/* Counts, then hides what @rules do not list. FALSE: some payload is missing or there too often; *ret_type tells which. */
gboolean ike_table_check (const IkePayloadRule *rules, IkePayloads *payloads, guint8 *ret_type);
/* The one gate: may a message of this exchange be looked at at all, in this state and role? Nothing else decides that. */
gboolean ike_gate_admits (const IkeParent *parent, guint8 exchange, gboolean response);

/* ---- run.c: messages in and out of one IKE SA ---- */

/* A datagram for this IKE SA; not the first IKE_SA_INIT request of a new one. */
void ike_run_receive (IkeParent *parent, const IkeHeader *header, const IkePath *path, IkeChunk datagram);
/* Appends a task of ours; it starts when those before it are through. */
IkeTask *ike_run_queue (IkeParent *parent, const IkeExchangeRow *row);
/* Is such a task waiting or running (@child 0: for whatever Child SA)? */
IkeTask *ike_run_has (const IkeParent *parent, const IkeExchangeRow *row, guint32 child);
void ike_run_next (IkeParent *parent);
/* Sends our request; with IKE_SA_INIT maybe once more with other contents. */
void ike_run_send (IkeTask *task, IkeBuilder *builder);
/* The exchange that answered asks for another one, as IKE_AUTH does with EAP. */
void ike_run_continue (IkeTask *task, const IkeExchangeRow *row, IkeBuilder *builder);
/* Our task is over. Frees it and starts the next. */
void ike_run_finish (IkeTask *task);
/* Answers the peer's request. Frees the task. */
void ike_run_answer (IkeTask *task, IkeBuilder *builder);
/* Answers with nothing but one notification. */
void ike_run_answer_notify (IkeTask *task, IkeNotifyType type, IkeChunk data);
/* Drops the peer's request unanswered. */
void ike_run_drop (IkeTask *task);
/* One message to the peer that nobody waits for: a DELETE (@notify 0) or a notification. */
void ike_run_farewell (IkeParent *parent, guint16 notify);
void ike_run_on_retransmit (IkeParent *parent);
void ike_run_header (const IkeParent *parent, IkeExchange exchange, gboolean response, guint32 id, IkeHeader *ret);
void ike_run_set_path (IkeParent *parent, const IkePath *path);

/* ---- life.c: lifetimes, ends and beginnings ---- */

void ike_life_start (IkeConnection *connection);
void ike_life_stop (IkeConnection *connection);
void ike_life_new_path (IkeConnection *connection, const IkePath *path, const IkePath *natt_path);
/* The IKE SA has been established, or made by rekeying; arms its timers. */
void ike_life_established (IkeParent *parent);
/* The IKE SA ends now, for @reason (taken and cleared); @farewell tells the peer so, without waiting. */
typedef enum { IKE_FAREWELL_NONE, IKE_FAREWELL_DELETE, IKE_FAREWELL_AUTH_FAILED } IkeFarewell;
void ike_life_end (IkeParent *parent, IkeFarewell farewell, IkeReason *reason);
/* It only lingers, to repeat its last answer: a newer one has taken over, or the connection has ended. */
void ike_life_retire (IkeParent *parent);
/* The Child SAs go to @successor. */
void ike_life_replace (IkeParent *old, IkeParent *successor);
/* The Child SA is up in the kernel. */
void ike_life_child_up (IkeChild *child);
/* @child is ending, and not because another one replaces it: make another one, or end. Whoever calls this returns. */
void ike_life_child_gone (IkeChild *child, gboolean by_peer);
void ike_life_on_parent_timer (IkeParent *parent, IkeParentTimer timer);
void ike_life_on_child_timer (IkeChild *child, IkeChildTimer timer);
void ike_life_on_connection_timer (IkeConnection *connection, IkeConnectionTimer timer);
void ike_life_on_expire (IkeChild *child, gboolean hard);
void ike_life_on_mapping (IkeChild *child, const IkeEndpoint *remote);
/* An octet for jitter. */
guint8 ike_life_jitter (IkeCore *core);
/* @lifetime less @margin and up to another @margin at random; never less than half of @lifetime. */
IkeTime ike_life_soft (IkeCore *core, IkeTime lifetime, IkeTime margin);

/* ---- ke.c: the slow part of a task's key exchange ---- */

void ike_ke_generate (IkeTask *task, guint16 group, IkeWorkDone done);
void ike_ke_finish (IkeTask *task, IkeKeKey *take_key, guint16 group, IkeChunk peer, IkeWorkDone done);
void ike_ke_respond (IkeTask *task, guint16 group, IkeChunk peer, IkeWorkDone done);
/* Another group, as INVALID_KE_PAYLOAD wants it: 0 when it is not one of ours, or it has been too often. */
guint16 ike_ke_other_group (IkeMaterial *material, GPtrArray *proposals, IkeChunk notify_data);

/* ---- single exchanges ---- */

/* init.c, init-respond.c */
void ike_init_start (IkeTask *task);
void ike_init_on_response (IkeTask *task);
void ike_init_on_request (IkeTask *task);
void ike_init_on_give_up (IkeTask *task, IkeReason *reason);
void ike_init_on_doubt (IkeParent *parent);
void ike_init_on_unreachable (IkeParent *parent, const char *text);
/* The first message of a new IKE SA. */
void ike_init_receive (IkeConnection *connection, const IkePath *path, const IkeMessage *message, IkeChunk datagram);

/* auth.c, auth-respond.c, eap.c */
void ike_auth_start (IkeTask *task);
void ike_auth_on_response (IkeTask *task);
void ike_auth_on_give_up (IkeTask *task, IkeReason *reason);
void ike_auth_on_request (IkeTask *task);
void ike_eap_begin (IkeTask *task);
void ike_eap_on_response (IkeTask *task);
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

/* info.c, delete.c, mobike.c */
void ike_info_on_request (IkeTask *task);
void ike_liveness_start (IkeTask *task);
void ike_liveness_on_response (IkeTask *task);
void ike_liveness_on_give_up (IkeTask *task, IkeReason *reason);
void ike_delete_child_start (IkeTask *task);
void ike_delete_child_on_response (IkeTask *task);
void ike_delete_child_on_give_up (IkeTask *task, IkeReason *reason);
void ike_delete_ike_start (IkeTask *task);
void ike_delete_ike_on_response (IkeTask *task);
void ike_delete_ike_on_give_up (IkeTask *task, IkeReason *reason);
/* Answers the Delete payloads of an INFORMATIONAL request. */
void ike_delete_on_request (IkeTask *task);
void ike_mobike_start (IkeTask *task);
void ike_mobike_on_response (IkeTask *task);
void ike_mobike_on_give_up (IkeTask *task, IkeReason *reason);
void ike_mobike_on_request (IkeTask *task);
