/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window of the graphical mode. It is in a module of its own, so that the dialog itself needs neither a toolkit nor
 * a display.
 */
#pragma once

#include "request.h"

/* Shows the questions and fills in the answers; FALSE: the user does not want to, or there is no display. */
typedef gboolean (*WindowRun) (Request *request);
#define WINDOW_MODULE "libnm-ipsec-auth-window.so"
#define WINDOW_SYMBOL "nm_ipsec_auth_window_run"
