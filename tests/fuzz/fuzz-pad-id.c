/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPK_ID of the other end, with a one-time pad: what is taken for one of ours is what we would have written. */
#include "fuzz.h"

#include "io/pad.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  const Pad pad = { (char *) "pad1", FALSE };
  guint64 offset = 0;

  if (pad_id_parse (&pad, ike_chunk (copy, size), &offset))
    {
      g_autoptr (GBytes) again = pad_id_new (&pad, offset);

      g_assert_true (ike_chunk_equal (ike_chunk_bytes (again), ike_chunk (copy, size)));
    }
  else
    g_assert_false (size == 13 && data[0] == 1 && memcmp (data + 9, "pad1", 4) == 0);
  return 0;
}
