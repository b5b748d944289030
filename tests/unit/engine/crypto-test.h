/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of what stands on the crypto provider: octets from hexadecimal, and the provider itself. */
#pragma once

#include "nss-crypto.h"

#include <string.h>

static inline const IkeCrypto *
test_crypto (void)
{
  g_autoptr (GError) error = NULL;
  const IkeCrypto *crypto = nss_crypto_get (&error);

  g_assert_no_error (error);
  return crypto;
}

/* Blanks and newlines are skipped. */
static inline GBytes *
test_hex (const char *hex)
{
  GByteArray *out = g_byte_array_new ();
  int high = -1;

  for (; hex && *hex; hex++)
    if (g_ascii_isxdigit (*hex))
      {
        int digit = g_ascii_xdigit_value (*hex);

        if (high < 0)
          high = digit;
        else
          {
            guint8 octet = (guint8) (high << 4 | digit);

            g_byte_array_append (out, &octet, 1);
            high = -1;
          }
      }
  g_assert_cmpint (high, ==, -1);
  return g_byte_array_free_to_bytes (out);
}

static inline IkeSecret *
test_secret (const char *hex)
{
  g_autoptr (GBytes) bytes = test_hex (hex);

  return ike_secret_new_from (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static inline void
test_assert_hex (gconstpointer data, gsize len, const char *hex)
{
  g_autoptr (GBytes) want = test_hex (hex);

  g_assert_cmpmem (data, len, g_bytes_get_data (want, NULL), g_bytes_get_size (want));
}
