/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses as values. Two are equal when their memory is: the unused octets are zero. */
#pragma once

#include "base/chunk.h"

#include <glib.h>

typedef enum { IKE_FAMILY_NONE = 0, IKE_FAMILY_IP4 = 4, IKE_FAMILY_IP6 = 6 } IkeFamily;

typedef struct {
  guint8 family;    /* IkeFamily */
  guint8 bytes[16]; /* network order; the first 4 for IPv4, the rest is then zero */
} IkeAddress;

typedef struct {
  IkeAddress address;
  guint16 port;
} IkeEndpoint;

typedef struct {
  IkeAddress address;
  guint8 prefix;
} IkePrefix;

/* 4, 16, or 0 for NONE. */
gsize ike_family_len (guint8 family);
/* From 4 or 16 octets; anything else gives NONE. */
IkeAddress ike_address_from_chunk (IkeChunk chunk);
IkeChunk ike_address_chunk (const IkeAddress *address);
gboolean ike_address_equal (const IkeAddress *a, const IkeAddress *b);
/* Numeric; FALSE (and @ret untouched) when it is not one. */
gboolean ike_address_from_string (const char *text, IkeAddress *ret);
/* "192.0.2.1", "2001:db8::1", "none". */
char *ike_address_to_string (const IkeAddress *address);
/* "192.0.2.1:500", "[2001:db8::1]:500". */
char *ike_endpoint_to_string (const IkeEndpoint *endpoint);
/* The length of a netmask's prefix; FALSE when it has holes. */
gboolean ike_netmask_prefix (const guint8 mask[4], guint8 *ret_prefix);
