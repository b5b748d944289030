/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of an AUTH payload: which signature scheme it is (RFC 7427, RFC 4055). */
#include "fuzz.h"

#include "crypto/sig-scheme.h"
#include "crypto/suites.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  IkeAuthPayload auth, again;
  const IkeSigScheme *scheme;

  if (!ike_auth_parse (ike_chunk (data, size), &auth))
    return 0;
  scheme = ike_sig_scheme_of (&auth, FALSE);
  if (!scheme)
    return 0;
  g_assert (scheme->method == auth.method && auth.data.len > 0);
  /* Only those of RSA have more than one spelling. */
  again = ike_sig_scheme_auth (scheme, auth.data);
  g_assert (ike_sig_scheme_of (&again, FALSE) == scheme);
  g_assert (scheme->keys & 1u << IKE_KEY_RSA || ike_chunk_equal (again.algorithm, auth.algorithm));
  return 0;
}
