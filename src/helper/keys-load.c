/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens keys-child.c's module, which lies where the program does, installed or not. */
#include "keys-load.h"

#include "worker.h"

#include <dlfcn.h>

#define MODULE "nm-ipsec-keys.so"

static void
load (const char *symbol, int fd, gpointer data)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = program ? g_path_get_dirname (program) : NULL;
  g_autofree char *path = dir ? g_build_filename (dir, MODULE, NULL) : NULL;
  gpointer module = path ? dlopen (path, RTLD_NOW | RTLD_LOCAL) : NULL;
  WorkerMain main_ = NULL;

  if (module)
    *(gpointer *) &main_ = dlsym (module, symbol);
  if (main_)
    main_ (fd, data);
  else
    g_warning ("%s cannot be used; install the package again: %s", MODULE, module || !path ? "?" : dlerror ());
}

void
keys_load_main (int fd, gpointer data)
{
  load ("keys_child_main", fd, data);
}

void
keys_load_main_token (int fd, gpointer data)
{
  load ("keys_child_main_token", fd, data);
}

void
keys_load_main_store (int fd, gpointer data)
{
  load ("keys_child_main_store", fd, data);
}
