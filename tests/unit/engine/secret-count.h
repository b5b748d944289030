/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many IkeSecrets are alive: for programs that link secret_count_dep (it wraps their constructor and destructor). */
#pragma once

#include <glib.h>

gint secret_count_live (void);
/* All that were ever made: a test that expects secrets to come and go must see that there were some. */
gint secret_count_total (void);
