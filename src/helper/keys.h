/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private keys: in a child process of their own, which has no privileges, because it parses what users put into files,
 * and may take seconds to make a key from a password. It is started when the first credential is loaded: most
 * connections never need it, nor the memory of NSS.
 */
#pragma once

#include "channel-msg.h"

typedef struct _Keys Keys;

/* LOADED, SIGNED, TLS_DONE or FAILED; borrowed, its descriptor too. Called once for each request. */
typedef void (*KeysFunc) (const ChannelMsg *answer, gpointer data);

Keys *keys_new (void);
/* Everything that is outstanding is forgotten, its function not called; the child ends, and with it all keys. */
void keys_free (Keys *keys);
/* CREDENTIALS: reads the files as their user, then parses what belongs to the key. */
void keys_load (Keys *keys, ChannelMsg *take_request, KeysFunc func, gpointer data);
/* SIGN or TLS. */
void keys_ask (Keys *keys, const ChannelMsg *request, KeysFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Keys, keys_free)
