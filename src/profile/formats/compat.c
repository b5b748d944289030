/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager-libreswan's keys are those of ipsec.conf, which is what its values become after its defaults have been
 * applied (compat-libreswan.c); NetworkManager-strongswan's are a table. Facts: charon-nm nm_service.c.
 */
#include "config.h"

#include "profile/formats/compat.h"

#include "profile/formats/compat-libreswan.h"
#include "profile/formats/convert.h"
#include "profile/formats/ipsec-conf.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SERVICE_LIBRESWAN "org.freedesktop.NetworkManager.libreswan"
#define SERVICE_OPENSWAN "org.freedesktop.NetworkManager.openswan"
#define SERVICE_STRONGSWAN "org.freedesktop.NetworkManager.strongswan"

/* ---- NetworkManager-libreswan ---- */

/* What only tells Libreswan to do as it does here anyway. */
static void
drop_derived (const IpsecSetting *from, GHashTable *values)
{
  const LibreswanKey *key;

  for (guint i = 0; (key = libreswan_key_at (i)) != NULL; i++)
    if (key->kind == LIBRESWAN_INTERNAL ||
        (key->derived && strcmp (key->name, "keyingtries") != 0 && ipsec_setting_get (from, key->name) == NULL))
      g_hash_table_remove (values, key->name);
}

static void
set_value (GHashTable *values, const char *key, const char *value)
{
  g_hash_table_insert (values, g_strdup (key), g_strdup (value));
}

/* There "alice@example.com" is a name with a letter in it that names do not have here. */
static void
keep_mail_address (const IpsecSetting *from, GHashTable *values, const char *key)
{
  const char *value = ipsec_setting_get (from, key);

  if (value != NULL && value[0] != '@' && value[0] != '%' && strchr (value, '@') != NULL)
    set_value (values, key, value);
}

static void
set_mode (const IpsecSetting *from, GHashTable *values)
{
  const char *xauth = ipsec_setting_get (from, "xauthpasswordinputmodes"), *user = from->user_name;

  if (!libreswan_is_ikev2 (g_hash_table_lookup (values, "ikev2")))
    {
      if (g_hash_table_contains (values, "leftid") && !g_hash_table_contains (values, "aggrmode"))
        set_value (values, "aggrmode", "yes");
      set_value (values, "leftxauthclient", convert_is (xauth, "unused") ? "no" : "yes");
      if (user != NULL && !g_hash_table_contains (values, "leftusername") &&
          !g_hash_table_contains (values, "leftxauthusername"))
        set_value (values, "leftusername", user);
    }
  if (convert_is (ipsec_setting_get (from, LIBRESWAN_CONNECT_MODE), "ondemand"))
    set_value (values, "auto", "ondemand");
}

static gboolean
read_libreswan (const IpsecSetting *from, IpsecDraft *draft, GError **error)
{
  g_autoptr (GHashTable) values = libreswan_values (from, error);

  if (values == NULL)
    return FALSE;
  drop_derived (from, values);
  keep_mail_address (from, values, "leftid");
  keep_mail_address (from, values, "rightid");
  /* with keys there it is Libreswan's own default that is meant */
  if (libreswan_has_defaults (from) && !g_hash_table_contains (values, "authby"))
    set_value (values, "authby", "rsasig");
  set_mode (from, values);
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
  const char *mode; /* what said how it is kept before there were flags */
} secrets[] = {
  { SERVICE_LIBRESWAN, "pskvalue", "psk", "pskinputmodes" },
  { SERVICE_LIBRESWAN, "xauthpassword", "password", "xauthpasswordinputmodes" },
  { SERVICE_OPENSWAN, "pskvalue", "psk", "pskinputmodes" },
  { SERVICE_OPENSWAN, "xauthpassword", "password", "xauthpasswordinputmodes" },
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

const char *
ipsec_compat_secret_ours (const IpsecSetting *to, const char *service_type, const char *name)
{
  const char *ours = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      if (g_strcmp0 (secrets[i].service, service_type) != 0 || strcmp (secrets[i].theirs, name) != 0)
        continue;
      if (secret_is_meant (to, service_type, secrets[i].ours))
        return secrets[i].ours;
      ours = secrets[i].ours;
    }
  return ours != NULL ? ours : name;
}

static const char *
flags_of_mode (const char *mode)
{
  return convert_is (mode, "ask") ? "2" : convert_is (mode, "unused") ? "4" : convert_is (mode, "save") ? "0" : NULL;
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
      if (flags == NULL && secrets[i].mode != NULL)
        flags = flags_of_mode (ipsec_setting_get (from, secrets[i].mode));
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
