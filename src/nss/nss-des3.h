/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 3DES for passwords that other programs have obfuscated with it (profile/formats/pcf.c): a module of its own beside the
 * plugin, which opens it for such a file alone, so that NSS comes to no other desktop program.
 */
#pragma once

#include <glib.h>

/* An IpsecDes3. Other users of NSS in the process are left alone. */
gboolean nss_des3_decrypt (const guint8 *key, const guint8 *iv, const guint8 *data, gsize len, guint8 *ret_text);
