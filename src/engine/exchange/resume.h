/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What IKE_AUTH wants of a resumed IKE SA. RFC 5723 section 4.3.3. */
#pragma once

#include "exchange/auth-common.h"

static inline gboolean
ike_resume_is (const IkeParent *parent)
{
  return parent->nego && parent->nego->resumed;
}

/* Initiator: it has come to nothing, so there is a full exchange, at once. Whoever calls this returns. */
void ike_resume_fall_back (IkeParent *parent, IkeFarewell farewell, const char *why);
/* Responder: the first IKE_AUTH request; identities have been read. */
void ike_resume_judge (IkeTask *task);
