/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between session.c (the order of an activation) and session-size.c (how large its packets may be). */
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
  PathSize size; /* of the path to the gateway */
  gboolean redialling; /* it was up: all gateways are tried again, their names looked up again */
  gboolean refused; /* the driver's last question came back because our answer was refused */
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
/* Asks whether the tunnel's largest packets arrive. */
void session_measure (Session *self);
/* The driver's events; @data is the session. */
void session_on_moved (const IkePath *path, gpointer data);
void session_on_probed (guint octets, IkeProbe probe, gpointer data);
