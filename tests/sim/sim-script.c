/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-script.h"

#include "sim-clear.h"

#include "crypto/proposal.h"
#include "wire/header.h"
#include "wire/payload-delete.h"

#define QUIET_TIME (200 * IKE_SECOND)

typedef struct {
  SimHost *host[2]; /* a, b */
  GQueue held[2]; /* SimPacket, by who sent it */
  gboolean holding;
  guint32 marked[2], marked_in[2]; /* SPIs */
  gsize log_start;
  gboolean from_initiator[2]; /* the flag of the last request that each sent */
  guint client; /* which of them is the client: who has begun the first IKE SA */
  gboolean loses[2], wrong[2]; /* the words */
} Script;

typedef struct {
  const SimRow *row;
  gboolean ike;
  guint n; /* packets whose order is varied */
} Case;

/* ---- holding packets ---- */

static void
packet_free (gpointer data)
{
  SimPacket *packet = data;

  g_bytes_unref (packet->data);
  g_free (packet);
}

static SimVerdict
hold (Sim *sim, SimPacket *packet, gpointer data)
{
  Script *script = data;
  guint who = !ike_address_equal (&packet->from.address, &script->host[0]->address);
  IkeReader reader = ike_reader (ike_chunk_bytes (packet->data));
  SimPacket *kept;
  IkeHeader header;

  sim_assert (sim, ike_header_parse (&reader, &header));
  if (!(header.flags & IKE_FLAG_RESPONSE))
    script->from_initiator[who] = (header.flags & IKE_FLAG_INITIATOR) != 0;
  if (!script->holding)
    return SIM_PASS;
  kept = g_new0 (SimPacket, 1);
  *kept = *packet;
  kept->data = g_bytes_ref (packet->data);
  g_queue_push_tail (&script->held[who], kept);
  return SIM_DROP;
}

static void
let_go (Sim *sim, Script *script, guint who, const char *how)
{
  guint place = g_ascii_isdigit (how[1]) ? (guint) (how[1] - '1') : 0;
  SimPacket *packet = g_queue_pop_nth (&script->held[who], place);

  if (*how == '?' && !packet)
    return;
  sim_assert (sim, packet != NULL);
  if (*how != '!')
    sim_send (sim, &packet->from, &packet->to, packet->natt, packet->data, 0);
  packet_free (packet);
  sim_run (sim, 10 * IKE_MILLISECOND);
}

static void
let_all_go (Sim *sim, Script *script)
{
  script->holding = FALSE;
  for (guint who = 0; who < 2; who++)
    while (!g_queue_is_empty (&script->held[who]))
      let_go (sim, script, who, ">");
}

/* ---- what an end says that it should not ---- */

static gboolean
change (const SimClear *clear, IkeBuilder *instead, gpointer data)
{
  Script *script = data;
  guint who = clear->from_initiator ? script->client : !script->client;
  const IkePayload *payload = ike_payloads_find (clear->payloads, IKE_PAYLOAD_DELETE);
  IkeDelete del = { 0 };
  guint32 spis[2] = { script->marked_in[who] };

  if (clear->header->exchange != IKE_EXCHANGE_INFORMATIONAL || clear->header->flags & IKE_FLAG_RESPONSE)
    return FALSE;
  if (script->loses[who] && payload)
    {
      script->loses[who] = FALSE;
      sim_clear_copy (clear, instead, IKE_PAYLOAD_DELETE);
      return TRUE;
    }
  if (!script->wrong[who])
    return FALSE;
  script->wrong[who] = FALSE;
  if (payload && ike_delete_parse (payload->body, &del) && del.n_spis == 1)
    spis[1] = ike_delete_spi (&del, 0);
  ike_delete_write (ike_builder_begin (instead, IKE_PAYLOAD_DELETE), IKE_PROTOCOL_ESP, spis, del.n_spis ? 2 : 1);
  ike_builder_end (instead);
  return TRUE;
}

/* ---- words ---- */

static guint32
newest_inbound (const SimHost *host)
{
  const SimSa *newest = NULL;

  for (guint i = 0; i < host->kernel.sas->len; i++)
    {
      const SimSa *sa = host->kernel.sas->pdata[i];

      if (!sa->out && !sa->larval && (!newest || sa->order > newest->order))
        newest = sa;
    }
  return newest->spi;
}

/* It looks at what the kernel has counted several times before it asks. */
static void
do_check (Sim *sim, Script *script, guint who)
{
  guint before = script->held[who].length;

  for (guint n = 0; n < 20 && script->held[who].length == before; n++)
    {
      sim_hasten (script->host[who], "liveness");
      sim_run (sim, IKE_MILLISECOND);
    }
}

static void
do_word (Sim *sim, Script *script, guint who, const char *word)
{
  SimHost *host = script->host[who];

  if (g_str_equal (word, "child"))
    sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, FALSE);
  else if (g_str_equal (word, "hard"))
    sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, TRUE);
  else if (g_str_equal (word, "lose"))
    {
      script->loses[who] = TRUE;
      sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, TRUE);
    }
  else if (g_str_equal (word, "wrong"))
    script->wrong[who] = TRUE;
  else if (g_str_equal (word, "check"))
    do_check (sim, script, who);
  else if (g_str_equal (word, "mark"))
    {
      script->marked[who] = sim_kernel_outbound (&host->kernel)->spi;
      script->marked_in[who] = newest_inbound (host);
    }
  else if (g_str_equal (word, "soft-marked"))
    sim_expire (host, script->marked[who], FALSE);
  else if (g_str_equal (word, "hard-marked"))
    sim_expire (host, script->marked[who], TRUE);
  else if (g_str_equal (word, "hard-new"))
    sim_expire (host, newest_inbound (host), TRUE);
  else if (g_str_equal (word, "ike"))
    sim_hasten (host, "rekey");
  else if (g_str_equal (word, "stop"))
    sim_stop (host);
  else if (g_str_equal (word, "slow"))
    host->job_time[IKE_JOB_KE_FINISH] = 25 * IKE_MILLISECOND;
  else if (g_str_equal (word, "off") || g_str_equal (word, "on"))
    host->off = word[1] == 'f';
  else
    g_error ("no such word: %s", word);
  sim_run (sim, 10 * IKE_MILLISECOND);
}

static void
do_words (Sim *sim, Script *script, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  for (guint i = 0; list[i]; i++)
    {
      guint who = list[i][0] == 'b';

      sim_note (sim, "---- %s", list[i]);
      if (g_str_has_prefix (list[i], "wait:"))
        sim_run (sim, (IkeTime) (g_ascii_strtod (list[i] + 5, NULL) * IKE_SECOND));
      else if (g_str_equal (list[i], "quiet"))
        sim_assert (sim, g_queue_is_empty (&script->held[0]) && g_queue_is_empty (&script->held[1]));
      else if (list[i][1] == ':')
        do_word (sim, script, who, list[i] + 2);
      else
        let_go (sim, script, who, list[i] + 1);
    }
}

/* ---- the end ---- */

static void
assert_over (Sim *sim, Script *script)
{
  for (guint who = 0; who < 2; who++)
    {
      sim_assert (sim, script->host[who]->kernel.sas->len == 0);
      sim_assert (sim, script->host[who]->kernel.policies->len == 0);
    }
}

/* Who made the Child SA that both use? */
static guint
child_winner (Script *script)
{
  for (guint who = 0; who < 2; who++)
    {
      const SimHost *host = script->host[who];
      g_autofree char *line = g_strdup_printf ("%s [child] Child SA #%u (rekeyed) is up", host->name,
                                               sim_kernel_outbound (&host->kernel)->child);

      if (strstr (host->sim->transcript->str + script->log_start, line))
        return who;
    }
  return 2;
}

/* And the IKE SA? What flag has a request on it? */
static guint
ike_winner (Sim *sim, Script *script)
{
  do_word (sim, script, 0, "child");
  sim_run (sim, 20 * IKE_SECOND);
  return script->from_initiator[0] ? 0 : 1;
}

/* It was over once, for both, and neither has said so twice. */
static void
assert_reconnected (Sim *sim, Script *script)
{
  const SimHost *client = script->host[script->client];
  g_autofree char *line = g_strdup_printf ("%s [reconnect] ", client->name);
  const char *first = strstr (sim->transcript->str + script->log_start, line);

  sim_assert (sim, client->ups == 2 && client->reconnectings == 1 && script->host[!script->client]->ups == 2);
  sim_assert (sim, first && !strstr (first + 1, line));
}

static void
assert_one (Sim *sim, Script *script, const SimRow *row)
{
  IkeEngineCounts counts;

  for (guint who = 0; who < 2; who++)
    {
      ike_engine_get_counts (script->host[who]->engine, &counts);
      sim_assert (sim, counts.ike_sas == 1 && counts.child_sas == 1 && !counts.half_open && !counts.pending_jobs);
    }
  sim_assert_agree (script->host[0], script->host[1], 1);
  sim_assert (sim, !script->host[0]->downs && !script->host[1]->downs);
  if (row->flags & SIM_ROW_RECONNECTS)
    assert_reconnected (sim, script);
  else
    {
      sim_assert (sim, script->host[0]->ups == 1 && script->host[1]->ups == 1);
      sim_assert (sim, !script->host[0]->reconnectings && !script->host[1]->reconnectings);
    }
  sim->pings = sim->pongs = 0;
  sim_ping (script->host[0], script->host[1], 100 * IKE_MILLISECOND, IKE_SECOND);
  sim_run (sim, 2 * IKE_SECOND);
  sim_assert (sim, sim->pings == 22 && sim->pongs == 22);
}

/* ---- one run ---- */

static void
set_groups (GPtrArray *proposals, guint16 first, guint16 second)
{
  for (guint i = 0; i < proposals->len; i++)
    {
      GArray *transforms = ((IkeProposal *) proposals->pdata[i])->transforms;
      IkeTransform groups[2] = { { IKE_TRANSFORM_KE, first, 0 }, { IKE_TRANSFORM_KE, second, 0 } };

      for (guint n = transforms->len; n-- > 0;)
        if (g_array_index (transforms, IkeTransform, n).type == IKE_TRANSFORM_KE)
          g_array_remove_index (transforms, n);
      g_array_append_vals (transforms, groups, 2);
    }
}

/* Both can do either. Whoever answers decides by his own order: so b has it done when a asks, and a has not. */
static void
mix_exchange (GPtrArray *proposals, guint who)
{
  const guint n = proposals->len;

  for (guint i = 0; i < n; i++)
    {
      const IkeProposal *plain = proposals->pdata[i];
      IkeProposal *copy = ike_proposal_new (plain->type);

      g_array_append_vals (copy->transforms, plain->transforms->data, plain->transforms->len);
      g_ptr_array_add (proposals, copy);
    }
  for (guint i = 0; i < n; i++)
    {
      IkeTransform additional = { IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384, 0 };

      g_array_append_val (((IkeProposal *) proposals->pdata[who ? i : n + i])->transforms, additional);
    }
}

/* What they do from now on; the first Child SA has been made already. */
static void
set_exchanges (const SimRow *row, IkeConfig *const configs[2])
{
  for (guint i = 0; i < 2; i++)
    for (guint ike = 0; ike < 2; ike++)
      {
        GPtrArray *proposals = ike ? configs[i]->proposals : configs[i]->child_proposals;

        if (row->flags & SIM_ROW_KE_INVALID)
          set_groups (proposals, i ? IKE_KE_ECP_521 : IKE_KE_ECP_384, IKE_KE_ECP_256);
        if (row->flags & SIM_ROW_MULTI_KE)
          sim_offer (proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
        if (row->flags & SIM_ROW_MIXED_KE)
          mix_exchange (proposals, i);
      }
}

static void
configure (IkeConfig *config, const SimRow *row)
{
  config->ike_lifetime = 4 * 3600 * IKE_SECOND;
  config->ike_rekey_margin = 600 * IKE_SECOND;
  config->child.pfs = (row->flags & (SIM_ROW_PFS | SIM_ROW_KE_INVALID | SIM_ROW_MULTI_KE | SIM_ROW_MIXED_KE)) != 0;
  config->keep_trying = !(row->flags & SIM_ROW_ENDS);
  config->dpd_delay = row->flags & SIM_ROW_DPD ? 20 * IKE_SECOND : 0;
}

/* a makes the Child SAs of two peers, whichever of them has begun. */
static void
connect_peers (Sim *sim, SimHost *client, SimHost *gateway, IkeConfig *const configs[2])
{
  for (guint i = 0; i < 2; i++)
    {
      configs[i]->role = IKE_ROLE_PEER;
      configs[i]->begin = configs[i] == client->config ? IKE_BEGIN_NOW : IKE_BEGIN_LISTEN;
    }
  sim_start_to (gateway, &client->address);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
  sim_run (sim, 20 * IKE_SECOND);
  sim_assert_agree (client, gateway, 1);
  configs[0]->begin = IKE_BEGIN_NOW;
  configs[1]->begin = IKE_BEGIN_LISTEN;
}

/* Has it said so itself? */
static gboolean
has_said (const Script *script, guint who, const char *want)
{
  const SimHost *host = script->host[who];
  g_auto (GStrv) lines = g_strsplit (host->sim->transcript->str + script->log_start, "\n", -1);
  g_autofree char *begin = g_strdup_printf ("%s [", host->name);
  gboolean found = FALSE;

  for (guint i = 0; lines[i]; i++)
    found |= strstr (lines[i], begin) && strstr (lines[i], want);
  return found;
}

static void
assert_wanted (Sim *sim, const Script *script, const SimRow *row)
{
  gboolean found[2] = { has_said (script, 0, row->want), has_said (script, 1, row->want) };

  if (row->flags & SIM_ROW_BOTH ? found[0] && found[1] : found[0] || found[1])
    return;
  sim_note (sim, "not to be seen: %s", row->want);
  sim_fail (sim, __FILE__, __LINE__, row->name);
}

static void
run_row (const Case *test, gboolean swap, gboolean peers, const char *nonces, char winner)
{
  const SimRow *row = test->row;
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  Script script = { .host = { swap ? gateway : client, swap ? client : gateway }, .client = swap };
  IkeConfig *const configs[2] = { script.host[0]->config, script.host[1]->config };

  configure (client->config, row);
  configure (gateway->config, row);
  if (peers)
    connect_peers (sim, client, gateway, configs);
  else
    sim_connect (sim, client, gateway);
  set_exchanges (row, configs);
  sim->crypto.nonces = nonces;
  sim->filter = hold;
  sim->filter_data = &script;
  sim_clear_watch (change, &script);
  script.holding = TRUE;
  sim_note (sim, "==== %s, %s is the client%s, nonces %s", row->name, swap ? "b" : "a", peers ? ", both are peers" : "",
            nonces);
  script.log_start = sim->transcript->len;
  do_words (sim, &script, row->words);
  sim_note (sim, "---- flow");
  let_all_go (sim, &script);
  sim_run (sim, QUIET_TIME);
  sim_assert (sim, !script.loses[0] && !script.loses[1] && !script.wrong[0] && !script.wrong[1]);
  if (row->want)
    assert_wanted (sim, &script, row);
  if (row->flags & SIM_ROW_ENDS)
    assert_over (sim, &script);
  else
    assert_one (sim, &script, row);
  if (winner)
    sim_assert (sim, (test->ike ? ike_winner (sim, &script) : child_winner (&script)) == (guint) (winner - 'a'));
  sim_clear_watch (NULL, NULL);
  sim_end (sim);
}

static void
run_case (gconstpointer data)
{
  const Case *test = data;
  g_auto (GStrv) list = test->row->nonces ? g_strsplit (test->row->nonces, " ", -1) : NULL;
  guint turns = test->row->flags & SIM_ROW_CREATES ? 3 : 2;

  for (guint turn = 0; turn < turns; turn++)
    {
      gboolean swap = turn == 1, peers = turns == 3 && turn > 0;

      if (!list)
        run_row (test, swap, peers, NULL, 0);
      for (guint i = 0; list && list[i]; i++)
        {
          char *colon = strchr (list[i], ':');
          g_autofree char *digits = colon ? g_strndup (list[i], (gsize) (colon - list[i])) : g_strdup (list[i]);

          run_row (test, swap, peers, digits, colon ? colon[1] : 0);
        }
    }
}

static void
run_orders (gconstpointer data)
{
  const Case *test = data;

  for (guint order = 0; order < 1u << test->n; order++)
    {
      g_autoptr (GString) words = g_string_new (test->row->words);
      SimRow row = *test->row;
      const Case one = { &row, test->ike, 0 };

      for (guint i = 0; i < test->n; i++)
        g_string_append (words, order & 1u << i ? " a?" : " b?");
      row.words = words->str;
      run_case (&one);
    }
}

void
sim_script_add_orders (const char *group, const SimRow *row, guint n, gboolean ike)
{
  g_autofree char *path = g_strdup_printf ("/sim/%s/%s", group, row->name);
  Case *test = g_new0 (Case, 1);

  *test = (Case){ row, ike, n };
  g_test_add_data_func_full (path, test, run_orders, g_free);
}

void
sim_script_add (const char *group, const SimRow *rows, guint n_rows, gboolean ike)
{
  for (guint i = 0; i < n_rows; i++)
    {
      g_autofree char *path = g_strdup_printf ("/sim/%s/%s", group, rows[i].name);
      Case *test = g_new0 (Case, 1);

      test->row = &rows[i];
      test->ike = ike;
      g_test_add_data_func_full (path, test, run_case, g_free);
    }
}
