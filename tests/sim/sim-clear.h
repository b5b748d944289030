/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engines protect, before they do: a test sees each chain of payloads that goes into an SK payload, and may
 * put another one in its place. So an end whose keys are right can be made to say what is wrong.
 */
#pragma once

#include "sim.h"

#include "wire/message.h"

/* One message that is about to be protected. */
typedef struct {
  const IkeHeader *header;
  gboolean from_initiator; /* of the IKE SA; whoever answers has the flag of an answer in @header */
  const IkePayloads *payloads;
} SimClear;

/* TRUE: @instead, an inner chain that was begun, takes its place. Its own messages are not seen while it runs. */
typedef gboolean (*SimClearFunc) (const SimClear *clear, IkeBuilder *instead, gpointer data);

/* From now on, for all engines; NULL: nobody looks any more. */
void sim_clear_watch (SimClearFunc func, gpointer data);
/* All payloads of @clear, but for those of @without; 0: all of them. */
void sim_clear_copy (const SimClear *clear, IkeBuilder *builder, guint8 without);
