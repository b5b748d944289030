/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security labels: RFC 9478 section 2. Owns nothing. */
#include "sa/label.h"

#include "base/text.h"

#define LABEL_SHOWN 256 /* octets, in a log */

GArray *
ike_labels_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (IkeChunk));
}

static IkeChunk
strip (IkeChunk label)
{
  if (label.len > 0 && label.data[label.len - 1] == 0)
    label.len--;
  return label;
}

IkeChunk
ike_label_chunk (GBytes *label)
{
  return strip (ike_chunk_bytes (label));
}

gboolean
ike_label_equal (GBytes *a, GBytes *b)
{
  return !a == !b && ike_chunk_equal (ike_label_chunk (a), ike_label_chunk (b));
}

/* RFC 9478 section 2: an empty one is ignored, and never means "any". */
static gboolean
is_wanted (IkeChunk offered, GBytes *wanted)
{
  return strip (offered).len > 0 && ike_chunk_equal (strip (offered), ike_label_chunk (wanted));
}

static gboolean
holds (const GArray *labels, IkeChunk label)
{
  for (guint i = 0; i < labels->len; i++)
    if (ike_chunk_equal (g_array_index (labels, IkeChunk, i), label))
      return TRUE;
  return FALSE;
}

gboolean
ike_label_choose (GBytes *wanted, const GArray *initiator, const GArray *responder, GBytes **ret_label)
{
  *ret_label = NULL;
  if (!wanted)
    return initiator->len == 0 && responder->len == 0;
  for (guint i = 0; i < initiator->len; i++)
    {
      IkeChunk label = g_array_index (initiator, IkeChunk, i);

      if (!is_wanted (label, wanted) || !holds (responder, label))
        continue;
      *ret_label = ike_chunk_dup (label);
      return TRUE;
    }
  return FALSE;
}

gboolean
ike_label_is_answered (GBytes *offered, const GArray *initiator, const GArray *responder)
{
  if (!offered)
    return initiator->len == 0 && responder->len == 0;
  return initiator->len == 1 && responder->len == 1 && is_wanted (g_array_index (initiator, IkeChunk, 0), offered) &&
         is_wanted (g_array_index (responder, IkeChunk, 0), offered);
}

char *
ike_label_to_string (GBytes *label)
{
  IkeChunk text = ike_label_chunk (label);
  g_autofree char *clean = label ? ike_text_clean (text.data, MIN (text.len, LABEL_SHOWN), FALSE) : NULL;

  return clean ? g_strdup_printf (" labelled %s", clean) : g_strdup ("");
}
