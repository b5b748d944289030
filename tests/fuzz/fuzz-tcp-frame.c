/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stranger sends to our TCP port: a prefix that comes in pieces, then one frame. */
#include "fuzz.h"

#include "io/tcp-frame.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  size_t n = MIN (size, TCP_PREFIX_LEN);
  TcpPrefix last = TCP_PREFIX_MORE;
  g_autofree guint8 *frame = NULL;
  IkeChunk message;

  for (size_t i = 1; i <= n; i++)
    {
      g_autofree guint8 *piece = g_memdup2 (data, i);
      TcpPrefix now = tcp_prefix_check (piece, i);

      g_assert (last != TCP_PREFIX_WRONG || now == TCP_PREFIX_WRONG);
      g_assert ((now == TCP_PREFIX_DONE) == (i == TCP_PREFIX_LEN && memcmp (data, tcp_prefix, i) == 0));
      last = now;
    }
  frame = g_memdup2 (data + n, size - n);
  if (frame && tcp_frame_parse (frame, size - n, &message))
    g_assert (message.len > 0 && message.data + message.len == frame + (size - n));
  return 0;
}
