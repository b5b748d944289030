/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the simulations send, as inputs of fuzz targets: with SIM_CAPTURE=DIRECTORY in the environment each datagram is left
 * in DIRECTORY/message, and each payload, also of what is encrypted, in DIRECTORY/payload and the directory of its own target.
 * tests/fuzz/grow takes what is new.
 */
#pragma once

#include "base/chunk.h"

void sim_capture_datagram (GBytes *datagram);
/* A chain of payloads that begins with one of type @first, before it is encrypted. */
void sim_capture_inner (guint8 first, IkeChunk inner);
