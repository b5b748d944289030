/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration payload: RFC 7296 section 3.15, RFC 8598.
 *
 * The lengths that an attribute may have stand in registry.def: a known attribute with another length is malformed,
 * and so is the payload. An unknown attribute is passed on as it is, to be ignored. A length of 0 (a question, or a
 * refusal to answer it) is legal for each attribute.
 */
#pragma once

#include "ike-engine-io.h"
#include "wire/message.h"

typedef struct {
  guint8 type; /* IkeCpType, or anything */
  guint n_attrs;
  IkeChunk attrs;
} IkeCp;

typedef struct {
  guint16 type; /* IkeCpAttrType, or anything */
  IkeChunk value;
} IkeCpAttr;

typedef enum {
  IKE_CP_LEN_ANY,        /* 0..65535 */
  IKE_CP_LEN_IP4,        /* 0 or 4 */
  IKE_CP_LEN_IP6,        /* 0 or 16 */
  IKE_CP_LEN_IP6_PREFIX, /* 0 or 17; INTERNAL_IP6_ADDRESS may also have 16, as old peers send it */
  IKE_CP_LEN_IP4_SUBNET, /* 0 or 8 */
  IKE_CP_LEN_U16_LIST,   /* a multiple of 2 */
  IKE_CP_LEN_U32,        /* 0 or 4 */
} IkeCpLen;

gboolean ike_cp_parse (IkeChunk body, IkeCp *ret_cp);
/* Start with *offset 0; FALSE at the end. */
gboolean ike_cp_next (const IkeCp *cp, gsize *offset, IkeCpAttr *ret_attr);
gboolean ike_cp_len_valid (guint16 attr, gsize len);

/* Typed values; FALSE when empty, not of that kind, or impossible (a netmask with holes, a prefix above 128). An
 * INTERNAL_IP4_NETMASK is read as an address, then by ike_netmask_prefix(). */
gboolean ike_cp_attr_address (const IkeCpAttr *attr, IkeAddress *ret_address);
gboolean ike_cp_attr_prefix (const IkeCpAttr *attr, IkePrefix *ret_prefix); /* IP6_ADDRESS, IP4_SUBNET, IP6_SUBNET */
/* Text for people and programs, without a NUL at its end; NULL when empty. A single line must be printable UTF-8 of at
 * most @max octets, or it is refused; of @lines (a banner) @max octets are shown, with escapes (base/text.h). */
char *ike_cp_attr_text (const IkeCpAttr *attr, gboolean lines, gsize max);

/* Body: the type, then attributes. */
void ike_cp_write (IkeWriter *writer, IkeCpType type);
void ike_cp_write_attr (IkeWriter *writer, IkeCpAttrType type, IkeChunk value);
/* INTERNAL_IP6_ADDRESS with its prefix length, else the plain address. */
void ike_cp_write_address (IkeWriter *writer, IkeCpAttrType type, const IkeAddress *address, guint8 prefix);
