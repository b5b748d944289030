/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the descriptor of the recording. See recording.h. */
#include "io/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <unistd.h>

/* One file for the process; its connections are one after the other. */
static struct {
  int fd; /* -1: none */
  gsize written;
  RecordingWarnFunc warn; /* of the last one that began */
  gpointer data;
} recording = { .fd = -1 };

char *
recording_open (const char *directory, GError **error)
{
  g_autofree char *path = g_strdup_printf ("%s/nm-ipsec-%d.record", directory, (int) getpid ());
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
      return NULL;
    }
  recording_take (fd);
  return g_steal_pointer (&path);
}

void
recording_take (int fd)
{
  if (recording.fd >= 0)
    close (recording.fd);
  recording.fd = fd;
  recording.written = 0;
}

static gboolean
stop (const char *why)
{
  g_autofree char *text = g_strdup_printf ("The recording ends here: %s", why);

  recording_take (-1);
  recording.warn (text, recording.data);
  return FALSE;
}

static gboolean
sink (const guint8 *octets, gsize len, gpointer data)
{
  if (recording.fd < 0)
    return FALSE;
  if (!octets || len > RECORDING_MAX - recording.written)
    return stop ("it is too large");
  recording.written += len;
  while (len > 0)
    {
      ssize_t n = write (recording.fd, octets, len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return stop (g_strerror (errno));
      octets += n;
      len -= (gsize) n;
    }
  return TRUE;
}

IkeRecorder *
recording_begin (const IkeCrypto *crypto, RecordingWarnFunc warn, gpointer data)
{
  if (recording.fd < 0)
    return NULL;
  recording.warn = warn;
  recording.data = data;
  if (recording.written == 0 && !ike_recorder_begin (sink, NULL))
    return NULL;
  return ike_recorder_new (crypto, IKE_LOG_DEBUG, sink, NULL);
}
