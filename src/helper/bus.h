/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper's second face: what people and the editor may ask for over D-Bus. Root, started on demand, ends when idle. */
#pragma once

#define BUS_NAME "org.freedesktop.NetworkManager.ipsec.Helper"
#define BUS_PATH "/org/freedesktop/NetworkManager/ipsec/Helper"

/* The whole life of "nm-ipsec-helper --bus": the exit status. */
int bus_run (void);
