/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine asks about a server's clients, answered: may it come in (PAM, by the helper), which addresses does it
 * get (pool.h), what is a user's password (the helper); and the leases are kept for the next time. A peer or mesh has no
 * clients in this sense, but the secret.
 */
#pragma once

#include "helper-client.h"
#include "pool.h"

typedef struct _Serve Serve;

/* @pools: IkeSelector; NULL: there are none. @authorize: PAM is asked about each identity. The helper must outlive it. */
Serve *serve_new (HelperClient *helper, const GArray *pools, gboolean authorize);
/* Questions that are open are answered by nobody. Saves what has changed. */
void serve_free (Serve *serve);
const Pool *serve_get_pool (const Serve *serve);
void serve_load (Serve *serve, const char *state, gsize len);
/* By which the other ends are told, after a restart, that their IKE SAs are lost; kept with the leases, at once. NULL: no
 * entropy. */
IkeSecret *serve_secret (Serve *serve, const IkeCrypto *crypto);

/* @take_answer: an IKE_INPUT_JOB without its number. From the main loop or from inside the call. */
typedef void (*ServeFunc) (IkeInput *take_answer, gpointer data);
void serve_admit (Serve *serve, const IkeJob *job, ServeFunc func, gpointer data);
void serve_password (Serve *serve, const char *user, ServeFunc func, gpointer data);
void serve_gone (Serve *serve, guint32 client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Serve, serve_free)
