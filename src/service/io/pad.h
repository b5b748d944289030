/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A one-time pad of post-quantum pre-shared keys: which part of it a key is, as PPK_ID says it, and the key. RFC 8784
 * section 5.1 leaves the format to both ends: the type PPK_ID_OPAQUE, the offset in 64 bits, the name (ppk-id).
 */
#pragma once

#include "helper-pad.h"
#include "io/jobs.h"

typedef struct {
  char *name;
  gboolean from_back; /* the other end of two that both may begin takes from the front: they never take the same */
} Pad;

/* The answer to the engine's IKE_JOB_SECRET: @id NULL: the next one, whose PPK_ID is then with the answer; else what the
 * other end names. @pad is not needed any more afterwards. */
void pad_take (const Pad *pad, HelperClient *helper, GBytes *id, JobDoneFunc done, gpointer data);

/* ---- for tests ---- */
GBytes *pad_id_new (const Pad *pad, guint64 offset);
gboolean pad_id_parse (const Pad *pad, IkeChunk id, guint64 *ret_offset); /* FALSE: malformed, or of another name */
