/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients of other makers expect of a server: the name that they have dialled, room for their own
 * devices, and their own group. */
#include "sim-internal.h"

#include "sa/configure.h"
#include "wire/payload-notify.h"

/* Server and clients have certificates. */
static SimHost *
server_new (Sim *sim)
{
  SimHost *server = sim_gateway (sim);
  IkeConfig *config = server->config;

  g_clear_pointer (&config->remote_id, ike_identity_free);
  config->remote_auth = config->local_auth = IKE_AUTH_SIGNATURE;
  config->key_type = IKE_KEY_P256;
  config->key_bits = 256;
  g_ptr_array_add (config->certificates, g_bytes_new_static ("certificate", 11));
  g_ptr_array_set_size (config->child.remote_ts, 0);
  config->serve = ike_serve_new ();
  config->serve->pool4 = config->serve->pool6 = TRUE;
  server->sign_key = "key of the gateway";
  server->peer_key = "key of the client";
  server->pool4 = "10.9.0.0";
  server->pool6 = "2001:db8:9::";
  return server;
}

/* Each device is alice's. */
static IkeConfig *
client_config (Sim *sim, const char *name)
{
  IkeConfig *config = sim_config (sim, name, IKE_ROLE_INITIATOR);
  IkeSelector *all = g_new0 (IkeSelector, 1);

  ike_identity_free (config->local_id);
  ike_identity_free (config->remote_id);
  config->local_id = ike_identity_new (IKE_ID_FQDN, "alice", 5);
  config->remote_id = ike_identity_new (IKE_ID_FQDN, "gw.example", 10);
  config->local_auth = config->remote_auth = IKE_AUTH_SIGNATURE;
  config->key_type = IKE_KEY_P256;
  config->key_bits = 256;
  config->want_address4 = TRUE;
  all->first = (IkeAddress){ .family = IKE_FAMILY_IP4 };
  all->last = (IkeAddress){ IKE_FAMILY_IP4, { 255, 255, 255, 255 } };
  all->port_last = 65535;
  g_ptr_array_set_size (config->child.local_ts, 0);
  g_ptr_array_set_size (config->child.remote_ts, 0);
  g_ptr_array_add (config->child.remote_ts, all);
  return config;
}

static SimHost *
client_new (Sim *sim, const char *name, const char *address)
{
  SimHost *client = sim_host_new (sim, name, address, IKE_ROLE_INITIATOR);

  ike_config_free (client->config);
  client->config = client_config (sim, name);
  client->sign_key = "key of the client";
  client->peer_key = "key of the gateway";
  return client;
}

static guint ups_before;

static gboolean
settled (Sim *sim, gpointer data)
{
  const SimHost *client = data;

  return client->ups > ups_before || client->downs;
}

static void
dial (SimHost *client, SimHost *server)
{
  ups_before = client->ups;
  sim_start_to (client, &server->address);
  sim_assert (client->sim, sim_run_until (client->sim, settled, client, 60 * IKE_SECOND));
}

/* ---- the name that was dialled ---- */

static IkeIdentity *
name_new (const char *name)
{
  return ike_identity_new (IKE_ID_FQDN, name, strlen (name));
}

/* Who asks by a name of the certificate is answered it, in his spelling; anybody else hears the server's own. */
static void
test_names (void)
{
  static const struct {
    const char *asked, *answered; /* NULL: does not ask */
  } rows[] = {
    { "vpn.example", "vpn.example" }, { "VPN.Example", "VPN.Example" }, { "other.example", "other.example" },
    { "no.example", "gw.example" },   { NULL, "gw.example" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (1 + i);
      SimHost *server = server_new (sim), *client = client_new (sim, "phone", "192.0.2.1");
      g_autofree char *said = NULL;

      g_ptr_array_add (server->config->names, name_new ("other.example"));
      g_ptr_array_add (server->config->names, name_new ("vpn.example"));
      if (rows[i].asked)
        {
          ike_identity_free (client->config->remote_id);
          client->config->remote_id = name_new (rows[i].asked);
          client->config->send_remote_id = TRUE;
        }
      sim_listen (server);
      dial (client, server);
      if (rows[i].asked && strcmp (rows[i].answered, rows[i].asked) != 0)
        {
          sim_assert_reason (sim, client, PEER_ID_MISMATCH);
          g_assert_nonnull (strstr (client->reason.detail, rows[i].answered));
        }
      else
        {
          sim_assert (sim, client->ups == 1);
          said = ike_identity_to_string (client->configured->remote_id);
          g_assert_cmpstr (said, ==, rows[i].answered);
        }
      sim_end (sim);
    }
}

/* ---- RFC 8598 section 3.2: domains are told with a server for them, and not without ---- */

static void
test_domains (void)
{
  static const struct {
    const char *dns[3];
    guint servers, domains; /* that a client with an IPv4 address hears of */
  } rows[] = {
    { { "10.0.0.53", "2001:db8::53" }, 1, 2 },
    { { "2001:db8::53" }, 0, 0 },
    { { NULL }, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (20 + i);
      SimHost *server = server_new (sim), *client = client_new (sim, "phone", "192.0.2.1");
      IkeServe *serve = server->config->serve;

      for (guint k = 0; rows[i].dns[k]; k++)
        {
          IkeAddress address;

          g_assert_true (ike_address_from_string (rows[i].dns[k], &address));
          g_array_append_val (serve->dns, address);
        }
      g_ptr_array_add (serve->domains, g_strdup ("corp.example"));
      g_ptr_array_add (serve->domains, g_strdup ("lab.example"));
      sim_listen (server);
      dial (client, server);
      sim_assert (sim, client->ups == 1);
      g_assert_cmpuint (client->configured->dns->len, ==, rows[i].servers);
      g_assert_cmpuint (client->configured->domains->len, ==, rows[i].domains);
      sim_end (sim);
    }
}

/* ---- unique=keep: the device that is in stays, whatever another one of the same user says ---- */

typedef struct {
  Sim *sim;
  SimHost *server, *first, *second;
} World;

static World
world_new (guint seed, gboolean nat)
{
  World w = { .sim = sim_new (seed) };

  w.server = server_new (w.sim);
  w.server->config->serve->unique = IKE_UNIQUE_KEEP;
  w.first = client_new (w.sim, "phone", nat ? "192.168.0.2" : "192.0.2.1");
  w.second = client_new (w.sim, "laptop", nat ? "192.168.0.3" : "192.0.2.2");
  if (nat)
    {
      sim_nat (w.first, "192.0.2.9");
      sim_nat (w.second, "192.0.2.9");
    }
  sim_listen (w.server);
  dial (w.first, w.server);
  sim_assert (w.sim, w.first->ups == 1);
  return w;
}

static void
test_keep_other_device (void)
{
  for (guint nat = 0; nat < 2; nat++)
    {
      World w = world_new (40 + nat, nat);

      dial (w.second, w.server);
      sim_run (w.sim, 300 * IKE_SECOND);
      sim_assert_reason (w.sim, w.second, PEER_REFUSED_US);
      sim_assert (w.sim, w.first->ups == 1 && w.first->downs == 0);
      sim_assert_agree (w.first, w.server, 1);
      sim_end (w.sim);
    }
}

/* It says that it knows of no other, and it is the one that the other was. */
static void
test_keep_restart (void)
{
  for (guint nat = 0; nat < 2; nat++)
    {
      World w = world_new (50 + nat, nat);

      sim_reboot (w.first, client_config (w.sim, "phone"));
      dial (w.first, w.server);
      sim_run (w.sim, IKE_SECOND);
      sim_assert (w.sim, w.first->ups == 2 && w.first->downs == 0);
      sim_assert_agree (w.first, w.server, 1);
      sim_end (w.sim);
    }
}

/* From somewhere else it cannot be told from another device: it waits until nobody answers there. */
static void
test_keep_moved (void)
{
  World w = world_new (60, FALSE);

  sim_reboot (w.first, client_config (w.sim, "phone"));
  sim_move (w.first, "192.0.2.77");
  dial (w.first, w.server);
  sim_assert_reason (w.sim, w.first, PEER_REFUSED_US);
  sim_run (w.sim, 200 * IKE_SECOND);
  sim_assert (w.sim, sim_count_ike (w.server) == 0);
  sim_reboot (w.first, client_config (w.sim, "phone"));
  dial (w.first, w.server);
  sim_assert (w.sim, w.first->ups == 2 && w.first->downs == 0);
  sim_end (w.sim);
}

/* ---- groups ---- */

/* Its proposals are for one group. */
static void
only_group (GPtrArray *proposals, guint16 group)
{
  for (guint i = 0; i < proposals->len; i++)
    {
      GArray *transforms = ((IkeProposal *) proposals->pdata[i])->transforms;

      for (guint j = transforms->len; j-- > 0;)
        if (g_array_index (transforms, IkeTransform, j).type == IKE_TRANSFORM_KE)
          g_array_remove_index (transforms, j);
    }
  sim_offer (proposals, IKE_TRANSFORM_KE, group);
}

/* Each client's keys are renewed with the group that it took, whichever came last. */
static void
test_groups (void)
{
  static const guint16 groups[] = { IKE_KE_ECP_384, IKE_KE_ECP_256 };
  Sim *sim = sim_new (150);
  SimHost *server = server_new (sim);

  server->config->serve->unique = IKE_UNIQUE_NO;
  server->config->child.pfs = TRUE;
  server->config->ike_lifetime = 300 * IKE_SECOND;
  server->config->child.lifetime = 100 * IKE_SECOND;
  sim_listen (server);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      SimHost *client = client_new (sim, i ? "laptop" : "phone", i ? "192.0.2.1" : "192.0.2.2");

      client->config->child.pfs = TRUE;
      only_group (client->config->proposals, groups[i]);
      only_group (client->config->child_proposals, groups[i]);
      dial (client, server);
    }
  g_string_truncate (sim->transcript, 0);
  sim_run (sim, 1000 * IKE_SECOND);
  sim_assert (sim, strstr (sim->transcript->str, "rekeyed") && sim_count_ike (server) == G_N_ELEMENTS (groups));
  sim_assert (sim, !strstr (sim->transcript->str, "INVALID_KE_PAYLOAD") && !server->gones);
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/devices/names", test_names);
  g_test_add_func ("/sim/devices/domains", test_domains);
  g_test_add_func ("/sim/devices/keep/other-device", test_keep_other_device);
  g_test_add_func ("/sim/devices/keep/restart", test_keep_restart);
  g_test_add_func ("/sim/devices/keep/moved", test_keep_moved);
  g_test_add_func ("/sim/devices/groups", test_groups);
  return g_test_run ();
}
