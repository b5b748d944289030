/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the index of claims by selectors, which is its connection's. */
#include "sa/claims.h"

#include "sa/client.h"
#include "sa/connection.h"
#include "sa/label.h"
#include "sa/parent.h"
#include "wire/payload-ts.h"

#define SELECTORS_ROOM (2 * 16384) /* octets of both lists, as on the wire; IKE_MAX_TS of IPv6 need two thirds */

struct _IkeClaims {
  GBytes *key;
  GPtrArray *children; /* IkeChild, of the oldest client first; the last one has the policies */
};

static void
claims_free (gpointer data)
{
  IkeClaims *claims = data;

  g_bytes_unref (claims->key);
  g_ptr_array_unref (claims->children);
  g_free (claims);
}

static IkeClaims *
claims_of (IkeChild *child)
{
  IkeConnection *connection = child->parent->connection;
  g_auto (IkeWriter) writer = IKE_WRITER (SELECTORS_ROOM);
  g_autoptr (GBytes) key = NULL;
  IkeClaims *claims;

  ike_ts_write (&writer, child->local_ts, ike_label_chunk (child->label));
  ike_ts_write (&writer, child->remote_ts, ike_label_chunk (NULL));
  key = ike_writer_finish (&writer);
  if (!key)
    return NULL;
  if (!connection->claims)
    connection->claims = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, NULL, claims_free);
  claims = g_hash_table_lookup (connection->claims, key);
  if (!claims)
    {
      claims = g_new0 (IkeClaims, 1);
      claims->key = g_steal_pointer (&key);
      claims->children = g_ptr_array_new ();
      g_hash_table_insert (connection->claims, claims->key, claims);
    }
  return claims;
}

/* The clients' numbers grow, and stay the same when an IKE SA is rekeyed. */
static guint32
age (const IkeChild *child)
{
  return child->parent->client ? child->parent->client->number : 0;
}

gboolean
ike_claims_enter (IkeChild *child)
{
  IkeClaims *claims;
  guint at;

  if (child->parent->connection->config->role != IKE_ROLE_RESPONDER)
    return TRUE;
  ike_claims_leave (child);
  claims = child->claims = claims_of (child);
  if (!claims)
    return TRUE;
  for (at = claims->children->len; at > 0 && age (claims->children->pdata[at - 1]) > age (child); at--)
    ;
  g_ptr_array_insert (claims->children, (gint) at, child);
  return at == claims->children->len - 1;
}

void
ike_claims_pass (IkeChild *from, IkeChild *to)
{
  IkeClaims *claims = g_steal_pointer (&from->claims);
  guint at;

  if (!claims)
    return;
  ike_claims_leave (to);
  if (g_ptr_array_find (claims->children, from, &at))
    claims->children->pdata[at] = to;
  to->claims = claims;
}

void
ike_claims_leave (IkeChild *child)
{
  IkeClaims *claims = g_steal_pointer (&child->claims);

  if (!claims)
    return;
  g_ptr_array_remove (claims->children, child);
  if (!claims->children->len)
    g_hash_table_remove (child->parent->connection->claims, claims->key);
}

/* It can carry something, if it has the policies. */
static gboolean
is_of_use (const IkeChild *child)
{
  return child->parts & (IKE_SA_IN | IKE_SA_OUT) && child->state != IKE_CHILD_LINGERING &&
         child->state != IKE_CHILD_DELETING;
}

gboolean
ike_claims_waits (const IkeChild *child)
{
  for (guint i = child->claims ? child->claims->children->len : 0; i-- > 0;)
    {
      const IkeChild *other = child->claims->children->pdata[i];

      if (other == child)
        return FALSE;
      if (is_of_use (other))
        return TRUE;
    }
  return FALSE;
}

IkeChild *
ike_claims_heir (const IkeChild *child)
{
  guint i = child->claims ? child->claims->children->len : 0;

  if (!i || child->claims->children->pdata[--i] != child)
    return NULL;
  while (i-- > 0)
    {
      IkeChild *other = child->claims->children->pdata[i];

      if (is_of_use (other))
        return other;
    }
  return NULL;
}
