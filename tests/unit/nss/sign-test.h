/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of signatures share: keys by name, schemes by what they are. */
#pragma once

#include "nss-sign.h"
#include "cert-test.h"

static inline NssKey *
key_load (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".p8", NULL);
  g_autoptr (GBytes) pkcs8 = fixture (file);

  return nss_key_new_from_pkcs8 (g_bytes_get_data (pkcs8, NULL), g_bytes_get_size (pkcs8));
}

static inline GBytes *
spki_load (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".spki", NULL);

  return fixture (file);
}

static inline const IkeSigScheme *
scheme_find (IkeAuthMethod method, IkeKeyType type, IkeHashId hash, gboolean pss)
{
  const IkeSigScheme *scheme;

  for (guint i = 0; (scheme = ike_sig_scheme_at (i)) != NULL; i++)
    if (scheme->method == method && scheme->keys & 1u << type && scheme->hash == hash && scheme->pss == pss)
      return scheme;
  g_error ("no such scheme");
}

static inline gboolean
verify_octets (GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets, const guint8 *data, gsize len)
{
  g_autoptr (GBytes) signature = g_bytes_new (data, len);

  return nss_verify (public_key, scheme, octets, signature);
}
