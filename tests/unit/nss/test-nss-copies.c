/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers with private values do not grow: the block that realloc() leaves behind is freed as it is. Its place is taken
 * here by one that looks into that block. */
#include "crypto-test.h"
#include "nss-crypto-private.h"
#include "nss-der.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static struct {
  const guint8 *octets;
  gsize len;
  guint copies;
} watched;

#ifndef __SANITIZE_ADDRESS__ /* which has its own */
void *
realloc (void *old, size_t size)
{
  gsize had = old ? malloc_usable_size (old) : 0;
  void *fresh = size > 0 ? malloc (size) : NULL;

  if (watched.octets && old && memmem (old, had, watched.octets, watched.len))
    watched.copies++;
  if (size > 0 && !fresh)
    return NULL;
  if (old && fresh)
    memcpy (fresh, old, MIN (had, size));
  free (old);
  return fresh;
}
#endif

static void
watch (gconstpointer octets, gsize len)
{
  watched.octets = octets;
  watched.len = len;
  watched.copies = 0;
}

/* How many copies of it were left since then. */
static guint
copies_left (void)
{
  watched.octets = NULL;
  return watched.copies;
}

/* FALSE: nothing can be seen here. */
static gboolean
watch_works (void)
{
  static const guint8 secret[] = "a secret of sixteen and more";
  GByteArray *array = g_byte_array_new ();

  watch (secret, sizeof secret);
  for (guint i = 0; i < 64; i++)
    g_byte_array_append (array, secret, sizeof secret);
  g_byte_array_unref (array);
  return copies_left () > 0;
}

static void
test_ke (void)
{
  const IkeCrypto *crypto = test_crypto (); /* which starts NSS */
  g_autoptr (GBytes) value = test_hex ("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
  g_autoptr (GBytes) public_value =
      test_hex ("dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59a"
                "b1f45b33accf5f58389e0577b8990bb3");
  g_autoptr (GBytes) got = NULL;
  IkeKeKey *key = NULL;

  watch (g_bytes_get_data (value, NULL), g_bytes_get_size (value));
  g_assert_true (nss_ke_import (IKE_KE_ECP_256, ike_chunk_bytes (value), ike_chunk_bytes (public_value), &key, &got));
  g_assert_cmpuint (copies_left (), ==, 0);
  crypto->ke_free (crypto, key);
}

/* Nested twice, of indefinite length, and with a string in pieces: all that the normaliser has buffers for. */
static void
test_ber (void)
{
  static const guint8 secret[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
  static const gsize lens[] = { 40, 1000, 70000 };

  for (gsize i = 0; i < G_N_ELEMENTS (lens); i++)
    for (guint definite = 0; definite < 2; definite++)
      {
        GByteArray *ber = g_byte_array_new (), *der;
        g_autofree guint8 *content = g_malloc0 (lens[i]);
        guint8 ends[] = { 0x30, 0x80, 0x30, 0x80, 0x24, 0x80 };
        static const guint8 zero[6];

        memcpy (content, secret, sizeof secret);
        if (definite)
          {
            g_autoptr (GByteArray) inner = g_byte_array_new ();

            nss_der_put (inner, NSS_DER_OCTET_STRING, content, lens[i]);
            nss_der_put (ber, NSS_DER_SEQUENCE, inner->data, inner->len);
          }
        else
          {
            g_byte_array_append (ber, ends, sizeof ends);
            nss_der_put (ber, NSS_DER_OCTET_STRING, content, lens[i]);
            nss_der_put (ber, NSS_DER_OCTET_STRING, content, lens[i]);
            g_byte_array_append (ber, zero, sizeof zero);
          }
        watch (secret, sizeof secret);
        der = nss_ber_to_der (ber->data, ber->len);
        g_assert_cmpuint (copies_left (), ==, 0);
        g_assert_nonnull (der);
        g_assert_cmpuint (der->len, >, (definite ? 1 : 2) * lens[i]);
        nss_der_wipe (der);
        g_byte_array_unref (ber);
      }
}

int
main (int argc, char **argv)
{
  int rv;

  g_test_init (&argc, &argv, NULL);
  if (!watch_works ())
    {
      g_print ("1..0 # SKIP memory is somebody else's\n");
      return 0;
    }
  g_test_add_func ("/nss/copies/ke", test_ke);
  g_test_add_func ("/nss/copies/ber", test_ber);
  rv = g_test_run ();
  g_assert_true (nss_stop ()); /* nothing of NSS was left alive */
  return rv;
}
