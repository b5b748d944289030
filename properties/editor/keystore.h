/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key store of the machine, as the helper shows it on the system bus: certificates and keys that can be chosen.
 *
 * Where there is no helper there is no choice, and nothing else happens.
 */
#pragma once

#include <gio/gio.h>

typedef struct {
  char *value; /* as it is written into a profile */
  char *title; /* for people */
  char *public; /* of a key: what the other side is given; else NULL */
  gboolean has_key, is_ca;
} KeystoreEntry;

typedef struct _Keystore Keystore;

/* Asks; @changed is called when there is something to show, then and later. */
Keystore *keystore_new (void (*changed) (gpointer data), gpointer data);
void keystore_free (Keystore *keystore);
/* KeystoreEntry */
GPtrArray *keystore_certificates (Keystore *keystore);
GPtrArray *keystore_keys (Keystore *keystore);
/* Is there a helper that answers? */
gboolean keystore_is_there (Keystore *keystore);
/* Makes a new key; an administrator may be asked for a password. Exactly one of @ckaid and @error is not NULL. */
typedef void (*KeystoreMade) (const char *ckaid, const char *error, gpointer data);
void keystore_make_key (Keystore *keystore, KeystoreMade made);
