/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a server asks about its clients: a user's password out of one file, whether PAM lets an identity in; and what the
 * service of a server, peer or mesh wants to find again after a restart.
 *
 * Invariant: which file, which PAM service and under which name it remembers is said once, before the network is heard
 * (before the first socket), and never changes: a service that the network has taken over can ask about names only.
 */
#pragma once

#include "worker.h"

#define SERVER_STATE_DIR "/var/lib/NetworkManager/ike-leases"

typedef struct _Server Server;

/* The request SERVER, copied. NULL: a name of a PAM service, or a path, that cannot be one. */
Server *server_new (const ChannelMsg *request);
void server_free (Server *server);
/* Are programs started for it? NULL: no. */
gboolean server_has_pam (const Server *server);
gboolean server_is (const Server *server, const ChannelMsg *request);

/* Answer SECRET, DONE or FAILED; then NULL when the child has ended. NULL with errno. */
Worker *server_ask_user (const Server *server, const char *name, WorkerFunc func, gpointer data);
Worker *server_ask_pam (const Server *server, const char *name, const char *host, WorkerFunc func, gpointer data);
/* Can the file of users be used at all? Answer DONE or FAILED. */
Worker *server_check (const Server *server, WorkerFunc func, gpointer data);

/* ---- for tests ---- */

/* The password in a file of "name:password" lines; a line that begins with # is none. FALSE: there is no such user, or
 * none with a password. Borrows @text. */
gboolean server_find_user (ChannelBlob text, const char *name, ChannelBlob *ret_password);
/* One file in @dir for each @uuid, whole or not there. */
gboolean server_state_save (const char *dir, const char *uuid, ChannelBlob state);
GBytes *server_state_load (const char *dir, const char *uuid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Server, server_free)
