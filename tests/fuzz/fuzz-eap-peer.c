/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EAP peer against any server: the input is a row of packets, each behind two octets of length. The password is
 * always at hand, and the peer's challenge is RFC 2759's, so that a seed can go all the way.
 */
#include "fuzz.h"

#include "base/reader.h"
#include "eap/eap.h"
#include "nss-crypto.h"

#include <string.h>

static IkeCrypto crypto;

static gboolean
fixed_random (const IkeCrypto *self, guint8 *out, gsize len)
{
  static const guint8 challenge[16] = "!@#$%^&*()_+:3|~";

  memset (out, 0, len);
  memcpy (out, challenge, MIN (len, sizeof challenge));
  return TRUE;
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  const IkeCrypto *nss = nss_crypto_get (NULL);

  g_assert (nss);
  crypto = *nss;
  crypto.random = fixed_random;
  return 0;
}

static void
check_step (const IkeEapStep *step, gboolean over)
{
  g_assert ((step->packet != NULL) == (step->action == IKE_EAP_STEP_SEND));
  g_assert ((step->msk != NULL) == (step->action == IKE_EAP_STEP_SUCCEEDED));
  g_assert ((step->reason.code != IKE_REASON_NONE) == (step->action == IKE_EAP_STEP_FAILED));
  g_assert (!step->msk || ike_secret_len (step->msk) == 64);
  g_assert (!step->message || g_utf8_validate (step->message, -1, NULL));
  g_assert (!step->reason.detail || g_utf8_validate (step->reason.detail, -1, NULL));
  g_assert (!over || step->action == IKE_EAP_STEP_FAILED);
  if (step->packet)
    {
      IkeReader reader = ike_reader (ike_chunk_bytes (step->packet));

      g_assert (ike_read_u8 (&reader) == IKE_EAP_CODE_RESPONSE);
      ike_read_u8 (&reader);
      g_assert (ike_read_u16 (&reader) == g_bytes_get_size (step->packet));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (IkeEapPeer) peer =
      ike_eap_peer_new (&crypto, &(IkeEapSettings){ .user = "User", .methods = 1u << IKE_EAP_MSCHAPV2 });
  IkeReader reader = ike_reader (ike_chunk (data, size));
  gboolean over = FALSE;

  while (ike_reader_left (&reader) > 0 && ike_reader_ok (&reader))
    {
      gsize len = ike_read_u16 (&reader);
      IkeChunk packet = ike_read_chunk (&reader, MIN (len, ike_reader_left (&reader)));
      g_auto (IkeEapStep) step = { 0 };

      ike_eap_peer_handle (peer, packet, &step);
      check_step (&step, over);
      if (step.action == IKE_EAP_STEP_SECRET)
        {
          ike_eap_step_clear (&step);
          ike_eap_peer_give_secret (peer, ike_secret_new_from ("clientPass", 10), &step);
          check_step (&step, over);
        }
      over = over || step.action == IKE_EAP_STEP_SUCCEEDED || step.action == IKE_EAP_STEP_FAILED;
    }
  return 0;
}
