/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-redirect.so - preloaded into strongSwan's charon, which sends clients to another gateway in IKE_SA_INIT or IKE_AUTH
 * (RFC 5685) only if a plugin says so, and Debian has none. Here is the manager that it would ask its plugins by. /run/redirect
 * has "init ADDRESS" or "auth ADDRESS", for the next client; it is removed then.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "/run/redirect"

typedef struct Manager Manager;

/* strongSwan's redirect_manager_t (src/libcharon/sa/redirect_manager.h) */
struct Manager {
  void (*add_provider) (Manager *self, void *provider);
  void (*remove_provider) (Manager *self, void *provider);
  bool (*redirect_on_init) (Manager *self, void *ike_sa, void **ret_gateway);
  bool (*redirect_on_auth) (Manager *self, void *ike_sa, void **ret_gateway);
  void (*destroy) (Manager *self);
};

/* of libstrongswan */
void *identification_create_from_string (char *text);
/* of libcharon, but for this */
Manager *redirect_manager_create (void);

static bool
redirect_in (const char *where, void **ret_gateway)
{
  char said[8] = "", address[64] = "";
  FILE *file = fopen (FILE_NAME, "re");
  bool is = file && fscanf (file, "%7s %63s", said, address) == 2 && strcmp (said, where) == 0;

  if (file)
    fclose (file);
  if (!is)
    return false;
  unlink (FILE_NAME);
  *ret_gateway = identification_create_from_string (address);
  return true;
}

static bool
on_init (Manager *self, void *ike_sa, void **ret_gateway)
{
  (void) self;
  (void) ike_sa;
  return redirect_in ("init", ret_gateway);
}

static bool
on_auth (Manager *self, void *ike_sa, void **ret_gateway)
{
  (void) self;
  (void) ike_sa;
  return redirect_in ("auth", ret_gateway);
}

static void
on_provider (Manager *self, void *provider)
{
  (void) self;
  (void) provider;
}

static void
on_destroy (Manager *self)
{
  (void) self;
}

Manager *
redirect_manager_create (void)
{
  static Manager manager = { on_provider, on_provider, on_init, on_auth, on_destroy };

  return &manager;
}
