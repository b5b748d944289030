/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NetworkManager hands over with Connect, read once: after this nobody sees an NMConnection again. */
#pragma once

#include "nm/raw-keys.h"
#include "nm/secrets.h"

#include <NetworkManager.h>

typedef struct {
  char *uuid, *name;
  char *interface_name; /* for the tunnel; NULL: the helper chooses */
  char *file_user;      /* who must be able to read the files; NULL: root */
  gboolean persistent;  /* vpn.persistent: stay, also when the gateway itself has closed the connection */
  IpsecProfile *profile;
  Secrets *secrets;
  RawKeys *raw_keys;
} Activation;

/* NULL: the profile is wrong, the text names the key; its line is in the journal. */
Activation *activation_new (NMConnection *connection, GError **error);
void activation_free (Activation *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Activation, activation_free)
