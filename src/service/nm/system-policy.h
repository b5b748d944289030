/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system's crypto policy, read once while files can still be read, and the same for the life of the process. */
#pragma once

#include "profile/policy.h"

void system_policy_load (void);
/* NULL: there is none. */
const IpsecPolicy *system_policy_get (void);
/* What else decides over algorithms than the profile of the connection @uuid, which wants the policy obeyed or not. */
void system_policy_log (const char *uuid, gboolean fips, gboolean obeyed);
