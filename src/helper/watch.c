/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GLib's source for a descriptor, allowed to recurse although it does not. */
#include "watch.h"

guint
watch_add (int fd, GIOCondition condition, GUnixFDSourceFunc func, gpointer data)
{
  GSource *source = g_unix_fd_source_new (fd, condition);
  guint id;

  g_source_set_callback (source, G_SOURCE_FUNC (func), data, NULL);
  g_source_set_can_recurse (source, TRUE);
  id = g_source_attach (source, NULL);
  g_source_unref (source);
  return id;
}
