/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See editor-load.h. */
#include "config.h"

#include "editor-load.h"

#include <dlfcn.h>
#include <glib/gi18n-lib.h>

#define EDITOR_GTK3 "libnm-vpn-plugin-ipsec-editor.so"
#define EDITOR_GTK4 "libnm-gtk4-vpn-plugin-ipsec-editor.so"

typedef NMVpnEditor *(*EditorFactory) (NMConnection *connection, GError **error);

char *
editor_beside_us (const char *name)
{
  Dl_info info;
  g_autofree char *dir = NULL;

  if (dladdr ((void *) editor_beside_us, &info) == 0 || info.dli_fname == NULL)
    return g_strdup (name);
  dir = g_path_get_dirname (info.dli_fname);
  return g_build_filename (dir, name, NULL);
}

/* Whose process are we in? */
static gboolean
host_is_gtk3 (void)
{
  return dlsym (RTLD_DEFAULT, "gtk_container_add") != NULL;
}

static gboolean
host_is_gtk4 (void)
{
  return dlsym (RTLD_DEFAULT, "gtk_box_append") != NULL;
}

static gboolean
editor_exists (const char *name)
{
  g_autofree char *path = editor_beside_us (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

NMVpnEditor *
editor_load (NMConnection *connection, GError **error)
{
  static EditorFactory factory; /* types cannot be registered twice: the module stays */
  g_autofree char *path = editor_beside_us (host_is_gtk3 () ? EDITOR_GTK3 : EDITOR_GTK4);
  void *module;

  if (factory == NULL)
    {
      module = dlopen (path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
      if (module == NULL)
        {
          g_set_error (error, NM_CONNECTION_ERROR, NM_CONNECTION_ERROR_FAILED,
                       _ ("The editor for IPsec connections is not installed, or cannot be loaded: %s"), dlerror ());
          return NULL;
        }
      factory = (EditorFactory) dlsym (module, "nm_ipsec_editor_new");
      if (factory == NULL)
        {
          g_set_error (error, NM_CONNECTION_ERROR, NM_CONNECTION_ERROR_FAILED,
                       _ ("%s is not the editor for IPsec connections."), path);
          dlclose (module);
          return NULL;
        }
    }
  return factory (connection, error);
}

NMVpnEditorPluginCapability
editor_capability (void)
{
  gboolean editor;

  if (host_is_gtk3 ())
    editor = editor_exists (EDITOR_GTK3);
  else if (host_is_gtk4 ())
    editor = editor_exists (EDITOR_GTK4);
  else
    editor = editor_exists (EDITOR_GTK3) || editor_exists (EDITOR_GTK4);
  return editor ? NM_VPN_EDITOR_PLUGIN_CAPABILITY_NONE : CAPABILITY_NO_EDITOR;
}
