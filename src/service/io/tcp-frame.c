/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "io/tcp-frame.h"

#include <string.h>

const guint8 tcp_prefix[TCP_PREFIX_LEN] = "IKETCP";
const guint8 tcp_marker[TCP_MARKER_LEN];

TcpPrefix
tcp_prefix_check (const guint8 *data, gsize len)
{
  if (len > TCP_PREFIX_LEN || memcmp (data, tcp_prefix, len) != 0)
    return TCP_PREFIX_WRONG;
  return len < TCP_PREFIX_LEN ? TCP_PREFIX_MORE : TCP_PREFIX_DONE;
}

gboolean
tcp_frame_parse (const guint8 *data, gsize len, IkeChunk *ret_message)
{
  /* section 6.6: a keepalive, 0xff, is dropped in silence */
  if (len <= TCP_MARKER_LEN || memcmp (data, tcp_marker, TCP_MARKER_LEN) != 0)
    return FALSE;
  *ret_message = ike_chunk (data + TCP_MARKER_LEN, len - TCP_MARKER_LEN);
  return TRUE;
}
