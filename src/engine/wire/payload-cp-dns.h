/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes about DNS of the Configuration payload that have an inside: trust anchors (RFC 8598 section 4.2), encrypted
 * resolvers (RFC 9464 section 3.1, whose parameters are RFC 9460's). */
#pragma once

#include "wire/payload-cp.h"

#define IKE_MAX_RESOLVER_ADDRESSES 8

/* As the data of a DS record: "43547 8 2 B6225AB2...". NULL: malformed, or a digest of another length than its type
 * has. */
char *ike_cp_attr_trust_anchor (const IkeCpAttr *attr);
/* NULL: empty, malformed, or with a parameter that must be understood and is not. Its name is not checked, but printable. */
IkeResolver *ike_cp_attr_resolver (const IkeCpAttr *attr);
/* For people: "dns.example (192.0.2.53) by h2 at /dns-query{?dns}". */
char *ike_resolver_to_string (const IkeResolver *resolver);
