/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a driver is started with: the profile, and what the helper has made. */
#pragma once

#include "io/driver.h"
#include "nm/ikeconfig.h"
#include "nm/setup.h"

/* @input->credentials is filled in. The remote end is left to the caller. @netwatch may be NULL. NULL: the profile is
 * wrong. */
DriverStart *start_new (IkeconfigInput *input, const Setup *setup, Netwatch *netwatch, GError **error);
