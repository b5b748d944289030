/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One step of a recording; what is read as one can be written, and read and written again as the same. */
#include "fuzz.h"
#include "recorder/format.h"

static GBytes *
write_step (RecordStep *step)
{
  IkeWriter writer = IKE_WRITER (RECORD_MAX_STEP);
  Fields fields = { .out = &writer };

  fields_step_head (&fields, step);
  fields_step_tail (&fields, step);
  return ike_writer_finish (&writer);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (RecordStep) step = record_step_parse (ike_chunk (data, size)), again = NULL;
  g_autoptr (GBytes) once = NULL, twice = NULL;

  if (!step)
    return 0;
  /* what is to be no secret is another one when it is written */
  once = write_step (step);
  g_assert_nonnull (once);
  g_assert_cmpuint (g_bytes_get_size (once), ==, size);
  again = record_step_parse (ike_chunk_bytes (once));
  g_assert_nonnull (again);
  twice = write_step (again);
  g_assert_true (g_bytes_equal (once, twice));
  return 0;
}
