/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message ids of one IKE SA, window 1 in both directions: RFC 7296 sections 2.1 to 2.3.
 *
 * Invariants: at most one request of ours is unanswered; what was sent is kept as it was sent, so that a retransmission
 * is the same octets; a request of the peer is new, or the last one again, or dropped.
 */
#pragma once

#include "base/timers.h"

#include <glib.h>

typedef struct {
  guint32 next; /* id of our next request */
  guint32 expected; /* id that the peer's next request has */
  GPtrArray *request; /* GBytes: our unanswered request; NULL: none */
  GBytes *inner; /* what is protected in it, in case that it must go out with another id; NULL: it must not */
  guint8 first; /* type of the first payload in there */
  GPtrArray *response; /* GBytes: our answer to request expected - 1; NULL: none yet */
  IkeTime since; /* when the unanswered request was first sent */
  IkeTime interval; /* until the next retransmission */
  guint tries;
  guint steady; /* so many retransmissions more after the same interval */
  gboolean hurried; /* ike_window_hurry() was called */
  gboolean repeated; /* whose answer it will be is not known */
  gboolean doubted; /* that nobody answers was said */
  IkeTime rtt; /* of the last request that was answered at once; 0: not known on this path */
} IkeWindow;

typedef enum { IKE_WINDOW_NEW, IKE_WINDOW_AGAIN, IKE_WINDOW_OUT } IkeWindowPlace;

void ike_window_clear (IkeWindow *window);

/* Our request @next, or the same again with other octets (IKE_SA_INIT with a cookie). */
void ike_window_sent (IkeWindow *window, GPtrArray *take_datagrams, IkeTime now);
/* The same request on another path: retransmissions come quickly again, but patience does not begin anew. */
void ike_window_restart (IkeWindow *window);
/* It is answered within @interval, or lost: the first @times retransmissions come so soon. */
void ike_window_hurry (IkeWindow *window, IkeTime interval, guint times);
/* The answer has come. */
void ike_window_measure (IkeWindow *window, IkeTime now);
/* Where the answer @id belongs: TRUE when it is the one that we wait for. */
gboolean ike_window_awaits (const IkeWindow *window, guint32 id);
/* It was accepted: the request is forgotten, the next one has the next id. */
void ike_window_answered (IkeWindow *window);
/* Both ends go on from other ids: ours at least @next, the peer's at least @expected (RFC 6311). */
void ike_window_renumber (IkeWindow *window, guint32 next, guint32 expected);
/* The time until the next retransmission; grows by 1.8 up to @longest. @jitter is any octet and moves it by up to 10
 * % to
 * either side. */
IkeTime ike_window_back_off (IkeWindow *window, IkeTime longest, guint8 jitter);

IkeWindowPlace ike_window_place (const IkeWindow *window, guint32 id);
/* The peer's request @expected has been answered so. */
void ike_window_respond (IkeWindow *window, GPtrArray *take_datagrams);
