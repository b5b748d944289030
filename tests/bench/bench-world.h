/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ike-engine.h"

typedef struct {
  IkeEngine *engine;
  const IkeCrypto *crypto;
  IkeAddress address;
  guint32 spi; /* the kernel's next */
  guint32 last_in; /* of the Child SA that was installed last */
  guint ups;
  double seconds; /* CPU, with its jobs; see below */
  GQueue inputs; /* IkeInput */
} BenchEnd;

extern BenchEnd bench_ends[2]; /* initiator, responder */
/* Both ends' seconds are counted. Reading the clock for each message costs a sixth of a handshake. */
extern gboolean bench_by_end;

void bench_begin (void);
void bench_end (void);
double bench_seconds (void);
gsize bench_heap (void);
IkeConfig *bench_config (guint32 id, IkeRole role);
/* Queued for bench_run(). */
IkeInput *bench_input (BenchEnd *end, IkeInputType type);
/* Does what @output asks; the answer is queued. */
void bench_act (BenchEnd *end, IkeOutput *output);
void bench_start (guint32 id);
void bench_run (IkeTime now);
