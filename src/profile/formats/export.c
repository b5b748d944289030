/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares keys by their canonical values, algorithms as sets. */
#include "config.h"

#include "profile/formats/export.h"

#include "profile/formats/cms.h"
#include "profile/formats/convert.h"

#include "profile/proposal.h"
#include "profile/value.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  NMSettingVpn *vpn;
  const ExportRules *rules;
  IpsecDraft *back; /* what the file says */
} Export;

/* Without the key, whom is trusted, by what it is proven who is there, or what goes through the tunnel is something else;
 * some only with one value. What only asks for more than the file does, or for it in another way, is not here. */
static const struct {
  const char *key, *value; /* NULL: any */
} essential[] = {
  { "auth2", NULL },
  { "remote-auth", NULL },
  { "remote-certificate", NULL },
  { "remote-rsa-key", NULL },
  { "ppk", "insist" },
  { "ike", NULL },
  { "esp", NULL },
  { "local-ts", NULL },
  { "remote-ts", NULL },
  { "mark", NULL },
  { "sec-label", NULL },
  { "mode", "transport" },
  { "kill-switch", NULL },
};

static const char *
get (const Export *self, const char *key)
{
  return nm_setting_vpn_get_data_item (self->vpn, key);
}

/* ---- algorithms ---- */

static gboolean
has_transform (const GArray *proposal, const IkeTransform *transform)
{
  for (guint i = 0; i < proposal->len; i++)
    {
      const IkeTransform *t = &g_array_index (proposal, IkeTransform, i);

      if (t->type == transform->type && t->id == transform->id && t->key_bits == transform->key_bits)
        return TRUE;
    }
  return FALSE;
}

/* Is whatever @less agrees to something that @more agrees to as well? Of extended sequence numbers either will do; and what
 * says nothing of groups (@pfs_decides) leaves them to pfs. */
static gboolean
is_within (const GArray *less, const GArray *more, gboolean pfs_decides, gboolean pfs)
{
  for (guint i = 0; i < less->len; i++)
    {
      const IkeTransform *t = &g_array_index (less, IkeTransform, i);

      if (t->type != IKE_TRANSFORM_ESN && !has_transform (more, t) &&
          !(t->type == IKE_TRANSFORM_KE && pfs_decides && pfs && !ipsec_proposal_has_type (more, t->type)))
        return FALSE;
    }
  for (guint i = 0; i < more->len; i++)
    {
      const IkeTransform none = { .type = g_array_index (more, IkeTransform, i).type };

      if (none.type != IKE_TRANSFORM_ESN && !ipsec_proposal_has_type (less, none.type) &&
          !has_transform (more, &none) && !(none.type == IKE_TRANSFORM_KE && pfs_decides && !pfs))
        return FALSE;
    }
  return TRUE;
}

/* Does the file ask for nothing but what the key asks for? */
static gboolean
is_protected (const Export *self, const char *key, const char *value)
{
  IkeProtocolId protocol = strcmp (key, "ike") == 0 ? IKE_PROTOCOL_IKE : IKE_PROTOCOL_ESP;
  gboolean pfs_decides = protocol == IKE_PROTOCOL_ESP, pfs = !convert_is (get (self, "pfs"), "no");
  const char *got = ipsec_draft_get (self->back, key);
  g_autoptr (GPtrArray) more = ipsec_proposals_parse (protocol, value, NULL, NULL),
                        less = got != NULL ? ipsec_proposals_parse (protocol, got, NULL, NULL) : NULL;
  gboolean within = TRUE;

  for (guint i = 0; less != NULL && within && i < less->len; i++)
    {
      within = FALSE;
      for (guint j = 0; more != NULL && !within && j < more->len; j++)
        within = is_within (less->pdata[i], more->pdata[j], pfs_decides, pfs);
    }
  return less != NULL && within;
}

/* ---- keys ---- */

/* A group for the traffic's keys is the same as pfs=yes. */
static gboolean
has_pfs (const Export *self)
{
  const char *esp = ipsec_draft_get (self->back, "esp");
  g_autoptr (GPtrArray) proposals = esp != NULL ? ipsec_proposals_parse (IKE_PROTOCOL_ESP, esp, NULL, NULL) : NULL;

  return convert_is (ipsec_draft_get (self->back, "pfs"), "yes") ||
         (proposals != NULL && ipsec_proposal_has_type (proposals->pdata[0], IKE_TRANSFORM_KE));
}

static char *
canonical (const IpsecKey *key, const char *value)
{
  char *text = value != NULL ? ipsec_value_canonical (key, value, NULL) : NULL;

  return text != NULL ? text : g_strdup (value);
}

/* As “auto” comes to. */
static const char *
remote_auth (const char *value, const char *auth)
{
  return value == NULL || convert_is (value, "auto") ? convert_usual_remote (auth) : value;
}

static gboolean
is_kept (const Export *self, const IpsecKey *key, const char *value)
{
  const char *got = ipsec_draft_get (self->back, key->name);
  g_autofree char *want = canonical (key, value), *usual = canonical (key, key->fallback), *back = canonical (key, got);

  /* how we prove who we are, and the names, each writer decides: it writes them, or nothing at all */
  if (convert_is (key->name, "local-id") && convert_is (want, "%fromcert")) /* what is meant without the key */
    return convert_is (convert_auth_of (self->vpn), "cert");
  if (convert_is (key->name, "auth local-id remote-id") || convert_is (key->name, self->rules->kept))
    return TRUE;
  if (convert_is (key->name, "remote-auth"))
    return g_strcmp0 (remote_auth (want, convert_auth_of (self->vpn)),
                      remote_auth (got, ipsec_draft_get (self->back, "auth"))) == 0;
  if (convert_is (key->name, "pfs"))
    return has_pfs (self) == convert_is (want, "yes");
  if (ipsec_draft_has_file (self->back, key->name))
    return TRUE;
  return g_strcmp0 (want, back) == 0 || (got == NULL && g_strcmp0 (want, usual) == 0);
}

/* All of one IP version or of both, which the file means anyway. */
static gboolean
is_everything (const char *value)
{
  g_autofree char *list = convert_selectors (value, NULL);

  return convert_is (list, "0.0.0.0/0 ::/0 ::/0,0.0.0.0/0");
}

static gboolean
is_essential (const Export *self, const IpsecKey *row)
{
  const char *key = row->name;
  g_autofree char *value = canonical (row, get (self, key));

  if (convert_is (key, "ike esp"))
    return !is_protected (self, key, value);
  if (convert_is (key, "remote-ts") && is_everything (value))
    return FALSE;
  if (convert_is (key, "ca"))
    return self->rules->trusts_all;
  if (convert_is (key, "remote-rsa-key")) /* else it is not used */
    return convert_is (get (self, "remote-auth"), "auto rsa") || get (self, "remote-auth") == NULL;
  for (guint i = 0; i < G_N_ELEMENTS (essential); i++)
    if (strcmp (essential[i].key, key) == 0)
      return essential[i].value == NULL || convert_is (value, essential[i].value);
  return FALSE;
}

void
export_add_name (GString *names, const char *name)
{
  g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
}

/* ---- certificates ---- */

static gboolean
needs_certificate (const Export *self)
{
  const char *auth = ipsec_draft_get (self->back, "auth"), *eap = get (self, "eap");

  return convert_is (auth, "cert") || (convert_is (auth, "eap") && convert_is (eap, "tls"));
}

/* Where it is: certificates in the profile itself are long, and what is no credential may have a PIN in it. */
static void
add_place (GString *list, const char *key, const char *credential)
{
  g_autofree char *place =
      credential != NULL ? ipsec_value_canonical (ipsec_key_find (key, FALSE), credential, NULL) : NULL;

  if (credential != NULL)
    export_add_name (list, place == NULL ? "?" : g_str_has_prefix (place, "data:") ? "data:" : place);
}

/* With whose password would a key that is in the open, in a database or on a card be put into the file? So only a file that
 * has a password of its own already goes there. TRUE: there was something to say. */
static gboolean
note_certificate (const Export *self, GPtrArray *notes)
{
  const char *certificate = get (self, "certificate"), *key = get (self, "private-key");
  g_autoptr (GString) places = g_string_new (NULL);

  if (!needs_certificate (self) || (certificate == NULL && key == NULL) ||
      ipsec_draft_has_file (self->back, "certificate"))
    return FALSE;
  add_place (places, "certificate", certificate);
  add_place (places, "private-key", key);
  if (notes != NULL && convert_is_pkcs12 (certificate))
    g_ptr_array_add (notes,
                     g_strdup_printf (_ ("Our certificate is not in the file: “%s” cannot be read."), places->str));
  else if (notes != NULL)
    g_ptr_array_add (notes,
                     g_strdup_printf (_ ("Our certificate and its key are not in the file, which takes them from a "
                                         "PKCS#12 file (.p12) only, and not from “%s”. Set “certificate” to such a "
                                         "file before the export, or install it where the file is going."),
                                      places->str));
  return TRUE;
}

static char *
read_credential (const char *credential, gsize *ret_len)
{
  g_autofree char *path = convert_path (credential);
  char *data;

  return path != NULL && g_file_get_contents (path, &data, ret_len, NULL) ? data : NULL;
}

char *
export_certificate (const char *credential, gboolean *ret_more)
{
  static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END";
  gsize len = 0;
  g_autofree char *data = read_credential (credential, &len);
  g_autofree guint8 *der = NULL;
  char *from = data != NULL ? g_strstr_len (data, (gssize) len, begin) : NULL, *to;

  if (ret_more != NULL)
    *ret_more = from != NULL && strstr (from + 1, begin) != NULL;
  if (from == NULL)
    return data != NULL && cms_is_certificate ((const guint8 *) data, len)
               ? g_base64_encode ((const guint8 *) data, len)
               : NULL;
  from += strlen (begin);
  to = strstr (from, end);
  if (to == NULL)
    return NULL;
  *to = '\0';
  der = g_base64_decode (from, &len);
  return len > 0 ? g_base64_encode (der, len) : NULL;
}

char *
export_pkcs12 (const char *credential)
{
  gsize len = 0;
  g_autofree char *data = convert_is_pkcs12 (credential) ? read_credential (credential, &len) : NULL;

  return data != NULL && data[0] == 0x30 ? g_base64_encode ((const guint8 *) data, len) : NULL;
}

/* ---- all together ---- */

void
export_note_left_out (GPtrArray *notes, const char *keys)
{
  if (notes != NULL && keys[0] != '\0')
    g_ptr_array_add (notes, g_strdup_printf (_ ("Not in the file, or not all of it: %s."), keys));
}

void
export_note_authorities (GPtrArray *notes, NMSettingVpn *vpn)
{
  gboolean more;
  g_autofree char *first = export_certificate (nm_setting_vpn_get_data_item (vpn, "ca"), &more);

  if (first != NULL)
    export_note_left_out (notes, more ? "ca" : "");
}

static gboolean
check_keys (const Export *self, GPtrArray *notes, GError **error)
{
  g_autoptr (GString) lost = g_string_new (NULL), fatal = g_string_new (NULL);
  gboolean certificate = note_certificate (self, notes);
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      const char *value = get (self, key->name);

      if (key->secret || value == NULL || !(key->roles & IPSEC_ROLE_CLIENT) || is_kept (self, key, value) ||
          (certificate && convert_is (key->name, "certificate private-key")))
        continue;
      export_add_name (is_essential (self, key) ? fatal : lost, key->name);
    }
  if (fatal->len > 0)
    return ipsec_draft_fail (error,
                             _ ("A file of this kind (%s) cannot say this, and the connection would be another one "
                                "without it: %s. Export the connection as ipsec.conf (with a name that ends in .conf), "
                                "or a copy of it from which this has been taken out."),
                             self->rules->format->suffix, fatal->str);
  export_note_left_out (notes, lost->str);
  return TRUE;
}

gboolean
export_check (NMConnection *connection, const ExportRules *rules, const char *text, GPtrArray *notes, GError **error)
{
  g_autoptr (IpsecDraft) back = ipsec_draft_new ("export");
  Export self = { .vpn = nm_connection_get_setting_vpn (connection), .rules = rules, .back = back };

  return rules->format->read (back, "export", text, strlen (text), error) && check_keys (&self, notes, error);
}
