/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child that holds private keys. It is sent, each as READ with the serial below: the files, and the memory file
 * that certificates are to be appended to; then CREDENTIALS, which it answers with LOADED. SIGN it answers with SIGNED,
 * TLS with TLS_DONE.
 */
#pragma once

#include <glib.h>

enum { KEYS_CERTIFICATE = 1, KEYS_PRIVATE_KEY, KEYS_ITEMS };

/* Called by keys-load.c, out of the module. */
void keys_child_main (int fd, gpointer data);
/* The same for what is in the key store: root, because that is root's, but without capabilities. */
void keys_child_main_store (int fd, gpointer data);

#define STORE_NICKNAME "nss:"
#define STORE_CKAID "ckaid:"

/* What stands in the profile itself. */
#define KEYS_DATA "data:"

/* Not a file. */
static inline gboolean
keys_in_store (const char *name)
{
  return g_str_has_prefix (name, STORE_NICKNAME) || g_str_has_prefix (name, STORE_CKAID);
}
