/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP payload: RFC 7296 section 3.16, RFC 3748 sections 4 and 5.7. */
#include "wire/payload-eap.h"

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |     Code      | Identifier    |           Length              |
 * |     Type      | Type_Data...
 */
gboolean
ike_eap_parse (IkeChunk body, IkeEap *ret_eap)
{
  IkeReader reader = ike_reader (body);
  IkeEap eap = { 0 };
  guint16 len;

  eap.code = ike_read_u8 (&reader);
  eap.id = ike_read_u8 (&reader);
  len = ike_read_u16 (&reader);
  /* RFC 7296 section 3.16: the length "MUST be four less than the Payload Length" */
  if (!ike_reader_ok (&reader) || len != body.len)
    return FALSE;
  if (eap.code == IKE_EAP_CODE_REQUEST || eap.code == IKE_EAP_CODE_RESPONSE)
    {
      eap.type = ike_read_u8 (&reader);
      if (eap.type == IKE_EAP_EXPANDED)
        {
          guint32 vendor_high = ike_read_u8 (&reader);

          eap.vendor = vendor_high << 16 | ike_read_u16 (&reader);
          eap.vendor_type = ike_read_u32 (&reader);
        }
      eap.data = ike_read_rest (&reader);
    }
  else if (eap.code != IKE_EAP_CODE_SUCCESS && eap.code != IKE_EAP_CODE_FAILURE)
    return FALSE; /* RFC 3748 section 4: other codes are discarded; section 4.2: those two have no data */
  if (!ike_reader_done (&reader))
    return FALSE;
  *ret_eap = eap;
  return TRUE;
}

void
ike_eap_write (IkeWriter *writer, const IkeEap *eap)
{
  IkeBlock block;

  ike_write_u8 (writer, eap->code);
  ike_write_u8 (writer, eap->id);
  block = ike_write_begin (writer, 2, 4);
  if (eap->code == IKE_EAP_CODE_REQUEST || eap->code == IKE_EAP_CODE_RESPONSE)
    {
      ike_write_u8 (writer, eap->type);
      if (eap->type == IKE_EAP_EXPANDED)
        {
          ike_write_u8 (writer, eap->vendor >> 16);
          ike_write_u16 (writer, eap->vendor & 0xffff);
          ike_write_u32 (writer, eap->vendor_type);
        }
      ike_write_chunk (writer, eap->data);
    }
  ike_write_end (writer, block);
}
