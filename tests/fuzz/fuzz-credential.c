/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of certificates and keys, whatever they are; the password is fixed, the rounds of hashing are few. */
#include "base/text.h"
#include "fuzz.h"
#include "nss-bag.h"
#include "nss-crypto.h"

#include <string.h>

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_assert_true (nss_start (NULL));
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char text[] = "pässword";
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (IkeSecret) password = ike_secret_new_from (text, strlen (text));
  g_autoptr (NssBag) bag = nss_bag_new (TRUE, password);
  g_autoptr (GError) error = NULL;
  NssFile file = { "file", bytes };
  gboolean ok;

  bag->budget = 100;
  nss_file_is_encrypted (&file);
  ok = nss_bag_read (bag, &file, &error);
  g_assert_true (ok == (error == NULL));
  g_assert_true (ok || ike_text_is_clean (error->message, strlen (error->message), FALSE));
  for (guint i = 0; i < bag->keys->len; i++)
    {
      const IkeSecret *pkcs8 = bag->keys->pdata[i];

      nss_key_free (nss_key_new_from_pkcs8 (ike_secret_data (pkcs8), ike_secret_len (pkcs8)));
    }
  return 0;
}
