/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of a Configuration payload, as it is and as a server reads what a client wishes. */
#include "fuzz-wire.h"
#include "fuzz.h"

#include "base/text.h"
#include "sa/configure.h"
#include "sa/select.h"
#include "sa/serve.h"

#include <string.h>

/* What a client takes of it. */
static void
check_client (IkeChunk body)
{
  g_autoptr (IkeConfig) config = ike_config_new ();
  g_autoptr (IkeConfigured) got = ike_configured_new ();

  config->want_address4 = config->want_address6 = TRUE;
  (void) ike_configure_read (body, config, got);
  g_assert_cmpuint (got->addresses->len, <=, IKE_CONFIGURE_MAX_ADDRESSES);
  g_assert_cmpuint (got->dns->len, <=, IKE_CONFIGURE_MAX_SERVERS);
  g_assert_cmpuint (got->domains->len, <=, IKE_CONFIGURE_MAX_DOMAINS);
  g_assert_cmpuint (got->subnets->len, <=, IKE_CONFIGURE_MAX_SUBNETS);
  g_assert_cmpuint (got->trust_anchors->len, <=, IKE_CONFIGURE_MAX_ANCHORS);
  g_assert_cmpuint (got->resolvers->len, <=, IKE_CONFIGURE_MAX_RESOLVERS);
  for (guint i = 0; i < got->addresses->len; i++)
    g_assert_true (ike_address_assignable (&g_array_index (got->addresses, IkePrefix, i).address));
  for (guint i = 0; i < got->domains->len; i++)
    g_assert_true (ike_configure_domain_valid (got->domains->pdata[i]) &&
                   !g_str_has_suffix (got->domains->pdata[i], "."));
  g_assert_true (!got->banner || ike_text_is_clean (got->banner, strlen (got->banner), TRUE));
  g_assert_true (ike_configure_same (got, got));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  IkeServeWish wish;

  fuzz_payload_check (IKE_PAYLOAD_CP, ike_chunk (data, size));
  check_client (ike_chunk (data, size));
  if (ike_serve_read (ike_chunk (data, size), &wish))
    {
      g_assert (wish.wish4.family == IKE_FAMILY_NONE || (wish.address4 && wish.wish4.family == IKE_FAMILY_IP4));
      g_assert (wish.wish6.family == IKE_FAMILY_NONE || (wish.address6 && wish.wish6.family == IKE_FAMILY_IP6));
    }
  return 0;
}
