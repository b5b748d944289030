/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a peer may say of its other addresses, and what comes of it when it lies. RFC 4555 sections 3.4 to 3.7. */
#include "sim-internal.h"
#include "sim-peer.h"

#include "wire/header.h"
#include "wire/payload-redirect.h"

#include <string.h>

#define SECONDS(n) ((n) *IKE_SECOND)
#define FIRST "198.51.100.1"
#define SECOND "198.51.100.2"
#define THIRD "203.0.113.66"

static void
assert_at (SimHost *client, const char *address)
{
  const IkeAddress where = sim_address (address);

  for (guint i = 0; i < client->kernel.sas->len; i++)
    sim_assert (client->sim,
                ike_address_equal (&((SimSa *) client->kernel.sas->pdata[i])->path.remote.address, &where));
}

/* ---- what anybody may say ---- */

typedef struct {
  Sim *sim;
  SimHost *client, *third;
  SimPeer *peer;
  GString *tried; /* in this order */
  guint others, inits; /* packets to the third party; IKE_SA_INIT of them */
  guint kernels; /* that its traffic shall go there */
} World;

static gboolean
is_init (const SimPacket *packet)
{
  const guint8 *octets = g_bytes_get_data (packet->data, NULL);

  return octets[18] == IKE_EXCHANGE_IKE_SA_INIT;
}

static void
on_third (SimHost *host, const SimPacket *packet, gpointer data)
{
  World *world = data;

  if (!packet)
    return;
  world->others++;
  world->inits += is_init (packet);
}

static void
look (SimHost *host, const IkeOutput *output, gpointer data)
{
  World *world = data;
  const IkeAddress third = sim_address (THIRD);

  if (output->type == IKE_OUTPUT_OTHER_ADDRESS)
    g_string_append_printf (world->tried, "%s%s", world->tried->len ? " " : "", output->gateway);
  if (output->type == IKE_OUTPUT_KERNEL &&
      (output->kernel->op == IKE_KERNEL_INSTALL || output->kernel->op == IKE_KERNEL_UPDATE) &&
      ike_address_equal (&output->kernel->path.remote.address, &third))
    world->kernels++;
}

static gboolean (*handler) (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads);
static const char *said; /* in IKE_AUTH */

static void
write_addresses (IkeBuilder *builder, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 0);
  IkeAddress address;

  for (guint i = 0; words[i]; i++)
    if (ike_address_from_string (words[i], &address))
      ike_builder_notify (builder,
                          address.family == IKE_FAMILY_IP4 ? IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS
                                                           : IKE_NOTIFY_ADDITIONAL_IP6_ADDRESS,
                          ike_address_chunk (&address));
    else if (g_str_has_prefix (words[i], "short"))
      ike_builder_notify (builder, IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS, ike_chunk (words[i], 3));
    else if (g_str_has_prefix (words[i], "long"))
      ike_builder_notify (builder, IKE_NOTIFY_ADDITIONAL_IP6_ADDRESS, ike_chunk (words[i], strlen (words[i])));
    else if (g_str_has_prefix (words[i], "six-as-four"))
      ike_builder_notify (builder, IKE_NOTIFY_ADDITIONAL_IP6_ADDRESS, ike_chunk (words[i], 4));
    else if (g_str_has_prefix (words[i], "none"))
      ike_builder_notify (builder, IKE_NOTIFY_NO_ADDITIONAL_ADDRESSES, ike_chunk (NULL, 0));
}

static void
write_more (SimPeer *peer, IkeBuilder *builder)
{
  write_addresses (builder, said);
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };

  if (handler)
    return handler (peer, header, payloads);
  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  ike_builder_init_inner (&builder);
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, header->message_id, &builder);
  return TRUE;
}

static void
begin (World *world, guint64 seed, const char *say)
{
  *world = (World){ .sim = sim_new (seed) };
  world->client = sim_client (world->sim);
  world->peer = sim_peer_new (world->sim);
  world->third = sim_scripted (world->sim, "third", THIRD, on_third, world);
  world->tried = g_string_new (NULL);
  world->sim->look = look;
  world->sim->check_data = world;
  world->client->config->mobike = world->peer->mobike = TRUE;
  world->client->config->dpd_delay = SECONDS (30);
  world->peer->write_more = write_more;
  world->peer->on_other = on_other;
  handler = NULL;
  said = say;
  sim_start (world->client);
  sim_assert (world->sim, sim_run_until (world->sim, sim_is_up, world->client, IKE_SECOND));
}

static void
end (World *world)
{
  sim_end (world->sim);
  sim_peer_free (world->peer);
  g_string_free (world->tried, TRUE);
}

static void
tell (World *world, const char *addresses)
{
  g_auto (IkeBuilder) builder = { 0 };

  ike_builder_init_inner (&builder);
  write_addresses (&builder, addresses);
  sim_peer_request (world->peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  sim_run (world->sim, IKE_SECOND / 10);
}

/* What a list may hold, in IKE_AUTH and in a request; and the first round through it. */
static void
test_lists (void)
{
  static const struct {
    const char *said, *told, *tried;
  } rows[] = {
    { "198.51.100.2", NULL, "198.51.100.2 " FIRST " 198.51.100.2" },
    { "198.51.100.2", "198.51.100.3", "198.51.100.3 " FIRST " 198.51.100.3" },
    { "198.51.100.2", "none", "" },
    { "", "198.51.100.3", "198.51.100.3 " FIRST " 198.51.100.3" },
    /* a list that tells nothing good is one all the same */
    { "198.51.100.2", "127.0.0.1 short", "" },
    /* no hosts, or no one else's: our own, its first one, of a link, mapped */
    { "127.0.0.1 0.0.0.0 0.1.2.3 224.0.0.1 255.255.255.255 169.254.1.1 192.0.2.1 " FIRST, NULL, "" },
    { "::1 :: ff02::1 fe80::1 ::ffff:198.51.100.2 short long-as-anything-else six-as-four", NULL, "" },
    /* of a network that we are not in */
    { "10.0.0.1 192.168.1.1 172.16.0.1 100.64.0.1 fd00::1", NULL, "" },
    /* twice is once; a handful */
    { "198.51.100.2 198.51.100.2 short 198.51.100.2", NULL, "198.51.100.2 " FIRST " 198.51.100.2" },
    { "198.51.100.2 198.51.100.3 198.51.100.4 198.51.100.5 198.51.100.6 198.51.100.7 198.51.100.8", NULL,
      "198.51.100.2 " FIRST " 198.51.100.3 " FIRST " 198.51.100.4 " FIRST " 198.51.100.5 " FIRST },
    /* what the caller has no way to is passed over at once */
    { "2001:db8::1 2001:db8::2 198.51.100.2", NULL, "2001:db8::1 2001:db8::2 198.51.100.2 " FIRST " 2001:db8::1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      World world;

      begin (&world, 20 + i, rows[i].said);
      if (rows[i].told)
        tell (&world, rows[i].told);
      world.peer->host->off = TRUE;
      sim_check (world.client, FALSE);
      sim_run (world.sim, SECONDS (20));
      sim_note (world.sim, "row %u: tried \"%s\"", i, world.tried->str);
      sim_assert (world.sim, g_str_has_prefix (world.tried->str, rows[i].tried));
      sim_assert (world.sim, rows[i].tried[0] || !world.tried->len);
      end (&world);
    }
}

/* Of what one message can have a handful are kept. More are no message at all, and what that leads to is not our matter. */
static void
test_thousand (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  World world;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "%s198.51.%u.%u", i ? " " : "", 101 + i / 250, 1 + i % 250);
  begin (&world, 50, "198.51.100.2");
  tell (&world, text->str);
  sim_assert_reason (world.sim, world.client, BAD_MESSAGE);
  end (&world);
  g_string_truncate (text, 0);
  for (guint i = 0; i < 19; i++)
    g_string_append_printf (text, "%s198.51.101.%u", i ? " " : "", 1 + i);
  begin (&world, 51, "198.51.100.2");
  tell (&world, text->str);
  world.peer->host->off = TRUE;
  sim_check (world.client, FALSE);
  sim_run (world.sim, SECONDS (40));
  sim_assert (world.sim,
              g_str_has_prefix (world.tried->str, "198.51.101.1 " FIRST " 198.51.101.2 " FIRST " 198.51.101.3 " FIRST
                                                  " 198.51.101.4 " FIRST " 198.51.101.1"));
  end (&world);
}

/* A list that a newer one has overtaken changes nothing: section 3.6. */
static void
test_overtaken (void)
{
  World world;

  begin (&world, 51, "");
  world.peer->next_id = 1;
  tell (&world, "198.51.100.2");
  world.peer->next_id = 0;
  tell (&world, "198.51.100.3");
  world.peer->host->off = TRUE;
  sim_check (world.client, FALSE);
  sim_run (world.sim, SECONDS (10));
  sim_assert (world.sim, g_str_has_prefix (world.tried->str, "198.51.100.2 "));
  end (&world);
}

/* ---- who lies ---- */

/* Somebody else's address: it gets a few messages, as long as the peer itself is silent, and no traffic. */
static void
test_third_party (void)
{
  World world;

  begin (&world, 60, THIRD);
  world.peer->host->off = TRUE;
  sim_ping (world.client, world.peer->host, IKE_SECOND / 10, SECONDS (100));
  sim_run (world.sim, SECONDS (300));
  sim_note (world.sim, "the third party got %u packets", world.others);
  sim_assert (world.sim, world.others >= 4 && world.others <= 30 && !world.inits);
  sim_assert (world.sim, !world.kernels && world.client->downs == 1);
  end (&world);
}

/* The peer sees nothing that goes to the third party, and answers all the same, as if from there: it knows what a question
 * whether it is alive looks like, and the next id; but not the cookie. */
static guint forged;

static void
forge (World *world, guint32 id)
{
  g_auto (IkeBuilder) builder = { 0 };
  const IkeAddress away = world->peer->host->address;

  world->peer->host->address = world->peer->to.address = sim_address (THIRD);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_COOKIE2, ike_chunk ("a guess of enough octets", 24));
  sim_peer_send (world->peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, id, &builder);
  world->peer->host->address = world->peer->to.address = away;
  forged++;
}

static gboolean
is_tried (Sim *sim, gpointer data)
{
  return ((World *) data)->others > 0;
}

static guint32 unanswered;

static gboolean
keep_silent (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  if (!(header->flags & IKE_FLAG_RESPONSE))
    unanswered = header->message_id;
  return TRUE;
}

static void
test_forged (void)
{
  World world;

  begin (&world, 61, THIRD);
  handler = keep_silent;
  sim_check (world.client, FALSE);
  sim_assert (world.sim, sim_run_until (world.sim, is_tried, &world, SECONDS (10)));
  forge (&world, unanswered);
  sim_run (world.sim, IKE_SECOND / 5);
  sim_assert (world.sim, !world.client->downs && world.client->moves == 0 && !world.kernels);
  /* what it makes meanwhile would have its traffic there */
  forge (&world, unanswered + 1);
  sim_run (world.sim, IKE_SECOND / 5);
  sim_assert_reason (world.sim, world.client, BAD_MESSAGE);
  g_assert_cmpstr (world.client->reason.detail, ==, "COOKIE2");
  sim_assert (world.sim, world.client->moves == 0 && !world.kernels && forged == 2);
  end (&world);
}

static guint refusals;

static gboolean
on_refusal (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  IkeNotify notify;

  if (header->flags & IKE_FLAG_RESPONSE)
    refusals += ike_notify_find (payloads, IKE_NOTIFY_TEMPORARY_FAILURE, &notify);
  else
    unanswered = header->message_id;
  return TRUE;
}

/* While it is not known that it is there no Child SA is made, which would send there. */
static void
test_no_child_meanwhile (void)
{
  g_auto (IkeBuilder) builder = { 0 };
  g_autofree guint8 *nonce = g_malloc0 (32);
  g_autoptr (GPtrArray) proposals = NULL;
  World world;

  begin (&world, 62, THIRD);
  handler = on_refusal;
  refusals = 0;
  sim_check (world.client, FALSE);
  sim_assert (world.sim, sim_run_until (world.sim, is_tried, &world, SECONDS (10)));
  ike_builder_init_inner (&builder);
  ike_builder_add (&builder, IKE_PAYLOAD_SA, ike_chunk_bytes (world.peer->child_sa));
  ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, 32));
  ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (world.peer->tsi));
  ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (world.peer->tsr));
  sim_peer_request (world.peer, IKE_EXCHANGE_CREATE_CHILD_SA, &builder);
  sim_run (world.sim, IKE_SECOND / 5);
  sim_assert (world.sim, refusals == 1 && !world.kernels && world.client->kernel.sas->len == 2);
  end (&world);
}

/* There is no network any more: that is not asked again and again. */
static void
test_no_way (void)
{
  World world;

  begin (&world, 66, THIRD);
  world.peer->host->off = TRUE;
  sim_check (world.client, FALSE);
  sim_assert (world.sim, sim_run_until (world.sim, is_tried, &world, SECONDS (10)));
  world.client->no_way = TRUE;
  sim_run (world.sim, SECONDS (10));
  sim_note (world.sim, "asked for %u ways", world.client->others);
  sim_assert (world.sim, world.client->others >= 2 && world.client->others <= 6 && world.client->path_fails);
  /* nor is it forgotten */
  world.client->no_way = FALSE;
  world.peer->host->off = FALSE;
  sim_run (world.sim, SECONDS (30));
  sim_assert (world.sim, world.client->moves == 1 && !world.client->downs && world.peer->inits == 1);
  assert_at (world.client, FIRST);
  end (&world);
}

/* The answer is under way for longer than we look for the peer where it is. */
static gboolean
answer_late (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const IkeTime usual = peer->sim->latency;

  if (header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA || header->flags & IKE_FLAG_RESPONSE)
    return keep_silent (peer, header, payloads);
  peer->sim->latency = SECONDS (2);
  sim_peer_answer_child (peer, header->message_id, payloads, 0xaaaa0001u);
  peer->sim->latency = usual;
  return TRUE;
}

static gboolean
has_rekeyed (Sim *sim, gpointer data)
{
  return sim_kernel_find (&((World *) data)->client->kernel, 0xaaaa0001u, TRUE) != NULL;
}

/* Nor does one that we have asked for ourselves send there. */
static void
test_own_child_meanwhile (void)
{
  World world;

  begin (&world, 65, THIRD);
  handler = answer_late;
  sim_expire (world.client, sim_kernel_outbound (&world.client->kernel)->spi, FALSE);
  sim_assert (world.sim, sim_run_until (world.sim, is_tried, &world, SECONDS (2)));
  sim_assert (world.sim, !has_rekeyed (world.sim, &world));
  sim_assert (world.sim, sim_run_until (world.sim, has_rekeyed, &world, SECONDS (2)));
  sim_assert (world.sim, !world.kernels && world.client->moves == 0);
  assert_at (world.client, FIRST);
  end (&world);
}

/* The peer is where it says, and does not want us there: the next one. */
static gboolean
refuse_second (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  const IkeAddress second = sim_address (SECOND);
  g_auto (IkeBuilder) builder = { 0 };
  IkeNotify notify, cookie;

  if (header->flags & IKE_FLAG_RESPONSE)
    return TRUE;
  ike_builder_init_inner (&builder);
  if (ike_notify_find (payloads, IKE_NOTIFY_COOKIE2, &cookie))
    ike_builder_notify (&builder, IKE_NOTIFY_COOKIE2, cookie.data);
  if (ike_address_equal (&peer->to.address, &second) &&
      ike_notify_find (payloads, IKE_NOTIFY_UPDATE_SA_ADDRESSES, &notify))
    ike_builder_notify (&builder, IKE_NOTIFY_UNACCEPTABLE_ADDRESSES, ike_chunk (NULL, 0));
  sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, header->message_id, &builder);
  return TRUE;
}

static void
test_unacceptable (void)
{
  World world;

  begin (&world, 63, SECOND " 198.51.100.3");
  handler = refuse_second;
  world.peer->host->address = world.peer->to.address = sim_address (SECOND);
  sim_check (world.client, FALSE);
  for (guint i = 0; i < 500 && !strstr (world.tried->str, "198.51.100.3"); i++)
    sim_run (world.sim, IKE_SECOND / 100);
  world.peer->host->address = world.peer->to.address = sim_address ("198.51.100.3");
  sim_run (world.sim, SECONDS (3));
  sim_assert (world.sim, world.client->moves == 1 && !world.client->downs && !world.client->reconnectings);
  sim_assert (world.sim, world.peer->inits == 1);
  assert_at (world.client, "198.51.100.3");
  end (&world);
}

/* Another gateway is none of the peer's addresses, and what begins there does not go back to where the peer was. */
static void
test_redirected_meanwhile (void)
{
  const IkeRedirect redirect = { .address = sim_address (THIRD) };
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_REDIRECT_MAX);
  g_auto (IkeBuilder) builder = { 0 };
  World world;

  begin (&world, 64, SECOND);
  handler = keep_silent;
  sim_check (world.client, FALSE);
  while (!world.client->others)
    sim_run (world.sim, IKE_SECOND / 100);
  sim_run (world.sim, IKE_SECOND / 10);
  ike_redirect_write (&writer, &redirect);
  ike_builder_init_inner (&builder);
  ike_builder_notify (&builder, IKE_NOTIFY_REDIRECT, ike_writer_chunk (&writer));
  sim_peer_request (world.peer, IKE_EXCHANGE_INFORMATIONAL, &builder);
  sim_run (world.sim, IKE_SECOND / 5);
  sim_assert (world.sim, world.client->redirects == 1 && world.client->others == 1);
  sim_assert (world.sim, world.inits == 1 && world.peer->inits == 1);
  end (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/address-lists/lists", test_lists);
  g_test_add_func ("/sim/address-lists/thousand", test_thousand);
  g_test_add_func ("/sim/address-lists/overtaken", test_overtaken);
  g_test_add_func ("/sim/address-lists/third-party", test_third_party);
  g_test_add_func ("/sim/address-lists/forged", test_forged);
  g_test_add_func ("/sim/address-lists/no-child-meanwhile", test_no_child_meanwhile);
  g_test_add_func ("/sim/address-lists/own-child-meanwhile", test_own_child_meanwhile);
  g_test_add_func ("/sim/address-lists/no-way", test_no_way);
  g_test_add_func ("/sim/address-lists/unacceptable", test_unacceptable);
  g_test_add_func ("/sim/address-lists/redirected-meanwhile", test_redirected_meanwhile);
  return g_test_run ();
}
