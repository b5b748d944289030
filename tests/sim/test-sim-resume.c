/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session that was interrupted goes on with a ticket (RFC 5723): without a password or a signature, once, and only for
 * whom it was given to. */
#include "sim-attacker.h"

#include "sa/half-open.h"
#include "wire/message.h"
#include "wire/payload-notify.h"

static const char *const users[] = { "alice", "correct horse", NULL };
static const char *const right[] = { "correct horse", NULL };

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
  guint inits, resumes, answers, nacks, cookies; /* first messages of either kind, and what came of the latter */
  GBytes *first; /* the last request of IKE_SESSION_RESUME */
  gboolean lose_answers; /* nobody answers it */
  gboolean spoil_auth; /* what follows it is lost on the way to the gateway */
  const char *refuse; /* who is not let in with a ticket; NULL: nobody */
} World;

static SimVerdict
watch (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeNotify notify;

  if (ike_message_parse (ike_chunk_bytes (packet->data), message) != IKE_PARSE_OK)
    return SIM_PASS;
  if (message->header.exchange == IKE_EXCHANGE_IKE_AUTH && world->spoil_auth && world->resumes)
    return SIM_DROP;
  if (message->header.exchange == IKE_EXCHANGE_IKE_SA_INIT && !(message->header.flags & IKE_FLAG_RESPONSE))
    {
      world->inits++;
      world->gateway->refuse_admit = NULL;
    }
  if (message->header.exchange != IKE_EXCHANGE_IKE_SESSION_RESUME)
    return SIM_PASS;
  if (!(message->header.flags & IKE_FLAG_RESPONSE))
    {
      world->resumes++;
      world->gateway->refuse_admit = world->refuse;
      g_clear_pointer (&world->first, g_bytes_unref);
      world->first = g_bytes_ref (packet->data);
      return SIM_PASS;
    }
  world->answers += message->header.spi_r != 0;
  world->nacks += ike_notify_find (&message->payloads, IKE_NOTIFY_TICKET_NACK, &notify);
  world->cookies += ike_notify_find (&message->payloads, IKE_NOTIFY_COOKIE, &notify);
  return world->lose_answers ? SIM_DROP : SIM_PASS;
}

static IkeConfig *
gateway_config (Sim *sim, IkeAuth how)
{
  IkeConfig *config = sim_config (sim, "gateway", IKE_ROLE_RESPONDER);

  config->resumption = TRUE;
  config->remote_auth = how;
  config->serve = ike_serve_new ();
  config->serve->pool4 = TRUE;
  g_ptr_array_set_size (config->child.remote_ts, 0);
  if (how == IKE_AUTH_PSK)
    return config;
  g_clear_pointer (&config->remote_id, ike_identity_free);
  config->local_auth = IKE_AUTH_SIGNATURE;
  config->key_type = IKE_KEY_P256;
  config->key_bits = 256;
  g_ptr_array_add (config->certificates, g_bytes_new_static ("certificate", 11));
  return config;
}

static void
set_client (SimHost *client, IkeAuth how)
{
  IkeConfig *config = client->config;

  config->resumption = config->keep_trying = config->want_address4 = TRUE;
  config->dpd_delay = 5 * IKE_SECOND;
  config->dpd_timeout = 10 * IKE_SECOND;
  config->local_auth = how;
  config->remote_auth = how == IKE_AUTH_PSK ? IKE_AUTH_PSK : IKE_AUTH_SIGNATURE;
  config->certificate_identity_check = TRUE;
  config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
  config->eap_identity = how == IKE_AUTH_EAP ? g_strdup ("alice") : NULL;
  config->key_type = how == IKE_AUTH_SIGNATURE ? IKE_KEY_P256 : IKE_KEY_NONE;
  config->key_bits = 256;
  g_ptr_array_set_size (config->child.local_ts, 0);
  client->passwords = right;
  client->sign_key = "key of the client";
  client->peer_key = "key of the gateway";
}

static void
set_up (World *world, IkeAuth how)
{
  world->sim->filter = watch;
  world->sim->filter_data = world;
  set_client (world->client, how);
  ike_config_free (world->gateway->config);
  world->gateway->config = gateway_config (world->sim, how);
  world->gateway->users = users;
  world->gateway->pool4 = "10.9.0.0";
  world->gateway->sign_key = "key of the gateway";
  world->gateway->peer_key = "key of the client";
}

static void
prepare (World *world, guint64 seed, IkeAuth how)
{
  *world = (World){ .sim = sim_new (seed) };
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  set_up (world, how);
}

static void
begin (World *world, guint64 seed, IkeAuth how)
{
  prepare (world, seed, how);
  sim_connect (world->sim, world->client, world->gateway);
}

static void
end (World *world)
{
  sim_end (world->sim);
  g_clear_pointer (&world->first, g_bytes_unref);
}

static gboolean
is_reconnecting (Sim *sim, gpointer host)
{
  return ((SimHost *) host)->reconnectings > 0;
}

static gboolean
is_again (Sim *sim, gpointer host)
{
  return ((SimHost *) host)->ups == 2;
}

/* The client finds out that the gateway does not answer, which still knows it. */
static void
interrupt (World *world)
{
  world->client->reconnectings = world->client->passwords_asked = 0;
  world->gateway->off = TRUE;
  sim_assert (world->sim, sim_run_until (world->sim, is_reconnecting, world->client, 60 * IKE_SECOND));
  world->gateway->off = FALSE;
}

static void
assert_again (World *world, IkeTime patience)
{
  sim_assert (world->sim, sim_run_until (world->sim, is_again, world->client, patience));
  sim_assert_agree (world->client, world->gateway, 1);
}

/* ---- */

/* Whatever the way to prove who one is, it is not gone again; the old session is gone at the gateway, and the address is
 * the same. */
static void
test_methods (void)
{
  static const IkeAuth methods[] = { IKE_AUTH_PSK, IKE_AUTH_SIGNATURE, IKE_AUTH_EAP };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      World world;
      IkeEngineCounts counts;
      IkePrefix address;
      guint signs;

      begin (&world, 10 + i, methods[i]);
      address = g_array_index (world.client->configured->addresses, IkePrefix, 0);
      signs = world.client->signs + world.gateway->signs;
      world.client->psk = world.gateway->psk = "keys that nobody asks for";
      interrupt (&world);
      assert_again (&world, IKE_SECOND);
      sim_assert (world.sim, world.inits == 1 && world.resumes == 1 && world.answers == 1 && world.nacks == 0);
      sim_assert (world.sim, world.client->passwords_asked == 0);
      sim_assert (world.sim, world.client->signs + world.gateway->signs == signs);
      sim_assert (world.sim,
                  ike_address_equal (&address.address,
                                     &g_array_index (world.client->configured->addresses, IkePrefix, 0).address));
      ike_engine_get_counts (world.gateway->engine, &counts);
      sim_assert (world.sim, counts.ike_sas == 1 && world.gateway->gones == 1 && world.gateway->admits == 2);
      /* and a second time, with the ticket that it got with the first */
      world.client->ups = 1;
      interrupt (&world);
      assert_again (&world, IKE_SECOND);
      sim_assert (world.sim, world.inits == 1 && world.resumes == 2 && world.nacks == 0);
      end (&world);
    }
}

/* What the gateway's profile says of encapsulation is so again. */
static void
test_forced_encapsulation (void)
{
  World world;

  prepare (&world, 15, IKE_AUTH_PSK);
  world.gateway->config->encap = IKE_ENCAP_ALWAYS;
  sim_connect (world.sim, world.client, world.gateway);
  sim_assert (world.sim, sim_kernel_outbound (&world.gateway->kernel)->encap);
  interrupt (&world);
  assert_again (&world, IKE_SECOND);
  sim_assert (world.sim, world.resumes == 1 && world.answers == 1 && world.inits == 1);
  sim_assert (world.sim, world.client->configured->encap && sim_kernel_outbound (&world.gateway->kernel)->encap);
  end (&world);
}

/* After rekeying by either end the old ticket is worth nothing, and there is a new one. */
static void
test_rekeyed (void)
{
  for (guint by = 0; by < 2; by++)
    {
      World world;

      prepare (&world, 20 + by, IKE_AUTH_EAP);
      (by ? world.gateway : world.client)->config->ike_lifetime = 10000 * IKE_SECOND;
      sim_connect (world.sim, world.client, world.gateway);
      sim_hasten (by ? world.gateway : world.client, "rekey");
      sim_run (world.sim, 2 * IKE_SECOND);
      interrupt (&world);
      assert_again (&world, IKE_SECOND);
      sim_assert (world.sim, world.resumes == 1 && world.nacks == 0 && world.client->passwords_asked == 0);
      end (&world);
    }
}

static void
ask_for_ticket (IkeBuilder *builder)
{
  ike_builder_notify (builder, IKE_NOTIFY_TICKET_REQUEST, ike_chunk (NULL, 0));
}

/* The same client authenticates anew without what it needs, hears that there is no ticket for that, and never deletes it:
 * the ticket that it has is as good as before. */
static void
test_in_vain (void)
{
  SimAttacker again;
  IkeAddress own;
  World world;

  sim_attacker_prepare (&again, 22);
  own = again.host->address;
  world = (World){ .sim = again.sim, .client = sim_client (again.sim), .gateway = (SimHost *) again.gateway };
  set_up (&world, IKE_AUTH_PSK);
  sim_listen (world.gateway);
  sim_start_to (world.client, &world.gateway->address);
  sim_run (world.sim, IKE_SECOND);
  again.host->address = world.client->address;
  again.patience = IKE_SECOND / 10;
  again.write_more = ask_for_ticket;
  again.look_for = IKE_NOTIFY_TICKET_NACK;
  sim_attacker_init (&again);
  sim_attacker_enter (&again, FALSE);
  again.host->address = own;
  sim_assert (world.sim, again.said == IKE_NOTIFY_FAILED_CP_REQUIRED && again.found == 1);
  sim_assert (world.sim, sim_count_ike (world.gateway) == 2);
  sim_run (world.sim, 40 * IKE_SECOND);
  sim_assert (world.sim, sim_count_ike (world.gateway) == 1 && world.client->ups == 1);
  interrupt (&world);
  assert_again (&world, IKE_SECOND);
  sim_assert (world.sim, world.resumes == 1 && world.nacks == 0);
  end (&world);
}

/* A gateway that has lost its keys says so, and there is a full exchange at once. */
static void
test_refused (void)
{
  World world;

  begin (&world, 30, IKE_AUTH_PSK);
  interrupt (&world);
  sim_reboot (world.gateway, gateway_config (world.sim, IKE_AUTH_PSK));
  sim_listen (world.gateway);
  assert_again (&world, IKE_SECOND);
  sim_assert (world.sim, world.resumes == 1 && world.nacks == 1 && world.inits == 2);
  end (&world);
}

/* One that does not like the AUTH of RFC 5723 gets a full exchange, and the next time Libreswan's; and so on. */
static void
test_briefly (void)
{
  World world;
  guint inits = 1;

  begin (&world, 36, IKE_AUTH_PSK);
  for (guint round = 1; round <= 6; round++)
    {
      gboolean refused = round == 2 || round == 5;

      world.refuse = refused ? "client.example" : NULL;
      inits += refused;
      world.client->ups = 1;
      interrupt (&world);
      assert_again (&world, IKE_SECOND);
      sim_assert (world.sim, world.resumes == round && world.inits == inits && world.nacks == 0);
    }
  end (&world);
}

/* One that does not know of such a thing any more says nothing: it takes some seconds. */
static void
test_not_supported (void)
{
  World world;
  IkeConfig *config;

  begin (&world, 31, IKE_AUTH_PSK);
  interrupt (&world);
  config = gateway_config (world.sim, IKE_AUTH_PSK);
  config->resumption = FALSE;
  sim_reboot (world.gateway, config);
  sim_listen (world.gateway);
  assert_again (&world, 6 * IKE_SECOND);
  sim_assert (world.sim, world.answers == 0 && world.nacks == 0 && world.inits == 2);
  /* and it has given no other ticket */
  world.client->ups = 1;
  world.resumes = 0;
  interrupt (&world);
  assert_again (&world, IKE_SECOND);
  sim_assert (world.sim, world.resumes == 0);
  end (&world);
}

/* Neither an answer that is lost nor an IKE_AUTH costs the ticket; but the next attempt is without. */
static void
test_unanswered (void)
{
  for (guint what = 0; what < 2; what++)
    {
      World world;

      begin (&world, 32 + what, IKE_AUTH_EAP);
      interrupt (&world);
      world.lose_answers = what == 0;
      world.spoil_auth = what == 1;
      sim_run (world.sim, 3 * IKE_SECOND);
      sim_assert (world.sim, world.resumes > 0 && world.inits == 1);
      sim_run (world.sim, 35 * IKE_SECOND);
      world.spoil_auth = FALSE;
      assert_again (&world, 60 * IKE_SECOND);
      sim_assert (world.sim, world.inits == 2);
      end (&world);
    }
}

/* Whoever deletes the IKE SA leaves nothing to be resumed. */
static void
test_deleted (void)
{
  World world;

  begin (&world, 35, IKE_AUTH_PSK);
  sim_stop (world.gateway);
  sim_assert (world.sim, sim_run_until (world.sim, is_reconnecting, world.client, 5 * IKE_SECOND));
  sim_reboot (world.gateway, gateway_config (world.sim, IKE_AUTH_PSK));
  sim_listen (world.gateway);
  assert_again (&world, 40 * IKE_SECOND);
  sim_assert (world.sim, world.resumes == 0);
  end (&world);
}

/* A ticket that is too old is not presented. */
static void
test_expired (void)
{
  for (guint late = 0; late < 2; late++)
    {
      World world;

      prepare (&world, 40 + late, IKE_AUTH_EAP);
      world.gateway->config->ike_lifetime = 1000 * IKE_SECOND;
      sim_connect (world.sim, world.client, world.gateway);
      sim_sleep (world.client);
      sim_run (world.sim, (late ? 996 : 900) * IKE_SECOND);
      world.gateway->off = TRUE;
      sim_wake (world.client);
      world.client->reconnectings = world.client->passwords_asked = 0;
      sim_assert (world.sim, sim_run_until (world.sim, is_reconnecting, world.client, 30 * IKE_SECOND));
      world.gateway->off = FALSE;
      assert_again (&world, IKE_SECOND);
      sim_assert (world.sim, (world.resumes > 0) == !late && world.client->passwords_asked == late);
      end (&world);
    }
}

/* The ticket does not put off what the gateway wants: to see a password after so long. */
static void
test_authenticates_in_time (void)
{
  World world;

  prepare (&world, 45, IKE_AUTH_EAP);
  world.gateway->config->auth_lifetime = 1000 * IKE_SECOND;
  sim_connect (world.sim, world.client, world.gateway);
  sim_run (world.sim, 600 * IKE_SECOND);
  interrupt (&world);
  assert_again (&world, IKE_SECOND);
  sim_assert (world.sim, world.resumes == 1 && world.client->passwords_asked == 0);
  sim_run (world.sim, 400 * IKE_SECOND);
  sim_assert (world.sim, world.client->passwords_asked == 1);
  end (&world);
}

/* One that runs out between the first message and IKE_AUTH is refused, and there is a full exchange at once; if it runs
 * out a little later, the client is not let be any longer for that. */
static void
test_runs_out (void)
{
  for (guint judged = 0; judged < 2; judged++)
    {
      World world;
      IkeTime end_of_ticket;

      prepare (&world, 46 + judged, IKE_AUTH_EAP);
      world.gateway->config->auth_lifetime = 70 * IKE_SECOND;
      end_of_ticket = world.sim->now + 70 * IKE_SECOND;
      sim_connect (world.sim, world.client, world.gateway);
      sim_run (world.sim, 39 * IKE_SECOND);
      world.spoil_auth = TRUE;
      interrupt (&world);
      sim_assert (world.sim, world.sim->now < end_of_ticket - 15 * IKE_SECOND);
      sim_run (world.sim, 2 * IKE_SECOND);
      sim_assert (world.sim, world.resumes == 1 && world.inits == 1);
      sim_run (world.sim, end_of_ticket - world.sim->now - (judged ? 9 : -1) * IKE_SECOND);
      world.spoil_auth = FALSE;
      world.gateway->job_time[IKE_JOB_ADMIT] = judged ? 10 * IKE_SECOND : IKE_MILLISECOND;
      assert_again (&world, 40 * IKE_SECOND);
      sim_assert (world.sim, world.inits == (judged ? 1 : 2) && world.client->passwords_asked == !judged);
      sim_assert (world.sim, !judged == !strstr (world.sim->transcript->str, "the peer lets us be for 0 s"));
      sim_assert (world.sim, judged == !strstr (world.sim->transcript->str, "a ticket that has run out meanwhile"));
      if (judged)
        {
          world.gateway->job_time[IKE_JOB_ADMIT] = IKE_MILLISECOND;
          sim_run (world.sim, 20 * IKE_SECOND);
          sim_assert (world.sim, strstr (world.sim->transcript->str, "the peer has not authenticated again"));
        }
      end (&world);
    }
}

/* ---- other people ---- */

static void
present (World *world, GBytes *first, guint64 spi)
{
  const IkeEndpoint to = { world->gateway->address, 500 };
  IkeEndpoint from = { .port = 500 };
  gsize len;
  gconstpointer data = g_bytes_get_data (first, &len);
  guint8 *copy = g_memdup2 (data, len);
  g_autoptr (GBytes) packet = NULL;

  g_assert_true (ike_address_from_string ("192.0.2.99", &from.address));
  spi = GUINT64_TO_BE (spi);
  memcpy (copy, &spi, sizeof spi);
  packet = g_bytes_new_take (copy, len);
  sim_send (world->sim, &from, &to, FALSE, packet, 0);
  sim_run (world->sim, IKE_SECOND);
}

/* A ticket that was used is refused; one that was only seen is of no use to whoever has seen it, and stays good. */
static void
test_once (void)
{
  World world;
  IkeEngineCounts counts;
  g_autoptr (GBytes) first = NULL;

  begin (&world, 50, IKE_AUTH_PSK);
  interrupt (&world);
  world.lose_answers = TRUE;
  sim_run (world.sim, IKE_SECOND / 2);
  sim_assert (world.sim, world.first != NULL);
  first = g_bytes_ref (world.first);
  present (&world, first, 0x1111);
  sim_assert (world.sim, world.answers > 1 && world.nacks == 0);
  world.lose_answers = FALSE;
  assert_again (&world, 3 * IKE_SECOND);
  sim_assert (world.sim, world.inits == 1);
  world.answers = 0;
  present (&world, first, 0x2222);
  sim_assert (world.sim, world.answers == 0 && world.nacks == 1);
  sim_run (world.sim, 60 * IKE_SECOND);
  ike_engine_get_counts (world.gateway->engine, &counts);
  sim_assert (world.sim, counts.ike_sas == 1 && counts.half_open == 0);
  end (&world);
}

/* Not one octet of it may be another. */
static void
test_changed (void)
{
  World world;
  gsize len;
  const guint8 *data;
  g_autoptr (GBytes) kept = NULL;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeNotify ticket;

  begin (&world, 51, IKE_AUTH_PSK);
  interrupt (&world);
  world.lose_answers = TRUE;
  sim_run (world.sim, IKE_SECOND / 2);
  world.client->off = TRUE;
  sim_run (world.sim, IKE_SECOND);
  world.answers = world.nacks = 0;
  kept = g_bytes_ref (world.first);
  data = g_bytes_get_data (kept, &len);
  g_assert (ike_message_parse (ike_chunk_bytes (kept), message) == IKE_PARSE_OK);
  g_assert (ike_notify_find (&message->payloads, IKE_NOTIFY_TICKET_OPAQUE, &ticket) && ticket.data.len > 100);
  for (gsize i = 0; i < ticket.data.len; i++)
    {
      guint8 *copy = g_memdup2 (data, len);
      g_autoptr (GBytes) changed = NULL;

      copy[(gsize) (ticket.data.data - data) + i] ^= 0x10;
      changed = g_bytes_new_take (copy, len);
      present (&world, changed, 0x3000 + i);
      sim_assert (world.sim, world.nacks == i + 1 && world.answers == 0);
    }
  /* as it is it is taken */
  present (&world, kept, 0x2fff);
  sim_assert (world.sim, world.nacks == ticket.data.len && world.answers == 1);
  end (&world);
}

/* Many who are half open: then it needs a cookie as well. */
static void
test_cookie (void)
{
  World world;
  g_autoptr (GBytes) first = NULL;

  begin (&world, 52, IKE_AUTH_PSK);
  interrupt (&world);
  world.lose_answers = TRUE;
  sim_run (world.sim, IKE_SECOND / 10);
  first = g_bytes_ref (world.first);
  for (guint i = 0; i < IKE_HALF_OPEN_COOKIES; i++)
    {
      const IkeEndpoint to = { world.gateway->address, 500 };
      const IkeEndpoint from = { .address = { IKE_FAMILY_IP4, { 203, 0, 113, (guint8) i } }, .port = 500 };

      sim_send (world.sim, &from, &to, FALSE, first, 0);
    }
  sim_run (world.sim, 100 * IKE_MILLISECOND);
  sim_assert (world.sim, world.cookies == 1 && world.answers == IKE_HALF_OPEN_COOKIES);
  /* another path: the client begins anew, with another SPI */
  world.lose_answers = FALSE;
  sim_move (world.client, "192.0.2.7");
  assert_again (&world, IKE_SECOND);
  sim_assert (world.sim, world.cookies == 2 && world.inits == 1);
  end (&world);
}

/* What anybody can say of it before and after: nothing changes. */
static void
test_not_for_established (void)
{
  World world;
  guint ups;

  begin (&world, 53, IKE_AUTH_PSK);
  interrupt (&world);
  assert_again (&world, IKE_SECOND);
  ups = world.gateway->ups;
  world.answers = world.nacks = 0;
  /* the same again from where it came from is what a lost answer looks like */
  for (guint i = 0; i < 3; i++)
    {
      const IkeEndpoint to = { world.gateway->address, 500 }, from = { world.client->address, 500 };

      sim_send (world.sim, &from, &to, FALSE, world.first, 0);
      sim_run (world.sim, IKE_SECOND);
    }
  sim_assert (world.sim, world.answers == 0 && world.gateway->ups == ups);
  sim_assert_agree (world.client, world.gateway, 1);
  end (&world);
}

/* Loss, repetition and disorder: there is one session in the end. */
static void
test_bad_network (void)
{
  for (guint seed = 0; seed < 40; seed++)
    {
      World world;

      begin (&world, 100 + seed, seed & 1 ? IKE_AUTH_EAP : IKE_AUTH_PSK);
      interrupt (&world);
      world.sim->loss = 30;
      world.sim->duplicates = 20;
      world.sim->jitter = 200 * IKE_MILLISECOND;
      sim_assert (world.sim, sim_run_until (world.sim, is_again, world.client, 600 * IKE_SECOND));
      world.sim->loss = world.sim->duplicates = 0;
      sim_run (world.sim, 120 * IKE_SECOND);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/resume/methods", test_methods);
  g_test_add_func ("/sim/resume/rekeyed", test_rekeyed);
  g_test_add_func ("/sim/resume/in-vain", test_in_vain);
  g_test_add_func ("/sim/resume/forced-encapsulation", test_forced_encapsulation);
  g_test_add_func ("/sim/resume/refused", test_refused);
  g_test_add_func ("/sim/resume/briefly", test_briefly);
  g_test_add_func ("/sim/resume/not-supported", test_not_supported);
  g_test_add_func ("/sim/resume/unanswered", test_unanswered);
  g_test_add_func ("/sim/resume/deleted", test_deleted);
  g_test_add_func ("/sim/resume/expired", test_expired);
  g_test_add_func ("/sim/resume/authenticates-in-time", test_authenticates_in_time);
  g_test_add_func ("/sim/resume/runs-out", test_runs_out);
  g_test_add_func ("/sim/resume/once", test_once);
  g_test_add_func ("/sim/resume/changed", test_changed);
  g_test_add_func ("/sim/resume/cookie", test_cookie);
  g_test_add_func ("/sim/resume/not-for-established", test_not_for_established);
  g_test_add_func ("/sim/resume/bad-network", test_bad_network);
  return g_test_run ();
}
