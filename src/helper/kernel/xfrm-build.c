/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The requests of protocol XFRM (kernel: net/xfrm/xfrm_user.c). libnl allocates the message and pads attributes; a
 * message never grows, so that there is one copy of a key to be erased.
 */
#include "kernel/xfrm-build.h"

#include "kernel/selectors.h"
#include "kernel/xfrm-parse.h"

#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

/* More than the largest message needs: an SA with a replay window of 4096 packets, and two algorithms. */
#define MESSAGE_SIZE 4096

/* A packet that leaves while an SA is moved has a number of which the copy does not know. Numbers may be skipped, never
 * used twice (RFC 4303 section 3.3.3). */
#define MOVED_SKIP (1u << 18)

void
xfrm_msg_free (struct nl_msg *msg)
{
  if (!msg)
    return;
  explicit_bzero (nlmsg_hdr (msg), nlmsg_get_max_size (msg));
  nlmsg_free (msg);
}

static struct nl_msg *
message_new (int type, int flags, gconstpointer body, gsize len)
{
  struct nlmsghdr hdr = { .nlmsg_type = (guint16) type, .nlmsg_flags = (guint16) (NLM_F_REQUEST | flags) };
  struct nl_msg *msg = nlmsg_alloc_size (MESSAGE_SIZE);

  g_assert (msg);
  *nlmsg_hdr (msg) = hdr;
  nlmsg_hdr (msg)->nlmsg_len = NLMSG_HDRLEN;
  g_assert (nlmsg_append (msg, (void *) body, len, NLMSG_ALIGNTO) == 0);
  return msg;
}

static void
put (struct nl_msg *msg, int type, gconstpointer data, gsize len)
{
  /* sizes are bounded by the channel and by MESSAGE_SIZE */
  g_assert (nla_put (msg, type, (int) len, data) == 0);
}

static void
put_scope (struct nl_msg *msg, guint32 if_id, guint32 mark, guint32 mask)
{
  const struct xfrm_mark m = { .v = mark, .m = mask ? mask : 0xffffffff };

  if (mark || mask)
    put (msg, XFRMA_MARK, &m, sizeof m);
  if (if_id)
    put (msg, XFRMA_IF_ID, &if_id, sizeof if_id);
}

static void
put_offload (struct nl_msg *msg, const XfrmOffload *offload, guint8 flags)
{
  struct xfrm_user_offload card;

  memset (&card, 0, sizeof card); /* its padding goes along */
  card.ifindex = (int) offload->ifindex;
  card.flags = (guint8) (flags | (offload->packet ? XFRM_OFFLOAD_PACKET : 0));
  if (offload->ifindex)
    put (msg, XFRMA_OFFLOAD_DEV, &card, sizeof card);
}

XfrmLabel
xfrm_label_of (const guint8 *data, gsize len)
{
  struct xfrm_user_sec_ctx context;
  gsize text;

  if (len < sizeof context)
    return (XfrmLabel){ NULL, 0 };
  memcpy (&context, data, sizeof context);
  data += sizeof context;
  if (context.ctx_doi != XFRM_SC_DOI_LSM || context.ctx_alg != XFRM_SC_ALG_SELINUX ||
      context.ctx_len > len - sizeof context)
    return (XfrmLabel){ NULL, 0 };
  text = strnlen ((const char *) data, context.ctx_len);
  return (XfrmLabel){ data, text ? MIN (text + 1, context.ctx_len) : 0 };
}

static void
put_label (struct nl_msg *msg, XfrmLabel label)
{
  struct xfrm_user_sec_ctx context = { .len = (guint16) (sizeof context + label.len),
                                       .exttype = XFRMA_SEC_CTX,
                                       .ctx_alg = XFRM_SC_ALG_SELINUX,
                                       .ctx_doi = XFRM_SC_DOI_LSM,
                                       .ctx_len = (guint16) label.len };
  struct nlattr *attr;

  if (!label.len)
    return;
  attr = nla_reserve (msg, XFRMA_SEC_CTX, (int) (sizeof context + label.len));
  g_assert (attr);
  memcpy (nla_data (attr), &context, sizeof context);
  memcpy ((guint8 *) nla_data (attr) + sizeof context, label.data, label.len);
}

static guint8
kernel_mode (gboolean transport, gboolean iptfs)
{
  return transport ? XFRM_MODE_TRANSPORT : iptfs ? XFRM_MODE_IPTFS : XFRM_MODE_TUNNEL;
}

static struct xfrm_usersa_info
sa_info (const XfrmSaId *id)
{
  struct xfrm_usersa_info info = {
    .id = { .daddr = xfrm_address (&id->dst), .spi = htonl (id->spi), .proto = id->protocol },
    .saddr = xfrm_address (&id->src),
    .lft = { XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF },
    .reqid = id->reqid,
    .family = xfrm_family (&id->dst),
    .mode = kernel_mode (id->transport_mode, id->iptfs),
  };

  return info;
}

/* ---- security associations ---- */

XfrmSaId
xfrm_sa_comp (const XfrmSaId *id)
{
  XfrmSaId comp = *id;

  comp.protocol = IPPROTO_COMP;
  comp.spi = id->cpi;
  comp.transport_mode = id->comp_transport;
  comp.iptfs = FALSE;
  comp.cpi = 0;
  return comp;
}

struct nl_msg *
xfrm_build_spi_alloc (const XfrmSaId *id, gboolean with_dir)
{
  const guint8 dir = XFRM_SA_DIR_IN;
  struct xfrm_userspi_info body = { .info = sa_info (id), .min = XFRM_SPI_MIN, .max = XFRM_SPI_MAX };
  struct nl_msg *msg;

  if (id->protocol == IPPROTO_COMP)
    {
      body.min = XFRM_CPI_MIN;
      body.max = XFRM_CPI_MAX;
    }
  body.info.id.spi = 0;
  memset (&body.info.lft, 0, sizeof body.info.lft);
  msg = message_new (XFRM_MSG_ALLOCSPI, NLM_F_ACK, &body, sizeof body);
  put_scope (msg, id->if_id, id->mark, id->mark_mask);
  if (with_dir) /* an SA replaces only a larval one of its own direction */
    put (msg, XFRMA_SA_DIR, &dir, sizeof dir);
  return msg;
}

static gboolean
put_name (char *field, gsize size, const char *name)
{
  return g_strlcpy (field, name, size) < size;
}

static void
put_keyed (struct nl_msg *msg, int type, gpointer head, gsize head_len, ChannelBlob key)
{
  struct nlattr *attr = nla_reserve (msg, type, (int) (head_len + key.len));

  g_assert (attr);
  memcpy (nla_data (attr), head, head_len);
  if (key.len > 0)
    memcpy ((guint8 *) nla_data (attr) + head_len, key.data, key.len);
}

static gboolean
put_algorithms (struct nl_msg *msg, const XfrmSa *sa)
{
  struct xfrm_algo_aead aead = { .alg_key_len = (guint) sa->encr_key.len * 8, .alg_icv_len = sa->icv_bits };
  struct xfrm_algo_auth auth = { .alg_key_len = (guint) sa->integ_key.len * 8, .alg_trunc_len = sa->icv_bits };
  struct xfrm_algo crypt = { .alg_key_len = (guint) sa->encr_key.len * 8 };
  const struct xfrm_algo comp = { .alg_name = "deflate" };

  if (sa->id.protocol == IPPROTO_COMP)
    {
      put (msg, XFRMA_ALG_COMP, &comp, sizeof comp);
      return TRUE;
    }
  if (sa->encr_key.len > CHANNEL_MAX_KEY || sa->integ_key.len > CHANNEL_MAX_KEY ||
      !put_name (aead.alg_name, sizeof aead.alg_name, sa->encr) ||
      !put_name (crypt.alg_name, sizeof crypt.alg_name, sa->encr) ||
      !put_name (auth.alg_name, sizeof auth.alg_name, sa->integ))
    return FALSE;
  if (sa->aead)
    {
      put_keyed (msg, XFRMA_ALG_AEAD, &aead, sizeof aead, sa->encr_key);
      return TRUE;
    }
  if (*sa->integ)
    put_keyed (msg, XFRMA_ALG_AUTH_TRUNC, &auth, sizeof auth, sa->integ_key);
  put_keyed (msg, XFRMA_ALG_CRYPT, &crypt, sizeof crypt, sa->encr_key);
  return TRUE;
}

static void
put_encap (struct nl_msg *msg, ChannelEncap type, guint16 sport, guint16 dport)
{
  const struct xfrm_encap_tmpl encap = { .encap_type =
                                             type == CHANNEL_ENCAP_TCP ? TCP_ENCAP_ESPINTCP : UDP_ENCAP_ESPINUDP,
                                         .encap_sport = htons (sport),
                                         .encap_dport = htons (dport) };

  put (msg, XFRMA_ENCAP, &encap, sizeof encap);
}

/* What replay protection @sa has: a window that the old field holds, or the attribute. */
static guint32
replay_window (const XfrmSa *sa)
{
  if (!sa->id.outbound)
    return sa->esn ? MAX (sa->replay_window, 32) : sa->replay_window;
  /* before 6.10 the kernel wants a window wherever there are extended numbers; since then, none where it is told that
   * the SA is outbound */
  return sa->esn && !sa->with_dir ? 1 : 0;
}

static void
put_replay (struct nl_msg *msg, const XfrmSa *sa)
{
  guint32 window = replay_window (sa), words = (window + 31) / 32;
  struct nlattr *attr;
  struct xfrm_replay_state_esn state = { .bmp_len = words, .replay_window = window };

  if (!sa->esn && window <= 32)
    return;
  attr = nla_reserve (msg, XFRMA_REPLAY_ESN_VAL, (int) (sizeof state + words * 4));
  g_assert (attr);
  memset (nla_data (attr), 0, (gsize) nla_len (attr));
  memcpy (nla_data (attr), &state, sizeof state);
}

static void
set_lifetime (struct xfrm_lifetime_cfg *lft, const XfrmSa *sa)
{
  lft->soft_byte_limit = sa->soft_bytes ? sa->soft_bytes : XFRM_INF;
  lft->hard_byte_limit = sa->hard_bytes ? sa->hard_bytes : XFRM_INF;
  lft->soft_packet_limit = sa->soft_packets ? sa->soft_packets : XFRM_INF;
  lft->hard_packet_limit = sa->hard_packets ? sa->hard_packets : XFRM_INF;
  lft->soft_add_expires_seconds = sa->soft_seconds;
  lft->hard_add_expires_seconds = sa->hard_seconds;
}

struct nl_msg *
xfrm_build_sa (const XfrmSa *sa, gboolean update)
{
  struct xfrm_usersa_info info = sa_info (&sa->id);
  const guint8 dir = sa->id.outbound ? XFRM_SA_DIR_OUT : XFRM_SA_DIR_IN;
  const guint32 extra = XFRM_SA_XFLAG_DONT_ENCAP_DSCP;
  const guint32 pad = G_MAXUINT16; /* to whatever the path takes; newer kernels allow no more */
  const guint32 cpu = sa->cpu - 1;
  guint32 window = replay_window (sa);
  struct nl_msg *msg;

  info.seq = sa->acquired;
  info.sel.user = (uid_t) sa->id.user;
  set_lifetime (&info.lft, sa);
  if (!sa->id.transport_mode)
    info.flags |= XFRM_STATE_AF_UNSPEC; /* either family inside */
  else
    info.sel.family = info.family;
  if (sa->esn)
    info.flags |= XFRM_STATE_ESN;
  if (!sa->id.outbound && sa->dscp & CHANNEL_DSCP_IN)
    info.flags |= XFRM_STATE_DECAP_DSCP;
  if (!sa->esn && window <= 32)
    info.replay_window = (guint8) window;
  msg = message_new (update ? XFRM_MSG_UPDSA : XFRM_MSG_NEWSA, NLM_F_ACK | (update ? NLM_F_REPLACE : 0), &info,
                     sizeof info);
  if (!put_algorithms (msg, sa))
    {
      xfrm_msg_free (msg);
      return NULL;
    }
  if (sa->encap)
    put_encap (msg, sa->encap, sa->encap_sport, sa->encap_dport);
  put_replay (msg, sa);
  put_scope (msg, sa->id.if_id, sa->id.mark, sa->id.mark_mask);
  put_label (msg, sa->label);
  if (sa->tfc && sa->id.outbound)
    put (msg, XFRMA_TFCPAD, &pad, sizeof pad);
  if (sa->id.iptfs && sa->whole && sa->id.outbound)
    put (msg, XFRMA_IPTFS_DONT_FRAG, NULL, 0);
  if (sa->set_mark_mask)
    {
      put (msg, XFRMA_SET_MARK, &sa->set_mark, sizeof sa->set_mark);
      put (msg, XFRMA_SET_MARK_MASK, &sa->set_mark_mask, sizeof sa->set_mark_mask);
    }
  if (sa->with_dir)
    put (msg, XFRMA_SA_DIR, &dir, sizeof dir);
  if (sa->cpu && sa->id.outbound)
    put (msg, XFRMA_SA_PCPU, &cpu, sizeof cpu);
  if (sa->id.outbound && sa->dscp & CHANNEL_DSCP_NOT_OUT)
    put (msg, XFRMA_SA_EXTRA_FLAGS, &extra, sizeof extra);
  put_offload (msg, &sa->offload, sa->id.outbound ? 0 : XFRM_OFFLOAD_INBOUND);
  return msg;
}

static struct nl_msg *
sa_named (int type, const XfrmSaId *id)
{
  const struct xfrm_usersa_id body = {
    .daddr = xfrm_address (&id->dst), .spi = htonl (id->spi), .family = xfrm_family (&id->dst), .proto = id->protocol
  };
  struct nl_msg *msg = message_new (type, NLM_F_ACK, &body, sizeof body);

  put_scope (msg, 0, id->mark, id->mark_mask);
  return msg;
}

struct nl_msg *
xfrm_build_sa_delete (const XfrmSaId *id)
{
  return sa_named (XFRM_MSG_DELSA, id);
}

struct nl_msg *
xfrm_build_sa_get (const XfrmSaId *id)
{
  return sa_named (XFRM_MSG_GETSA, id);
}

struct nl_msg *
xfrm_build_sa_dump (void)
{
  const struct xfrm_usersa_id body = { 0 };

  return message_new (XFRM_MSG_GETSA, NLM_F_DUMP, &body, sizeof body);
}

/* ---- moving one ---- */

static gboolean
key_is_hidden (const guint8 *key, gsize bits)
{
  for (gsize i = 0; i < bits / 8; i++)
    if (key[i])
      return FALSE;
  return bits > 0;
}

/* Copies one attribute of the state as the kernel told it. FALSE: it cannot go along. */
static gboolean
copy_attribute (struct nl_msg *msg, int type, const guint8 *data, gsize len)
{
  switch (type)
    {
    case XFRMA_ALG_AEAD:
      if (len < sizeof (struct xfrm_algo_aead) ||
          len < sizeof (struct xfrm_algo_aead) + ((const struct xfrm_algo_aead *) data)->alg_key_len / 8 ||
          key_is_hidden (data + sizeof (struct xfrm_algo_aead), ((const struct xfrm_algo_aead *) data)->alg_key_len))
        return FALSE;
      break;
    case XFRMA_ALG_AUTH_TRUNC:
      if (len < sizeof (struct xfrm_algo_auth) ||
          len < sizeof (struct xfrm_algo_auth) + ((const struct xfrm_algo_auth *) data)->alg_key_len / 8 ||
          key_is_hidden (data + sizeof (struct xfrm_algo_auth), ((const struct xfrm_algo_auth *) data)->alg_key_len))
        return FALSE;
      break;
    case XFRMA_ALG_CRYPT:
    case XFRMA_REPLAY_VAL:
    case XFRMA_REPLAY_ESN_VAL:
    case XFRMA_REPLAY_THRESH:
    case XFRMA_MARK:
    case XFRMA_TFCPAD:
    case XFRMA_SET_MARK:
    case XFRMA_SET_MARK_MASK:
    case XFRMA_IF_ID:
    case XFRMA_SA_DIR:
    case XFRMA_SA_EXTRA_FLAGS:
    case XFRMA_SA_PCPU:
    case XFRMA_IPTFS_DROP_TIME:
    case XFRMA_IPTFS_REORDER_WINDOW:
    case XFRMA_IPTFS_DONT_FRAG:
    case XFRMA_IPTFS_INIT_DELAY:
    case XFRMA_IPTFS_MAX_QSIZE:
    case XFRMA_IPTFS_PKT_SIZE:
      break;
    case XFRMA_SEC_CTX:
      put_label (msg, xfrm_label_of (data, len));
      return TRUE;
    default: /* what the kernel tells and does not want back */
      return TRUE;
    }
  return nla_put (msg, type, (int) len, data) == 0;
}

static guint32
skip_number (guint32 last)
{
  /* without extended numbers there is nothing after the last: the kernel then asks for a new SA */
  return last == 0 ? 0 : last > G_MAXUINT32 - MOVED_SKIP ? G_MAXUINT32 : last + MOVED_SKIP;
}

/* An inbound SA has sent nothing, and stays at 0. */
static void
skip_numbers (struct nl_msg *msg, gboolean extended)
{
  struct nlattr *attr = nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct xfrm_usersa_info), XFRMA_REPLAY_ESN_VAL);
  struct xfrm_replay_state *old;
  struct xfrm_replay_state_esn *esn;
  guint64 number;

  if (attr && nla_len (attr) >= (int) sizeof *esn)
    {
      esn = nla_data (attr);
      number = (guint64) esn->oseq_hi << 32 | esn->oseq;
      if (extended && number > 0)
        {
          esn->oseq = (guint32) (number + MOVED_SKIP);
          esn->oseq_hi = (guint32) ((number + MOVED_SKIP) >> 32);
        }
      else if (!extended)
        esn->oseq = skip_number (esn->oseq);
    }
  attr = nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct xfrm_usersa_info), XFRMA_REPLAY_VAL);
  if (attr && nla_len (attr) >= (int) sizeof *old)
    {
      old = nla_data (attr);
      old->oseq = skip_number (old->oseq);
    }
}

struct nl_msg *
xfrm_build_sa_moved (const struct nlmsghdr *answer, const XfrmPlace *place)
{
  struct xfrm_usersa_info info;
  struct xfrm_lifetime_cur used;
  struct nl_msg *msg;
  XfrmAttribute attr = { 0 };
  gboolean ok = TRUE;

  if (answer->nlmsg_len > MESSAGE_SIZE / 2 || /* room for what is added */
      !xfrm_message_body (answer, XFRM_MSG_NEWSA, &info, sizeof info))
    return NULL;
  info.id.daddr = xfrm_address (&place->dst);
  info.saddr = xfrm_address (&place->src);
  info.family = xfrm_family (&place->dst);
  if (info.mode == XFRM_MODE_TRANSPORT)
    info.sel.family = info.family;
  used = info.curlft;
  memset (&info.curlft, 0, sizeof info.curlft);
  memset (&info.stats, 0, sizeof info.stats);
  info.seq = 0;
  msg = message_new (XFRM_MSG_NEWSA, NLM_F_ACK, &info, sizeof info);
  while (ok && xfrm_next_attribute (answer, sizeof info, &attr))
    ok = copy_attribute (msg, attr.type, attr.data, attr.len);
  if (!ok || attr.malformed)
    {
      xfrm_msg_free (msg);
      return NULL;
    }
  skip_numbers (msg, (info.flags & XFRM_STATE_ESN) != 0);
  put (msg, XFRMA_LTIME_VAL, &used, sizeof used);
  if (place->encap)
    put_encap (msg, place->encap, place->encap_sport, place->encap_dport);
  return msg;
}

/* ---- policies ---- */

static struct xfrm_user_tmpl template(const XfrmPolicy *policy, guint8 protocol, gboolean transport_mode)
{
  struct xfrm_user_tmpl tmpl = {
    .id = { .proto = protocol },
    .family = xfrm_family (&policy->dst),
    .reqid = policy->reqid,
    .mode = kernel_mode (transport_mode, policy->iptfs),
    .aalgos = G_MAXUINT32,
    .ealgos = G_MAXUINT32,
    .calgos = G_MAXUINT32,
  };

  if (!transport_mode)
    {
      tmpl.id.daddr = xfrm_address (&policy->dst);
      tmpl.saddr = xfrm_address (&policy->src);
    }
  return tmpl;
}

struct nl_msg *
xfrm_build_policy (const XfrmPolicy *policy)
{
  const struct xfrm_userpolicy_info body = {
    .sel = policy->selector,
    .lft = { XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF },
    .priority = policy->priority ? policy->priority : xfrm_selector_priority (&policy->selector),
    .dir = policy->dir,
    .action = policy->act == XFRM_ACT_BLOCK ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW,
  };
  struct xfrm_user_tmpl tmpl[2] = { template(policy, policy->protocol, policy->transport_mode) };
  struct nl_msg *msg = message_new (XFRM_MSG_UPDPOLICY, NLM_F_ACK | NLM_F_REPLACE, &body, sizeof body);

  if (policy->ipcomp)
    {
      /* innermost first; what does not become smaller comes without it (RFC 3173 section 2.2) */
      tmpl[1] = template(policy, policy->protocol, TRUE);
      tmpl[0].id.proto = IPPROTO_COMP;
      tmpl[0].optional = policy->dir != XFRM_POLICY_OUT;
    }
  if (policy->act == XFRM_ACT_TUNNEL)
    put (msg, XFRMA_TMPL, tmpl, policy->ipcomp ? sizeof tmpl : sizeof tmpl[0]);
  put_scope (msg, policy->if_id, policy->mark, policy->mark_mask);
  put_label (msg, policy->label);
  /* cards do not forward */
  if (policy->offload.packet && policy->dir != XFRM_POLICY_FWD)
    put_offload (msg, &policy->offload, 0);
  return msg;
}

struct nl_msg *
xfrm_build_plain_policy (const struct xfrm_selector *selector, guint32 priority, gboolean block)
{
  const struct xfrm_userpolicy_info body = {
    .sel = *selector,
    .lft = { XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF },
    .priority = priority,
    .dir = XFRM_POLICY_OUT,
    .action = block ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW,
  };

  return message_new (XFRM_MSG_UPDPOLICY, NLM_F_ACK | NLM_F_REPLACE, &body, sizeof body);
}

struct nl_msg *
xfrm_build_policy_delete (const XfrmPolicy *policy)
{
  const struct xfrm_userpolicy_id body = { .sel = policy->selector, .dir = policy->dir };
  struct nl_msg *msg = message_new (XFRM_MSG_DELPOLICY, NLM_F_ACK, &body, sizeof body);

  put_scope (msg, policy->if_id, policy->mark, policy->mark_mask);
  put_label (msg, policy->label);
  return msg;
}

struct nl_msg *
xfrm_build_policy_dump (void)
{
  const struct xfrm_userpolicy_id body = { 0 };

  return message_new (XFRM_MSG_GETPOLICY, NLM_F_DUMP, &body, sizeof body);
}
