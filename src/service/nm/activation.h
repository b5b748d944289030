/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NetworkManager hands over with Connect, read once: after this nobody sees the connection again. */
#pragma once

#include "nm/connection.h"
#include "nm/raw-keys.h"
#include "nm/secrets.h"

typedef struct {
  char *uuid, *name;
  char *service_type; /* vpn.service-type: ours, or that of a plugin whose connections we run */
  char *interface_name; /* for the tunnel; NULL: the helper chooses */
  char *file_user; /* who must be able to read the files; NULL: root */
  IpconfigTls tls; /* connection.dns-over-tls */
  gboolean persistent; /* vpn.persistent: stay, also when the gateway itself has closed the connection */
  IpsecProfile *profile;
  Secrets *secrets;
  RawKeys *raw_keys;
} Activation;

/* NULL: the profile is wrong, the text names the key; its line is in the journal. */
Activation *activation_new (GVariant *settings, GError **error);
void activation_free (Activation *self);
/* The profile's log level counts from now on, and what it warns of is in the journal. */
void activation_log (const Activation *self);

/* vpn.data and vpn.secrets as ours, whoever's connection it is. NULL: there are none, or they are wrong. */
IpsecSetting *activation_setting (GVariant *settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Activation, activation_free)
