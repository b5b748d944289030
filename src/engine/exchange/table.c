/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of exchanges, and the gate before it.
 *
 * Invariant: no handler runs but through a row, and no row is looked for but through the gate. What past engines let
 * through - a CREATE_CHILD_SA or an INFORMATIONAL of somebody unauthenticated (cve-2026-78135, cve-2014-2338,
 * cve-2019-12312) - is what these two tables do not list. Payload rules: RFC 7296 sections 1.2, 1.3, 1.4, appendix C.
 */
#include "exchange/exchange.h"

#include "exchange/handlers.h"
#include "exchange/probe.h"
#include "wire/payload-notify.h"

#define S(state) IKE_PARENT_BIT (state)
#define RULE(type, min, max)                                                                                           \
 {                                                                                                                     \
  IKE_PAYLOAD_##type, min, max                                                                                         \
 }
#define MANY 255 /* wire/message.h has its own limit */

/* ---- payload rules: tables, laid out by hand ---- */
/* clang-format off */

static const IkePayloadRule init_rules[] = {
  RULE (SA, 1, 1), RULE (KE, 1, 1), RULE (NONCE, 1, 1), RULE (CERTREQ, 0, MANY), RULE (NOTIFY, 0, MANY), { 0 },
};
/* RFC 5723 section 4.3.2: the ticket is a notification */
static const IkePayloadRule resume_rules[] = { RULE (NONCE, 1, 1), RULE (NOTIFY, 0, MANY), { 0 } };
/* no Child SA: RFC 6023, where the handler allows it */
static const IkePayloadRule auth_request_rules[] = {
  RULE (IDI, 1, 1), RULE (IDR, 0, 1), RULE (CERT, 0, MANY), RULE (CERTREQ, 0, MANY), RULE (AUTH, 0, 1),
  RULE (CP, 0, 1), RULE (SA, 0, 1), RULE (TSI, 0, 1), RULE (TSR, 0, 1), RULE (NOTIFY, 0, MANY), { 0 },
};
/* everything but IDr may be missing: EAP begins, or the Child SA was refused */
static const IkePayloadRule auth_response_rules[] = {
  RULE (IDR, 1, 1), RULE (CERT, 0, MANY), RULE (AUTH, 0, 1), RULE (EAP, 0, 1),
  RULE (CP, 0, 1), RULE (SA, 0, 1), RULE (TSI, 0, 1), RULE (TSR, 0, 1), RULE (NOTIFY, 0, MANY), { 0 },
};
/* RFC 4739: who proves itself once more; the first request has asked for the Child SA */
static const IkePayloadRule again_rules[] = { RULE (IDI, 1, 1), RULE (AUTH, 0, 1), RULE (NOTIFY, 0, MANY), { 0 } };
static const IkePayloadRule eap_rules[] = { RULE (EAP, 1, 1), RULE (NOTIFY, 0, MANY), { 0 } };
static const IkePayloadRule final_request_rules[] = { RULE (AUTH, 1, 1), RULE (NOTIFY, 0, MANY), { 0 } };
static const IkePayloadRule final_response_rules[] = {
  RULE (AUTH, 1, 1), RULE (CP, 0, 1), RULE (SA, 0, 1), RULE (TSI, 0, 1), RULE (TSR, 0, 1), RULE (NOTIFY, 0, MANY),
  { 0 },
};
static const IkePayloadRule child_rules[] = {
  RULE (SA, 1, 1), RULE (NONCE, 1, 1), RULE (KE, 0, 1), RULE (TSI, 1, 1), RULE (TSR, 1, 1), RULE (NOTIFY, 0, MANY),
  { 0 },
};
static const IkePayloadRule rekey_ike_rules[] = {
  RULE (SA, 1, 1), RULE (NONCE, 1, 1), RULE (KE, 1, 1), RULE (NOTIFY, 0, MANY), { 0 },
};
/* an IKE_INTERMEDIATE may hold anything that later documents put there */
static const IkePayloadRule intermediate_rules[] = { RULE (KE, 0, 1), RULE (NOTIFY, 0, MANY), { 0 } };
/* also of something that was forgotten, which is answered */
static const IkePayloadRule followup_rules[] = { RULE (KE, 0, 1), RULE (NOTIFY, 0, MANY), { 0 } };
static const IkePayloadRule info_rules[] = {
  RULE (NOTIFY, 0, MANY), RULE (DELETE, 0, MANY), RULE (CP, 0, 1), { 0 },
};

/* ---- rows ---- */

#define AUTHENTICATED (S (ESTABLISHED) | S (REPLACED) | S (DELETING))

const IkeExchangeRow ike_row_init = {
  "IKE_SA_INIT", IKE_EXCHANGE_IKE_SA_INIT, S (NEW), S (INIT), NULL, init_rules, init_rules,
  ike_init_start, ike_init_on_request, ike_init_on_response, ike_init_on_give_up,
};
const IkeExchangeRow ike_row_resume = {
  "IKE_SESSION_RESUME", IKE_EXCHANGE_IKE_SESSION_RESUME, S (NEW), S (INIT), NULL, resume_rules, resume_rules,
  ike_resume_start, ike_resume_on_request, ike_resume_on_response, ike_resume_on_give_up,
};
const IkeExchangeRow ike_row_intermediate = {
  "IKE_INTERMEDIATE", IKE_EXCHANGE_IKE_INTERMEDIATE, S (INTERMEDIATE), S (INTERMEDIATE), NULL,
  intermediate_rules, intermediate_rules,
  ike_intermediate_start, ike_intermediate_on_request, ike_intermediate_on_response, ike_intermediate_on_give_up,
};
const IkeExchangeRow ike_row_auth = {
  "IKE_AUTH", IKE_EXCHANGE_IKE_AUTH, S (AUTH), S (AUTH), NULL, auth_request_rules, auth_response_rules,
  ike_auth_start, ike_auth_on_request, ike_auth_on_response, ike_auth_on_give_up,
};
const IkeExchangeRow ike_row_auth_again = {
  "IKE_AUTH (again)", IKE_EXCHANGE_IKE_AUTH, S (AUTH_AGAIN), 0, NULL, again_rules, again_rules,
  NULL, ike_multi_on_request, NULL, NULL,
};
const IkeExchangeRow ike_row_auth_eap = {
  "IKE_AUTH (EAP)", IKE_EXCHANGE_IKE_AUTH, S (AUTH_EAP), S (AUTH_EAP), NULL, eap_rules, eap_rules,
  NULL, ike_eap_on_request, ike_eap_on_response, ike_auth_on_give_up,
};
const IkeExchangeRow ike_row_auth_final = {
  "IKE_AUTH (final)", IKE_EXCHANGE_IKE_AUTH, S (AUTH_FINAL), S (AUTH_FINAL), NULL, final_request_rules,
  final_response_rules, NULL, ike_eap_on_final_request, ike_eap_on_final_response, ike_auth_on_give_up,
};
const IkeExchangeRow ike_row_rekey_child = {
  "CREATE_CHILD_SA (rekey Child)", IKE_EXCHANGE_CREATE_CHILD_SA, AUTHENTICATED, AUTHENTICATED,
  ike_create_matches_rekey, child_rules, child_rules,
  ike_create_start, ike_create_on_request, ike_create_on_response, ike_create_on_give_up,
};
const IkeExchangeRow ike_row_rekey_ike = {
  "CREATE_CHILD_SA (rekey IKE)", IKE_EXCHANGE_CREATE_CHILD_SA, AUTHENTICATED, AUTHENTICATED,
  ike_rekey_matches, rekey_ike_rules, rekey_ike_rules,
  ike_rekey_start, ike_rekey_on_request, ike_rekey_on_response, ike_rekey_on_give_up,
};
const IkeExchangeRow ike_row_create_child = {
  "CREATE_CHILD_SA", IKE_EXCHANGE_CREATE_CHILD_SA, AUTHENTICATED, AUTHENTICATED,
  ike_create_matches_new, child_rules, child_rules,
  ike_create_start, ike_create_on_request, ike_create_on_response, ike_create_on_give_up,
};
const IkeExchangeRow ike_row_followup_ke = {
  "IKE_FOLLOWUP_KE", IKE_EXCHANGE_IKE_FOLLOWUP_KE, AUTHENTICATED, AUTHENTICATED, NULL, followup_rules, followup_rules,
  NULL, ike_followup_on_request, ike_followup_on_response, ike_followup_on_give_up,
};
const IkeExchangeRow ike_row_informational = {
  "INFORMATIONAL", IKE_EXCHANGE_INFORMATIONAL, AUTHENTICATED, 0, NULL, info_rules, info_rules,
  NULL, ike_info_on_request, NULL, NULL,
};
const IkeExchangeRow ike_row_liveness = {
  "INFORMATIONAL (liveness)", IKE_EXCHANGE_INFORMATIONAL, 0, AUTHENTICATED, NULL, info_rules, info_rules,
  ike_liveness_start, NULL, ike_liveness_on_response, ike_liveness_on_give_up,
};
const IkeExchangeRow ike_row_delete_child = {
  "INFORMATIONAL (delete Child)", IKE_EXCHANGE_INFORMATIONAL, 0, AUTHENTICATED, NULL, info_rules, info_rules,
  ike_delete_child_start, NULL, ike_delete_child_on_response, ike_delete_child_on_give_up,
};
const IkeExchangeRow ike_row_delete_ike = {
  "INFORMATIONAL (delete IKE)", IKE_EXCHANGE_INFORMATIONAL, 0, AUTHENTICATED, NULL, info_rules, info_rules,
  ike_delete_ike_start, NULL, ike_delete_ike_on_response, ike_delete_ike_on_give_up,
};
const IkeExchangeRow ike_row_update_addresses = {
  "INFORMATIONAL (addresses)", IKE_EXCHANGE_INFORMATIONAL, 0, AUTHENTICATED, NULL, info_rules, info_rules,
  ike_mobike_start, NULL, ike_mobike_on_response, ike_mobike_on_give_up,
};

const IkeExchangeRow ike_row_routability = {
  "INFORMATIONAL (routability)", IKE_EXCHANGE_INFORMATIONAL, 0, AUTHENTICATED, NULL, info_rules, info_rules,
  ike_routability_start, NULL, ike_routability_on_response, ike_routability_on_give_up,
};

const IkeExchangeRow ike_row_probe = {
  "INFORMATIONAL (probe)", IKE_EXCHANGE_INFORMATIONAL, 0, AUTHENTICATED, NULL, info_rules, info_rules,
  ike_probe_start, NULL, ike_probe_on_response, ike_probe_on_give_up,
};

static const IkeExchangeRow *const rows[] = {
  &ike_row_init, &ike_row_auth, &ike_row_auth_again, &ike_row_auth_eap, &ike_row_auth_final, &ike_row_rekey_child, &ike_row_rekey_ike,
  &ike_row_create_child, &ike_row_informational, &ike_row_liveness, &ike_row_delete_child, &ike_row_delete_ike,
  &ike_row_update_addresses, &ike_row_intermediate, &ike_row_followup_ke,
  &ike_row_routability, &ike_row_resume, &ike_row_probe,
};

/* clang-format on */

const IkeExchangeRow *
ike_table_find_request (guint8 exchange, IkeParentState state, const IkePayloads *payloads)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i]->exchange == exchange && rows[i]->request_states & (1u << state) &&
        (!rows[i]->matches || rows[i]->matches (payloads)))
      return rows[i];
  return NULL;
}

gboolean
ike_table_check (const IkePayloadRule *rules, IkePayloads *payloads, guint8 *ret_type)
{
  guint kept = 0;

  for (const IkePayloadRule *rule = rules; rule->type; rule++)
    {
      guint count = ike_payloads_count (payloads, rule->type);

      if (count < rule->min || count > rule->max)
        {
          *ret_type = rule->type;
          return FALSE;
        }
    }
  if (!ike_notify_all_valid (payloads))
    {
      *ret_type = IKE_PAYLOAD_NOTIFY;
      return FALSE;
    }
  for (guint i = 0; i < payloads->n; i++)
    for (const IkePayloadRule *rule = rules; rule->type; rule++)
      if (rule->type == payloads->at[i].type)
        {
          payloads->at[kept++] = payloads->at[i];
          break;
        }
  payloads->n = kept;
  return TRUE;
}

/* ---- the gate ---- */

#define BEFORE (S (NEW) | S (INIT))
#define DURING (S (AUTH) | S (AUTH_AGAIN) | S (AUTH_EAP) | S (AUTH_FINAL))

typedef enum { FROM_INITIATOR = 1, FROM_RESPONDER = 2, FROM_BOTH = 3 } From;

/* Which message may be looked at: exchange, request or answer, from which end (of the original exchange), in which
 * states of ours. Before and during authentication there is nothing but the exchange that brings it on. */
static const struct {
  IkeExchange exchange;
  gboolean response;
  From from;
  guint states;
} gate[] = {
  { IKE_EXCHANGE_IKE_SA_INIT, FALSE, FROM_INITIATOR, BEFORE },
  { IKE_EXCHANGE_IKE_SA_INIT, TRUE, FROM_RESPONDER, BEFORE },
  { IKE_EXCHANGE_IKE_SESSION_RESUME, FALSE, FROM_INITIATOR, BEFORE },
  { IKE_EXCHANGE_IKE_SESSION_RESUME, TRUE, FROM_RESPONDER, BEFORE },
  { IKE_EXCHANGE_IKE_INTERMEDIATE, FALSE, FROM_INITIATOR, S (INTERMEDIATE) },
  { IKE_EXCHANGE_IKE_INTERMEDIATE, TRUE, FROM_RESPONDER, S (INTERMEDIATE) },
  { IKE_EXCHANGE_IKE_AUTH, FALSE, FROM_INITIATOR, DURING },
  { IKE_EXCHANGE_IKE_AUTH, TRUE, FROM_RESPONDER, DURING },
  { IKE_EXCHANGE_CREATE_CHILD_SA, FALSE, FROM_BOTH, AUTHENTICATED },
  { IKE_EXCHANGE_CREATE_CHILD_SA, TRUE, FROM_BOTH, AUTHENTICATED },
  { IKE_EXCHANGE_IKE_FOLLOWUP_KE, FALSE, FROM_BOTH, AUTHENTICATED },
  { IKE_EXCHANGE_IKE_FOLLOWUP_KE, TRUE, FROM_BOTH, AUTHENTICATED },
  { IKE_EXCHANGE_INFORMATIONAL, FALSE, FROM_BOTH, AUTHENTICATED },
  { IKE_EXCHANGE_INFORMATIONAL, TRUE, FROM_BOTH, AUTHENTICATED },
};

gboolean
ike_gate_admits (const IkeParent *parent, guint8 exchange, gboolean response)
{
  From from = parent->initiator ? FROM_RESPONDER : FROM_INITIATOR;

  for (guint i = 0; i < G_N_ELEMENTS (gate); i++)
    if (gate[i].exchange == exchange && !gate[i].response == !response && gate[i].from & from &&
        gate[i].states & (1u << parent->state))
      return TRUE;
  return FALSE;
}
