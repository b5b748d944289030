/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profile -> ipsec.conf. Left is this end. A value with a quotation mark or a line end cannot be written, since the
 * format knows no escape; it is left out, and a comment says which key it was, unless somebody else would be trusted then.
 */
#include "config.h"

#include "profile/formats/ipsec-conf-groups.h"
#include "profile/formats/ipsec-conf-rows.h"

#include "profile/formats/export.h"
#include "profile/formats/ipsec-conf.h"
#include "profile/value.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  NMSettingVpn *vpn;
  GString *out;
  GHashTable *done; /* our keys */
  GString *left_out; /* the others */
  const char *missing; /* what the file cannot do without; NULL: nothing */
  gboolean misread; /* and would be a file there */
  gboolean database; /* our certificate is from there */
} Writer;

static const char *
get (Writer *writer, const char *key)
{
  g_hash_table_add (writer->done, (gpointer) key);
  return nm_setting_vpn_get_data_item (writer->vpn, key);
}

/* It is not in the file after all. */
static void
leave (Writer *writer, const char *key)
{
  g_hash_table_remove (writer->done, key);
}

static gboolean
is_client (Writer *writer)
{
  const char *role = get (writer, "role");

  return role == NULL || convert_is (role, "client");
}

static void
put_left_out (Writer *writer, const char *name)
{
  g_string_append_printf (writer->out, "    # %s cannot be written here\n", name);
  export_add_name (writer->left_out, name);
}

static void
refuse (Writer *writer, const char *name)
{
  put_left_out (writer, name);
  if (convert_is (name, "rightid rightca rightcert rightrsasigkey rightecdsakey rightpubkey"))
    writer->missing = name;
}

static void
put (Writer *writer, const char *name, const char *value)
{
  if (value == NULL)
    return;
  if (value[strcspn (value, "\"\r\n")] != '\0')
    refuse (writer, name);
  else if (value[strcspn (value, " #\t")] != '\0')
    g_string_append_printf (writer->out, "    %s=\"%s\"\n", name, value);
  else
    g_string_append_printf (writer->out, "    %s=%s\n", name, value);
}

static void
put_rows (Writer *writer)
{
  const ConvertRow *row;

  for (guint i = 0; (row = ipsec_conf_row (i)) != NULL; i++)
    {
      const char *value;
      g_autofree char *theirs = NULL;

      if (g_hash_table_contains (writer->done, row->ours) ||
          (value = nm_setting_vpn_get_data_item (writer->vpn, row->ours)) == NULL)
        continue;
      theirs = convert_row_out (row, value);
      if (theirs == NULL)
        continue;
      g_hash_table_add (writer->done, (gpointer) row->ours);
      put (writer, row->theirs, theirs);
    }
}

/* As the profile has it, which nmcli may have written in another way; the caller's; NULL: it is not there. */
static char *
canonical (Writer *writer, const char *key)
{
  const char *value = get (writer, key);
  char *text = value != NULL ? ipsec_value_canonical (ipsec_key_find (key, FALSE), value, NULL) : NULL;

  return text != NULL ? text : g_strdup (value);
}

/* "nss:NAME" is what the format means by a plain name, unless it looks like a file's, or like a URI. */
static void
put_certificate (Writer *writer, const char *name, const char *key)
{
  g_autofree char *value = canonical (writer, key);
  const char *nickname = value != NULL && g_str_has_prefix (value, "nss:") ? value + strlen ("nss:") : NULL;

  if (nickname == NULL)
    put (writer, name, value);
  else if (!convert_is_path (nickname) && !convert_is_uri (nickname))
    {
      put (writer, name, nickname);
      writer->database |= strcmp (key, "certificate") == 0 && strchr (nickname, '"') == NULL;
    }
  else
    {
      refuse (writer, name);
      writer->misread = writer->missing == name;
    }
}

static void
put_identity (Writer *writer, const char *name, const char *key)
{
  const char *value = get (writer, key);
  g_autofree char *identity = value != NULL ? convert_identity_out (value) : NULL;

  put (writer, name, identity);
}

static gboolean
is_mesh (const Writer *writer)
{
  return convert_is (nm_setting_vpn_get_data_item (writer->vpn, "role"), "mesh");
}

static const char *
auth_word (const char *auth)
{
  static const char *const words[][2] = {
    { "psk", "secret" }, { "cert", "rsasig" },      { "rsa", "rsasig" },
    { "null", "null" },  { "eap-only", "eaponly" }, { "eap", "eap" },
  };

  for (guint i = 0; auth != NULL && i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i][0], auth) == 0)
      return words[i][1];
  return NULL;
}

/* The whole database is what a certificate from there comes with, unless any authority will do. */
static void
put_authority (Writer *writer)
{
  g_autofree char *ca = canonical (writer, "ca");
  gboolean database = writer->database;

  if (ca == NULL || convert_is (ca, "system"))
    put (writer, "rightca", database ? "%any" : NULL);
  else if (!database || !convert_is (ca, "nss:*"))
    put (writer, "rightca", ca);
}

/* What remote-auth=auto comes to. */
static const char *
usual_remote (Writer *writer, const char *auth)
{
  NMSettingVpn *vpn = writer->vpn;

  if (is_mesh (writer))
    return auth;
  if (nm_setting_vpn_get_data_item (vpn, "users") != NULL && nm_setting_vpn_get_data_item (vpn, "auth2") == NULL)
    return "eap";
  return nm_setting_vpn_get_data_item (vpn, "remote-rsa-key") != NULL ? "rsa" : convert_usual_remote (auth);
}

/* "eap", "eap-tls"; the caller's. */
static char *
eap_word (const char *method)
{
  return method == NULL || convert_is (method, "auto") ? g_strdup ("eap") : g_strconcat ("eap-", method, NULL);
}

/* Libreswan does not know the word, and takes no connection that has it: better than one without the user. */
static void
put_second (Writer *writer, const char *eap)
{
  g_autofree char *method = eap_word (eap);

  put (writer, is_client (writer) ? "leftauth2" : "rightauth2", method);
}

/* Libreswan has a word for each kind of raw public key: RFC 3110's, the points of ECDSA, and whatever X.509 writes. */
static const char *
raw_key_word (const char *key)
{
  gsize len = 0;
  g_autofree guint8 *octets = key != NULL && g_str_has_prefix (key, "0s") ? g_base64_decode (key + 2, &len) : NULL;

  if (len == 64 || len == 96 || len == 132)
    return "ecdsakey";
  return len > 0 && octets[0] == 0x30 ? "pubkey" : "rsasigkey";
}

static const char *
key_auth_word (Writer *writer, const char *auth, const char *key)
{
  const char *octets = nm_setting_vpn_get_data_item (writer->vpn, key);

  return convert_is (auth, "rsa") && convert_is (raw_key_word (octets), "ecdsakey") ? "ecdsa" : auth_word (auth);
}

/* How the other end proves who it is. */
static const char *
put_methods (Writer *writer)
{
  const char *auth = convert_auth_of (writer->vpn), *remote = get (writer, "remote-auth"), *eap = get (writer, "eap");
  gboolean first = convert_is (auth, "eap"), second = convert_is (get (writer, "auth2"), "eap");
  g_autofree char *method = first ? eap_word (eap) : NULL;

  (void) get (writer, "auth");
  if (!first && !second && !convert_is (eap, "auto"))
    leave (writer, "eap");
  put (writer, "leftauth", method != NULL ? method : key_auth_word (writer, auth, "local-rsa-key"));
  if (remote == NULL || convert_is (remote, "auto"))
    remote = usual_remote (writer, auth);
  put (writer, "rightauth", key_auth_word (writer, remote, "remote-rsa-key"));
  if (second)
    put_second (writer, eap);
  return remote;
}

static void
put_raw_key (Writer *writer, const char *side, const char *key)
{
  const char *word = raw_key_word (key);
  g_autofree char *name = g_strconcat (side, word, NULL);

  put (writer, name, convert_is (word, "pubkey") ? key + 2 : key);
}

/* A certificate beside a raw key, and the other way round, would say that it is the proof. */
static void
put_proofs (Writer *writer, const char *remote)
{
  const char *key = get (writer, "local-rsa-key"), *remote_key = get (writer, "remote-rsa-key");
  gboolean raw = convert_is (convert_auth_of (writer->vpn), "rsa"), remote_raw = convert_is (remote, "rsa");

  if (raw)
    put_raw_key (writer, "left", key != NULL ? key : get (writer, "private-key"));
  else
    {
      put_certificate (writer, "leftcert", "certificate");
      leave (writer, "local-rsa-key");
    }
  if (remote_raw)
    put_raw_key (writer, "right", remote_key);
  else
    {
      put_certificate (writer, "rightcert", "remote-certificate");
      leave (writer, "remote-rsa-key");
    }
}

/* Any identity is read only with an authority of its own, as convert_set_identity() has it. */
static void
put_remote_identity (Writer *writer, const char *remote)
{
  const char *ca = nm_setting_vpn_get_data_item (writer->vpn, "ca"),
             *certificate = nm_setting_vpn_get_data_item (writer->vpn, "remote-certificate");

  if (convert_is (get (writer, "remote-id"), "%fromcert") && !is_mesh (writer) &&
      (!convert_is (remote, "cert") || (certificate == NULL && (ca == NULL || convert_is (ca, "system")))))
    put_left_out (writer, "rightid");
  else
    put_identity (writer, "rightid", "remote-id");
}

static void
put_auth (Writer *writer)
{
  const char *user = get (writer, "user"), *remote = put_methods (writer);

  if (user == NULL && is_client (writer) &&
      (convert_is (convert_auth_of (writer->vpn), "eap") || convert_is (get (writer, "auth2"), "eap")))
    user = nm_setting_vpn_get_user_name (writer->vpn);
  if (user != NULL && user[0] == '%') /* a word there */
    put_left_out (writer, "leftusername");
  else
    put (writer, "leftusername", user);
  if (convert_is (get (writer, "xauth"), "yes"))
    put (writer, "leftxauthclient", "yes");
  put_identity (writer, "leftid", "local-id");
  put_remote_identity (writer, remote);
  put_proofs (writer, remote);
  put_authority (writer);
}

static void
put_selectors (Writer *writer, const char *key, const char *name)
{
  const char *value = get (writer, key);
  g_autofree char *list = NULL;

  if (value == NULL && strcmp (key, "remote-ts") == 0 && is_client (writer))
    value = IPSEC_CONF_EVERYTHING; /* there it is the gateway alone */
  list = value != NULL ? convert_selectors (value, NULL) : NULL;
  if (list != NULL && !convert_is (list, "dynamic"))
    put (writer, name, list);
  else if (list != NULL && strcmp (key, "remote-ts") == 0 && is_client (writer))
    leave (writer, key); /* what the file means then; not so who imports it */
}

static void
put_server (Writer *writer)
{
  const char *pool = get (writer, "pool"), *pool6 = get (writer, "pool6");
  g_autofree char *both =
      g_strjoin (pool != NULL && pool6 != NULL ? "," : "", pool != NULL ? pool : "", pool6 != NULL ? pool6 : "", NULL);
  g_autofree char *list = convert_selectors (both, NULL);

  put (writer, "right", "%any");
  put (writer, "rightaddresspool", list);
  put (writer, "modecfgdns", get (writer, "push-dns"));
  put (writer, "modecfgdomains", get (writer, "push-domains"));
  put (writer, "modecfgbanner", get (writer, "push-banner"));
  put (writer, "redirect-to", get (writer, "redirect-to"));
}

static void
put_ends (Writer *writer)
{
  const char *role = get (writer, "role"), *local = get (writer, "local-address"), *gateway = get (writer, "gateway");
  const char *start = get (writer, "start"), *version = get (writer, "ike-version"),
             *interface = get (writer, "interface");
  gboolean client = is_client (writer);
  g_autofree char *gateways = gateway != NULL ? convert_selectors (gateway, NULL) : NULL;

  put (writer, "left", local != NULL ? local : "%defaultroute");
  if (convert_is (role, "server"))
    put_server (writer);
  else
    put (writer, "right", gateways);
  put (writer, "leftmodecfgclient", client ? "yes" : "no");
  put (writer, "auto",
       convert_is (start, "ondemand")           ? "ondemand"
       : client || convert_is (start, "listen") ? "add"
                                                : "start");
  put (writer, "ikev2", version != NULL && version[0] == '1' ? "no" : "insist");
  if (convert_is (version, "1-aggressive"))
    put (writer, "aggressive", "yes");
  put (writer, "leftikeport", get (writer, "local-port"));
  put (writer, "rightikeport", get (writer, "remote-port"));
  if (convert_is (interface, "xfrm"))
    put (writer, "ipsec-interface", "yes");
  else if (!convert_is (interface, "auto"))
    leave (writer, "interface");
}

/* Which one to ask for; whether at all follows from the rest. */
static void
put_source (Writer *writer)
{
  const char *value = get (writer, "virtual-ip");
  g_autofree char *list = value != NULL && !convert_is (value, "auto yes no") ? convert_selectors (value, NULL) : NULL;

  put (writer, "leftsourceip", list);
  if (list == NULL && !convert_is (value, "auto"))
    leave (writer, "virtual-ip");
}

static void
put_rest (const char *key, const char *value, gpointer data)
{
  Writer *writer = data;

  if (!g_hash_table_contains (writer->done, key) && !g_str_has_suffix (key, "-flags"))
    put_left_out (writer, key);
}

/* Whom a group expects: whoever proves to be somebody, if anybody. */
static void
put_mesh_identities (Writer *writer)
{
  const char *auth = convert_auth_of (writer->vpn);

  if (convert_is (auth, "null") && nm_setting_vpn_get_data_item (writer->vpn, "local-id") == NULL)
    put (writer, "leftid", "%null");
  put (writer, "rightid", convert_is (auth, "null") ? "%null" : convert_is (auth, "psk") ? NULL : "%fromcert");
}

/* What Libreswan's manual has for its groups. */
static const struct {
  const char *name;
  gboolean encrypts;
  const char *lines; /* "KEY VALUE ..." */
} groups[] = {
  { "private", TRUE, "negotiationshunt hold failureshunt drop auto ondemand" },
  { "private-or-clear", TRUE, "negotiationshunt hold failureshunt passthrough auto ondemand" },
  { "clear-or-private", TRUE, "negotiationshunt hold failureshunt passthrough auto add" },
  { "clear", FALSE, "type passthrough authby never auto ondemand" },
  { "block", FALSE, "type drop authby never auto ondemand" },
};

static gboolean
put_group (Writer *writer, guint index, const char *left, const char *common)
{
  const char *value = get (writer, groups[index].name);
  g_autofree char *list = value != NULL ? convert_selectors (value, NULL) : NULL;
  g_auto (GStrv) words = g_strsplit (groups[index].lines, " ", -1);

  if (list == NULL)
    return FALSE;
  g_string_append_printf (writer->out,
                          "# Libreswan reads the nets of a group, one in a line, from " IPSEC_CONF_POLICIES "/%s\n"
                          "conn %s\n",
                          groups[index].name, groups[index].name);
  put (writer, "left", left);
  put (writer, "right", groups[index].encrypts ? "%opportunisticgroup" : "%group");
  for (guint i = 0; words[i] != NULL && words[i + 1] != NULL; i += 2)
    put (writer, words[i], words[i + 1]);
  if (groups[index].encrypts)
    put (writer, "also", common);
  put (writer, IPSEC_CONF_NETS, list);
  g_string_append_c (writer->out, '\n');
  return TRUE;
}

/* A section that others name with also= comes after them. */
static gboolean
write_mesh (Writer *writer, const char *name, GError **error)
{
  const char *local = get (writer, "local-address"), *version = get (writer, "ike-version");
  g_autofree char *common = g_strconcat (name, "-mesh", NULL);
  guint encrypting = 0;

  (void) get (writer, "role");
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (put_group (writer, i, local != NULL ? local : "%defaultroute", common) && groups[i].encrypts)
      encrypting++;
  if (encrypting == 0)
    return ipsec_draft_fail (error, _ ("A mesh that encrypts nothing cannot be written as ipsec.conf."));
  g_string_append_printf (writer->out, "conn %s\n", common);
  put (writer, "ikev2", version != NULL && version[0] == '1' ? "no" : "insist");
  put_mesh_identities (writer);
  return TRUE;
}

static char *
write_conf (NMConnection *connection, GPtrArray *notes, GError **error)
{
  g_autoptr (GHashTable) done = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) out = g_string_new (NULL), left_out = g_string_new (NULL);
  g_autofree char *name = NULL;
  Writer writer = { .vpn = nm_connection_get_setting_vpn (connection), .out = out, .done = done, .left_out = left_out };

  if (writer.vpn == NULL || nm_connection_get_id (connection) == NULL)
    {
      ipsec_draft_fail (error, _ ("This is no VPN connection."));
      return NULL;
    }
  if (convert_is (nm_setting_vpn_get_data_item (writer.vpn, "auth"), "hybrid"))
    {
      ipsec_draft_fail (error, _ ("Hybrid authentication cannot be written as ipsec.conf."));
      return NULL;
    }
  if (convert_is (nm_setting_vpn_get_data_item (writer.vpn, "role"), "peer") &&
      convert_is (convert_auth_of (writer.vpn), "eap"))
    {
      ipsec_draft_fail (error, _ ("A peer with EAP cannot be written as ipsec.conf, where that is a client's."));
      return NULL;
    }
  name = convert_conn_name (nm_connection_get_id (connection));
  g_string_append (out, "# Written by NetworkManager-ipsec. Secrets are not in this file.\n");
  if (is_mesh (&writer))
    {
      if (!write_mesh (&writer, name, error))
        return NULL;
    }
  else
    {
      g_string_append_printf (out, "conn %s\n", name);
      put_ends (&writer);
    }
  put_auth (&writer);
  put_selectors (&writer, "local-ts", "leftsubnets");
  put_selectors (&writer, "remote-ts", "rightsubnets");
  put_source (&writer);
  put_rows (&writer);
  nm_setting_vpn_foreach_data_item (writer.vpn, put_rest, &writer);
  if (writer.missing != NULL)
    {
      ipsec_draft_fail (error,
                        writer.misread ? _ ("%s cannot be written as ipsec.conf, where its name would be a file's.")
                                       : _ ("%s cannot be written as ipsec.conf, in which no quotation mark may be."),
                        writer.missing);
      return NULL;
    }
  export_note_left_out (notes, left_out->str);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* (here, so that who only reads needs no libnm) */
const IpsecFormat ipsec_format_ipsec_conf = {
  .name = "ipsec.conf",
  .suffix = ".conf",
  .sniff = ipsec_conf_sniff,
  .read = ipsec_conf_read,
  .write = write_conf,
};
