/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A private key that another process holds, for what in NSS wants to sign with an object of a token: libssl. So this is a
 * token (PKCS #11): one slot, one key, which signs what is a digest already, by asking. There is one such key in a process.
 */
#pragma once

#include "nss-key.h"

/* ECDSA: r and s, as PKCS #11 has it. NULL: it was refused. May block. */
typedef GBytes *(*NssRemoteSign) (IkeHashId hash, gboolean pss, const guint8 *digest, gsize len, gpointer data);

/* @public_key: its SubjectPublicKeyInfo. @library: the file that exports nss_remote_key_functions() as
 * C_GetFunctionList(). The key that was there before must not be used any more. */
NssKey *nss_remote_key_new (GBytes *public_key, gboolean does_pss, const char *library, NssRemoteSign sign,
                            gpointer data, GError **error);
/* A CK_RV; *ret: the CK_FUNCTION_LIST. */
gulong nss_remote_key_functions (gpointer *ret);
