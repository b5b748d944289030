/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-MSCHAPv2, the peer's side: draft-kamath-pppext-eap-mschapv2 around RFC 2759.
 *
 *    server                                 us
 *    Challenge                 ->
 *                              <-  Response               after the password was asked for
 *    Success "S=..."           ->                         S is verified: only then is the server known
 *                              <-  Success
 *    (EAP-Success)
 * or Failure "E=691 R=1 C=..." ->                         R=1: once more with another password and challenge C
 *                              <-  Response
 * or Failure "E=... R=0"       ->
 *                              <-  Failure                then EAP-Failure
 *
 * What comes in any other order ends the conversation. The password is erased as soon as the Response is made; what
 * remains is what the server must answer, and the MSK.
 */
#include "eap/mschapv2.h"

#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "eap/eap-method.h"

#include <string.h>

enum { OP_CHALLENGE = 1, OP_RESPONSE = 2, OP_SUCCESS = 3, OP_FAILURE = 4 };
#define RESPONSE_VALUE_LEN 49 /* RFC 2759 section 4 */
#define MAX_ATTEMPTS 8 /* passwords that we try in one conversation, however patient the server */

typedef enum { WAIT_CHALLENGE, WAIT_PASSWORD, WAIT_VERDICT, VERIFIED, REFUSED } State;

typedef struct {
  const IkeCrypto *crypto;
  char *identity;
  State state;
  guint8 id; /* MS-CHAPv2-ID of the Response to come */
  guint8 challenge[IKE_MSCHAPV2_CHALLENGE_LEN];
  guint attempt;
  IkeSecret *msk;
  guint8 authenticator[IKE_MSCHAPV2_AUTHENTICATOR_LEN];
  IkeReason refusal;
} Mschapv2;

static gpointer
mschapv2_start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  Mschapv2 *self = g_new0 (Mschapv2, 1);

  self->crypto = crypto;
  self->identity = g_strdup (settings->user);
  return self;
}

static void
mschapv2_free (gpointer data)
{
  Mschapv2 *self = data;

  ike_secret_free (self->msk);
  ike_reason_clear (&self->refusal);
  g_free (self->identity);
  g_free (self);
}

static void
fail (IkeEapMethodStep *ret, IkeReasonCode code, const char *detail)
{
  ret->action = IKE_EAP_METHOD_FAILED;
  ike_reason_set (&ret->reason, code, 0, "EAP-MSCHAPv2: %s", detail);
}

static void
reply (IkeEapMethodStep *ret, GBytes *take_data)
{
  ret->action = IKE_EAP_METHOD_REPLY;
  ret->data = take_data;
}

static void
want_password (Mschapv2 *self, const char *message, IkeEapMethodStep *ret)
{
  self->state = WAIT_PASSWORD;
  ret->action = IKE_EAP_METHOD_SECRET;
  ret->kind = IKE_SECRET_PASSWORD;
  ret->attempt = self->attempt;
  ret->message = g_strdup (message);
}

/* Value-Size 16, the challenge, the server's name. */
static void
on_challenge (Mschapv2 *self, guint8 id, IkeReader *reader, IkeEapMethodStep *ret)
{
  guint8 challenge[IKE_MSCHAPV2_CHALLENGE_LEN];
  guint8 size = ike_read_u8 (reader);

  ike_read_bytes (reader, challenge, sizeof challenge);
  if (!ike_reader_ok (reader) || size != sizeof challenge)
    {
      fail (ret, IKE_REASON_BAD_MESSAGE, "malformed challenge");
      return;
    }
  memcpy (self->challenge, challenge, sizeof challenge);
  self->id = id;
  want_password (self, NULL, ret);
}

static GBytes *
build_response (Mschapv2 *self, const guint8 *peer_challenge, const IkeMschapv2Result *result)
{
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_EAP_MAX_PACKET);

  ike_write_u8 (&writer, OP_RESPONSE);
  ike_write_u8 (&writer, self->id);
  IkeBlock block = ike_write_begin (&writer, 2, 4); /* MS-Length counts from the OpCode */
  ike_write_u8 (&writer, RESPONSE_VALUE_LEN);
  ike_write_bytes (&writer, peer_challenge, IKE_MSCHAPV2_CHALLENGE_LEN);
  ike_write_zero (&writer, 8);
  ike_write_bytes (&writer, result->nt_response, sizeof result->nt_response);
  ike_write_u8 (&writer, 0); /* flags */
  ike_write_bytes (&writer, self->identity, strlen (self->identity));
  ike_write_end (&writer, block);
  return ike_writer_finish (&writer);
}

static void
mschapv2_give_secret (gpointer data, IkeSecret *take_secret, IkeEapMethodStep *ret)
{
  Mschapv2 *self = data;
  g_autoptr (IkeSecret) password = take_secret;
  guint8 peer_challenge[IKE_MSCHAPV2_CHALLENGE_LEN], hash[IKE_MSCHAPV2_HASH_LEN];
  IkeMschapv2Result result;
  gboolean ok;

  g_assert (self->state == WAIT_PASSWORD);
  if (!password && self->refusal.code != IKE_REASON_NONE)
    {
      ret->action = IKE_EAP_METHOD_FAILED;
      ike_reason_copy (&ret->reason, &self->refusal);
      return;
    }
  if (!password || !ike_mschapv2_password_hash (ike_secret_chunk (password), hash))
    {
      fail (ret, IKE_REASON_SECRET_MISSING, password ? "the password is not UTF-8 or too long" : "password");
      return;
    }
  ok = self->crypto->random (self->crypto, peer_challenge, sizeof peer_challenge) &&
       ike_mschapv2_compute (self->crypto, self->challenge, peer_challenge, self->identity, hash, &result);
  explicit_bzero (hash, sizeof hash);
  if (!ok)
    {
      fail (ret, IKE_REASON_CRYPTO, "the response cannot be computed");
      return;
    }
  g_clear_pointer (&self->msk, ike_secret_free);
  self->msk = ike_secret_new_from (result.msk, sizeof result.msk);
  memcpy (self->authenticator, result.authenticator, sizeof result.authenticator);
  self->state = WAIT_VERDICT;
  reply (ret, build_response (self, peer_challenge, &result));
  explicit_bzero (&result, sizeof result);
}

/* @len octets from 2 * @len hexadecimal digits. */
static gboolean
parse_hex (IkeReader *reader, guint8 *out, gsize len)
{
  for (gsize i = 0; i < len; i++)
    {
      int high = g_ascii_xdigit_value ((char) ike_read_u8 (reader)),
          low = g_ascii_xdigit_value ((char) ike_read_u8 (reader));

      if (!ike_reader_ok (reader) || high < 0 || low < 0)
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

/* RFC 2759 section 5: "S=" and 40 digits, then perhaps " M=...". "The authenticating peer MUST verify". */
static void
on_success (Mschapv2 *self, IkeReader *reader, IkeEapMethodStep *ret)
{
  static const guint8 ok[] = { OP_SUCCESS };
  guint8 authenticator[IKE_MSCHAPV2_AUTHENTICATOR_LEN];

  if (ike_read_u8 (reader) != 'S' || ike_read_u8 (reader) != '=' ||
      !parse_hex (reader, authenticator, sizeof authenticator) ||
      !ike_memequal (authenticator, self->authenticator, sizeof authenticator))
    {
      fail (ret, IKE_REASON_EAP_SERVER_WRONG, "the server did not prove that it knows the password");
      return;
    }
  self->state = VERIFIED;
  ike_reason_clear (&self->refusal);
  reply (ret, g_bytes_new_static (ok, sizeof ok));
}

/* RFC 2759 section 6 */
typedef struct {
  guint error;
  gboolean retry, has_challenge;
  guint8 challenge[IKE_MSCHAPV2_CHALLENGE_LEN];
  IkeChunk message;
} Failure;

/* "E=691 R=1 C=... V=3 M=...", in any order but M last; what is unknown or malformed is passed over. */
static void
parse_failure (IkeReader *reader, Failure *ret)
{
  *ret = (Failure){ 0 };
  while (ike_reader_left (reader) > 1)
    {
      guint8 name = ike_read_u8 (reader);

      if (ike_reader_peek (reader) != '=')
        continue;
      ike_read_skip (reader, 1);
      if (name == 'M')
        {
          ret->message = ike_read_rest (reader);
          return;
        }
      if (name == 'E')
        while (g_ascii_isdigit ((char) ike_reader_peek (reader)) && ret->error < 100000)
          ret->error = ret->error * 10 + (guint) (ike_read_u8 (reader) - '0');
      else if (name == 'R')
        ret->retry = ike_read_u8 (reader) == '1';
      else if (name == 'C')
        {
          IkeReader attempt = *reader;

          ret->has_challenge = parse_hex (&attempt, ret->challenge, sizeof ret->challenge);
          if (ret->has_challenge)
            *reader = attempt;
        }
    }
}

static char *
failure_text (const Failure *failure)
{
  static const struct {
    guint error;
    const char *text;
  } known[] = {
    { 646, "log-on is not allowed at this time" }, { 647, "the account is disabled" },
    { 648, "the password has expired" },           { 649, "the account may not dial in" },
    { 691, "the user name or password is wrong" }, { 709, "the password could not be changed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].error == failure->error)
      return g_strdup (known[i].text);
  return failure->message.len > 0 ? ike_text_clean (failure->message.data, failure->message.len, FALSE)
                                  : g_strdup ("no explanation");
}

static void
on_failure (Mschapv2 *self, guint8 id, IkeReader *reader, IkeEapMethodStep *ret)
{
  static const guint8 seen[] = { OP_FAILURE };
  g_autofree char *text = NULL;
  Failure failure;

  parse_failure (reader, &failure);
  text = failure_text (&failure);
  g_clear_pointer (&self->msk, ike_secret_free);
  ike_reason_clear (&self->refusal);
  ike_reason_set (&self->refusal, IKE_REASON_EAP_REFUSED, 0, "EAP-MSCHAPv2 as %s: %s (error %u)", self->identity, text,
                  failure.error);
  if (failure.retry && failure.has_challenge && self->attempt + 1 < MAX_ATTEMPTS)
    {
      memcpy (self->challenge, failure.challenge, sizeof self->challenge);
      self->id = (guint8) (id + 1);
      self->attempt++;
      want_password (self, text, ret);
      return;
    }
  self->state = REFUSED;
  reply (ret, g_bytes_new_static (seen, sizeof seen));
}

/* OpCode, MS-CHAPv2-ID, MS-Length. It should be the length of the type-data; servers send wrong ones, so that nobody
 * looks at it. What there is, EAP says (cve-2025-62291). */
static void
mschapv2_handle (gpointer data, guint8 request_id, IkeChunk packet, IkeEapMethodStep *ret)
{
  Mschapv2 *self = data;
  IkeReader reader = ike_reader (packet);
  guint8 op = ike_read_u8 (&reader), id = ike_read_u8 (&reader);

  ike_read_skip (&reader, 2);
  if (!ike_reader_ok (&reader))
    fail (ret, IKE_REASON_BAD_MESSAGE, "malformed packet");
  else if (op == OP_CHALLENGE && self->state == WAIT_CHALLENGE)
    on_challenge (self, id, &reader, ret);
  else if (op == OP_SUCCESS && self->state == WAIT_VERDICT)
    on_success (self, &reader, ret);
  else if (op == OP_FAILURE && self->state == WAIT_VERDICT)
    on_failure (self, id, &reader, ret);
  else
    fail (ret, IKE_REASON_BAD_MESSAGE, "packet out of order");
}

static gboolean
mschapv2_finish (gpointer data, IkeSecret **ret_msk)
{
  Mschapv2 *self = data;

  if (self->state != VERIFIED)
    return FALSE;
  if (ret_msk)
    *ret_msk = g_steal_pointer (&self->msk);
  return TRUE;
}

static gboolean
mschapv2_get_refusal (gpointer data, IkeReason *ret)
{
  Mschapv2 *self = data;

  if (self->refusal.code == IKE_REASON_NONE)
    return FALSE;
  ike_reason_copy (ret, &self->refusal);
  return TRUE;
}

const IkeEapMethod ike_eap_mschapv2 = {
  .type = IKE_EAP_MSCHAPV2,
  .name = "EAP-MSCHAPv2",
  .safe_alone = FALSE, /* a dictionary attack by the server is possible */
  .start = mschapv2_start,
  .handle = mschapv2_handle,
  .give_secret = mschapv2_give_secret,
  .finish = mschapv2_finish,
  .get_refusal = mschapv2_get_refusal,
  .free = mschapv2_free,
};
