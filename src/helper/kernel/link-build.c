/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel: net/core/rtnetlink.c, net/xfrm/xfrm_interface_core.c, net/ipv4/ip_vti.c. */
#include "kernel/link-build.h"

#include "kernel/owner.h"
#include "kernel/xfrm-parse.h"

#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <string.h>

static struct nl_msg *
message_new (int type, int flags, guint32 ifindex, gboolean up)
{
  struct nl_msg *msg = nlmsg_alloc_simple (type, NLM_F_REQUEST | flags);
  struct ifinfomsg body = { .ifi_index = (int) ifindex };

  g_assert (msg);
  if (up)
    body.ifi_flags = body.ifi_change = IFF_UP;
  g_assert (nlmsg_append (msg, &body, sizeof body, NLMSG_ALIGNTO) == 0);
  return msg;
}

static void
put (struct nl_msg *msg, int type, gconstpointer data, gsize len)
{
  g_assert (nla_put (msg, type, (int) len, data) == 0); /* a page is far more than we say */
}

static void
put_string (struct nl_msg *msg, int type, const char *s)
{
  put (msg, type, s, strlen (s) + 1);
}

static struct nlattr *
begin (struct nl_msg *msg, int type)
{
  struct nlattr *nest = nla_nest_start (msg, type);

  g_assert (nest);
  /* older kernels compare whole types here */
  nest->nla_type = (guint16) type;
  return nest;
}

static void
put_vti (struct nl_msg *msg, const LinkInfo *link)
{
  const guint32 key = htonl (link->id);
  const gsize len = link->local.family == 6 ? 16 : 4;

  put (msg, IFLA_VTI_IKEY, &key, sizeof key);
  put (msg, IFLA_VTI_OKEY, &key, sizeof key);
  put (msg, IFLA_VTI_LOCAL, link->local.bytes, len);
  put (msg, IFLA_VTI_REMOTE, link->remote.bytes, len);
}

static void
put_info (struct nl_msg *msg, const LinkInfo *link)
{
  struct nlattr *info = begin (msg, IFLA_LINKINFO), *data;

  put_string (msg, IFLA_INFO_KIND, link->kind == CHANNEL_LINK_XFRM ? "xfrm" : link->local.family == 6 ? "vti6" : "vti");
  data = begin (msg, IFLA_INFO_DATA);
  if (link->kind == CHANNEL_LINK_XFRM)
    put (msg, IFLA_XFRM_IF_ID, &link->id, sizeof link->id);
  else
    put_vti (msg, link);
  nla_nest_end (msg, data);
  nla_nest_end (msg, info);
}

struct nl_msg *
link_build_new (const LinkInfo *link)
{
  /* since Linux 6.2 it says what it has made */
  struct nl_msg *msg = message_new (RTM_NEWLINK, NLM_F_ACK | NLM_F_ECHO | NLM_F_CREATE | NLM_F_EXCL, 0, TRUE);

  put_string (msg, IFLA_IFNAME, link->name);
  put_info (msg, link);
  return msg;
}

struct nl_msg *
link_build_alias (guint32 ifindex, const char *alias)
{
  struct nl_msg *msg = message_new (RTM_SETLINK, NLM_F_ACK, ifindex, FALSE);

  put (msg, IFLA_IFALIAS, alias, strlen (alias));
  return msg;
}

struct nl_msg *
link_build_vti_addresses (const LinkInfo *link)
{
  struct nl_msg *msg = message_new (RTM_NEWLINK, NLM_F_ACK, link->ifindex, FALSE);

  put_info (msg, link);
  return msg;
}

struct nl_msg *
link_build_get (const char *name)
{
  struct nl_msg *msg = message_new (RTM_GETLINK, NLM_F_ACK, 0, FALSE);

  put_string (msg, IFLA_IFNAME, name);
  return msg;
}

struct nl_msg *
link_build_delete (guint32 ifindex)
{
  return message_new (RTM_DELLINK, NLM_F_ACK, ifindex, FALSE);
}

struct nl_msg *
link_build_dump (void)
{
  return message_new (RTM_GETLINK, NLM_F_DUMP, 0, FALSE);
}

/* ---- the alias ---- */

#define ALIAS "nm-ipsec "

char *
link_alias (const char *uuid, pid_t owner)
{
  return g_strdup_printf (ALIAS "%s %d", uuid, (int) owner);
}

guint32
link_owner_number (const LinkInfo *link)
{
  const char *last = strrchr (link->alias, ' ');
  guint64 pid;

  /* its helper has died before it could give it one */
  if (!*link->alias && g_str_has_prefix (link->name, LINK_NAME) && owner_of (link->id))
    return link->id;
  if (!g_str_has_prefix (link->alias, ALIAS) ||
      !g_ascii_string_to_unsigned (last + 1, 10, 1, OWNER_MAX_PID, &pid, NULL))
    return 0;
  return owner_number ((pid_t) pid, 0);
}

/* ---- parsing ---- */

typedef struct {
  const guint8 *at;
  gsize left;
  int type;
  const guint8 *data;
  gsize len;
} Nested;

static gboolean
nested_next (Nested *n)
{
  struct nlattr head;

  if (n->left < sizeof head)
    return FALSE;
  memcpy (&head, n->at, sizeof head);
  if (head.nla_len < sizeof head || head.nla_len > n->left)
    return FALSE;
  n->type = head.nla_type & NLA_TYPE_MASK;
  n->data = n->at + NLA_HDRLEN;
  n->len = head.nla_len - (gsize) NLA_HDRLEN;
  n->at += MIN ((gsize) NLA_ALIGN (head.nla_len), n->left);
  n->left -= MIN ((gsize) NLA_ALIGN (head.nla_len), n->left);
  return TRUE;
}

static gboolean
kind_is (const Nested *n, const char *kind)
{
  gsize len = strlen (kind);

  return n->len >= len && memcmp (n->data, kind, len) == 0 && (n->len == len || n->data[len] == 0);
}

/* The kernel sends the kind before its data. */
static void
parse_info (const guint8 *data, gsize len, LinkInfo *link)
{
  Nested info = { .at = data, .left = len };

  while (nested_next (&info))
    {
      Nested inner = { .at = info.data, .left = info.len };
      int wanted = link->kind == CHANNEL_LINK_XFRM ? IFLA_XFRM_IF_ID : IFLA_VTI_IKEY;

      if (info.type == IFLA_INFO_KIND)
        link->kind = kind_is (&info, "xfrm")                             ? CHANNEL_LINK_XFRM
                     : kind_is (&info, "vti") || kind_is (&info, "vti6") ? CHANNEL_LINK_VTI
                                                                         : CHANNEL_LINK_NONE;
      if (info.type != IFLA_INFO_DATA || link->kind == CHANNEL_LINK_NONE)
        continue;
      while (nested_next (&inner))
        if (inner.type == wanted && inner.len >= 4)
          memcpy (&link->id, inner.data, 4);
      if (link->kind == CHANNEL_LINK_VTI)
        link->id = ntohl (link->id);
    }
}

static void
parse_string (const XfrmAttribute *attr, char *ret_string, gsize size)
{
  gsize len = MIN (attr->len, size - 1);

  memcpy (ret_string, attr->data, len);
  ret_string[len] = 0;
}

gboolean
link_parse (const struct nlmsghdr *msg, LinkInfo *ret_link)
{
  struct ifinfomsg body;
  XfrmAttribute attr = { 0 };
  LinkInfo link = { .kind = CHANNEL_LINK_NONE };

  if (!xfrm_message_body (msg, RTM_NEWLINK, &body, sizeof body) &&
      !xfrm_message_body (msg, RTM_DELLINK, &body, sizeof body))
    return FALSE;
  link.ifindex = (guint32) body.ifi_index;
  while (xfrm_next_attribute (msg, sizeof body, &attr))
    {
      if (attr.type == IFLA_IFNAME)
        parse_string (&attr, link.name, sizeof link.name);
      else if (attr.type == IFLA_IFALIAS)
        parse_string (&attr, link.alias, sizeof link.alias);
      else if (attr.type == IFLA_LINKINFO)
        parse_info (attr.data, attr.len, &link);
    }
  if (attr.malformed)
    return FALSE;
  *ret_link = link;
  return TRUE;
}
