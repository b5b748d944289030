/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. RFC 7296 sections 2.7, 2.9. */
#include "exchange/mismatch.h"

#include "sa/select.h"

#include <string.h>

/* octets of each list */
#define LONGEST 500

static char *
shorten (char *take_text)
{
  if (strlen (take_text) > LONGEST)
    memcpy (take_text + LONGEST - 3, "...", 4);
  return take_text;
}

static gboolean
is_heard (const IkeParent *parent)
{
  return parent->core->log_level >= IKE_LOG_NOTICE && ike_core_may_be_loud (parent->core);
}

static const char *
exchange_of (const IkeParent *parent)
{
  return parent->answering->row->name;
}

void
ike_mismatch_proposals (const IkeParent *parent, const IkeSa *offer, GPtrArray *ours, IkeProtocolId protocol)
{
  g_autofree char *theirs_text = NULL, *ours_text = NULL;

  if (!is_heard (parent))
    return;
  theirs_text = shorten (ike_offer_to_string (offer, (guint8) protocol));
  ours_text = shorten (ike_proposals_to_string (ours));
  ike_parent_log (parent, IKE_LOG_NOTICE, "exchange",
                  "%s refused: NO_PROPOSAL_CHOSEN: the other end offers %s, and we take %s", exchange_of (parent),
                  theirs_text, ours_text);
}

void
ike_mismatch_selectors (const IkeParent *parent, const GArray *remote, const GArray *local,
                        const GArray *remote_allowed, const GArray *local_allowed)
{
  g_autofree char *there = NULL, *here = NULL, *there_allowed = NULL, *here_allowed = NULL;

  if (!is_heard (parent))
    return;
  there = shorten (ike_select_to_string (remote));
  here = shorten (ike_select_to_string (local));
  there_allowed = shorten (ike_select_to_string (remote_allowed));
  here_allowed = shorten (ike_select_to_string (local_allowed));
  ike_parent_log (parent, IKE_LOG_NOTICE, "exchange",
                  "%s refused: TS_UNACCEPTABLE: the other end wants %s there and %s here, and we allow %s and %s",
                  exchange_of (parent), there, here, there_allowed, here_allowed);
}

void
ike_mismatch_labels (const IkeParent *parent)
{
  if (is_heard (parent))
    ike_parent_log (parent, IKE_LOG_NOTICE, "exchange",
                    "%s refused: TS_UNACCEPTABLE: the other end wants another security label, or none",
                    exchange_of (parent));
}
