/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identification payloads: RFC 7296 section 3.5. */
#pragma once

#include "ike-engine-io.h"
#include "wire/message.h"

typedef struct {
  guint8 type; /* IkeIdType, or anything */
  IkeChunk data;
  IkeChunk rest; /* RestOfInitIDPayload of RFC 7296 section 2.15: the whole body */
} IkeId;

/* Also checks that an address has its length, and that ID_NULL is empty (RFC 7619 section 2.2). */
gboolean ike_id_parse (IkeChunk body, IkeId *ret_id);
void ike_id_write (IkeWriter *writer, const IkeIdentity *identity);
IkeIdentity *ike_id_identity (const IkeId *id);
