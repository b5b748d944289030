/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes into the IKE engine and what comes out of it: plain data, no behaviour.
 *
 * Everything slow or forbidden is an output (a job, a kernel request) that a later input answers, matched by the
 * job number. Answers may come in any order, or never; an answer for something that is gone is ignored by the
 * engine, and whatever it carries is freed with the input.
 */
#pragma once

#include "base/address.h"
#include "base/reason.h"
#include "base/secret.h"
#include "base/timers.h"
#include "crypto/crypto.h"
#include "crypto/puzzle.h"
#include "wire/registry.h"

#include <glib.h>

/* ---- addresses, selectors, identities ---- */

/* How a datagram travels. NATT is port 4500: the driver puts the non-ESP marker before, and takes it off. TCP: RFC 9329;
 * the ports are those of the connection that it came by, or goes to. */
typedef enum { IKE_TRANSPORT_UDP, IKE_TRANSPORT_NATT, IKE_TRANSPORT_TCP } IkeTransport;

typedef struct {
  IkeTransport transport;
  IkeEndpoint local, remote;
} IkePath;

/* What ESP is in, for logs: "", " in UDP", " in TCP". @encap: UDP encapsulation was negotiated. */
const char *ike_path_around (const IkePath *path, gboolean encap);
/* Whatever their ports. */
gboolean ike_path_same_addresses (const IkePath *a, const IkePath *b);

/* One traffic selector, RFC 7296 section 3.13.1; first..last inclusive. Protocol 0: any. */
typedef struct {
  IkeAddress first, last;
  guint8 protocol;
  guint16 port_first, port_last;
} IkeSelector;
#define IKE_MAX_SELECTORS 254 /* and a label */
#define IKE_MAX_SLOTS 255 /* where neither a server's link nor a mesh names the owner of what has the slot */

typedef struct {
  IkeIdType type;
  GBytes *data; /* the identification data as on the wire */
} IkeIdentity;

IkeIdentity *ike_identity_new (IkeIdType type, gconstpointer data, gsize len);
IkeIdentity *ike_identity_copy (const IkeIdentity *identity);
void ike_identity_free (IkeIdentity *identity);
/* Same type and data; FQDN and the domain of RFC822 without regard to case. */
gboolean ike_identity_equal (const IkeIdentity *a, const IkeIdentity *b);
/* For people: printable UTF-8 whatever the peer sent; DN in RFC 4514 form is the certificate code's business (here: hex). */
char *ike_identity_to_string (const IkeIdentity *identity);

/* ---- one connection's configuration: immutable once given to the engine ---- */

typedef enum { IKE_ROLE_INITIATOR, IKE_ROLE_RESPONDER, IKE_ROLE_PEER } IkeRole;

/* What a peer does after START, and when the other end has gone; it answers in any case. */
typedef enum {
  IKE_BEGIN_NOW,    /* negotiate */
  IKE_BEGIN_LISTEN, /* wait for the other end */
  IKE_BEGIN_DEMAND, /* or for a packet, which the kernel tells of */
} IkeBegin;

typedef enum {
  IKE_AUTH_PSK,
  IKE_AUTH_SIGNATURE, /* certificate or raw key */
  IKE_AUTH_EAP, /* of a client: EAP; the other one is then what the server itself must do */
  IKE_AUTH_EAP_ONLY, /* of a server: RFC 5998; a client takes a signature as well */
  IKE_AUTH_NULL, /* anybody: RFC 7619 */
} IkeAuth;

/* ESP in UDP: when there is a NAT, never, always. */
typedef enum { IKE_ENCAP_DETECT, IKE_ENCAP_NEVER, IKE_ENCAP_ALWAYS } IkeEncap;

typedef enum { IKE_PPK_NO, IKE_PPK_YES, IKE_PPK_INSIST } IkePpk;
/* Inside of EAP-TTLS: another EAP conversation, or a password as PAP or MS-CHAPv2 has it. */
typedef enum { IKE_TTLS_EAP, IKE_TTLS_PAP, IKE_TTLS_MSCHAPV2 } IkeTtls;

typedef enum {
  IKE_KEY_NONE,
  IKE_KEY_RSA,
  IKE_KEY_P256,
  IKE_KEY_P384,
  IKE_KEY_P521,
  IKE_KEY_ED25519,
  IKE_KEY_ML_DSA_44,
  IKE_KEY_ML_DSA_65,
  IKE_KEY_ML_DSA_87,
} IkeKeyType;
#define IKE_KEY_LAST IKE_KEY_ML_DSA_87

typedef struct {
  guint8 type; /* IkeProtocolId: IKE, ESP */
  GArray *transforms; /* of IkeTransform (wire/registry.h), in order of preference */
} IkeProposal;
IkeProposal *ike_proposal_new (IkeProtocolId protocol);
void ike_proposal_free (IkeProposal *proposal);

typedef struct {
  /* IkeSelector; empty: "dynamic", our virtual or the outer address; family NONE: the outer address, one protocol of it */
  GPtrArray *local_ts, *remote_ts;
  gboolean exact;                  /* the answer may leave selectors out, but not cut any down */
  gboolean transport_mode;
  gboolean pfs;
  gboolean esn;
  gboolean ipcomp, tfc; /* compressed (RFC 3173); padded so that sizes tell nothing: if the peer agrees */
  gboolean aggfrag; /* several packets in one (RFC 9347): if the peer agrees; neither of the above then */
  guint replay_window;             /* packets */
  guint cpus;                      /* so many processors have a Child SA of their own (RFC 9611): if the peer agrees */
  GBytes *label;                   /* RFC 9478: the peer must use it, and no other; as on the wire. NULL: none */
  IkeTime lifetime, rekey_margin;  /* 0 lifetime: never */
  guint64 lifetime_bytes;          /* 0: no limit */
} IkeChildConfig;

/* When a client comes a second time: the one before goes, this one is refused, or both stay. */
typedef enum { IKE_UNIQUE_REPLACE, IKE_UNIQUE_KEEP, IKE_UNIQUE_NO } IkeUnique;

/* What a responder has for its clients. */
typedef struct {
  gboolean pool4, pool6; /* addresses: IKE_JOB_ADMIT names one; a client that asks for none is sent away */
  gboolean authorize;    /* IKE_JOB_ADMIT for each, also without pools */
  IkeUnique unique;
  GArray *dns;           /* IkeAddress */
  GPtrArray *domains;    /* char* */
  char *banner;          /* NULL: none */
} IkeServe;
IkeServe *ike_serve_new (void);

/* A mesh: how the hosts of some nets are reached. The most specific net decides. */
typedef enum {
  IKE_GROUP_PRIVATE, /* encrypted or not at all */
  IKE_GROUP_PRIVATE_OR_CLEAR, /* encrypted if possible; we begin */
  IKE_GROUP_CLEAR_OR_PRIVATE, /* in the clear until they begin */
  IKE_GROUP_CLEAR,
  IKE_GROUP_BLOCK,
} IkeGroup;
typedef struct {
  IkePrefix net; /* bits behind the prefix are zero */
  IkeGroup group;
} IkeMeshNet;
#define IKE_MESH_MAX_NETS 1024

typedef struct {
  GArray *nets; /* IkeMeshNet, no net twice */
  GArray *own; /* IkeAddress: ours, which the policies are for; empty: any */
  IkeTime shunt_time; /* a host with which the negotiation has failed is let pass so long (PRIVATE_OR_CLEAR) */
  IkeTime block_time; /* or blocked (PRIVATE), before it is asked again */
} IkeMesh;
IkeMesh *ike_mesh_new (void);
void ike_mesh_free (IkeMesh *mesh);

typedef struct {
  guint32 id;
  char *name;           /* for logs */
  IkeRole role;
  IkeBegin begin;       /* role PEER */
  IkeTime idle_timeout; /* BEGIN_DEMAND: without traffic for so long it is all given back; 0: never */
  IkeServe *serve;      /* RESPONDER: NULL: nothing but a tunnel */
  IkeMesh *mesh; /* PEER, DEMAND: it has many others (exchange/mesh.h); LISTEN instead of START; NULL: one */
  IkeSecret *qcd_secret; /* RESPONDER, PEER: makes RFC 6290's tokens; the same after a restart; NULL: there are none */
  gboolean childless;   /* RFC 6023: we make the Child SA by an exchange of its own; a responder lets clients do so */

  IkeIdentity *local_id;  /* NULL: by the address */
  GPtrArray *names; /* IkeIdentity: RESPONDER: a client that asks for one of these is answered it, not local_id */
  IkeIdentity *remote_id; /* NULL: any that the certificate or key proves (never with PSK from a CA-less config) */
  gboolean send_remote_id;

  IkeAuth local_auth, remote_auth;
  gboolean then_eap;           /* and then a client proves its user by EAP as well (RFC 4739); its first is not EAP */
  IkeKeyType key_type;         /* of our private key; NONE without one */
  guint key_bits;
  gboolean key_pss;            /* the key may sign RSA-PSS (cards may not) */
  gboolean allow_rsa_sha1; /* signatures by RSA with SHA-1 are made, where nothing better is possible, and taken */
  GPtrArray *certificates;     /* GBytes, DER: ours first, then intermediates; may be empty */
  GBytes *certreq_hashes;      /* SHA-1 of each trusted CA's SubjectPublicKeyInfo, joined; may be NULL */
  gboolean certificate_identity_check; /* the certificate must contain remote_id */
  gboolean ask_status;         /* the peer is asked for what OCSP says of its certificate (RFC 4806) */
  char *eap_identity;          /* the user's name; NULL: from local_id */
  char *eap_outer_identity;    /* what EAP's Identity request is answered with; NULL: eap_identity */
  guint eap_methods;           /* bit mask 1 << IkeEapType allowed */
  guint eap_inner;             /* the same inside of TTLS and PEAP */
  IkeTtls eap_ttls;            /* what is inside of TTLS */

  IkePpk ppk;                  /* post-quantum pre-shared key: RFC 8784, RFC 9867 */
  gboolean ppk_in_auth;        /* RFC 8784 alone */
  GBytes *ppk_id;              /* PPK_ID, type octet included; NULL: the SECRET answer tells, or whoever comes */

  GPtrArray *proposals;        /* IkeProposal, protocol IKE */
  GPtrArray *child_proposals;  /* IkeProposal, protocol ESP */
  guint16 ke_hint;             /* the group that this gateway took last time, 0: none */

  gboolean want_address4, want_address6;
  gboolean want_resolvers; /* with the addresses: name servers that encrypt (RFC 9464) */
  IkeAddress ask_address4, ask_address6; /* family NONE: any */
  IkeChildConfig child;

  gboolean resumption;         /* RFC 5723: a client asks for tickets and comes back with them, a responder gives them */
  gboolean mobike, fragmentation;
  gboolean fragment_all; /* what could go in one piece, too */
  IkeEncap encap;
  gsize fragment_size;         /* whole IP packet, octets; 0: 1280 */
  IkeTime ike_lifetime, ike_rekey_margin;
  IkeTime auth_lifetime;       /* RESPONDER: after so long a client must have authenticated again (RFC 4478); 0: never */
  gboolean reauth;             /* re-authenticate instead of rekeying the IKE SA */
  IkeTime dpd_delay, dpd_timeout; /* 0: off */
  IkeTime retransmit_timeout;  /* total patience with one request; 0: default */
  IkeTime init_timeout;        /* the same for IKE_SA_INIT alone, when there are other gateways to try; 0: as the others */
  IkeTime natt_keepalive;      /* 0: 20 s */
  gboolean keep_trying;        /* after a first success, reconnect in place */
  guint tries;                 /* so often in a row; 0: for ever */
} IkeConfig;
IkeConfig *ike_config_new (void);
void ike_config_free (IkeConfig *config);

/* ---- what the gateway gave us ---- */

/* An encrypted name server: RFC 9464. */
typedef struct {
  guint16 priority;  /* the lowest comes first; 0: only a name, where such a one is described */
  GArray *addresses; /* IkeAddress */
  char *name;        /* that its certificate must have; host name grammar checked */
  char *protocols;   /* "h2,dot", as ALPN calls them; NULL: not said */
  guint16 port;      /* 0: the protocol's own */
  char *path;        /* of DNS over HTTPS; NULL: none */
} IkeResolver;
IkeResolver *ike_resolver_new (void);
void ike_resolver_free (IkeResolver *resolver);

typedef struct {
  IkePath path;
  gboolean nat_here, nat_there, encap;
  IkeIdentity *remote_id;
  GArray *addresses;  /* IkePrefix: our virtual addresses */
  GArray *dns, *nbns; /* IkeAddress */
  GPtrArray *domains; /* char*, host name grammar checked: what the servers of the tunnel are to be asked for (RFC 8598) */
  GPtrArray *trust_anchors; /* char*: "DOMAIN DS DATA"; nobody who uses them may do so unless they are expected for it */
  GPtrArray *resolvers;     /* IkeResolver */
  GArray *subnets;    /* IkePrefix: INTERNAL_IP{4,6}_SUBNET */
  GArray *local_ts, *remote_ts; /* IkeSelector, as negotiated */
  char *banner;       /* printable UTF-8, or NULL */
  char *ike_suite, *child_suite; /* for people: "AES_GCM_16_256/PRF_HMAC_SHA2_384/CURVE25519" */
  guint16 ke_group;   /* to be remembered for this gateway */
  gboolean mobike;
  guint overhead;     /* octets that ESP (and UDP) add to a packet, but for padding; 0: not known yet */
  guint alignment;    /* the packet and the last two of them are padded to a multiple of so many; 0: they are not */
} IkeConfigured;
IkeConfigured *ike_configured_new (void); /* all arrays empty */
/* Shares the arrays. */
IkeConfigured *ike_configured_copy (const IkeConfigured *configured);
void ike_configured_free (IkeConfigured *configured);

/* ---- jobs: questions to the caller ---- */

typedef enum {
  IKE_JOB_KE_GENERATE, /* ke.group                       -> KE: key, public */
  IKE_JOB_KE_FINISH,   /* ke.key (stays the engine's), ke.peer -> KE: shared */
  IKE_JOB_KE_RESPOND,  /* ke.group, ke.peer              -> KE: public, shared */
  IKE_JOB_SIGN,        /* sign.*                         -> SIGN: signature */
  IKE_JOB_VERIFY,      /* verify.*                       -> VERIFY: reason NONE, or why not */
  IKE_JOB_SECRET,      /* secret.*                       -> SECRET: secret or NULL */
  IKE_JOB_TLS,         /* tls                            -> TLS: bytes (records to send), secret, tls_flags; or reason */
  IKE_JOB_PUZZLE,      /* puzzle.*: ike_puzzle_search()  -> PUZZLE: bytes */
  IKE_JOB_ADMIT,       /* admit.*                        -> lease4, lease6; not ok: it may not come in, reason; text: it is
                          to go to that gateway, if it can */
} IkeJobType;

/* USER: of whom @user names, for a server */
typedef enum { IKE_SECRET_PSK, IKE_SECRET_PASSWORD, IKE_SECRET_OTP, IKE_SECRET_USER, IKE_SECRET_PPK } IkeSecretKind;

/* What an EAP method asks of the caller's TLS client, of which a connection has one at a time. The answer's secret is what
 * was received inside, or the exported key. The caller has verified the server before the handshake is complete. */
typedef enum {
  IKE_TLS_OPEN,   /* a new one: its first records */
  IKE_TLS_STEP,   /* records of the server, or what we say inside; either may be NULL */
  IKE_TLS_EXPORT, /* label, context: len octets of keying material */
} IkeTlsOp;
enum { IKE_TLS_ESTABLISHED = 1, IKE_TLS_1_3 = 2 };
typedef struct {
  IkeTlsOp op;
  GBytes *records;
  IkeSecret *clear;
  const char *label; /* static */
  gboolean has_context;
  guint8 context;
  gsize len;
} IkeTlsOrder;
void ike_tls_order_free (IkeTlsOrder *order);

typedef struct {
  IkeJobType type;
  struct {
    guint16 group;
    IkeKeKey *key; /* borrowed; the engine frees it only after the answer or with ike_engine_free() */
    GBytes *peer;
  } ke;
  struct {
    const struct _IkeSigScheme *scheme; /* crypto/sig-scheme.h: static row */
    GBytes *octets;                     /* to be hashed and signed */
    gboolean status;                    /* the peer would like to see what OCSP says of our certificate (RFC 4806) */
  } sign;
  struct {
    const struct _IkeSigScheme *scheme;
    GBytes *octets, *signature;
    GPtrArray *certificates; /* GBytes, DER, as the peer sent them, end entity first; empty: use what is configured */
    IkeIdentity *identity;   /* the peer's, which the certificate must contain */
    GPtrArray *status;       /* GBytes: what it says to be answers of OCSP about them (RFC 4806); may be empty */
  } verify;
  struct {
    IkeSecretKind kind;
    guint attempt;      /* 0 first; above: the one before was refused */
    char *message;      /* printable text from the peer or about the refusal, or NULL */
    GBytes *id;         /* PPK: the PPK_ID that the peer named; NULL: ours to choose, told with the answer in bytes */
    char *user;         /* "" when it is a name that nobody can have */
  } secret;
  struct {
    guint32 client;           /* its number: what it was given is free again when IKE_OUTPUT_GONE names it; asked about
                               * again before that, as it authenticates anew, it keeps it */
    IkeIdentity *identity;    /* proven */
    gboolean anonymous;       /* it is nobody in particular */
    IkeEndpoint remote;
    gboolean want4, want6;
    IkeAddress wish4, wish6;  /* family NONE: any */
  } admit;
  struct {
    IkePuzzle puzzle;
    GBytes *octets;
    guint64 first;
    guint count;
  } puzzle;
  IkeTlsOrder *tls;
} IkeJob;
void ike_job_free (IkeJob *job);

/* ---- kernel requests ---- */

typedef enum {
  IKE_KERNEL_ALLOC_SPI, /* path, ipcomp, aggfrag, per_cpu -> spi, cpi (0: the kernel has no IPComp), aggfrag (it can),
                           cpus (that can have SAs of their own) */
  IKE_KERNEL_INSTALL, /* everything        -> ok or error */
  IKE_KERNEL_UPDATE, /* spis, what, path, old_path, encap -> ok or error (MOBIKE, NAT mapping) */
  IKE_KERNEL_DELETE, /* spis, what        -> no answer */
  IKE_KERNEL_QUERY, /* spi_in, or with parts IKE_SA_OUT spi_out -> bytes, packets, last use */
} IkeKernelOp;

/* What policies say. All but TUNNEL are a mesh's, without SAs: of @local_ts and @remote_ts both ways, and weaker than a
 * Child SA's. */
typedef enum {
  IKE_RULE_TUNNEL,
  IKE_RULE_TRAP, /* what is sent wants an SA, which ACQUIRE asks for; what comes without one is dropped */
  IKE_RULE_ASK, /* the same; what comes passes */
  IKE_RULE_PASS,
  IKE_RULE_BLOCK,
  IKE_RULE_ALWAYS, /* PASS, before all other rules */
  IKE_RULE_SHUNT_PASS, /* out alone, before all but ALWAYS */
  IKE_RULE_SHUNT_BLOCK,
} IkeRule;

/* Parts of a Child SA that INSTALL, UPDATE and DELETE mean; a rekeyed SA's outbound half comes later than its inbound. */
enum { IKE_SA_IN = 1, IKE_SA_OUT = 2, IKE_SA_POLICIES = 4 };

typedef struct {
  IkeKernelOp op;
  guint32 child;    /* the engine's number of this Child SA, unique for ever */
  guint32 slot;     /* the same over all rekeys of one Child SA: becomes the reqid; see IKE_MAX_SLOTS */
  guint parts;      /* IKE_SA_* */
  IkeRule rule; /* POLICIES */
  guint32 spi_in, spi_out;
  guint8 protocol;  /* IkeProtocolId */
  gboolean transport_mode, encap, esn;
  gboolean ipcomp, tfc;
  gboolean aggfrag, aggfrag_whole; /* RFC 9347; the peer takes no pieces */
  guint16 cpi_in, cpi_out; /* of IPComp, both or neither; 0: without */
  gboolean per_cpu;
  guint16 cpu; /* the outbound half is for what this processor sends, from 1 on; 0: for all that have none */
  guint replay_window;
  IkePath path, old_path;
  guint16 encr, encr_bits, integ;
  IkeSecret *encr_in, *integ_in, *encr_out, *integ_out; /* owned by the output; salt included */
  GArray *local_ts, *remote_ts; /* IkeSelector */
  GBytes *label; /* of the SAs and the policies: the configured one; NULL: none */
  IkeTime soft_lifetime, hard_lifetime; /* from now, 0: none; the kernel answers with EXPIRE */
  guint64 soft_bytes, hard_bytes, soft_packets, hard_packets; /* 0: none */
} IkeKernelRequest;
void ike_kernel_request_free (IkeKernelRequest *request);

/* ---- outputs ---- */

typedef enum {
  IKE_OUTPUT_SEND, /* datagram on path, pieces */
  IKE_OUTPUT_KEEPALIVE, /* one octet 0xff on path (NATT socket, no marker) */
  IKE_OUTPUT_JOB, /* job; answered by IKE_INPUT_JOB with the same number */
  IKE_OUTPUT_JOB_CANCEL, /* the answer to that number is not wanted any more (a prompt can be closed) */
  IKE_OUTPUT_KERNEL, /* kernel; answered by IKE_INPUT_KERNEL with the same number */
  IKE_OUTPUT_UP, /* configured: IKE SA and Child SA stand and the kernel has them */
  IKE_OUTPUT_WAITING, /* configured, reason: a peer answers, and nothing stands (any more; reason NONE: yet) */
  IKE_OUTPUT_RECONNECTING, /* reason: the tunnel is gone, a new one is being negotiated in place */
  IKE_OUTPUT_DOWN, /* reason: the connection is over; nothing follows for it */
  IKE_OUTPUT_GONE, /* client: it is not served any more; never without an IKE_JOB_ADMIT or an UP for it */
  IKE_OUTPUT_MOVED, /* path: the Child SAs, and the peer, have moved to it */
  IKE_OUTPUT_PATH_FAILS, /* path: the peer does not answer on it; with another one, give IKE_INPUT_PATH */
  IKE_OUTPUT_UNANSWERED, /* path: a negotiation has begun on it, and there is no answer so far; as above */
  IKE_OUTPUT_STALLED, /* reason: to reconnect has failed too; it is tried again later, but for another PATH or STOP */
  IKE_OUTPUT_REDIRECT, /* gateway: go there; then IKE_INPUT_PATH, or IKE_INPUT_NO_PATH */
  IKE_OUTPUT_OTHER_ADDRESS, /* gateway: the same one may be at this address: the same; or it is given up, and was last there */
  IKE_OUTPUT_HINT, /* ke_group worked for this gateway: remember it (also told in UP) */
  IKE_OUTPUT_PROBED, /* number, probe: what IKE_INPUT_PROBE has asked */
  IKE_OUTPUT_LOG,
} IkeOutputType;

/* What IP may do with a datagram: as always; it must arrive in one piece or not at all; whoever likes may cut it. */
typedef enum { IKE_PIECES_USUAL, IKE_PIECES_NONE, IKE_PIECES_MANY } IkePieces;

/* Packets of that size: they arrive; they do not, while others do; it cannot be found out with this peer. */
typedef enum { IKE_PROBE_CARRIED, IKE_PROBE_LOST, IKE_PROBE_UNKNOWN } IkeProbe;

typedef enum { IKE_LOG_ERROR = 3, IKE_LOG_WARNING = 4, IKE_LOG_NOTICE = 5, IKE_LOG_INFO = 6, IKE_LOG_DEBUG = 7 } IkeLogLevel;

typedef struct {
  IkeLogLevel level;
  const char *event; /* static: "exchange", "state", "proposal", ... */
  char *text;        /* one line, no secrets */
  guint64 spi_i, spi_r;
  guint32 message_id;
} IkeLog;

typedef struct {
  IkeOutputType type;
  guint32 connection;
  guint32 number; /* of the job or kernel request, never 0 for those; PROBED: octets */
  guint32 client; /* UP of a responder or mesh, GONE */
  IkePath path;
  GBytes *datagram;
  IkePieces pieces;
  IkeProbe probe;
  IkeJob *job;
  IkeKernelRequest *kernel;
  IkeConfigured *configured;
  IkeReason reason;
  guint16 ke_group;
  char *gateway; /* REDIRECT: an address, or a name of host name grammar; OTHER_ADDRESS: an address */
  IkeLog log;
} IkeOutput;
void ike_output_free (IkeOutput *output);

/* ---- inputs ---- */

typedef enum {
  IKE_INPUT_START, /* connection, path (UDP), natt_path: negotiate */
  IKE_INPUT_LISTEN, /* connection: answer only */
  IKE_INPUT_STOP, /* connection: delete at the peer, then DOWN(USER_STOP) */
  IKE_INPUT_DATAGRAM, /* path (as seen by the receiver: local is us), datagram without marker */
  IKE_INPUT_UNREACHABLE, /* path, text: an ICMP error for something that we sent; unauthenticated */
  IKE_INPUT_TICK,
  IKE_INPUT_JOB, /* number, and the fields that its job type names */
  IKE_INPUT_KERNEL, /* number, kernel_error (0: ok), spi, cpi, aggfrag, cpus, bytes, packets */
  IKE_INPUT_EXPIRE, /* spi (inbound or outbound), path.remote.address: where that SA goes (of several with it), hard */
  IKE_INPUT_ACQUIRE, /* connection: a packet has met a policy whose SA is not there; of a mesh path: its addresses */
  IKE_INPUT_MAPPING, /* spi, path.remote: where the kernel saw the peer's ESP come from */
  IKE_INPUT_PATH, /* connection, path, natt_path: our address or route has changed, or another gateway is to be tried */
  IKE_INPUT_NO_PATH, /* connection: to where it is to go there is none */
  IKE_INPUT_CHECK, /* connection, ok (a sleep): something hints at trouble (that, an unknown SPI): ask the peer now */
  IKE_INPUT_REDIRECT, /* connection of a responder, text: its clients are to go there; NULL: not any more */
  IKE_INPUT_ELSEWHERE, /* connection, ok: PATH_FAILS would lead to another path; not ok: there is none any more */
  IKE_INPUT_PROBE, /* connection, number: do IP packets of so many octets arrive? Answered by IKE_OUTPUT_PROBED, unless
                      another PROBE, UP or DOWN comes before */
  IKE_INPUT_CLOGGED, /* connection: its TCP repeats in vain. ok: twice, and will not do so again for long; not ok: once, and
                        another connection by the same path is not answered either */
  IKE_INPUT_OWN_ADDRESSES, /* connection of a responder, text: all its addresses, separated by blanks; NULL: it tells none */
} IkeInputType;

typedef struct {
  IkeInputType type;
  guint32 connection;
  guint32 number;
  IkePath path, natt_path;
  const guint8 *datagram; /* borrowed */
  gsize datagram_len;
  const char *text;       /* borrowed */
  /* the answer to a job; pointers are taken by the engine: it sets them to NULL when it keeps them */
  gboolean ok;
  IkeKeKey *key;
  GBytes *bytes;          /* public value, signature, TLS records */
  IkeSecret *secret;      /* shared secret, password */
  GBytes *status;         /* SIGN: an answer of OCSP about our certificate; NULL: there is none */
  IkeReason reason;       /* VERIFY, SIGN, ADMIT: why not */
  IkeAddress lease4, lease6; /* ADMIT; family NONE: none is left */
  guint tls_flags;        /* IKE_TLS_* */
  /* the kernel's */
  int kernel_error;       /* errno, positive */
  char *kernel_text;      /* its extended acknowledgement, or NULL */
  guint32 spi;
  guint16 cpi, cpus;
  gboolean aggfrag;
  gboolean hard;
  guint64 traffic_bytes, traffic_packets;
  IkeTime last_use;
} IkeInput;
/* Frees what the engine did not take. */
void ike_input_clear (const IkeCrypto *crypto, IkeInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeOutput, ike_output_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeConfig, ike_config_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeIdentity, ike_identity_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeProposal, ike_proposal_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeResolver, ike_resolver_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeConfigured, ike_configured_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeJob, ike_job_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IkeKernelRequest, ike_kernel_request_free)
