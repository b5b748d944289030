/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the AUTH payload proves: the signed octets, and the shared-key MAC over them (RFC 7296 sections 2.15 and 2.16).
 */
#pragma once

#include "crypto/keymat.h"

/* The octets that one end signs: its own first message as sent (the whole IKE message, without any non-ESP marker), the
 * other end's nonce, and prf (SK_p, its ID payload's body). @of_initiator: which end's octets these are: the original
 * initiator's or the responder's. @id_body starts at the ID type (after the generic payload header). NULL: the provider
 * cannot. */
GBytes *ike_auth_octets (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *message,
                         GBytes *nonce, const guint8 *id_body, gsize id_len);

/* AUTH data of methods 2 and EAP: prf (prf (secret, "Key Pad for IKEv2"), octets). The secret is the PSK as its
 * user typed it, or the EAP method's MSK. NULL: the provider cannot. */
GBytes *ike_auth_mac (const IkeCrypto *crypto, guint16 prf, const IkeSecret *secret, GBytes *octets);
/* The same with SK_pi or SK_pr for secret: EAP methods without MSK (section 2.16), and NULL authentication (RFC
 * 7619). */
GBytes *ike_auth_mac_sk_p (const IkeCrypto *crypto, const IkeKeys *keys, gboolean of_initiator, GBytes *octets);

/* Constant time; FALSE also for NULL, other lengths and empty data. */
gboolean ike_auth_mac_equal (GBytes *expected, const guint8 *data, gsize len);
