/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing and checking proposals (see the header): RFC 7296 sections 2.7, 3.3.3, 3.3.6, RFC 5282 section 8, RFC 9370
 * section 2.2.2, and the defaults by RFC 8247 and RFC 8221.
 *
 * Invariant: a suite that leaves here has a cipher with exactly one checksum (its own tag or an INTEG transform); for
 * IKE also a PRF and a group; nothing in it that either list lacks.
 */
#include "crypto/proposal.h"

#include "crypto/suites.h"

#include <string.h>

#define TRANSFORM(type_, id_, bits_) ((IkeTransform){ IKE_TRANSFORM_##type_, IKE_##type_##_##id_, bits_ })

/* A list of transforms, ours or the peer's. */
typedef struct {
  const IkeTransform *at;
  guint n;
} List;

static List
list_of (const IkeProposal *proposal)
{
  return (List){ (const IkeTransform *) (void *) proposal->transforms->data, proposal->transforms->len };
}

static gboolean
has_type (List list, guint8 type)
{
  for (guint i = 0; i < list.n; i++)
    if (list.at[i].type == type)
      return TRUE;
  return FALSE;
}

static gboolean
has (List list, guint8 type, guint16 id, guint16 key_bits)
{
  for (guint i = 0; i < list.n; i++)
    if (list.at[i].type == type && list.at[i].id == id && list.at[i].key_bits == key_bits)
      return TRUE;
  return FALSE;
}

/* "None of this kind": the type is missing, or has the value 0, which is NONE for INTEG and every KE, and NO for ESN. */
static gboolean
allows_none (List list, guint8 type)
{
  return !has_type (list, type) || has (list, type, 0, 0);
}

/* Our first value of @type that is not NONE and that the peer has too. */
static gboolean
pick (List ours, List theirs, guint8 type, guint16 *ret_id)
{
  for (guint i = 0; i < ours.n; i++)
    if (ours.at[i].type == type && ours.at[i].id != 0 && ours.at[i].key_bits == 0 &&
        ike_algorithm_find (type, ours.at[i].id) && has (theirs, type, ours.at[i].id, 0))
      {
        *ret_id = ours.at[i].id;
        return TRUE;
      }
  return FALSE;
}

static gboolean
pick_ke (List ours, List theirs, const IkeProposalRule *rule, guint16 *ret_ke)
{
  if (rule->no_ke)
    return TRUE;
  if (rule->ke_sent != 0 && has (ours, IKE_TRANSFORM_KE, rule->ke_sent, 0) &&
      has (theirs, IKE_TRANSFORM_KE, rule->ke_sent, 0) && ike_algorithm_find (IKE_TRANSFORM_KE, rule->ke_sent))
    {
      *ret_ke = rule->ke_sent;
      return TRUE;
    }
  if (pick (ours, theirs, IKE_TRANSFORM_KE, ret_ke))
    return TRUE;
  /* A Child SA may go without, when both say so: one leaves the type out, or lists NONE. */
  return rule->protocol != IKE_PROTOCOL_IKE && allows_none (ours, IKE_TRANSFORM_KE) &&
         allows_none (theirs, IKE_TRANSFORM_KE);
}

static gboolean
is_addke (guint8 type)
{
  return type >= IKE_TRANSFORM_ADDKE1 && type <= IKE_TRANSFORM_ADDKE7;
}

static gboolean
has_method (const IkeSuite *suite, guint16 method)
{
  for (guint i = 0; i < IKE_MAX_ADDKE; i++)
    if (suite->addke[i] == method)
      return TRUE;
  return FALSE;
}

/* One method of each type that is there, from the @n-th on; NONE when both allow it and nothing else fits. RFC 9370 section
 * 2.2.2: no method twice among them, and none without a first key exchange. What is taken for one type may be all that
 * fits another: then the next one is tried. */
static gboolean
pick_addke (IkeSuite *suite, List ours, List theirs, const IkeProposalRule *rule, guint n)
{
  guint8 type = (guint8) (IKE_TRANSFORM_ADDKE1 + n);

  if (n == IKE_MAX_ADDKE || rule->no_ke)
    return TRUE;
  for (guint i = 0; i < ours.n && suite->ke; i++)
    if (ours.at[i].type == type && ours.at[i].id != IKE_KE_NONE && has (theirs, type, ours.at[i].id, 0) &&
        ike_algorithm_find (IKE_TRANSFORM_KE, ours.at[i].id) && !has_method (suite, ours.at[i].id))
      {
        suite->addke[n] = ours.at[i].id;
        if (pick_addke (suite, ours, theirs, rule, n + 1))
          return TRUE;
        suite->addke[n] = IKE_KE_NONE;
      }
  return allows_none (ours, type) && allows_none (theirs, type) && pick_addke (suite, ours, theirs, rule, n + 1);
}

/* RFC 7296 section 3.3.3: ESN is mandatory in ESP; but some leave it out, and mean NO. */
static gboolean
pick_esn (IkeSuite *suite, List ours, List theirs)
{
  for (guint i = 0; i < ours.n; i++)
    if (ours.at[i].type == IKE_TRANSFORM_ESN && has (theirs, IKE_TRANSFORM_ESN, ours.at[i].id, 0))
      {
        suite->esn = ours.at[i].id == IKE_ESN_YES;
        return ours.at[i].id == IKE_ESN_YES || ours.at[i].id == IKE_ESN_NO;
      }
  suite->esn_unsaid = !has_type (theirs, IKE_TRANSFORM_ESN);
  return allows_none (ours, IKE_TRANSFORM_ESN) && allows_none (theirs, IKE_TRANSFORM_ESN);
}

/* Completes @suite around one cipher. */
static gboolean
pick_others (IkeSuite *suite, List ours, List theirs, const IkeProposalRule *rule, const IkeAlgorithm *cipher)
{
  if (cipher->flags & IKE_ALG_AEAD)
    {
      /* RFC 7296 section 3.3.2 and RFC 5282 section 8: no second checksum, so INTEG must be absent or NONE. */
      if (!allows_none (theirs, IKE_TRANSFORM_INTEG))
        return FALSE;
    }
  else if (!pick (ours, theirs, IKE_TRANSFORM_INTEG, &suite->integ))
    return FALSE;
  if (!pick_ke (ours, theirs, rule, &suite->ke) || !pick_addke (suite, ours, theirs, rule, 0))
    return FALSE;
  if (rule->protocol == IKE_PROTOCOL_IKE)
    return pick (ours, theirs, IKE_TRANSFORM_PRF, &suite->prf);
  return pick_esn (suite, ours, theirs);
}

/* None of the types that the protocol must not have: RFC 7296 section 3.3.3. */
static gboolean
types_ok (List theirs, guint8 protocol)
{
  return !has_type (theirs, protocol == IKE_PROTOCOL_IKE ? IKE_TRANSFORM_ESN : IKE_TRANSFORM_PRF);
}

static gboolean
match (IkeSuite *ret, const IkeProposal *our, const IkeSa *sa, const IkeSaProposal *theirs_proposal,
       const IkeProposalRule *rule)
{
  List ours = list_of (our);
  List theirs = { ike_sa_transforms (sa, theirs_proposal), theirs_proposal->n_transforms };

  if (our->type != rule->protocol || theirs_proposal->protocol != rule->protocol || theirs_proposal->unknown_type ||
      theirs_proposal->spi.len > IKE_MAX_SPI || !types_ok (theirs, rule->protocol))
    return FALSE;
  for (guint i = 0; i < ours.n; i++)
    {
      const IkeTransform *t = &ours.at[i];
      const IkeAlgorithm *cipher = t->type == IKE_TRANSFORM_ENCR ? ike_algorithm_find (t->type, t->id) : NULL;
      IkeSuite suite = { .protocol = rule->protocol, .number = theirs_proposal->number };

      if (!cipher || !ike_algorithm_key_bits_ok (cipher, t->key_bits) || !has (theirs, t->type, t->id, t->key_bits) ||
          !pick_others (&suite, ours, theirs, rule, cipher))
        continue;
      suite.encr = t->id;
      suite.encr_bits = t->key_bits;
      suite.spi_len = (guint8) theirs_proposal->spi.len;
      if (suite.spi_len > 0)
        memcpy (suite.spi, theirs_proposal->spi.data, suite.spi_len);
      *ret = suite;
      return TRUE;
    }
  return FALSE;
}

gboolean
ike_proposal_choose (IkeSuite *ret, GPtrArray *ours, const IkeSa *offer, const IkeProposalRule *rule)
{
  for (guint i = 0; i < ours->len; i++)
    for (guint j = 0; j < offer->proposals->len; j++)
      if (match (ret, ours->pdata[i], offer, ike_sa_proposal (offer, j), rule))
        return TRUE;
  return FALSE;
}

gboolean
ike_proposal_check (IkeSuite *ret, GPtrArray *ours, const IkeSa *answer, const IkeProposalRule *rule)
{
  const IkeSaProposal *only = ike_sa_proposal (answer, 0);
  List theirs = { ike_sa_transforms (answer, only), only->n_transforms };

  /* RFC 7296 section 2.7: exactly one proposal comes back, and in it one transform of each type. */
  if (answer->proposals->len != 1 || only->number == 0 || only->number > ours->len)
    return FALSE;
  for (guint i = 0; i < theirs.n; i++)
    for (guint j = i + 1; j < theirs.n; j++)
      if (theirs.at[i].type == theirs.at[j].type)
        return FALSE;
  if (rule->no_ke && !allows_none (theirs, IKE_TRANSFORM_KE))
    return FALSE;
  /* exception: a gateway that confuses the numbers but takes one of our combinations gets it. */
  for (guint i = 0; i < ours->len; i++)
    if (match (ret, ours->pdata[i], answer, only, rule))
      return TRUE;
  return FALSE;
}

static void
add (IkeProposal *proposal, guint8 type, guint16 id, guint16 key_bits)
{
  IkeTransform transform = { type, id, key_bits };

  g_array_append_val (proposal->transforms, transform);
}

IkeProposal *
ike_proposal_from_suite (const IkeSuite *suite)
{
  IkeProposal *proposal = ike_proposal_new (suite->protocol);

  add (proposal, IKE_TRANSFORM_ENCR, suite->encr, suite->encr_bits);
  if (suite->prf != 0)
    add (proposal, IKE_TRANSFORM_PRF, suite->prf, 0);
  if (suite->integ != IKE_INTEG_NONE)
    add (proposal, IKE_TRANSFORM_INTEG, suite->integ, 0);
  if (suite->ke != IKE_KE_NONE)
    add (proposal, IKE_TRANSFORM_KE, suite->ke, 0);
  for (guint n = 0; n < IKE_MAX_ADDKE; n++)
    if (suite->addke[n] != IKE_KE_NONE)
      add (proposal, (guint8) (IKE_TRANSFORM_ADDKE1 + n), suite->addke[n], 0);
  if (suite->protocol != IKE_PROTOCOL_IKE && !suite->esn_unsaid)
    add (proposal, IKE_TRANSFORM_ESN, suite->esn ? IKE_ESN_YES : IKE_ESN_NO, 0);
  return proposal;
}

guint16
ike_suite_addke (const IkeSuite *suite, guint done)
{
  for (guint n = 0; n < IKE_MAX_ADDKE; n++)
    if (suite->addke[n] != IKE_KE_NONE && done-- == 0)
      return suite->addke[n];
  return IKE_KE_NONE;
}

IkeProposal *
ike_proposal_without_ke (const IkeProposal *proposal)
{
  IkeProposal *copy = ike_proposal_new (proposal->type);
  List list = list_of (proposal);

  for (guint i = 0; i < list.n; i++)
    if (list.at[i].type != IKE_TRANSFORM_KE && !is_addke (list.at[i].type))
      add (copy, list.at[i].type, list.at[i].id, list.at[i].key_bits);
  return copy;
}

gboolean
ike_proposal_has_ke (const IkeProposal *proposal)
{
  return has_type (list_of (proposal), IKE_TRANSFORM_KE);
}

gboolean
ike_proposals_have_ke (GPtrArray *proposals, guint16 group)
{
  for (guint i = 0; i < proposals->len; i++)
    if (group != IKE_KE_NONE && has (list_of (proposals->pdata[i]), IKE_TRANSFORM_KE, group, 0))
      return TRUE;
  return FALSE;
}

gboolean
ike_proposals_have_addke (GPtrArray *proposals)
{
  for (guint i = 0; i < proposals->len; i++)
    {
      List list = list_of (proposals->pdata[i]);

      for (guint j = 0; j < list.n; j++)
        if (is_addke (list.at[j].type) && list.at[j].id != IKE_KE_NONE)
          return TRUE;
    }
  return FALSE;
}

guint16
ike_proposals_first_ke (GPtrArray *proposals, guint16 hint)
{
  if (ike_proposals_have_ke (proposals, hint))
    return hint;
  for (guint i = 0; i < proposals->len; i++)
    {
      List list = list_of (proposals->pdata[i]);

      for (guint j = 0; j < list.n; j++)
        if (list.at[j].type == IKE_TRANSFORM_KE && list.at[j].id != IKE_KE_NONE)
          return list.at[j].id;
    }
  return IKE_KE_NONE;
}

/* ---- defaults ---- */

static const IkeTransform default_aead[] = {
  TRANSFORM (ENCR, AES_GCM_16, 256),
  TRANSFORM (ENCR, AES_GCM_16, 128),
  TRANSFORM (ENCR, CHACHA20_POLY1305, 0),
};
/* SHA-1 last, as a checksum and PRF only: what Windows offers by itself. */
static const IkeTransform default_cbc[] = {
  TRANSFORM (ENCR, AES_CBC, 256),          TRANSFORM (ENCR, AES_CBC, 128),
  TRANSFORM (INTEG, HMAC_SHA2_256_128, 0), TRANSFORM (INTEG, HMAC_SHA2_384_192, 0),
  TRANSFORM (INTEG, HMAC_SHA2_512_256, 0), TRANSFORM (INTEG, HMAC_SHA1_96, 0),
};
static const IkeTransform default_prf[] = {
  TRANSFORM (PRF, HMAC_SHA2_256, 0), TRANSFORM (PRF, HMAC_SHA2_384, 0), TRANSFORM (PRF, HMAC_SHA2_512, 0),
  TRANSFORM (PRF, HMAC_SHA1, 0), /* last, and so only with AES-CBC */
};
static const IkeTransform default_ke[] = {
  TRANSFORM (KE, CURVE25519, 0), TRANSFORM (KE, ECP_256, 0),   TRANSFORM (KE, ECP_384, 0), TRANSFORM (KE, MODP_2048, 0),
  TRANSFORM (KE, MODP_3072, 0),  TRANSFORM (KE, MODP_4096, 0), TRANSFORM (KE, ECP_521, 0),
};

static IkeProposal *
default_proposal (IkeProtocolId protocol, gboolean aead, gboolean ke)
{
  IkeProposal *proposal = ike_proposal_new (protocol);

  if (aead)
    g_array_append_vals (proposal->transforms, default_aead, G_N_ELEMENTS (default_aead));
  else
    g_array_append_vals (proposal->transforms, default_cbc, G_N_ELEMENTS (default_cbc));
  if (protocol == IKE_PROTOCOL_IKE)
    g_array_append_vals (proposal->transforms, default_prf, G_N_ELEMENTS (default_prf) - (aead ? 1 : 0));
  if (ke)
    g_array_append_vals (proposal->transforms, default_ke, G_N_ELEMENTS (default_ke));
  if (protocol != IKE_PROTOCOL_IKE)
    add (proposal, IKE_TRANSFORM_ESN, IKE_ESN_NO, 0);
  return proposal;
}

GPtrArray *
ike_proposals_default (const IkeCrypto *crypto, IkeProtocolId protocol, gboolean pfs)
{
  GPtrArray *proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  gboolean ke = protocol == IKE_PROTOCOL_IKE || pfs;

  g_ptr_array_add (proposals, default_proposal (protocol, TRUE, ke));
  g_ptr_array_add (proposals, default_proposal (protocol, FALSE, ke));
  ike_proposals_filter (proposals, crypto);
  return proposals;
}

static gboolean
possible (const IkeTransform *transform, guint8 protocol, const IkeCrypto *crypto)
{
  guint8 type = is_addke (transform->type) ? (guint8) IKE_TRANSFORM_KE : transform->type;
  const IkeAlgorithm *alg = ike_algorithm_find (type, transform->id);
  gboolean ours = protocol == IKE_PROTOCOL_IKE || type == IKE_TRANSFORM_KE;

  if (transform->id == 0 || transform->type == IKE_TRANSFORM_ESN)
    return TRUE;
  if (crypto->fips && !(alg && alg->flags & IKE_ALG_FIPS))
    return FALSE;
  if (!alg || !(alg->flags & (guint) (protocol == IKE_PROTOCOL_IKE ? IKE_ALG_IKE : IKE_ALG_ESP)))
    return FALSE;
  return !ours || crypto->supports (crypto, type, transform->id, transform->key_bits);
}

/* The key exchanges that a proposal asks for, as a mask of transform types. */
static guint
ke_types (const IkeProposal *proposal)
{
  List list = list_of (proposal);
  guint mask = 0;

  for (guint i = 0; i < list.n; i++)
    if (list.at[i].type == IKE_TRANSFORM_KE || is_addke (list.at[i].type))
      mask |= 1u << list.at[i].type;
  return mask;
}

/* Is there a cipher, what every cipher in it needs, and each key exchange that was asked for? */
static gboolean
complete (const IkeProposal *proposal, guint wanted_kes)
{
  List list = list_of (proposal);
  gboolean any = FALSE;

  for (guint i = 0; i < list.n; i++)
    if (list.at[i].type == IKE_TRANSFORM_ENCR)
      {
        const IkeAlgorithm *alg = ike_algorithm_find (IKE_TRANSFORM_ENCR, list.at[i].id);

        any = any || (alg && (alg->flags & IKE_ALG_AEAD)) || has_type (list, IKE_TRANSFORM_INTEG);
      }
  /* never fewer key exchanges than the user named */
  if (ke_types (proposal) != wanted_kes)
    return FALSE;
  return any && (proposal->type != IKE_PROTOCOL_IKE ||
                 (has_type (list, IKE_TRANSFORM_PRF) && has_type (list, IKE_TRANSFORM_KE)));
}

gboolean
ike_proposals_filter (GPtrArray *proposals, const IkeCrypto *crypto)
{
  for (guint i = proposals->len; i-- > 0;)
    {
      IkeProposal *proposal = proposals->pdata[i];
      guint wanted_kes = ke_types (proposal);

      for (guint j = proposal->transforms->len; j-- > 0;)
        if (!possible (&g_array_index (proposal->transforms, IkeTransform, j), proposal->type, crypto))
          g_array_remove_index (proposal->transforms, j);
      if (!complete (proposal, wanted_kes))
        g_ptr_array_remove_index (proposals, i);
    }
  return proposals->len > 0;
}

/* ---- for people ---- */

static const guint8 spoken_order[] = {
  IKE_TRANSFORM_ENCR,   IKE_TRANSFORM_INTEG,  IKE_TRANSFORM_PRF,    IKE_TRANSFORM_KE,
  IKE_TRANSFORM_ADDKE1, IKE_TRANSFORM_ADDKE2, IKE_TRANSFORM_ADDKE3, IKE_TRANSFORM_ADDKE4,
  IKE_TRANSFORM_ADDKE5, IKE_TRANSFORM_ADDKE6, IKE_TRANSFORM_ADDKE7,
};

static void
speak (GString *text, List list)
{
  for (guint type = 0; type < G_N_ELEMENTS (spoken_order); type++)
    {
      const char *separator = type > 0 ? "/" : "";

      for (guint j = 0; j < list.n; j++)
        if (list.at[j].type == spoken_order[type])
          {
            IkeTransform shown = list.at[j];
            gboolean unacceptable = shown.key_bits == IKE_KEY_BITS_UNACCEPTABLE;

            if (unacceptable)
              shown.key_bits = 0;
            g_string_append_printf (text, "%s%s%s", separator, IKE_TRANSFORM_NAME (&shown), unacceptable ? "?" : "");
            separator = ", ";
          }
    }
  if (has (list, IKE_TRANSFORM_ESN, IKE_ESN_YES, 0))
    g_string_append (text, "/ESN");
}

char *
ike_proposals_to_string (GPtrArray *proposals)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < proposals->len; i++)
    {
      g_string_append (text, i > 0 ? "; " : "");
      speak (text, list_of (proposals->pdata[i]));
    }
  return g_string_free (text, FALSE);
}

char *
ike_offer_to_string (const IkeSa *offer, guint8 protocol)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < offer->proposals->len; i++)
    {
      const IkeSaProposal *proposal = ike_sa_proposal (offer, i);

      g_string_append (text, i > 0 ? "; " : "");
      if (proposal->protocol != protocol)
        g_string_append_printf (text, "%s:", IKE_NAME (PROTOCOL, proposal->protocol));
      speak (text, (List){ ike_sa_transforms (offer, proposal), proposal->n_transforms });
      g_string_append (text, proposal->unknown_type ? "/?" : "");
    }
  return g_string_free (text, FALSE);
}

char *
ike_suite_to_string (const IkeSuite *suite)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);

  g_ptr_array_add (one, ike_proposal_from_suite (suite));
  return ike_proposals_to_string (one);
}
