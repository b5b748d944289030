/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the cryptography of this machine in order, and what is allowed? The lines are those that RHEL's guide looks for. */
#include "cli.h"

#include "config.h"

#include "profile/policy.h"

#include <glib/gi18n.h>
#include <string.h>

static const GOptionEntry no_options[] = { { NULL } };

static GVariant *
call_one (Cli *cli, const char *method, CliStatus *ret_status)
{
  g_autoptr (GVariant) reply = cli_call (cli, method, NULL, NULL, 0, ret_status);

  return reply ? g_variant_get_child_value (reply, 0) : NULL;
}

static const char *
yes_no (GVariant *dict, const char *name)
{
  return cli_bool (dict, name) ? "YES" : "NO";
}

/* ---- FIPS ---- */

static void
print_fips (GVariant *fips)
{
  g_print ("FIPS Product: %s\n", yes_no (fips, "product"));
  g_print ("FIPS Kernel: %s\n", yes_no (fips, "kernel"));
  g_print ("FIPS Mode: %s\n", yes_no (fips, "mode"));
}

CliStatus
cli_fipsstatus (Cli *cli, char **args)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) fips = NULL;

  if (!cli_parse ("fipsstatus", &args, no_options, 0, 0))
    return CLI_USAGE;
  fips = call_one (cli, "GetFips", &status);
  if (fips && cli->json)
    cli_print_json (fips);
  else if (fips)
    g_print ("%s\n", cli_bool (fips, "mode") ? "FIPS mode enabled" : "FIPS mode disabled");
  return status;
}

/* ---- algorithms ---- */

static const char *
kind_title (GVariant *entry)
{
  const char *kind = cli_text (entry, "kind");

  return strcmp (kind, "encr") == 0    ? "Encryption"
         : strcmp (kind, "prf") == 0   ? "PRF"
         : strcmp (kind, "integ") == 0 ? "Integrity"
                                       : "KE";
}

/* The caller's. */
static char *
why (GVariant *entry)
{
  const char *reason = cli_text (entry, "reason");

  if (strcmp (reason, "policy") == 0)
    return g_strdup_printf ("not in the crypto policy %s", cli_text (entry, "policy"));
  return g_strdup (strcmp (reason, "FIPS") == 0  ? "not FIPS compliant"
                   : strcmp (reason, "NSS") == 0 ? "not in this NSS"
                                                 : reason);
}

/* The system's crypto policy counts here as it does in the service: for what a profile does not say otherwise. */
static gboolean
policy_allows (const IpsecPolicy *policy, GVariant *entry)
{
  const char *protocols = cli_text (entry, "protocols");
  guint32 type = 0, id = 0, bits = 0;
  IkeTransform transform;

  (void) g_variant_lookup (entry, "type", "u", &type);
  (void) g_variant_lookup (entry, "id", "u", &id);
  (void) g_variant_lookup (entry, "bits", "u", &bits);
  transform = (IkeTransform){ .type = (guint8) type, .id = (guint16) id, .key_bits = (guint16) bits };
  return (strstr (protocols, "IKE") && ipsec_policy_allows (policy, IKE_PROTOCOL_IKE, &transform)) ||
         (strstr (protocols, "ESP") && ipsec_policy_allows (policy, IKE_PROTOCOL_ESP, &transform));
}

static GVariant *
forbid (GVariant *entry, const IpsecPolicy *policy)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (entry);

  g_variant_dict_insert (&dict, "allowed", "b", FALSE);
  g_variant_dict_insert (&dict, "reason", "s", "policy");
  g_variant_dict_insert (&dict, "policy", "s", policy->name);
  return g_variant_dict_end (&dict);
}

/* What the helper lists is what the machine can do; here that what its policy forbids is not allowed either. */
static GVariant *
list_algorithms (Cli *cli, CliStatus *ret_status)
{
  g_autoptr (GVariant) list = call_one (cli, "ListAlgorithms", ret_status);
  g_autoptr (IpsecPolicy) policy = ipsec_policy_load ("");
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; list && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);
      gboolean forbidden = policy && cli_bool (entry, "allowed") && !policy_allows (policy, entry);

      g_variant_builder_add_value (&builder, forbidden ? forbid (entry, policy) : entry);
    }
  return list ? g_variant_ref_sink (g_variant_builder_end (&builder)) : NULL;
}

static void
print_disabled (GVariant *list)
{
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);
      g_autofree char *reason = why (entry);

      if (!cli_bool (entry, "allowed"))
        g_print ("%s algorithm %s disabled; %s\n", kind_title (entry), cli_text (entry, "name"), reason);
    }
}

static void
print_allowed (GVariant *list)
{
  const char *title = "";

  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);
      const char *protocols = cli_text (entry, "protocols");

      if (!cli_bool (entry, "allowed"))
        continue;
      if (strcmp (title, kind_title (entry)) != 0)
        g_print ("%s algorithms:\n", kind_title (entry));
      title = kind_title (entry);
      g_print ("  %-24s %-4s%-4s %-5s%s\n", cli_text (entry, "name"), strstr (protocols, "IKE") ? "IKE" : "",
               strstr (protocols, "ESP") ? "ESP" : "", cli_bool (entry, "fips") ? "FIPS" : "",
               cli_bool (entry, "weak") ? _ ("weak: only when named") : "");
    }
}

CliStatus
cli_algorithms (Cli *cli, char **args)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) list = NULL;

  if (!cli_parse ("algorithms", &args, no_options, 0, 0))
    return CLI_USAGE;
  list = list_algorithms (cli, &status);
  if (!list)
    return status;
  if (cli->json)
    {
      cli_print_json (list);
      return CLI_OK;
    }
  print_allowed (list);
  print_disabled (list);
  return CLI_OK;
}

/* ---- all of it ---- */

static void
print_database (GVariant *info)
{
  g_print ("NSS DB directory: sql:%s\n", cli_text (info, "database"));
  if (!cli_bool (info, "exists"))
    g_print ("NSS database: none yet\n");
  else if (!cli_bool (info, "password"))
    g_print ("NSS database: without password\n");
  else
    g_print ("NSS database: with password, %s\n", !cli_bool (info, "password-file") ? "which is asked for"
                                                  : cli_bool (info, "unlocked")
                                                      ? "which is in nsspassword"
                                                      : "and the one in nsspassword is wrong");
}

static void
print_tests (GVariant *tests)
{
  for (gsize i = 0; i < g_variant_n_children (tests); i++)
    {
      const char *name, *result;

      g_variant_get_child (tests, i, "(&s&s)", &name, &result);
      g_print ("%s: %s\n", name, result);
    }
}

CliStatus
cli_selftest (Cli *cli, char **args)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) fips = NULL, info = NULL, list = NULL, result = NULL, tests = NULL;
  gboolean passed;

  if (!cli_parse ("selftest", &args, no_options, 0, 0))
    return CLI_USAGE;
  fips = call_one (cli, "GetFips", &status);
  info = fips ? call_one (cli, "GetDatabase", &status) : NULL;
  list = info ? list_algorithms (cli, &status) : NULL;
  result = info ? cli_call (cli, "SelfTest", NULL, NULL, 0, &status) : NULL;
  if (!result)
    return status;
  g_variant_get (result, "(b@a(ss))", &passed, &tests);
  if (cli->json)
    {
      g_autoptr (GVariant) all = g_variant_ref_sink (g_variant_new_parsed (
          "{'passed': <%b>, 'fips': <%@a{sv}>, 'database': <%@a{sv}>, 'tests': <%@a(ss)>}", passed, fips, info, tests));

      cli_print_json (all);
      return passed && list ? CLI_OK : CLI_FAILED;
    }
  print_fips (fips);
  print_database (info);
  print_tests (tests);
  if (list)
    {
      print_disabled (list);
      print_allowed (list);
    }
  g_print ("%s\n", passed ? "Self-test passed" : "Self-test FAILED");
  return passed && list ? CLI_OK : CLI_FAILED;
}
