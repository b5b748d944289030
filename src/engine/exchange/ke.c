/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key exchange jobs of a task: RFC 7296 sections 1.3, 2.12, 2.18. Owns nothing. */
#include "exchange/ke.h"

#define MAX_INVALID_KES 3

static void
ask (IkeTask *task, IkeJob *take_job, IkeKeKey *take_key, IkeWorkDone done)
{
  IkeParent *parent = task->parent;
  IkeWorkFor work = { .parent = parent, .task = task->id, .done = done };

  task->waiting++;
  ike_core_ask (parent->core, ike_parent_config (parent)->id, take_job, &work, take_key);
}

void
ike_ke_generate (IkeTask *task, guint16 group, IkeWorkDone done)
{
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_KE_GENERATE;
  job->ke.group = group;
  ask (task, job, NULL, done);
}

void
ike_ke_again (IkeTask *task, guint16 group, IkeWorkDone done)
{
  const IkeCrypto *crypto = task->parent->core->crypto;

  if (task->material.key)
    crypto->ke_free (crypto, g_steal_pointer (&task->material.key));
  g_clear_pointer (&task->material.mine, g_bytes_unref);
  task->material.group = group;
  if (group)
    ike_ke_generate (task, group, done);
}

void
ike_ke_finish (IkeTask *task, IkeKeKey *take_key, guint16 group, IkeChunk peer, IkeWorkDone done)
{
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_KE_FINISH;
  job->ke.group = group;
  job->ke.key = take_key;
  job->ke.peer = ike_chunk_dup (peer);
  ask (task, job, take_key, done);
}

void
ike_ke_respond (IkeTask *task, guint16 group, IkeChunk peer, IkeWorkDone done)
{
  IkeJob *job = g_new0 (IkeJob, 1);

  job->type = IKE_JOB_KE_RESPOND;
  job->ke.group = group;
  job->ke.peer = ike_chunk_dup (peer);
  ask (task, job, NULL, done);
}

guint16
ike_ke_other_group (IkeMaterial *material, GPtrArray *proposals, IkeChunk notify_data)
{
  IkeReader reader = ike_reader (notify_data);
  guint16 group = ike_read_u16 (&reader);

  if (!ike_reader_done (&reader) || group == material->group || !ike_proposals_have_ke (proposals, group) ||
      ++material->invalid_kes > MAX_INVALID_KES)
    return 0;
  return group;
}

guint16
ike_ke_additional (const IkeMaterial *material)
{
  return ike_suite_addke (&material->suite, material->addke_done);
}
