/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between session.c (the order of an activation), session-ask.c (who is asked for a secret), session-dns.c (encrypted name
 * servers) and session-size.c (how large its packets may be). */
#pragma once

#include "nm/session.h"

#include "io/driver.h"
#include "nm/asking.h"
#include "nm/clients.h"
#include "nm/gateways.h"
#include "nm/path-size.h"
#include "nm/setup.h"
#include "nm/telling.h"

typedef enum {
  PHASE_NEW,
  PHASE_PREPARING,
  PHASE_NEGOTIATING,
  PHASE_UP,
  PHASE_STOPPING,
  PHASE_FAILED,
  PHASE_ENDING,
  PHASE_ENDED,
} Phase;

struct _Session {
  guint refs;
  gboolean closed;
  Phase phase;
  SessionOptions options;
  const SessionEvents *events;
  gpointer data;
  Activation *activation;
  Setup *setup;
  Gateways *gateways;
  Clients *clients; /* a server's */
  IkeEndpoint remote;
  char *host; /* the gateway as dialled; NULL: not yet */
  guint tried; /* gateways that did not answer */
  Driver *driver;
  gboolean tunnel_was_up; /* in truth; what NetworkManager was told is in @telling */
  Telling telling;
  GHashTable *kept; /* what was fetched about revocation, from one driver to the next */
  PathSize size; /* of the path to the gateway */
  gboolean servers_said; /* what becomes of those for DNS over TLS */
  gboolean listens; /* to news of the network, while no driver does */
  gboolean redialling; /* it was up: all gateways are tried again, their names looked up again */
  gboolean stands; /* in UP: a tunnel, or a listener; else somebody waits for traffic */
  gboolean untold; /* in UP: NetworkManager is asking the user, and is told afterwards */
  SecretName put_off; /* was wanted while a tunnel stood; SECRET_N: none */
  gboolean refused; /* the driver's last question came back because our answer was refused */
  gboolean password_said; /* so that who asks for more wants a code, whether or not the profile has any */
  SecretName used; /* what EAP was answered with, or would be; SECRET_N: nothing that a user could type */
  Asking *asking;
  Failure *failure; /* of the gateway before, or that is about to be told */
  guint idle, timer;
};

#define session_log(self, level, ...)                                                                                  \
 G_STMT_START                                                                                                          \
 {                                                                                                                     \
  LogFields fields_ = { .uuid = (self)->activation->uuid };                                                            \
  log_printf (level, &fields_, __VA_ARGS__);                                                                           \
 }                                                                                                                     \
 G_STMT_END

/* What there is to be known for NetworkManager's configuration. */
IpconfigOptions session_ipconfig_options (const Session *self);
/* Has the tunnel an interface of its own? */
gboolean session_has_link (const Session *self);
/* connection.dns-over-tls, if NetworkManager is known to apply it. */
IpconfigTls session_tls (const Session *self);
/* At the beginning: NetworkManager is asked what it can, if that matters. */
void session_want_tls (Session *self);
/* After NetworkManager was told: what becomes of the gateway's encrypted name servers. */
void session_say_servers (Session *self);
/* Asks whether the tunnel's largest packets arrive. */
void session_measure (Session *self);
/* The driver's events; @data is the session. */
void session_on_moved (const IkePath *path, gpointer data);
void session_on_probed (guint octets, IkeProbe probe, gpointer data);
void session_on_need_secret (guint32 number, IkeSecretKind kind, guint attempt, const char *message, gpointer data);
void session_on_secret_cancelled (guint32 number, gpointer data);
/* The question is due; @data is the session. */
void session_on_ask (const char *message, const char *const *hints, gpointer data);
/* FALSE: nobody is going to be asked. @number: the driver's question; 0: none. @said: by the gateway. */
gboolean session_ask (Session *self, SecretName name, gboolean again, guint32 number, const char *said);
/* Would the same again with another secret perhaps work? TRUE: the user is asked. */
gboolean session_ask_after (Session *self, const IkeReason *reason);
/* The driver has gone on without the answer. TRUE: NetworkManager waits for it all the same, and hears nothing else. */
gboolean session_asked_in_vain (const Session *self);
