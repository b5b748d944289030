/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the process's one copy. */
#include "nm/system-policy.h"

#include "nm/log.h"

static IpsecPolicy *policy;

void
system_policy_load (void)
{
  g_clear_pointer (&policy, ipsec_policy_free);
  policy = ipsec_policy_load ("");
}

const IpsecPolicy *
system_policy_get (void)
{
  return policy;
}

void
system_policy_log (const char *uuid, gboolean fips, gboolean obeyed)
{
  const LogFields fields = { .uuid = uuid };

  if (fips)
    log_write (IKE_LOG_NOTICE, &fields, "FIPS mode: only approved algorithms are used");
  if (policy)
    log_printf (obeyed ? IKE_LOG_INFO : IKE_LOG_NOTICE, &fields, "The system's crypto policy %s is %s", policy->name,
                obeyed ? "obeyed" : "ignored, as the profile says");
}
