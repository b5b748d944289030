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
  g_autofree char *uuid = NULL;
  guint removed = 0;

  if (!cli_parse ("unblock", &args, no_options, 0, 1))
    return CLI_USAGE;
  if (args[0] && !g_uuid_string_is_valid (args[0]))
    {
      g_printerr (_ ("nm-ipsec: %s is no UUID; “nmcli connection show” lists those of the connections\n"), args[0]);
      return CLI_USAGE;
    }
  uuid = g_ascii_strdown (args[0] ? args[0] : "", -1);
  reply = cli_call (cli, "Unblock", g_variant_new ("(s)", uuid), NULL, 0, &status);
  if (!reply)
    return status;
  g_variant_get (reply, "(u)", &removed);
  if (cli->json)
    cli_print_json (reply);
  else
    g_print ("%s\n", removed > 0 ? _ ("Nothing is blocked any more") : _ ("Nothing was blocked"));
  return CLI_OK;
}
