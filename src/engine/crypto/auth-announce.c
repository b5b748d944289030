/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. RFC 9593 section 3.2: a list of announcements, each with its length, a method, and for signatures a link
 * to a certification authority (0: none in particular) and maybe an AlgorithmIdentifier. */
#include "crypto/auth-announce.h"

#include "base/reader.h"

#define MAX_ANNOUNCEMENTS 64

/* The rows that a method without AlgorithmIdentifier means. */
static guint32
rows_of_method (guint8 method)
{
  const IkeSigScheme *scheme;
  guint32 mask = 0;

  for (guint i = 0; (scheme = ike_sig_scheme_at (i)); i++)
    if (scheme->method == method && method != IKE_AUTH_METHOD_SIGNATURE)
      mask |= 1u << i;
  return mask;
}

/* 0: NULL. */
static guint32
row_of_scheme (const IkeSigScheme *wanted)
{
  const IkeSigScheme *scheme;

  for (guint i = 0; (scheme = ike_sig_scheme_at (i)); i++)
    if (scheme == wanted)
      return 1u << i;
  return 0;
}

static guint32
row_of_algorithm (IkeChunk algorithm)
{
  /* as an AUTH payload has it, before some signature */
  IkeAuthPayload auth = { .method = IKE_AUTH_METHOD_SIGNATURE, .algorithm = algorithm, .data = algorithm };

  return row_of_scheme (ike_sig_scheme_of (&auth, FALSE));
}

gboolean
ike_announced_parse (IkeChunk data, IkeAnnounced *ret)
{
  IkeReader reader = ike_reader (data);
  IkeAnnounced announced = { 0 };
  guint n = 0;

  *ret = announced;
  while (ike_reader_left (&reader) > 0)
    {
      guint8 len = ike_read_u8 (&reader);
      IkeReader one = ike_read_sub (&reader, len > 0 ? len - 1u : 0);
      guint8 method = ike_read_u8 (&one);

      if (!ike_reader_ok (&reader) || !ike_reader_ok (&one) || len < 2 || ++n > MAX_ANNOUNCEMENTS)
        return FALSE;
      announced.shared_key |= len == 2 && method == IKE_AUTH_METHOD_SHARED_KEY;
      announced.null |= len == 2 && method == IKE_AUTH_METHOD_NULL;
      if (len < 3)
        continue;
      ike_read_skip (&one, 1);
      if (len == 3)
        announced.schemes |= rows_of_method (method);
      else if (method == IKE_AUTH_METHOD_SIGNATURE)
        announced.schemes |= row_of_algorithm (ike_read_rest (&one));
    }
  *ret = announced;
  return n > 0;
}

static void
write_plain (IkeWriter *writer, IkeAuthMethod method)
{
  ike_write_u8 (writer, 2);
  ike_write_u8 (writer, method);
}

static void
write_scheme (IkeWriter *writer, const IkeSigScheme *scheme)
{
  ike_write_u8 (writer, 3u + scheme->der_len);
  ike_write_u8 (writer, scheme->method);
  ike_write_u8 (writer, 0);
  ike_write_bytes (writer, scheme->der, scheme->der_len);
}

void
ike_announced_write (IkeWriter *writer, IkeAuth remote_auth, gboolean rsa_sha1, const IkeCrypto *crypto)
{
  const IkeSigScheme *scheme;

  switch (remote_auth)
    {
    case IKE_AUTH_PSK:
      write_plain (writer, IKE_AUTH_METHOD_SHARED_KEY);
      return;
    case IKE_AUTH_NULL:
      write_plain (writer, IKE_AUTH_METHOD_NULL);
      return;
    case IKE_AUTH_SIGNATURE:
      for (guint i = 0; (scheme = ike_sig_scheme_at (i)); i++)
        /* method 1 is not said without SHA-1, which whoever takes it for an offer would use */
        if (!scheme->verify_only && ike_sig_scheme_allowed (scheme, rsa_sha1, crypto->fips) &&
            crypto->verifies (crypto, scheme))
          write_scheme (writer, scheme);
      return;
    case IKE_AUTH_EAP:
    case IKE_AUTH_EAP_ONLY:
      return;
    }
}

gboolean
ike_announced_has_scheme (const IkeAnnounced *announced, const IkeSigScheme *scheme)
{
  return (announced->schemes & row_of_scheme (scheme)) != 0;
}

gboolean
ike_announced_has (const IkeAnnounced *announced, IkeAuth method)
{
  if (!announced->shared_key && !announced->null && !announced->schemes)
    return TRUE;
  switch (method)
    {
    case IKE_AUTH_PSK:
      return announced->shared_key;
    case IKE_AUTH_NULL:
      return announced->null;
    case IKE_AUTH_SIGNATURE:
      return announced->schemes != 0;
    case IKE_AUTH_EAP:
    case IKE_AUTH_EAP_ONLY:
      return TRUE;
    }
  g_assert_not_reached ();
}
