/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits, numbers and plain values of the channel between service and helper; the messages are in channel-msg.h, which
 * is what both include. Numbers are part of the protocol.
 */
#pragma once

#include <glib.h>

enum {
  CHANNEL_FD = 3,                 /* the helper's end */
  CHANNEL_MAX_MESSAGE = 96 * 1024, /* octets of a packet */
  CHANNEL_MAX_UUID = 64,
  CHANNEL_MAX_HOST = 255,
  CHANNEL_MAX_NAME = 15,          /* of a link */
  CHANNEL_MAX_PATH = 4095, CHANNEL_MAX_CREDENTIAL = 24 * 1024, /* a path, or what stands in the profile itself */
  CHANNEL_MAX_USER = 255,
  CHANNEL_MAX_CLIENT = 1024,      /* octets of an identity as text */
  CHANNEL_MAX_PASSWORD = 1024,
  CHANNEL_MAX_TEXT = 1024,
  CHANNEL_MAX_ALGORITHM = 63,
  CHANNEL_MAX_KEY = 128,          /* octets of one kernel key */
  CHANNEL_MAX_OCTETS = 80 * 1024, /* to be signed: a whole IKE_SA_INIT message and more */
  CHANNEL_MAX_SIGNATURE = 5120,   /* ML-DSA-87 has 4627 octets */
  CHANNEL_MAX_RECORDS = 64 * 1024, /* of TLS */
  CHANNEL_MAX_CLEAR = 16 * 1024,  /* said inside of TLS in one message */
  CHANNEL_MAX_LABEL = 64,         /* of an exported key */
  CHANNEL_MAX_EXPORT = 256,
  CHANNEL_MAX_URL = 1024,
  CHANNEL_MAX_OCSP = 512,         /* a request for one certificate */
  CHANNEL_MAX_ADDRESSES = 16,
  CHANNEL_MAX_SELECTORS = 255, CHANNEL_MAX_SLOTS = 255, /* in a reqid that names its owner (kernel/owner.h) */
  CHANNEL_MAX_CPUS = 1024, CHANNEL_MAX_REPLAY_WINDOW = 4096, /* the window: the kernel's own limit */ CHANNEL_MAX_SEC_LABEL = 255, /* octets of a context */
  CHANNEL_MAX_IF_ID = 0x3fffffff, /* above are those that the helper chooses (kernel/owner.h) */
  CHANNEL_MAX_SEGMENT = 65535,    /* of TCP; the option has 16 bits */
  CHANNEL_MAX_FILE = 1024 * 1024, /* octets of a file that is read */
  CHANNEL_MAX_STATE = 32 * 1024, /* octets that a server finds again */
  CHANNEL_PAD_SLICE = 32,        /* octets of a one-time pad that are one key: 256 bits, RFC 8784 section 6 */
};

/* Laid out like IkeAddress, IkeEndpoint and IkeSelector. Family 0: none; else 4 or 6, and unused octets are zero. */
typedef struct {
  guint8 family;
  guint8 bytes[16];
} ChannelAddress;

typedef struct {
  ChannelAddress address;
  guint16 port;
} ChannelEndpoint;

typedef struct {
  ChannelAddress first, last; /* one family, first <= last */
  guint8 protocol;
  guint16 port_first, port_last;
} ChannelSelector;

typedef struct {
  guint n;
  ChannelSelector at[CHANNEL_MAX_SELECTORS];
} ChannelSelectors;

typedef struct {
  guint n;
  ChannelAddress at[CHANNEL_MAX_ADDRESSES];
} ChannelAddresses;

typedef struct {
  const guint8 *data;
  gsize len;
} ChannelBlob;

typedef enum { /* up to PIN_LOCKED they are HelperCredentialError */
  CHANNEL_ERROR_NOT_FOUND,     /* a file is missing, or the user may not read it */
  CHANNEL_ERROR_BAD_FILE,
  CHANNEL_ERROR_NEED_PASSWORD, CHANNEL_ERROR_BAD_PASSWORD, CHANNEL_ERROR_MISMATCH,
  CHANNEL_ERROR_NO_TOKEN, CHANNEL_ERROR_NO_OBJECT, CHANNEL_ERROR_NEED_PIN, CHANNEL_ERROR_BAD_PIN, CHANNEL_ERROR_PIN_LOCKED,
  CHANNEL_ERROR_KERNEL = 16,   /* the number is the kernel's errno, the text its own words where it gave some */
  CHANNEL_ERROR_NAME_UNKNOWN,  /* the host name does not exist, or has no address */
  CHANNEL_ERROR_NO_ANSWER,     /* no name server answered in time */
  CHANNEL_ERROR_INVALID,       /* the request makes no sense here: no such key, BEGIN missing, ... */
  CHANNEL_ERROR_TLS,           /* the TLS session has failed: an alert, or what NSS says */
  CHANNEL_ERROR_SIGN,          /* the key cannot sign so */
  CHANNEL_ERROR_DENIED, CHANNEL_ERROR_PAD, /* this identity may not come in; the one-time pad cannot be used */
} ChannelError;

typedef enum { CHANNEL_TLS_OPEN, CHANNEL_TLS_STEP, CHANNEL_TLS_TRUST, CHANNEL_TLS_EXPORT, CHANNEL_TLS_REFUSE } ChannelTlsOp;
typedef enum { CHANNEL_TLS_HANDSHAKE, CHANNEL_TLS_VERIFY, CHANNEL_TLS_ESTABLISHED, CHANNEL_TLS_FAILED } ChannelTlsState;

/* @key: of OPEN, 0: no certificate of ours. STEP: records of the server, or clear text of ours. EXPORT: the rest. */
typedef struct {
  guint8 op; /* ChannelTlsOp */
  guint32 key;
  ChannelBlob records, clear;
  const char *label;
  ChannelBlob context; /* empty: none */
  guint32 len; /* REFUSE: the alert */
} ChannelTls;

typedef struct {
  guint8 state, tls13; /* ChannelTlsState; with FAILED the records are an alert, and the clear text says why */
  ChannelBlob records, clear;
} ChannelTlsDone;

/* HelperLinkKind, IkeTransport, IKE_SA_*, IkeRule */
typedef enum { CHANNEL_LINK_AUTO, CHANNEL_LINK_XFRM, CHANNEL_LINK_VTI, CHANNEL_LINK_NONE } ChannelLinkKind;
typedef enum { CHANNEL_RULE_TUNNEL, CHANNEL_RULE_TRAP, CHANNEL_RULE_ASK, CHANNEL_RULE_PASS, CHANNEL_RULE_BLOCK, CHANNEL_RULE_ALWAYS, CHANNEL_RULE_SHUNT_PASS, CHANNEL_RULE_SHUNT_BLOCK } ChannelRule; typedef enum { CHANNEL_UDP, CHANNEL_NATT, CHANNEL_TCP } ChannelTransport; typedef enum { CHANNEL_PAD_AT, CHANNEL_PAD_FIRST, CHANNEL_PAD_LAST } ChannelPadWhich;
typedef enum { CHANNEL_IPTFS_NO, CHANNEL_IPTFS_YES, CHANNEL_IPTFS_WHOLE /* no pieces go out */ } ChannelIptfs; typedef enum { CHANNEL_ENCAP_NONE, CHANNEL_ENCAP_UDP, CHANNEL_ENCAP_TCP } ChannelEncap;
typedef enum { CHANNEL_GUARD_OFF, CHANNEL_GUARD_ON, CHANNEL_GUARD_KEEP /* as OFF for all but what blocks */ } ChannelGuard;
/* The traffic class, of what is sent: it stays inside; of what is received: it becomes that of the packet inside. */
enum { CHANNEL_DSCP_NOT_OUT = 1, CHANNEL_DSCP_IN = 2 };
typedef enum { CHANNEL_OFFLOAD_NO, CHANNEL_OFFLOAD_AUTO, CHANNEL_OFFLOAD_CRYPTO, CHANNEL_OFFLOAD_PACKET } ChannelOffload; /* IpsecOffload */
enum { CHANNEL_SA_IN = 1, CHANNEL_SA_OUT = 2, CHANNEL_SA_POLICIES = 4 };

/* LOADED's descriptor: items one after the other. */
typedef enum { CHANNEL_ITEM_CERTIFICATE = 1 /* DER, ours first */, CHANNEL_ITEM_CA_FILE /* a file */,
               CHANNEL_ITEM_CA /* DER */ } ChannelItem;
int channel_items_append (int fd, ChannelItem item, gconstpointer data, gsize len); /* 0 or errno */
typedef void (*ChannelItemFunc) (ChannelItem item, const guint8 *octets, gsize len, gpointer data);
gboolean channel_items_read (int fd, ChannelItemFunc func, gpointer data); /* octets are borrowed. FALSE: malformed */
