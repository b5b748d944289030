/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking the chain of payloads: RFC 7296 sections 2.5, 3.1, 3.2. */
#include "wire/message.h"

#define GENERIC_HEADER_LEN 4
#define CRITICAL_BIT 0x80

/* What we can read; the rest is skipped unless it is critical (RFC 7296 section 2.5). */
static gboolean
payload_is_known (guint8 type)
{
  switch ((IkePayloadType) type)
    {
    case IKE_PAYLOAD_SA:
    case IKE_PAYLOAD_KE:
    case IKE_PAYLOAD_IDI:
    case IKE_PAYLOAD_IDR:
    case IKE_PAYLOAD_CERT:
    case IKE_PAYLOAD_CERTREQ:
    case IKE_PAYLOAD_AUTH:
    case IKE_PAYLOAD_NONCE:
    case IKE_PAYLOAD_NOTIFY:
    case IKE_PAYLOAD_DELETE:
    case IKE_PAYLOAD_VENDOR:
    case IKE_PAYLOAD_TSI:
    case IKE_PAYLOAD_TSR:
    case IKE_PAYLOAD_SK:
    case IKE_PAYLOAD_CP:
    case IKE_PAYLOAD_EAP:
    case IKE_PAYLOAD_SKF:
      return TRUE;
    case IKE_PAYLOAD_NONE:
    case IKE_PAYLOAD_GSPM:
    case IKE_PAYLOAD_PS:
      return FALSE;
    }
  return FALSE;
}

static guint
payload_limit (guint8 type)
{
  switch (type)
    {
    case IKE_PAYLOAD_CERT:
      return IKE_MAX_CERTS;
    case IKE_PAYLOAD_CERTREQ:
    case IKE_PAYLOAD_NOTIFY:
    case IKE_PAYLOAD_DELETE:
    case IKE_PAYLOAD_VENDOR:
      return IKE_MAX_PAYLOADS_OF_TYPE;
    default:
      return IKE_MAX_PAYLOADS;
    }
}

static IkeParse
payloads_check_limits (const IkePayloads *payloads)
{
  guint count[256] = { 0 };

  for (guint i = 0; i < payloads->n; i++)
    if (++count[payloads->at[i].type] > payload_limit (payloads->at[i].type))
      return IKE_PARSE_TOO_MANY;
  return IKE_PARSE_OK;
}

/* The first critical payload that we do not know: RFC 7296 section 2.5 wants its type in the notification. Payloads
 * that we know are processed whatever their critical bit says. */
static IkeParse
payloads_check_critical (IkePayloads *payloads)
{
  for (guint i = 0; i < payloads->n; i++)
    if (payloads->at[i].critical && !payload_is_known (payloads->at[i].type))
      {
        payloads->critical_type = payloads->at[i].type;
        return IKE_PARSE_CRITICAL;
      }
  return IKE_PARSE_OK;
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 */
static IkeParse
payload_parse (IkeReader *reader, guint8 type, IkePayload *ret)
{
  guint8 flags;
  guint16 len;

  ret->type = type;
  ret->offset = (guint32) ike_reader_offset (reader);
  ret->next = ike_read_u8 (reader);
  flags = ike_read_u8 (reader);
  ret->critical = (flags & CRITICAL_BIT) != 0;
  len = ike_read_u16 (reader);
  if (len < GENERIC_HEADER_LEN)
    return IKE_PARSE_PAYLOAD;
  ret->body = ike_read_chunk (reader, len - GENERIC_HEADER_LEN);
  return ike_reader_ok (reader) ? IKE_PARSE_OK : IKE_PARSE_PAYLOAD;
}

static IkeParse
chain_parse (IkeReader *reader, guint8 first, gboolean outer, IkePayloads *ret)
{
  guint8 type = first;
  IkeParse outcome;

  ret->n = 0;
  ret->critical_type = 0;
  while (type != IKE_PAYLOAD_NONE)
    {
      gboolean encrypted = type == IKE_PAYLOAD_SK || type == IKE_PAYLOAD_SKF;

      /* CVE-2026-12413: the limit is asked before the array is touched */
      if (ret->n == IKE_MAX_PAYLOADS)
        return IKE_PARSE_TOO_MANY;
      if (encrypted && !outer)
        return IKE_PARSE_PAYLOAD;
      outcome = payload_parse (reader, type, &ret->at[ret->n]);
      if (outcome != IKE_PARSE_OK)
        return outcome;
      type = ret->at[ret->n++].next;
      /* RFC 7296 section 3.14: SK is the last one; its next-payload field is the first inner payload's type. */
      if (encrypted)
        break;
    }
  if (!ike_reader_done (reader))
    return IKE_PARSE_PAYLOAD;
  outcome = payloads_check_limits (ret);
  return outcome != IKE_PARSE_OK ? outcome : payloads_check_critical (ret);
}

IkeParse
ike_message_parse (IkeChunk datagram, IkeMessage *ret_message)
{
  IkeReader reader = ike_reader (datagram);

  ret_message->payloads.n = 0;
  ret_message->payloads.critical_type = 0;
  ret_message->header = (IkeHeader){ 0 };
  if (!ike_header_parse (&reader, &ret_message->header))
    return IKE_PARSE_TOO_SHORT;
  if (ret_message->header.length != datagram.len || datagram.len > IKE_MAX_MESSAGE)
    return IKE_PARSE_LENGTH;
  if (ike_header_major (&ret_message->header) != IKE_VERSION_2 >> 4)
    return IKE_PARSE_MAJOR_VERSION;
  return chain_parse (&reader, ret_message->header.next_payload, TRUE, &ret_message->payloads);
}

IkeParse
ike_payloads_parse (guint8 first, IkeChunk chain, IkePayloads *ret_payloads)
{
  IkeReader reader = ike_reader (chain);

  if (chain.len > IKE_MAX_MESSAGE)
    {
      ret_payloads->n = 0;
      ret_payloads->critical_type = 0;
      return IKE_PARSE_LENGTH;
    }
  return chain_parse (&reader, first, FALSE, ret_payloads);
}

const char *
ike_parse_name (IkeParse outcome)
{
  switch (outcome)
    {
    case IKE_PARSE_OK:
      return "ok";
    case IKE_PARSE_TOO_SHORT:
      return "shorter than a header";
    case IKE_PARSE_LENGTH:
      return "the length is wrong";
    case IKE_PARSE_MAJOR_VERSION:
      return "another major version";
    case IKE_PARSE_PAYLOAD:
      return "a malformed payload";
    case IKE_PARSE_TOO_MANY:
      return "too many payloads";
    case IKE_PARSE_CRITICAL:
      return "an unknown critical payload";
    }
  return "?";
}

const IkePayload *
ike_payloads_next (const IkePayloads *payloads, IkePayloadType type, guint *index)
{
  while (*index < payloads->n)
    {
      const IkePayload *payload = &payloads->at[(*index)++];

      if (payload->type == type)
        return payload;
    }
  return NULL;
}

const IkePayload *
ike_payloads_find (const IkePayloads *payloads, IkePayloadType type)
{
  guint index = 0;

  return ike_payloads_next (payloads, type, &index);
}

guint
ike_payloads_count (const IkePayloads *payloads, IkePayloadType type)
{
  guint index = 0, n = 0;

  while (ike_payloads_next (payloads, type, &index))
    n++;
  return n;
}

char *
ike_payloads_to_string (const IkePayloads *payloads)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < payloads->n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", IKE_NAME (PAYLOAD, payloads->at[i].type));
  return g_string_free (text, FALSE);
}
