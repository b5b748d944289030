/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the helper is told of the kill switch, as a line of the transcript. */
#pragma once

#include "helper-guard.h"

/* Until the next call. */
const char *world_guard_text (const HelperGuard *guard);
