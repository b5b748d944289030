/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replays a corpus through a fuzz target as an ordinary program: fuzz-replay-NAME [--mutate N] DIRECTORY|FILE...
 *
 * Every input lies in a heap block of exactly its size, so that a sanitizer sees the first octet too many. --mutate also
 * tries each Nth truncation and some changes of each Nth octet, in a fixed order. A directory without files is a failure: a
 * corpus that got lost must not look like a success.
 */
#include "fuzz.h"

#include <glib.h>
#include <string.h>

#define MUTATE_UP_TO 2048 /* octets: larger files are only replayed */

int LLVMFuzzerInitialize (int *argc, char ***argv) __attribute__ ((weak));

static guint64 n_runs;

static void
run_one (const guint8 *data, gsize len)
{
  g_autofree guint8 *copy = g_malloc (MAX (len, 1));

  if (len > 0)
    memcpy (copy, data, len);
  LLVMFuzzerTestOneInput (copy, len);
  n_runs++;
}

static void
run_mutations (guint8 *data, gsize len, guint step)
{
  for (gsize i = 0; i < len; i += step)
    {
      const guint8 kept = data[i];
      const guint8 others[] = { 0x00, 0x01, 0x7f, 0xff, (guint8) (kept + 1), (guint8) (kept - 1), kept ^ 0x80 };

      run_one (data, i);
      for (guint j = 0; j < G_N_ELEMENTS (others); j++)
        {
          data[i] = others[j];
          run_one (data, len);
        }
      data[i] = kept;
    }
}

static gboolean
replay_file (const char *path, guint step)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize len;

  if (!g_file_get_contents (path, &data, &len, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  g_printerr ("%s\n", path); /* the last line before a crash names the file */
  run_one ((guint8 *) data, len);
  if (step && len <= MUTATE_UP_TO)
    run_mutations ((guint8 *) data, len, step);
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
replay_directory (const char *path, guint step)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = g_dir_open (path, 0, &error);
  gboolean ok = TRUE;
  const char *name;

  if (!directory)
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  while ((name = g_dir_read_name (directory)))
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    ok = replay_file (g_ptr_array_index (names, i), step) && ok;
  if (names->len == 0)
    g_printerr ("%s: no seeds\n", path);
  return ok && names->len > 0;
}

int
main (int argc, char **argv)
{
  gboolean ok = TRUE;
  guint n_places = 0, step = 0; /* none is changed */

  if (LLVMFuzzerInitialize)
    LLVMFuzzerInitialize (&argc, &argv);
  for (int i = 1; i < argc; i++)
    {
      if (strcmp (argv[i], "--mutate") == 0 && i + 1 < argc)
        {
          step = (guint) g_ascii_strtoull (argv[++i], NULL, 10);
          continue;
        }
      n_places++;
      if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
        ok = replay_directory (argv[i], step) && ok;
      else
        ok = replay_file (argv[i], step) && ok;
    }
  g_print ("%" G_GUINT64_FORMAT " inputs\n", n_runs);
  return ok && n_places > 0 ? 0 : 1;
}
