/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can prove who he is, and wants more than he may have. */
#include "sim-attacker.h"

#include "exchange/peer.h"
#include "sa/client.h"
#include "sa/connection.h"
#include "sa/half-open.h"
#include "wire/payload-delete.h"
#include "wire/payload-notify.h"

static SimHost *
gateway_of (const SimAttacker *attacker)
{
  return (SimHost *) attacker->gateway;
}

/* A server that hands out addresses, and asks whether a client may come in. */
static void
begin (SimAttacker *attacker, guint64 seed)
{
  SimHost *server;

  sim_attacker_prepare (attacker, seed);
  server = gateway_of (attacker);
  g_ptr_array_set_size (server->config->child.remote_ts, 0);
  server->config->serve = ike_serve_new ();
  server->config->serve->pool4 = server->config->serve->authorize = TRUE;
  server->pool4 = "10.9.0.0";
}

static guint
pairs (const SimAttacker *attacker)
{
  return sim_kernel_count (&gateway_of (attacker)->kernel, TRUE);
}

static void
end (SimAttacker *attacker)
{
  sim_stop (gateway_of (attacker));
  sim_end (attacker->sim);
}

/* ---- not let in: neither by another exchange (RFC 7296 section 2.19) ---- */

static void
test_no_address (void)
{
  for (guint empty = 0; empty < 3; empty++)
    {
      SimAttacker attacker;

      begin (&attacker, 10 + empty);
      /* the second: addresses there are, but none of this family */
      gateway_of (&attacker)->pool4 = empty == 1 ? NULL : "10.9.0.0";
      sim_listen (gateway_of (&attacker));
      sim_attacker_init (&attacker);
      sim_attacker_enter (&attacker, empty > 0);
      sim_assert (attacker.sim, attacker.said == (empty == 0   ? IKE_NOTIFY_FAILED_CP_REQUIRED
                                                  : empty == 1 ? IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE
                                                               : 0));
      sim_assert (attacker.sim, sim_count_ike (attacker.gateway) == 1 && pairs (&attacker) == (empty == 2));
      for (guint i = 0; i < 3; i++)
        {
          sim_attacker_child (&attacker);
          sim_assert (attacker.sim, attacker.said == (empty == 2 ? 0 : IKE_NOTIFY_NO_ADDITIONAL_SAS));
        }
      sim_assert (attacker.sim, pairs (&attacker) == (empty == 2 ? 4 : 0));
      /* nor does it get another IKE SA, of which that would not be known */
      sim_attacker_rekey (&attacker);
      sim_assert (attacker.sim, attacker.said == (empty == 2 ? 0 : IKE_NOTIFY_NO_ADDITIONAL_SAS));
      /* what is of no use to it is not kept for hours */
      sim_run (attacker.sim, 40 * IKE_SECOND);
      sim_assert (attacker.sim, (sim_count_ike (attacker.gateway) == 0) == (empty < 2));
      end (&attacker);
    }
}

static void
send_all (SimHost *host, const char *gateway)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_REDIRECT;
  input->connection = host->id;
  input->text = gateway;
  sim_input (host, input);
}

/* Sent away between IKE_SA_INIT and IKE_AUTH: who may not come in is not sent anywhere, and who may is gone soon. */
static void
test_redirected (void)
{
  for (guint may = 0; may < 2; may++)
    {
      SimAttacker attacker;

      begin (&attacker, 20 + may);
      attacker.redirectable = TRUE;
      gateway_of (&attacker)->refuse_admit = may ? NULL : "client.example";
      sim_listen (gateway_of (&attacker));
      sim_attacker_init (&attacker);
      send_all (gateway_of (&attacker), "198.51.100.2");
      sim_attacker_enter (&attacker, TRUE);
      sim_assert (attacker.sim, attacker.gateway->admits == 1);
      sim_assert (attacker.sim, attacker.said == (may ? IKE_NOTIFY_REDIRECT : IKE_NOTIFY_AUTHENTICATION_FAILED));
      sim_assert (attacker.sim, sim_count_ike (attacker.gateway) == may);
      if (may)
        {
          send_all (gateway_of (&attacker), NULL);
          sim_attacker_child (&attacker);
          sim_assert (attacker.sim, attacker.said == IKE_NOTIFY_NO_ADDITIONAL_SAS);
          sim_attacker_rekey (&attacker);
          sim_assert (attacker.sim, attacker.said == IKE_NOTIFY_NO_ADDITIONAL_SAS);
        }
      sim_run (attacker.sim, 40 * IKE_SECOND);
      sim_assert (attacker.sim, sim_count_ike (attacker.gateway) == 0 && pairs (&attacker) == 0);
      end (&attacker);
    }
}

/* ---- more and more ---- */

static void
test_children (void)
{
  SimAttacker attacker;

  begin (&attacker, 30);
  sim_listen (gateway_of (&attacker));
  sim_attacker_init (&attacker);
  sim_attacker_enter (&attacker, TRUE);
  for (guint i = 1; i <= 200; i++)
    {
      sim_assert (attacker.sim, attacker.said == (i <= IKE_PEER_MAX_CHILDREN ? 0 : IKE_NOTIFY_NO_ADDITIONAL_SAS));
      sim_assert (attacker.sim, pairs (&attacker) == MIN (i, IKE_PEER_MAX_CHILDREN));
      sim_attacker_child (&attacker);
    }
  end (&attacker);
}

/* Each leaves the one before it behind. */
static void
test_rekeys (void)
{
  SimAttacker attacker;
  guint refused = 0;

  begin (&attacker, 31);
  sim_listen (gateway_of (&attacker));
  sim_attacker_init (&attacker);
  sim_attacker_enter (&attacker, TRUE);
  for (guint i = 0; i < 60; i++)
    {
      sim_attacker_rekey (&attacker);
      sim_assert (attacker.sim, attacker.said == 0 || attacker.said == IKE_NOTIFY_TEMPORARY_FAILURE);
      refused += attacker.said != 0;
      sim_assert (attacker.sim, sim_count_ike (attacker.gateway) <= 17);
    }
  sim_assert (attacker.sim, refused > 0);
  /* it is not for ever, and meanwhile the tunnel stands */
  sim_assert (attacker.sim, pairs (&attacker) == 1);
  sim_run (attacker.sim, 100 * IKE_SECOND);
  sim_attacker_rekey (&attacker);
  sim_assert (attacker.sim, attacker.said == 0 && pairs (&attacker) == 1);
  end (&attacker);
}

static IkeEngineCounts
counts_of (const SimAttacker *attacker)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (attacker->gateway->engine, &counts);
  return counts;
}

/* Each deletes the one before it, whose last answer might be asked for again: not of all of them. */
static void
test_rekeys_tidy (void)
{
  for (guint peer = 0; peer < 2; peer++)
    {
      SimAttacker attacker;

      if (peer)
        sim_attacker_prepare (&attacker, 33);
      else
        begin (&attacker, 32);
      attacker.tidy = TRUE;
      if (peer)
        {
          gateway_of (&attacker)->config->role = IKE_ROLE_PEER;
          gateway_of (&attacker)->config->begin = IKE_BEGIN_LISTEN;
          sim_start_to (gateway_of (&attacker), &attacker.host->address);
        }
      else
        sim_listen (gateway_of (&attacker));
      sim_attacker_init (&attacker);
      sim_attacker_enter (&attacker, !peer);
      attacker.patience = 100 * IKE_MILLISECOND;
      for (guint i = 0; i < 200; i++)
        {
          sim_attacker_rekey (&attacker);
          sim_assert (attacker.sim, attacker.said == 0 && sim_count_ike (attacker.gateway) <= 2);
          sim_assert (attacker.sim, counts_of (&attacker).lingering <= IKE_CLIENT_MAX_LINGERING);
        }
      sim_assert (attacker.sim, counts_of (&attacker).lingering == IKE_CLIENT_MAX_LINGERING);
      sim_run (attacker.sim, 40 * IKE_SECOND);
      sim_assert (attacker.sim, counts_of (&attacker).lingering == 0 && sim_count_ike (attacker.gateway) == 1);
      sim_assert (attacker.sim, pairs (&attacker) == 1);
      end (&attacker);
    }
}

/* The same with a Child SA: what is in flight is waited for, but the kernel is not filled with that. */
static void
test_child_rekeys_tidy (void)
{
  SimAttacker attacker;
  guint refused = 0;

  begin (&attacker, 34);
  sim_listen (gateway_of (&attacker));
  sim_attacker_init (&attacker);
  sim_attacker_enter (&attacker, TRUE);
  attacker.sim->latency = attacker.sim->jitter = IKE_MILLISECOND;
  attacker.patience = 10 * IKE_MILLISECOND;
  for (guint i = 0; i < 200; i++)
    {
      const guint32 old = SIM_ATTACKER_SPI + i - refused;

      attacker.next_spi = old + 1 - SIM_ATTACKER_SPI;
      attacker.rekeyed = old;
      sim_attacker_child (&attacker);
      sim_assert (attacker.sim, attacker.said == 0 || attacker.said == IKE_NOTIFY_TEMPORARY_FAILURE);
      refused += attacker.said != 0;
      if (!attacker.said)
        sim_attacker_delete (&attacker, old);
      sim_assert (attacker.sim, gateway_of (&attacker)->kernel.sas->len <= IKE_PEER_MAX_CHILDREN + 5);
    }
  sim_assert (attacker.sim, refused > 0);
  sim_run (attacker.sim, 10 * IKE_SECOND);
  sim_assert (attacker.sim, pairs (&attacker) == 1 && gateway_of (&attacker)->kernel.sas->len == 2);
  attacker.rekeyed = SIM_ATTACKER_SPI + 200 - refused;
  sim_attacker_child (&attacker);
  sim_assert (attacker.sim, attacker.said == 0);
  end (&attacker);
}

/* ---- strangers ---- */

/* Another one for each IKE_CLIENTS_MAX_SOURCE. */
static IkeAddress
home_of (guint i)
{
  const guint home = i / IKE_CLIENTS_MAX_SOURCE;

  return (IkeAddress){ IKE_FAMILY_IP4, { 203, 0, (guint8) (home >> 8), (guint8) home } };
}

/* From one address there are only so many that are nobody; who goes makes room. */
static void
test_nobodies_of_one (void)
{
  SimAttacker attacker;
  IkeAddress home;

  sim_attacker_prepare (&attacker, 39);
  home = attacker.host->address;
  g_clear_pointer (&gateway_of (&attacker)->config->remote_id, ike_identity_free);
  gateway_of (&attacker)->config->remote_auth = IKE_AUTH_NULL;
  attacker.sim->quiet = attacker.nobody = TRUE;
  sim_listen (gateway_of (&attacker));
  for (guint i = 0; i < IKE_CLIENTS_MAX_SOURCE + 3; i++)
    {
      const gboolean full = i == IKE_CLIENTS_MAX_SOURCE || i == IKE_CLIENTS_MAX_SOURCE + 2;

      attacker.spi_i++;
      sim_attacker_init (&attacker);
      sim_attacker_enter (&attacker, FALSE);
      sim_assert (attacker.sim, attacker.said == (full ? IKE_NOTIFY_TEMPORARY_FAILURE : 0));
      if (i == IKE_CLIENTS_MAX_SOURCE - 1)
        {
          /* one more, instead of the last */
          sim_attacker_delete (&attacker, 0);
          attacker.spi_i++;
          sim_attacker_init (&attacker);
          sim_attacker_enter (&attacker, FALSE);
          sim_assert (attacker.sim, attacker.said == 0);
        }
      /* then from elsewhere, and as before */
      if (i == IKE_CLIENTS_MAX_SOURCE)
        attacker.host->address = home_of (0);
      if (i == IKE_CLIENTS_MAX_SOURCE + 1)
        attacker.host->address = home;
    }
  end (&attacker);
}

/* Whoever is nobody may be as many as he likes, up to a limit; who goes makes room. */
static void
test_nobody (void)
{
  SimAttacker attacker;

  sim_attacker_prepare (&attacker, 35);
  g_clear_pointer (&gateway_of (&attacker)->config->remote_id, ike_identity_free);
  gateway_of (&attacker)->config->remote_auth = IKE_AUTH_NULL;
  gateway_of (&attacker)->config->childless = TRUE;
  attacker.sim->quiet = attacker.nobody = TRUE;
  attacker.omit = 7;
  sim_listen (gateway_of (&attacker));
  attacker.patience = 2 * attacker.sim->latency + 5 * IKE_MILLISECOND;
  for (guint i = 0; i < IKE_CLIENTS_MAX_ANONYMOUS + 2; i++)
    {
      const gboolean full = i > IKE_CLIENTS_MAX_ANONYMOUS;

      attacker.host->address = home_of (i);
      attacker.spi_i++;
      sim_attacker_init (&attacker);
      sim_attacker_enter (&attacker, FALSE);
      sim_assert (attacker.sim, attacker.said == (full ? IKE_NOTIFY_TEMPORARY_FAILURE : 0));
      if (i == IKE_CLIENTS_MAX_ANONYMOUS - 1)
        sim_attacker_delete (&attacker, 0);
    }
  sim_assert (attacker.sim, sim_count_ike (attacker.gateway) == IKE_CLIENTS_MAX_ANONYMOUS);
  end (&attacker);
}

/* And has one Child SA. */
static void
test_nobody_children (void)
{
  SimAttacker attacker;

  sim_attacker_prepare (&attacker, 37);
  g_clear_pointer (&gateway_of (&attacker)->config->remote_id, ike_identity_free);
  gateway_of (&attacker)->config->remote_auth = IKE_AUTH_NULL;
  attacker.nobody = TRUE;
  sim_listen (gateway_of (&attacker));
  sim_attacker_init (&attacker);
  sim_attacker_enter (&attacker, FALSE);
  sim_assert (attacker.sim, attacker.said == 0 && pairs (&attacker) == 1);
  for (guint i = 0; i < 3; i++)
    {
      sim_attacker_child (&attacker);
      sim_assert (attacker.sim, attacker.said == IKE_NOTIFY_NO_ADDITIONAL_SAS && pairs (&attacker) == 1);
    }
  end (&attacker);
}

/* Whoever begins EAP, and goes on no further, keeps others out for a while only: the more there are, the shorter. */
static void
test_slow_eap (void)
{
  SimAttacker attacker;
  IkeEngineCounts counts;

  sim_attacker_prepare (&attacker, 38);
  g_clear_pointer (&gateway_of (&attacker)->config->remote_id, ike_identity_free);
  gateway_of (&attacker)->config->remote_auth = IKE_AUTH_EAP;
  attacker.eap = attacker.sim->quiet = TRUE;
  attacker.patience = 50 * IKE_MILLISECOND;
  sim_listen (gateway_of (&attacker));
  for (guint i = 0; i < IKE_HALF_OPEN_MAX_SOURCE; i++)
    {
      attacker.spi_i++;
      sim_attacker_init (&attacker);
      sim_attacker_enter (&attacker, FALSE);
    }
  ike_engine_get_counts (gateway_of (&attacker)->engine, &counts);
  sim_assert (attacker.sim, counts.half_open == IKE_HALF_OPEN_MAX_SOURCE);
  sim_run (attacker.sim, 35 * IKE_SECOND);
  ike_engine_get_counts (gateway_of (&attacker)->engine, &counts);
  sim_assert (attacker.sim, counts.half_open == IKE_HALF_OPEN_COOKIES);
  sim_run (attacker.sim, 90 * IKE_SECOND);
  ike_engine_get_counts (gateway_of (&attacker)->engine, &counts);
  sim_assert (attacker.sim, counts.half_open == 0);
  end (&attacker);
}

/* Those that have an identity, all the same one: far more. */
static void
test_clients (void)
{
  Sim *sim = sim_new (36);
  g_autoptr (IkeIdentity) somebody = ike_identity_new (IKE_ID_FQDN, "client.example", 14);
  g_autoptr (IkeIdentity) nobody = ike_identity_new (IKE_ID_NULL, "", 0);
  g_autoptr (GPtrArray) clients = g_ptr_array_new ();
  const IkeAddress elsewhere = home_of (IKE_CLIENTS_MAX);
  IkeConnection *connection;
  IkeConfig *config = ike_config_new ();
  IkeCore core;

  config->id = 1;
  ike_core_init (&core, &sim->crypto.table);
  connection = ike_connection_new (&core, config);
  for (guint i = 0; i < IKE_CLIENTS_MAX; i++)
    {
      const IkeAddress home = home_of (i);

      g_ptr_array_add (clients, ike_client_new (connection, i < IKE_CLIENTS_MAX_ANONYMOUS ? nobody : somebody, &home));
      g_assert_false (ike_client_is_too_many (clients->pdata[i]));
    }
  for (guint i = 0; i < 2; i++)
    {
      IkeClient *client = ike_client_new (connection, i ? nobody : somebody, &elsewhere);

      g_assert_true (ike_client_is_too_many (client));
      ike_client_unref (client);
    }
  while (clients->len > IKE_CLIENTS_MAX - 10)
    ike_client_unref (g_ptr_array_steal_index (clients, clients->len - 1));
  for (guint i = 0; i < 2; i++)
    {
      IkeClient *client = ike_client_new (connection, i ? nobody : somebody, &elsewhere);

      /* there is room, but for nobody */
      g_assert_cmpint (ike_client_is_too_many (client), ==, i);
      ike_client_unref (client);
    }
  while (clients->len)
    ike_client_unref (g_ptr_array_steal_index (clients, clients->len - 1));
  g_assert_cmpuint (connection->n_clients + connection->n_anonymous, ==, 0);
  ike_connection_free (connection);
  ike_core_clear (&core);
  sim_end (sim);
}

/* ---- all at once ---- */

/* Errors that it has found with us, as many as there is room for, again and again: they do not fill the log. */
static void
test_notifies (void)
{
  SimAttacker attacker;
  const char *line;
  guint lines = 0;

  begin (&attacker, 41);
  sim_listen (gateway_of (&attacker));
  sim_attacker_init (&attacker);
  sim_attacker_enter (&attacker, TRUE);
  attacker.patience = 50 * IKE_MILLISECOND;
  for (guint i = 0; i < 50; i++)
    {
      g_auto (IkeBuilder) builder = { 0 };

      ike_builder_init_inner (&builder);
      for (guint n = 0; n < 20; n++)
        ike_builder_notify (&builder, IKE_NOTIFY_INVALID_SELECTORS, ike_chunk (NULL, 0));
      sim_attacker_send (&attacker, IKE_EXCHANGE_INFORMATIONAL, attacker.next_id++, &builder);
    }
  for (line = attacker.sim->transcript->str; (line = strstr (line, "the peer notifies")); line++)
    lines++;
  g_assert_cmpuint (lines, >, 0);
  g_assert_cmpuint (lines, <=, 20);
  sim_assert (attacker.sim, sim_count_ike (attacker.gateway) == 1);
  end (&attacker);
}

/* RFC 7296 section 1.4.1: any number in one message, among others that are not here. */
static void
test_delete_many (void)
{
  SimAttacker attacker;
  g_auto (IkeBuilder) builder = { 0 };
  guint32 spis[60];

  begin (&attacker, 40);
  sim_listen (gateway_of (&attacker));
  sim_attacker_init (&attacker);
  sim_attacker_enter (&attacker, TRUE);
  for (guint i = 1; i < 25; i++)
    sim_attacker_child (&attacker);
  sim_assert (attacker.sim, pairs (&attacker) == 25);
  for (guint i = 0; i < G_N_ELEMENTS (spis); i++)
    spis[i] = i < 20 ? 0x9000 + i : SIM_ATTACKER_SPI + i - 20;
  ike_builder_init_inner (&builder);
  /* the first 20 are nobody's, the next are those that there are but for the last, and the rest are not yet */
  spis[44] = 0x9999;
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, spis, 30);
  ike_builder_end (&builder);
  ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, spis + 30, 30);
  ike_builder_end (&builder);
  attacker.deleted = 0;
  sim_attacker_send (&attacker, IKE_EXCHANGE_INFORMATIONAL, attacker.next_id++, &builder);
  g_assert_cmpuint (attacker.deleted, ==, 24);
  sim_run (attacker.sim, 60 * IKE_SECOND);
  g_assert_cmpuint (pairs (&attacker), ==, 1);
  sim_assert (attacker.sim, gateway_of (&attacker)->kernel.sas->len == 2);
  end (&attacker);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/greedy/no-address", test_no_address);
  g_test_add_func ("/sim/greedy/redirected", test_redirected);
  g_test_add_func ("/sim/greedy/children", test_children);
  g_test_add_func ("/sim/greedy/rekeys", test_rekeys);
  g_test_add_func ("/sim/greedy/rekeys-tidy", test_rekeys_tidy);
  g_test_add_func ("/sim/greedy/child-rekeys-tidy", test_child_rekeys_tidy);
  g_test_add_func ("/sim/greedy/nobodies-of-one", test_nobodies_of_one);
  g_test_add_func ("/sim/greedy/nobody", test_nobody);
  g_test_add_func ("/sim/greedy/nobody-children", test_nobody_children);
  g_test_add_func ("/sim/greedy/slow-eap", test_slow_eap);
  g_test_add_func ("/sim/greedy/clients", test_clients);
  g_test_add_func ("/sim/greedy/notifies", test_notifies);
  g_test_add_func ("/sim/greedy/delete-many", test_delete_many);
  return g_test_run ();
}
