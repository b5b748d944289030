/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key store: what is in it, and what goes in and out. Names and output are those of Libreswan's tools where it has
 * such tools. */
#include "cli.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

static const GOptionEntry no_options[] = { { NULL } };

/* The first and only list of an answer; the caller's. */
static GVariant *
call_list (Cli *cli, const char *method, CliStatus *ret_status)
{
  g_autoptr (GVariant) reply = cli_call (cli, method, NULL, NULL, 0, ret_status);

  return reply ? g_variant_get_child_value (reply, 0) : NULL;
}

/* Of what has nothing to say. */
static void
print_done (const Cli *cli)
{
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));

  if (cli->json)
    cli_print_json (nothing);
}

static CliStatus
call_simple (Cli *cli, const char *method, GVariant *parameters, const int *fds, guint n_fds)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) reply = cli_call (cli, method, parameters, fds, n_fds, &status);

  if (reply)
    print_done (cli);
  return status;
}

/* ---- lists ---- */

static void
print_certificate (GVariant *entry)
{
  g_autoptr (GDateTime) until = g_date_time_new_from_unix_utc (cli_number (entry, "not-after"));
  g_autofree char *date = until ? g_date_time_format (until, "%Y-%m-%d") : g_strdup ("?");

  g_print ("%s\n", cli_text (entry, "nickname"));
  g_print (_ ("    subject      %s\n"), cli_text (entry, "subject"));
  g_print (_ ("    issuer       %s\n"), cli_text (entry, "issuer"));
  g_print (_ ("    valid until  %s%s\n"), date,
           cli_number (entry, "not-after") < g_get_real_time () / G_USEC_PER_SEC ? _ (" (expired)") : "");
  g_print (_ ("    key          %s, CKAID %s%s\n"), cli_text (entry, "key"), cli_text (entry, "ckaid"),
           cli_bool (entry, "private-key") ? _ (", private key here") : "");
  if (cli_bool (entry, "ca"))
    g_print (_ ("    authority    %s\n"), cli_bool (entry, "trusted") ? _ ("trusted") : _ ("not trusted"));
}

static void
print_pem (const Cli *cli, const char *nickname, const char *pem)
{
  g_autoptr (GVariant) object =
      g_variant_ref_sink (g_variant_new_parsed ("{'nickname': <%s>, 'pem': <%s>}", nickname, pem));

  if (cli->json)
    cli_print_json (object);
  else
    g_print ("%s", pem);
}

CliStatus
cli_certificates (Cli *cli, char **args)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) list = NULL, reply = NULL;
  const char *pem;

  if (!cli_parse ("certificates", &args, no_options, 0, 1))
    return CLI_USAGE;
  if (args[0])
    {
      reply = cli_call (cli, "GetCertificate", g_variant_new ("(s)", args[0]), NULL, 0, &status);
      if (!reply)
        return status;
      g_variant_get (reply, "(&s)", &pem);
      print_pem (cli, args[0], pem);
      return CLI_OK;
    }
  list = call_list (cli, "ListCertificates", &status);
  if (list && cli->json)
    cli_print_json (list);
  for (gsize i = 0; list && !cli->json && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);

      print_certificate (entry);
    }
  return status;
}

CliStatus
cli_keys (Cli *cli, char **args)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) list = NULL;

  if (!cli_parse ("keys", &args, no_options, 0, 0))
    return CLI_USAGE;
  list = call_list (cli, "ListKeys", &status);
  if (list && cli->json)
    cli_print_json (list);
  for (gsize i = 0; list && !cli->json && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) key = g_variant_get_child_value (list, i);

      g_print ("%s  %-9s %s\n", cli_text (key, "ckaid"), cli_text (key, "key"), cli_text (key, "nickname"));
    }
  return status;
}

/* ---- host keys ---- */

CliStatus
cli_newhostkey (Cli *cli, char **args)
{
  g_autofree char *kind = NULL;
  int bits = 0;
  const GOptionEntry options[] = {
    { "keytype", 0, 0, G_OPTION_ARG_STRING, &kind, N_ ("rsa, ecdsa, eddsa or mldsa"), "TYPE" },
    { "bits", 0, 0, G_OPTION_ARG_INT, &bits, N_ ("Size of the key"), "N" },
    { NULL },
  };
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *shown = NULL;
  const char *ckaid;

  if (!cli_parse ("newhostkey", &args, options, 0, 0))
    return CLI_USAGE;
  if (bits < 0)
    {
      g_printerr (_ ("nm-ipsec: a key of %d bits cannot be\n"), bits);
      return CLI_USAGE;
    }
  reply = cli_call (cli, "GenerateKey", g_variant_new ("(su)", kind ? kind : "rsa", (guint32) bits), NULL, 0, &status);
  if (!reply)
    return status;
  g_variant_get (reply, "(&s)", &ckaid);
  if (cli->json)
    {
      cli_print_json (reply);
      return CLI_OK;
    }
  shown = g_ascii_strup (kind ? kind : "rsa", -1);
  /* as Libreswan says it: scripts look for it */
  g_print ("Generated %s key pair with CKAID %s was stored in the NSS database\n", shown, ckaid);
  g_print (_ ("The public key can be displayed using: nm-ipsec showhostkey --left --ckaid %s\n"), ckaid);
  return CLI_OK;
}

/* The key that is meant: of this CKAID (or its beginning), or the only one. */
static GVariant *
find_key (GVariant *list, const char *ckaid, CliStatus *ret_status)
{
  GVariant *found = NULL;
  guint n = 0;

  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) key = g_variant_get_child_value (list, i);

      if (ckaid && g_ascii_strncasecmp (cli_text (key, "ckaid"), ckaid, strlen (ckaid)) != 0)
        continue;
      n++;
      g_clear_pointer (&found, g_variant_unref);
      found = g_steal_pointer (&key);
    }
  if (n == 1)
    return found;
  g_clear_pointer (&found, g_variant_unref);
  *ret_status = CLI_NOT_FOUND;
  if (ckaid)
    g_printerr (_ ("nm-ipsec: %u keys have a CKAID that begins with %s; “nm-ipsec keys” lists them\n"), n, ckaid);
  else
    g_printerr (_ ("nm-ipsec: there are %u keys; say which with --ckaid, “nm-ipsec keys” lists them\n"), n);
  return NULL;
}

static void
list_host_keys (GVariant *list)
{
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) key = g_variant_get_child_value (list, i);

      g_print ("<%2u> %s ckaid: %s\n", (guint) i + 1, cli_text (key, "key"), cli_text (key, "ckaid"));
    }
}

CliStatus
cli_showhostkey (Cli *cli, char **args)
{
  gboolean left = FALSE, right = FALSE, all = FALSE, pem = FALSE;
  g_autofree char *ckaid = NULL;
  const GOptionEntry options[] = {
    { "left", 0, 0, G_OPTION_ARG_NONE, &left, N_ ("For the left side of an ipsec.conf"), NULL },
    { "right", 0, 0, G_OPTION_ARG_NONE, &right, N_ ("For the right side"), NULL },
    { "list", 0, 0, G_OPTION_ARG_NONE, &all, N_ ("List all keys"), NULL },
    { "pem", 0, 0, G_OPTION_ARG_NONE, &pem, N_ ("As a PEM file"), NULL },
    { "ckaid", 0, 0, G_OPTION_ARG_STRING, &ckaid, N_ ("Which key"), "CKAID" },
    { NULL },
  };
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) list = NULL, key = NULL;

  if (!cli_parse ("showhostkey", &args, options, 0, 0))
    return CLI_USAGE;
  if (left + right + all + pem > 1)
    {
      g_printerr (_ ("nm-ipsec: only one of --list, --left, --right and --pem\n"));
      return CLI_USAGE;
    }
  list = call_list (cli, "ListKeys", &status);
  if (!list)
    return status;
  if (all)
    {
      if (cli->json)
        cli_print_json (list);
      else
        list_host_keys (list);
      return CLI_OK;
    }
  key = find_key (list, ckaid, &status);
  if (!key)
    return status;
  if (cli->json)
    cli_print_json (key);
  else if (pem)
    g_print ("%s", cli_text (key, "pem"));
  else if (left || right)
    g_print ("\t# %s, ckaid %s\n\t%s%s=%s\n", cli_text (key, "key"), cli_text (key, "ckaid"), left ? "left" : "right",
             cli_text (key, "word"), cli_text (key, "public"));
  else
    g_print ("%s\n", cli_text (key, "public"));
  return CLI_OK;
}

/* ---- import ---- */

/* PFX ::= SEQUENCE { version INTEGER 3, ... }: certificates begin with another SEQUENCE. */
static gboolean
is_pkcs12 (int fd)
{
  guint8 head[16] = { 0 };
  gsize at = 2;

  if (pread (fd, head, sizeof head, 0) != (gssize) sizeof head || head[0] != 0x30)
    return FALSE;
  if (head[1] & 0x80)
    at += head[1] & 0x7f;
  return at < sizeof head && head[at] == 0x02;
}

static CliStatus
print_imported (const Cli *cli, GVariant *reply)
{
  g_autoptr (GVariant) names = g_variant_get_child_value (reply, 0);

  if (cli->json)
    cli_print_json (names);
  for (gsize i = 0; !cli->json && i < g_variant_n_children (names); i++)
    {
      const char *name;

      g_variant_get_child (names, i, "&s", &name);
      g_print (_ ("imported: %s\n"), name);
    }
  return CLI_OK;
}

static CliStatus
import_file (Cli *cli, int file, const char *name, const char *password_file, gboolean trust)
{
  gboolean pkcs12 = is_pkcs12 (file);
  int fds[2] = { file, -1 };
  CliStatus status = CLI_FAILED;
  g_autoptr (GVariant) reply = NULL;

  if (pkcs12)
    {
      fds[1] = cli_password (_ ("Password of the PKCS#12 file:"), password_file, FALSE);
      if (fds[1] < 0)
        return CLI_PASSWORD;
      reply = cli_call (cli, "ImportPkcs12", g_variant_new ("(hhs)", 0, 1, name ? name : ""), fds, 2, &status);
      close (fds[1]);
    }
  else
    reply = cli_call (cli, "ImportCertificates", g_variant_new ("(hsb)", 0, name ? name : "", trust), fds, 1, &status);
  return reply ? print_imported (cli, reply) : status;
}

CliStatus
cli_import (Cli *cli, char **args)
{
  g_autofree char *name = NULL, *password_file = NULL;
  gboolean trust = FALSE;
  const GOptionEntry options[] = {
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &name, N_ ("What to call it"), "NAME" },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &password_file, N_ ("A file with the password"), "FILE" },
    { "trust", 0, 0, G_OPTION_ARG_NONE, &trust, N_ ("Trust the authorities in it"), NULL },
    { NULL },
  };
  CliStatus status;
  int file;

  if (!cli_parse ("import", &args, options, 1, 1) || (name && !cli_check_text (name)))
    return CLI_USAGE;
  file = open (args[0], O_RDONLY | O_CLOEXEC);
  if (file < 0)
    {
      status = errno == EACCES ? CLI_NOT_ALLOWED : CLI_NOT_FOUND;
      g_printerr ("nm-ipsec: %s: %s\n", args[0], g_strerror (errno));
      return status;
    }
  status = import_file (cli, file, name, password_file, trust);
  close (file);
  return status;
}

/* ---- changes ---- */

CliStatus
cli_trust (Cli *cli, char **args)
{
  gboolean remove = FALSE;
  const GOptionEntry options[] = {
    { "remove", 0, 0, G_OPTION_ARG_NONE, &remove, N_ ("Trust it no longer"), NULL },
    { NULL },
  };

  if (!cli_parse ("trust", &args, options, 1, 1))
    return CLI_USAGE;
  return call_simple (cli, "SetTrust", g_variant_new ("(sb)", args[0], !remove), NULL, 0);
}

CliStatus
cli_delete (Cli *cli, char **args)
{
  if (!cli_parse ("delete", &args, no_options, 1, 1))
    return CLI_USAGE;
  return call_simple (cli, "Delete", g_variant_new ("(s)", args[0]), NULL, 0);
}

CliStatus
cli_nss_password (Cli *cli, char **args)
{
  gboolean store = FALSE, remove = FALSE;
  const GOptionEntry options[] = {
    { "store", 0, 0, G_OPTION_ARG_NONE, &store, N_ ("Write it into the nsspassword file, so that nobody is asked"),
      NULL },
    { "remove", 0, 0, G_OPTION_ARG_NONE, &remove, N_ ("No password any more"), NULL },
    { NULL },
  };
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) info = NULL;
  int fds[2] = { -1, -1 };

  if (!cli_parse ("nss-password", &args, options, 0, 0))
    return CLI_USAGE;
  info = call_list (cli, "GetDatabase", &status);
  if (!info)
    return status;
  fds[0] =
      cli_bool (info, "password") ? cli_password (_ ("Old password of the key store:"), NULL, FALSE) : cli_nothing ();
  if (fds[0] >= 0)
    fds[1] = remove ? cli_nothing () : cli_password (_ ("New password of the key store:"), NULL, TRUE);
  if (fds[1] >= 0)
    status = call_simple (cli, "SetPassword", g_variant_new ("(hhb)", 0, 1, store && !remove), fds, 2);
  else
    status = CLI_PASSWORD;
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close (fds[i]);
  return status;
}
