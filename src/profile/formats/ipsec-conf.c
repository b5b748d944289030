/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.conf -> profile: Libreswan's and strongSwan's dialects, which share names but not all meanings.
 *
 * Which side is ours follows from what only a client's own side can say; without such a sign left is local, as in
 * both manuals.
 */
#include "config.h"

#include "profile/formats/ipsec-conf.h"

#include "profile/formats/conf.h"
#include "profile/formats/convert.h"
#include "profile/formats/ipsec-conf-dialect.h"
#include "profile/formats/ipsec-conf-groups.h"
#include "profile/formats/ipsec-conf-rows.h"
#include "profile/selector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define STRONGSWAN_CERTS "/etc/ipsec.d/certs"

typedef struct {
  IpsecDraft *draft;
  GHashTable *values; /* name -> value */
  GHashTable *used; /* names */
  const char *local, *remote; /* "left", "right" */
  gboolean strongswan;
  gboolean mesh; /* the remote end is a group */
} Reader;

/* ---- values ---- */

/* NULL: it is not there, or empty. The strings are the configuration's. */
static const char *
get (Reader *reader, const char *key)
{
  gpointer name, value;

  if (!g_hash_table_lookup_extended (reader->values, key, &name, &value))
    return NULL;
  g_hash_table_add (reader->used, name);
  return ((const char *) value)[0] != '\0' ? value : NULL;
}

static const char *
get_side (Reader *reader, const char *side, const char *key)
{
  g_autofree char *name = g_strconcat (side, key, NULL);

  return get (reader, name);
}

static const char *
local (Reader *reader, const char *key)
{
  return get_side (reader, reader->local, key);
}

static const char *
remote (Reader *reader, const char *key)
{
  return get_side (reader, reader->remote, key);
}

static void
set_taken (Reader *reader, const char *key, char *take_value)
{
  g_autofree char *value = take_value;

  ipsec_draft_set (reader->draft, key, value);
}

static void
note_value (Reader *reader, const char *key, const char *value)
{
  ipsec_draft_note (reader->draft, _ ("%s=%s cannot be expressed in a profile."), key, value);
}

/* What our key's own check refuses, names of hosts for example, is told. */
static void
set_or_note (Reader *reader, const char *key, const char *name, const char *value)
{
  if (!ipsec_draft_try (reader->draft, key, value))
    note_value (reader, name, value);
}

/* ---- what is a word or a number there and here ---- */

static void
read_rows (Reader *reader)
{
  const ConvertRow *row;

  for (guint i = 0; (row = ipsec_conf_row (i)) != NULL; i++)
    convert_set_row (reader->draft, row, get (reader, row->theirs));
}

/* ---- the sides ---- */

static gboolean
is_any (const char *address)
{
  return address == NULL || convert_is (address, "%any %any6 %opportunistic %group 0.0.0.0 ::");
}

/* strongSwan: the address that this side asks for, or that the other side is given there; Libreswan: whence it sends. */
static gboolean
asks_for_address (Reader *reader, const char *side)
{
  const char *source = get_side (reader, side, "sourceip");
  gboolean left = strcmp (side, "left") == 0;
  g_autofree char *addresses = NULL;

  if (source == NULL || source[0] == '%')
    return source != NULL;
  addresses = reader->strongswan ? convert_addresses (source) : NULL;
  return addresses != NULL && !is_any (get (reader, left ? "right" : "left")) &&
         (left || convert_is (get (reader, "right"), "%defaultroute"));
}

/* What only a client says of itself. */
static gboolean
says_client (Reader *reader, const char *side)
{
  if (get_side (reader, side, "addresspool") != NULL)
    return FALSE; /* the file is the server's */
  return convert_is (get_side (reader, side, "modecfgclient"), "yes") || asks_for_address (reader, side) ||
         get_side (reader, side, "username") != NULL || get_side (reader, side, "xauthusername") != NULL;
}

/* Right is ours when it, and only it, says what a remote end cannot say. */
static void
choose_sides (Reader *reader)
{
  gboolean left = says_client (reader, "left") || convert_is (get (reader, "left"), "%defaultroute");
  gboolean right = says_client (reader, "right") || convert_is (get (reader, "right"), "%defaultroute");

  if (reader->mesh)
    right = convert_is (get (reader, "left"), "%opportunisticgroup"), left = !right;

  reader->local = right && !left ? "right" : "left";
  reader->remote = right && !left ? "left" : "right";
}

static const char *
said_auth (Reader *reader, const char *side)
{
  const char *own = get_side (reader, side, "auth"), *both = get (reader, "authby");

  return own != NULL ? own : both != NULL ? both : "pubkey";
}

/* A client asks for an address, or sends everything to the gateway; what has networks on both sides is a peer. */
static gboolean
is_client (Reader *reader)
{
  if (reader->mesh)
    return FALSE;
  if (says_client (reader, reader->local) || get (reader, "eap_identity") != NULL ||
      convert_is (convert_auth (said_auth (reader, reader->local)).auth, "eap") ||
      convert_is (convert_auth (local (reader, "auth2")).auth, "eap"))
    return TRUE;
  return convert_is (local (reader, ""), "%defaultroute") && !convert_is (local (reader, "modecfgclient"), "no") &&
         convert_is (remote (reader, "subnet"), "0.0.0.0/0 ::/0");
}

static char *
certificate_of (const Reader *reader, const char *value)
{
  if (convert_is_uri (value) || g_path_is_absolute (value))
    return g_strdup (value);
  if (reader->strongswan || convert_is_path (value))
    return g_build_filename (reader->strongswan ? STRONGSWAN_CERTS : ipsec_draft_dir (reader->draft), value, NULL);
  return g_strconcat ("nss:", value, NULL);
}

/* The raw public key of whatever kind, as a profile has it; %cert and the like are none. The caller's; NULL: none. */
static char *
raw_key_of (Reader *reader, const char *side)
{
  const char *value = NULL, *word = "";

  for (guint i = 0; (value == NULL || value[0] == '%') && (word = ipsec_conf_key_word (i)) != NULL; i++)
    value = get_side (reader, side, word);
  if (value == NULL || value[0] == '%')
    return NULL;
  return g_strconcat (strcmp (word, "pubkey") == 0 && !g_str_has_prefix (value, "0s") ? "0s" : "", value, NULL);
}

static void
read_selectors (Reader *reader, const char *side, const char *key)
{
  const char *nets = get_side (reader, side, "subnets"), *net = get_side (reader, side, "subnet");
  const char *protoport = get_side (reader, side, "protoport");
  const char *value = nets != NULL ? nets : net;

  if (value != NULL && (strstr (value, "vhost:") != NULL || strstr (value, "vnet:") != NULL))
    {
      g_autofree char *name = g_strconcat (side, "subnet", NULL);

      note_value (reader, name, value);
      value = NULL;
    }
  /* one who is given an address means that address: the gateway narrows it down; a list (as we write it) is meant */
  if (nets == NULL && convert_is (get_side (reader, side, "modecfgclient"), "yes") &&
      convert_is (value, "0.0.0.0/0 ::/0"))
    value = NULL;
  if (value == NULL && protoport != NULL && !convert_is (protoport, "0 %any 0/0 %any/%any"))
    value = "dynamic";
  if (value != NULL)
    set_taken (reader, key, convert_selectors (value, protoport));
}

/* A client that names no network there protects what it sends to the gateway alone, which hardly anybody wants. More is
 * the safe side, and a gateway that has networks narrows it down to them. */
static void
check_everything (Reader *reader)
{
  const char *nets = ipsec_draft_get (reader->draft, "remote-ts");

  if (convert_is (nets, IPSEC_CONF_EVERYTHING))
    ipsec_draft_unset (reader->draft, "remote-ts"); /* so it is anyway */
  else if (nets == NULL && !convert_is (ipsec_draft_get (reader->draft, "mode"), "transport"))
    ipsec_draft_note (reader->draft, _ ("The file names no network behind the gateway; there, that means the gateway "
                                        "alone. Here everything goes through the tunnel, as far as the gateway allows "
                                        "it; otherwise set “remote-ts”."));
}

/* The address that is asked for: strongSwan's meaning. Libreswan's is the one for what this host sends itself, which of a
 * client that is given one must be the same. */
static void
read_source (Reader *reader, gboolean client)
{
  const char *ours = local (reader, "sourceip"), *theirs = remote (reader, "sourceip");
  gboolean asks = reader->strongswan || convert_is (local (reader, "modecfgclient"), "yes");
  g_autofree char *name = g_strconcat (reader->local, "sourceip", NULL), *addresses = convert_addresses (ours);
  g_autofree char *remote_name = g_strconcat (reader->remote, "sourceip", NULL);

  if (client && asks && addresses != NULL)
    set_or_note (reader, "virtual-ip", name, addresses);
  else if (ours != NULL && ours[0] != '%')
    note_value (reader, name, ours);
  if (theirs != NULL && reader->strongswan && !convert_is (ipsec_draft_get (reader->draft, "role"), "server"))
    note_value (reader, remote_name, theirs);
}

/* ---- authentication ---- */

static ConvertAuth
auth_of (Reader *reader, const char *side)
{
  const char *said = said_auth (reader, side);
  g_autofree char *first = g_strndup (said, strcspn (said, ",|"));
  ConvertAuth auth = convert_auth (first);
  g_autofree char *key = raw_key_of (reader, side);

  if (auth.auth == NULL)
    ipsec_draft_note (reader->draft, _ ("%sauth=%s cannot be expressed in a profile."), side, first);
  else if (strcmp (auth.auth, "cert") == 0 && get_side (reader, side, "cert") == NULL &&
           (key != NULL || get_side (reader, side, "ckaid") != NULL))
    auth.auth = "rsa";
  return auth;
}

static void
read_user (Reader *reader)
{
  const char *user = local (reader, "username");

  user = user != NULL ? user : local (reader, "xauthusername");
  user = user != NULL ? user : get (reader, "eap_identity");
  user = user != NULL ? user : get (reader, "xauth_identity");
  if (user != NULL && user[0] != '%')
    ipsec_draft_set (reader->draft, "user", user);
}

/* Libreswan trusts what its database does: a certificate from there comes with the authorities there, never with those
 * of the system, anybody of whom could call himself the other end. */
static void
read_authority (Reader *reader)
{
  const char *ca = remote (reader, "ca"), *certificate = local (reader, "cert");

  if (ca != NULL && (convert_is_path (ca) || convert_is_uri (ca) || g_str_has_prefix (ca, "nss:")))
    set_taken (reader, "ca", g_str_has_prefix (ca, "nss:") ? g_strdup (ca) : certificate_of (reader, ca));
  else if (ca != NULL && !convert_is (ca, "%same %any"))
    ipsec_draft_note (reader->draft, _ ("The certificate authority “%s” is not in the file; set “ca” to its file."),
                      ca);
  else if (certificate != NULL && !convert_is (ca, "%any"))
    {
      g_autofree char *ours = certificate_of (reader, certificate);

      ipsec_draft_set (reader->draft, "ca", g_str_has_prefix (ours, "nss:") ? "nss:*" : NULL);
    }
}

/* A key that is left over where the end proves itself in another way would be what it must have here. A certificate is
 * beside its own key, which it says, too. */
static void
read_raw_key (Reader *reader, const char *side, ConvertAuth auth, const char *ours)
{
  g_autofree char *key = raw_key_of (reader, side);
  const char *ckaid = get_side (reader, side, "ckaid");
  gboolean by_id = ckaid != NULL && (side == reader->local || key == NULL);
  g_autofree char *name = g_strconcat (side, by_id ? "ckaid" : "rsasigkey", NULL);
  const char *value = by_id ? ckaid : key;

  if (convert_is (auth.auth, "rsa"))
    ipsec_draft_set (reader->draft, ours, value);
  else if (value != NULL && get_side (reader, side, "cert") == NULL)
    note_value (reader, name, value);
}

static void
read_keys (Reader *reader, ConvertAuth ours, ConvertAuth theirs)
{
  const char *certificate = local (reader, "cert"), *remote_certificate = remote (reader, "cert");

  if (certificate != NULL)
    set_taken (reader, "certificate", certificate_of (reader, certificate));
  if (remote_certificate != NULL)
    set_taken (reader, "remote-certificate", certificate_of (reader, remote_certificate));
  read_raw_key (reader, reader->local, ours, "local-rsa-key");
  read_raw_key (reader, reader->remote, theirs, "remote-rsa-key");
  read_authority (reader);
  if (certificate != NULL && reader->strongswan)
    ipsec_draft_note (reader->draft, _ ("The private key is named in another file, ipsec.secrets; set “private-key”."));
}

/* Of hosts of a mesh either may begin, so that both prove who they are, or neither. */
static gboolean
read_mesh_auth (Reader *reader, ConvertAuth ours, ConvertAuth theirs, GError **error)
{
  gboolean null = strcmp (ours.auth, "null") == 0;

  if (strcmp (ours.auth, "eap") == 0 || theirs.auth == NULL || convert_is (theirs.auth, "eap") ||
      null != convert_is (theirs.auth, "null"))
    return ipsec_draft_fail (error,
                             _ ("The file wants an authentication that is not for a mesh: there, both ends prove "
                                "who they are without EAP, or neither does."));
  if (null)
    ipsec_draft_set (reader->draft, "auth", "null");
  else
    convert_set_auth (reader->draft, ours, theirs);
  return TRUE;
}

/* strongSwan's name for a client in the second one; it calls itself by the name of its user here. */
static void
read_second_name (Reader *reader)
{
  const char *id = local (reader, "id2"), *user = ipsec_draft_get (reader->draft, "user");
  g_autofree char *name = g_strconcat (reader->local, "id2", NULL);

  if (user == NULL)
    ipsec_draft_set (reader->draft, "user", id);
  else if (id != NULL && strcmp (id, user) != 0)
    note_value (reader, name, id);
}

/* What comes after the first authentication: EAP (RFC 4739) of a client or of a server's clients, XAuth with IKEv1. */
static void
read_second (Reader *reader, ConvertAuth ours, ConvertAuth theirs, gboolean client)
{
  gboolean server = convert_is (ipsec_draft_get (reader->draft, "role"), "server");
  const char *value = server ? remote (reader, "auth2") : local (reader, "auth2");
  g_autofree char *name = g_strconcat (server ? reader->remote : reader->local, "auth2", NULL);
  ConvertAuth second = convert_auth (value);

  if (value == NULL)
    return;
  if (g_str_has_prefix (value, "xauth"))
    ipsec_draft_set_bool (reader->draft, "xauth", TRUE);
  else if (!convert_is (second.auth, "eap") || !(client || server) ||
           convert_is (server ? theirs.auth : ours.auth, "eap null"))
    note_value (reader, name, value);
  else
    {
      ipsec_draft_set (reader->draft, "auth2", "eap");
      if (server)
        ipsec_draft_note (reader->draft, _ ("The users and their passwords are in another file; set “users”."));
      else
        {
          ipsec_draft_set (reader->draft, "eap", second.eap);
          read_second_name (reader);
        }
      if (!server && !convert_is (second.eap, "tls"))
        ipsec_draft_set_secret (reader->draft, "password", NULL);
    }
}

/* FALSE: there is nothing to begin with. */
static gboolean
read_auth (Reader *reader, gboolean client, GError **error)
{
  ConvertAuth ours = auth_of (reader, reader->local), theirs = auth_of (reader, reader->remote);

  if (ours.auth == NULL)
    return ipsec_draft_fail (error, _ ("The file wants an authentication that this VPN does not know."));
  if (!reader->mesh)
    convert_set_auth (reader->draft, ours, theirs);
  else if (!read_mesh_auth (reader, ours, theirs, error))
    return FALSE;
  read_user (reader);
  read_keys (reader, ours, theirs);
  if (strcmp (ours.auth, "psk") == 0 || convert_is (theirs.auth, "psk"))
    ipsec_draft_set_secret (reader->draft, "psk", NULL);
  if (strcmp (ours.auth, "eap") == 0 && !convert_is (ours.eap, "tls"))
    ipsec_draft_set_secret (reader->draft, "password", NULL);
  read_second (reader, ours, theirs, client);
  if (convert_is (local (reader, "xauthclient"), "yes") && client)
    ipsec_draft_set_bool (reader->draft, "xauth", TRUE);
  if (g_strcmp0 (ipsec_draft_get (reader->draft, "xauth"), "yes") == 0)
    ipsec_draft_set_secret (reader->draft, "password", NULL);
  return TRUE;
}

/* ---- the connection ---- */

static void
read_version (Reader *reader)
{
  const char *ikev2 = get (reader, "ikev2"), *exchange = get (reader, "keyexchange");
  gboolean aggressive = convert_is (get (reader, "aggressive"), "yes") || convert_is (get (reader, "aggrmode"), "yes");

  if (convert_is (ikev2, "no never permit") || convert_is (exchange, "ikev1"))
    ipsec_draft_set (reader->draft, "ike-version", aggressive ? "1-aggressive" : "1");
}

static void
read_start (Reader *reader, gboolean client)
{
  const char *start = get (reader, "auto");

  if (reader->mesh) /* of a group it says which one it is */
    return;
  if (convert_is (start, "ondemand route trap"))
    ipsec_draft_set (reader->draft, "start", "ondemand");
  else if (convert_is (start, "add keep") && !client)
    ipsec_draft_set (reader->draft, "start", "listen");
}

static gboolean
read_server (Reader *reader, GError **error)
{
  const char *pool = remote (reader, "addresspool"), *source = remote (reader, "sourceip");
  const char *dns = get (reader, "modecfgdns"), *domains = get (reader, "modecfgdomains");
  const char *banner = get (reader, "modecfgbanner"), *redirect = get (reader, "redirect-to");

  if (dns == NULL)
    dns = remote (reader, "dns");
  if (pool == NULL)
    pool = source;
  if (pool == NULL)
    return ipsec_draft_fail (error, _ ("The file names no gateway to connect to, and no addresses to hand out."));
  ipsec_draft_set (reader->draft, "role", "server");
  convert_add_pool (reader->draft, pool);
  if (dns != NULL)
    set_taken (reader, "push-dns", convert_selectors (dns, NULL));
  if (domains != NULL)
    set_taken (reader, "push-domains", convert_selectors (domains, NULL));
  ipsec_draft_set (reader->draft, "push-banner", banner);
  if (redirect != NULL && !convert_is (get (reader, "send-redirect"), "no")) /* of several the first */
    set_taken (reader, "redirect-to", g_strndup (redirect, strcspn (redirect, ", ")));
  return TRUE;
}

static gboolean
read_ends (Reader *reader, gboolean client, GError **error)
{
  const char *ours = local (reader, ""), *theirs = remote (reader, "");
  g_autofree char *gateways = NULL;

  if (!is_any (ours) && !convert_is (ours, "%defaultroute"))
    set_or_note (reader, "local-address", reader->local, ours);
  if (reader->mesh)
    {
      ipsec_draft_set (reader->draft, "role", "mesh");
      return TRUE;
    }
  if (is_any (theirs))
    return read_server (reader, error);
  gateways = convert_selectors (theirs, NULL);
  ipsec_draft_set (reader->draft, "gateway", gateways);
  if (!client)
    ipsec_draft_set (reader->draft, "role", "peer");
  return TRUE;
}

static void
note_unused (Reader *reader)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (reader->values), (GCompareFunc) strcmp);

  for (const GList *l = names; l != NULL; l = l->next)
    {
      const char *value = g_hash_table_lookup (reader->values, l->data);

      if (!g_hash_table_contains (reader->used, l->data) && !ipsec_conf_says_nothing (l->data, value) &&
          !ipsec_conf_is_comment (l->data))
        note_value (reader, l->data, value);
    }
}

/* %null is for an end that does not say who it is; and whom to expect, a mesh does not say. */
static void
read_identities (Reader *reader)
{
  const char *ours = local (reader, "id"), *theirs = remote (reader, "id");

  if (!convert_is (ours, "%null"))
    convert_set_identity (reader->draft, "local-id", ours);
  if (!convert_is (theirs, "%null") && !(reader->mesh && convert_is (theirs, "%fromcert %any")))
    convert_set_identity (reader->draft, "remote-id", theirs);
}

static void
read_interface (Reader *reader)
{
  const char *interface = get (reader, "ipsec-interface");

  if (interface == NULL || convert_is (interface, "no"))
    return;
  if (reader->mesh)
    note_value (reader, "ipsec-interface", interface);
  else
    ipsec_draft_set (reader->draft, "interface", "xfrm");
}

/* What a connection of a group says that is for other roles. */
static void
finish_mesh (Reader *reader)
{
  static const char *const groups[] = { "failureshunt", "negotiationshunt", IPSEC_CONF_NETS };

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    (void) get (reader, groups[i]);
  if (convert_is (ipsec_draft_get (reader->draft, "mode"), "iptfs"))
    {
      ipsec_draft_set (reader->draft, "mode", "tunnel");
      note_value (reader, "iptfs", "yes");
    }
  if (convert_is (ipsec_draft_get (reader->draft, "mobike"), "no"))
    ipsec_draft_unset (reader->draft, "mobike"); /* as every host of a mesh */
}

static gboolean
read_connection (Reader *reader, GError **error)
{
  gboolean client;

  reader->strongswan = ipsec_conf_is_strongswan (reader->values);
  choose_sides (reader);
  client = is_client (reader);
  if (!read_ends (reader, client, error) || !read_auth (reader, client, error))
    return FALSE;
  read_rows (reader);
  read_version (reader);
  read_start (reader, client);
  read_identities (reader);
  read_selectors (reader, reader->local, "local-ts");
  read_selectors (reader, reader->remote, "remote-ts");
  if (client && !reader->mesh && ipsec_draft_get (reader->draft, "role") == NULL)
    check_everything (reader);
  read_source (reader, client);
  ipsec_draft_set (reader->draft, "remote-port", remote (reader, "ikeport"));
  ipsec_draft_set (reader->draft, "local-port", local (reader, "ikeport"));
  read_interface (reader);
  if (reader->mesh)
    finish_mesh (reader);
  ipsec_draft_keep_role (reader->draft);
  note_unused (reader);
  return TRUE;
}

static gboolean
is_group (const Conf *conf, const ConfSection *section)
{
  g_autoptr (GHashTable) values = conf_values (conf, section);

  return ipsec_conf_is_group (values);
}

/* It has one end only, and others take it from there with also=: it is no connection by itself. */
static gboolean
is_part (const ConfSection *section, GHashTable *values)
{
  return !(g_hash_table_contains (values, "left") && g_hash_table_contains (values, "right")) && conf_is_used (section);
}

/* Of groups none is alone, and what they use is theirs. */
static void
note_others (const Conf *conf, const ConfSection *chosen, GHashTable *groups, IpsecDraft *draft)
{
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  const ConfSection *section;

  conf_add_used (chosen, used);
  for (guint i = 0; g_hash_table_contains (groups, chosen) && (section = conf_connection (conf, i)) != NULL; i++)
    if (g_hash_table_contains (groups, section))
      conf_add_used (section, used);
  for (guint i = 0; (section = conf_connection (conf, i)) != NULL; i++)
    if (!g_hash_table_contains (used, section))
      ipsec_draft_note (draft, _ ("The file has another connection, “%s”, which was not taken over."),
                        conf_section_name (section));
}

/* The connection that is started when the machine is, else the first. */
static const ConfSection *
choose (const Conf *conf, IpsecDraft *draft)
{
  g_autoptr (GHashTable) groups = g_hash_table_new (NULL, NULL);
  const ConfSection *chosen = NULL, *section;

  for (guint i = 0; (section = conf_connection (conf, i)) != NULL; i++)
    {
      g_autoptr (GHashTable) values = conf_values (conf, section);

      if (ipsec_conf_is_group (values))
        g_hash_table_add (groups, (gpointer) section);
      if ((!g_hash_table_contains (values, "left") && !g_hash_table_contains (values, "right")) ||
          is_part (section, values))
        continue;
      if (chosen == NULL || (convert_is (g_hash_table_lookup (values, "auto"), "start up") &&
                             !g_str_equal (conf_section_name (chosen), conf_section_name (section))))
        {
          g_autoptr (GHashTable) before = chosen != NULL ? conf_values (conf, chosen) : NULL;

          if (before == NULL || !convert_is (g_hash_table_lookup (before, "auto"), "start up"))
            chosen = section;
        }
    }
  if (chosen != NULL)
    note_others (conf, chosen, groups, draft);
  return chosen;
}

gboolean
ipsec_conf_read_values (IpsecDraft *draft, GHashTable *values, GError **error)
{
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);
  Reader reader = { .draft = draft, .values = values, .used = used };

  return read_connection (&reader, error);
}

gboolean
ipsec_conf_read_mesh (IpsecDraft *draft, GHashTable *values, GError **error)
{
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);
  Reader reader = { .draft = draft, .values = values, .used = used, .mesh = TRUE };

  return read_connection (&reader, error);
}

gboolean
ipsec_conf_read (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (Conf) conf = conf_parse (path, text, len, error);
  const ConfSection *section;
  g_autoptr (GHashTable) values = NULL;

  if (conf == NULL)
    return FALSE;
  for (guint i = 0; i < conf_missing (conf)->len; i++)
    ipsec_draft_note (draft, _ ("The file includes %s, which cannot be read."),
                      (const char *) conf_missing (conf)->pdata[i]);
  section = choose (conf, draft);
  if (section == NULL)
    return ipsec_draft_fail (error, _ ("The file has no connection (“conn NAME” with left and right)."));
  if (is_group (conf, section))
    return ipsec_conf_read_groups (draft, conf, error);
  ipsec_draft_set_id (draft, conf_section_name (section));
  values = conf_values (conf, section);
  return ipsec_conf_read_values (draft, values, error);
}

gboolean
ipsec_conf_sniff (const char *text, gsize len)
{
  return g_utf8_validate (text, (gssize) len, NULL) &&
         g_regex_match_simple ("^(conn|include)\\s+\\S", text, G_REGEX_MULTILINE, 0) &&
         !g_regex_match_simple ("^\\s*connections\\s*\\{", text, G_REGEX_MULTILINE, 0) &&
         g_regex_match_simple ("^(\\s+(left|right|also)[a-z-]*\\s*=|include\\s)", text, G_REGEX_MULTILINE, 0);
}
