/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can prove who he is, and wants more than he may have. */
#include "sim-attacker.h"

#include "exchange/peer.h"
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

/* ---- all at once ---- */

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
  g_test_add_func ("/sim/greedy/delete-many", test_delete_many);
  return g_test_run ();
}
