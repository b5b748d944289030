/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the key store share. Private to src/nss. */
#pragma once

#include "nss-said.h"
#include "nss-store.h"

#include <cert.h>
#include <certdb.h>
#include <keyhi.h>
#include <pk11pub.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CERTCertList, CERT_DestroyCertList)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CERTCertificate, CERT_DestroyCertificate)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SECKEYPrivateKey, SECKEY_DestroyPrivateKey)

/* The database's own slot, referenced. */
PK11SlotInfo *nss_store_slot (void);
/* Always FALSE. With NSS's own words for what happened last. */
gboolean nss_store_fail (GError **error, const char *what);
/* By nickname, NULL with NOT_FOUND. */
CERTCertificate *nss_store_find (const char *nickname, GError **error);
/* 40 hexadecimal digits. */
gboolean nss_store_is_ckaid (const char *name);
/* NULL with NOT_FOUND; logs in. */
SECKEYPrivateKey *nss_store_find_key (const char *ckaid, GError **error);
GBytes *nss_store_public_of (SECKEYPrivateKey *key);
