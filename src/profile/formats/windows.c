/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ProfileXML is the VPNv2 configuration of Windows' management; rasphone.pbk its phone book. Both name EAP methods by
 * their numbers in the registry of EAP.
 */
#include "config.h"

#include "profile/formats/windows.h"

#include "profile/formats/convert.h"
#include "profile/formats/xml.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *
eap_name (const char *number)
{
  static const char *const names[][2] = { { "13", "tls" }, { "21", "ttls" }, { "25", "peap" }, { "26", "mschapv2" } };

  for (guint i = 0; number != NULL && i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i][0], number) == 0)
      return names[i][1];
  return NULL;
}

static void
set_eap (IpsecDraft *draft, const char *method)
{
  ipsec_draft_set (draft, "auth", "eap");
  ipsec_draft_set (draft, "eap", method);
  if (!convert_is (method, "tls"))
    ipsec_draft_set_secret (draft, "password", NULL);
  else
    ipsec_draft_note (draft, _ ("The certificate is not in the file; set “certificate” to where it is."));
}

static void
set_certificate (IpsecDraft *draft)
{
  ipsec_draft_set (draft, "auth", "cert");
  ipsec_draft_note (draft, _ ("The certificate is not in the file; set “certificate” to where it is."));
}

/* ---- ProfileXML ---- */

static const char *
algorithm (const char *name)
{
  static const char *const names[][2] = {
    { "AES_128", "aes128" },
    { "AES_192", "aes192" },
    { "AES_256", "aes256" },
    { "AES_GCM_128", "aes128gcm16" },
    { "AES_GCM_256", "aes256gcm16" },
    { "DES3", "3des" },
    { "AES128", "aes128" },
    { "AES192", "aes192" },
    { "AES256", "aes256" },
    { "GCMAES128", "aes128gcm16" },
    { "GCMAES192", "aes192gcm16" },
    { "GCMAES256", "aes256gcm16" },
    { "SHA196", "sha1" },
    { "SHA1", "sha1" },
    { "SHA256128", "sha256" },
    { "SHA256", "sha256" },
    { "SHA384", "sha384" },
    { "MD5", "md5" },
    { "Group1", "dh1" },
    { "Group2", "dh2" },
    { "Group14", "dh14" },
    { "ECP256", "ecp256" },
    { "ECP384", "ecp384" },
    { "Group24", "dh24" },
    { "PFS1", "dh1" },
    { "PFS2", "dh2" },
    { "PFS2048", "dh14" },
    { "PFS24", "dh24" },
    { "None", "" },
  };

  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i][0], name) == 0)
      return names[i][1];
  return NULL;
}

static void
read_suite (IpsecDraft *draft, const xmlNode *suite)
{
  g_autofree char *encryption = xml_child_text (suite, "EncryptionMethod"),
                  *hash = xml_child_text (suite, "IntegrityCheckMethod");
  g_autofree char *group = xml_child_text (suite, "DHGroup"),
                  *cipher = xml_child_text (suite, "CipherTransformConstants");
  g_autofree char *integrity = xml_child_text (suite, "AuthenticationTransformConstants"),
                  *pfs = xml_child_text (suite, "PfsGroup");
  const char *e = algorithm (encryption), *h = algorithm (hash), *g = algorithm (group);
  const char *c = algorithm (cipher), *a = algorithm (integrity), *p = algorithm (pfs);
  g_autofree char *ike = NULL, *esp = NULL;

  if (suite == NULL)
    return;
  if (e != NULL && h != NULL && g != NULL)
    ike = g_strdup_printf ("%s-%s%s-%s", e, strstr (e, "gcm") != NULL ? "prf" : "", h, g);
  if (c != NULL)
    esp = g_strconcat (c, a != NULL && strstr (c, "gcm") == NULL ? "-" : "",
                       a != NULL && strstr (c, "gcm") == NULL ? a : "", p != NULL && p[0] != '\0' ? "-" : "",
                       p != NULL ? p : "", NULL);
  ipsec_draft_set (draft, "ike", ike);
  ipsec_draft_set (draft, "esp", esp);
  if (ike == NULL || esp == NULL)
    ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), "CryptographySuite");
}

static gboolean
is_true (const xmlNode *node, const char *name)
{
  g_autofree char *text = xml_child_text (node, name), *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  return convert_is (lower, "true 1");
}

/* An excluded one leads past the tunnel; the others count when only they go into it (@split). */
static void
read_routes (IpsecDraft *draft, const xmlNode *root, gboolean split)
{
  for (const xmlNode *n = root->children; n != NULL; n = n->next)
    {
      g_autofree char *address = NULL, *prefix = NULL, *net = NULL, *excluded = NULL;

      if (!xml_is (n, "Route"))
        continue;
      address = xml_child_text (n, "Address");
      prefix = xml_child_text (n, "PrefixSize");
      if (address == NULL || prefix == NULL)
        continue;
      net = g_strdup_printf ("%s/%s", address, prefix);
      excluded = g_strdup_printf ("ExclusionRoute %s", net);
      if (is_true (n, "ExclusionRoute"))
        ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), excluded);
      else if (split)
        ipsec_draft_add (draft, "remote-ts", net);
    }
}

/* An element of this name and text anywhere below @node. */
static gboolean
has_text (const xmlNode *node, const char *name, const char *want)
{
  for (const xmlNode *n = node->children; n != NULL; n = n->next)
    {
      g_autofree char *text = xml_is (n, name) ? xml_text (n) : NULL;

      if (convert_is (text, want) || (n->type == XML_ELEMENT_NODE && has_text (n, name, want)))
        return TRUE;
    }
  return FALSE;
}

/* The first type is that of the outer method; one of a certificate behind it is inside of PEAP or TTLS. */
static void
read_eap (IpsecDraft *draft, const xmlNode *authentication, const char *user)
{
  const xmlNode *node = authentication != NULL ? xml_find (authentication, "Type") : NULL;
  g_autofree char *type = node != NULL ? xml_text (node) : NULL;
  const char *method = convert_is (user, "MSChapv2") ? "mschapv2" : eap_name (type);

  if (convert_is (method, "peap ttls") && has_text (authentication, "Type", "13"))
    {
      ipsec_draft_note (draft,
                        _ ("A certificate inside the tunnel of %s is not known here; EAP-TLS is used instead, "
                           "which the login server must allow."),
                        convert_is (method, "peap") ? "PEAP" : "TTLS");
      method = "tls";
    }
  set_eap (draft, method);
  if (authentication != NULL &&
      (xml_find (authentication, "TrustedRootCA") != NULL || xml_find (authentication, "TrustedRootCAHash") != NULL))
    ipsec_draft_note (draft, _ ("The certificate of the login server's authority is not in the file; set “eap-ca” to "
                                "where it is."));
}

/* Whom the server's certificate must name; a pattern cannot be taken over. */
static void
read_server_name (IpsecDraft *draft, const xmlNode *authentication)
{
  const xmlNode *node = authentication != NULL ? xml_find (authentication, "ServerNames") : NULL;
  g_autofree char *name = node != NULL ? xml_text (node) : NULL;

  if (name == NULL || g_strstrip (name)[0] == '\0')
    return;
  if (strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ".-") == strlen (name))
    ipsec_draft_set (draft, "eap-server-name", name);
  else
    ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), "ServerNames");
}

/* What only Windows does. */
static void
note_rest (IpsecDraft *draft, const xmlNode *root)
{
  static const char *const names[] = {
    "TrafficFilter", "DnsSuffix", "DomainNameInformation", "TrustedNetworkDetection", "AppTrigger", "Proxy",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (xml_child (root, names[i]) != NULL)
      ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), names[i]);
}

static gboolean
read_native (IpsecDraft *draft, const xmlNode *root, const xmlNode *native, GError **error)
{
  const xmlNode *authentication = xml_child (native, "Authentication");
  g_autofree char *servers = xml_child_text (native, "Servers"),
                  *protocol = xml_child_text (native, "NativeProtocolType");
  g_autofree char *user = xml_child_text (authentication, "UserMethod"),
                  *machine = xml_child_text (authentication, "MachineMethod");
  g_autofree char *policy = xml_child_text (native, "RoutingPolicyType");
  gboolean lock_down = is_true (root, "LockDown");

  if (protocol != NULL && !convert_is (protocol, "IKEv2 Automatic ProtocolList"))
    return ipsec_draft_fail (error, _ ("The file is for a kind of VPN that is not known here (“%s”)."), protocol);
  if (servers == NULL)
    return ipsec_draft_fail (error, _ ("The file names no gateway (Servers)."));
  servers[strcspn (servers, ";")] = '\0';
  ipsec_draft_set (draft, "gateway", servers);
  if (convert_is (machine, "Certificate") || convert_is (user, "Certificate"))
    set_certificate (draft);
  else
    read_eap (draft, authentication, user);
  read_server_name (draft, authentication);
  read_suite (draft, xml_child (native, "CryptographySuite"));
  /* that lets nothing pass the tunnel, and so knows no split one */
  ipsec_draft_set (draft, "kill-switch", lock_down ? "yes" : NULL);
  read_routes (draft, root, convert_is (policy, "SplitTunnel") && !lock_down);
  return TRUE;
}

static gboolean
read_profilexml (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autofree char *why = NULL, *name = NULL;
  g_autoptr (Xml) xml = xml_parse (text, len, &why);
  const xmlNode *root = xml != NULL ? xml_root (xml) : NULL, *native;

  if (root == NULL || !xml_is (root, "VPNProfile"))
    return ipsec_draft_fail (error, _ ("The file is not a valid VPN profile of Windows: %s"),
                             why != NULL ? why : "VPNProfile");
  native = xml_child (root, "NativeProfile");
  if (native == NULL)
    return ipsec_draft_fail (error, _ ("The VPN profile is for a plug-in of Windows, not for IKEv2."));
  name = xml_child_text (root, "ProfileName");
  ipsec_draft_set_id (draft, name);
  ipsec_draft_set_persistent (draft, is_true (root, "AlwaysOn") || is_true (root, "LockDown"));
  note_rest (draft, root);
  return read_native (draft, root, native, error);
}

static gboolean
sniff_profilexml (const char *text, gsize len)
{
  return xml_has (text, len, "VPNProfile");
}

const IpsecFormat ipsec_format_profilexml = { .name = "ProfileXML",
                                              .suffix = ".xml",
                                              .sniff = sniff_profilexml,
                                              .read = read_profilexml };

/* ---- rasphone.pbk ---- */

/* Old files are in the code page of the machine. The key Encoding means something to GKeyFile, and something else
 * there. */
static char *
to_key_file (const char *text, gsize len)
{
  g_autofree char *converted = NULL;
  g_autoptr (GString) out = NULL;

  if (g_utf8_validate (text, (gssize) len, NULL))
    converted = g_strndup (text, len);
  else
    converted = g_convert (text, (gssize) len, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
  if (converted == NULL)
    return NULL;
  out = g_string_new (converted);
  g_string_replace (out, "\nEncoding=", "\nTextEncoding=", 0);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
pbk_get (GKeyFile *file, const char *group, const char *key)
{
  g_autofree char *value = g_key_file_get_value (file, group, key, NULL);

  return value != NULL && g_strstrip (value)[0] != '\0' ? g_steal_pointer (&value) : NULL;
}

/* VpnStrategy: 7 is IKEv2 alone, 8 IKEv2 first; 0, 6 and 14 try others beside it, and the rest is without. */
#define STRATEGIES_IKEV2 "7 8"
#define STRATEGIES_MIXED "0 6 14"

static gboolean
has_strategy (GKeyFile *file, const char *group, const char *strategies)
{
  g_autofree char *type = pbk_get (file, group, "Type"), *strategy = pbk_get (file, group, "VpnStrategy");

  return convert_is (type, "2") && convert_is (strategy, strategies);
}

static const char *
first_with (GKeyFile *file, char **groups, const char *strategies)
{
  for (guint i = 0; groups[i] != NULL; i++)
    if (has_strategy (file, groups[i], strategies))
      return groups[i];
  return NULL;
}

static gboolean
read_entry (IpsecDraft *draft, GKeyFile *file, const char *group, GError **error)
{
  g_autofree char *host = pbk_get (file, group, "PhoneNumber"), *eap = pbk_get (file, group, "CustomAuthKey");
  g_autofree char *machine = pbk_get (file, group, "AuthRestrictions"),
                  *mobike = pbk_get (file, group, "DisableMobility");

  if (host == NULL)
    return ipsec_draft_fail (error, _ ("The file names no gateway (PhoneNumber)."));
  ipsec_draft_set_id (draft, group);
  ipsec_draft_set (draft, "gateway", host);
  /* 4 of the restrictions is a certificate of the machine */
  if (convert_is (machine, "4"))
    set_certificate (draft);
  else
    set_eap (draft, eap_name (eap));
  if (convert_is (mobike, "1"))
    ipsec_draft_set (draft, "mobike", "no");
  return TRUE;
}

static gboolean
read_rasphone (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *utf8 = to_key_file (text, len);
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) groups = NULL;
  const char *chosen;

  if (utf8 == NULL || !g_key_file_load_from_data (file, utf8, strlen (utf8), G_KEY_FILE_NONE, &local))
    return ipsec_draft_fail (error, _ ("The file cannot be read: %s"), local != NULL ? local->message : "?");
  groups = g_key_file_get_groups (file, NULL);
  chosen = first_with (file, groups, STRATEGIES_IKEV2);
  if (chosen == NULL)
    chosen = first_with (file, groups, STRATEGIES_MIXED);
  for (guint i = 0; groups[i] != NULL; i++)
    if (groups[i] != chosen && has_strategy (file, groups[i], STRATEGIES_IKEV2 " " STRATEGIES_MIXED))
      ipsec_draft_note (draft, _ ("The file has another connection, “%s”, which was not taken over."), groups[i]);
  if (chosen == NULL)
    return ipsec_draft_fail (error, _ ("The file has no connection with IKEv2."));
  return read_entry (draft, file, chosen, error);
}

static gboolean
sniff_rasphone (const char *text, gsize len)
{
  return strlen (text) == len && g_regex_match_simple ("^\\s*VpnStrategy=", text, G_REGEX_MULTILINE | G_REGEX_RAW, 0) &&
         g_regex_match_simple ("^\\s*PhoneNumber=", text, G_REGEX_MULTILINE | G_REGEX_RAW, 0);
}

const IpsecFormat ipsec_format_rasphone = { .name = "rasphone.pbk",
                                            .suffix = ".pbk",
                                            .sniff = sniff_rasphone,
                                            .read = read_rasphone };
