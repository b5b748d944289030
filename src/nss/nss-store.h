/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key store: one NSS database (cert9.db, key4.db) with certificates, private keys and trust. NSS has one database
 * for a process, so that this is a process's state, too: whoever opens it is a child of the helper that does nothing
 * else, and has not started NSS before. No module of the database is loaded: no code comes from there.
 *
 * A nickname is unique among subjects, not among certificates: of several with one name the newest counts. A CKAID is
 * the SHA-1 of a public key in hexadecimal (nss-raw-key.h).
 */
#pragma once

#include "nss-cert.h"
#include "nss-credential.h"

#define NSS_STORE_MAX_ENTRIES 1024 /* certificates, keys */
#define NSS_STORE_MAX_NICKNAME 255 /* octets */
#define NSS_STORE_MAX_PASSWORD 1024
#define NSS_STORE_PASSWORD_FILE "nsspassword" /* in its directory: lines of "token name:password" */

#define NSS_STORE_ERROR (nss_store_error_quark ())
GQuark nss_store_error_quark (void);
/* The first five are those of NssCredentialError. The text is a sentence for people. */
typedef enum {
  NSS_STORE_ERROR_NOT_FOUND,
  NSS_STORE_ERROR_BAD_FILE,
  NSS_STORE_ERROR_NEED_PASSWORD,
  NSS_STORE_ERROR_BAD_PASSWORD,
  NSS_STORE_ERROR_MISMATCH,
  NSS_STORE_ERROR_EXISTS,
  NSS_STORE_ERROR_FAILED,
} NssStoreError;

/* @write: a database that is not there is made, in a directory that is. @password NULL: what the password file says, or
 * none. Whether it is right shows when a private key is touched. */
gboolean nss_store_open (const char *directory, gboolean write, const IkeSecret *password, GError **error);
gboolean nss_store_is_open (void);
/* FALSE: something of it is still held. */
gboolean nss_store_close (void);
/* Private keys may be used from now on. */
gboolean nss_store_login (GError **error);
gboolean nss_store_has_password (void);
/* What the internal token is called: the first half of a line in the password file. */
char *nss_store_token (void);
/* "" is no password. */
gboolean nss_store_set_password (const IkeSecret *old, const IkeSecret *fresh, GError **error);
/* Into the password file, for the token of the open database; NULL: the token's line goes. Lines of others stay. */
gboolean nss_store_password_keep (const IkeSecret *password, GError **error);
/* The password of @token in the text of a password file, or NULL. Pure. */
IkeSecret *nss_store_password_find (const char *text, gsize len, const char *token);

typedef struct {
  char *nickname;
  NssCert *cert;
  char *ckaid; /* of its key, or NULL */
  gboolean has_key, trusted;
} NssStoreCert;
typedef struct {
  GBytes *public_key; /* SubjectPublicKeyInfo */
  char *ckaid;
  char *nickname; /* of a certificate for it, or NULL */
} NssStoreKey;

GPtrArray *nss_store_certificates (void); /* NssStoreCert */
GPtrArray *nss_store_keys (GError **error); /* NssStoreKey */

/* The certificate called @nickname (or, for keys, what has this CKAID) with its private key, if @with_key, and the
 * issuers that the store has. */
NssCredential *nss_store_credential (const char *nickname, gboolean with_key, GError **error);
NssKey *nss_store_key (const char *ckaid, GError **error);
/* The public half of a private key, or what a certificate of this CKAID has. */
GBytes *nss_store_public_key (const char *ckaid, GError **error);
/* GBytes: that certificate; "*": all that are trusted. */
GPtrArray *nss_store_anchors (const char *nickname, GError **error);

/* "rsa", "ecdsa", "eddsa", "mldsa"; bits 0: the default. The SubjectPublicKeyInfo of the new key. */
GBytes *nss_store_generate (const char *kind, guint bits, GError **error);
/* All that a file holds; nicknames (char*) of what was imported. @name NULL: the file's own, else the subject's. Authorities
 * become trusted if @trusted. A file of certificates only: @password NULL. */
GPtrArray *
nss_store_import (const NssFile *file, const IkeSecret *password, const char *name, gboolean trusted, GError **error);
gboolean nss_store_set_trust (const char *nickname, gboolean trusted, GError **error);
/* @name: a nickname, the key goes with its certificate; or a CKAID. */
gboolean nss_store_delete (const char *name, GError **error);

void nss_store_cert_free (NssStoreCert *cert);
void nss_store_key_free (NssStoreKey *key);
