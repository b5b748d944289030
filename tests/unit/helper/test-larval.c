/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One number for all helpers: who ends first takes it from nobody, the last one puts it back, and so it is after a death. */
#include "larval.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir, *file, *setting;

static void
set_up (const char *value)
{
  (void) g_unlink (file);
  g_assert_true (g_file_set_contents (setting, value, -1, NULL));
}

static void
expect (char value)
{
  g_autofree char *now = NULL;

  g_assert_true (g_file_get_contents (setting, &now, NULL, NULL));
  g_assert_cmpint (now[0], ==, value);
}

static void
test_two (void)
{
  int a, b;

  set_up ("1\n");
  a = larval_hold (file, setting);
  expect ('0');
  b = larval_hold (file, setting);
  larval_release (a, file, setting);
  expect ('0');
  larval_clean (file, setting);
  expect ('0');
  a = larval_hold (file, setting);
  larval_release (b, file, setting);
  expect ('0');
  larval_release (a, file, setting);
  expect ('1');
  larval_release (-1, NULL, setting);
}

/* What an administrator has chosen stays. */
static void
test_chosen (void)
{
  set_up ("0\n");
  larval_release (larval_hold (file, setting), file, setting);
  expect ('0');
  set_up ("1\n");
  larval_clean (file, setting);
  expect ('1');
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
}

static pid_t
hold_in_child (void)
{
  int fds[2];
  char octet;
  pid_t pid;

  g_assert_cmpint (pipe (fds), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      alarm (60);
      if (larval_hold (file, setting) < 0 || write (fds[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  g_assert_cmpint (read (fds[0], &octet, 1), ==, 1);
  close (fds[0]);
  close (fds[1]);
  return pid;
}

static void
kill_child (pid_t pid)
{
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static void
test_killed (void)
{
  pid_t a, b;

  set_up ("1\n");
  a = hold_in_child ();
  b = hold_in_child ();
  kill_child (a);
  larval_clean (file, setting);
  expect ('0');
  kill_child (b);
  expect ('0');
  larval_clean (file, setting);
  expect ('1');
  /* its reaper has died as well: the next one knows whose the 0 is */
  kill_child (hold_in_child ());
  larval_release (larval_hold (file, setting), file, setting);
  expect ('1');
}

/* All well, and nothing is left of them. */
static void
expect_ended (const pid_t *pids, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      int status = 1;

      g_assert_cmpint (waitpid (pids[i], &status, 0), ==, pids[i]);
      g_assert_cmpint (status, ==, 0);
    }
  expect ('1');
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
}

/* All end at once: one of them is the last. */
static void
test_at_once (void)
{
  for (guint round = 0; round < 50; round++)
    {
      pid_t pids[4];
      int go[2];

      set_up ("1\n");
      g_assert_cmpint (pipe (go), ==, 0);
      for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
        if ((pids[i] = fork ()) == 0)
          {
            int lock = larval_hold (file, setting);
            char octet;

            close (go[1]);
            (void) !read (go[0], &octet, 1);
            larval_release (lock, file, setting);
            _exit (lock < 0);
          }
      close (go[0]);
      close (go[1]);
      expect_ended (pids, G_N_ELEMENTS (pids));
    }
}

/* Coming and going, each sees 0 as long as it stays, whoever has removed the file meanwhile. */
static void
test_coming_and_going (void)
{
  pid_t pids[4];

  set_up ("1\n");
  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    if ((pids[i] = fork ()) == 0)
      {
        for (guint round = 0; round < 200; round++)
          {
            int lock = larval_hold (file, setting);

            expect ('0');
            larval_release (lock, file, setting);
          }
        _exit (0);
      }
  expect_ended (pids, G_N_ELEMENTS (pids));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("nm-ipsec-larval-XXXXXX", NULL);
  file = g_build_filename (dir, "lock", NULL);
  setting = g_build_filename (dir, "setting", NULL);
  g_test_add_func ("/helper/larval/two", test_two);
  g_test_add_func ("/helper/larval/chosen", test_chosen);
  g_test_add_func ("/helper/larval/killed", test_killed);
  g_test_add_func ("/helper/larval/at-once", test_at_once);
  g_test_add_func ("/helper/larval/coming-and-going", test_coming_and_going);
  result = g_test_run ();
  (void) g_unlink (file);
  (void) g_unlink (setting);
  (void) g_rmdir (dir);
  return result;
}
