/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XFRM requests as netlink messages: values in, octets out, nothing else. Attributes are encoded here over the
 * kernel's structures. Every message asks for an acknowledgement; its sequence number is the sender's business.
 */
#pragma once

#include "channel-types.h"
#include "kernel/xfrm-compat.h"

struct nl_msg;

/* RFC 4303 section 2.1 reserves 1..255; we take ours where other IKE daemons take theirs. */
#define XFRM_SPI_MIN 0xc0000000u
#define XFRM_SPI_MAX 0xcfffffffu

typedef struct {
  ChannelAddress src, dst; /* outer */
  guint32 spi, reqid, if_id, mark, mark_mask; /* mask 0: the whole of it, if there is one */
  guint8 protocol; /* IPPROTO_ESP or IPPROTO_COMP, whose SPI is a CPI */
  gboolean transport_mode, iptfs /* RFC 9347: not both */, outbound;
  guint16 cpi; /* ESP: of the IPComp that it carries, 0: none; then that has the mode, and ESP is in transport mode */
  gboolean comp_transport;
  guint32 user; /* owner.h: where the reqid does not name the owner, and there is no link either; 0: none */
} XfrmSaId;

/* The IPComp SA that goes with @id's ESP. */
XfrmSaId xfrm_sa_comp (const XfrmSaId *id);
/* RFC 3173 section 3.3: those that are negotiated. */
#define XFRM_CPI_MIN 256u
#define XFRM_CPI_MAX 61439u

/* What SELinux says of an SA or a policy: its context's text, NUL included; empty: nothing. */
typedef ChannelBlob XfrmLabel;
/* Of the payload of an XFRMA_SEC_CTX, borrowed: none when it is another security module's or damaged. The kernel ends what
 * it is given with one NUL more; of those one is left. */
XfrmLabel xfrm_label_of (const guint8 *data, gsize len);

/* Which network card encrypts; ifindex 0: none, the processor does. */
typedef struct {
  guint32 ifindex;
  gboolean packet; /* whole packets, which wants it of the policies, too; else only the cipher */
} XfrmOffload;

typedef struct {
  XfrmSaId id;
  XfrmOffload offload;
  XfrmLabel label;
  ChannelEncap encap;
  guint16 encap_sport, encap_dport;
  gboolean esn, aead, tfc, whole /* with iptfs: no pieces */;
  gboolean with_dir; /* the kernel knows XFRMA_SA_DIR (6.10), and then other rules for outbound ESN */
  guint8 dscp; /* CHANNEL_DSCP_* */
  guint32 set_mark, set_mark_mask; /* of what comes out of it; mask 0: it is left alone */
  guint32 replay_window, icv_bits;
  guint32 cpu; /* outbound: for what this processor sends, from 1 on; 0: for all that have none. Wants with_dir */
  guint32 acquired; /* outbound: the ACQUIRE that it answers, whose larval state it takes the place of; 0: none */
  const char *encr, *integ;
  ChannelBlob encr_key, integ_key;
  guint64 soft_seconds, hard_seconds, soft_bytes, hard_bytes, soft_packets, hard_packets;
} XfrmSa;

/* PASS and BLOCK are without a template. */
typedef enum { XFRM_ACT_TUNNEL, XFRM_ACT_PASS, XFRM_ACT_BLOCK } XfrmAct;

typedef struct {
  guint8 dir; /* XFRM_POLICY_IN, _OUT, _FWD */
  XfrmAct act;
  guint32 priority; /* 0: by the selector */
  struct xfrm_selector selector;
  guint32 reqid, if_id, mark, mark_mask; /* as in XfrmSaId */
  guint8 protocol;
  gboolean transport_mode, iptfs, ipcomp; /* ipcomp: below ESP */
  XfrmOffload offload; /* without packet a policy knows nothing of it */
  XfrmLabel label; /* borrowed; the kernel finds a policy by it, too */
  ChannelAddress src, dst; /* outer, as packets of that direction have them */
} XfrmPolicy;

struct nl_msg *xfrm_build_spi_alloc (const XfrmSaId *id, gboolean with_dir);
/* @update: replaces the larval state of spi_alloc. NULL: a name or key is too long. */
struct nl_msg *xfrm_build_sa (const XfrmSa *sa, gboolean update);
struct nl_msg *xfrm_build_sa_delete (const XfrmSaId *id);
struct nl_msg *xfrm_build_sa_get (const XfrmSaId *id);
struct nl_msg *xfrm_build_sa_dump (void);

/* The state of @answer (to sa_get) at another place: keys, counters and replay state go along. NULL: it is not an
 * SA, or its keys are not there (a locked down kernel hides them). */
typedef struct {
  ChannelAddress src, dst;
  ChannelEncap encap;
  guint16 encap_sport, encap_dport;
} XfrmPlace;
struct nl_msg *xfrm_build_sa_moved (const struct nlmsghdr *answer, const XfrmPlace *place);

/* Creates or replaces. */
struct nl_msg *xfrm_build_policy (const XfrmPolicy *policy);
/* Direction out, and without a template: it blocks, or lets pass as it is. */
struct nl_msg *xfrm_build_plain_policy (const struct xfrm_selector *selector, guint32 priority, gboolean block);
struct nl_msg *xfrm_build_policy_delete (const XfrmPolicy *policy);
struct nl_msg *xfrm_build_policy_dump (void);

/* Erases and frees. */
void xfrm_msg_free (struct nl_msg *msg);
