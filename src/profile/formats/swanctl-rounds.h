/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The authentications of an end in swanctl.conf: its sections, one after the other (RFC 4739). */
#pragma once

#include "profile/formats/braces.h"

/* The one of an end (@prefix: "local", "remote") that comes after @before; NULL: there is none. They are sorted by their
 * numbers, and then by where they are. @before NULL: the first one. */
const Braces *swanctl_next_round (const Braces *connection, const char *prefix, const Braces *before);
/* @end may be NULL. */
gboolean swanctl_is_eap (const Braces *end);
