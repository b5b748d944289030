/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of signatures share: keys by name, schemes by what they are. */
#pragma once

#include "nss-sign.h"
#include "cert-test.h"

#include <glib/gstdio.h>

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

/* openssl, with a file of @signature between these arguments, must say that it is good. */
static inline void
openssl_takes (GBytes *signature, const char *before, const char *after)
{
  g_autofree char *path = NULL, *command = NULL, *output = NULL;
  g_autoptr (GError) error = NULL;
  gint status = -1, fd = g_file_open_tmp (NULL, &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, g_bytes_get_data (signature, NULL), (gssize) g_bytes_get_size (signature), &error);
  g_assert_no_error (error);
  command = g_strdup_printf ("openssl %s %s %s", before, path, after);
  g_spawn_command_line_sync (command, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_unlink (path);
}

static inline gboolean
verify_octets (GBytes *public_key, const IkeSigScheme *scheme, GBytes *octets, const guint8 *data, gsize len)
{
  g_autoptr (GBytes) signature = g_bytes_new (data, len);

  return nss_verify (public_key, scheme, octets, signature);
}
