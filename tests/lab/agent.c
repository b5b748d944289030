/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * labagent LOG NAME=VALUE...: a secret agent that types for the user.
 *
 * Each request that asks for NAME gets the next VALUE given for it ("password=wrong password=right"); when there is
 * none left the user has closed the window. A request that names nothing asks for the first NAME. LOG gets "ready",
 * then one line for each request: what was asked for, the message shown, and what was answered.
 */
#include <NetworkManager.h>
#include <nm-secret-agent-old.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  NMSecretAgentOld parent;
} LabAgent;
typedef struct {
  NMSecretAgentOldClass parent;
} LabAgentClass;

GType lab_agent_get_type (void);
G_DEFINE_TYPE (LabAgent, lab_agent, NM_TYPE_SECRET_AGENT_OLD)

#define MESSAGE_TAG "x-vpn-message:"

static FILE *log_file;
static char **answers; /* an answer that was used is "" */

static const char *
next_answer (const char *name)
{
  gsize len = strlen (name);

  for (char **a = answers; *a; a++)
    if (strncmp (*a, name, len) == 0 && (*a)[len] == '=')
      {
        const char *value = g_intern_string (*a + len + 1);

        *a = (char *) "";
        return value;
      }
  return NULL;
}

static void
get_secrets (NMSecretAgentOld *agent, NMConnection *connection, const char *path, const char *setting_name,
             const char **hints, NMSecretAgentGetSecretsFlags flags, NMSecretAgentOldGetSecretsFunc callback,
             gpointer user_data)
{
  g_autofree char *first = g_strndup (answers[0] ? answers[0] : "", strcspn (answers[0] ? answers[0] : "", "="));
  g_autoptr (GError) error = NULL;
  GVariantBuilder secrets, setting, all;
  const char *message = "";
  guint n = 0, asked = 0;

  g_variant_builder_init (&secrets, G_VARIANT_TYPE ("a{ss}"));
  fprintf (log_file, "request flags=%u names=", flags);
  for (const char **hint = hints; *hint; hint++)
    {
      const char *value;

      if (g_str_has_prefix (*hint, MESSAGE_TAG))
        {
          message = *hint + strlen (MESSAGE_TAG);
          continue;
        }
      fprintf (log_file, "%s%s", asked++ ? "," : "", *hint);
      value = next_answer (*hint);
      if (value && ++n)
        g_variant_builder_add (&secrets, "{ss}", *hint, value);
    }
  if (!asked && flags & NM_SECRET_AGENT_GET_SECRETS_FLAG_ALLOW_INTERACTION)
    {
      const char *value = next_answer (first);

      if (value && ++n)
        g_variant_builder_add (&secrets, "{ss}", first, value);
    }
  fprintf (log_file, " message=\"%s\" answered=%u\n", message, n);
  fflush (log_file);
  if (!n)
    {
      g_variant_builder_clear (&secrets);
      error = g_error_new_literal (NM_SECRET_AGENT_ERROR,
                                   asked ? NM_SECRET_AGENT_ERROR_USER_CANCELED : NM_SECRET_AGENT_ERROR_NO_SECRETS,
                                   "nothing more to say");
      callback (agent, connection, NULL, error, user_data);
      return;
    }
  g_variant_builder_init (&setting, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&setting, "{sv}", "secrets", g_variant_builder_end (&secrets));
  g_variant_builder_init (&all, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (&all, "{s@a{sv}}", setting_name, g_variant_builder_end (&setting));
  callback (agent, connection, g_variant_ref_sink (g_variant_builder_end (&all)), NULL, user_data);
}

static void
cancel_get_secrets (NMSecretAgentOld *agent, const char *path, const char *setting_name)
{
  fprintf (log_file, "cancelled\n");
  fflush (log_file);
}

static void
save_secrets (NMSecretAgentOld *agent, NMConnection *connection, const char *path,
              NMSecretAgentOldSaveSecretsFunc callback, gpointer user_data)
{
  callback (agent, connection, NULL, user_data);
}

static void
delete_secrets (NMSecretAgentOld *agent, NMConnection *connection, const char *path,
                NMSecretAgentOldDeleteSecretsFunc callback, gpointer user_data)
{
  callback (agent, connection, NULL, user_data);
}

static void
lab_agent_init (LabAgent *self)
{
}

static void
lab_agent_class_init (LabAgentClass *klass)
{
  NMSecretAgentOldClass *agent = NM_SECRET_AGENT_OLD_CLASS (klass);

  agent->get_secrets = get_secrets;
  agent->cancel_get_secrets = cancel_get_secrets;
  agent->save_secrets = save_secrets;
  agent->delete_secrets = delete_secrets;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) agent = NULL;

  if (argc < 2 || !(log_file = fopen (argv[1], "ae")))
    return 2;
  answers = argv + 2;
  agent = g_initable_new (lab_agent_get_type (), NULL, &error, NM_SECRET_AGENT_OLD_IDENTIFIER, "lab.agent",
                          NM_SECRET_AGENT_OLD_CAPABILITIES, NM_SECRET_AGENT_CAPABILITY_VPN_HINTS,
                          NM_SECRET_AGENT_OLD_AUTO_REGISTER, FALSE, NULL);
  if (agent)
    {
      G_GNUC_BEGIN_IGNORE_DEPRECATIONS
      nm_secret_agent_old_register (NM_SECRET_AGENT_OLD (agent), NULL, &error);
      G_GNUC_END_IGNORE_DEPRECATIONS
    }
  if (error)
    {
      fprintf (stderr, "labagent: %s\n", error->message);
      return 1;
    }
  fprintf (log_file, "ready\n");
  fflush (log_file);
  g_main_loop_run (g_main_loop_new (NULL, FALSE));
  return 0;
}
