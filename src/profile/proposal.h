/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proposals as users write them, in strongSwan's and in Libreswan's spelling, and back in strongSwan's.
 *
 * "aes256gcm16-prfsha384-ecp384", "aes256-sha2_256;modp2048", "aes_gcm_c_256", "default", "legacy", lists of these.
 * What is left out is filled in as RFC 8247 advises: the PRF follows from the integrity algorithm, the groups and
 * the integrity are the default ones. Weak algorithms are there only when they are named; single DES never.
 */
#pragma once

#include "engine/wire/registry.h"

#include <glib.h>

#define IPSEC_PROPOSALS_MAX 64 /* as many as an SA payload may carry (IKE_MAX_PROPOSALS) */

/* The algorithms of @text for @protocol (IKE or ESP): GPtrArray of GArray of IkeTransform, best first. IKE: complete.
 * ESP: ESN and KE transforms only when they are named. Names of weak algorithms are appended to @weak (GPtrArray of
 * char*, may be NULL), each once. The error is BAD_VALUE or UNSUPPORTED and names the word, but no key. */
GPtrArray *ipsec_proposals_parse (IkeProtocolId protocol, const char *text, GPtrArray *weak, GError **error);

/* The text in canonical spelling, aliases ("default", ...) kept. Parses to the same transforms. */
char *ipsec_proposals_canonical (IkeProtocolId protocol, const char *text, GError **error);

/* strongSwan's spelling, all parts named: "aes256gcm16-prfsha384-ecp384,...". */
char *ipsec_proposals_to_string (IkeProtocolId protocol, GPtrArray *proposals);

/* Has this one (GArray of IkeTransform) a transform of @type? */
gboolean ipsec_proposal_has_type (const GArray *proposal, guint8 type);

/* Same transforms in the same order. */
gboolean ipsec_proposals_equal (GPtrArray *a, GPtrArray *b);

/* The words that stand for lists, with what they are for: NULL after the last. */
const char *ipsec_proposals_alias_at (guint index, const char **ret_doc);
