/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of addresses at which one end of an IKE SA can be reached: RFC 4555 sections 3.4, 3.6. Plain data. */
#pragma once

#include "wire/message.h"

#include "base/address.h"
#include "base/timers.h"

/* so many are kept of what a peer says, and so many of ours are told */
#define IKE_ADDRESSES_MAX 4

typedef struct _IkeAddresses {
  IkeAddress at[IKE_ADDRESSES_MAX];
  guint8 n;
  /* of the peer's, since it was heard last: in this round twice as many were tried, one less before it was looked for where
   * it was; rounds; when there may be another one */
  guint8 next, rounds;
  IkeTime again;
  guint32 told; /* of the peer's: one more than the id of its newest INFORMATIONAL that has told them */
} IkeAddresses;

/* One that another host can be reached at, by whatever link. */
gboolean ike_addresses_may_be (const IkeAddress *address);
/* Of a network that has nothing to do with another one that uses the same (RFC 1918, RFC 4193, RFC 6598). */
gboolean ike_addresses_is_private (const IkeAddress *address);
gboolean ike_addresses_contain (const IkeAddresses *list, const IkeAddress *address);
/* Unless it is there, is none, or there are enough. */
void ike_addresses_add (IkeAddresses *list, const IkeAddress *address);
gboolean ike_addresses_equal (const IkeAddresses *a, const IkeAddresses *b);
/* What a message tells, in its order; @except: of the one that reads it. FALSE: it tells nothing of them. */
gboolean ike_addresses_read (const IkePayloads *payloads, const IkeAddress *except, IkeAddresses *ret_list);
