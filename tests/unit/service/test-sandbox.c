/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All services are one user: one that the network has taken over must not end the others. */
#include "sandbox.h"

#include "../sibling.h"

#include <gio/gio.h>

static gboolean
enter (void)
{
  return sandbox_enter (NULL);
}

static int
reach (pid_t sibling)
{
  int result = sibling_reach (sibling, enter);

  return result != 0 || (syscall (SYS_kill, sibling, 0) != 0 && errno == EPERM) ? result : 10;
}

static int
in_child (int (*what) (pid_t sibling), pid_t sibling)
{
  pid_t pid = fork ();
  int status = 0;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (what (sibling));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_others (void)
{
  pid_t sibling = sibling_start ();
  int result = in_child (reach, sibling);

  if (result == 77)
    g_test_skip ("there are no system call filters");
  else
    g_assert_cmpint (result, ==, 0);
  sibling_end (sibling);
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_int (task, 42);
}

/* What GDBus does, too. */
static int
use_threads (pid_t sibling)
{
  g_autoptr (GTask) task = NULL;

  if (!sandbox_enter (NULL))
    return 77;
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_run_in_thread_sync (task, work);
  return g_task_propagate_int (task, NULL) == 42 ? 0 : 1;
}

/* GLib would set the scheduler's settings of its threads: it is content without, and complains about nothing. */
static void
test_threads (void)
{
  int result = in_child (use_threads, 0);

  if (result == 77)
    g_test_skip ("there are no system call filters");
  else
    g_assert_cmpint (result, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/sandbox/others", test_others);
  g_test_add_func ("/service/sandbox/threads", test_threads);
  return g_test_run ();
}
