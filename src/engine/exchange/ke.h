/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slow part of a task's key exchange. */
#pragma once

#include "exchange/run.h"

void ike_ke_generate (IkeTask *task, guint16 group, IkeWorkDone done);
/* The peer refuses the key exchange that the task has begun: it is given up for one of @group; 0: for none. */
void ike_ke_again (IkeTask *task, guint16 group, IkeWorkDone done);
void ike_ke_finish (IkeTask *task, IkeKeKey *take_key, guint16 group, IkeChunk peer, IkeWorkDone done);
void ike_ke_respond (IkeTask *task, guint16 group, IkeChunk peer, IkeWorkDone done);
/* Another group, as INVALID_KE_PAYLOAD wants it: 0 when it is not one of ours, or it has been too often. */
guint16 ike_ke_other_group (IkeMaterial *material, GPtrArray *proposals, IkeChunk notify_data);
/* The group of the additional key exchange that is next; 0: all are done. */
guint16 ike_ke_additional (const IkeMaterial *material);
