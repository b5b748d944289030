/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of NetworkManager-libreswan and NetworkManager-strongswan become ours, for good. The other commands ask the
 * helper; this one asks NetworkManager, as whoever calls it. Without --apply nothing is changed.
 */
#include "cli.h"

#include "config.h"

#include "profile/formats/compat.h"
#include "profile/profile.h"

#include <NetworkManager.h>
#include <glib/gi18n.h>
#include <string.h>

typedef enum { MIGRATE_DONE, MIGRATE_WOULD, MIGRATE_FAILED } MigrateResult;

typedef struct {
  Cli *cli;
  gboolean apply;
  char **names; /* of those that are meant; none: all */
  gboolean *found; /* which of them there are */
  guint counts[MIGRATE_FAILED + 1];
  GVariantBuilder rows; /* for --json */
} Migration;

/* What NetworkManager or an agent keeps of it: it would be lost with what is not told. That there is nothing is no error:
 * the secrets may be asked for each time. */
static gboolean
fetch_secrets (NMRemoteConnection *remote, NMConnection *copy, GError **error)
{
  g_autoptr (GError) none = NULL;
  g_autoptr (GVariant) secrets = nm_remote_connection_get_secrets (remote, NM_SETTING_VPN_SETTING_NAME, NULL, &none);
  g_autoptr (GVariant) ours =
      secrets ? g_variant_lookup_value (secrets, NM_SETTING_VPN_SETTING_NAME, G_VARIANT_TYPE_VARDICT) : NULL;

  if (ours)
    return nm_connection_update_secrets (copy, NM_SETTING_VPN_SETTING_NAME, secrets, error);
  if (secrets || g_error_matches (none, NM_AGENT_MANAGER_ERROR, NM_AGENT_MANAGER_ERROR_NO_SECRETS))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&none));
  return FALSE;
}

/* The connection as it will be. NULL: it cannot be ours (yet). */
static NMConnection *
translate (NMRemoteConnection *remote, GPtrArray *notes, GError **error)
{
  g_autoptr (NMConnection) copy = nm_simple_connection_new_clone (NM_CONNECTION (remote));
  g_autoptr (IpsecSetting) from = NULL, to = NULL;
  IpsecProfile *profile;

  if (!fetch_secrets (remote, copy, error))
    return NULL;
  from = ipsec_setting_from_libnm (nm_connection_get_setting_vpn (copy));
  to = ipsec_compat_translate (from, notes, error);
  profile = to ? ipsec_setting_profile (to, error) : NULL;
  if (!profile)
    return NULL;
  ipsec_profile_free (profile);
  nm_connection_add_setting (copy, NM_SETTING (ipsec_setting_to_libnm (to)));
  return g_steal_pointer (&copy);
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
commit (NMRemoteConnection *remote, NMConnection *copy, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) done = NULL;
  GVariant *settings = nm_connection_to_dbus (copy, NM_CONNECTION_SERIALIZE_ALL);

  nm_remote_connection_update2 (remote, settings, NM_SETTINGS_UPDATE2_FLAG_TO_DISK, NULL, NULL, on_result, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  done = nm_remote_connection_update2_finish (remote, result, error);
  return done != NULL;
}

static void
print_item (const char *key, const char *value, gpointer data)
{
  g_print ("    %s = %s\n", key, value);
}

static void
add_item (const char *key, const char *value, gpointer data)
{
  g_variant_builder_add (data, "{ss}", key, value);
}

static void
report_json (Migration *self, NMConnection *from, NMConnection *to, MigrateResult result, GPtrArray *notes,
             const GError *error)
{
  static const char *const words[] = { "done", "possible", "failed" };
  GVariantBuilder items;

  g_variant_builder_init (&items, G_VARIANT_TYPE ("a{ss}"));
  if (to)
    nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (to), add_item, &items);
  g_variant_builder_open (&self->rows, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&self->rows, "{sv}", "name", g_variant_new_string (nm_connection_get_id (from)));
  g_variant_builder_add (&self->rows, "{sv}", "uuid", g_variant_new_string (nm_connection_get_uuid (from)));
  g_variant_builder_add (&self->rows, "{sv}", "result", g_variant_new_string (words[result]));
  g_variant_builder_add (&self->rows, "{sv}", "data", g_variant_builder_end (&items));
  g_variant_builder_add (&self->rows, "{sv}", "notes",
                         g_variant_new_strv ((const char *const *) notes->pdata, (gssize) notes->len));
  if (error)
    g_variant_builder_add (&self->rows, "{sv}", "error", g_variant_new_string (error->message));
  g_variant_builder_close (&self->rows);
}

static void
report_text (NMConnection *from, NMConnection *to, MigrateResult result, GPtrArray *notes, const GError *error)
{
  const char *id = nm_connection_get_id (from);

  if (result == MIGRATE_FAILED)
    g_print (_ ("%s: left as it is: %s\n"), id, error->message);
  else
    g_print (result == MIGRATE_DONE ? _ ("%s: rewritten\n") : _ ("%s: can be rewritten\n"), id);
  if (to)
    nm_setting_vpn_foreach_data_item (nm_connection_get_setting_vpn (to), print_item, NULL);
  for (guint i = 0; i < notes->len; i++)
    g_print ("    # %s\n", (const char *) notes->pdata[i]);
}

static void
migrate_one (Migration *self, NMRemoteConnection *remote)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) from = nm_simple_connection_new_clone (NM_CONNECTION (remote));
  g_autoptr (NMConnection) to = translate (remote, notes, &error);
  MigrateResult result = MIGRATE_WOULD;

  if (!to)
    result = MIGRATE_FAILED;
  else if (self->apply)
    result = commit (remote, to, &error) ? MIGRATE_DONE : MIGRATE_FAILED;
  self->counts[result]++;
  if (self->cli->json)
    report_json (self, from, to, result, notes, error);
  else
    report_text (from, to, result, notes, error);
}

/* Is it another plugin's, and named, if anything is? */
static gboolean
is_meant (Migration *self, NMConnection *connection)
{
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  gboolean meant = !self->names[0];

  if (!vpn || !ipsec_compat_is_other (nm_setting_vpn_get_service_type (vpn)))
    return FALSE;
  for (guint i = 0; self->names[i]; i++)
    if (strcmp (self->names[i], nm_connection_get_id (connection)) == 0 ||
        strcmp (self->names[i], nm_connection_get_uuid (connection)) == 0)
      meant = self->found[i] = TRUE;
  return meant;
}

static CliStatus
summary (Migration *self)
{
  guint total = self->counts[MIGRATE_DONE] + self->counts[MIGRATE_WOULD] + self->counts[MIGRATE_FAILED];
  CliStatus status = CLI_OK;

  if (self->cli->json)
    {
      g_autoptr (GVariant) rows = g_variant_ref_sink (g_variant_builder_end (&self->rows));

      cli_print_json (rows);
    }
  else if (total == 0 && !self->names[0])
    g_print (_ ("There is no such connection of NetworkManager-libreswan or NetworkManager-strongswan.\n"));
  else if (self->counts[MIGRATE_WOULD] > 0)
    g_print (_ ("Nothing was changed; with --apply it is.\n"));
  for (guint i = 0; self->names[i]; i++)
    if (!self->found[i])
      {
        g_printerr (
            _ ("nm-ipsec: no connection of NetworkManager-libreswan or NetworkManager-strongswan is called “%s”\n"),
            self->names[i]);
        status = CLI_NOT_FOUND;
      }
  return self->counts[MIGRATE_FAILED] > 0 ? CLI_FAILED : status;
}

CliStatus
cli_migrate (Cli *cli, char **args)
{
  Migration self = { .cli = cli };
  gboolean dry_run = FALSE;
  const GOptionEntry options[] = {
    { "apply", 0, 0, G_OPTION_ARG_NONE, &self.apply, N_ ("Change the connections"), NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only say what would be changed, which is the default"), NULL },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (NMClient) client = NULL;
  g_autofree gboolean *found = NULL;
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
  const GPtrArray *all;

  if (!cli_parse ("migrate", &args, options, 0, G_MAXUINT))
    return CLI_USAGE;
  self.apply = self.apply && !dry_run;
  self.names = args;
  self.found = found = g_new0 (gboolean, g_strv_length (args));
  client = nm_client_new (NULL, &error);
  if (!client || !nm_client_get_nm_running (client))
    {
      g_printerr (_ ("nm-ipsec: NetworkManager does not answer%s%s\n"), error ? ": " : "", error ? error->message : "");
      return CLI_FAILED;
    }
  g_variant_builder_init (&self.rows, G_VARIANT_TYPE ("aa{sv}"));
  /* ours: the client's own list goes when a connection comes or goes, which it can while one is written */
  all = nm_client_get_connections (client);
  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (connections, g_object_ref (all->pdata[i]));
  for (guint i = 0; i < connections->len; i++)
    if (is_meant (&self, connections->pdata[i]))
      migrate_one (&self, connections->pdata[i]);
  if (!cli->json)
    g_variant_builder_clear (&self.rows);
  return summary (&self);
}
