/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One group [main]; a key with an exclamation mark before it is one that the administrator locked, which is the same to
 * us. An obfuscated password (enc_...) is not a secret to anybody: what it takes to undo it stands in the file. In
 * hexadecimal digits: a seed (20 octets), the SHA-1 of the ciphertext (20), the ciphertext in 3DES-CBC. The key is
 * SHA-1 (seed + 1) | SHA-1 (seed + 3), its first 24 octets, where what is added goes to the last octet of the seed; the
 * IV is the seed's beginning. The text may end with NUL, then the padding of PKCS #7.
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

/* ---- obfuscated passwords ---- */

#define SEED_LEN 20 /* octets; as long as SHA-1 is */
#define KEY_LEN 24
#define BLOCK_LEN 8
#define CIPHERTEXT_MAX 1024

static void
sha1 (const guint8 *data, gsize len, guint8 *ret_digest)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  gsize n = SEED_LEN;

  g_checksum_update (checksum, data, (gssize) len);
  g_checksum_get_digest (checksum, ret_digest, &n);
}

static GByteArray *
from_hex (const char *text)
{
  gsize len = strlen (text) / 2;
  g_autoptr (GByteArray) octets = g_byte_array_sized_new ((guint) len);

  if (strlen (text) % 2 != 0)
    return NULL;
  for (gsize i = 0; i < len; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);
      guint8 octet;

      if (high < 0 || low < 0)
        return NULL;
      octet = (guint8) (high << 4 | low);
      g_byte_array_append (octets, &octet, 1);
    }
  return g_steal_pointer (&octets);
}

static void
make_key (const guint8 *seed, guint8 *ret_key)
{
  guint8 changed[SEED_LEN], digests[2 * SEED_LEN];

  memcpy (changed, seed, SEED_LEN);
  changed[SEED_LEN - 1] += 1;
  sha1 (changed, SEED_LEN, digests);
  changed[SEED_LEN - 1] += 2;
  sha1 (changed, SEED_LEN, digests + SEED_LEN);
  memcpy (ret_key, digests, KEY_LEN);
}

/* How long the text is without its padding; 0: it is none. */
static gsize
text_len (const guint8 *text, gsize len)
{
  guint8 padding = text[len - 1];

  if (padding == 0 || padding > BLOCK_LEN)
    return 0;
  for (gsize i = 1; i <= padding; i++)
    if (text[len - i] != padding)
      return 0;
  len -= padding;
  while (len > 0 && text[len - 1] == '\0')
    len--;
  return memchr (text, '\0', len) == NULL && g_utf8_validate ((const char *) text, (gssize) len, NULL) ? len : 0;
}

/* Is it of that form, and as it was written? */
static gboolean
is_whole (const GByteArray *octets)
{
  guint8 digest[SEED_LEN];
  gsize len;

  if (octets == NULL || octets->len <= 2 * SEED_LEN)
    return FALSE;
  len = octets->len - 2 * SEED_LEN;
  if (len % BLOCK_LEN != 0 || len > CIPHERTEXT_MAX)
    return FALSE;
  sha1 (octets->data + 2 * SEED_LEN, len, digest);
  return memcmp (digest, octets->data + SEED_LEN, SEED_LEN) == 0;
}

/* The caller's, to be erased; NULL: it has to be asked for, and a note says why. */
static char *
undo (IpsecDraft *draft, const char *obfuscated)
{
  g_autoptr (GByteArray) octets = from_hex (obfuscated);
  IpsecDes3 des3 = ipsec_draft_des3 (draft);
  guint8 key[KEY_LEN], text[CIPHERTEXT_MAX];
  char *password = NULL;
  gboolean done;
  gsize len;

  if (!is_whole (octets))
    {
      ipsec_draft_note (draft, _ ("A password in the file is damaged and has to be entered again."));
      return NULL;
    }
  len = octets->len - 2 * SEED_LEN;
  make_key (octets->data, key);
  done = des3 != NULL && des3 (key, octets->data, octets->data + 2 * SEED_LEN, len, text);
  len = done ? text_len (text, len) : 0;
  if (len > 0)
    password = g_strndup ((const char *) text, len);
  else if (done)
    ipsec_draft_note (draft, _ ("A password in the file is damaged and has to be entered again."));
  else
    ipsec_draft_note (draft, _ ("A password is obfuscated in the file and has to be entered again."));
  explicit_bzero (text, sizeof text);
  return password;
}

/* The secret that stands in the file as it is, or else obfuscated. */
static void
read_secret (IpsecDraft *draft, GKeyFile *file, const char *secret, const char *plain, const char *obfuscated)
{
  g_autofree char *value = get (file, plain), *hidden = get (file, obfuscated);

  if (value == NULL && hidden != NULL)
    value = undo (draft, hidden);
  ipsec_draft_set_secret (draft, secret, value);
  if (value != NULL)
    explicit_bzero (value, strlen (value));
}

/* ---- the file ---- */

static gboolean
read_main (IpsecDraft *draft, GKeyFile *file, GError **error)
{
  g_autofree char *host = get (file, "Host"), *group = get (file, "GroupName"), *user = get (file, "Username");
  g_autofree char *name = get (file, "Description"), *type = get (file, "AuthType"),
                  *group_number = get (file, "DHGroup"), *domain = get (file, "NTDomain");
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
    read_secret (draft, file, "psk", "GroupPwd", "enc_GroupPwd");
  ipsec_draft_set (draft, "xauth", "yes");
  ipsec_draft_set (draft, "user", user);
  read_secret (draft, file, "password", "UserPassword", "enc_UserPassword");
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
