/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Configuration payload as a server reads and answers it: RFC 7296 sections 2.19, 3.15; RFC 8598. */
#pragma once

#include "sa/client.h"
#include "wire/payload-cp.h"

/* What a client asks for. */
typedef struct {
  gboolean address4, address6;
  IkeAddress wish4, wish6; /* this address, if it can be; family NONE: any */
  gboolean domains, banner;
} IkeServeWish;

/* FALSE: malformed. */
gboolean ike_serve_read (IkeChunk body, IkeServeWish *ret);
/* The client has an address that it asks for. */
gboolean ike_serve_has_address (const IkeClient *client, const IkeServeWish *wish);
/* Appends the CFG_REPLY: those addresses, and what the configuration has for everybody. */
void ike_serve_reply (IkeBuilder *builder, const IkeServe *serve, const IkeClient *client, const IkeServeWish *wish);
