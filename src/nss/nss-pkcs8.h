/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private keys in their one form, PrivateKeyInfo (RFC 5208): made from other forms, completed. Private to src/nss. */
#pragma once

#include "base/secret.h"
#include "nss-der.h"

/* PrivateKeyInfo around an RSAPrivateKey (@curve NULL) or an ECPrivateKey on @curve (the OID's content). */
IkeSecret *nss_pkcs8_wrap (NssDer key, const NssDer *curve);
/* Is @plain well-formed enough to be one? A wrong password can, by chance, still give good padding. */
gboolean nss_pkcs8_is (const IkeSecret *plain);
/* Without what may follow the key: attributes, or (RFC 5958) the public key; NSS does not know the latter. What is no
 * PrivateKeyInfo comes back as it is. */
IkeSecret *nss_pkcs8_strip (IkeSecret *take_pkcs8);
/* An EC key may come without its public half (RFC 5915 section 3; Java writes it so), but NSS wants it. */
gboolean nss_pkcs8_lacks_point (const IkeSecret *pkcs8);
/* The same key with the public @point. */
IkeSecret *nss_pkcs8_add_point (const IkeSecret *pkcs8, NssDer point);
