/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linked with -Wl,--wrap=ike_sk_seal_after: what exchange/run.c protects comes through here. */
#include "sim-clear.h"

#include "sim-capture.h"

#include "crypto/sk.h"

GPtrArray *__real_ike_sk_seal_after (const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator,
                                     const IkeHeader *header, const IkeSkBefore *before, guint8 first_inner,
                                     IkeChunk inner, guint64 *iv_counter, gsize limit);
GPtrArray *__wrap_ike_sk_seal_after (const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator,
                                     const IkeHeader *header, const IkeSkBefore *before, guint8 first_inner,
                                     IkeChunk inner, guint64 *iv_counter, gsize limit);

static SimClearFunc watcher;
static gpointer watcher_data;

void
sim_clear_watch (SimClearFunc func, gpointer data)
{
  watcher = func;
  watcher_data = data;
}

void
sim_clear_copy (const SimClear *clear, IkeBuilder *builder, guint8 without)
{
  for (guint i = 0; i < clear->payloads->n; i++)
    if (clear->payloads->at[i].type != without || !without)
      ike_builder_add (builder, (IkePayloadType) clear->payloads->at[i].type, clear->payloads->at[i].body);
}

GPtrArray *
__wrap_ike_sk_seal_after (const IkeCrypto *crypto, const IkeKeys *keys, gboolean from_initiator,
                          const IkeHeader *header, const IkeSkBefore *before, guint8 first_inner, IkeChunk inner,
                          guint64 *iv_counter, gsize limit)
{
  g_autofree IkePayloads *payloads = g_new0 (IkePayloads, 1);
  const SimClear clear = { header, from_initiator, payloads };
  g_autoptr (GBytes) chain = NULL;
  g_auto (IkeBuilder) builder = { 0 };

  sim_capture_inner (first_inner, inner);
  if (watcher && ike_payloads_parse (first_inner, inner, payloads) == IKE_PARSE_OK)
    {
      ike_builder_init_inner (&builder);
      if (watcher (&clear, &builder, watcher_data))
        {
          chain = ike_builder_finish (&builder);
          g_assert (chain != NULL);
          first_inner = builder.first;
          inner = ike_chunk_bytes (chain);
        }
    }
  return __real_ike_sk_seal_after (crypto, keys, from_initiator, header, before, first_inner, inner, iv_counter, limit);
}
