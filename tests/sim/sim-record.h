/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engines of hosts, recorded (src/recorder). A test may ask for it; with SIM_RECORD=1 in the environment every host
 * of every simulation is recorded and replayed at its end, with SIM_RECORD=DIRECTORY the recordings are left there. (The collision
 * scripts change a configuration that the engine has already: they cannot be replayed.)
 */
#pragma once

#include "sim.h"

/* A new engine for @host, recorded from its start; it must not have been given anything yet. */
void sim_record (SimHost *host);
/* What @host has been given so far. */
IkeChunk sim_recording (const SimHost *host);

/* What every use of an engine goes through. */
void sim_engine_new (SimHost *host);
void sim_engine_free (SimHost *host); /* replays what was recorded */
void sim_engine_add (SimHost *host, IkeConfig *take_config);
/* The caller drains with sim_engine_poll() until it gives NULL. */
void sim_engine_remove (SimHost *host);
void sim_engine_handle (SimHost *host, IkeInput *input);
IkeOutput *sim_engine_poll (SimHost *host);
