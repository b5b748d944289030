/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the authenticated fragments of incomplete messages: RFC 7383 section 2.6. */
#include "sa/fragments.h"

struct _IkeFragments {
  IkeFragments *next;
  guint32 id;
  gboolean response;
  guint8 first;
  guint16 total, have;
  gsize octets;
  IkeSecret *parts[IKE_MAX_FRAGMENTS];
};

static void
drop_parts (IkeFragments *fragments)
{
  for (guint i = 0; i < G_N_ELEMENTS (fragments->parts); i++)
    g_clear_pointer (&fragments->parts[i], ike_secret_free);
  fragments->have = 0;
  fragments->octets = 0;
}

void
ike_fragments_remove (IkeFragments **list, IkeFragments *fragments)
{
  while (*list != fragments)
    list = &(*list)->next;
  *list = fragments->next;
  drop_parts (fragments);
  g_free (fragments);
}

IkeFragments *
ike_fragments_new (IkeFragments **list, guint32 id, gboolean response, guint most)
{
  IkeFragments *fragments = g_new0 (IkeFragments, 1), *oldest;
  guint n = 1;

  fragments->id = id;
  fragments->response = response;
  fragments->next = *list;
  *list = fragments;
  for (oldest = fragments; oldest->next; oldest = oldest->next)
    n++;
  if (n > most)
    ike_fragments_remove (list, oldest);
  return fragments;
}

IkeFragments *
ike_fragments_find (IkeFragments *list, guint32 id, gboolean response)
{
  while (list && (list->id != id || list->response != response))
    list = list->next;
  return list;
}

void
ike_fragments_free (IkeFragments *list)
{
  while (list)
    ike_fragments_remove (&list, list);
}

gboolean
ike_fragments_want (const IkeFragments *fragments, guint16 fragment, guint16 total)
{
  if (fragment == 0 || fragment > total || total > IKE_MAX_FRAGMENTS || total < fragments->total)
    return FALSE;
  return total > fragments->total || !fragments->parts[fragment - 1];
}

gboolean
ike_fragments_add (IkeFragments *fragments, IkeSkOpened *opened)
{
  gsize len = ike_secret_len (opened->inner);

  if (!ike_fragments_want (fragments, opened->fragment, opened->total))
    return FALSE;
  /* RFC 7383 section 2.6: a larger Total Fragments means that the peer fragmented anew; older pieces are useless */
  if (opened->total > fragments->total)
    {
      drop_parts (fragments);
      fragments->total = opened->total;
    }
  if (len > IKE_MAX_MESSAGE - fragments->octets)
    return FALSE;
  if (opened->fragment == 1)
    fragments->first = opened->first_inner;
  fragments->parts[opened->fragment - 1] = g_steal_pointer (&opened->inner);
  fragments->octets += len;
  fragments->have++;
  return fragments->have == fragments->total;
}

IkeSecret *
ike_fragments_join (IkeFragments *fragments, guint8 *ret_first)
{
  IkeSecret *whole = ike_secret_new (fragments->octets);
  gsize at = 0;

  for (guint i = 0; i < fragments->total; i++)
    {
      IkeChunk part = ike_secret_chunk (fragments->parts[i]);

      if (part.len)
        memcpy (ike_secret_data (whole) + at, part.data, part.len);
      at += part.len;
    }
  *ret_first = fragments->first;
  return whole;
}
