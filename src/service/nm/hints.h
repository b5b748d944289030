/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key exchange group that each gateway took last: to guess right saves a round trip. The helper remembers it for the
 * next process; what it said is kept here. */
#pragma once

#include "helper-client.h"

#define HINTS_MAX 64

/* 0: not known. */
guint16 hints_get_group (const char *host);
void hints_set_group (const char *host, guint16 group);
/* Asks the helper for the groups of @hosts. The answers are here long before a gateway's address and the link are; one
 * that is late is for the next time. */
void hints_recall (HelperClient *helper, char *const *hosts);
/* What @host took now (0: nothing to learn); the helper is told when it is news. */
void hints_learn (HelperClient *helper, const char *host, guint16 group);
