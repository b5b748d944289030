/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities as users write them: RFC 7296 section 3.5.
 *
 * 192.0.2.1, 2001:db8::1            ID_IPV4_ADDR, ID_IPV6_ADDR
 * vpn.example.com, @vpn.example.com ID_FQDN (the @ says: not an address, whatever it looks like)
 * alice@example.com                 ID_RFC822_ADDR
 * O=Example, CN=alice               ID_DER_ASN1_DN (also /O=Example/CN=alice); the DER is made by src/nss
 * @[group], @#0a0b0c                ID_KEY_ID, as text or as hex octets
 * %fromcert                         local: the subject of our certificate; remote: whatever the certificate proves
 */
#pragma once

#include "engine/wire/registry.h"

#include <glib.h>

typedef enum {
  IPSEC_IDENTITY_ADDRESS,
  IPSEC_IDENTITY_FQDN,
  IPSEC_IDENTITY_EMAIL,
  IPSEC_IDENTITY_DN,
  IPSEC_IDENTITY_KEY_ID,
  IPSEC_IDENTITY_FROM_CERT,
} IpsecIdentityKind;

typedef struct {
  IpsecIdentityKind kind;
  IkeIdType type; /* on the wire; unused for FROM_CERT */
  GBytes *data;   /* ADDRESS, FQDN, EMAIL, KEY_ID: as on the wire; DN: its text, not yet encoded; FROM_CERT: empty */
} IpsecIdentity;

/* The error is BAD_VALUE and does not name a key. */
IpsecIdentity *ipsec_identity_parse (const char *text, GError **error);
IpsecIdentity *ipsec_identity_copy (const IpsecIdentity *identity);
void ipsec_identity_free (IpsecIdentity *identity);
/* Canonical; parses to the same. */
char *ipsec_identity_to_string (const IpsecIdentity *identity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IpsecIdentity, ipsec_identity_free)
