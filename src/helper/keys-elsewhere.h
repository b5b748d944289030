/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the child with the TLS client: a private key that is in the key store or on a token, and is held by the child for
 * those. Its certificates are here; a signature is asked for, through the helper, while TLS waits.
 */
#pragma once

#include "channel-msg.h"

#include "nss-credential.h"

typedef struct {
  int fd;
  NssCredential *credential; /* NULL: there is none */
  GError *error; /* why it cannot be used, or NULL */
  GQueue later; /* ChannelMsg: what came while a signature was waited for */
} KeysElsewhere;

/* GBytes, DER: our certificates in a list of items. */
GPtrArray *keys_elsewhere_certificates (int items);
/* Forgets the one before, which nobody uses any more. What cannot be used is not there: opening TLS fails then. */
void keys_elsewhere_take (KeysElsewhere *self, int fd, int items, gboolean does_pss);
void keys_elsewhere_clear (KeysElsewhere *self);
