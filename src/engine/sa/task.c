/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns what one exchange has collected. */
#include "sa/task.h"

#include "sa/parent.h"

#define NONCE_LEN 32

void
ike_incoming_free (IkeIncoming *incoming)
{
  if (!incoming)
    return;
  g_clear_pointer (&incoming->datagram, g_bytes_unref);
  ike_secret_free (incoming->inner);
  g_free (incoming);
}

void
ike_incoming_queue_free (GQueue *queue)
{
  g_queue_free_full (queue, (GDestroyNotify) ike_incoming_free);
}

void
ike_material_clear (IkeMaterial *material, const IkeCrypto *crypto)
{
  g_clear_pointer (&material->ni, g_bytes_unref);
  g_clear_pointer (&material->nr, g_bytes_unref);
  if (material->key)
    crypto->ke_free (crypto, g_steal_pointer (&material->key));
  g_clear_pointer (&material->mine, g_bytes_unref);
  g_clear_pointer (&material->shared, ike_secret_free);
  g_clear_pointer (&material->more, ike_secret_free);
  g_clear_pointer (&material->link, g_bytes_unref);
}

GBytes *
ike_material_nonce (const IkeCrypto *crypto)
{
  guint8 nonce[NONCE_LEN];

  return crypto->random (crypto, nonce, sizeof nonce) ? g_bytes_new (nonce, sizeof nonce) : NULL;
}

/* RFC 7296 section 2.8.1: as octet strings; of equal prefixes the shorter is the lower. */
int
ike_nonce_compare (GBytes *a, GBytes *b)
{
  return g_bytes_compare (a, b);
}

GBytes *
ike_material_low_nonce (const IkeMaterial *material)
{
  return g_bytes_ref (ike_nonce_compare (material->ni, material->nr) <= 0 ? material->ni : material->nr);
}

IkeTask *
ike_task_new (IkeParent *parent, const IkeExchangeRow *row, gboolean ours)
{
  IkeTask *task = g_new0 (IkeTask, 1);

  task->parent = parent;
  task->row = task->purpose = row;
  task->ours = ours;
  task->id = ++parent->core->last_task;
  return task;
}

void
ike_task_free (IkeTask *task)
{
  if (!task)
    return;
  ike_core_forget (task->parent->core, task->parent, task->id);
  ike_incoming_free (task->message);
  g_hash_table_remove (task->parent->core->reserved, &task->material.spi);
  ike_material_clear (&task->material, task->parent->core->crypto);
  g_clear_pointer (&task->rival, g_bytes_unref);
  ike_request_answered (&task->request);
  g_free (task);
}

IkeTask *
ike_task_find (IkeParent *parent, guint32 id)
{
  if (parent->answering && parent->answering->id == id)
    return parent->answering;
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    if (((IkeTask *) l->data)->id == id)
      return l->data;
  return NULL;
}

IkeTask *
ike_task_awaiting (const IkeParent *parent, guint32 id)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (task->request.datagrams && task->request.id == id)
        return task;
    }
  return NULL;
}

IkeTask *
ike_task_oldest (const IkeParent *parent)
{
  IkeTask *oldest = NULL;

  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    {
      IkeTask *task = l->data;

      if (task->request.datagrams && (!oldest || task->request.id < oldest->request.id))
        oldest = task;
    }
  return oldest;
}
