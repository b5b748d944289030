/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A private key that lives in NSS (today a session object of the software token; a smart card's key later). Owned by
 * one; freeing it destroys the NSS object.
 */
#pragma once

#include "ike-engine-io.h"

typedef struct _NssKey NssKey;

/* @pkcs8: a plaintext PrivateKeyInfo (RFC 5208), exactly. NULL when NSS cannot take it: broken, unknown algorithm. */
NssKey *nss_key_new_from_pkcs8 (const guint8 *pkcs8, gsize len);
void nss_key_free (NssKey *key);
IkeKeyType nss_key_type (const NssKey *key);
guint nss_key_bits (const NssKey *key);
/* May it sign RSA-PSS? Always for keys in software. */
gboolean nss_key_does_pss (const NssKey *key);
/* Does it live on a card, or another token that is not NSS's own? */
gboolean nss_key_is_on_token (const NssKey *key);
/* The DER SubjectPublicKeyInfo that belongs to it, for raw public keys; NULL when the key does not tell. */
GBytes *nss_key_public_key (const NssKey *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NssKey, nss_key_free)
