/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PEM (RFC 7468, RFC 4945 section 6.1): blocks in base64 with any text around. Private to src/nss. */
#pragma once

#include "base/secret.h"

#define NSS_PEM_MAX_BLOCKS 2048
#define NSS_PEM_MAX_IV 16

typedef struct {
  char *label; /* "CERTIFICATE" */
  IkeSecret *data; /* decoded; it may be a private key */
  char *cipher; /* the old encryption of RFC 1421 ("AES-256-CBC", from DEK-Info), or NULL */
  guint8 iv[NSS_PEM_MAX_IV];
  gsize iv_len;
} NssPemBlock;
void nss_pem_block_free (NssPemBlock *block);

/* One block. */
char *nss_pem_write (const char *label, GBytes *bytes);
/* Is there a line that begins a block? */
gboolean nss_pem_is (GBytes *bytes);
/* All blocks (NssPemBlock), or NULL: one is damaged, *ret_problem says how ("its CERTIFICATE block is damaged"). */
GPtrArray *nss_pem_parse (GBytes *bytes, char **ret_problem);
