/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the index of half-open IKE SAs, their numbers by source, and the cookies' secrets. RFC 7296 section 2.6. */
#include "sa/half-open.h"

#include "sa/parent.h"
#include "sa/sources.h"

#define SECRET_LEN 32

typedef struct {
  IkeFirst first;
  IkeParent *parent;
  gboolean counts;
} Entry;

/* Secrets of cookies protect nobody's data, only our memory. */
typedef struct {
  guint8 octets[SECRET_LEN];
  guint8 number;
  IkeTime made; /* 0: not yet */
} Secret;

struct _IkeHalfOpen {
  GHashTable *entries; /* Entry -> itself; owned */
  GHashTable *by_parent; /* IkeParent -> Entry */
  IkeSources *sources; /* of those that count */
  guint count;
  Secret secrets[2]; /* now, and before that */
};

static guint
octets_hash (gconstpointer data, gsize len, guint hash)
{
  const guint8 *octets = data;

  for (gsize i = 0; i < len; i++)
    hash = hash * 33 + octets[i];
  return hash;
}

static guint
entry_hash (gconstpointer key)
{
  const Entry *entry = key;

  return octets_hash (entry->first.digest, sizeof entry->first.digest, entry->first.remote.port);
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *one = a, *other = b;

  return memcmp (one->first.digest, other->first.digest, sizeof one->first.digest) == 0 &&
         ike_endpoint_equal (&one->first.remote, &other->first.remote);
}

IkeHalfOpen *
ike_half_open_new (void)
{
  IkeHalfOpen *self = g_new0 (IkeHalfOpen, 1);

  self->entries = g_hash_table_new_full (entry_hash, entry_equal, g_free, NULL);
  self->by_parent = g_hash_table_new (NULL, NULL);
  self->sources = ike_sources_new ();
  return self;
}

void
ike_half_open_free (IkeHalfOpen *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->by_parent);
  ike_sources_free (self->sources);
  explicit_bzero (self->secrets, sizeof self->secrets);
  g_free (self);
}

/* ---- the index ---- */

gboolean
ike_first_is (IkeFirst *ret, const IkeCrypto *crypto, const IkeEndpoint *remote, IkeChunk datagram)
{
  ret->remote = *remote;
  return crypto->hash (crypto, IKE_HASH_SHA2_256, &datagram, 1, ret->digest);
}

IkeParent *
ike_half_open_find (const IkeHalfOpen *self, const IkeFirst *first)
{
  const Entry wanted = { .first = *first };
  const Entry *entry = g_hash_table_lookup (self->entries, &wanted);

  return entry ? entry->parent : NULL;
}

void
ike_half_open_add (IkeHalfOpen *self, IkeParent *parent, const IkeFirst *first)
{
  Entry *entry = g_new0 (Entry, 1);

  g_assert (!g_hash_table_contains (self->by_parent, parent));
  *entry = (Entry){ .first = *first, .parent = parent, .counts = TRUE };
  g_hash_table_add (self->entries, entry);
  g_hash_table_insert (self->by_parent, parent, entry);
  ike_sources_add (self->sources, &first->remote.address);
  self->count++;
}

void
ike_half_open_settle (IkeHalfOpen *self, IkeParent *parent)
{
  Entry *entry = g_hash_table_lookup (self->by_parent, parent);

  if (!entry || !entry->counts)
    return;
  entry->counts = FALSE;
  ike_sources_remove (self->sources, &entry->first.remote.address);
  self->count--;
}

void
ike_half_open_remove (IkeHalfOpen *self, IkeParent *parent)
{
  Entry *entry = g_hash_table_lookup (self->by_parent, parent);

  if (!entry)
    return;
  ike_half_open_settle (self, parent);
  g_hash_table_remove (self->by_parent, parent);
  g_hash_table_remove (self->entries, entry);
}

guint
ike_half_open_count (const IkeHalfOpen *self)
{
  return self->count;
}

guint
ike_half_open_count_source (const IkeHalfOpen *self, const IkeAddress *address)
{
  return ike_sources_count (self->sources, address);
}

/* ---- cookies ---- */

static gboolean
turn_secrets (IkeHalfOpen *self, const IkeCrypto *crypto, IkeTime now)
{
  Secret fresh = { .number = (guint8) (self->secrets[0].number + 1), .made = MAX (now, 1) };

  if (self->secrets[0].made && now - self->secrets[0].made < IKE_COOKIE_TIME)
    return TRUE;
  if (!crypto->random (crypto, fresh.octets, sizeof fresh.octets))
    return FALSE;
  self->secrets[1] = self->secrets[0];
  self->secrets[0] = fresh;
  return TRUE;
}

/* <VersionIDofSecret> | Hash(Ni | IPi | SPIi | <secret>), RFC 7296 section 2.6 */
static gboolean
cookie_of (const Secret *secret, const IkeCrypto *crypto, const IkeCookieOf *of, guint8 ret[IKE_COOKIE_LEN])
{
  const IkeChunk parts[] = {
    of->nonce,
    ike_address_chunk (of->source),
    ike_chunk (&of->spi_i, sizeof of->spi_i),
    ike_chunk (secret->octets, sizeof secret->octets),
  };

  ret[0] = secret->number;
  return crypto->hash (crypto, IKE_HASH_SHA2_256, parts, G_N_ELEMENTS (parts), ret + 1);
}

gboolean
ike_cookie_make (IkeHalfOpen *self, const IkeCrypto *crypto, IkeTime now, const IkeCookieOf *of,
                 guint8 ret[IKE_COOKIE_LEN])
{
  return turn_secrets (self, crypto, now) && cookie_of (&self->secrets[0], crypto, of, ret);
}

gboolean
ike_cookie_check (IkeHalfOpen *self, const IkeCrypto *crypto, IkeTime now, const IkeCookieOf *of, IkeChunk cookie)
{
  guint8 expected[IKE_COOKIE_LEN];

  if (cookie.len != IKE_COOKIE_LEN || !turn_secrets (self, crypto, now))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (self->secrets); i++)
    if (self->secrets[i].made && now - self->secrets[i].made < 2 * IKE_COOKIE_TIME &&
        self->secrets[i].number == cookie.data[0])
      return cookie_of (&self->secrets[i], crypto, of, expected) &&
             ike_memequal (expected, cookie.data, sizeof expected);
  return FALSE;
}
