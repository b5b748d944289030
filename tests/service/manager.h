/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager's part in a test: a private bus, a client on it that calls the plugin as NetworkManager does and notes
 * the signals that come, and the plugin itself, over the doubles of world.h.
 */
#pragma once

#include "world.h"

#include "nm/plugin.h"

#define TEST_UUID "11111111-2222-3333-4444-555555555555"

typedef struct {
  GTestDBus *daemon;
  GDBusConnection *bus;
  char *name;          /* of the plugin */
  IpsecPlugin *plugin;
  GPtrArray *signals;  /* char*: "StateChanged 3", "Failure 1", "SecretsRequired text [password]", "Config", ... */
  GVariant *config, *ip4, *ip6; /* the last */
  int quits, status;
} Manager;

extern Manager *manager;

/* World, bus, plugin; and all of it taken down again. */
void manager_up (gboolean persist);
void manager_down (void);
/* For g_test_add_func(): runs the test function with a manager that is up. */
void manager_test (const char *path, void (*func) (void));

/* A connection. @data: "key=value" strings, NULL-terminated, then secrets likewise. */
GVariant *manager_connection (const char *const *data, const char *const *secrets);
/* More of the connection's properties: floating additions to the settings "connection" and "vpn". */
GVariant *manager_connection_with (const char *const *data, const char *const *secrets, GVariant *connection,
                                   GVariant *vpn);
#define LIST(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* One method call; NULL: it worked; else the error's name after the last dot, and its text: "BadArguments: ...". */
char *manager_call (const char *method, GVariant *parameters);
/* What the helper's door would be told: aa{sv}. */
GVariant *manager_status (void);
/* What NeedSecrets answers: "vpn" or "". */
char *manager_need_secrets (GVariant *connection);
void manager_connect (GVariant *connection);             /* must work */
void manager_connect_interactive (GVariant *connection); /* must work */
void manager_new_secrets (const char *const *data, const char *const *secrets); /* must work */
void manager_disconnect (void);                          /* must work */

/* Runs the main loop until the signals so far are exactly these, joined by "; ". */
void manager_expect (const char *signals);
/* Forgets them. */
void manager_forget (void);
void manager_wait_quit (void);
/* Somebody else on the bus. */
GDBusConnection *manager_bus_new (void);
/* All that is on its way on the bus has arrived. */
void manager_sync (void);
guint manager_count (const char *pattern);
