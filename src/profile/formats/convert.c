/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure functions over text. See convert.h. */
#include "config.h"

#include "profile/formats/convert.h"

#include "profile/value.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ANY_IDENTITY "%any % %any6"

gboolean
convert_is (const char *value, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  return value != NULL && g_strv_contains ((const char *const *) list, value);
}

char *
convert_bool (const char *value)
{
  if (convert_is (value, "yes true on 1"))
    return g_strdup ("yes");
  return convert_is (value, "no false off 0") ? g_strdup ("no") : NULL;
}

char *
convert_time (const char *value)
{
  gsize digits = strspn (value, "0123456789");

  if (digits > 0 && value[digits] == '\0')
    return g_strconcat (value, "s", NULL);
  return g_strdup (value);
}

char *
convert_proposals (const char *value)
{
  g_autofree char *text = g_strstrip (g_strdup (value));
  gsize len = strlen (text);

  if (len > 0 && text[len - 1] == '!')
    text[len - 1] = '\0';
  return g_steal_pointer (&text);
}

char *
convert_identity (const char *value)
{
  static const struct {
    const char *prefix, *before, *after;
  } types[] = {
    { "fqdn:", "@", "" },  { "dns:", "@", "" }, { "keyid:", "@[", "]" }, { "email:", "", "" },    { "rfc822:", "", "" },
    { "asn1dn:", "", "" }, { "ipv4:", "", "" }, { "ipv6:", "", "" },     { "userfqdn:", "", "" },
  };

  if (convert_is (value, ANY_IDENTITY))
    return g_strdup ("%fromcert");
  if (g_str_has_prefix (value, "keyid:#")) /* hexadecimal, as "@#" here */
    return g_strconcat ("@", value + strlen ("keyid:"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_has_prefix (value, types[i].prefix))
      return g_strconcat (types[i].before, value + strlen (types[i].prefix), types[i].after, NULL);
  return g_strdup (value);
}

char *
convert_identity_out (const char *value)
{
  g_autofree char *back = convert_identity (value);

  return strcmp (back, value) == 0 ? g_steal_pointer (&back) : g_strconcat ("email:", value, NULL);
}

/* "tcp/%any" is all of tcp; a port 0 or a missing one as well. */
static char *
brackets_of (const char *protoport)
{
  g_auto (GStrv) parts = g_strsplit (protoport, "/", 2);

  if (parts[0] == NULL || convert_is (parts[0], "%any 0"))
    return g_strdup ("");
  if (parts[1] == NULL || parts[1][0] == '\0' || convert_is (parts[1], "%any 0"))
    return g_strdup_printf ("[%s]", parts[0]);
  return g_strdup_printf ("[%s/%s]", parts[0], parts[1]);
}

/* Libreswan's "10.0.0.0/8/tcp/22", "10.0.0.0/8/tcp" and "10.0.0.1//tcp/22"; the caller's; NULL: it is none. */
static char *
selector_with_protocol (const char *entry)
{
  g_auto (GStrv) parts = g_strsplit (entry, "/", 4);
  guint n = g_strv_length (parts);
  g_autofree char *protoport = NULL, *brackets = NULL;

  if (strpbrk (entry, "[-") != NULL || n < 3 || (n == 3 && !g_ascii_isalpha (parts[2][0])))
    return NULL;
  protoport = g_strconcat (parts[2], n == 4 ? "/" : "", n == 4 ? parts[3] : "", NULL);
  brackets = brackets_of (protoport);
  return g_strconcat (parts[0], parts[1][0] != '\0' ? "/" : "", parts[1], brackets, NULL);
}

char *
convert_conn_name (const char *id)
{
  char *name = g_strdelimit (g_strdup (id), " \t\r\n\"#", '-');

  if (name[0] == '%') /* %default */
    name[0] = '-';
  return name;
}

char *
convert_addresses (const char *source)
{
  g_auto (GStrv) list = g_strsplit (source != NULL ? source : "", ",", -1);
  g_autoptr (GString) out = g_string_new (NULL);
  IpsecAddress address;

  for (guint i = 0; list[i] != NULL; i++)
    {
      if (g_strstrip (list[i])[0] == '%')
        continue;
      if (!ipsec_address_parse (list[i], &address))
        return NULL;
      g_string_append_printf (out, "%s%s", out->len > 0 ? "," : "", list[i]);
    }
  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

char *
convert_selectors (const char *value, const char *protoport)
{
  g_autofree char *text = g_strdelimit (g_strdup (value), "{} \t;", ',');
  g_auto (GStrv) entries = g_strsplit (text, ",", -1);
  g_autofree char *brackets = protoport != NULL ? brackets_of (protoport) : g_strdup ("");
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; entries[i] != NULL; i++)
    {
      const char *entry = g_strstrip (entries[i]);
      g_autofree char *with_protocol = selector_with_protocol (entry);

      if (entry[0] == '\0')
        continue;
      if (out->len > 0)
        g_string_append_c (out, ',');
      if (with_protocol != NULL)
        entry = with_protocol;
      g_string_append (out, convert_is (entry, "%dynamic") ? "dynamic" : entry);
      if (with_protocol == NULL && strchr (entry, '[') == NULL)
        g_string_append (out, brackets);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

void
convert_add_pool (IpsecDraft *draft, const char *value)
{
  g_autofree char *nets = convert_selectors (value, NULL);
  g_auto (GStrv) list = g_strsplit (nets, ",", -1);

  for (guint i = 0; list[i] != NULL; i++)
    ipsec_draft_add (draft, strchr (list[i], ':') != NULL ? "pool6" : "pool", list[i]);
}

gboolean
convert_is_path (const char *value)
{
  static const char *const suffixes[] = { ".pem", ".crt", ".cer", ".der", ".p12", ".pfx", ".key" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (value, suffixes[i]))
      return TRUE;
  return strchr (value, '/') != NULL;
}

gboolean
convert_is_uri (const char *value)
{
  return g_str_has_prefix (value, "pkcs11:") || g_str_has_prefix (value, "data:");
}

char *
convert_path (const char *credential)
{
  const IpsecKey *key = ipsec_key_find ("certificate", FALSE);
  g_autofree char *path = credential != NULL ? ipsec_value_canonical (key, credential, NULL) : NULL;

  return path != NULL && g_path_is_absolute (path) ? g_steal_pointer (&path) : NULL;
}

gboolean
convert_is_pkcs12 (const char *value)
{
  return value != NULL && (g_str_has_suffix (value, ".p12") || g_str_has_suffix (value, ".pfx"));
}

ConvertAuth
convert_auth (const char *value)
{
  static const struct {
    const char *prefix;
    ConvertAuth auth;
  } rows[] = {
    { "eap-mschapv2", { "eap", "mschapv2" } },
    { "eap-ttls", { "eap", "ttls" } },
    { "eap-tls", { "eap", "tls" } },
    { "eap-peap", { "eap", "peap" } },
    { "eap-gtc", { "eap", "gtc" } },
    { "eap-md5", { "eap", "md5" } },
    { "eap-radius", { "eap", NULL } },
    { "eap-dynamic", { "eap", NULL } },
    { "eaponly", { "eap", NULL } },
    { "psk", { "psk", NULL } },
    { "secret", { "psk", NULL } },
    { "pubkey", { "cert", NULL } },
    { "rsa", { "cert", NULL } },
    { "ecdsa", { "cert", NULL } },
    { "null", { "null", NULL } },
    { "ed25519", { "cert", NULL } },
  };

  for (guint i = 0; value != NULL && i < G_N_ELEMENTS (rows); i++)
    if (g_str_has_prefix (value, rows[i].prefix))
      return rows[i].auth;
  if (convert_is (value, "eap"))
    return (ConvertAuth){ "eap", NULL };
  return (ConvertAuth){ NULL, NULL };
}

const char *
convert_usual_remote (const char *auth)
{
  return convert_is (auth, "psk rsa") ? auth : "cert";
}

void
convert_set_auth (IpsecDraft *draft, ConvertAuth ours, ConvertAuth theirs)
{
  ipsec_draft_set (draft, "auth", ours.auth);
  ipsec_draft_set (draft, "eap", ours.eap);
  if (convert_is (theirs.auth, "eap") && convert_is (ipsec_draft_get (draft, "role"), "server"))
    ipsec_draft_note (draft, _ ("The users and their passwords are in another file; set “users”."));
  else if (convert_is (theirs.auth, "eap"))
    ipsec_draft_set (draft, "remote-auth", "eap-only");
  else if (theirs.auth != NULL && strcmp (theirs.auth, convert_usual_remote (ours.auth)) != 0)
    ipsec_draft_set (draft, "remote-auth", theirs.auth);
}

/* ---- identities ---- */

/* How the other end proves who it is, as far as it is known. */
static const char *
remote_method (const IpsecDraft *draft)
{
  const char *remote = ipsec_draft_get (draft, "remote-auth");

  if (remote != NULL && strcmp (remote, "auto") != 0)
    return remote;
  return ipsec_draft_get (draft, "remote-rsa-key") != NULL ? "rsa"
                                                           : convert_usual_remote (ipsec_draft_get (draft, "auth"));
}

/* Whatever the other end calls itself. That is safe where few can prove anything, and a server's way anyway. */
static void
set_any_remote (IpsecDraft *draft)
{
  const char *ca = ipsec_draft_get (draft, "ca");
  gboolean known = ipsec_draft_get (draft, "remote-certificate") != NULL || (ca != NULL && strcmp (ca, "system") != 0);

  if (convert_is (ipsec_draft_get (draft, "role"), "server"))
    return;
  if (strcmp (remote_method (draft), "cert") != 0)
    ipsec_draft_note (draft, _ ("The file accepts any identity of the gateway, which is possible here only if the "
                                "gateway has a certificate. It must be the name or address that is dialled; otherwise "
                                "set “remote-id”."));
  else if (!known)
    ipsec_draft_note (draft,
                      _ ("The file accepts any identity of the gateway, which is not safe with the authorities "
                         "that the system trusts. It must be the name or address that is dialled; otherwise set "
                         "“remote-id”, or set “ca” to the authority of the gateway and “remote-id” to %%fromcert."));
  else
    ipsec_draft_set (draft, "remote-id", "%fromcert");
}

void
convert_set_identity (IpsecDraft *draft, const char *key, const char *value)
{
  g_autofree char *identity = value != NULL ? convert_identity (value) : NULL;

  if (convert_is (identity, "%fromcert") && strcmp (key, "remote-id") == 0)
    set_any_remote (draft);
  else if (!convert_is (value, ANY_IDENTITY)) /* of our own end it says nothing */
    ipsec_draft_set (draft, key, identity);
}

/* ---- rows ---- */

/* The word beside @value: @from 0 in the first column, 1 in the second. */
static char *
other_word (const char *words, const char *value, guint from)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  for (guint i = 0; list[i] != NULL && list[i + 1] != NULL; i += 2)
    if (strcmp (list[i + from], value) == 0)
      return g_strdup (list[i + 1 - from]);
  return NULL;
}

char *
convert_row_in (const ConvertRow *row, const char *theirs)
{
  switch (row->how)
    {
    case CONVERT_COPY:
      return g_strdup (theirs);
    case CONVERT_BOOL:
      return convert_bool (theirs);
    case CONVERT_TIME:
      return convert_time (theirs);
    case CONVERT_PROPOSALS:
      return convert_proposals (theirs);
    case CONVERT_WORDS:
      return other_word (row->words, theirs, 0);
    }
  g_assert_not_reached ();
}

char *
convert_row_out (const ConvertRow *row, const char *ours)
{
  return row->how == CONVERT_WORDS ? other_word (row->words, ours, 1) : g_strdup (ours);
}

/* Numbers as others write them: "0x2a", "1GiB". */
static char *
plain_number (const IpsecKey *key, const char *text)
{
  gsize len = strlen (text);
  guint64 number;

  if (key->type == IPSEC_KEY_INTEGER && g_ascii_strncasecmp (text, "0x", 2) == 0 &&
      g_ascii_string_to_unsigned (text + 2, 16, 0, G_MAXUINT64, &number, NULL))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  if (key->type == IPSEC_KEY_SIZE && len > 3 && strchr ("KMGT", text[len - 3]) != NULL && g_str_has_suffix (text, "iB"))
    return g_strndup (text, len - 2);
  return g_strdup (text);
}

/* Without it the connection would be another one, or let others in. */
static gboolean
must_be_right (const IpsecKey *key)
{
  return strcmp (key->name, "gateway") == 0 || key->type == IPSEC_KEY_SELECTORS || key->type == IPSEC_KEY_PROPOSALS ||
         key->type == IPSEC_KEY_IDENTITY || key->type == IPSEC_KEY_CREDENTIAL;
}

void
convert_set_row (IpsecDraft *draft, const ConvertRow *row, const char *theirs)
{
  g_autofree char *ours = theirs != NULL ? convert_row_in (row, theirs) : NULL;
  const IpsecKey *key = ipsec_key_find (row->ours, FALSE);
  g_autofree char *value = ours != NULL ? plain_number (key, ours) : NULL;

  if (value != NULL && must_be_right (key))
    ipsec_draft_set (draft, row->ours, value);
  else if (theirs != NULL && theirs[0] != '\0' && (value == NULL || !ipsec_draft_try (draft, row->ours, value)))
    ipsec_draft_note (draft, _ ("%s=%s cannot be expressed in a profile."), row->theirs, theirs);
}
