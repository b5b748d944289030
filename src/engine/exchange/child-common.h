/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of CREATE_CHILD_SA for a Child SA do alike. */
#pragma once

#include "exchange/auth-common.h"

/* What a CREATE_CHILD_SA message for a Child SA holds, parsed; borrows the message. */
typedef struct {
  IkeSa sa;
  IkeChunk nonce;
  gboolean has_ke;
  guint16 group;
  IkeChunk public;
  GArray *initiator_ts, *responder_ts;
  GArray *initiator_labels, *responder_labels;
} IkeChildMessage;

/* FALSE: malformed. */
gboolean ike_child_message_parse (const IkePayloads *payloads, IkeChildMessage *ret);
void ike_child_message_clear (IkeChildMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeChildMessage, ike_child_message_clear)

/* Which Child SA a request rekeys, by the peer's words: TRUE when there is a REKEY_SA; *ret_spi 0: it names none. */
gboolean ike_child_rekey_spi (const IkePayloads *payloads, guint32 *ret_spi);
/* SA, nonce, KE and selectors after the notifications; @chosen NULL: our offer. */
void ike_child_write (IkeBuilder *builder, const IkeTask *task, const IkeChild *fresh, GPtrArray *proposals,
                      const IkeSuite *chosen);
/* RFC 7296 section 1.3.1: in an answer the peer may decline transport mode, but not bring it in, which is FALSE. */
gboolean ike_child_read_mode (const IkePayloads *payloads, gboolean wanted, gboolean *ret_transport_mode);
#define IKE_CHILD_STRANGE_MODE "transport mode, which we did not ask for"
/* KEYMAT from the task's nonces and shared secret, which is erased. FALSE: the provider cannot. */
gboolean ike_child_derive (IkeTask *task, IkeChild *fresh);
/* The Child SA that rekeys @old and was made by the peer (@ours FALSE) or by us. */
IkeChild *ike_child_successor (const IkeParent *parent, guint32 old, gboolean ours);
/* Takes it out of the kernel and out of the world. */
void ike_child_drop (IkeChild *child);
/* It carries traffic, or will. */
gboolean ike_child_is_alive (const IkeChild *child);
/* From now on it only receives, for a moment. */
void ike_child_linger (IkeChild *child);
GPtrArray *ike_child_proposals (const IkeConfig *config, gboolean with_ke);
/* Those that are offered without a key exchange as they are; empty: forward secrecy is insisted on. */
GPtrArray *ike_child_proposals_plain (const IkeConfig *config);
