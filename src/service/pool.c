/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the leases. An identity is remembered by a part of its hash: long enough, and nobody's name is in a file. */
#include "pool.h"

#include <string.h>

#define KEY_DIGITS 16

typedef struct {
  guint number;
  char *key; /* NULL: nobody's */
  guint32 client; /* 0: free */
  GList link; /* in @idle, when it is free; data: itself */
} Lease;

/* Addresses that hosts can have. */
typedef struct {
  IkeAddress first;
  guint count;
} Range;

struct _Pool {
  GArray *ranges; /* Range */
  guint size;
  guint next; /* the lowest number that was never used */
  GHashTable *by_key; /* Lease.key -> Lease */
  GHashTable *by_client; /* client -> Lease */
  GHashTable *by_number; /* Lease.number -> Lease; owned */
  GQueue idle; /* Lease.link, used longest ago first */
};

static void
lease_free (gpointer data)
{
  Lease *lease = data;

  g_free (lease->key);
  g_free (lease);
}

/* ---- arithmetic ---- */

#define MANY (2 * (POOL_MAX + 1)) /* more than are ever used: a power of 2 */

static void
address_add (IkeAddress *address, guint add)
{
  for (gsize at = ike_family_len (address->family); add && at-- > 0;)
    {
      add += address->bytes[at];
      address->bytes[at] = (guint8) add;
      add >>= 8;
    }
}

/* At most MANY. */
static guint
addresses_in (const IkeSelector *range)
{
  guint64 distance = 0;

  for (gsize i = 0; i < ike_family_len (range->first.family); i++)
    {
      /* never below 0: octets that come earlier weigh more */
      distance = (distance << 8) + range->last.bytes[i] - range->first.bytes[i];
      distance = MIN (distance, MANY);
    }
  return (guint) MIN (distance + 1, MANY);
}

static Range
range_of (const IkeSelector *from)
{
  Range range = { from->first, addresses_in (from) };
  gsize len = ike_family_len (from->first.family);
  guint low =
      (guint) from->first.bytes[len - 3] << 16 | (guint) from->first.bytes[len - 2] << 8 | from->first.bytes[len - 1];
  gboolean is_net = (range.count & (range.count - 1)) == 0 && (low & (range.count - 1)) == 0;

  if (is_net && range.count > 2)
    {
      address_add (&range.first, 1);
      range.count -= from->first.family == IKE_FAMILY_IP4 ? 2 : 1;
    }
  return range;
}

static guint
hosts (const GArray *ranges, IkeFamily family)
{
  guint n = 0;

  for (guint i = 0; i < ranges->len; i++)
    if (g_array_index (ranges, Range, i).first.family == family)
      n = MIN (n + g_array_index (ranges, Range, i).count, POOL_MAX + 1);
  return n;
}

/* The so-manieth host, from 0. */
static IkeAddress
nth (const Pool *self, IkeFamily family, guint n)
{
  for (guint i = 0; i < self->ranges->len; i++)
    {
      const Range *range = &g_array_index (self->ranges, Range, i);
      IkeAddress address = range->first;

      if (address.family != family)
        continue;
      if (n < range->count)
        {
          address_add (&address, n);
          return address;
        }
      n -= range->count;
    }
  return (IkeAddress){ 0 };
}

Pool *
pool_new (const GArray *ranges)
{
  Pool *self = g_new0 (Pool, 1);
  guint four, six;

  self->ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  for (guint i = 0; ranges && i < ranges->len; i++)
    {
      const Range range = range_of (&g_array_index (ranges, IkeSelector, i));

      g_array_append_val (self->ranges, range);
    }
  four = hosts (self->ranges, IKE_FAMILY_IP4);
  six = hosts (self->ranges, IKE_FAMILY_IP6);
  /* both families at once: the smaller pool decides; our own address is not for others */
  self->size = four && six ? MIN (four, six) : MAX (four, six);
  self->size = self->size ? self->size - 1 : 0;
  self->next = 1;
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_client = g_hash_table_new (NULL, NULL);
  self->by_number = g_hash_table_new_full (NULL, NULL, NULL, lease_free);
  g_queue_init (&self->idle);
  return self;
}

void
pool_free (Pool *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->by_client);
  g_hash_table_unref (self->by_number);
  g_array_unref (self->ranges);
  g_free (self);
}

guint
pool_size (const Pool *self)
{
  return self->size;
}

IkeAddress
pool_own (const Pool *self, IkeFamily family)
{
  return nth (self, family, 0);
}

/* ---- leases ---- */

static char *
key_of (const IkeIdentity *identity)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *text = NULL;
  gboolean caseless = identity->type == IKE_ID_FQDN || identity->type == IKE_ID_RFC822_ADDR;
  guint8 type = (guint8) identity->type;
  gsize len;
  const char *data = g_bytes_get_data (identity->data, &len);

  text = caseless ? g_ascii_strdown (data, (gssize) len) : g_memdup2 (data, len);
  g_checksum_update (sum, &type, 1);
  g_checksum_update (sum, (const guchar *) text, (gssize) len);
  return g_strndup (g_checksum_get_string (sum), KEY_DIGITS);
}

static Lease *
lease_new (Pool *self, guint number)
{
  Lease *lease = g_new0 (Lease, 1);

  lease->number = number;
  lease->link.data = lease;
  g_hash_table_insert (self->by_number, GUINT_TO_POINTER (number), lease);
  g_queue_push_tail_link (&self->idle, &lease->link);
  return lease;
}

static void
give_key (Pool *self, Lease *lease, char *take_key)
{
  if (lease->key)
    g_hash_table_remove (self->by_key, lease->key);
  g_free (lease->key);
  lease->key = take_key;
  if (take_key)
    g_hash_table_insert (self->by_key, take_key, lease);
}

/* One that nobody has: rather a new one than what somebody else may come back for. */
static Lease *
find_free (Pool *self)
{
  while (self->next <= self->size && g_hash_table_contains (self->by_number, GUINT_TO_POINTER (self->next)))
    self->next++;
  if (self->next <= self->size)
    return lease_new (self, self->next++);
  return self->idle.head ? self->idle.head->data : NULL;
}

static Lease *
take (Pool *self, guint32 client, const IkeIdentity *identity)
{
  g_autofree char *key = identity ? key_of (identity) : NULL;
  Lease *lease = key ? g_hash_table_lookup (self->by_key, key) : NULL;

  /* the same identity twice at once: the second is nobody in particular */
  if (lease && lease->client)
    {
      g_clear_pointer (&key, g_free);
      lease = NULL;
    }
  if (!lease)
    {
      lease = find_free (self);
      if (!lease)
        return NULL;
      give_key (self, lease, g_steal_pointer (&key));
    }
  g_queue_unlink (&self->idle, &lease->link);
  lease->client = client;
  g_hash_table_insert (self->by_client, GUINT_TO_POINTER (client), lease);
  return lease;
}

gboolean
pool_lease (Pool *self, guint32 client, const IkeIdentity *identity, IkeAddress *ret4, IkeAddress *ret6)
{
  const Lease *lease = g_hash_table_lookup (self->by_client, GUINT_TO_POINTER (client));

  if (!lease)
    lease = take (self, client, identity);
  if (!lease)
    return FALSE;
  *ret4 = nth (self, IKE_FAMILY_IP4, lease->number);
  *ret6 = nth (self, IKE_FAMILY_IP6, lease->number);
  return TRUE;
}

void
pool_release (Pool *self, guint32 client)
{
  Lease *lease = g_hash_table_lookup (self->by_client, GUINT_TO_POINTER (client));

  if (!lease)
    return;
  g_hash_table_remove (self->by_client, GUINT_TO_POINTER (client));
  lease->client = 0;
  g_queue_push_tail_link (&self->idle, &lease->link);
}

/* ---- what is kept: a line "key number" for each, used longest ago first ---- */

static void
save_lease (const Lease *lease, GString *text)
{
  if (lease->key)
    g_string_append_printf (text, "%s %u\n", lease->key, lease->number);
}

char *
pool_save (const Pool *self)
{
  GString *text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer lease;
  guint all = self->idle.length + g_hash_table_size (self->by_client);
  guint skip = all > POOL_MAX_SAVED ? all - POOL_MAX_SAVED : 0;

  for (const GList *l = self->idle.head; l; l = l->next)
    if (skip)
      skip--;
    else
      save_lease (l->data, text);
  g_hash_table_iter_init (&iter, self->by_client);
  while (g_hash_table_iter_next (&iter, NULL, &lease))
    if (skip)
      skip--;
    else
      save_lease (lease, text);
  return g_string_free (text, FALSE);
}

static void
load_line (Pool *self, const char *line)
{
  g_autofree char *key = NULL;
  guint64 number;
  Lease *lease;

  if (strspn (line, "0123456789abcdef") != KEY_DIGITS || line[KEY_DIGITS] != ' ' ||
      !g_ascii_string_to_unsigned (line + KEY_DIGITS + 1, 10, 1, MIN (self->size, POOL_MAX), &number, NULL))
    return;
  key = g_strndup (line, KEY_DIGITS);
  if (g_hash_table_contains (self->by_number, GUINT_TO_POINTER ((guint) number)) ||
      g_hash_table_contains (self->by_key, key))
    return;
  lease = lease_new (self, (guint) number);
  give_key (self, lease, g_steal_pointer (&key));
}

void
pool_load (Pool *self, const char *text, gsize len)
{
  g_autofree char *copy = len ? g_strndup (text, len) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (copy, "\n", POOL_MAX_SAVED + 1);

  /* the last piece holds what is too much */
  for (guint i = 0; lines[i] && self->size && i < POOL_MAX_SAVED; i++)
    load_line (self, lines[i]);
}
