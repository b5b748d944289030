/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CREATE_CHILD_SA and IKE_FOLLOWUP_KE want of each other. RFC 9370 section 2.2.4. */
#pragma once

#include "exchange/handlers.h"

#include "wire/payload-notify.h"

/* Ours: the answer in task->message was good and its key exchange is done: the next one, or the end. */
void ike_followup_continue (IkeTask *task);
/* The peer's: ends the answer that is in @builder, sends it, and keeps the task's material for the next request. Frees
 * the task. FALSE: the provider cannot; nothing was done. */
gboolean ike_followup_suspend (IkeTask *task, IkeBuilder *builder);
/* Our value in the answer to the last one. */
void ike_followup_write (IkeBuilder *builder, const IkeTask *task);
void ike_followup_on_timer (IkeParent *parent);
void ike_followup_drop_all (IkeParent *parent);
/* The lower nonce of the peer's rekey of this IKE SA, which is in the middle of its key exchanges; NULL: there is none. */
GBytes *ike_followup_rival (const IkeParent *parent);

/* create-child.c, child-respond.c, rekey-ike.c: all key exchanges are done */
void ike_create_complete (IkeTask *task);
void ike_create_respond_complete (IkeTask *task);
void ike_rekey_complete (IkeTask *task);
void ike_rekey_respond_complete (IkeTask *task);
/* The peer made something that we cannot use; or it refuses. */
void ike_create_fail (IkeTask *task, const char *what);
void ike_rekey_fail (IkeTask *task);
void ike_create_refused (IkeTask *task, const IkeNotify *notify);
void ike_rekey_refused (IkeTask *task, const IkeNotify *notify);
