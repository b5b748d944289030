/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What IKE_SA_INIT and the sender of messages want of IKE_INTERMEDIATE. */
#pragma once

#include "exchange/handlers.h"

/* Shall INTERMEDIATE_EXCHANGE_SUPPORTED be said? */
gboolean ike_intermediate_wanted (const IkeConfig *config);
/* INTERMEDIATE while there is a key exchange left, then AUTH. */
IkeParentState ike_intermediate_next_state (const IkeParent *parent);
/* A message of the exchange is sent, or was got: it becomes part of what AUTH proves. FALSE: the provider cannot. */
gboolean ike_intermediate_add (IkeParent *parent, const IkeHeader *header, guint8 first, IkeChunk inner);
