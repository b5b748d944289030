/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 2759 section 8 and RFC 3079 section 3 (see the header). Everything intermediate is erased. */
#include "eap/mschapv2.h"

#include "eap/md4.h"

#include <string.h>

#define SHA1_LEN 20
#define MAX_PASSWORD_UNITS 256 /* RFC 2759 section 4 */
#define LITERAL(text) ike_chunk (text, sizeof (text) - 1)

gboolean
ike_mschapv2_password_hash (IkeChunk password, guint8 ret[IKE_MSCHAPV2_HASH_LEN])
{
  guint8 utf16[2 * MAX_PASSWORD_UNITS];
  const char *at = (const char *) password.data, *end = at + password.len;
  gsize n = 0;
  gboolean ok = TRUE;

  while (ok && at < end)
    {
      gunichar c = g_utf8_get_char_validated (at, end - at);
      guint need = c >= 0x10000 ? 4 : 2;

      if (c == (gunichar) -1 || c == (gunichar) -2 || n + need > sizeof utf16)
        {
          ok = FALSE;
          break;
        }
      if (need == 4)
        {
          guint32 high = 0xd800 + ((c - 0x10000) >> 10);

          utf16[n++] = (guint8) high;
          utf16[n++] = (guint8) (high >> 8);
          c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
      utf16[n++] = (guint8) c;
      utf16[n++] = (guint8) (c >> 8);
      at = g_utf8_next_char (at);
    }
  if (ok)
    ike_md4 (utf16, n, ret);
  explicit_bzero (utf16, sizeof utf16);
  return ok;
}

const char *
ike_mschapv2_bare_name (const char *name)
{
  const char *backslash = strchr (name, '\\');

  return backslash ? backslash + 1 : name;
}

/* ChallengeResponse(), section 8.5: the hash and five zeros are three DES keys of 56 bits for the same block. */
static gboolean
nt_response (const IkeCrypto *crypto, const guint8 challenge[8], const guint8 hash[IKE_MSCHAPV2_HASH_LEN],
             guint8 ret[IKE_MSCHAPV2_NT_RESPONSE_LEN])
{
  guint8 keys[21] = { 0 }, key[8];
  gboolean ok = TRUE;

  memcpy (keys, hash, IKE_MSCHAPV2_HASH_LEN);
  for (guint i = 0; ok && i < 3; i++)
    {
      const guint8 *raw = keys + 7 * i;
      guint64 bits = 0;

      for (guint j = 0; j < 7; j++)
        bits = bits << 8 | raw[j];
      /* Seven bits an octet, the parity bit below them (which nobody checks) zero. */
      for (guint j = 0; j < 8; j++)
        key[j] = (guint8) ((bits >> (49 - 7 * j)) << 1);
      ok = crypto->des_block (crypto, key, challenge, ret + 8 * i);
      explicit_bzero (&bits, sizeof bits);
    }
  explicit_bzero (keys, sizeof keys);
  explicit_bzero (key, sizeof key);
  return ok;
}

/* GenerateAuthenticatorResponse(), section 8.7 */
static gboolean
authenticator_response (const IkeCrypto *crypto, const guint8 hash_hash[IKE_MSCHAPV2_HASH_LEN], const guint8 *response,
                        const guint8 challenge[8], guint8 ret[SHA1_LEN])
{
  guint8 digest[SHA1_LEN];
  IkeChunk first[] = { ike_chunk (hash_hash, IKE_MSCHAPV2_HASH_LEN), ike_chunk (response, IKE_MSCHAPV2_NT_RESPONSE_LEN),
                       LITERAL ("Magic server to client signing constant") };
  IkeChunk second[] = { ike_chunk (digest, sizeof digest), ike_chunk (challenge, 8),
                        LITERAL ("Pad to make it do more than one iteration") };

  return crypto->hash (crypto, IKE_HASH_SHA1, first, G_N_ELEMENTS (first), digest) &&
         crypto->hash (crypto, IKE_HASH_SHA1, second, G_N_ELEMENTS (second), ret);
}

/* RFC 3079 section 3: the master key, then the two start keys of 128 bits. The MSK is the key of what the client sends,
 * the key of what it receives, and zeros up to the 64 octets that an MSK must have: the same at both ends. */
static gboolean
derive_msk (const IkeCrypto *crypto, const guint8 hash_hash[IKE_MSCHAPV2_HASH_LEN], const guint8 *response,
            guint8 ret[IKE_MSCHAPV2_MSK_LEN])
{
  static const guint8 pad1[40] = { 0 };
  static const guint8 pad2[] = "\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2"
                               "\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2\xf2";
  guint8 master[SHA1_LEN], send[SHA1_LEN], receive[SHA1_LEN];
  IkeChunk first[] = { ike_chunk (hash_hash, IKE_MSCHAPV2_HASH_LEN), ike_chunk (response, IKE_MSCHAPV2_NT_RESPONSE_LEN),
                       LITERAL ("This is the MPPE Master Key") };
  IkeChunk second[] = {
    ike_chunk (master, 16), ike_chunk (pad1, sizeof pad1),
    LITERAL ("On the client side, this is the send key; on the server side, it is the receive key."), LITERAL (pad2)
  };
  gboolean ok = crypto->hash (crypto, IKE_HASH_SHA1, first, G_N_ELEMENTS (first), master) &&
                crypto->hash (crypto, IKE_HASH_SHA1, second, G_N_ELEMENTS (second), send);

  second[2] = LITERAL ("On the client side, this is the receive key; on the server side, it is the send key.");
  ok = ok && crypto->hash (crypto, IKE_HASH_SHA1, second, G_N_ELEMENTS (second), receive);
  if (ok)
    {
      memset (ret, 0, IKE_MSCHAPV2_MSK_LEN);
      memcpy (ret, send, 16);
      memcpy (ret + 16, receive, 16);
    }
  explicit_bzero (master, sizeof master);
  explicit_bzero (send, sizeof send);
  explicit_bzero (receive, sizeof receive);
  return ok;
}

gboolean
ike_mschapv2_compute (const IkeCrypto *crypto, const guint8 authenticator_challenge[IKE_MSCHAPV2_CHALLENGE_LEN],
                      const guint8 peer_challenge[IKE_MSCHAPV2_CHALLENGE_LEN], const char *name,
                      const guint8 password_hash[IKE_MSCHAPV2_HASH_LEN], IkeMschapv2Result *ret)
{
  const char *bare = ike_mschapv2_bare_name (name);
  guint8 digest[SHA1_LEN], hash_hash[IKE_MSCHAPV2_HASH_LEN];
  /* ChallengeHash(), section 8.2: the first eight octets */
  IkeChunk challenge[] = { ike_chunk (peer_challenge, IKE_MSCHAPV2_CHALLENGE_LEN),
                           ike_chunk (authenticator_challenge, IKE_MSCHAPV2_CHALLENGE_LEN),
                           ike_chunk (bare, strlen (bare)) };
  gboolean ok;

  ike_md4 (password_hash, IKE_MSCHAPV2_HASH_LEN, hash_hash);
  ok = crypto->hash (crypto, IKE_HASH_SHA1, challenge, G_N_ELEMENTS (challenge), digest) &&
       nt_response (crypto, digest, password_hash, ret->nt_response) &&
       authenticator_response (crypto, hash_hash, ret->nt_response, digest, ret->authenticator) &&
       derive_msk (crypto, hash_hash, ret->nt_response, ret->msk);
  explicit_bzero (hash_hash, sizeof hash_hash);
  return ok;
}
