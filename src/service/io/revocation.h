/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was one of the certificates on a verified path taken back by its issuer? What must be fetched for that the helper's
 * child fetches (helper/fetch.h); it is read here, in the sandbox. Answers are kept as long as this object lives, or longer.
 */
#pragma once

#include "helper-client.h"

#include "nss-revocation.h"

typedef enum {
  REVOCATION_SOFT, /* what cannot be known is a warning */
  REVOCATION_STRICT, /* ... ends it */
  REVOCATION_OFF,
} RevocationMode;

typedef struct _Revocation Revocation;

/* @credentials: the lists of the user's files, and our certificate, whose end is told in time; NULL: none. @warn gets one
 * sentence, perhaps from inside of this call. */
Revocation *revocation_new (HelperClient *helper, RevocationMode mode, const HelperCredentials *credentials,
                            void (*warn) (const char *text, gpointer data), gpointer data);
void revocation_free (Revocation *self);
/* Answers are looked for there, and kept there (text: GBytes). NULL: among its own, as at first. */
void revocation_keep_in (Revocation *self, GHashTable *kept);
/* By which link the gateway is reached, as helper_client_fetch()'s. */
void revocation_set_uplink (Revocation *self, guint32 ifindex);

/* @path: NssCert, end entity first, as nss_chain_verify() gives it. @shown: GBytes, what the other end has sent as answers of
 * OCSP, which are as good as those that are fetched; may be NULL. @done: once, perhaps from inside of this call, with
 * NONE, CERT_REVOKED or CERT_STATUS; @self must live until then. */
typedef void (*RevocationFunc) (const IkeReason *reason, gpointer data);
void revocation_check (Revocation *self, GPtrArray *path, GPtrArray *shown, RevocationFunc done, gpointer data);
/* What OCSP says of our own certificate, to be shown: an answer that is good and fresh, or NULL. @done: once, perhaps from
 * inside of this call; @self must live until then. */
typedef void (*RevocationOwnFunc) (GBytes *status, gpointer data);
void revocation_own (Revocation *self, RevocationOwnFunc done, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Revocation, revocation_free)
