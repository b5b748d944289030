/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify payload: RFC 7296 section 3.10. */
#include "wire/payload-notify.h"

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 * ~                Security Parameter Index (SPI)                 ~
 * ~                       Notification Data                       ~
 */
gboolean
ike_notify_parse (IkeChunk body, IkeNotify *ret_notify)
{
  IkeReader reader = ike_reader (body);
  IkeNotify notify;
  guint8 spi_len;

  notify.protocol = ike_read_u8 (&reader);
  spi_len = ike_read_u8 (&reader);
  notify.type = ike_read_u16 (&reader);
  if (spi_len > IKE_MAX_SPI)
    return FALSE;
  notify.spi = ike_read_chunk (&reader, spi_len);
  notify.data = ike_read_rest (&reader);
  if (!ike_reader_done (&reader))
    return FALSE;
  *ret_notify = notify;
  return TRUE;
}

void
ike_notify_write (IkeWriter *writer, const IkeNotify *notify)
{
  ike_write_u8 (writer, notify->protocol);
  ike_write_u8 (writer, (guint) notify->spi.len);
  ike_write_u16 (writer, notify->type);
  ike_write_chunk (writer, notify->spi);
  ike_write_chunk (writer, notify->data);
}

gboolean
ike_notify_next (const IkePayloads *payloads, guint16 type, guint *index, IkeNotify *ret_notify)
{
  const IkePayload *payload;

  while ((payload = ike_payloads_next (payloads, IKE_PAYLOAD_NOTIFY, index)))
    {
      IkeNotify notify;

      if (ike_notify_parse (payload->body, &notify) && (type == 0 || notify.type == type))
        {
          *ret_notify = notify;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
ike_notify_find (const IkePayloads *payloads, IkeNotifyType type, IkeNotify *ret_notify)
{
  guint index = 0;

  return ike_notify_next (payloads, (guint16) type, &index, ret_notify);
}

gboolean
ike_notify_find_error (const IkePayloads *payloads, IkeNotify *ret_notify)
{
  guint index = 0;
  IkeNotify notify;

  while (ike_notify_next (payloads, 0, &index, &notify))
    if (ike_notify_is_error (&notify))
      {
        *ret_notify = notify;
        return TRUE;
      }
  return FALSE;
}

gboolean
ike_notify_all_valid (const IkePayloads *payloads)
{
  const IkePayload *payload;
  guint index = 0;

  while ((payload = ike_payloads_next (payloads, IKE_PAYLOAD_NOTIFY, &index)))
    {
      IkeNotify notify;

      if (!ike_notify_parse (payload->body, &notify))
        return FALSE;
    }
  return TRUE;
}

void
ike_builder_notify (IkeBuilder *builder, IkeNotifyType type, IkeChunk data)
{
  IkeNotify notify = { .type = (guint16) type, .data = data };

  ike_notify_write (ike_builder_begin (builder, IKE_PAYLOAD_NOTIFY), &notify);
  ike_builder_end (builder);
}

void
ike_builder_notify_child (IkeBuilder *builder, IkeNotifyType type, IkeProtocolId protocol, guint32 spi)
{
  guint8 octets[4] = { (guint8) (spi >> 24), (guint8) (spi >> 16), (guint8) (spi >> 8), (guint8) spi };
  IkeNotify notify = { .protocol = (guint8) protocol, .type = (guint16) type, .spi = ike_chunk (octets, 4) };

  ike_notify_write (ike_builder_begin (builder, IKE_PAYLOAD_NOTIFY), &notify);
  ike_builder_end (builder);
}
