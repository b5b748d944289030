/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is inside of a ticket, if its seal could be broken. */
#include "fuzz.h"
#include "sa/tickets.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (IkeSession) session = ike_tickets_parse (ike_chunk (data, size));

  if (session)
    g_assert_true (ike_secret_len (session->sk_d) > 0 && session->id_i && session->id_r && session->peer_id);
  return 0;
}
