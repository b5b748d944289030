/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the level and the way to the journal. A line is sanitised here, whoever wrote it, because details come from the
 * network: one line of valid UTF-8 without control characters, cut at a named limit.
 *
 * Nothing here opens a file: the sandbox is closed when the first line is written. (The journal's socket is made by
 * GLib, which is allowed; libsystemd would do the same, and bring seven libraries to the start of each connection.)
 */
#include "nm/log.h"

#include <string.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define JOURNAL_MAX_FIELDS 12

static struct {
  int base, level;
  gboolean journal, debug;
  LogWriter writer;
  gpointer writer_data;
} state = { .base = IKE_LOG_NOTICE, .level = IKE_LOG_NOTICE };

void
log_init (gboolean debug)
{
  const char *level = g_getenv ("NM_VPN_LOG_LEVEL");

  state.base = IKE_LOG_NOTICE;
  if (level && strlen (level) == 1 && level[0] >= '0' && level[0] <= '7')
    state.base = level[0] - '0';
  if (debug)
    state.base = IKE_LOG_DEBUG;
  state.level = state.base;
  state.debug = debug;
  /* so that without a journal nothing is tried for each line */
  state.journal = access (JOURNAL_SOCKET, F_OK) == 0;
}

void
log_set_level (int level)
{
  state.level = level < 0 || state.debug ? state.base : MIN (level, IKE_LOG_DEBUG);
}

gboolean
log_enabled (IkeLogLevel level)
{
  return (int) level <= state.level;
}

void
log_set_writer (LogWriter writer, gpointer data)
{
  state.writer = writer;
  state.writer_data = data;
}

/* One line, whatever was in it. */
static char *
sanitise (const char *text)
{
  g_autofree char *cut = g_strndup (text, LOG_MAX_TEXT);
  char *line = g_utf8_make_valid (cut, -1);

  for (char *p = line; *p; p = g_utf8_next_char (p))
    if ((guchar) *p < 0x20 || *p == 0x7f)
      *p = ' ';
  return line;
}

/* One entry of the journal; the texts are owned. */
typedef struct {
  GLogField fields[JOURNAL_MAX_FIELDS];
  gsize n;
} Entry;

static void
entry_take (Entry *entry, const char *name, char *take_value)
{
  g_assert (entry->n < JOURNAL_MAX_FIELDS);
  entry->fields[entry->n++] = (GLogField){ name, take_value, -1 };
}

static void
entry_add (Entry *entry, const char *name, const char *value)
{
  if (value)
    entry_take (entry, name, sanitise (value));
}

static void
entry_add_spi (Entry *entry, const char *name, guint64 spi)
{
  if (spi)
    entry_take (entry, name, g_strdup_printf ("%016" G_GINT64_MODIFIER "x", spi));
}

static void
entry_clear (Entry *entry)
{
  for (gsize i = 0; i < entry->n; i++)
    g_free ((gpointer) entry->fields[i].value);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Entry, entry_clear)

static gboolean
write_journal (IkeLogLevel level, const LogFields *fields, const char *line)
{
  g_auto (Entry) entry = { 0 };

  entry_take (&entry, "MESSAGE", g_strdup (line));
  entry_take (&entry, "PRIORITY", g_strdup_printf ("%d", (int) level));
  entry_take (&entry, "SYSLOG_IDENTIFIER", g_strdup ("nm-ipsec-service"));
  entry_add (&entry, "NM_CONNECTION", fields->uuid);
  entry_add (&entry, "NM_DEVICE", fields->device);
  entry_add (&entry, "MESSAGE_ID", fields->message_id);
  entry_add (&entry, "NM_IPSEC_EVENT", fields->event);
  entry_add (&entry, "NM_IPSEC_REASON", fields->reason);
  entry_add (&entry, "NM_IPSEC_DETAIL", fields->detail);
  entry_add_spi (&entry, "NM_IPSEC_SPI_I", fields->spi_i);
  entry_add_spi (&entry, "NM_IPSEC_SPI_R", fields->spi_r);
  /* the level is only for what the fields do not say */
  return g_log_writer_journald (G_LOG_LEVEL_MESSAGE, entry.fields, entry.n, NULL) == G_LOG_WRITER_HANDLED;
}

/* Not with stdio or g_printerr(): those may want to open files for a conversion of characters. */
static void
write_stderr (IkeLogLevel level, const LogFields *fields, const char *line)
{
  static const char *const words[] = { "", "", "", "error", "warning", "notice", "info", "debug" };
  g_autofree char *text =
      g_strdup_printf ("nm-ipsec[%d] <%s>%s%s%s %s\n", (int) getpid (), words[level & 7], fields->uuid ? " " : "",
                       fields->uuid ? fields->uuid : "", fields->uuid ? ":" : "", line);
  gsize len = strlen (text), done = 0;

  while (done < len)
    {
      gssize n = write (STDERR_FILENO, text + done, len - done);

      if (n <= 0)
        return;
      done += (gsize) n;
    }
}

void
log_write (IkeLogLevel level, const LogFields *fields, const char *text)
{
  static const LogFields none;
  g_autofree char *line = NULL;

  if (!log_enabled (level))
    return;
  if (!fields)
    fields = &none;
  line = sanitise (text);
  if (state.writer)
    {
      state.writer (level, fields, line, state.writer_data);
      return;
    }
  if (!state.journal || !write_journal (level, fields, line) || state.debug)
    write_stderr (level, fields, line);
}

void
log_printf (IkeLogLevel level, const LogFields *fields, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (!log_enabled (level))
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  log_write (level, fields, text);
}

void
log_engine (const LogFields *fields, const IkeLog *log)
{
  LogFields with = fields ? *fields : (LogFields){ 0 };

  with.event = log->event;
  with.spi_i = log->spi_i;
  with.spi_r = log->spi_r;
  log_write (log->level, &with, log->text ? log->text : "");
}
