/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process for work that may be slow or touches what a user controls: it gets a socket, says what it has to say
 * in messages of the channel (channel-msg.h), and ends. It never outlives the helper, nor its time.
 */
#pragma once

#include "channel-msg.h"

typedef struct _Worker Worker;

/* In the child; the process ends when it returns. @fd blocks. */
typedef void (*WorkerMain) (int fd, gpointer data);
/* In the helper, for every message; at last with NULL, when the child has ended, after which the worker is gone. */
typedef void (*WorkerFunc) (Worker *worker, ChannelMsg *take_msg, gpointer data);

typedef struct {
  const char *name; /* as ps shows it: at most 15 octets */
  WorkerMain main;
  gpointer main_data;
  guint seconds;    /* the child's time, 0: no limit */
  gboolean programs; /* it may start some */
} WorkerSpec;

/* NULL with errno. */
Worker *worker_start (const WorkerSpec *spec, WorkerFunc func, gpointer data);
/* On its way, or waiting until the child takes it: 0. Otherwise errno; EAGAIN: far too much is waiting. */
int worker_send (Worker *worker, const ChannelMsg *msg);
/* @func is not called any more, the worker is gone for the caller, and the child ends sooner or later. */
void worker_stop (Worker *worker);

/* Processes that have not ended yet are few enough for another one. */
gboolean worker_is_room (void);
/* Called whenever one has ended; NULL: nobody wants to know. */
void worker_on_room (void (*func) (gpointer data), gpointer data);

/* For children: the answer FAILED. */
void worker_fail (int fd, ChannelError code, int number, const char *format, ...) G_GNUC_PRINTF (4, 5);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Worker, worker_stop)
