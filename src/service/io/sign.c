/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One after the other: what is not there in time is left out, since it is only a courtesy. */
#include "io/sign.h"

typedef struct {
  HelperClient *helper;
  const struct _IkeSigScheme *scheme;
  GBytes *octets, *status;
  guint32 key;
  JobDoneFunc done;
  gpointer data;
} Run;

static void
run_free (Run *run)
{
  g_bytes_unref (run->octets);
  g_clear_pointer (&run->status, g_bytes_unref);
  g_free (run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

static void
on_signed (GBytes *signature, GError *error, gpointer data)
{
  g_autoptr (Run) run = data;
  IkeInput *answer = g_new0 (IkeInput, 1);

  answer->type = IKE_INPUT_JOB;
  answer->ok = signature != NULL;
  answer->status = g_steal_pointer (&run->status);
  if (signature)
    answer->bytes = g_bytes_ref (signature);
  else
    ike_reason_set (&answer->reason, IKE_REASON_SIGN_FAILED, 0, "%s", error ? error->message : "no answer");
  run->done (answer, run->data);
}

static void
on_status (GBytes *status, gpointer data)
{
  Run *run = data;

  run->status = status ? g_bytes_ref (status) : NULL;
  helper_client_sign (run->helper, run->key, run->scheme, run->octets, on_signed, run);
}

void
sign_run (HelperClient *helper, Revocation *revocation, guint32 key, const IkeJob *job, JobDoneFunc done, gpointer data)
{
  Run *run = g_new0 (Run, 1);

  run->helper = helper;
  run->scheme = job->sign.scheme;
  run->octets = g_bytes_ref (job->sign.octets);
  run->key = key;
  run->done = done;
  run->data = data;
  if (job->sign.status && revocation)
    revocation_own (revocation, on_status, run);
  else
    on_status (NULL, run);
}
