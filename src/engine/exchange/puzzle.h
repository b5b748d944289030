/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A responder under attack wants to see work: RFC 8019, as initiator, before IKE_SA_INIT is repeated and before IKE_AUTH.
 *
 * Invariants: the work is done in slices, one at a time, elsewhere; it ends with the negotiation, when a better answer
 * comes, or after so many tries; what is too hard is not begun.
 */
#pragma once

#include "exchange/exchange.h"
#include "crypto/puzzle.h"

typedef enum { IKE_PUZZLE_NONE, IKE_PUZZLE_EASY, IKE_PUZZLE_HARD } IkePuzzleKind;

/* What the answer asks for; HARD: *ret_detail says what. */
IkePuzzleKind ike_puzzle_find (const IkePayloads *payloads, IkePuzzle *ret, char **ret_detail);
/* Solves it; @done once, with nego->solution, or without when it has come to nothing. */
typedef void (*IkePuzzleDone) (IkeParent *parent);
void ike_puzzle_solve (IkeTask *task, const IkePuzzle *puzzle, IkeChunk octets, IkePuzzleDone done);
/* Nobody wants the solution any more. */
void ike_puzzle_stop (IkeParent *parent);
