/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What create-child.c and create-refused.c want of each other: a Child SA that we ask for. */
#pragma once

#include "exchange/child-common.h"
#include "exchange/followup.h"

/* step of the task: none of the proposals has a key exchange */
enum { IKE_CREATE_USUAL, IKE_CREATE_WITHOUT_KE };

IkeChild *ike_create_fresh (const IkeTask *task);
IkeChild *ike_create_old (const IkeTask *task);
/* Is the old one of a rekey still there to be rekeyed? */
gboolean ike_create_old_stays (const IkeTask *task);
/* Nothing came of it, and the peer knows nothing of it: the old one, if any, goes on. */
void ike_create_abandon (IkeTask *task);
/* RFC 9611: one that is for a single processor is no condition of anything. @made: the peer has it. FALSE: it is another. */
gboolean ike_create_do_without (IkeTask *task, const char *why, gboolean made);
void ike_create_end (IkeTask *task, IkeReasonCode code, guint16 notify, const char *detail);
/* RFC 7296 section 2.25: not at once, and not for ever; then @code, @notify and @detail say why it is over. */
void ike_create_put_off (IkeTask *task, IkeReasonCode code, guint16 notify, const char *detail);
/* The same request once more, with the key exchange of @group, or without any. */
void ike_create_ask_again (IkeTask *task, guint16 group);
/* create-refused.c: a connection that may have several goes on with the Child SAs that it has. @made: the peer has this
 * one. FALSE: it has none, or only one. */
gboolean ike_create_leave_out (IkeTask *task, gboolean made);
