/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of a Configuration payload, as it is and as a server reads what a client wishes. */
#include "fuzz-wire.h"
#include "fuzz.h"

#include "sa/serve.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  IkeServeWish wish;

  fuzz_payload_check (IKE_PAYLOAD_CP, ike_chunk (data, size));
  if (ike_serve_read (ike_chunk (data, size), &wish))
    {
      g_assert (wish.wish4.family == IKE_FAMILY_NONE || (wish.address4 && wish.wish4.family == IKE_FAMILY_IP4));
      g_assert (wish.wish6.family == IKE_FAMILY_NONE || (wish.address6 && wish.wish6.family == IKE_FAMILY_IP6));
    }
  return 0;
}
