/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags and lengths are the server's word: nothing is kept beyond what it announced, or the limit. */
#include "eap/tls-frame.h"

#include "base/reader.h"
#include "base/writer.h"

/* RFC 5216 section 3.1; the low three bits are the version of TTLS and PEAP (RFC 5281 section 9.1) */
enum { FLAG_LENGTH = 0x80, FLAG_MORE = 0x40, FLAG_START = 0x20, VERSION_MASK = 0x07 };

void
ike_tls_frame_clear (IkeTlsFrame *frame)
{
  g_clear_pointer (&frame->in, g_byte_array_unref);
  g_clear_pointer (&frame->out, g_bytes_unref);
  frame->announced = 0;
  frame->sent = 0;
}

/* One fragment; FALSE: more than was announced, or than we take. */
static gboolean
take_fragment (IkeTlsFrame *frame, IkeChunk fragment, guint32 announced)
{
  gsize limit;

  if (!frame->in)
    {
      frame->in = g_byte_array_new ();
      frame->announced = announced;
    }
  else if (announced && announced != frame->announced)
    return FALSE;
  limit = frame->announced ? frame->announced : IKE_EAP_TLS_MAX_FLIGHT;
  if (fragment.len > limit - frame->in->len)
    return FALSE;
  g_byte_array_append (frame->in, fragment.data, (guint) fragment.len);
  return TRUE;
}

IkeTlsFrameEvent
ike_tls_frame_read (IkeTlsFrame *frame, IkeChunk data, guint8 *ret_version, GBytes **ret_records)
{
  IkeReader reader = ike_reader (data);
  guint8 flags = ike_read_u8 (&reader);
  guint32 announced = flags & FLAG_LENGTH ? ike_read_u32 (&reader) : 0;
  IkeChunk fragment = ike_read_rest (&reader);

  *ret_version = flags & VERSION_MASK;
  if (!ike_reader_ok (&reader) || announced > IKE_EAP_TLS_MAX_FLIGHT)
    return IKE_TLS_FRAME_BAD;
  /* "may contain" data in TTLS; nothing that we would use (RFC 5281 section 9.2.2) */
  if (flags & FLAG_START)
    return IKE_TLS_FRAME_START;
  if (fragment.len == 0 && !frame->in)
    return flags & FLAG_MORE ? IKE_TLS_FRAME_BAD : IKE_TLS_FRAME_EMPTY;
  if (fragment.len == 0 || !take_fragment (frame, fragment, announced))
    return IKE_TLS_FRAME_BAD;
  if (flags & FLAG_MORE)
    return IKE_TLS_FRAME_MORE;
  if (frame->announced && frame->in->len != frame->announced)
    return IKE_TLS_FRAME_BAD;
  *ret_records = g_byte_array_free_to_bytes (g_steal_pointer (&frame->in));
  frame->announced = 0;
  return IKE_TLS_FRAME_COMPLETE;
}

void
ike_tls_frame_put (IkeTlsFrame *frame, GBytes *take_records)
{
  g_clear_pointer (&frame->out, g_bytes_unref);
  frame->out = take_records;
  frame->sent = 0;
}

gboolean
ike_tls_frame_is_pending (const IkeTlsFrame *frame)
{
  return frame->out && frame->sent < g_bytes_get_size (frame->out);
}

GBytes *
ike_tls_frame_write (IkeTlsFrame *frame, guint8 version)
{
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_EAP_TLS_FRAGMENT + 5);
  gsize total = frame->out ? g_bytes_get_size (frame->out) : 0, left = total - frame->sent;
  gsize now = MIN (left, IKE_EAP_TLS_FRAGMENT);
  gboolean more = now < left, first = frame->sent == 0;

  ike_write_u8 (&writer, version | (more ? FLAG_MORE : 0) | (more && first ? FLAG_LENGTH : 0));
  if (more && first)
    ike_write_u32 (&writer, (guint32) total);
  if (now > 0)
    ike_write_bytes (&writer, (const guint8 *) g_bytes_get_data (frame->out, NULL) + frame->sent, now);
  frame->sent += now;
  return ike_writer_finish (&writer);
}
