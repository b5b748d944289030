/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities: the first octet is the type, then two of them, split in the middle. Text is always clean. */
#include "base/text.h"
#include "fuzz.h"
#include "ike-engine-io.h"

#include <string.h>

static void
check_text (const IkeIdentity *identity)
{
  g_autofree char *text = ike_identity_to_string (identity);

  g_assert_true (ike_text_is_clean (text, strlen (text), FALSE));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (IkeIdentity) a = NULL, b = NULL, copy = NULL;
  gsize half;

  if (size == 0)
    return 0;
  half = (size - 1) / 2;
  a = ike_identity_new (data[0], data + 1, half);
  b = ike_identity_new (data[0], data + 1 + half, half);
  copy = ike_identity_copy (a);
  check_text (a);
  check_text (b);
  g_assert_true (ike_identity_equal (a, copy));
  g_assert_true (ike_identity_equal (a, b) == ike_identity_equal (b, a));
  return 0;
}
