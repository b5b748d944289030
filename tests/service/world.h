/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world behind src/service/nm in a test: doubles of the helper client and of the driver, and the clock.
 *
 * Whatever the code under test calls becomes a line of the transcript; answers come from the main loop, at once, or
 * when the test releases them, or as the error that the test has set. Time stands still unless world_advance() moves
 * it: g_timeout_add() and g_get_monotonic_time() of the code under test are wrapped at link time.
 */
#pragma once

#include "io/driver.h"
#include "profile/policy.h"

typedef enum {
  ASKED_BEGIN,
  ASKED_GUARD,
  ASKED_SERVER,
  ASKED_PAD,
  ASKED_LABEL,
  ASKED_LINK,
  ASKED_RESOLVE,
  ASKED_CREDENTIALS,
  ASKED_ADDRESSES,
  ASKED_END,
  ASKED_STOP,
  ASKED_N
} Asked;

typedef struct {
  GPtrArray *calls;        /* char*: "begin UUID", "link auto -", "resolve HOST", "start 192.0.2.1:500", ... */
  gboolean hold[ASKED_N];  /* do not answer until world_release() */
  GError *error[ASKED_N];  /* the answer, taken with it; RESOLVE, LINK, ...; not STOP */
  guint resolved;          /* how many addresses a name has: 192.0.2.1, 2001:db8::1, 192.0.2.2 ... (default 1) */
  const char *resolves_to; /* the one that it has instead of these; NULL: these */
  IkeKeyType key_type;     /* of the credentials */
  DriverStart *start;      /* of the last driver */
  guint drivers;           /* alive */
  guint path_mtu; /* as the kernel knows it; 0: 1400 */
  const IpsecPolicy *policy; /* the system's crypto policy (nm/system-policy.h); NULL: there is none */
  GPtrArray *log;          /* char*: "3 NAME uuid text" */
  guint errors_logged;
} World;

extern World *world; /* of the running test */

void world_new (void);
/* Everything is given back: no driver is alive, no answer is outstanding. */
void world_free (void);
/* An IkeCrypto that can do everything, but does nothing. */
const IkeCrypto *world_crypto (void);
HelperClient *world_helper (void);
Netwatch *world_netwatch (void);

/* Runs the main loop until @count calls match the glob @pattern; fails the test after 30 s of real time. */
void world_wait (const char *pattern, guint count);
guint world_count (const char *pattern);
/* Until nothing is left to do. */
void world_settle (void);
/* For doubles: the answer comes as world says. */
void world_promise (Asked what, GCallback func, gpointer data);
void world_release (Asked what);
void world_fail (Asked what, GQuark domain, int code, const char *text);
void world_advance (guint ms);
/* How long the main loop would sleep at most, ms; -1: for ever. Only timers of libraries are seen. */
int world_next_timeout (void);

/* What the driver tells. */
void world_driver_listening (void);
/* A client of a server; @who NULL: it is gone. */
void world_driver_client (guint32 client, const char *who);
void world_driver_up (const char *addresses);
void world_driver_up_peer (void);  /* 10.1.0.0/16 and 10.2.0.0/16 */
void world_driver_up_hosts (void); /* 192.0.2.7 and the gateway */
void world_driver_moved (const char *local);
void world_driver_probed (guint octets, IkeProbe probe);
const DriverEvents *world_driver_events (gpointer *ret_data); /* for others than these */
void world_driver_waiting (IkeReasonCode code); /* for the selectors of up_peer */
void world_driver_reconnecting (IkeReasonCode code);
void world_driver_stalled (IkeReasonCode code);
void world_driver_down (IkeReasonCode code, const char *detail);
void world_driver_ask (guint32 number, IkeSecretKind kind, guint attempt, const char *message);
void world_driver_cancel (guint32 number);
/* Links, addresses or routes have changed; FALSE: nobody listens. */
gboolean world_network_changes (void);
/* Somebody removes the tunnel's interface. */
void world_link_goes (void);
/* The helper dies: all that is outstanding fails. */
void world_helper_dies (void);
