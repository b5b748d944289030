/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram: header, chain, every payload's inside; rebuilt, it parses to the same payloads. */
#include "fuzz-wire.h"
#include "fuzz.h"

static void
check_rebuilt (const IkeMessage *message)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  IkeMessage again;

  ike_builder_init (&builder, &message->header);
  for (guint i = 0; i < message->payloads.n; i++)
    ike_builder_add (&builder, message->payloads.at[i].type, message->payloads.at[i].body);
  bytes = ike_builder_finish (&builder);
  g_assert_nonnull (bytes);
  g_assert_cmpint (ike_message_parse (ike_chunk_bytes (bytes), &again), ==, IKE_PARSE_OK);
  g_assert_cmpuint (again.payloads.n, ==, message->payloads.n);
  for (guint i = 0; i < again.payloads.n; i++)
    {
      g_assert_cmpuint (again.payloads.at[i].type, ==, message->payloads.at[i].type);
      g_assert_cmpuint (again.payloads.at[i].offset, ==, message->payloads.at[i].offset);
      g_assert_true (ike_chunk_equal (again.payloads.at[i].body, message->payloads.at[i].body));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  IkeChunk datagram = ike_chunk (data, size);
  g_autofree char *text = NULL;
  IkeMessage message;
  IkePayloads inner;

  if (size > 0 && ike_payloads_parse (data[0], ike_chunk (data + 1, size - 1), &inner) == IKE_PARSE_OK)
    g_assert_cmpuint (inner.n, <=, IKE_MAX_PAYLOADS);
  if (ike_message_parse (datagram, &message) != IKE_PARSE_OK)
    return 0;
  text = ike_payloads_to_string (&message.payloads);
  for (guint i = 0; i < message.payloads.n; i++)
    {
      const IkePayload *payload = &message.payloads.at[i];

      g_assert_true (payload->body.data >= data && payload->body.data + payload->body.len <= data + size);
      fuzz_payload_check (payload->type, payload->body);
    }
  check_rebuilt (&message);
  return 0;
}
