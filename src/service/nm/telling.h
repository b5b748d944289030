/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NetworkManager was told last of the tunnel. */
#pragma once

#include "nm/ipconfig.h"

typedef struct {
  gboolean been_up; /* something was told */
  gboolean variant; /* of that, see IpconfigOptions */
  IkeConfigured *configured; /* what it was made of; NULL: nothing yet */
  gboolean bare; /* and of that without name servers and domains */
  gboolean twice; /* it is to be told once more: telling_again() */
  Ipconfig now;
} Telling;

/* FALSE: what the gateway says cannot be used. @telling->now is what is to be told. */
gboolean telling_change (Telling *telling, const IkeConfigured *configured, const IpconfigOptions *options);
/* Something was told, and it was that there is nothing to configure. Of that NetworkManager needs to hear once: from a second
 * time, which changes nothing, it would never come back to "activated". */
gboolean telling_is_empty (const Telling *telling);
/* The same without name servers and domains. FALSE: there are none, or it was told. */
gboolean telling_forget_servers (Telling *telling, const IpconfigOptions *options);
/* Of two families NetworkManager may apply one, take the name servers of that and of what it had of the other, and apply the
 * other one's later: when they have changed it needs to hear it all a second time. FALSE: it does not. */
gboolean telling_again (Telling *telling, const IpconfigOptions *options);
/* The same of what it was made of the last time. FALSE: it would say nothing new of packets' size. */
gboolean telling_resize (Telling *telling, const IpconfigOptions *options);
/* It was told exactly this. */
gboolean telling_knows (const Telling *telling, const IkeConfigured *configured, const IpconfigOptions *options);
void telling_clear (Telling *telling);
