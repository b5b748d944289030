/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns their names, as they were told; identities of others are text for people only (ike_identity_to_string()). */
#include "nm/clients.h"

#include "nm/log.h"
#include "nss-name.h"

#include <malloc.h>

struct _Clients {
  char *uuid;
  GHashTable *names; /* number -> char* */
};

Clients *
clients_new (const char *uuid)
{
  Clients *self = g_new0 (Clients, 1);

  self->uuid = g_strdup (uuid);
  self->names = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

void
clients_free (Clients *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->names);
  g_free (self->uuid);
  g_free (self);
}

static char *
addresses_text (const IkeConfigured *configured)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < configured->addresses->len; i++)
    g_ptr_array_add (texts, ike_address_to_string (&g_array_index (configured->addresses, IkePrefix, i).address));
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (" and ", (char **) texts->pdata);
}

static void
up (Clients *self, guint32 client, const IkeConfigured *configured)
{
  const LogFields fields = { .uuid = self->uuid, .event = "client-up" };
  g_autofree char *where = ike_endpoint_to_string (&configured->path.remote);
  g_autofree char *addresses = addresses_text (configured);
  char *name = nss_identity_to_string (configured->remote_id);

  /* hosts of a mesh get none */
  log_printf (IKE_LOG_NOTICE, &fields, "Client %s at %s has %s%s: IKE %s, ESP %s%s", name, where,
              *addresses ? "the address " : "come in", addresses, configured->ike_suite ? configured->ike_suite : "?",
              configured->child_suite ? configured->child_suite : "none yet",
              ike_path_around (&configured->path, configured->encap));
  g_hash_table_insert (self->names, GUINT_TO_POINTER (client), name);
}

static void
gone (Clients *self, guint32 client)
{
  const LogFields fields = { .uuid = self->uuid, .event = "client-gone" };
  const char *name = g_hash_table_lookup (self->names, GUINT_TO_POINTER (client));

  if (!name)
    return; /* it never got so far */
  log_printf (IKE_LOG_NOTICE, &fields, "Client %s is gone; %u are left", name, g_hash_table_size (self->names) - 1);
  g_hash_table_remove (self->names, GUINT_TO_POINTER (client));
  /* there may have been a thousand */
  if (!g_hash_table_size (self->names))
    malloc_trim (0);
}

void
clients_change (Clients *self, guint32 client, const IkeConfigured *configured)
{
  if (configured)
    up (self, client, configured);
  else
    gone (self, client);
}
