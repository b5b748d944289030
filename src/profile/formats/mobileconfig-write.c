/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XML by GLib's escaping printf; see mobileconfig.c for what the names mean. */
#include "config.h"

#include "profile/formats/mobileconfig-write.h"

#include "profile/formats/convert.h"
#include "profile/formats/export.h"
#include "profile/formats/mobileconfig.h"

#include "profile/identity.h"
#include "profile/proposal.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  NMSettingVpn *vpn;
  GString *out;
  guint depth;
  const char *auth; /* psk, cert, eap */
  char *local_id, *remote_id;
} Writer;

static const char *
get (Writer *writer, const char *key)
{
  return nm_setting_vpn_get_data_item (writer->vpn, key);
}

static void G_GNUC_PRINTF (2, 3) put (Writer *writer, const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_markup_vprintf_escaped (format, args);
  va_end (args);
  g_string_append_printf (writer->out, "%*s%s\n", (int) (2 * writer->depth), "", text);
}

static void
put_string (Writer *writer, const char *key, const char *value)
{
  if (value != NULL)
    put (writer, "<key>%s</key><string>%s</string>", key, value);
}

static void
put_integer (Writer *writer, const char *key, const char *value)
{
  if (value != NULL && value[strspn (value, "0123456789")] == '\0' && value[0] != '\0')
    put (writer, "<key>%s</key><integer>%s</integer>", key, value);
}

static void
begin (Writer *writer, const char *key)
{
  if (key != NULL)
    put (writer, "<key>%s</key>", key);
  put (writer, "<dict>");
  writer->depth++;
}

static void
end (Writer *writer)
{
  writer->depth--;
  put (writer, "</dict>");
}

/* ---- algorithms ---- */

/* Apple's name of the first transform of this type that has one. */
static const char *
name_of (const GArray *proposal, IkeTransformType type)
{
  static const struct {
    IkeTransformType type;
    guint16 id, bits;
    const char *name;
  } names[] = {
    { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 128, "AES-128" },
    { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 256, "AES-256" },
    { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 128, "AES-128-GCM" },
    { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256, "AES-256-GCM" },
    { IKE_TRANSFORM_ENCR, IKE_ENCR_3DES, 0, "3DES" },
    { IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0, "ChaCha20Poly1305" },
    { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA1_96, 0, "SHA1-96" },
    { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0, "SHA2-256" },
    { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_384_192, 0, "SHA2-384" },
    { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_512_256, 0, "SHA2-512" },
    { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA1, 0, "SHA1-96" },
    { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0, "SHA2-256" },
    { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_384, 0, "SHA2-384" },
    { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_512, 0, "SHA2-512" },
  };

  for (guint i = 0; i < proposal->len; i++)
    for (guint j = 0; j < G_N_ELEMENTS (names); j++)
      {
        const IkeTransform *t = &g_array_index (proposal, IkeTransform, i);

        if (t->type == type && names[j].type == type && names[j].id == t->id && names[j].bits == t->key_bits)
          return names[j].name;
      }
  return NULL;
}

static const IkeTransform *
group_of (const GArray *proposal)
{
  for (guint i = 0; i < proposal->len; i++)
    {
      const IkeTransform *t = &g_array_index (proposal, IkeTransform, i);

      if (t->type == IKE_TRANSFORM_KE && t->id != 0)
        return t;
    }
  return NULL;
}

/* Of a canonical time ("8h"); 0: less than one. */
static guint64
minutes_of (const char *time)
{
  char *unit;
  guint64 number = g_ascii_strtoull (time, &unit, 10);

  switch (unit[0])
    {
    case 'd':
      return number * 24 * 60;
    case 'h':
      return number * 60;
    case 'm':
      return number;
    default:
      return number / 60;
    }
}

static gboolean
is_optional (const GArray *proposal, IkeTransformType type)
{
  for (guint i = 0; i < proposal->len; i++)
    {
      const IkeTransform *t = &g_array_index (proposal, IkeTransform, i);

      if (t->type == type && t->id == 0)
        return TRUE;
    }
  return FALSE;
}

/* Is there a name for each kind of what is asked for? Of key exchanges there is one. */
static gboolean
can_name (const GArray *proposal)
{
  for (guint i = 0; i < proposal->len; i++)
    {
      const IkeTransform *t = &g_array_index (proposal, IkeTransform, i);

      if (t->type != IKE_TRANSFORM_KE && t->type != IKE_TRANSFORM_ESN && !is_optional (proposal, t->type) &&
          name_of (proposal, t->type) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* That format has room for one proposal: the first of the key that it can name; NULL: there is none. */
static GArray *
first_proposal (Writer *writer, const char *key, IkeProtocolId protocol)
{
  const char *text = get (writer, key);
  g_autoptr (GPtrArray) proposals =
      text != NULL && strcmp (text, "default") != 0 ? ipsec_proposals_parse (protocol, text, NULL, NULL) : NULL;

  for (guint i = 0; proposals != NULL && i < proposals->len; i++)
    if (can_name (proposals->pdata[i]))
      return g_array_ref (proposals->pdata[i]);
  return NULL;
}

static void
put_algorithms (Writer *writer, const char *theirs, const GArray *proposal, const IkeTransform *group,
                const char *lifetime)
{
  const char *hash = proposal != NULL ? name_of (proposal, IKE_TRANSFORM_INTEG) : NULL;
  guint64 minutes = lifetime != NULL ? minutes_of (lifetime) : 0;

  if (proposal == NULL && group == NULL && minutes == 0)
    return;
  begin (writer, theirs);
  if (proposal != NULL)
    {
      put_string (writer, "EncryptionAlgorithm", name_of (proposal, IKE_TRANSFORM_ENCR));
      put_string (writer, "IntegrityAlgorithm", hash != NULL ? hash : name_of (proposal, IKE_TRANSFORM_PRF));
    }
  if (group != NULL)
    put (writer, "<key>DiffieHellmanGroup</key><integer>%u</integer>", group->id);
  if (minutes > 0)
    put (writer, "<key>LifeTimeInMinutes</key><integer>%" G_GUINT64_FORMAT "</integer>", minutes);
  end (writer);
}

/* There is PFS when a group for it is named, or pfs=yes, which means that of IKE; else the gateway has its way, and that
 * format knows only yes or no. */
static void
put_protection (Writer *writer)
{
  g_autoptr (GArray) ike = first_proposal (writer, "ike", IKE_PROTOCOL_IKE),
                     esp = first_proposal (writer, "esp", IKE_PROTOCOL_ESP);
  const IkeTransform *ike_group = ike != NULL ? group_of (ike) : NULL, *group = esp != NULL ? group_of (esp) : NULL;
  gboolean pfs = !convert_is (get (writer, "pfs"), "no") && (group != NULL || convert_is (get (writer, "pfs"), "yes"));

  if (pfs)
    put_integer (writer, "EnablePFS", "1");
  if (pfs && group == NULL)
    group = ike_group;
  put_algorithms (writer, "IKESecurityAssociationParameters", ike, ike_group, get (writer, "ike-lifetime"));
  put_algorithms (writer, "ChildSecurityAssociationParameters", esp, pfs ? group : NULL, get (writer, "esp-lifetime"));
}

/* ---- identities ---- */

static const char *
user_of (Writer *writer)
{
  const char *user = get (writer, "user");

  return user != NULL ? user : nm_setting_vpn_get_user_name (writer->vpn);
}

static gboolean
is_identity (const char *text, IpsecIdentityKind kind)
{
  g_autoptr (IpsecIdentity) identity = ipsec_identity_parse (text, NULL);

  return identity != NULL && identity->kind == kind;
}

/* A mail address that is read as something else, by us, too: "keyid:a@example.com". */
static gboolean
is_like_prefixed (const char *text)
{
  g_autofree char *back = convert_identity (text);

  return strcmp (back, text) != 0;
}

/* That format must have both, knows their types by what they look like, and has no key IDs. @usual is what is meant
 * without the key. The caller's; NULL: it cannot be said. */
static char *
identity_of (Writer *writer, const char *key, const char *usual, GError **error)
{
  const char *text = get (writer, key);

  if (text == NULL)
    return g_strdup (usual);
  if (text[0] == '@' && is_identity (text, IPSEC_IDENTITY_FQDN) && is_identity (text + 1, IPSEC_IDENTITY_FQDN))
    return g_strdup (text + 1);
  if (text[0] != '@' && text[0] != '%' && !is_like_prefixed (text))
    return g_strdup (text);
  ipsec_draft_fail (error,
                    _ ("%s=%s cannot be expressed in a configuration profile; set it to a name, an address or the "
                       "subject of a certificate."),
                    key, text);
  return NULL;
}

/* What a certificate says of us is what is meant without local-id. */
static gboolean
find_identities (Writer *writer, GError **error)
{
  const char *gateway = get (writer, "gateway"), *user = user_of (writer), *local = get (writer, "local-id");
  g_autofree char *first = g_strndup (gateway, strcspn (gateway, ","));
  g_autoptr (IpsecIdentity) named = user != NULL ? ipsec_identity_parse (user, NULL) : NULL;

  writer->remote_id = identity_of (writer, "remote-id", first, error);
  if (writer->remote_id == NULL)
    return FALSE;
  if (convert_is (local, "%fromcert"))
    writer->local_id = g_strdup ("");
  else
    writer->local_id =
        identity_of (writer, "local-id", convert_is (writer->auth, "eap") && named != NULL ? user : "", error);
  return writer->local_id != NULL;
}

/* ---- payloads ---- */

static void
put_common (Writer *writer, const char *type, const char *uuid)
{
  put_string (writer, "PayloadType", type);
  put_string (writer, "PayloadUUID", uuid);
  put (writer, "<key>PayloadIdentifier</key><string>org.freedesktop.NetworkManager.ipsec.%s</string>", uuid);
  put (writer, "<key>PayloadVersion</key><integer>1</integer>");
}

static void
put_certificate (Writer *writer, const char *type, const char *uuid, const char *base64)
{
  begin (writer, NULL);
  put_common (writer, type, uuid);
  put (writer, "<key>PayloadContent</key><data>%s</data>", base64);
  end (writer);
}

/* With EAP the method is the gateway's; None would do without its certificate. With a user there is a password. */
static void
put_auth (Writer *writer, const char *certificate_uuid)
{
  gboolean eap = convert_is (writer->auth, "eap");

  put_string (writer, "AuthenticationMethod", convert_is (writer->auth, "psk") ? "SharedSecret" : "Certificate");
  if (eap)
    put_integer (writer, "ExtendedAuthEnabled", "1");
  if (eap && !convert_is (get (writer, "eap"), "tls"))
    put_string (writer, "AuthName", user_of (writer));
  put_string (writer, "PayloadCertificateUUID", certificate_uuid);
}

static void
put_ikev2 (Writer *writer, const char *certificate_uuid)
{
  static const char *const rates[][2] = { { "0", "None" }, { "30m", "Low" }, { "10m", "Medium" }, { "1m", "High" } };
  const char *gateway = get (writer, "gateway"), *dpd = get (writer, "dpd-delay");
  g_autofree char *first = g_strndup (gateway, strcspn (gateway, ","));

  begin (writer, "IKEv2");
  put_string (writer, "RemoteAddress", first);
  put_string (writer, "RemoteIdentifier", writer->remote_id);
  put_string (writer, "LocalIdentifier", writer->local_id);
  put_auth (writer, certificate_uuid);
  for (guint i = 0; dpd != NULL && i < G_N_ELEMENTS (rates); i++)
    if (strcmp (rates[i][0], dpd) == 0)
      put_string (writer, "DeadPeerDetectionRate", rates[i][1]);
  if (convert_is (get (writer, "mobike"), "no"))
    put_integer (writer, "DisableMOBIKE", "1");
  if (!convert_is (get (writer, "revocation"), "off")) /* soft; there is no strict */
    put_integer (writer, "EnableCertificateRevocationCheck", "1");
  if (convert_is (get (writer, "kill-switch"), "yes"))
    put_integer (writer, "IncludeAllNetworks", "1");
  put_integer (writer, "MTU", get (writer, "mtu"));
  put_protection (writer);
  end (writer);
}

static void
put_vpn (Writer *writer, NMConnection *connection, const char *certificate_uuid)
{
  g_autofree char *uuid = nm_utils_uuid_generate ();

  begin (writer, NULL);
  put_common (writer, "com.apple.vpn.managed", uuid);
  put_string (writer, "UserDefinedName", nm_connection_get_id (connection));
  put_string (writer, "VPNType", "IKEv2");
  put_ikev2 (writer, certificate_uuid);
  end (writer);
}

static void
put_profile (Writer *writer, NMConnection *connection)
{
  g_autofree char *uuid = nm_utils_uuid_generate (), *certificate_uuid = NULL, *ca_uuid = nm_utils_uuid_generate ();
  g_autofree char *ca = export_certificate (get (writer, "ca"), NULL),
                  *certificate = export_pkcs12 (get (writer, "certificate"));

  if (certificate != NULL)
    certificate_uuid = nm_utils_uuid_generate ();
  begin (writer, NULL);
  put_common (writer, "Configuration", uuid);
  put_string (writer, "PayloadDisplayName", nm_connection_get_id (connection));
  put (writer, "<key>PayloadContent</key>");
  put (writer, "<array>");
  put_vpn (writer, connection, certificate_uuid);
  if (certificate_uuid != NULL)
    put_certificate (writer, "com.apple.security.pkcs12", certificate_uuid, certificate);
  if (ca != NULL)
    put_certificate (writer, "com.apple.security.root", ca_uuid, ca);
  put (writer, "</array>");
  end (writer);
}

/* ---- the file ---- */

/* In a comment after the first line, which knows no "--". */
static void
insert_notes (GString *out, GPtrArray *notes)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *line_end = strchr (out->str, '\n');

  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n     " : "", (const char *) notes->pdata[i]);
  if (text->len == 0)
    return;
  while (strstr (text->str, "--")) /* a second time for three */
    g_string_replace (text, "--", "- -", 0);
  g_string_prepend (text, "<!-- ");
  g_string_append (text, " -->\n");
  g_string_insert (out, line_end + 1 - out->str, text->str);
}

static gboolean
check (NMConnection *connection, GString *out, GPtrArray *notes, GError **error)
{
  const char *revocation = nm_setting_vpn_get_data_item (nm_connection_get_setting_vpn (connection), "revocation");
  const ExportRules rules = { .format = &ipsec_format_mobileconfig,
                              .kept = convert_is (revocation, "off") ? "revocation" : "" };
  g_autoptr (GPtrArray) own = g_ptr_array_new_with_free_func (g_free);

  if (!export_check (connection, &rules, out->str, own, error))
    return FALSE;
  export_note_authorities (own, nm_connection_get_setting_vpn (connection));
  insert_notes (out, own);
  for (guint i = 0; notes != NULL && i < own->len; i++)
    g_ptr_array_add (notes, g_strdup (own->pdata[i]));
  return TRUE;
}

char *
mobileconfig_write (NMConnection *connection, GPtrArray *notes, GError **error)
{
  g_autoptr (GString) out = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n");
  Writer writer = { .vpn = nm_connection_get_setting_vpn (connection), .out = out };
  gboolean known;

  writer.auth = writer.vpn != NULL ? convert_client_auth (writer.vpn) : NULL;
  if (!convert_is (writer.auth, "psk cert eap"))
    {
      ipsec_draft_fail (error,
                        _ ("A configuration profile can only be a client with IKEv2 and a certificate, a password "
                           "or a pre-shared key."));
      return NULL;
    }
  known = find_identities (&writer, error);
  if (known)
    put_profile (&writer, connection);
  g_free (writer.local_id);
  g_free (writer.remote_id);
  if (!known)
    return NULL;
  g_string_append (out, "</plist>\n");
  return check (connection, out, notes, error) ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}
