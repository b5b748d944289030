/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows larger than one, in both directions: RFC 7296 sections 2.1 and 2.3. */
#include "sim-internal.h"
#include "sim-peer.h"

#include "sa/window.h"
#include "wire/payload-sa.h"

#define CHILD_SPI 0xaaaa0001u
#define N_NETS 6

/* ---- what the scripted peer sees ---- */

typedef struct {
  guint32 id;
  GBytes *chain; /* the request's payloads */
  guint8 first;
} Request;

static GArray *requests; /* Request, CREATE_CHILD_SA that were not answered */
static guint answers[32]; /* by message id */
static guint created, most, repeated;
static gint lost; /* so many requests are not seen */

static void
request_clear (gpointer data)
{
  g_bytes_unref (((Request *) data)->chain);
}

static gboolean
is_known (guint32 id)
{
  for (guint i = 0; i < requests->len; i++)
    if (g_array_index (requests, Request, i).id == id)
      return TRUE;
  return FALSE;
}

static gboolean
on_other (SimPeer *peer, const IkeHeader *header, const IkePayloads *payloads)
{
  g_auto (IkeBuilder) builder = { 0 };
  Request request = { .id = header->message_id, .first = payloads->at[0].type };

  if (header->flags & IKE_FLAG_RESPONSE)
    {
      if (header->message_id < G_N_ELEMENTS (answers))
        answers[header->message_id]++;
      return TRUE;
    }
  ike_builder_init_inner (&builder);
  if (header->exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
    {
      sim_peer_send (peer, IKE_EXCHANGE_INFORMATIONAL, TRUE, header->message_id, &builder);
      return TRUE;
    }
  if (lost-- > 0)
    return TRUE;
  if (is_known (header->message_id))
    {
      repeated++;
      return TRUE;
    }
  for (guint i = 0; i < payloads->n; i++)
    ike_builder_add (&builder, payloads->at[i].type, payloads->at[i].body);
  request.chain = ike_builder_finish (&builder);
  g_array_append_val (requests, request);
  most = MAX (most, requests->len);
  return TRUE;
}

/* The newest first. */
static void
answer_one (SimPeer *peer)
{
  Request *request = &g_array_index (requests, Request, requests->len - 1);
  g_autofree IkePayloads *payloads = g_new0 (IkePayloads, 1);

  sim_assert (peer->sim,
              ike_payloads_parse (request->first, ike_chunk_bytes (request->chain), payloads) == IKE_PARSE_OK);
  sim_peer_answer_child (peer, request->id, payloads, CHILD_SPI + created++);
  g_array_set_size (requests, requests->len - 1);
}

/* ---- ours ---- */

static SimPeer *
connected (Sim *sim, SimHost **ret_host, guint window, guint nets)
{
  SimHost *host = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);

  requests = g_array_new (FALSE, FALSE, sizeof (Request));
  g_array_set_clear_func (requests, request_clear);
  created = most = repeated = 0;
  lost = 0;
  peer->on_other = on_other;
  peer->window = window;
  peer->ts_first = "10.1.0.0";
  peer->ts_last = "10.1.255.255";
  host->config->role = IKE_ROLE_PEER;
  host->config->child.pfs = FALSE;
  for (guint i = 0; i < nets; i++)
    {
      g_autofree char *first = g_strdup_printf ("10.%u.0.0", 100 + i);
      g_autofree char *last = g_strdup_printf ("10.%u.255.255", 100 + i);
      IkeSelector *selector = g_new0 (IkeSelector, 1);

      selector->first = sim_address (first);
      selector->last = sim_address (last);
      selector->port_last = 65535;
      g_ptr_array_add (host->config->child.local_ts, selector);
    }
  *ret_host = host;
  sim_start (host);
  return peer;
}

static void
finish (Sim *sim, SimPeer *peer)
{
  sim_end (sim);
  sim_peer_free (peer);
  g_array_unref (requests);
}

/* As many as the other end permits, and as we want, are under way at once; their answers may come in any order. */
static void
test_ours (void)
{
  static const struct {
    guint window, most;
  } rows[] = { { 0, 1 }, { 1, 1 }, { 2, 2 }, { 4, IKE_WINDOW }, { 1000000, IKE_WINDOW } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Sim *sim = sim_new (900 + i);
      SimHost *host;
      SimPeer *peer = connected (sim, &host, rows[i].window, N_NETS);

      while (created < N_NETS)
        {
          sim_run (sim, 300 * IKE_MILLISECOND);
          sim_assert (sim, requests->len == MIN (rows[i].most, N_NETS - created));
          while (requests->len)
            answer_one (peer);
        }
      sim_run (sim, IKE_SECOND);
      sim_assert (sim, most == rows[i].most && !repeated && !host->downs && requests->len == 0);
      sim_assert (sim, sim_kernel_count (&host->kernel, TRUE) == N_NETS + 1);
      finish (sim, peer);
    }
}

/* The first is lost: what is beyond the window waits for it, and each is repeated by itself. */
static void
test_ours_lost (void)
{
  Sim *sim = sim_new (910);
  SimHost *host;
  SimPeer *peer = connected (sim, &host, 2, N_NETS);
  guint32 second;

  lost = 1;
  sim_run (sim, 300 * IKE_MILLISECOND);
  sim_assert (sim, requests->len == 1); /* the second */
  second = g_array_index (requests, Request, 0).id;
  answer_one (peer);
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_assert (sim, requests->len == 0); /* the third has to wait for the first */
  sim_run (sim, IKE_SECOND);
  sim_assert (sim, requests->len == 1 && g_array_index (requests, Request, 0).id == second - 1);
  while (created < N_NETS)
    {
      answer_one (peer);
      sim_run (sim, 300 * IKE_MILLISECOND);
    }
  sim_assert (sim, !host->downs && sim_kernel_count (&host->kernel, TRUE) == N_NETS + 1);
  finish (sim, peer);
}

/* Nobody answers: one farewell, one reason, nothing left. */
static void
test_ours_dead (void)
{
  Sim *sim = sim_new (911);
  SimHost *host;
  SimPeer *peer = connected (sim, &host, 4, N_NETS);

  sim_run (sim, 200 * IKE_SECOND);
  sim_assert (sim, host->downs == 1 && most == 4 && repeated > 4);
  sim_assert_reason (sim, host, PEER_DEAD);
  finish (sim, peer);
}

/* ---- the peer's ---- */

static void
write_request (SimPeer *peer, guint32 id, gboolean child)
{
  static const guint8 nonce[32] = { 1 };
  g_auto (IkeBuilder) builder = { 0 };

  peer->next_id = id;
  ike_builder_init_inner (&builder);
  if (child)
    {
      g_autoptr (GPtrArray) proposals = ike_proposals_default (&peer->sim->crypto.table, IKE_PROTOCOL_ESP, FALSE);
      guint32 spi = GUINT32_TO_BE (CHILD_SPI + id);

      ike_sa_write (ike_builder_begin (&builder, IKE_PAYLOAD_SA), proposals, ike_chunk (&spi, sizeof spi));
      ike_builder_end (&builder);
      ike_builder_add (&builder, IKE_PAYLOAD_NONCE, ike_chunk (nonce, sizeof nonce));
      /* the other way round, as the client offered them */
      ike_builder_add (&builder, IKE_PAYLOAD_TSI, ike_chunk_bytes (peer->tsr));
      ike_builder_add (&builder, IKE_PAYLOAD_TSR, ike_chunk_bytes (peer->tsi));
    }
  sim_peer_request (peer, child ? IKE_EXCHANGE_CREATE_CHILD_SA : IKE_EXCHANGE_INFORMATIONAL, &builder);
}

static SimPeer *
established (Sim *sim, SimHost **ret_host)
{
  SimPeer *peer = connected (sim, ret_host, 0, 0);

  sim_assert (sim, sim_run_until (sim, sim_is_up, *ret_host, IKE_SECOND));
  memset (answers, 0, sizeof answers);
  return peer;
}

/* In any order, each is answered, and again when it comes again, as long as the window holds it. */
static void
test_theirs (void)
{
  static const guint32 order[] = { 3, 1, 0, 2, 4, 7, 6, 5 };
  Sim *sim = sim_new (920);
  SimHost *host;
  SimPeer *peer = established (sim, &host);

  write_request (peer, 4, FALSE);
  sim_run (sim, 100 * IKE_MILLISECOND);
  sim_assert (sim, answers[4] == 0);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      write_request (peer, order[i], FALSE);
      sim_run (sim, 100 * IKE_MILLISECOND);
      sim_assert (sim, answers[order[i]] == 1);
    }
  for (guint32 id = 0; id < 8; id++)
    {
      write_request (peer, id, FALSE);
      sim_run (sim, 100 * IKE_MILLISECOND);
      sim_assert (sim, answers[id] == (id < 4 ? 1 : 2));
    }
  sim_assert (sim, !host->downs);
  finish (sim, peer);
}

/* Three that take time come at once, twice: one after the other, and each once. */
static void
test_theirs_held (void)
{
  Sim *sim = sim_new (921);
  SimHost *host;
  SimPeer *peer = established (sim, &host);

  for (guint i = 0; i < 2; i++)
    for (guint32 id = 0; id < 3; id++)
      write_request (peer, id, TRUE);
  write_request (peer, 3, FALSE);
  sim_run (sim, 2 * IKE_SECOND);
  for (guint32 id = 0; id < 4; id++)
    sim_assert (sim, answers[id] == 1);
  sim_assert (sim, !host->downs && sim_count_said (sim, "waits for the one before it") == 3);
  finish (sim, peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/window/ours", test_ours);
  g_test_add_func ("/sim/window/ours/lost", test_ours_lost);
  g_test_add_func ("/sim/window/ours/dead", test_ours_dead);
  g_test_add_func ("/sim/window/theirs", test_theirs);
  g_test_add_func ("/sim/window/theirs/held", test_theirs_held);
  return g_test_run ();
}
