/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which NetworkManager there is, for what older ones cannot do. It is asked for only when somebody wants to know, once, and
 * nobody waits for the answer.
 */
#pragma once

#include <gio/gio.h>

typedef struct _ManagerVersion ManagerVersion;

ManagerVersion *manager_version_new (GDBusConnection *bus);
/* No function is called afterwards. */
void manager_version_free (ManagerVersion *self);

/* @func is called from the main loop when there is an answer, or there is going to be none; never if that is so already.
 * One at a time: the last who asked. */
void manager_version_ask (ManagerVersion *self, void (*func) (gpointer data), gpointer data);
/* Whoever asked with @data does not want to hear it any more. */
void manager_version_forget (ManagerVersion *self, gpointer data);
/* Has it answered, be it that it does not say? */
gboolean manager_version_is_known (const ManagerVersion *self);
/* FALSE also while it is not known. */
gboolean manager_version_is_at_least (const ManagerVersion *self, guint major, guint minor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ManagerVersion, manager_version_free)
