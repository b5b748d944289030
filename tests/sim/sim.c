/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time and the network between the hosts. */
#include "sim-capture.h"
#include "sim-internal.h"
#include "sim-record.h"

#include "secret-count.h"
#include "wire/header.h"

#include <errno.h>

guint
sim_count_said (const Sim *sim, const char *words)
{
  guint n = 0;

  for (const char *at = sim->transcript->str; (at = strstr (at, words)); at += strlen (words))
    n++;
  return n;
}

void
sim_note (Sim *sim, const char *format, ...)
{
  va_list args;

  if (sim->quiet)
    return;
  g_string_append_printf (sim->transcript, "%10.6f  ", (double) sim->now / IKE_SECOND);
  va_start (args, format);
  g_string_append_vprintf (sim->transcript, format, args);
  va_end (args);
  g_string_append_c (sim->transcript, '\n');
}

void
sim_fail (Sim *sim, const char *file, int line, const char *what)
{
  g_autofree char *message = g_strdup_printf ("%s: seed %" G_GUINT64_FORMAT, what, sim->seed);

  g_printerr ("%s\n", sim->transcript->str);
  g_assertion_message (G_LOG_DOMAIN, file, line, G_STRFUNC, message);
  abort ();
}

IkeAddress
sim_address (const char *text)
{
  IkeAddress address;

  g_assert (ike_address_from_string (text, &address));
  return address;
}

Sim *
sim_new (guint64 seed)
{
  Sim *sim = g_new0 (Sim, 1);

  sim->seed = seed;
  sim_crypto_init (&sim->crypto, seed);
  sim->now = 1000 * IKE_SECOND;
  g_queue_init (&sim->events);
  sim->hosts = g_ptr_array_new ();
  sim->transcript = g_string_new (NULL);
  sim->latency = 10 * IKE_MILLISECOND;
  return sim;
}

/* ---- events ---- */

void
sim_packet_free (SimPacket *packet)
{
  g_bytes_unref (packet->data);
  g_free (packet);
}

static void
event_free (Sim *sim, SimEvent *event)
{
  if (event->packet)
    sim_packet_free (event->packet);
  if (event->input)
    {
      ike_input_clear (&sim->crypto.table, event->input);
      g_free (event->input);
    }
  ike_secret_free (event->key);
  g_free (event);
}

void
sim_post (Sim *sim, SimEvent *take_event)
{
  GList *l = sim->events.tail;

  while (l && ((SimEvent *) l->data)->at > take_event->at)
    l = l->prev;
  if (l)
    g_queue_insert_after (&sim->events, l, take_event);
  else
    g_queue_push_head (&sim->events, take_event);
}

void
sim_post_input (SimHost *host, IkeInput *take_input, IkeTime delay)
{
  SimEvent *event = g_new0 (SimEvent, 1);

  event->type = SIM_EVENT_INPUT;
  event->at = host->sim->now + delay;
  event->host = host;
  event->input = take_input;
  sim_post (host->sim, event);
}

/* ---- the link ---- */

static gboolean
percent (Sim *sim, guint chance)
{
  return chance && (guint) g_rand_int_range (sim->crypto.rand, 0, 100) < chance;
}

static void
note_packet (Sim *sim, const char *what, const SimPacket *packet)
{
  if (sim->quiet)
    return;

  g_autofree char *from = ike_endpoint_to_string (&packet->from);
  g_autofree char *to = ike_endpoint_to_string (&packet->to);
  IkeChunk chunk = ike_chunk_bytes (packet->data);
  IkeReader reader = ike_reader (chunk);
  IkeHeader header;

  if (ike_header_parse (&reader, &header))
    sim_note (sim, "%s %s -> %s  %s %s %u  %zu octets", what, from, to, IKE_NAME (EXCHANGE, header.exchange),
              header.flags & IKE_FLAG_RESPONSE ? "answer" : "request", header.message_id, chunk.len);
  else
    sim_note (sim, "%s %s -> %s  %zu octets", what, from, to, chunk.len);
}

void
sim_send (Sim *sim, const IkeEndpoint *from, const IkeEndpoint *to, gboolean natt, GBytes *data, IkeTime delay)
{
  SimEvent *event = g_new0 (SimEvent, 1);

  event->type = SIM_EVENT_PACKET;
  event->at = sim->now + delay;
  event->packet = g_new0 (SimPacket, 1);
  event->packet->from = *from;
  event->packet->to = *to;
  event->packet->natt = natt;
  event->packet->data = g_bytes_ref (data);
  sim_post (sim, event);
}

static IkeTime
delay_now (Sim *sim)
{
  return sim->latency + (sim->jitter ? g_rand_int_range (sim->crypto.rand, 0, (gint32) sim->jitter) : 0);
}

static gboolean
is_too_long (const Sim *sim, const SimPacket *packet)
{
  return sim->mtu && g_bytes_get_size (packet->data) + (packet->natt ? 32 : 28) > sim->mtu &&
         !(sim->fragments && packet->pieces == IKE_PIECES_MANY);
}

void
sim_transmit (SimHost *host, const IkePath *path, GBytes *data, IkePieces pieces)
{
  Sim *sim = host->sim;
  SimPacket packet = { path->local, path->remote, path->transport == IKE_TRANSPORT_NATT, pieces, g_bytes_ref (data) };
  SimVerdict verdict = SIM_PASS;

  host->sent++;
  sim_capture_datagram (data);
  if (!ike_address_equal (&path->local.address, &host->address) &&
      !ike_address_equal (&path->local.address, &host->second))
    {
      sim_assert (sim, sim->roaming);
      verdict = SIM_DROP;
    }
  /* the marker and the ports belong together, but for a NAT's ports on the way back */
  sim_assert (sim, packet.natt == (path->local.port == 4500));
  sim_nat_out (host, &packet.from, &packet.to);
  if (sim->filter && verdict == SIM_PASS)
    verdict = sim->filter (sim, &packet, sim->filter_data);
  if (host->off || sim_is_dead (host, &path->local.address) || is_too_long (sim, &packet) || verdict == SIM_DROP ||
      percent (sim, sim->loss))
    note_packet (sim, "lost", &packet);
  else
    {
      note_packet (sim, "sent", &packet);
      sim_send (sim, &packet.from, &packet.to, packet.natt, packet.data, delay_now (sim));
      if (percent (sim, sim->duplicates))
        sim_send (sim, &packet.from, &packet.to, packet.natt, packet.data, delay_now (sim));
    }
  g_bytes_unref (packet.data);
}

/* The host that owns an address, seen from outside; *to becomes what it is behind its NAT. */
static SimHost *
find_host (Sim *sim, const IkeEndpoint *from, IkeEndpoint *to)
{
  for (guint i = 0; i < sim->hosts->len; i++)
    {
      SimHost *host = sim->hosts->pdata[i];

      if (host->nat.family != IKE_FAMILY_NONE)
        {
          if (sim_nat_in (host, from, to))
            return host;
        }
      else if (ike_address_equal (&host->address, &to->address) || ike_address_equal (&host->second, &to->address))
        return sim_is_dead (host, &to->address) ? NULL : host;
    }
  return NULL;
}

static void
refuse_packet (Sim *sim, const SimPacket *packet, const IkeEndpoint *to)
{
  IkeEndpoint from = packet->from;
  SimHost *sender = find_host (sim, to, &from);
  IkeInput *input;

  if (!sender || !sender->engine)
    return;
  input = g_new0 (IkeInput, 1);
  input->type = IKE_INPUT_UNREACHABLE;
  input->path.local = from;
  input->path.remote = *to;
  input->text = "Connection refused";
  sim_post_input (sender, input, sim->latency);
}

static void
deliver (Sim *sim, const SimPacket *packet)
{
  IkeEndpoint to = packet->to;
  SimHost *host = find_host (sim, &packet->from, &to);

  if (!host || host->off || host->asleep)
    return;
  if (host->closed)
    {
      refuse_packet (sim, packet, &packet->to);
      return;
    }
  if (host->script)
    {
      SimPacket inside = *packet;

      inside.to = to;
      host->script (host, &inside, host->script_data);
      return;
    }
  if (host->engine)
    {
      IkeInput *input = g_new0 (IkeInput, 1);

      input->type = IKE_INPUT_DATAGRAM;
      input->path.transport = to.port == SIM_TCP_PORT || packet->from.port == SIM_TCP_PORT ? IKE_TRANSPORT_TCP
                              : to.port == 4500 ? IKE_TRANSPORT_NATT
                                                : IKE_TRANSPORT_UDP;
      input->path.local = to;
      input->path.remote = packet->from;
      input->datagram = g_bytes_get_data (packet->data, &input->datagram_len);
      sim_feed (host, input);
    }
}

/* ---- pings: what the kernels would do with a packet now ---- */

#define PING_LEN 84 /* octets */

static void
ping_arrives (Sim *sim, SimEvent *event)
{
  SimSa *in = sim_kernel_find (&event->peer->kernel, event->spi, FALSE);

  if (in && !event->peer->off && !in->larval && ike_secret_equal (in->encr, event->key) &&
      sim_carry (event->peer, in, PING_LEN, 1))
    {
      sim->pongs++;
      event->peer->kernel.bytes_in += PING_LEN;
    }
  else
    sim_note (sim, "a ping of %s with SPI %08x is lost", event->host->name, event->spi);
}

static void
ping_leaves (Sim *sim, SimEvent *event)
{
  SimSa *out = sim_kernel_outbound (&event->host->kernel);
  g_autoptr (IkeSecret) key = out ? ike_secret_copy (out->encr) : NULL;
  const guint32 spi = out ? out->spi : 0;
  gboolean dead = out && (sim_is_dead (event->peer, &out->path.remote.address) ||
                          sim_is_dead (event->host, &out->path.local.address));
  SimEvent *next;

  sim->pings++;
  if (!event->host->kernel.policies->len)
    {
      event->host->leaks++;
      sim_note (sim, "a ping of %s leaves in the clear", event->host->name);
    }
  if (out && !event->host->off && sim_carry (event->host, out, PING_LEN, 1))
    event->host->kernel.bytes_out += PING_LEN;
  else
    dead = TRUE;
  if (!dead)
    {
      next = g_new0 (SimEvent, 1);
      *next = (SimEvent){ .type = SIM_EVENT_PING, .at = sim->now + sim->latency, .spi = spi };
      next->host = event->host;
      next->peer = event->peer;
      next->key = g_steal_pointer (&key);
      sim_post (sim, next);
    }
  else
    sim_note (sim, "a ping of %s leads nowhere", event->host->name);
  if (sim->now + event->interval > event->until)
    return;
  next = g_new0 (SimEvent, 1);
  *next = *event;
  next->at = sim->now + event->interval;
  sim_post (sim, next);
}

void
sim_ping (SimHost *a, SimHost *b, IkeTime interval, IkeTime duration)
{
  for (guint i = 0; i < 2; i++)
    {
      SimEvent *event = g_new0 (SimEvent, 1);

      event->type = SIM_EVENT_PING;
      event->at = a->sim->now;
      event->host = i ? b : a;
      event->peer = i ? a : b;
      event->interval = interval;
      event->until = a->sim->now + duration;
      sim_post (a->sim, event);
    }
}

/* ---- time ---- */

static SimHost *
earliest_timer (Sim *sim, IkeTime *ret_at)
{
  SimHost *earliest = NULL;

  *ret_at = IKE_TIME_NEVER;
  for (guint i = 0; i < sim->hosts->len; i++)
    {
      SimHost *host = sim->hosts->pdata[i];
      IkeTime at = host->engine && !host->asleep ? ike_engine_deadline (host->engine, NULL) : IKE_TIME_NEVER;

      if (at != IKE_TIME_NEVER)
        at -= host->ahead;
      if (at < *ret_at)
        {
          *ret_at = at;
          earliest = host;
        }
    }
  return earliest;
}

/* A kernel's clock goes on while it sleeps, but it tells of it only later. */
static void
expire (SimEvent *event)
{
  SimHost *host = event->host;
  const SimSa *sa = NULL;
  SimEvent *later;

  for (guint i = 0; i < host->kernel.sas->len; i++)
    if (((SimSa *) host->kernel.sas->pdata[i])->order == event->order)
      sa = host->kernel.sas->pdata[i];
  if (!sa)
    return;
  if (!host->asleep)
    {
      sim_expire (host, sa->spi, TRUE);
      return;
    }
  later = g_new0 (SimEvent, 1);
  *later = *event;
  later->at += 60 * IKE_SECOND;
  sim_post (host->sim, later);
}

void
sim_forget (SimHost *host)
{
  Sim *sim = host->sim;
  IkeInput *input;

  for (GList *l = sim->events.head, *next; l; l = next)
    {
      SimEvent *event = l->data;

      next = l->next;
      if ((event->type != SIM_EVENT_INPUT && event->type != SIM_EVENT_EXPIRE) || event->host != host)
        continue;
      g_queue_delete_link (&sim->events, l);
      event_free (sim, event);
    }
  while ((input = g_queue_pop_head (&host->missed)))
    {
      ike_input_clear (&sim->crypto.table, input);
      g_free (input);
    }
}

static void
do_event (Sim *sim, SimEvent *event)
{
  switch (event->type)
    {
    case SIM_EVENT_PACKET:
      deliver (sim, event->packet);
      break;
    case SIM_EVENT_INPUT:
      if (event->host->asleep)
        g_queue_push_tail (&event->host->missed, g_steal_pointer (&event->input));
      else
        sim_feed (event->host, g_steal_pointer (&event->input));
      break;
    case SIM_EVENT_EXPIRE:
      expire (event);
      break;
    case SIM_EVENT_PING:
      if (event->key)
        ping_arrives (sim, event);
      else
        ping_leaves (sim, event);
      break;
    }
  event_free (sim, event);
}

/* The next thing that happens, if that is not after @until. */
static gboolean
step (Sim *sim, IkeTime until)
{
  SimEvent *event = g_queue_peek_head (&sim->events);
  IkeTime timer_at;
  SimHost *host = earliest_timer (sim, &timer_at);

  if (event && event->at <= timer_at)
    {
      if (event->at > until)
        return FALSE;
      g_queue_pop_head (&sim->events);
      sim->now = MAX (sim->now, event->at);
      do_event (sim, event);
      return TRUE;
    }
  if (!host || timer_at > until)
    return FALSE;
  IkeInput *tick = g_new0 (IkeInput, 1);

  sim->now = MAX (sim->now, timer_at);
  tick->type = IKE_INPUT_TICK;
  sim_feed (host, tick);
  return TRUE;
}

void
sim_run (Sim *sim, IkeTime duration)
{
  IkeTime until = sim->now + duration;

  while (step (sim, until))
    ;
  sim->now = until;
}

gboolean
sim_run_until (Sim *sim, SimCondition condition, gpointer data, IkeTime patience)
{
  IkeTime until = sim->now + patience;

  while (!condition (sim, data))
    if (!step (sim, until))
      {
        sim->now = MAX (sim->now, until);
        return FALSE;
      }
  return TRUE;
}

gboolean
sim_is_up (Sim *sim, gpointer data)
{
  const SimHost *host = data;

  return host->ups > 0;
}

gboolean
sim_is_down (Sim *sim, gpointer data)
{
  const SimHost *host = data;

  return host->downs > 0;
}

void
sim_connect (Sim *sim, SimHost *client, SimHost *gateway)
{
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 100 * IKE_SECOND));
  sim_assert (sim, sim_run_until (sim, sim_is_up, gateway, 100 * IKE_SECOND));
  sim_assert_agree (client, gateway, 1);
}

/* ---- the end ---- */

void
sim_assert_agree_at (SimHost *a, SimHost *b, guint n, const char *file, int line)
{
  Sim *sim = a->sim;
  gboolean agree = sim_kernel_count (&a->kernel, TRUE) == n && sim_kernel_count (&b->kernel, TRUE) == n &&
                   sim_kernel_count (&a->kernel, FALSE) == n && sim_kernel_count (&b->kernel, FALSE) == n &&
                   !sim_kernel_larval (&a->kernel) && !sim_kernel_larval (&b->kernel) && a->kernel.policies->len == n &&
                   b->kernel.policies->len == n;

  for (guint side = 0; side < 2 && agree; side++)
    {
      const SimKernel *from = side ? &b->kernel : &a->kernel, *to = side ? &a->kernel : &b->kernel;

      for (guint i = 0; i < from->sas->len; i++)
        {
          const SimSa *out = from->sas->pdata[i];
          const SimSa *in = out->out ? sim_kernel_find (to, out->spi, FALSE) : NULL;

          if (out->out && (!in || !sim_sa_matches (out, in)))
            agree = FALSE;
        }
      agree = agree && sim_kernel_is_whole (from);
    }
  if (agree)
    return;
  for (guint side = 0; side < 2; side++)
    {
      const SimHost *host = side ? b : a;

      for (guint i = 0; i < host->kernel.sas->len; i++)
        {
          const SimSa *sa = host->kernel.sas->pdata[i];

          sim_note (sim, "%s has %s%s %08x child %u encap %d", host->name, sa->larval ? "larval " : "",
                    sa->out ? "out" : "in", sa->spi, sa->child, sa->encap);
        }
      sim_note (sim, "%s has %u policies", host->name, host->kernel.policies->len);
    }
  sim_fail (sim, file, line, "the kernels agree");
}

static gboolean
is_quiet (Sim *sim, gpointer data)
{
  IkeTime at;

  earliest_timer (sim, &at);
  return g_queue_is_empty (&sim->events) && at == IKE_TIME_NEVER;
}

guint
sim_count_ike (const SimHost *host)
{
  IkeEngineCounts counts;

  ike_engine_get_counts (host->engine, &counts);
  return counts.ike_sas;
}

static void
host_free (Sim *sim, SimHost *host)
{
  IkeEngineCounts counts;

  if (host->engine)
    {
      ike_engine_get_counts (host->engine, &counts);
      if (counts.ike_sas || counts.child_sas || counts.half_open || counts.pending_jobs)
        {
          sim_note (sim, "%s still has %u IKE SAs, %u Child SAs, %u half-open, %u jobs", host->name, counts.ike_sas,
                    counts.child_sas, counts.half_open, counts.pending_jobs);
          sim_fail (sim, __FILE__, __LINE__, "nothing is left in the engine");
        }
      sim_assert (sim, host->kernel.sas->len == 0);
      sim_assert (sim, host->kernel.policies->len == 0);
      sim_engine_free (host);
    }
  if (host->config)
    ike_config_free (host->config);
  g_clear_pointer (&host->peer_status, g_ptr_array_unref);
  sim_kernel_clear (&host->kernel);
  sim_assert (sim, g_hash_table_size (host->leases) == 0);
  g_hash_table_unref (host->leases);
  g_free (host->secret_message);
  g_free (host->ppk_asked);
  ike_reason_clear (&host->reason);
  if (host->configured)
    {
      IkeOutput *output = g_new0 (IkeOutput, 1);

      output->type = IKE_OUTPUT_UP;
      output->configured = host->configured;
      ike_output_free (output);
    }
  g_free (host);
}

void
sim_end (Sim *sim)
{
  for (guint i = 0; i < sim->hosts->len; i++)
    {
      SimHost *host = sim->hosts->pdata[i];

      if (host->engine && !host->config)
        sim_stop (host);
      sim_run (sim, 3 * IKE_SECOND);
    }
  sim_assert (sim, sim_run_until (sim, is_quiet, NULL, 3600 * IKE_SECOND));
  for (guint i = 0; i < sim->hosts->len; i++)
    {
      SimHost *host = sim->hosts->pdata[i];

      if (host->script)
        host->script (host, NULL, host->script_data);
    }
  sim_assert (sim, secret_count_live () == sim->config_secrets);
  for (guint i = 0; i < sim->hosts->len; i++)
    host_free (sim, sim->hosts->pdata[i]);
  g_ptr_array_unref (sim->hosts);
  if (g_test_verbose ())
    g_test_message ("%s", sim->transcript->str);
  g_string_free (sim->transcript, TRUE);
  sim_crypto_clear (&sim->crypto);
  g_free (sim);
}
