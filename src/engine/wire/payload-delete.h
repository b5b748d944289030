/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delete payload: RFC 7296 section 3.11. */
#pragma once

#include "base/reader.h"
#include "base/writer.h"
#include "wire/registry.h"

typedef struct {
  guint8 protocol; /* IKE: SPIs mean nothing; AH, ESP: SPIs of 4 octets; nothing else is accepted */
  guint n_spis;    /* up to IKE_MAX_DELETE_SPIS */
  IkeChunk spis;
} IkeDelete;

gboolean ike_delete_parse (IkeChunk body, IkeDelete *ret_delete);
guint32 ike_delete_spi (const IkeDelete *delete, guint index);
/* @n_spis 0 with IKE_PROTOCOL_IKE: the IKE SA itself. */
void ike_delete_write (IkeWriter *writer, IkeProtocolId protocol, const guint32 *spis, guint n_spis);
