/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fixed header of every IKE message: RFC 7296 section 3.1. */
#pragma once

#include "base/reader.h"
#include "base/writer.h"
#include "wire/registry.h"

#define IKE_HEADER_LEN 28
#define IKE_VERSION_2 0x20 /* major 2, minor 0 */

enum {
  IKE_FLAG_INITIATOR = 0x08, /* from the original initiator of the IKE SA */
  IKE_FLAG_VERSION = 0x10,   /* the sender could speak a higher major version */
  IKE_FLAG_RESPONSE = 0x20,
};

typedef struct {
  guint64 spi_i, spi_r;
  guint8 next_payload;
  guint8 version;
  guint8 exchange; /* IkeExchange, or anything */
  guint8 flags;
  guint32 message_id;
  guint32 length; /* as it stands there; the writer of a message patches it */
} IkeHeader;

/* Only that 28 octets are there; what they say is the caller's to judge. */
gboolean ike_header_parse (IkeReader *reader, IkeHeader *ret_header);
void ike_header_write (IkeWriter *writer, const IkeHeader *header);

static inline guint
ike_header_major (const IkeHeader *header)
{
  return header->version >> 4;
}
