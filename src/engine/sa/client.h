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

struct _IkeClient {
  guint refs;
  guint32 number;
  IkeConnection *connection;
  char *key; /* of its identity: who has the same one is the same; NULL: it has none (RFC 7619) */
  IkeClient *twin; /* the next with the same key */
  IkeAddress address4, address6; /* family NONE: none */
  GBytes *id_i, *id_r; /* bodies of the ID payloads, when it has asked for a ticket */
  IkeTicketRef ticket; /* the last one that it got */
  IkeTime ticketed;
};

/* For a peer that was proven to be @identity. The caller's reference. */
IkeClient *ike_client_new (IkeConnection *connection, const IkeIdentity *identity);
IkeClient *ike_client_ref (IkeClient *client);
void ike_client_unref (IkeClient *client);
/* Another one with the same identity; NULL: there is none. */
IkeClient *ike_client_find_other (const IkeClient *client);
/* The one of that number, if it has the same identity. */
IkeClient *ike_client_find_twin (const IkeClient *client, guint32 number);
