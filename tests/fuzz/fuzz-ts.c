/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of a Traffic Selector payload. */
#include "fuzz-wire.h"
#include "fuzz.h"

#include "sa/select.h"
#include "wire/payload-ts.h"

/* RFC 7296 section 3.13.1: what is OPAQUE meets nothing, not even itself. */
static gboolean
is_opaque (const GArray *list)
{
  for (guint i = 0; i < list->len; i++)
    if (g_array_index (list, IkeSelector, i).port_first > g_array_index (list, IkeSelector, i).port_last)
      return TRUE;
  return FALSE;
}

/* @a and @b: two lists of selectors. */
static void
check_two (const GArray *a, const GArray *b)
{
  g_autoptr (GArray) narrow = ike_select_narrow (a, b);

  g_assert_cmpuint (narrow->len, <=, IKE_MAX_SELECTORS);
  g_assert_true (!narrow->len || (ike_select_within (narrow, a) && ike_select_within (narrow, b)));
  g_assert_true (ike_select_equal (a, b) == ike_select_equal (b, a));
  g_assert_true (ike_select_equal (a, a) && ike_select_within (a, a) == (a->len && !is_opaque (a)));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GArray) a = g_array_new (FALSE, FALSE, sizeof (IkeSelector)),
                     labels = g_array_new (FALSE, FALSE, sizeof (IkeChunk)),
                     b = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  guint unknown;

  fuzz_payload_check (IKE_PAYLOAD_TSI, ike_chunk (data, size));
  if (ike_ts_parse (ike_chunk (data, size), a, labels, &unknown))
    {
      /* the second half beside the first */
      g_array_append_vals (b, a->data ? &g_array_index (a, IkeSelector, a->len / 2) : NULL, a->len - a->len / 2);
      g_array_set_size (a, a->len / 2);
      check_two (a, b);
    }
  return 0;
}
