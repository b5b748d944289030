/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole engine, as initiator and as responder, before and after authentication. An input is a little program: the
 * world, then one instruction after the other. Who wrote it knows the keys: messages are made inside, changed inside, and
 * protected as the peer would; what anybody can send is there as well.
 *
 *   octets 0-2: see fuzz-world.h; bit 0 of the first one: the victim is the gateway
 *   then         opcode and what it needs, until there is nothing more (see enum)
 *
 * All the while: what is shown is clean, what is sent can be read and is the same when it is repeated, and what anybody can
 * send changes nothing. At the end everything is stopped; nothing may be left of it anywhere (sim_end()).
 */
#include "fuzz.h"

#include "fuzz-world.h"

#include "base/text.h"
#include "crypto/sk.h"
#include "exchange/exchange.h"
#include "sa/configure.h"
#include "sa/half-open.h"
#include "sim-internal.h"

/* as ike-engine.c has it */
typedef struct {
  IkeCore core;
} Inside;

typedef enum {
  OP_LET_GO, /* n: so many packets arrive as they are */
  OP_CHANGE, /* place, value, n: the next packet to the victim arrives with an octet of its inside changed, n times */
  OP_INNER, /* exchange, flags, id, first, length, octets: a message as the peer could make it */
  OP_RAW, /* flags, length, octets: a datagram; its SPIs are put right if bit 0 says so */
  OP_TIME, /* n: the n-th of some durations passes */
  OP_EXPIRE, /* what: a lifetime at the victim or at the peer */
  OP_KERNEL, /* what: its kernel refuses, or not */
  OP_LOSE, /* the next packet is lost */
  OP_MOVE, /* the client has another address */
  OP_STOP,
  OP_AGAIN, /* the next packet arrives, and is still under way */
  OP_LATER, /* the next packet is overtaken by all others */
  OP_REBOOT, /* all that the peer knew is gone */
  OP_JOB, /* what: keys, signatures or secrets cannot be made at the victim, or they can */
  OP_TIMER, /* what: a wait of the victim or of the peer is over */
  OP_TELL, /* type, what: its caller or its kernel tells the victim or the peer something (see tell()) */
  N_OPS
} Op;

#define MOST_OPS 60
#define MOST_HELD 200

typedef struct {
  Sim *sim;
  SimHost *host[2]; /* client, gateway */
  FuzzWorld kind;
  guint victim;
  GQueue held; /* SimPacket */
  guint64 iv;
  IkeReader reader;
  GHashTable *sent; /* what a message is -> GBytes */
  guint32 numbers[2]; /* of jobs and requests to the kernel, the last ones */
} World;

/* ---- what always holds ---- */

static gboolean
is_line (const char *text)
{
  return !text || ike_text_is_clean (text, strlen (text), FALSE);
}

/* RFC 7296 section 2.1: repeated it is the same, octet by octet (not what is in the clear, nor RFC 6311's, which has id 0).
 * Only a good-bye may have the id of what the peer has never put together (ike_probe_outlived); after it nothing is asked. */
static void
check_repeated (World *world, GBytes *datagram, const IkeHeader *header)
{
  const guint8 *octets = g_bytes_get_data (datagram, NULL);
  gboolean fragment = header->next_payload == IKE_PAYLOAD_SKF;
  g_autofree char *what =
      g_strdup_printf ("%" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x %u %u %u", header->spi_i, header->spi_r,
                       header->flags, header->message_id, fragment ? octets[32] << 8 | octets[33] : 0);
  g_autofree char *over = g_strdup_printf ("%" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x %u over", header->spi_i,
                                           header->spi_r, header->flags);
  GBytes *before = g_hash_table_lookup (world->sent, what);

  if ((header->next_payload != IKE_PAYLOAD_SK && !fragment) ||
      (header->message_id == 0 && header->exchange == IKE_EXCHANGE_INFORMATIONAL))
    return;
  g_assert_null (g_hash_table_lookup (world->sent, over));
  if (before && !g_bytes_equal (before, datagram))
    {
      g_assert_true (header->exchange == IKE_EXCHANGE_INFORMATIONAL && !(header->flags & IKE_FLAG_RESPONSE) &&
                     !fragment);
      g_hash_table_insert (world->sent, g_steal_pointer (&over), g_bytes_ref (datagram));
    }
  else if (!before)
    g_hash_table_insert (world->sent, g_steal_pointer (&what), g_bytes_ref (datagram));
}

static void
check_up (const IkeConfigured *configured)
{
  g_assert_true (!configured->banner || ike_text_is_clean (configured->banner, strlen (configured->banner), TRUE));
  for (guint i = 0; i < configured->domains->len; i++)
    g_assert_true (ike_configure_domain_valid (configured->domains->pdata[i]));
}

static void
look (SimHost *host, const IkeOutput *output, gpointer data)
{
  World *world = data;
  guint32 *number = &world->numbers[host == world->host[1]];
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);

  g_assert_true (is_line (output->reason.detail) && is_line (output->log.text));
  if (output->type == IKE_OUTPUT_JOB || output->type == IKE_OUTPUT_KERNEL)
    {
      g_assert_cmpuint (output->number, >, *number); /* none is used twice */
      *number = output->number;
    }
  if (output->type == IKE_OUTPUT_UP && output->configured)
    check_up (output->configured);
  if (output->type != IKE_OUTPUT_SEND)
    return;
  g_assert_cmpint (ike_message_parse (ike_chunk_bytes (output->datagram), message), ==, IKE_PARSE_OK);
  check_repeated (world, output->datagram, &message->header);
}

/* What a client sends never leaves in the clear. */
static void
check_host (SimHost *host, gpointer data)
{
  const World *world = data;
  IkeEngineCounts counts;

  ike_engine_get_counts (host->engine, &counts);
  g_assert_cmpuint (counts.half_open, <=, IKE_HALF_OPEN_MAX);
  g_assert_true (host != world->host[0] || !sim_kernel_count (&host->kernel, TRUE) || host->kernel.policies->len);
}

/* An IKE SA that is not established yet may change with what anybody sends. */
static void
add_sa (const IkeSaReport *sa, gpointer data)
{
  GPtrArray *lines = data;
  GString *line;
  g_autofree char *here = NULL, *there = NULL;

  if (sa->age == IKE_TIME_NEVER)
    return;
  here = ike_endpoint_to_string (&sa->path->local);
  there = ike_endpoint_to_string (&sa->path->remote);
  line = g_string_new (NULL);
  g_string_printf (line, "%" G_GINT64_MODIFIER "x %s %s %s %s %d%d%d", sa->spi_i, sa->state, sa->suite, here, there,
                   sa->nat_here, sa->nat_there, sa->mobike);
  for (guint i = 0; i < sa->n_children; i++)
    g_string_append_printf (line, " %s %08x %08x", sa->children[i].state, sa->children[i].spi_in,
                            sa->children[i].spi_out);
  g_ptr_array_add (lines, g_string_free (line, FALSE));
}

static int
by_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
state_of (SimHost *host)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  ike_engine_report (host->engine, host->sim->now, add_sa, lines);
  g_ptr_array_sort (lines, by_text);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

/* ---- the world ---- */

static SimVerdict
hold (Sim *sim, SimPacket *packet, gpointer data)
{
  World *world = data;
  SimPacket *kept;

  if (world->held.length >= MOST_HELD)
    return SIM_DROP;
  kept = g_new0 (SimPacket, 1);
  *kept = *packet;
  kept->data = g_bytes_ref (packet->data);
  g_queue_push_tail (&world->held, kept);
  return SIM_DROP;
}

static void
arrive (World *world, SimPacket *take_packet)
{
  sim_send (world->sim, &take_packet->from, &take_packet->to, take_packet->natt, take_packet->data, 0);
  sim_packet_free (take_packet);
  sim_run (world->sim, 2 * IKE_MILLISECOND);
}

static gboolean
next_arrives (World *world)
{
  SimPacket *packet = g_queue_pop_head (&world->held);

  if (!packet)
    return FALSE;
  arrive (world, packet);
  return TRUE;
}

static void
world_init (World *world, FuzzWorld kind)
{
  static const char *const passwords[] = { "correct horse", NULL }, *const users[] = { "alice", "correct horse", NULL };

  *world = (World){ .sim = sim_new (1), .kind = kind, .victim = kind.flags & 1, .iv = G_GUINT64_CONSTANT (1) << 40 };
  world->sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  world->sim->look = look;
  world->sim->check = check_host;
  world->sim->check_data = world;
  world->sim->quiet = TRUE;
  world->sim->roaming = TRUE;
  world->host[0] = sim_client (world->sim);
  world->host[1] = sim_gateway (world->sim);
  world->host[0]->passwords = passwords;
  world->host[1]->users = users;
  world->host[1]->pool4 = "10.9.0.0";
  world->host[1]->pool6 = "2001:db8:9::";
  if (kind.flags & 32)
    sim_nat (world->host[0], "203.0.113.7");
  world->sim->filter = hold;
  world->sim->filter_data = world;
  fuzz_world_begin (world->kind, world->host);
}

/* ---- what the peer could make ---- */

/* The victim's youngest IKE SA that has keys. */
static IkeParent *
find_parent (World *world)
{
  IkeCore *core = &((Inside *) world->host[world->victim]->engine)->core;
  GHashTableIter iter;
  gpointer value;
  IkeParent *found = NULL;

  g_hash_table_iter_init (&iter, core->parents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IkeParent *parent = value;

      if (parent->keys.all && parent->state != IKE_PARENT_CLOSED && (!found || parent->serial > found->serial))
        found = parent;
    }
  return found;
}

static void
send_as_peer (World *world, const IkeParent *parent, GBytes *data)
{
  IkeEndpoint from = parent->path.remote, to = parent->path.local;
  const SimHost *victim = world->host[world->victim];

  /* before its NAT */
  if (victim->nat.family != IKE_FAMILY_NONE && victim->nat_ports[to.port == 4500])
    {
      to.port = victim->nat_ports[to.port == 4500];
      to.address = victim->nat;
    }
  sim_send (world->sim, &from, &to, parent->path.transport == IKE_TRANSPORT_NATT, data, 0);
  sim_run (world->sim, 2 * IKE_MILLISECOND);
}

static void
seal_and_send (World *world, const IkeParent *parent, const IkeHeader *header, guint8 first, IkeChunk inner)
{
  g_autoptr (GPtrArray) datagrams =
      ike_sk_seal (&world->sim->crypto.table, &parent->keys, !parent->initiator, header, first, inner, &world->iv, 0);

  if (datagrams)
    send_as_peer (world, parent, datagrams->pdata[0]);
}

static void
send_inner (World *world)
{
  const IkeParent *parent = find_parent (world);
  guint8 exchange = ike_read_u8 (&world->reader), flags = ike_read_u8 (&world->reader);
  guint8 id = ike_read_u8 (&world->reader), first = ike_read_u8 (&world->reader);
  IkeReader inside = ike_read_sub (&world->reader, ike_read_u16 (&world->reader));
  IkeHeader header = { .version = IKE_VERSION_2 };
  gboolean response = (flags & 1) != 0;

  if (!ike_reader_ok (&world->reader) || !parent)
    return;
  header.spi_i = parent->spi_i;
  header.spi_r = parent->spi_r;
  header.exchange = exchange;
  header.flags = (guint8) ((response ? IKE_FLAG_RESPONSE : 0) | (parent->initiator ? 0 : IKE_FLAG_INITIATOR));
  /* RFC 6311's has id 0 at any time */
  header.message_id = id == 255 ? 0 : (response ? parent->window.next : parent->window.expected) + id;
  seal_and_send (world, parent, &header, first, ike_read_rest (&inside));
}

static void
send_raw (World *world)
{
  guint8 flags = ike_read_u8 (&world->reader);
  IkeReader inside = ike_read_sub (&world->reader, ike_read_u16 (&world->reader));
  IkeChunk octets = ike_read_rest (&inside);
  const IkeParent *parent = find_parent (world);
  g_autofree guint8 *copy = NULL;
  g_autofree char *before = NULL, *after = NULL;
  SimHost *victim = world->host[world->victim], *peer = world->host[!world->victim];
  IkePath path = { IKE_TRANSPORT_UDP, { victim->address, 500 }, { peer->address, 500 } };
  IkeInput *input;

  if (!ike_reader_ok (&world->reader))
    return;
  copy = g_memdup2 (octets.data, octets.len);
  if (flags & 1 && parent && octets.len >= 16)
    {
      guint64 spis[2] = { GUINT64_TO_BE (parent->spi_i), GUINT64_TO_BE (parent->spi_r) };

      memcpy (copy, spis, sizeof spis);
    }
  input = g_new0 (IkeInput, 1);
  input->type = IKE_INPUT_DATAGRAM;
  input->path = path;
  input->datagram = copy;
  input->datagram_len = octets.len;
  before = state_of (victim);
  sim_feed (victim, input);
  after = state_of (victim);
  g_assert_cmpstr (before, ==, after);
}

/* The next packet to the victim, with changes inside. */
static void
change (World *world)
{
  guint16 place = (guint16) ike_read_u16 (&world->reader);
  guint8 value = ike_read_u8 (&world->reader), n = ike_read_u8 (&world->reader) & 15;
  const IkeParent *parent = find_parent (world);
  SimPacket *packet = g_queue_pop_head (&world->held);
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);
  g_auto (IkeSkOpened) opened = { 0 };
  g_autofree guint8 *copy = NULL;
  gsize len;

  if (!packet)
    return;
  copy = g_memdup2 (g_bytes_get_data (packet->data, &len), g_bytes_get_size (packet->data));
  if (parent && ike_message_parse (ike_chunk_bytes (packet->data), message) == IKE_PARSE_OK && message->payloads.n &&
      message->payloads.at[0].type == IKE_PAYLOAD_SK &&
      ike_sk_open (&opened, &world->sim->crypto.table, &parent->keys, !parent->initiator,
                   ike_chunk_bytes (packet->data), &message->payloads.at[0]) == IKE_SK_OK &&
      ike_secret_chunk (opened.inner).len)
    {
      guint8 *inner = ike_secret_data (opened.inner);

      for (guint i = 0; i <= n; i++)
        inner[(place + i * 7u) % ike_secret_chunk (opened.inner).len] ^= (guint8) (value + i);
      seal_and_send (world, parent, &message->header, opened.first_inner, ike_secret_chunk (opened.inner));
      sim_packet_free (packet);
      return;
    }
  if (len)
    copy[place % len] ^= value;
  g_bytes_unref (packet->data);
  packet->data = g_bytes_new (copy, len);
  arrive (world, packet);
}

/* ---- instructions ---- */

static void
expire (World *world, guint8 what)
{
  SimHost *host = world->host[what & 1];
  const SimSa *sa = sim_kernel_outbound (&host->kernel);

  if (what & 4)
    sim_try_hasten (host, "rekey");
  else if (sa)
    sim_expire (host, sa->spi, (what & 2) != 0);
  sim_run (world->sim, 2 * IKE_MILLISECOND);
}

static void
pass (World *world, guint8 n)
{
  static const IkeTime durations[] = {
    IKE_MILLISECOND, 600 * IKE_MILLISECOND, 2 * IKE_SECOND, 6 * IKE_SECOND, 31 * IKE_SECOND, 90 * IKE_SECOND,
  };

  sim_run (world->sim, durations[n % G_N_ELEMENTS (durations)]);
}

static void
again (World *world)
{
  SimPacket *packet = g_queue_peek_head (&world->held), *copy;

  if (!packet)
    return;
  copy = g_new0 (SimPacket, 1);
  *copy = *packet;
  copy->data = g_bytes_ref (packet->data);
  arrive (world, copy);
}

static void
reboot (World *world)
{
  guint peer = !world->victim;
  static const char *const names[] = { "client", "gateway" };
  static const IkeRole roles[] = { IKE_ROLE_INITIATOR, IKE_ROLE_RESPONDER };

  sim_reboot (world->host[peer], sim_config (world->sim, names[peer], roles[peer]));
  world->numbers[peer] = 0;
  fuzz_world_begin (world->kind, world->host);
}

static void
refuse_jobs (SimHost *host, guint8 what)
{
  static const char *const wrong[] = { "battery staple", NULL }, *const right[] = { "correct horse", NULL };

  host->ke_fails = (what & 1) != 0;
  host->refuse_sign = (what & 2) != 0;
  host->verify_says = what & 4 ? IKE_REASON_CERT_REVOKED : IKE_REASON_NONE;
  host->psk = what & 8 ? NULL : "a shared key of some length";
  host->passwords = what & 16 ? wrong : right;
  host->pool_size = what & 32 ? 1 : 0;
  for (guint i = 0; i < G_N_ELEMENTS (host->job_time); i++)
    host->job_time[i] = what & 64 ? 700 * IKE_MILLISECOND : IKE_MILLISECOND / 5;
}

static void
end_wait (World *world, guint8 what)
{
  static const char *const timers[] = { "rekey", "reauth", "liveness", "expire", "child", "doubt", "linger", "task" };

  sim_try_hasten (world->host[what & 1], timers[(what >> 1) % G_N_ELEMENTS (timers)]);
  sim_run (world->sim, 2 * IKE_MILLISECOND);
}

/* What comes neither from the network nor as an answer. */
static void
tell (World *world)
{
  static const IkeInputType types[] = {
    IKE_INPUT_UNREACHABLE, IKE_INPUT_ACQUIRE,   IKE_INPUT_MAPPING, IKE_INPUT_NO_PATH, IKE_INPUT_CHECK,
    IKE_INPUT_REDIRECT,    IKE_INPUT_ELSEWHERE, IKE_INPUT_PROBE,   IKE_INPUT_CLOGGED, IKE_INPUT_OWN_ADDRESSES,
  };
  IkeInputType type = types[ike_read_u8 (&world->reader) % G_N_ELEMENTS (types)];
  guint8 what = ike_read_u8 (&world->reader);
  SimHost *host = world->host[what & 1], *other = world->host[!(what & 1)];
  const SimSa *sa = sim_kernel_outbound (&host->kernel);
  g_autofree char *before = state_of (host), *after = NULL;
  IkeInput *input;

  if (host->downs && type != IKE_INPUT_UNREACHABLE)
    return;
  input = g_new0 (IkeInput, 1);
  input->type = type;
  input->connection = host->id;
  input->ok = (what & 2) != 0;
  input->number = type == IKE_INPUT_PROBE ? 560 + 16u * (what >> 2) : 0;
  input->path = (IkePath){ what & 4 ? IKE_TRANSPORT_NATT : IKE_TRANSPORT_UDP,
                           { host->address, what & 4 ? 4500 : 500 },
                           { other->address, what & 4 ? 4500 : 500 } };
  input->text = type == IKE_INPUT_UNREACHABLE ? "Connection refused" : input->ok ? "gateway.example" : NULL;
  if (type == IKE_INPUT_OWN_ADDRESSES && input->ok)
    input->text = "127.0.0.1 198.51.100.1 2001:db8::1 198.51.100.2 nothing";
  if (type == IKE_INPUT_MAPPING)
    {
      input->spi = sa ? sa->spi : what;
      input->path.remote.port = 1024 + what;
    }
  sim_feed (host, input);
  after = state_of (host);
  g_assert_true (type != IKE_INPUT_UNREACHABLE || g_str_equal (before, after));
  sim_run (world->sim, 2 * IKE_MILLISECOND);
}

static void
do_op (World *world, Op op)
{
  SimHost *victim = world->host[world->victim];
  guint8 n;

  switch (op)
    {
    case OP_LET_GO:
      n = ike_read_u8 (&world->reader) & 15;
      for (guint i = 0; i <= n && next_arrives (world); i++)
        ;
      return;
    case OP_CHANGE:
      change (world);
      return;
    case OP_INNER:
      send_inner (world);
      return;
    case OP_RAW:
      send_raw (world);
      return;
    case OP_TIME:
      pass (world, ike_read_u8 (&world->reader));
      return;
    case OP_EXPIRE:
      expire (world, ike_read_u8 (&world->reader));
      return;
    case OP_KERNEL:
      n = ike_read_u8 (&world->reader);
      victim->kernel.refuse_install = n & 1 ? 12 : 0;
      victim->kernel.refuse_spi = n & 2 ? 12 : 0;
      return;
    case OP_LOSE:
      if (!g_queue_is_empty (&world->held))
        sim_packet_free (g_queue_pop_head (&world->held));
      return;
    case OP_MOVE:
      n = ike_read_u8 (&world->reader);
      if (!world->host[0]->downs && fuzz_world_is_tcp (world->kind))
        sim_tcp_stands (world->host[0], world->host[1], IKE_INPUT_PATH, FUZZ_TCP_PORT + 1 + (n & 1));
      else if (!world->host[0]->downs && !fuzz_world_is_mesh (world->kind))
        sim_move (world->host[0], n & 1 ? "192.0.2.77" : "192.0.2.78");
      return;
    case OP_STOP:
      if (!victim->downs)
        sim_stop (victim);
      return;
    case OP_AGAIN:
      again (world);
      return;
    case OP_LATER:
      if (!g_queue_is_empty (&world->held))
        g_queue_push_tail (&world->held, g_queue_pop_head (&world->held));
      return;
    case OP_REBOOT:
      reboot (world);
      return;
    case OP_JOB:
      refuse_jobs (victim, ike_read_u8 (&world->reader));
      return;
    case OP_TIMER:
      end_wait (world, ike_read_u8 (&world->reader));
      return;
    case OP_TELL:
      tell (world);
      return;
    case N_OPS:
      return;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  World world;

  if (size < 4)
    return 0;
  world_init (&world, (FuzzWorld){ data[0], data[1], data[2] });
  world.reader = ike_reader (ike_chunk (data + 3, size - 3));
  for (guint i = 0; i < MOST_OPS && ike_reader_left (&world.reader); i++)
    do_op (&world, (Op) (ike_read_u8 (&world.reader) % N_OPS));
  /* what follows is nobody's attack; the network is gone, everything must end by itself */
  while (!g_queue_is_empty (&world.held))
    sim_packet_free (g_queue_pop_head (&world.held));
  for (guint i = 0; i < 2; i++)
    {
      world.host[i]->kernel.refuse_install = world.host[i]->kernel.refuse_spi = 0;
      world.host[i]->downs = 0;
    }
  world.sim->filter = NULL;
  world.sim->loss = 100;
  sim_end (world.sim);
  g_hash_table_unref (world.sent);
  return 0;
}
