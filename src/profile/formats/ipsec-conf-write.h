/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reading and writing ipsec.conf share, and the writer. */
#pragma once

#include "profile/formats/convert.h"

/* NULL after the last. */
const ConvertRow *ipsec_conf_row (guint index);
/* A section in Libreswan's dialect; secrets are not in such files. */
char *ipsec_conf_write (NMConnection *connection, GError **error);
