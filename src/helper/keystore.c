/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent's side. Each call is a memory file with {method, parameters}, then its descriptors, as READ with the numbers
 * 0, 1, ...; the answer is a memory file as READ, or FAILED. Answers come in the order of the calls.
 */
#include "keystore.h"

#include "keystore-child.h"
#include "worker.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  KeystoreFunc func;
  gpointer data;
} Call;

struct _Keystore {
  Worker *child; /* NULL: gone */
  GQueue calls;
};

GQuark
keystore_error_quark (void)
{
  return g_quark_from_static_string ("nm-ipsec-key-store");
}

static void
finish (Keystore *self, GVariant *result, int code, const char *text)
{
  Call *call = g_queue_pop_head (&self->calls);
  g_autoptr (GError) error = result ? NULL : g_error_new_literal (KEYSTORE_ERROR, code, text);

  if (call)
    call->func (result, error, call->data);
  g_free (call);
}

static void
on_child (Worker *worker, ChannelMsg *take_msg, gpointer data)
{
  g_autoptr (ChannelMsg) msg = take_msg;
  g_autoptr (GVariant) result = NULL;
  Keystore *self = data;

  if (!msg)
    {
      self->child = NULL;
      while (!g_queue_is_empty (&self->calls))
        finish (self, NULL, KEYSTORE_ERROR_GONE, N_ ("The process that works on the key store has ended."));
      return;
    }
  if (msg->type == CHANNEL_READ)
    result = keystore_variant_read (msg->fd, G_VARIANT_TYPE ("v"));
  if (result)
    {
      g_autoptr (GVariant) inside = g_variant_get_variant (result);

      finish (self, inside, 0, NULL);
    }
  else if (msg->type == CHANNEL_FAILED)
    finish (self, NULL, msg->failed.code, msg->failed.text);
  else
    finish (self, NULL, KEYSTORE_ERROR_GONE, N_ ("The process that works on the key store talks nonsense."));
}

Keystore *
keystore_new (void)
{
  static const WorkerSpec spec = { .name = "nm-ipsec-store", .main = keystore_child_main };
  Keystore *self = g_new0 (Keystore, 1);

  g_queue_init (&self->calls);
  self->child = worker_start (&spec, on_child, self);
  if (self->child)
    return self;
  g_free (self);
  return NULL;
}

void
keystore_free (Keystore *self)
{
  if (!self)
    return;
  worker_stop (self->child);
  g_queue_clear_full (&self->calls, g_free);
  g_free (self);
}

gboolean
keystore_is_busy (const Keystore *self)
{
  return !g_queue_is_empty ((GQueue *) &self->calls);
}

static int
send_call (Keystore *self, GVariant *call, const int *fds, guint n_fds)
{
  int memory = keystore_variant_write (call);
  ChannelMsg msg = { .type = CHANNEL_READ, .fd = memory };
  int e = memory < 0 || !self->child ? EPIPE : worker_send (self->child, &msg);

  for (guint i = 0; !e && i < n_fds; i++)
    {
      msg.serial = i + 1;
      msg.fd = fds[i];
      e = worker_send (self->child, &msg);
    }
  if (memory >= 0)
    close (memory);
  return e;
}

void
keystore_call (Keystore *self, const char *method, GVariant *parameters, const int *fds, guint n_fds, KeystoreFunc func,
               gpointer data)
{
  g_autoptr (GVariant) call = g_variant_ref_sink (g_variant_new ("(suv)", method, n_fds, parameters));
  g_autoptr (GError) error = NULL;
  Call *pending;

  if (send_call (self, call, fds, n_fds) != 0)
    {
      error = g_error_new_literal (KEYSTORE_ERROR, KEYSTORE_ERROR_GONE,
                                   N_ ("The process that works on the key store does not listen."));
      func (NULL, error, data);
      return;
    }
  pending = g_new0 (Call, 1);
  pending->func = func;
  pending->data = data;
  g_queue_push_tail (&self->calls, pending);
}
