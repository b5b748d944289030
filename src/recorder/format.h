/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file: a magic, then steps. A step is a length, a body, and a digest of all bodies up to here, so that damage is
 * noticed before anything of it is believed. A body is what one call of the engine was given, what the crypto provider
 * answered meanwhile, and what came out.
 */
#pragma once

#include "recorder/values.h"

#define RECORD_MAGIC "IKEREC1\n"
#define RECORD_MAGIC_LEN 8
#define RECORD_DIGEST_LEN 8
/* One step. */
#define RECORD_MAX_STEP (16 * 1024 * 1024)

typedef enum {
  RECORD_RUN, /* a new engine */
  RECORD_CONFIG, /* ike_engine_add() */
  RECORD_REMOVE, /* ike_engine_remove() */
  RECORD_INPUT, /* ike_engine_handle() */
} RecordStepType;

/* What of the provider was asked. */
typedef enum {
  RECORD_SUPPORTS,
  RECORD_RANDOM,
  RECORD_HASH,
  RECORD_PRF,
  RECORD_PRF_PLUS,
  RECORD_INTEG,
  RECORD_SEAL,
  RECORD_OPEN,
  RECORD_DES,
} RecordAsked;
const char *record_asked_name (RecordAsked asked);

typedef struct {
  RecordAsked asked;
  gboolean ok;
  IkeSecret *data; /* never NULL */
} RecordResult;
RecordResult *record_result_new (RecordAsked asked, gboolean ok, gconstpointer data, gsize len);
void record_result_free (RecordResult *result);

typedef struct {
  RecordStepType type;
  gboolean fips; /* RUN */
  guint8 log_level; /* RUN */
  IkeConfig *config; /* CONFIG */
  guint32 connection; /* REMOVE */
  IkeTime now; /* INPUT, as the rest */
  gboolean clear; /* its secret is none */
  IkeInput input;
  InputKept kept;
  GPtrArray *results; /* RecordResult */
  GPtrArray *outputs; /* char*: describe_output() */
} RecordStep;
RecordStep *record_step_new (RecordStepType type);
void record_step_free (RecordStep *step);

/* Up to the results, which are not known when the input is. */
void fields_step_head (Fields *fields, RecordStep *step);
void fields_step_tail (Fields *fields, RecordStep *step);

/* NULL: it is none. */
RecordStep *record_step_parse (IkeChunk body);
/* The digest after one more body; @digest is of those before, and replaced. */
void record_digest (guint8 digest[RECORD_DIGEST_LEN], IkeChunk body);
/* Stands for the private half of a key exchange; nobody may look into it. */
IkeKeKey *record_key (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RecordStep, record_step_free)
