/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a profile may say but this version cannot do: the only place that knows. An issue that adds a feature deletes
 * its rows (and adds the field that the profile then needs).
 */
#pragma once

#include <glib.h>

/* FALSE: the error names key and value, and what is possible. What would be accepted without having an effect yet is
 * told in @warnings (char*, may be NULL). @value is canonical. */
gboolean ipsec_supported_check (const char *key, const char *value, GPtrArray *warnings, GError **error);
/* Can these selectors of @key be negotiated? "dynamic" is possible alone, and on the other side only between peers. */
gboolean ipsec_supported_check_selectors (const char *key, gboolean peer, GPtrArray *selectors, GError **error);

/* For documents: values of @key that are refused, or have no effect yet, separated by blanks; "*" for all but
 * *ret_except (NULL: really all), "xyz:" for what begins so; NULL: none. */
const char *ipsec_unsupported_values (const char *key, gboolean no_effect, const char **ret_except);
