/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of the addresses is the system's (RFC 6724, gai.conf), which puts those last to which there is no route.
 * Not AI_ADDRCONFIG: where there is no address at all it says that the name does not exist.
 */
#include "resolve.h"

#include "privileges.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#define SECONDS 8

typedef struct {
  const char *host;
  guint8 family;
} Request;

static void
append (ChannelAddresses *addresses, guint8 family, gconstpointer bytes)
{
  ChannelAddress a = { .family = family };

  memcpy (a.bytes, bytes, family == 4 ? 4 : 16);
  for (guint i = 0; i < addresses->n; i++)
    if (memcmp (&addresses->at[i], &a, sizeof a) == 0)
      return;
  if (addresses->n < CHANNEL_MAX_ADDRESSES)
    addresses->at[addresses->n++] = a;
}

gboolean
resolve_numeric (const char *host, guint8 family, ChannelAddresses *ret_addresses)
{
  guint8 bytes[16];

  ret_addresses->n = 0;
  if (family != 6 && inet_pton (AF_INET, host, bytes) == 1)
    append (ret_addresses, 4, bytes);
  else if (family != 4 && inet_pton (AF_INET6, host, bytes) == 1)
    append (ret_addresses, 6, bytes);
  return ret_addresses->n > 0;
}

ChannelError
resolve_error_code (int eai)
{
  return eai == EAI_NONAME || eai == EAI_NODATA || eai == EAI_ADDRFAMILY || eai == EAI_IDN_ENCODE
             ? CHANNEL_ERROR_NAME_UNKNOWN
             : CHANNEL_ERROR_NO_ANSWER;
}

static void
send_addresses (int fd, const Request *request, const struct addrinfo *list)
{
  g_autofree ChannelMsg *msg = g_new0 (ChannelMsg, 1);

  msg->type = CHANNEL_RESOLVED;
  msg->fd = -1;
  for (const struct addrinfo *ai = list; ai; ai = ai->ai_next)
    if (ai->ai_family == AF_INET)
      append (&msg->resolved, 4, &((const struct sockaddr_in *) (gconstpointer) ai->ai_addr)->sin_addr);
    else if (ai->ai_family == AF_INET6)
      append (&msg->resolved, 6, &((const struct sockaddr_in6 *) (gconstpointer) ai->ai_addr)->sin6_addr);
  if (msg->resolved.n > 0)
    (void) channel_send (fd, msg);
  else
    worker_fail (fd, CHANNEL_ERROR_NAME_UNKNOWN, 0, "\"%s\" has no address", request->host);
}

static void
child (int fd, gpointer data)
{
  const Request *request = data;
  const struct addrinfo hints = { .ai_family = request->family == 4   ? AF_INET
                                               : request->family == 6 ? AF_INET6
                                                                      : AF_UNSPEC,
                                  .ai_socktype = SOCK_DGRAM,
                                  .ai_flags = AI_IDN };
  struct addrinfo *list = NULL;
  int r;

  if (!privileges_become_nobody ())
    {
      worker_fail (fd, CHANNEL_ERROR_NO_ANSWER, 0, "\"%s\" cannot be looked up without privileges", request->host);
      return;
    }
  r = getaddrinfo (request->host, NULL, &hints, &list);
  if (r == 0)
    send_addresses (fd, request, list);
  else if (resolve_error_code (r) == CHANNEL_ERROR_NAME_UNKNOWN)
    worker_fail (fd, CHANNEL_ERROR_NAME_UNKNOWN, 0, "The name \"%s\" does not exist", request->host);
  else
    worker_fail (fd, CHANNEL_ERROR_NO_ANSWER, 0, "No name server can tell the address of \"%s\": %s", request->host,
                 gai_strerror (r));
}

Worker *
resolve_start (const char *host, guint8 family, WorkerFunc func, gpointer data)
{
  Request request = { host, family };
  const WorkerSpec spec = { .name = "nm-ipsec-name", .main = child, .main_data = &request, .seconds = SECONDS };

  return worker_start (&spec, func, data);
}
