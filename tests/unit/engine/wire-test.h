/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small tools of the wire tests: hexadecimal in, chunks out, and the same octets changed one at a time. */
#pragma once

#include "wire/message.h"

/* "01 02 ff" (blanks anywhere) as octets. */
static inline GBytes *
from_hex (const char *hex)
{
  GByteArray *octets = g_byte_array_new ();

  for (; *hex; hex++)
    {
      guint8 octet;

      if (g_ascii_isspace (*hex))
        continue;
      g_assert_true (g_ascii_isxdigit (hex[0]) && g_ascii_isxdigit (hex[1]));
      octet = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
      g_byte_array_append (octets, &octet, 1);
      hex++;
    }
  return g_byte_array_free_to_bytes (octets);
}

/* The first @len octets in a heap block of exactly that size, so that a sanitizer sees a read beyond it. */
static inline guint8 *
exact_copy (IkeChunk chunk, gsize len)
{
  guint8 *copy = g_malloc (MAX (len, 1));

  if (len > 0)
    memcpy (copy, chunk.data, len);
  return copy;
}

#define assert_chunk(chunk, hex) \
  G_STMT_START \
  { \
    g_autoptr (GBytes) expected_ = from_hex (hex); \
    IkeChunk want_ = ike_chunk_bytes (expected_), got_ = (chunk); \
    g_assert_cmpmem (got_.data, got_.len, want_.data, want_.len); \
  } \
  G_STMT_END
