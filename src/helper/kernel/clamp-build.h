/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of nf_tables that keep TCP's segments small enough for a tunnel (RFC 879, RFC 4459 section 3.2): one table
 * for a helper, which the kernel removes with the socket that made it. They look at SYN packets of this tunnel alone: by
 * its link, or where there is none by the reqids of its SAs, which hold the owner's number (owner.h).
 */
#pragma once

#include <glib.h>

typedef struct {
  guint32 owner; /* owner_number (pid, 0) */
  guint32 ifindex; /* of the link; 0: none */
  guint32 mss4, mss6; /* largest segment; 0: not limited */
} ClampWish;

/* A batch as the kernel wants it, in one piece; the last message but one asks for the acknowledgement. @replaces: there
 * is a table of ours, which goes. *ret_last: the number of that message. */
GByteArray *clamp_build (const ClampWish *wish, gboolean replaces, guint32 *ret_last);
