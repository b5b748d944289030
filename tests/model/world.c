/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts and their configurations, from the seed; and the packets that go through the tunnels. */
#include "world.h"

#include "sim-internal.h"

#include "sa/core.h"

#define PACKET 84 /* octets */

static const char *const users[] = { "phone", "correct horse", "laptop", "battery staple", NULL };
static const char *const passwords[][2] = { { "correct horse", NULL }, { "battery staple", NULL } };

static gboolean
chance (World *world, gint one_in)
{
  return g_rand_int_range (world->rand, 0, one_in) == 0;
}

gboolean
world_responds (const World *world, guint who)
{
  return who == MODEL_GATEWAY && world->responds;
}

const IkeAddress *
world_remote (const World *world, guint who)
{
  return &world->host[who == MODEL_GATEWAY ? MODEL_CLIENT : MODEL_GATEWAY]->address;
}

/* ---- configurations ---- */

static void
set_role (World *world, IkeConfig *config, guint who)
{
  gboolean responds = world_responds (world, who);

  config->role = responds ? IKE_ROLE_RESPONDER : world->responds ? IKE_ROLE_INITIATOR : IKE_ROLE_PEER;
  config->begin = world->begin[who];
  config->keep_trying = !responds;
  config->reauth = world->reauth && config->role == IKE_ROLE_INITIATOR;
  if (responds && world->crash_tokens)
    config->qcd_secret = ike_secret_new_from ("a secret", 8);
}

static void
serve (World *world, IkeConfig *config)
{
  g_clear_pointer (&config->remote_id, ike_identity_free);
  g_ptr_array_set_size (config->child.remote_ts, 0);
  config->serve = ike_serve_new ();
  config->serve->pool4 = TRUE;
  config->serve->unique = world->unique;
}

static void
be_served (IkeConfig *config, guint who)
{
  const char *name = users[who == MODEL_CLIENT ? 0 : 2];

  ike_identity_free (config->local_id);
  config->local_id = ike_identity_new (IKE_ID_FQDN, name, strlen (name));
  g_ptr_array_set_size (config->child.local_ts, 0);
  config->want_address4 = TRUE;
}

static void
set_authentication (World *world, IkeConfig *config, guint who)
{
  gboolean eap = world->kind == MODEL_SERVER && !world->signatures;

  if (world->ppk != IKE_PPK_NO)
    {
      config->ppk = world->ppk;
      config->ppk_id = g_bytes_new_static ("\2name", 5);
      config->ppk_in_auth = world->ppk_in_auth;
    }
  if (!world->signatures && !eap)
    return;
  config->local_auth = config->remote_auth = IKE_AUTH_SIGNATURE;
  if (eap && who != MODEL_GATEWAY)
    {
      config->local_auth = IKE_AUTH_EAP;
      config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
      return;
    }
  if (eap)
    config->remote_auth = IKE_AUTH_EAP;
  config->key_type = IKE_KEY_P256;
  config->key_bits = 256;
  g_ptr_array_add (config->certificates, g_bytes_new_static ("certificate", 11));
}

IkeConfig *
world_config (World *world, guint who)
{
  IkeConfig *config =
      sim_config (world->sim, world->host[who]->name, who == MODEL_GATEWAY ? IKE_ROLE_RESPONDER : IKE_ROLE_INITIATOR);

  set_role (world, config, who);
  if (world->kind == MODEL_SERVER && who == MODEL_GATEWAY)
    serve (world, config);
  else if (world->kind == MODEL_SERVER)
    be_served (config, who);
  config->child.lifetime = world->child_lifetime;
  config->child.rekey_margin = world->child_lifetime / 8;
  config->ike_lifetime = world->ike_lifetime;
  config->ike_rekey_margin = world->ike_lifetime / 8;
  config->child.pfs = world->pfs;
  if (world->additional)
    {
      sim_offer (config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
      sim_offer (config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
    }
  config->resumption = world->resumption;
  config->child.cpus = world->cpus;
  if (world->labelled)
    config->child.label = g_bytes_new_static ("system_u:object_r:ipsec_spd_t:s0", 33);
  config->mobike = world->mobike;
  config->fragmentation = world->fragmentation;
  config->dpd_delay = 15 * IKE_SECOND;
  config->dpd_timeout = 30 * IKE_SECOND;
  set_authentication (world, config, who);
  return config;
}

/* ---- worlds ---- */

static void
add_nat (World *world)
{
  SimHost *client = world->host[MODEL_CLIENT];

  sim_nat (client, "203.0.113.7");
  client->nat_kind = (SimNatKind) g_rand_int_range (world->rand, 0, 4);
  client->nat_idle = chance (world, 3) ? 0 : g_rand_int_range (world->rand, 25, 200) * IKE_SECOND;
}

static void
choose (World *world, guint64 seed)
{
  world->crash_tokens = seed % 3 == 0;
  world->resumption = seed % 4 > 0;
  world->cpus = seed % 5 == 4 ? 1 + seed / 5 % 3 : 0;
  world->labelled = seed % 7 == 3;
  world->additional = seed % 11 > 7;
  world->signatures = chance (world, 2);
  world->elsewhere = seed % 2 > 0;
  world->pfs = chance (world, 2);
  world->mobike = chance (world, 2);
  world->fragmentation = !chance (world, 3);
  world->reauth = chance (world, 6);
  world->child_lifetime = chance (world, 2) ? g_rand_int_range (world->rand, 40, 400) * IKE_SECOND : 0;
  world->ike_lifetime = g_rand_int_range (world->rand, 100, 4000) * IKE_SECOND;
  world->sim->latency = g_rand_int_range (world->rand, 0, 50) * IKE_MILLISECOND;
}

/* How they begin, and by which way. The address of a peer is in the other one's profile, so that it has no NAT. */
static void
choose_ways (World *world)
{
  gboolean nat = chance (world, 2);

  world->responds =
      world->kind == MODEL_TUNNEL || world->kind == MODEL_SERVER || (world->kind == MODEL_DEMAND && chance (world, 2));
  if (world->kind == MODEL_DEMAND)
    world->begin[MODEL_CLIENT] = IKE_BEGIN_DEMAND;
  if (world->kind == MODEL_PEERS)
    world->begin[MODEL_GATEWAY] = chance (world, 3) ? IKE_BEGIN_LISTEN : IKE_BEGIN_NOW;
  if (world->kind == MODEL_DEMAND && !world->responds)
    world->begin[MODEL_GATEWAY] = (IkeBegin) g_rand_int_range (world->rand, 0, IKE_BEGIN_DEMAND + 1);
  if (nat && world->responds)
    add_nat (world);
  world->traffic = chance (world, 2);
  world->ppk = chance (world, 5) ? IKE_PPK_INSIST : chance (world, 5) ? IKE_PPK_YES : IKE_PPK_NO;
  world->ppk_in_auth = chance (world, 2);
  world->unique = (IkeUnique) g_rand_int_range (world->rand, 0, IKE_UNIQUE_NO + 1);
  if (world->kind == MODEL_SERVER && world->unique != IKE_UNIQUE_KEEP && chance (world, 4))
    world->begin[MODEL_SECOND] = IKE_BEGIN_DEMAND;
  world->tcp = world->kind == MODEL_TUNNEL && chance (world, 5);
  if (world->tcp)
    world->host[MODEL_CLIENT]->nat.family = IKE_FAMILY_NONE;
}

/* The gateway stands first among the sim's: for each of the others it is the other one. */
static void
add_hosts (World *world)
{
  const gboolean server = world->kind == MODEL_SERVER;

  world->n_hosts = server ? MODEL_MAX_HOSTS : MODEL_SECOND;
  world->host[MODEL_GATEWAY] = sim_gateway (world->sim);
  world->host[MODEL_CLIENT] = sim_client (world->sim);
  if (!server)
    return;
  world->host[MODEL_SECOND] = sim_host_new (world->sim, "second", "192.0.2.201", IKE_ROLE_INITIATOR);
  world->host[MODEL_GATEWAY]->users = users;
  world->host[MODEL_GATEWAY]->pool4 = "10.9.0.0";
  world->host[MODEL_CLIENT]->passwords = passwords[0];
  world->host[MODEL_SECOND]->passwords = passwords[1];
}

static void
describe (const World *world)
{
  static const char *const kinds[] = { "a client and a gateway", "peers", "on demand", "a server and its clients" };
  static const char *const begins[] = { "now", "listens", "on demand" };
  static const char *const uniques[] = { "replace", "keep", "no" };

  sim_note (world->sim, "%s: %s and %s%s; %s%s%s%s%s%s%s", kinds[world->kind], begins[world->begin[MODEL_CLIENT]],
            world->responds ? "responds" : begins[world->begin[MODEL_GATEWAY]],
            world->host[MODEL_CLIENT]->nat.family ? ", NAT" : "", world->signatures ? "signatures" : "secrets",
            world->traffic ? ", traffic" : "", world->tcp ? ", TCP" : "", world->ppk ? ", PPK" : "",
            world->mobike ? ", MOBIKE" : "", world->reauth ? ", authenticates anew" : "",
            world->resumption ? ", resumes" : "");
  if (world->kind == MODEL_SERVER)
    sim_note (world->sim, "unique: %s", uniques[world->unique]);
}

void
world_init (World *world, guint64 seed, gboolean loud)
{
  guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), 0x776f72 };

  *world = (World){ .sim = sim_new (seed), .kind = model_kind (seed), .wanted = { TRUE, TRUE, TRUE } };
  world->sim->quiet = !loud;
  world->sim->roaming = TRUE;
  world->rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  world->sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  add_hosts (world);
  choose (world, seed);
  choose_ways (world);
  world->sim->config_secrets = world->crash_tokens && world->responds;
  for (guint who = 0; who < world->n_hosts; who++)
    {
      SimHost *host = world->host[who];

      ike_config_free (host->config);
      host->config = world_config (world, who);
      host->sign_key = who == MODEL_GATEWAY ? "key of the gateway" : "key of a client";
      host->peer_key = who == MODEL_GATEWAY ? "key of a client" : "key of the gateway";
      if (world->ppk != IKE_PPK_NO)
        host->ppk = "something that no quantum computer finds out";
    }
  describe (world);
  world->sim->filter = hold_packet;
  world->sim->filter_data = world;
  world->sim->check = hold_always;
  world->sim->look = hold_output;
  world->sim->check_data = world;
}

void
world_clear (World *world)
{
  world->sim->check = NULL;
  world->sim->look = NULL;
  sim_end (world->sim);
  g_rand_free (world->rand);
  g_hash_table_unref (world->sent);
}

/* ---- packets ---- */

gboolean
world_tcp_carries (const World *world, guint16 port)
{
  return port == world->tcp_port;
}

/* The other end's, if the packet arrives. NATs see it as they see IKE. */
static SimSa *
arrives (World *world, guint from, guint to, const SimSa *out)
{
  SimHost *sender = world->host[from], *receiver = world->host[to];
  IkeEndpoint source = out->path.local, target = out->path.remote;
  SimSa *in = sim_kernel_find (&receiver->kernel, out->spi, FALSE);

  if (world->cut[from] || g_rand_int_range (world->rand, 0, 100) < (gint32) world->sim->loss || receiver->asleep ||
      !ike_address_equal (&source.address, &sender->address))
    return NULL;
  if (world->tcp && !world_tcp_carries (world, (from == MODEL_GATEWAY ? &target : &source)->port))
    return NULL;
  if (sender->nat.family != IKE_FAMILY_NONE)
    {
      if (!out->encap)
        return NULL;
      sim_nat_out (sender, &source, &target);
    }
  if (receiver->nat.family != IKE_FAMILY_NONE ? !sim_nat_in (receiver, &source, &target)
                                              : !ike_address_equal (&receiver->address, &target.address))
    return NULL;
  if (!in || in->larval || !sim_sa_matches (out, in))
    return NULL;
  if (in->encap && !ike_endpoint_equal (&in->path.remote, &source))
    {
      IkeInput *input = g_new0 (IkeInput, 1);

      input->type = IKE_INPUT_MAPPING;
      input->spi = in->spi;
      input->path.remote = source;
      sim_feed (receiver, input);
      in = sim_kernel_find (&receiver->kernel, out->spi, FALSE);
    }
  return in;
}

static void
send_packet (World *world, guint who, guint to)
{
  SimHost *host = world->host[who];
  IkeAddress source, target;
  SimSa *out, *in;

  if (host->asleep || host->config || host->downs || !hold_addresses (world, who, to, &source, &target))
    return;
  switch (sim_kernel_fate (&host->kernel, &source, &target, &out))
    {
    case SIM_FATE_CLEAR:
      return;
    case SIM_FATE_HELD:
      if (world->begin[who] == IKE_BEGIN_DEMAND)
        {
          IkeInput *input = g_new0 (IkeInput, 1);

          input->type = IKE_INPUT_ACQUIRE;
          input->connection = host->id;
          sim_feed (host, input);
        }
      return;
    case SIM_FATE_ENCRYPTED:
      if (!world->traffic)
        return;
      out->traffic += PACKET;
      in = arrives (world, who, to, out);
      if (in)
        in->traffic += PACKET;
      return;
    }
  g_assert_not_reached ();
}

void
world_send_packets (World *world)
{
  for (guint who = 0; who < world->n_hosts; who++)
    if (who != MODEL_GATEWAY)
      {
        send_packet (world, who, MODEL_GATEWAY);
        send_packet (world, MODEL_GATEWAY, who);
      }
}
