/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the encoding of a recording: big-endian, lengths before octets. See fields.h. */
#include "recorder/fields.h"

#define IKE_REASON(name, who, detail) +1
/* how many codes there are */
static const guint reason_codes = 0
#include "base/reason.def"
    ;
#undef IKE_REASON

gboolean
fields_ok (const Fields *fields)
{
  return fields->in ? ike_reader_ok (fields->in) : ike_writer_ok (fields->out);
}

void
fields_fail (Fields *fields)
{
  if (fields->in)
    ike_reader_fail (fields->in);
  else
    ike_writer_fail (fields->out);
}

void
fields_u8 (Fields *fields, guint8 *value)
{
  if (fields->in)
    *value = ike_read_u8 (fields->in);
  else
    ike_write_u8 (fields->out, *value);
}

void
fields_u16 (Fields *fields, guint16 *value)
{
  if (fields->in)
    *value = ike_read_u16 (fields->in);
  else
    ike_write_u16 (fields->out, *value);
}

void
fields_u32 (Fields *fields, guint32 *value)
{
  if (fields->in)
    *value = ike_read_u32 (fields->in);
  else
    ike_write_u32 (fields->out, *value);
}

void
fields_u64 (Fields *fields, guint64 *value)
{
  if (fields->in)
    *value = ike_read_u64 (fields->in);
  else
    ike_write_u64 (fields->out, *value);
}

void
fields_time (Fields *fields, IkeTime *value)
{
  guint64 wire = (guint64) *value;

  fields_u64 (fields, &wire);
  *value = (IkeTime) wire;
}

guint
fields_choice_value (Fields *fields, guint value, guint last)
{
  guint8 wire = (guint8) value;

  fields_u8 (fields, &wire);
  if (wire <= last)
    return wire;
  fields_fail (fields);
  return 0;
}

void
fields_flag (Fields *fields, gboolean *value)
{
  gboolean is_set = *value != FALSE;

  fields_choice (fields, &is_set, TRUE);
  *value = is_set;
}

void
fields_size (Fields *fields, gsize *value)
{
  guint64 wire = *value;

  fields_u64 (fields, &wire);
  *value = wire;
}

guint
fields_count (Fields *fields, guint n)
{
  guint32 count = n;

  fields_u32 (fields, &count);
  if (count > FIELDS_MAX_ITEMS)
    fields_fail (fields);
  return fields_ok (fields) ? count : 0;
}

/* Length and octets; of a reader borrowed. */
static IkeChunk
fields_chunk (Fields *fields, IkeChunk chunk)
{
  guint32 len = (guint32) chunk.len;

  if (chunk.len > FIELDS_MAX_OCTETS)
    fields_fail (fields);
  fields_u32 (fields, &len);
  if (fields->out)
    {
      ike_write_chunk (fields->out, chunk);
      return chunk;
    }
  if (len > FIELDS_MAX_OCTETS)
    fields_fail (fields);
  return ike_read_chunk (fields->in, len);
}

/* Does a value follow at all? */
static gboolean
fields_present (Fields *fields, gconstpointer value)
{
  gboolean present = value != NULL;

  fields_flag (fields, &present);
  return fields_ok (fields) && present;
}

void
fields_string (Fields *fields, char **value)
{
  IkeChunk chunk = ike_chunk (*value, *value ? strlen (*value) : 0);

  if (fields->in)
    g_clear_pointer (value, g_free);
  if (!fields_present (fields, chunk.data))
    return;
  chunk = fields_chunk (fields, chunk);
  if (!fields->in || !fields_ok (fields))
    return;
  *value = g_strndup ((const char *) chunk.data, chunk.len);
  if (strlen (*value) != chunk.len || !g_utf8_validate (*value, -1, NULL))
    fields_fail (fields);
}

void
fields_bytes (Fields *fields, GBytes **value)
{
  IkeChunk chunk = ike_chunk_bytes (*value);
  gboolean present = fields_present (fields, *value);

  if (fields->in)
    g_clear_pointer (value, g_bytes_unref);
  if (!present)
    return;
  chunk = fields_chunk (fields, chunk);
  if (fields->in && fields_ok (fields))
    *value = ike_chunk_dup (chunk);
}

/* Of the same length, and text if it was text: that is all that the engine looks at itself. */
static IkeSecret *
secret_stand_in (const IkeSecret *secret)
{
  gsize len = ike_secret_len (secret);
  IkeSecret *other = ike_secret_new (len);
  gboolean text = g_utf8_validate ((const char *) ike_secret_data (secret), (gssize) len, NULL);

  if (len > 0)
    memset (ike_secret_data (other), text ? 'x' : 0xff, len);
  return other;
}

void
fields_secret (Fields *fields, IkeSecret **value, gboolean clear)
{
  g_autoptr (IkeSecret) other = NULL;
  gboolean present = fields_present (fields, *value);
  IkeChunk chunk;

  if (fields->in)
    g_clear_pointer (value, ike_secret_free);
  if (!present)
    return;
  if (fields->out && !clear)
    other = secret_stand_in (*value);
  chunk = fields_chunk (fields, ike_secret_chunk (other ? other : *value));
  if (fields->in && fields_ok (fields))
    *value = ike_secret_new_from (chunk.data, chunk.len);
}

void
fields_address (Fields *fields, IkeAddress *value)
{
  guint8 family = value->family;
  IkeChunk chunk;

  fields_u8 (fields, &family);
  if (fields->out)
    {
      ike_write_chunk (fields->out, ike_address_chunk (value));
      return;
    }
  if (family != IKE_FAMILY_NONE && ike_family_len (family) == 0)
    fields_fail (fields);
  chunk = ike_read_chunk (fields->in, ike_family_len (family));
  *value = ike_address_from_chunk (chunk);
}

void
fields_endpoint (Fields *fields, IkeEndpoint *value)
{
  fields_address (fields, &value->address);
  fields_u16 (fields, &value->port);
}

void
fields_path (Fields *fields, IkePath *value)
{
  fields_choice (fields, &value->transport, IKE_TRANSPORT_TCP);
  fields_endpoint (fields, &value->local);
  fields_endpoint (fields, &value->remote);
}

void
fields_identity (Fields *fields, IkeIdentity **value)
{
  gboolean present = fields_present (fields, *value);
  guint8 type;

  if (fields->in)
    g_clear_pointer (value, ike_identity_free);
  if (!present)
    return;
  if (fields->in)
    *value = ike_identity_new (IKE_ID_NULL, NULL, 0);
  type = (guint8) (*value)->type;
  fields_u8 (fields, &type);
  (*value)->type = (IkeIdType) type;
  fields_bytes (fields, &(*value)->data);
  if (!(*value)->data)
    {
      fields_fail (fields);
      (*value)->data = g_bytes_new (NULL, 0);
    }
}

void
fields_reason (Fields *fields, IkeReason *value)
{
  guint16 code = (guint16) value->code;

  fields_choice (fields, &value->who, IKE_WHO_USER);
  fields_u16 (fields, &code);
  if (code >= reason_codes)
    fields_fail (fields);
  value->code = fields_ok (fields) ? (IkeReasonCode) code : IKE_REASON_NONE;
  fields_u16 (fields, &value->notify);
  fields_string (fields, &value->detail);
}
