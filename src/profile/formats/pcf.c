/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One group [main]; a key with an exclamation mark before it is one that the administrator locked, which is the same to
 * us. An obfuscated password (enc_...) is not a secret to anybody, but undoing it takes ciphers that this library does
 * without: it is asked for.
 */
#include "config.h"

#include "profile/formats/pcf.h"

#include "profile/formats/convert.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Names are compared without regard to case. NULL: not there, or empty. The caller's. */
static char *
get (GKeyFile *file, const char *name)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, "main", NULL, NULL);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    if (g_ascii_strcasecmp (keys[i][0] == '!' ? keys[i] + 1 : keys[i], name) == 0)
      {
        g_autofree char *value = g_key_file_get_value (file, "main", keys[i], NULL);

        return value != NULL && g_strstrip (value)[0] != '\0' ? g_steal_pointer (&value) : NULL;
      }
  return NULL;
}

static gboolean
read_main (IpsecDraft *draft, GKeyFile *file, GError **error)
{
  g_autofree char *host = get (file, "Host"), *group = get (file, "GroupName"), *user = get (file, "Username");
  g_autofree char *key = get (file, "GroupPwd"), *obfuscated = get (file, "enc_GroupPwd");
  g_autofree char *password = get (file, "UserPassword"), *name = get (file, "Description");
  g_autofree char *type = get (file, "AuthType"), *group_number = get (file, "DHGroup"),
                  *domain = get (file, "NTDomain");
  g_autofree char *tcp = get (file, "TunnelingMode"), *nat = get (file, "EnableNat"), *id = NULL, *ike = NULL;

  if (host == NULL)
    return ipsec_draft_fail (error, _ ("The file names no gateway (Host)."));
  ipsec_draft_set_id (draft, name);
  ipsec_draft_set (draft, "gateway", host);
  ipsec_draft_set (draft, "ike-version", "1-aggressive");
  if (group != NULL)
    id = g_strdup_printf ("@[%s]", group);
  ipsec_draft_set (draft, "local-id", id);
  /* 3 is a certificate, 5 hybrid */
  ipsec_draft_set (draft, "auth", convert_is (type, "3") ? "cert" : convert_is (type, "5") ? "hybrid" : "psk");
  if (!convert_is (type, "3"))
    ipsec_draft_set_secret (draft, "psk", key);
  if (key == NULL && obfuscated != NULL)
    ipsec_draft_note (draft, _ ("The group's password is obfuscated in the file and has to be entered again."));
  ipsec_draft_set (draft, "xauth", "yes");
  ipsec_draft_set (draft, "user", user);
  ipsec_draft_set_secret (draft, "password", password);
  if (group_number != NULL)
    ike =
        g_strdup_printf ("aes256-sha1-dh%s,aes128-sha1-dh%s,3des-sha1-dh%s", group_number, group_number, group_number);
  ipsec_draft_set (draft, "ike", ike);
  if (convert_is (tcp, "1"))
    ipsec_draft_note (draft, _ ("The gateway's own way over TCP cannot be expressed in a profile."));
  if (convert_is (nat, "0"))
    ipsec_draft_set (draft, "encap", "no");
  if (domain != NULL)
    ipsec_draft_note (draft, _ ("“%s” cannot be expressed in a profile."), "NTDomain");
  return TRUE;
}

static gboolean
read_pcf (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local = NULL;

  if (!g_key_file_load_from_data (file, text, len, G_KEY_FILE_NONE, &local))
    return ipsec_draft_fail (error, _ ("The file cannot be read: %s"), local->message);
  return read_main (draft, file, error);
}

static gboolean
sniff (const char *text, gsize len)
{
  return g_utf8_validate (text, (gssize) len, NULL) &&
         g_regex_match_simple ("^\\[main\\]\\s*$", text, G_REGEX_MULTILINE | G_REGEX_CASELESS, 0) &&
         g_regex_match_simple ("^!?(GroupName|GroupPwd|enc_GroupPwd|AuthType)\\s*=", text,
                               G_REGEX_MULTILINE | G_REGEX_CASELESS, 0);
}

const IpsecFormat ipsec_format_pcf = { .name = "pcf", .suffix = ".pcf", .sniff = sniff, .read = read_pcf };
