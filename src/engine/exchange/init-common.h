/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of IKE_SA_INIT do alike. */
#pragma once

#include "exchange/handlers.h"

/* SA, KE and nonce. @chosen NULL: our offer. */
void ike_init_write (IkeBuilder *builder, GPtrArray *proposals, const IkeSuite *chosen, const IkeMaterial *material,
                     GBytes *nonce);
/* IKEV2_FRAGMENTATION_SUPPORTED, SIGNATURE_HASH_ALGORITHMS. */
void ike_init_write_abilities (IkeBuilder *builder, const IkeConfig *config, gboolean fragmentation);
/* RFC 6023 section 3: only a responder says so. */
void ike_init_write_childless (IkeBuilder *builder);
void ike_init_read_abilities (IkeParent *parent, const IkePayloads *payloads);
/* The keys of this IKE SA from its nonces, SPIi and @spi_r. */
gboolean
ike_init_derive (const IkeParent *parent, IkeKeys *ret, const IkeSuite *suite, const IkeSecret *shared, guint64 spi_r);
void ike_init_say_suite (const IkeParent *parent, const IkeNatd *natd);
