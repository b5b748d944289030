/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IKE engine: a pure state machine for any number of connections.
 *
 * It has no clock, entropy, socket, file, main loop or log sink of its own. The caller's loop is always
 *
 *   ike_engine_handle (engine, input, now);
 *   while ((output = ike_engine_poll (engine)))
 *     { act on it; ike_output_free (output); }
 *   arm one timer for ike_engine_deadline (engine, NULL), which gives an IKE_INPUT_TICK
 *
 * One input, then drain everything, then the next: handle() asserts that the queue is empty.
 */
#pragma once

#include "ike-engine-io.h"

typedef struct _IkeEngine IkeEngine;

/* @crypto must outlive the engine. */
IkeEngine *ike_engine_new (const IkeCrypto *crypto);
void ike_engine_free (IkeEngine *engine);
/* Log outputs above @level are not even made; at first everything is. */
void ike_engine_set_log_level (IkeEngine *engine, IkeLogLevel level);

/* Makes a connection known; takes @take_config. Its id must be new and not 0. Nothing happens before START. */
void ike_engine_add (IkeEngine *engine, IkeConfig *take_config);
/* Forgets a connection at once, without a word to the peer; its kernel objects are deleted by outputs. */
void ike_engine_remove (IkeEngine *engine, guint32 connection);

/* Takes what it keeps out of @input (see there); the caller clears the rest. */
void ike_engine_handle (IkeEngine *engine, IkeInput *input, IkeTime now);
/* The next output, owned by the caller, or NULL. */
IkeOutput *ike_engine_poll (IkeEngine *engine);
/* When the engine wants the next TICK (IKE_TIME_NEVER: not at all), and the name of the timer that waits. */
IkeTime ike_engine_deadline (const IkeEngine *engine, const char **ret_timer);

/* Is nothing being negotiated, the first message without an answer so far, or another one for a second or more? */
gboolean ike_engine_is_silent (const IkeEngine *engine, guint32 connection);
/* Does an IKE SA go by this connection? */
gboolean ike_engine_uses (const IkeEngine *engine, const IkePath *path);

/* What is alive now, for status and for tests that nothing is left. */
typedef struct {
  guint ike_sas;
  guint child_sas;
  guint half_open;
  guint lingering; /* over: they only repeat their last answer, for a while */
  guint pending_jobs;
} IkeEngineCounts;
void ike_engine_get_counts (const IkeEngine *engine, IkeEngineCounts *ret);

/* One Child SA, and one IKE SA with its Child SAs, for people. Pointers are borrowed for the call. */
typedef struct {
  const char *state, *suite;
  gboolean transport_mode, encap;
  guint32 spi_in, spi_out;
  guint cpu; /* for what this processor sends, from 1 on; 0: for all */
  IkeChunk label; /* RFC 9478; empty: none */
  const GArray *local_ts, *remote_ts; /* IkeSelector */
  IkeTime age, rekey_in; /* NEVER: not */
} IkeChildReport;
typedef struct {
  const char *state, *suite;
  gboolean initiator, nat_here, nat_there, encap, mobike;
  guint64 spi_i, spi_r;
  const IkePath *path;
  const IkeIdentity *local_id, *remote_id; /* NULL: not known */
  const GArray *addresses; /* IkePrefix: inside the tunnel, ours or, of a server, the client's; NULL: none */
  IkeTime age, silence; /* since it was established, since something was heard; NEVER: not yet */
  IkeTime rekey_in, reauth_in; /* NEVER: not */
  const IkeChildReport *children;
  guint n_children;
} IkeSaReport;
typedef void (*IkeReportFunc) (const IkeSaReport *sa, gpointer data);
/* Each IKE SA that is not over, in no order. */
void ike_engine_report (const IkeEngine *engine, IkeTime now, IkeReportFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeEngine, ike_engine_free)
