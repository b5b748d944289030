/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second process that waits for the helper's end, however it comes, and then removes what bears its number
 * (kernel/sweep.h). It is a fork that sleeps: nearly all of its pages are the helper's.
 */
#pragma once

#include <glib.h>

/* Before anything is made. @argv: its space becomes the process's title. FALSE with errno. */
gboolean reaper_start (int argc, char **argv);
