/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file turned out to hold: certificates and private keys, in the order of the file. Private to src/nss. */
#pragma once

#include "nss-credential.h"
#include "nss-der.h"

#define NSS_BAG_MAX_KEYS 8

typedef struct {
  gboolean want_keys;        /* FALSE: private keys are passed over, and need no password */
  const IkeSecret *password; /* NULL: none given */
  IkeSecret *empty;          /* the empty password, for a file that turns out to be made with it */
  guint64 budget;            /* iterations of password hashing that are left */
  GPtrArray *certificates;   /* GBytes, DER, each readable */
  GPtrArray *keys;           /* IkeSecret: PrivateKeyInfo, PKCS#8 */
  guint unreadable;          /* certificates that were left out */
  char *friendly_name;       /* the first that a PKCS#12 file gives to something, UTF-8, or NULL */
} NssBag;

NssBag *nss_bag_new (gboolean want_keys, const IkeSecret *password);
void nss_bag_free (NssBag *bag);
/* FALSE with an error (BAD_FILE): too many. A certificate that cannot be read is only counted. */
gboolean nss_bag_add_certificate (NssBag *bag, const NssDer *der, GError **error);
gboolean nss_bag_add_key (NssBag *bag, IkeSecret *take_pkcs8, GError **error);

/* All that @file holds, whatever its format, to @bag. Errors are whole sentences that name the file. */
gboolean nss_bag_read (NssBag *bag, const NssFile *file, GError **error);

/* PKCS#12, already DER (RFC 7292). Errors say what is wrong, without the file's name. */
gboolean nss_pkcs12_read (NssBag *bag, NssDer pfx, GError **error);
/* EncryptedPrivateKeyInfo (RFC 5958): the content of its SEQUENCE. */
gboolean nss_bag_add_encrypted_key (NssBag *bag, NssDer info, gboolean pkcs12, GError **error);
/* The error when an encrypted thing is met and bag->password is NULL. Always FALSE. */
gboolean nss_bag_need_password (GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NssBag, nss_bag_free)
