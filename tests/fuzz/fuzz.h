/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fuzz target exports; the same object is linked with libFuzzer, or with fuzz-main.c for replay. A target is
 * pure: no file, no socket, no state between two calls. It aborts (g_assert) when a property does not hold.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
/* Optional: once, before the first input. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
