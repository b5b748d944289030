/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See keystore-directory.h. */
#include "keystore-directory.h"

#include "config.h"

#include <glib.h>

const char *
keystore_directory (void)
{
  const char *other = g_getenv (KEYSTORE_VARIABLE);

  return other && *other == '/' ? other : NM_IPSEC_KEY_STORE;
}
