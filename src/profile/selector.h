/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, networks and traffic selectors as users write them: RFC 7296 section 3.13.
 *
 * 10.0.0.0/8  2001:db8::/32  192.0.2.7  10.0.0.5-10.0.0.9  10.0.0.0/8[tcp/443]  10.0.0.0/8[udp/1000-2000]
 * 10.0.0.0/8[icmp]  dynamic. Host bits are cut off. Protocols and ports by number or by one of a few names.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint8 family; /* 4, 6; 0: none */
  guint8 bytes[16]; /* network order; the first 4 for IPv4, the rest is then zero */
} IpsecAddress;

typedef struct {
  IpsecAddress first, last; /* family 0: "dynamic", the address that we are given */
  guint8 protocol;          /* 0: any */
  guint16 port_first, port_last; /* 0..65535: any; 65535..0: OPAQUE (RFC 7296 section 3.13.1) */
} IpsecSelector;

/* FALSE: it is no address; *ret is untouched. */
gboolean ipsec_address_parse (const char *text, IpsecAddress *ret);
char *ipsec_address_to_string (const IpsecAddress *address);
/* A host name of RFC 1123 grammar (underscores allowed, IDN not) that cannot be mistaken for an address. */
gboolean ipsec_host_name_valid (const char *text);

/* One selector; the errors are BAD_VALUE and do not name a key. @nets_only: neither [protocol/port] nor "dynamic". */
gboolean ipsec_selector_parse (const char *text, gboolean nets_only, IpsecSelector *ret, GError **error);
char *ipsec_selector_to_string (const IpsecSelector *selector);
/* The length of the prefix that is first..last; -1: a range that is no network. */
int ipsec_selector_prefix (const IpsecSelector *selector);

/* "a, b": GPtrArray of IpsecSelector; at least one. */
GPtrArray *ipsec_selectors_parse (const char *text, gboolean nets_only, GError **error);
char *ipsec_selectors_to_string (GPtrArray *selectors);
