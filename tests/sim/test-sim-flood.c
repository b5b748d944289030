/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A responder under floods of first messages: what it keeps, and who gets in all the same. RFC 7296 section 2.6. */
#include "sim-attacker.h"

#include "sa/half-open.h"
#include "wire/message.h"

/* What the client sends first, for others to repeat with other SPIs from elsewhere. */
typedef struct {
  GBytes *first;
  guint cookies; /* that the gateway has sent */
  guint answers; /* of IKE_SA_INIT with an SPI */
  GBytes *last_cookie; /* the last answer without one */
  IkeAddress to; /* who got it */
} Watch;

static SimVerdict
watch (Sim *sim, SimPacket *packet, gpointer data)
{
  Watch *self = data;
  IkeReader reader = ike_reader (ike_chunk_bytes (packet->data));
  IkeHeader header;

  if (!ike_header_parse (&reader, &header) || header.exchange != IKE_EXCHANGE_IKE_SA_INIT)
    return SIM_PASS;
  if (!(header.flags & IKE_FLAG_RESPONSE) && !self->first)
    self->first = g_bytes_ref (packet->data);
  if (header.flags & IKE_FLAG_RESPONSE && header.spi_r)
    self->answers++;
  if (header.flags & IKE_FLAG_RESPONSE && !header.spi_r)
    {
      self->cookies++;
      g_clear_pointer (&self->last_cookie, g_bytes_unref);
      self->last_cookie = g_bytes_ref (packet->data);
      self->to = packet->to.address;
    }
  return SIM_PASS;
}

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
  Watch watch;
} Flood;

/* The client's first message is known, and the client has given up. */
static void
flood_new (Flood *flood, guint64 seed)
{
  *flood = (Flood){ .sim = sim_new (seed) };
  flood->client = sim_client (flood->sim);
  flood->gateway = sim_gateway (flood->sim);
  sim_listen (flood->gateway);
  flood->sim->filter = watch;
  flood->sim->filter_data = &flood->watch;
  flood->gateway->off = TRUE;
  flood->client->config->init_timeout = 2 * IKE_SECOND;
  sim_start (flood->client);
  sim_assert (flood->sim, sim_run_until (flood->sim, sim_is_down, flood->client, 10 * IKE_SECOND));
  flood->client->downs = 0;
  flood->gateway->off = FALSE;
  sim_assert (flood->sim, flood->watch.first != NULL);
}

static void
flood_end (Flood *flood)
{
  g_clear_pointer (&flood->watch.first, g_bytes_unref);
  g_clear_pointer (&flood->watch.last_cookie, g_bytes_unref);
  sim_end (flood->sim);
}

static GBytes *
first_of (const Flood *flood, guint64 spi)
{
  gsize len;
  gconstpointer data = g_bytes_get_data (flood->watch.first, &len);
  guint8 *copy = g_memdup2 (data, len);

  spi = GUINT64_TO_BE (spi);
  memcpy (copy, &spi, sizeof spi);
  return g_bytes_new_take (copy, len);
}

static void
send_first (Flood *flood, const char *from, guint64 spi)
{
  const IkeEndpoint to = { flood->gateway->address, 500 };
  IkeEndpoint source = { .port = 500 };
  g_autoptr (GBytes) first = first_of (flood, spi);

  g_assert (ike_address_from_string (from, &source.address));
  sim_send (flood->sim, &source, &to, FALSE, first, 0);
  sim_run (flood->sim, IKE_MILLISECOND);
}

static guint
half_open (const Flood *flood)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (flood->gateway->engine, &counts);
  return counts.half_open;
}

/* Each from another address, none of them in a moment of its own. */
static void
flood_at_once (Flood *flood, guint n)
{
  const IkeEndpoint to = { flood->gateway->address, 500 };

  for (guint i = 0; i < n; i++)
    {
      IkeEndpoint source = { { IKE_FAMILY_IP4, { 100, (guint8) (i >> 16), (guint8) (i >> 8), (guint8) i } }, 500 };
      g_autoptr (GBytes) first = first_of (flood, 100000 + i);

      sim_send (flood->sim, &source, &to, FALSE, first, 0);
      if (i % 100 == 0)
        sim_run (flood->sim, 5 * IKE_MILLISECOND);
    }
}

/* Each from another address. */
static void
flood_spoofed (Flood *flood, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *from = g_strdup_printf ("203.0.%u.%u", i / 256, i % 256);

      send_first (flood, from, 1000 + i);
    }
}

/* No cookie is asked for while there is room. */
static void
test_below_threshold (void)
{
  Flood flood;

  flood_new (&flood, 1);
  flood_spoofed (&flood, IKE_HALF_OPEN_COOKIES);
  sim_run (flood.sim, IKE_SECOND);
  sim_assert (flood.sim, half_open (&flood) == IKE_HALF_OPEN_COOKIES);
  sim_assert (flood.sim, flood.watch.cookies == 0 && flood.watch.answers == IKE_HALF_OPEN_COOKIES);
  flood_end (&flood);
}

/* Above it nothing is kept for a stranger, the client gets in, and so it goes when the flood has been forgotten. */
static void
test_spoofed (void)
{
  Flood flood;

  flood_new (&flood, 2);
  flood_spoofed (&flood, 3000);
  sim_assert (flood.sim, half_open (&flood) == IKE_HALF_OPEN_COOKIES);
  sim_assert (flood.sim, flood.watch.cookies == 3000 - IKE_HALF_OPEN_COOKIES);
  sim_start (flood.client);
  sim_assert (flood.sim, sim_run_until (flood.sim, sim_is_up, flood.client, 2 * IKE_SECOND));
  sim_assert (flood.sim, flood.watch.cookies == 3001 - IKE_HALF_OPEN_COOKIES);
  sim_run (flood.sim, 60 * IKE_SECOND);
  sim_assert (flood.sim, half_open (&flood) == 0);
  flood_end (&flood);
}

/* RFC 7296 section 2.1: others with the same SPI, from the same place, are others, of whom there are not more for that; the
 * same again makes none. */
static void
test_same_spi (void)
{
  Flood flood;
  IkeEndpoint to, from = { .port = 500 };
  gsize len;

  flood_new (&flood, 9);
  to = (IkeEndpoint){ flood.gateway->address, 500 };
  g_assert (ike_address_from_string ("203.0.113.9", &from.address));
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree guint8 *octets =
          g_memdup2 (g_bytes_get_data (flood.watch.first, &len), g_bytes_get_size (flood.watch.first));
      g_autoptr (GBytes) other = NULL;

      octets[len - 1] ^= (guint8) (i / 2);
      octets[len - 2] ^= (guint8) (i / 2 >> 8);
      other = g_bytes_new (octets, len);
      sim_send (flood.sim, &from, &to, FALSE, other, 0);
      sim_run (flood.sim, IKE_MILLISECOND);
      if (i < 100)
        sim_assert (flood.sim, half_open (&flood) <= i / 2 + 1);
    }
  sim_run (flood.sim, IKE_SECOND);
  sim_assert (flood.sim, half_open (&flood) == IKE_HALF_OPEN_COOKIES);
  /* each was answered twice */
  sim_assert (flood.sim, flood.watch.answers == 2 * IKE_HALF_OPEN_COOKIES);
  sim_run (flood.sim, 60 * IKE_SECOND);
  sim_assert (flood.sim, half_open (&flood) == 0);
  flood_end (&flood);
}

/* 20,000 in a second, and clients that come in the middle of it. */
static void
test_many (void)
{
  Flood flood;

  flood_new (&flood, 8);
  flood.sim->quiet = TRUE;
  for (guint i = 0; i < 4; i++)
    {
      flood_at_once (&flood, 5000);
      sim_assert (flood.sim, half_open (&flood) <= IKE_HALF_OPEN_COOKIES);
      sim_start (flood.client);
      flood_at_once (&flood, 500);
      sim_assert (flood.sim, sim_run_until (flood.sim, sim_is_up, flood.client, 2 * IKE_SECOND));
      sim_stop (flood.client);
      sim_run (flood.sim, IKE_SECOND);
      flood.client->downs = flood.client->ups = 0;
    }
  sim_run (flood.sim, 60 * IKE_SECOND);
  sim_assert (flood.sim, half_open (&flood) == 0);
  flood_end (&flood);
}

/* An answer with the cookie that @from was sent, from @as, @later. */
static void
answer_cookie (Flood *flood, const char *from, const char *as, guint64 spi, IkeTime later)
{
  const IkeEndpoint to = { flood->gateway->address, 500 };
  IkeEndpoint source = { .port = 500 };
  IkeMessage *message = g_new0 (IkeMessage, 1);
  IkeHeader header;
  g_auto (IkeBuilder) builder = { 0 };
  g_autoptr (GBytes) first = first_of (flood, spi);
  g_autoptr (GBytes) again = NULL;
  const IkePayload *cookie;

  send_first (flood, from, spi);
  sim_run (flood->sim, later);
  g_assert (ike_message_parse (ike_chunk_bytes (flood->watch.last_cookie), message) == IKE_PARSE_OK);
  cookie = ike_payloads_find (&message->payloads, IKE_PAYLOAD_NOTIFY);
  g_assert (cookie && message->header.spi_i == spi);
  header = message->header;
  header.flags = IKE_FLAG_INITIATOR;
  ike_builder_init (&builder, &header);
  ike_builder_add (&builder, IKE_PAYLOAD_NOTIFY, cookie->body);
  g_assert (ike_message_parse (ike_chunk_bytes (first), message) == IKE_PARSE_OK);
  for (guint i = 0; i < message->payloads.n; i++)
    ike_builder_add (&builder, message->payloads.at[i].type, message->payloads.at[i].body);
  again = ike_builder_finish (&builder);
  g_assert (ike_address_from_string (as, &source.address));
  sim_send (flood->sim, &source, &to, FALSE, again, 0);
  sim_run (flood->sim, 10 * IKE_MILLISECOND);
  g_free (message);
}

/* The cookie that one address got is of no use to another one, nor with another SPI; its own is let in. */
static void
test_cookie_of_another (void)
{
  Flood flood;
  guint before;

  flood_new (&flood, 3);
  flood_spoofed (&flood, IKE_HALF_OPEN_COOKIES);
  sim_run (flood.sim, IKE_SECOND);
  before = flood.watch.answers;
  answer_cookie (&flood, "198.18.0.1", "198.18.0.2", 77, 0);
  sim_assert (flood.sim, flood.watch.answers == before && half_open (&flood) == IKE_HALF_OPEN_COOKIES);
  answer_cookie (&flood, "198.18.0.1", "198.18.0.1", 78, 0);
  sim_assert (flood.sim, flood.watch.answers == before + 1 && half_open (&flood) == IKE_HALF_OPEN_COOKIES + 1);
  flood_end (&flood);
}

/* Two secrets live: a cookie that was made just before they turned is good, one that is too old is not. */
static void
test_cookie_age (void)
{
  static const struct {
    IkeTime age;
    gboolean good;
  } rows[] = { { 0, TRUE },
               { IKE_COOKIE_TIME - IKE_SECOND, TRUE },
               { IKE_COOKIE_TIME + IKE_SECOND, TRUE },
               { 2 * IKE_COOKIE_TIME + IKE_SECOND, FALSE } };
  g_autofree guint8 *cookie = g_malloc (IKE_COOKIE_LEN);
  const IkeAddress source = { .family = IKE_FAMILY_IP4, .bytes = { 192, 0, 2, 1 } };
  const IkeCookieOf of = { .nonce = ike_chunk ("0123456789abcdef", 16), .source = &source, .spi_i = 5 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint others = 0; others < 2; others++)
      {
        IkeHalfOpen *self = ike_half_open_new ();
        const IkeCrypto *crypto = sim_crypto_nss ();
        guint8 between[IKE_COOKIE_LEN];

        g_assert (ike_cookie_make (self, crypto, 1000 * IKE_SECOND, &of, cookie));
        /* with and without others who ask meanwhile, so that the secrets turn at other moments */
        for (IkeTime t = IKE_SECOND; others && t < rows[i].age; t += 7 * IKE_SECOND)
          g_assert (ike_cookie_make (self, crypto, 1000 * IKE_SECOND + t, &of, between));
        g_assert (ike_cookie_check (self, crypto, 1000 * IKE_SECOND + rows[i].age, &of,
                                    ike_chunk (cookie, IKE_COOKIE_LEN)) == rows[i].good);
        ike_half_open_free (self);
      }
}

/* It is of no use with another octet in it or of another length, nor for anything else than what it was made for. */
static void
test_cookie_of (void)
{
  const IkeCrypto *crypto = sim_crypto_nss ();
  const IkeTime now = 1000 * IKE_SECOND;
  const IkeAddress sources[] = { { .family = IKE_FAMILY_IP4, .bytes = { 192, 0, 2, 1 } },
                                 { .family = IKE_FAMILY_IP4, .bytes = { 192, 0, 2, 2 } } };
  const IkeCookieOf of = { .nonce = ike_chunk ("0123456789abcdef", 16), .source = &sources[0], .spi_i = 5 };
  IkeHalfOpen *self = ike_half_open_new ();
  guint8 cookie[IKE_COOKIE_LEN + 1] = { 0 };
  IkeCookieOf other;

  g_assert (ike_cookie_make (self, crypto, now, &of, cookie));
  for (guint i = 0; i < IKE_COOKIE_LEN; i++)
    {
      cookie[i] ^= 1;
      g_assert (!ike_cookie_check (self, crypto, now, &of, ike_chunk (cookie, IKE_COOKIE_LEN)));
      cookie[i] ^= 1;
    }
  for (guint len = 0; len <= sizeof cookie; len++)
    g_assert (ike_cookie_check (self, crypto, now, &of, ike_chunk (cookie, len)) == (len == IKE_COOKIE_LEN));
  other = of;
  other.spi_i = 6;
  g_assert (!ike_cookie_check (self, crypto, now, &other, ike_chunk (cookie, IKE_COOKIE_LEN)));
  other = of;
  other.nonce = ike_chunk ("0123456789abcdeF", 16);
  g_assert (!ike_cookie_check (self, crypto, now, &other, ike_chunk (cookie, IKE_COOKIE_LEN)));
  other = of;
  other.source = &sources[1];
  g_assert (!ike_cookie_check (self, crypto, now, &other, ike_chunk (cookie, IKE_COOKIE_LEN)));
  g_assert (ike_cookie_check (self, crypto, now, &of, ike_chunk (cookie, IKE_COOKIE_LEN)));
  ike_half_open_free (self);
}

/* Who owns an address, or a whole IPv6 network, has its share and no more. */
static void
test_one_source (void)
{
  for (guint ip6 = 0; ip6 < 2; ip6++)
    {
      Flood flood;

      flood_new (&flood, 4 + ip6);
      for (guint i = 0; i < IKE_HALF_OPEN_COOKIES; i++)
        {
          g_autofree char *from = g_strdup_printf (ip6 ? "2001:db8::%u" : "198.18.0.1", i);

          send_first (&flood, from, 100 + i);
        }
      for (guint i = 0; i < IKE_HALF_OPEN_MAX_SOURCE; i++)
        {
          g_autofree char *from = g_strdup_printf (ip6 ? "2001:db8::9:%u" : "198.18.0.1", i);

          answer_cookie (&flood, from, from, 1000 + i, 0);
        }
      sim_assert (flood.sim, half_open (&flood) == IKE_HALF_OPEN_MAX_SOURCE);
      /* others are not kept out */
      sim_start (flood.client);
      sim_assert (flood.sim, sim_run_until (flood.sim, sim_is_up, flood.client, 2 * IKE_SECOND));
      flood_end (&flood);
    }
}

/* Many who stay below their share: there is a limit for all together. */
static void
test_in_all (void)
{
  const guint sources = IKE_HALF_OPEN_MAX / (IKE_HALF_OPEN_MAX_SOURCE - 1) + 2;
  Flood flood;

  flood_new (&flood, 6);
  for (guint i = 0; i < sources * (IKE_HALF_OPEN_MAX_SOURCE - 1); i++)
    {
      g_autofree char *from = g_strdup_printf ("198.18.0.%u", 1 + i / (IKE_HALF_OPEN_MAX_SOURCE - 1));

      if (i < IKE_HALF_OPEN_COOKIES)
        send_first (&flood, from, 1000 + i);
      else
        answer_cookie (&flood, from, from, 1000 + i, 0);
      sim_assert (flood.sim, half_open (&flood) <= IKE_HALF_OPEN_MAX);
    }
  sim_run (flood.sim, 100 * IKE_MILLISECOND);
  sim_assert (flood.sim, half_open (&flood) == IKE_HALF_OPEN_MAX && flood.watch.answers == IKE_HALF_OPEN_MAX);
  /* they are forgotten, and there is room again */
  sim_run (flood.sim, 60 * IKE_SECOND);
  sim_start (flood.client);
  sim_assert (flood.sim, sim_run_until (flood.sim, sim_is_up, flood.client, 2 * IKE_SECOND));
  flood_end (&flood);
}

/* A first message that is too long to be kept for a stranger. */
static void
test_too_long (void)
{
  Flood flood;
  const IkeEndpoint from = { .address = { .family = IKE_FAMILY_IP4, .bytes = { 198, 18, 0, 1 } }, .port = 500 };

  flood_new (&flood, 7);
  for (guint above = 0; above < 2; above++)
    {
      const IkeEndpoint to = { flood.gateway->address, 500 };
      g_autoptr (GBytes) first = first_of (&flood, 55 + above);
      IkeMessage *message = g_new0 (IkeMessage, 1);
      g_auto (IkeBuilder) builder = { 0 };
      g_autoptr (GBytes) big = NULL;
      g_autofree guint8 *vendor = g_malloc0 (IKE_FIRST_MESSAGE_MAX);

      g_assert (ike_message_parse (ike_chunk_bytes (first), message) == IKE_PARSE_OK);
      ike_builder_init (&builder, &message->header);
      for (guint i = 0; i < message->payloads.n; i++)
        ike_builder_add (&builder, message->payloads.at[i].type, message->payloads.at[i].body);
      ike_builder_add (&builder, IKE_PAYLOAD_VENDOR,
                       ike_chunk (vendor, IKE_FIRST_MESSAGE_MAX - g_bytes_get_size (first) - 4 + above));
      big = ike_builder_finish (&builder);
      g_assert (g_bytes_get_size (big) == IKE_FIRST_MESSAGE_MAX + above);
      sim_send (flood.sim, &from, &to, FALSE, big, 0);
      sim_run (flood.sim, 100 * IKE_MILLISECOND);
      sim_assert (flood.sim, half_open (&flood) == 1 && flood.watch.answers == 1);
      g_free (message);
    }
  flood_end (&flood);
}

/* ---- beyond the first message ---- */

/* What the engine keeps of those who have shown nothing. */
static guint
kept (const SimHost *gateway)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (gateway->engine, &counts);
  return counts.half_open + counts.lingering;
}

/* A whole IKE_AUTH with @psk; NULL: the right one. TRUE: it got in. */
static gboolean
sign_in (SimAttacker *attacker, const char *psk)
{
  guint before = sim_count_ike (attacker->gateway);

  attacker->psk = psk;
  attacker->spi_i++;
  attacker->spi_r = 0;
  sim_attacker_init (attacker);
  if (attacker->spi_r)
    sim_attacker_enter (attacker, FALSE);
  return sim_count_ike (attacker->gateway) > before;
}

/* Who fails at once and tries again and again has the same share as who only knocks, and cannot fill the log. */
static void
test_failing (void)
{
  SimAttacker attacker;
  SimHost *client;
  IkeTime start;
  guint most = 0;

  sim_attacker_new (&attacker, 40);
  attacker.sim->latency = IKE_MILLISECOND;
  attacker.sim->jitter = 0;
  attacker.patience = 6 * IKE_MILLISECOND;
  start = attacker.sim->now;
  for (guint i = 0; i < 500; i++)
    {
      sim_assert (attacker.sim, !sign_in (&attacker, "not the key"));
      most = MAX (most, kept (attacker.gateway));
    }
  sim_assert (attacker.sim, attacker.sim->now - start <= 10 * IKE_SECOND);
  g_assert_cmpuint (most, ==, IKE_HALF_OPEN_MAX_SOURCE);
  g_assert_cmpuint (attacker.others, ==, IKE_HALF_OPEN_MAX_SOURCE);
  g_assert_cmpuint (sim_count_said (attacker.sim, "a peer was refused"), <=, 20);
  /* others get in meanwhile, and so does he, when that is over */
  client = sim_client (attacker.sim);
  sim_start_to (client, &attacker.gateway->address);
  sim_assert (attacker.sim, sim_run_until (attacker.sim, sim_is_up, client, 2 * IKE_SECOND));
  sim_assert (attacker.sim, !sign_in (&attacker, NULL));
  sim_run (attacker.sim, 40 * IKE_SECOND);
  sim_assert (attacker.sim, kept (attacker.gateway) == 0);
  sim_assert (attacker.sim, sign_in (&attacker, NULL));
  sim_stop ((SimHost *) attacker.gateway);
  sim_end (attacker.sim);
}

/* Some of an office who do not remember their key: their neighbours, and they themselves, get in. The last answer is
 * repeated to who has missed it. */
static void
test_failing_sometimes (void)
{
  SimAttacker attacker;

  sim_attacker_new (&attacker, 41);
  attacker.sim->latency = IKE_MILLISECOND;
  attacker.patience = 20 * IKE_MILLISECOND;
  for (guint i = 0; i < 40; i++)
    {
      sim_assert (attacker.sim, !sign_in (&attacker, "not the key"));
      attacker.next_id--;
      attacker.said = 0;
      sim_attacker_enter (&attacker, FALSE);
      sim_assert (attacker.sim, attacker.said == IKE_NOTIFY_AUTHENTICATION_FAILED);
    }
  sim_assert (attacker.sim, attacker.others == 80 && sign_in (&attacker, NULL));
  sim_stop ((SimHost *) attacker.gateway);
  sim_end (attacker.sim);
}

/* Those who never go on with what they began are forgotten at once when their time is over. */
static void
test_too_slow (void)
{
  Flood flood;
  IkeEngineCounts counts;

  flood_new (&flood, 9);
  flood_spoofed (&flood, IKE_HALF_OPEN_COOKIES);
  sim_assert (flood.sim, kept (flood.gateway) == IKE_HALF_OPEN_COOKIES);
  sim_run (flood.sim, 31 * IKE_SECOND);
  ike_engine_get_counts (flood.gateway->engine, &counts);
  sim_assert (flood.sim, counts.half_open == 0 && counts.lingering == 0);
  flood_end (&flood);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/flood/below-threshold", test_below_threshold);
  g_test_add_func ("/sim/flood/spoofed", test_spoofed);
  g_test_add_func ("/sim/flood/same-spi", test_same_spi);
  g_test_add_func ("/sim/flood/many", test_many);
  g_test_add_func ("/sim/flood/cookie-of-another", test_cookie_of_another);
  g_test_add_func ("/sim/flood/cookie-age", test_cookie_age);
  g_test_add_func ("/sim/flood/cookie-of", test_cookie_of);
  g_test_add_func ("/sim/flood/one-source", test_one_source);
  g_test_add_func ("/sim/flood/in-all", test_in_all);
  g_test_add_func ("/sim/flood/too-long", test_too_long);
  g_test_add_func ("/sim/flood/failing", test_failing);
  g_test_add_func ("/sim/flood/failing-sometimes", test_failing_sometimes);
  g_test_add_func ("/sim/flood/too-slow", test_too_slow);
  return g_test_run ();
}
