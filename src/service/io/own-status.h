/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OCSP says of our own certificate, for those who ask (RFC 4806 section 4.2): fetched when it is wanted, and kept. */
#pragma once

#include "io/revocation.h"

typedef struct _OwnStatus OwnStatus;

OwnStatus *own_status_new (HelperClient *helper, const HelperCredentials *credentials);
void own_status_free (OwnStatus *self);
/* As revocation_own(). Who comes while somebody waits goes without. */
void own_status_get (OwnStatus *self, guint32 uplink, RevocationOwnFunc done, gpointer data);
