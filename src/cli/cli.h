/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nm-ipsec: what administrators do with the key store and want to know of this machine. Each subcommand is a row of one
 * table (main.c), a function here, and does its work by asking the helper over D-Bus.
 */
#pragma once

#include <gio/gio.h>

/* Exit statuses; they are in the man page. */
typedef enum {
  CLI_OK,
  CLI_FAILED,
  CLI_USAGE,
  CLI_NOT_ALLOWED,
  CLI_NOT_FOUND,
  CLI_PASSWORD, /* one is needed, or it is wrong */
} CliStatus;

typedef struct {
  gboolean json;
  GDBusConnection *bus; /* connected when first needed */
  GSubprocess *agent; /* asks for polkit's password; only when it must */
} Cli;

/* @args: what stands after the subcommand, ending with NULL. */
typedef CliStatus (*CliFunc) (Cli *cli, char **args);

typedef struct {
  const char *name, *arguments, *summary; /* the latter: N_() */
  CliFunc run;
} CliCommand;
/* Every row in turn, NULL after the last. */
const CliCommand *cli_command_at (guint index);

/* ---- client.c ---- */

/* Calls the helper; descriptors take the places of "h" parameters by index. NULL: *ret_status, and it has been said on
 * stderr why. */
GVariant *
cli_call (Cli *cli, const char *method, GVariant *parameters, const int *fds, guint n_fds, CliStatus *ret_status);
/* A descriptor that holds a password: of @file if given, typed at the terminal, or a line from stdin. -1: none. */
int cli_password (const char *prompt, const char *file, gboolean twice);
/* A descriptor that holds nothing. */
int cli_nothing (void);

/* ---- agent.c ---- */

/* TRUE: there was none, and now one can ask for a password. */
gboolean cli_agent_start (Cli *cli);
void cli_agent_stop (Cli *cli);

/* ---- output.c ---- */

/* Any value as JSON, and a line end. */
void cli_print_json (GVariant *value);
const char *cli_text (GVariant *dict, const char *name);
gboolean cli_bool (GVariant *dict, const char *name);
gint64 cli_number (GVariant *dict, const char *name);

/* ---- subcommands ---- */

CliStatus cli_import (Cli *cli, char **args);
CliStatus cli_newhostkey (Cli *cli, char **args);
CliStatus cli_showhostkey (Cli *cli, char **args);
CliStatus cli_keys (Cli *cli, char **args);
CliStatus cli_certificates (Cli *cli, char **args);
CliStatus cli_trust (Cli *cli, char **args);
CliStatus cli_delete (Cli *cli, char **args);
CliStatus cli_nss_password (Cli *cli, char **args);
CliStatus cli_selftest (Cli *cli, char **args);
CliStatus cli_fipsstatus (Cli *cli, char **args);
CliStatus cli_algorithms (Cli *cli, char **args);
CliStatus cli_migrate (Cli *cli, char **args);
CliStatus cli_status (Cli *cli, char **args);
CliStatus cli_unblock (Cli *cli, char **args);

/* FALSE: it is not UTF-8, said on stderr. */
gboolean cli_check_text (const char *text);
/* Parses what options a subcommand has; FALSE: said on stderr. What is left must be at least @min and at most @max. */
gboolean cli_parse (const char *command, char ***args, const GOptionEntry *entries, guint min, guint max);
