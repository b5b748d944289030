/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EAP server against any client: the input is a row of packets, each behind two octets of length. Our challenge is
 * RFC 2759's and so is the password, so that a seed can go all the way.
 */
#include "fuzz.h"

#include "base/reader.h"
#include "eap/eap-server.h"
#include "nss-crypto.h"

#include <string.h>

static IkeCrypto crypto;

static gboolean
fixed_random (const IkeCrypto *self, guint8 *out, gsize len)
{
  static const guint8 challenge[16] = { 0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
                                        0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };

  memset (out, 0, len);
  if (len == sizeof challenge)
    memcpy (out, challenge, sizeof challenge);
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
check_step (const IkeEapServerStep *step, gboolean over)
{
  g_assert ((step->packet == NULL) == (step->action == IKE_EAP_SERVER_USER));
  g_assert ((step->msk != NULL) == (step->action == IKE_EAP_SERVER_SUCCEEDED));
  g_assert ((step->reason.code != IKE_REASON_NONE) == (step->action == IKE_EAP_SERVER_FAILED));
  g_assert (!step->user || (g_utf8_validate (step->user, -1, NULL) && strlen (step->user) <= 256));
  g_assert (!over || step->action == IKE_EAP_SERVER_FAILED);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (IkeEapServer) server = ike_eap_server_new (&crypto, "gateway");
  IkeReader reader = ike_reader (ike_chunk (data, size));
  g_auto (IkeEapServerStep) begin = { 0 };
  gboolean over = FALSE, known = FALSE;

  ike_eap_server_begin (server, &begin);
  check_step (&begin, FALSE);
  while (ike_reader_left (&reader) > 0 && ike_reader_ok (&reader))
    {
      gsize len = ike_read_u16 (&reader);
      IkeChunk packet = ike_read_chunk (&reader, MIN (len, ike_reader_left (&reader)));
      g_auto (IkeEapServerStep) step = { 0 };

      ike_eap_server_handle (server, packet, &step);
      check_step (&step, over);
      if (step.action == IKE_EAP_SERVER_USER)
        {
          known = strcmp (step.user, "User") == 0;
          ike_eap_server_step_clear (&step);
          ike_eap_server_give_password (server, known ? ike_secret_new_from ("clientPass", 10) : NULL, &step);
          check_step (&step, over);
        }
      g_assert (step.action != IKE_EAP_SERVER_SUCCEEDED || known);
      over = over || step.action == IKE_EAP_SERVER_SUCCEEDED || step.action == IKE_EAP_SERVER_FAILED;
    }
  return 0;
}
