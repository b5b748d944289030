/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identification payloads: RFC 7296 section 3.5. */
#include "wire/payload-id.h"

static gboolean
id_len_valid (guint8 type, gsize len)
{
  switch ((IkeIdType) type)
    {
    case IKE_ID_IPV4_ADDR:
      return len == 4;
    case IKE_ID_IPV6_ADDR:
      return len == 16;
    case IKE_ID_NULL:
      return len == 0; /* RFC 7619 section 2.2: "MUST be empty" */
    case IKE_ID_FQDN:
    case IKE_ID_RFC822_ADDR:
    case IKE_ID_DER_ASN1_DN:
    case IKE_ID_DER_ASN1_GN:
    case IKE_ID_KEY_ID:
      break;
    }
  return len >= 1 && len <= IKE_MAX_ID;
}

/*
 * |   ID Type     |                 RESERVED                      |
 * ~                   Identification Data                         ~
 */
gboolean
ike_id_parse (IkeChunk body, IkeId *ret_id)
{
  IkeReader reader = ike_reader (body);
  IkeId id = { .rest = body };

  id.type = ike_read_u8 (&reader);
  ike_read_skip (&reader, 3);
  id.data = ike_read_rest (&reader);
  if (!ike_reader_done (&reader) || !id_len_valid (id.type, id.data.len))
    return FALSE;
  *ret_id = id;
  return TRUE;
}

void
ike_id_write (IkeWriter *writer, const IkeIdentity *identity)
{
  ike_write_u8 (writer, identity->type);
  ike_write_zero (writer, 3);
  ike_write_chunk (writer, ike_chunk_bytes (identity->data));
}

IkeIdentity *
ike_id_identity (const IkeId *id)
{
  return ike_identity_new (id->type, id->data.data, id->data.len);
}
