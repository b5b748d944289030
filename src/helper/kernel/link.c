/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Create (until name and number are free), look up the index where the kernel has not told it, give it its alias. */
#include "kernel/link.h"

#include "kernel/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define MAX_NAMES 4096 /* ipsec0 and on */

typedef struct {
  Netlink *route;
  LinkInfo link;
  gboolean any_kind, any_name;
  guint32 if_id; /* given; 0: one of ours */
  guint next_name;
  guint next_number;
  char *uuid;
  LinkFunc func;
  gpointer data;
} Creation;

static void
finish (Creation *c, int error, const char *text)
{
  c->func (error, text, error ? NULL : &c->link, c->data);
  g_free (c->uuid);
  g_free (c);
}

static void G_GNUC_PRINTF (3, 4) fail (Creation *c, int error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  finish (c, error, text);
}

/* A VTI would look for a policy again when the packet has left the tunnel. */
static void
disable_policy (const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/sys/net/ipv4/conf/%s/disable_policy", name);
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0 || write (fd, "1", 1) != 1)
    g_warning ("%s: %s", path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}

/* It is up. The alias is for people, and tells whose it is where the number does not: it is there when the call returns,
 * and its answer is of no interest. */
static void
on_found (Creation *c, const struct nlmsghdr *answer)
{
  g_autofree char *alias = link_alias (c->uuid, getpid ());
  LinkInfo found;

  if (!answer || !link_parse (answer, &found) || found.id != c->link.id)
    {
      fail (c, ENODEV, "The interface %s has vanished", c->link.name);
      return;
    }
  c->link.ifindex = found.ifindex;
  netlink_call (c->route, link_build_alias (c->link.ifindex, alias), NULL, NULL);
  if (c->link.kind == CHANNEL_LINK_VTI)
    disable_policy (c->link.name);
  finish (c, 0, "");
}

static void
on_looked_up (const NetlinkReply *reply, gpointer data)
{
  on_found (data, reply->answer);
}

static void on_created (const NetlinkReply *reply, gpointer data);
static void next_kind (Creation *c, int error, const char *why);

static void
create (Creation *c)
{
  if (c->link.kind == CHANNEL_LINK_NONE)
    {
      c->link.name[0] = 0;
      c->link.id = c->if_id; /* of an interface that somebody else makes */
      finish (c, 0, "");
      return;
    }
  if (c->any_name)
    g_snprintf (c->link.name, sizeof c->link.name, LINK_NAME "%u", c->next_name);
  c->link.id = c->if_id ? c->if_id : owner_number (getpid (), (guint8) c->next_number);
  netlink_call (c->route, link_build_new (&c->link), on_created, c);
}

/* @error came with @c's kind of link. */
static void
next_kind (Creation *c, int error, const char *why)
{
  if (!c->any_kind)
    {
      fail (c, error, "%s", why);
      return;
    }
  c->link.kind = c->link.kind == CHANNEL_LINK_XFRM ? CHANNEL_LINK_VTI : CHANNEL_LINK_NONE;
  create (c);
}

/* The name is taken, or the number is; for a VTI, the pair of addresses. */
static void
on_conflict (Creation *c)
{
  gboolean name_is_free = if_nametoindex (c->link.name) == 0;

  if (name_is_free && c->link.kind == CHANNEL_LINK_VTI)
    next_kind (c, EEXIST, "There is a VTI interface between these addresses already");
  else if (name_is_free && c->if_id)
    fail (c, EEXIST, "There is an XFRM interface with the number %u already", c->if_id);
  else if (name_is_free && ++c->next_number <= G_MAXUINT8)
    create (c);
  else if (c->any_name && ++c->next_name < MAX_NAMES)
    create (c);
  else
    fail (c, EEXIST, "There is an interface with the name %s already", c->link.name);
}

static void
on_created (const NetlinkReply *reply, gpointer data)
{
  Creation *c = data;

  if (reply->error == 0 && reply->answer)
    on_found (c, reply->answer);
  else if (reply->error == 0)
    netlink_call (c->route, link_build_get (c->link.name), on_looked_up, c);
  else if (reply->error == EEXIST)
    on_conflict (c);
  else if (reply->error == EOPNOTSUPP)
    next_kind (c, reply->error,
               c->link.kind == CHANNEL_LINK_XFRM ? "This kernel has no XFRM interfaces"
                                                 : "This kernel has no VTI interfaces");
  else if (*reply->text)
    fail (c, reply->error, "The interface cannot be created: %s", reply->text);
  else
    fail (c, reply->error, "The interface cannot be created: %s", g_strerror (reply->error));
}

static gboolean
name_is_valid (const char *name)
{
  return strlen (name) < IF_NAMESIZE && strcmp (name, ".") != 0 && strcmp (name, "..") != 0 &&
         strpbrk (name, "/:% \t\n\v\f\r") == NULL;
}

/* Until the first SA tells a VTI's ends. The kernel wants the pair to be the only one of its kind; so it is one that no
 * packet has: loopback, or the prefix of RFC 6666, with a number of ours. */
static void
set_placeholders (LinkInfo *link, guint8 family)
{
  const guint32 number = htonl (owner_number (getpid (), 0));

  link->local = link->remote = (ChannelAddress){ .family = family == 6 ? 6 : 4 };
  link->remote.bytes[0] = family == 6 ? 1 : 127;
  if (family == 6)
    memcpy (link->remote.bytes + 12, &number, 4);
  else
    memcpy (link->remote.bytes + 1, (const guint8 *) &number + 1, 3); /* without the marker */
}

void
link_create (Netlink *route, const LinkWish *wish, LinkFunc func, gpointer data)
{
  Creation *c = g_new0 (Creation, 1);

  c->route = route;
  c->func = func;
  c->data = data;
  c->uuid = g_strdup (wish->uuid);
  c->if_id = wish->kind == CHANNEL_LINK_VTI ? 0 : wish->if_id;
  c->any_kind = wish->kind == CHANNEL_LINK_AUTO && !c->if_id;
  c->any_name = !*wish->name;
  c->link.kind = wish->kind == CHANNEL_LINK_AUTO ? CHANNEL_LINK_XFRM : wish->kind;
  c->link.local = wish->local;
  c->link.remote = wish->remote;
  if (c->link.local.family == 0)
    set_placeholders (&c->link, wish->family);
  if (!name_is_valid (wish->name))
    {
      fail (c, EINVAL, "\"%s\" cannot be the name of an interface", wish->name);
      return;
    }
  g_strlcpy (c->link.name, wish->name, sizeof c->link.name);
  create (c);
}
