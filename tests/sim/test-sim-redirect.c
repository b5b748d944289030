/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway that sends its clients to another one (RFC 5685): obeyed in all three places, but not for ever and not by
 * anybody's word. */
#include "sim-peer.h"

#include "wire/payload-notify.h"
#include "wire/payload-redirect.h"

static const guint8 to_second[] = { 1, 4, 198, 51, 100, 2 };
static const guint8 to_itself[] = { 1, 4, 198, 51, 100, 1 };
static const guint8 to_name[] = "\3\16second.example";
static const guint8 to_nobody[] = "\3\16nobody.example";

typedef struct {
  Sim *sim;
  SimHost *client, *second;
  SimPeer *first;
  guint offers, froms, forged;
} World;

static SimVerdict
watch (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeNotify notify;
  IkeRedirect from;

  if (ike_message_parse (ike_chunk_bytes (packet->data), message) != IKE_PARSE_OK ||
      message->header.exchange != IKE_EXCHANGE_IKE_SA_INIT || message->header.flags & IKE_FLAG_RESPONSE)
    return SIM_PASS;
  world->offers += ike_notify_find (&message->payloads, IKE_NOTIFY_REDIRECT_SUPPORTED, &notify);
  if (ike_notify_find (&message->payloads, IKE_NOTIFY_REDIRECTED_FROM, &notify))
    {
      world->froms++;
      sim_assert (sim, ike_redirect_parse (notify.data, &from) &&
                           ike_address_equal (&from.address, &world->first->host->address) && !from.nonce.len);
    }
  return SIM_PASS;
}

/* The scripted gateway is the first one, and the second one is right. */
static void
begin (World *world, guint64 seed, SimRedirect where, IkeChunk to)
{
  *world = (World){ .sim = sim_new (seed) };
  world->client = sim_client (world->sim);
  world->first = sim_peer_new (world->sim);
  world->first->redirect = where;
  world->first->redirect_to = to;
  world->second = sim_host_new (world->sim, "second", "198.51.100.2", IKE_ROLE_RESPONDER);
  ike_config_free (world->second->config);
  world->second->config = sim_config (world->sim, "second", IKE_ROLE_RESPONDER);
  world->sim->filter = watch;
  world->sim->filter_data = world;
  sim_listen (world->second);
  sim_start (world->client);
}

static void
end (World *world)
{
  sim_end (world->sim);
  sim_peer_free (world->first);
}

static IkeChunk
chunk_of (guint which)
{
  return which == 0   ? ike_chunk (to_second, sizeof to_second)
         : which == 1 ? ike_chunk (to_name, sizeof to_name - 1)
         : which == 2 ? ike_chunk (to_nobody, sizeof to_nobody - 1)
                      : ike_chunk (to_itself, sizeof to_itself);
}

static void
test_init (void)
{
  World world;

  for (guint name = 0; name < 2; name++)
    {
      begin (&world, 10 + name, SIM_REDIRECT_INIT, chunk_of (name));
      sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, IKE_SECOND));
      sim_assert_agree (world.client, world.second, 1);
      sim_assert (world.sim, world.offers == 1 && world.froms == 1 && world.client->redirects == 1);
      end (&world);
    }
}

/* Nothing but our nonce shows that it is an answer: without it we go on waiting. */
static void
test_init_forged (void)
{
  World world;

  begin (&world, 20, SIM_REDIRECT_INIT_WRONG, chunk_of (0));
  sim_run (world.sim, 2 * IKE_SECOND);
  sim_assert (world.sim, world.client->redirects == 0 && world.froms == 0);
  world.first->redirect = SIM_REDIRECT_NOT;
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, 5 * IKE_SECOND));
  sim_assert (world.sim, sim_kernel_count (&world.second->kernel, TRUE) == 0);
  end (&world);
}

/* A refusal that anybody can have sent, and the gateway's word comes after it: it counts, however long the way takes. */
static SimVerdict
refuse_first (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);
  IkeHeader header = { .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_RESPONSE };
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) forged = NULL;

  if (octets[18] != IKE_EXCHANGE_IKE_SA_INIT || octets[19] & IKE_FLAG_RESPONSE || world->forged++)
    return SIM_PASS;
  memcpy (&header.spi_i, octets, sizeof header.spi_i);
  header.spi_i = GUINT64_FROM_BE (header.spi_i);
  ike_builder_init (&builder, &header);
  ike_builder_notify (&builder, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, ike_chunk (NULL, 0));
  forged = ike_builder_finish (&builder);
  sim_send (sim, &packet->to, &packet->from, FALSE, g_bytes_ref (forged), IKE_MILLISECOND);
  return SIM_PASS;
}

static void
test_init_refused_first (void)
{
  World world;

  begin (&world, 24, SIM_REDIRECT_INIT, chunk_of (1));
  sim_stop (world.client);
  sim_reboot (world.client, sim_config (world.sim, "client", IKE_ROLE_INITIATOR));
  world.sim->filter = refuse_first;
  world.client->way_time = 5 * IKE_SECOND;
  sim_start_to (world.client, &world.first->host->address);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, 7 * IKE_SECOND));
  sim_assert_agree (world.client, world.second, 1);
  sim_assert (world.sim, world.forged && strstr (world.sim->transcript->str, "waiting for something better"));
  end (&world);
}

/* The other one must prove to be whom we want, as the first would have had to. */
static void
test_init_to_stranger (void)
{
  World world;

  begin (&world, 30, SIM_REDIRECT_INIT, chunk_of (0));
  world.second->psk = "the key of somebody else";
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_down, world.client, 30 * IKE_SECOND));
  sim_assert (world.sim, world.client->ups == 0);
  sim_assert_reason (world.sim, world.client, PEER_REFUSED_US);
  end (&world);
}

static void
test_nowhere (void)
{
  World world;

  for (guint which = 2; which < 4; which++)
    for (guint where = SIM_REDIRECT_INIT; where <= SIM_REDIRECT_AUTH; where += 2)
      {
        begin (&world, 40 + 4 * where + which, (SimRedirect) where, chunk_of (which));
        sim_assert (world.sim, sim_run_until (world.sim, sim_is_down, world.client, 60 * IKE_SECOND));
        sim_assert_reason (world.sim, world.client, REDIRECT);
        end (&world);
      }
}

static void
test_auth (void)
{
  World world;

  for (guint name = 0; name < 2; name++)
    {
      begin (&world, 60 + name, SIM_REDIRECT_AUTH, chunk_of (name));
      sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, IKE_SECOND));
      sim_assert_agree (world.client, world.second, 1);
      sim_assert (world.sim, world.froms == 1 && world.client->ups == 1 && !world.client->reconnectings);
      end (&world);
    }
}

/* Before EAP: the gateway's AUTH is right, or wrong, which is not obeyed. */
static void
test_auth_eap (void)
{
  static const char *const passwords[] = { "secret", NULL };
  World world;

  for (guint wrong = 0; wrong < 2; wrong++)
    {
      IkeConfig *config;

      begin (&world, 70 + wrong, SIM_REDIRECT_NOT, chunk_of (0));
      sim_stop (world.client);
      sim_reboot (world.client, sim_config (world.sim, "client", IKE_ROLE_INITIATOR));
      config = world.client->config;
      config->local_auth = IKE_AUTH_EAP;
      config->remote_auth = IKE_AUTH_SIGNATURE;
      config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
      world.client->passwords = passwords;
      world.client->peer_key = "key of the gateway";
      world.first->signature = world.first->eap = TRUE;
      world.first->auth_corrupt = wrong;
      world.first->redirect = SIM_REDIRECT_AUTH;
      sim_start_to (world.client, &world.first->host->address);
      sim_assert (world.sim, sim_run_until (world.sim, sim_is_down, world.client, 60 * IKE_SECOND));
      sim_assert (world.sim, world.client->redirects == !wrong && world.first->eap_identities == 0);
      sim_assert (world.sim, world.froms == !wrong);
      end (&world);
    }
}

static void
send_on (SimPeer *peer, IkeChunk to)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_REDIRECT, to);
  sim_peer_request (peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
}

static gboolean
takes_all (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  return TRUE;
}

/* While the tunnel stands: it is moved; a nonce has no business there, and a name that nobody knows changes nothing. */
static void
test_session (void)
{
  static const guint8 with_nonce[6 + 32] = { 1, 4, 198, 51, 100, 2 };
  World world;

  for (guint which = 0; which < 4; which++)
    {
      begin (&world, 80 + which, SIM_REDIRECT_NOT, chunk_of (0));
      world.first->on_other = takes_all;
      sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, IKE_SECOND));
      send_on (world.first, which == 3 ? ike_chunk (with_nonce, sizeof with_nonce) : chunk_of (which));
      sim_run (world.sim, 15 * IKE_SECOND);
      sim_assert (world.sim, world.client->redirects == (which != 3));
      if (which < 2)
        sim_assert_agree (world.client, world.second, 1);
      sim_assert (world.sim, world.client->ups == (which < 2 ? 2 : 1) && !world.client->downs);
      sim_assert (world.sim, sim_kernel_count (&world.client->kernel, TRUE) == 1);
      end (&world);
    }
}

/* Two that send us to each other: five times in 300 s, and no more (RFC 5685 section 7). */
static void
test_loop (void)
{
  World world = { .sim = sim_new (90) };
  SimPeer *other;

  world.client = sim_client (world.sim);
  world.first = sim_peer_new (world.sim);
  other = sim_peer_new_at (world.sim, "other", "198.51.100.2");
  world.first->redirect = other->redirect = SIM_REDIRECT_INIT;
  world.first->redirect_to = chunk_of (0);
  other->redirect_to = chunk_of (3);
  sim_start (world.client);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_down, world.client, 60 * IKE_SECOND));
  sim_assert_reason (world.sim, world.client, REDIRECT);
  sim_assert (world.sim, world.client->redirects == 5);
  end (&world);
  sim_peer_free (other);
}

/* The same more slowly, while the tunnel stands: that is no loop. */
static void
test_no_loop (void)
{
  World world = { .sim = sim_new (91) };
  SimPeer *other;

  world.client = sim_client (world.sim);
  world.first = sim_peer_new (world.sim);
  other = sim_peer_new_at (world.sim, "other", "198.51.100.2");
  sim_start (world.client);
  sim_assert (world.sim, sim_run_until (world.sim, sim_is_up, world.client, IKE_SECOND));
  for (guint i = 0; i < 6; i++)
    {
      SimPeer *from = i & 1 ? other : world.first;

      from->next_id = 0;
      send_on (from, chunk_of (i & 1 ? 3 : 0));
      sim_run (world.sim, 301 * IKE_SECOND);
      sim_assert (world.sim, world.client->redirects == i + 1 && world.client->ups == i + 2 && !world.client->downs);
    }
  sim_assert (world.sim, world.first->inits == 4 && other->inits == 3);
  end (&world);
  sim_peer_free (other);
}

/* ---- our own gateway sends away ---- */

static void
send_all (SimHost *host, const char *gateway)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_REDIRECT;
  input->connection = host->id;
  input->text = gateway;
  sim_input (host, input);
}

typedef struct {
  Sim *sim;
  SimHost *client, *first, *second;
} Both;

static void
begin_both (Both *both, guint64 seed)
{
  *both = (Both){ .sim = sim_new (seed) };
  both->client = sim_client (both->sim);
  both->first = sim_gateway (both->sim);
  both->second = sim_host_new (both->sim, "second", "198.51.100.2", IKE_ROLE_RESPONDER);
  ike_config_free (both->second->config);
  both->second->config = sim_config (both->sim, "second", IKE_ROLE_RESPONDER);
}

static void
listen (const Both *both)
{
  sim_listen (both->first);
  sim_listen (both->second);
}

static void
is_with (const Both *both, SimHost *gateway)
{
  SimHost *other = gateway == both->first ? both->second : both->first;
  IkeEngineCounts counts;

  sim_assert_agree (both->client, gateway, 1);
  sim_assert (both->sim, sim_kernel_count (&other->kernel, TRUE) == 0);
  ike_engine_get_counts (other->engine, &counts);
  sim_assert (both->sim, counts.ike_sas == 0 && counts.half_open == 0);
}

/* Before anything is kept of it; and not any more when that is over. */
static void
test_serve_init (void)
{
  static const char *const names[] = { "198.51.100.2", "second.example" };
  Both both;

  for (guint i = 0; i < 2; i++)
    {
      begin_both (&both, 200 + i);
      listen (&both);
      send_all (both.first, names[i]);
      sim_start (both.client);
      sim_assert (both.sim, sim_run_until (both.sim, sim_is_up, both.client, IKE_SECOND));
      sim_assert (both.sim, both.client->redirects == 1);
      is_with (&both, both.second);
      sim_end (both.sim);

      begin_both (&both, 210 + i);
      listen (&both);
      send_all (both.first, names[i]);
      send_all (both.first, NULL);
      sim_start (both.client);
      sim_assert (both.sim, sim_run_until (both.sim, sim_is_up, both.client, IKE_SECOND));
      sim_assert (both.sim, both.client->redirects == 0);
      is_with (&both, both.first);
      sim_end (both.sim);
    }
}

/* Neither an address nor a name; the gateway's own; a client that has not said that it can be sent away; one that was
 * sent from there. */
static void
test_serve_not (void)
{
  static const char *const nowhere[] = { "", "-", "two words", "a/b", "198.51.100.1" };
  Both both;

  for (guint i = 0; i < G_N_ELEMENTS (nowhere) + 2; i++)
    {
      begin_both (&both, 220 + i);
      listen (&both);
      send_all (both.first, i < G_N_ELEMENTS (nowhere) ? nowhere[i] : "198.51.100.2");
      if (i == G_N_ELEMENTS (nowhere))
        both.client->config->role = IKE_ROLE_PEER; /* peers are not sent anywhere */
      if (i == G_N_ELEMENTS (nowhere) + 1)
        send_all (both.second, "198.51.100.1");
      sim_start (both.client);
      sim_assert (both.sim, sim_run_until (both.sim, sim_is_up, both.client, IKE_SECOND));
      is_with (&both, i == G_N_ELEMENTS (nowhere) + 1 ? both.second : both.first);
      sim_assert (both.sim, both.client->redirects == (i == G_N_ELEMENTS (nowhere) + 1));
      sim_end (both.sim);
    }
}

/* Nor is who is there already, and whoever is admitted, sent to where it is. */
static void
test_serve_here (void)
{
  Both both;

  for (guint i = 0; i < 2; i++)
    {
      begin_both (&both, 230 + i);
      if (i)
        {
          both.first->send_admitted = "198.51.100.1";
          both.first->config->serve = ike_serve_new ();
          both.first->config->serve->authorize = TRUE;
        }
      listen (&both);
      sim_start (both.client);
      sim_assert (both.sim, sim_run_until (both.sim, sim_is_up, both.client, IKE_SECOND));
      send_all (both.first, "198.51.100.1");
      sim_run (both.sim, 10 * IKE_SECOND);
      is_with (&both, both.first);
      sim_assert (both.sim, both.client->redirects == 0 && !strstr (both.sim->transcript->str, "names itself"));
      sim_end (both.sim);
    }
}

static gboolean
is_redirected (Sim *sim, gpointer host)
{
  return ((SimHost *) host)->redirects > 0;
}

static void
use_eap (Both *both)
{
  static const char *const passwords[] = { "a long password", NULL };
  static const char *const users[] = { "alice", "a long password", NULL };

  sim_signatures (both->client, both->first);
  sim_signatures (both->client, both->second);
  both->client->config->local_auth = IKE_AUTH_EAP;
  both->client->config->eap_identity = g_strdup ("alice");
  both->client->config->eap_methods = 1 << IKE_EAP_MSCHAPV2;
  both->client->passwords = passwords;
  for (guint i = 0; i < 2; i++)
    {
      SimHost *gateway = i ? both->second : both->first;

      gateway->config->remote_auth = IKE_AUTH_EAP;
      g_clear_pointer (&gateway->config->remote_id, ike_identity_free);
      gateway->users = users;
    }
}

/* Proven, and then sent away: also one that signs in by EAP, and when messages are lost. */
static void
test_serve_admitted (void)
{
  Both both;

  for (guint i = 0; i < 12; i++)
    {
      begin_both (&both, 240 + i);
      both.sim->loss = i < 4 ? 0 : 20;
      both.first->send_admitted = i & 1 ? "198.51.100.2" : "second.example";
      if (i & 2)
        use_eap (&both);
      both.first->config->serve = ike_serve_new ();
      both.first->config->serve->authorize = TRUE;
      listen (&both);
      sim_start (both.client);
      sim_assert (both.sim, sim_run_until (both.sim, is_redirected, both.client, 60 * IKE_SECOND));
      both.client->passwords_asked = 0; /* the other gateway asks anew */
      sim_assert (both.sim, sim_run_until (both.sim, sim_is_up, both.client, 60 * IKE_SECOND));
      sim_assert (both.sim, both.first->admits == 1 && both.first->kernel.installs == 0);
      both.sim->loss = 0;
      sim_run (both.sim, 40 * IKE_SECOND);
      is_with (&both, both.second);
      sim_end (both.sim);
    }
}

/* Those that are there: moved, also after a rekey and when the message is lost; or kept if there is no way to the other. */
static void
test_serve_session (void)
{
  Both both;

  for (guint i = 0; i < 12; i++)
    {
      gboolean nowhere = i % 3 == 2;

      begin_both (&both, 260 + i);
      both.sim->loss = i < 3 ? 0 : 20;
      /* the client's last word may be lost */
      both.first->config->dpd_delay = 10 * IKE_SECOND;
      listen (&both);
      both.client->config->keep_trying = TRUE;
      both.client->config->ike_lifetime = i & 1 ? 60 * IKE_SECOND : 0;
      sim_start (both.client);
      sim_assert (both.sim, sim_run_until (both.sim, sim_is_up, both.client, 60 * IKE_SECOND));
      sim_run (both.sim, 100 * IKE_SECOND);
      send_all (both.first, nowhere ? "nobody.example" : i % 3 ? "second.example" : "198.51.100.2");
      sim_run (both.sim, 60 * IKE_SECOND);
      both.sim->loss = 0;
      sim_run (both.sim, 300 * IKE_SECOND);
      sim_assert (both.sim, both.client->redirects == 1);
      is_with (&both, nowhere ? both.first : both.second);
      sim_end (both.sim);
    }
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

/* A session that was resumed: sent away as it goes on, or in the IKE_AUTH that resumes it. */
static void
test_serve_resumed (void)
{
  Both both;

  for (guint i = 0; i < 2; i++)
    {
      SimHost *hosts[3];

      begin_both (&both, 280 + i);
      hosts[0] = both.client;
      hosts[1] = both.first;
      hosts[2] = both.second;
      for (guint h = 0; h < G_N_ELEMENTS (hosts); h++)
        {
          hosts[h]->config->resumption = TRUE;
          hosts[h]->config->dpd_delay = 5 * IKE_SECOND;
          hosts[h]->config->dpd_timeout = 10 * IKE_SECOND;
        }
      both.client->config->keep_trying = TRUE;
      listen (&both);
      sim_start (both.client);
      sim_assert (both.sim, sim_run_until (both.sim, sim_is_up, both.client, IKE_SECOND));
      sim_run (both.sim, IKE_SECOND);
      both.first->off = TRUE;
      sim_assert (both.sim, sim_run_until (both.sim, is_reconnecting, both.client, 60 * IKE_SECOND));
      both.first->off = FALSE;
      if (i)
        send_all (both.first, "198.51.100.2");
      sim_assert (both.sim, sim_run_until (both.sim, is_again, both.client, 60 * IKE_SECOND));
      sim_assert (both.sim, strstr (both.sim->transcript->str, "IKE_SESSION_RESUME answer 0") != NULL);
      if (!i)
        {
          is_with (&both, both.first);
          send_all (both.first, "198.51.100.2");
        }
      sim_run (both.sim, 60 * IKE_SECOND);
      sim_assert (both.sim, both.client->redirects == 1);
      is_with (&both, both.second);
      sim_end (both.sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/redirect/init", test_init);
  g_test_add_func ("/sim/redirect/init-forged", test_init_forged);
  g_test_add_func ("/sim/redirect/init-refused-first", test_init_refused_first);
  g_test_add_func ("/sim/redirect/init-to-stranger", test_init_to_stranger);
  g_test_add_func ("/sim/redirect/nowhere", test_nowhere);
  g_test_add_func ("/sim/redirect/auth", test_auth);
  g_test_add_func ("/sim/redirect/auth-eap", test_auth_eap);
  g_test_add_func ("/sim/redirect/session", test_session);
  g_test_add_func ("/sim/redirect/loop", test_loop);
  g_test_add_func ("/sim/redirect/no-loop", test_no_loop);
  g_test_add_func ("/sim/redirect/serve-init", test_serve_init);
  g_test_add_func ("/sim/redirect/serve-not", test_serve_not);
  g_test_add_func ("/sim/redirect/serve-here", test_serve_here);
  g_test_add_func ("/sim/redirect/serve-admitted", test_serve_admitted);
  g_test_add_func ("/sim/redirect/serve-session", test_serve_session);
  g_test_add_func ("/sim/redirect/serve-resumed", test_serve_resumed);
  return g_test_run ();
}
