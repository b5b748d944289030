/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * labprobe -n NETNS [-w] [-r RATE] ADDRESS...: UDP echo at a fixed rate through the tunnel, both ends in one process, so
 * that every lost packet is known, and on which way it was lost. -w: one way only, from NETNS to ADDRESS, which is ours.
 *
 * It runs until SIGTERM (or -t SECONDS), then waits a second for what is under way, prints one line for each address
 *   ADDRESS sent=N lost=N (out=N back=N error=N) longest=MS
 * and fails when a packet was lost. "longest": the longest time without an answer, milliseconds, up to the last packet.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PORT 7777
#define TARGETS_MAX 4
#define GRACE 1.0

typedef struct {
  const char *name;
  union {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
  } address;
  socklen_t address_len;
  int client, server, last_error;
  uint32_t sent, cap;
  unsigned char *seen; /* bit 0: at the far end, bit 1: back, bit 2: could not be sent */
  double last_answer, longest;
} Target;

static volatile sig_atomic_t stop;
static int one_way;

static void
on_term (int sig)
{
  (void) sig;
  stop = 1;
}

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int
parse (Target *t, const char *name)
{
  t->name = name;
  t->address.in6.sin6_port = htons (PORT); /* at the same place in both */
  if (inet_pton (AF_INET, name, &t->address.in.sin_addr) == 1)
    {
      t->address.in.sin_family = AF_INET;
      t->address_len = sizeof t->address.in;
      return 1;
    }
  t->address.in6.sin6_family = AF_INET6;
  t->address_len = sizeof t->address.in6;
  return inet_pton (AF_INET6, name, &t->address.in6.sin6_addr) == 1;
}

static int
open_socket (const Target *t)
{
  int size = 1 << 20, fd = socket (t->address.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return fd;
}

static int
open_client (Target *t)
{
  t->client = open_socket (t);
  return t->client >= 0;
}

static int
open_server (Target *t)
{
  t->server = open_socket (t);
  if (bind (t->server, &t->address.sa, t->address_len) == 0)
    return 1;
  perror (t->name);
  return 0;
}

static void
send_one (Target *t)
{
  uint32_t data[16] = { 0 };

  if (t->sent == t->cap)
    {
      t->cap = t->cap ? t->cap * 2 : 4096;
      t->seen = realloc (t->seen, t->cap);
      if (!t->seen)
        abort ();
    }
  data[0] = t->sent;
  t->seen[t->sent] = 0;
  if (sendto (t->client, data, sizeof data, 0, &t->address.sa, t->address_len) < 0)
    {
      t->seen[t->sent] = 4;
      t->last_error = errno;
    }
  t->sent++;
}

static void
arrived (Target *t, uint32_t number)
{
  double time = now ();

  if (number >= t->sent)
    return;
  t->seen[number] |= 2;
  if (t->last_answer > 0 && time - t->last_answer > t->longest)
    t->longest = time - t->last_answer;
  t->last_answer = time;
}

static void
echo_and_count (Target *t)
{
  uint32_t data[16];
  union {
    struct sockaddr sa;
    struct sockaddr_in6 in6;
  } from;
  socklen_t len = sizeof from;

  while (recvfrom (t->server, data, sizeof data, 0, &from.sa, &len) == sizeof data)
    {
      if (data[0] < t->sent)
        t->seen[data[0]] |= 1;
      if (one_way)
        arrived (t, data[0]);
      else
        sendto (t->server, data, sizeof data, 0, &from.sa, len);
      len = sizeof from;
    }
  while (recv (t->client, data, sizeof data, 0) == sizeof data)
    arrived (t, data[0]);
}

static int
report (const Target *t)
{
  unsigned out = 0, back = 0, error = 0;

  for (uint32_t i = 0; i < t->sent; i++)
    if (t->seen[i] & 4)
      error++;
    else if (!(t->seen[i] & 1))
      out++;
    else if (!(t->seen[i] & 2))
      back++;
  printf ("%s sent=%u lost=%u (out=%u back=%u error=%u%s%s) longest=%.0f\n", t->name, t->sent, out + back + error, out,
          back, error, error ? " " : "", error ? strerror (t->last_error) : "", t->longest * 1e3);
  return out + back + error > 0 || t->sent == 0;
}

static void
run (Target *targets, int n, double rate, double seconds)
{
  double start = now (), next = start, end = 0;
  struct pollfd p[2 * TARGETS_MAX];

  for (int i = 0; i < n; i++)
    {
      p[2 * i] = (struct pollfd){ targets[i].client, POLLIN, 0 };
      p[2 * i + 1] = (struct pollfd){ targets[i].server, POLLIN, 0 };
    }
  for (double t = start; end == 0 || t < end; t = now ())
    {
      double wait = end > 0 ? end - t : next - t;
      struct timespec ts = { 0, 0 };

      if (end == 0 && (stop || (seconds > 0 && t >= start + seconds)))
        {
          for (int i = 0; i < n; i++)
            if (t - targets[i].last_answer > targets[i].longest)
              targets[i].longest = t - targets[i].last_answer;
          end = t + GRACE;
        }
      else if (end == 0 && wait <= 0)
        {
          for (int i = 0; i < n; i++)
            send_one (&targets[i]);
          next += 1 / rate;
        }
      else
        {
          ts.tv_sec = (time_t) wait;
          ts.tv_nsec = (long) ((wait - (double) ts.tv_sec) * 1e9);
          ppoll (p, (nfds_t) (2 * n), &ts, NULL);
        }
      for (int i = 0; i < n; i++)
        echo_and_count (&targets[i]);
    }
}

int
main (int argc, char **argv)
{
  Target targets[TARGETS_MAX] = { 0 };
  const char *netns = NULL;
  double rate = 100, seconds = 0;
  int opt, n = 0, rc = 0, fd;

  while ((opt = getopt (argc, argv, "n:r:t:w")) != -1)
    if (opt == 'n')
      netns = optarg;
    else if (opt == 'r')
      rate = atof (optarg);
    else if (opt == 't')
      seconds = atof (optarg);
    else if (opt == 'w')
      one_way = 1;
    else
      return 2;
  for (; optind < argc && n < TARGETS_MAX; n++, optind++)
    if (!parse (&targets[n], argv[optind]) || !(one_way ? open_server : open_client) (&targets[n]))
      return 2;
  fd = netns ? open (netns, O_RDONLY | O_CLOEXEC) : -1;
  if (netns && (fd < 0 || setns (fd, CLONE_NEWNET) < 0))
    {
      perror (netns);
      return 2;
    }
  for (int i = 0; i < n; i++)
    if (!(one_way ? open_client : open_server) (&targets[i]))
      return 2;
  signal (SIGTERM, on_term);
  run (targets, n, rate, seconds);
  for (int i = 0; i < n; i++)
    rc |= report (&targets[i]);
  return rc;
}
