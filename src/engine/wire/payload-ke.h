/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key Exchange payload: RFC 7296 section 3.4. Whether the data suits the group is the crypto provider's to say. */
#pragma once

#include "base/reader.h"
#include "base/writer.h"

typedef struct {
  guint16 group;
  IkeChunk data; /* at least one octet */
} IkeKe;

gboolean ike_ke_parse (IkeChunk body, IkeKe *ret_ke);
void ike_ke_write (IkeWriter *writer, const IkeKe *ke);
