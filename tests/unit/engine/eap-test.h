/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversations with the EAP peer: each is an array of what the server says and what must come of it. */
#pragma once

#include "crypto-test.h"
#include "eap/eap.h"
#include "secret-count.h"

typedef enum {
  END,
  SERVER, /* the server's packet, hexadecimal */
  REPLY, /* we answer with this packet */
  ASK, /* we want a password; the text is the message, or NULL */
  GIVE, /* the user types this, or (NULL) nothing */
  ASK_CODE, /* the same for a one-time code */
  DONE, /* success without a key */
  KEY, /* success with this MSK */
  FAIL, /* failure with a reason that begins like this: "CODE: detail" */
  REFUSAL, /* the server has refused us already; the reason begins like this */
  NEXT, /* another method: whatever it asks for is its first attempt */
} Action;

typedef struct {
  Action action;
  const char *text;
} Line;

static const guint8 peer_challenge[16] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a,
                                           0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e };

static inline gboolean
fixed_random (const IkeCrypto *self, guint8 *out, gsize len)
{
  g_assert_cmpuint (len, ==, sizeof peer_challenge);
  memcpy (out, peer_challenge, len);
  return TRUE;
}

static inline void
assert_reason (const IkeReason *reason, const char *want)
{
  g_autofree char *got = g_strdup_printf ("%s: %s", ike_reason_code_name (reason->code), reason->detail);

  if (!g_str_has_prefix (got, want))
    g_error ("the reason is \"%s\", not \"%s\"", got, want);
}

static inline void
expect (const Line *line, const IkeEapStep *step, guint asked)
{
  switch (line->action)
    {
    case REPLY:
      g_assert_cmpint (step->action, ==, IKE_EAP_STEP_SEND);
      if (line->text)
        test_assert_hex (g_bytes_get_data (step->packet, NULL), g_bytes_get_size (step->packet), line->text);
      break;
    case ASK:
    case ASK_CODE:
      g_assert_cmpint (step->action, ==, IKE_EAP_STEP_SECRET);
      g_assert_cmpint (step->kind, ==, line->action == ASK ? IKE_SECRET_PASSWORD : IKE_SECRET_OTP);
      g_assert_cmpuint (step->attempt, ==, asked);
      g_assert_cmpstr (step->message, ==, line->text);
      break;
    case KEY:
      g_assert_cmpint (step->action, ==, IKE_EAP_STEP_SUCCEEDED);
      test_assert_hex (ike_secret_data (step->msk), ike_secret_len (step->msk), line->text);
      break;
    case DONE:
      g_assert_cmpint (step->action, ==, IKE_EAP_STEP_SUCCEEDED);
      break;
    case FAIL:
      g_assert_cmpint (step->action, ==, IKE_EAP_STEP_FAILED);
      assert_reason (&step->reason, line->text);
      break;
    case END:
    case SERVER:
    case GIVE:
    case REFUSAL:
    case NEXT:
      g_assert_not_reached ();
    }
  g_assert_cmpint (step->msk != NULL, ==, line->action == KEY);
  g_assert_cmpint (step->packet != NULL, ==, line->action == REPLY);
}

static inline void
converse_with (const IkeEapSettings *settings, const Line *lines)
{
  IkeCrypto crypto = *test_crypto ();
  g_autoptr (IkeEapPeer) peer = NULL;
  guint asked = 0;

  crypto.random = fixed_random;
  peer = ike_eap_peer_new (&crypto, settings);
  for (; lines->action != END; lines++)
    {
      g_auto (IkeEapStep) step = { 0 };
      g_auto (IkeReason) reason = { 0 };

      if (lines->action == NEXT)
        {
          asked = 0;
          continue;
        }
      if (lines->action == REFUSAL)
        {
          g_assert_true (ike_eap_peer_get_refusal (peer, &reason));
          assert_reason (&reason, lines->text);
          continue;
        }
      if (lines->action == SERVER)
        {
          g_autoptr (GBytes) packet = test_hex (lines->text);

          ike_eap_peer_handle (peer, ike_chunk_bytes (packet), &step);
        }
      else
        {
          g_assert_cmpint (lines->action, ==, GIVE);
          ike_eap_peer_give_secret (peer, lines->text ? ike_secret_new_from (lines->text, strlen (lines->text)) : NULL,
                                    &step);
        }
      lines++;
      expect (lines, &step, asked);
      asked += lines->action == ASK || lines->action == ASK_CODE;
    }
  g_assert_false (ike_eap_peer_is_mutual (peer));
}

static inline void
converse_as (const char *identity, guint methods, const Line *lines)
{
  converse_with (&(IkeEapSettings){ .user = identity, .methods = methods }, lines);
}

#define ASK_IDENTITY                                                                                                   \
 { SERVER, "01 01 0005 01" },                                                                                          \
 {                                                                                                                     \
  REPLY, "02 01 0009 01 55736572"                                                                                      \
 }
