/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between sim.c (time, hosts, network) and sim-host.c (what a host does with outputs). */
#pragma once

#include "sim.h"

typedef enum {
  SIM_EVENT_PACKET,
  SIM_EVENT_INPUT,
  SIM_EVENT_PING,
  SIM_EVENT_EXPIRE, /* the hard lifetime of an SA in the kernel, unless it is gone */
} SimEventType;

typedef struct {
  SimEventType type;
  IkeTime at;
  SimHost *host; /* INPUT: whose; PING: who sends */
  SimHost *peer; /* PING */
  SimPacket *packet;
  IkeInput *input;
  IkeTime interval, until; /* PING */
  IkeSecret *key; /* PING in flight: what it was encrypted with; NULL: to be sent */
  guint32 spi;
  guint64 order; /* EXPIRE: of the SA */
} SimEvent;

void sim_post (Sim *sim, SimEvent *take_event);
/* An input for @host after @delay. */
void sim_post_input (SimHost *host, IkeInput *take_input, IkeTime delay);
/* Handles and drains. */
void sim_feed (SimHost *host, IkeInput *take_input);
/* What passes the NAT before @host, if there is one: rewrites it. */
void sim_nat_out (SimHost *host, IkeEndpoint *from, const IkeEndpoint *to);
gboolean sim_nat_in (const SimHost *host, const IkeEndpoint *from, IkeEndpoint *to);
/* Forgets what was under way for @host alone. */
void sim_forget (SimHost *host);
/* A datagram leaves @host. */
void sim_transmit (SimHost *host, const IkePath *path, GBytes *data, IkePieces pieces);
void sim_packet_free (SimPacket *packet);
IkeAddress sim_address (const char *text);
/* Nobody reaches @host there any more. */
gboolean sim_is_dead (const SimHost *host, const IkeAddress *address);
/* What the owner of a fake key signs. */
GBytes *sim_fake_signature (const char *key, IkeHashId hash, GBytes *octets);
