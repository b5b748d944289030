/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The property of every wire parser: what was parsed can be written, and what was written parses to the same octets. */
#pragma once

#include "wire/message.h"

/* Parses @body as a payload of @type and writes it to @writer again. FALSE: refused, nothing is written. */
gboolean fuzz_payload_rewrite (guint8 type, IkeChunk body, IkeWriter *writer);
/* Checks the property for one body; anything that can be made text is made text. */
void fuzz_payload_check (guint8 type, IkeChunk body);
