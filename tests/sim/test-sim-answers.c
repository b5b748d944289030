/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server's protected answers say, and do not say: RFC 4478 section 3, RFC 4555 sections 3.1, 4.2.5, RFC 5723, RFC
 * 8019. */
#include "sim-attacker.h"

#include "wire/payload-delete.h"
#include "wire/payload-notify.h"

static IkeConfig *
begin (SimAttacker *attacker, guint64 seed, IkeNotifyType look_for)
{
  IkeConfig *config;

  sim_attacker_prepare (attacker, seed);
  attacker->mobike = TRUE;
  attacker->look_for = look_for;
  config = attacker->gateway->config;
  config->mobike = TRUE;
  return config;
}

static void
enter (SimAttacker *attacker)
{
  sim_listen ((SimHost *) attacker->gateway);
  sim_attacker_init (attacker);
  sim_attacker_enter (attacker, FALSE);
}

static void
inform (SimAttacker *attacker, IkeBuilder *builder)
{
  attacker->found = 0;
  sim_attacker_send (attacker, IKE_EXCHANGE_INFORMATIONAL, attacker->next_id++, builder);
}

/* A server whose Child SA is refused has an IKE SA all the same, which can move. */
static void
test_mobike (void)
{
  for (guint i = 0; i < 3; i++)
    {
      SimAttacker attacker;
      IkeConfig *config = begin (&attacker, 1500 + i, IKE_NOTIFY_MOBIKE_SUPPORTED);

      config->mobike = i != 2;
      if (i)
        {
          config->serve = ike_serve_new ();
          config->serve->pool4 = TRUE;
        }
      enter (&attacker);
      sim_assert (attacker.sim, attacker.said == (i ? IKE_NOTIFY_FAILED_CP_REQUIRED : 0));
      sim_assert (attacker.sim, attacker.found == (i != 2) && sim_count_ike (attacker.gateway) == 1);
      sim_end (attacker.sim);
    }
}

/* How long an authentication counts is said when it is complete, and not in the middle of EAP. */
static void
test_auth_lifetime (void)
{
  for (guint eap = 0; eap < 2; eap++)
    {
      SimAttacker attacker;
      IkeConfig *config = begin (&attacker, 1510 + eap, IKE_NOTIFY_AUTH_LIFETIME);

      config->auth_lifetime = 1000 * IKE_SECOND;
      attacker.eap = eap;
      if (eap)
        config->remote_auth = IKE_AUTH_EAP;
      enter (&attacker);
      sim_assert (attacker.sim, attacker.others == 1 && !attacker.said && attacker.found == !eap);
      sim_run (attacker.sim, 40 * IKE_SECOND);
      sim_end (attacker.sim);
    }
}

/* Where one end is nobody, it has no more than one request at a time. */
static void
test_window (void)
{
  for (guint null = 0; null < 2; null++)
    {
      SimAttacker attacker;
      IkeConfig *config = begin (&attacker, 1520 + null, IKE_NOTIFY_SET_WINDOW_SIZE);

      if (null)
        config->local_auth = IKE_AUTH_NULL;
      enter (&attacker);
      sim_assert (attacker.sim, !attacker.said && attacker.found == !null);
      for (guint i = 3; i-- > 0;) /* the last one first */
        {
          g_auto (IkeBuilder) builder = { 0 };

          attacker.others = 0;
          ike_builder_init_inner (&builder);
          sim_attacker_send (&attacker, IKE_EXCHANGE_INFORMATIONAL, attacker.next_id + i, &builder);
          sim_assert (attacker.sim, attacker.others == (!null || i == 0));
        }
      sim_end (attacker.sim);
    }
}

/* COOKIE2 is copied whatever else the request is about. */
static void
test_cookie (void)
{
  for (guint with = 0; with < 4; with++)
    {
      SimAttacker attacker;
      const guint32 spi = SIM_ATTACKER_SPI;
      g_auto (IkeBuilder) builder = { 0 };

      begin (&attacker, 1530 + with, IKE_NOTIFY_COOKIE2);
      enter (&attacker);
      ike_builder_init_inner (&builder);
      ike_builder_notify (&builder, IKE_NOTIFY_COOKIE2, ike_chunk ("biscuits", 8));
      if (with == 1)
        ike_builder_notify (&builder, IKE_NOTIFY_UPDATE_SA_ADDRESSES, ike_chunk (NULL, 0));
      if (with >= 2)
        {
          ike_delete_write (ike_builder_begin (&builder, IKE_PAYLOAD_DELETE),
                            with == 2 ? IKE_PROTOCOL_ESP : IKE_PROTOCOL_IKE, &spi, with == 2);
          ike_builder_end (&builder);
        }
      inform (&attacker, &builder);
      sim_assert (attacker.sim, attacker.found == 1 && attacker.deleted == (with == 2));
      sim_end (attacker.sim);
    }
}

/* And the wish for a ticket has an answer, here that there is none (what it would be made of came with IKE_AUTH). */
static void
test_ticket (void)
{
  for (guint update = 0; update < 2; update++)
    {
      SimAttacker attacker;
      IkeConfig *config = begin (&attacker, 1540 + update, IKE_NOTIFY_TICKET_NACK);
      g_auto (IkeBuilder) builder = { 0 };

      config->resumption = TRUE;
      enter (&attacker);
      ike_builder_init_inner (&builder);
      if (update)
        ike_builder_notify (&builder, IKE_NOTIFY_UPDATE_SA_ADDRESSES, ike_chunk (NULL, 0));
      ike_builder_notify (&builder, IKE_NOTIFY_TICKET_REQUEST, ike_chunk (NULL, 0));
      inform (&attacker, &builder);
      sim_assert (attacker.sim, attacker.found == 1);
      sim_end (attacker.sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/answers/mobike", test_mobike);
  g_test_add_func ("/sim/answers/auth-lifetime", test_auth_lifetime);
  g_test_add_func ("/sim/answers/window", test_window);
  g_test_add_func ("/sim/answers/cookie", test_cookie);
  g_test_add_func ("/sim/answers/ticket", test_ticket);
  return g_test_run ();
}
