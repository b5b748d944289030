/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipsec.conf of Libreswan and strongSwan: ipsec.conf(5) of both. Reading, and writing Libreswan's dialect. */
#pragma once

#include "profile/formats/formats.h"

extern const IpsecFormat ipsec_format_ipsec_conf;
/* "conn NAME" at the beginning of a line, with an indented left= or right= somewhere after it. */
gboolean ipsec_conf_sniff (const char *text, gsize len);
gboolean ipsec_conf_read (IpsecDraft *draft, const char *path, const char *text, gsize len, GError **error);
/* One connection's names and values, which are not kept. */
gboolean ipsec_conf_read_values (IpsecDraft *draft, GHashTable *values, GError **error);
/* The same for the connection of a policy group, without its nets. */
gboolean ipsec_conf_read_mesh (IpsecDraft *draft, GHashTable *values, GError **error);
