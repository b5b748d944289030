/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key Exchange payload: RFC 7296 section 3.4. */
#include "wire/payload-ke.h"

/*
 * |   Key Exchange Method Number  |           RESERVED            |
 * ~                       Key Exchange Data                       ~
 */
gboolean
ike_ke_parse (IkeChunk body, IkeKe *ret_ke)
{
  IkeReader reader = ike_reader (body);
  IkeKe ke;

  ke.group = ike_read_u16 (&reader);
  ike_read_skip (&reader, 2);
  ke.data = ike_read_rest (&reader);
  if (!ike_reader_done (&reader) || ke.data.len == 0)
    return FALSE;
  *ret_ke = ke;
  return TRUE;
}

void
ike_ke_write (IkeWriter *writer, const IkeKe *ke)
{
  ike_write_u16 (writer, ke->group);
  ike_write_u16 (writer, 0);
  ike_write_chunk (writer, ke->data);
}
