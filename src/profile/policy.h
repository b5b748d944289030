/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system-wide crypto policy (update-crypto-policies(8)): what its back-end file for Libreswan, which is the nearest
 * to us, allows, and the least RSA key that NSS's file asks for. Obeyed unless a profile says crypto-policy=ignore, or the
 * administrator writes "ignore" into IPSEC_POLICY_OVERRIDE. Where there is no policy the defaults are RFC 8247's.
 */
#pragma once

#include "engine/wire/registry.h"

#include <glib.h>

#define IPSEC_POLICY_DIRECTORY "/etc/crypto-policies"
#define IPSEC_POLICY_OVERRIDE "/etc/nm-ipsec/crypto-policy"
#define IPSEC_POLICY_MAX_FILE 65536

typedef struct {
  char *name; /* "DEFAULT", "FIPS"; for people */
  GArray *ike, *esp; /* IkeTransform: may be used; key_bits 0: of any length. NULL: nothing is said */
  guint rsa_min; /* bits; 0: nothing is said */
  guint unknown; /* words that were not understood */
} IpsecPolicy;

/* From the texts of libreswan.config and nss.config; either may be NULL. Pure; the texts are the administrator's. */
IpsecPolicy *ipsec_policy_parse (const char *libreswan, const char *nss);
/* Below @root ("" or a test's directory). NULL: there is none, or it is to be ignored. */
IpsecPolicy *ipsec_policy_load (const char *root);
void ipsec_policy_free (IpsecPolicy *policy);

/* NULL allows everything. */
gboolean ipsec_policy_allows (const IpsecPolicy *policy, IkeProtocolId protocol, const IkeTransform *transform);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IpsecPolicy, ipsec_policy_free)
