/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the provider share: the functions that make up its table, and owners for NSS's objects. Needs NSS's
 * headers; nobody outside src/nss includes it.
 */
#pragma once

#include "nss-crypto.h"

#include <keyhi.h>
#include <pk11pub.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PK11SlotInfo, PK11_FreeSlot)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PK11SymKey, PK11_FreeSymKey)

/* The internal slot does @mechanism. */
gboolean nss_can (CK_MECHANISM_TYPE mechanism);
/* A session key of raw octets, for @operation (CKA_ENCRYPT...). NULL on failure. */
PK11SymKey *nss_key_import (CK_MECHANISM_TYPE mechanism, CK_ATTRIBUTE_TYPE operation, const guint8 *key, gsize len);

/* nss-mac.c */
gboolean nss_mac_supports (IkeTransformType type, guint16 id);
gboolean nss_prf (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
                  guint n_parts, guint8 *out);
gboolean nss_prf_plus (const IkeCrypto *self, guint16 prf, const guint8 *key, gsize key_len, const IkeChunk *parts,
                       guint n_parts, guint8 *out, gsize out_len);
gboolean nss_integ (const IkeCrypto *self, guint16 integ, const guint8 *key, gsize key_len, const IkeChunk *parts,
                    guint n_parts, guint8 *out);
gboolean nss_hash (const IkeCrypto *self, IkeHashId hash, const IkeChunk *parts, guint n_parts, guint8 *out);

/* nss-cipher.c */
gboolean nss_cipher_supports (guint16 encr, guint16 key_bits);
gboolean nss_seal (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
                   const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, guint8 *tag);
gboolean nss_open (const IkeCrypto *self, guint16 encr, const guint8 *key, gsize key_len, const guint8 *iv,
                   const IkeChunk *aad, const guint8 *in, gsize len, guint8 *out, const guint8 *tag);
gboolean nss_des_block (const IkeCrypto *self, const guint8 key[8], const guint8 in[8], guint8 out[8]);

/* nss-ke.c */
gboolean nss_ke_supports (guint16 group);
gboolean nss_ke_generate (const IkeCrypto *self, guint16 group, IkeKeKey **ret_key, GBytes **ret_public);
IkeSecret *nss_ke_finish (const IkeCrypto *self, IkeKeKey *key, GBytes *peer);
gboolean
nss_ke_respond (const IkeCrypto *self, guint16 group, GBytes *peer, GBytes **ret_public, IkeSecret **ret_shared);
void nss_ke_free (const IkeCrypto *self, IkeKeKey *key);
/* A private half that is known, for self-tests with published vectors: CURVE25519, and ECP with its public value. */
gboolean
nss_ke_import (guint16 group, IkeChunk private_value, IkeChunk public_value, IkeKeKey **ret_key, GBytes **ret_public);
