/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the queue of outputs, the table of unanswered questions and the heap of alarms.
 *
 * Invariants: a number is never used twice; a question whose asker is gone stays in the table only while its answer
 * matters (it borrows a key, or allocates an SPI that must then be given back); an answer to anything else is ignored.
 */
#include "sa/core.h"

#include "sa/half-open.h"
#include "sa/parent.h"
#include "sa/task.h"

#define LOUD_TIME (10 * IKE_SECOND)
#define LOUD_LINES 20
#define ANSWERS_PER_SECOND 200 /* to messages for what is not here */

typedef struct {
  guint32 connection;
  IkeWorkFor work; /* parent NULL: the asker is gone */
  IkeKeKey *key;
  gboolean is_job, is_secret;
  IkeKernelRequest *give_back; /* ALLOC_SPI: what DELETE needs when nobody wants the SPI any more */
} IkeWork;

static void
work_free (gpointer data)
{
  IkeWork *work = data;

  g_assert (!work->key);
  if (work->give_back)
    {
      IkeOutput *output = ike_core_output_new (IKE_OUTPUT_KERNEL, 0);

      output->kernel = g_steal_pointer (&work->give_back);
      ike_output_free (output);
    }
  g_free (work);
}

void
ike_core_init (IkeCore *core, const IkeCrypto *crypto)
{
  *core = (IkeCore){ .crypto = crypto, .log_level = IKE_LOG_DEBUG };
  g_queue_init (&core->outputs);
  core->work = g_hash_table_new_full (NULL, NULL, NULL, work_free);
  core->connections = g_hash_table_new (NULL, NULL);
  core->reserved = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  core->parents = g_hash_table_new (g_int64_hash, g_int64_equal);
  core->half_open = ike_half_open_new ();
  core->children = g_hash_table_new (NULL, NULL);
  core->alarms = g_ptr_array_new ();
  core->graves = g_ptr_array_new ();
}

void
ike_core_clear (IkeCore *core)
{
  GHashTableIter iter;
  gpointer value;
  IkeOutput *output;

  g_hash_table_iter_init (&iter, core->work);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IkeWork *work = value;

      if (work->key)
        core->crypto->ke_free (core->crypto, g_steal_pointer (&work->key));
    }
  g_hash_table_unref (core->work);
  g_hash_table_unref (core->connections);
  g_hash_table_unref (core->reserved);
  g_hash_table_unref (core->parents);
  ike_half_open_free (core->half_open);
  g_hash_table_unref (core->children);
  g_ptr_array_unref (core->alarms);
  g_ptr_array_unref (core->graves);
  while ((output = g_queue_pop_head (&core->outputs)))
    ike_output_free (output);
}

/* ---- outputs ---- */

IkeOutput *
ike_core_output_new (IkeOutputType type, guint32 connection)
{
  IkeOutput *output = g_new0 (IkeOutput, 1);

  output->type = type;
  output->connection = connection;
  return output;
}

void
ike_core_push (IkeCore *core, IkeOutput *take_output)
{
  g_queue_push_tail (&core->outputs, take_output);
}

void
ike_core_send (IkeCore *core, guint32 connection, const IkePath *path, GBytes *datagram, IkePieces pieces)
{
  IkeOutput *output = ike_core_output_new (IKE_OUTPUT_SEND, connection);

  output->path = *path;
  output->datagram = g_bytes_ref (datagram);
  output->pieces = pieces;
  ike_core_push (core, output);
}

/* ---- questions ---- */

static IkeWork *
work_add (IkeCore *core, guint32 connection, const IkeWorkFor *wanted, IkeOutput *output)
{
  IkeWork *work = g_new0 (IkeWork, 1);

  if (++core->last_number == 0)
    core->last_number = 1;
  output->number = core->last_number;
  work->connection = connection;
  if (wanted)
    work->work = *wanted;
  if (work->work.parent)
    work->work.parent->questions++;
  g_hash_table_insert (core->work, GUINT_TO_POINTER (output->number), work);
  ike_core_push (core, output);
  return work;
}

guint32
ike_core_ask (IkeCore *core, guint32 connection, IkeJob *take_job, const IkeWorkFor *wanted, IkeKeKey *take_key)
{
  IkeOutput *output = ike_core_output_new (IKE_OUTPUT_JOB, connection);
  IkeWork *work;

  output->job = take_job;
  work = work_add (core, connection, wanted, output);
  work->is_job = TRUE;
  work->is_secret = take_job->type == IKE_JOB_SECRET;
  work->key = take_key;
  return output->number;
}

static IkeKernelRequest *
give_back_new (const IkeKernelRequest *request)
{
  IkeKernelRequest *back = g_new0 (IkeKernelRequest, 1);

  back->op = IKE_KERNEL_DELETE;
  back->child = request->child;
  back->slot = request->slot;
  back->parts = IKE_SA_IN;
  back->protocol = request->protocol;
  back->path = request->path;
  return back;
}

guint32
ike_core_kernel (IkeCore *core, guint32 connection, IkeKernelRequest *take_request, const IkeWorkFor *wanted)
{
  IkeOutput *output = ike_core_output_new (IKE_OUTPUT_KERNEL, connection);
  IkeWork *work;

  output->kernel = take_request;
  if (take_request->op == IKE_KERNEL_DELETE)
    {
      /* nothing answers it, but it has a number of its own like every question */
      if (++core->last_number == 0)
        core->last_number = 1;
      output->number = core->last_number;
      ike_core_push (core, output);
      return output->number;
    }
  work = work_add (core, connection, wanted, output);
  if (take_request->op == IKE_KERNEL_ALLOC_SPI)
    work->give_back = give_back_new (take_request);
  return output->number;
}

/* The asker of an SPI is gone: the kernel's larval SA goes too. */
static void
spi_give_back (IkeCore *core, IkeWork *work, const IkeInput *input)
{
  IkeKernelRequest *back = g_steal_pointer (&work->give_back);

  back->spi_in = input->spi;
  ike_core_kernel (core, work->connection, back, NULL);
}

char *
ike_core_kernel_text (const IkeInput *input)
{
  return input->kernel_text ? g_strdup (input->kernel_text) : g_strdup_printf ("error %d", input->kernel_error);
}

void
ike_core_answer (IkeCore *core, IkeInput *input)
{
  gpointer number = GUINT_TO_POINTER (input->number), value = NULL;
  IkeTask *task = NULL;
  IkeWork *work;
  IkeWorkFor wanted;

  if (!g_hash_table_steal_extended (core->work, number, NULL, &value))
    return;
  work = value;
  if (work->is_job != (input->type == IKE_INPUT_JOB))
    {
      g_hash_table_insert (core->work, number, work);
      return;
    }
  if (work->key)
    {
      g_assert (!input->key);
      input->key = g_steal_pointer (&work->key);
    }
  wanted = work->work;
  if (wanted.parent)
    wanted.parent->questions--;
  if (wanted.parent && wanted.task)
    {
      task = ike_task_find (wanted.parent, wanted.task);
      if (!task)
        wanted.parent = NULL;
    }
  if (!wanted.parent && work->give_back && !input->kernel_error)
    spi_give_back (core, work, input);
  work_free (work);
  if (wanted.parent && wanted.done)
    wanted.done (wanted.parent, task, wanted.child, input);
}

void
ike_core_forget (IkeCore *core, IkeParent *parent, guint32 task)
{
  GHashTableIter iter;
  gpointer number, value;

  /* most tasks end with nothing open, and there may be questions of ten thousand others */
  if (!parent->questions)
    return;
  g_hash_table_iter_init (&iter, core->work);
  while (g_hash_table_iter_next (&iter, &number, &value))
    {
      IkeWork *work = value;

      if (work->work.parent != parent || (task && work->work.task != task))
        continue;
      work->work.parent = NULL;
      parent->questions--;
      if (work->is_job)
        {
          IkeOutput *output = ike_core_output_new (IKE_OUTPUT_JOB_CANCEL, work->connection);

          output->number = GPOINTER_TO_UINT (number);
          ike_core_push (core, output);
        }
      if (!work->key && !work->give_back)
        g_hash_table_iter_remove (&iter);
    }
}

guint
ike_core_count_jobs (const IkeCore *core)
{
  return g_hash_table_size (core->work);
}

/* ---- alarms: a binary heap, so that a hundred thousand SAs cost what one costs ---- */

static void
alarm_put (IkeCore *core, guint index, IkeAlarm *alarm)
{
  core->alarms->pdata[index - 1] = alarm;
  alarm->index = index;
}

static void
alarm_sift (IkeCore *core, IkeAlarm *alarm)
{
  guint index = alarm->index;

  while (index > 1 && ((IkeAlarm *) core->alarms->pdata[index / 2 - 1])->at > alarm->at)
    {
      alarm_put (core, index, core->alarms->pdata[index / 2 - 1]);
      index /= 2;
    }
  for (;;)
    {
      guint child = index * 2;

      if (child > core->alarms->len)
        break;
      if (child < core->alarms->len &&
          ((IkeAlarm *) core->alarms->pdata[child])->at < ((IkeAlarm *) core->alarms->pdata[child - 1])->at)
        child++;
      if (((IkeAlarm *) core->alarms->pdata[child - 1])->at >= alarm->at)
        break;
      alarm_put (core, index, core->alarms->pdata[child - 1]);
      index = child;
    }
  alarm_put (core, index, alarm);
}

void
ike_core_alarm_set (IkeCore *core, IkeAlarm *alarm, IkeTime at)
{
  if (alarm->index && alarm->at == at)
    return;
  alarm->at = at;
  if (at != IKE_TIME_NEVER)
    {
      if (!alarm->index)
        {
          g_ptr_array_add (core->alarms, alarm);
          alarm->index = core->alarms->len;
        }
      alarm_sift (core, alarm);
    }
  else if (alarm->index)
    {
      IkeAlarm *last = g_ptr_array_steal_index_fast (core->alarms, core->alarms->len - 1);

      if (last != alarm)
        {
          alarm_put (core, alarm->index, last);
          alarm_sift (core, last);
        }
      alarm->index = 0;
    }
}

IkeAlarm *
ike_core_alarm_first (const IkeCore *core)
{
  return core->alarms->len ? core->alarms->pdata[0] : NULL;
}

/* ---- logs ---- */

void
ike_core_log (IkeCore *core, guint32 connection, const IkeParent *parent, IkeLogLevel level, const char *event,
              const char *format, ...)
{
  IkeOutput *output;
  va_list args;

  if (level > core->log_level)
    return;
  output = ike_core_output_new (IKE_OUTPUT_LOG, connection);
  output->log.level = level;
  output->log.event = event;
  if (parent)
    {
      output->log.spi_i = parent->spi_i;
      output->log.spi_r = parent->spi_r;
    }
  va_start (args, format);
  output->log.text = g_strdup_vprintf (format, args);
  va_end (args);
  ike_core_push (core, output);
}

gboolean
ike_core_may_be_loud (IkeCore *core)
{
  if (core->now - core->loud_since >= LOUD_TIME)
    {
      core->loud_since = core->now;
      core->loud = 0;
    }
  return core->loud++ < LOUD_LINES;
}

gboolean
ike_core_may_answer (IkeCore *core)
{
  if (core->now - core->answers_since >= IKE_SECOND)
    {
      core->answers_since = core->now;
      core->answers = 0;
    }
  return core->answers++ < ANSWERS_PER_SECOND;
}

gboolean
ike_endpoint_equal (const IkeEndpoint *a, const IkeEndpoint *b)
{
  return a->port == b->port && a->address.family == b->address.family &&
         memcmp (a->address.bytes, b->address.bytes, sizeof a->address.bytes) == 0;
}

gboolean
ike_path_equal (const IkePath *a, const IkePath *b)
{
  return a->transport == b->transport && ike_endpoint_equal (&a->local, &b->local) &&
         ike_endpoint_equal (&a->remote, &b->remote);
}

gboolean
ike_core_new_spi (IkeCore *core, guint64 *ret_spi)
{
  for (;;)
    {
      guint64 spi;

      if (!core->crypto->random (core->crypto, (guint8 *) &spi, sizeof spi))
        return FALSE;
      if (spi == 0 || g_hash_table_contains (core->parents, &spi))
        continue;
      *ret_spi = spi;
      return TRUE;
    }
}

gboolean
ike_core_reserve_spi (IkeCore *core, guint64 *ret_spi)
{
  if (!ike_core_new_spi (core, ret_spi))
    return FALSE;
  g_hash_table_add (core->reserved, g_memdup2 (ret_spi, sizeof *ret_spi));
  return TRUE;
}

guint8
ike_core_jitter (IkeCore *core)
{
  guint8 octet;

  return core->crypto->random (core->crypto, &octet, 1) ? octet : 128;
}
