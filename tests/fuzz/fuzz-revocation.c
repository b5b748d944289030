/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of revoked certificates and answers of OCSP. The input is three pieces, each after its length in two octets: a
 * certificate, its issuer, and the list or answer, which is read as both. The time is fixed, so that a seed stays what it is.
 */
#include "base/text.h"
#include "fuzz.h"
#include "nss-crypto.h"
#include "nss-revocation.h"

#include <string.h>

#define FUZZ_NOW 1900000000 /* 2030 */

typedef NssRevocation Check (GBytes *octets, const NssCert *cert, const NssCert *issuer, gint64 now, char **ret_text);

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_assert_true (nss_start (NULL));
  return 0;
}

static void
check_urls (char **take_urls)
{
  g_auto (GStrv) urls = take_urls;

  g_assert_cmpuint (g_strv_length (urls), <=, NSS_REVOCATION_MAX_URLS);
  for (guint i = 0; urls[i]; i++)
    g_assert_true (g_ascii_strncasecmp (urls[i], "http://", 7) == 0 &&
                   ike_text_is_clean (urls[i], strlen (urls[i]), FALSE));
}

static void
check_octets (Check *check, GBytes *octets, const NssCert *cert, const NssCert *issuer)
{
  g_autofree char *text = NULL;
  NssRevocation verdict = check (octets, cert, issuer, FUZZ_NOW, &text);

  g_assert_true ((verdict == NSS_REVOCATION_GOOD) == (text == NULL));
  g_assert_true (!text || ike_text_is_clean (text, strlen (text), FALSE));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) crls = NULL;
  g_autoptr (NssCert) cert = NULL, issuer = NULL;
  g_autoptr (GBytes) request = NULL;
  g_autofree char *text = NULL;
  guint left_out;

  while (size >= 2 && pieces->len < 3)
    {
      gsize len = MIN ((gsize) (data[0] << 8 | data[1]), size - 2);

      g_ptr_array_add (pieces, g_bytes_new (data + 2, len));
      data += 2 + len;
      size -= 2 + len;
    }
  if (pieces->len < 3)
    return 0;
  crls = nss_crls_in_file (pieces->pdata[2], &left_out);
  cert = nss_cert_new (pieces->pdata[0], NULL);
  issuer = nss_cert_new (pieces->pdata[1], NULL);
  if (!cert || !issuer)
    return 0;
  check_urls (nss_crl_urls (cert));
  check_urls (nss_ocsp_urls (cert));
  request = nss_ocsp_request (cert, issuer);
  check_octets (nss_crl_check, pieces->pdata[2], cert, issuer);
  (void) nss_crls_check (crls, cert, issuer, FUZZ_NOW, &text);
  g_assert_true (!text || ike_text_is_clean (text, strlen (text), FALSE));
  check_octets (nss_ocsp_check, pieces->pdata[2], cert, issuer);
  return 0;
}
