/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CMS signature (RFC 5652) encloses. The signature itself is nobody's business here: it is not checked. And whether
 * something is a certificate, as far as its outline says. */
#pragma once

#include <glib.h>

gboolean cms_is_signed_data (const guint8 *data, gsize len);
/* NULL: malformed, or the content is not in it. */
GBytes *cms_content (const guint8 *data, gsize len);
/* Signed, like a certificate (RFC 5280 section 4.1) or a list of revoked ones: keys and PKCS#12 never are. */
gboolean cms_is_certificate (const guint8 *data, gsize len);
