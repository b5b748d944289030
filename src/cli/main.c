/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the table of subcommands, and what is the same for all of them. */
#include "cli.h"

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

static const CliCommand commands[] = {
  { "status", "[NAME|UUID]", N_ ("Show the tunnels: both ends, suites, addresses, traffic, when they are rekeyed"),
    cli_status },
  { "import", "FILE [--name NAME] [--password-file FILE] [--trust]",
    N_ ("Put a PKCS#12 file, or certificates, into the key store"), cli_import },
  { "certificates", "[NAME]", N_ ("List the certificates of the key store, or print one"), cli_certificates },
  { "keys", "", N_ ("List the private keys of the key store"), cli_keys },
  { "newhostkey", "[--keytype rsa|ecdsa|eddsa|mldsa] [--bits N]", N_ ("Make a new private key"), cli_newhostkey },
  { "showhostkey", "--list | --left | --right | --pem [--ckaid CKAID]",
    N_ ("Print the public half of a key, for the other end"), cli_showhostkey },
  { "trust", "NAME [--remove]", N_ ("Trust an authority, or no longer"), cli_trust },
  { "delete", "NAME|CKAID", N_ ("Remove a certificate with its private key, or a key"), cli_delete },
  { "nss-password", "[--store] [--remove]", N_ ("Change the password of the key store"), cli_nss_password },
  { "selftest", "", N_ ("Test the cryptography of this machine"), cli_selftest },
  { "fipsstatus", "", N_ ("Is this machine in FIPS mode?"), cli_fipsstatus },
  { "algorithms", "", N_ ("Which algorithms are allowed, and why others are not"), cli_algorithms },
  { "migrate", "[--apply|--dry-run] [NAME|UUID...]",
    N_ ("Rewrite connections of NetworkManager-libreswan and NetworkManager-strongswan"), cli_migrate },
  { "unblock", "[UUID]", N_ ("Remove what a kill switch has left blocked"), cli_unblock },
};

const CliCommand *
cli_command_at (guint index)
{
  return index < G_N_ELEMENTS (commands) ? &commands[index] : NULL;
}

static void
print_usage (void)
{
  g_print (_ ("Usage: nm-ipsec [--json] COMMAND ...\n\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-14s %s\n", commands[i].name, _ (commands[i].summary));
  g_print (_ ("\nnm-ipsec COMMAND --help says more; nm-ipsec(1) says all.\n"));
}

gboolean
cli_check_text (const char *text)
{
  g_autofree char *shown = g_utf8_make_valid (text, -1);

  if (g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_printerr (_ ("nm-ipsec: “%s” is not UTF-8\n"), shown);
  return FALSE;
}

gboolean
cli_parse (const char *command, char ***args, const GOptionEntry *entries, guint min, guint max)
{
  g_autoptr (GOptionContext) context = NULL;
  g_autofree char *parameters = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  static char **with_name; /* what the arguments are taken from lives as long as we do */
  guint n;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, command) == 0)
      {
        parameters = g_strdup_printf ("%s %s", command, commands[i].arguments);
        context = g_option_context_new (parameters);
        g_option_context_set_summary (context, _ (commands[i].summary));
      }
  g_strv_builder_add (builder, "nm-ipsec");
  g_strv_builder_addv (builder, (const char **) *args);
  with_name = g_strv_builder_end (builder);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &with_name, &error))
    {
      g_printerr ("nm-ipsec %s: %s\n", command, error->message);
      g_strfreev (with_name);
      return FALSE;
    }
  n = g_strv_length (with_name) - 1;
  g_free (with_name[0]);
  memmove (with_name, with_name + 1, (n + 1) * sizeof *with_name);
  *args = with_name;
  for (guint i = 0; i < n; i++)
    if (!cli_check_text (with_name[i]))
      return FALSE;
  if (n >= min && n <= max)
    return TRUE;
  g_printerr (_ ("Usage: nm-ipsec %s\n"), parameters);
  return FALSE;
}

int
main (int argc, char **argv)
{
  Cli cli = { 0 };
  int status = CLI_USAGE;
  char **args = argv + 1;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  if (*args && strcmp (*args, "--json") == 0)
    {
      cli.json = TRUE;
      args++;
    }
  if (!*args || strcmp (*args, "--help") == 0 || strcmp (*args, "help") == 0)
    {
      print_usage ();
      return *args ? CLI_OK : CLI_USAGE;
    }
  if (strcmp (*args, "--version") == 0)
    {
      g_print ("nm-ipsec %s\n", PACKAGE_VERSION);
      return CLI_OK;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, *args) == 0)
      {
        status = (int) commands[i].run (&cli, args + 1);
        cli_agent_stop (&cli);
        g_clear_object (&cli.bus);
        return status;
      }
  g_printerr (_ ("nm-ipsec: there is no command “%s”; nm-ipsec --help lists them\n"), *args);
  return status;
}
