/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IKE header, RFC 7296 section 3.1. */
#include "wire/header.h"

/*
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |                       IKE SA Initiator's SPI (8)              |
 * |                       IKE SA Responder's SPI (8)              |
 * |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |
 * |                          Message ID                           |
 * |                            Length                             |
 */
gboolean
ike_header_parse (IkeReader *reader, IkeHeader *ret_header)
{
  IkeHeader header;

  header.spi_i = ike_read_u64 (reader);
  header.spi_r = ike_read_u64 (reader);
  header.next_payload = ike_read_u8 (reader);
  header.version = ike_read_u8 (reader);
  header.exchange = ike_read_u8 (reader);
  header.flags = ike_read_u8 (reader);
  header.message_id = ike_read_u32 (reader);
  header.length = ike_read_u32 (reader);
  if (!ike_reader_ok (reader))
    return FALSE;
  *ret_header = header;
  return TRUE;
}

void
ike_header_write (IkeWriter *writer, const IkeHeader *header)
{
  ike_write_u64 (writer, header->spi_i);
  ike_write_u64 (writer, header->spi_r);
  ike_write_u8 (writer, header->next_payload);
  ike_write_u8 (writer, header->version);
  ike_write_u8 (writer, header->exchange);
  ike_write_u8 (writer, header->flags);
  ike_write_u32 (writer, header->message_id);
  ike_write_u32 (writer, header->length);
}
