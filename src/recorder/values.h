/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's configuration and inputs as fields of a recording. */
#pragma once

#include "recorder/fields.h"

void fields_config (Fields *fields, IkeConfig *config);

/* What an input only borrows, when it was read. */
typedef struct {
  GBytes *datagram;
  char *text;
} InputKept;
void input_kept_clear (InputKept *kept);

/* @clear: its secret is none (what was received inside of TLS). A key exchange's private half is not recorded, only that
 * there is one: @key stands for it when it is read. */
void fields_input (Fields *fields, IkeInput *input, gboolean clear, IkeKeKey *key, InputKept *ret_kept);
