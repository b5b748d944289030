/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message ids of one IKE SA and its windows in both directions: RFC 7296 sections 2.1 to 2.3. A window is 1 until the
 * initial exchanges are complete; then ours takes IKE_WINDOW requests in any order, and the peer's what it promised.
 *
 * Invariants: what was sent is kept as it was sent, so that a retransmission is the same octets; no request of ours is
 * further from the oldest unanswered one than the peer permits; a request of the peer is new, or one that was answered,
 * or dropped.
 */
#pragma once

#include "base/timers.h"

#include <glib.h>

/* so many of the peer's requests are worked on or remembered; so many of ours at most are under way */
#define IKE_WINDOW 4
/* Ids do not begin anew (RFC 7296 section 2.2). With this one the IKE SA should be rekeyed: cluster members cannot make the
 * others jump there (RFC 6311), and what is left is enough for any number of attempts. */
#define IKE_WINDOW_WORN 0xc0000000u
#define IKE_WINDOW_END 0xffffff00u /* with this one it is closed */

/* A request of ours. */
typedef struct {
  guint32 id;
  GPtrArray *datagrams; /* GBytes: as sent, while it is unanswered; NULL: it is not, or has not been sent */
  GBytes *inner; /* what is protected in it, in case that it must go out later or with another id; NULL: it must not */
  guint8 first; /* type of the first payload in there */
  gboolean held; /* not sent: the window is full */
  IkeTime since; /* when it was first sent */
  IkeTime due; /* when it is sent again, or given up */
  IkeTime interval; /* until the next retransmission */
  guint tries;
  guint steady; /* so many retransmissions more after the same interval */
  guint hurried; /* ike_request_hurry() was called: with so many times; 0: not */
  gboolean repeated; /* whose answer it will be is not known */
  gboolean doubted; /* that nobody answers was said */
  guint8 pieces; /* IkePieces: of the next time it is sent */
} IkeRequest;

typedef struct {
  guint32 id;
  GPtrArray *datagrams; /* GBytes; NULL: there is none, and the request is not to be looked at again */
} IkeAnswer;

typedef struct {
  guint32 next; /* id of our next request */
  guint32 expected; /* the lowest id of the peer's that was not answered */
  guint8 size; /* of ours: 0 is 1 */
  guint8 permitted; /* the peer's: 0 is 1 */
  guint8 n_answers;
  IkeAnswer answers[IKE_WINDOW]; /* ours, of the last requests; in no order */
  IkeTime rtt; /* of the last request that was answered at once; 0: not known on this path */
  guint32 worn; /* ike_window_is_worn() is TRUE from that id on; 0: from IKE_WINDOW_WORN on */
} IkeWindow;

typedef enum { IKE_WINDOW_NEW, IKE_WINDOW_AGAIN, IKE_WINDOW_OUT } IkeWindowPlace;

void ike_window_clear (IkeWindow *window);

/* @request goes out with the next id; or it is unanswered, and goes out with other octets (IKE_SA_INIT, a cookie). */
void ike_window_sent (IkeWindow *window, IkeRequest *request, GPtrArray *take_datagrams, IkeTime now);
/* The same request on another path: retransmissions come quickly again, but patience does not begin anew. */
void ike_request_restart (IkeRequest *request);
/* It is answered within @interval, or lost: the first @times retransmissions come so soon. */
void ike_request_hurry (IkeRequest *request, IkeTime interval, guint times);
/* Its answer has come: how long that took. */
void ike_window_measure (IkeWindow *window, const IkeRequest *request, IkeTime now);
/* Its answer was accepted, or is not waited for any more: its octets are forgotten. */
void ike_request_answered (IkeRequest *request);
/* The time until the next retransmission; grows by 1.8 up to @longest. @jitter is any octet and moves it by up to 10 % to
 * either side. */
IkeTime ike_request_back_off (IkeRequest *request, IkeTime longest, guint8 jitter);
/* May one more go out while @oldest (or NULL) is the oldest that is unanswered? */
gboolean ike_window_is_open (const IkeWindow *window, const IkeRequest *oldest);
/* Is it time to rekey the IKE SA, because of the ids that were used in either direction? Not again soon, if that was
 * refused. @late: the peer, which counts the same ones, is given time to do it. */
gboolean ike_window_is_worn (IkeWindow *window, gboolean late);
/* There are no more ids for either end. */
gboolean ike_window_is_spent (const IkeWindow *window);
/* What the peer's SET_WINDOW_SIZE says. */
void ike_window_permit (IkeWindow *window, guint32 size);
/* Both ends go on from other ids: ours at least @next, the peer's at least @expected (RFC 6311). */
void ike_window_renumber (IkeWindow *window, guint32 next, guint32 expected);

IkeWindowPlace ike_window_place (const IkeWindow *window, guint32 id);
/* The peer's new request @id has been answered so. NULL: it cannot be. */
void ike_window_respond (IkeWindow *window, guint32 id, GPtrArray *take_datagrams);
/* NULL: none is stored. */
GPtrArray *ike_window_answer (const IkeWindow *window, guint32 id);
gboolean ike_window_has_answers (const IkeWindow *window);
void ike_window_forget_answers (IkeWindow *window);
