/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we ask of a gateway in a Configuration payload, and what we believe of its answer: RFC 7296 section 3.15, RFC
 * 8598. */
#pragma once

#include "ike-engine-io.h"
#include "wire/payload-cp.h"

/* limits of our own on what a gateway may heap upon us */
#define IKE_CONFIGURE_MAX_ADDRESSES 8
#define IKE_CONFIGURE_MAX_SERVERS 16
#define IKE_CONFIGURE_MAX_DOMAINS 64
#define IKE_CONFIGURE_MAX_SUBNETS 256
#define IKE_CONFIGURE_MAX_ANCHORS 32
#define IKE_CONFIGURE_MAX_RESOLVERS 16
#define IKE_CONFIGURE_MAX_BANNER 4096

/* Does this configuration ask for anything? */
gboolean ike_configure_wanted (const IkeConfig *config);
/* Appends the CFG_REQUEST. */
/* @before: what we had last time is asked for again, unless the configuration names something; may be NULL. */
void ike_configure_request (IkeBuilder *builder, const IkeConfig *config, const IkeConfigured *before);
/* Is it the same for all who use the tunnel? */
gboolean ike_configure_same (const IkeConfigured *a, const IkeConfigured *b);
/* Adds what is acceptable in a CFG_REPLY to @configured; the rest is passed over. FALSE: the payload is malformed. */
gboolean ike_configure_read (IkeChunk body, const IkeConfig *config, IkeConfigured *configured);
/* Letters, digits, hyphens and underscores in labels of 1 to 63, 253 in all: nothing that a resolver's file could
 * misread. */
gboolean ike_configure_domain_valid (const char *name);
