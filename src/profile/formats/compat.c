/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager-libreswan's keys are those of ipsec.conf, which is what its values become after its defaults have been
 * applied; NetworkManager-strongswan's are a table. Facts: NetworkManager-libreswan 1.2.30 shared/utils.c (params[],
 * sanitisation), charon-nm nm_service.c.
 */
#include "config.h"

#include "profile/formats/compat.h"

#include "profile/formats/convert.h"
#include "profile/formats/ipsec-conf.h"

#include "profile/selector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SERVICE_LIBRESWAN "org.freedesktop.NetworkManager.libreswan"
#define SERVICE_OPENSWAN "org.freedesktop.NetworkManager.openswan"
#define SERVICE_STRONGSWAN "org.freedesktop.NetworkManager.strongswan"

/* ---- NetworkManager-libreswan ---- */

/* Values without blanks, and those in which blanks may be. */
static const char plain_keys[] =
    "ikev2 right leftid rightid left leftmodecfgclient authby pfs ike ikelifetime salifetime hostaddrfamily "
    "clientaddrfamily "
    "leftsubnet rightsubnet leftsubnets rightsubnets narrowing fragmentation mobike dpddelay dpdtimeout dpdaction "
    "ipsec-interface type require-id-on-certificate leftsendcert rekey esp cisco-unity phase2alg keyingtries aggrmode "
    "leftxauthclient rightxauthserver remote-peer-type remote_peer_type rightmodecfgserver modecfgpull";
static const char text_keys[] = "leftcert rightcert leftrsasigkey rightrsasigkey leftxauthusername leftusername "
                                "rightca leftprotoport rightprotoport";
static const char internal_keys[] = "vendor Domain dhgroup pfsgroup pskinputmodes xauthpasswordinputmodes "
                                    "pskvalue-flags xauthpassword-flags nm-auto-defaults nm-connect-mode";

static gboolean
value_valid (const char *value, gboolean blanks)
{
  for (const char *p = value; *p != '\0'; p++)
    if (*p == '"' || !(g_ascii_isgraph (*p) || (blanks && *p == ' ')))
      return FALSE;
  return TRUE;
}

typedef struct {
  const IpsecSetting *from;
  GHashTable *values; /* of ipsec.conf: name -> value, owned */
  GError *error;
} Libreswan;

static void
take_item (Libreswan *self, const char *key, const char *value)
{
  gboolean lists = convert_is (key, "leftsubnets rightsubnets"), text = convert_is (key, text_keys);

  if (self->error != NULL || convert_is (key, internal_keys))
    return;
  if (!text && !convert_is (key, plain_keys))
    ipsec_draft_fail (&self->error, _ ("property '%s' invalid or not supported"), key);
  else if (!value_valid (value, text || lists))
    ipsec_draft_fail (&self->error, _ ("Invalid character in '%s'"), key);
  else
    g_hash_table_insert (self->values, g_strdup (key), g_strdup (value));
}

static const char *
value_of (const Libreswan *self, const char *key)
{
  return g_hash_table_lookup (self->values, key);
}

static void
set_value (Libreswan *self, const char *key, const char *value)
{
  g_hash_table_insert (self->values, g_strdup (key), g_strdup (value));
}

static void
set_default (Libreswan *self, const char *key, const char *value)
{
  if (value_of (self, key) == NULL)
    set_value (self, key, value);
}

/* A name without "@" is a name all the same. */
static void
mark_identity (Libreswan *self, const char *key)
{
  const char *value = value_of (self, key);
  g_autofree char *marked = NULL;
  IpsecAddress address;

  if (value == NULL || strchr (value, '@') != NULL || value[0] == '%' || ipsec_address_parse (value, &address))
    return;
  marked = g_strconcat ("@", value, NULL);
  set_value (self, key, marked);
}

static gboolean
is_ikev2 (const Libreswan *self)
{
  return convert_is (value_of (self, "ikev2"), "yes propose insist");
}

/* What that plugin adds when nm-auto-defaults is not "no". */
static void
apply_defaults (Libreswan *self)
{
  gboolean certificate = value_of (self, "leftcert") != NULL, raw = FALSE;
  const char *left = value_of (self, "leftsubnet"), *family = value_of (self, "clientaddrfamily");

  set_default (self, "ikev2", "never");
  set_default (self, "left", "%defaultroute");
  if (certificate)
    set_default (self, "leftrsasigkey", "%cert");
  if (certificate || value_of (self, "rightcert") != NULL)
    set_default (self, "rightrsasigkey", "%cert");
  raw = value_of (self, "leftrsasigkey") != NULL || value_of (self, "rightrsasigkey") != NULL;
  set_value (self, "authby", raw ? "rsasig" : "secret");
  if (!convert_is (value_of (self, "leftmodecfgclient"), "no"))
    set_value (self, "leftmodecfgclient", "yes");
  if (!convert_is (value_of (self, "pfs"), "no"))
    g_hash_table_remove (self->values, "pfs");
  mark_identity (self, "leftid");
  mark_identity (self, "rightid");
  if (value_of (self, "rightsubnets") == NULL)
    set_default (self, "rightsubnet",
                 convert_is (family, "ipv6") || (left != NULL && strchr (left, ':') != NULL) ? "::/0" : "0.0.0.0/0");
  if (value_of (self, "rekey") == NULL)
    set_value (self, "keyingtries", "1");
  if (is_ikev2 (self))
    return;
  set_default (self, "ikelifetime", "24h");
  set_default (self, "salifetime", "24h");
  if (value_of (self, "leftid") != NULL)
    {
      set_default (self, "ike", "aes256-sha1;modp1536");
      set_default (self, "esp", "aes256-sha1");
    }
}

static void
set_mode (Libreswan *self)
{
  const char *xauth = ipsec_setting_get (self->from, "xauthpasswordinputmodes");
  const char *user = self->from->user_name;

  if (!is_ikev2 (self))
    {
      if (value_of (self, "leftid") != NULL)
        set_default (self, "aggrmode", "yes");
      set_value (self, "leftxauthclient", convert_is (xauth, "unused") ? "no" : "yes");
      if (user != NULL && value_of (self, "leftusername") == NULL && value_of (self, "leftxauthusername") == NULL)
        set_value (self, "leftusername", user);
    }
  if (convert_is (ipsec_setting_get (self->from, "nm-connect-mode"), "ondemand"))
    set_value (self, "auto", "ondemand");
}

static gboolean
read_libreswan (const IpsecSetting *from, IpsecDraft *draft, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Libreswan self = { .from = from, .values = values };
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, from->data);
  while (g_hash_table_iter_next (&iter, &key, &value))
    take_item (&self, key, value);
  if (self.error == NULL && value_of (&self, "right") == NULL)
    ipsec_draft_fail (&self.error, _ ("'%s' key needs to be present"), "right");
  if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      return FALSE;
    }
  if (!convert_is (ipsec_setting_get (from, "nm-auto-defaults"), "no"))
    apply_defaults (&self);
  set_mode (&self);
  return ipsec_conf_read_values (draft, values, error);
}

/* ---- NetworkManager-strongswan ---- */

/* clang-format off */
static const ConvertRow strongswan_rows[] = {
  { "address", "gateway", CONVERT_COPY, NULL },
  { "server-port", "remote-port", CONVERT_COPY, NULL },
  { "certificate", "ca", CONVERT_COPY, NULL },
  { "remote-identity", "remote-id", CONVERT_COPY, NULL },
  { "local-identity", "local-id", CONVERT_COPY, NULL },
  { "usercert", "certificate", CONVERT_COPY, NULL },
  { "userkey", "private-key", CONVERT_COPY, NULL },
  { "user", "user", CONVERT_COPY, NULL },
  { "encap", "encap", CONVERT_WORDS, "yes force no yes" },
  { "ipcomp", "ipcomp", CONVERT_BOOL, NULL },
};
/* clang-format on */

static void
set_list (IpsecDraft *draft, const IpsecSetting *from, const char *key)
{
  const char *value = ipsec_setting_get (from, key);
  g_autofree char *list = value != NULL ? convert_selectors (value, NULL) : NULL;

  if (!convert_is (list, "dynamic"))
    ipsec_draft_set (draft, key, list);
}

static gboolean
read_strongswan (const IpsecSetting *from, IpsecDraft *draft, GError **error)
{
  const char *method = ipsec_setting_get (from, "method"), *source = ipsec_setting_get (from, "cert-source");

  if (ipsec_setting_get (from, "address") == NULL)
    return ipsec_draft_fail (error, _ ("Gateway address missing."));
  if (!convert_is (method, "cert eap-tls eap psk key agent smartcard"))
    return ipsec_draft_fail (error, _ ("Configuration parameters missing."));
  if (convert_is (source != NULL ? source : method, "agent smartcard"))
    return ipsec_draft_fail (error,
                             _ ("A key in an agent or on a smart card has to be named by a PKCS#11 URI; write the "
                                "connection anew for NetworkManager-ipsec."));
  for (guint i = 0; i < G_N_ELEMENTS (strongswan_rows); i++)
    convert_set_row (draft, &strongswan_rows[i], ipsec_setting_get (from, strongswan_rows[i].theirs));
  ipsec_draft_set (draft, "auth",
                   convert_is (method, "psk")           ? "psk"
                   : convert_is (method, "eap eap-tls") ? "eap"
                                                        : "cert");
  if (convert_is (method, "eap-tls"))
    ipsec_draft_set (draft, "eap", "tls");
  if (!convert_is (ipsec_setting_get (from, "virtual"), "yes"))
    ipsec_draft_set (draft, "virtual-ip", "no");
  if (convert_is (ipsec_setting_get (from, "proposal"), "yes"))
    {
      set_list (draft, from, "ike");
      set_list (draft, from, "esp");
    }
  set_list (draft, from, "local-ts");
  set_list (draft, from, "remote-ts");
  return TRUE;
}

/* ---- secrets ---- */

static const struct {
  const char *service, *theirs, *ours;
} secrets[] = {
  { SERVICE_LIBRESWAN, "pskvalue", "psk" },
  { SERVICE_LIBRESWAN, "xauthpassword", "password" },
  { SERVICE_OPENSWAN, "pskvalue", "psk" },
  { SERVICE_OPENSWAN, "xauthpassword", "password" },
  { SERVICE_STRONGSWAN, "password", "psk" },
  { SERVICE_STRONGSWAN, "password", "password" },
  { SERVICE_STRONGSWAN, "password", "key-password" },
};

const char *
ipsec_compat_secret (const char *service_type, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    if (g_strcmp0 (secrets[i].service, service_type) == 0 && strcmp (secrets[i].ours, name) == 0)
      return secrets[i].theirs;
  return name;
}

/* Which of ours theirs is, when one name of theirs stands for several. */
static gboolean
secret_is_meant (const IpsecSetting *to, const char *service, const char *ours)
{
  const char *auth = ipsec_setting_get (to, "auth"), *eap = ipsec_setting_get (to, "eap");

  if (strcmp (service, SERVICE_STRONGSWAN) != 0)
    return TRUE;
  if (strcmp (ours, "key-password") == 0)
    return convert_is (auth, "cert") || convert_is (eap, "tls");
  if (strcmp (ours, "psk") == 0)
    return convert_is (auth, "psk");
  return convert_is (auth, "eap") && !convert_is (eap, "tls");
}

static void
translate_secrets (const IpsecSetting *from, IpsecSetting *to)
{
  const char *service = from->service_type;

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      const char *value = ipsec_setting_get_secret (from, secrets[i].theirs);
      g_autofree char *their_flags = g_strconcat (secrets[i].theirs, "-flags", NULL);
      g_autofree char *our_flags = g_strconcat (secrets[i].ours, "-flags", NULL);
      const char *flags = ipsec_setting_get (from, their_flags);

      if (strcmp (secrets[i].service, service) != 0 || !secret_is_meant (to, service, secrets[i].ours))
        continue;
      if (value != NULL)
        ipsec_setting_set_secret (to, secrets[i].ours, value);
      if (flags != NULL || value != NULL)
        ipsec_setting_set (to, our_flags, flags);
    }
}

gboolean
ipsec_compat_is_other (const char *service_type)
{
  return convert_is (service_type, SERVICE_LIBRESWAN " " SERVICE_OPENSWAN " " SERVICE_STRONGSWAN);
}

IpsecSetting *
ipsec_compat_translate (const IpsecSetting *setting, GPtrArray *notes, GError **error)
{
  g_autoptr (IpsecDraft) draft = ipsec_draft_new ("vpn");
  IpsecSetting *to;
  gboolean ok;

  ok = strcmp (setting->service_type, SERVICE_STRONGSWAN) == 0 ? read_strongswan (setting, draft, error)
                                                               : read_libreswan (setting, draft, error);
  to = ok ? ipsec_draft_finish_setting (draft, notes, error) : NULL;
  if (to == NULL)
    return NULL;
  to->persistent = setting->persistent;
  to->timeout = setting->timeout;
  to->user_name = g_strdup (setting->user_name);
  translate_secrets (setting, to);
  return to;
}
