/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gets which slot: nobody that of another one, and it is free again with whoever had it. */
#include "sa/child.h"
#include "sa/connection.h"
#include "sa/parent.h"

typedef struct {
  IkeCore core;
  IkeCrypto crypto;
  IkeConnection *connection;
  IkeParent *parent;
} Place;

static void
place_init (Place *place, IkeRole role)
{
  IkeConfig *config = ike_config_new ();

  config->id = 1;
  config->role = role;
  ike_core_init (&place->core, &place->crypto);
  place->connection = ike_connection_new (&place->core, config);
  place->parent = ike_parent_new (&place->core, place->connection, TRUE);
}

static void
place_clear (Place *place)
{
  while (place->parent->children)
    ike_child_free (place->parent->children);
  ike_connection_free (place->connection);
  ike_core_clear (&place->core);
}

static void
test_limit (void)
{
  Place place = { 0 };
  IkeChild *children[IKE_MAX_SLOTS + 1];

  place_init (&place, IKE_ROLE_PEER);
  for (guint i = 1; i < IKE_MAX_SLOTS; i++)
    {
      children[i] = ike_child_new (place.parent, 0);
      g_assert_cmpuint (children[i]->slot, ==, i);
    }
  place.connection->trap_slot = ike_connection_new_slot (place.connection);
  g_assert_cmpuint (place.connection->trap_slot, ==, IKE_MAX_SLOTS);
  /* none is left: this one the kernel refuses */
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, IKE_MAX_SLOTS + 1);
  /* two have one, and one of them goes: it is not free */
  ike_child_new (place.parent, 7);
  ike_child_free (children[7]);
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, IKE_MAX_SLOTS + 1);
  for (guint i = 100; i < 200; i += 50)
    ike_child_free (children[i]);
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, 100);
  place.connection->slot = 150; /* of the next first one */
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, IKE_MAX_SLOTS + 1);
  place.connection->slot = place.connection->trap_slot = 0;
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, 150);
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, IKE_MAX_SLOTS);
  place_clear (&place);
}

/* What is held counts; another connection is another process's. */
static void
test_held (void)
{
  Place place = { 0 };
  IkeChild *child;
  IkeConfig *config = ike_config_new ();
  IkeConnection *other;

  place_init (&place, IKE_ROLE_INITIATOR);
  place.connection->config->keep_trying = TRUE;
  ike_connection_set_state (place.connection, IKE_CONNECTION_UP);
  child = ike_child_new (place.parent, 2);
  child->local_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  child->remote_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  g_assert_true (ike_connection_hold (place.connection, child));
  ike_child_free (child);
  config->id = 2;
  other = ike_connection_new (&place.core, config);
  other->slot = 3;
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, 1);
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, 3);
  ike_connection_unhold (place.connection, 2);
  for (guint i = 4; i <= IKE_MAX_SLOTS; i++)
    g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, i);
  g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, 2);
  ike_connection_free (other);
  place_clear (&place);
}

/* A server has as many as it likes, none of them twice. */
static void
test_server (void)
{
  Place place = { 0 };

  place_init (&place, IKE_ROLE_RESPONDER);
  place.connection->slot = 9;
  for (guint i = 1; i < 2 * IKE_MAX_SLOTS; i++)
    g_assert_cmpuint (ike_child_new (place.parent, 0)->slot, ==, i < 9 ? i : i + 1);
  place_clear (&place);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slots/limit", test_limit);
  g_test_add_func ("/slots/held", test_held);
  g_test_add_func ("/slots/server", test_server);
  return g_test_run ();
}
