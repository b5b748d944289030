/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nm-ipsec-service: started by NetworkManager, as root, once per connection.
 *
 * The order matters: the helper is started while we are still root; then root, files and programs are given up; only
 * then does anything from outside reach this process, first the bus and later the network.
 */
#include "config.h"

#include "helper-client.h"
#include "io/recording.h"
#include "nm/log.h"
#include "nm/plugin.h"
#include "nm/system-policy.h"
#include "nss-crypto.h"
#include "sandbox.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define HEAP_SIZE ((gsize) 448 * 1024) /* about what a connected client has */
#define HEAP_TRIM (4 * (int) HEAP_SIZE)

typedef struct {
  GMainLoop *loop;
  IpsecPlugin *plugin; /* borrowed while main() runs it */
  int status;
} Service;

static void
on_quit (int status, gpointer data)
{
  Service *service = data;

  service->status = status;
  g_main_loop_quit (service->loop);
}

static void
on_helper_gone (gpointer data)
{
  Service *service = data;

  log_write (IKE_LOG_ERROR, NULL, "The helper has ended; without it there is no tunnel");
  if (service->plugin)
    ipsec_plugin_helper_gone (service->plugin);
}

/* One heap for all threads: the bus's and the key exchange's hardly ever need it at once, and each would keep its own.
   Its memory is taken in one go, not in a hundred page faults; a kernel before 5.14 does not know how, and nothing is lost. */
static void
set_up_heap (void)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  char *heap;

  mallopt (M_ARENA_MAX, 1);
  mallopt (M_TRIM_THRESHOLD, HEAP_TRIM);
  mallopt (M_MMAP_THRESHOLD, HEAP_TRIM);
  heap = malloc (HEAP_SIZE);
  if (!heap)
    return;
  (void) madvise (heap + (page - (guintptr) heap % page), HEAP_SIZE - page, MADV_POPULATE_WRITE);
  free (heap);
}

/* What libraries would open later, when they cannot any more: time zone, message catalogue. */
static void
warm_up (void)
{
  tzset ();
  (void) g_dgettext (GETTEXT_PACKAGE, "The helper has ended; without it there is no tunnel");
}

/* Root may want to know exactly what happens here: it says where in the environment, or with --record. */
static gboolean
begin_recording (const char *directory, GError **error)
{
  g_autofree char *path = NULL;

  if (!directory)
    directory = g_getenv ("NM_IPSEC_RECORD");
  if (!directory)
    return TRUE;
  path = recording_open (directory, error);
  if (path)
    log_printf (IKE_LOG_WARNING, NULL,
                "All that is negotiated is recorded in %s: names, addresses, certificates and messages as they are. No key is "
                "in it, but weak passwords can be guessed with it; give it only to whom you trust, and delete it",
                path);
  return path != NULL;
}

/* Everything that needs root or files; afterwards neither is there. */
static gboolean
prepare (HelperClient **ret_helper, const IkeCrypto **ret_crypto, Netwatch **ret_netwatch, GError **error)
{
  const char *program = g_getenv ("NM_IPSEC_HELPER"); /* only root starts us, so only root can set it */

  *ret_crypto = nss_crypto_get (error);
  if (!*ret_crypto)
    return FALSE;
  *ret_netwatch = netwatch_open (); /* without it we stay where we are */
  warm_up ();
  system_policy_load ();
  /* last: it starts while we wait for the bus, and nothing wants it before Connect */
  *ret_helper = helper_client_spawn (program ? program : NM_IPSEC_HELPER_PATH, error);
  return *ret_helper && sandbox_drop_root (NM_IPSEC_USER, error) && sandbox_enter (error);
}

static int
run (const char *bus_name, gboolean persist, GError **error)
{
  const IkeCrypto *crypto = NULL;
  HelperClient *helper = NULL;
  Netwatch *netwatch = NULL;
  Service service = { 0 };
  IpsecPluginOptions options = { .bus_name = bus_name, .persist = persist, .quit = on_quit, .quit_data = &service };

  if (!prepare (&helper, &crypto, &netwatch, error))
    {
      helper_client_free (helper);
      netwatch_close (netwatch);
      return 1;
    }
  options.helper = helper;
  options.crypto = crypto;
  options.netwatch = netwatch;
  service.loop = g_main_loop_new (NULL, FALSE);
  helper_client_attach (helper, on_helper_gone, &service);
  service.plugin = ipsec_plugin_new (&options, error);
  service.status = 1;
  if (service.plugin)
    {
      /* while NetworkManager looks who we are */
      helper_client_prepare (helper);
      g_main_loop_run (service.loop);
    }
  g_clear_pointer (&service.plugin, ipsec_plugin_free);
  helper_client_free (helper);
  netwatch_close (netwatch);
  g_main_loop_unref (service.loop);
  return service.status;
}

int
main (int argc, char **argv)
{
  g_autofree char *bus_name = NULL;
  g_autofree char *record = NULL;
  gboolean debug = FALSE, persist = FALSE;
  const GOptionEntry entries[] = {
    { "bus-name", 0, 0, G_OPTION_ARG_STRING, &bus_name, N_("The name to take on the system bus"), "NAME" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &persist, N_("Go on when the connection has ended"), NULL },
    { "debug", 0, 0, G_OPTION_ARG_NONE, &debug, N_("Log everything, to standard error too"), NULL },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &record, N_("Record the negotiation in a file there"), "DIRECTORY" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  set_up_heap ();
  /* messages and their octets; nothing here is sorted or formatted by country */
  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  context = g_option_context_new (NULL);
  g_option_context_set_summary (context, _("IPsec VPN service for NetworkManager, which starts it."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (geteuid () != 0)
    {
      g_printerr ("%s\n", _("nm-ipsec-service is started by NetworkManager, as root."));
      return 2;
    }

  /* a broken connection is an error of send(), not our end; espintcp knows no MSG_NOSIGNAL */
  (void) signal (SIGPIPE, SIG_IGN);
  log_init (debug);
  status = begin_recording (record, &error) ? run (bus_name, persist, &error) : 1;
  if (error)
    log_printf (IKE_LOG_ERROR, NULL, "%s", error->message);
  return status;
}
