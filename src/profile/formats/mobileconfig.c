/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payloads are those of Apple's documentation: com.apple.vpn.managed with a dictionary IKEv2 or IPSec, and
 * certificates that it refers to by their PayloadUUID.
 */
#include "config.h"

#include "profile/formats/mobileconfig.h"

#include "profile/formats/cms.h"
#include "profile/formats/convert.h"
#include "profile/formats/mobileconfig-write.h"
#include "profile/formats/plist.h"
#include "profile/formats/xml.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define TYPE_VPN "com.apple.vpn.managed"

typedef struct {
  IpsecDraft *draft;
  const Plist *payloads, *vpn;
} Reader;

/* ---- payloads ---- */

static const Plist *
find_payload (const Plist *payloads, const char *type, const char *uuid)
{
  for (guint i = 0; payloads != NULL && i < payloads->children->len; i++)
    {
      const Plist *payload = payloads->children->pdata[i];

      if ((type == NULL || g_strcmp0 (plist_text (payload, "PayloadType"), type) == 0) &&
          (uuid == NULL || g_strcmp0 (plist_text (payload, "PayloadUUID"), uuid) == 0))
        return payload;
    }
  return NULL;
}

/* @suffix NULL: that of what it is, DER or PEM. */
static void
set_certificate (Reader *reader, const char *key, const char *suffix, const Plist *payload)
{
  const Plist *content = plist_find (payload, "PayloadContent", PLIST_DATA);
  const guint8 *data;
  gsize len;

  if (content == NULL)
    return;
  data = g_bytes_get_data (content->data, &len);
  if (len > 0 && suffix == NULL)
    suffix = data[0] == 0x30 ? ".der" : ".pem";
  if (len > 0)
    ipsec_draft_set_file (reader->draft, key, suffix, data, len);
}

static void
read_authorities (Reader *reader)
{
  static const char *const types[] = { "com.apple.security.root", "com.apple.security.pem",
                                       "com.apple.security.pkcs1" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const Plist *payload = find_payload (reader->payloads, types[i], NULL);

      if (payload == NULL)
        continue;
      set_certificate (reader, "ca", NULL, payload);
      return;
    }
}

/* TRUE: it was there. */
static gboolean
read_identity_payload (Reader *reader, const Plist *dict)
{
  const char *uuid = plist_text (dict, "PayloadCertificateUUID");
  const Plist *payload = uuid != NULL ? find_payload (reader->payloads, "com.apple.security.pkcs12", uuid) : NULL;

  if (uuid == NULL)
    return FALSE;
  if (payload == NULL)
    {
      ipsec_draft_note (reader->draft, _ ("The certificate is not in the file; set “certificate” to where it is."));
      return FALSE;
    }
  set_certificate (reader, "certificate", ".p12", payload);
  ipsec_draft_set_secret (reader->draft, "key-password", plist_text (payload, "Password"));
  return TRUE;
}

/* ---- algorithms ---- */

static const char *
word (const char *const (*words)[2], guint n, const char *value)
{
  for (guint i = 0; value != NULL && i < n; i++)
    if (strcmp (words[i][0], value) == 0)
      return words[i][1];
  return NULL;
}

static void
read_algorithms (Reader *reader, const Plist *dict, const char *theirs, const char *key, gboolean ike)
{
  static const char *const ciphers[][2] = {
    { "AES-128", "aes128" },          { "AES-256", "aes256" }, { "AES-128-GCM", "aes128gcm16" },
    { "AES-256-GCM", "aes256gcm16" }, { "3DES", "3des" },      { "ChaCha20Poly1305", "chacha20poly1305" },
  };
  static const char *const hashes[][2] = {
    { "SHA1-96", "sha1" },
    { "SHA2-256", "sha256" },
    { "SHA2-384", "sha384" },
    { "SHA2-512", "sha512" },
  };
  const Plist *parameters = plist_find (dict, theirs, PLIST_DICT);
  const char *encryption = plist_text (parameters, "EncryptionAlgorithm");
  const char *cipher = word (ciphers, G_N_ELEMENTS (ciphers), encryption);
  const char *hash = word (hashes, G_N_ELEMENTS (hashes), plist_text (parameters, "IntegrityAlgorithm"));
  const char *group = plist_text (parameters, "DiffieHellmanGroup"),
             *minutes = plist_text (parameters, "LifeTimeInMinutes");
  g_autofree char *proposal = NULL, *lifetime = NULL;
  gboolean aead;

  if (parameters == NULL)
    return;
  if (minutes != NULL)
    lifetime = g_strdup_printf ("%sm", minutes);
  ipsec_draft_set (reader->draft, ike ? "ike-lifetime" : "esp-lifetime", lifetime);
  if (encryption != NULL && cipher == NULL)
    ipsec_draft_note (reader->draft, _ ("The algorithm %s is not used here; the default ones are."), encryption);
  if (cipher == NULL)
    return;
  aead = strstr (cipher, "gcm") != NULL || strstr (cipher, "poly") != NULL;
  if (aead && !ike)
    hash = NULL;
  else if (hash == NULL)
    hash = "sha256";
  proposal = g_strconcat (cipher, hash != NULL ? aead ? "-prf" : "-" : "", hash != NULL ? hash : "",
                          group != NULL && (ike || plist_true (dict, "EnablePFS")) ? "-dh" : "",
                          group != NULL && (ike || plist_true (dict, "EnablePFS")) ? group : "", NULL);
  ipsec_draft_set (reader->draft, key, proposal);
}

/* A group in the proposal says the same. */
static void
read_pfs (Reader *reader, const Plist *dict)
{
  const Plist *parameters = plist_find (dict, "ChildSecurityAssociationParameters", PLIST_DICT);

  if (plist_true (dict, "EnablePFS") &&
      (ipsec_draft_get (reader->draft, "esp") == NULL || plist_text (parameters, "DiffieHellmanGroup") == NULL))
    ipsec_draft_set (reader->draft, "pfs", "yes");
}

/* ---- IKEv2 ---- */

static void
read_dpd (Reader *reader, const Plist *dict)
{
  static const char *const rates[][2] = { { "None", "0" }, { "Low", "30m" }, { "Medium", "10m" }, { "High", "1m" } };

  ipsec_draft_set (reader->draft, "dpd-delay",
                   word (rates, G_N_ELEMENTS (rates), plist_text (dict, "DeadPeerDetectionRate")));
}

static gboolean
read_ikev2_auth (Reader *reader, const Plist *dict, GError **error)
{
  const char *method = plist_text (dict, "AuthenticationMethod"), *user = plist_text (dict, "AuthName");
  gboolean eap = plist_true (dict, "ExtendedAuthEnabled"), certificate = read_identity_payload (reader, dict);

  if (convert_is (method, "SharedSecret"))
    {
      ipsec_draft_set (reader->draft, "auth", "psk");
      ipsec_draft_set_secret (reader->draft, "psk", plist_text (dict, "SharedSecret"));
    }
  else if (eap)
    {
      ipsec_draft_set (reader->draft, "auth", "eap");
      if (user == NULL && certificate)
        ipsec_draft_set (reader->draft, "eap", "tls");
      else
        ipsec_draft_set_secret (reader->draft, "password", plist_text (dict, "AuthPassword"));
      ipsec_draft_set (reader->draft, "user", user);
    }
  else if (convert_is (method, "Certificate"))
    ipsec_draft_set (reader->draft, "auth", "cert");
  else
    return ipsec_draft_fail (error, _ ("The file wants an authentication that this VPN does not know."));
  return TRUE;
}

/* There, and not switched off. */
static gboolean
is_given (const Plist *dict, const char *key)
{
  const Plist *text = plist_find (dict, key, PLIST_STRING);

  return plist_find (dict, key, PLIST_ARRAY) != NULL || (text != NULL && text->text[0] != '\0') ||
         plist_true (dict, key);
}

/* What another key says already is no loss: the gateway's name is looked for in its certificate, and our own TLS begins
 * with 1.2. */
static void
note_checks (Reader *reader, const Plist *dict)
{
  const char *minimum = plist_text (dict, "TLSMinimumVersion"),
             *name = plist_text (dict, "ServerCertificateCommonName");
  const char *remote_id = plist_text (dict, "RemoteIdentifier");

  if (name != NULL && g_strcmp0 (name, remote_id != NULL ? remote_id : plist_text (dict, "RemoteAddress")) != 0)
    ipsec_draft_note (reader->draft, _ ("%s=%s cannot be expressed in a profile."), "ServerCertificateCommonName",
                      name);
  if (minimum != NULL && !convert_is (minimum, "1.0 1.1 1.2"))
    ipsec_draft_note (reader->draft, _ ("%s=%s cannot be expressed in a profile."), "TLSMinimumVersion", minimum);
}

static void
read_ikev2_rest (Reader *reader, const Plist *dict)
{
  static const char *const unknown[] = { "OnDemandRules",   "ProviderType",  "EnableFallback",
                                         "DisableRedirect", "EnforceRoutes", "ExcludeLocalNetworks" };

  read_dpd (reader, dict);
  read_algorithms (reader, dict, "IKESecurityAssociationParameters", "ike", TRUE);
  read_algorithms (reader, dict, "ChildSecurityAssociationParameters", "esp", FALSE);
  read_pfs (reader, dict);
  /* EnableCertificateRevocationCheck does its best only, as we do without being told */
  if (plist_true (dict, "DisableMOBIKE"))
    ipsec_draft_set (reader->draft, "mobike", "no");
  ipsec_draft_set (reader->draft, "mtu", plist_text (dict, "MTU"));
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    if (is_given (dict, unknown[i]))
      ipsec_draft_note (reader->draft, _ ("“%s” cannot be expressed in a profile."), unknown[i]);
  note_checks (reader, dict);
  if (plist_true (dict, "IncludeAllNetworks"))
    ipsec_draft_set (reader->draft, "kill-switch", "yes");
  if (plist_true (dict, "OnDemandEnabled"))
    ipsec_draft_set_persistent (reader->draft, TRUE);
}

static gboolean
read_ikev2 (Reader *reader, const Plist *dict, GError **error)
{
  const char *address = plist_text (dict, "RemoteAddress"), *remote_id = plist_text (dict, "RemoteIdentifier");

  if (address == NULL)
    return ipsec_draft_fail (error, _ ("The file names no gateway (RemoteAddress)."));
  ipsec_draft_set (reader->draft, "gateway", address);
  convert_set_identity (reader->draft, "local-id", plist_text (dict, "LocalIdentifier"));
  convert_set_identity (reader->draft, "remote-id", remote_id);
  read_authorities (reader);
  if (!read_ikev2_auth (reader, dict, error))
    return FALSE;
  read_ikev2_rest (reader, dict);
  return TRUE;
}

/* ---- IKEv1 ---- */

/* A key is written as octets there; text is what it nearly always is. */
static char *
shared_secret (const Plist *dict)
{
  const Plist *data = plist_find (dict, "SharedSecret", PLIST_DATA);
  gconstpointer octets;
  g_autofree char *base64 = NULL;
  gsize len;

  if (data == NULL)
    return g_strdup (plist_text (dict, "SharedSecret"));
  octets = g_bytes_get_data (data->data, &len);
  if (len > 0 && g_utf8_validate (octets, (gssize) len, NULL) && memchr (octets, 0, len) == NULL)
    return g_strndup (octets, len);
  base64 = g_base64_encode (octets, len);
  return g_strconcat ("0s", base64, NULL);
}

static gboolean
read_ikev1 (Reader *reader, const Plist *dict, GError **error)
{
  const char *address = plist_text (dict, "RemoteAddress"), *group = plist_text (dict, "LocalIdentifier");
  g_autofree char *psk = shared_secret (dict), *key_id = NULL;

  if (address == NULL)
    return ipsec_draft_fail (error, _ ("The file names no gateway (RemoteAddress)."));
  ipsec_draft_set (reader->draft, "gateway", address);
  ipsec_draft_set (reader->draft, "ike-version", group != NULL ? "1-aggressive" : "1");
  if (group != NULL)
    key_id = g_strdup_printf ("@[%s]", group);
  ipsec_draft_set (reader->draft, "local-id", key_id);
  if (convert_is (plist_text (dict, "AuthenticationMethod"), "Certificate"))
    {
      ipsec_draft_set (reader->draft, "auth", "cert");
      (void) read_identity_payload (reader, dict);
      read_authorities (reader);
    }
  else
    {
      ipsec_draft_set (reader->draft, "auth", "psk");
      ipsec_draft_set_secret (reader->draft, "psk", psk);
    }
  if (psk != NULL)
    explicit_bzero (psk, strlen (psk));
  if (plist_true (dict, "XAuthEnabled"))
    {
      ipsec_draft_set (reader->draft, "xauth", "yes");
      ipsec_draft_set (reader->draft, "user", plist_text (dict, "XAuthName"));
      ipsec_draft_set_secret (reader->draft, "password", plist_text (dict, "XAuthPassword"));
    }
  return TRUE;
}

/* ---- the file ---- */

static gboolean
read_vpn (Reader *reader, GError **error)
{
  const char *type = plist_text (reader->vpn, "VPNType"), *name = plist_text (reader->vpn, "UserDefinedName");
  const Plist *ikev2 = plist_find (reader->vpn, "IKEv2", PLIST_DICT),
              *ipsec = plist_find (reader->vpn, "IPSec", PLIST_DICT);

  ipsec_draft_set_id (reader->draft, name);
  if (convert_is (type, "IKEv2") && ikev2 != NULL)
    return read_ikev2 (reader, ikev2, error);
  if (convert_is (type, "IPSec") && ipsec != NULL)
    return read_ikev1 (reader, ipsec, error);
  return ipsec_draft_fail (error, _ ("The file is for a kind of VPN that is not known here (“%s”)."),
                           type != NULL ? type : "?");
}

static gboolean
read_mobileconfig (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (GBytes) content = NULL;
  g_autoptr (Plist) plist = NULL;
  g_autofree char *why = NULL;
  Reader reader = { .draft = draft };

  if (cms_is_signed_data ((const guint8 *) text, len))
    {
      content = cms_content ((const guint8 *) text, len);
      if (content == NULL)
        return ipsec_draft_fail (error, _ ("The signed file is damaged."));
      text = g_bytes_get_data (content, &len);
      ipsec_draft_note (draft, _ ("The signature of the file was not checked."));
    }
  plist = plist_parse (text, len, &why);
  if (plist == NULL)
    return ipsec_draft_fail (error, _ ("The file is not a valid configuration profile: %s"), why);
  reader.payloads = plist_find (plist, "PayloadContent", PLIST_ARRAY);
  reader.vpn = find_payload (reader.payloads, TYPE_VPN, NULL);
  if (reader.vpn == NULL)
    return ipsec_draft_fail (error, _ ("The configuration profile holds no VPN."));
  return read_vpn (&reader, error);
}

static gboolean
sniff (const char *text, gsize len)
{
  return cms_is_signed_data ((const guint8 *) text, len) ||
         (xml_has (text, len, "plist") && g_strstr_len (text, (gssize) len, "PayloadType") != NULL);
}

const IpsecFormat ipsec_format_mobileconfig = {
  .name = "mobileconfig",
  .suffix = ".mobileconfig",
  .sniff = sniff,
  .read = read_mobileconfig,
  .write = mobileconfig_write,
};
