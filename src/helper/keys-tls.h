/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLS client of EAP methods, in the child that holds the private key, which is where its signature has to be made.
 * What the server says reaches this process before the server is verified; so it enters a sandbox first, in which it can
 * open nothing and speak with nobody but the helper. A connection that uses EAP has no other private key than the one
 * that is shown to this server; if that is in the key store or on a token, it is not here (keys-elsewhere.h).
 * Whether the server is to be trusted the service decides.
 */
#pragma once

#include "channel-msg.h"

#include "nss-tls.h"

typedef struct {
  NssTls *tls; /* one at a time */
  gboolean locked;
} KeysTls;

void keys_tls_clear (KeysTls *self);
/* TLS is answered with TLS_DONE or FAILED. @key, @certificates: what OPEN names; NULL: it names none. */
void keys_tls_handle (KeysTls *self, int fd, const ChannelMsg *request, const NssKey *key, GPtrArray *certificates);
