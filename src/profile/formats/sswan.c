/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys are those of strongSwan's documentation of its Android profiles; uuid, name, type and remote.addr must be
 * there. What only that client can do (excluded networks, lists of apps, a proxy) is noted.
 */
#include "config.h"

#include "profile/formats/sswan.h"

#include "profile/formats/convert.h"
#include "profile/formats/export.h"

#include "profile/identity.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define DEPTH_MAX 16

/* ---- reading ---- */

/* The parser of the library is recursive, so depth is looked at before; and what it does with a second value depends on
 * its version. */
static gboolean
shape_is_sane (const char *text)
{
  guint depth = 0;
  gboolean quoted = FALSE, over = FALSE;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (quoted && *p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '"')
        quoted = !quoted;
      else if (!quoted && (*p == '{' || *p == '['))
        {
          if (over || ++depth > DEPTH_MAX)
            return FALSE;
        }
      else if (!quoted && (*p == '}' || *p == ']') && depth > 0)
        over = --depth == 0;
    }
  return TRUE;
}

static JsonObject *
object_in (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* A string or a number as text, a list of them with commas; NULL: neither, or not there. The caller's. */
static char *
text_in (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  g_autoptr (GString) list = NULL;
  JsonArray *array;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  array = json_node_get_array (node);
  list = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (item) && json_node_get_value_type (item) == G_TYPE_STRING)
        g_string_append_printf (list, "%s%s", list->len > 0 ? "," : "", json_node_get_string (item));
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static gboolean
is_in (JsonObject *object, const char *name, gboolean value)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
         json_node_get_boolean (node) == value;
}

static void
set_text (IpsecDraft *draft, const char *key, JsonObject *object, const char *name)
{
  g_autofree char *text = text_in (object, name);

  ipsec_draft_set (draft, key, text);
}

static gboolean
set_file (IpsecDraft *draft, const char *key, const char *suffix, JsonObject *object, const char *name, GError **error)
{
  g_autofree char *text = text_in (object, name);
  g_autofree guint8 *data = NULL;
  gsize len = 0;

  if (text == NULL)
    return TRUE;
  data = g_base64_decode (text, &len);
  if (len < 16 || data[0] != 0x30)
    return ipsec_draft_fail (error, _ ("“%s” in the file is not a certificate in base64."), name);
  ipsec_draft_set_file (draft, key, suffix, data, len);
  return TRUE;
}

/* Of two for one kind the first is written. */
static const struct {
  const char *type, *auth, *auth2, *eap;
  gboolean certificate, password;
} types[] = {
  { "ikev2-eap", "eap", NULL, NULL, FALSE, TRUE },      { "ikev2-eap-tls", "eap", NULL, "tls", TRUE, FALSE },
  { "ikev2-cert", "cert", NULL, NULL, TRUE, FALSE },    { "ikev2-cert-eap", "cert", "eap", NULL, TRUE, TRUE },
  { "ikev2-byod-eap", "eap", NULL, NULL, FALSE, TRUE },
};

/* Who has none in the file picks one on the phone. */
static gboolean
read_certificate (IpsecDraft *draft, JsonObject *local, GError **error)
{
  ipsec_draft_set_secret (draft, "key-password", NULL);
  if (local == NULL || !json_object_has_member (local, "p12"))
    ipsec_draft_note (draft, _ ("The certificate is not in the file; set “certificate” to where it is."));
  return set_file (draft, "certificate", ".p12", local, "p12", error);
}

static gboolean
read_local (IpsecDraft *draft, JsonObject *root, const char *type, GError **error)
{
  JsonObject *local = object_in (root, "local");
  g_autofree char *id = text_in (local, "id"), *eap_id = text_in (local, "eap_id");
  g_autofree char *password = text_in (local, "shared_secret");
  guint i = 0;

  while (i < G_N_ELEMENTS (types) && strcmp (types[i].type, type) != 0)
    i++;
  if (i == G_N_ELEMENTS (types))
    return ipsec_draft_fail (error, _ ("The file is for a kind of VPN that is not known here (“%s”)."), type);
  ipsec_draft_set (draft, "auth", types[i].auth);
  ipsec_draft_set (draft, "auth2", types[i].auth2);
  ipsec_draft_set (draft, "eap", types[i].eap);
  convert_set_identity (draft, "local-id", id);
  if (types[i].password)
    {
      /* the machine of a certificate has a name of its own */
      ipsec_draft_set (draft, "user", eap_id != NULL || types[i].certificate ? eap_id : id);
      ipsec_draft_set_secret (draft, "password", password);
    }
  return !types[i].certificate || read_certificate (draft, local, error);
}

static gboolean
read_remote (IpsecDraft *draft, JsonObject *root, GError **error)
{
  JsonObject *remote = object_in (root, "remote"), *revocation = object_in (remote, "revocation");
  g_autofree char *address = text_in (remote, "addr"), *id = text_in (remote, "id");

  if (address == NULL || address[0] == '\0')
    return ipsec_draft_fail (error, _ ("The file names no gateway (remote.addr)."));
  ipsec_draft_set (draft, "gateway", address);
  convert_set_identity (draft, "remote-id", id);
  set_text (draft, "remote-port", remote, "port");
  if (is_in (revocation, "strict", TRUE))
    ipsec_draft_set (draft, "revocation", "strict");
  else if (is_in (revocation, "crl", FALSE) && is_in (revocation, "ocsp", FALSE))
    ipsec_draft_set (draft, "revocation", "off");
  return set_file (draft, "ca", ".der", remote, "cert", error);
}

static void
read_rest (IpsecDraft *draft, JsonObject *root)
{
  static const char *const only_there[] = { "apps", "excluded-apps", "proxy-server", "dns-servers", "nat-keepalive" };
  static const char *const blocks[] = { "block-ipv4", "block-ipv6" };
  JsonObject *split = object_in (root, "split-tunneling");
  g_autofree char *subnets = text_in (split, "subnets"), *name = text_in (root, "name");
  g_autofree char *list = subnets != NULL ? convert_selectors (subnets, NULL) : NULL;

  ipsec_draft_set_id (draft, name);
  ipsec_draft_set (draft, "remote-ts", list);
  set_text (draft, "ike", root, "ike-proposal");
  set_text (draft, "esp", root, "esp-proposal");
  set_text (draft, "mtu", root, "mtu");
  for (guint i = 0; i < G_N_ELEMENTS (only_there); i++)
    if (json_object_has_member (root, only_there[i]))
      ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), only_there[i]);
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (is_in (split, blocks[i], TRUE))
      {
        g_autofree char *key = g_strconcat ("split-tunneling.", blocks[i], NULL);

        ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), key);
      }
  if (split != NULL && json_object_has_member (split, "excluded"))
    ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), "split-tunneling.excluded");
}

static gboolean
read_sswan (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  g_autofree char *type = NULL;
  JsonNode *node;
  JsonObject *root;

  if (!g_utf8_validate (text, (gssize) len, NULL) || !shape_is_sane (text))
    return ipsec_draft_fail (error, _ ("The file is not a profile of strongSwan."));
  if (!json_parser_load_from_data (parser, text, (gssize) len, &local))
    return ipsec_draft_fail (error, _ ("The file is not valid JSON: %s"), local->message);
  node = json_parser_get_root (parser);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return ipsec_draft_fail (error, _ ("The file is not a profile of strongSwan."));
  root = json_node_get_object (node);
  type = text_in (root, "type");
  if (type == NULL)
    return ipsec_draft_fail (error, _ ("The file does not say what kind of VPN it is (“type”)."));
  read_rest (draft, root);
  return read_remote (draft, root, error) && read_local (draft, root, type, error);
}

static gboolean
sniff (const char *text, gsize len)
{
  const char *p = text;

  if (g_str_has_prefix (p, "\xef\xbb\xbf"))
    p += 3;
  while (g_ascii_isspace (*p))
    p++;
  return *p == '{' && strlen (text) == len && strstr (p, "\"type\"") != NULL && strstr (p, "\"ikev2-") != NULL;
}

/* ---- writing ---- */

/* An authority's file must be there; FALSE: it is not. */
static gboolean
look_at_authority (const char *ca, GError **error)
{
  g_autofree char *path = convert_path (ca), *text = NULL;

  return path == NULL || g_file_get_contents (path, &text, NULL, error);
}

static void
put (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
put_number (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL || !g_ascii_isdigit (value[0]))
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, g_ascii_strtoll (value, NULL, 10));
}

static void
put_flag (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
put_revocation (JsonBuilder *builder, const char *revocation)
{
  if (!convert_is (revocation, "strict off"))
    return;
  json_builder_set_member_name (builder, "revocation");
  json_builder_begin_object (builder);
  if (convert_is (revocation, "off"))
    {
      put_flag (builder, "crl", FALSE);
      put_flag (builder, "ocsp", FALSE);
    }
  else
    put_flag (builder, "strict", TRUE);
  json_builder_end_object (builder);
}

/* "#" would begin hexadecimal digits. */
static char *
keyid_of (const IpsecIdentity *identity)
{
  gsize len;
  const char *octets = g_bytes_get_data (identity->data, &len);
  GString *out = g_string_new ("keyid:");

  if (octets[0] != '#')
    g_string_append_len (out, octets, (gssize) len);
  else
    g_string_append_c (out, '#');
  for (gsize i = 0; octets[0] == '#' && i < len; i++)
    g_string_append_printf (out, "%02x", (guint8) octets[i]);
  return g_string_free (out, FALSE);
}

/* As strongSwan spells it, which takes "@[...]" for a name; the caller's. NULL without an error: there is none. */
static char *
identity_of (NMSettingVpn *vpn, const char *key, GError **error)
{
  const char *text = nm_setting_vpn_get_data_item (vpn, key);
  g_autoptr (IpsecIdentity) identity = text != NULL ? ipsec_identity_parse (text, NULL) : NULL;
  gboolean from_certificate = identity != NULL && identity->kind == IPSEC_IDENTITY_FROM_CERT;

  if (text == NULL || (from_certificate && strcmp (key, "local-id") == 0))
    return NULL;
  if (from_certificate)
    ipsec_draft_fail (error,
                      _ ("%s=%s cannot be expressed in a profile of strongSwan; set it to a name, an address or the "
                         "subject of a certificate."),
                      key, text);
  else if (identity != NULL && identity->kind == IPSEC_IDENTITY_KEY_ID && g_str_has_prefix (text, "@["))
    return keyid_of (identity);
  else
    return convert_identity_out (text);
  return NULL;
}

/* There is room for one. */
static void
put_proposal (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *first = value != NULL ? g_strndup (value, strcspn (value, ",")) : NULL;

  put (builder, name, convert_is (first, "default") ? NULL : first);
}

/* Networks, and all that is in them. */
static void
put_subnets (JsonBuilder *builder, const char *value)
{
  if (value == NULL || strchr (value, '[') != NULL || strstr (value, "dynamic") != NULL)
    return;
  json_builder_set_member_name (builder, "split-tunneling");
  json_builder_begin_object (builder);
  put (builder, "subnets", value);
  json_builder_end_object (builder);
}

static void
write_remote (JsonBuilder *builder, NMSettingVpn *vpn, const char *id)
{
  const char *gateway = nm_setting_vpn_get_data_item (vpn, "gateway"), *ca = nm_setting_vpn_get_data_item (vpn, "ca");
  g_autofree char *first = gateway != NULL ? g_strndup (gateway, strcspn (gateway, ",")) : NULL;
  g_autofree char *certificate = export_certificate (ca, NULL);

  json_builder_set_member_name (builder, "remote");
  json_builder_begin_object (builder);
  put (builder, "addr", first);
  put_number (builder, "port", nm_setting_vpn_get_data_item (vpn, "remote-port"));
  put (builder, "id", id);
  put (builder, "cert", certificate);
  put_revocation (builder, nm_setting_vpn_get_data_item (vpn, "revocation"));
  json_builder_end_object (builder);
}

static void
write_local (JsonBuilder *builder, NMSettingVpn *vpn, const char *id)
{
  const char *certificate = nm_setting_vpn_get_data_item (vpn, "certificate");
  const char *user = nm_setting_vpn_get_data_item (vpn, "user");
  g_autofree char *p12 = NULL;

  if (user == NULL)
    user = nm_setting_vpn_get_user_name (vpn);
  p12 = export_pkcs12 (certificate);
  json_builder_set_member_name (builder, "local");
  json_builder_begin_object (builder);
  put (builder, "id", id);
  /* without it that client would take local.id */
  put (builder, "eap_id", user != NULL ? user : "");
  put (builder, "p12", p12);
  json_builder_end_object (builder);
}

/* NULL: that client cannot do it. */
static const char *
type_of (NMSettingVpn *vpn)
{
  const char *auth = convert_client_auth (vpn), *auth2 = nm_setting_vpn_get_data_item (vpn, "auth2");
  gboolean tls = convert_is (nm_setting_vpn_get_data_item (vpn, "eap"), "tls");

  for (guint i = 0; auth != NULL && i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].auth, auth) == 0 && convert_is (auth2, "eap") == (types[i].auth2 != NULL) &&
        (tls && (convert_is (auth, "eap") || convert_is (auth2, "eap"))) == (types[i].eap != NULL))
      return types[i].type;
  return NULL;
}

static char *
text_of (NMConnection *connection, const char *type, const char *local_id, const char *remote_id)
{
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  put (builder, "uuid", nm_connection_get_uuid (connection));
  put (builder, "name", nm_connection_get_id (connection));
  put (builder, "type", type);
  write_remote (builder, vpn, remote_id);
  write_local (builder, vpn, local_id);
  put_proposal (builder, "ike-proposal", nm_setting_vpn_get_data_item (vpn, "ike"));
  put_proposal (builder, "esp-proposal", nm_setting_vpn_get_data_item (vpn, "esp"));
  put_number (builder, "mtu", nm_setting_vpn_get_data_item (vpn, "mtu"));
  put_subnets (builder, nm_setting_vpn_get_data_item (vpn, "remote-ts"));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}

static char *
write_sswan (NMConnection *connection, GPtrArray *notes, GError **error)
{
  static const ExportRules rules = { .format = &ipsec_format_sswan, .kept = "", .trusts_all = TRUE };
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  const char *type = vpn != NULL ? type_of (vpn) : NULL;
  g_autofree char *local_id = NULL, *remote_id = NULL, *text = NULL;
  g_autoptr (GError) local = NULL;

  if (type == NULL)
    {
      ipsec_draft_fail (error,
                        _ ("A profile of strongSwan for Android can only be a client with IKEv2 and a certificate, "
                           "a password, or a certificate and then a password."));
      return NULL;
    }
  local_id = identity_of (vpn, "local-id", &local);
  remote_id = local == NULL ? identity_of (vpn, "remote-id", &local) : NULL;
  if (local != NULL || !look_at_authority (nm_setting_vpn_get_data_item (vpn, "ca"), &local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  text = text_of (connection, type, local_id, remote_id);
  if (!export_check (connection, &rules, text, notes, error))
    return NULL;
  export_note_authorities (notes, vpn);
  return g_steal_pointer (&text);
}

const IpsecFormat ipsec_format_sswan = { .name = "sswan",
                                         .suffix = ".sswan",
                                         .sniff = sniff,
                                         .read = read_sswan,
                                         .write = write_sswan };
