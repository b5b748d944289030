/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nm-ipsec-auth-dialog: how desktops and nmcli learn which secrets to ask for.
 *
 * In external UI mode it prints a description and the caller asks; in graphical mode it shows a window and prints
 * what was typed. Standard output carries the answer and nothing else. It stores nothing: that is the agent's.
 *
 * Exit status: 0 the answer is on standard output; 1 the user has cancelled, or could not be asked; 2 called wrongly.
 */
#include "config.h"

#include "keyring.h"
#include "request.h"
#include "window.h"

#include "profile/formats/compat.h"

#include <NetworkManager.h>
#include <dlfcn.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERVICE "org.freedesktop.NetworkManager.ipsec"
#define QUIT_WAIT_MS 20000 /* for the caller, which has read the answer */

enum { EXIT_OK = 0, EXIT_CANCELLED = 1, EXIT_USAGE = 2 };

typedef struct {
  char *uuid, *name, *service;
  char **hints;
  gboolean interaction, reprompt, external;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->uuid);
  g_free (options->name);
  g_free (options->service);
  g_strfreev (options->hints);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
make_valid (char **text)
{
  char *valid = g_utf8_make_valid (*text, -1);

  g_free (*text);
  *text = valid;
}

/* Name and hints are UTF-8 in whatever locale we are started, so that they are octets to GOption. */
static gboolean
options_parse (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "uuid", 'u', 0, G_OPTION_ARG_STRING, &options->uuid, N_ ("UUID of the connection"), "UUID" },
    { "name", 'n', 0, G_OPTION_ARG_FILENAME, &options->name, N_ ("Name of the connection"), "NAME" },
    { "service", 's', 0, G_OPTION_ARG_STRING, &options->service, N_ ("VPN service"), "SERVICE" },
    { "allow-interaction", 'i', 0, G_OPTION_ARG_NONE, &options->interaction, N_ ("The user may be asked"), NULL },
    { "reprompt", 'r', 0, G_OPTION_ARG_NONE, &options->reprompt, N_ ("What is known was wrong"), NULL },
    { "hint", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->hints, N_ ("Secret to ask for, or message to show"),
      "HINT" },
    { "external-ui-mode", 0, 0, G_OPTION_ARG_NONE, &options->external, N_ ("Describe the questions, show nothing"),
      NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("- secrets of IPsec connections"));
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return FALSE;
    }
  if (options->uuid == NULL || options->name == NULL || options->service == NULL)
    {
      fprintf (stderr, "%s\n", _ ("UUID, name and service of the connection are needed."));
      return FALSE;
    }
  make_valid (&options->name);
  if (strcmp (options->service, SERVICE) != 0 && !ipsec_compat_is_other (options->service))
    {
      fprintf (stderr, _ ("This dialog is for %s, not for %s.\n"), SERVICE, options->service);
      return FALSE;
    }
  return TRUE;
}

/* ---- the answer ---- */

static gboolean
print_and_erase (char *text)
{
  gboolean ok = fputs (text, stdout) >= 0 && fflush (stdout) == 0;

  explicit_bzero (text, strlen (text));
  g_free (text);
  return ok;
}

/* Until the caller has read the answer: it says QUIT, or goes away. */
static void
wait_for_quit (void)
{
  struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
  g_autoptr (GString) read_so_far = g_string_new (NULL);
  char buffer[64];
  ssize_t n;

  while (strstr (read_so_far->str, "QUIT") == NULL && read_so_far->len < 1024)
    {
      if (poll (&fd, 1, QUIT_WAIT_MS) <= 0)
        return;
      n = read (STDIN_FILENO, buffer, sizeof buffer);
      if (n <= 0)
        return;
      g_string_append_len (read_so_far, buffer, n);
    }
}

/* ---- the window ---- */

static WindowRun
window_load (void)
{
  g_autofree char *exe = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = exe != NULL ? g_path_get_dirname (exe) : g_strdup (".");
  g_autofree char *beside = g_build_filename (dir, WINDOW_MODULE, NULL);
  g_autofree char *installed = g_build_filename (NM_PLUGINDIR, WINDOW_MODULE, NULL);
  void *module = dlopen (beside, RTLD_NOW | RTLD_LOCAL);

  if (module == NULL)
    module = dlopen (installed, RTLD_NOW | RTLD_LOCAL);
  if (module == NULL)
    {
      fprintf (stderr, "%s\n", dlerror ());
      return NULL;
    }
  return (WindowRun) dlsym (module, WINDOW_SYMBOL);
}

static int
run_graphical (Request *request)
{
  WindowRun run;

  if (request_asks (request))
    {
      run = window_load ();
      if (run == NULL || !run (request))
        return EXIT_CANCELLED;
    }
  /* with half of the secrets the agent would believe that it has them all */
  if (!request_complete (request))
    return EXIT_CANCELLED;
  if (!print_and_erase (request_to_lines (request)))
    return EXIT_CANCELLED;
  wait_for_quit ();
  return EXIT_OK;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { NULL };
  g_autoptr (GHashTable) data = NULL, secrets = NULL;
  g_autoptr (Request) request = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  if (!options_parse (&options, &argc, &argv))
    return EXIT_USAGE;
  if (!nm_vpn_service_plugin_read_vpn_details (STDIN_FILENO, &data, &secrets))
    {
      fprintf (stderr, "%s\n", _ ("There is no connection on standard input."));
      return EXIT_CANCELLED;
    }
  request = request_new (&(RequestInput){ .uuid = options.uuid,
                                          .name = options.name,
                                          .service = options.service,
                                          .hints = (const char *const *) options.hints,
                                          .interaction = options.interaction,
                                          .reprompt = options.reprompt,
                                          .data = data,
                                          .secrets = secrets },
                         keyring_lookup);
  if (options.external)
    return print_and_erase (request_to_keyfile (request)) ? EXIT_OK : EXIT_CANCELLED;
  return run_graphical (request);
}
