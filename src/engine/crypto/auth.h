/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the AUTH payload proves: the signed octets, and the shared-key MAC over them (RFC 7296 sections 2.15 and 2.16).
 */
#pragma once

#include "crypto/keymat.h"
#include "wire/header.h"

/* The octets that one end signs: its own first message as sent (the whole IKE message, without any non-ESP marker), the
 * other end's nonce, and prf (SK_p, its ID payload's body). @of_initiator: which end's octets these are: the original
 * initiator's or the responder's. @id_body starts at the ID type (after the generic payload header). NULL: the provider
 * cannot. */
GBytes *ike_auth_octets (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *message,
                         GBytes *nonce, const guint8 *id_body, gsize id_len);

#define IKE_MAX_PRF_OUTPUT 64

/* What the IKE_INTERMEDIATE exchanges add to the signed octets: RFC 9242 section 3.3.2. All zero: there were none. */
typedef struct {
  guint8 value[2][IKE_MAX_PRF_OUTPUT]; /* IntAuth_i, IntAuth_r */
  guint8 len;
  guint32 rounds; /* requests so far */
} IkeIntAuth;
/* One message more: @header as it was sent, @first and @inner what was in its SK payload; @keys: those that protected
 * it. FALSE: the provider cannot. */
gboolean ike_int_auth_add (IkeIntAuth *int_auth, const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator,
                           const IkeHeader *header, guint8 first, IkeChunk inner);
/* Takes @take_octets (may be NULL), returns them with the addition. */
GBytes *ike_int_auth_append (const IkeIntAuth *int_auth, GBytes *take_octets);

/* AUTH data of methods 2 and EAP: prf (prf (secret, "Key Pad for IKEv2"), octets). The secret is the PSK as its
 * user typed it, or the EAP method's MSK. NULL: the provider cannot. */
GBytes *ike_auth_mac (const IkeCrypto *crypto, guint16 prf, const IkeSecret *secret, GBytes *octets);
/* Its two steps, for a secret that is used twice. */
IkeSecret *ike_auth_pad (const IkeCrypto *crypto, guint16 prf, const IkeSecret *secret);
GBytes *ike_auth_mac_padded (const IkeCrypto *crypto, guint16 prf, const IkeSecret *padded, GBytes *octets);
/* The same with SK_pi or SK_pr for secret: EAP methods without MSK (section 2.16), and NULL authentication (RFC
 * 7619). */
GBytes *ike_auth_mac_sk_p (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *octets);

/* AUTH of a resumed IKE SA: prf (SK_px, octets), RFC 5723 section 4.3.3. */
GBytes *ike_auth_mac_resumed (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *octets);

/* Constant time; FALSE also for NULL, other lengths and empty data. */
gboolean ike_auth_mac_equal (GBytes *expected, const guint8 *data, gsize len);
