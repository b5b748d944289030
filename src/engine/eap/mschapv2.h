/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The computations of MS-CHAPv2: RFC 2759 section 8, and RFC 3079 section 3 for keys. FALSE: the provider cannot.
 * The method itself is ike_eap_mschapv2 (eap/eap-method.h).
 */
#pragma once

#include "crypto/crypto.h"

#define IKE_MSCHAPV2_CHALLENGE_LEN 16
#define IKE_MSCHAPV2_HASH_LEN 16
#define IKE_MSCHAPV2_NT_RESPONSE_LEN 24
#define IKE_MSCHAPV2_AUTHENTICATOR_LEN 20
#define IKE_MSCHAPV2_MSK_LEN 64

/* MD4 of the password in UTF-16; FALSE: not UTF-8, or more than 256 units. */
gboolean ike_mschapv2_password_hash (IkeChunk password, guint8 ret[IKE_MSCHAPV2_HASH_LEN]);
/* The name without a Windows domain before it: "BIGCO\johndoe" hashes as "johndoe" (RFC 2759 section 4). */
const char *ike_mschapv2_bare_name (const char *name);

/* What one round of challenge and response comes to. */
typedef struct {
  guint8 nt_response[IKE_MSCHAPV2_NT_RESPONSE_LEN];
  guint8 authenticator[IKE_MSCHAPV2_AUTHENTICATOR_LEN]; /* what the server must answer as "S=..." */
  guint8 msk[IKE_MSCHAPV2_MSK_LEN];
} IkeMschapv2Result;

gboolean
ike_mschapv2_compute (const IkeCrypto *crypto, const guint8 authenticator_challenge[IKE_MSCHAPV2_CHALLENGE_LEN],
                      const guint8 peer_challenge[IKE_MSCHAPV2_CHALLENGE_LEN], const char *name,
                      const guint8 password_hash[IKE_MSCHAPV2_HASH_LEN], IkeMschapv2Result *ret);
