/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One value of one key: is it well-formed and in range, and what is its canonical form?
 */
#pragma once

#include "profile/profile-keys.h"

/* The canonical text, which the same key accepts again and leaves as it is; NULL: @error names the key, the value and
 * what would be right. Blanks around the value do not count. Not for secrets, which are never looked at. */
char *ipsec_value_canonical (const IpsecKey *key, const char *text, GError **error);

/* What the values of a key look like, for people: "yes or no", "10s to 7d". */
char *ipsec_key_describe_values (const IpsecKey *key);
