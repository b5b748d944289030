/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nonce payload: RFC 7296 section 3.9. */
#include "wire/payload-nonce.h"

#include "wire/registry.h"

gboolean
ike_nonce_parse (IkeChunk body, IkeChunk *ret_nonce)
{
  /* section 3.9: "the size of the Nonce Data MUST be between 16 and 256 octets, inclusive" */
  if (body.len < IKE_MIN_NONCE || body.len > IKE_MAX_NONCE)
    return FALSE;
  *ret_nonce = body;
  return TRUE;
}
