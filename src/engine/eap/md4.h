/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MD4 (RFC 1320): broken as a hash, and still what EAP-MSCHAPv2 makes of a password (RFC 2759). For nothing else. */
#pragma once

#include <glib.h>

#define IKE_MD4_LEN 16

/* Leaves nothing of @data behind in its own memory. */
void ike_md4 (const guint8 *data, gsize len, guint8 out[IKE_MD4_LEN]);
