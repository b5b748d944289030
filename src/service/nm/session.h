/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One activation, from Connect until nothing of it is left: the profile, its secrets, the helper's objects, the
 * gateway's addresses in order, the driver that negotiates.
 *
 * Events come from the main loop, never from inside a call. The order is: ask and up in any number; then down, unless
 * session_stop() came first; then ended, the last.
 */
#pragma once

#include "io/netwatch.h"
#include "nm/failure.h"
#include "nm/ipconfig.h"
#include "nm/manager-version.h"

#include <gio/gio.h>

/* A connection is NetworkManager's a{sa{sv}}. */
typedef struct _Session Session;

typedef struct {
  /* Somebody has to be asked for the secrets @hints (NULL-terminated): answer with session_new_secrets(). Only for an
   * interactive session. Also after up, when no tunnel stands. */
  void (*ask) (const char *message, const char *const *hints, gpointer data);
  /* First, and again after each reconnection or change. That the tunnel is lost meanwhile is no event: NetworkManager
   * would forget to take its name servers back, should it end the connection itself. */
  void (*up) (const Ipconfig *ipconfig, gpointer data);
  /* It failed; its line is in the journal. */
  void (*down) (const Failure *failure, gpointer data);
  /* Deleted at the gateway, the helper has removed everything. */
  void (*ended) (gpointer data);
} SessionEvents;

typedef struct {
  HelperClient *helper; /* these two outlive the session */
  const IkeCrypto *crypto;
  Netwatch *netwatch; /* this too; NULL: none */
  ManagerVersion *manager; /* this too */
  gboolean interactive; /* ConnectInteractive: somebody can be asked */
} SessionOptions;

/* NULL: the profile is wrong; the error is a VPN_ERROR, BAD_ARGUMENTS, its text names the key. Neither reads a
 * file nor talks to anybody. */
Session *session_new (GVariant *connection, const SessionOptions *options, const SessionEvents *events, gpointer data,
                      GError **error);
/* At any time: no event comes afterwards. Before ended, the helper keeps what it has until it ends itself. */
void session_free (Session *self);

void session_start (Session *self);
/* The answer to ask; without effect when nothing was asked. */
void session_new_secrets (Session *self, GVariant *connection);
/* NetworkManager has done what it was told. FALSE: it was told more; TRUE: who has a question that waits for it, or that it
 * has withdrawn with that, may ask. */
gboolean session_settled (Session *self);
/* Delete at the gateway, clean up. Also before session_start(). No down follows, only ended. */
void session_stop (Session *self);
/* What there is of it, as a{sv} of the helper's interface; floating. */
GVariant *session_report (const Session *self);
/* The machine has slept: look at once whether the tunnel still stands. */
void session_check (Session *self);
/* The helper is gone: down, ended. */
void session_helper_gone (Session *self);

/* What NeedSecrets answers: is a secret missing that the profile says the user must give? Without effect, quick. A
 * wrong profile needs none: Connect is going to say what is wrong. */
gboolean session_needs_secrets (GVariant *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, session_free)
