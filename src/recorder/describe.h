/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inputs and outputs of the engine as one line of text each. What an output's line says is what a replay compares: all
 * that has an effect is in it, long octets as a digest, keys and passwords by their length alone.
 */
#pragma once

#include "ike-engine-io.h"

char *describe_input (const IkeInput *input);
char *describe_output (const IkeOutput *output);
