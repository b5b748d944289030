/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fork, exec with the socket as descriptor 3, then plain poll(). */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 10000

guint
probe_children (const Probe *probe, const char *name, pid_t *ret_pid)
{
  g_autofree char *wanted = g_strdup_printf ("%s) ", name ? name : ""), *parent = NULL;
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *pid, *at;
  guint n = 0;

  parent = g_strdup_printf (" %d ", (int) probe->pid);
  while ((pid = g_dir_read_name (proc)))
    {
      g_autofree char *path = g_strdup_printf ("/proc/%s/stat", pid);
      g_autofree char *stat = NULL;

      if (!g_ascii_isdigit (*pid) || !g_file_get_contents (path, &stat, NULL, NULL) || !(at = strstr (stat, wanted)) ||
          !g_str_has_prefix (at + strlen (wanted) + 1, parent)) /* behind its state */
        continue;
      n++;
      *ret_pid = atoi (pid);
    }
  return n;
}

void
probe_free (Probe *probe)
{
  if (probe->fd >= 0)
    close (probe->fd);
  g_ptr_array_unref (probe->events);
  g_free (probe);
}

/* One that nobody has waited for yet is gone as well. */
static gboolean
is_gone (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *stat = NULL;

  (void) waitpid (pid, NULL, WNOHANG);
  return !g_file_get_contents (path, &stat, NULL, NULL) || strstr (stat, ") Z ");
}

gboolean
probe_wait_gone (pid_t pid, guint milliseconds)
{
  for (guint i = 0; i < milliseconds; i++)
    {
      if (is_gone (pid))
        return TRUE;
      g_usleep (1000);
    }
  return FALSE;
}

void
probe_stop (Probe *probe)
{
  close (probe->fd);
  probe->fd = -1;
  g_assert_true (probe_wait_gone (probe->pid, 10000));
  g_assert_true (probe_wait_gone (probe->reaper, 10000));
  probe_free (probe);
}

static ChannelMsg *
receive (Probe *probe, guint milliseconds)
{
  struct pollfd p = { .fd = probe->fd, .events = POLLIN };
  ChannelMsg *msg = NULL;

  if (poll (&p, 1, (int) milliseconds) <= 0)
    return NULL;
  g_assert_cmpint (channel_receive (probe->fd, &msg), ==, 0);
  return msg;
}

void
probe_ask (Probe *probe, ChannelMsg *request)
{
  request->serial = ++probe->serial;
  g_assert_cmpint (channel_send (probe->fd, request), ==, 0);
}

ChannelMsg *
probe_answer (Probe *probe)
{
  for (;;)
    {
      ChannelMsg *msg = receive (probe, PATIENCE_MS);

      g_assert_nonnull (msg);
      if (msg->serial == probe->serial)
        return msg;
      g_assert_cmpuint (msg->serial, ==, 0);
      g_ptr_array_add (probe->events, msg);
    }
}

ChannelMsg *
probe_call (Probe *probe, ChannelMsg *request)
{
  probe_ask (probe, request);
  return probe_answer (probe);
}

void
probe_expect_failed (ChannelMsg *take_answer, ChannelError code, const char *text)
{
  g_autoptr (ChannelMsg) answer = take_answer;

  g_assert_cmpint (answer->type, ==, CHANNEL_FAILED);
  g_assert_cmpint (answer->failed.code, ==, code);
  if (!strstr (answer->failed.text, text))
    g_error ("%s", answer->failed.text);
}

Probe *
probe_start (const char *program)
{
  ChannelMsg prepare = PROBE_REQUEST (CHANNEL_PREPARE);
  g_autoptr (ChannelMsg) answer = NULL;
  Probe *probe = g_new0 (Probe, 1);
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), ==, 0);
  probe->events = g_ptr_array_new_with_free_func ((GDestroyNotify) channel_msg_free);
  probe->pid = fork ();
  if (probe->pid == 0)
    {
      if (fds[1] == CHANNEL_FD)
        (void) fcntl (CHANNEL_FD, F_SETFD, 0);
      else if (dup2 (fds[1], CHANNEL_FD) < 0)
        _exit (126);
      execl (program, program, NULL);
      _exit (127);
    }
  close (fds[1]);
  probe->fd = fds[0];
  answer = probe_call (probe, &prepare);
  for (guint i = 0; i < PATIENCE_MS && !probe_children (probe, "nm-ipsec-reaper", &probe->reaper); i++)
    g_usleep (1000);
  g_assert_cmpint (probe->reaper, >, 0);
  return probe;
}

void
probe_do (Probe *probe, ChannelMsg *request)
{
  g_autoptr (ChannelMsg) answer = probe_call (probe, request);

  if (answer->type == CHANNEL_FAILED)
    g_error ("%s failed: %u %s", channel_type_name (request->type), answer->failed.number, answer->failed.text);
  g_assert_cmpint (answer->type, ==, CHANNEL_DONE);
}

ChannelMsg *
probe_event (Probe *probe, guint milliseconds)
{
  if (probe->events->len > 0)
    return g_ptr_array_steal_index (probe->events, 0);
  return receive (probe, milliseconds);
}

ChannelAddress
probe_address (const char *text)
{
  ChannelAddress a = { .family = strchr (text, ':') ? 6 : 4 };

  g_assert_cmpint (inet_pton (a.family == 6 ? AF_INET6 : AF_INET, text, a.bytes), ==, 1);
  return a;
}

ChannelEndpoint
probe_endpoint (const char *text, guint16 port)
{
  const ChannelEndpoint e = { probe_address (text), port };

  return e;
}

ChannelSelector
probe_prefix (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  ChannelSelector s = { .first = probe_address (parts[0]), .port_last = 65535 };
  guint width = s.first.family == 4 ? 32 : 128, prefix = (guint) atoi (parts[1]);

  s.last = s.first;
  for (guint i = prefix; i < width; i++)
    s.last.bytes[i / 8] |= (guint8) (0x80 >> (i % 8));
  return s;
}

gboolean
probe_isolate (void)
{
  struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
  int fd;

  if (geteuid () != 0 || unshare (CLONE_NEWNET) < 0)
    return FALSE;
  fd = socket (AF_INET, SOCK_DGRAM, 0);
  g_assert_cmpint (ioctl (fd, SIOCSIFFLAGS, &lo), ==, 0);
  close (fd);
  return TRUE;
}

gboolean
probe_network (void)
{
  return system ("ip link add probe type veth peer name beyond 2>/dev/null") == 0 &&
         system ("ip link set probe up && ip link set beyond up && ip address add 198.51.100.1/24 dev probe") == 0 &&
         system ("ip -6 address add 2001:db8:51::1/64 dev probe nodad") == 0;
}

void
probe_hear (Probe *probe)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SOCKET);
  g_autoptr (ChannelMsg) answer = NULL;

  request.socket.remote = probe_endpoint ("198.51.100.2", 500);
  answer = probe_call (probe, &request);
  g_assert_cmpint (answer->type, ==, CHANNEL_OPENED);
}

guint
probe_count (const char *command, const char *needle)
{
  g_autofree char *out = NULL;
  guint n = 0;

  g_assert_true (g_spawn_command_line_sync (command, &out, NULL, NULL, NULL));
  for (const char *at = out; (at = strstr (at, needle)); at++)
    n++;
  return n;
}

void
probe_install_policies (Probe *p, guint32 slot, const char *local, const char *remote)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SA_INSTALL);

  request.sa_install.slot = slot;
  request.sa_install.parts = CHANNEL_SA_POLICIES;
  request.sa_install.protocol = 3;
  request.sa_install.local = probe_endpoint ("192.0.2.1", 4500);
  request.sa_install.remote = probe_endpoint ("192.0.2.2", 4500);
  request.sa_install.local_ts.n = request.sa_install.remote_ts.n = 1;
  request.sa_install.local_ts.at[0] = probe_prefix (local);
  request.sa_install.remote_ts.at[0] = probe_prefix (remote);
  probe_do (p, &request);
}
