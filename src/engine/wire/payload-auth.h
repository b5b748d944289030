/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication payload: RFC 7296 section 3.8; for method 14 the form of RFC 7427 section 3. */
#pragma once

#include "base/reader.h"
#include "base/writer.h"
#include "wire/registry.h"

typedef struct {
  guint8 method; /* IkeAuthMethod, or anything */
  IkeChunk data; /* not empty; with method 14 the signature alone */
  IkeChunk algorithm; /* method 14: DER AlgorithmIdentifier, never empty; else empty */
} IkeAuthPayload;

gboolean ike_auth_parse (IkeChunk body, IkeAuthPayload *ret_auth);
void ike_auth_write (IkeWriter *writer, const IkeAuthPayload *auth);
