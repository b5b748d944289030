/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The child that works on the key store, and the memory files in which it is talked to. */
#pragma once

#include <glib.h>

void keystore_child_main (int fd, gpointer data);

/* -1: errno. Sealed. */
int keystore_variant_write (GVariant *value);
/* NULL: it is none of this type, or not in normal form. */
GVariant *keystore_variant_read (int fd, const GVariantType *type);
