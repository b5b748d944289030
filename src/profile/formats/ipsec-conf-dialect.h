/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose ipsec.conf is it? */
#pragma once

#include <glib.h>

/* Only strongSwan's words, and none of Libreswan's. @values: name -> value, of one connection. */
gboolean ipsec_conf_is_strongswan (GHashTable *values);
