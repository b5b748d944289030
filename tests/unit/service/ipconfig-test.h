/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of name servers share: a tunnel that has been given an address. */
#pragma once

#include "nm/ipconfig.h"

#include "base/address.h"

static inline IkeAddress
addr (const char *text)
{
  IkeAddress address = { 0 };

  g_assert_true (ike_address_from_string (text, &address));
  return address;
}

/* @own of ours, and whom it reaches. */
static inline void
add_inside (IkeConfigured *configured, const char *own, guint8 bits, const char *first, const char *last)
{
  const IkePrefix prefix = { .address = addr (own), .prefix = bits };
  const IkeSelector selector = { .first = addr (first), .last = addr (last), .port_last = G_MAXUINT16 };

  g_array_append_val (configured->addresses, prefix);
  g_array_append_val (configured->remote_ts, selector);
}
