/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server's clients, for the journal: who came, from where, with which address; and who went. */
#pragma once

#include "ike-engine-io.h"

typedef struct _Clients Clients;

Clients *clients_new (const char *uuid);
void clients_free (Clients *clients);
/* It came; @configured NULL: it went. */
void clients_change (Clients *clients, guint32 client, const IkeConfigured *configured);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Clients, clients_free)
