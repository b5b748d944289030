/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-TLS, TTLS and PEAP as a whole: the EAP peer, NSS's TLS client and a server made of NSS's other half, in one
 * process. Both ends must come to the same key, and what the server does wrong must not end in a success.
 */
#include "cert-test.h"
#include "eap/eap.h"
#include "eap/mschapv2.h"
#include "eap/tls-frame.h"
#include "nss-crypto.h"
#include "nss-tls.h"
#include "tls-server.h"

#define USER "alice"
#define PASSWORD "correct horse"
#define CODE "314159"

typedef enum {
  SCRIPT_RIGHT,
  SCRIPT_EARLY_SUCCESS,
  SCRIPT_EARLY_RESULT,
  SCRIPT_WRONG_AUTHENTICATOR,
  SCRIPT_TAMPERED, /* an octet of the first flight, on the way */
  SCRIPT_TAMPERED_LATER /* of the last one */
} Script;

typedef struct {
  IkeEapType type;
  guint tls; /* 1.x */
  guint8 version; /* PEAP */
  IkeTtls ttls;
  IkeEapType inner;
  Script script;
  guint codes; /* PAP: that the server asks for after the password */
  gboolean slow; /* goes on when it has been refused */
  gboolean chain; /* another method after the first */
  gboolean untrusted, no_certificate;
  gboolean static_rsa; /* the server's only key exchange */
  IkeReasonCode ends; /* NONE: in a success */
} Case;

typedef struct {
  const Case *c;
  const IkeCrypto *crypto;
  IkeEapPeer *peer;
  NssTls *client;
  NssCredential *credential;
  TlsServer *server;
  IkeTlsFrame frame;
  guint8 id;
  guint turn; /* inside */
  gboolean established, content;
  guint packets;
} Talk;

/* ---- the server, inside ---- */

static void
put32 (GByteArray *out, guint32 value)
{
  const guint32 be = GUINT32_TO_BE (value);

  g_byte_array_append (out, (const guint8 *) &be, 4);
}

static void
say_avp (Talk *talk, guint32 vendor, guint32 code, gconstpointer data, gsize len)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  put32 (out, code);
  put32 (out, (vendor ? 0xc0000000u : 0x40000000u) | (guint32) (len + (vendor ? 12 : 8)));
  if (vendor)
    put32 (out, vendor);
  g_byte_array_append (out, data, (guint) len);
  while (out->len % 4)
    g_byte_array_append (out, (const guint8 *) "", 1);
  tls_server_say (talk->server, out->data, out->len);
}

/* An EAP packet as the method has it inside. */
static void
say_packet (Talk *talk, const guint8 *packet, gsize len, gboolean whole)
{
  gsize skip = talk->c->type == IKE_EAP_PEAP && talk->c->version == 0 && !whole ? 4 : 0;

  if (talk->c->type == IKE_EAP_TTLS)
    say_avp (talk, 0, 79, packet, len);
  else
    tls_server_say (talk->server, packet + skip, len - skip);
}

static void
say_gtc (Talk *talk)
{
  say_packet (talk, (const guint8 *) "\1\7\0\11\6Code", 9, FALSE);
}

static void
say_result (Talk *talk)
{
  say_packet (talk, (const guint8 *) "\1\10\0\13\41\200\3\0\2\0\1", 11, TRUE);
}

static void
begin_inside (Talk *talk)
{
  if (talk->c->type == IKE_EAP_TLS && talk->c->tls == 3)
    tls_server_say (talk->server, "", 1);
  if (talk->c->type == IKE_EAP_TLS)
    talk->content = TRUE;
  if (talk->c->type == IKE_EAP_PEAP)
    {
      if (talk->c->script == SCRIPT_EARLY_RESULT)
        say_result (talk);
      else
        say_packet (talk, (const guint8 *) "\1\6\0\5\1", 5, TRUE);
    }
}

static void
hear_mschapv2 (Talk *talk, const guint8 *data, gsize len)
{
  guint8 challenge[17], hash[16], success[43 + 1] = { 0 }; /* and what ends a string */
  IkeMschapv2Result result;

  /* User-Name (16), MS-CHAP-Challenge (28), MS-CHAP2-Response (64) */
  g_assert_cmpuint (len, ==, 16 + 28 + 64);
  tls_server_export (talk->server, "ttls challenge", -1, challenge, sizeof challenge);
  g_assert_cmpmem (data + 16 + 12, 16, challenge, 16);
  data += 16 + 28 + 12;
  g_assert_cmpuint (data[0], ==, challenge[16]);
  g_assert_true (ike_mschapv2_password_hash (ike_chunk (PASSWORD, strlen (PASSWORD)), hash));
  g_assert_true (ike_mschapv2_compute (talk->crypto, challenge, data + 2, USER, hash, &result));
  g_assert_cmpmem (data + 26, 24, result.nt_response, 24);
  success[0] = challenge[16];
  memcpy (success + 1, "S=", 2);
  for (guint i = 0; i < sizeof result.authenticator; i++)
    g_snprintf ((char *) success + 3 + 2 * i, 3, "%02X",
                result.authenticator[i] ^ (talk->c->script == SCRIPT_WRONG_AUTHENTICATOR));
  say_avp (talk, 311, 26, success, sizeof success - 1);
  talk->content = TRUE;
}

#define MD5_REQUEST "\1\12\0\26\4\20sixteen octets.."

/* The second method: EAP-MD5 with the password. */
static void
hear_md5 (const Talk *talk, const guint8 *type, gsize len)
{
  /* without a header of its own it has the outer packet's identifier */
  const guchar id = talk->c->type == IKE_EAP_PEAP && talk->c->version == 0 ? talk->id : 012;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);
  guint8 digest[16];
  gsize size = sizeof digest;

  g_checksum_update (sum, &id, 1);
  g_checksum_update (sum, (const guchar *) PASSWORD, strlen (PASSWORD));
  g_checksum_update (sum, (const guchar *) MD5_REQUEST + 6, 16);
  g_checksum_get_digest (sum, digest, &size);
  g_assert_cmpuint (len, >=, 18);
  g_assert_cmpuint (type[0], ==, IKE_EAP_MD5);
  g_assert_cmpmem (type + 2, 16, digest, size);
}

/* TTLS with PAP: the password, then as many codes as the server wants. */
static void
hear_pap (Talk *talk, const guint8 *data, gsize len)
{
  const char *reply = "Your token, please";

  /* User-Name (16) and User-Password in a block of 16 */
  g_assert_cmpuint (len, ==, 16 + 24);
  g_assert_cmpmem (data + 8, 5, USER, 5);
  g_assert_cmpmem (data + 24, 16, talk->turn ? CODE "\0\0\0\0\0\0\0\0\0" : PASSWORD "\0\0\0", 16);
  if (talk->turn++ < talk->c->codes)
    say_avp (talk, 0, 18, reply, strlen (reply));
  else
    talk->content = TRUE;
}

/* The response of an EAP conversation inside: first the identity, then the code, then perhaps our result. */
static void
hear_packet (Talk *talk, const guint8 *type, gsize len)
{
  if (talk->c->chain && talk->turn == 1)
    {
      g_assert_cmpmem (type, len, "\6" PASSWORD, 14);
      say_packet (talk, (const guint8 *) MD5_REQUEST, 22, FALSE);
      talk->turn = 3;
      return;
    }
  if (talk->turn == 3)
    {
      hear_md5 (talk, type, len);
      type = (const guint8 *) "\6" PASSWORD, len = 14, talk->turn = 1; /* and as after a single one */
    }
  switch (talk->turn++)
    {
    case 0:
      g_assert_cmpmem (type, len, "\1" USER, 6);
      say_gtc (talk);
      return;
    case 1:
      g_assert_cmpmem (type, len, "\6" PASSWORD, 14);
      if (talk->c->type == IKE_EAP_TTLS)
        talk->content = TRUE;
      else if (talk->c->version == 1)
        {
          say_packet (talk, (const guint8 *) "\3\7\0\4", 4, TRUE);
          talk->content = TRUE;
        }
      else
        say_result (talk);
      return;
    case 2:
      g_assert_cmpmem (type, len, "\41\200\3\0\2\0\1", 7);
      talk->content = TRUE;
      return;
    }
  g_assert_not_reached ();
}

static void
hear (Talk *talk, GBytes *clear)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (clear, &len);

  if (talk->c->type == IKE_EAP_TTLS && talk->c->ttls == IKE_TTLS_PAP)
    hear_pap (talk, data, len);
  else if (talk->c->type == IKE_EAP_TTLS && talk->c->ttls == IKE_TTLS_MSCHAPV2)
    hear_mschapv2 (talk, data, len);
  else if (talk->c->type == IKE_EAP_TTLS)
    hear_packet (talk, data + 12, (gsize) (data[10] << 8 | data[11]) - 4);
  else if (talk->c->version == 1 || talk->turn == 2)
    hear_packet (talk, data + 4, len - 4);
  else
    hear_packet (talk, data, len);
}

/* ---- the server, outside ---- */

static GBytes *
request (Talk *talk, guint8 type, GBytes *take_data)
{
  g_autoptr (GBytes) data = take_data;
  GByteArray *packet = g_byte_array_new ();
  const guint8 header[] = { 1, ++talk->id, (guint8) ((g_bytes_get_size (data) + 5) >> 8),
                            (guint8) (g_bytes_get_size (data) + 5), type };

  g_byte_array_append (packet, header, sizeof header);
  g_byte_array_append (packet, g_bytes_get_data (data, NULL), (guint) g_bytes_get_size (data));
  return g_byte_array_free_to_bytes (packet);
}

static GBytes *
success (Talk *talk)
{
  const guint8 packet[] = { 3, talk->id, 0, 4 };

  return g_bytes_new (packet, sizeof packet);
}

static gboolean
may_be_refused (const Case *c)
{
  return c->untrusted || c->static_rsa || c->script == SCRIPT_TAMPERED || c->script == SCRIPT_TAMPERED_LATER;
}

/* What a RADIUS server says when it has heard our alert: EAP-Failure, or, if it is slow, one more request. */
static GBytes *
over_and_out (Talk *talk)
{
  const guint8 packet[] = { 4, talk->id, 0, 4 };

  if (talk->c->slow)
    return request (talk, (guint8) talk->c->type, g_bytes_new (&talk->c->version, 1));
  return g_bytes_new (packet, sizeof packet);
}

/* What the server answers to a response of ours. */
static GBytes *
serve (Talk *talk, GBytes *response)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (response, &len);
  g_autoptr (GBytes) records = NULL;
  guint8 version;
  const guint8 start = 0x20 | talk->c->version;

  g_assert_cmpuint (data[1], ==, talk->id);
  if (data[4] == IKE_EAP_IDENTITY)
    return request (talk, (guint8) talk->c->type, g_bytes_new (&start, 1));
  g_assert_cmpuint (data[4], ==, talk->c->type);
  switch (ike_tls_frame_read (&talk->frame, ike_chunk (data + 5, len - 5), &version, &records))
    {
    case IKE_TLS_FRAME_MORE:
      return request (talk, (guint8) talk->c->type, ike_tls_frame_write (&talk->frame, talk->c->version));
    case IKE_TLS_FRAME_EMPTY:
      if (ike_tls_frame_is_pending (&talk->frame))
        return request (talk, (guint8) talk->c->type, ike_tls_frame_write (&talk->frame, talk->c->version));
      if (talk->content)
        return success (talk);
      break;
    case IKE_TLS_FRAME_COMPLETE:
      if (tls_server_feed (talk->server, records))
        {
          g_autoptr (GBytes) clear = NULL;

          if (talk->c->script == SCRIPT_EARLY_SUCCESS)
            return success (talk);
          /* with TLS 1.2 the client may speak first, when it has our Finished */
          if (!talk->established && talk->c->tls == 3)
            begin_inside (talk);
          else if (!talk->established && talk->c->type == IKE_EAP_TLS)
            begin_inside (talk);
          talk->established = TRUE;
          while ((clear = tls_server_hear (talk->server)))
            {
              hear (talk, clear);
              g_clear_pointer (&clear, g_bytes_unref);
            }
        }
      break;
    case IKE_TLS_FRAME_START:
    case IKE_TLS_FRAME_BAD:
      g_assert_not_reached ();
    }
  /* (where it has nothing in common with us, we hear its alert first) */
  if (may_be_refused (talk->c) && !talk->c->static_rsa && tls_server_error (talk->server))
    return over_and_out (talk);
  if (talk->established && talk->c->tls == 2 && talk->c->type == IKE_EAP_PEAP && talk->turn == 0 && !records)
    begin_inside (talk);
  ike_tls_frame_put (&talk->frame, tls_server_take (talk->server));
  if (talk->content && g_bytes_get_size (talk->frame.out) == 0)
    return success (talk);
  return request (talk, (guint8) talk->c->type, ike_tls_frame_write (&talk->frame, talk->c->version));
}

/* ---- the client's caller ---- */

static GBytes *
join (GBytes *a, GBytes *b)
{
  GByteArray *both = g_byte_array_new ();

  if (a)
    g_byte_array_append (both, g_bytes_get_data (a, NULL), (guint) g_bytes_get_size (a));
  if (b)
    g_byte_array_append (both, g_bytes_get_data (b, NULL), (guint) g_bytes_get_size (b));
  return g_byte_array_free_to_bytes (both);
}

/* Somebody between us changes an octet: of the server's random number, or of the tag of a record. */
static GBytes *
on_the_way (const Talk *talk, GBytes *records)
{
  gsize len = records ? g_bytes_get_size (records) : 0;
  guint8 *changed;

  if (len == 0 || (talk->c->script != SCRIPT_TAMPERED && !(talk->c->script == SCRIPT_TAMPERED_LATER && len < 400)))
    return records ? g_bytes_ref (records) : NULL;
  changed = g_memdup2 (g_bytes_get_data (records, NULL), len);
  changed[talk->c->script == SCRIPT_TAMPERED ? 20 : len - 1] ^= 1;
  return g_bytes_new_take (changed, len);
}

static void
do_tls (Talk *talk, const IkeTlsOrder *order, IkeEapStep *ret)
{
  g_auto (NssTlsResult) result = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) first = NULL, joined = NULL, came = on_the_way (talk, order->records);
  g_auto (IkeReason) reason = { 0 };
  IkeTlsAnswer answer = { .ok = TRUE, .reason = &reason };
  IkeChunk records = came ? ike_chunk_bytes (came) : ike_chunk (NULL, 0);
  IkeChunk clear = ike_secret_chunk (order->clear);
  gboolean certificate = talk->c->type == IKE_EAP_TLS && !talk->c->no_certificate;

  if (order->op == IKE_TLS_OPEN)
    talk->client = nss_tls_new (certificate ? talk->credential->key : NULL, talk->credential->certificates, &error);
  g_assert_no_error (error);
  if (order->op == IKE_TLS_EXPORT)
    answer.secret = nss_tls_export (talk->client, order->label, order->has_context ? &order->context : NULL,
                                    order->has_context, order->len);
  else
    nss_tls_step (talk->client, records.data, records.len, clear.data, clear.len, &result);
  if (result.state == NSS_TLS_VERIFY)
    {
      g_autoptr (GPtrArray) chain = nss_tls_certificates (talk->client);

      g_assert_cmpuint (chain->len, >=, 1);
      first = g_steal_pointer (&result.records);
      if (talk->c->untrusted)
        {
          nss_tls_refuse (talk->client, 48, &result);
          answer.ok = FALSE;
          ike_reason_set (&reason, IKE_REASON_EAP_CERT_UNKNOWN_CA, 0, "test");
        }
      else
        nss_tls_trust (talk->client, &result);
    }
  else if (result.state == NSS_TLS_FAILED)
    {
      if (!may_be_refused (talk->c))
        g_error ("the client: %s", result.text);
      answer.ok = FALSE;
      ike_reason_set (&reason, IKE_REASON_EAP_TLS, 0, "%s", result.text);
    }
  answer.flags = (order->op != IKE_TLS_EXPORT && result.state == NSS_TLS_ESTABLISHED ? IKE_TLS_ESTABLISHED : 0) |
                 (result.tls13 ? IKE_TLS_1_3 : 0);
  answer.records = joined = join (first, result.records);
  if (order->op != IKE_TLS_EXPORT)
    answer.secret = g_steal_pointer (&result.clear);
  ike_eap_peer_give_tls (talk->peer, &answer, ret);
  ike_secret_free (answer.secret);
}

/* Until the client answers, or it is over. */
static void
handle (Talk *talk, GBytes *packet, IkeEapStep *step)
{
  ike_eap_peer_handle (talk->peer, ike_chunk_bytes (packet), step);
  while (step->action == IKE_EAP_STEP_TLS || step->action == IKE_EAP_STEP_SECRET)
    {
      g_auto (IkeEapStep) asked = *step;

      *step = (IkeEapStep){ 0 };
      if (asked.action == IKE_EAP_STEP_TLS)
        do_tls (talk, asked.tls, step);
      else if (asked.kind == IKE_SECRET_OTP && talk->c->codes)
        {
          g_assert_cmpstr (asked.message, ==, "Your token, please");
          g_assert_cmpuint (asked.attempt, ==, talk->turn - 1);
          ike_eap_peer_give_secret (talk->peer, ike_secret_new_from (CODE, strlen (CODE)), step);
        }
      else
        ike_eap_peer_give_secret (talk->peer, ike_secret_new_from (PASSWORD, strlen (PASSWORD)), step);
    }
}

static void
check_key (Talk *talk, const IkeSecret *msk)
{
  guint8 key[64];
  const char *label = talk->c->tls == 3               ? "EXPORTER_EAP_TLS_Key_Material"
                      : talk->c->type == IKE_EAP_TTLS ? "ttls keying material"
                                                      : "client EAP encryption";
  guint8 both[128];

  tls_server_export (talk->server, label, talk->c->tls == 3 ? (int) talk->c->type : -1, both, sizeof both);
  memcpy (key, both, sizeof key);
  g_assert_cmpmem (ike_secret_data (msk), ike_secret_len (msk), key, sizeof key);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  Talk talk = { .c = c, .crypto = nss_crypto_get (NULL) };
  const IkeEapSettings settings = {
    .user = USER, .methods = 1u << c->type, .inner = 1u << IKE_EAP_GTC | 1u << IKE_EAP_MD5, .ttls = c->ttls
  };
  g_autoptr (GBytes) packet = NULL, pem = fixture ("good.pem"), key = fixture ("good.key");
  const NssFile certificate_file = { "good.pem", pem }, key_file = { "good.key", key };
  gboolean over = FALSE;

  talk.credential = nss_credential_load (&certificate_file, &key_file, NULL, NULL);
  talk.peer = ike_eap_peer_new (talk.crypto, &settings);
  talk.server = tls_server_new ("rsa", c->tls, c->type == IKE_EAP_TLS);
  g_assert_true (!may_be_refused (c) || !tls_server_error (talk.server));
  if (c->static_rsa)
    tls_server_only_static_rsa (talk.server);
  packet = request (&talk, IKE_EAP_IDENTITY, g_bytes_new (NULL, 0));
  while (!over)
    {
      g_auto (IkeEapStep) step = { 0 };

      g_assert_cmpuint (++talk.packets, <, 40);
      handle (&talk, packet, &step);
      if (step.packet && g_getenv ("TUNNEL_TRACE"))
        g_printerr ("%s[%zu] -> %zu octets\n", ike_eap_peer_get_method_name (talk.peer), g_bytes_get_size (packet),
                    g_bytes_get_size (step.packet));
      over = step.action != IKE_EAP_STEP_SEND;
      if (step.action == IKE_EAP_STEP_FAILED && step.reason.code != c->ends)
        g_error ("%s: %s", ike_reason_code_name (step.reason.code), step.reason.detail);
      g_assert_true (step.action != IKE_EAP_STEP_SUCCEEDED || c->ends == IKE_REASON_NONE);
      if (step.action == IKE_EAP_STEP_SUCCEEDED)
        check_key (&talk, step.msk);
      if (over)
        break;
      g_clear_pointer (&packet, g_bytes_unref);
      packet = serve (&talk, step.packet);
    }
  if (c->ends == IKE_REASON_NONE && c->type == IKE_EAP_TLS)
    g_assert_true (tls_server_knows_client (talk.server) == !c->no_certificate);
  if (c->untrusted)
    g_assert_cmpstr (tls_server_error (talk.server), ==, "SSL_ERROR_UNKNOWN_CA_ALERT");
  if (c->static_rsa)
    g_assert_cmpstr (tls_server_error (talk.server), ==, "SSL_ERROR_NO_CYPHER_OVERLAP");
  nss_tls_free (talk.client);
  tls_server_free (talk.server);
  ike_tls_frame_clear (&talk.frame);
  ike_eap_peer_free (talk.peer);
  nss_credential_free (talk.credential);
}

static const struct {
  const char *name;
  Case c;
} cases[] = {
  { "tls-1.2", { .type = IKE_EAP_TLS, .tls = 2 } },
  { "tls-1.3", { .type = IKE_EAP_TLS, .tls = 3 } },
  { "tls-1.3/without-certificate", { .type = IKE_EAP_TLS, .tls = 3, .no_certificate = TRUE } },
  { "tls-1.2/untrusted", { .type = IKE_EAP_TLS, .tls = 2, .untrusted = TRUE, .ends = IKE_REASON_EAP_CERT_UNKNOWN_CA } },
  { "tls-1.3/untrusted", { .type = IKE_EAP_TLS, .tls = 3, .untrusted = TRUE, .ends = IKE_REASON_EAP_CERT_UNKNOWN_CA } },
  { "tls-1.3/untrusted-slow",
    { .type = IKE_EAP_TLS, .tls = 3, .untrusted = TRUE, .slow = TRUE, .ends = IKE_REASON_EAP_CERT_UNKNOWN_CA } },
  { "tls-1.3/early",
    { .type = IKE_EAP_TLS, .tls = 3, .script = SCRIPT_EARLY_SUCCESS, .ends = IKE_REASON_EAP_EARLY_SUCCESS } },
  { "ttls/pap-1.2", { .type = IKE_EAP_TTLS, .tls = 2, .ttls = IKE_TTLS_PAP } },
  { "ttls/pap-1.3", { .type = IKE_EAP_TTLS, .tls = 3, .ttls = IKE_TTLS_PAP } },
  { "ttls/pap-code-1.2", { .type = IKE_EAP_TTLS, .tls = 2, .ttls = IKE_TTLS_PAP, .codes = 1 } },
  { "ttls/pap-codes-1.3", { .type = IKE_EAP_TTLS, .tls = 3, .ttls = IKE_TTLS_PAP, .codes = 3 } },
  { "ttls/pap-codes-without-end",
    { .type = IKE_EAP_TTLS, .tls = 2, .ttls = IKE_TTLS_PAP, .codes = 9, .ends = IKE_REASON_EAP_REFUSED } },
  { "ttls/mschapv2-1.2", { .type = IKE_EAP_TTLS, .tls = 2, .ttls = IKE_TTLS_MSCHAPV2 } },
  { "ttls/mschapv2-1.3", { .type = IKE_EAP_TTLS, .tls = 3, .ttls = IKE_TTLS_MSCHAPV2 } },
  { "ttls/wrong-authenticator",
    { .type = IKE_EAP_TTLS,
      .tls = 2,
      .ttls = IKE_TTLS_MSCHAPV2,
      .script = SCRIPT_WRONG_AUTHENTICATOR,
      .ends = IKE_REASON_EAP_SERVER_WRONG } },
  { "ttls/eap-1.2", { .type = IKE_EAP_TTLS, .tls = 2, .ttls = IKE_TTLS_EAP } },
  { "ttls/eap-1.3", { .type = IKE_EAP_TTLS, .tls = 3, .ttls = IKE_TTLS_EAP } },
  { "ttls/chain-1.2", { .type = IKE_EAP_TTLS, .tls = 2, .ttls = IKE_TTLS_EAP, .chain = TRUE } },
  { "ttls/chain-1.3", { .type = IKE_EAP_TTLS, .tls = 3, .ttls = IKE_TTLS_EAP, .chain = TRUE } },
  { "ttls/untrusted",
    { .type = IKE_EAP_TTLS,
      .tls = 2,
      .ttls = IKE_TTLS_PAP,
      .untrusted = TRUE,
      .ends = IKE_REASON_EAP_CERT_UNKNOWN_CA } },
  { "ttls/early",
    { .type = IKE_EAP_TTLS,
      .tls = 2,
      .ttls = IKE_TTLS_EAP,
      .script = SCRIPT_EARLY_SUCCESS,
      .ends = IKE_REASON_EAP_EARLY_SUCCESS } },
  { "peap/v0-1.2", { .type = IKE_EAP_PEAP, .tls = 2, .version = 0 } },
  { "peap/v0-1.3", { .type = IKE_EAP_PEAP, .tls = 3, .version = 0 } },
  { "peap/v1-1.2", { .type = IKE_EAP_PEAP, .tls = 2, .version = 1 } },
  { "peap/v1-1.3", { .type = IKE_EAP_PEAP, .tls = 3, .version = 1 } },
  { "peap/v0-chain", { .type = IKE_EAP_PEAP, .tls = 3, .version = 0, .chain = TRUE } },
  { "peap/v1-chain", { .type = IKE_EAP_PEAP, .tls = 2, .version = 1, .chain = TRUE } },
  /* cve-2023-52160 */
  { "peap/early-result",
    { .type = IKE_EAP_PEAP,
      .tls = 2,
      .version = 0,
      .script = SCRIPT_EARLY_RESULT,
      .ends = IKE_REASON_EAP_EARLY_SUCCESS } },
  { "peap/early-success",
    { .type = IKE_EAP_PEAP,
      .tls = 3,
      .version = 0,
      .script = SCRIPT_EARLY_SUCCESS,
      .ends = IKE_REASON_EAP_EARLY_SUCCESS } },
  { "tls-1.2/tampered", { .type = IKE_EAP_TLS, .tls = 2, .script = SCRIPT_TAMPERED, .ends = IKE_REASON_EAP_TLS } },
  { "tls-1.3/tampered", { .type = IKE_EAP_TLS, .tls = 3, .script = SCRIPT_TAMPERED, .ends = IKE_REASON_EAP_TLS } },
  { "tls-1.2/tampered-later",
    { .type = IKE_EAP_TLS, .tls = 2, .script = SCRIPT_TAMPERED_LATER, .ends = IKE_REASON_EAP_TLS } },
  { "tls-1.3/tampered-later",
    { .type = IKE_EAP_TLS, .tls = 3, .script = SCRIPT_TAMPERED_LATER, .ends = IKE_REASON_EAP_TLS } },
  { "tls-1.2/static-rsa", { .type = IKE_EAP_TLS, .tls = 2, .static_rsa = TRUE, .ends = IKE_REASON_EAP_TLS } },
  { "ttls/static-rsa",
    { .type = IKE_EAP_TTLS, .tls = 2, .ttls = IKE_TTLS_PAP, .static_rsa = TRUE, .ends = IKE_REASON_EAP_TLS } },
  { "peap/static-rsa", { .type = IKE_EAP_PEAP, .tls = 2, .static_rsa = TRUE, .ends = IKE_REASON_EAP_TLS } },
  { "peap/untrusted", { .type = IKE_EAP_PEAP, .tls = 3, .untrusted = TRUE, .ends = IKE_REASON_EAP_CERT_UNKNOWN_CA } },
};

/* ---- frames ---- */

static void
test_frames (void)
{
  static const struct {
    const char *packets[4];
    guint lens[4];
    IkeTlsFrameEvent last;
  } rows[] = {
    { { "\0ab" }, { 3 }, IKE_TLS_FRAME_COMPLETE },
    { { "\200\0\0\0\2ab" }, { 7 }, IKE_TLS_FRAME_COMPLETE },
    { { "\200\0\0\0\3ab" }, { 7 }, IKE_TLS_FRAME_BAD }, /* less than announced */
    { { "\200\0\0\0\1ab" }, { 7 }, IKE_TLS_FRAME_BAD }, /* more */
    { { "\200\0\1\0\1ab" }, { 7 }, IKE_TLS_FRAME_BAD }, /* 65537 */
    { { "\200\0\0" }, { 3 }, IKE_TLS_FRAME_BAD },
    { { "" }, { 0 }, IKE_TLS_FRAME_BAD },
    { { "\0" }, { 1 }, IKE_TLS_FRAME_EMPTY },
    { { "\100" }, { 1 }, IKE_TLS_FRAME_BAD },
    { { "\41" }, { 1 }, IKE_TLS_FRAME_START },
    { { "\300\0\0\0\4ab", "\0cd" }, { 7, 3 }, IKE_TLS_FRAME_COMPLETE },
    { { "\300\0\0\0\4ab", "\200\0\0\0\4cd" }, { 7, 7 }, IKE_TLS_FRAME_COMPLETE },
    { { "\300\0\0\0\4ab", "\200\0\0\0\5cd" }, { 7, 7 }, IKE_TLS_FRAME_BAD },
    { { "\300\0\0\0\4ab", "\0" }, { 7, 1 }, IKE_TLS_FRAME_BAD },
    { { "\100ab", "\0cde" }, { 3, 4 }, IKE_TLS_FRAME_COMPLETE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      IkeTlsFrame frame = { 0 };
      IkeTlsFrameEvent event = IKE_TLS_FRAME_BAD;

      for (guint k = 0; k < 4 && rows[i].packets[k]; k++)
        {
          g_autoptr (GBytes) records = NULL;
          guint8 version;

          event = ike_tls_frame_read (&frame, ike_chunk (rows[i].packets[k], rows[i].lens[k]), &version, &records);
        }
      if (event != rows[i].last)
        g_error ("row %u: %d", i, event);
      ike_tls_frame_clear (&frame);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/eap-tunnel/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i].c, test_case);
    }
  g_test_add_func ("/eap-tunnel/frames", test_frames);
  return g_test_run ();
}
