/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet from the service (or from a child) to the helper: what is accepted is encoded to the same octets again. */
#include "fuzz.h"

#include "channel-msg.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (ChannelMsg) msg = channel_msg_decode (data, size);
  guint8 *again;
  gsize len = 0;

  if (!msg)
    return 0;
  g_assert (channel_type_name (msg->type));
  again = channel_msg_encode (msg, &len);
  g_assert (again && len == size && memcmp (again, data, size) == 0);
  channel_buffer_free (again, len);
  return 0;
}
