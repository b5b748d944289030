/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a responder serves: an identity that was proven, and the addresses that it was given. It outlives the rekeying
 * of its IKE SA.
 *
 * Invariant: GONE is said exactly once for each, when the last IKE SA of it has ended.
 */
#pragma once

#include "sa/core.h"
#include "sa/tickets.h"

typedef struct _IkeClient IkeClient;

/* Of one connection. Twice what tests/bench goes on with in one process: nobody comes near it by serving, but somebody who
 * may come as often as he likes (unique=no) would. */
#define IKE_CLIENTS_MAX 200000
/* The same for those that have proven nothing (RFC 7619), since any stranger can be so many: with some kilobytes here and
 * two ESP SAs in the kernel each they leave a small machine enough. */
#define IKE_CLIENTS_MAX_ANONYMOUS 16384
/* And of one IPv4 address or one IPv6 /64: there may be an office behind it. */
#define IKE_CLIENTS_MAX_SOURCE 100
/* IKE SAs of one client: that it has rekeyed and not deleted, or has authenticated anew without a Child SA. */
#define IKE_CLIENT_MAX_PARENTS 16
/* IKE SAs of one client that are closed and only repeat their last answer. */
#define IKE_CLIENT_MAX_LINGERING 16

struct _IkeClient {
  guint refs;
  guint32 number;
  IkeConnection *connection;
  char *key; /* of its identity: who has the same one is the same; NULL: it has none (RFC 7619) */
  IkeClient *twin; /* the next with the same key */
  IkeParent *parents; /* its IKE SAs, the oldest first */
  IkeAddress source; /* of one without a key */
  IkeAddress address4, address6; /* family NONE: none */
  GBytes *id_i, *id_r; /* bodies of the ID payloads, when it has asked for a ticket */
  IkeTicketRef ticket; /* the last one that it got */
  IkeTime ticketed;
  guint64 *lingering; /* a ring: our SPIs of the last IKE_CLIENT_MAX_LINGERING that were closed; NULL: none yet */
  guint n_lingering;
};

/* For a peer at @source that was proven to be @identity. The caller's reference. */
IkeClient *ike_client_new (IkeConnection *connection, const IkeIdentity *identity, const IkeAddress *source);
/* @parent is one of its IKE SAs, each of which has a reference. */
void ike_client_add (IkeClient *client, IkeParent *parent);
void ike_client_remove (IkeParent *parent);
IkeClient *ike_client_ref (IkeClient *client);
void ike_client_unref (IkeClient *client);
/* There were enough before it. */
gboolean ike_client_is_too_many (const IkeClient *client);
/* The IKE SA with our @spi lingers from now on: which one is to make room for it, if it is still there; 0: none. */
guint64 ike_client_linger (IkeClient *client, guint64 spi);
/* The newest one of @identity; the others are its twins. NULL: there is none. */
IkeClient *ike_client_find (const IkeConnection *connection, const IkeIdentity *identity);
/* Another one with the same identity; NULL: there is none. */
IkeClient *ike_client_find_other (const IkeClient *client);
/* The one of that number, if it has the same identity. */
IkeClient *ike_client_find_twin (const IkeClient *client, guint32 number);
