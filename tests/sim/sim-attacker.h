/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An initiator without a state machine: it does IKE_SA_INIT with a gateway, and then sends what it likes. */
#pragma once

#include "sim.h"

#include "crypto/keymat.h"
#include "crypto/proposal.h"
#include "wire/message.h"

#define SIM_ATTACKER_SPI 0x1000 /* of its first Child SA; the next ones follow */

typedef struct {
  Sim *sim;
  SimHost *host;
  const SimHost *gateway;
  const char *psk; /* NULL: the right one */
  guint16 group, proposal_group;
  GPtrArray *offer; /* IkeProposal, instead of its own; NULL: those */
  guint16 addke; /* an additional key exchange that it offers; 0: none */
  IkeChunk value; /* of the KE payload; none: a good one */
  guint64 spi_i, spi_r;
  IkeKeKey *key;
  IkeKeys keys;
  guint64 iv;
  IkeTime patience; /* with each answer */
  GBytes *cookie; /* the last one that the gateway wanted */
  gboolean mobike, no_nats; /* it says that it can do MOBIKE; that it wants no NATs (RFC 4555) */
  void (*write_more) (IkeBuilder *builder); /* into its IKE_AUTH; NULL: nothing */
  gboolean redirectable; /* says that it can be sent to another gateway */
  guint32 next_id, next_spi;
  guint addresses4, addresses6; /* that its answers have given it */
  guint deleted; /* SPIs in the last answer's DELETE */
  guint inits, others;
  guint16 refusal;
  gboolean eap; /* asks for EAP */
  guint omit; /* of the Child SA in its IKE_AUTH: 1 SA, 2 TSi, 4 TSr; 7: all of it (RFC 6023) */
  gboolean nobody; /* proves nothing (RFC 7619) */
  gboolean tidy; /* deletes what it has rekeyed */
  guint32 rekeyed; /* its next Child SA takes the place of that with this SPI of its own; 0: of none */
  guint16 look_for; /* a notification; 0: none */
  guint found; /* so many protected answers had it */
  guint16 said; /* the error or REDIRECT in the last protected answer; 0: none */
  GBytes *first, *nr; /* what it signs */
  GBytes *eap_packet; /* of the last protected answer; NULL: none */
} SimAttacker;

/* ---- what is for the authenticated alone, one after the other ---- */

#define SIM_N_FORBIDDEN 6
/* Writes an inner chain; its exchange. */
IkeExchange sim_write_forbidden (guint which, IkeBuilder *builder, const IkeCrypto *crypto);
/* The payloads that ask for a Child SA. */
void sim_write_child_request (IkeBuilder *builder, const IkeCrypto *crypto, guint32 spi);

/* ---- the attacker ---- */

/* With a network of its own and a gateway in it that does not listen yet. */
void sim_attacker_prepare (SimAttacker *attacker, guint64 seed);
/* The same, and it listens. */
void sim_attacker_new (SimAttacker *attacker, guint64 seed);
/* Sends IKE_SA_INIT, again if a cookie is wanted, and waits for what comes. */
void sim_attacker_init (SimAttacker *attacker);
/* Sends an inner chain, protected with the keys of an IKE SA that nobody has authenticated. */
void sim_attacker_send (SimAttacker *attacker, IkeExchange exchange, guint32 id, IkeBuilder *inner);
/* Signs in as sim_gateway() wants it and asks for a Child SA; @cp: and for an address. Sets @said. */
void sim_attacker_enter (SimAttacker *attacker, gboolean cp);
/* Deletes its Child SA with this SPI of its own; 0: the IKE SA. */
void sim_attacker_delete (SimAttacker *attacker, guint32 spi);
/* NO_NATS_ALLOWED by what it knows of the path. */
void sim_attacker_write_no_nats (const SimAttacker *attacker, IkeBuilder *builder);
/* Asks for one more Child SA, by another SPI each time, for all that it may. */
void sim_attacker_child (SimAttacker *attacker);
/* Rekeys the IKE SA; what it sends then is sent by the new one. The old one is not deleted. */
void sim_attacker_rekey (SimAttacker *attacker);
/* AUTH by a shared key for @identity; @psk NULL: by nothing. */
GBytes *sim_attacker_auth (const SimAttacker *attacker, const IkeIdentity *identity, const char *psk);
/* Asserts that it got nothing: no Child SA, and in time no IKE SA. */
void sim_attacker_end (SimAttacker *attacker);
