/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP payload: RFC 7296 section 3.16, RFC 3748 section 4. What is inside a method's data is the method's business. */
#pragma once

#include "base/reader.h"
#include "base/writer.h"
#include "wire/registry.h"

typedef struct {
  guint8 code; /* IkeEapCode; others are refused */
  guint8 id;
  guint8 type;           /* IkeEapType, or anything; 0 for Success and Failure */
  guint32 vendor;        /* Expanded type: vendor and its own type */
  guint32 vendor_type;
  IkeChunk data;  /* after type (and vendor) */
} IkeEap;

gboolean ike_eap_parse (IkeChunk body, IkeEap *ret_eap);
void ike_eap_write (IkeWriter *writer, const IkeEap *eap);
