/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invariant: between two steps nothing that the provider has answered is kept, and what is written has been searched for
 * all keys of its step.
 */
#include "recorder/recorder.h"

#include "crypto/suites.h"
#include "recorder/describe.h"
#include "recorder/format.h"

/* What is shorter is no key that can be told from other octets. */
#define MIN_KEY 16

struct _IkeRecorder {
  IkeCrypto table; /* first: the provider that the engine sees */
  const IkeCrypto *real;
  IkeRecorderSink sink;
  gpointer sink_data;
  gboolean over; /* the sink takes no more */
  guint8 digest[RECORD_DIGEST_LEN];
  GHashTable *inside; /* numbers of TLS jobs whose answer's secret is what the server said */
  RecordStep *step; /* NULL: between two */
  IkeWriter body;
};

/* ---- the provider ---- */

static IkeRecorder *
recorder_of (const IkeCrypto *crypto)
{
  return (IkeRecorder *) crypto->data;
}

static gboolean
keep (IkeRecorder *self, RecordAsked asked, gboolean ok, gconstpointer data, gsize len)
{
  if (self->step && !self->over)
    g_ptr_array_add (self->step->results, record_result_new (asked, ok, data, ok ? len : 0));
  return ok;
}

/* What is a key now does not stay in an answer of before. */
static void
hide (IkeRecorder *self, const guint8 *key, gsize len)
{
  if (!self->step || len < MIN_KEY)
    return;
  for (guint i = 0; i < self->step->results->len; i++)
    {
      const RecordResult *result = self->step->results->pdata[i];
      guint8 *found, *data = ike_secret_data (result->data);

      while ((found = memmem (data, ike_secret_len (result->data), key, len)))
        memset (found, 0, len);
    }
}

static gboolean
record_supports (const IkeCrypto *crypto, IkeTransformType type, guint16 id, guint16 key_bits)
{
  IkeRecorder *self = recorder_of (crypto);

  return keep (self, RECORD_SUPPORTS, self->real->supports (self->real, type, id, key_bits), NULL, 0);
}

static gboolean
record_verifies (const IkeCrypto *crypto, const struct _IkeSigScheme *scheme)
{
  IkeRecorder *self = recorder_of (crypto);

  return keep (self, RECORD_SUPPORTS, self->real->verifies (self->real, scheme), NULL, 0);
}

static gboolean
record_random (const IkeCrypto *crypto, guint8 *out, gsize len)
{
  IkeRecorder *self = recorder_of (crypto);

  return keep (self, RECORD_RANDOM, self->real->random (self->real, out, len), out, len);
}

static gboolean
record_hash (const IkeCrypto *crypto, IkeHashId hash, const IkeChunk *parts, guint n_parts, guint8 *out)
{
  IkeRecorder *self = recorder_of (crypto);

  return keep (self, RECORD_HASH, self->real->hash (self->real, hash, parts, n_parts, out), out, ike_hash_len (hash));
}

static gboolean
record_prf (const IkeCrypto *crypto, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
            guint n_parts, guint8 *out)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);
  IkeRecorder *self = recorder_of (crypto);

  hide (self, key, key_len);
  return keep (self, RECORD_PRF, alg && self->real->prf (self->real, prf, key, key_len, parts, n_parts, out), out,
               alg ? alg->output : 0);
}

/* Keys, all of them: only their length is kept. */
static gboolean
record_prf_plus (const IkeCrypto *crypto, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
                 guint n_parts, guint8 *out, gsize out_len)
{
  g_autofree guint8 *zeros = g_malloc0 (out_len);
  IkeRecorder *self = recorder_of (crypto);

  hide (self, key, key_len);
  return keep (self, RECORD_PRF_PLUS,
               self->real->prf_plus (self->real, prf, key, key_len, parts, n_parts, out, out_len), zeros, out_len);
}

static gboolean
record_integ (const IkeCrypto *crypto, guint16 integ, const guint8 *key, gsize key_len, const IkeChunk *parts,
              guint n_parts, guint8 *out)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_INTEG, integ);
  IkeRecorder *self = recorder_of (crypto);

  hide (self, key, key_len);
  return keep (self, RECORD_INTEG, alg && self->real->integ (self->real, integ, key, key_len, parts, n_parts, out), out,
               alg ? alg->icv : 0);
}

/* The tag stands behind what is encrypted. */
static gboolean
record_seal (const IkeCrypto *crypto, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
             const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, guint8 *tag)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, encr);
  IkeRecorder *self = recorder_of (crypto);
  gsize tag_len = alg && tag ? alg->icv : 0;
  gboolean ok = self->real->seal (self->real, encr, key, key_len, iv, aad, in, len, out, tag);
  g_autofree guint8 *both = g_malloc (len + tag_len);

  hide (self, key, key_len);
  if (ok)
    {
      memcpy (both, out, len);
      if (tag_len > 0)
        memcpy (both + len, tag, tag_len);
    }
  return keep (self, RECORD_SEAL, ok, both, len + tag_len);
}

static gboolean
record_open (const IkeCrypto *crypto, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
             const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, const guint8 *tag)
{
  IkeRecorder *self = recorder_of (crypto);

  hide (self, key, key_len);
  return keep (self, RECORD_OPEN, self->real->open (self->real, encr, key, key_len, iv, aad, in, len, out, tag), out,
               len);
}

static gboolean
record_des_block (const IkeCrypto *crypto, const guint8 key[8], const guint8 in[8], guint8 out[8])
{
  IkeRecorder *self = recorder_of (crypto);

  return keep (self, RECORD_DES, self->real->des_block (self->real, key, in, out), out, 8);
}

static void
free_key (const IkeCrypto *crypto, IkeKeKey *key)
{
  const IkeCrypto *real = recorder_of (crypto)->real;

  real->ke_free (real, key);
}

/* ---- the file ---- */

gboolean
ike_recorder_begin (IkeRecorderSink sink, gpointer data)
{
  return sink ((const guint8 *) RECORD_MAGIC, RECORD_MAGIC_LEN, data);
}

static void
begin (IkeRecorder *self, RecordStep *take_step)
{
  Fields fields = { .out = &self->body };

  g_assert (!self->step);
  self->step = take_step;
  if (!self->over)
    fields_step_head (&fields, self->step);
}

/* The step as it goes into the file. */
static GBytes *
step_frame (IkeRecorder *self)
{
  IkeWriter frame = IKE_WRITER (RECORD_MAX_STEP + 64);
  Fields fields = { .out = &self->body };
  IkeChunk body;

  fields_step_tail (&fields, self->step);
  if (!fields_ok (&fields))
    return NULL;
  body = ike_writer_chunk (&self->body);
  record_digest (self->digest, body);
  ike_write_u32 (&frame, (guint32) body.len);
  ike_write_chunk (&frame, body);
  ike_write_bytes (&frame, self->digest, RECORD_DIGEST_LEN);
  return ike_writer_finish (&frame);
}

void
ike_recorder_done (IkeRecorder *self)
{
  g_autoptr (GBytes) frame = NULL;
  IkeChunk octets;

  if (!self)
    return;
  g_assert (self->step);
  if (!self->over)
    {
      frame = step_frame (self);
      octets = ike_chunk_bytes (frame);
      self->over = !self->sink (octets.data, octets.len, self->sink_data) || !frame;
    }
  ike_writer_clear (&self->body);
  g_clear_pointer (&self->step, record_step_free);
}

IkeRecorder *
ike_recorder_new (const IkeCrypto *real, IkeLogLevel level, IkeRecorderSink sink, gpointer data)
{
  IkeRecorder *self = g_new0 (IkeRecorder, 1);
  RecordStep *step = record_step_new (RECORD_RUN);

  self->real = real;
  self->sink = sink;
  self->sink_data = data;
  self->inside = g_hash_table_new (NULL, NULL);
  self->body = (IkeWriter) IKE_WRITER (RECORD_MAX_STEP);
  self->table = (IkeCrypto){
    .data = self,
    .fips = real->fips,
    .supports = record_supports,
    .verifies = record_verifies,
    .random = record_random,
    .hash = record_hash,
    .prf = record_prf,
    .prf_plus = record_prf_plus,
    .integ = record_integ,
    .seal = record_seal,
    .open = record_open,
    .des_block = record_des_block,
    .ke_free = free_key,
  };
  step->fips = real->fips;
  step->log_level = (guint8) level;
  begin (self, step);
  ike_recorder_done (self);
  return self;
}

void
ike_recorder_free (IkeRecorder *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->step, record_step_free);
  ike_writer_clear (&self->body);
  g_hash_table_unref (self->inside);
  g_free (self);
}

const IkeCrypto *
ike_recorder_crypto (const IkeRecorder *self)
{
  return &self->table;
}

/* ---- steps ---- */

void
ike_recorder_config (IkeRecorder *self, const IkeConfig *config)
{
  RecordStep *step;

  if (!self)
    return;
  step = record_step_new (RECORD_CONFIG);
  step->config = (IkeConfig *) config; /* a writer changes nothing */
  begin (self, step);
  step->config = NULL;
}

void
ike_recorder_remove (IkeRecorder *self, guint32 connection)
{
  RecordStep *step;

  if (!self)
    return;
  step = record_step_new (RECORD_REMOVE);
  step->connection = connection;
  begin (self, step);
}

void
ike_recorder_input (IkeRecorder *self, const IkeInput *input, IkeTime now)
{
  RecordStep *step;

  if (!self)
    return;
  step = record_step_new (RECORD_INPUT);
  step->now = now;
  step->clear = input->type == IKE_INPUT_JOB && g_hash_table_remove (self->inside, GUINT_TO_POINTER (input->number));
  step->input = *input;
  begin (self, step);
  step->input = (IkeInput){ 0 }; /* it is the caller's */
}

void
ike_recorder_output (IkeRecorder *self, const IkeOutput *output)
{
  if (!self)
    return;
  if (output->type == IKE_OUTPUT_JOB && output->job->type == IKE_JOB_TLS && output->job->tls->op != IKE_TLS_EXPORT)
    g_hash_table_add (self->inside, GUINT_TO_POINTER (output->number));
  if (!self->over)
    g_ptr_array_add (self->step->outputs, describe_output (output));
}
