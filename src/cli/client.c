/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Talking to the helper, and to whoever types a password. */
#include "cli.h"

#include "config.h"

#include "helper/said.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#define BUS_NAME "org.freedesktop.NetworkManager.ipsec.Helper"
#define BUS_PATH "/org/freedesktop/NetworkManager/ipsec/Helper"
#define CALL_MS (10 * 60 * 1000) /* a large RSA key on a small machine; somebody types a password for polkit */
#define NO_AGENT BUS_NAME ".Error.NoAgent"
#define MAX_PASSWORD 1024

static CliStatus
status_of (const char *name)
{
  static const struct {
    const char *name;
    CliStatus status;
  } rows[] = {
    { BUS_NAME ".Error.NotAllowed", CLI_NOT_ALLOWED },
    { NO_AGENT, CLI_NOT_ALLOWED },
    { "org.freedesktop.DBus.Error.AccessDenied", CLI_NOT_ALLOWED },
    { BUS_NAME ".Error.NotFound", CLI_NOT_FOUND },
    { BUS_NAME ".Error.NeedPassword", CLI_PASSWORD },
    { BUS_NAME ".Error.BadPassword", CLI_PASSWORD },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_strcmp0 (rows[i].name, name) == 0)
      return rows[i].status;
  return CLI_FAILED;
}

GVariant *
cli_call (Cli *cli, const char *method, GVariant *parameters, const int *fds, guint n_fds, CliStatus *ret_status)
{
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  g_autoptr (GVariant) owned = parameters ? g_variant_ref_sink (parameters) : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL, *said = NULL;
  GVariant *reply = NULL;

  if (!cli->bus)
    cli->bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  for (guint i = 0; i < n_fds && !error; i++)
    (void) g_unix_fd_list_append (list, fds[i], &error);
  if (cli->bus && !error)
    reply = g_dbus_connection_call_with_unix_fd_list_sync (cli->bus, BUS_NAME, BUS_PATH, BUS_NAME, method, owned, NULL,
                                                           G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, CALL_MS,
                                                           list, NULL, NULL, &error);
  if (reply)
    return reply;
  name = g_dbus_error_get_remote_error (error);
  /* nothing was done, and no descriptor was read */
  if (g_strcmp0 (name, NO_AGENT) == 0 && cli_agent_start (cli))
    return cli_call (cli, method, owned, fds, n_fds, ret_status);
  g_dbus_error_strip_remote_error (error);
  said = said_translate (error->message);
  g_printerr ("nm-ipsec: %s\n", said);
  *ret_status = status_of (name);
  return NULL;
}

/* ---- passwords ---- */

static int
memory_of (const char *text, gsize len)
{
  int fd = memfd_create ("nm-ipsec", MFD_CLOEXEC);

  if (fd < 0 || write (fd, text, len) != (gssize) len || lseek (fd, 0, SEEK_SET) < 0)
    {
      g_printerr ("nm-ipsec: %s\n", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return -1;
    }
  return fd;
}

int
cli_nothing (void)
{
  return memory_of ("", 0);
}

/* A line, without its end. */
static gboolean
read_line (FILE *from, char *ret_line, gsize size)
{
  if (!fgets (ret_line, (int) size, from))
    return FALSE;
  ret_line[strcspn (ret_line, "\n")] = '\0';
  return TRUE;
}

static gboolean
type_line (const char *prompt, char *ret_line, gsize size)
{
  struct termios before, quiet;
  gboolean is_terminal = tcgetattr (STDIN_FILENO, &before) == 0, ok;

  if (is_terminal)
    {
      g_printerr ("%s ", prompt);
      quiet = before;
      quiet.c_lflag &= ~(tcflag_t) ECHO;
      (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &quiet);
    }
  ok = read_line (stdin, ret_line, size);
  if (is_terminal)
    {
      (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
      g_printerr ("\n");
    }
  return ok;
}

static gboolean
file_line (const char *path, char *ret_line, gsize size)
{
  FILE *file = fopen (path, "re");
  gboolean ok = file && read_line (file, ret_line, size);

  if (!ok)
    g_printerr ("nm-ipsec: %s: %s\n", path, file ? _ ("the file is empty") : g_strerror (errno));
  if (file)
    fclose (file);
  return ok;
}

int
cli_password (const char *prompt, const char *file, gboolean twice)
{
  char line[MAX_PASSWORD + 2] = "", again[MAX_PASSWORD + 2] = "";
  gboolean ok = file ? file_line (file, line, sizeof line) : type_line (prompt, line, sizeof line);
  int fd = -1;

  if (ok && twice && !file && isatty (STDIN_FILENO))
    {
      ok = type_line (_ ("The same again:"), again, sizeof again) && strcmp (line, again) == 0;
      if (!ok)
        g_printerr (_ ("nm-ipsec: these are two different passwords\n"));
    }
  else if (!ok && !file)
    g_printerr (_ ("nm-ipsec: a password is needed\n"));
  if (ok)
    fd = memory_of (line, strlen (line));
  explicit_bzero (line, sizeof line);
  explicit_bzero (again, sizeof again);
  return fd;
}
