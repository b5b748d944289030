/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway that has lost its state says so (RFC 6290); and what anybody else can say in the open changes nothing. */
#include "sim.h"

#include "wire/message.h"
#include "wire/payload-notify.h"

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
  GBytes *said; /* the last unprotected message that was seen */
  guint unprotected;
  IkeHeader seen; /* of the last protected message */
} World;

static SimVerdict
watch (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  IkeReader reader = ike_reader (ike_chunk_bytes (packet->data));
  IkeHeader header;

  if (ike_header_parse (&reader, &header) && header.exchange != IKE_EXCHANGE_IKE_SA_INIT &&
      header.next_payload != IKE_PAYLOAD_SK)
    {
      world->unprotected++;
      g_clear_pointer (&world->said, g_bytes_unref);
      world->said = g_bytes_ref (packet->data);
    }
  else if (header.next_payload == IKE_PAYLOAD_SK)
    world->seen = header;
  return SIM_PASS;
}

static IkeConfig *
gateway_config (Sim *sim, const char *secret)
{
  IkeConfig *config = sim_config (sim, "gateway", IKE_ROLE_RESPONDER);

  config->qcd_secret = secret ? ike_secret_new_from (secret, strlen (secret)) : NULL;
  sim->config_secrets = secret != NULL;
  return config;
}

static void
begin (World *world, guint64 seed)
{
  *world = (World){ .sim = sim_new (seed) };
  world->sim->filter = watch;
  world->sim->filter_data = world;
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  world->client->config->keep_trying = TRUE;
  world->client->config->dpd_delay = 30 * IKE_SECOND;
  world->client->config->ike_lifetime = 10000 * IKE_SECOND;
  world->client->config->ike_rekey_margin = 100 * IKE_SECOND;
  ike_config_free (world->gateway->config);
  world->gateway->config = gateway_config (world->sim, "one secret");
  sim_connect (world->sim, world->client, world->gateway);
}

static void
end (World *world)
{
  sim_end (world->sim);
  g_clear_pointer (&world->said, g_bytes_unref);
}

/* All is gone at the gateway, and it is there again at once. */
static void
reboot (World *world, const char *secret)
{
  sim_reboot (world->gateway, gateway_config (world->sim, secret));
  sim_listen (world->gateway);
}

static gboolean
is_again (Sim *sim, gpointer host)
{
  return ((SimHost *) host)->ups == 2;
}

/* Whoever asks is told, and is there again after a moment instead of a minute; after rekeying the token is another. */
static void
test_reboot (void)
{
  for (guint rekeyed = 0; rekeyed < 3; rekeyed++)
    {
      World world;

      begin (&world, 10 + rekeyed);
      if (rekeyed)
        sim_hasten (world.client, "rekey");
      sim_run (world.sim, 5 * IKE_SECOND);
      sim_assert (world.sim, world.unprotected == 0);
      reboot (&world, "one secret");
      sim_check (world.client, FALSE);
      sim_assert (world.sim, sim_run_until (world.sim, is_again, world.client, 200 * IKE_MILLISECOND));
      sim_assert (world.sim, world.client->reconnectings == 1 && world.unprotected == 1);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

static gboolean
is_connected (Sim *sim, gpointer host)
{
  return sim_kernel_count (&((SimHost *) host)->kernel, TRUE) == 1;
}

/* Another secret, or none: only the liveness check finds it out, but a new IKE SA is tried beside the silent one. */
static void
test_other_secret (void)
{
  static const char *const secrets[] = { "another secret", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      World world;

      begin (&world, 20 + i);
      reboot (&world, secrets[i]);
      sim_check (world.client, FALSE);
      sim_assert (world.sim, sim_run_until (world.sim, is_connected, world.gateway, 8 * IKE_SECOND));
      sim_assert (world.sim, (world.unprotected > 0) == (secrets[i] != NULL));
      sim_run (world.sim, 100 * IKE_SECOND); /* the old one has ended by then */
      sim_assert (world.sim, world.client->reconnectings == 0 && world.client->ups == 1);
      sim_assert_agree (world.client, world.gateway, 1);
      end (&world);
    }
}

/* A gateway that lives says no token of what it has (RFC 6290 section 9.2), whoever asks. */
static void
test_alive (void)
{
  World world;
  IkeEndpoint gateway, other = { .port = 500 };
  IkeBuilder builder = { 0 };
  IkeHeader header = { .spi_i = 1, .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_INFORMATIONAL };
  g_autoptr (GBytes) datagram = NULL;

  begin (&world, 30);
  g_assert_true (ike_address_from_string ("192.0.2.99", &other.address));
  gateway = (IkeEndpoint){ world.gateway->address, 500 };
  for (guint i = 0; i < 3; i++)
    {
      guint8 octets[80] = { 0 };

      /* for what is not there: answers are never answered, and without SPIr there is nothing to be told */
      header.flags = i == 0 ? IKE_FLAG_RESPONSE | IKE_FLAG_INITIATOR : IKE_FLAG_INITIATOR;
      header.spi_r = i == 1 ? 0 : 2;
      ike_builder_init (&builder, &header);
      ike_builder_add (&builder, i == 2 ? IKE_PAYLOAD_NONCE : IKE_PAYLOAD_SK, ike_chunk (octets, sizeof octets));
      datagram = ike_builder_finish (&builder);
      sim_send (world.sim, &other, &gateway, FALSE, g_bytes_ref (datagram), 0);
      g_clear_pointer (&datagram, g_bytes_unref);
      sim_run (world.sim, IKE_SECOND);
    }
  /* for what is there, with either flag: it is said to nobody */
  for (guint i = 0; i < 4; i++)
    {
      guint8 octets[80] = { 0 };

      header = world.seen;
      header.flags = i & 1 ? IKE_FLAG_INITIATOR : 0;
      header.message_id = 7;
      if (i & 2)
        header.spi_r ^= 1;
      ike_builder_init (&builder, &header);
      ike_builder_add (&builder, IKE_PAYLOAD_SK, ike_chunk (octets, sizeof octets));
      sim_send (world.sim, &other, &gateway, FALSE, ike_builder_finish (&builder), 0);
      sim_run (world.sim, IKE_SECOND);
    }
  /* but for a gateway's SPI that is none of its own */
  sim_assert (world.sim, world.unprotected == 2);
  end (&world);
}

/* The client's SPIs are no secret, the token is: whatever else comes for them is a hint, and the tunnel stands. */
static void
test_forged (void)
{
  for (guint how = 0; how < 4; how++)
    {
      World world;
      IkeBuilder builder = { 0 };
      IkeReader reader;
      IkeHeader header;
      IkeEndpoint from, to;
      guint8 token[128] = { 1 };
      IkeNotify notify = { .protocol = 1, .type = IKE_NOTIFY_QUICK_CRASH_DETECTION, .data = ike_chunk (token, 32) };
      guint sent;

      begin (&world, 40 + how);
      /* an answer of a former life tells the SPIs */
      reboot (&world, "another secret");
      sim_check (world.client, FALSE);
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.said && world.client->reconnectings == 0);
      reader = ike_reader (ike_chunk_bytes (world.said));
      sim_assert (world.sim, ike_header_parse (&reader, &header));
      header.message_id += how;
      from = (IkeEndpoint){ world.gateway->address, 500 };
      to = (IkeEndpoint){ world.client->address, 500 };
      sent = world.client->sent;
      for (guint i = 0; i < 100; i++)
        {
          if (how & 1)
            notify.data = ike_chunk (token, i & 1 ? 8 : 128);
          ike_builder_init (&builder, &header);
          ike_builder_notify (&builder, IKE_NOTIFY_INVALID_IKE_SPI, ike_chunk (NULL, 0));
          ike_notify_write (ike_builder_begin (&builder, IKE_PAYLOAD_NOTIFY), &notify);
          ike_builder_end (&builder);
          sim_send (world.sim, &from, &to, FALSE, ike_builder_finish (&builder), i * IKE_MILLISECOND);
        }
      sim_run (world.sim, IKE_SECOND);
      sim_assert (world.sim, world.client->reconnectings == 0 && world.client->sent - sent <= 3);
      end (&world);
    }
}

/* An ICMP of ESP, so to speak: INVALID_SPI in the open. Only for a Child SA that there is, from where the peer is. */
static void
test_invalid_spi (void)
{
  for (guint how = 0; how < 3; how++)
    {
      World world;
      IkeBuilder builder = { 0 };
      IkeHeader header = { .version = IKE_VERSION_2, .exchange = IKE_EXCHANGE_INFORMATIONAL };
      IkeEndpoint from, to;
      guint32 spi;
      guint sent;

      begin (&world, 50 + how);
      sim_run (world.sim, 5 * IKE_SECOND);
      from = (IkeEndpoint){ world.gateway->address, 500 };
      to = (IkeEndpoint){ world.client->address, 500 };
      if (how == 1)
        g_assert_true (ike_address_from_string ("192.0.2.99", &from.address));
      spi = GUINT32_TO_BE (sim_kernel_outbound (&world.client->kernel)->spi + (how == 2));
      ike_builder_init (&builder, &header);
      ike_builder_notify (&builder, IKE_NOTIFY_INVALID_SPI, ike_chunk (&spi, sizeof spi));
      sent = world.client->sent;
      sim_send (world.sim, &from, &to, FALSE, ike_builder_finish (&builder), 0);
      sim_run (world.sim, IKE_SECOND);
      /* one question, which is answered */
      sim_assert (world.sim, world.client->sent - sent == (how == 0) && world.client->reconnectings == 0);
      end (&world);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/qcd/reboot", test_reboot);
  g_test_add_func ("/sim/qcd/other-secret", test_other_secret);
  g_test_add_func ("/sim/qcd/alive", test_alive);
  g_test_add_func ("/sim/qcd/forged", test_forged);
  g_test_add_func ("/sim/qcd/invalid-spi", test_invalid_spi);
  return g_test_run ();
}
