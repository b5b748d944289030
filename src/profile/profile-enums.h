/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of a profile that are one word of a few. */
#pragma once

/* RAW: a key without certificate */
typedef enum {
  IPSEC_AUTH_PSK,
  IPSEC_AUTH_CERT,
  IPSEC_AUTH_RAW,
  IPSEC_AUTH_EAP,
  IPSEC_AUTH_NULL,
  IPSEC_AUTH_EAP_ONLY, /* of the gateway: the EAP method proves it as well (RFC 5998) */
} IpsecAuth;
typedef enum { IPSEC_START_UP, IPSEC_START_ONDEMAND, IPSEC_START_LISTEN } IpsecStart;
typedef enum { IPSEC_PPK_NO, IPSEC_PPK_YES, IPSEC_PPK_INSIST } IpsecPpk;
typedef enum { IPSEC_OFFLOAD_NO, IPSEC_OFFLOAD_AUTO, IPSEC_OFFLOAD_CRYPTO, IPSEC_OFFLOAD_PACKET } IpsecOffload;
typedef enum { IPSEC_INTERFACE_AUTO, IPSEC_INTERFACE_XFRM, IPSEC_INTERFACE_VTI, IPSEC_INTERFACE_NONE } IpsecInterface;
typedef enum { IPSEC_ENCAP_DETECT, IPSEC_ENCAP_NEVER, IPSEC_ENCAP_ALWAYS } IpsecEncap;
typedef enum { IPSEC_TCP_NO, IPSEC_TCP_YES, IPSEC_TCP_FALLBACK } IpsecTcp;
