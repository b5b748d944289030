/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages in and out of one IKE SA, and the queue of exchanges that we begin. RFC 7296 sections 2.1 to 2.5; RFC
 * 7383. */
#pragma once

#include "exchange/exchange.h"

/* A datagram for this IKE SA; not the first IKE_SA_INIT request of a new one. */
void ike_run_receive (IkeParent *parent, const IkeHeader *header, const IkePath *path, IkeChunk datagram);
/* Appends a task of ours; it starts when those before it are through. */
IkeTask *ike_run_queue (IkeParent *parent, const IkeExchangeRow *row);
/* The same before all that have not begun. */
IkeTask *ike_run_queue_next (IkeParent *parent, const IkeExchangeRow *row);
/* Is such a task waiting or running (@child 0: for whatever Child SA)? */
IkeTask *ike_run_has (const IkeParent *parent, const IkeExchangeRow *row, guint32 child);
void ike_run_next (IkeParent *parent);
/* SET_WINDOW_SIZE: so many requests we take at once. */
void ike_run_announce_window (IkeBuilder *builder, const IkeParent *parent);
/* Sends our request; with IKE_SA_INIT maybe once more with other contents. */
void ike_run_send (IkeTask *task, IkeBuilder *builder);
/* A message that was held may go on: one of the peer's, since its predecessor is answered, or one of ours. */
void ike_run_on_window (IkeParent *parent);
/* TRUE: a request of the peer's was held, and has been taken up. */
gboolean ike_run_receive_held (IkeParent *parent);
/* Its answer has come, and is accepted; what waited for a place in the window goes out. */
void ike_run_answered (IkeTask *task);
/* The exchange that answered asks for another one, as IKE_AUTH does with EAP. */
void ike_run_continue (IkeTask *task, const IkeExchangeRow *row, IkeBuilder *builder);
/* Our task is over. Frees it and starts the next. */
void ike_run_finish (IkeTask *task);
/* Answers the peer's request. Frees the task. */
void ike_run_answer (IkeTask *task, IkeBuilder *builder);
/* Answers with nothing but one notification. */
void ike_run_answer_notify (IkeTask *task, IkeNotifyType type, IkeChunk data);
/* RFC 7296 section 2.21.3: @what of the peer's request is malformed, which ends the IKE SA at both ends. Frees the task. */
void ike_run_answer_syntax (IkeTask *task, const char *what);
/* Drops the peer's request unanswered. */
void ike_run_drop (IkeTask *task);
/* One message to the peer that nobody waits for: a DELETE (@notify 0) or a notification. */
void ike_run_farewell (IkeParent *parent, guint16 notify);
/* The same when the peer has probably not seen our request: it expects that id, or the next. */
void ike_run_farewell_unseen (IkeParent *parent);
void ike_run_on_retransmit (IkeParent *parent);
/* What is unanswered is sent again as soon as if it were sent for the first time now. */
void ike_run_soon (IkeParent *parent);
/* The same after a sleep, which is no time in which an answer could have come: patience begins anew, too. */
void ike_run_awake (IkeParent *parent);
/* What is unanswered is sent again now, once more than it would be; what is known of it does not change. */
void ike_run_repeat (IkeParent *parent);
/* What is unanswered is sent again now, and from then on as if for the first time: there is another path. */
void ike_run_again (IkeParent *parent);
void ike_run_header (const IkeParent *parent, IkeExchange exchange, gboolean response, guint32 id, IkeHeader *ret);
/* As they are. */
void ike_run_out (IkeParent *parent, const IkePath *path, const GPtrArray *datagrams);
/* An answer that is no part of the window. */
void ike_run_answer_apart (IkeParent *parent, const IkePath *path, IkeExchange exchange, guint32 id, IkeBuilder *builder);
/* What is unanswered goes out with the ids that are next now. */
void ike_run_renumbered (IkeParent *parent);
void ike_run_set_path (IkeParent *parent, const IkePath *path);
