/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixtures of the certificate tests: files that make-fixtures.sh has made, in the directory $CERT_FIXTURES. */
#pragma once

#include "nss-cert.h"
#include "nss-credential.h"

/* NULL when there is no such file (openssl could not make it). */
static inline GBytes *
fixture_try (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("CERT_FIXTURES"), name, NULL);
  char *data;
  gsize len;

  return g_file_get_contents (path, &data, &len, NULL) ? g_bytes_new_take (data, len) : NULL;
}

static inline GBytes *
fixture (const char *name)
{
  GBytes *bytes = fixture_try (name);

  if (bytes == NULL)
    g_error ("there is no fixture %s", name);
  return bytes;
}

/* The DER certificate @name. */
static inline NssCert *
fixture_cert (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".der", NULL);
  g_autoptr (GBytes) der = fixture (file);
  g_autoptr (GError) error = NULL;
  NssCert *cert = nss_cert_new (der, &error);

  g_assert_no_error (error);
  return cert;
}

/* Certificates by name, separated by spaces: GBytes. */
static inline GPtrArray *
fixture_list (const char *names)
{
  g_auto (GStrv) parts = g_strsplit (names, " ", -1);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; parts[i] != NULL && *names != '\0'; i++)
    {
      g_autofree char *file = g_strconcat (parts[i], ".der", NULL);

      g_ptr_array_add (list, fixture (file));
    }
  return list;
}

static inline IkeSecret *
secret_of (const char *text)
{
  return text != NULL ? ike_secret_new_from (text, strlen (text)) : NULL;
}

static inline GBytes *
bytes_patch (GBytes *bytes, gsize at, guint8 value)
{
  gsize len;
  guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, &len), g_bytes_get_size (bytes));

  g_assert_cmpuint (at, <, len);
  copy[at] = value;
  return g_bytes_new_take (copy, len);
}
