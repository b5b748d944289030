/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's addresses and the engine's. */
#pragma once

#include "ike-engine-io.h"

#include <netinet/in.h>

typedef union {
  struct sockaddr sa;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
} SockAddress;

/* The length. */
socklen_t sockaddr_write (const IkeEndpoint *endpoint, SockAddress *ret);
IkeEndpoint sockaddr_read (const SockAddress *address);
