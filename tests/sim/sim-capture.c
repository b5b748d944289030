/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-capture.h"

#include "sim-internal.h"
#include "wire/message.h"

#include <string.h>

#define MOST 5000 /* of one simulation: a flood is more of the same */

/* Each under its hash: what is the same is there once. */
static void
leave (const char *kind, const guint8 *octets, gsize len)
{
  static guint count;
  const char *directory = g_getenv ("SIM_CAPTURE");
  g_autofree char *name = g_compute_checksum_for_data (G_CHECKSUM_SHA1, octets, len);
  g_autofree char *folder = g_build_filename (directory, kind, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (count++ >= MOST)
    return;
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, (const char *) octets, (gssize) len, NULL));
}

/* What a payload's own target takes is its body; fuzz-payload wants its type before it. */
static void
leave_payload (const IkePayload *payload)
{
  static const struct {
    guint8 type;
    const char *target;
  } targets[] = {
    { IKE_PAYLOAD_SA, "sa" },  { IKE_PAYLOAD_TSI, "ts" }, { IKE_PAYLOAD_TSR, "ts" },
    { IKE_PAYLOAD_CP, "cp" },  { IKE_PAYLOAD_EAP, "eap" },
  };
  g_autofree guint8 *whole = g_malloc (payload->body.len + 1);

  whole[0] = payload->type;
  if (payload->body.len)
    memcpy (whole + 1, payload->body.data, payload->body.len);
  leave ("payload", whole, payload->body.len + 1);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    if (targets[i].type == payload->type)
      leave (targets[i].target, payload->body.data, payload->body.len);
}

static void
leave_chain (const IkePayloads *payloads)
{
  for (guint i = 0; i < payloads->n; i++)
    leave_payload (&payloads->at[i]);
}

void
sim_capture_datagram (GBytes *datagram)
{
  g_autofree IkeMessage *message = NULL;

  if (!g_getenv ("SIM_CAPTURE"))
    return;
  leave ("message", g_bytes_get_data (datagram, NULL), g_bytes_get_size (datagram));
  message = g_new0 (IkeMessage, 1);
  if (ike_message_parse (ike_chunk_bytes (datagram), message) == IKE_PARSE_OK)
    leave_chain (&message->payloads);
}

void
sim_capture_inner (guint8 first, IkeChunk inner)
{
  g_autofree IkePayloads *payloads = NULL;

  if (!g_getenv ("SIM_CAPTURE"))
    return;
  payloads = g_new0 (IkePayloads, 1);
  if (ike_payloads_parse (first, inner, payloads) == IKE_PARSE_OK)
    leave_chain (payloads);
}
