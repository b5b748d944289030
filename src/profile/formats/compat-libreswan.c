/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See compat-libreswan.h. A key's rule sees what the rows above it have come to, so that their order counts. */
#include "config.h"

#include "profile/formats/compat-libreswan.h"

#include "profile/formats/convert.h"
#include "profile/selector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  const IpsecSetting *from;
  GHashTable *values;
} Values;

/* @value: the profile's, NULL: it has none. */
typedef void (*Rule) (Values *values, const char *key, const char *value);

static const char *
get (const Values *self, const char *key)
{
  return g_hash_table_lookup (self->values, key);
}

static void
put (Values *self, const char *key, const char *value)
{
  if (value != NULL)
    g_hash_table_insert (self->values, g_strdup (key), g_strdup (value));
}

gboolean
libreswan_is_ikev2 (const char *ikev2)
{
  return convert_is (ikev2, "yes propose insist");
}

static gboolean
is_ikev2 (const Values *self)
{
  return libreswan_is_ikev2 (get (self, "ikev2"));
}

static gboolean
is_aggressive (const Values *self)
{
  return !is_ikev2 (self) && get (self, "leftid") != NULL;
}

/* ---- rules ---- */

static void
never_if_unset (Values *self, const char *key, const char *value)
{
  put (self, key, value != NULL ? value : "never");
}

/* A name without "@" is a name all the same. */
static void
identity (Values *self, const char *key, const char *value)
{
  g_autofree char *marked = NULL;
  IpsecAddress address;

  if (value != NULL && value[0] != '@' && value[0] != '%' && !ipsec_address_parse (value, &address))
    marked = g_strconcat ("@", value, NULL);
  put (self, key, marked != NULL ? marked : value);
}

static void
raw_key (Values *self, const char *key, const char *value)
{
  gboolean certificate = get (self, "leftcert") != NULL || (key[0] == 'r' && get (self, "rightcert") != NULL);

  put (self, key, value == NULL && certificate ? "%cert" : value);
}

static void
default_route (Values *self, const char *key, const char *value)
{
  put (self, key, value != NULL ? value : "%defaultroute");
}

static void
yes_but_no (Values *self, const char *key, const char *value)
{
  put (self, key, convert_is (value, "no") ? value : "yes");
}

/* What the profile says does not count. */
static void
secret_but_keys (Values *self, const char *key, const char *value)
{
  if (get (self, "leftrsasigkey") == NULL && get (self, "rightrsasigkey") == NULL)
    put (self, key, "secret");
}

static void
only_no (Values *self, const char *key, const char *value)
{
  if (convert_is (value, "no"))
    put (self, key, value);
}

static void
aggressive_ike (Values *self, const char *key, const char *value)
{
  put (self, key, value == NULL && is_aggressive (self) ? "aes256-sha1;modp1536" : value);
}

static void
aggressive_esp (Values *self, const char *key, const char *value)
{
  put (self, key, value == NULL && is_aggressive (self) ? "aes256-sha1" : value);
}

static void
lifetime (Values *self, const char *key, const char *value)
{
  put (self, key, value == NULL && !is_ikev2 (self) ? "24h" : value);
}

static void
everything (Values *self, const char *key, const char *value)
{
  const char *left = get (self, "leftsubnet");
  gboolean six = convert_is (get (self, "clientaddrfamily"), "ipv6") || (left != NULL && strchr (left, ':') != NULL);

  if (value == NULL && get (self, "rightsubnets") == NULL)
    value = six ? "::/0" : "0.0.0.0/0";
  put (self, key, value);
}

static void
user (Values *self, const char *key, const char *value)
{
  if (value == NULL)
    value = get (self, "leftxauthusername");
  if (value == NULL)
    value = self->from->user_name;
  if (!is_ikev2 (self))
    put (self, key, value);
}

/* (Only what is not said has the other one with it. It is so.) */
static void
rekey (Values *self, const char *key, const char *value)
{
  put (self, key, value != NULL ? value : "yes");
  if (value == NULL)
    put (self, "keyingtries", "1");
}

static void
nothing (Values *self, const char *key, const char *value)
{
}

static void
cisco_unity (Values *self, const char *key, const char *value)
{
  if (value == NULL && convert_is (get (self, "vendor"), "Cisco"))
    value = "yes";
  if (!convert_is (value, "yes"))
    return;
  put (self, "vendor", "Cisco");
  put (self, key, value);
}

/* Another name of esp. */
static void
also_esp (Values *self, const char *key, const char *value)
{
  put (self, key, value);
  put (self, "esp", value);
}

static void
yes_if_aggressive (Values *self, const char *key, const char *value)
{
  put (self, key, is_aggressive (self) ? "yes" : NULL);
}

static void
yes_in_ikev1 (Values *self, const char *key, const char *value)
{
  put (self, key, is_ikev2 (self) ? NULL : "yes");
}

static void
cisco_in_ikev1 (Values *self, const char *key, const char *value)
{
  put (self, key, is_ikev2 (self) ? NULL : "cisco");
}

static void
yes (Values *self, const char *key, const char *value)
{
  put (self, key, "yes");
}

/* ---- the table ---- */

typedef struct {
  LibreswanKey key;
  Rule rule;
} Row;

/* clang-format off */
static const Row rows[] = {
  { { "ikev2", LIBRESWAN_WORD }, never_if_unset },
  { { "right", LIBRESWAN_WORD }, put },
  { { "leftid", LIBRESWAN_WORD }, identity },
  { { "rightid", LIBRESWAN_WORD }, identity },
  { { "leftcert", LIBRESWAN_TEXT }, put },
  { { "rightcert", LIBRESWAN_TEXT }, put },
  { { "rightrsasigkey", LIBRESWAN_TEXT }, raw_key },
  { { "leftrsasigkey", LIBRESWAN_TEXT }, raw_key },
  { { "left", LIBRESWAN_WORD }, default_route },
  { { "leftmodecfgclient", LIBRESWAN_WORD }, yes_but_no },
  { { "authby", LIBRESWAN_WORD }, secret_but_keys },
  { { "pfs", LIBRESWAN_WORD }, only_no },
  { { "ike", LIBRESWAN_WORD }, aggressive_ike },
  { { "ikelifetime", LIBRESWAN_WORD }, lifetime },
  { { "salifetime", LIBRESWAN_WORD }, lifetime },
  { { "hostaddrfamily", LIBRESWAN_WORD }, put },
  { { "clientaddrfamily", LIBRESWAN_WORD }, put },
  { { "leftsubnet", LIBRESWAN_WORD }, put },
  { { "leftsubnets", LIBRESWAN_NETS }, put },
  { { "rightsubnets", LIBRESWAN_NETS }, put },
  { { "rightsubnet", LIBRESWAN_WORD }, everything },
  { { "leftxauthusername", LIBRESWAN_TEXT, .newer = "leftusername" }, user },
  { { "leftusername", LIBRESWAN_TEXT }, user },
  { { "narrowing", LIBRESWAN_WORD }, put },
  { { "fragmentation", LIBRESWAN_WORD }, put },
  { { "mobike", LIBRESWAN_WORD }, put },
  { { "dpddelay", LIBRESWAN_WORD }, put },
  { { "dpdtimeout", LIBRESWAN_WORD }, put },
  { { "dpdaction", LIBRESWAN_WORD }, put },
  { { "ipsec-interface", LIBRESWAN_WORD }, put },
  { { "type", LIBRESWAN_WORD }, put },
  { { "require-id-on-certificate", LIBRESWAN_WORD }, put },
  { { "leftsendcert", LIBRESWAN_WORD }, put },
  { { "rightca", LIBRESWAN_TEXT }, put },
  { { "leftprotoport", LIBRESWAN_TEXT }, put },
  { { "rightprotoport", LIBRESWAN_TEXT }, put },
  { { "rekey", LIBRESWAN_WORD }, rekey },
  { { "esp", LIBRESWAN_WORD }, aggressive_esp },
  { { "vendor", LIBRESWAN_INTERNAL }, put },
  { { "Domain", LIBRESWAN_INTERNAL }, put },
  { { "dhgroup", LIBRESWAN_INTERNAL }, put },
  { { "pfsgroup", LIBRESWAN_INTERNAL }, put },
  { { "pskinputmodes", LIBRESWAN_INTERNAL }, put },
  { { "xauthpasswordinputmodes", LIBRESWAN_INTERNAL }, put },
  { { "pskvalue-flags", LIBRESWAN_INTERNAL }, put },
  { { "xauthpassword-flags", LIBRESWAN_INTERNAL }, put },
  { { LIBRESWAN_AUTO_DEFAULTS, LIBRESWAN_INTERNAL }, put },
  { { LIBRESWAN_CONNECT_MODE, LIBRESWAN_INTERNAL }, put },
  { { "cisco-unity", LIBRESWAN_WORD, .derived = TRUE }, cisco_unity },
  { { "phase2alg", LIBRESWAN_WORD, .derived = TRUE }, also_esp },
  { { "keyingtries", LIBRESWAN_WORD, .derived = TRUE }, nothing },
  { { "aggrmode", LIBRESWAN_WORD, .derived = TRUE }, yes_if_aggressive },
  { { "leftxauthclient", LIBRESWAN_WORD, .derived = TRUE }, yes_in_ikev1 },
  { { "rightxauthserver", LIBRESWAN_WORD, .derived = TRUE }, yes_in_ikev1 },
  { { "remote-peer-type", LIBRESWAN_WORD, .derived = TRUE }, cisco_in_ikev1 },
  { { "remote_peer_type", LIBRESWAN_WORD, .derived = TRUE, .newer = "remote-peer-type" }, cisco_in_ikev1 },
  { { "rightmodecfgserver", LIBRESWAN_WORD, .derived = TRUE }, yes },
  { { "modecfgpull", LIBRESWAN_WORD, .derived = TRUE }, yes },
};
/* clang-format on */

const LibreswanKey *
libreswan_key_at (guint index)
{
  return index < G_N_ELEMENTS (rows) ? &rows[index].key : NULL;
}

const LibreswanKey *
libreswan_key_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].key.name, name) == 0)
      return &rows[i].key;
  return NULL;
}

/* ---- a profile ---- */

gboolean
libreswan_has_defaults (const IpsecSetting *setting)
{
  return !convert_is (ipsec_setting_get (setting, LIBRESWAN_AUTO_DEFAULTS), "no false off 0");
}

static gboolean
value_valid (const char *value, gboolean blanks)
{
  for (const char *p = value; *p != '\0'; p++)
    if (*p == '"' || !(g_ascii_isgraph (*p) || (blanks && *p == ' ')))
      return FALSE;
  return TRUE;
}

/* "a, b" -> "a,b" */
static char *
nets (const char *value)
{
  g_auto (GStrv) parts = g_strsplit_set (value, ", \t\n\v", -1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_string_append_printf (out, "%s%s", out->len > 0 ? "," : "", parts[i]);
  return g_string_free (out, FALSE);
}

static gboolean
take_row (Values *self, const Row *row, GError **error)
{
  const char *name = row->key.name, *value = ipsec_setting_get (self->from, name);
  g_autofree char *list = value != NULL && row->key.kind == LIBRESWAN_NETS ? nets (value) : NULL;

  if (list != NULL)
    value = list;
  if (value != NULL && value[0] == '\0')
    value = NULL;
  if (libreswan_has_defaults (self->from))
    row->rule (self, name, value);
  else
    put (self, name, value);
  value = get (self, name);
  if (value == NULL && strcmp (name, "right") == 0)
    return ipsec_draft_fail (error, _ ("'%s' key needs to be present"), name);
  if (value != NULL && !value_valid (value, row->key.kind == LIBRESWAN_TEXT))
    return ipsec_draft_fail (error, _ ("Invalid character in '%s'"), name);
  return TRUE;
}

GHashTable *
libreswan_values (const IpsecSetting *setting, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Values self = { .from = setting, .values = values };
  GHashTableIter iter;
  gpointer key;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (!take_row (&self, &rows[i], error))
      return NULL;
  g_hash_table_iter_init (&iter, setting->data);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (libreswan_key_find (key) == NULL)
      {
        ipsec_draft_fail (error, _ ("property '%s' invalid or not supported"), (const char *) key);
        return NULL;
      }
  return g_steal_pointer (&values);
}
