/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-TLS, TTLS and PEAP against any server. The first octet says what is spoken, the rest is a row of packets as in
 * fuzz-eap-peer. TLS hides nothing here: what follows the first flight is at once what was said inside, so that frames,
 * AVPs and inner packets are within reach. Keys are constant: a seed can go all the way.
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
  memset (out, 'r', len);
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

typedef struct {
  IkeEapPeer *peer;
  gboolean open, established, tls13;
} Fuzz;

static void
give_tls (Fuzz *fuzz, const IkeTlsOrder *order, IkeEapStep *ret)
{
  IkeTlsAnswer answer = { .ok = TRUE };
  g_autoptr (GBytes) records = NULL;

  g_assert (fuzz->open == (order->op != IKE_TLS_OPEN));
  g_assert (fuzz->established || (order->op != IKE_TLS_EXPORT && ike_secret_len (order->clear) == 0));
  fuzz->open = TRUE;
  if (order->op == IKE_TLS_EXPORT)
    {
      g_assert (order->len > 0 && order->len <= 128 && order->label);
      answer.secret = ike_secret_new (order->len);
      memset (ike_secret_data (answer.secret), 'k', order->len);
    }
  else if (order->records && fuzz->established)
    answer.secret = ike_secret_new_from (g_bytes_get_data (order->records, NULL), g_bytes_get_size (order->records));
  else if (order->records)
    fuzz->established = TRUE;
  answer.flags = (fuzz->established ? IKE_TLS_ESTABLISHED : 0) | (fuzz->tls13 ? IKE_TLS_1_3 : 0);
  if (order->op != IKE_TLS_EXPORT && !fuzz->established)
    answer.records = records = g_bytes_new_static ("hello", 5);
  else if (ike_secret_len (order->clear) > 0)
    answer.records = records = g_bytes_new (ike_secret_data (order->clear), ike_secret_len (order->clear));
  ike_eap_peer_give_tls (fuzz->peer, &answer, ret);
  ike_secret_free (answer.secret);
}

static void
check_step (const IkeEapStep *step, gboolean over)
{
  g_assert ((step->packet != NULL) == (step->action == IKE_EAP_STEP_SEND));
  g_assert ((step->tls != NULL) == (step->action == IKE_EAP_STEP_TLS));
  g_assert ((step->reason.code != IKE_REASON_NONE) == (step->action == IKE_EAP_STEP_FAILED));
  g_assert (step->action != IKE_EAP_STEP_SUCCEEDED || ike_secret_len (step->msk) == 64);
  g_assert (!step->message || g_utf8_validate (step->message, -1, NULL));
  g_assert (!step->reason.detail || g_utf8_validate (step->reason.detail, -1, NULL));
  g_assert (!over || step->action == IKE_EAP_STEP_FAILED);
}

/* FALSE: it is over. */
static gboolean
give_packet (Fuzz *fuzz, IkeChunk packet, gboolean over)
{
  g_auto (IkeEapStep) step = { 0 };

  ike_eap_peer_handle (fuzz->peer, packet, &step);
  check_step (&step, over);
  while (step.action == IKE_EAP_STEP_TLS || step.action == IKE_EAP_STEP_SECRET)
    {
      g_auto (IkeEapStep) asked = step;

      step = (IkeEapStep){ 0 };
      if (asked.action == IKE_EAP_STEP_TLS)
        give_tls (fuzz, asked.tls, &step);
      else
        ike_eap_peer_give_secret (fuzz->peer, ike_secret_new_from ("clientPass", 10), &step);
      check_step (&step, over);
    }
  /* a success is one only when there was a session */
  g_assert (step.action != IKE_EAP_STEP_SUCCEEDED || fuzz->established);
  return step.action == IKE_EAP_STEP_SEND;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct {
    IkeEapType type;
    IkeTtls ttls;
  } kinds[] = {
    { IKE_EAP_TLS, IKE_TTLS_EAP },       { IKE_EAP_TTLS, IKE_TTLS_EAP }, { IKE_EAP_TTLS, IKE_TTLS_PAP },
    { IKE_EAP_TTLS, IKE_TTLS_MSCHAPV2 }, { IKE_EAP_PEAP, IKE_TTLS_EAP },
  };
  IkeReader reader = ike_reader (ike_chunk (data, size));
  guint8 first = ike_read_u8 (&reader), kind = (first & 0x7f) % G_N_ELEMENTS (kinds);
  Fuzz fuzz = { .tls13 = (first & 0x80) != 0 };
  const IkeEapSettings settings = {
    .user = "User",
    .methods = 1u << kinds[kind].type,
    .inner = 1u << IKE_EAP_MSCHAPV2 | 1u << IKE_EAP_GTC | 1u << IKE_EAP_MD5,
    .ttls = kinds[kind].ttls,
  };
  gboolean over = FALSE;

  fuzz.peer = ike_eap_peer_new (&crypto, &settings);
  while (ike_reader_left (&reader) > 0 && ike_reader_ok (&reader))
    {
      gsize len = ike_read_u16 (&reader);

      over = !give_packet (&fuzz, ike_read_chunk (&reader, MIN (len, ike_reader_left (&reader))), over) || over;
    }
  ike_eap_peer_free (fuzz.peer);
  return 0;
}
