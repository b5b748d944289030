/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the connection that is opened to the form. See form.h. */
#include "config.h"

#include "form/form-private.h"

#include "profile/proposal.h"

#include <string.h>

static const char *
item (const Form *form, const char *name)
{
  const char *value = nm_setting_vpn_get_data_item (form->setting, name);

  return value != NULL ? value : "";
}

static gboolean
item_is (const Form *form, const char *name, const char *value)
{
  return strcmp (item (form, name), value) == 0;
}

/* As libnm reads them; FALSE: there are none. */
static gboolean
load_flags (const Form *form, const char *name, NMSettingSecretFlags *ret)
{
  g_autofree char *item_name = g_strconcat (name, "-flags", NULL);
  const char *text = item (form, item_name);
  guint64 flags = 0;

  *ret = g_ascii_string_to_unsigned (text, 10, 0, 7, &flags, NULL) ? (NMSettingSecretFlags) flags
                                                                   : NM_SETTING_SECRET_FLAG_NONE;
  return text[0] != '\0';
}

/* Does the connection say that it has this secret? */
static gboolean
secret_announced (const Form *form, const char *name)
{
  const char *secret = nm_setting_vpn_get_secret (form->setting, name);
  NMSettingSecretFlags flags;

  return (secret != NULL && secret[0] != '\0') ||
         (load_flags (form, name, &flags) && !(flags & NM_SETTING_SECRET_FLAG_NOT_REQUIRED));
}

static gboolean
is_token (const char *certificate)
{
  return g_str_has_prefix (certificate, "pkcs11:");
}

/* What auth=auto comes to, without its errors (see derive_auth() of the profile, and convert_auth_of()). That somebody
 * activates the connection is enough for a user. */
static const char *
derive_sign_in (const Form *form)
{
  const char *certificate = item (form, "certificate"), *role = item (form, "role");
  gboolean then_eap = item_is (form, "auth2", "eap"), tls = !then_eap && item_is (form, "eap", "tls");
  gboolean cert = certificate[0] != '\0' || item (form, "private-key")[0] != '\0';
  gboolean eap = !then_eap && (item (form, "eap")[0] != '\0' || secret_announced (form, "password"));
  gboolean others = cert || eap || item (form, "user")[0] != '\0';

  if (item (form, "local-rsa-key")[0] != '\0')
    return SIGN_IN_RAW_KEY;
  if (cert && !tls)
    return is_token (certificate) ? SIGN_IN_TOKEN : SIGN_IN_CERTIFICATE;
  /* else it is the gateway's */
  if (secret_announced (form, "psk") && !(others && item_is (form, "remote-auth", "psk")))
    return SIGN_IN_SHARED_KEY;
  return !then_eap && (role[0] == '\0' || strcmp (role, "client") == 0) ? SIGN_IN_USER : SIGN_IN_SHARED_KEY;
}

static const char *
load_sign_in (const Form *form)
{
  const char *auth = item (form, "auth");

  if (auth[0] == '\0' || strcmp (auth, "auto") == 0)
    return derive_sign_in (form);
  if (strcmp (auth, "eap") == 0)
    return SIGN_IN_USER;
  if (strcmp (auth, "cert") == 0)
    return is_token (item (form, "certificate")) ? SIGN_IN_TOKEN : SIGN_IN_CERTIFICATE;
  if (strcmp (auth, "psk") == 0)
    return SIGN_IN_SHARED_KEY;
  if (strcmp (auth, "rsa") == 0)
    return SIGN_IN_RAW_KEY;
  if (strcmp (auth, "null") == 0)
    return SIGN_IN_NOTHING;
  return SIGN_IN_OTHER;
}

static const char *
load_algorithms (const Form *form)
{
  const char *ike = item (form, "ike"), *esp = item (form, "esp"), *alias, *doc;

  if (ike[0] == '\0' && esp[0] == '\0')
    return "default";
  for (guint i = 0; (alias = ipsec_proposals_alias_at (i, &doc)) != NULL; i++)
    {
      if (strcmp (ike, alias) == 0 && strcmp (esp, alias) == 0)
        return alias;
    }
  return ALGORITHMS_CUSTOM;
}

static const char *
load_text (const Form *form, const Field *row)
{
  const IpsecKey *key = field_key (row);
  const char *text;

  if (strcmp (row->name, FIELD_SIGN_IN) == 0)
    return load_sign_in (form);
  if (strcmp (row->name, FIELD_ALGORITHMS) == 0)
    return load_algorithms (form);
  if (strcmp (row->name, FIELD_PERSISTENT) == 0)
    return nm_setting_vpn_get_persistent (form->setting) ? "yes" : "no";
  if (row->kind == FIELD_SECRET)
    {
      text = nm_setting_vpn_get_secret (form->setting, row->name);
      return text != NULL ? text : "";
    }
  text = item (form, row->name);
  /* either of its two names says it */
  if (strcmp (row->name, "ipcomp") == 0 && strcmp (item (form, "compress"), "yes") == 0)
    return "yes";
  /* a choice without a word for “not given” shows its default */
  if (text[0] == '\0' && (row->kind == FIELD_CHOICE || row->kind == FIELD_SWITCH) &&
      (row->choices == NULL || row->choices[0].word[0] != '\0'))
    return key->fallback;
  return text;
}

static gboolean
is_for_codes (const Form *form, const char *name)
{
  guint field = (guint) field_find (name, FALSE);

  return form_applies (form, field) && strcmp (form_effective (form, field), "gtc") == 0;
}

/* A method that is there for codes has one asked for, until somebody says otherwise; else most people do not have any. */
NMSettingSecretFlags
form_default_otp_storage (const Form *form)
{
  return is_for_codes (form, "eap") || is_for_codes (form, "eap-phase2") ? NM_SETTING_SECRET_FLAG_NOT_SAVED
                                                                         : NM_SETTING_SECRET_FLAG_AGENT_OWNED;
}

/* A secret that the connection does not have yet is kept for this user alone. */
static NMSettingSecretFlags
load_storage (const Form *form, guint field)
{
  const char *name = field_at (field)->name;
  NMSettingSecretFlags flags;

  if (load_flags (form, name, &flags))
    return flags;
  if (strcmp (name, "otp") == 0)
    return nm_setting_vpn_get_secret (form->setting, name) != NULL ? NM_SETTING_SECRET_FLAG_NOT_SAVED
                                                                   : form_default_otp_storage (form);
  return nm_setting_vpn_get_secret (form->setting, name) == NULL && (form->is_new || !form->values[field].applied)
             ? NM_SETTING_SECRET_FLAG_AGENT_OWNED
             : NM_SETTING_SECRET_FLAG_NONE;
}

void
form_load (Form *form)
{
  form->is_new =
      nm_setting_vpn_get_num_data_items (form->setting) == 0 && nm_setting_vpn_get_num_secrets (form->setting) == 0;
  for (guint i = 0; i < field_count (); i++)
    {
      FormValue *value = &form->values[i];

      value->text = g_strdup (load_text (form, field_at (i)));
      value->loaded = g_strdup (value->text);
    }
  for (guint i = 0; i < field_count (); i++)
    {
      form->values[i].applied = form_applies (form, i);
      if (field_at (i)->kind == FIELD_SECRET)
        form->values[i].storage = form->values[i].loaded_storage = load_storage (form, i);
    }
}
