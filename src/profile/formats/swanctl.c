/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swanctl.conf -> profile: the first connection, its first child, and the secrets that belong to it. Names of files are
 * relative to the folders that swanctl looks into. What of the connection was not read is told.
 */
#include "config.h"

#include "profile/formats/swanctl.h"

#include "profile/formats/braces.h"
#include "profile/formats/convert.h"
#include "profile/formats/swanctl-rounds.h"
#include "profile/selector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SWANCTL_DIR "/etc/swanctl"

typedef struct {
  IpsecDraft *draft;
  const Braces *root, *connection, *local, *remote, *child;
  const Braces *second; /* what a client proves next; of a server, what it asks for next; NULL: nothing */
  GHashTable *used; /* Braces: what was read */
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
  { "keyingtries", "keyingtries", CONVERT_COPY, NULL },
};
static const ConvertRow child_rows[] = {
  { "esp_proposals", "esp", CONVERT_PROPOSALS, NULL },
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

/* NULL: it is not there, or empty. */
static const char *
get (Reader *reader, const Braces *section, const char *key)
{
  const Braces *item = braces_item (section, key);

  if (item != NULL)
    g_hash_table_add (reader->used, (gpointer) item);
  return braces_get (section, key);
}

/* Of the connection, or @section in it. */
static void
note_value (Reader *reader, const Braces *section, const char *key, const char *value)
{
  g_autofree char *name =
      section == reader->connection ? g_strdup (key) : g_strdup_printf ("%s.%s", section->name, key);

  ipsec_draft_note (reader->draft, _ ("%s=%s cannot be expressed in a profile."), name, value);
}

static void
read_rows (Reader *reader, const Braces *section, const ConvertRow *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    convert_set_row (reader->draft, &rows[i], get (reader, section, rows[i].theirs));
}

/* The first of a list, the caller's; the others are told. NULL: there is none. */
static char *
take_first (Reader *reader, const Braces *section, const char *key)
{
  const char *value = get (reader, section, key);
  gsize len = value != NULL ? strcspn (value, ",") : 0;
  const char *others = value != NULL ? value + len + strspn (value + len, ", \t") : NULL;

  if (value == NULL)
    return NULL;
  if (others[0] != '\0')
    note_value (reader, section, key, others);
  return g_strstrip (g_strndup (value, len));
}

static void
set_path (Reader *reader, const char *key, const char *folder, const char *name)
{
  g_autofree char *path = NULL;

  if (name == NULL || name[0] == '\0')
    return;
  path = g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (SWANCTL_DIR, folder, name, NULL);
  ipsec_draft_set (reader->draft, key, path);
}

static void
read_path (Reader *reader, const char *key, const char *folder, const Braces *section, const char *theirs)
{
  g_autofree char *name = take_first (reader, section, theirs);

  set_path (reader, key, folder, name);
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

/* 0x and 0s mean octets there, as in a pre-shared key, also of a password, which is text here. The caller's; NULL: it is
 * none. */
static char *
decode_password (const char *secret)
{
  gsize len = 0;
  g_autofree guint8 *octets = ipsec_psk_decode (secret, &len, NULL);
  char *text = NULL;

  if (octets != NULL && memchr (octets, 0, len) == NULL && g_utf8_validate ((const char *) octets, (gssize) len, NULL))
    text = g_strndup ((const char *) octets, len);
  if (octets != NULL)
    explicit_bzero (octets, len);
  return text;
}

static void
set_password (Reader *reader, const char *secret)
{
  g_autofree char *password = secret != NULL ? decode_password (secret) : NULL;

  ipsec_draft_set_secret (reader->draft, "password", password);
  if (password != NULL)
    explicit_bzero (password, strlen (password));
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
  const char *id = get (reader, reader->connection, "ppk_id"),
             *required = get (reader, reader->connection, "ppk_required");
  const char *const ids[] = { id, NULL };
  g_autofree char *insist = required != NULL ? convert_bool (required) : NULL;

  if (id == NULL && convert_is (insist, "yes"))
    note_value (reader, reader->connection, "ppk_required", required);
  if (id == NULL)
    return;
  ipsec_draft_set (reader->draft, "ppk-id", id);
  ipsec_draft_set (reader->draft, "ppk", convert_is (insist, "yes") ? "insist" : "yes");
  ipsec_draft_set_secret (reader->draft, "ppk", find_secret (reader, "ppk", ids));
}

/* ---- authentication ---- */

/* Whom the login server's certificate must name, if it is one name. @end: where EAP would be. */
static void
read_login_server (Reader *reader, const Braces *end, gboolean eap)
{
  const char *name = get (reader, end, "aaa_id");

  if (name != NULL && eap && strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ".-") == strlen (name))
    ipsec_draft_set (reader->draft, "eap-server-name", name);
  else if (name != NULL)
    note_value (reader, end, "aaa_id", name);
}

static void
read_certificates (Reader *reader, ConvertAuth local)
{
  const char *revocation = get (reader, reader->remote, "revocation");

  read_path (reader, "certificate", "x509", reader->local, "certs");
  if (strcmp (local.auth, "cert") == 0 || convert_is (local.eap, "tls"))
    read_private_key (reader);
  read_path (reader, "remote-certificate", "x509", reader->remote, "certs");
  read_path (reader, "ca", "x509ca", reader->remote, "cacerts");
  if (convert_is (revocation, "strict"))
    ipsec_draft_set (reader->draft, "revocation", "strict");
  else if (revocation != NULL && !convert_is (revocation, "relaxed"))
    note_value (reader, reader->remote, "revocation", revocation);
}

/* Who the user is, and by which method of EAP that is proven. */
static void
read_user (Reader *reader, const Braces *end, const char *method)
{
  const char *id = get (reader, end, "id"), *eap_id = get (reader, end, "eap_id");
  const char *const ids[] = { eap_id != NULL ? eap_id : id != NULL ? id : "", NULL };
  const char *user = eap_id != NULL && eap_id[0] != '%' ? eap_id : id != NULL && id[0] != '%' ? id : NULL;

  ipsec_draft_set (reader->draft, "eap", method);
  ipsec_draft_set (reader->draft, "user", user);
  if (!convert_is (method, "tls"))
    set_password (reader, find_secret (reader, "eap", ids));
  if (end == reader->second && id != NULL && id[0] != '%' &&
      strcmp (id, user) != 0) /* it calls itself by the name of its user here */
    note_value (reader, end, "id", id);
}

/* RFC 4739. Of a certificate there is one for both: that of the machine, if it has one. */
static gboolean
read_second (Reader *reader, GError **error)
{
  ConvertAuth auth = convert_auth (get (reader, reader->second, "auth"));
  const char *certificate = get (reader, reader->second, "certs");

  if (auth.auth == NULL)
    return ipsec_draft_fail (error, _ ("The file wants an authentication that this VPN does not know."));
  ipsec_draft_set (reader->draft, "auth2", "eap");
  if (convert_is (ipsec_draft_get (reader->draft, "role"), "server"))
    {
      const char *id = get (reader, reader->second, "id");

      if (id != NULL && !convert_is (id, "%any"))
        note_value (reader, reader->second, "id", id);
      if (certificate != NULL)
        note_value (reader, reader->second, "certs", certificate);
      ipsec_draft_note (reader->draft, _ ("The users and their passwords are in another file; set “users”."));
      return TRUE;
    }
  read_user (reader, reader->second, auth.eap);
  read_login_server (reader, reader->second, TRUE);
  if (certificate != NULL && (!convert_is (auth.eap, "tls") || ipsec_draft_get (reader->draft, "certificate") != NULL))
    {
      if (g_strcmp0 (certificate, braces_get (reader->local, "certs")) != 0)
        note_value (reader, reader->second, "certs", certificate);
    }
  else if (certificate != NULL)
    {
      read_path (reader, "certificate", "x509", reader->second, "certs");
      read_private_key (reader);
    }
  return TRUE;
}

static gboolean
read_auth (Reader *reader, GError **error)
{
  const char *ours = get (reader, reader->local, "auth"), *theirs = get (reader, reader->remote, "auth");
  const char *id = get (reader, reader->local, "id"), *remote_id = get (reader, reader->remote, "id");
  const char *const psk_ids[] = { remote_id != NULL ? remote_id : "", id != NULL ? id : "", NULL };
  ConvertAuth local = convert_auth (ours != NULL ? ours : "pubkey"),
              remote = convert_auth (theirs != NULL ? theirs : "pubkey");

  if (local.auth == NULL || remote.auth == NULL)
    return ipsec_draft_fail (error, _ ("The file wants an authentication that this VPN does not know."));
  convert_set_auth (reader->draft, local, remote);
  if (strcmp (local.auth, "psk") == 0 || strcmp (remote.auth, "psk") == 0)
    ipsec_draft_set_secret (reader->draft, "psk", find_secret (reader, "ike", psk_ids));
  if (strcmp (local.auth, "eap") == 0)
    read_user (reader, reader->local, local.eap);
  convert_set_identity (reader->draft, "local-id", id);
  read_certificates (reader, local);
  convert_set_identity (reader->draft, "remote-id", remote_id);
  read_login_server (reader, reader->local, strcmp (local.auth, "eap") == 0);
  return reader->second == NULL || read_second (reader, error);
}

/* ---- what goes through, and for whom ---- */

static void
read_selectors (Reader *reader, const char *theirs, const char *ours)
{
  const char *value = get (reader, reader->child, theirs);
  g_autofree char *list = value != NULL ? convert_selectors (value, NULL) : NULL;

  if (list != NULL && !(convert_is (list, "dynamic") && convert_is (ours, "local-ts")))
    ipsec_draft_set (reader->draft, ours, list);
}

static gboolean
read_server (Reader *reader, GError **error)
{
  const char *names = get (reader, reader->connection, "pools");
  g_auto (GStrv) list = g_strsplit (names != NULL ? names : "", ",", -1);
  const Braces *pools = braces_section (reader->root, "pools");

  for (guint i = 0; list[i] != NULL; i++)
    {
      const Braces *pool = braces_section (pools, g_strstrip (list[i]));
      const char *addresses = braces_get (pool, "addrs"), *dns = braces_get (pool, "dns");

      if (addresses == NULL)
        continue;
      ipsec_draft_set (reader->draft, "role", "server");
      convert_add_pool (reader->draft, addresses);
      ipsec_draft_add (reader->draft, "push-dns", dns);
    }
  return ipsec_draft_get (reader->draft, "role") != NULL ||
         ipsec_draft_fail (error, _ ("The file names no gateway to connect to, and no addresses to hand out."));
}

static void
read_local_address (Reader *reader)
{
  g_autofree char *first = take_first (reader, reader->connection, "local_addrs");
  IpsecAddress address;

  if (first == NULL || first[0] == '%' || convert_is (first, "0.0.0.0 0.0.0.0/0 :: ::/0"))
    return;
  if (ipsec_address_parse (first, &address))
    ipsec_draft_set (reader->draft, "local-address", first);
  else
    note_value (reader, reader->connection, "local_addrs", first);
}

/* Which address to ask for; "0.0.0.0" and "::" are any. */
static void
read_virtual_ip (Reader *reader, const char *vips)
{
  g_auto (GStrv) list = g_strsplit (vips != NULL ? vips : "", ",", -1);
  guint any = 0, of_family[7] = { 0 };
  IpsecAddress address;

  for (guint i = 0; list[i] != NULL; i++)
    {
      if (convert_is (g_strstrip (list[i]), "0.0.0.0 :: %any %any6 %config %config4 %config6"))
        any++;
      else if (ipsec_address_parse (list[i], &address))
        of_family[address.family]++;
      else
        any++;
    }
  if (of_family[4] + of_family[6] == 0)
    return;
  if (any > 0 || of_family[4] > 1 || of_family[6] > 1)
    note_value (reader, reader->connection, "vips", vips);
  else
    ipsec_draft_set (reader->draft, "virtual-ip", vips);
}

static void
note_more (Reader *reader, const Braces *parent, const Braces *child)
{
  ipsec_draft_note (reader->draft, _ ("The file has one more section “%s” in “%s”, which was not taken over."),
                    child->name, parent->name);
}

static void
note_rounds (Reader *reader, const char *prefix, const Braces *first, const Braces *second)
{
  for (guint i = 0; i < reader->connection->children->len; i++)
    {
      const Braces *child = reader->connection->children->pdata[i];

      if (child->value == NULL && g_str_has_prefix (child->name, prefix) && child != first && child != second)
        note_more (reader, reader->connection, child);
    }
}

/* A second authentication is a user's, of whom the machine is known, and with IKEv2; none of a peer. */
static void
find_second (Reader *reader)
{
  const char *role = ipsec_draft_get (reader->draft, "role");
  gboolean server = convert_is (role, "server"), client = role == NULL;
  const Braces *end = server ? reader->remote : reader->local;
  const Braces *second = swanctl_next_round (reader->connection, server ? "remote" : "local", end);

  if ((client || server) && swanctl_is_eap (second) && !swanctl_is_eap (end) &&
      !convert_is (convert_auth (braces_get (end, "auth")).auth, "null") &&
      !convert_is (braces_get (reader->connection, "version"), "1"))
    reader->second = second;
  note_rounds (reader, "local", reader->local, reader->second);
  note_rounds (reader, "remote", reader->remote, reader->second);
}

static gboolean
read_ends (Reader *reader, GError **error)
{
  const char *remote = get (reader, reader->connection, "remote_addrs"), *vips;
  g_autofree char *gateways = NULL;

  read_local_address (reader);
  if (remote == NULL || convert_is (remote, "%any 0.0.0.0/0 ::/0"))
    return read_server (reader, error);
  gateways = convert_selectors (remote, NULL);
  ipsec_draft_set (reader->draft, "gateway", gateways);
  vips = get (reader, reader->connection, "vips");
  read_virtual_ip (reader, vips);
  if (vips == NULL && !swanctl_is_eap (reader->local) &&
      !swanctl_is_eap (swanctl_next_round (reader->connection, "local", reader->local)))
    ipsec_draft_set (reader->draft, "role", "peer");
  return TRUE;
}

static void
read_version (Reader *reader)
{
  const char *version = get (reader, reader->connection, "version"),
             *aggressive = get (reader, reader->connection, "aggressive");

  if (convert_is (version, "1"))
    ipsec_draft_set (reader->draft, "ike-version", convert_is (aggressive, "yes") ? "1-aggressive" : "1");
}

/* ---- times ---- */

/* "0", "0s": it is switched off. */
static gboolean
is_off (const char *time)
{
  gsize zeroes = time != NULL ? strspn (time, "0") : 0;

  return zeroes > 0 && (time[zeroes] == '\0' || (g_ascii_isalpha (time[zeroes]) && time[zeroes + 1] == '\0'));
}

/* Keys are renewed by us or not, for IKE and ESP alike; and whoever authenticates anew has new keys then. */
static void
read_lifetimes (Reader *reader)
{
  static const ConvertRow ike_row = { "rekey_time", "ike-lifetime", CONVERT_TIME, NULL },
                          reauth_row = { "reauth_time", "ike-lifetime", CONVERT_TIME, NULL },
                          esp_row = { "rekey_time", "esp-lifetime", CONVERT_TIME, NULL };
  const char *ike = get (reader, reader->connection, "rekey_time"),
             *reauth = get (reader, reader->connection, "reauth_time"),
             *esp = get (reader, reader->child, "rekey_time");
  gboolean reauthenticates = reauth != NULL && !is_off (reauth);

  if (is_off (ike) && is_off (esp) && !reauthenticates)
    {
      ipsec_draft_set (reader->draft, "rekey", "no");
      return;
    }
  if (reauthenticates)
    {
      ipsec_draft_set (reader->draft, "reauth", "yes");
      convert_set_row (reader->draft, &reauth_row, reauth);
    }
  else if (!is_off (ike))
    convert_set_row (reader->draft, &ike_row, ike);
  if (ike != NULL && is_off (ike) != reauthenticates)
    note_value (reader, reader->connection, "rekey_time", ike);
  if (is_off (esp))
    note_value (reader, reader->child, "rekey_time", esp);
  else
    convert_set_row (reader->draft, &esp_row, esp);
}

static void
read_inactivity (Reader *reader)
{
  static const ConvertRow row = { "inactivity", "idle-timeout", CONVERT_TIME, NULL };
  const char *inactivity = get (reader, reader->child, "inactivity");

  if (convert_is (ipsec_draft_get (reader->draft, "start"), "ondemand"))
    convert_set_row (reader->draft, &row, is_off (inactivity) ? "0" : inactivity);
  else if (inactivity != NULL && !is_off (inactivity))
    note_value (reader, reader->child, "inactivity", inactivity);
}

/* A server lets clients do so anyway. */
static void
read_childless (Reader *reader)
{
  gboolean server = convert_is (ipsec_draft_get (reader->draft, "role"), "server");

  if (!convert_is (braces_get (reader->connection, "childless"), server ? "prefer" : "prefer force"))
    return;
  (void) get (reader, reader->connection, "childless");
  if (!server)
    ipsec_draft_set (reader->draft, "childless", "yes");
}

/* ---- what was not read ---- */

/* What says nothing that we do not do anyway, or is for a daemon's inner life; or does so with this value. */
static const char ignored_connection[] =
    "pull send_cert send_certreq unique over_time rand_time childless=allow childless=never mediation=no dscp=000000 "
    "ocsp=reply ocsp=never";
static const char ignored_end[] = "round eap_id=%any";
static const char ignored_child[] =
    "life_time life_bytes life_packets rand_time rand_bytes rand_packets rekey_packets=0 dpd_action close_action "
    "hostaccess priority policies=yes policies_fwd_out copy_df=yes copy_ecn=yes sha256_96=no mark_in_sa=no reqid=0 "
    "label_mode=system per_cpu_sas=no";

/* Marks and numbers of interfaces are one for both directions here. */
static gboolean
is_other_direction (const Braces *section, const Braces *item)
{
  const char *out = convert_is (item->name, "mark_in")    ? braces_get (section, "mark_out")
                    : convert_is (item->name, "if_id_in") ? braces_get (section, "if_id_out")
                                                          : NULL;

  return g_strcmp0 (out, item->value) == 0;
}

static void
note_unused (Reader *reader, const Braces *section, const char *ignored)
{
  for (guint i = 0; section != NULL && i < section->children->len; i++)
    {
      const Braces *item = section->children->pdata[i];
      g_autofree char *whole = g_strdup_printf ("%s=%s", item->name, item->value != NULL ? item->value : "{}");

      if (item->value == NULL || item->value[0] == '\0' || g_hash_table_contains (reader->used, item) ||
          item != braces_item (section, item->name) || convert_is (item->name, "include"))
        continue;
      if (!convert_is (item->name, ignored) && !convert_is (whole, ignored) && !is_other_direction (section, item))
        note_value (reader, section, item->name, item->value);
    }
}

/* Sections beside those that were read: "cert-1" in an end. */
static void
note_sections (Reader *reader, const Braces *section)
{
  for (guint i = 0; section != NULL && i < section->children->len; i++)
    {
      const Braces *child = section->children->pdata[i];
      gboolean known = section == reader->connection &&
                       (g_str_has_prefix (child->name, "local") || g_str_has_prefix (child->name, "remote") ||
                        convert_is (child->name, "children"));
      g_autofree char *name = section == reader->connection ? g_strdup (child->name)
                                                            : g_strdup_printf ("%s.%s", section->name, child->name);

      if (child->value == NULL && !known)
        ipsec_draft_note (reader->draft, _ ("“%s” cannot be expressed in a profile."), name);
    }
}

/* What the file leaves to others. */
static void
note_elsewhere (Reader *reader, const Braces *section)
{
  for (guint i = 0; section->others != NULL && i < section->others->len; i++)
    ipsec_draft_note (reader->draft, _ ("The section “%s” refers to “%s”, which is not in the file."), section->name,
                      (const char *) section->others->pdata[i]);
  for (guint i = 0; i < section->children->len; i++)
    {
      const Braces *child = section->children->pdata[i];

      if (child->value == NULL)
        note_elsewhere (reader, child);
      else if (convert_is (child->name, "include"))
        ipsec_draft_note (reader->draft, _ ("The file includes %s, which was not read."), child->value);
    }
}

static void
note_rest (Reader *reader)
{
  const struct {
    const Braces *section;
    const char *ignored;
  } sections[] = {
    { reader->connection, ignored_connection },
    { reader->local, ignored_end },
    { reader->remote, ignored_end },
    { reader->second, ignored_end },
    { reader->child, ignored_child },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      note_unused (reader, sections[i].section, sections[i].ignored);
      note_sections (reader, sections[i].section);
    }
  if (braces_section (reader->root, "authorities") != NULL)
    ipsec_draft_note (reader->draft, _ ("“%s” cannot be expressed in a profile."), "authorities");
  note_elsewhere (reader, reader->root);
}

/* ---- the file ---- */

/* The first section in @parent whose name begins so; others of its kind are noted. */
static const Braces *
first_section (Reader *reader, const Braces *parent)
{
  const Braces *first = NULL;

  for (guint i = 0; parent != NULL && i < parent->children->len; i++)
    {
      const Braces *child = parent->children->pdata[i];

      if (child->value != NULL)
        continue;
      if (first == NULL)
        first = child;
      else
        note_more (reader, parent, child);
    }
  return first;
}

static gboolean
read_swanctl (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (Braces) root = braces_parse (text, len, error);
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  Reader reader = { .draft = draft, .root = root, .used = used };

  if (root == NULL)
    return FALSE;
  reader.connection = first_section (&reader, braces_section (root, "connections"));
  if (reader.connection == NULL)
    return ipsec_draft_fail (error, _ ("The file has no connection."));
  ipsec_draft_set_id (draft, reader.connection->name);
  reader.local = swanctl_next_round (reader.connection, "local", NULL);
  reader.remote = swanctl_next_round (reader.connection, "remote", NULL);
  reader.child = first_section (&reader, braces_section (reader.connection, "children"));
  if (!read_ends (&reader, error))
    return FALSE;
  find_second (&reader);
  if (!read_auth (&reader, error))
    return FALSE;
  read_ppk (&reader);
  read_version (&reader);
  read_rows (&reader, reader.connection, connection_rows, G_N_ELEMENTS (connection_rows));
  read_rows (&reader, reader.child, child_rows, G_N_ELEMENTS (child_rows));
  read_selectors (&reader, "local_ts", "local-ts");
  read_selectors (&reader, "remote_ts", "remote-ts");
  read_lifetimes (&reader);
  read_childless (&reader);
  read_inactivity (&reader);
  ipsec_draft_keep_role (draft);
  note_rest (&reader);
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
