/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the work on one puzzle, which is its negotiation's. RFC 8019 sections 7.1.2, 7.2.2. */
#include "exchange/puzzle.h"

#include "sa/nego.h"
#include "wire/payload-notify.h"

/* So many times as many tries as it takes on average; one in a million needs more. */
#define PATIENCE 4

struct _IkePuzzleWork {
  IkePuzzle puzzle;
  GBytes *octets;
  GByteArray *keys;
  guint64 next, most; /* keys */
  guint32 serial;
  IkePuzzleDone done;
};

IkePuzzleKind
ike_puzzle_find (const IkePayloads *payloads, IkePuzzle *ret, char **ret_detail)
{
  IkeNotify notify;

  if (!ike_notify_find (payloads, IKE_NOTIFY_PUZZLE, &notify))
    return IKE_PUZZLE_NONE;
  if (!ike_puzzle_parse (notify.data, ret))
    *ret_detail = g_strdup ("malformed");
  else if (!ike_puzzle_key_len (ret->prf))
    *ret_detail = g_strdup (IKE_NAME (PRF, ret->prf));
  else if (ret->bits > IKE_PUZZLE_MAX_BITS)
    *ret_detail = g_strdup_printf ("%u bits, we do %u", ret->bits, IKE_PUZZLE_MAX_BITS);
  else
    return IKE_PUZZLE_EASY;
  return IKE_PUZZLE_HARD;
}

void
ike_puzzle_work_free (IkePuzzleWork *work)
{
  if (!work)
    return;
  g_bytes_unref (work->octets);
  g_byte_array_unref (work->keys);
  g_free (work);
}

void
ike_puzzle_stop (IkeParent *parent)
{
  g_clear_pointer (&parent->nego->puzzle, ike_puzzle_work_free);
}

static void search (IkeParent *parent);

static void
finish (IkeParent *parent, gboolean solved)
{
  IkePuzzleWork *work = parent->nego->puzzle;
  IkePuzzleDone done = work->done;

  if (solved)
    parent->nego->solution = g_bytes_new (work->keys->data, work->keys->len);
  ike_parent_log (parent, IKE_LOG_DEBUG, "puzzle", solved ? "solved" : "given up after %" G_GUINT64_FORMAT " tries",
                  work->next);
  ike_puzzle_stop (parent);
  done (parent);
}

static void
on_slice (IkeParent *parent, IkeTask *task, guint32 serial, IkeInput *input)
{
  IkePuzzleWork *work = parent->nego ? parent->nego->puzzle : NULL;
  gsize want, len = 0;
  gconstpointer keys;

  /* of one that was stopped */
  if (!work || work->serial != serial)
    return;
  want = IKE_PUZZLE_KEYS * ike_puzzle_key_len (work->puzzle.prf);
  keys = input->bytes ? g_bytes_get_data (input->bytes, &len) : NULL;
  g_byte_array_append (work->keys, keys, (guint) MIN (len, want - work->keys->len));
  if (work->keys->len >= want)
    finish (parent, TRUE);
  else if (!input->ok || work->next >= work->most)
    finish (parent, FALSE);
  else
    search (parent);
}

static void
search (IkeParent *parent)
{
  IkePuzzleWork *work = parent->nego->puzzle;
  IkeWorkFor of = { .parent = parent, .child = work->serial, .done = on_slice };
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_PUZZLE;
  job->puzzle.puzzle = work->puzzle;
  job->puzzle.octets = g_bytes_ref (work->octets);
  job->puzzle.first = work->next;
  job->puzzle.count = IKE_PUZZLE_SLICE;
  work->next += IKE_PUZZLE_SLICE;
  ike_core_ask (parent->core, ike_parent_config (parent)->id, job, &of, NULL);
}

void
ike_puzzle_solve (IkeTask *task, const IkePuzzle *puzzle, IkeChunk octets, IkePuzzleDone done)
{
  IkeParent *parent = task->parent;
  IkePuzzleWork *work = g_new0 (IkePuzzleWork, 1);

  ike_puzzle_stop (parent);
  g_clear_pointer (&parent->nego->solution, g_bytes_unref);
  work->puzzle = *puzzle;
  if (!work->puzzle.bits)
    work->puzzle.bits = IKE_PUZZLE_FREE_BITS;
  work->octets = ike_chunk_dup (octets);
  work->keys = g_byte_array_new ();
  work->serial = ++parent->nego->puzzles;
  work->most = (guint64) PATIENCE * IKE_PUZZLE_KEYS << work->puzzle.bits;
  work->done = done;
  parent->nego->puzzle = work;
  ike_parent_log (parent, IKE_LOG_INFO, "puzzle", "the gateway is under load and wants a puzzle of %u bits solved",
                  work->puzzle.bits);
  search (parent);
}
