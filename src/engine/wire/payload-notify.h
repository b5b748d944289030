/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify payload: RFC 7296 section 3.10. */
#pragma once

#include "wire/message.h"

typedef struct {
  guint8 protocol; /* IkeProtocolId, or anything */
  guint16 type;    /* IkeNotifyType, or anything */
  IkeChunk spi;
  IkeChunk data;
} IkeNotify;

gboolean ike_notify_parse (IkeChunk body, IkeNotify *ret_notify);
void ike_notify_write (IkeWriter *writer, const IkeNotify *notify);

static inline gboolean
ike_notify_is_error (const IkeNotify *notify)
{
  return notify->type < IKE_NOTIFY_FIRST_STATUS;
}

/* The next well-formed notification of @type (0: any): start with *index 0. Malformed ones are passed over here; the
 * payload rules have refused them before (ike_notify_all_valid). */
gboolean ike_notify_next (const IkePayloads *payloads, guint16 type, guint *index, IkeNotify *ret_notify);
/* The first of @type. */
gboolean ike_notify_find (const IkePayloads *payloads, IkeNotifyType type, IkeNotify *ret_notify);
/* The first that reports an error. */
gboolean ike_notify_find_error (const IkePayloads *payloads, IkeNotify *ret_notify);
gboolean ike_notify_all_valid (const IkePayloads *payloads);

/* Its name; and what Windows means by the number in MS_STATUS. */
char *ike_notify_to_string (const IkeNotify *notify);
/* Does it say that we were not let in, and not that something else is wrong? */
gboolean ike_notify_refuses_us (const IkeNotify *notify);

/* Notifications without protocol and SPI (nearly all): appends a whole payload. */
void ike_builder_notify (IkeBuilder *builder, IkeNotifyType type, IkeChunk data);
/* With protocol and a 4 octet SPI: REKEY_SA, CHILD_SA_NOT_FOUND. */
void ike_builder_notify_child (IkeBuilder *builder, IkeNotifyType type, IkeProtocolId protocol, guint32 spi);
