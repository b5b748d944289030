/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helper's part of an activation: BEGIN, the tunnel's link and the credentials, asked for at the same time; at last
 * END, which removes all of it.
 *
 * Events come from the main loop. Their order: ready or failed or key_password; then, after setup_end(), only ended.
 */
#pragma once

#include "nm/activation.h"
#include "nm/guard.h"
#include "nm/ipconfig.h"

typedef struct _Setup Setup;

typedef struct {
  void (*ready) (gpointer data);
  void (*failed) (Failure *take_failure, gpointer data);
  /* The private key wants a password, or another one: setup_load_credentials() again with it in the secrets, or give
   * up with @error. */
  void (*key_password) (const GError *error, gpointer data);
  void (*ended) (gpointer data);
} SetupEvents;

/* @activation outlives it. */
Setup *setup_new (HelperClient *helper, const Activation *activation, const SetupEvents *events, gpointer data);
/* At any time; no event comes afterwards. */
void setup_free (Setup *self);

void setup_start (Setup *self);
void setup_load_credentials (Setup *self);
/* Which secret @error asks for: the file's, the key store's, or a token's PIN. */
SecretName setup_key_secret (const Setup *self, const GError *error);
gboolean setup_is_ready (const Setup *self);
/* Remove everything, also what is not ready yet. ended follows, after a few seconds whatever the helper does. */
void setup_end (Setup *self);

/* The link's index and name; 0 and "" without one. */
guint32 setup_ifindex (const Setup *self);
const char *setup_tundev (const Setup *self);
/* What is known here: the link, the profile's MTU, and from where this machine may send into the tunnel when it is given
 * no address. */
IpconfigOptions setup_ipconfig_options (const Setup *self);
/* The kill switch; NULL: none. */
Guard *setup_guard (const Setup *self);
/* A server's, of the last time; NULL: we are none. */
GBytes *setup_leases (const Setup *self);
/* Who may vouch for an EAP server; NULL: those of the credentials. The caller's reference. */
GPtrArray *setup_eap_cas (const Setup *self);
/* A copy that shares the lists, or NULL when none are needed. */
HelperCredentials *setup_credentials (const Setup *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Setup, setup_free)
