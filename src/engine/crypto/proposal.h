/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proposals: what we offer, what we take of an offer, and whether an answer is ours. RFC 7296 sections 2.7, 3.3.
 */
#pragma once

#include "ike-engine-io.h"
#include "wire/payload-sa.h"

#define IKE_MAX_ADDKE 7 /* additional key exchanges: RFC 9370 section 2.2.2 */

/* One agreed combination. */
typedef struct {
  guint8 protocol; /* IkeProtocolId */
  guint8 number; /* of the proposal that it comes from, 1... */
  guint8 spi_len;
  guint8 spi[IKE_MAX_SPI]; /* the sender's SPI in that proposal */
  guint16 encr, encr_bits, prf, integ, ke; /* 0: none */
  guint16 addke[IKE_MAX_ADDKE]; /* additional key exchanges in their order; 0: none of that type */
  gboolean esn;
  gboolean esn_unsaid; /* the peer says nothing of ESN, which means NO; nor does an answer to it */
} IkeSuite;

/* What both functions below need to know of the exchange. */
typedef struct {
  guint8 protocol; /* IKE or ESP */
  gboolean no_ke; /* first Child SA, in IKE_AUTH: KE transforms are neither sent nor chosen (RFC 7296 section 1.2) */
  guint16 ke_sent; /* responder: group of the peer's KE payload, taken when both lists have it: saves a round trip */
} IkeProposalRule;

/* As responder: the best of @offer by the order of @ours (IkeProposal). FALSE: NO_PROPOSAL_CHOSEN. */
gboolean ike_proposal_choose (IkeSuite *ret, GPtrArray *ours, const IkeSa *offer, const IkeProposalRule *rule);
/* As initiator: is @answer a single proposal, and exactly one combination out of @ours? FALSE: it is not. */
gboolean ike_proposal_check (IkeSuite *ret, GPtrArray *ours, const IkeSa *answer, const IkeProposalRule *rule);
/* The transforms of @suite, as they stand in an answer; IkeProposal. */
IkeProposal *ike_proposal_from_suite (const IkeSuite *suite);

/* The group of the additional key exchange after @done of them; 0: there is no more. */
guint16 ike_suite_addke (const IkeSuite *suite, guint done);

/* A copy without KE and ADDKE transforms, for the SA payload of IKE_AUTH. */
IkeProposal *ike_proposal_without_ke (const IkeProposal *proposal);
/* Does it name key exchange groups, be it NONE? */
gboolean ike_proposal_has_ke (const IkeProposal *proposal);
/* Is @group in any of them? */
gboolean ike_proposals_have_ke (GPtrArray *proposals, guint16 group);
/* Does any of them ask for additional key exchanges? */
gboolean ike_proposals_have_addke (GPtrArray *proposals);
/* The group whose public value goes into the first message: @hint when it is among them, else the first; 0: none. */
guint16 ike_proposals_first_ke (GPtrArray *proposals, guint16 hint);

/* What a road warrior offers who configured nothing: RFC 8247 and 8221, without what @crypto cannot do. GPtrArray of
 * IkeProposal. For ESP only the kernel decides what is possible: @crypto is asked for KE (PFS) alone. */
GPtrArray *ike_proposals_default (const IkeCrypto *crypto, IkeProtocolId protocol, gboolean pfs);
/* Drops transforms that @crypto cannot do, then proposals that lack something; FALSE: nothing is left. */
gboolean ike_proposals_filter (GPtrArray *proposals, const IkeCrypto *crypto);

/* "AES_GCM_16_256/PRF_HMAC_SHA2_384/CURVE25519". */
char *ike_suite_to_string (const IkeSuite *suite);
/* "AES_GCM_16_256, AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE25519, ECP_256; ...": for logs and reasons. */
char *ike_proposals_to_string (GPtrArray *proposals);
/* An offer in the same words; what is not of @protocol says of what it is, and what cannot be taken has a question mark. */
char *ike_offer_to_string (const IkeSa *offer, guint8 protocol);
