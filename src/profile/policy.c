/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the system-wide crypto policy, word by word: what a proposal there names is allowed, whatever its place. */
#include "config.h"

#include "profile/policy.h"

#include "profile/proposal-words.h"

#include <string.h>

#define RSA_MIN "RSA-MIN="

void
ipsec_policy_free (IpsecPolicy *policy)
{
  if (policy == NULL)
    return;
  g_free (policy->name);
  g_clear_pointer (&policy->ike, g_array_unref);
  g_clear_pointer (&policy->esp, g_array_unref);
  g_free (policy);
}

/* ---- reading ---- */

static void
add (GArray *list, guint8 type, guint16 id, guint16 key_bits)
{
  const IkeTransform transform = { .type = type, .id = id, .key_bits = key_bits };

  if (id != 0)
    g_array_append_val (list, transform);
}

static void
add_word (IpsecPolicy *policy, GArray *list, const char *text)
{
  ProposalWord word;

  switch (proposal_word_parse (text, &word))
    {
    case PROPOSAL_WORD_NONE:
      return;
    case PROPOSAL_WORD_UNKNOWN:
      policy->unknown++;
      return;
    case PROPOSAL_WORD_KNOWN:
      break;
    }
  add (list, word.type, word.id, word.key_bits[0]);
  if (word.key_bits[1] != 0)
    add (list, word.type, word.id, word.key_bits[1]);
  /* a hash is the PRF as well */
  if (word.type == IKE_TRANSFORM_INTEG)
    add (list, IKE_TRANSFORM_PRF, word.prf, 0);
}

/* "aes_gcm256-sha2_512+sha2_256-dh19+dh14,aes256-..." */
static GArray *
words_parse (IpsecPolicy *policy, const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, "-+,; \t", -1);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (IkeTransform));

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      add_word (policy, list, words[i]);
  return list;
}

static void
libreswan_line (IpsecPolicy *policy, char *line)
{
  char *value = strchr (line, '=');
  GArray **list;

  if (value == NULL || line[0] == '#')
    return;
  *value = '\0';
  g_strstrip (line);
  list = strcmp (line, "ike") == 0                                      ? &policy->ike
         : strcmp (line, "esp") == 0 || strcmp (line, "phase2alg") == 0 ? &policy->esp
                                                                        : NULL;
  if (list == NULL)
    return;
  g_clear_pointer (list, g_array_unref);
  *list = words_parse (policy, value + 1);
}

IpsecPolicy *
ipsec_policy_parse (const char *libreswan, const char *nss)
{
  IpsecPolicy *policy = g_new0 (IpsecPolicy, 1);
  g_auto (GStrv) lines = g_strsplit (libreswan != NULL ? libreswan : "", "\n", -1);
  const char *rsa = nss != NULL ? strstr (nss, RSA_MIN) : NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    libreswan_line (policy, lines[i]);
  if (rsa != NULL)
    policy->rsa_min = (guint) MIN (g_ascii_strtoull (rsa + strlen (RSA_MIN), NULL, 10), 16384);
  return policy;
}

/* NULL: it is not there, or cannot be what it should. */
static char *
file_read (const char *root, const char *path)
{
  g_autofree char *full = g_strconcat (root, path, NULL);
  g_autofree char *text = NULL;
  gsize len = 0;

  if (!g_file_get_contents (full, &text, &len, NULL) || len > IPSEC_POLICY_MAX_FILE || strlen (text) != len)
    return NULL;
  return g_steal_pointer (&text);
}

IpsecPolicy *
ipsec_policy_load (const char *root)
{
  g_autofree char *libreswan = file_read (root, IPSEC_POLICY_DIRECTORY "/back-ends/libreswan.config");
  g_autofree char *nss = file_read (root, IPSEC_POLICY_DIRECTORY "/back-ends/nss.config");
  g_autofree char *name = file_read (root, IPSEC_POLICY_DIRECTORY "/state/current");
  g_autofree char *override = file_read (root, IPSEC_POLICY_OVERRIDE);
  IpsecPolicy *policy;

  if ((override != NULL && strcmp (g_strstrip (override), "ignore") == 0) || (libreswan == NULL && nss == NULL))
    return NULL;
  policy = ipsec_policy_parse (libreswan, nss);
  policy->name = g_strdup (name != NULL ? g_strstrip (name) : "system");
  return policy;
}

/* ---- asking ---- */

gboolean
ipsec_policy_allows (const IpsecPolicy *policy, IkeProtocolId protocol, const IkeTransform *transform)
{
  /* Libreswan takes the groups of ESP from those of IKE */
  gboolean ike = protocol == IKE_PROTOCOL_IKE || transform->type == IKE_TRANSFORM_KE;
  const GArray *list = policy == NULL ? NULL : ike ? policy->ike : policy->esp;

  if (list == NULL || transform->id == 0 || transform->type == IKE_TRANSFORM_ESN)
    return TRUE;
  /* an additional key exchange (RFC 9370) only adds to what the policy allows */
  if (transform->type >= IKE_TRANSFORM_ADDKE1)
    return TRUE;
  for (guint i = 0; i < list->len; i++)
    {
      const IkeTransform *allowed = &g_array_index (list, IkeTransform, i);

      if (allowed->type == transform->type && allowed->id == transform->id &&
          (allowed->key_bits == 0 || allowed->key_bits == transform->key_bits))
        return TRUE;
    }
  return FALSE;
}
