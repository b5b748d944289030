/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-MD5-Challenge, the peer's side: RFC 3748 section 5.4, RFC 1994 section 4. Whoever sees one round can try passwords
 * at home, the server proves nothing, and no key comes of it: it is used only where the profile asks for it, or inside
 * of a TLS tunnel.
 */
#include "base/reader.h"
#include "base/writer.h"
#include "eap/eap-method.h"

#include <string.h>

#define MD5_LEN 16

typedef enum { WAIT_CHALLENGE, WAIT_PASSWORD, ANSWERED } State;

typedef struct {
  const IkeCrypto *crypto;
  char *user;
  State state;
  guint8 id; /* of the Request: it is hashed */
  GBytes *challenge;
} Md5;

static gpointer
md5_start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  Md5 *self = g_new0 (Md5, 1);

  self->crypto = crypto;
  self->user = g_strdup (settings->user);
  return self;
}

static void
md5_free (gpointer data)
{
  Md5 *self = data;

  g_clear_pointer (&self->challenge, g_bytes_unref);
  g_free (self->user);
  g_free (self);
}

static void
fail (IkeEapMethodStep *ret, IkeReasonCode code, const char *detail)
{
  ret->action = IKE_EAP_METHOD_FAILED;
  ike_reason_set (&ret->reason, code, 0, "EAP-MD5: %s", detail);
}

/* Value-Size, Value, and a name that we have no use for. */
static void
md5_handle (gpointer data, guint8 id, IkeChunk packet, IkeEapMethodStep *ret)
{
  Md5 *self = data;
  IkeReader reader = ike_reader (packet);
  IkeChunk value = ike_read_chunk (&reader, ike_read_u8 (&reader));

  if (self->state != WAIT_CHALLENGE || !ike_reader_ok (&reader) || value.len == 0)
    {
      fail (ret, IKE_REASON_BAD_MESSAGE, self->state != WAIT_CHALLENGE ? "packet out of order" : "malformed challenge");
      return;
    }
  self->id = id;
  self->challenge = g_bytes_new (value.data, value.len);
  self->state = WAIT_PASSWORD;
  ret->action = IKE_EAP_METHOD_SECRET;
  ret->kind = IKE_SECRET_PASSWORD;
}

static void
md5_give_secret (gpointer data, IkeSecret *take_secret, IkeEapMethodStep *ret)
{
  Md5 *self = data;
  g_autoptr (IkeSecret) password = take_secret;
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_EAP_MAX_PACKET);
  guint8 digest[MD5_LEN];
  /* RFC 1994 section 4.1: Identifier, secret, challenge */
  const IkeChunk parts[] = { ike_chunk (&self->id, 1), ike_secret_chunk (password), ike_chunk_bytes (self->challenge) };

  if (!password)
    {
      fail (ret, IKE_REASON_SECRET_MISSING, "password");
      return;
    }
  if (!self->crypto->hash (self->crypto, IKE_HASH_MD5, parts, G_N_ELEMENTS (parts), digest))
    {
      fail (ret, IKE_REASON_CRYPTO, "MD5 is not allowed on this machine");
      return;
    }
  ike_write_u8 (&writer, MD5_LEN);
  ike_write_bytes (&writer, digest, sizeof digest);
  ike_write_bytes (&writer, self->user, strlen (self->user));
  self->state = ANSWERED;
  ret->action = IKE_EAP_METHOD_REPLY;
  ret->data = ike_writer_finish (&writer);
  if (!ret->data)
    fail (ret, IKE_REASON_LIMIT, "the user name is too long");
}

static gboolean
md5_finish (gpointer data, IkeSecret **ret_msk)
{
  const Md5 *self = data;

  return self->state == ANSWERED;
}

static gboolean
md5_get_refusal (gpointer data, IkeReason *ret)
{
  return FALSE;
}

const IkeEapMethod ike_eap_md5 = {
  .type = IKE_EAP_MD5,
  .name = "EAP-MD5",
  .safe_alone = FALSE,
  .start = md5_start,
  .handle = md5_handle,
  .give_secret = md5_give_secret,
  .finish = md5_finish,
  .get_refusal = md5_get_refusal,
  .free = md5_free,
};
