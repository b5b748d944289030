/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *    we                                       client
 *    Identity                  ->
 *                              <-  Identity               only for the log: it is not authenticated
 *    Challenge                 ->
 *                              <-  Response, name         the password of that name is asked for
 *    Success "S=..."           ->
 *                              <-  Success                the client believes us too
 *    (EAP-Success)             ->
 * or Failure "E=691 R=0 ..."   ->
 *                              <-  Failure
 *    (EAP-Failure)             ->
 *
 * What comes in any other order ends the conversation. RFC 3748 sections 2, 4, 5; RFC 2759 sections 3 to 6.
 */
#include "eap/eap-server.h"

#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "eap/mschapv2.h"
#include "wire/payload-eap.h"

#include <string.h>

enum { OP_CHALLENGE = 1, OP_RESPONSE = 2, OP_SUCCESS = 3, OP_FAILURE = 4 };
#define RESPONSE_VALUE_LEN 49 /* RFC 2759 section 4 */
#define MAX_NAME 256 /* RFC 2759 section 4 */
#define MAX_PACKET 1024
#define IGNORED_FIELD 8 /* "reserved, must be zero" between challenge and response */

typedef enum { NEW, WAIT_IDENTITY, WAIT_RESPONSE, WAIT_PASSWORD, WAIT_SUCCESS, WAIT_FAILURE, OVER } State;

struct _IkeEapServer {
  const IkeCrypto *crypto;
  char *name;
  State state;
  guint8 id; /* of our last Request, and of the challenge in it */
  guint8 challenge[IKE_MSCHAPV2_CHALLENGE_LEN];
  guint8 peer_challenge[IKE_MSCHAPV2_CHALLENGE_LEN];
  guint8 nt_response[IKE_MSCHAPV2_NT_RESPONSE_LEN];
  char *user;
  IkeSecret *msk;
};

IkeEapServer *
ike_eap_server_new (const IkeCrypto *crypto, const char *name)
{
  IkeEapServer *server = g_new0 (IkeEapServer, 1);

  server->crypto = crypto;
  server->name = g_strdup (name);
  return server;
}

void
ike_eap_server_free (IkeEapServer *server)
{
  if (!server)
    return;
  ike_secret_free (server->msk);
  g_free (server->user);
  g_free (server->name);
  g_free (server);
}

void
ike_eap_server_step_clear (IkeEapServerStep *step)
{
  g_clear_pointer (&step->packet, g_bytes_unref);
  g_clear_pointer (&step->user, g_free);
  g_clear_pointer (&step->msk, ike_secret_free);
  ike_reason_clear (&step->reason);
}

/* ---- packets ---- */

static GBytes *
packet_new (guint8 code, guint8 id, guint8 type, IkeChunk data)
{
  g_auto (IkeWriter) writer = IKE_WRITER (MAX_PACKET);
  IkeEap packet = { .code = code, .id = id, .type = type, .data = data };

  ike_eap_write (&writer, &packet);
  return ike_writer_finish (&writer);
}

static void
request (IkeEapServer *server, State next, guint8 type, IkeChunk data, IkeEapServerStep *ret)
{
  server->state = next;
  ret->action = IKE_EAP_SERVER_SEND;
  ret->packet = packet_new (IKE_EAP_CODE_REQUEST, server->id, type, data);
}

static void
fail (IkeEapServer *server, IkeEapServerStep *ret, IkeReasonCode code, const char *detail)
{
  server->state = OVER;
  ret->action = IKE_EAP_SERVER_FAILED;
  ret->packet = packet_new (IKE_EAP_CODE_FAILURE, server->id, 0, ike_chunk (NULL, 0));
  ike_reason_set (&ret->reason, code, 0, "%s", detail);
}

/* OpCode, MS-CHAPv2-ID, MS-Length from the OpCode on, then @body. */
static void
request_mschapv2 (IkeEapServer *server, State next, guint8 op, IkeChunk body, IkeEapServerStep *ret)
{
  g_auto (IkeWriter) writer = IKE_WRITER (MAX_PACKET);
  g_autoptr (GBytes) data = NULL;
  guint8 challenge_id = op == OP_CHALLENGE ? (guint8) (server->id + 1) : server->id;
  IkeBlock block;

  server->id++;
  ike_write_u8 (&writer, op);
  ike_write_u8 (&writer, challenge_id);
  block = ike_write_begin (&writer, 2, 4);
  ike_write_chunk (&writer, body);
  ike_write_end (&writer, block);
  data = ike_writer_finish (&writer);
  request (server, next, IKE_EAP_MSCHAPV2, ike_chunk_bytes (data), ret);
}

void
ike_eap_server_begin (IkeEapServer *server, IkeEapServerStep *ret)
{
  *ret = (IkeEapServerStep){ 0 };
  g_assert (server->state == NEW);
  if (!server->crypto->random (server->crypto, &server->id, 1))
    fail (server, ret, IKE_REASON_CRYPTO, "random");
  else
    request (server, WAIT_IDENTITY, IKE_EAP_IDENTITY, ike_chunk (NULL, 0), ret);
}

/* ---- the method ---- */

/* Value-Size, challenge, our name */
static void
send_challenge (IkeEapServer *server, IkeEapServerStep *ret)
{
  g_auto (IkeWriter) writer = IKE_WRITER (MAX_PACKET);
  g_autoptr (GBytes) body = NULL;

  if (!server->crypto->random (server->crypto, server->challenge, sizeof server->challenge))
    {
      fail (server, ret, IKE_REASON_CRYPTO, "random");
      return;
    }
  ike_write_u8 (&writer, sizeof server->challenge);
  ike_write_bytes (&writer, server->challenge, sizeof server->challenge);
  ike_write_bytes (&writer, server->name, MIN (strlen (server->name), MAX_NAME));
  body = ike_writer_finish (&writer);
  request_mschapv2 (server, WAIT_RESPONSE, OP_CHALLENGE, ike_chunk_bytes (body), ret);
}

/* A name that nobody can have is nobody's: it goes the same way. */
static char *
user_of (IkeChunk name)
{
  g_autofree char *text = NULL;

  if (name.len == 0 || name.len > MAX_NAME || !ike_text_is_clean (name.data, name.len, FALSE))
    return g_strdup ("");
  text = g_strndup ((const char *) name.data, name.len);
  return g_strdup (ike_mschapv2_bare_name (text));
}

static void
on_response (IkeEapServer *server, IkeReader *reader, IkeEapServerStep *ret)
{
  guint8 size = ike_read_u8 (reader);

  ike_read_bytes (reader, server->peer_challenge, sizeof server->peer_challenge);
  ike_read_skip (reader, IGNORED_FIELD);
  ike_read_bytes (reader, server->nt_response, sizeof server->nt_response);
  ike_read_skip (reader, 1); /* flags */
  if (!ike_reader_ok (reader) || size != RESPONSE_VALUE_LEN)
    {
      fail (server, ret, IKE_REASON_BAD_MESSAGE, "EAP-MSCHAPv2: malformed response");
      return;
    }
  server->user = user_of (ike_read_rest (reader));
  server->state = WAIT_PASSWORD;
  ret->action = IKE_EAP_SERVER_USER;
  ret->user = g_strdup (server->user);
}

static void
send_success (IkeEapServer *server, const guint8 *authenticator, IkeEapServerStep *ret)
{
  g_autoptr (GString) text = g_string_new ("S=");

  for (guint i = 0; i < IKE_MSCHAPV2_AUTHENTICATOR_LEN; i++)
    g_string_append_printf (text, "%02X", authenticator[i]);
  g_string_append (text, " M=OK");
  request_mschapv2 (server, WAIT_SUCCESS, OP_SUCCESS, ike_chunk (text->str, text->len), ret);
}

/* RFC 2759 section 6: 691 is "authentication failure"; another attempt needs another negotiation. */
static void
send_failure (IkeEapServer *server, IkeEapServerStep *ret)
{
  g_autoptr (GString) text = g_string_new ("E=691 R=0 C=");
  guint8 challenge[IKE_MSCHAPV2_CHALLENGE_LEN] = { 0 };

  server->crypto->random (server->crypto, challenge, sizeof challenge);
  for (guint i = 0; i < sizeof challenge; i++)
    g_string_append_printf (text, "%02X", challenge[i]);
  g_string_append (text, " V=3 M=Authentication failure");
  request_mschapv2 (server, WAIT_FAILURE, OP_FAILURE, ike_chunk (text->str, text->len), ret);
}

void
ike_eap_server_give_password (IkeEapServer *server, IkeSecret *take_password, IkeEapServerStep *ret)
{
  g_autoptr (IkeSecret) password = take_password;
  guint8 hash[IKE_MSCHAPV2_HASH_LEN];
  IkeMschapv2Result result;
  gboolean known = password && ike_secret_len (password) > 0, done;

  *ret = (IkeEapServerStep){ 0 };
  g_assert (server->state == WAIT_PASSWORD);
  done = server->crypto->random (server->crypto, hash, sizeof hash);
  if (known)
    known = ike_mschapv2_password_hash (ike_secret_chunk (password), hash);
  done = done &&
         ike_mschapv2_compute (server->crypto, server->challenge, server->peer_challenge, server->user, hash, &result);
  explicit_bzero (hash, sizeof hash);
  if (!done)
    {
      fail (server, ret, IKE_REASON_CRYPTO, "EAP-MSCHAPv2");
      return;
    }
  if (ike_memequal (result.nt_response, server->nt_response, sizeof result.nt_response) && known)
    {
      server->msk = ike_secret_new_from (result.msk, sizeof result.msk);
      send_success (server, result.authenticator, ret);
    }
  else
    send_failure (server, ret);
  explicit_bzero (&result, sizeof result);
}

static void
on_mschapv2 (IkeEapServer *server, IkeChunk data, IkeEapServerStep *ret)
{
  IkeReader reader = ike_reader (data);
  guint8 op = ike_read_u8 (&reader);
  g_autofree char *detail = NULL;

  if (server->state == WAIT_SUCCESS && op == OP_SUCCESS && ike_reader_ok (&reader))
    {
      server->state = OVER;
      ret->action = IKE_EAP_SERVER_SUCCEEDED;
      ret->packet = packet_new (IKE_EAP_CODE_SUCCESS, server->id, 0, ike_chunk (NULL, 0));
      ret->user = g_strdup (server->user);
      ret->msk = g_steal_pointer (&server->msk);
      return;
    }
  if (server->state == WAIT_FAILURE)
    {
      detail = g_strdup_printf ("EAP-MSCHAPv2 as %s", server->user);
      fail (server, ret, IKE_REASON_PEER_AUTH_WRONG, detail);
      return;
    }
  if (server->state == WAIT_RESPONSE && op == OP_RESPONSE && ike_read_u8 (&reader) == server->id)
    {
      ike_read_skip (&reader, 2); /* MS-Length, which others send wrong; EAP has said where the end is */
      on_response (server, &reader, ret);
    }
  else
    fail (server, ret, IKE_REASON_BAD_MESSAGE, "EAP-MSCHAPv2: malformed, or out of order");
}

void
ike_eap_server_handle (IkeEapServer *server, IkeChunk packet, IkeEapServerStep *ret)
{
  IkeEap eap;

  *ret = (IkeEapServerStep){ 0 };
  if (server->state == NEW || server->state == OVER || server->state == WAIT_PASSWORD ||
      !ike_eap_parse (packet, &eap) || eap.code != IKE_EAP_CODE_RESPONSE || eap.id != server->id)
    fail (server, ret, IKE_REASON_BAD_MESSAGE, "malformed EAP packet, or out of order");
  else if (server->state == WAIT_IDENTITY && eap.type == IKE_EAP_IDENTITY)
    send_challenge (server, ret);
  else if (eap.type == IKE_EAP_MSCHAPV2 && server->state != WAIT_IDENTITY)
    on_mschapv2 (server, eap.data, ret);
  else if (eap.type == IKE_EAP_NAK && server->state == WAIT_RESPONSE)
    fail (server, ret, IKE_REASON_EAP_METHOD, "the client cannot do EAP-MSCHAPv2");
  else
    fail (server, ret, IKE_REASON_BAD_MESSAGE, "EAP packet of another method");
}
