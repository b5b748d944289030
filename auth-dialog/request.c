/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See request.h. */
#include "config.h"

#include "request.h"

#include "profile/formats/compat.h"
#include "profile/profile.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define HINT_MESSAGE "x-vpn-message:"
#define HINT_CHALLENGE "x-dynamic-challenge:" /* since NetworkManager 1.46 */
#define HINT_CHALLENGE_ECHO "x-dynamic-challenge-echo:"

/* Secrets have our names in here, and in questions those of the connection's service. */
typedef struct {
  Request *request;
  const RequestInput *input;
  IpsecSetting *setting; /* the connection as one of ours */
  RequestLookup lookup;
} Asking;

/* ---- the connection ---- */

static void
take_item (gpointer key, gpointer value, gpointer setting)
{
  ipsec_setting_set (setting, key, value);
}

static void
take_secret (gpointer name, gpointer value, gpointer setting)
{
  ipsec_setting_set_secret (setting, name, value);
}

static IpsecSetting *
read_setting (const RequestInput *input)
{
  g_autoptr (IpsecSetting) setting = ipsec_setting_new ();
  IpsecSetting *ours = NULL;

  setting->service_type = g_strdup (input->service);
  if (input->data != NULL)
    g_hash_table_foreach (input->data, take_item, setting);
  if (input->secrets != NULL)
    g_hash_table_foreach (input->secrets, take_secret, setting);
  if (ipsec_compat_is_other (input->service))
    ours = ipsec_compat_translate (setting, NULL, NULL);
  /* what is wrong with the profile is for the service to say */
  return ours != NULL ? ours : g_steal_pointer (&setting);
}

/* ---- questions ---- */

static const char *
label_of (const char *secret)
{
  static const struct {
    const char *name, *label;
  } labels[] = {
    { "psk", N_ ("Pre-Shared Key") },
    { "password", N_ ("Password") },
    { "otp", N_ ("One-Time Code") },
    { "key-password", N_ ("Password of the Private Key") },
    { "pin", N_ ("PIN") },
    { "ppk", N_ ("Post-Quantum Key") },
    { "nss-password", N_ ("Password of the Key Store") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      if (strcmp (labels[i].name, secret) == 0)
        return _ (labels[i].label);
    }
  return secret;
}

static void
erase (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->name);
  g_free (question->label);
  erase (question->value);
  g_free (question);
}

static Question *
question_find (const Asking *asking, const char *secret)
{
  const char *name = ipsec_compat_secret (asking->input->service, secret);

  for (guint i = 0; i < asking->request->questions->len; i++)
    {
      Question *question = asking->request->questions->pdata[i];

      if (strcmp (question->name, name) == 0)
        return question;
    }
  return NULL;
}

/* @known: what is known, NULL: nothing. */
static void
add_question (const Asking *asking, const char *secret, const char *known, gboolean ask, gboolean echo)
{
  Question *question;

  if (question_find (asking, secret) != NULL)
    return;
  question = g_new0 (Question, 1);
  question->name = g_strdup (ipsec_compat_secret (asking->input->service, secret));
  question->label = g_strdup (label_of (secret));
  question->value = g_strdup (known);
  question->ask = ask;
  question->echo = echo;
  g_ptr_array_add (asking->request->questions, question);
}

/* ---- hints ---- */

static const char *
hint_after (const char *hint, const char *prefix)
{
  return g_str_has_prefix (hint, prefix) ? hint + strlen (prefix) : NULL;
}

/* The name of the secret that a hint asks for, *ret_echo whether it may be seen; NULL: it is not about one. */
static const char *
hint_secret (const Asking *asking, const char *hint, gboolean *ret_echo)
{
  const char *name = hint_after (hint, HINT_CHALLENGE_ECHO);

  *ret_echo = name != NULL;
  if (name == NULL)
    name = hint_after (hint, HINT_CHALLENGE);
  if (name == NULL)
    name = hint;
  name = ipsec_compat_secret_ours (asking->setting, asking->input->service, name);
  return ipsec_key_find (name, TRUE) != NULL ? name : NULL;
}

static const char *
hinted_message (const RequestInput *input)
{
  const char *message = NULL;

  for (guint i = 0; input->hints != NULL && input->hints[i] != NULL; i++)
    {
      if (hint_after (input->hints[i], HINT_MESSAGE) != NULL)
        message = hint_after (input->hints[i], HINT_MESSAGE);
    }
  return message != NULL && message[0] != '\0' && g_utf8_validate (message, -1, NULL) ? message : NULL;
}

/* ---- what is known ---- */

static guint64
flags_of (GHashTable *data, const char *secret, guint64 fallback)
{
  g_autofree char *item = g_strconcat (secret, "-flags", NULL);
  const char *flags = data != NULL ? g_hash_table_lookup (data, item) : NULL;

  return flags != NULL ? g_ascii_strtoull (flags, NULL, 10) : fallback;
}

/* The caller's; NULL: nothing is known. An unsaved secret is in nobody's keyring. */
static char *
find_known (const Asking *asking, const char *secret)
{
  const char *given = ipsec_setting_get_secret (asking->setting, secret);
  guint64 usual = strcmp (secret, "otp") == 0 ? NM_SETTING_SECRET_FLAG_NOT_SAVED : NM_SETTING_SECRET_FLAG_NONE;

  if (given != NULL && given[0] != '\0')
    return g_strdup (given);
  if (asking->lookup == NULL || flags_of (asking->setting->data, secret, usual) & NM_SETTING_SECRET_FLAG_NOT_SAVED)
    return NULL;
  return asking->lookup (asking->input->uuid, ipsec_compat_secret (asking->input->service, secret));
}

static void
add_needed (const Asking *asking, const char *secret, gboolean now, gboolean echo)
{
  char *known = find_known (asking, secret);
  gboolean wanted = now || asking->input->reprompt || known == NULL;

  /* what was refused is not offered again */
  add_question (asking, secret, wanted ? NULL : known, wanted && asking->input->interaction, echo);
  erase (known);
}

static void
add_hinted (const Asking *asking)
{
  const char *const *hints = asking->input->hints;
  gboolean now = hinted_message (asking->input) != NULL, echo;

  for (guint i = 0; hints != NULL && hints[i] != NULL; i++)
    {
      const char *secret = hint_secret (asking, hints[i], &echo);

      if (secret != NULL)
        add_needed (asking, secret, now, echo || strcmp (secret, "otp") == 0);
    }
}

/* The profile says which secret it misses; then which one it would miss if it had that. */
static void
add_missing (const Asking *asking)
{
  g_autoptr (GHashTable) have = g_hash_table_new (g_str_hash, g_str_equal);
  const IpsecKey *key;

  /* whoever activates is the user when the connection names none */
  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      g_autoptr (IpsecProfile) profile = ipsec_profile_new (asking->setting->data, have, g_get_user_name (), NULL);
      const char *secret = profile != NULL ? ipsec_profile_missing_secret (profile) : NULL;

      /* what is wrong with the profile is for the service to say */
      if (secret == NULL || g_hash_table_contains (have, secret))
        return;
      add_needed (asking, secret, FALSE, strcmp (secret, "otp") == 0);
      g_hash_table_insert (have, (gpointer) secret, (gpointer) "0x00");
    }
}

/* What is in this user's keyring, although the connection can do without: an editor asks so, and then stores again what it
 * was told, and nothing else. */
static void
add_kept (const Asking *asking)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      const char *name = key->secret ? ipsec_compat_secret (asking->input->service, key->name) : NULL;
      char *known;

      if (name == NULL || !(flags_of (asking->input->data, name, 0) & NM_SETTING_SECRET_FLAG_AGENT_OWNED) ||
          question_find (asking, key->name) != NULL)
        continue;
      known = find_known (asking, key->name);
      if (known != NULL)
        add_question (asking, key->name, known, FALSE, FALSE);
      erase (known);
    }
}

Request *
request_new (const RequestInput *input, RequestLookup lookup)
{
  Request *request = g_new0 (Request, 1);
  const char *message = hinted_message (input);
  g_autoptr (IpsecSetting) setting = read_setting (input);
  const Asking asking = { .request = request, .input = input, .setting = setting, .lookup = lookup };

  request->questions = g_ptr_array_new_with_free_func (question_free);
  request->title = g_strdup_printf (_ ("Connect to the VPN “%s”"), input->name);
  request->message =
      message != NULL ? g_strdup (message) : g_strdup_printf (_ ("You need to sign in to the VPN “%s”."), input->name);
  add_hinted (&asking);
  if (request->questions->len == 0)
    {
      add_missing (&asking);
      add_kept (&asking);
    }
  return request;
}

void
request_free (Request *request)
{
  if (request == NULL)
    return;
  g_ptr_array_unref (request->questions);
  g_free (request->title);
  g_free (request->message);
  g_free (request);
}

gboolean
request_asks (const Request *request)
{
  for (guint i = 0; i < request->questions->len; i++)
    {
      if (((Question *) request->questions->pdata[i])->ask)
        return TRUE;
    }
  return FALSE;
}

gboolean
request_complete (const Request *request)
{
  for (guint i = 0; i < request->questions->len; i++)
    {
      if (((Question *) request->questions->pdata[i])->value == NULL)
        return FALSE;
    }
  return TRUE;
}

/* ---- answers ---- */

static void
keyfile_add (GKeyFile *keyfile, const char *name, const char *label, const char *value, gboolean ask, gboolean echo)
{
  g_key_file_set_string (keyfile, name, "Value", value != NULL ? value : "");
  g_key_file_set_string (keyfile, name, "Label", label);
  g_key_file_set_boolean (keyfile, name, "IsSecret", TRUE);
  g_key_file_set_boolean (keyfile, name, "ShouldAsk", ask);
  if (echo)
    g_key_file_set_boolean (keyfile, name, "ForceEcho", TRUE);
}

char *
request_to_keyfile (const Request *request)
{
  g_autoptr (GKeyFile) keyfile = g_key_file_new ();

  /* nmcli wants this group to be the first one */
  g_key_file_set_integer (keyfile, "VPN Plugin UI", "Version", 2);
  g_key_file_set_string (keyfile, "VPN Plugin UI", "Title", request->title);
  g_key_file_set_string (keyfile, "VPN Plugin UI", "Description", request->message);
  for (guint i = 0; i < request->questions->len; i++)
    {
      const Question *question = request->questions->pdata[i];

      keyfile_add (keyfile, question->name, question->label, question->value, question->ask, question->echo);
    }
  /* an answer without any secret counts as a failure with some agents */
  if (request->questions->len == 0)
    keyfile_add (keyfile, IPSEC_NO_SECRET, "", "true", FALSE, FALSE);
  return g_key_file_to_data (keyfile, NULL, NULL);
}

char *
request_to_lines (const Request *request)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < request->questions->len; i++)
    {
      const Question *question = request->questions->pdata[i];

      /* lines are all that this way can carry */
      if (question->value != NULL && strchr (question->value, '\n') == NULL)
        g_string_append_printf (out, "%s\n%s\n", question->name, question->value);
    }
  if (out->len == 0)
    g_string_append (out, IPSEC_NO_SECRET "\ntrue\n");
  g_string_append (out, "\n\n");
  return g_string_free (out, FALSE);
}
