/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child that fetches. The name is resolved and the connection made as nobody; what the other end says is read when
 * no file can be opened and no socket made any more.
 */
#include "fetch.h"

#include "files.h"
#include "http.h"
#include "privileges.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECONDS 5 /* for all of it */
#define CONNECT_MS 1500 /* for one address */
#define MAX_ADDRESSES 4
#ifndef SO_BINDTOIFINDEX
# define SO_BINDTOIFINDEX 62
#endif

typedef struct {
  const char *url;
  ChannelBlob body;
  guint32 ifindex;
} Request;

/* ---- whom we ask ---- */

static gboolean
ip4_is_elsewhere (guint32 a)
{
  return a >> 24 != 0 && a >> 24 != 127 && a >> 16 != 0xa9fe && a >> 28 < 0xe;
}

static gboolean
address_is_elsewhere (const struct sockaddr *sa)
{
  const struct in6_addr *a6 = &((const struct sockaddr_in6 *) (gconstpointer) sa)->sin6_addr;
  guint32 last;

  if (sa->sa_family == AF_INET)
    return ip4_is_elsewhere (ntohl (((const struct sockaddr_in *) (gconstpointer) sa)->sin_addr.s_addr));
  if (sa->sa_family != AF_INET6 || IN6_IS_ADDR_UNSPECIFIED (a6) || IN6_IS_ADDR_LOOPBACK (a6) ||
      IN6_IS_ADDR_LINKLOCAL (a6) || IN6_IS_ADDR_MULTICAST (a6))
    return FALSE;
  memcpy (&last, a6->s6_addr + 12, sizeof last);
  return !(IN6_IS_ADDR_V4MAPPED (a6) || IN6_IS_ADDR_V4COMPAT (a6)) || ip4_is_elsewhere (ntohl (last));
}

/* An address of this machine, whatever it looks like. */
static gboolean
is_here (int fd)
{
  struct sockaddr_storage own = { 0 }, other = { 0 };
  socklen_t own_len = sizeof own, other_len = sizeof other;

  if (getsockname (fd, (struct sockaddr *) &own, &own_len) < 0 ||
      getpeername (fd, (struct sockaddr *) &other, &other_len) < 0)
    return TRUE;
  if (own.ss_family == AF_INET)
    return ((struct sockaddr_in *) &own)->sin_addr.s_addr == ((struct sockaddr_in *) &other)->sin_addr.s_addr;
  return IN6_ARE_ADDR_EQUAL (&((struct sockaddr_in6 *) &own)->sin6_addr, &((struct sockaddr_in6 *) &other)->sin6_addr);
}

/* @link: by this one only; 0: by any. -1 with errno. */
static int
connect_to (const struct addrinfo *ai, int link)
{
  int fd = socket (ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), e = 0;
  struct pollfd wait = { .fd = fd, .events = POLLOUT };
  socklen_t len = sizeof e;

  if (fd < 0)
    return -1;
  if ((!link || setsockopt (fd, SOL_SOCKET, SO_BINDTOIFINDEX, &link, sizeof link) == 0) &&
      connect (fd, ai->ai_addr, ai->ai_addrlen) == 0)
    return fd;
  if (errno != EINPROGRESS)
    e = errno;
  else if (poll (&wait, 1, CONNECT_MS) <= 0)
    e = ETIMEDOUT;
  else if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0)
    e = errno;
  if (!e)
    return fd;
  close (fd);
  errno = e;
  return -1;
}

static int
connect_by_name (const HttpUrl *url, guint32 ifindex, gboolean any, char **ret_text)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
  struct addrinfo *list = NULL;
  int fd = -1, r = getaddrinfo (url->host, url->port, &hints, &list), e = EACCES;
  guint tried = 0;

  if (r != 0)
    {
      *ret_text = g_strdup_printf ("the name %s: %s", url->host, gai_strerror (r));
      return -1;
    }
  for (const struct addrinfo *ai = list; ai && fd < 0 && tried < MAX_ADDRESSES; ai = ai->ai_next)
    if (any || address_is_elsewhere (ai->ai_addr))
      {
        tried++;
        fd = connect_to (ai, 0);
        if (fd < 0 && ifindex)
          fd = connect_to (ai, (int) ifindex);
        e = errno;
      }
  freeaddrinfo (list);
  if (fd < 0)
    *ret_text = g_strdup (g_strerror (e));
  return fd;
}

/* ---- what is said ---- */

/* FALSE: in vain. */
static gboolean
wait_for (int fd, short events)
{
  struct pollfd wait = { .fd = fd, .events = events };
  int r;

  do
    r = poll (&wait, 1, SECONDS * 1000);
  while (r < 0 && errno == EINTR);
  return r > 0;
}

static gboolean
say (int fd, const GByteArray *octets)
{
  for (gsize sent = 0; sent < octets->len;)
    {
      gssize n = send (fd, octets->data + sent, octets->len - sent, MSG_NOSIGNAL);

      if (n < 0 && (errno != EAGAIN || !wait_for (fd, POLLOUT)))
        return FALSE;
      sent += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

static HttpAnswer
hear (int fd, GByteArray *answer)
{
  HttpAnswer parsed = { HTTP_MORE };

  g_byte_array_set_size (answer, CHANNEL_MAX_FILE + HTTP_MAX_HEAD);
  for (gsize len = 0; parsed.state == HTTP_MORE;)
    {
      gssize n = recv (fd, answer->data + len, answer->len - len, 0);

      if (n < 0 && errno == EAGAIN && wait_for (fd, POLLIN))
        continue;
      if (n < 0)
        return (HttpAnswer){ .state = HTTP_BAD, .complaint = "it broke off" };
      len += (gsize) n;
      if (len == answer->len)
        return (HttpAnswer){ .state = HTTP_BAD, .complaint = "it is larger than 1 MiB" };
      parsed = http_answer_parse (answer->data, len, n == 0);
    }
  if (parsed.state == HTTP_DONE && (parsed.body_len == 0 || parsed.body_len > CHANNEL_MAX_FILE))
    return (HttpAnswer){ .state = HTTP_BAD, .complaint = parsed.body_len ? "it is larger than 1 MiB" : "it is empty" };
  return parsed;
}

int
fetch_run (const char *url, ChannelBlob body, guint32 ifindex, gboolean any, guint32 *ret_len, char **ret_text)
{
  g_autoptr (GByteArray) request = NULL, answer = g_byte_array_new ();
  HttpAnswer parsed;
  HttpUrl where;
  int fd, kept = -1;

  if (!http_url_parse (url, &where))
    {
      *ret_text = g_strdup ("it is no address of the kind http://");
      return -1;
    }
  request = http_request (&where, body.data, body.len);
  fd = connect_by_name (&where, ifindex, any, ret_text);
  if (fd < 0)
    return -1;
  if (!any && is_here (fd))
    {
      close (fd);
      *ret_text = g_strdup ("its address is one of this machine");
      return -1;
    }
  if (!any)
    (void) privileges_lock_down (); /* nobody, whom a kernel without such filters does not limit further */
  parsed = say (fd, request) ? hear (fd, answer) : (HttpAnswer){ .state = HTTP_BAD, .complaint = "it broke off" };
  close (fd);
  *ret_len = (guint32) parsed.body_len;
  if (parsed.state == HTTP_DONE)
    kept = files_keep (answer->data + parsed.body, parsed.body_len);
  if (kept < 0)
    *ret_text = g_strdup (parsed.state == HTTP_DONE ? "it cannot be kept" : parsed.complaint);
  return kept;
}

/* ---- the child ---- */

static void
child (int fd, gpointer data)
{
  const Request *request = data;
  g_autofree char *text = NULL;
  ChannelMsg msg = { .type = CHANNEL_READ, .fd = -1 };

  if (privileges_become_nobody ())
    msg.fd = fetch_run (request->url, request->body, request->ifindex, FALSE, &msg.read.len, &text);
  if (msg.fd < 0)
    worker_fail (fd, CHANNEL_ERROR_NO_ANSWER, 0, "%s: %s", request->url, text ? text : "not without privileges");
  else
    (void) channel_send (fd, &msg);
}

Worker *
fetch_start (const ChannelMsg *request, WorkerFunc func, gpointer data)
{
  Request what = { request->fetch.url, request->fetch.body, request->fetch.ifindex };
  const WorkerSpec spec = { .name = "nm-ipsec-fetch", .main = child, .main_data = &what, .seconds = SECONDS };

  return worker_start (&spec, func, data);
}
