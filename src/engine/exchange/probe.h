/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How large may a packet to the peer be? */
#pragma once

#include "exchange/exchange.h"

void ike_probe_begin (IkeConnection *connection, guint32 octets);
/* So long the answer may take before the request is repeated. */
IkeTime ike_probe_interval (const IkeConnection *connection);
/* A new IKE SA stands for @old. @silent: because that has no answer. TRUE: the peer has been told that @old is over, as
 * its Delete would wait for that answer. */
gboolean ike_probe_outlived (IkeConnection *connection, IkeParent *old, gboolean silent);
/* Before its tasks are gone: who takes a probe badly is not sent another one. */
void ike_probe_ended (const IkeParent *parent, IkeReasonCode code);
void ike_probe_start (IkeTask *task);
void ike_probe_on_response (IkeTask *task);
void ike_probe_on_give_up (IkeTask *task, IkeReason *reason);
