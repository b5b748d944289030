/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where no desktop asks for polkit's passwords (a console, ssh), polkit's own pkttyagent does it on our terminal, for as
 * long as we run. */
#include "cli.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define NOTIFY_FD 3 /* of the agent */

gboolean
cli_agent_start (Cli *cli)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *process = g_strdup_printf ("%d", (int) getpid ());
  int ends[2];
  char octet;

  if (cli->agent || !isatty (STDIN_FILENO) || pipe2 (ends, O_CLOEXEC) < 0)
    return FALSE;
  g_subprocess_launcher_take_fd (launcher, ends[1], NOTIFY_FD);
  cli->agent = g_subprocess_launcher_spawn (launcher, NULL, "pkttyagent", "--notify-fd", G_STRINGIFY (NOTIFY_FD),
                                            "--process", process, NULL);
  g_subprocess_launcher_close (launcher);
  /* it closes this when polkit knows it, and when it cannot start */
  while (cli->agent && read (ends[0], &octet, 1) > 0)
    ;
  close (ends[0]);
  return cli->agent != NULL;
}

void
cli_agent_stop (Cli *cli)
{
  if (!cli->agent)
    return;
  g_subprocess_send_signal (cli->agent, SIGTERM);
  (void) g_subprocess_wait (cli->agent, NULL, NULL);
  g_clear_object (&cli->agent);
}
