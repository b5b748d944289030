/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service's requests, and who does them. Everything that exists because of them ends with END, or with the channel.
 */
#pragma once

#include "channel-msg.h"

typedef struct _Session Session;

/* Reads requests from @fd until it ends, or until something comes that is none; then removes everything and calls
 * @ended, once. */
Session *session_new (int fd, void (*ended) (gpointer data), gpointer data);
void session_free (Session *session);
/* As if the channel had ended. */
void session_shut_down (Session *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, session_free)
