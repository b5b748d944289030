/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the helper and its children may do: each no more than its work needs. */
#pragma once

#include <glib.h>

/* For a child that reads what the network says: from now on it can compute, and use the descriptors that it has; it opens
 * nothing, connects to nobody, and starts nothing. FALSE: this kernel or processor has no filter. */
gboolean privileges_lock_down (void);

/* For the helper: the few capabilities of NetworkManager's unit that it uses, no way to gain others, no core file, no
 * ptrace. What the kernel cannot do is logged and left out. */
void privileges_limit (void);
/* No program is started any more, by whoever calls this and by its children. By itself, because PAM's pam_unix starts
 * one (unix_chkpwd, since 1.6). */
void privileges_refuse_programs (void);

/* For children, which then have no capabilities. FALSE: do nothing then. */
gboolean privileges_become_nobody (void);
/* The user with all of his groups; "": root, who may then still read any file, but do nothing else. */
gboolean privileges_become_user (const char *user);
/* For a child that works with files of root alone: root without capabilities. */
gboolean privileges_keep_none (void);
/* For the reaper: only what deletes. */
gboolean privileges_keep_net_admin (void);
