/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of an SA payload. */
#include "fuzz-wire.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz_payload_check (IKE_PAYLOAD_SA, ike_chunk (data, size));
  return 0;
}
