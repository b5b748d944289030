/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What takes less than a thread costs is done on the spot: X25519, P-256, and a chain with its signature; whether one of
 * its certificates was revoked may have to be asked. P-384 and P-521 and the MODP groups take 2 to 20 ms each and run in a worker.
 */
#include "io/jobs.h"

#include "nss-sign.h"

typedef struct {
  const IkeCrypto *crypto;
  IkeJobType type;
  guint16 group;
  IkeKeKey *key; /* KE_FINISH: the engine's, which outlives the job */
  GBytes *peer; /* PUZZLE: its octets */
  IkePuzzle puzzle;
  guint64 first;
  guint count;
  IkeInput *answer;
  JobDoneFunc done;
  gpointer data;
} Work;

static gboolean
group_is_slow (guint16 group)
{
  return group != IKE_KE_CURVE25519 && group != IKE_KE_ECP_256;
}

static void
work_do (Work *work)
{
  const IkeCrypto *crypto = work->crypto;
  IkeInput *answer = work->answer;

  if (work->type == IKE_JOB_PUZZLE)
    {
      answer->bytes = ike_puzzle_search (crypto, &work->puzzle, ike_chunk_bytes (work->peer), work->first, work->count);
      answer->ok = answer->bytes != NULL;
    }
  else if (work->type == IKE_JOB_KE_GENERATE)
    answer->ok = crypto->ke_generate (crypto, work->group, &answer->key, &answer->bytes);
  else if (work->type == IKE_JOB_KE_RESPOND)
    answer->ok = crypto->ke_respond (crypto, work->group, work->peer, &answer->bytes, &answer->secret);
  else
    {
      answer->secret = crypto->ke_finish (crypto, work->key, work->peer);
      answer->ok = answer->secret != NULL;
    }
}

static void
work_finish (Work *work)
{
  work->done (g_steal_pointer (&work->answer), work->data);
  g_clear_pointer (&work->peer, g_bytes_unref);
  g_free (work);
}

static gboolean
work_answer (gpointer data)
{
  work_finish (data);
  return G_SOURCE_REMOVE;
}

static gpointer
work_thread (gpointer data)
{
  work_do (data);
  g_idle_add_full (G_PRIORITY_DEFAULT, work_answer, data, NULL);
  return NULL;
}

static void
on_revocation (const IkeReason *reason, gpointer data)
{
  Work *work = data;

  ike_reason_copy (&work->answer->reason, reason);
  work->answer->ok = reason->code == IKE_REASON_NONE;
  work_finish (work);
}

/* Nobody without a certificate of ours makes us ask. */
static void
verify (const IkeJob *job, const JobTrust *trust, Work *work)
{
  g_autoptr (GPtrArray) path = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_cert_unref);
  NssChainQuery query = {
    .trust = trust->trust,
    .certificates = job->verify.certificates,
    .identity = job->verify.identity,
    .check_identity = trust->check_identity,
    .path = path,
    .now = g_get_real_time () / G_USEC_PER_SEC,
  };
  IkeReason *reason = &work->answer->reason;

  nss_verify_auth (&query, job->verify.scheme, job->verify.octets, job->verify.signature, reason);
  if (reason->code == IKE_REASON_NONE)
    revocation_check (trust->revocation, path, job->verify.status, on_revocation, work);
  else
    work_finish (work);
}

void
job_run (const IkeCrypto *crypto, const IkeJob *job, const JobTrust *trust, JobDoneFunc done, gpointer data)
{
  Work *work = g_new0 (Work, 1);
  GThread *thread;

  work->crypto = crypto;
  work->type = job->type;
  work->done = done;
  work->data = data;
  work->answer = g_new0 (IkeInput, 1);
  work->answer->type = IKE_INPUT_JOB;
  if (job->type == IKE_JOB_VERIFY)
    {
      verify (job, trust, work);
      return;
    }

  work->group = job->ke.group;
  work->key = job->ke.key;
  work->peer = job->ke.peer ? g_bytes_ref (job->ke.peer) : NULL;
  if (job->type == IKE_JOB_PUZZLE)
    {
      work->puzzle = job->puzzle.puzzle;
      work->peer = g_bytes_ref (job->puzzle.octets);
      work->first = job->puzzle.first;
      work->count = job->puzzle.count;
    }
  thread = job->type == IKE_JOB_PUZZLE || group_is_slow (work->group) ? g_thread_try_new ("key-exchange", work_thread, work, NULL) : NULL;
  if (thread)
    {
      g_thread_unref (thread);
      return;
    }
  work_do (work);
  work_finish (work);
}
