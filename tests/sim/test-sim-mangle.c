/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A peer that has the keys and sends what is wrong, and a crypto provider that fails, at each place in turn: whatever it
 * is, both ends come to an end, and nothing of it is left.
 */
#include "sim.h"

/* The octets of a message that are changed: its payload headers and what follows them are at the beginning. */
#define OCTETS 60

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
} World;

typedef void (*Scenario) (World *world);

static void
plain (World *world)
{
  world->client->config->child.pfs = world->gateway->config->child.pfs = TRUE;
}

static void
signatures (World *world)
{
  sim_signatures (world->client, world->gateway);
  world->client->config->childless = world->gateway->config->childless = TRUE;
}

/* A server with all that it can hand out, and a client that signs in by EAP. */
static void
eap (World *world)
{
  static const char *const passwords[] = { "a long password", NULL };
  static const char *const users[] = { "alice", "a long password", NULL };
  IkeServe *serve = ike_serve_new ();

  sim_signatures (world->client, world->gateway);
  world->client->config->local_auth = IKE_AUTH_EAP;
  world->client->config->eap_identity = g_strdup ("alice");
  world->client->config->eap_methods = 1 << IKE_EAP_MSCHAPV2;
  world->client->config->want_address4 = TRUE;
  world->client->passwords = passwords;
  world->gateway->config->remote_auth = IKE_AUTH_EAP;
  g_clear_pointer (&world->gateway->config->remote_id, ike_identity_free);
  g_ptr_array_add (serve->domains, g_strdup ("corp.example"));
  serve->banner = g_strdup ("Welcome.");
  serve->pool4 = TRUE;
  world->gateway->config->serve = serve;
  world->gateway->pool4 = "10.9.0.0";
  world->gateway->users = users;
  g_ptr_array_set_size (world->gateway->config->child.remote_ts, 0);
  g_ptr_array_set_size (world->client->config->child.local_ts, 0);
  world->client->config->resumption = world->gateway->config->resumption = TRUE;
}

/* The machine first, and then its user. */
static void
two (World *world)
{
  static const char *const passwords[] = { "a long password", NULL };
  static const char *const users[] = { "alice", "a long password", NULL };

  world->client->config->then_eap = world->gateway->config->then_eap = TRUE;
  world->client->config->eap_identity = g_strdup ("alice");
  world->client->config->eap_methods = 1 << IKE_EAP_MSCHAPV2;
  world->client->passwords = passwords;
  world->gateway->users = users;
}

/* IKE_INTERMEDIATE, IKE_FOLLOWUP_KE, and a post-quantum pre-shared key. */
static void
addke (World *world)
{
  for (guint i = 0; i < 2; i++)
    {
      SimHost *host = i ? world->gateway : world->client;

      sim_offer (host->config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
      sim_offer (host->config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_521);
      host->config->child.pfs = TRUE;
      host->config->ppk = IKE_PPK_YES;
      host->config->ppk_id = g_bytes_new_static ("\2ppk", 4);
      host->ppk = "a post-quantum pre-shared key, static";
    }
}

static void
ppk (World *world)
{
  for (guint i = 0; i < 2; i++)
    {
      SimHost *host = i ? world->gateway : world->client;

      host->config->ppk = IKE_PPK_YES;
      host->config->ppk_in_auth = TRUE;
      host->config->ppk_id = g_bytes_new_static ("\2ppk", 4);
      host->ppk = "a post-quantum pre-shared key, static";
    }
}

static const struct {
  Scenario prepare;
  guint messages; /* protected ones that are exchanged, about */
  guint calls; /* of the provider */
} scenarios[] = { { plain, 14, 120 }, { signatures, 14, 110 }, { eap, 20, 160 },
                  { two, 18, 140 },   { addke, 24, 200 },      { ppk, 14, 130 } };

static void
begin (World *world, guint64 seed, Scenario prepare)
{
  *world = (World){ .sim = sim_new (seed) };
  world->sim->quiet = TRUE;
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  world->client->config->mobike = world->gateway->config->mobike = TRUE;
  world->client->config->dpd_delay = world->gateway->config->dpd_delay = 20 * IKE_SECOND;
  world->client->config->child.lifetime = 30 * IKE_SECOND;
  world->client->config->child.rekey_margin = 3 * IKE_SECOND;
  world->client->config->ike_lifetime = 50 * IKE_SECOND;
  prepare (world);
}

/* A tunnel's whole life: it comes up, both kinds of rekey, another address, the end; as far as it gets. */
static void
live (World *world)
{
  Sim *sim = world->sim;

  sim->roaming = TRUE;
  sim_listen (world->gateway);
  sim_start (world->client);
  sim_run (sim, 60 * IKE_SECOND);
  if (!world->client->downs)
    sim_move (world->client, "192.0.2.77");
  sim_run (sim, 60 * IKE_SECOND);
  /* whatever it was, it is over */
  sim->crypto.break_after = sim->crypto.mangle_after = -1;
  sim_end (sim);
}

/* Bits that turn one payload into another, a length into a longer or shorter one, a number into one that nobody has. */
static void
test_mangled (gconstpointer data)
{
  static const guint8 with[] = { 0xff, 0x01, 0x80 };
  guint which = GPOINTER_TO_UINT (data);

  for (guint message = 0; message < scenarios[which].messages; message++)
    for (guint at = message % 3; at < OCTETS; at += 3)
      {
        World world;

        begin (&world, 1000 + message, scenarios[which].prepare);
        world.sim->crypto.mangle_after = (gint) message;
        world.sim->crypto.mangle_at = at;
        world.sim->crypto.mangle_with = with[(message + at) % G_N_ELEMENTS (with)];
        live (&world);
      }
}

static void
test_broken (gconstpointer data)
{
  guint which = GPOINTER_TO_UINT (data);

  for (guint call = 0; call < scenarios[which].calls; call++)
    {
      World world;

      begin (&world, 2000, scenarios[which].prepare);
      world.sim->crypto.break_after = (gint) call;
      live (&world);
    }
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "plain", "signatures", "eap", "two", "addke", "ppk" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      g_autofree char *mangled = g_strdup_printf ("/sim/mangle/octets/%s", names[i]);
      g_autofree char *broken = g_strdup_printf ("/sim/mangle/crypto/%s", names[i]);

      g_test_add_data_func (mangled, GUINT_TO_POINTER (i), test_mangled);
      g_test_add_data_func (broken, GUINT_TO_POINTER (i), test_broken);
    }
  return g_test_run ();
}
