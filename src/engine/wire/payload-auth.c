/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication payload: RFC 7296 section 3.8, RFC 7427 section 3. */
#include "wire/payload-auth.h"

/*
 * |  Auth Method  |                RESERVED                       |
 * | ASN.1 Length  | AlgorithmIdentifier ASN.1 object ...          ~   (method 14 only)
 * ~                  Authentication Data                          ~
 */
gboolean
ike_auth_parse (IkeChunk body, IkeAuthPayload *ret_auth)
{
  IkeReader reader = ike_reader (body);
  IkeAuthPayload auth = { 0 };

  auth.method = ike_read_u8 (&reader);
  ike_read_skip (&reader, 3);
  if (auth.method == IKE_AUTH_METHOD_SIGNATURE)
    {
      auth.algorithm = ike_read_chunk (&reader, ike_read_u8 (&reader));
      if (auth.algorithm.len == 0)
        return FALSE;
    }
  auth.data = ike_read_rest (&reader);
  if (!ike_reader_done (&reader) || auth.data.len == 0)
    return FALSE;
  *ret_auth = auth;
  return TRUE;
}

void
ike_auth_write (IkeWriter *writer, const IkeAuthPayload *auth)
{
  ike_write_u8 (writer, auth->method);
  ike_write_zero (writer, 3);
  if (auth->method == IKE_AUTH_METHOD_SIGNATURE)
    {
      ike_write_u8 (writer, (guint) auth->algorithm.len);
      ike_write_chunk (writer, auth->algorithm);
    }
  ike_write_chunk (writer, auth->data);
}
