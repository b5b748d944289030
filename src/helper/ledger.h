/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one list of SAs and policies that this helper has in the kernel, in the order in which they came: what an SPI
 * stands for, which policies a reqid has, and what is to be undone. It talks to nobody.
 *
 * Entries are written once the kernel has said yes, under the number of a batch; a batch is then committed or undone.
 * A policy that replaces another one of the same selector remembers it until then.
 */
#pragma once

#include "kernel/xfrm-build.h"

typedef struct _Ledger Ledger;

typedef struct {
  guint batch;
  gboolean is_policy;
  gboolean larval; /* SA: only the SPI is reserved */
  XfrmSaId sa;
  XfrmPolicy policy;
  gboolean has_previous;
  XfrmPolicy previous;
} LedgerEntry;

typedef void (*LedgerFunc) (const LedgerEntry *entry, gpointer data);

Ledger *ledger_new (void);
void ledger_free (Ledger *ledger);
guint ledger_size (const Ledger *ledger);

/* One of the same SPI, direction and destination is replaced: the larval one becomes real, also when it was reserved for
 * another address of ours. */
void ledger_add_sa (Ledger *ledger, guint batch, const XfrmSaId *id, gboolean larval);
/* Outbound SPIs are the other ends' choice, so that two slots may have the same; an inbound one is found by whatever slot
 * it was reserved for. */
const LedgerEntry *ledger_find_sa (const Ledger *ledger, guint32 spi, gboolean outbound, guint32 reqid);
/* As the kernel tells SAs apart. */
const LedgerEntry *ledger_find_sa_to (const Ledger *ledger, guint32 spi, const ChannelAddress *dst);
void ledger_remove_sa (Ledger *ledger, const XfrmSaId *id);

void ledger_add_policy (Ledger *ledger, guint batch, const XfrmPolicy *policy);
void ledger_each_policy (const Ledger *ledger, guint32 reqid, LedgerFunc func, gpointer data);
void ledger_remove_policies (Ledger *ledger, guint32 reqid);

/* Forgets the policies of @reqid (0: of none) that are not @batch's; @func deletes them. */
void ledger_remove_older (Ledger *ledger, guint batch, guint32 reqid, LedgerFunc func, gpointer data);

/* What @batch did is there to stay. */
void ledger_commit (Ledger *ledger, guint batch);
/* Forgets what @batch did, newest first; @func is told each entry: to be deleted, or its previous to be put back. */
void ledger_undo (Ledger *ledger, guint batch, LedgerFunc func, gpointer data);
/* Forgets everything: policies first, then SAs, newest first. */
void ledger_undo_all (Ledger *ledger, LedgerFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ledger, ledger_free)
