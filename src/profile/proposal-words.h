/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One word of a proposal ("aes256gcm16", "sha2_256", "modp2048", "dh14"), in either spelling, and back.
 */
#pragma once

#include "engine/wire/registry.h"

#include <glib.h>

typedef enum {
  PROPOSAL_WORD_AEAD = 1 << 0,     /* cipher that protects integrity itself */
  PROPOSAL_WORD_WEAK = 1 << 1,     /* the user is told */
  PROPOSAL_WORD_ESP_ONLY = 1 << 2, /* cipher that must not protect IKE: it does not encrypt */
  PROPOSAL_WORD_REFUSED = 1 << 3,  /* broken, or not to be had: never */
} ProposalWordFlags;

#define PROPOSAL_WORD_KEYS 2 /* key lengths that a cipher without one stands for */

typedef struct {
  guint8 type;    /* IkeTransformType; INTEG: a hash, which may turn out to mean the PRF */
  guint16 id;
  guint16 key_bits[PROPOSAL_WORD_KEYS]; /* the rest 0 */
  guint16 prf;    /* INTEG: the PRF with the same hash */
  guint flags;    /* ProposalWordFlags */
} ProposalWord;

typedef enum { PROPOSAL_WORD_KNOWN, PROPOSAL_WORD_NONE, PROPOSAL_WORD_UNKNOWN } ProposalWordResult;

/* NONE: "none" or "null", which mean different things in different places. @ret is set only for KNOWN. */
ProposalWordResult proposal_word_parse (const char *word, ProposalWord *ret);
/* strongSwan's word for a transform: "aes256gcm16", "prfsha384", "x25519". */
char *proposal_word_from_transform (const IkeTransform *transform);
/* The nearest word that exists, or NULL. */
char *proposal_word_suggest (const char *word);
