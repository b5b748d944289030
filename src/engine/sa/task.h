/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One exchange in progress, ours or the peer's, with what it has collected so far.
 *
 * Invariants: an IKE SA runs one task of ours (the head of its queue), or several that make Child SAs while the peer's
 * window permits (they stand before all others), and answers one of the peer at a time; when a task is freed, nobody
 * waits for its jobs any more, and its secrets are erased.
 */
#pragma once

#include "crypto/proposal.h"
#include "crypto/sk.h"
#include "sa/core.h"
#include "sa/window.h"
#include "wire/message.h"

typedef struct _IkeExchangeRow IkeExchangeRow;

/* A message that was accepted: what a handler reads, and may keep while it waits for a job. */
typedef struct {
  IkeHeader header;
  IkePath path;
  GBytes *datagram; /* unprotected messages */
  IkeSecret *inner; /* protected ones: what @payloads borrow */
  guint8 first; /* type of the first payload in it */
  IkePayloads payloads;
} IkeIncoming;
void ike_incoming_free (IkeIncoming *incoming);
void ike_incoming_queue_free (GQueue *queue);

/* What a key exchange collects: nonces, the private half, the shared secret. */
typedef struct {
  GBytes *ni, *nr;
  guint16 group; /* 0: none */
  IkeKeKey *key;
  GBytes *mine; /* our public value */
  IkeSecret *shared;
  IkeSecret *more; /* results of additional key exchanges, joined (RFC 9370) */
  guint8 addke_done; /* how many of them are done */
  GBytes *link; /* what says to which CREATE_CHILD_SA the next one belongs */
  IkeSuite suite;
  guint64 spi; /* rekey of the IKE SA: the new one's, ours */
  guint8 invalid_kes; /* INVALID_KE_PAYLOAD answers so far */
} IkeMaterial;
void ike_material_clear (IkeMaterial *material, const IkeCrypto *crypto);
/* 32 unpredictable octets (RFC 7296 section 2.10). NULL: the provider failed. */
GBytes *ike_material_nonce (const IkeCrypto *crypto);
/* The lower of both nonces as octet strings (RFC 7296 section 2.8.1). */
GBytes *ike_material_low_nonce (const IkeMaterial *material);
int ike_nonce_compare (GBytes *a, GBytes *b);

/* so many are remembered */
#define IKE_TASK_DELETED 4

struct _IkeTask {
  const IkeExchangeRow *row; /* what is being exchanged now */
  const IkeExchangeRow *purpose; /* what the task is for: the first row */
  IkeParent *parent;
  guint32 id;
  guint32 child; /* number of the Child SA that is rekeyed or deleted */
  guint32 fresh; /* number of the Child SA that is being made */
  gboolean ours;
  gboolean alone; /* it begins when nothing else is under way */
  guint8 step; /* the handler's own */
  guint16 octets; /* of a packet that looks for the size of the path */
  guint waiting; /* answers that are out */
  IkeTime not_before; /* a retry that is not due yet */
  IkeTime put_off; /* the first TEMPORARY_FAILURE in a row; 0: none */
  guint32 deleted[IKE_TASK_DELETED]; /* outbound SPIs that the peer deleted before it told us that it made them */
  guint8 n_deleted;
  GBytes *rival; /* the lower nonce of a rekey by the peer that crossed this one, and whose product is gone */
  IkeIncoming *message; /* the one that is being worked on */
  IkePath path; /* the peer's: where its request came from; a probe, a routability check: where it was sent */
  guint32 message_id; /* the peer's */
  gboolean started;
  IkeRequest request; /* ours: the one that is unanswered, or the last */
  IkeMaterial material;
};

/* Not yet in the queue. */
IkeTask *ike_task_new (IkeParent *parent, const IkeExchangeRow *row, gboolean ours);
void ike_task_free (IkeTask *task);
IkeTask *ike_task_find (IkeParent *parent, guint32 id);
/* Whose request @id is unanswered, or NULL. */
IkeTask *ike_task_awaiting (const IkeParent *parent, guint32 id);
/* Of those whose request is unanswered the first that was sent, or NULL. */
IkeTask *ike_task_oldest (const IkeParent *parent);
