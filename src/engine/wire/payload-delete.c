/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delete payload: RFC 7296 section 3.11. */
#include "wire/payload-delete.h"

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * | Protocol ID   |   SPI Size    |          Num of SPIs          |
 * ~               Security Parameter Index(es) (SPI)              ~
 */
gboolean
ike_delete_parse (IkeChunk body, IkeDelete *ret_delete)
{
  IkeReader reader = ike_reader (body);
  IkeDelete delete;
  guint8 spi_len;

  delete.protocol = ike_read_u8 (&reader);
  spi_len = ike_read_u8 (&reader);
  delete.n_spis = ike_read_u16 (&reader);
  delete.spis = ike_read_rest (&reader);
  if (!ike_reader_done (&reader))
    return FALSE;
  /* which IKE SA that is the header says, whatever stands here */
  if (delete.protocol == IKE_PROTOCOL_IKE)
    {
      delete.n_spis = 0;
      delete.spis = ike_chunk (NULL, 0);
    }
  else if (delete.protocol == IKE_PROTOCOL_AH || delete.protocol == IKE_PROTOCOL_ESP)
    {
      if (spi_len != 4 || delete.n_spis > IKE_MAX_DELETE_SPIS || delete.spis.len != delete.n_spis * 4)
        return FALSE;
    }
  else
    return FALSE;
  *ret_delete = delete;
  return TRUE;
}

guint32
ike_delete_spi (const IkeDelete *delete, guint index)
{
  IkeReader reader = ike_reader (delete->spis);

  g_assert (index < delete->n_spis);
  ike_read_skip (&reader, index * 4);
  return ike_read_u32 (&reader);
}

void
ike_delete_write (IkeWriter *writer, IkeProtocolId protocol, const guint32 *spis, guint n_spis)
{
  ike_write_u8 (writer, protocol);
  ike_write_u8 (writer, protocol == IKE_PROTOCOL_IKE ? 0 : 4);
  ike_write_u16 (writer, n_spis);
  for (guint i = 0; i < n_spis; i++)
    ike_write_u32 (writer, spis[i]);
}
