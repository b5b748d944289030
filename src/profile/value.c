/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking and normalising values: one function for each type of key. The functions give errors without the name of the
 * key; ipsec_value_canonical() puts it before them.
 */
#include "config.h"

#include "profile/value.h"

#include "profile/error.h"
#include "profile/identity.h"
#include "profile/number.h"
#include "profile/proposal.h"
#include "profile/profile-private.h"
#include "profile/raw-key.h"
#include "profile/selector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BAD IPSEC_PROFILE_ERROR_BAD_VALUE

/* @words as "a, b or c". */
static char *
words_list (const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  guint n = g_strv_length (list);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      const char *joint = i == 0 ? "" : i + 1 < n ? ", " : _ (" or ");

      g_string_append_printf (out, "%s%s", joint, list[i]);
    }
  return g_string_free (out, FALSE);
}

/* ---- words ---- */

static char *
enum_canonical (const char *values, const char *text, GError **error)
{
  g_auto (GStrv) list = g_strsplit (values, " ", -1);
  g_autofree char *near_word = NULL, *quoted = NULL, *words = NULL;

  if (g_strv_contains ((const char *const *) list, text))
    return g_strdup (text);
  near_word = ipsec_word_suggest (values, text);
  quoted = ipsec_quote (text);
  words = words_list (values);
  if (near_word != NULL)
    ipsec_fail (error, BAD, _ ("%s is not possible; did you mean %s? Possible: %s"), quoted, near_word, words);
  else
    ipsec_fail (error, BAD, _ ("%s is not possible; it must be %s"), quoted, words);
  return NULL;
}

/* ---- numbers ---- */

static char *
number_to_string (const IpsecKey *key, guint64 number)
{
  if (key->type == IPSEC_KEY_TIME)
    return ipsec_time_to_string (number);
  if (key->type == IPSEC_KEY_SIZE)
    return ipsec_size_to_string (number);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
}

static gboolean
number_parse (const IpsecKey *key, const char *text, guint64 *ret)
{
  if (key->type == IPSEC_KEY_TIME)
    return ipsec_time_parse (text, ret);
  if (key->type == IPSEC_KEY_SIZE)
    return ipsec_size_parse (text, ret);
  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, ret, NULL);
}

static char *
number_canonical (const IpsecKey *key, const char *text, GError **error)
{
  g_autofree char *canonical = NULL, *quoted = NULL, *expected = NULL;
  guint64 number;

  if (ipsec_key_has_word (key, text))
    return g_strdup (text);
  if (number_parse (key, text, &number))
    {
      canonical = number_to_string (key, number);
      if ((number >= key->min && number <= key->max) || ipsec_key_has_word (key, canonical))
        return g_steal_pointer (&canonical);
    }
  quoted = ipsec_quote (text);
  expected = ipsec_key_describe_values (key);
  ipsec_fail (error, BAD,
              canonical != NULL ? _ ("%s is out of range; it must be %s") : _ ("%s is not a number; it must be %s"),
              quoted, expected);
  return NULL;
}

static char *
mark_canonical (const char *text, GError **error)
{
  guint32 mark, mask;
  g_autofree char *quoted = NULL;

  if (ipsec_mark_parse (text, &mark, &mask))
    return strchr (text, '/') != NULL ? g_strdup_printf ("0x%x/0x%x", mark, mask) : g_strdup_printf ("0x%x", mark);
  quoted = ipsec_quote (text);
  ipsec_fail (error, BAD, _ ("%s is not a mark; write a number, or number/mask"), quoted);
  return NULL;
}

/* ---- names and addresses ---- */

static char *
host_address (const IpsecAddress *address, GError **error)
{
  static const guint8 unspecified[16];
  g_autofree char *text = ipsec_address_to_string (address);

  if (memcmp (address->bytes, unspecified, sizeof unspecified) != 0)
    return g_steal_pointer (&text);
  ipsec_fail (error, BAD, _ ("%s is nobody's address"), text);
  return NULL;
}

static char *
address_canonical (const char *text, gboolean any, GError **error)
{
  IpsecAddress address;
  g_autofree char *quoted = NULL;

  if (ipsec_address_parse (text, &address))
    return any ? ipsec_address_to_string (&address) : host_address (&address, error);
  quoted = ipsec_quote (text);
  ipsec_fail (error, BAD, _ ("%s is not an IP address"), quoted);
  return NULL;
}

/* 0.0.0.0 is whichever the gateway gives. */
static char *
wish_canonical (const char *text, GError **error)
{
  return address_canonical (text, TRUE, error);
}

static char *
own_canonical (const char *text, GError **error)
{
  return address_canonical (text, FALSE, error);
}

static char *
host_canonical (const char *text, GError **error)
{
  g_autofree char *ascii = NULL, *quoted = NULL;
  gsize len = strlen (text);
  IpsecAddress address;

  if (len > 2 && text[0] == '[' && text[len - 1] == ']')
    {
      g_autofree char *inner = g_strndup (text + 1, len - 2);

      if (ipsec_address_parse (inner, &address) && address.family == 6)
        return host_address (&address, error);
    }
  if (ipsec_address_parse (text, &address))
    return host_address (&address, error);
  ascii = len <= IPSEC_VALUE_MAX ? g_hostname_to_ascii (text) : NULL; /* names in other scripts: RFC 5890 */
  if (ascii != NULL && ipsec_host_name_valid (ascii))
    return g_steal_pointer (&ascii);
  quoted = ipsec_quote (text);
  ipsec_fail (error, BAD, _ ("%s is neither a host name nor an address"), quoted);
  return NULL;
}

static char *
list_canonical (const char *text, guint64 max, char *(*one) (const char *, GError **), GError **error)
{
  g_auto (GStrv) items = g_strsplit (text, ",", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  if (g_strv_length (items) > max)
    {
      ipsec_fail (error, BAD, _ ("%u entries are too many; at most %u"), g_strv_length (items), (guint) max);
      return NULL;
    }
  for (guint i = 0; items[i] != NULL; i++)
    {
      g_autofree char *canonical = one (g_strstrip (items[i]), error);

      if (canonical == NULL)
        return NULL;
      g_string_append_printf (out, "%s%s", i > 0 ? "," : "", canonical);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* ---- files ---- */

static char *
path_canonical (const char *text, GError **error)
{
  g_autofree char *quoted = NULL;

  if (text[0] == '/' && text[1] != '\0')
    return g_strdup (text);
  quoted = ipsec_quote (text);
  ipsec_fail (error, BAD, _ ("%s is not an absolute path; it must begin with /"), quoted);
  return NULL;
}

static gboolean
data_uri_valid (const char *text)
{
  const char *comma = strchr (text, ',');
  gsize len = 0;
  g_autofree guchar *bytes = NULL;

  if (comma == NULL || comma - text < (int) strlen (";base64") ||
      strncmp (comma - strlen (";base64"), ";base64", 7) != 0)
    return FALSE;
  if (strspn (comma + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != strlen (comma + 1))
    return FALSE;
  bytes = g_base64_decode (comma + 1, &len);
  return len > 0;
}

static char *
credential_canonical (const IpsecKey *key, const char *text, GError **error)
{
  g_autofree char *quoted = NULL, *path = NULL;
  const char *words = key->values != NULL ? _ ("a path, or system") : _ ("a path");

  if (ipsec_key_has_word (key, text))
    return g_strdup (text);
  if (g_str_has_prefix (text, "file:"))
    {
      path = g_filename_from_uri (text, NULL, NULL);
      if (path != NULL && ipsec_text_valid (path) && !g_ascii_isspace (path[strlen (path) - 1]))
        return path_canonical (path, error);
    }
  else if (text[0] == '/')
    return path_canonical (text, error);
  else if ((g_str_has_prefix (text, "data:") && data_uri_valid (text)) || profile_on_token (text) ||
           (g_str_has_prefix (text, "nss:") && text[4] != '\0'))
    return g_strdup (text);
  quoted = ipsec_quote (text);
  /* RFC 7512 section 2.4: what is to be loaded, and the PIN; everybody can read a profile */
  if (g_str_has_prefix (text, "pkcs11:") && strchr (text, '?') != NULL)
    ipsec_fail (error, BAD,
                _ ("%s has something after “?”: the PIN is the secret “pin”, and modules are those of p11-kit"),
                quoted);
  else
    ipsec_fail (error, BAD, _ ("%s is not %s; paths begin with /"), quoted, words);
  return NULL;
}

/* ---- structured values ---- */

static char *
identity_canonical (const char *text, GError **error)
{
  g_autoptr (IpsecIdentity) identity = ipsec_identity_parse (text, error);

  return identity != NULL ? ipsec_identity_to_string (identity) : NULL;
}

static char *
raw_key_canonical (const char *text, GError **error)
{
  g_autoptr (IpsecRawKey) key = ipsec_raw_key_parse (text, error);

  if (key == NULL)
    return NULL;
  return key->path != NULL && !profile_on_token (key->path) ? path_canonical (key->path, error)
                                                            : ipsec_raw_key_to_string (key);
}

static char *
selectors_canonical (const char *text, gboolean nets_only, GError **error)
{
  g_autoptr (GPtrArray) selectors = ipsec_selectors_parse (text, nets_only, error);

  return selectors != NULL ? ipsec_selectors_to_string (selectors) : NULL;
}

static char *
typed_canonical (const IpsecKey *key, const char *text, GError **error)
{
  switch (key->type)
    {
    case IPSEC_KEY_STRING:
      return g_strdup (text);
    case IPSEC_KEY_HOSTS:
      return list_canonical (text, key->max, host_canonical, error);
    case IPSEC_KEY_ENUM:
      return enum_canonical (key->values, text, error);
    case IPSEC_KEY_BOOL:
      return enum_canonical ("yes no", text, error);
    case IPSEC_KEY_INTEGER:
    case IPSEC_KEY_TIME:
    case IPSEC_KEY_SIZE:
      return number_canonical (key, text, error);
    case IPSEC_KEY_IDENTITY:
      return identity_canonical (text, error);
    case IPSEC_KEY_CREDENTIAL:
      return credential_canonical (key, text, error);
    case IPSEC_KEY_PATH:
      return path_canonical (text, error);
    case IPSEC_KEY_RAW:
      return raw_key_canonical (text, error);
    case IPSEC_KEY_PROPOSALS:
      return ipsec_proposals_canonical (strcmp (key->name, "ike") == 0 ? IKE_PROTOCOL_IKE : IKE_PROTOCOL_ESP, text,
                                        error);
    case IPSEC_KEY_SELECTORS:
      return selectors_canonical (text, FALSE, error);
    case IPSEC_KEY_NETS:
      return selectors_canonical (text, TRUE, error);
    case IPSEC_KEY_ADDRESSES:
      if (ipsec_key_has_word (key, text))
        return g_strdup (text);
      return list_canonical (text, key->max, strcmp (key->name, "virtual-ip") == 0 ? wish_canonical : own_canonical,
                             error);
    case IPSEC_KEY_MARK:
      return mark_canonical (text, error);
    case IPSEC_KEY_SECRET:
      break;
    }
  g_assert_not_reached ();
}

char *
ipsec_value_canonical (const IpsecKey *key, const char *text, GError **error)
{
  g_autofree char *trimmed = NULL, *canonical = NULL;
  gsize limit = key->type == IPSEC_KEY_CREDENTIAL ? IPSEC_VALUE_MAX_DATA : IPSEC_VALUE_MAX;

  if (!ipsec_text_valid (text))
    {
      g_autofree char *quoted = ipsec_quote (text);

      ipsec_fail (error, BAD, _ ("%s: a control character or invalid UTF-8 in %s"), key->name, quoted);
      return NULL;
    }
  trimmed = g_strstrip (g_strdup (text));
  if (trimmed[0] == '\0')
    {
      ipsec_fail (error, BAD, _ ("%s: the value is empty; leave the key out instead"), key->name);
      return NULL;
    }
  if (strlen (trimmed) >= limit)
    {
      ipsec_fail (error, BAD, _ ("%s: the value is too long"), key->name);
      return NULL;
    }
  canonical = typed_canonical (key, trimmed, error);
  if (canonical == NULL)
    {
      g_prefix_error (error, "%s: ", key->name);
      return NULL;
    }
  if (strlen (canonical) >= limit) /* what is written out in full must be readable again */
    {
      ipsec_fail (error, BAD, _ ("%s: the value is too long"), key->name);
      return NULL;
    }
  return g_steal_pointer (&canonical);
}

/* ---- for people ---- */

static char *
range_describe (const IpsecKey *key)
{
  g_autofree char *min = number_to_string (key, key->min), *max = number_to_string (key, key->max);
  g_autofree char *words = key->values != NULL ? words_list (key->values) : NULL;

  if (words != NULL)
    return g_strdup_printf (_ ("%s to %s, or %s"), min, max, words);
  return g_strdup_printf (_ ("%s to %s"), min, max);
}

char *
ipsec_key_describe_values (const IpsecKey *key)
{
  switch (key->type)
    {
    case IPSEC_KEY_STRING:
      return g_strdup (_ ("text"));
    case IPSEC_KEY_HOSTS:
      return g_strdup (_ ("host names or addresses"));
    case IPSEC_KEY_ENUM:
      return words_list (key->values);
    case IPSEC_KEY_BOOL:
      return words_list ("yes no");
    case IPSEC_KEY_INTEGER:
    case IPSEC_KEY_TIME:
    case IPSEC_KEY_SIZE:
      return range_describe (key);
    case IPSEC_KEY_IDENTITY:
      return g_strdup (_ ("identity"));
    case IPSEC_KEY_CREDENTIAL:
      return key->values != NULL ? g_strdup_printf (_ ("path or URI, or %s"), key->values)
                                 : g_strdup (_ ("path or URI"));
    case IPSEC_KEY_PATH:
      return g_strdup (_ ("path"));
    case IPSEC_KEY_RAW:
      return g_strdup (_ ("CKAID, 0s and base64, or path"));
    case IPSEC_KEY_PROPOSALS:
      return g_strdup (_ ("proposals"));
    case IPSEC_KEY_SELECTORS:
      return g_strdup (_ ("traffic selectors"));
    case IPSEC_KEY_NETS:
      return g_strdup (_ ("networks"));
    case IPSEC_KEY_ADDRESSES:
      {
        g_autofree char *words = key->values != NULL ? words_list (key->values) : NULL;

        return words != NULL ? g_strdup_printf (_ ("addresses, or %s"), words) : g_strdup (_ ("addresses"));
      }
    case IPSEC_KEY_MARK:
      return g_strdup (_ ("mark, or mark/mask"));
    case IPSEC_KEY_SECRET:
      return g_strdup (_ ("secret"));
    }
  g_assert_not_reached ();
}
