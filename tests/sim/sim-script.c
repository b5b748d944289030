/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-script.h"

#include "crypto/proposal.h"
#include "wire/header.h"

#define QUIET_TIME (200 * IKE_SECOND)

typedef struct {
  SimHost *host[2]; /* a, b */
  GQueue held[2]; /* SimPacket, by who sent it */
  gboolean holding;
  guint32 marked[2];
  gsize log_start;
  gboolean from_initiator[2]; /* the flag of the last request that each sent */
} Script;

typedef struct {
  const SimRow *row;
  gboolean ike;
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

  sim_assert (sim, packet != NULL);
  if (*how == '>')
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

static void
do_word (Sim *sim, Script *script, guint who, const char *word)
{
  SimHost *host = script->host[who];

  if (g_str_equal (word, "child"))
    sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, FALSE);
  else if (g_str_equal (word, "hard"))
    sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, TRUE);
  else if (g_str_equal (word, "mark"))
    script->marked[who] = sim_kernel_outbound (&host->kernel)->spi;
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

static void
assert_one (Sim *sim, Script *script, const SimRow *row)
{
  IkeEngineCounts counts;
  SimHost *client = script->host[script->host[0]->ups == 0];

  for (guint who = 0; who < 2; who++)
    {
      ike_engine_get_counts (script->host[who]->engine, &counts);
      sim_assert (sim, counts.ike_sas == 1 && counts.child_sas == 1 && !counts.half_open && !counts.pending_jobs);
    }
  sim_assert_agree (script->host[0], script->host[1], 1);
  sim_assert (sim, !client->downs);
  if (row->flags & SIM_ROW_RECONNECTS)
    return;
  sim_assert (sim, script->host[0]->ups == 1 && script->host[1]->ups == 1);
  sim_assert (sim, !script->host[0]->reconnectings && !script->host[1]->reconnectings);
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

static void
add_exchange (GPtrArray *proposals)
{
  for (guint i = 0; i < proposals->len; i++)
    {
      IkeTransform additional = { IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384, 0 };

      g_array_append_val (((IkeProposal *) proposals->pdata[i])->transforms, additional);
    }
}

static void
configure (IkeConfig *config, const SimRow *row)
{
  config->ike_lifetime = 4 * 3600 * IKE_SECOND;
  config->ike_rekey_margin = 600 * IKE_SECOND;
  config->child.pfs = (row->flags & (SIM_ROW_PFS | SIM_ROW_KE_INVALID | SIM_ROW_MULTI_KE)) != 0;
  config->keep_trying = !(row->flags & SIM_ROW_ENDS);
  config->dpd_delay = row->flags & SIM_ROW_DPD ? 20 * IKE_SECOND : 0;
}

static void
run_row (const SimRow *row, gboolean ike, gboolean swap, const char *nonces, char winner)
{
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeConfig *configs[2] = { client->config, gateway->config };
  Script script = { .host = { swap ? gateway : client, swap ? client : gateway } };

  configure (client->config, row);
  configure (gateway->config, row);
  sim_connect (sim, client, gateway);
  if (row->flags & SIM_ROW_KE_INVALID)
    for (guint i = 0; i < 2; i++)
      {
        set_groups (configs[i]->proposals, i ? IKE_KE_ECP_521 : IKE_KE_ECP_384, IKE_KE_ECP_256);
        set_groups (configs[i]->child_proposals, i ? IKE_KE_ECP_521 : IKE_KE_ECP_384, IKE_KE_ECP_256);
      }
  if (row->flags & SIM_ROW_MULTI_KE)
    for (guint i = 0; i < 2; i++)
      {
        add_exchange (configs[i]->proposals);
        add_exchange (configs[i]->child_proposals);
      }
  sim->crypto.nonces = nonces;
  sim->filter = hold;
  sim->filter_data = &script;
  script.holding = TRUE;
  sim_note (sim, "==== %s, %s is the client, nonces %s", row->name, swap ? "b" : "a", nonces);
  script.log_start = sim->transcript->len;
  do_words (sim, &script, row->words);
  sim_note (sim, "---- flow");
  let_all_go (sim, &script);
  sim_run (sim, QUIET_TIME);
  if (row->want && !strstr (sim->transcript->str + script.log_start, row->want))
    {
      sim_note (sim, "not to be seen: %s", row->want);
      sim_fail (sim, __FILE__, __LINE__, row->name);
    }
  if (row->flags & SIM_ROW_ENDS)
    assert_over (sim, &script);
  else
    assert_one (sim, &script, row);
  if (winner)
    sim_assert (sim, (ike ? ike_winner (sim, &script) : child_winner (&script)) == (guint) (winner - 'a'));
  sim_end (sim);
}

static void
run_case (gconstpointer data)
{
  const Case *test = data;
  g_auto (GStrv) list = test->row->nonces ? g_strsplit (test->row->nonces, " ", -1) : NULL;
  guint sides = test->row->flags & SIM_ROW_CLIENT_ONLY ? 1 : 2;

  for (guint swap = 0; swap < sides; swap++)
    {
      if (!list)
        run_row (test->row, test->ike, swap, NULL, 0);
      for (guint i = 0; list && list[i]; i++)
        {
          char *colon = strchr (list[i], ':');
          g_autofree char *digits = colon ? g_strndup (list[i], (gsize) (colon - list[i])) : g_strdup (list[i]);

          run_row (test->row, test->ike, swap, digits, colon ? colon[1] : 0);
        }
    }
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
