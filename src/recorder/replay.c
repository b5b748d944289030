/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns an engine and a crypto provider that only repeats what it once said. See replay.h. */
#include "recorder/replay.h"

#include "ike-engine.h"

#include "crypto/suites.h"
#include "recorder/describe.h"
#include "recorder/format.h"

typedef struct {
  IkeCrypto table; /* first */
  IkeEngine *engine; /* NULL: no run has begun */
  guint8 digest[RECORD_DIGEST_LEN];
  RecordStep *step;
  guint answer; /* which of the step's results is next */
  char *trouble; /* the engine asked for something else */
  IkeReplayFunc func;
  gpointer data;
  IkeReplayCounts *counts;
} Replay;

GQuark
ike_replay_error_quark (void)
{
  return g_quark_from_static_string ("ike-replay-error");
}

/* ---- the provider: says again what it said ---- */

static Replay *
replay_of (const IkeCrypto *crypto)
{
  return (Replay *) crypto->data;
}

/* The next answer, which must be one to this, of @len octets; NULL: it was no, or the engine has gone astray. */
static const guint8 *
answer (Replay *self, RecordAsked asked, gsize len)
{
  const GPtrArray *results = self->step->results;
  const RecordResult *result = self->answer < results->len ? results->pdata[self->answer] : NULL;

  if (self->trouble)
    return NULL;
  if (!result || result->asked != asked || (result->ok && ike_secret_len (result->data) != len))
    {
      self->trouble =
          g_strdup_printf ("it asks for %s of %" G_GSIZE_FORMAT " octets where it was %s", record_asked_name (asked),
                           len, result ? record_asked_name (result->asked) : "over");
      return NULL;
    }
  self->answer++;
  self->counts->answers++;
  return result->ok ? ike_secret_data (result->data) : NULL;
}

static gboolean
replay_into (Replay *self, RecordAsked asked, guint8 *out, gsize len)
{
  const guint8 *said = answer (self, asked, len);

  if (said)
    memcpy (out, said, len);
  return said != NULL;
}

static gboolean
replay_supports (const IkeCrypto *crypto, IkeTransformType type, guint16 id, guint16 key_bits)
{
  return answer (replay_of (crypto), RECORD_SUPPORTS, 0) != NULL;
}

static gboolean
replay_verifies (const IkeCrypto *crypto, const struct _IkeSigScheme *scheme)
{
  return answer (replay_of (crypto), RECORD_SUPPORTS, 0) != NULL;
}

static gboolean
replay_random (const IkeCrypto *crypto, guint8 *out, gsize len)
{
  return replay_into (replay_of (crypto), RECORD_RANDOM, out, len);
}

static gboolean
replay_hash (const IkeCrypto *crypto, IkeHashId hash, const IkeChunk *parts, guint n_parts, guint8 *out)
{
  return replay_into (replay_of (crypto), RECORD_HASH, out, ike_hash_len (hash));
}

static gboolean
replay_prf (const IkeCrypto *crypto, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
            guint n_parts, guint8 *out)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_PRF, prf);

  return replay_into (replay_of (crypto), RECORD_PRF, out, alg ? alg->output : 0);
}

static gboolean
replay_prf_plus (const IkeCrypto *crypto, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
                 guint n_parts, guint8 *out, gsize out_len)
{
  return replay_into (replay_of (crypto), RECORD_PRF_PLUS, out, out_len);
}

static gboolean
replay_integ (const IkeCrypto *crypto, guint16 integ, const guint8 *key, gsize key_len, const IkeChunk *parts,
              guint n_parts, guint8 *out)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_INTEG, integ);

  return replay_into (replay_of (crypto), RECORD_INTEG, out, alg ? alg->icv : 0);
}

static gboolean
replay_seal (const IkeCrypto *crypto, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
             const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, guint8 *tag)
{
  const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, encr);
  gsize tag_len = alg && tag ? alg->icv : 0;
  const guint8 *said = answer (replay_of (crypto), RECORD_SEAL, len + tag_len);

  if (!said)
    return FALSE;
  memcpy (out, said, len);
  if (tag_len > 0)
    memcpy (tag, said + len, tag_len);
  return TRUE;
}

static gboolean
replay_open (const IkeCrypto *crypto, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
             const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, const guint8 *tag)
{
  return replay_into (replay_of (crypto), RECORD_OPEN, out, len);
}

static gboolean
replay_des_block (const IkeCrypto *crypto, const guint8 key[8], const guint8 in[8], guint8 out[8])
{
  return replay_into (replay_of (crypto), RECORD_DES, out, 8);
}

static void
free_nothing (const IkeCrypto *crypto, IkeKeKey *key)
{
}

/* ---- steps ---- */

static void
say (const Replay *self, const char *prefix, const char *text)
{
  g_autofree char *line = NULL;

  if (!self->func)
    return;
  line = g_strconcat (prefix, text, NULL);
  self->func (line, self->data);
}

static gboolean
differs (GError **error, const char *now, const char *then)
{
  g_set_error (error, IKE_REPLAY_ERROR, IKE_REPLAY_ERROR_DIFFERS,
               "The engine does not do what it did.\n  now:  %s\n  then: %s", now ? now : "(nothing)",
               then ? then : "(nothing)");
  return FALSE;
}

/* All of them, also after one that differs: the queue must be empty before the next input. */
static gboolean
compare_outputs (Replay *self, GError **error)
{
  const GPtrArray *then = self->step->outputs;
  gboolean same = TRUE;
  IkeOutput *output;
  guint n = 0;

  while ((output = ike_engine_poll (self->engine)))
    {
      g_autofree char *now = describe_output (output);
      const char *was = n < then->len ? then->pdata[n] : NULL;

      ike_output_free (output);
      say (self, "  -> ", now);
      n++;
      self->counts->outputs++;
      if (same && g_strcmp0 (now, was) != 0)
        same = differs (error, now, was);
    }
  return same && (n == then->len || differs (error, NULL, then->pdata[n]));
}

static gboolean
begin_run (Replay *self, GError **error)
{
  self->table.fips = self->step->fips;
  g_clear_pointer (&self->engine, ike_engine_free);
  self->engine = ike_engine_new (&self->table);
  ike_engine_set_log_level (self->engine, (IkeLogLevel) self->step->log_level);
  self->counts->runs++;
  say (self, "", "RUN");
  return TRUE;
}

/* Gives the step to the engine and asks what it makes of it. */
static gboolean
replay_step (Replay *self, GError **error)
{
  RecordStep *step = self->step;
  g_autofree char *shown = NULL;
  gboolean same;

  self->answer = 0;
  if (step->type == RECORD_RUN)
    return begin_run (self, error);
  if (step->type == RECORD_CONFIG)
    ike_engine_add (self->engine, g_steal_pointer (&step->config));
  else if (step->type == RECORD_REMOVE)
    ike_engine_remove (self->engine, step->connection);
  else
    {
      shown = describe_input (&step->input);
      say (self, "", shown);
      self->counts->inputs++;
      ike_engine_handle (self->engine, &step->input, step->now);
    }
  same = compare_outputs (self, self->trouble ? NULL : error);
  if (self->trouble)
    return differs (error, self->trouble, NULL);
  if (same && self->answer < step->results->len)
    return differs (error, "it asks the crypto provider for less", NULL);
  return same;
}

static gboolean
damaged (GError **error, gsize offset, const char *what)
{
  g_set_error (error, IKE_REPLAY_ERROR, IKE_REPLAY_ERROR_DAMAGED,
               "The recording is damaged at octet %" G_GSIZE_FORMAT ": %s", offset, what);
  return FALSE;
}

static gboolean
next_step (Replay *self, IkeReader *file, GError **error)
{
  gsize offset = ike_reader_offset (file);
  guint32 len = ike_read_u32 (file);
  IkeChunk body = ike_read_chunk (file, len);
  IkeChunk digest = ike_read_chunk (file, RECORD_DIGEST_LEN);

  if (!ike_reader_ok (file))
    return damaged (error, offset, "it ends within a step");
  if (body.len > 0 && body.data[0] == RECORD_RUN)
    memset (self->digest, 0, RECORD_DIGEST_LEN);
  record_digest (self->digest, body);
  if (memcmp (self->digest, digest.data, RECORD_DIGEST_LEN) != 0)
    return damaged (error, offset, "the digest of this step is wrong");
  g_clear_pointer (&self->step, record_step_free);
  self->step = record_step_parse (body);
  if (!self->step)
    return damaged (error, offset, "a step that does not mean anything");
  if (!self->engine && self->step->type != RECORD_RUN)
    return damaged (error, offset, "it does not begin with a run");
  if (replay_step (self, error))
    return TRUE;
  g_prefix_error (error, "Step at octet %" G_GSIZE_FORMAT ": ", offset);
  return FALSE;
}

gboolean
ike_replay (IkeChunk file, IkeReplayFunc func, gpointer data, IkeReplayCounts *ret, GError **error)
{
  IkeReader reader = ike_reader (file);
  IkeChunk magic = ike_read_chunk (&reader, RECORD_MAGIC_LEN);
  Replay self = { .func = func, .data = data, .counts = ret };
  gboolean ok = TRUE;

  *ret = (IkeReplayCounts){ 0 };
  if (!ike_chunk_equal (magic, ike_chunk (RECORD_MAGIC, RECORD_MAGIC_LEN)))
    {
      g_set_error (error, IKE_REPLAY_ERROR, IKE_REPLAY_ERROR_NOT_ONE, "This is no recording of this version");
      return FALSE;
    }
  self.table = (IkeCrypto){
    .data = &self,
    .supports = replay_supports,
    .verifies = replay_verifies,
    .random = replay_random,
    .hash = replay_hash,
    .prf = replay_prf,
    .prf_plus = replay_prf_plus,
    .integ = replay_integ,
    .seal = replay_seal,
    .open = replay_open,
    .des_block = replay_des_block,
    .ke_free = free_nothing,
  };
  while (ok && ike_reader_left (&reader) > 0)
    ok = next_step (&self, &reader, error);
  ike_engine_free (self.engine);
  g_clear_pointer (&self.step, record_step_free);
  g_free (self.trouble);
  return ok;
}
