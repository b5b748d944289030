/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of a recording: who can read it, several runs in one, and what happens when it cannot be written. */
#include "io/recording.h"

#include "ike-engine.h"
#include "recorder/replay.h"

#include "crypto-test.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
on_warning (const char *text, gpointer data)
{
  g_assert_nonnull (strstr (text, "The recording ends here"));
  ++*(guint *) data;
}

/* An engine that is sent rubbish @n times, as the driver does it. */
static void
run (guint n, guint *warnings)
{
  g_autoptr (IkeRecorder) recorder = recording_begin (test_crypto (), on_warning, warnings);
  g_autoptr (IkeEngine) engine = ike_engine_new (recorder ? ike_recorder_crypto (recorder) : test_crypto ());

  for (guint i = 0; i < n; i++)
    {
      IkeInput input = { .type = IKE_INPUT_DATAGRAM, .datagram = (const guint8 *) "rubbish", .datagram_len = 7 };
      IkeOutput *output;

      ike_recorder_input (recorder, &input, i * IKE_SECOND);
      ike_engine_handle (engine, &input, i * IKE_SECOND);
      while ((output = ike_engine_poll (engine)))
        {
          ike_recorder_output (recorder, output);
          ike_output_free (output);
        }
      ike_recorder_done (recorder);
    }
}

static void
test_file (void)
{
  g_autofree char *directory = g_dir_make_tmp ("nm-ipsec-XXXXXX", NULL), *file = NULL;
  g_autofree char *path = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;
  IkeReplayCounts counts;
  struct stat about;
  guint warnings = 0;
  gsize len;

  run (3, &warnings); /* nobody has asked for it */
  path = recording_open (directory, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &about), ==, 0);
  g_assert_cmpuint (about.st_mode & 0777, ==, 0600);
  /* what is there already is not written over */
  again = recording_open (directory, &error);
  g_assert_null (again);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  run (3, &warnings);
  run (4, &warnings);
  recording_take (-1);
  run (5, &warnings);
  g_assert_true (g_file_get_contents (path, &file, &len, NULL));
  ike_replay (ike_chunk (file, len), NULL, NULL, &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.runs, ==, 2);
  g_assert_cmpuint (counts.inputs, ==, 7);
  g_assert_cmpuint (warnings, ==, 0);
  g_unlink (path);
  g_rmdir (directory);
}

/* The disk is full: said once, and the engine goes on. */
static void
test_full (void)
{
  guint warnings = 0;

  recording_take (open ("/dev/full", O_WRONLY | O_CLOEXEC));
  run (3, &warnings);
  g_assert_cmpuint (warnings, ==, 1);
  run (3, &warnings);
  g_assert_cmpuint (warnings, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/recording/file", test_file);
  g_test_add_func ("/service/recording/full", test_full);
  return g_test_run ();
}
