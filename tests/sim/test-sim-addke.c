/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several key exchanges (RFC 9370): in IKE_INTERMEDIATE (RFC 9242) before authentication, in IKE_FOLLOWUP_KE when
 * something is rekeyed; over good and bad networks, and against peers that leave some of them out.
 */
#include "sim-attacker.h"

#include "wire/payload-ke.h"
#include "wire/payload-notify.h"

static guint32
current_spi (const SimHost *host)
{
  return sim_kernel_outbound (&host->kernel)->spi;
}

static void
offer_two (SimHost *host, gboolean child)
{
  sim_offer (host->config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ML_KEM_768);
  sim_offer (host->config->proposals, IKE_TRANSFORM_ADDKE3, IKE_KE_ECP_384);
  host->config->child.pfs = child;
  if (!child)
    return;
  sim_offer (host->config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ML_KEM_1024);
  sim_offer (host->config->child_proposals, IKE_TRANSFORM_ADDKE2, IKE_KE_ECP_521);
}

static void
test_connect (void)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      Sim *sim = sim_new (1 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      if (turn == 1)
        sim_signatures (client, gateway);
      client->config->fragmentation = turn != 2;
      client->config->fragment_size = turn == 0 ? 1000 : 0;
      offer_two (client, FALSE);
      offer_two (gateway, FALSE);
      sim_connect (sim, client, gateway);
      sim_assert (sim, g_str_has_suffix (client->configured->ike_suite, "CURVE25519/ML_KEM_768/ECP_384"));
      sim_assert (sim, g_strcmp0 (client->configured->ike_suite, gateway->configured->ike_suite) == 0);
      /* IKE_SA_INIT, two IKE_INTERMEDIATE, IKE_AUTH; the first KE of 1184 octets maybe in two fragments */
      sim_assert (sim, client->sent == 4u + (turn == 0));
      sim_end (sim);
    }
}

static void
test_real_key_exchange (void)
{
  Sim *sim = sim_new (5);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  sim_crypto_use_real_ke (&sim->crypto);
  for (guint i = 0; i < 2; i++)
    {
      SimHost *host = i ? gateway : client;
      gboolean kem =
          host->sim->crypto.table.supports (&host->sim->crypto.table, IKE_TRANSFORM_KE, IKE_KE_ML_KEM_768, 0);

      sim_offer (host->config->proposals, IKE_TRANSFORM_ADDKE1, kem ? IKE_KE_ML_KEM_768 : IKE_KE_MODP_2048);
      sim_offer (host->config->proposals, IKE_TRANSFORM_ADDKE2, IKE_KE_ECP_256);
      client->config->ke_hint = IKE_KE_CURVE25519;
    }
  sim_connect (sim, client, gateway);
  sim_end (sim);
}

/* "None" as an alternative: whoever can do without does, whoever cannot is refused. */
static void
test_optional (void)
{
  for (guint turn = 0; turn < 4; turn++)
    {
      Sim *sim = sim_new (10 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      SimHost *host = turn & 1 ? gateway : client;
      gboolean optional = turn < 2;

      sim_offer (host->config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ML_KEM_768);
      if (optional)
        sim_offer (host->config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_NONE);
      if (optional)
        {
          sim_connect (sim, client, gateway);
          sim_assert (sim, client->sent == 2);
        }
      else
        {
          sim_listen (gateway);
          sim_start (client);
          sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
          sim_assert_reason (sim, client, NO_PROPOSAL_CHOSEN);
        }
      sim_end (sim);
    }
}

/* The same method in two places is one key exchange only: RFC 9370 section 2.2.2. */
static void
test_no_method_twice (void)
{
  Sim *sim = sim_new (15);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  for (guint i = 0; i < 2; i++)
    for (guint8 type = IKE_TRANSFORM_ADDKE1; type <= IKE_TRANSFORM_ADDKE2; type++)
      {
        sim_offer ((i ? gateway : client)->config->proposals, type, IKE_KE_ML_KEM_768);
        sim_offer ((i ? gateway : client)->config->proposals, type, IKE_KE_ML_KEM_512);
      }
  sim_connect (sim, client, gateway);
  sim_assert (sim, g_str_has_suffix (client->configured->ike_suite, "/ML_KEM_768/ML_KEM_512"));
  sim_end (sim);
}

/* Whoever does not know what a key exchange gave does not get in, whichever it was. */
static void
test_different (void)
{
  for (guint i = 0; i < 3; i++)
    {
      Sim *sim = sim_new (17 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      offer_two (client, FALSE);
      offer_two (gateway, FALSE);
      client->ke_differs = i + 1;
      sim_listen (gateway);
      sim_start (client);
      sim_run (sim, 90 * IKE_SECOND);
      sim_assert (sim, client->ke_differs == 0);
      sim_assert_reason (sim, client, NO_RESPONSE);
      sim_assert (sim, !client->ups && !gateway->ups && !client->kernel.installs && !gateway->kernel.installs);
      sim_end (sim);
    }
}

/* What was changed on the way is not heard. */
static SimVerdict
corrupt_intermediate (Sim *sim, SimPacket *packet, gpointer data)
{
  gsize len;
  const guint8 *octets = g_bytes_get_data (packet->data, &len);
  guint *n = data;

  if (len > 28 && octets[18] == IKE_EXCHANGE_IKE_INTERMEDIATE && (*n)++ == 0)
    {
      guint8 *copy = g_memdup2 (octets, len);

      copy[len - 1] ^= 1;
      g_bytes_unref (packet->data);
      packet->data = g_bytes_new_take (copy, len);
    }
  return SIM_PASS;
}

static void
test_corrupt (void)
{
  Sim *sim = sim_new (16);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint n = 0;

  offer_two (client, FALSE);
  offer_two (gateway, FALSE);
  sim->filter = corrupt_intermediate;
  sim->filter_data = &n;
  /* it is dropped, sent again, and then all is well */
  sim_connect (sim, client, gateway);
  sim_assert (sim, n > 2);
  sim_end (sim);
}

static void
test_bad_network (void)
{
  for (guint64 seed = 0; seed < 40; seed++)
    {
      Sim *sim = sim_new (20 + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      offer_two (client, TRUE);
      offer_two (gateway, TRUE);
      client->config->retransmit_timeout = gateway->config->retransmit_timeout = 300 * IKE_SECOND;
      sim->loss = 20;
      sim->duplicates = 20;
      sim->jitter = 50 * IKE_MILLISECOND;
      sim_listen (gateway);
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 400 * IKE_SECOND));
      sim_expire (client, current_spi (client), FALSE);
      sim_run (sim, 100 * IKE_SECOND);
      sim->loss = sim->duplicates = 0;
      sim_run (sim, 200 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, client->kernel.installs >= 2);
      sim_end (sim);
    }
}

/* ---- before IKE_AUTH, against a gateway ---- */

/* IKE_AUTH before the key exchanges that were agreed on, IKE_INTERMEDIATE with another one or none, or when none was
 * agreed on: nothing comes of it. */
static void
test_skipped (void)
{
  enum { AUTH_AT_ONCE, WRONG_METHOD, NO_KE, NOT_AGREED, N };

  for (guint turn = 0; turn < N; turn++)
    {
      SimAttacker attacker;
      g_auto (IkeBuilder) builder = { 0 };
      guint8 value[65] = { 1 };
      IkeKe ke = { .group = turn == WRONG_METHOD ? IKE_KE_ECP_256 : IKE_KE_ML_KEM_768, .data = ike_chunk (value, 64) };

      sim_attacker_prepare (&attacker, 70 + turn);
      if (turn != NOT_AGREED)
        sim_offer (attacker.gateway->config->proposals, IKE_TRANSFORM_ADDKE1, attacker.addke = IKE_KE_ML_KEM_768);
      sim_listen ((SimHost *) attacker.gateway);
      sim_attacker_init (&attacker);
      sim_assert (attacker.sim, attacker.inits == 1 && attacker.spi_r);
      ike_builder_init_inner (&builder);
      if (turn == WRONG_METHOD || turn == NOT_AGREED)
        {
          ike_ke_write (ike_builder_begin (&builder, IKE_PAYLOAD_KE), &ke);
          ike_builder_end (&builder);
        }
      sim_attacker_send (&attacker, turn == AUTH_AT_ONCE ? IKE_EXCHANGE_IKE_AUTH : IKE_EXCHANGE_IKE_INTERMEDIATE, 1,
                         &builder);
      /* what cannot be in this state is not even answered */
      sim_assert (attacker.sim, attacker.others == (turn == WRONG_METHOD || turn == NO_KE));
      sim_attacker_end (&attacker);
    }
}

/* ---- rekeying ---- */

static void
test_rekey_child (void)
{
  for (guint turn = 0; turn < 4; turn++)
    {
      Sim *sim = sim_new (100 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      SimHost *who = turn & 1 ? gateway : client;
      guint before_sent;

      offer_two (client, TRUE);
      offer_two (gateway, TRUE);
      client->config->fragmentation = turn < 2;
      sim_connect (sim, client, gateway);
      sim_ping (client, gateway, 10 * IKE_MILLISECOND, 30 * IKE_SECOND);
      for (guint i = 0; i < 3; i++)
        {
          guint32 before = current_spi (who);

          before_sent = who->sent;
          sim_expire (who, before, FALSE);
          sim_run (sim, 10 * IKE_SECOND);
          sim_assert (sim, current_spi (who) != before);
          /* CREATE_CHILD_SA, two IKE_FOLLOWUP_KE, DELETE */
          sim_assert (sim, turn < 2 || who->sent - before_sent == 4);
          sim_assert_agree (client, gateway, 1);
        }
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, sim->pings == sim->pongs && client->ups == 1);
      sim_end (sim);
    }
}

static void
test_rekey_ike (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (110 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint32 spi;

      offer_two (client, TRUE);
      offer_two (gateway, TRUE);
      (turn ? gateway : client)->config->ike_lifetime = 100 * IKE_SECOND;
      sim_connect (sim, client, gateway);
      spi = current_spi (client);
      sim_run (sim, 260 * IKE_SECOND);
      sim_assert (sim, current_spi (client) == spi && !client->reconnectings);
      /* the keys of both ends are the same, or nothing could be rekeyed now */
      sim_expire (gateway, current_spi (gateway), FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert (sim, current_spi (client) != spi);
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

static void
test_collisions (void)
{
  for (guint64 seed = 0; seed < 60; seed++)
    {
      Sim *sim = sim_new (120 + seed);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      IkeEngineCounts a, b;

      offer_two (client, TRUE);
      offer_two (gateway, TRUE);
      if (seed & 1)
        client->config->ike_lifetime = gateway->config->ike_lifetime = 640 * IKE_SECOND;
      sim->jitter = (seed % 3) * 10 * IKE_MILLISECOND;
      sim_connect (sim, client, gateway);
      if (!(seed & 1))
        {
          sim_expire (client, current_spi (client), FALSE);
          sim_expire (gateway, current_spi (gateway), FALSE);
        }
      sim_run (sim, 800 * IKE_SECOND);
      ike_engine_get_counts (client->engine, &a);
      ike_engine_get_counts (gateway->engine, &b);
      sim_assert (sim, a.child_sas == 1 && b.child_sas == 1 && a.ike_sas == 1 && b.ike_sas == 1);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_end (sim);
    }
}

static SimVerdict
drop_followups (Sim *sim, SimPacket *packet, gpointer data)
{
  gsize len;
  const guint8 *octets = g_bytes_get_data (packet->data, &len);

  return len > 28 && octets[18] == IKE_EXCHANGE_IKE_FOLLOWUP_KE ? SIM_DROP : SIM_PASS;
}

/* The gateway has waited long enough and forgotten: STATE_NOT_FOUND, and the whole is begun again. */
static void
test_forgotten (void)
{
  Sim *sim = sim_new (190);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  guint32 before;

  offer_two (client, TRUE);
  offer_two (gateway, TRUE);
  sim_connect (sim, client, gateway);
  before = current_spi (client);
  sim->filter = drop_followups;
  sim_expire (client, before, FALSE);
  sim_run (sim, 40 * IKE_SECOND);
  sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 1 && !sim_kernel_larval (&gateway->kernel));
  sim->filter = NULL;
  sim_run (sim, 120 * IKE_SECOND);
  sim_assert (sim, current_spi (client) != before && !client->reconnectings);
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

static SimVerdict
fail_followups (Sim *sim, SimPacket *packet, gpointer data)
{
  if (drop_followups (sim, packet, NULL) == SIM_DROP)
    ((SimHost *) data)->ke_fails = TRUE;
  return SIM_PASS;
}

/* The gateway cannot do one of them for now, and the old ones go on; or cannot understand us, and both ends begin anew. */
static void
test_refused (void)
{
  for (guint turn = 0; turn < 4; turn++)
    {
      Sim *sim = sim_new (194 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint malformed = turn & 1, ike = turn & 2;
      guint32 before;

      offer_two (client, TRUE);
      offer_two (gateway, TRUE);
      client->config->ike_lifetime = ike ? 1000 * IKE_SECOND : 0;
      client->config->ike_rekey_margin = 150 * IKE_SECOND;
      sim_connect (sim, client, gateway);
      before = current_spi (client);
      sim->filter = malformed ? NULL : fail_followups;
      sim->filter_data = gateway;
      /* the first three that are opened are request, answer and IKE_FOLLOWUP_KE, which begins with a KE payload's group */
      sim->crypto.mangle_after = malformed ? 2 : -1;
      sim->crypto.mangle_at = 5;
      sim->crypto.mangle_with = 1;
      if (ike)
        sim_hasten (client, "rekey");
      else
        sim_expire (client, before, FALSE);
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, !strstr (sim->transcript->str, "INVALID_SYNTAX") == !malformed);
      sim_assert (sim, (strstr (sim->transcript->str, "TEMPORARY_FAILURE") != NULL) == !malformed);
      sim_assert (sim, !malformed || strstr (sim->transcript->str,
                                             "gateway [exchange] the peer's message cannot be used: key exchange"));
      gateway->ke_fails = FALSE;
      sim->filter = NULL;
      sim_run (sim, 120 * IKE_SECOND);
      sim_assert (sim, client->ups == 1u + malformed && client->reconnectings == malformed && !client->downs);
      sim_assert (sim, sim_count_ike (client) == 1 && sim_count_ike (gateway) == 1);
      sim_assert (sim, (current_spi (client) == before) == (ike && !malformed));
      sim_assert_agree (client, gateway, 1);
      sim_end (sim);
    }
}

/* Ended in the middle of it: nothing is left. */
static void
test_stop_between (void)
{
  for (guint turn = 0; turn < 2; turn++)
    {
      Sim *sim = sim_new (195 + turn);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      offer_two (client, TRUE);
      offer_two (gateway, TRUE);
      sim_connect (sim, client, gateway);
      sim->filter = drop_followups;
      sim_expire (client, current_spi (client), FALSE);
      sim_run (sim, IKE_SECOND);
      sim_stop (turn ? gateway : client);
      sim_run (sim, 10 * IKE_SECOND);
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/addke/connect", test_connect);
  g_test_add_func ("/sim/addke/real-key-exchange", test_real_key_exchange);
  g_test_add_func ("/sim/addke/optional", test_optional);
  g_test_add_func ("/sim/addke/no-method-twice", test_no_method_twice);
  g_test_add_func ("/sim/addke/corrupt", test_corrupt);
  g_test_add_func ("/sim/addke/different", test_different);
  g_test_add_func ("/sim/addke/bad-network", test_bad_network);
  g_test_add_func ("/sim/addke/skipped", test_skipped);
  g_test_add_func ("/sim/addke/rekey-child", test_rekey_child);
  g_test_add_func ("/sim/addke/rekey-ike", test_rekey_ike);
  g_test_add_func ("/sim/addke/collisions", test_collisions);
  g_test_add_func ("/sim/addke/forgotten", test_forgotten);
  g_test_add_func ("/sim/addke/refused", test_refused);
  g_test_add_func ("/sim/addke/stop-between", test_stop_between);
  return g_test_run ();
}
