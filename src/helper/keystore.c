/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns where the key store is. */
#include "keystore.h"

#include "config.h"

const char *
keystore_directory (void)
{
  const char *other = g_getenv (KEYSTORE_VARIABLE);

  return other && *other == '/' ? other : NM_IPSEC_KEY_STORE;
}
