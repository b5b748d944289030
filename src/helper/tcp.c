/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef TCP_ULP
# define TCP_ULP 31
#endif
#define PROTOCOL "espintcp"
#define HTTPS_PORT 443 /* where firewalls let everybody through */
#define FIRST_FREE_PORT 1024
#define BACKLOG 128

/* (The list in /proc is not there in network namespaces but the first.) */
static gboolean
kernel_can (guint8 family)
{
  int fd = socket (family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  /* (one that cannot be made fails for another reason once more) */
  gboolean can = fd < 0 || setsockopt (fd, IPPROTO_TCP, TCP_ULP, PROTOCOL, sizeof PROTOCOL) == 0 || errno != ENOENT;

  if (fd >= 0)
    close (fd);
  return can;
}

/* RFC 9329 section 9.4; and an IKE message does not wait for company. */
static int
set_up (int fd, const OuterWish *wish)
{
  const guint8 family = wish->remote.address.family;

  if (outer_bypass_policies (fd, family) < 0 || outer_set_int (fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0 ||
      (family == 6 && outer_set_int (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0))
    return -1;
  /* after a restart: the port is ours although old connections linger */
  return outer_is_listener (wish) ? outer_set_int (fd, SOL_SOCKET, SO_REUSEADDR, 1) : 0;
}

static const char *
complaint (const OuterWish *wish)
{
  if (wish->remote.address.family == 0 ||
      (wish->local.address.family != 0 && wish->local.address.family != wish->remote.address.family))
    return "A TCP socket needs a gateway, and an address of the same family";
  if (outer_is_listener (wish) ? wish->local.port < FIRST_FREE_PORT && wish->local.port != HTTPS_PORT
                               : wish->remote.port == 0 || wish->local.port != 0)
    return "A TCP connection goes to a port, from any; a server listens on port 443, or one from 1024 on";
  return NULL;
}

/* What failed is in *ret_what. */
static gboolean
begin (int fd, const OuterWish *wish, ChannelEndpoint *ret_local, const char **ret_what)
{
  const guint8 family = wish->remote.address.family;
  OuterAddress local, remote;
  socklen_t len = outer_to_sockaddr (&wish->local, family, &local);

  *ret_what = "set up";
  if (set_up (fd, wish) < 0)
    return FALSE;
  *ret_what = "bound";
  if ((outer_is_listener (wish) || wish->local.address.family != 0) && bind (fd, &local.sa, len) < 0)
    return FALSE;
  *ret_what = outer_is_listener (wish) ? "listened on" : "connected to the gateway";
  if (outer_is_listener (wish)
          ? listen (fd, BACKLOG) < 0
          : connect (fd, &remote.sa, outer_to_sockaddr (&wish->remote, family, &remote)) < 0 && errno != EINPROGRESS)
    return FALSE;
  *ret_what = "asked";
  len = sizeof local;
  if (getsockname (fd, &local.sa, &len) < 0)
    return FALSE;
  *ret_local = outer_from_sockaddr (&local);
  return TRUE;
}

int
tcp_open (const OuterWish *wish, ChannelEndpoint *ret_local, char **ret_text)
{
  const char *what = complaint (wish);
  int fd, saved;

  if (what)
    {
      *ret_text = g_strdup (what);
      errno = EINVAL;
      return -1;
    }
  what = outer_complaint (wish);
  if (what)
    {
      *ret_text = g_strdup (what);
      errno = EACCES;
      return -1;
    }
  if (!kernel_can (wish->remote.address.family))
    {
      *ret_text = g_strdup ("This kernel has no ESP in TCP (CONFIG_INET_ESPINTCP)");
      errno = EPROTONOSUPPORT;
      return -1;
    }
  what = "made";
  fd = socket (wish->remote.address.family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 && begin (fd, wish, ret_local, &what))
    return fd;
  saved = outer_errno (wish, errno);
  if (fd >= 0)
    close (fd);
  *ret_text = saved == EADDRINUSE && outer_is_listener (wish)
                  ? g_strdup_printf ("TCP port %u is in use by another program", wish->local.port)
                  : g_strdup_printf ("The TCP socket cannot be %s: %s", what, g_strerror (saved));
  errno = saved;
  return -1;
}
