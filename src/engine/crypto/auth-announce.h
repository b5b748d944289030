/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which authentication methods an end accepts of the other one, as it announces them: RFC 9593 section 3.2. */
#pragma once

#include "base/writer.h"
#include "crypto/sig-scheme.h"

typedef struct {
  gboolean shared_key, null;
  guint32 schemes; /* 1 << index of ike_sig_scheme_at() */
} IkeAnnounced;

/* FALSE: malformed, and then nothing was announced. What nobody here knows is passed over. */
gboolean ike_announced_parse (IkeChunk data, IkeAnnounced *ret);
/* What a configuration with this @remote_auth takes; nothing where the method is EAP's. */
void ike_announced_write (IkeWriter *writer, IkeAuth remote_auth, gboolean rsa_sha1, const IkeCrypto *crypto);
gboolean ike_announced_has_scheme (const IkeAnnounced *announced, const IkeSigScheme *scheme);
/* Is @method, in whatever way it is done, among them? Nothing announced: anything may be. */
gboolean ike_announced_has (const IkeAnnounced *announced, IkeAuth method);
