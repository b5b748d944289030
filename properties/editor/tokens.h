/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates and keys on smart cards and other tokens that are plugged in, as PKCS#11 modules show them without a PIN.
 */
#pragma once

#include "editor/keystore.h"

/* In a thread, because cards are slow. */
void tokens_list_async (GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
/* KeystoreEntry, the caller's; NULL: it was cancelled. */
GPtrArray *tokens_list_finish (GAsyncResult *result);
