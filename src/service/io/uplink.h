/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which uplink the tunnel uses. The kernel's own choice is obeyed as long as it leads somewhere; when that uplink has no
 * carrier, or the gateway does not answer by it, the next one is taken and the gateway is pinned to it. When the user has
 * fixed our address there is but one, that of the address, whatever the kernel would choose.
 */
#pragma once

#include "helper-client.h"
#include "io/netwatch.h"

typedef struct _Uplink Uplink;

/* The way to the gateway begins at @source from now on. Called from the main loop, or from inside uplink_fails(). */
typedef void (*UplinkFunc) (const IkeAddress *source, gpointer data);
/* uplink_has_others() has changed. */
typedef void (*UplinkOthersFunc) (gboolean others, gpointer data);

/* @only: our address; family NONE: any. @netwatch (may be NULL: then nothing ever happens) and @helper outlive it. */
Uplink *uplink_new (Netwatch *netwatch, HelperClient *helper, const IkeAddress *only, UplinkFunc go,
                    UplinkOthersFunc others, gpointer data);
void uplink_free (Uplink *self);
/* Before anything is sent to @gateway: go() follows, at once when nothing has to be done for it, else after the pin. */
void uplink_begin (Uplink *self, const IkeAddress *gateway);
/* In use now: from @path's local address to its remote one. */
void uplink_use (Uplink *self, const IkePath *path);
/* The gateway does not answer by the one in use. */
void uplink_fails (Uplink *self);
/* What go() was called for could not be done: it is called again when something has changed. */
void uplink_missed (Uplink *self);
/* Would that lead to another one? */
gboolean uplink_has_others (const Uplink *self);
/* The link of the one in use; 0: not known. */
guint32 uplink_get_link (const Uplink *self);
/* Look, although nothing was heard: after a sleep. */
void uplink_look (Uplink *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Uplink, uplink_free)
