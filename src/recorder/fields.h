/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of a recording, written and read by the same functions: what is described once cannot be written in one
 * order and read in another. Reading is bounds-checked, failure is sticky, and every count has a limit.
 */
#pragma once

#include "ike-engine-io.h"

#include "base/reader.h"
#include "base/writer.h"

/* One string, one list, one run of octets of a recording. */
#define FIELDS_MAX_ITEMS 65536
#define FIELDS_MAX_OCTETS (1024 * 1024)

/* Exactly one of them. */
typedef struct {
  IkeWriter *out;
  IkeReader *in;
} Fields;

gboolean fields_ok (const Fields *fields);
void fields_fail (Fields *fields);

void fields_u8 (Fields *fields, guint8 *value);
void fields_u16 (Fields *fields, guint16 *value);
void fields_u32 (Fields *fields, guint32 *value);
void fields_u64 (Fields *fields, guint64 *value);
void fields_time (Fields *fields, IkeTime *value);
void fields_flag (Fields *fields, gboolean *value);
void fields_size (Fields *fields, gsize *value);
/* NULL stays NULL. What is read replaces the value and is owned by whoever owns the value. */
void fields_string (Fields *fields, char **value);
void fields_bytes (Fields *fields, GBytes **value);
/* With @clear as it is; else something of the same length takes its place (see secret_stand_in() in fields.c). */
void fields_secret (Fields *fields, IkeSecret **value, gboolean clear);
void fields_address (Fields *fields, IkeAddress *value);
void fields_endpoint (Fields *fields, IkeEndpoint *value);
void fields_path (Fields *fields, IkePath *value);
void fields_identity (Fields *fields, IkeIdentity **value);
void fields_reason (Fields *fields, IkeReason *value);
/* How many items follow. */
guint fields_count (Fields *fields, guint n);

guint fields_choice_value (Fields *fields, guint value, guint last);
/* An enum of ours whose last value is @last; what is above fails. */
#define fields_choice(fields, value, last) (*(value) = fields_choice_value (fields, (guint) * (value), last))
