/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes down what one engine is given and what it makes of it, so that the run can be repeated elsewhere (replay.h).
 *
 *   ike_recorder_input (recorder, input, now);
 *   ike_engine_handle (engine, input, now);
 *   while ((output = ike_engine_poll (engine)))
 *     ike_recorder_output (recorder, output);
 *   ike_recorder_done (recorder);
 *
 * and the engine is made with ike_recorder_crypto(). Since the answers of the crypto provider are recorded, a replay
 * computes nothing and needs no key. What is in a recording:
 *
 *   - the configuration: identities, addresses, certificates, selectors; no pre-shared key, no private key, and in the
 *     place of a secret octets of the same length;
 *   - every datagram, and of what was encrypted in it the text: identities, certificates, EAP, addresses that were given;
 *   - random octets, digests, checksums; what is used as a key in the same step (SKEYSEED, the inner key of a PSK, a
 *     ticket's key and what was sealed in it) is erased first, and so is all that prf+ gives: no key of an SA is there.
 *
 * With the digests of EAP-MSCHAPv2 and -MD5 and the AUTH of a pre-shared key somebody who has the file can try passwords
 * one after the other, as the other end could. What MSCHAPv2 exports (the MSK) is there as well: it is over with the
 * IKE_AUTH that it was for.
 */
#pragma once

#include "ike-engine-io.h"

typedef struct _IkeRecorder IkeRecorder;

/* Octets for the end of the file; FALSE: no more can be written. No octets: a step is too large to be recorded. */
typedef gboolean (*IkeRecorderSink) (const guint8 *octets, gsize len, gpointer data);

/* The first octets of a file, for its sink. */
gboolean ike_recorder_begin (IkeRecorderSink sink, gpointer data);
/* A new engine with this log level; several may follow each other in one file. @real must outlive it. */
IkeRecorder *ike_recorder_new (const IkeCrypto *real, IkeLogLevel level, IkeRecorderSink sink, gpointer data);
void ike_recorder_free (IkeRecorder *recorder);
/* For the engine alone: not for threads, not for jobs. */
const IkeCrypto *ike_recorder_crypto (const IkeRecorder *recorder);

/* Before ike_engine_add(), _remove(), _handle(); each is ended by done(). Without a recorder (NULL) nothing happens. */
void ike_recorder_config (IkeRecorder *recorder, const IkeConfig *config);
void ike_recorder_remove (IkeRecorder *recorder, guint32 connection);
void ike_recorder_input (IkeRecorder *recorder, const IkeInput *input, IkeTime now);
void ike_recorder_output (IkeRecorder *recorder, const IkeOutput *output);
void ike_recorder_done (IkeRecorder *recorder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeRecorder, ike_recorder_free)
