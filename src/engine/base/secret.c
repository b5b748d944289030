/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the memory of key material: one block each, erased before it goes back to the allocator. */
#include "base/secret.h"

struct _IkeSecret {
  gsize len;
  guint8 data[];
};

IkeSecret *
ike_secret_new (gsize len)
{
  g_assert (len <= G_MAXSIZE - sizeof (IkeSecret));
  IkeSecret *secret = g_malloc0 (sizeof (IkeSecret) + len);

  secret->len = len;
  return secret;
}

void
ike_secret_free (IkeSecret *secret)
{
  if (!secret)
    return;
  explicit_bzero (secret->data, secret->len);
  g_free (secret);
}

guint8 *
ike_secret_data (const IkeSecret *secret)
{
  return secret ? (guint8 *) secret->data : NULL;
}

gsize
ike_secret_len (const IkeSecret *secret)
{
  return secret ? secret->len : 0;
}

gboolean
ike_secret_equal (const IkeSecret *a, const IkeSecret *b)
{
  if (!a || !b)
    return a == b;
  return a->len == b->len && ike_memequal (a->data, b->data, a->len);
}

gboolean
ike_memequal (gconstpointer a, gconstpointer b, gsize len)
{
  const guint8 *x = a, *y = b;
  volatile guint8 difference = 0; /* volatile: no early exit may be optimised in */

  for (gsize i = 0; i < len; i++)
    difference = (guint8) (difference | (x[i] ^ y[i]));
  return difference == 0;
}
