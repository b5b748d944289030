/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw public keys: whatever is taken can be written and read again, and is the same key. */
#include "fuzz.h"
#include "nss-crypto.h"
#include "nss-raw-key.h"

#include <string.h>

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_assert_true (nss_start (NULL));
  return 0;
}

static void
check (GBytes *spki)
{
  g_autofree char *text = nss_raw_key_to_text (spki), *pem = nss_raw_key_to_pem (spki),
                  *name = nss_raw_key_ckaid (spki);
  g_autoptr (GBytes) octets = NULL, file = g_bytes_new (pem, strlen (pem)), again = NULL, from_pem = NULL;
  g_autofree char *same = NULL;
  gsize len = 0;
  guint8 *decoded;

  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (name), ==, 40);
  decoded = g_base64_decode (text + 2, &len);
  octets = g_bytes_new_take (decoded, len);
  again = nss_raw_key_from_octets (octets, NULL);
  g_assert_nonnull (again);
  /* not byte for byte: the parameters of an algorithm may have been written in another way */
  same = nss_raw_key_to_text (again);
  g_assert_cmpstr (same, ==, text);
  from_pem = nss_raw_key_from_file (file, NULL);
  g_assert_true (from_pem && g_bytes_equal (from_pem, spki));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL, file_error = NULL;
  g_autoptr (GBytes) key = nss_raw_key_from_octets (bytes, &error), file = nss_raw_key_from_file (bytes, &file_error);

  g_assert_true ((key != NULL) == (error == NULL));
  if (key)
    check (key);
  if (file)
    check (file);
  return 0;
}
