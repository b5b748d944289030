/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of proposals: the grammar around the words, and what is filled in. Pure. RFC 7296 section 3.3, RFC 8247 and
 * RFC 8221 for the defaults, RFC 6379 for Suite B.
 *
 * ',' separates proposals. Within one, '-' and '+' separate words; words of the same kind are alternatives. Libreswan
 * puts the groups behind ';', charon-nm separates proposals by it: what follows is a list of groups, or a proposal.
 */
#include "config.h"

#include "profile/proposal.h"

#include "profile/error.h"
#include "profile/proposal-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* By preference: X25519 first, since it is the fastest, and most gateways have it. */
#define GROUPS "x25519-ecp256-ecp384-modp2048-modp3072-modp4096-ecp521"
#define PRFS "prfsha256-prfsha384-prfsha512"
#define INTEGS "sha256-sha384-sha512"

typedef struct {
  const char *name, *ike, *esp, *doc;
} Alias;

static const Alias aliases[] = {
  { "default",
    "aes256gcm16-aes128gcm16-chacha20poly1305-" PRFS "-" GROUPS ",aes256-aes128-" INTEGS "-sha1-" PRFS
    "-prfsha1-" GROUPS,
    "aes256gcm16-aes128gcm16-chacha20poly1305,aes256-aes128-" INTEGS "-sha1",
    N_ ("What RFC 8247 and RFC 8221 call good, best first; what most gateways have.") },
  { "cnsa2", "aes256gcm16-prfsha384-ecp384-ke1_mlkem1024", "aes256gcm16",
    N_ ("Commercial National Security Algorithm Suite 2.0: AES-256-GCM, SHA-384, ML-KEM-1024.") },
  { "suiteb128", "aes128gcm16-prfsha256-ecp256,aes128-sha256-prfsha256-ecp256", "aes128gcm16-ecp256",
    N_ ("Suite B for 128 bits (RFC 6379).") },
  { "suiteb192", "aes256gcm16-prfsha384-ecp384,aes256-sha384-prfsha384-ecp384", "aes256gcm16-ecp384",
    N_ ("Suite B for 192 bits (RFC 6379).") },
  { "legacy",
    "aes256-aes128-3des-sha256-sha384-sha1-prfsha256-prfsha384-prfsha1-modp2048-ecp384-ecp256-modp1536-modp1024",
    "aes256-aes128-3des-sha256-sha1",
    N_ ("What old Windows and Apple systems and the gateways for them have, weak algorithms included.") },
};

/* The words of one proposal, sorted by kind, before anything is filled in. */
typedef struct {
  IkeProtocolId protocol;
  GArray *aead, *encr, *integ, *prf, *ke, *esn; /* IkeTransform */
  GArray *integ_prf; /* the PRFs that belong to @integ */
  gboolean none; /* "none" or "null" stood where the integrity stands */
} Draft;

const char *
ipsec_proposals_alias_at (guint index, const char **ret_doc)
{
  if (index >= G_N_ELEMENTS (aliases))
    return NULL;
  *ret_doc = aliases[index].doc;
  return aliases[index].name;
}

static const Alias *
alias_find (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      if (g_ascii_strcasecmp (aliases[i].name, word) == 0)
        return &aliases[i];
    }
  return NULL;
}

/* ---- drafts ---- */

static void
draft_init (Draft *draft, IkeProtocolId protocol)
{
  GArray **lists[] = { &draft->aead, &draft->encr, &draft->integ,    &draft->prf,
                       &draft->ke,   &draft->esn,  &draft->integ_prf };

  draft->protocol = protocol;
  draft->none = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    *lists[i] = g_array_new (FALSE, FALSE, sizeof (IkeTransform));
}

static void
draft_clear (Draft *draft)
{
  GArray **lists[] = { &draft->aead, &draft->encr, &draft->integ,    &draft->prf,
                       &draft->ke,   &draft->esn,  &draft->integ_prf };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    g_clear_pointer (lists[i], g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Draft, draft_clear)

static void
add_transform (GArray *list, guint8 type, guint16 id, guint16 key_bits)
{
  IkeTransform transform = { .type = type, .id = id, .key_bits = key_bits };

  for (guint i = 0; i < list->len; i++)
    {
      const IkeTransform *old = &g_array_index (list, IkeTransform, i);

      if (old->type == type && old->id == id && old->key_bits == key_bits)
        return;
    }
  g_array_append_val (list, transform);
}

static void
add_cipher (Draft *draft, const ProposalWord *word)
{
  GArray *list = word->flags & PROPOSAL_WORD_AEAD ? draft->aead : draft->encr;

  add_transform (list, IKE_TRANSFORM_ENCR, word->id, word->key_bits[0]);
  if (word->key_bits[1] != 0)
    add_transform (list, IKE_TRANSFORM_ENCR, word->id, word->key_bits[1]);
}

static void
add_known (Draft *draft, const ProposalWord *word)
{
  switch ((IkeTransformType) word->type)
    {
    case IKE_TRANSFORM_ENCR:
      add_cipher (draft, word);
      break;
    case IKE_TRANSFORM_PRF:
      add_transform (draft->prf, IKE_TRANSFORM_PRF, word->id, 0);
      break;
    case IKE_TRANSFORM_INTEG:
      add_transform (draft->integ, IKE_TRANSFORM_INTEG, word->id, 0);
      add_transform (draft->integ_prf, IKE_TRANSFORM_PRF, word->prf, 0);
      break;
    case IKE_TRANSFORM_ESN:
      add_transform (draft->esn, IKE_TRANSFORM_ESN, word->id, 0);
      break;
    case IKE_TRANSFORM_KE:
    case IKE_TRANSFORM_ADDKE1:
    case IKE_TRANSFORM_ADDKE2:
    case IKE_TRANSFORM_ADDKE3:
    case IKE_TRANSFORM_ADDKE4:
    case IKE_TRANSFORM_ADDKE5:
    case IKE_TRANSFORM_ADDKE6:
    case IKE_TRANSFORM_ADDKE7:
      add_transform (draft->ke, word->type, word->id, 0);
      break;
    }
}

/* Not every word may stand everywhere. */
static gboolean
check_word (const Draft *draft, const ProposalWord *word, const char *quoted, GError **error)
{
  gboolean ike = draft->protocol == IKE_PROTOCOL_IKE;

  if (word->flags & PROPOSAL_WORD_REFUSED)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_UNSUPPORTED, _ ("%s is broken or not available, and never used"),
                       quoted);
  if (word->type == IKE_TRANSFORM_PRF && !ike)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("%s is for ike only"), quoted);
  if (word->type == IKE_TRANSFORM_ESN && ike)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("%s is for esp only"), quoted);
  if ((word->flags & PROPOSAL_WORD_ESP_ONLY) && ike)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                       _ ("%s does not encrypt: it cannot protect the negotiation"), quoted);
  if (word->type == IKE_TRANSFORM_KE && word->id == IKE_KE_NONE && ike)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                       _ ("%s is for esp only: the negotiation needs a key exchange"), quoted);
  return TRUE;
}

/* "none", "null": without a cipher before it the cipher NULL, else "no integrity of its own", or "no group". */
static gboolean
add_none (Draft *draft, const char *word, gboolean groups, GError **error)
{
  if (groups && draft->protocol != IKE_PROTOCOL_IKE)
    add_transform (draft->ke, IKE_TRANSFORM_KE, IKE_KE_NONE, 0);
  else if (draft->aead->len > 0 || draft->encr->len > 0)
    draft->none = TRUE;
  else if (draft->protocol == IKE_PROTOCOL_IKE)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("the negotiation cannot do without encryption"));
  else
    add_transform (draft->encr, IKE_TRANSFORM_ENCR, IKE_ENCR_NULL, 0);
  return TRUE;
}

static void
remember_weak (GPtrArray *weak, const char *word)
{
  if (weak != NULL && !g_ptr_array_find_with_equal_func (weak, word, g_str_equal, NULL))
    g_ptr_array_add (weak, g_strdup (word));
}

static gboolean
fail_unknown (const char *text, GError **error)
{
  g_autofree char *near_word = proposal_word_suggest (text);
  g_autofree char *quoted = ipsec_quote (text);

  if (near_word != NULL)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("%s is not an algorithm; did you mean %s?"), quoted,
                       near_word);
  return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE,
                     _ ("%s is not an algorithm; write proposals like aes256gcm16-prfsha384-ecp384, or default"),
                     quoted);
}

static gboolean
add_word (Draft *draft, const char *text, gboolean groups, GPtrArray *weak, GError **error)
{
  ProposalWord word = { 0 };
  g_autofree char *quoted = NULL;

  switch (proposal_word_parse (text, &word))
    {
    case PROPOSAL_WORD_NONE:
      return add_none (draft, text, groups, error);
    case PROPOSAL_WORD_UNKNOWN:
      return fail_unknown (text, error);
    case PROPOSAL_WORD_KNOWN:
      break;
    }
  quoted = ipsec_quote (text);
  if (!check_word (draft, &word, quoted, error))
    return FALSE;
  if (word.flags & PROPOSAL_WORD_WEAK)
    remember_weak (weak, text);
  add_known (draft, &word);
  return TRUE;
}

static gboolean
add_words (Draft *draft, const char *text, gboolean groups, GPtrArray *weak, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (text, "-+", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (!add_word (draft, g_strstrip (words[i]), groups, weak, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- from a draft to proposals ---- */

static void
add_list (GArray *to, const GArray *from)
{
  for (guint i = 0; i < from->len; i++)
    {
      const IkeTransform *transform = &g_array_index (from, IkeTransform, i);

      add_transform (to, transform->type, transform->id, transform->key_bits);
    }
}

/* Our own words, which are known to be good. */
static void
add_default (GArray *to, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, "-", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      ProposalWord word;

      if (proposal_word_parse (words[i], &word) == PROPOSAL_WORD_KNOWN)
        add_transform (to, word.type, word.id, 0);
    }
}

static void
add_prf (GArray *to, const Draft *draft)
{
  if (draft->prf->len > 0)
    add_list (to, draft->prf);
  else if (draft->integ_prf->len > 0)
    add_list (to, draft->integ_prf);
  else
    add_default (to, PRFS);
}

static void
add_ke (GArray *to, const Draft *draft)
{
  gboolean has_ke = FALSE;

  for (guint i = 0; i < draft->ke->len; i++)
    has_ke = has_ke || g_array_index (draft->ke, IkeTransform, i).type == IKE_TRANSFORM_KE;
  if (!has_ke && draft->protocol == IKE_PROTOCOL_IKE)
    add_default (to, GROUPS);
  for (guint i = 0; i < draft->ke->len; i++)
    {
      const IkeTransform *ke = &g_array_index (draft->ke, IkeTransform, i);

      if (ke->type == IKE_TRANSFORM_KE)
        add_transform (to, ke->type, ke->id, 0);
    }
  for (guint i = 0; i < draft->ke->len; i++)
    {
      const IkeTransform *ke = &g_array_index (draft->ke, IkeTransform, i);

      if (ke->type != IKE_TRANSFORM_KE)
        add_transform (to, ke->type, ke->id, 0);
    }
}

/* RFC 7296 section 3.3: ciphers with and without integrity of their own need separate proposals. */
static GArray *
draft_proposal (const Draft *draft, gboolean aead)
{
  GArray *proposal = g_array_new (FALSE, FALSE, sizeof (IkeTransform));

  add_list (proposal, aead ? draft->aead : draft->encr);
  if (!aead && draft->integ->len > 0)
    add_list (proposal, draft->integ);
  else if (!aead)
    add_default (proposal, INTEGS);
  if (draft->protocol == IKE_PROTOCOL_IKE)
    add_prf (proposal, draft);
  add_ke (proposal, draft);
  add_list (proposal, draft->esn);
  return proposal;
}

static gboolean
draft_finish (const Draft *draft, const char *text, GPtrArray *proposals, GError **error)
{
  g_autofree char *quoted = ipsec_quote (text);

  if (draft->aead->len == 0 && draft->encr->len == 0)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("%s has no encryption algorithm"), quoted);
  /* RFC 7296 section 3.3.3: a cipher without integrity of its own needs an integrity algorithm */
  if (draft->encr->len > 0 && draft->none && draft->integ->len == 0)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("%s would encrypt without protecting the integrity"),
                       quoted);
  if (draft->encr->len == 0 && draft->integ->len > 0 && draft->protocol != IKE_PROTOCOL_IKE)
    return ipsec_fail (
        error, IPSEC_PROFILE_ERROR_BAD_VALUE,
        _ ("%s has an integrity algorithm beside a cipher that protects the integrity itself; leave it out"), quoted);
  if (draft->aead->len > 0)
    g_ptr_array_add (proposals, draft_proposal (draft, TRUE));
  if (draft->encr->len > 0)
    g_ptr_array_add (proposals, draft_proposal (draft, FALSE));
  if (proposals->len > IPSEC_PROPOSALS_MAX)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("more than %d proposals"), IPSEC_PROPOSALS_MAX);
  return TRUE;
}

/* ---- lists ---- */

static gboolean
only_groups (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, "-+", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      ProposalWord word;

      switch (proposal_word_parse (g_strstrip (words[i]), &word))
        {
        case PROPOSAL_WORD_KNOWN:
          if (word.type != IKE_TRANSFORM_KE)
            return FALSE;
          break;
        case PROPOSAL_WORD_NONE:
          break;
        case PROPOSAL_WORD_UNKNOWN:
          return FALSE;
        }
    }
  return TRUE;
}

/* @parts[0], and those after it that are its groups; *ret_used says how many. */
static gboolean
parse_proposal (IkeProtocolId protocol, char **parts, guint *ret_used, GPtrArray *proposals, GPtrArray *weak,
                GError **error)
{
  g_auto (Draft) draft = { 0 };
  guint used = 1;

  draft_init (&draft, protocol);
  if (!add_words (&draft, parts[0], FALSE, weak, error))
    return FALSE;
  for (; parts[used] != NULL && only_groups (parts[used]); used++)
    {
      if (!add_words (&draft, parts[used], TRUE, weak, error))
        return FALSE;
    }
  *ret_used = used;
  return draft_finish (&draft, parts[0], proposals, error);
}

/* One entry between commas. */
static gboolean
parse_entry (IkeProtocolId protocol, const char *text, GPtrArray *proposals, GPtrArray *weak, GError **error)
{
  const Alias *alias = alias_find (text);
  const char *expanded = alias == NULL ? text : protocol == IKE_PROTOCOL_IKE ? alias->ike : alias->esp;
  g_auto (GStrv) parts = g_strsplit_set (expanded, alias == NULL ? ";" : ",", -1);

  for (guint i = 0, used = 0; parts[i] != NULL; i += used)
    {
      if (!parse_proposal (protocol, &parts[i], &used, proposals, weak, error))
        return FALSE;
    }
  return parts[0] != NULL || ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("there is an empty entry"));
}

/* strongSwan's '!' ("nothing but these") says what is always so here. */
static char **
split_entries (const char *text)
{
  g_autofree char *plain = g_strstrip (g_strdup (text));
  char **entries;

  if (g_str_has_suffix (plain, "!"))
    plain[strlen (plain) - 1] = '\0';
  entries = g_strsplit (plain, ",", IPSEC_PROPOSALS_MAX + 1);
  for (guint i = 0; entries[i] != NULL; i++)
    g_strstrip (entries[i]);
  return entries;
}

static GPtrArray *
proposals_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
}

GPtrArray *
ipsec_proposals_parse (IkeProtocolId protocol, const char *text, GPtrArray *weak, GError **error)
{
  g_autoptr (GPtrArray) proposals = proposals_new ();
  g_auto (GStrv) entries = split_entries (text);

  for (guint i = 0; entries[i] != NULL; i++)
    {
      if (!parse_entry (protocol, entries[i], proposals, weak, error))
        return NULL;
    }
  if (proposals->len == 0)
    {
      ipsec_fail (error, IPSEC_PROFILE_ERROR_BAD_VALUE, _ ("there is an empty entry"));
      return NULL;
    }
  return g_steal_pointer (&proposals);
}

char *
ipsec_proposals_to_string (IkeProtocolId protocol, GPtrArray *proposals)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < proposals->len; i++)
    {
      const GArray *proposal = proposals->pdata[i];

      for (guint j = 0; j < proposal->len; j++)
        {
          g_autofree char *word = proposal_word_from_transform (&g_array_index (proposal, IkeTransform, j));

          g_string_append_printf (out, "%s%s", j > 0 ? "-" : i > 0 ? "," : "", word);
        }
    }
  return g_string_free (out, FALSE);
}

char *
ipsec_proposals_canonical (IkeProtocolId protocol, const char *text, GError **error)
{
  g_autoptr (GPtrArray) all = ipsec_proposals_parse (protocol, text, NULL, error);
  g_auto (GStrv) entries = split_entries (text);
  g_autoptr (GString) out = g_string_new (NULL);

  if (all == NULL)
    return NULL;
  for (guint i = 0; entries[i] != NULL; i++)
    {
      const Alias *alias = alias_find (entries[i]);
      g_autoptr (GPtrArray) proposals = ipsec_proposals_parse (protocol, entries[i], NULL, NULL);
      g_autofree char *words = alias != NULL ? g_strdup (alias->name) : ipsec_proposals_to_string (protocol, proposals);

      g_string_append_printf (out, "%s%s", i > 0 ? "," : "", words);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
ipsec_proposal_has_type (const GArray *proposal, guint8 type)
{
  for (guint i = 0; i < proposal->len; i++)
    {
      if (g_array_index (proposal, IkeTransform, i).type == type)
        return TRUE;
    }
  return FALSE;
}

gboolean
ipsec_proposals_equal (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const GArray *x = a->pdata[i], *y = b->pdata[i];

      if (x->len != y->len)
        return FALSE;
      for (guint j = 0; j < x->len; j++)
        {
          const IkeTransform *s = &g_array_index (x, IkeTransform, j), *t = &g_array_index (y, IkeTransform, j);

          if (s->type != t->type || s->id != t->id || s->key_bits != t->key_bits)
            return FALSE;
        }
    }
  return TRUE;
}
