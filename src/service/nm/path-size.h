/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How large an IP packet to the gateway may be, when the kernel may be wrong about it. Pure. */
#pragma once

#include "ike-engine-io.h"

typedef struct {
  IkePath path;
  guint asked; /* octets that are being tried; 0: none */
  guint carried; /* so many arrive, and more do not; 0: as the kernel says */
} PathSize;

/* An IKE SA, or its new path: what was found out about another one is forgotten. */
void path_size_begin (PathSize *size, const IkePath *path);
/* What was found out about @size->asked. @kernel: what the kernel says. The octets to be tried next; 0: it is settled. */
guint path_size_answer (PathSize *size, IkeProbe probe, guint kernel);
guint path_size_get (const PathSize *size, guint kernel);
