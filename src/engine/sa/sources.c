/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the numbers. */
#include "sa/sources.h"

#include <string.h>

struct _IkeSources {
  GHashTable *counts; /* IkeAddress, owned -> how many */
};

static guint
address_hash (gconstpointer key)
{
  const IkeAddress *address = key;
  guint hash = address->family;

  for (gsize i = 0; i < sizeof address->bytes; i++)
    hash = hash * 33 + address->bytes[i];
  return hash;
}

static gboolean
address_equal (gconstpointer a, gconstpointer b)
{
  return ike_address_equal (a, b);
}

static IkeAddress
source_of (const IkeAddress *address)
{
  IkeAddress source = *address;

  if (source.family == IKE_FAMILY_IP6)
    memset (source.bytes + 8, 0, 8);
  return source;
}

IkeSources *
ike_sources_new (void)
{
  IkeSources *self = g_new0 (IkeSources, 1);

  self->counts = g_hash_table_new_full (address_hash, address_equal, g_free, NULL);
  return self;
}

void
ike_sources_free (IkeSources *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->counts);
  g_free (self);
}

guint
ike_sources_count (const IkeSources *self, const IkeAddress *address)
{
  IkeAddress source = source_of (address);

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, &source));
}

static void
set (IkeSources *self, const IkeAddress *address, guint n)
{
  IkeAddress source = source_of (address);

  if (n)
    g_hash_table_insert (self->counts, g_memdup2 (&source, sizeof source), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->counts, &source);
}

void
ike_sources_add (IkeSources *self, const IkeAddress *address)
{
  set (self, address, ike_sources_count (self, address) + 1);
}

void
ike_sources_remove (IkeSources *self, const IkeAddress *address)
{
  guint n = ike_sources_count (self, address);

  g_assert (n > 0);
  set (self, address, n - 1);
}
