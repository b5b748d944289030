/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of Child SAs, of their lifetimes, of tunnels on demand, of NATs and of pauses, one by one. */
#include "sim-internal.h"
#include "sim-peer.h"

#include "wire/header.h"

/* ---- on demand ---- */

static void
acquire (SimHost *host)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_ACQUIRE;
  input->connection = host->id;
  sim_feed (host, input);
}

static gboolean
is_asked (Sim *sim, gpointer host)
{
  return ((const SimHost *) host)->kernel.queries > 0;
}

/* The IKE SA is rekeyed while the kernel is asked for traffic, or is gone before the answer: an idle tunnel is given up
 * all the same. */
static void
test_idle_over_rekey (void)
{
  static const IkeTime answers[] = { 5 * IKE_SECOND, 55 * IKE_SECOND };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (answers); i++)
    {
      Sim *sim = sim_new (10 + i);
      SimHost *a = sim_client (sim), *b = sim_gateway (sim);

      a->config->begin = IKE_BEGIN_DEMAND;
      a->config->idle_timeout = 60 * IKE_SECOND;
      a->config->keep_trying = TRUE;
      b->config->ike_lifetime = 10000 * IKE_SECOND;
      if (i & 1)
        {
          a->config->role = b->config->role = IKE_ROLE_PEER;
          b->config->begin = IKE_BEGIN_LISTEN;
          sim_start_to (b, &a->address);
        }
      else
        sim_listen (b);
      sim_start (a);
      acquire (a);
      sim_assert (sim, sim_run_until (sim, sim_is_up, a, IKE_SECOND));
      sim_run (sim, 30 * IKE_SECOND);
      a->kernel_time = answers[i / 2];
      sim_assert (sim, sim_run_until (sim, is_asked, a, 60 * IKE_SECOND));
      sim_hasten (b, "rekey");
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, strstr (sim->transcript->str, "client [rekey] IKE SA #2 replaces #1") && a->ups == 1);
      a->kernel_time = 0;
      sim_run (sim, 200 * IKE_SECOND);
      sim_assert (sim, a->waitings == 2 && !sim_count_ike (a) && !sim_count_ike (b) && !a->kernel.sas->len);
      sim_end (sim);
    }
}

static gboolean
remade (Sim *sim, gpointer host)
{
  const SimHost *a = host;

  return a->kernel.sas->len == 2 && !sim_kernel_larval (&a->kernel);
}

/* The other end has moved away from where the trap is for (RFC 4555), and makes its Child SA anew: the trap's policies are
 * none for that. */
static void
test_trap_elsewhere (void)
{
  Sim *sim = sim_new (16);
  SimHost *a = sim_client (sim), *b = sim_gateway (sim);
  const SimPolicy *policy;

  a->config->role = b->config->role = IKE_ROLE_PEER;
  a->config->keep_trying = b->config->keep_trying = TRUE;
  a->config->mobike = b->config->mobike = TRUE;
  a->config->begin = IKE_BEGIN_DEMAND;
  sim_start (a);
  sim_start_to (b, &a->address);
  sim_assert (sim, sim_run_until (sim, sim_is_up, b, IKE_SECOND));
  sim_run (sim, IKE_SECOND);
  sim_move (b, "198.51.100.7");
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, sim_kernel_outbound (&b->kernel) && a->kernel.policies->len == 1);
  sim_expire (b, sim_kernel_outbound (&b->kernel)->spi, TRUE);
  sim_run (sim, 10 * IKE_SECOND);
  sim_assert (sim, sim_run_until (sim, remade, a, 10 * IKE_SECOND));
  sim_assert (sim, sim_count_ike (a) == 1 && a->kernel.policies->len == 1 && !a->reconnectings);
  policy = a->kernel.policies->pdata[0];
  sim_assert (sim, ike_address_equal (&policy->path.remote.address, &b->address));
  sim_assert (sim, ike_address_equal (&sim_kernel_outbound (&a->kernel)->path.remote.address, &b->address));
  sim_end (sim);
}

/* ---- transport mode ---- */

static void
host_to_host (SimHost *host)
{
  host->config->child.transport_mode = TRUE;
  g_ptr_array_set_size (host->config->child.local_ts, 0);
  g_ptr_array_set_size (host->config->child.remote_ts, 0);
}

static void
assert_mode (SimHost *client, SimHost *gateway, gboolean transport)
{
  sim_assert_agree (client, gateway, 1);
  sim_assert (client->sim, !sim_kernel_outbound (&client->kernel)->transport == !transport);
}

/* Both want it, or the gateway declines: RFC 7296 section 1.3.1. By an exchange of its own (RFC 6023) and by IKE_AUTH,
 * with a trap for it and without. */
static void
test_transport (void)
{
  for (guint i = 0; i < 8; i++)
    {
      Sim *sim = sim_new (20 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      gboolean declined = (i & 2) != 0;

      client->config->childless = gateway->config->childless = i & 1;
      host_to_host (client);
      host_to_host (gateway);
      gateway->config->child.transport_mode = !declined;
      client->config->begin = i & 4 ? IKE_BEGIN_DEMAND : IKE_BEGIN_NOW;
      sim_listen (gateway);
      sim_start (client);
      if (i & 4)
        acquire (client);
      sim_run (sim, 2 * IKE_SECOND);
      assert_mode (client, gateway, !declined);
      for (guint by = 0; by < 4; by++)
        {
          SimHost *host = by & 1 ? gateway : client;
          guint32 spi = sim_kernel_outbound (&host->kernel)->spi;

          sim_expire (host, spi, FALSE);
          sim_run (sim, 10 * IKE_SECOND);
          sim_assert (sim, sim_kernel_outbound (&host->kernel)->spi != spi);
          assert_mode (client, gateway, !declined);
        }
      sim_stop (gateway);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, !client->downs == ((i & 4) != 0) && !client->kernel.policies->len == !(i & 4));
      /* the next packet is waited for as the first one was */
      if (i & 4)
        sim_assert (sim, ((const SimPolicy *) client->kernel.policies->pdata[0])->transport);
      sim_end (sim);
    }
}

static guint created;
static gboolean asked_for_transport, declines;

static gboolean
on_child (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE || header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    return FALSE;
  peer->transport = peer->transport && !declines;
  asked_for_transport = ike_notify_find (payloads, IKE_NOTIFY_USE_TRANSPORT_MODE, &notify);
  sim_peer_answer_child (peer, header->message_id, payloads, 0xaaaa0001u + created++);
  return TRUE;
}

static SimHost *
with_peer (Sim *sim, SimPeer **ret_peer)
{
  SimHost *client = sim_client (sim);

  *ret_peer = sim_peer_new (sim);
  (*ret_peer)->on_other = on_child;
  client->config->child.pfs = FALSE;
  created = 0;
  declines = FALSE;
  return client;
}

static void
rekey (SimHost *client)
{
  sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
  sim_run (client->sim, 10 * IKE_SECOND);
}

/* Nobody asked for it: neither is such a Child SA used that comes with IKE_AUTH, nor one by rekeying. */
static void
test_transport_unasked (void)
{
  SimPeer *peer;
  Sim *sim = sim_new (30);
  SimHost *client = with_peer (sim, &peer);
  guint32 spi;

  peer->transport = TRUE;
  sim_start (client);
  sim_run (sim, IKE_SECOND);
  sim_assert_reason (sim, client, BAD_MESSAGE);
  sim_assert (sim, strstr (client->reason.detail, "transport mode") && !client->kernel.installs);
  sim_end (sim);
  sim_peer_free (peer);

  sim = sim_new (31);
  client = with_peer (sim, &peer);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  spi = sim_kernel_outbound (&client->kernel)->spi;
  peer->transport = TRUE;
  rekey (client);
  sim_assert (sim, created && !asked_for_transport && sim_kernel_outbound (&client->kernel)->spi == spi);
  sim_assert (sim, strstr (sim->transcript->str, "transport mode, which we did not ask for"));
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 1 && sim_kernel_count (&client->kernel, FALSE) == 1);
  sim_end (sim);
  sim_peer_free (peer);
}

/* One that declines it in the middle, when a Child SA is rekeyed, gets a tunnel, and policies for one. */
static void
test_transport_no_more (void)
{
  SimPeer *peer;
  Sim *sim = sim_new (32);
  SimHost *client = with_peer (sim, &peer);

  host_to_host (client);
  peer->transport = TRUE;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  for (guint i = 0; i < 3; i++)
    {
      const SimPolicy *policy = client->kernel.policies->pdata[0];

      sim_assert (sim, client->kernel.policies->len == 1 && created == i);
      sim_assert (sim, !sim_kernel_outbound (&client->kernel)->transport == (i > 0));
      sim_assert (sim, !policy->transport == (i > 0));
      peer->transport = FALSE;
      rekey (client);
      sim_assert (sim, !asked_for_transport == (i > 0));
    }
  sim_end (sim);
  sim_peer_free (peer);
}

/* Nor is a tunnel for one processor put beside one in transport mode for all: they have the same policies (RFC 9611). */
static void
test_transport_of_processor (void)
{
  SimPeer *peer;
  Sim *sim = sim_new (33);
  SimHost *client = with_peer (sim, &peer);

  host_to_host (client);
  client->config->child.cpus = 2;
  peer->transport = peer->resource = declines = TRUE;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  sim_run (sim, 2 * IKE_SECOND);
  sim_assert (sim, created > 0 && strstr (sim->transcript->str, "it differs from the one for all processors"));
  sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == 1 && sim_kernel_outbound (&client->kernel)->transport);
  sim_end (sim);
  sim_peer_free (peer);
}

/* ---- what the kernel is told ---- */

#define LIMIT_GCM (G_GUINT64_CONSTANT (1) << 34)
#define LIMIT_NO_ESN G_GUINT64_CONSTANT (0xfff00000)

static void
set_esn (GPtrArray *proposals, gboolean esn)
{
  for (guint i = 0; i < proposals->len; i++)
    {
      GArray *transforms = ((IkeProposal *) proposals->pdata[i])->transforms;

      for (guint j = transforms->len; j-- > 0;)
        if (g_array_index (transforms, IkeTransform, j).type == IKE_TRANSFORM_ESN)
          g_array_remove_index (transforms, j);
    }
  sim_offer (proposals, IKE_TRANSFORM_ESN, esn != FALSE);
}

/* Between eight and nine tenths. */
static gboolean
is_soft (guint64 soft, guint64 hard)
{
  return soft > hard / 10 * 8 && soft <= hard - hard / 10;
}

/* The window is the inbound half's; the limits are those of the profile if they are below the cipher's, and without ESN
 * the sequence numbers' end. */
static void
test_limits (void)
{
  for (guint i = 0; i < 4; i++)
    {
      Sim *sim = sim_new (40 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      gboolean esn = i & 1;

      client->config->child.replay_window = 4096;
      set_esn (client->config->child_proposals, esn);
      set_esn (gateway->config->child_proposals, esn);
      client->config->child.lifetime_bytes = i & 2 ? 1000 : 0;
      sim_connect (sim, client, gateway);
      for (guint rekeyed = 0; rekeyed < 2; rekeyed++)
        {
          sim_assert_agree (client, gateway, 1);
          for (guint j = 0; j < client->kernel.sas->len; j++)
            {
              const SimSa *sa = client->kernel.sas->pdata[j];

              sim_assert (sim, sa->out || sa->replay_window == 4096);
              sim_assert (sim, !sa->esn == !esn && sa->hard_packets == (esn ? LIMIT_GCM : LIMIT_NO_ESN));
              sim_assert (sim, is_soft (sa->soft_packets, sa->hard_packets));
              sim_assert (sim, sa->hard_bytes == (i & 2 ? 1000 : LIMIT_GCM << 5));
              sim_assert (sim, is_soft (sa->soft_bytes, sa->hard_bytes));
            }
          for (guint j = 0; j < gateway->kernel.sas->len; j++)
            {
              const SimSa *sa = gateway->kernel.sas->pdata[j];

              sim_assert (sim, sa->out || sa->replay_window == 32);
            }
          rekey (client);
        }
      sim_end (sim);
    }
}

/* ---- rekeying ---- */

/* A gateway that insists on forward secrecy refuses a rekeying without, and the old Child SA goes on. */
static void
test_pfs (void)
{
  for (guint insists = 0; insists < 2; insists++)
    {
      Sim *sim = sim_new (50 + insists);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint32 spi;

      client->config->child.pfs = FALSE;
      g_ptr_array_unref (client->config->child_proposals);
      client->config->child_proposals = ike_proposals_default (&sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
      gateway->config->child.pfs = insists != 0;
      sim_connect (sim, client, gateway);
      spi = sim_kernel_outbound (&client->kernel)->spi;
      rekey (client);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, (sim_kernel_outbound (&client->kernel)->spi == spi) == insists);
      sim_assert (sim, !strstr (sim->transcript->str, "NO_PROPOSAL_CHOSEN") == !insists);
      sim_assert (sim, client->ups == 1 && !client->downs && !client->reconnectings);
      sim_end (sim);
    }
}

/* The INFORMATIONAL requests of @data are lost. */
static SimVerdict
drop_requests (Sim *sim, SimPacket *packet, gpointer data)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return ike_address_equal (&packet->from.address, &((const SimHost *) data)->address) &&
                 octets[18] == IKE_EXCHANGE_INFORMATIONAL && !(octets[19] & IKE_FLAG_RESPONSE)
             ? SIM_DROP
             : SIM_PASS;
}

static gboolean
is_refused (Sim *sim, gpointer data)
{
  return strstr (sim->transcript->str, "the kernel refused the outbound half") != NULL;
}

/* The outbound half of what the peer has rekeyed comes last, when the old one goes; if the kernel does not want it
 * another Child SA is made. */
static void
test_switch_refused (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Sim *sim = sim_new (60 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      SimHost *host = i ? client : gateway, *other = i ? gateway : client;

      client->config->keep_trying = TRUE;
      sim_connect (sim, client, gateway);
      sim->filter = drop_requests;
      sim->filter_data = other;
      sim_expire (other, sim_kernel_outbound (&other->kernel)->spi, FALSE);
      sim_run (sim, 500 * IKE_MILLISECOND);
      sim_assert (sim, sim_kernel_count (&host->kernel, FALSE) == 2 && sim_kernel_count (&host->kernel, TRUE) == 1);
      host->kernel.refuse_install = 22;
      sim->filter = NULL;
      sim_assert (sim, sim_run_until (sim, is_refused, host, 20 * IKE_SECOND));
      host->kernel.refuse_install = 0;
      sim_run (sim, 20 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_ping (client, gateway, IKE_SECOND, 10 * IKE_SECOND);
      sim_run (sim, 12 * IKE_SECOND);
      sim_assert (sim, sim->pings > 20 && sim->pings == sim->pongs && !client->downs);
      sim_end (sim);
    }
}

/* ---- NATs ---- */

static SimHost *
behind_nat (Sim *sim, SimHost **ret_gateway, gboolean nat)
{
  SimHost *client = sim_client (sim);

  *ret_gateway = sim_gateway (sim);
  if (nat)
    sim_nat (client, "203.0.113.7");
  return client;
}

/* Where the NATs are is known to the IKE SA that comes after, whoever rekeys: whoever is behind one goes on to say
 * something now and then, and another mapping is followed. */
static void
test_nat_over_rekey (void)
{
  for (guint by = 0; by < 2; by++)
    {
      Sim *sim = sim_new (70 + by);
      SimHost *gateway, *client = behind_nat (sim, &gateway, TRUE);
      guint before;

      (by ? gateway : client)->config->ike_lifetime = 10000 * IKE_SECOND;
      client->config->dpd_delay = 45 * IKE_SECOND;
      sim_connect (sim, client, gateway);
      sim_hasten (by ? gateway : client, "rekey");
      sim_run (sim, 2 * IKE_SECOND);
      sim_assert (sim, strstr (sim->transcript->str, "IKE SA #2 replaces #1"));
      sim_assert (sim, sim_count_ike (client) == 1 && sim_count_ike (gateway) == 1);
      before = client->keepalives;
      sim_run (sim, 65 * IKE_SECOND);
      sim_assert (sim, client->keepalives - before >= 3 && !gateway->keepalives);
      client->nat_ports[1] = 0;
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, client->nat_ports[1] && gateway->kernel.updates == 1);
      sim_assert (sim, sim_kernel_outbound (&gateway->kernel)->path.remote.port == client->nat_ports[1]);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

static void
seen_at (SimHost *host, const IkeEndpoint *remote)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  for (guint i = 0; i < host->kernel.sas->len; i++)
    if (!((const SimSa *) host->kernel.sas->pdata[i])->out)
      input->spi = ((const SimSa *) host->kernel.sas->pdata[i])->spi;
  input->type = IKE_INPUT_MAPPING;
  input->path.remote = *remote;
  sim_feed (host, input);
  sim_run (host->sim, 10 * IKE_MILLISECOND);
}

/* The kernel has seen ESP come from another port: that is followed only where the other end is behind a NAT, which moves
 * so, and not by whoever is behind one himself (RFC 7296 section 2.23), nor where MOBIKE says who is where. */
static void
test_mapping (void)
{
  static const struct {
    gboolean nat, nat_of_gateway, mobike, follows;
  } rows[] = {
    { TRUE, FALSE, FALSE, TRUE },
    { FALSE, FALSE, FALSE, FALSE },
    { TRUE, FALSE, TRUE, FALSE },
    { TRUE, TRUE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (80 + i);
      SimHost *gateway, *client = behind_nat (sim, &gateway, rows[i].nat);
      IkeAddress outside = gateway->address;
      IkeEndpoint there;

      client->config->mobike = gateway->config->mobike = rows[i].mobike;
      if (rows[i].nat_of_gateway)
        {
          sim_nat (gateway, "203.0.113.99");
          gateway->nat_ports[0] = 500;
          gateway->nat_ports[1] = 4500;
          outside = sim_address ("203.0.113.99");
        }
      sim_listen (gateway);
      sim_start_to (client, &outside);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
      sim_run (sim, IKE_SECOND);
      there = sim_kernel_outbound (&gateway->kernel)->path.remote;
      there.port = 33333;
      seen_at (gateway, &there);
      sim_assert (sim, !gateway->kernel.updates == !rows[i].follows);
      sim_assert (sim, (sim_kernel_outbound (&gateway->kernel)->path.remote.port == 33333) == rows[i].follows);
      sim_end (sim);
    }
}

/* ---- what the kernel loses ---- */

static void
lose (SimHost *host, gboolean inbound, gboolean outbound)
{
  SimKernel *kernel = &host->kernel;

  for (guint i = kernel->sas->len; i-- > 0;)
    if (((const SimSa *) kernel->sas->pdata[i])->out ? outbound : inbound)
      sim_kernel_remove (kernel, kernel->sas->pdata[i]);
}

/* SAs go without an EXPIRE, as with the network card that encrypts, or by hand: both or one of them, at either end. Its
 * Child SA is deleted and made anew, as soon as it is looked for; the IKE SA stays. */
static void
test_lost_in_kernel (void)
{
  static const struct {
    gboolean inbound, outbound, by_server;
  } rows[] = { { TRUE, TRUE, FALSE }, { FALSE, TRUE, FALSE }, { TRUE, FALSE, FALSE }, { TRUE, TRUE, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (100 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint32 spi;

      client->config->keep_trying = TRUE;
      client->config->dpd_delay = gateway->config->dpd_delay = 30 * IKE_SECOND;
      sim_connect (sim, client, gateway);
      sim_run (sim, 10 * IKE_SECOND);
      spi = sim_kernel_outbound (&client->kernel)->spi;
      lose (rows[i].by_server ? gateway : client, rows[i].inbound, rows[i].outbound);
      sim_run (sim, 70 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, sim_kernel_outbound (&client->kernel)->spi != spi);
      sim_assert (sim, client->kernel.policies->len == 1 && sim_count_ike (client) == 1);
      sim_assert (sim, client->ups == 1 && !client->downs && !client->reconnectings);
      sim_assert (sim, client->kernel.installs <= 4 && gateway->kernel.installs <= 4);
      sim_end (sim);
    }
}

/* ---- beginning again ---- */

/* A gateway that has us no more, for now, is asked again and again, less and less often. */
static void
test_pauses (void)
{
  Sim *sim = sim_new (90);
  SimPeer *peer;
  SimHost *client = with_peer (sim, &peer);
  g_auto (IkeBuilder) builder = { 0 };
  guint before;

  client->config->keep_trying = TRUE;
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, IKE_SECOND));
  before = peer->inits;
  peer->auth_error = IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE;
  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_DELETE, ike_chunk ("\1\0\0\0", 4));
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  sim_run (sim, 300 * IKE_SECOND);
  sim_note (sim, "asked %u times", peer->inits - before);
  sim_assert (sim, client->reconnectings == 1 && !client->downs && client->stalls);
  sim_assert (sim, peer->inits - before > 2 && peer->inits - before <= 12);
  sim_end (sim);
  sim_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/rules/idle-over-rekey", test_idle_over_rekey);
  g_test_add_func ("/sim/rules/trap-elsewhere", test_trap_elsewhere);
  g_test_add_func ("/sim/rules/transport", test_transport);
  g_test_add_func ("/sim/rules/transport-unasked", test_transport_unasked);
  g_test_add_func ("/sim/rules/transport-no-more", test_transport_no_more);
  g_test_add_func ("/sim/rules/transport-of-processor", test_transport_of_processor);
  g_test_add_func ("/sim/rules/limits", test_limits);
  g_test_add_func ("/sim/rules/pfs", test_pfs);
  g_test_add_func ("/sim/rules/switch-refused", test_switch_refused);
  g_test_add_func ("/sim/rules/nat-over-rekey", test_nat_over_rekey);
  g_test_add_func ("/sim/rules/mapping", test_mapping);
  g_test_add_func ("/sim/rules/lost-in-kernel", test_lost_in_kernel);
  g_test_add_func ("/sim/rules/pauses", test_pauses);
  return g_test_run ();
}
