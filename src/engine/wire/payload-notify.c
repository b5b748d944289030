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

/* The numbers are those of winerror.h and raserror.h. */
static const struct {
  guint32 code;
  gboolean refusal;
  const char *text;
} windows_errors[] = {
  { 87, FALSE, "a parameter is not valid" },
  { 691, TRUE, "the user name or password is wrong" },
  { 812, FALSE, "the server's policy does not allow this way to sign in, or this user" },
  { 13801, TRUE, "our certificate or key is not accepted" },
  { 13806, FALSE, "it has no machine certificate that is valid for this" },
  { 13863, FALSE, "the situation is not valid" },
  { 13868, FALSE, "the policies do not match: other algorithms or another authentication is wanted" },
};

/* Four octets, or 0 for anything else. In network order, as strongSwan reads them; of a small number that came the
 * other way round the lower half is empty, which none has that Windows uses. */
static guint32
windows_error (const IkeNotify *notify)
{
  IkeReader reader = ike_reader (notify->data);
  guint32 code = ike_read_u32 (&reader);

  if (notify->type != IKE_NOTIFY_MS_STATUS || !ike_reader_done (&reader))
    return 0;
  return code & 0xffff0000 && !(code & 0xffff) ? GUINT32_SWAP_LE_BE (code) : code;
}

char *
ike_notify_to_string (const IkeNotify *notify)
{
  const char *name = IKE_NAME (NOTIFY, notify->type);
  guint32 code = windows_error (notify);

  for (guint i = 0; i < G_N_ELEMENTS (windows_errors); i++)
    if (windows_errors[i].code == code)
      return g_strdup_printf ("%s %u: %s", name, code, windows_errors[i].text);
  return code ? g_strdup_printf (code > 0xffff ? "%s 0x%08x" : "%s %u", name, code) : g_strdup (name);
}

gboolean
ike_notify_refuses_us (const IkeNotify *notify)
{
  guint32 code = windows_error (notify);

  for (guint i = 0; i < G_N_ELEMENTS (windows_errors); i++)
    if (windows_errors[i].code == code)
      return windows_errors[i].refusal;
  return notify->type == IKE_NOTIFY_AUTHENTICATION_FAILED || notify->type == IKE_NOTIFY_AUTHORIZATION_FAILED;
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
