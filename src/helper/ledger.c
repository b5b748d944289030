/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An array is enough: a road warrior has a handful of entries, and order is what matters. */
#include "ledger.h"

#include <string.h>

struct _Ledger {
  GPtrArray *entries; /* LedgerEntry */
};

Ledger *
ledger_new (void)
{
  Ledger *ledger = g_new0 (Ledger, 1);

  ledger->entries = g_ptr_array_new_with_free_func (g_free);
  return ledger;
}

void
ledger_free (Ledger *ledger)
{
  if (!ledger)
    return;
  g_ptr_array_unref (ledger->entries);
  g_free (ledger);
}

guint
ledger_size (const Ledger *ledger)
{
  return ledger->entries->len;
}

static LedgerEntry *
entry_at (const Ledger *ledger, guint i)
{
  return g_ptr_array_index (ledger->entries, i);
}

/* ---- SAs ---- */

static gboolean
is_sa (const LedgerEntry *e, guint32 spi, gboolean outbound)
{
  return !e->is_policy && e->sa.spi == spi && !e->sa.outbound == !outbound;
}

static gboolean
goes_to (const LedgerEntry *e, const ChannelAddress *dst)
{
  return e->sa.dst.family == dst->family && memcmp (e->sa.dst.bytes, dst->bytes, sizeof dst->bytes) == 0;
}

const LedgerEntry *
ledger_find_sa (const Ledger *ledger, guint32 spi, gboolean outbound, guint32 reqid)
{
  const LedgerEntry *ours = NULL;

  for (guint i = 0; i < ledger->entries->len; i++)
    {
      const LedgerEntry *e = entry_at (ledger, i);

      if (!is_sa (e, spi, outbound))
        continue;
      if (e->sa.reqid == reqid)
        return e;
      if (!outbound)
        ours = e;
    }
  return ours;
}

const LedgerEntry *
ledger_find_sa_to (const Ledger *ledger, guint32 spi, const ChannelAddress *dst)
{
  for (guint i = 0; i < ledger->entries->len; i++)
    {
      const LedgerEntry *e = entry_at (ledger, i);

      if (!e->is_policy && e->sa.spi == spi && goes_to (e, dst))
        return e;
    }
  return NULL;
}

void
ledger_remove_sa (Ledger *ledger, const XfrmSaId *id)
{
  for (guint i = ledger->entries->len; i-- > 0;)
    {
      const LedgerEntry *e = entry_at (ledger, i);

      if (is_sa (e, id->spi, id->outbound) && (goes_to (e, &id->dst) || (!id->outbound && e->larval)))
        g_ptr_array_remove_index (ledger->entries, i);
    }
}

void
ledger_add_sa (Ledger *ledger, guint batch, const XfrmSaId *id, gboolean larval)
{
  LedgerEntry *e = g_new0 (LedgerEntry, 1);

  ledger_remove_sa (ledger, id);
  e->batch = batch;
  e->larval = larval;
  e->sa = *id;
  g_ptr_array_add (ledger->entries, e);
}

/* ---- policies ---- */

/* By what the kernel tells two policies apart. */
static gboolean
same_policy (const XfrmPolicy *a, const XfrmPolicy *b)
{
  return a->dir == b->dir && a->if_id == b->if_id && a->mark == b->mark && a->mark_mask == b->mark_mask &&
         a->label.len == b->label.len && (!a->label.len || memcmp (a->label.data, b->label.data, a->label.len) == 0) &&
         memcmp (&a->selector, &b->selector, sizeof a->selector) == 0;
}

void
ledger_add_policy (Ledger *ledger, guint batch, const XfrmPolicy *policy)
{
  LedgerEntry *e = g_new0 (LedgerEntry, 1);

  e->batch = batch;
  e->is_policy = TRUE;
  e->policy = *policy;
  for (guint i = 0; i < ledger->entries->len; i++)
    {
      const LedgerEntry *old = entry_at (ledger, i);

      if (!old->is_policy || !same_policy (&old->policy, policy))
        continue;
      /* what was there before the batch began is what an undo puts back */
      e->has_previous = old->batch != batch || old->has_previous;
      e->previous = old->batch == batch ? old->previous : old->policy;
      g_ptr_array_remove_index (ledger->entries, i);
      break;
    }
  g_ptr_array_add (ledger->entries, e);
}

void
ledger_each_policy (const Ledger *ledger, guint32 reqid, LedgerFunc func, gpointer data)
{
  for (guint i = 0; i < ledger->entries->len; i++)
    if (entry_at (ledger, i)->is_policy && entry_at (ledger, i)->policy.reqid == reqid)
      func (entry_at (ledger, i), data);
}

void
ledger_remove_policies (Ledger *ledger, guint32 reqid)
{
  for (guint i = ledger->entries->len; i-- > 0;)
    if (entry_at (ledger, i)->is_policy && entry_at (ledger, i)->policy.reqid == reqid)
      g_ptr_array_remove_index (ledger->entries, i);
}

void
ledger_remove_older (Ledger *ledger, guint batch, guint32 reqid, LedgerFunc func, gpointer data)
{
  for (guint i = ledger->entries->len; reqid && i-- > 0;)
    {
      LedgerEntry *e = entry_at (ledger, i);

      if (!e->is_policy || e->policy.reqid != reqid || e->batch == batch)
        continue;
      e->has_previous = FALSE;
      func (e, data);
      g_ptr_array_remove_index (ledger->entries, i);
    }
}

/* ---- batches ---- */

void
ledger_commit (Ledger *ledger, guint batch)
{
  for (guint i = 0; i < ledger->entries->len; i++)
    if (entry_at (ledger, i)->batch == batch)
      {
        entry_at (ledger, i)->batch = 0;
        entry_at (ledger, i)->has_previous = FALSE;
      }
}

static void
put_back (LedgerEntry *e)
{
  e->batch = 0;
  e->has_previous = FALSE;
  e->policy = e->previous;
}

void
ledger_undo (Ledger *ledger, guint batch, LedgerFunc func, gpointer data)
{
  for (guint i = ledger->entries->len; i-- > 0;)
    {
      LedgerEntry *e = entry_at (ledger, i);

      if (e->batch != batch)
        continue;
      func (e, data);
      if (e->has_previous)
        put_back (e);
      else
        g_ptr_array_remove_index (ledger->entries, i);
    }
}

void
ledger_undo_all (Ledger *ledger, LedgerFunc func, gpointer data)
{
  for (int policies = 1; policies >= 0; policies--)
    for (guint i = ledger->entries->len; i-- > 0;)
      if (entry_at (ledger, i)->is_policy == policies)
        {
          entry_at (ledger, i)->has_previous = FALSE;
          func (entry_at (ledger, i), data);
        }
  g_ptr_array_set_size (ledger->entries, 0);
}
