/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offsets and attributes of the kernel's messages. In EXPIRE, attributes follow struct xfrm_user_expire, not the SA in
 * it.
 */
#include "kernel/xfrm-parse.h"

#include "kernel/selectors.h"

#include <string.h>
#include <sys/socket.h>

/* A message is as long as it says, which whoever received it has checked against the datagram. */
gboolean
xfrm_message_body (const struct nlmsghdr *msg, guint16 type, gpointer ret_body, gsize size)
{
  if (msg->nlmsg_type != type || msg->nlmsg_len < NLMSG_HDRLEN + size)
    return FALSE;
  memcpy (ret_body, (const guint8 *) msg + NLMSG_HDRLEN, size);
  return TRUE;
}

static gboolean
next_attribute (const struct nlmsghdr *msg, gsize first, XfrmAttribute *attr)
{
  gsize at = attr->next ? attr->next : first;
  struct nlattr head;

  if (at + sizeof head > msg->nlmsg_len)
    {
      attr->malformed = at < msg->nlmsg_len;
      return FALSE;
    }
  memcpy (&head, (const guint8 *) msg + at, sizeof head);
  if (head.nla_len < sizeof head || head.nla_len > msg->nlmsg_len - at)
    {
      attr->malformed = TRUE;
      return FALSE;
    }
  attr->type = head.nla_type & NLA_TYPE_MASK;
  attr->data = (const guint8 *) msg + at + NLA_HDRLEN;
  attr->len = head.nla_len - (gsize) NLA_HDRLEN;
  attr->next = at + NLA_ALIGN (head.nla_len);
  return TRUE;
}

gboolean
xfrm_next_attribute (const struct nlmsghdr *msg, gsize body_size, XfrmAttribute *attr)
{
  return next_attribute (msg, NLMSG_HDRLEN + NLMSG_ALIGN (body_size), attr);
}

static gboolean
family_is_known (guint16 family)
{
  return family == AF_INET || family == AF_INET6;
}

/* if_id and mark, where a message carries them. */
static void
read_scope (const XfrmAttribute *attr, guint32 *ret_if_id, guint32 *ret_mark, guint32 *ret_mask)
{
  struct xfrm_mark mark;

  if (attr->type == XFRMA_IF_ID && attr->len >= 4)
    memcpy (ret_if_id, attr->data, 4);
  if (attr->type == XFRMA_MARK && attr->len >= sizeof mark)
    {
      memcpy (&mark, attr->data, sizeof mark);
      *ret_mark = mark.v;
      *ret_mask = mark.m;
    }
}

static void
read_label (const XfrmAttribute *attr, XfrmLabel *ret_label)
{
  if (attr->type == XFRMA_SEC_CTX)
    *ret_label = xfrm_label_of (attr->data, attr->len);
}

/* ---- answers ---- */

static void
read_offload (const XfrmAttribute *attr, XfrmOffload *ret_offload)
{
  struct xfrm_user_offload card;

  if (attr->type != XFRMA_OFFLOAD_DEV || attr->len < sizeof card)
    return;
  memcpy (&card, attr->data, sizeof card);
  ret_offload->ifindex = (guint32) card.ifindex;
  ret_offload->packet = (card.flags & XFRM_OFFLOAD_PACKET) != 0;
}

gboolean
xfrm_parse_sa (const struct nlmsghdr *msg, XfrmState *ret_state)
{
  struct xfrm_usersa_info info;
  XfrmState state = { 0 };
  XfrmAttribute attr = { 0 };

  if (!xfrm_message_body (msg, XFRM_MSG_NEWSA, &info, sizeof info) || !family_is_known (info.family))
    return FALSE;
  state.id.src = xfrm_address_back (&info.saddr, info.family);
  state.id.dst = xfrm_address_back (&info.id.daddr, info.family);
  state.id.spi = ntohl (info.id.spi);
  state.id.protocol = info.id.proto;
  state.id.reqid = info.reqid;
  state.id.user = (guint32) info.sel.user;
  state.id.transport_mode = info.mode == XFRM_MODE_TRANSPORT;
  state.id.iptfs = info.mode == XFRM_MODE_IPTFS;
  state.bytes = info.curlft.bytes;
  state.packets = info.curlft.packets;
  while (xfrm_next_attribute (msg, sizeof info, &attr))
    {
      read_scope (&attr, &state.id.if_id, &state.id.mark, &state.id.mark_mask);
      read_offload (&attr, &state.offload);
      read_label (&attr, &state.label);
      if (attr.type == XFRMA_LASTUSED && attr.len >= 8)
        memcpy (&state.last_use, attr.data, 8);
      if (attr.type == XFRMA_SA_PCPU && attr.len >= 4)
        {
          memcpy (&state.cpu, attr.data, 4);
          state.cpu++;
        }
    }
  if (attr.malformed)
    return FALSE;
  *ret_state = state;
  return TRUE;
}

static gboolean
read_template (const XfrmAttribute *attr, struct xfrm_user_tmpl *ret_tmpl)
{
  if (attr->type != XFRMA_TMPL || attr->len < sizeof *ret_tmpl)
    return FALSE;
  memcpy (ret_tmpl, attr->data, sizeof *ret_tmpl);
  return TRUE;
}

gboolean
xfrm_parse_policy (const struct nlmsghdr *msg, XfrmPolicy *ret_policy)
{
  struct xfrm_userpolicy_info info;
  struct xfrm_user_tmpl tmpl = { 0 };
  XfrmPolicy policy = { 0 };
  XfrmAttribute attr = { 0 };
  gboolean found = FALSE;

  if (!xfrm_message_body (msg, XFRM_MSG_NEWPOLICY, &info, sizeof info))
    return FALSE;
  while (xfrm_next_attribute (msg, sizeof info, &attr))
    {
      read_scope (&attr, &policy.if_id, &policy.mark, &policy.mark_mask);
      read_label (&attr, &policy.label);
      if (!found)
        found = read_template (&attr, &tmpl);
    }
  if (attr.malformed || !found)
    return FALSE;
  policy.dir = info.dir;
  policy.priority = info.priority;
  policy.selector = info.sel;
  policy.reqid = tmpl.reqid;
  policy.protocol = tmpl.id.proto;
  policy.transport_mode = tmpl.mode == XFRM_MODE_TRANSPORT;
  policy.iptfs = tmpl.mode == XFRM_MODE_IPTFS;
  policy.src = xfrm_address_back (&tmpl.saddr, tmpl.family);
  policy.dst = xfrm_address_back (&tmpl.id.daddr, tmpl.family);
  *ret_policy = policy;
  return TRUE;
}

/* ---- events ---- */

static gboolean
parse_expire (const struct nlmsghdr *msg, XfrmEvent *event)
{
  struct xfrm_user_expire body;

  if (!xfrm_message_body (msg, XFRM_MSG_EXPIRE, &body, sizeof body) || !family_is_known (body.state.family))
    return FALSE;
  event->type = XFRM_EVENT_EXPIRE;
  event->reqid = body.state.reqid;
  event->spi = ntohl (body.state.id.spi);
  event->dst = xfrm_address_back (&body.state.id.daddr, body.state.family);
  event->hard = body.hard != 0;
  return TRUE;
}

static gboolean
parse_mapping (const struct nlmsghdr *msg, XfrmEvent *event)
{
  struct xfrm_user_mapping body;

  if (!xfrm_message_body (msg, XFRM_MSG_MAPPING, &body, sizeof body) || !family_is_known (body.id.family))
    return FALSE;
  event->type = XFRM_EVENT_MAPPING;
  event->reqid = body.reqid;
  event->spi = ntohl (body.id.spi);
  event->dst = xfrm_address_back (&body.id.daddr, body.id.family);
  event->peer.address = xfrm_address_back (&body.new_saddr, body.id.family);
  event->peer.port = ntohs (body.new_sport);
  return TRUE;
}

static ChannelSelector
one_packet (const xfrm_address_t *address, guint16 family, guint8 protocol, guint16 port, guint16 mask)
{
  ChannelSelector s = { .first = xfrm_address_back (address, family),
                        .protocol = protocol,
                        .port_first = mask ? ntohs (port) : 0,
                        .port_last = mask ? ntohs (port) : 65535 };

  s.last = s.first;
  return s;
}

static gboolean
parse_acquire (const struct nlmsghdr *msg, XfrmEvent *event)
{
  struct xfrm_user_acquire body;
  struct xfrm_user_tmpl tmpl = { 0 };
  const struct xfrm_selector *sel;
  XfrmAttribute attr = { 0 };
  gboolean found = FALSE;

  if (!xfrm_message_body (msg, XFRM_MSG_ACQUIRE, &body, sizeof body) || !family_is_known (body.sel.family))
    return FALSE;
  while (xfrm_next_attribute (msg, sizeof body, &attr))
    {
      read_label (&attr, &event->label);
      if (!found)
        found = read_template (&attr, &tmpl);
    }
  if (attr.malformed || !found)
    return FALSE;
  sel = &body.sel;
  event->type = XFRM_EVENT_ACQUIRE;
  event->reqid = tmpl.reqid;
  event->acquired = body.seq;
  event->local = one_packet (&sel->saddr, sel->family, sel->proto, sel->sport, sel->sport_mask);
  event->remote = one_packet (&sel->daddr, sel->family, sel->proto, sel->dport, sel->dport_mask);
  return TRUE;
}

gboolean
xfrm_parse_event (const struct nlmsghdr *msg, XfrmEvent *ret_event)
{
  XfrmEvent event = { 0 };

  if (!parse_expire (msg, &event) && !parse_mapping (msg, &event) && !parse_acquire (msg, &event))
    return FALSE;
  *ret_event = event;
  return TRUE;
}

/* ---- errors ---- */

gboolean
netlink_parse_error (const struct nlmsghdr *msg, int *ret_errno, const char **ret_text)
{
  struct nlmsgerr body;
  XfrmAttribute attr = { 0 };
  gsize first = NLMSG_HDRLEN + sizeof body;
  const char *text = "";

  if (!xfrm_message_body (msg, NLMSG_ERROR, &body, sizeof body) || body.error > 0 ||
      body.error == G_MININT)
    return FALSE;
  /* an error repeats the whole request unless NLM_F_CAPPED says otherwise */
  if (!(msg->nlmsg_flags & NLM_F_CAPPED) && body.msg.nlmsg_len > sizeof body.msg)
    first += NLMSG_ALIGN (body.msg.nlmsg_len - sizeof body.msg);
  while (msg->nlmsg_flags & NLM_F_ACK_TLVS && next_attribute (msg, first, &attr))
    if (attr.type == NLMSGERR_ATTR_MSG && attr.len > 0 && memchr (attr.data, 0, attr.len))
      text = (const char *) attr.data;
  *ret_errno = -body.error;
  *ret_text = text;
  return TRUE;
}
