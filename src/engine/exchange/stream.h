/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP encapsulation, RFC 9329: what a connection changes for IKE SAs that go by it. */
#pragma once

#include "sa/parent.h"

/* What goes around ESP instead of a UDP header: TCP with time stamps, and the length (section 3.1). */
#define IKE_STREAM_OVERHEAD (20 + 12 + 2)

static inline gboolean
ike_stream_is (const IkePath *path)
{
  return path->transport == IKE_TRANSPORT_TCP;
}

/* Has nothing authentic come since a connection took the place of one that broke? */
gboolean ike_stream_is_mute (const IkeParent *parent);
/* Whoever has not made the connection answers by the one that the last good message came by. */
void ike_stream_follow (IkeParent *parent, const IkePath *path);
/* Is the connection's new path another TCP connection between the same two addresses? Then its IKE SAs go by that one,
 * which is no move in the sense of MOBIKE. FALSE: no. */
gboolean ike_stream_renew (IkeConnection *connection, IkeParent *parent);
/* The other end learns of it by a request that it has not had before. */
void ike_stream_tell (IkeParent *parent);
