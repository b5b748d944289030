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
  guint request_states; /* mask of IkeParentState: in which we answer the peer's */
  guint response_states; /* in which an answer to ours counts */
  gboolean (*matches) (const IkePayloads *request); /* which of several rows of the same exchange; NULL: any */
  const IkePayloadRule *request, *response;
  void (*start) (IkeTask *task); /* ours: ask for what is needed, then send */
  void (*on_request) (IkeTask *task); /* the peer's: task->message is there */
  void (*on_response) (IkeTask *task); /* the answer to ours: task->message is there */
  void (*on_give_up) (IkeTask *task, IkeReason *reason); /* no answer, or none that can be used; frees the task */
};

/* The rows, as others name them. */
extern const IkeExchangeRow ike_row_init, ike_row_resume, ike_row_auth, ike_row_auth_again, ike_row_auth_eap,
    ike_row_auth_final, ike_row_create_child, ike_row_rekey_child, ike_row_rekey_ike, ike_row_intermediate,
    ike_row_followup_ke, ike_row_informational, ike_row_liveness, ike_row_delete_child, ike_row_delete_ike,
    ike_row_update_addresses, ike_row_routability, ike_row_probe;

/* ---- table.c ---- */

/* IKE_SA_INIT, and IKE_SESSION_RESUME, which stands for it (RFC 5723): nothing of them is protected, and their answer is
 * not believed before its handler says so. */
static inline gboolean
ike_exchange_is_first (guint8 exchange)
{
  return exchange == IKE_EXCHANGE_IKE_SA_INIT || exchange == IKE_EXCHANGE_IKE_SESSION_RESUME;
}
/* The row of a request of the peer in @state; NULL: there is none. */
const IkeExchangeRow *ike_table_find_request (guint8 exchange, IkeParentState state, const IkePayloads *payloads);
/* Counts, then hides what @rules do not list. FALSE: some payload is missing or there too often; *ret_type tells
 * which. */
gboolean ike_table_check (const IkePayloadRule *rules, IkePayloads *payloads, guint8 *ret_type);
/* The one gate: may a message of this exchange be looked at at all, in this state and role? Nothing else decides
 * that. */
gboolean ike_gate_admits (const IkeParent *parent, guint8 exchange, gboolean response);
