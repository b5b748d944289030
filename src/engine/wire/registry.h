/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of IKE, their names, and the limits that we put on a peer. All rows are in registry.def.
 *
 * Depends on GLib only: the profile library uses it too. IKE_EXCHANGE_IKE_AUTH, IKE_PAYLOAD_SA, IKE_ENCR_AES_GCM_16,
 * IKE_PRF_HMAC_SHA2_256, IKE_INTEG_HMAC_SHA2_256_128, IKE_KE_CURVE25519, IKE_NOTIFY_COOKIE, ...
 */
#pragma once

#include <glib.h>

#define IKE_R_EXCHANGE(name, number, where) IKE_EXCHANGE_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeExchange;
#define IKE_R_PAYLOAD(name, number, where) IKE_PAYLOAD_##name = number,
typedef enum {
#include "wire/registry.def"
} IkePayloadType;
#define IKE_R_PROTOCOL(name, number, where) IKE_PROTOCOL_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeProtocolId;
#define IKE_R_TRANSFORM(name, number, where) IKE_TRANSFORM_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeTransformType;
/* Transform IDs; kept in guint16, since a peer may send any. */
#define IKE_R_ENCR(name, number, where) IKE_ENCR_##name = number,
#define IKE_R_PRF(name, number, where) IKE_PRF_##name = number,
#define IKE_R_INTEG(name, number, where) IKE_INTEG_##name = number,
#define IKE_R_KE(name, number, where) IKE_KE_##name = number,
#define IKE_R_ESN(name, number, where) IKE_ESN_##name = number,
enum {
#include "wire/registry.def"
};
#define IKE_R_HASH(name, number, where) IKE_HASH_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeHashId;
#define IKE_R_AUTH_METHOD(name, number, where) IKE_AUTH_METHOD_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeAuthMethod;
#define IKE_R_ID(name, number, where) IKE_ID_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeIdType;
#define IKE_R_CERT(name, number, where) IKE_CERT_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeCertEncoding;
#define IKE_R_CP(name, number, where) IKE_CP_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeCpType;
#define IKE_R_CP_ATTR(name, number, rule, where) IKE_CP_ATTR_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeCpAttrType;
#define IKE_R_NOTIFY(name, number, where) IKE_NOTIFY_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeNotifyType;
#define IKE_R_EAP_CODE(name, number, where) IKE_EAP_CODE_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeEapCode;
#define IKE_R_EAP(name, number, where) IKE_EAP_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeEapType;
#define IKE_R_TS(name, number, where) IKE_TS_##name = number,
typedef enum {
#include "wire/registry.def"
} IkeTsType;

/* The first status notification; what is below reports an error (RFC 7296 section 3.10.1). */
#define IKE_NOTIFY_FIRST_STATUS 16384

/* One transform of a proposal; @key_bits 0 without a Key Length attribute. */
typedef struct {
  guint8 type; /* IkeTransformType */
  guint16 id;
  guint16 key_bits;
} IkeTransform;
/* The key_bits of a parsed transform that nobody may choose: an unknown attribute, or a wrong Key Length. */
#define IKE_KEY_BITS_UNACCEPTABLE 0xffff

/* Limits on what a peer sends: refused at parse, tested at the limit and one above. */
enum {
  IKE_MAX_MESSAGE = 65535,      /* octets of a message, also of one that was fragmented */
  IKE_MAX_FRAGMENTS = 128,      /* SKF fragments of one message: chains of ML-DSA in packets of 576 octets */
  IKE_MAX_PAYLOADS = 64,        /* payloads of a message (of the inner chain: again) */
  IKE_MAX_PAYLOADS_OF_TYPE = 20, /* NOTIFY, VENDOR, CERTREQ, DELETE: each */
  IKE_MAX_CERTS = 8,            /* CERT payloads */
  IKE_MAX_PROPOSALS = 64,       /* proposals of an SA payload */
  IKE_MAX_TRANSFORMS = 255,     /* transforms of a proposal: the field has one octet */
  IKE_MAX_TS = 255,             /* selectors of a TS payload, with its labels */
  IKE_MAX_CP_ATTRS = 256,       /* attributes of a CP payload */
  IKE_MAX_DELETE_SPIS = 256,    /* SPIs of a Delete payload */
  IKE_MIN_NONCE = 16,           /* RFC 7296 section 3.9 */
  IKE_MAX_NONCE = 256,
  IKE_MAX_COOKIE = 64,          /* RFC 7296 section 2.6: 1..64 */
  IKE_MAX_ID = 4096,            /* octets of identification data that we accept */
  IKE_MAX_SPI = 8,
};

/* Names. A number without one gives "NOTIFY_12345" and so on, in the buffer; the result is never NULL. */
typedef enum {
  IKE_NAMES_EXCHANGE,
  IKE_NAMES_PAYLOAD,
  IKE_NAMES_PROTOCOL,
  IKE_NAMES_TRANSFORM,
  IKE_NAMES_ENCR,
  IKE_NAMES_PRF,
  IKE_NAMES_INTEG,
  IKE_NAMES_KE,
  IKE_NAMES_ESN,
  IKE_NAMES_HASH,
  IKE_NAMES_AUTH_METHOD,
  IKE_NAMES_ID,
  IKE_NAMES_CERT,
  IKE_NAMES_CP,
  IKE_NAMES_CP_ATTR,
  IKE_NAMES_NOTIFY,
  IKE_NAMES_EAP_CODE,
  IKE_NAMES_EAP,
  IKE_NAMES_TS,
  IKE_N_NAMES
} IkeNames;

typedef struct {
  char text[40];
} IkeNameBuffer;

typedef struct {
  guint32 number;
  const char *name;
  const char *where; /* the document */
} IkeNameRow;

const char *ike_name (IkeNames set, guint32 number, IkeNameBuffer *buffer);
/* For arguments of a log call: IKE_NAME (NOTIFY, type); lives as long as the enclosing block. */
#define IKE_NAME(set, number) ike_name (IKE_NAMES_##set, number, &(IkeNameBuffer) { "" })
gboolean ike_number_from_name (IkeNames set, const char *name, guint32 *ret_number);
/* All rows of a set, in the order of registry.def. */
const IkeNameRow *ike_name_rows (IkeNames set, guint *ret_n);
/* The set that names the IDs of a transform type; FALSE for a type that we do not know. */
gboolean ike_transform_names (guint8 type, IkeNames *ret_set);
/* "AES_GCM_16_256", "PRF_HMAC_SHA2_384", "HMAC_SHA2_256_128", "CURVE25519". */
const char *ike_transform_name (const IkeTransform *transform, IkeNameBuffer *buffer);
#define IKE_TRANSFORM_NAME(transform) ike_transform_name (transform, &(IkeNameBuffer) { "" })
