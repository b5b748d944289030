/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-TTLS: RFC 5281. Inside are AVPs (section 10): a password and perhaps codes after it (PAP, section 11.2.5),
 * MS-CHAPv2 (11.2.4), or an EAP conversation (11.2.1), which we begin with our identity.
 *
 * Invariant: what the server says inside is parsed wholly before anything of it counts; with MS-CHAPv2 the server must
 * prove that it knows the password.
 */
#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "eap/mschapv2.h"
#include "eap/tunnel.h"

#include <string.h>

enum { AVP_USER_NAME = 1, AVP_USER_PASSWORD = 2, AVP_REPLY_MESSAGE = 18, AVP_EAP_MESSAGE = 79 };
enum { AVP_MS_CHAP_ERROR = 2, AVP_MS_CHAP_CHALLENGE = 11, AVP_MS_CHAP2_RESPONSE = 25, AVP_MS_CHAP2_SUCCESS = 26 };
enum { FLAG_VENDOR = 0x80, FLAG_MANDATORY = 0x40 };
#define VENDOR_MICROSOFT 311
#define MAX_AVPS 64 /* in one message of the server */
#define MAX_MESSAGE 8192 /* of ours */
#define PAP_BLOCK 16 /* RFC 5281 section 11.2.5: passwords are padded to hide their length */
/* RFC 5281 section 11.2.4: the challenge and one octet of identifier come out of the TLS session */
#define CHALLENGE_LEN (IKE_MSCHAPV2_CHALLENGE_LEN + 1)
#define SUCCESS_LEN (1 + 2 + 2 * IKE_MSCHAPV2_AUTHENTICATOR_LEN) /* identifier, "S=", hexadecimal digits */

typedef struct {
  const IkeCrypto *crypto;
  IkeEapSettings settings; /* the user is ours */
  guint8 challenge[CHALLENGE_LEN];
  guint8 authenticator[IKE_MSCHAPV2_AUTHENTICATOR_LEN];
  gboolean answered, verified; /* PAP, MS-CHAPv2 */
  guint codes; /* PAP: that were asked for after the password */
  IkeReason refusal;
  IkeEapPeer *peer; /* EAP inside */
} Ttls;

/* What is of use to us in a message of the server. */
typedef struct {
  GByteArray *eap;
  IkeChunk success, error;
  GString *reply; /* what the user is to read; NULL: there is nothing */
} Avps;

static gpointer
ttls_start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  Ttls *self = g_new0 (Ttls, 1);

  self->crypto = crypto;
  self->settings = *settings;
  self->settings.user = g_strdup (settings->user);
  return self;
}

static void
ttls_free (gpointer data)
{
  Ttls *self = data;

  ike_eap_peer_free (self->peer);
  ike_reason_clear (&self->refusal);
  explicit_bzero (self->challenge, sizeof self->challenge);
  g_free ((char *) self->settings.user);
  g_free (self);
}

static void
fail (IkeEapInnerStep *ret, IkeReasonCode code, const char *detail)
{
  ret->action = IKE_EAP_INNER_FAILED;
  ike_reason_set (&ret->reason, code, 0, "EAP-TTLS: %s", detail);
}

/* ---- AVPs ---- */

/* RFC 5281 section 10.1: code, flags, length of all but the padding, vendor, data, padding to four octets. */
static void
write_avp (IkeWriter *writer, guint32 vendor, guint32 code, IkeChunk data)
{
  guint32 len = (guint32) data.len + (vendor ? 12 : 8);

  ike_write_u32 (writer, code);
  ike_write_u32 (writer, (guint32) (FLAG_MANDATORY | (vendor ? FLAG_VENDOR : 0)) << 24 | len);
  if (vendor)
    ike_write_u32 (writer, vendor);
  ike_write_chunk (writer, data);
  ike_write_zero (writer, (4 - len % 4) % 4);
}

static IkeSecret *
finish_avps (IkeWriter *writer)
{
  IkeChunk chunk = ike_writer_chunk (writer);

  return ike_writer_ok (writer) ? ike_secret_new_from (chunk.data, chunk.len) : NULL;
}

/* RFC 2865 section 5.18: "if multiple Reply-Messages are displayed", in their order. */
static void
append_reply (Avps *avps, IkeChunk data)
{
  g_autofree char *text = ike_text_clean (data.data, data.len, FALSE);

  if (!avps->reply)
    avps->reply = g_string_new (text);
  else
    g_string_append_printf (avps->reply, " %s", text);
}

/* FALSE: malformed, or something that we must understand and do not. */
static gboolean
read_avp (IkeReader *reader, Avps *avps)
{
  guint32 code = ike_read_u32 (reader), word = ike_read_u32 (reader), vendor = 0;
  guint8 flags = (guint8) (word >> 24);
  gsize header = flags & FLAG_VENDOR ? 12 : 8, len = word & 0xffffff;
  IkeChunk data;

  if (flags & FLAG_VENDOR)
    vendor = ike_read_u32 (reader);
  if (!ike_reader_ok (reader) || len < header)
    return FALSE;
  data = ike_read_chunk (reader, len - header);
  /* the last one may lack its padding */
  ike_read_skip (reader, MIN ((4 - len % 4) % 4, ike_reader_left (reader)));
  if (!ike_reader_ok (reader))
    return FALSE;
  if (!vendor && code == AVP_EAP_MESSAGE)
    g_byte_array_append (avps->eap, data.data, (guint) data.len);
  else if (vendor == VENDOR_MICROSOFT && code == AVP_MS_CHAP2_SUCCESS)
    avps->success = data;
  else if (vendor == VENDOR_MICROSOFT && code == AVP_MS_CHAP_ERROR)
    avps->error = data;
  else if (!vendor && code == AVP_REPLY_MESSAGE)
    append_reply (avps, data);
  else
    return !(flags & FLAG_MANDATORY);
  return TRUE;
}

static gboolean
read_avps (IkeChunk clear, Avps *avps)
{
  IkeReader reader = ike_reader (clear);

  for (guint n = 0; ike_reader_left (&reader) > 0; n++)
    if (n == MAX_AVPS || !read_avp (&reader, avps))
      return FALSE;
  return ike_reader_ok (&reader);
}

/* ---- PAP and MS-CHAPv2 ---- */

static IkeSecret *
pap_message (const Ttls *self, const IkeSecret *password)
{
  g_auto (IkeWriter) writer = IKE_WRITER (MAX_MESSAGE);
  gsize len = ike_secret_len (password), padded = MAX (len + PAP_BLOCK - 1, 1) / PAP_BLOCK * PAP_BLOCK;
  g_autoptr (IkeSecret) block = ike_secret_new (MAX (padded, PAP_BLOCK));

  memcpy (ike_secret_data (block), ike_secret_data (password), len);
  write_avp (&writer, 0, AVP_USER_NAME, ike_chunk (self->settings.user, strlen (self->settings.user)));
  write_avp (&writer, 0, AVP_USER_PASSWORD, ike_secret_chunk (block));
  return finish_avps (&writer);
}

/* RFC 5281 section 11.2.5: the server wants more than the password, "e.g. next-token mode", and says what; the answer
 * goes in the place of the password. */
static void
on_challenge (Ttls *self, const char *text, IkeEapInnerStep *ret)
{
  self->answered = FALSE;
  if (self->codes >= IKE_EAP_MAX_CODES)
    {
      ret->action = IKE_EAP_INNER_FAILED;
      ike_reason_set (&ret->reason, IKE_REASON_EAP_REFUSED, 0, "EAP-TTLS, PAP as %s: %u codes were refused",
                      self->settings.user, self->codes);
      return;
    }
  ret->action = IKE_EAP_INNER_SECRET;
  ret->kind = IKE_SECRET_OTP;
  ret->attempt = self->codes++;
  ret->message = text[0] ? g_strdup (text) : NULL;
}

/* RFC 2548 section 2.3.2: Ident, Flags, Peer-Challenge, eight octets of zero, Response. */
static IkeSecret *
mschapv2_message (Ttls *self, const IkeSecret *password)
{
  g_auto (IkeWriter) response = IKE_WRITER (64), writer = IKE_WRITER (MAX_MESSAGE);
  guint8 peer_challenge[IKE_MSCHAPV2_CHALLENGE_LEN], hash[IKE_MSCHAPV2_HASH_LEN];
  const char *user = self->settings.user;
  IkeMschapv2Result result;
  IkeSecret *message = NULL;

  if (ike_mschapv2_password_hash (ike_secret_chunk (password), hash) &&
      self->crypto->random (self->crypto, peer_challenge, sizeof peer_challenge) &&
      ike_mschapv2_compute (self->crypto, self->challenge, peer_challenge, user, hash, &result))
    {
      ike_write_u8 (&response, self->challenge[IKE_MSCHAPV2_CHALLENGE_LEN]);
      ike_write_u8 (&response, 0);
      ike_write_bytes (&response, peer_challenge, sizeof peer_challenge);
      ike_write_zero (&response, 8);
      ike_write_bytes (&response, result.nt_response, sizeof result.nt_response);
      write_avp (&writer, 0, AVP_USER_NAME, ike_chunk (user, strlen (user)));
      write_avp (&writer, VENDOR_MICROSOFT, AVP_MS_CHAP_CHALLENGE,
                 ike_chunk (self->challenge, IKE_MSCHAPV2_CHALLENGE_LEN));
      write_avp (&writer, VENDOR_MICROSOFT, AVP_MS_CHAP2_RESPONSE, ike_writer_chunk (&response));
      memcpy (self->authenticator, result.authenticator, sizeof result.authenticator);
      message = finish_avps (&writer);
      explicit_bzero (&result, sizeof result);
    }
  explicit_bzero (hash, sizeof hash);
  return message;
}

static void
on_mschapv2 (Ttls *self, const Avps *avps, IkeEapInnerStep *ret)
{
  static const char digits[] = "0123456789ABCDEF";
  guint8 want[SUCCESS_LEN] = { self->challenge[IKE_MSCHAPV2_CHALLENGE_LEN], 'S', '=' };

  if (avps->error.len > 0)
    {
      ike_reason_clear (&self->refusal);
      ike_reason_set (&self->refusal, IKE_REASON_EAP_REFUSED, 0, "EAP-TTLS, MS-CHAPv2 as %s", self->settings.user);
      ret->action = IKE_EAP_INNER_SAY;
      return;
    }
  for (gsize i = 0; i < sizeof self->authenticator; i++)
    {
      want[3 + 2 * i] = (guint8) digits[self->authenticator[i] >> 4];
      want[4 + 2 * i] = (guint8) digits[self->authenticator[i] & 15];
    }
  if (!self->answered || self->verified || avps->success.len < SUCCESS_LEN ||
      !ike_memequal (avps->success.data, want, SUCCESS_LEN))
    {
      fail (ret, IKE_REASON_EAP_SERVER_WRONG, "the server did not prove that it knows the password");
      return;
    }
  self->verified = TRUE;
  ret->action = IKE_EAP_INNER_SAY;
}

/* ---- EAP inside ---- */

static IkeSecret *
wrap_packet (IkeChunk packet, gpointer data)
{
  g_auto (IkeWriter) writer = IKE_WRITER (MAX_MESSAGE);

  write_avp (&writer, 0, AVP_EAP_MESSAGE, packet);
  return finish_avps (&writer);
}

static void
on_packet (Ttls *self, IkeChunk packet, IkeEapInnerStep *ret)
{
  g_auto (IkeEapStep) step = { 0 };

  ike_eap_peer_handle (self->peer, packet, &step);
  ike_eap_inner_take (&step, wrap_packet, self, ret);
}

/* RFC 5281 section 11.2.1: we begin, as if an Identity request had come. */
static void
begin_eap (Ttls *self, IkeEapInnerStep *ret)
{
  static const guint8 request[] = { IKE_EAP_CODE_REQUEST, 0, 0, 5, IKE_EAP_IDENTITY };
  const IkeEapSettings inside = { .user = self->settings.user, .methods = self->settings.inner, .chain = TRUE };

  self->peer = ike_eap_peer_new (self->crypto, &inside);
  on_packet (self, ike_chunk (request, sizeof request), ret);
}

/* ---- the row ---- */

static void
ttls_begin (gpointer data, guint8 version, gboolean tls13, const IkeSecret *challenge, IkeEapInnerStep *ret)
{
  Ttls *self = data;

  memcpy (self->challenge, ike_secret_data (challenge), sizeof self->challenge);
  if (self->settings.ttls == IKE_TTLS_EAP)
    {
      begin_eap (self, ret);
      return;
    }
  ret->action = IKE_EAP_INNER_SECRET;
  ret->kind = IKE_SECRET_PASSWORD;
}

static void
ttls_give_secret (gpointer data, IkeSecret *take_secret, IkeEapInnerStep *ret)
{
  Ttls *self = data;
  g_autoptr (IkeSecret) password = take_secret;
  g_auto (IkeEapStep) step = { 0 };

  if (self->peer)
    {
      ike_eap_peer_give_secret (self->peer, g_steal_pointer (&password), &step);
      ike_eap_inner_take (&step, wrap_packet, self, ret);
      return;
    }
  if (!password)
    {
      fail (ret, IKE_REASON_SECRET_MISSING, self->codes ? "one-time code" : "password");
      return;
    }
  ret->action = IKE_EAP_INNER_SAY;
  ret->clear = self->settings.ttls == IKE_TTLS_PAP ? pap_message (self, password) : mschapv2_message (self, password);
  self->answered = ret->clear != NULL;
  if (!ret->clear)
    fail (ret, IKE_REASON_CRYPTO, "the password is too long, not UTF-8, or its algorithms are not allowed here");
}

static void
ttls_receive (gpointer data, guint8 id, IkeChunk clear, IkeEapInnerStep *ret)
{
  Ttls *self = data;
  g_autoptr (GByteArray) eap = g_byte_array_new ();
  Avps avps = { .eap = eap };

  if (!read_avps (clear, &avps))
    fail (ret, IKE_REASON_BAD_MESSAGE, "malformed or unknown attributes");
  else if (self->peer && eap->len > 0)
    on_packet (self, ike_chunk (eap->data, eap->len), ret);
  else if (!self->peer && self->settings.ttls == IKE_TTLS_MSCHAPV2)
    on_mschapv2 (self, &avps, ret);
  else if (!self->peer && self->answered && avps.reply)
    on_challenge (self, avps.reply->str, ret);
  else
    ret->action = IKE_EAP_INNER_SAY;
  if (eap->len > 0)
    explicit_bzero (eap->data, eap->len);
  if (avps.reply)
    g_string_free (avps.reply, TRUE);
}

static gboolean
ttls_is_done (gpointer data)
{
  const Ttls *self = data;

  if (self->peer)
    return ike_eap_peer_is_finished (self->peer);
  return self->settings.ttls == IKE_TTLS_PAP ? self->answered : self->verified;
}

static gboolean
ttls_get_refusal (gpointer data, IkeReason *ret)
{
  const Ttls *self = data;

  if (self->peer)
    return ike_eap_peer_get_refusal (self->peer, ret);
  if (self->refusal.code == IKE_REASON_NONE)
    return FALSE;
  ike_reason_copy (ret, &self->refusal);
  return TRUE;
}

static const IkeEapInner row = {
  .type = IKE_EAP_TTLS,
  .name = "EAP-TTLS",
  .challenge_label = "ttls challenge",
  .challenge_len = CHALLENGE_LEN,
  .start = ttls_start,
  .begin = ttls_begin,
  .receive = ttls_receive,
  .give_secret = ttls_give_secret,
  .is_done = ttls_is_done,
  .get_refusal = ttls_get_refusal,
  .free = ttls_free,
};

static gpointer
start (const IkeCrypto *crypto, const IkeEapSettings *settings)
{
  return ike_eap_tunnel_new (&row, crypto, settings);
}

const IkeEapMethod ike_eap_ttls = {
  .type = IKE_EAP_TTLS,
  .name = "EAP-TTLS",
  .safe_alone = TRUE,
  .start = start,
  IKE_EAP_TUNNEL_METHOD,
};
