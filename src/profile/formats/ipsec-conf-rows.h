/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reading and writing ipsec.conf share. */
#pragma once

#include "profile/formats/convert.h"

/* NULL after the last. */
const ConvertRow *ipsec_conf_row (guint index);

/* "rsasigkey" and the other words for a raw public key, behind "left" or "right"; NULL after the last. */
const char *ipsec_conf_key_word (guint index);

/* What a client's remote-ts is by default. */
#define IPSEC_CONF_EVERYTHING "0.0.0.0/0,::/0"
/* Is it what we do anyway, or for another program's inner life? */
gboolean ipsec_conf_says_nothing (const char *key, const char *value);
