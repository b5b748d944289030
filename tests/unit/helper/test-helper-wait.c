/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets wait as long as any helper has a trap: real helpers in a network namespace of their own. Needs root. */
#include "probe.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_DIR "/run/NetworkManager" /* it is there when NetworkManager is; this one is of our own mount namespace */

static const char *helper;

static char
larval_drop (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/sys/net/core/xfrm_larval_drop", &text, NULL, NULL));
  return text[0];
}

/* A helper with a trap for @remote: policies without SAs. */
static Probe *
start (const char *uuid, const char *remote)
{
  Probe *p = probe_start (helper);
  ChannelMsg begin = PROBE_REQUEST (CHANNEL_BEGIN);

  begin.begin.uuid = uuid;
  probe_do (p, &begin);
  probe_install_policies (p, 1, "10.9.0.1/32", remote);
  return p;
}

static void
test_wait (void)
{
  g_autofree char *file = NULL;
  struct stat st;
  Probe *a, *b;

  g_assert_cmpint (larval_drop (), ==, '1');
  a = start ("11111111-2222-3333-4444-555555555555", "10.0.0.0/8");
  b = start ("11111111-2222-3333-4444-666666666666", "172.16.0.0/12");
  g_assert_cmpint (larval_drop (), ==, '0');
  probe_stop (a);
  g_assert_cmpint (larval_drop (), ==, '0');
  kill (b->pid, SIGKILL);
  g_assert_true (probe_wait_gone (b->pid, 10000));
  g_assert_true (probe_wait_gone (b->reaper, 10000));
  g_assert_cmpint (larval_drop (), ==, '1');
  probe_free (b);
  g_assert_cmpint (stat ("/proc/self/ns/net", &st), ==, 0);
  file = g_strdup_printf (RUN_DIR "/nm-ipsec-larval-%lu", (gulong) st.st_ino);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  helper = argv[1];
  if (!probe_isolate () || access ("/proc/sys/net/core/xfrm_larval_drop", W_OK) < 0 || unshare (CLONE_NEWNS) < 0 ||
      mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount ("tmpfs", "/run", "tmpfs", 0, NULL) < 0 ||
      mkdir (RUN_DIR, 0755) < 0)
    {
      g_test_message ("needs root, a network namespace and XFRM: skipped");
      return 77;
    }
  g_test_add_func ("/helper/wait", test_wait);
  return g_test_run ();
}
