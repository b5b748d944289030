/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that outlive a process: in a directory of the test's own. */
#include "memory.h"

#include <glib/gstdio.h>
#include <unistd.h>

static char *dir;

static void
setup_dir (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *top = g_dir_make_tmp ("memory-XXXXXX", &error);

  g_assert_no_error (error);
  g_free (dir);
  dir = g_build_filename (top, "groups", NULL);
}

static guint
entries (void)
{
  g_autoptr (GDir) list = g_dir_open (dir, 0, NULL);
  guint n = 0;

  while (list && g_dir_read_name (list))
    n++;
  return n;
}

static char *
only_file (void)
{
  g_autoptr (GDir) list = g_dir_open (dir, 0, NULL);

  return g_build_filename (dir, g_dir_read_name (list), NULL);
}

static void
test_there_and_back (void)
{
  setup_dir ();
  g_assert_cmpuint (memory_recall (dir, "a"), ==, 0);
  memory_remember (dir, "a", 19);
  memory_remember (dir, "../../etc/passwd", 65535);
  g_assert_cmpuint (memory_recall (dir, "a"), ==, 19);
  g_assert_cmpuint (memory_recall (dir, "../../etc/passwd"), ==, 65535);
  g_assert_cmpuint (memory_recall (dir, "b"), ==, 0);
  memory_remember (dir, "a", 31);
  g_assert_cmpuint (memory_recall (dir, "a"), ==, 31);
  g_assert_cmpuint (entries (), ==, 2);
}

/* What is no number of 16 bits is nothing; a link is not followed. */
static void
test_garbage (void)
{
  const char *const bad[] = { "", "x", "70000", "-1", "19x", "999999999", " 19" };
  g_autofree char *file = NULL, *elsewhere = NULL;

  setup_dir ();
  memory_remember (dir, "a", 19);
  file = only_file ();
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_true (g_file_set_contents (file, bad[i], -1, NULL));
      g_assert_cmpuint (memory_recall (dir, "a"), ==, 0);
    }
  elsewhere = g_strconcat (dir, "-elsewhere", NULL);
  g_assert_true (g_file_set_contents (elsewhere, "19", -1, NULL));
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (symlink (elsewhere, file), ==, 0);
  g_assert_cmpuint (memory_recall (dir, "a"), ==, 0);
}

static void
test_limit (void)
{
  setup_dir ();
  for (guint i = 0; i < MEMORY_MAX + 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("gateway %u", i);

      memory_remember (dir, name, 19);
    }
  g_assert_cmpuint (entries (), <=, MEMORY_MAX);
  g_assert_cmpuint (memory_recall (dir, "gateway 265"), ==, 19);
}

/* A place where nothing can be written is no error. */
static void
test_nowhere (void)
{
  memory_remember ("/proc/nowhere", "a", 19);
  g_assert_cmpuint (memory_recall ("/proc/nowhere", "a"), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*func) (void);
  } tests[] = {
    { "/memory/there-and-back", test_there_and_back },
    { "/memory/garbage", test_garbage },
    { "/memory/limit", test_limit },
    { "/memory/nowhere", test_nowhere },
  };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_func (tests[i].path, tests[i].func);
  return g_test_run ();
}
