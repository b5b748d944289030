/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives a recording (recorder.h) to an engine and asks whether it does what it did. Nothing of the file is believed
 * before its digest is right; but whoever makes up a file can give the engine what no caller would.
 */
#pragma once

#include "ike-engine-io.h"

#include <glib.h>

#define IKE_REPLAY_ERROR (ike_replay_error_quark ())
GQuark ike_replay_error_quark (void);
typedef enum {
  IKE_REPLAY_ERROR_NOT_ONE, /* no recording at all, or of another version */
  IKE_REPLAY_ERROR_DAMAGED,
  IKE_REPLAY_ERROR_DIFFERS, /* the engine does something else */
} IkeReplayError;

typedef struct {
  guint runs, inputs, outputs, answers; /* of the provider */
} IkeReplayCounts;

/* One line for each input and output, before it is compared. */
typedef void (*IkeReplayFunc) (const char *line, gpointer data);

/* @func may be NULL. @ret holds what was replayed also when it fails. */
gboolean ike_replay (IkeChunk file, IkeReplayFunc func, gpointer data, IkeReplayCounts *ret, GError **error);
