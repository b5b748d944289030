/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security Association payload: RFC 7296 section 3.3.
 *
 * Parsing keeps what it does not know: a proposal with an unknown transform type is marked (it must not be chosen,
 * section 3.3.6), a transform with an unknown attribute or an impossible Key Length (zero, given twice, not in the
 * two-octet form) gets IKE_KEY_BITS_UNACCEPTABLE, which equals nothing that we would offer.
 */
#pragma once

#include "ike-engine-io.h"
#include "wire/message.h"

typedef struct {
  guint8 number;
  guint8 protocol; /* IkeProtocolId, or anything */
  gboolean unknown_type;
  IkeChunk spi; /* IKE: 0 or 8 octets, AH and ESP: 4 */
  guint first_transform, n_transforms; /* in the payload's transforms */
} IkeSaProposal;

typedef struct {
  GArray *proposals;  /* IkeSaProposal; at least one */
  GArray *transforms; /* IkeTransform of all proposals, in the order of the wire */
} IkeSa;

/* FALSE: malformed or above a limit; nothing to clear then. */
gboolean ike_sa_parse (IkeChunk body, IkeSa *ret_sa);
void ike_sa_clear (IkeSa *sa);
const IkeSaProposal *ike_sa_proposal (const IkeSa *sa, guint index);
const IkeTransform *ike_sa_transforms (const IkeSa *sa, const IkeSaProposal *proposal);

/* Our offer: @proposals of IkeProposal, numbered from 1, each with the SPI @spi (empty: none). */
void ike_sa_write (IkeWriter *writer, GPtrArray *proposals, IkeChunk spi);
/* The one that was chosen, under the number that the peer gave it. */
void ike_sa_write_chosen (IkeWriter *writer, guint8 number, IkeProtocolId protocol, IkeChunk spi,
                          const IkeTransform *transforms, guint n_transforms);

/* For people: "ESP:AES_GCM_16_256/NO_ESN" and so on; unacceptable parts with a question mark. */
char *ike_sa_to_string (const IkeSa *sa);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeSa, ike_sa_clear)
