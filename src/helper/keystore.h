/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key store of the machine: an NSS database in a directory that is root's alone. What people want of it is done one
 * after the other in a child, which is root without capabilities, because it parses what they bring.
 */
#pragma once

#include <glib.h>

#define KEYSTORE_MAX_FDS 2

typedef struct _Keystore Keystore;

/* @result is what the method answers; NULL: @error, whose domain is KEYSTORE_ERROR. Called once. */
typedef void (*KeystoreFunc) (GVariant *result, const GError *error, gpointer data);

#define KEYSTORE_ERROR (keystore_error_quark ())
GQuark keystore_error_quark (void);
/* NssStoreError's numbers, and one more. */
#define KEYSTORE_ERROR_GONE 255 /* the child has ended */

/* Starts the child: before this process has a second thread. NULL: errno. */
Keystore *keystore_new (void);
void keystore_free (Keystore *self);
/* @method with its parameters as in the introspection, without the descriptors, which follow in @fds (borrowed). */
void keystore_call (Keystore *self, const char *method, GVariant *parameters, const int *fds, guint n_fds,
                    KeystoreFunc func, gpointer data);
gboolean keystore_is_busy (const Keystore *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Keystore, keystore_free)
