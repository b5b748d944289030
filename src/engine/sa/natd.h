/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP: RFC 7296 section 2.23. */
#pragma once

#include "ike-engine-io.h"
#include "wire/payload-notify.h"

#define IKE_NATD_LEN 20

typedef struct {
  gboolean supported; /* the peer sent both kinds */
  gboolean nat_here, nat_there;
} IkeNatd;

/* SHA-1 (SPIi | SPIr | address | port). FALSE: the provider failed. */
gboolean ike_natd_hash (const IkeCrypto *crypto, guint64 spi_i, guint64 spi_r, const IkeEndpoint *endpoint,
                        guint8 ret[IKE_NATD_LEN]);
/* Appends both notifications for a message that travels on @path. ALWAYS: pretends a NAT before us, so that the peer
 * encapsulates in UDP; NEVER: appends nothing, which says that we cannot do it (RFC 7296 section 2.23). */
gboolean ike_natd_write (IkeBuilder *builder, const IkeCrypto *crypto, guint64 spi_i, guint64 spi_r,
                         const IkePath *path, IkeEncap encap);
/* For an answer on an IKE SA that stands: nothing is pretended. */
IkeEncap ike_natd_honest (IkeEncap encap);
/* RFC 4555 section 3.9: NO_NATS_ALLOWED, with NEVER, in a message on @path that says where we are. */
void ike_natd_forbid (IkeBuilder *builder, const IkePath *path, IkeEncap encap);
/* The same section: the sender of a message that came on @path wants no NAT there (NO_NATS_ALLOWED), and there is. */
gboolean ike_natd_is_unexpected (const IkePayloads *payloads, const IkePath *path);
/* What the peer's notifications say about the path on which the message came; with NEVER we do not listen. */
IkeNatd ike_natd_check (const IkePayloads *payloads, const IkeCrypto *crypto, guint64 spi_i, guint64 spi_r,
                        const IkePath *path, IkeEncap encap);
