/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An initiator without a state machine: it does IKE_SA_INIT with a gateway, and then sends what it likes. */
#pragma once

#include "sim.h"

#include "crypto/keymat.h"
#include "crypto/proposal.h"
#include "wire/message.h"

typedef struct {
  Sim *sim;
  SimHost *host;
  const SimHost *gateway;
  guint16 group, proposal_group;
  guint16 addke; /* an additional key exchange that it offers; 0: none */
  IkeChunk value; /* of the KE payload; none: a good one */
  guint64 spi_i, spi_r;
  IkeKeKey *key;
  IkeKeys keys;
  guint64 iv;
  guint inits, others;
  guint16 refusal;
  GBytes *first, *nr; /* what it signs */
} SimAttacker;

/* With a network of its own and a gateway in it that does not listen yet. */
void sim_attacker_prepare (SimAttacker *attacker, guint64 seed);
/* The same, and it listens. */
void sim_attacker_new (SimAttacker *attacker, guint64 seed);
/* Sends IKE_SA_INIT, and waits a second for what comes. */
void sim_attacker_init (SimAttacker *attacker);
/* Sends an inner chain, protected with the keys of an IKE SA that nobody has authenticated. */
void sim_attacker_send (SimAttacker *attacker, IkeExchange exchange, guint32 id, IkeBuilder *inner);
/* AUTH by a shared key for @identity. */
GBytes *sim_attacker_auth (const SimAttacker *attacker, const IkeIdentity *identity, const char *psk);
/* Asserts that it got nothing: no Child SA, and in time no IKE SA. */
void sim_attacker_end (SimAttacker *attacker);
