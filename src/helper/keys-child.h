/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child that holds private keys. It is sent, each as READ with the serial below: the files, and the memory file
 * that certificates are to be appended to; then CREDENTIALS, which it answers with LOADED. SIGN it answers with SIGNED,
 * TLS with TLS_DONE. LOADED, which has the certificates, says that the TLS client's key (KEYS_ELSEWHERE) is held by
 * another of these children: to sign with it, this one sends SIGN of a digest, and is sent SIGNED or FAILED.
 */
#pragma once

#include <glib.h>

enum { KEYS_CERTIFICATE = 1, KEYS_PRIVATE_KEY, KEYS_ITEMS };
#define KEYS_ELSEWHERE 0x3fffffffu

/* Called by keys-load.c, out of the module. */
void keys_child_main (int fd, gpointer data);
/* The same for what is in the key store: root, because that is root's, but without capabilities. */
void keys_child_main_store (int fd, gpointer data);
/* For what is on a token: @data, the user's name, "": root, who may use every device. */
void keys_child_main_token (int fd, gpointer data);

#define STORE_NICKNAME "nss:"
#define STORE_CKAID "ckaid:"
#define TOKEN_URI "pkcs11:"

/* What stands in the profile itself. */
#define KEYS_DATA "data:"

static inline gboolean
keys_on_token (const char *name)
{
  return g_str_has_prefix (name, TOKEN_URI);
}

static inline gboolean
keys_in_store (const char *name)
{
  return g_str_has_prefix (name, STORE_NICKNAME) || g_str_has_prefix (name, STORE_CKAID);
}

static inline gboolean
keys_in_file (const char *name)
{
  return *name && !keys_in_store (name) && !keys_on_token (name);
}
