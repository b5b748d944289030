/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE_AUTH as responder, in the order in which it goes: auth-respond.c judges and proves, eap-respond.c does both with
 * EAP, admit.c lets in, respond-child.c makes the Child SA and answers. Each of these ends the task or asks.
 */
#pragma once

#include "exchange/auth-common.h"
#include "sa/client.h"
#include "sa/serve.h"

/* Until a client has deleted an IKE SA that is of no use to it any more: it was sent away, got no address, or has another
 * one. */
#define IKE_LEAVE_TIME (30 * IKE_SECOND)

/* Payloads of the request that asked for the Child SA: with EAP that was the first of several. */
const IkePayloads *ike_respond_payloads (const IkeTask *task);
/* The IKE SA ends unestablished; its answer is kept for a while, for repetitions. */
void ike_respond_refuse (IkeTask *task, IkeReason *reason);
void ike_respond_refuse_for (IkeTask *task, IkeReasonCode code, const char *detail);
/* IDr, CERT, AUTH as far as there are any. */
void ike_respond_write_identity (IkeBuilder *builder, IkeParent *parent);
/* The message has an AUTH: first its post-quantum pre-shared key, then that (ike_eap_respond_judge: after EAP). */
void ike_respond_judge (IkeTask *task);
void ike_eap_respond_judge (IkeTask *task);
/* We are proven; the client has sent no AUTH. */
void ike_eap_respond_begin (IkeTask *task);
/* The client is proven. */
void ike_respond_admit (IkeTask *task);
/* The answer without a Child SA; @why 0: as the initiator wants it. */
void ike_respond_without_child (IkeTask *task, guint16 why, IkeChunk data);
/* The new IKE SA of a client stands: those that it had before may go. It ends again before they are gone: the last of
 * them goes on. */
void ike_respond_succeed (IkeParent *fresh);
void ike_respond_restore (const IkeClient *client);
/* It stands without a Child SA: only for a while, if none is for it (barred), or its client has another IKE SA already. */
void ike_respond_bound (IkeParent *parent);
/* The client does not know the Child SA any more that we rekey, and may not know that it has none: the same, until it makes
 * one; but not if it began without. */
void ike_respond_child_lost (IkeParent *parent);
/* It was to end soon: it goes on as long as any other. */
void ike_respond_let_be (IkeParent *parent);
/* Then there is one. */
void ike_respond_child_up (IkeParent *parent);
/* @child waits for its client to change over from another IKE SA: has it? Then it sends from now on. */
void ike_respond_change_over (IkeChild *child);
/* It has been let in. */
void ike_respond_child (IkeTask *task);
