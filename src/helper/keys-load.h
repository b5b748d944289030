/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child that holds keys (keys-child.h) is a module beside the program, which the child itself loads: NSS comes to
 * those connections that have a key or a certificate, and the helper of every other one is small and quick to start.
 */
#pragma once

#include <glib.h>

/* WorkerMain; without the module the child ends at once. */
void keys_load_main (int fd, gpointer data);
void keys_load_main_store (int fd, gpointer data);
void keys_load_main_token (int fd, gpointer data);
