/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a connection with a kill switch has ended otherwise than by being deactivated. */
#include "cli.h"

#include "config.h"

#include <glib/gi18n.h>

static const GOptionEntry no_options[] = { { NULL } };

CliStatus
cli_unblock (Cli *cli, char **args)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) reply = NULL;
  guint removed = 0;

  if (!cli_parse ("unblock", &args, no_options, 0, 1))
    return CLI_USAGE;
  reply = cli_call (cli, "Unblock", g_variant_new ("(s)", args[0] ? args[0] : ""), NULL, 0, &status);
  if (!reply)
    return status;
  g_variant_get (reply, "(u)", &removed);
  if (cli->json)
    cli_print_json (reply);
  else
    g_print ("%s\n", removed > 0 ? _ ("Nothing is blocked any more") : _ ("Nothing was blocked"));
  return CLI_OK;
}
