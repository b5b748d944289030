/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns what a step of a recording consists of, and its digest. See format.h. */
#include "recorder/format.h"

const char *
record_asked_name (RecordAsked asked)
{
  static const char *const names[] = {
    [RECORD_SUPPORTS] = "supports", [RECORD_RANDOM] = "random", [RECORD_HASH] = "hash",
    [RECORD_PRF] = "prf",           [RECORD_PRF_PLUS] = "prf+", [RECORD_INTEG] = "integ",
    [RECORD_SEAL] = "seal",         [RECORD_OPEN] = "open",     [RECORD_DES] = "des",
  };

  return names[asked];
}

RecordResult *
record_result_new (RecordAsked asked, gboolean ok, gconstpointer data, gsize len)
{
  RecordResult *result = g_new0 (RecordResult, 1);

  result->asked = asked;
  result->ok = ok;
  result->data = ike_secret_new_from (data, len);
  return result;
}

void
record_result_free (RecordResult *result)
{
  ike_secret_free (result->data);
  g_free (result);
}

RecordStep *
record_step_new (RecordStepType type)
{
  RecordStep *step = g_new0 (RecordStep, 1);

  step->type = type;
  step->results = g_ptr_array_new_with_free_func ((GDestroyNotify) record_result_free);
  step->outputs = g_ptr_array_new_with_free_func (g_free);
  return step;
}

void
record_step_free (RecordStep *step)
{
  if (!step)
    return;
  step->input.key = NULL; /* record_key() */
  ike_input_clear (NULL, &step->input);
  input_kept_clear (&step->kept);
  ike_config_free (step->config);
  g_ptr_array_unref (step->results);
  g_ptr_array_unref (step->outputs);
  g_free (step);
}

IkeKeKey *
record_key (void)
{
  static guint8 nothing;

  return (IkeKeKey *) (gpointer) &nothing;
}

void
record_digest (guint8 digest[RECORD_DIGEST_LEN], IkeChunk body)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 whole[32];
  gsize len = sizeof whole;

  g_checksum_update (sum, digest, RECORD_DIGEST_LEN);
  g_checksum_update (sum, body.data, (gssize) body.len);
  g_checksum_get_digest (sum, whole, &len);
  memcpy (digest, whole, RECORD_DIGEST_LEN);
}

void
fields_step_head (Fields *fields, RecordStep *step)
{
  fields_choice (fields, &step->type, RECORD_INPUT);
  switch (step->type)
    {
    case RECORD_RUN:
      fields_flag (fields, &step->fips);
      fields_u8 (fields, &step->log_level);
      return;
    case RECORD_CONFIG:
      if (fields->in)
        step->config = ike_config_new ();
      fields_config (fields, step->config);
      return;
    case RECORD_REMOVE:
      fields_u32 (fields, &step->connection);
      return;
    case RECORD_INPUT:
      fields_time (fields, &step->now);
      fields_flag (fields, &step->clear);
      fields_input (fields, &step->input, step->clear, record_key (), &step->kept);
      return;
    }
}

void
fields_step_tail (Fields *fields, RecordStep *step)
{
  guint n = fields_count (fields, step->results->len);

  for (guint i = 0; i < n && fields_ok (fields); i++)
    {
      RecordResult *result;

      if (fields->in)
        g_ptr_array_add (step->results, record_result_new (RECORD_SUPPORTS, FALSE, NULL, 0));
      result = step->results->pdata[i];
      fields_choice (fields, &result->asked, RECORD_DES);
      fields_flag (fields, &result->ok);
      fields_secret (fields, &result->data, TRUE);
      if (!result->data)
        fields_fail (fields);
    }
  n = fields_count (fields, step->outputs->len);
  for (guint i = 0; i < n && fields_ok (fields); i++)
    {
      char *line = fields->in ? NULL : step->outputs->pdata[i];

      fields_string (fields, &line);
      if (fields->in)
        g_ptr_array_add (step->outputs, line);
      if (!line)
        fields_fail (fields);
    }
}

RecordStep *
record_step_parse (IkeChunk body)
{
  g_autoptr (RecordStep) step = record_step_new (RECORD_RUN);
  IkeReader reader = ike_reader (body);
  Fields fields = { .in = &reader };

  fields_step_head (&fields, step);
  if (fields_ok (&fields))
    fields_step_tail (&fields, step);
  return ike_reader_done (&reader) ? g_steal_pointer (&step) : NULL;
}
