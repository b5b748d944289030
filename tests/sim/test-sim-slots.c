/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots of Child SAs and the policies that have them: there is room for IKE_MAX_SLOTS, no two that live have the same one,
 * and what was kept without an SA goes when nothing will take its place.
 */
#include "sim-internal.h"
#include "sim-peer.h"
#include "sim-record.h"

#include "sa/select.h"
#include "wire/payload-cp.h"
#include "wire/payload-delete.h"
#include "wire/payload-sa.h"
#include "wire/payload-ts.h"

#define CHILD_SPI 0xaaaa0001u
#define ROUNDS 5

static guint created, refused, agreed; /* by the scripted end; of its own requests */
static guint8 address; /* the last octet of what it gives */
static gboolean refuses; /* all further Child SAs */

static GBytes *
ts_body (const char *first, const char *last)
{
  g_autoptr (GArray) ts = ike_select_new ();
  IkeSelector selector = { .port_last = 65535 };
  g_auto (IkeWriter) writer = IKE_WRITER (64);

  g_assert (ike_address_from_string (first, &selector.first) && ike_address_from_string (last, &selector.last));
  g_array_append_val (ts, selector);
  ike_ts_write (&writer, ts, ike_chunk (NULL, 0));
  return ike_chunk_dup (ike_writer_chunk (&writer));
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };
  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE)
    {
      refused += ike_notify_find (payloads, IKE_NOTIFY_TS_UNACCEPTABLE, &notify);
      agreed += ike_payloads_find (payloads, IKE_PAYLOAD_SA) != NULL;
      return TRUE;
    }
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA && !refuses)
    {
      sim_peer_answer_child (peer, header->message_id, payloads, CHILD_SPI + created++);
      return TRUE;
    }
  ike_builder_init_inner (&builder);
  if (header->exchange == IKE_EXCHANGE_CREATE_CHILD_SA)
    ike_builder_notify (&builder, IKE_NOTIFY_TS_UNACCEPTABLE, ike_chunk (NULL, 0));
  sim_peer_send (peer, (IkeExchange) header->exchange, TRUE, header->message_id, &builder);
  return TRUE;
}

static SimHost *
client_of (Sim *sim, SimPeer **ret_peer)
{
  SimHost *client = sim_client (sim);

  *ret_peer = sim_peer_new (sim);
  (*ret_peer)->on_other = on_other;
  client->config->child.pfs = FALSE;
  client->config->keep_trying = TRUE;
  created = refused = agreed = address = 0;
  refuses = FALSE;
  return client;
}

/* ---- one slot for each ---- */

static void
ask_for_child (SimPeer *peer, guint32 number, const char *first, const char *last)
{
  g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
  const guint32 spi = GUINT32_TO_BE (CHILD_SPI + number);
  const guint8 nonce[32] = { 3 };
  g_autoptr (GBytes) ours = ts_body (first, last);
  g_autoptr (GBytes) theirs = ts_body ("10.1.0.0", "10.1.255.255");
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
  ike_builder_end (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (ours));
  ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (theirs));
  sim_peer_request (peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

static void
delete_child (SimPeer *peer, guint32 number)
{
  const guint32 spi = CHILD_SPI + number;
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, &spi, 1);
  ike_builder_end (&builder);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  sim_run (peer->sim, IKE_SECOND);
}

static const SimPolicy *
policy_for (const SimHost *host, const char *remote)
{
  for (guint i = 0; i < host->kernel.policies->len; i++)
    {
      const SimPolicy *policy = host->kernel.policies->pdata[i];
      g_autofree char *text = ike_select_to_string (policy->remote_ts);

      if (strcmp (text, remote) == 0)
        return policy;
    }
  return NULL;
}

static void
acquire (SimHost *host)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_ACQUIRE;
  input->connection = host->id;
  sim_input (host, input);
}

/* A peer that has the half of 10.2/16 for the first Child SA, and may ask for the rest. On demand there is a trap, too. */
static SimHost *
half_a_peer (Sim *sim, SimPeer **ret_peer, GBytes **ret_first, IkeBegin begin)
{
  SimHost *host = client_of (sim, ret_peer);

  host->config->role = IKE_ROLE_PEER;
  host->config->begin = begin;
  (*ret_peer)->answer_ts[1] = *ret_first = ts_body ("10.2.0.0", "10.2.127.255");
  sim_start (host);
  if (begin == IKE_BEGIN_DEMAND)
    acquire (host);
  sim_run (sim, 30 * IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&host->kernel, TRUE) == 1 && policy_for (host, "10.2.0.0/17"));
  return host;
}

static void
assert_both (SimHost *host, guint policies)
{
  const SimPolicy *first = policy_for (host, "10.2.0.0/17"), *other = policy_for (host, "10.2.128.0/17");

  sim_assert (host->sim, first && other && first->slot != other->slot && host->kernel.policies->len == policies);
  sim_assert (host->sim, sim_kernel_count (&host->kernel, TRUE) == 2);
}

/* What is refused takes no slot. */
static void
test_refused (void)
{
  for (guint demand = 0; demand < 2; demand++)
    {
      Sim *sim = sim_new (9100 + demand);
      SimPeer *peer;
      g_autoptr (GBytes) first = NULL;
      SimHost *host = half_a_peer (sim, &peer, &first, demand ? IKE_BEGIN_DEMAND : IKE_BEGIN_NOW);

      for (guint i = 0; i < 300; i++)
        ask_for_child (peer, i, "10.77.0.0", "10.77.255.255");
      sim_assert (sim, refused == 300 && !agreed);
      ask_for_child (peer, 300, "10.2.128.0", "10.2.255.255");
      sim_assert (sim, agreed == 1);
      assert_both (host, 2 + demand);
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* One that comes and goes for weeks gets the slots of nobody else: of the first one, and of the trap. */
static void
test_remade (void)
{
  Sim *sim = sim_new (9110);
  SimPeer *peer;
  g_autoptr (GBytes) first = NULL;
  SimHost *host = half_a_peer (sim, &peer, &first, IKE_BEGIN_DEMAND);
  guint32 slot = policy_for (host, "10.2.0.0/17")->slot, trap = policy_for (host, "10.2.0.0/16")->slot;

  for (guint i = 0; i < 300; i++)
    {
      ask_for_child (peer, i, "10.2.128.0", "10.2.255.255");
      sim_assert (sim, agreed == i + 1);
      assert_both (host, 3);
      delete_child (peer, i);
      sim_assert (sim, host->kernel.policies->len == 2 && sim_kernel_count (&host->kernel, TRUE) == 1);
      sim_assert (sim,
                  policy_for (host, "10.2.0.0/17")->slot == slot && policy_for (host, "10.2.0.0/16")->slot == trap);
    }
  sim_end (sim);
  sim_peer_free (peer);
}

/* ---- what was kept ---- */

/* Whatever happens, each of the client's nets, @data of them, has a policy: nothing of it leaves in clear. */
static void
check_nets (SimHost *host, gpointer data)
{
  static const char *const nets[] = { "10.2.0.0/16", "10.5.0.0/16" };

  for (guint i = 0; i < GPOINTER_TO_UINT (data) && strcmp (host->name, "client") == 0; i++)
    sim_assert (host->sim, policy_for (host, nets[i]) != NULL);
}

static void
give_address (SimPeer *peer, IkeWriter *writer)
{
  const IkeAddress given = { IKE_FAMILY_IP4, { 10, 9, 0, ++address } };

  ike_cp_write_address (writer, IKE_CP_ATTR_INTERNAL_IP4_ADDRESS, &given, 32);
}

/* The only policy for @remote, and it is for the address that was given last. */
static void
assert_given (const SimHost *client, const char *remote)
{
  const SimPolicy *policy = policy_for (client, remote);
  g_autofree char *given = g_strdup_printf ("10.9.0.%u/32", address);
  g_autofree char *local = policy ? ike_select_to_string (policy->local_ts) : NULL;

  sim_assert (client->sim, g_str_has_prefix (given, local ? local : "?"));
}

static char *
selectors_of (const SimPolicy *policy)
{
  g_autofree char *local = ike_select_to_string (policy->local_ts);
  g_autofree char *remote = ike_select_to_string (policy->remote_ts);

  return g_strdup_printf ("%s %s", local, remote);
}

static void
serve (SimHost *gateway)
{
  gateway->config->serve = ike_serve_new ();
  gateway->config->serve->pool4 = TRUE;
  gateway->config->serve->unique = IKE_UNIQUE_NO;
  g_ptr_array_set_size (gateway->config->child.remote_ts, 0);
  gateway->pool4 = "10.9.0.0";
}

/* Two nets, and maybe an address that the gateway gives; it takes @first alone for the first Child SA. */
static SimHost *
has_two_nets (Sim *sim, SimPeer **ret_peer, GBytes *first, gboolean given)
{
  SimHost *client = client_of (sim, ret_peer);
  IkeSelector *second = g_new0 (IkeSelector, 1);

  second->port_last = 65535;
  g_assert (ike_address_from_string ("10.5.0.0", &second->first));
  g_assert (ike_address_from_string ("10.5.255.255", &second->last));
  g_ptr_array_add (client->config->child.remote_ts, second);
  (*ret_peer)->answer_ts[1] = first;
  if (!given)
    return client;
  g_ptr_array_set_size (client->config->child.local_ts, 0);
  client->config->want_address4 = TRUE;
  (*ret_peer)->write_cp = give_address;
  return client;
}

static SimHost *
client_of_two (Sim *sim, SimPeer **ret_peer, GBytes *first)
{
  SimHost *client = has_two_nets (sim, ret_peer, first, TRUE);

  sim_start (client);
  sim_run (sim, 100 * IKE_SECOND);
  return client;
}

/* It is to authenticate again, beside what there is, or the IKE SA is deleted. */
static void
ask_anew (SimPeer *peer, gboolean beside)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  if (beside)
    ike_builder_notify (&builder, IKE_NOTIFY_AUTH_LIFETIME, ike_chunk ("\0\0\0\0", 4));
  else
    {
      ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_IKE, NULL, 0);
      ike_builder_end (&builder);
    }
  peer->next_id = 0;
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
}

/* One pair for each Child SA, and another address each time: after a loss, until whose end all is blocked, and beside the
 * old one. */
static void
test_pairs (void)
{
  for (guint beside = 0; beside < 2; beside++)
    {
      Sim *sim = sim_new (9130 + beside);
      SimPeer *peer;
      g_autoptr (GBytes) first = ts_body ("10.2.0.0", "10.2.255.255");
      SimHost *client = client_of_two (sim, &peer, first);

      sim->check = check_nets;
      sim->check_data = GUINT_TO_POINTER (2);
      for (guint i = 0; i < ROUNDS; i++)
        {
          sim_assert (sim, created == i + 1 && address == i + 1 && sim_kernel_count (&client->kernel, TRUE) == 2);
          sim_assert (sim, client->kernel.policies->len == 2);
          assert_given (client, "10.2.0.0/16");
          assert_given (client, "10.5.0.0/16");
          ask_anew (peer, beside);
          peer->mute = !beside;
          sim_run (sim, 10 * IKE_SECOND);
          sim_assert (sim, beside || !sim_kernel_count (&client->kernel, TRUE));
          sim_assert (sim, beside || client->kernel.policies->len == 2);
          peer->mute = FALSE;
          sim_run (sim, 200 * IKE_SECOND);
        }
      sim_assert (sim, !client->downs && client->kernel.policies->len == 2);
      sim->check = NULL;
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* The gateway has learnt to take both in one Child SA; or does not want the second any more. */
static void
test_pairs_no_more (void)
{
  for (guint refused_now = 0; refused_now < 2; refused_now++)
    {
      Sim *sim = sim_new (9135 + refused_now);
      SimPeer *peer;
      g_autoptr (GBytes) first = ts_body ("10.2.0.0", "10.2.255.255");
      SimHost *client = client_of_two (sim, &peer, first);

      sim_assert (sim, created == 1 && client->kernel.policies->len == 2);
      refuses = refused_now;
      peer->answer_ts[1] = refuses ? first : NULL;
      ask_anew (peer, FALSE);
      sim_run (sim, 100 * IKE_SECOND);
      sim_assert (sim, !client->downs && created == 1 && client->kernel.policies->len == 1);
      assert_given (client, refuses ? "10.2.0.0/16" : "10.2.0.0/16, 10.5.0.0/16");
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* Another address, or another net, from a gateway that is asked again, or that has started again: the old policies go, and
 * not before the new ones stand. */
static void
test_other_selectors (void)
{
  for (guint n = 0; n < 4; n++)
    {
      const guint way = n % 3;
      Sim *sim = sim_new (9140 + n);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      /* (also when the first Child SA comes by an exchange of its own) */
      client->config->childless = gateway->config->childless = n == 3;
      client->config->keep_trying = client->config->want_address4 = TRUE;
      client->config->reauth = way == 0;
      client->config->ike_lifetime = way == 0 ? 10000 * IKE_SECOND : 0;
      client->config->ike_rekey_margin = way == 0 ? 100 * IKE_SECOND : 0;
      g_ptr_array_set_size (client->config->child.local_ts, 0);
      serve (gateway);
      sim_connect (sim, client, gateway);
      sim->check = check_nets;
      sim->check_data = GUINT_TO_POINTER (way < 2 ? 1 : 0);
      for (guint i = 0; i < ROUNDS; i++)
        {
          const SimPolicy *policy = client->kernel.policies->pdata[0];
          g_autofree char *before = selectors_of (policy), *after = NULL;

          sim_assert (sim, client->kernel.policies->len == 1);
          if (way)
            {
              sim_reboot (gateway, sim_config (sim, "gateway", IKE_ROLE_RESPONDER));
              serve (gateway);
            }
          gateway->pool4 = i & 1 ? "10.9.0.0" : "10.9.1.0";
          if (way == 2)
            ((IkeSelector *) gateway->config->child.local_ts->pdata[0])->last.bytes[2] = (guint8) (100 + i);
          if (way)
            {
              sim_listen (gateway);
              sim_check (client, FALSE);
            }
          else
            sim_hasten (client, "reauth");
          sim_run (sim, 100 * IKE_SECOND);
          sim_assert (sim, client->kernel.policies->len == 1);
          sim_assert_agree (client, gateway, 1);
          after = selectors_of (client->kernel.policies->pdata[0]);
          sim_assert (sim, strcmp (before, after) != 0);
        }
      sim_assert (sim, client->ups == 1 + ROUNDS && !client->reconnectings && !client->downs);
      sim->check = NULL;
      sim_end (sim);
    }
}

/* ---- beside a trap ---- */

/* Both nets, or the second at least, at whatever moment. */
static void
look_for_gap (SimHost *host, const IkeOutput *output, gpointer data)
{
  sim_assert (host->sim, sim_kernel_policy_for (&host->kernel, "10.5.0.0/16"));
}

static void
check_whole (SimHost *host, gpointer data)
{
  sim_assert (host->sim, sim_kernel_is_whole (&host->kernel));
}

static void
look_whole (SimHost *host, const IkeOutput *output, gpointer data)
{
  check_whole (host, data);
}

static SimHost *
on_demand (Sim *sim, SimPeer **ret_peer, GBytes *first, gboolean given)
{
  SimHost *client = has_two_nets (sim, ret_peer, first, given);

  client->config->begin = IKE_BEGIN_DEMAND;
  client->config->idle_timeout = given ? 0 : 60 * IKE_SECOND;
  sim_start (client);
  if (!given)
    acquire (client);
  return client;
}

/* The trap is for both, and the gateway refuses one, or deletes it: that is the trap's, and nothing of the other one, also
 * after a move. */
static void
test_trap (void)
{
  for (guint i = 0; i < 4; i++)
    {
      Sim *sim = sim_new (9170 + i);
      SimPeer *peer;
      g_autoptr (GBytes) first = ts_body ("10.2.0.0", "10.2.255.255");
      SimHost *client = on_demand (sim, &peer, first, i & 1);

      refuses = i < 2;
      sim_run (sim, 2 * IKE_SECOND);
      sim->look = look_for_gap;
      sim->check = check_whole;
      sim_assert (sim, client->ups >= 1 && created == !refuses);
      sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == created + 1);
      if (!refuses)
        delete_child (peer, 0);
      sim_assert (sim, created == (refuses ? 0 : 2));
      sim_assert (sim, sim_kernel_count (&client->kernel, TRUE) == (refuses ? 1 : 2));
      sim_move (client, "192.0.2.77");
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, sim_kernel_policy_for (&client->kernel, "10.2.0.0/16"));
      sim->look = NULL;
      sim->check = NULL;
      sim_end (sim);
      sim_peer_free (peer);
    }
}

/* A Child SA has the trap's place, and a peer adds one for a part of that, and deletes it: the first one has all again. */
static void
test_trap_overlaps (void)
{
  Sim *sim = sim_new (9175);
  SimPeer *peer;
  SimHost *client = has_two_nets (sim, &peer, NULL, FALSE);

  client->config->role = IKE_ROLE_PEER;
  client->config->begin = IKE_BEGIN_DEMAND;
  sim_start (client);
  acquire (client);
  sim_run (sim, 30 * IKE_SECOND);
  sim->look = look_for_gap;
  sim_assert (sim, client->ups == 1 && sim_kernel_is_whole (&client->kernel));
  ask_for_child (peer, 0, "10.5.0.0", "10.5.255.255");
  sim_assert (sim, agreed == 1 && client->kernel.policies->len == 2);
  delete_child (peer, 0);
  sim_assert (sim, client->kernel.policies->len == 1 && sim_kernel_is_whole (&client->kernel));
  sim->look = NULL;
  sim_end (sim);
  sim_peer_free (peer);
}

/* It becomes one for another address, while the Child SA for the old one is there and keeps its policies. */
static void
test_trap_anew (void)
{
  Sim *sim = sim_new (9177);
  SimPeer *peer;
  SimHost *client = on_demand (sim, &peer, NULL, TRUE);

  sim_run (sim, 100 * IKE_SECOND);
  sim->look = look_whole;
  for (guint i = 1; i < ROUNDS; i++)
    {
      ask_anew (peer, TRUE);
      sim_run (sim, 200 * IKE_SECOND);
      sim_assert (sim, address == i + 1 && sim_kernel_count (&client->kernel, TRUE) == 1);
      sim_assert (sim, client->kernel.policies->len == 1);
      assert_given (client, "10.2.0.0/16, 10.5.0.0/16");
    }
  sim->look = NULL;
  sim_end (sim);
  sim_peer_free (peer);
}

/* It becomes one for what the gateway gives, first of one net a part, then both, and then goes where we go. */
static void
test_trap_moves (void)
{
  Sim *sim = sim_new (9180);
  SimPeer *peer;
  g_autoptr (GBytes) part = ts_body ("10.2.2.0", "10.2.2.255");
  SimHost *client = on_demand (sim, &peer, part, FALSE);
  const SimPolicy *trap;

  sim_run (sim, IKE_MILLISECOND);
  sim->look = look_for_gap;
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, client->ups == 1 && created == 1 && sim_kernel_is_whole (&client->kernel));
  sim_assert (sim, !sim_kernel_policy_for (&client->kernel, "10.2.0.0/16"));
  sim_run (sim, 200 * IKE_SECOND);
  sim_assert (sim, client->waitings == 2 && client->kernel.policies->len == 1);
  peer->answer_ts[1] = NULL;
  acquire (client);
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, client->ups == 2 && created == 1 && sim_kernel_is_whole (&client->kernel));
  sim_assert (sim, client->kernel.policies->len == 1);
  sim_move (client, "192.0.2.77");
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, client->ups == 3 && sim_kernel_is_whole (&client->kernel));
  trap = sim_kernel_policy_for (&client->kernel, "10.5.0.0/16");
  sim_assert (sim, ike_address_equal (&trap->path.local.address, &client->address));
  sim->look = NULL;
  sim_end (sim);
  sim_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/slots/refused", test_refused);
  g_test_add_func ("/sim/slots/remade", test_remade);
  g_test_add_func ("/sim/slots/pairs", test_pairs);
  g_test_add_func ("/sim/slots/pairs-no-more", test_pairs_no_more);
  g_test_add_func ("/sim/slots/other-selectors", test_other_selectors);
  g_test_add_func ("/sim/slots/trap", test_trap);
  g_test_add_func ("/sim/slots/trap-overlaps", test_trap_overlaps);
  g_test_add_func ("/sim/slots/trap-anew", test_trap_anew);
  g_test_add_func ("/sim/slots/trap-moves", test_trap_moves);
  return g_test_run ();
}
