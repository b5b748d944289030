/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates and keys that can be chosen: those of the machine's key store, as the helper shows it on the system bus,
 * and those on tokens that are plugged in.
 *
 * Where there is no helper, or no token, there is no choice, and nothing else happens.
 */
#pragma once

#include <gio/gio.h>

typedef struct {
  char *value; /* as it is written into a profile */
  char *title; /* for people */
  char *public; /* of a key: what the other side is given; NULL: not known */
  gboolean has_key, is_ca;
  gboolean is_key; /* on a token: the private key, which may have no certificate */
} KeystoreEntry;

void keystore_entry_free (gpointer entry);

typedef struct _Keystore Keystore;

/* Asks; @changed is called when there is something to show, then and later. */
Keystore *keystore_new (void (*changed) (gpointer data), gpointer data);
void keystore_free (Keystore *keystore);
/* KeystoreEntry; the values on tokens begin with "pkcs11:" */
GPtrArray *keystore_certificates (Keystore *keystore);
GPtrArray *keystore_tokens (Keystore *keystore);
GPtrArray *keystore_keys (Keystore *keystore);
/* Is there a helper that answers? */
gboolean keystore_is_there (Keystore *keystore);
/* Makes a new key; an administrator may be asked for a password. Exactly one of @ckaid and @error is not NULL. */
typedef void (*KeystoreMade) (const char *ckaid, const char *error, gpointer data);
void keystore_make_key (Keystore *keystore, KeystoreMade made);
