/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random schedule of happenings to a client and a gateway, to two peers, or to a server and its clients, and what must
 * hold whatever happens.
 *
 * All of a run follows from its seed: the world (configuration, NAT, link) and, unless others are given, the happenings.
 */
#pragma once

#include <glib.h>

typedef enum {
  HAPPEN_LOSS, /* so many percent */
  HAPPEN_DUPLICATES, /* so many percent */
  HAPPEN_JITTER, /* milliseconds: also reorders */
  HAPPEN_MTU, /* of the path */
  HAPPEN_CUT, /* what @who sends is lost */
  HAPPEN_HEAL, /* the network is good again */
  HAPPEN_MOVE, /* the client's address changes */
  HAPPEN_REBIND, /* the client's NAT forgets its mappings */
  HAPPEN_SLEEP, /* seconds */
  HAPPEN_REBOOT,
  HAPPEN_REFUSE_SA,
  HAPPEN_REFUSE_SPI,
  HAPPEN_ACCEPT, /* the kernel is itself again, jobs are quick */
  HAPPEN_SLOW, /* jobs take so many milliseconds */
  HAPPEN_SOFT, /* lifetime of the Child SA in use */
  HAPPEN_HARD,
  HAPPEN_SOFT_BOTH,
  HAPPEN_IKE, /* rekeying of the IKE SA is due */
  HAPPEN_IKE_BOTH,
  HAPPEN_STOP, /* the user's wish, or the administrator's */
  HAPPEN_START,
  N_HAPPENINGS
} HappeningKind;

typedef struct {
  gint64 after; /* microseconds since the one before */
  guint8 kind;
  guint8 who;
  guint32 arg;
} Happening;

#define MAX_HAPPENINGS 14

typedef enum {
  MODEL_TUNNEL, /* a client and a gateway, net to net */
  MODEL_PEERS, /* either may begin */
  MODEL_DEMAND, /* the client, or peer, begins when there is a packet */
  MODEL_SERVER, /* two clients, which are given addresses */
} ModelKind;

/* Hosts. Those of any kind but SERVER have only one client. */
enum { MODEL_CLIENT, MODEL_GATEWAY, MODEL_SECOND, MODEL_MAX_HOSTS };

ModelKind model_kind (guint64 seed);

/* Returns their number. */
guint model_random (guint64 seed, Happening ret[MAX_HAPPENINGS]);
char *model_to_string (const Happening *happening);
/* Aborts when something does not hold; @loud: with a transcript. */
void model_run (guint64 seed, const Happening *happenings, guint n, gboolean loud);
