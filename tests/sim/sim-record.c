/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-record.h"

#include "sim-internal.h"

#include "recorder/recorder.h"
#include "recorder/replay.h"

static gboolean
to_memory (const guint8 *octets, gsize len, gpointer data)
{
  if (octets)
    g_byte_array_append (data, octets, (guint) len);
  return octets != NULL;
}

static IkeLogLevel
level_of (const SimHost *host)
{
  return host->sim->quiet ? IKE_LOG_ERROR : IKE_LOG_DEBUG;
}

void
sim_record (SimHost *host)
{
  if (host->recorder)
    return;
  ike_engine_free (host->engine);
  host->recording = g_byte_array_new ();
  ike_recorder_begin (to_memory, host->recording);
  host->recorder = ike_recorder_new (&host->sim->crypto.table, level_of (host), to_memory, host->recording);
  host->engine = ike_engine_new (ike_recorder_crypto (host->recorder));
  ike_engine_set_log_level (host->engine, level_of (host));
}

IkeChunk
sim_recording (const SimHost *host)
{
  return ike_chunk (host->recording->data, host->recording->len);
}

void
sim_engine_new (SimHost *host)
{
  host->engine = ike_engine_new (&host->sim->crypto.table);
  ike_engine_set_log_level (host->engine, level_of (host));
  if (g_getenv ("SIM_RECORD"))
    sim_record (host);
}

static void
leave (const SimHost *host)
{
  static guint count;
  const char *directory = g_getenv ("SIM_RECORD");
  g_autofree char *program = g_path_get_basename (g_get_prgname ()), *path = NULL;

  if (!directory || !g_file_test (directory, G_FILE_TEST_IS_DIR))
    return;
  path = g_strdup_printf ("%s/%s-%u-%s.record", directory, program, count++, host->name);
  g_assert_true (g_file_set_contents (path, (const char *) host->recording->data, host->recording->len, NULL));
}

void
sim_engine_free (SimHost *host)
{
  g_autoptr (GError) error = NULL;
  IkeReplayCounts counts;

  g_clear_pointer (&host->engine, ike_engine_free);
  if (!host->recorder)
    return;
  leave (host);
  if (!ike_replay (sim_recording (host), NULL, NULL, &counts, &error))
    {
      sim_note (host->sim, "%s: %s", host->name, error->message);
      sim_fail (host->sim, __FILE__, __LINE__, "a replay is the same");
    }
  g_clear_pointer (&host->recorder, ike_recorder_free);
  g_clear_pointer (&host->recording, g_byte_array_unref);
}

void
sim_engine_add (SimHost *host, IkeConfig *take_config)
{
  host->kernel.many_slots = take_config->role == IKE_ROLE_RESPONDER || take_config->mesh;
  ike_recorder_config (host->recorder, take_config);
  ike_engine_add (host->engine, take_config);
  ike_recorder_done (host->recorder);
}

void
sim_engine_remove (SimHost *host)
{
  ike_recorder_remove (host->recorder, host->id);
  ike_engine_remove (host->engine, host->id);
}

void
sim_engine_handle (SimHost *host, IkeInput *input)
{
  IkeTime now = host->sim->now + host->ahead;

  ike_recorder_input (host->recorder, input, now);
  ike_engine_handle (host->engine, input, now);
}

IkeOutput *
sim_engine_poll (SimHost *host)
{
  IkeOutput *output = ike_engine_poll (host->engine);

  if (output)
    ike_recorder_output (host->recorder, output);
  else
    ike_recorder_done (host->recorder);
  return output;
}

void
sim_own (SimHost *host, const char *addresses)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = IKE_INPUT_OWN_ADDRESSES;
  input->connection = host->id;
  input->text = addresses;
  if (host->config)
    sim_engine_add (host, g_steal_pointer (&host->config));
  sim_feed (host, input);
}
