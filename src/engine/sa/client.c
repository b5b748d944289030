/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns clients, and the index of them by identity, which is their connection's. */
#include "sa/client.h"

#include "sa/connection.h"
#include "sa/sources.h"
#include "sa/parent.h"

/* The same for whatever ike_identity_equal() calls equal. NULL: nobody in particular. */
static char *
key_of (const IkeIdentity *identity)
{
  IkeChunk data = ike_chunk_bytes (identity->data);
  GString *key;

  if (identity->type == IKE_ID_NULL)
    return NULL;
  key = g_string_sized_new (2 * data.len + 4);
  g_string_append_printf (key, "%d:", (int) identity->type);
  for (gsize i = 0; i < data.len; i++)
    {
      gboolean caseless = identity->type == IKE_ID_FQDN || identity->type == IKE_ID_RFC822_ADDR;

      g_string_append_printf (key, "%02x", caseless ? (guint) (guchar) g_ascii_tolower (data.data[i]) : data.data[i]);
    }
  return g_string_free (key, FALSE);
}

IkeClient *
ike_client_new (IkeConnection *connection, const IkeIdentity *identity, const IkeAddress *source)
{
  IkeClient *client = g_new0 (IkeClient, 1);

  client->refs = 1;
  client->number = ++connection->core->last_client;
  client->connection = connection;
  client->key = key_of (identity);
  connection->n_clients++;
  if (!client->key)
    {
      connection->n_anonymous++;
      client->source = *source;
      if (!connection->nobodies)
        connection->nobodies = ike_sources_new ();
      ike_sources_add (connection->nobodies, source);
    }
  if (client->key)
    {
      client->twin = g_hash_table_lookup (connection->clients, client->key);
      g_hash_table_replace (connection->clients, client->key, client);
    }
  return client;
}

void
ike_client_add (IkeClient *client, IkeParent *parent)
{
  IkeParent **place = &client->parents;

  while (*place)
    place = &(*place)->client_next;
  *place = parent;
  parent->client = ike_client_ref (client);
}

void
ike_client_remove (IkeParent *parent)
{
  IkeClient *client = g_steal_pointer (&parent->client);
  IkeParent **place = client ? &client->parents : NULL;

  if (!client)
    return;
  while (*place != parent)
    place = &(*place)->client_next;
  *place = g_steal_pointer (&parent->client_next);
  ike_client_unref (client);
}

IkeClient *
ike_client_ref (IkeClient *client)
{
  if (client)
    client->refs++;
  return client;
}

static void
unlist (IkeClient *client)
{
  GHashTable *clients = client->connection->clients;
  IkeClient *first = client->key ? g_hash_table_lookup (clients, client->key) : NULL;

  if (first == client && client->twin)
    g_hash_table_replace (clients, client->twin->key, client->twin);
  else if (first == client)
    g_hash_table_remove (clients, client->key);
  while (first && first->twin && first != client)
    {
      if (first->twin == client)
        {
          first->twin = client->twin;
          return;
        }
      first = first->twin;
    }
}

void
ike_client_unref (IkeClient *client)
{
  IkeOutput *output;

  if (!client || --client->refs)
    return;
  output = ike_core_output_new (IKE_OUTPUT_GONE, client->connection->config->id);
  output->client = client->number;
  ike_core_push (client->connection->core, output);
  unlist (client);
  client->connection->n_clients--;
  if (!client->key)
    {
      client->connection->n_anonymous--;
      ike_sources_remove (client->connection->nobodies, &client->source);
    }
  g_clear_pointer (&client->id_i, g_bytes_unref);
  g_clear_pointer (&client->id_r, g_bytes_unref);
  g_free (client->key);
  g_free (client->lingering);
  g_free (client);
}

gboolean
ike_client_is_too_many (const IkeClient *client)
{
  const IkeConnection *connection = client->connection;

  return connection->n_clients > IKE_CLIENTS_MAX || client->refs > IKE_CLIENT_MAX_PARENTS ||
         (!client->key && (connection->n_anonymous > IKE_CLIENTS_MAX_ANONYMOUS ||
                           ike_sources_count (connection->nobodies, &client->source) > IKE_CLIENTS_MAX_SOURCE));
}

guint64
ike_client_linger (IkeClient *client, guint64 spi)
{
  guint64 *place, oldest;

  if (!client->lingering)
    client->lingering = g_new0 (guint64, IKE_CLIENT_MAX_LINGERING);
  place = &client->lingering[client->n_lingering++ % IKE_CLIENT_MAX_LINGERING];
  oldest = *place;
  *place = spi;
  return oldest;
}

IkeClient *
ike_client_find (const IkeConnection *connection, const IkeIdentity *identity)
{
  g_autofree char *key = key_of (identity);

  return key ? g_hash_table_lookup (connection->clients, key) : NULL;
}

IkeClient *
ike_client_find_other (const IkeClient *client)
{
  IkeClient *first = client->key ? g_hash_table_lookup (client->connection->clients, client->key) : NULL;

  return first == client ? first->twin : first;
}

IkeClient *
ike_client_find_twin (const IkeClient *client, guint32 number)
{
  IkeClient *other = client->key ? g_hash_table_lookup (client->connection->clients, client->key) : NULL;

  while (other && (other == client || other->number != number))
    other = other->twin;
  return other;
}
