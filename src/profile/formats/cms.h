/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CMS signature (RFC 5652) encloses. The signature itself is nobody's business here: it is not checked. */
#pragma once

#include <glib.h>

gboolean cms_is_signed_data (const guint8 *data, gsize len);
/* NULL: malformed, or the content is not in it. */
GBytes *cms_content (const guint8 *data, gsize len);
