/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients of other makers expect of a server: the name that they have dialled, room for their own
 * devices, and their own group. */
#include "sim-internal.h"

#include "sa/configure.h"
#include "wire/header.h"
#include "wire/payload-notify.h"

#include <errno.h>

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

/* ---- the device that is in authenticates anew (RFC 7296 section 2.8.3), and stays what it is ---- */

#define ANEW (900 * IKE_SECOND) /* it must have by then */

/* What it sends arrives, whenever that is looked at: an SA, and a policy that lets in what came by it. And the other way
 * there is an SA that could. */
static void
has_no_gap (SimHost *host, gpointer data)
{
  const World *w = data;
  const SimSa *out = sim_kernel_outbound (&w->first->kernel);
  const SimSa *in = out ? sim_kernel_find (&w->server->kernel, out->spi, FALSE) : NULL;

  if (!w->first->ups || w->first->downs)
    return;
  sim_assert (w->sim, in && sim_sa_matches (out, in) && w->server->kernel.policies->len == 1);
  sim_assert (w->sim, in->slot == ((const SimPolicy *) w->server->kernel.policies->pdata[0])->slot);
  out = sim_kernel_outbound (&w->server->kernel);
  in = out ? sim_kernel_find (&w->first->kernel, out->spi, FALSE) : NULL;
  sim_assert (w->sim, in && sim_sa_matches (out, in));
}

static World
world_new_anew (guint seed, IkeUnique unique, gboolean nat)
{
  World w = { .sim = sim_new (seed) };

  w.server = server_new (w.sim);
  w.server->config->serve->unique = unique;
  w.server->config->auth_lifetime = ANEW;
  w.first = client_new (w.sim, "phone", nat ? "192.168.0.2" : "192.0.2.1");
  if (nat)
    sim_nat (w.first, "192.0.2.9");
  return w;
}

/* It has noticed nothing, and is who it was; @ike IKE SAs of it are left at the server. */
static void
assert_goes_on (const World *w, guint ike)
{
  g_autofree char *address = NULL;

  sim_assert (w->sim, w->first->ups == 1 && !w->first->reconnectings && !w->first->downs && !w->server->gones);
  sim_assert (w->sim, sim_count_ike (w->server) == ike && g_hash_table_size (w->server->leases) == 1);
  address = ike_address_to_string (&g_array_index (w->first->configured->addresses, IkePrefix, 0).address);
  g_assert_cmpstr (address, ==, "10.9.0.1");
  if (ike == 1)
    sim_assert_agree (w->first, w->server, 1);
}

static void
leave (const World *w)
{
  sim_stop (w->first);
  sim_run (w->sim, 40 * IKE_SECOND);
  sim_assert (w->sim, w->server->gones == 1 && !g_hash_table_size (w->server->leases));
  sim_assert (w->sim, !sim_count_ike (w->server) && !w->server->kernel.sas->len && !w->server->kernel.policies->len);
  sim_end (w->sim);
}

static const IkeUnique uniques[] = { IKE_UNIQUE_REPLACE, IKE_UNIQUE_KEEP, IKE_UNIQUE_NO };

static void
test_anew (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (uniques) * 4; i++)
    {
      World w = world_new_anew (70 + i, uniques[i / 4], i & 1);

      w.first->config->keep_trying = (i & 2) != 0;
      sim_listen (w.server);
      dial (w.first, w.server);
      w.sim->check = has_no_gap;
      w.sim->check_data = &w;
      sim_run (w.sim, ANEW + 30 * IKE_SECOND);
      w.sim->check = NULL;
      sim_assert (w.sim, w.server->ups == 2 && w.server->admits == 2);
      assert_goes_on (&w, 1);
      leave (&w);
    }
}

/* It may not come in any more (PAM): what stands goes on for as long as it was let be. */
static void
test_anew_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (uniques); i++)
    {
      World w = world_new_anew (90 + i, uniques[i], FALSE);

      sim_listen (w.server);
      dial (w.first, w.server);
      w.server->refuse_admit = "alice";
      w.server->job_time[IKE_JOB_ADMIT] = 10 * IKE_SECOND;
      sim_run (w.sim, ANEW - IKE_SECOND);
      sim_assert (w.sim, w.server->admits == 2);
      assert_goes_on (&w, 1);
      sim_run (w.sim, 20 * IKE_SECOND);
      sim_assert_reason (w.sim, w.first, PEER_DELETED);
      sim_assert (w.sim, w.server->gones == 1 && !sim_count_ike (w.server));
      sim_end (w.sim);
    }
}

static SimVerdict
no_first (Sim *sim, SimPacket *packet, gpointer data)
{
  return ((const guint8 *) g_bytes_get_data (packet->data, NULL))[18] == IKE_EXCHANGE_IKE_SA_INIT ? SIM_DROP : SIM_PASS;
}

static gboolean
has_two (Sim *sim, gpointer host)
{
  return sim_kernel_count (&((SimHost *) host)->kernel, FALSE) == 2;
}

/* Its kernel does not take the new one, which it deletes: the old one has not given way for good. */
static void
test_anew_in_vain (void)
{
  World w = world_new_anew (96, IKE_UNIQUE_REPLACE, FALSE);

  sim_listen (w.server);
  dial (w.first, w.server);
  sim_hasten (w.first, "reauth");
  w.first->kernel.refuse_install = ENOMEM;
  sim_assert (w.sim, sim_run_until (w.sim, has_two, w.server, IKE_SECOND));
  sim_run (w.sim, IKE_SECOND);
  w.sim->filter = no_first;
  sim_run (w.sim, 60 * IKE_SECOND);
  assert_goes_on (&w, 1);
  w.sim->filter = NULL;
  w.first->kernel.refuse_install = 0;
  sim_run (w.sim, 60 * IKE_SECOND);
  sim_assert (w.sim, w.server->ups == 3);
  assert_goes_on (&w, 1);
  leave (&w);
}

/* What the client says, or does not get, while it authenticates anew. */
typedef struct {
  SimHost *client;
  guint8 exchange; /* of what is lost */
  gboolean to, answers; /* to the client; answers, or requests */
  guint lost;
} Loss;

static SimVerdict
lose (Sim *sim, SimPacket *packet, gpointer data)
{
  Loss *loss = data;
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  const IkeEndpoint *end = loss->to ? &packet->to : &packet->from;

  if (octets[18] != loss->exchange || ((octets[19] & IKE_FLAG_RESPONSE) != 0) != loss->answers ||
      !ike_address_equal (&end->address, &loss->client->address))
    return SIM_PASS;
  loss->lost++;
  return SIM_DROP;
}

static guint32
sends_by (const SimHost *host)
{
  const SimSa *out = sim_kernel_outbound (&host->kernel);

  return out ? out->spi : 0;
}

static void
begin_loss (World *w, Loss *loss, gboolean to, IkeExchange exchange, gboolean answers)
{
  *loss = (Loss){ .client = w->first, .to = to, .exchange = (guint8) exchange, .answers = answers };
  w->sim->filter = lose;
  w->sim->filter_data = loss;
}

/* It does not hear for seconds that it is in, and uses what it has: so does the server. */
static void
test_anew_unheard (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (uniques); i++)
    {
      World w = world_new_anew (100 + i, uniques[i], FALSE);
      Loss loss;

      sim_listen (w.server);
      dial (w.first, w.server);
      begin_loss (&w, &loss, TRUE, IKE_EXCHANGE_IKE_AUTH, TRUE);
      w.sim->check = has_no_gap;
      w.sim->check_data = &w;
      sim_hasten (w.first, "reauth");
      for (guint n = 0; n < 8; n++)
        sim_traffic (w.server, 100, 100, 10);
      sim_assert (w.sim, loss.lost > 2 && w.server->ups == 2);
      assert_goes_on (&w, 2);
      w.sim->filter = NULL;
      for (guint n = 0; n < 20; n++)
        sim_traffic (w.server, 100, 100, 10);
      w.sim->check = NULL;
      assert_goes_on (&w, 1);
      leave (&w);
    }
}

/* Meanwhile the old Child SA ends, and not its IKE SA: the new one sends at once. @ours: in our kernel. */
static void
test_anew_alone (void)
{
  for (guint ours = 0; ours < 2; ours++)
    {
      World w = world_new_anew (104 + ours, IKE_UNIQUE_REPLACE, FALSE);
      guint32 old, in;
      Loss loss;

      w.first->config->keep_trying = TRUE;
      sim_listen (w.server);
      dial (w.first, w.server);
      old = sends_by (w.server);
      in = sends_by (w.first);
      begin_loss (&w, &loss, TRUE, IKE_EXCHANGE_IKE_AUTH, TRUE);
      sim_hasten (w.first, "reauth");
      sim_run (w.sim, IKE_SECOND);
      sim_assert (w.sim, loss.lost && w.server->ups == 2 && sends_by (w.server) == old);
      sim_expire (ours ? w.server : w.first, ours ? in : old, TRUE);
      sim_run (w.sim, 15 * IKE_MILLISECOND); /* what else it asks for is not there so soon */
      sim_assert (w.sim, sends_by (w.server) != old && sends_by (w.server));
      w.sim->filter = NULL;
      sim_run (w.sim, 60 * IKE_SECOND);
      assert_goes_on (&w, 1);
      leave (&w);
    }
}

/* Until the time is over by which it must have done so: the server lets it go that far, and deletes the old IKE SA alone. */
static void
test_anew_too_late (void)
{
  World w = world_new_anew (110, IKE_UNIQUE_REPLACE, FALSE);
  guint32 old;
  Loss loss;

  w.server->config->auth_lifetime = 60 * IKE_SECOND;
  sim_listen (w.server);
  dial (w.first, w.server);
  old = sends_by (w.server);
  begin_loss (&w, &loss, TRUE, IKE_EXCHANGE_IKE_AUTH, TRUE);
  for (guint n = 0; n < 699; n++)
    {
      sim_traffic (w.server, 100, 100, 1);
      sim_assert (w.sim, sends_by (w.server) == old);
    }
  sim_assert (w.sim, w.server->ups == 2 && !strstr (w.sim->transcript->str, "has not authenticated again"));
  sim_run (w.sim, 100 * IKE_MILLISECOND);
  sim_assert (w.sim, strstr (w.sim->transcript->str, "has not authenticated again") != NULL);
  sim_assert (w.sim, sends_by (w.server) && sends_by (w.server) != old);
  w.sim->filter = NULL;
  sim_stop (w.server);
  sim_end (w.sim);
}

/* The server is rekeying what the client leaves: what comes of that goes, too, although the client does not say so. */
static void
test_anew_rekeying (void)
{
  World w = world_new_anew (108, IKE_UNIQUE_REPLACE, FALSE);
  Loss loss;

  w.server->config->auth_lifetime = 0;
  w.server->config->ike_lifetime = 2000 * IKE_SECOND;
  w.first->config->reauth = TRUE;
  w.first->config->ike_lifetime = 60 * IKE_SECOND;
  w.first->config->ike_rekey_margin = IKE_SECOND;
  sim_listen (w.server);
  dial (w.first, w.server);
  sim_run (w.sim, 57 * IKE_SECOND);
  begin_loss (&w, &loss, FALSE, IKE_EXCHANGE_CREATE_CHILD_SA, TRUE);
  sim_hasten (w.server, "rekey");
  sim_run (w.sim, 5 * IKE_SECOND / 2);
  sim_assert (w.sim, w.server->ups == 2 && sim_count_ike (w.server) == 2);
  begin_loss (&w, &loss, FALSE, IKE_EXCHANGE_INFORMATIONAL, FALSE);
  sim_run (w.sim, 10 * IKE_SECOND);
  sim_assert (w.sim, loss.lost && strstr (w.sim->transcript->str, "gateway [rekey] IKE SA #3 replaces #1"));
  sim_run (w.sim, 25 * IKE_SECOND);
  sim_assert (w.sim, sim_count_ike (w.server) == 1);
  w.sim->filter = NULL;
  sim_run (w.sim, 60 * IKE_SECOND);
  assert_goes_on (&w, 1);
  leave (&w);
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

/* ---- who has the policies ---- */

static SimVerdict
without_delete (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return octets[18] == IKE_EXCHANGE_INFORMATIONAL ? SIM_DROP : SIM_PASS;
}

/* A client comes again while its old Child SA is half rekeyed at the server, and loses the new one: what still sends has
 * the policies again. */
static void
test_half_rekeyed (void)
{
  Sim *sim = sim_new (110);
  SimHost *client = sim_client (sim), *server = sim_gateway (sim);
  const SimSa *old;

  sim_connect (sim, client, server);
  old = sim_kernel_outbound (&server->kernel);
  sim->filter = without_delete;
  sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, sim_kernel_outbound (&server->kernel) == old && sim_kernel_count (&server->kernel, FALSE) == 2);
  sim->filter = NULL;
  sim_reboot (client, sim_config (sim, "client", IKE_ROLE_INITIATOR));
  sim_start (client);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, sim_count_ike (server) == 2 && sim_kernel_outbound (&server->kernel) != old);
  sim_expire (server, sim_kernel_outbound (&server->kernel)->spi, TRUE);
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_assert (sim, sim_kernel_outbound (&server->kernel) == old && server->kernel.policies->len == 1);
  sim_assert (sim,
              sim_kernel_fate (&server->kernel, &old->local.first, &old->remote.first, NULL) == SIM_FATE_ENCRYPTED);
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
  g_test_add_func ("/sim/devices/anew/changes-over", test_anew);
  g_test_add_func ("/sim/devices/anew/refused", test_anew_refused);
  g_test_add_func ("/sim/devices/anew/in-vain", test_anew_in_vain);
  g_test_add_func ("/sim/devices/anew/unheard", test_anew_unheard);
  g_test_add_func ("/sim/devices/anew/child-alone", test_anew_alone);
  g_test_add_func ("/sim/devices/anew/too-late", test_anew_too_late);
  g_test_add_func ("/sim/devices/anew/rekeying", test_anew_rekeying);
  g_test_add_func ("/sim/devices/groups", test_groups);
  g_test_add_func ("/devices/half-rekeyed", test_half_rekeyed);
  return g_test_run ();
}
