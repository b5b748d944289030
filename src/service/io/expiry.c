/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure. What has ended already is refused elsewhere (nss/nss-chain-rules.c), or told by the other end. */
#include "io/expiry.h"

#define DAY (24 * 3600)

char *
expiry_warning (const NssCert *cert, gint64 now)
{
  gint64 end = nss_cert_not_after (cert), life = end - nss_cert_not_before (cert);
  g_autofree char *subject = NULL, *date = NULL;

  if (end <= now || end - now >= MIN ((gint64) EXPIRY_DAYS * DAY, life / EXPIRY_PART))
    return NULL;
  date = nss_time_to_string (end);
  subject = nss_cert_subject (cert);
  return g_strdup_printf ("this certificate ends soon, at %s: %s", date, subject);
}
