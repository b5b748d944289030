/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of IKE_SA_INIT do alike. */
#pragma once

#include "exchange/handlers.h"

/* A request that begins an IKE SA: its header, and the cookie, which is the first payload (RFC 7296 section 2.6); and off. */
void ike_init_begin (IkeBuilder *builder, IkeParent *parent, guint8 exchange);
void ike_init_send (IkeTask *task, IkeBuilder *builder);
/* SA, KE and nonce. @chosen NULL: our offer. */
void ike_init_write (IkeBuilder *builder, GPtrArray *proposals, const IkeSuite *chosen, const IkeMaterial *material,
                     GBytes *nonce);
/* IKEV2_FRAGMENTATION_SUPPORTED, SIGNATURE_HASH_ALGORITHMS. */
void ike_init_write_abilities (IkeBuilder *builder, const IkeCrypto *crypto, gboolean fragmentation);
/* RFC 6023 section 3: only a responder says so. */
void ike_init_write_childless (IkeBuilder *builder);
/* RFC 9593: what we accept of the peer, in a responder's IKE_SA_INIT and the IKE_AUTH that answers to it. */
void ike_init_write_announcement (IkeBuilder *builder, const IkeParent *parent);
void ike_init_read_announcement (IkeParent *parent, const IkePayloads *payloads);
void ike_init_read_abilities (IkeParent *parent, const IkePayloads *payloads);
/* The keys of this IKE SA from its nonces, SPIi and @spi_r. */
gboolean
ike_init_derive (const IkeParent *parent, IkeKeys *ret, const IkeSuite *suite, const IkeSecret *shared, guint64 spi_r);
/* init.c, for whatever begins an IKE SA: the SPI of the first Child SA; a COOKIE answer (TRUE: it is new, send again); the
 * port that NATs want. */
void ike_init_alloc_spi (IkeParent *parent);
gboolean ike_init_take_cookie (IkeParent *parent, IkeChunk cookie);
void ike_init_float_to_natt (IkeParent *parent, const IkeNatd *natd);
/* init.c: something that is no IKE_SA_INIT answer has come in the place of one. */
void ike_init_on_unusable (IkeParent *parent, IkeReasonCode code, const char *detail);
/* init-respond.c, likewise: one notification in clear, for which there never was an IKE SA; the same, and nothing is left. */
void ike_init_answer_apart (IkeConnection *connection, const IkePath *path, const IkeHeader *request, IkeNotifyType type,
                            IkeChunk data);
void ike_init_refuse (IkeTask *task, IkeNotifyType type, IkeChunk data);
/* What NATs there are, and whether ESP goes in UDP for them or by our wish. */
void ike_init_set_nat (IkeParent *parent, const IkeNatd *natd);
void ike_init_say_suite (const IkeParent *parent, const IkeNatd *natd);
