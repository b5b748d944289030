/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends agree about a Child SA by notifications: transport mode, IPComp, TFC padding, IP-TFS. */
#pragma once

#include "exchange/handlers.h"

/* Ours to offer: before its SPI is allocated. */
void ike_options_wish (IkeChild *child);
/* Into our request. @transport: as we wish; the selectors are those that we offer. */
void ike_options_offer (IkeBuilder *builder, IkeChild *child, gboolean transport, const GArray *local_ts,
                        const GArray *remote_ts);
/* The peer's answer to that, when mode and selectors are @child's. NULL: fine; else what we did not offer so. */
const char *ike_options_accept (IkeChild *child, const IkePayloads *answer);
/* What we take of the peer's request: when mode and selectors are @child's, and before its SPI is allocated. */
void ike_options_choose (IkeChild *child, const IkePayloads *request);
/* Into our answer. */
void ike_options_answer (IkeBuilder *builder, const IkeChild *child);
