/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processes share ports 500 and 4500, each socket connected to its own gateway, so that the kernel finds the
 * right one. A peer's is connected to the other end's address alone (port 0): that one may begin, from any port. Two
 * sockets from one port to one gateway cannot be told apart: the second takes another port. The first to come has the
 * port for itself until it is connected. Whoever comes to a port that is in use asks after connecting whether there is
 * such a one, whoever it belongs to; when two do so at once both step aside.
 */
#include "udp.h"

#include "outer-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IKE_PORT 500
#define NATT_PORT 4500
#define LISTEN_TRIES 3

/* ---- who else is there ---- */

/* An address as the table writes it: words of the machine's own order in hexadecimal. */
static void
table_address (const ChannelAddress *a, char *ret, gsize size)
{
  gsize at = 0;

  for (guint i = 0; i < (a->family == 4 ? 4u : 16u); i += 4)
    {
      guint32 word;

      memcpy (&word, a->bytes + i, 4);
      at += (gsize) g_snprintf (ret + at, size - at, "%08X", word);
    }
}

guint
udp_count_connected (const char *table, guint16 local_port, const ChannelEndpoint *remote)
{
  char hex[33], wanted[48];
  guint n = 0;

  table_address (&remote->address, hex, sizeof hex);
  g_snprintf (wanted, sizeof wanted, ":%04X %s:%04X ", local_port, hex, remote->port);
  for (const char *at = table; remote->port && (at = strstr (at, wanted)); at++)
    n++;
  /* connected to the address alone */
  g_snprintf (wanted, sizeof wanted, ":%04X %s:%s", local_port, hex, remote->port ? "0000 " : "");
  for (const char *at = table; (at = strstr (at, wanted)); at++)
    n++;
  return n;
}

static gboolean
is_alone (guint16 local_port, const ChannelEndpoint *remote)
{
  g_autofree char *table = NULL;

  if (!g_file_get_contents (remote->address.family == 4 ? "/proc/net/udp" : "/proc/net/udp6", &table, NULL, NULL))
    return TRUE;
  return udp_count_connected (table, local_port, remote) <= 1;
}

/* ---- options ---- */

/* ICMP errors are wanted; large IKE messages may be fragmented (RFC 7296 section 2). */
static int
set_family_options (int fd, guint8 family)
{
  if (family == 4)
    return outer_set_int (fd, IPPROTO_IP, IP_RECVERR, 1) < 0 ||
                   outer_set_int (fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT) < 0
               ? -1
               : 0;
  return outer_set_int (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0 ||
                 outer_set_int (fd, IPPROTO_IPV6, IPV6_RECVERR, 1) < 0 ||
                 outer_set_int (fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT) < 0
             ? -1
             : 0;
}

/* One attempt. @shared: the port may be in use. What failed is in *ret_what. */
static int
open_from (const OuterWish *wish, guint16 port, gboolean shared, ChannelEndpoint *ret_local, const char **ret_what)
{
  const guint8 family = wish->remote.address.family;
  ChannelEndpoint from = wish->local;
  OuterAddress local, remote;
  socklen_t len, bound_len = sizeof local;
  int fd = socket (family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  *ret_what = "made";
  if (fd < 0)
    return -1;
  from.port = port;
  len = outer_to_sockaddr (&from, family, &local);
  if (set_family_options (fd, family) < 0 || (shared && outer_set_int (fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0))
    *ret_what = "set up";
  else if (outer_bypass_policies (fd, family) < 0)
    *ret_what = "exempted from IPsec policies";
  else if (wish->transport == CHANNEL_NATT && outer_set_int (fd, IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP) < 0)
    *ret_what = "set up for ESP in UDP";
  else if (bind (fd, &local.sa, len) < 0)
    *ret_what = "bound";
  else if (!outer_is_listener (wish) &&
           connect (fd, &remote.sa, outer_to_sockaddr (&wish->remote, family, &remote)) < 0)
    *ret_what = "connected to the gateway";
  else if (port && !shared && outer_set_int (fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
    *ret_what = "shared with others";
  else if (getsockname (fd, &local.sa, &bound_len) < 0)
    *ret_what = "asked";
  else
    {
      *ret_local = outer_from_sockaddr (&local);
      return fd;
    }
  len = (socklen_t) errno;
  close (fd);
  errno = (int) len;
  return -1;
}

/* There is one listener on a port: another one, whoever it belongs to, would get what is meant for us. Sockets that are
 * connected to their peers are no trouble: the kernel prefers them for what comes from there. */
static int
listen_open (const OuterWish *wish, ChannelEndpoint *ret_local, char **ret_text)
{
  const char *what = "made";
  int fd = -1, saved;

  if (wish->local.port != (wish->transport == CHANNEL_NATT ? NATT_PORT : IKE_PORT) ||
      (wish->local.address.family != 0 && wish->local.address.family != wish->remote.address.family))
    {
      *ret_text = g_strdup ("A server listens on ports 500 and 4500, at an address of one family");
      errno = EINVAL;
      return -1;
    }
  /* a client's socket has the port for itself while it is being connected, which is soon over */
  errno = EADDRINUSE;
  for (guint i = 0; i < LISTEN_TRIES && fd < 0 && errno == EADDRINUSE; i++)
    {
      g_thread_yield ();
      fd = open_from (wish, wish->local.port, TRUE, ret_local, &what);
    }
  if (fd >= 0 && is_alone (wish->local.port, &wish->remote))
    return fd;
  if (fd >= 0)
    {
      close (fd);
      errno = EADDRINUSE;
    }
  saved = errno;
  *ret_text = saved == EADDRINUSE
                  ? g_strdup_printf ("UDP port %u is in use by another IKE daemon", wish->local.port)
                  : g_strdup_printf ("The socket for UDP port %u cannot be %s: %s", wish->local.port, what,
                                     g_strerror (saved));
  errno = saved;
  return -1;
}

int
udp_open (const OuterWish *wish, ChannelEndpoint *ret_local, char **ret_text)
{
  const char *what = "made", *why;
  int fd;

  if (outer_is_listener (wish))
    return listen_open (wish, ret_local, ret_text);
  if (wish->remote.address.family == 0 ||
      (wish->local.address.family != 0 && wish->local.address.family != wish->remote.address.family))
    {
      *ret_text = g_strdup ("A socket needs a gateway, and an address of the same family");
      errno = EINVAL;
      return -1;
    }
  if (wish->local.port < 1024 && wish->local.port != 0 && wish->local.port != IKE_PORT)
    {
      *ret_text = g_strdup_printf ("Port %u is not for IKE", wish->local.port);
      errno = EACCES;
      return -1;
    }
  why = outer_complaint (wish);
  if (why)
    {
      *ret_text = g_strdup (why);
      errno = EACCES;
      return -1;
    }
  fd = open_from (wish, wish->local.port, FALSE, ret_local, &what);
  if (fd < 0 && wish->local.port != 0 && errno == EADDRINUSE)
    {
      fd = open_from (wish, wish->local.port, TRUE, ret_local, &what);
      if (fd >= 0 && !is_alone (wish->local.port, &wish->remote))
        {
          close (fd);
          fd = -1;
          errno = EADDRINUSE;
        }
    }
  if (fd < 0 && wish->local.port != 0 && errno == EADDRINUSE)
    fd = open_from (wish, 0, FALSE, ret_local, &what);
  if (fd < 0)
    {
      int saved = outer_errno (wish, errno);

      *ret_text = g_strdup_printf ("The socket cannot be %s: %s", what, g_strerror (saved));
      errno = saved;
    }
  return fd;
}
