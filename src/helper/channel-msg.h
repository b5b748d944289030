/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What service and helper say to each other over the inherited SOCK_SEQPACKET socketpair (CHANNEL_FD in the helper).
 *
 * One packet is one message: {magic, version, type, serial, payload length} and the fields of its struct below, in
 * order, strings and blobs with a length in front; at most one descriptor beside it. Decoding is strict: a message is
 * wholly right or it is refused, and whoever reads a wrong one ends the channel. Every request is answered once, with
 * its serial, by the type named beside it or by FAILED, not necessarily in order; events have serial 0. Packets may
 * hold keys: all buffers are erased when done with. Borrowing: strings and blobs of a message to be sent are the caller's
 * (NULL for "" is fine); those of a received one lie in its buffer and live until channel_msg_free(), and are never NULL.
 */
#pragma once

#include "channel-types.h"

typedef enum { /* request: answer */
  CHANNEL_BEGIN = 1,   /* DONE; names the connection. Without guarded a kill switch of this uuid is removed */
  CHANNEL_RESOLVE,     /* RESOLVED */
  CHANNEL_LINK,        /* LINKED; the Child SAs belong to it */
  CHANNEL_SOCKET,      /* OPENED */
  CHANNEL_CREDENTIALS, /* LOADED; after the first SOCKET only what was asked for before, though with another password */
  CHANNEL_SIGN = 7,    /* SIGNED */
  CHANNEL_SPI_ALLOC,   /* SPI */
  CHANNEL_SA_INSTALL,  /* DONE; all parts or none */
  CHANNEL_SA_UPDATE,   /* DONE; the SAs and the policies of their slot get other outer addresses */
  CHANNEL_SA_DELETE,   /* DONE; what does not exist any more is no failure */
  CHANNEL_SA_QUERY,    /* USAGE, of the slot's: what is outbound is the other end's number */
  CHANNEL_END,         /* DONE; everything is removed, keys too; the channel stays open for a new BEGIN */
  CHANNEL_RECALL, CHANNEL_REMEMBER, /* RECALLED, DONE: what was remembered under a name, for later processes too */
  CHANNEL_PIN,         /* DONE; the gateway is reached by this link, though the kernel has another choice; 0: as it likes */
  CHANNEL_ADDRESSES,   /* RESOLVED: addresses of this machine, see addresses.h */
  CHANNEL_GUARD,       /* DONE; the kill switch (kernel/guard-build.h), changed at once; END removes it, but for KEEP */
  CHANNEL_CLAMP,       /* DONE; TCP's segments in the tunnel are at most so large (kernel/clamp-build.h), until END */
  CHANNEL_TLS,         /* TLS_DONE: a step of the one TLS client, for EAP methods */
  CHANNEL_FETCH,       /* READ: by HTTP, see fetch.h */
  CHANNEL_PREPARE,     /* DONE; removes what dead helpers left and opens the kernel's sockets: else BEGIN's first step */
  /* a server's (server.h): DONE, once and before the first SOCKET; SECRET; DONE or DENIED; STATE; DONE. And pad.h: DONE, SLICE.
   * LABEL: DONE; what is made until END has it, and SA_INSTALL must say the same (label.c) */
  CHANNEL_SERVER, CHANNEL_USER, CHANNEL_AUTHORIZE, CHANNEL_STATE_LOAD, CHANNEL_STATE_SAVE, CHANNEL_PAD, CHANNEL_PAD_TAKE, CHANNEL_LABEL,
  CHANNEL_DONE = 64, CHANNEL_FAILED, CHANNEL_RESOLVED, CHANNEL_LINKED, CHANNEL_OPENED, CHANNEL_LOADED, CHANNEL_READ,
  CHANNEL_SIGNED, CHANNEL_SPI, CHANNEL_USAGE, CHANNEL_RECALLED, CHANNEL_SECRET, CHANNEL_STATE, CHANNEL_TLS_DONE, CHANNEL_SLICE,
  CHANNEL_EXPIRE = 128, CHANNEL_MAPPING, CHANNEL_ACQUIRE, CHANNEL_LINK_GONE,
} ChannelType;

/* @protocol: IkeProtocolId, only 3 (ESP). Algorithms by the kernel's names (IkeAlgorithm.kernel); keys with salt; those
 * of a part that is not meant are empty. With an AEAD @integ is "". @icv_bits: kernel_trunc of the AEAD or of INTEG.
 * Ports of endpoints matter with @encap (ChannelEncap). With CPIs (IPComp), the mode is that of the whole. */
typedef struct {
  guint32 slot; /* from 1, the same over all rekeys of one Child SA; above CHANNEL_MAX_SLOTS with our link or a mesh */
  guint8 parts, rule /* ChannelRule; with one parts are POLICIES */, protocol, transport_mode, encap, esn, aead, tfc, iptfs /* ChannelIptfs */;
  guint32 cpi_in, cpi_out, spi_in, spi_out, replay_window, icv_bits, cpu; /* for what this one sends, from 1 on; 0: any */
  ChannelEndpoint local, remote;
  const char *encr, *integ, *label; /* RFC 9478; "": none */
  ChannelBlob encr_in, integ_in, encr_out, integ_out;
  guint64 soft_seconds, hard_seconds, soft_bytes, hard_bytes, soft_packets, hard_packets; /* 0: none */
  ChannelSelectors local_ts, remote_ts;
} ChannelSaInstall;

/* What is named in LOADED: its descriptor holds the certificates of the credential, and the file of CAs unparsed (the
 * service parses that, because it is the sandboxed one). @ca: path, "system", or "" for none. With only @ca there is
 * no key. Each may be in the key store instead ("nss:NICKNAME" or, a raw key, "ckaid:HEX"), or on a token ("pkcs11:"). */
typedef struct {
  const char *certificate, *private_key, *ca, *user;
  guint8 has_password, pin_typed; /* just now; one that is kept somewhere is not said to a token that counts tries */
  ChannelBlob password, store_password, pin; /* of the files, of the key store, of a token; empty: none */
} ChannelCredentials;

typedef struct {
  ChannelType type;
  guint32 serial;
  int fd; /* -1: none. Sent: borrowed. Received: the message's, until somebody takes it and writes -1 */
  union {
    struct { const char *uuid; guint8 guarded /* GUARD follows */; } begin;
    struct { const char *host; guint8 family; /* 0: both */ } resolve;
    struct { guint8 kind, family /* of a VTI's ends; 0: not known yet */, dscp, offload; guint32 if_id, mark, mark_mask; /* 0: ours to choose; none */ const char *name; /* "": the first free ipsecN */ } link;
    struct { guint8 transport; ChannelEndpoint local, remote; } socket;
    ChannelCredentials credentials;
    struct { const char *path, *user; } pad; struct { const char *url; ChannelBlob body; guint32 ifindex; /* 0: none */ } fetch;
    struct { guint32 key; guint8 method, hash, pss; /* of IkeSigScheme */ guint8 digest; /* octets are one: for TLS */ ChannelBlob octets; } sign;
    struct { guint32 slot; guint8 protocol, transport_mode, ipcomp, iptfs, per_cpu; ChannelAddress local, remote; } spi_alloc;
    ChannelSaInstall sa_install;
    struct { guint32 slot, spi_in, spi_out; guint8 encap; ChannelEndpoint local, remote; } sa_update; /* an SPI may be 0 */
    struct { guint32 slot; guint8 parts; guint32 spi_in, spi_out; } sa_delete;
    struct { guint32 slot; guint8 outbound; guint32 spi; } sa_query; struct { ChannelSelectors inside; } addresses; struct { const char *label; } label;
    struct { ChannelAddress gateway; guint32 ifindex; } pin; struct { guint32 mss4, mss6; /* 0: not limited */ } clamp;
    struct { guint8 mode, names; ChannelSelectors protect, except, inside; } guard;

    struct { guint8 code; guint32 number; const char *text; } failed; /* ChannelError, a sentence for people */
    ChannelAddresses resolved; struct { guint8 kind; const char *name; guint32 ifindex, if_id, mark; } linked;
    struct { ChannelEndpoint local; } opened; /* fd: the socket */
    struct { guint32 key; guint8 key_type; guint32 key_bits; guint8 pss; } loaded; /* fd: items; key 0: none */
    struct { guint32 len; } read; /* fd: a sealed copy of the file */
    struct { ChannelBlob signature; } signature; struct { guint32 spi, cpi; /* 0: no IPComp */ guint8 iptfs; guint32 cpus; /* that can have SAs of their own */ } spi;
    struct { const char *users, *user, *pam; /* paths and names; "": none */ } server;
    struct { const char *name, *host; /* USER, AUTHORIZE; the host is an address */ } client;
    struct { ChannelBlob octets; } secret; /* SECRET, STATE_SAVE, STATE */ struct { guint64 offset; ChannelBlob octets; } slice;
    struct { guint8 which; guint64 offset; } pad_take; ChannelTls tls; ChannelTlsDone tls_done; /* fd: items, with VERIFY the server's certificates */
    struct { const char *name; guint32 value; } memory; /* RECALL, REMEMBER, RECALLED; value 0: nothing */
    struct { guint64 bytes, packets, last_use; /* s since 1970, 0: never, or not known */ } usage;

    struct { guint32 spi; guint8 hard; ChannelAddress dst; } expire; struct { guint32 spi; ChannelEndpoint peer; } mapping;
    struct { guint32 slot; ChannelSelector local, remote; } acquire;
  };
  guint8 *buffer; /* received: owned */
  gsize buffer_len;
} ChannelMsg;

/* NULL: a field is above its limit. To be freed, erased, with channel_buffer_free(). */
guint8 *channel_msg_encode (const ChannelMsg *msg, gsize *ret_len);
void channel_buffer_free (guint8 *buffer, gsize len);
ChannelMsg *channel_msg_decode (gconstpointer data, gsize len); /* NULL: malformed. Copies @data. */
void channel_msg_free (ChannelMsg *msg); /* erases, closes the descriptor */
const char *channel_type_name (ChannelType type); /* NULL: there is none */

int channel_send (int fd, const ChannelMsg *msg); /* 0, EMSGSIZE (a field), EAGAIN (again when writable), EPIPE (gone) */
int channel_receive (int fd, ChannelMsg **ret_msg); /* 0; EAGAIN: nothing there; EPIPE: gone; EBADMSG: give up */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChannelMsg, channel_msg_free)
