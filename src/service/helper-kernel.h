/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's answer to one request of the engine, by way of the helper. */
#pragma once

#include "ike-engine-io.h"

typedef struct {
  int error;        /* 0, or a positive errno: nothing but text is there then */
  const char *text; /* NULL without error */
  guint32 spi;
  guint16 cpi, cpus;
  gboolean aggfrag;
  guint64 bytes, packets;
  IkeTime last_use;
} HelperKernelAnswer;

typedef void (*HelperKernelFunc) (const HelperKernelAnswer *answer, gpointer data);
