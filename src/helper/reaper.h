/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second process that waits for the helper's end, however it comes, and then removes what bears its number
 * (kernel/sweep.h). It is a fork that sleeps: nearly all of its pages are the helper's.
 */
#pragma once

#include <glib.h>

/* @argv: its space becomes the process's title. */
void reaper_set_up (int argc, char **argv);
/* Before anything is made; once is enough. FALSE with errno. */
gboolean reaper_start (void);
