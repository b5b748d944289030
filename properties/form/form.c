/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form's values, and which of its fields belong on the page. See form.h. */
#include "config.h"

#include "form/form-private.h"

#include "profile/proposal.h"
#include "profile/unsupported.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* ---- values ---- */

static void
erase (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

/* The service refuses them, and an empty field says already that the key is not there. */
static void
remove_empty_items (NMSettingVpn *setting)
{
  g_autofree const char **names = nm_setting_vpn_get_data_keys (setting, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *text = g_strstrip (g_strdup (nm_setting_vpn_get_data_item (setting, names[i])));

      if (text[0] == '\0' && ipsec_key_find (names[i], FALSE) != NULL)
        nm_setting_vpn_remove_data_item (setting, names[i]);
    }
}

Form *
form_new (NMConnection *connection)
{
  Form *form = g_new0 (Form, 1);
  NMSettingVpn *setting = nm_connection_get_setting_vpn (connection);

  form->setting = setting != NULL ? NM_SETTING_VPN (nm_setting_duplicate (NM_SETTING (setting)))
                                  : NM_SETTING_VPN (nm_setting_vpn_new ());
  nm_setting_vpn_remove_secret (form->setting, IPSEC_NO_SECRET); /* what an agent has answered */
  remove_empty_items (form->setting);
  form->values = g_new0 (FormValue, field_count ());
  form_load (form);
  form_check (form);
  return form;
}

void
form_free (Form *form)
{
  if (form == NULL)
    return;
  for (guint i = 0; i < field_count (); i++)
    {
      erase (form->values[i].text);
      erase (form->values[i].loaded);
      g_free (form->values[i].note);
    }
  g_free (form->values);
  g_free (form->problem);
  g_free (form->unknown);
  g_object_unref (form->setting);
  g_free (form);
}

const char *
form_get (const Form *form, guint field)
{
  return form->values[field].text;
}

const char *
form_get_named (const Form *form, const char *name)
{
  int field = field_find (name, FALSE);

  g_assert (field >= 0);
  return form_effective (form, (guint) field);
}

const char *
form_effective (const Form *form, guint field)
{
  const IpsecKey *key = field_key (field_at (field));
  const char *text = form->values[field].text;

  return text[0] != '\0' || key == NULL || key->fallback == NULL ? text : key->fallback;
}

gboolean
form_is_changed (const Form *form, guint field)
{
  const FormValue *value = &form->values[field];

  return strcmp (value->text, value->loaded) != 0 || value->storage != value->loaded_storage;
}

static void
put (Form *form, guint field, const char *text)
{
  char *old = form->values[field].text;

  form->values[field].text = g_strdup (text);
  erase (old);
}

static void
put_named (Form *form, const char *name, const char *text)
{
  put (form, (guint) field_find (name, FALSE), text);
}

/* A kind of connection has other ways to sign in. */
static void
follow_role (Form *form)
{
  guint field = (guint) field_find (FIELD_SIGN_IN, FALSE);
  const FieldChoice *choices = field_at (field)->choices;
  g_autofree char *chosen = g_strdup (form->values[field].text);

  put (form, field, "");
  if (form_offers (form, field, chosen))
    {
      put (form, field, chosen);
      return;
    }
  for (guint i = 0; choices[i].word != NULL; i++)
    {
      if (form_offers (form, field, choices[i].word))
        {
          put (form, field, choices[i].word);
          return;
        }
    }
}

/* A preset is the same word for both kinds of algorithms. */
static void
follow_algorithms (Form *form)
{
  const char *preset = form_get_named (form, FIELD_ALGORITHMS);

  if (strcmp (preset, ALGORITHMS_CUSTOM) == 0)
    return;
  put_named (form, "ike", strcmp (preset, "default") == 0 ? "" : preset);
  put_named (form, "esp", strcmp (preset, "default") == 0 ? "" : preset);
}

/* Else NetworkManager ends the connection, and with it the block, when the uplink goes. */
static void
follow_kill_switch (Form *form)
{
  if (strcmp (form_get_named (form, "kill-switch"), "yes") == 0)
    put_named (form, FIELD_PERSISTENT, "yes");
}

gboolean
form_set (Form *form, guint field, const char *text)
{
  const char *name = field_at (field)->name;
  FormValue *otp = &form->values[field_find ("otp", TRUE)];
  gboolean follows = otp->text[0] == '\0' && otp->storage == form_default_otp_storage (form);

  if (strcmp (form->values[field].text, text) == 0)
    return FALSE;
  put (form, field, text);
  form->values[field].touched = TRUE;
  if (strcmp (name, "role") == 0)
    follow_role (form);
  else if (strcmp (name, FIELD_ALGORITHMS) == 0)
    follow_algorithms (form);
  else if (strcmp (name, "kill-switch") == 0)
    follow_kill_switch (form);
  if (follows)
    otp->storage = form_default_otp_storage (form);
  return TRUE;
}

NMSettingSecretFlags
form_get_storage (const Form *form, guint field)
{
  return form->values[field].storage;
}

gboolean
form_set_storage (Form *form, guint field, NMSettingSecretFlags storage)
{
  FormValue *value = &form->values[field];

  if (value->storage == storage && value->chosen)
    return FALSE;
  value->storage = storage;
  value->chosen = TRUE;
  return TRUE;
}

gboolean
form_storage_has_text (NMSettingSecretFlags storage)
{
  return (storage & (NM_SETTING_SECRET_FLAG_NOT_SAVED | NM_SETTING_SECRET_FLAG_NOT_REQUIRED)) == 0;
}

/* ---- which fields ---- */

/* "key=word", "key=begin*" or "key!=word"; false when the other field does not belong on the page itself. */
static gboolean
condition_holds (const Form *form, const char *condition)
{
  const char *equals = strchr (condition, '=');
  gboolean negated = equals[-1] == '!';
  g_autofree char *name = g_strndup (condition, (gsize) (equals - condition - (negated ? 1 : 0)));
  int other = field_find (name, FALSE);

  g_assert (other >= 0);
  if (!form_applies (form, (guint) other))
    return FALSE;
  if (g_str_has_suffix (equals, "*"))
    return strncmp (form_effective (form, (guint) other), equals + 1, strlen (equals) - 2) == 0;
  return (strcmp (form_effective (form, (guint) other), equals + 1) == 0) != negated;
}

static guint
current_role (const Form *form)
{
  int index = ipsec_key_word_index (ipsec_key_find ("role", FALSE), form_get_named (form, "role"));

  return index >= 0 ? 1u << index : IPSEC_ROLE_ANY;
}

const char *
form_title (const Form *form, guint field)
{
  return field_title (field_at (field), current_role (form));
}

gboolean
form_applies (const Form *form, guint field)
{
  const Field *row = field_at (field);
  const IpsecKey *key = field_key (row);
  g_auto (GStrv) conditions = NULL;

  if (key != NULL && strcmp (row->name, "role") != 0 && !(key->roles & current_role (form)))
    return FALSE;
  if (row->when == NULL)
    return TRUE;
  conditions = g_strsplit (row->when, " ", -1);
  for (guint i = 0; conditions[i] != NULL; i++)
    {
      if (condition_holds (form, conditions[i]))
        return TRUE;
    }
  return FALSE;
}

/* ---- what this version can do ---- */

static gboolean
can (const char *key, const char *value)
{
  return ipsec_supported_check (key, value, NULL, NULL);
}

gboolean
form_takes_scheme (guint field, const char *scheme)
{
  g_autofree char *value = g_strconcat (scheme, "x", NULL);

  return can (field_at (field)->name, value);
}

static gboolean
sign_in_offered (const Form *form, const char *word)
{
  guint role = current_role (form);

  if (strcmp (word, SIGN_IN_USER) == 0)
    return role == IPSEC_ROLE_CLIENT && can ("auth", "eap");
  if (strcmp (word, SIGN_IN_CERTIFICATE) == 0)
    return can ("auth", "cert");
  if (strcmp (word, SIGN_IN_TOKEN) == 0)
    return can ("auth", "cert") && can ("certificate", "pkcs11:x");
  if (strcmp (word, SIGN_IN_SHARED_KEY) == 0)
    return can ("auth", "psk");
  if (strcmp (word, SIGN_IN_RAW_KEY) == 0)
    return can ("auth", "rsa") && can ("local-rsa-key", "x");
  if (strcmp (word, SIGN_IN_NOTHING) == 0)
    return can ("auth", "null");
  return FALSE;
}

/* What the profile refuses for connections of other kinds. */
static const struct {
  const char *name, *word;
  guint roles;
} restricted[] = {
  /* somebody has to begin: a gateway does not call its clients, and a mesh has a group for that; a server listens */
  { "start", "listen", IPSEC_ROLE_PEER },
  { "start", "ondemand", IPSEC_ROLE_ANY & ~IPSEC_ROLE_SERVER },
  { "mode", "transport", IPSEC_ROLE_PEER | IPSEC_ROLE_MESH },
  { "mode", "iptfs", IPSEC_ROLE_ANY & ~IPSEC_ROLE_MESH },
  { "interface", "none", IPSEC_ROLE_ANY & ~IPSEC_ROLE_SERVER },
  { "interface", "xfrm", IPSEC_ROLE_ANY & ~IPSEC_ROLE_MESH },
  { "interface", "vti", IPSEC_ROLE_ANY & ~IPSEC_ROLE_MESH },
  { "remote-auth", "eap-only", IPSEC_ROLE_CLIENT },
  { "remote-auth", "rsa", IPSEC_ROLE_CLIENT | IPSEC_ROLE_PEER }, /* of one whose key can be told */
};

static gboolean
is_for_others (const Form *form, const char *name, const char *word)
{
  const char *sign_in = form_get_named (form, FIELD_SIGN_IN);

  if (strcmp (word, "eap-only") == 0 && strcmp (sign_in, SIGN_IN_USER) != 0)
    return TRUE;
  /* RFC 7296 section 2.16: nobody tells a password to a server that he cannot know */
  if (strcmp (name, "auth2") == 0 && strcmp (word, "eap") == 0 && strcmp (sign_in, SIGN_IN_SHARED_KEY) == 0 &&
      current_role (form) == IPSEC_ROLE_SERVER)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (restricted); i++)
    if (strcmp (restricted[i].name, name) == 0 && strcmp (restricted[i].word, word) == 0)
      return !(restricted[i].roles & current_role (form));
  return FALSE;
}

static gboolean
preset_offered (const char *word)
{
  g_autoptr (GPtrArray) ike = NULL, esp = NULL;

  if (strcmp (word, ALGORITHMS_CUSTOM) == 0)
    return TRUE;
  ike = ipsec_proposals_parse (IKE_PROTOCOL_IKE, word, NULL, NULL);
  esp = ipsec_proposals_parse (IKE_PROTOCOL_ESP, word, NULL, NULL);
  return ike != NULL && esp != NULL;
}

gboolean
form_offers (const Form *form, guint field, const char *word)
{
  const Field *row = field_at (field);

  if (strcmp (form->values[field].text, word) == 0)
    return TRUE;
  if (strcmp (row->name, FIELD_SIGN_IN) == 0)
    return sign_in_offered (form, word);
  if (strcmp (row->name, FIELD_ALGORITHMS) == 0)
    return preset_offered (word);
  if (is_for_others (form, row->name, word))
    return FALSE;
  return word[0] == '\0' || can (row->name, word);
}

/* Is there anything to decide? */
static gboolean
is_usable (const Form *form, guint field)
{
  const Field *row = field_at (field);
  const FieldChoice *choice;
  const char *except = NULL, *refused;
  guint n = 0;

  switch (row->kind)
    {
    case FIELD_CHOICE:
      for (choice = row->choices; choice->word != NULL; choice++)
        n += form_offers (form, field, choice->word) ? 1 : 0;
      return n > 1;
    case FIELD_SWITCH:
      return row->flags & FIELD_OWN || (can (row->name, "yes") && can (row->name, "no"));
    case FIELD_SECRET:
      return TRUE;
    case FIELD_TEXT:
    case FIELD_FILE:
    case FIELD_PUBLIC_KEY:
      refused = ipsec_unsupported_values (row->name, FALSE, &except);
      return refused == NULL || strcmp (refused, "*") != 0 || except != NULL;
    }
  g_assert_not_reached ();
}

gboolean
form_shows (const Form *form, guint field)
{
  const FormValue *value = &form->values[field];
  const IpsecKey *key = field_key (field_at (field));

  if (!form_applies (form, field))
    return FALSE;
  /* what stands in a connection can be seen and mended, even if this version refuses it */
  return is_usable (form, field) || (value->text[0] != '\0' && (key == NULL || g_strcmp0 (value->text, key->fallback)));
}

/* ---- words for what is not given ---- */

/* What is taken for the networks of one side. */
static const char *
default_networks (const Form *form, gboolean remote)
{
  const char *gateway = form_get_named (form, "gateway");
  guint role = current_role (form);

  if (role == (remote ? IPSEC_ROLE_CLIENT : IPSEC_ROLE_SERVER))
    return _ ("Everything");
  if (role == IPSEC_ROLE_CLIENT)
    return _ ("The Address We Get");
  /* between two hosts it is their addresses */
  return remote && gateway[0] != '\0' && strchr (gateway, ',') == NULL ? gateway : _ ("Automatic");
}

/* NetworkManager says who activates, and that is who is here. */
static char *
default_user (const Form *form)
{
  const char *user = nm_setting_vpn_get_user_name (form->setting);

  return g_strdup (user != NULL ? user : g_get_user_name ());
}

char *
form_default_text (const Form *form, guint field)
{
  const char *name = field_at (field)->name;
  const IpsecKey *key = field_key (field_at (field));
  const char *gateway = form_get_named (form, "gateway"), *fallback = key != NULL ? key->fallback : NULL;

  if (strcmp (name, "user") == 0)
    return default_user (form);
  if (strcmp (name, "remote-id") == 0)
    return gateway[0] != '\0' && strchr (gateway, ',') == NULL ? g_strdup (gateway) : NULL;
  if (strcmp (name, "ca") == 0)
    return g_strdup (_ ("System Certificates"));
  if (strcmp (name, "remote-ts") == 0)
    return g_strdup (default_networks (form, TRUE));
  if (strcmp (name, "local-ts") == 0)
    return g_strdup (default_networks (form, FALSE));
  if (strcmp (name, "keyingtries") == 0)
    return g_strdup (_ ("No Limit"));
  if (strcmp (name, "esp-bytes") == 0)
    return g_strdup (_ ("No Limit"));
  if (strcmp (name, "dpd-timeout") == 0 && current_role (form) == IPSEC_ROLE_SERVER &&
      strcmp (form_get_named (form, "mobike"), "yes") == 0)
    return NULL; /* see the key */
  if (fallback != NULL && strcmp (fallback, "auto") == 0)
    return g_strdup (_ ("Automatic"));
  if (fallback != NULL && strcmp (fallback, "default") == 0)
    return g_strdup (_ ("Recommended"));
  return g_strdup (fallback);
}
