/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a handshake costs: initiator and responder in one process, PSK, X25519, AES-GCM, jobs done at once by NSS, the
 * kernel's answers made up. Beside it, in the same run, the two X25519 exchanges alone, as NSS offers them (it generates
 * the keys) and as our provider does them (it draws the private value and imports it, which spares a multiplication);
 * and the heap that a tunnel's end keeps once it stands.
 */
#include "bench-world.h"

#include "nss-crypto.h"

#include <keyhi.h>
#include <pk11pub.h>
#include <stdlib.h>

#define HANDSHAKES 4000
#define AIM_RATIO 1.3
#define AIM_BYTES 4096

/* Seconds for @n times what a pair of ends needs: generate, respond, finish. */
static double
key_exchanges (const IkeCrypto *crypto, guint n)
{
  double before = bench_seconds ();

  for (guint i = 0; i < n; i++)
    {
      IkeKeKey *key;
      g_autoptr (GBytes) mine = NULL;
      g_autoptr (GBytes) theirs = NULL;
      g_autoptr (IkeSecret) ours = NULL;
      g_autoptr (IkeSecret) other = NULL;

      g_assert_true (crypto->ke_generate (crypto, IKE_KE_CURVE25519, &key, &mine));
      g_assert_true (crypto->ke_respond (crypto, IKE_KE_CURVE25519, mine, &theirs, &other));
      ours = crypto->ke_finish (crypto, key, theirs);
      g_assert_true (ike_secret_equal (ours, other));
      crypto->ke_free (crypto, key);
    }
  return bench_seconds () - before;
}

/* The same with NSS's own key generation. */
static double
plain_exchanges (guint n)
{
  guint8 curve[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01 };
  SECItem params = { siBuffer, curve, sizeof curve };
  PK11SlotInfo *slot = PK11_GetInternalSlot ();
  double before = bench_seconds ();

  for (guint i = 0; i < n; i++)
    {
      SECKEYPrivateKey *private_key[2];
      SECKEYPublicKey *public_key[2];

      for (guint side = 0; side < 2; side++)
        {
          private_key[side] =
              PK11_GenerateKeyPair (slot, CKM_EC_KEY_PAIR_GEN, &params, &public_key[side], PR_FALSE, PR_TRUE, NULL);
          g_assert_nonnull (private_key[side]);
        }
      for (guint side = 0; side < 2; side++)
        {
          PK11SymKey *secret =
              PK11_PubDeriveWithKDF (private_key[side], public_key[!side], PR_FALSE, NULL, NULL, CKM_ECDH1_DERIVE,
                                     CKM_GENERIC_SECRET_KEY_GEN, CKA_DERIVE, 32, CKD_NULL, NULL, NULL);

          g_assert_nonnull (secret);
          PK11_FreeSymKey (secret);
        }
      for (guint side = 0; side < 2; side++)
        {
          SECKEY_DestroyPrivateKey (private_key[side]);
          SECKEY_DestroyPublicKey (public_key[side]);
        }
    }
  PK11_FreeSlot (slot);
  return bench_seconds () - before;
}

int
main (void)
{
  const IkeCrypto *crypto;
  double handshakes = 0, exchanges = 0, plain = 0, before;
  gsize heap;
  guint32 id = 0;

  bench_begin ();
  crypto = bench_ends[0].crypto;
  for (guint i = 1; i <= HANDSHAKES; i++)
    ike_engine_add (bench_ends[0].engine, bench_config (i, IKE_ROLE_INITIATOR));
  key_exchanges (crypto, 100);
  heap = bench_heap ();

  /* in turns, so that both meet the same machine */
  for (guint round = 0; round < 10; round++)
    {
      before = bench_seconds ();
      for (guint i = 0; i < HANDSHAKES / 10; i++)
        {
          bench_start (++id);
          bench_run (id);
        }
      handshakes += bench_seconds () - before;
      exchanges += key_exchanges (crypto, HANDSHAKES / 10);
      plain += plain_exchanges (HANDSHAKES / 10);
    }
  g_assert_cmpuint (bench_ends[0].ups, ==, HANDSHAKES);
  g_assert_cmpuint (bench_ends[1].ups, ==, HANDSHAKES);
  heap = bench_heap () - heap;

  g_print ("handshake pair (PSK, X25519, AES-GCM-256): %.3f ms CPU, %.0f per second\n", handshakes / HANDSHAKES * 1e3,
           HANDSHAKES / handshakes);
  g_print ("two X25519 exchanges as NSS offers them:   %.3f ms CPU\n", plain / HANDSHAKES * 1e3);
  g_print ("two X25519 exchanges as we do them:        %.3f ms CPU\n", exchanges / HANDSHAKES * 1e3);
  g_print ("handshake to NSS's exchanges:              %.2f (aim: at most %.1f); to ours: %.2f\n", handshakes / plain,
           AIM_RATIO, handshakes / exchanges);
  g_print ("heap per established end:                  %zu octets (aim: at most %d)\n", heap / (2 * HANDSHAKES),
           AIM_BYTES);
  bench_end ();
  return heap / (2 * HANDSHAKES) <= AIM_BYTES ? EXIT_SUCCESS : EXIT_FAILURE;
}
