/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One payload's body; the first octet is its type. */
#include "fuzz-wire.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size > 0)
    fuzz_payload_check (data[0], ike_chunk (data + 1, size - 1));
  return 0;
}
