/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swanctl.conf -> profile: the first connection, its first child, and the secrets that belong to it. Names of files are
 * relative to the folders that swanctl looks into.
 */
#include "config.h"

#include "profile/formats/swanctl.h"

#include "profile/formats/braces.h"
#include "profile/formats/convert.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SWANCTL_DIR "/etc/swanctl"

typedef struct {
  IpsecDraft *draft;
  const Braces *root, *connection, *local, *remote, *child;
} Reader;

/* clang-format off */
static const ConvertRow connection_rows[] = {
  { "remote_port", "remote-port", CONVERT_COPY, NULL },
  { "local_port", "local-port", CONVERT_COPY, NULL },
  { "proposals", "ike", CONVERT_PROPOSALS, NULL },
  { "mobike", "mobike", CONVERT_BOOL, NULL },
  { "encap", "encap", CONVERT_WORDS, "yes force no yes" },
  { "fragmentation", "fragmentation", CONVERT_WORDS, "yes yes accept yes no no force force" },
  { "dpd_delay", "dpd-delay", CONVERT_TIME, NULL },
  { "dpd_timeout", "dpd-timeout", CONVERT_TIME, NULL },
  { "rekey_time", "ike-lifetime", CONVERT_TIME, NULL },
  { "keyingtries", "keyingtries", CONVERT_COPY, NULL },
};
static const ConvertRow child_rows[] = {
  { "esp_proposals", "esp", CONVERT_PROPOSALS, NULL },
  { "rekey_time", "esp-lifetime", CONVERT_TIME, NULL },
  { "rekey_bytes", "esp-bytes", CONVERT_COPY, NULL },
  { "mode", "mode", CONVERT_WORDS, "tunnel tunnel transport transport iptfs iptfs" },
  { "ipcomp", "ipcomp", CONVERT_BOOL, NULL },
  { "replay_window", "replay-window", CONVERT_COPY, NULL },
  { "hw_offload", "nic-offload", CONVERT_WORDS, "yes crypto crypto crypto no no auto auto packet packet" },
  { "copy_dscp", "copy-dscp", CONVERT_WORDS, "out out in in yes yes no no" },
  { "tfc_padding", "tfc", CONVERT_WORDS, "mtu yes 0 no" },
  { "label", "sec-label", CONVERT_COPY, NULL },
  { "mark_out", "mark", CONVERT_COPY, NULL },
  { "start_action", "start", CONVERT_WORDS, "start up trap ondemand none up" },
  { "if_id_out", "if-id", CONVERT_COPY, NULL },
};
/* clang-format on */

static void
note_value (Reader *reader, const char *key, const char *value)
{
  ipsec_draft_note (reader->draft, _ ("%s=%s cannot be expressed in a profile."), key, value);
}

static void
read_rows (Reader *reader, const Braces *section, const ConvertRow *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    convert_set_row (reader->draft, &rows[i], braces_get (section, rows[i].theirs));
}

static void
set_path (Reader *reader, const char *key, const char *folder, const char *value)
{
  g_autofree char *first = value != NULL ? g_strndup (value, strcspn (value, ",")) : NULL;
  g_autofree char *path = NULL;

  if (first == NULL)
    return;
  g_strstrip (first);
  path = g_path_is_absolute (first) ? g_strdup (first) : g_build_filename (SWANCTL_DIR, folder, first, NULL);
  ipsec_draft_set (reader->draft, key, path);
}

/* ---- secrets ---- */

/* The first section of the kind that is for everybody or for one of @ids. */
static const char *
find_secret (const Reader *reader, const char *kind, const char *const *ids)
{
  const Braces *secrets = braces_section (reader->root, "secrets");

  for (guint i = 0; secrets != NULL && i < secrets->children->len; i++)
    {
      const Braces *section = secrets->children->pdata[i];
      gboolean named = FALSE, wanted = FALSE;

      if (section->value != NULL || !g_str_has_prefix (section->name, kind))
        continue;
      for (guint j = 0; j < section->children->len; j++)
        {
          const Braces *item = section->children->pdata[j];

          if (item->value == NULL || !g_str_has_prefix (item->name, "id"))
            continue;
          named = TRUE;
          for (guint k = 0; ids[k] != NULL; k++)
            wanted |= strcmp (item->value, ids[k]) == 0;
        }
      if (!named || wanted)
        return braces_get (section, "secret");
    }
  return NULL;
}

static void
read_private_key (Reader *reader)
{
  static const struct {
    const char *kind, *folder, *key;
  } kinds[] = {
    { "private", "private", "private-key" }, { "rsa", "rsa", "private-key" },       { "ecdsa", "ecdsa", "private-key" },
    { "pkcs8", "pkcs8", "private-key" },     { "pkcs12", "pkcs12", "certificate" },
  };
  const Braces *secrets = braces_section (reader->root, "secrets");

  for (guint i = 0; secrets != NULL && i < secrets->children->len; i++)
    {
      const Braces *section = secrets->children->pdata[i];

      for (guint j = 0; section->value == NULL && j < G_N_ELEMENTS (kinds); j++)
        if (g_str_has_prefix (section->name, kinds[j].kind) && braces_get (section, "file") != NULL)
          {
            set_path (reader, kinds[j].key, kinds[j].folder, braces_get (section, "file"));
            if (braces_get (section, "secret") != NULL)
              ipsec_draft_set_secret (reader->draft, "key-password", braces_get (section, "secret"));
            return;
          }
    }
}

/* The name alone makes it; ppk_required only says whether the gateway may be without. */
static void
read_ppk (Reader *reader)
{
  const char *id = braces_get (reader->connection, "ppk_id"),
             *required = braces_get (reader->connection, "ppk_required");
  const char *const ids[] = { id, NULL };
  g_autofree char *insist = required != NULL ? convert_bool (required) : NULL;

  if (id == NULL && convert_is (insist, "yes"))
    note_value (reader, "ppk_required", required);
  if (id == NULL)
    return;
  ipsec_draft_set (reader->draft, "ppk-id", id);
  ipsec_draft_set (reader->draft, "ppk", convert_is (insist, "yes") ? "insist" : "yes");
  ipsec_draft_set_secret (reader->draft, "ppk", find_secret (reader, "ppk", ids));
}

/* ---- authentication ---- */

static gboolean
read_auth (Reader *reader, GError **error)
{
  const char *ours = braces_get (reader->local, "auth"), *theirs = braces_get (reader->remote, "auth");
  const char *id = braces_get (reader->local, "id"), *remote_id = braces_get (reader->remote, "id");
  const char *eap_id = braces_get (reader->local, "eap_id"), *strict = braces_get (reader->remote, "revocation");
  const char *const psk_ids[] = { remote_id != NULL ? remote_id : "", id != NULL ? id : "", NULL };
  const char *const eap_ids[] = { eap_id != NULL ? eap_id : id != NULL ? id : "", NULL };
  ConvertAuth local = convert_auth (ours != NULL ? ours : "pubkey"),
              remote = convert_auth (theirs != NULL ? theirs : "pubkey");

  if (local.auth == NULL || remote.auth == NULL)
    return ipsec_draft_fail (error, _ ("The file wants an authentication that this VPN does not know."));
  convert_set_auth (reader->draft, local, remote);
  if (strcmp (local.auth, "psk") == 0 || strcmp (remote.auth, "psk") == 0)
    ipsec_draft_set_secret (reader->draft, "psk", find_secret (reader, "ike", psk_ids));
  if (strcmp (local.auth, "eap") == 0)
    {
      ipsec_draft_set (reader->draft, "user", eap_id != NULL && eap_id[0] != '%' ? eap_id : id);
      if (!convert_is (local.eap, "tls"))
        ipsec_draft_set_secret (reader->draft, "password", find_secret (reader, "eap", eap_ids));
    }
  convert_set_identity (reader->draft, "local-id", id);
  convert_set_identity (reader->draft, "remote-id", remote_id);
  set_path (reader, "certificate", "x509", braces_get (reader->local, "certs"));
  if (strcmp (local.auth, "cert") == 0 || convert_is (local.eap, "tls"))
    read_private_key (reader);
  set_path (reader, "remote-certificate", "x509", braces_get (reader->remote, "certs"));
  set_path (reader, "ca", "x509ca", braces_get (reader->remote, "cacerts"));
  if (convert_is (strict, "strict"))
    ipsec_draft_set (reader->draft, "revocation", "strict");
  return TRUE;
}

/* ---- what goes through, and for whom ---- */

static void
read_selectors (Reader *reader, const char *theirs, const char *ours)
{
  const char *value = braces_get (reader->child, theirs);
  g_autofree char *list = value != NULL ? convert_selectors (value, NULL) : NULL;

  if (list != NULL && !(convert_is (list, "dynamic") && convert_is (ours, "local-ts")))
    ipsec_draft_set (reader->draft, ours, list);
}

static gboolean
read_server (Reader *reader, GError **error)
{
  const char *names = braces_get (reader->connection, "pools");
  g_auto (GStrv) list = g_strsplit (names != NULL ? names : "", ",", -1);
  const Braces *pools = braces_section (reader->root, "pools");

  for (guint i = 0; list[i] != NULL; i++)
    {
      const Braces *pool = braces_section (pools, g_strstrip (list[i]));
      const char *addresses = braces_get (pool, "addrs"), *dns = braces_get (pool, "dns");

      if (addresses == NULL)
        continue;
      ipsec_draft_set (reader->draft, "role", "server");
      ipsec_draft_add (reader->draft, strchr (addresses, ':') != NULL ? "pool6" : "pool", addresses);
      ipsec_draft_add (reader->draft, "push-dns", dns);
    }
  return ipsec_draft_get (reader->draft, "role") != NULL ||
         ipsec_draft_fail (error, _ ("The file names no gateway to connect to, and no addresses to hand out."));
}

static gboolean
read_ends (Reader *reader, GError **error)
{
  const char *remote = braces_get (reader->connection, "remote_addrs"),
             *local = braces_get (reader->connection, "local_addrs");
  const char *vips = braces_get (reader->connection, "vips"), *auth = braces_get (reader->local, "auth");
  g_autofree char *gateways = NULL;

  if (local != NULL && local[0] != '%')
    {
      g_autofree char *first = g_strndup (local, strcspn (local, ","));

      ipsec_draft_set (reader->draft, "local-address", g_strstrip (first));
    }
  if (remote == NULL || convert_is (remote, "%any 0.0.0.0/0 ::/0"))
    return read_server (reader, error);
  gateways = convert_selectors (remote, NULL);
  ipsec_draft_set (reader->draft, "gateway", gateways);
  if (vips == NULL && (auth == NULL || !g_str_has_prefix (auth, "eap")))
    ipsec_draft_set (reader->draft, "role", "peer");
  return TRUE;
}

static void
read_version (Reader *reader)
{
  if (convert_is (braces_get (reader->connection, "version"), "1"))
    ipsec_draft_set (reader->draft, "ike-version",
                     convert_is (braces_get (reader->connection, "aggressive"), "yes") ? "1-aggressive" : "1");
}

/* ---- the file ---- */

/* The first section in @parent whose name begins so; others of its kind are noted. */
static const Braces *
first_section (Reader *reader, const Braces *parent, const char *prefix)
{
  const Braces *first = NULL;

  for (guint i = 0; parent != NULL && i < parent->children->len; i++)
    {
      const Braces *child = parent->children->pdata[i];

      if (child->value != NULL || !g_str_has_prefix (child->name, prefix))
        continue;
      if (first == NULL)
        first = child;
      else
        ipsec_draft_note (reader->draft, _ ("The file has one more section “%s” in “%s”, which was not taken over."),
                          child->name, parent->name);
    }
  return first;
}

static gboolean
read_swanctl (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (Braces) root = braces_parse (text, len, error);
  Reader reader = { .draft = draft, .root = root };

  if (root == NULL)
    return FALSE;
  reader.connection = first_section (&reader, braces_section (root, "connections"), "");
  if (reader.connection == NULL)
    return ipsec_draft_fail (error, _ ("The file has no connection."));
  ipsec_draft_set_id (draft, reader.connection->name);
  reader.local = first_section (&reader, reader.connection, "local");
  reader.remote = first_section (&reader, reader.connection, "remote");
  reader.child = first_section (&reader, braces_section (reader.connection, "children"), "");
  if (!read_ends (&reader, error) || !read_auth (&reader, error))
    return FALSE;
  read_ppk (&reader);
  read_version (&reader);
  read_rows (&reader, reader.connection, connection_rows, G_N_ELEMENTS (connection_rows));
  read_rows (&reader, reader.child, child_rows, G_N_ELEMENTS (child_rows));
  read_selectors (&reader, "local_ts", "local-ts");
  read_selectors (&reader, "remote_ts", "remote-ts");
  return TRUE;
}

static gboolean
sniff (const char *text, gsize len)
{
  return g_utf8_validate (text, (gssize) len, NULL) &&
         g_regex_match_simple ("^\\s*connections\\s*\\{", text, G_REGEX_MULTILINE, 0);
}

const IpsecFormat ipsec_format_swanctl = { .name = "swanctl.conf",
                                           .suffix = ".swanctl",
                                           .sniff = sniff,
                                           .read = read_swanctl };
