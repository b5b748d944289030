/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One-time pads: no slice is ever given twice, whenever the power fails and whatever of what was written has reached the
 * disk then; and what the real helper says of files.
 */
#include "probe.h"

#include "pad.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLICES 4
#define SIZE ((gsize) SLICES * PAD_SLICE)

static const char *helper;
static char *tmp;

static void
fill (guint8 *pad, gsize len)
{
  for (gsize i = 0; i < len; i++)
    pad[i] = (guint8) (1 + (i * 167 + i / PAD_SLICE) % 255);
}

/* ---- a disk whose power fails: what is written stays in its cache until it is synced, or drips down before ---- */

static struct {
  guint8 platter[SIZE];
  guint steps; /* writes and syncs so far */
  guint cut; /* the step in which the power fails; 0: never */
  gboolean late; /* at its end, not before it */
  gsize at_once; /* octets of a write */
  gboolean broken; /* syncs fail */
} disk;

static void
sync_octets (int fd, gboolean (*reached) (gsize octet, guint how), guint how)
{
  guint8 cache[SIZE];

  g_assert_cmpint (pread (fd, cache, SIZE, 0), ==, SIZE);
  for (gsize i = 0; i < SIZE; i++)
    if (!reached || reached (i, how))
      disk.platter[i] = cache[i];
}

static gboolean
fails (gboolean late)
{
  return disk.cut && disk.late == late && disk.steps >= disk.cut;
}

static gssize
sim_write (int fd, const void *octets, gsize len, gint64 offset)
{
  disk.steps++;
  if (fails (FALSE))
    {
      errno = EIO;
      return -1;
    }
  g_assert_cmpint (pwrite (fd, octets, MIN (len, disk.at_once), offset), ==, MIN (len, disk.at_once));
  return fails (TRUE) ? -1 : (gssize) MIN (len, disk.at_once);
}

static int
sim_sync (int fd)
{
  disk.steps++;
  if (disk.broken || fails (FALSE))
    {
      errno = EIO;
      return -1;
    }
  sync_octets (fd, NULL, 0);
  return fails (TRUE) ? -1 : 0;
}

static const PadDisk sim_disk = { sim_write, sim_sync };

/* Of what was written, in which order ever: nothing, all, the first octets of a slice, the last ones, some. */
#define PARTS 6
static const guint parts[PARTS] = { 0, 1, 8, 16, 30, PAD_SLICE - 1 };
#define WAYS (2 + 2 * PARTS + 8)
static gboolean
drips (gsize octet, guint how)
{
  if (how < 2)
    return how == 1;
  if (how < 2 + PARTS)
    return octet % PAD_SLICE <= parts[how - 2];
  if (how < 2 + 2 * PARTS)
    return octet % PAD_SLICE >= parts[how - 2 - PARTS];
  return (octet * 2654435761u >> (how % 16)) & 1;
}

static int
new_file (void)
{
  int fd = memfd_create ("pad", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  fill (disk.platter, SIZE);
  g_assert_cmpint (pwrite (fd, disk.platter, SIZE, 0), ==, SIZE);
  disk.steps = 0;
  return fd;
}

/* Until there is no more; *given: which slices, each whole and for the first time. */
static void
take_all (int fd, ChannelPadWhich which, gboolean *given)
{
  guint8 fresh[SIZE], octets[PAD_SLICE];
  guint64 offset = 0;

  fill (fresh, SIZE);
  while (pad_take (fd, &sim_disk, which, &offset, octets) == NULL)
    {
      g_assert_cmpmem (octets, PAD_SLICE, fresh + offset, PAD_SLICE);
      g_assert_false (given[offset / PAD_SLICE]);
      given[offset / PAD_SLICE] = TRUE;
    }
}

static guint
count (const gboolean *given)
{
  guint n = 0;

  for (guint i = 0; i < SLICES; i++)
    n += given[i] ? 1 : 0;
  return n;
}

static void
cut_and_go_on (guint step, gboolean late, guint how, ChannelPadWhich which)
{
  gboolean given[SLICES] = { FALSE };
  int fd = new_file ();

  disk.cut = step;
  disk.late = late;
  take_all (fd, which, given);
  sync_octets (fd, drips, how);
  g_assert_cmpint (pwrite (fd, disk.platter, SIZE, 0), ==, SIZE);
  disk.cut = 0;
  take_all (fd, which, given);
  /* at most the one that was being taken is lost */
  g_assert_cmpuint (count (given), >=, SLICES - 1);
  close (fd);
}

static void
test_power (void)
{
  static const gsize pieces[] = { PAD_SLICE, 13 };

  for (guint p = 0; p < G_N_ELEMENTS (pieces); p++)
    {
      gsize writes = (PAD_SLICE + pieces[p] - 1) / pieces[p];

      disk.at_once = pieces[p];
      for (guint step = 1; step <= SLICES * (writes + 1); step++)
        for (guint how = 0; how < WAYS; how++)
          for (guint i = 0; i < 4; i++)
            cut_and_go_on (step, i & 1, how, i & 2 ? CHANNEL_PAD_LAST : CHANNEL_PAD_FIRST);
    }
  disk.at_once = PAD_SLICE;
}

/* What is not known to be on the disk is not used, nor given later by the same kernel. */
static void
test_broken_disk (void)
{
  gboolean given[SLICES] = { FALSE };
  guint8 octets[PAD_SLICE];
  guint64 offset = 0;
  int fd = new_file ();

  disk.broken = TRUE;
  g_assert_cmpstr (pad_take (fd, &sim_disk, CHANNEL_PAD_FIRST, &offset, octets), ==,
                   "the used part cannot be overwritten");
  g_assert_cmpint (octets[0], ==, 0);
  disk.broken = FALSE;
  take_all (fd, CHANNEL_PAD_FIRST, given);
  g_assert_false (given[0]);
  g_assert_cmpuint (count (given), ==, SLICES - 1);
  close (fd);
}

/* ---- which one ---- */

static void
test_places (void)
{
  static const struct {
    ChannelPadWhich which;
    guint64 offset, got;
    const char *complaint;
  } rows[] = {
    { CHANNEL_PAD_FIRST, 0, 0, NULL },
    { CHANNEL_PAD_LAST, 0, SIZE - PAD_SLICE, NULL },
    { CHANNEL_PAD_AT, 2 * PAD_SLICE, 2 * PAD_SLICE, NULL },
    { CHANNEL_PAD_AT, 2 * PAD_SLICE, 0, "has been used" },
    { CHANNEL_PAD_AT, 0, 0, "has been used" },
    { CHANNEL_PAD_AT, SIZE, 0, "does not have" },
    { CHANNEL_PAD_AT, G_MAXUINT64 - PAD_SLICE + 1, 0, "does not have" },
    { CHANNEL_PAD_AT, G_MAXUINT64, 0, "does not have" },
    { CHANNEL_PAD_AT, PAD_SLICE + 1, 0, "does not have" },
    { CHANNEL_PAD_FIRST, 0, PAD_SLICE, NULL },
    { CHANNEL_PAD_FIRST, 0, 0, "used up" },
    { CHANNEL_PAD_LAST, 0, 0, "used up" },
  };
  guint8 octets[PAD_SLICE];
  int fd = new_file ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint64 offset = rows[i].offset;
      const char *complaint = pad_take (fd, &sim_disk, rows[i].which, &offset, octets);

      g_assert_cmpint (complaint == NULL, ==, rows[i].complaint == NULL);
      if (complaint)
        g_assert_nonnull (strstr (complaint, rows[i].complaint));
      else
        g_assert_cmpuint (offset, ==, rows[i].got);
    }
  close (fd);
}

/* ---- the helper ---- */

static char *
pad_file (const char *name, gsize len, int mode, uid_t owner)
{
  char *path = g_build_filename (tmp, name, NULL);
  g_autofree guint8 *octets = g_malloc (len + 1);

  fill (octets, len);
  g_assert_true (g_file_set_contents (path, (const char *) octets, (gssize) len, NULL));
  g_assert_cmpint (chmod (path, (mode_t) mode), ==, 0);
  g_assert_cmpint (chown (path, owner, (gid_t) -1), ==, 0);
  return path;
}

static ChannelMsg *
say_pad (Probe *p, const char *path, const char *user)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_PAD);

  request.pad.path = path;
  request.pad.user = user;
  return probe_call (p, &request);
}

static ChannelMsg *
take (Probe *p, ChannelPadWhich which, guint64 offset)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_PAD_TAKE);

  request.pad_take.which = (guint8) which;
  request.pad_take.offset = offset;
  return probe_call (p, &request);
}

static void
expect_done (ChannelMsg *take_answer)
{
  g_autoptr (ChannelMsg) answer = take_answer;

  g_assert_cmpstr (channel_type_name (answer->type), ==, "done");
}

static void
expect_slice (ChannelMsg *take_answer, guint64 offset)
{
  g_autoptr (ChannelMsg) answer = take_answer;
  guint8 fresh[SIZE];

  fill (fresh, SIZE);
  g_assert_cmpstr (channel_type_name (answer->type), ==, "slice");
  g_assert_cmpuint (answer->slice.offset, ==, offset);
  g_assert_cmpmem (answer->slice.octets.data, answer->slice.octets.len, fresh + offset, PAD_SLICE);
}

static void
test_helper (void)
{
  g_autofree char *path = pad_file ("pad", 2 * PAD_SLICE + 5, 0600, getuid ());
  g_autofree char *other = pad_file ("other", SIZE, 0600, getuid ());
  g_autofree char *content = NULL;
  Probe *p = probe_start (helper);
  static const guint8 zeroes[2 * PAD_SLICE];
  gsize len;

  probe_expect_failed (take (p, CHANNEL_PAD_FIRST, 0), CHANNEL_ERROR_INVALID, "said once");
  probe_expect_failed (say_pad (p, "pad", ""), CHANNEL_ERROR_INVALID, "absolute path");
  expect_done (say_pad (p, path, ""));
  expect_done (say_pad (p, path, ""));
  /* not another one, nor as somebody else */
  probe_expect_failed (say_pad (p, other, ""), CHANNEL_ERROR_INVALID, "said once");
  probe_expect_failed (say_pad (p, path, "nobody"), CHANNEL_ERROR_INVALID, "said once");
  expect_slice (take (p, CHANNEL_PAD_LAST, 0), PAD_SLICE);
  expect_slice (take (p, CHANNEL_PAD_FIRST, 0), 0);
  probe_expect_failed (take (p, CHANNEL_PAD_FIRST, 0), CHANNEL_ERROR_PAD, "used up");
  probe_expect_failed (take (p, CHANNEL_PAD_AT, 0), CHANNEL_ERROR_PAD, "has been used");
  probe_expect_failed (say_pad (p, path, ""), CHANNEL_ERROR_PAD, "used up");
  probe_stop (p);
  g_assert_true (g_file_get_contents (path, &content, &len, NULL));
  g_assert_cmpuint (len, ==, 2 * PAD_SLICE + 5);
  g_assert_cmpmem (content, 2 * PAD_SLICE, zeroes, sizeof zeroes);
}

static void
test_after_socket (void)
{
  g_autofree char *path = pad_file ("late", SIZE, 0600, getuid ());
  gboolean network = probe_isolate () && probe_network ();
  Probe *p = probe_start (helper);
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SOCKET);
  g_autoptr (ChannelMsg) opened = NULL;

  request.socket.transport = CHANNEL_UDP;
  request.socket.remote = probe_endpoint ("198.51.100.2", 500);
  opened = probe_call (p, &request);
  g_assert_true (!network || opened->type == CHANNEL_OPENED);
  if (opened->type == CHANNEL_OPENED)
    probe_expect_failed (say_pad (p, path, ""), CHANNEL_ERROR_INVALID, "before sockets");
  else
    g_test_skip ("no socket can be made here");
  probe_stop (p);
}

static void
test_files (void)
{
  static const struct {
    const char *name, *user;
    gsize len;
    int mode;
    gboolean of_nobody;
    const char *complaint; /* NULL: fine */
  } rows[] = {
    { "group", "", SIZE, 0640, FALSE, "0600" },
    { "short", "", PAD_SLICE - 1, 0600, FALSE, "used up" },
    { "large", "", CHANNEL_MAX_FILE + 1, 0600, FALSE, "1 MiB" },
    { "most", "", CHANNEL_MAX_FILE, 0600, FALSE, NULL },
    { "nobody's", "", SIZE, 0600, TRUE, "somebody else" },
    { "nobody's", "nobody", SIZE, 0600, TRUE, NULL },
    { "root's", "nobody", SIZE, 0600, FALSE, "opened for writing" },
    { "any", "no-such-user", SIZE, 0600, FALSE, "no such user" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Probe *p;
      g_autofree char *path = NULL;

      if (getuid () != 0 && (rows[i].of_nobody || *rows[i].user))
        continue;
      path = pad_file (rows[i].name, rows[i].len, rows[i].mode, rows[i].of_nobody ? 65534 : getuid ());
      p = probe_start (helper);
      if (rows[i].complaint)
        probe_expect_failed (say_pad (p, path, rows[i].user), CHANNEL_ERROR_PAD, rows[i].complaint);
      else
        expect_done (say_pad (p, path, rows[i].user));
      probe_stop (p);
    }
}

/* Two connections with one file, at the same time. */
static void
test_two (void)
{
  g_autofree char *path = pad_file ("shared", 40 * PAD_SLICE, 0600, getuid ());
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  ChannelMsg request = PROBE_REQUEST (CHANNEL_PAD_TAKE);
  guint used_up = 0;
  Probe *p[2];

  request.pad_take.which = CHANNEL_PAD_FIRST;
  for (guint i = 0; i < 2; i++)
    {
      p[i] = probe_start (helper);
      expect_done (say_pad (p[i], path, ""));
    }
  while (!used_up)
    {
      for (guint i = 0; i < 2; i++)
        probe_ask (p[i], &request);
      for (guint i = 0; i < 2; i++)
        {
          g_autoptr (ChannelMsg) answer = probe_answer (p[i]);

          if (answer->type == CHANNEL_SLICE)
            g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER (answer->slice.offset)));
          else
            used_up++;
        }
    }
  for (guint i = 0; i < 2; i++)
    probe_stop (p[i]);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 40);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  helper = argv[1];
  tmp = g_dir_make_tmp ("pad-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (tmp, 0755), ==, 0);
  disk.at_once = PAD_SLICE;
  g_test_add_func ("/pad/power", test_power);
  g_test_add_func ("/pad/broken-disk", test_broken_disk);
  g_test_add_func ("/pad/places", test_places);
  g_test_add_func ("/pad/helper", test_helper);
  g_test_add_func ("/pad/after-socket", test_after_socket);
  g_test_add_func ("/pad/files", test_files);
  g_test_add_func ("/pad/two", test_two);
  return g_test_run ();
}
