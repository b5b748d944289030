/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nonce payload: RFC 7296 section 3.9. The Vendor ID payload (section 3.12) is its body and needs no parser. */
#pragma once

#include "base/chunk.h"

/* 16 to 256 octets. It is written with ike_builder_add(). */
gboolean ike_nonce_parse (IkeChunk body, IkeChunk *ret_nonce);
