/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnels of this machine. What is printed comes from processes that read the network: control characters do not. */
#include "cli.h"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

static const GOptionEntry no_options[] = { { NULL } };

/* Printable; the caller's. */
static char *
clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p; p = g_utf8_next_char (p))
    g_string_append_unichar (out, g_unichar_isprint (g_utf8_get_char (p)) ? g_utf8_get_char (p) : '?');
  return g_string_free (out, FALSE);
}

static char *
text_of (GVariant *dict, const char *name)
{
  return clean (cli_text (dict, name));
}

/* "1 h 5 min", "12 s"; NULL: it is not there. */
static char *
time_of (GVariant *dict, const char *name)
{
  gint64 seconds;

  if (!g_variant_lookup (dict, name, "x", &seconds))
    return NULL;
  if (seconds < 120)
    return g_strdup_printf ("%" G_GINT64_FORMAT " s", seconds);
  if (seconds < 2 * 3600)
    return g_strdup_printf ("%" G_GINT64_FORMAT " min", seconds / 60);
  return g_strdup_printf ("%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min", seconds / 3600, seconds / 60 % 60);
}

/* The texts of a list, with commas. */
static char *
list_of (GVariant *dict, const char *name)
{
  g_autofree const char **texts = NULL;
  g_autofree char *joined = NULL;

  if (!g_variant_lookup (dict, name, "^a&s", &texts) || !texts[0])
    return NULL;
  joined = g_strjoinv (", ", (char **) texts);
  return clean (joined);
}

static GVariant *
dicts_of (GVariant *dict, const char *name)
{
  return g_variant_lookup_value (dict, name, G_VARIANT_TYPE ("aa{sv}"));
}

#define TITLE_WIDTH 10

/* NULL: nothing. */
static void
print_row (guint indent, const char *title, const char *value)
{
  gint missing = TITLE_WIDTH - (gint) g_utf8_strlen (title, -1);

  if (value)
    g_print ("%*s%s%*s %s\n", (int) indent, "", title, MAX (missing, 0), "", value);
}

static void
print_traffic (GVariant *child, const char *bytes_name, const char *packets_name, const char *title)
{
  guint64 bytes, n;
  g_autofree char *size = NULL, *packets = NULL, *value = NULL;

  if (!g_variant_lookup (child, bytes_name, "t", &bytes) || !g_variant_lookup (child, packets_name, "t", &n))
    return;
  size = g_format_size (bytes);
  packets = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  /* translators: octets, and packets */
  value = g_strdup_printf (_ ("%s in %s packets"), size, packets);
  print_row (8, title, value);
}

/* At the end of @time. */
static void
print_future (guint indent, const char *title, const char *time)
{
  /* translators: a time from now, like "5 min" */
  g_autofree char *value = time ? g_strdup_printf (_ ("in %s"), time) : NULL;

  print_row (indent, title, value);
}

static void
print_times (GVariant *dict, guint indent)
{
  g_autofree char *age = time_of (dict, "age"), *rekey = time_of (dict, "rekey"), *reauth = time_of (dict, "reauth");

  print_row (indent, _ ("age"), age);
  print_future (indent, _ ("rekeying"), rekey);
  print_future (indent, _ ("new login"), reauth);
}

static void
print_child (GVariant *child)
{
  g_autofree char *suite = text_of (child, "suite"), *state = text_of (child, "state"),
                  *label = text_of (child, "label");
  g_autofree char *local = list_of (child, "local-ts"), *remote = list_of (child, "remote-ts");
  g_autofree char *networks = g_strdup_printf ("%s <-> %s", local ? local : "?", remote ? remote : "?");
  guint32 number;

  g_print ("    Child SA %s, %s%s%s\n", state, suite, cli_bool (child, "transport") ? _ (", transport mode") : "",
           cli_bool (child, "encap") ? _ (", in UDP") : "");
  print_row (8, _ ("networks"), networks);
  if (g_variant_lookup (child, "processor", "u", &number))
    {
      g_autofree char *processor = g_strdup_printf ("%u", number);

      print_row (8, _ ("processor"), processor);
    }
  if (*label)
    print_row (8, _ ("label"), label);
  print_traffic (child, "bytes-in", "packets-in", _ ("in"));
  print_traffic (child, "bytes-out", "packets-out", _ ("out"));
  print_times (child, 8);
}

static void
print_end (const char *title, const char *address, const char *identity)
{
  g_autofree char *value = g_strdup_printf ("%s%s%s", address, *identity ? ", " : "", identity);

  print_row (4, title, value);
}

static void
print_sa (GVariant *sa)
{
  g_autofree char *suite = text_of (sa, "suite"), *state = text_of (sa, "state"), *local = text_of (sa, "local"),
                  *remote = text_of (sa, "remote"), *local_id = text_of (sa, "local-id"),
                  *remote_id = text_of (sa, "remote-id"), *addresses = list_of (sa, "addresses");
  gboolean here = cli_bool (sa, "nat-here"), there = cli_bool (sa, "nat-there");
  g_autoptr (GVariant) children = dicts_of (sa, "children");

  g_print ("  IKE SA %s%s%s\n", state, *suite ? ", " : "", suite);
  print_end (_ ("here"), local, local_id);
  print_end (_ ("there"), remote, remote_id);
  if (here || there)
    print_row (4, _ ("NAT"), here && there ? _ ("at both ends") : here ? _ ("at this end") : _ ("at the other end"));
  print_row (4, _ ("addresses"), addresses);
  print_times (sa, 4);
  for (gsize i = 0; children && i < g_variant_n_children (children); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (children, i);

      print_child (child);
    }
}

static void
print_connection (GVariant *connection)
{
  g_autofree char *name = text_of (connection, "name"), *uuid = text_of (connection, "uuid"),
                  *gateway = text_of (connection, "gateway"), *state = text_of (connection, "state"),
                  *dns = list_of (connection, "dns"), *tls = list_of (connection, "dns-over-tls");
  g_autoptr (GVariant) sas = dicts_of (connection, "sas");

  g_print ("%s (%s): %s%s%s\n", name, uuid, state, *gateway ? ", " : "", gateway);
  print_row (2, _ ("DNS"), dns);
  /* translators: name servers, which are asked by DNS over TLS */
  print_row (2, _ ("by TLS"), tls);
  for (gsize i = 0; sas && i < g_variant_n_children (sas); i++)
    {
      g_autoptr (GVariant) sa = g_variant_get_child_value (sas, i);

      print_sa (sa);
    }
}

/* Those that are meant by @which: a name or a UUID; NULL: all. */
static GVariant *
select_connections (GVariant *list, const char *which)
{
  GVariantBuilder chosen;

  g_variant_builder_init (&chosen, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (list, i);

      if (!which || strcmp (cli_text (one, "name"), which) == 0 || strcmp (cli_text (one, "uuid"), which) == 0)
        g_variant_builder_add_value (&chosen, one);
    }
  return g_variant_ref_sink (g_variant_builder_end (&chosen));
}

CliStatus
cli_status (Cli *cli, char **args)
{
  CliStatus status = CLI_OK;
  g_autoptr (GVariant) reply = NULL, all = NULL, list = NULL;
  gsize n;

  if (!cli_parse ("status", &args, no_options, 0, 1))
    return CLI_USAGE;
  reply = cli_call (cli, "ListConnections", NULL, NULL, 0, &status);
  if (!reply)
    return status;
  all = g_variant_get_child_value (reply, 0);
  list = select_connections (all, args[0]);
  n = g_variant_n_children (list);
  if (cli->json)
    cli_print_json (list);
  for (gsize i = 0; !cli->json && i < n; i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (list, i);

      print_connection (one);
    }
  if (n == 0 && args[0])
    g_printerr (_ ("nm-ipsec: no active IPsec connection is called “%s”\n"), args[0]);
  else if (n == 0 && !cli->json)
    g_print ("%s\n", _ ("No IPsec connection is active"));
  return n == 0 && args[0] ? CLI_NOT_FOUND : CLI_OK;
}
