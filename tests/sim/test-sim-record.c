/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run is a list of inputs: it can be recorded and repeated, holds no key, and what is damaged is said to be. */
#include "sim-record.h"

#include "recorder/recorder.h"
#include "recorder/replay.h"

#include <string.h>

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
} World;

static void
begin (World *world, guint64 seed)
{
  *world = (World){ .sim = sim_new (seed) };
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  sim_record (world->client);
  sim_record (world->gateway);
}

static GBytes *
recording_of (const SimHost *host)
{
  return ike_chunk_dup (sim_recording (host));
}

static void
count_lines (const char *line, gpointer data)
{
  *(guint *) data += g_str_has_prefix (line, "DATAGRAM");
}

static gboolean
replay (IkeChunk file, IkeReplayCounts *ret, GError **error)
{
  guint datagrams = 0;
  gboolean ok = ike_replay (file, count_lines, &datagrams, ret, error);

  g_assert_cmpuint (datagrams, <=, ret->inputs);
  return ok;
}

static void
assert_same (const SimHost *host, guint runs)
{
  g_autoptr (GError) error = NULL;
  IkeReplayCounts counts;

  replay (sim_recording (host), &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.runs, ==, runs);
  g_assert_cmpuint (counts.inputs, >, 10);
  g_assert_cmpuint (counts.outputs, >, counts.inputs);
  g_assert_cmpuint (counts.answers, >, 10);
}

static gboolean
holds (const SimHost *host, gconstpointer octets, gsize len)
{
  IkeChunk file = sim_recording (host);

  return memmem (file.data, file.len, octets, len) != NULL;
}

static gboolean
holds_secret (const SimHost *host, const IkeSecret *secret)
{
  return holds (host, ike_secret_data (secret), ike_secret_len (secret));
}

/* Loss, rekeying, a sleep and a deletion: both ends do it all again. */
static void
test_same (void)
{
  World world;

  for (guint i = 0; i < 8; i++)
    {
      begin (&world, 500 + i);
      world.sim->loss = i * 3;
      world.sim->jitter = i * IKE_MILLISECOND;
      world.client->config->child.lifetime = 60 * IKE_SECOND;
      world.client->config->child.rekey_margin = 6 * IKE_SECOND;
      world.client->config->ike_lifetime = 150 * IKE_SECOND;
      world.client->config->dpd_delay = 10 * IKE_SECOND;
      world.client->config->mobike = world.gateway->config->mobike = i & 1;
      world.client->config->keep_trying = TRUE;
      if (i >= 4)
        sim_signatures (world.client, world.gateway);
      sim_listen (world.gateway);
      sim_start (world.client);
      sim_run (world.sim, 400 * IKE_SECOND);
      assert_same (world.client, 1);
      assert_same (world.gateway, 1);
      sim_end (world.sim); /* once more, all of it */
    }
}

/* Neither the shared key, nor what it is turned into, nor a key of the kernel's. */
static void
test_no_keys (void)
{
  World world;

  begin (&world, 520);
  world.client->config->child.pfs = TRUE;
  sim_connect (world.sim, world.client, world.gateway);
  for (guint i = 0; i < 2; i++)
    {
      const SimHost *host = i ? world.gateway : world.client;

      g_assert_false (holds (host, host->psk, strlen (host->psk)));
      for (guint k = 0; k < host->kernel.sas->len; k++)
        g_assert_false (holds_secret (host, ((SimSa *) host->kernel.sas->pdata[k])->encr));
      g_assert_cmpuint (host->kernel.sas->len, ==, 2);
      /* and this shows that it would be found */
      g_assert_true (holds (host, "gw.example", 10));
    }
  sim_end (world.sim);
}

/* A password is not there, though it has been asked for; nor what the server has as a ticket's key. */
static void
test_no_password (void)
{
  static const char *const passwords[] = { "correct horse battery", NULL };
  static const char *const users[] = { "alice", "correct horse battery", NULL };
  World world;

  begin (&world, 530);
  world.gateway->users = users;
  world.client->passwords = passwords;
  sim_signatures (world.client, world.gateway);
  world.client->config->local_auth = IKE_AUTH_EAP;
  world.gateway->config->remote_auth = IKE_AUTH_EAP;
  world.client->config->eap_identity = g_strdup ("alice");
  world.client->config->eap_methods = 1 << IKE_EAP_MSCHAPV2;
  world.client->config->resumption = world.gateway->config->resumption = TRUE;
  g_clear_pointer (&world.gateway->config->remote_id, ike_identity_free);
  sim_connect (world.sim, world.client, world.gateway);
  sim_run (world.sim, 5 * IKE_SECOND);
  assert_same (world.client, 1);
  assert_same (world.gateway, 1);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (holds (i ? world.gateway : world.client, "correct horse", 13));
      g_assert_true (holds (i ? world.gateway : world.client, "alice", 5));
    }
  sim_end (world.sim);
}

/* At every place a changed octet, and at every place an end: refused, and never half believed. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) good = NULL;
  g_autofree guint8 *file = NULL;
  IkeReplayCounts counts;
  World world;
  gsize len;

  begin (&world, 540);
  sim_connect (world.sim, world.client, world.gateway);
  good = recording_of (world.client);
  sim_end (world.sim);

  file = g_memdup2 (g_bytes_get_data (good, &len), g_bytes_get_size (good));
  for (gsize at = 0; at < len; at += at < 600 ? 1 : 97)
    {
      g_autoptr (GError) changed = NULL;

      file[at] ^= 0x10;
      g_assert_false (replay (ike_chunk (file, len), &counts, &changed));
      g_assert_error (changed, IKE_REPLAY_ERROR, (at < 8 ? IKE_REPLAY_ERROR_NOT_ONE : IKE_REPLAY_ERROR_DAMAGED));
      file[at] ^= 0x10;
    }
  for (gsize end = 0; end < len; end += end < 600 ? 1 : 97)
    {
      g_autoptr (GError) cut = NULL;

      /* between two steps it is a shorter recording */
      if (!replay (ike_chunk (file, end), &counts, &cut))
        g_assert_true (g_error_matches (cut, IKE_REPLAY_ERROR, IKE_REPLAY_ERROR_NOT_ONE) == (end < 8));
    }
  g_assert_true (replay (ike_chunk (file, len), &counts, NULL));
}

/* Two runs in one file, as when a connection is tried again. */
static void
test_runs (void)
{
  g_autoptr (GByteArray) both = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  IkeReplayCounts counts;
  World world;

  for (guint i = 0; i < 2; i++)
    {
      IkeChunk file;

      begin (&world, 550 + i);
      sim_connect (world.sim, world.client, world.gateway);
      file = sim_recording (world.client);
      g_byte_array_append (both, file.data + 8 * i, (guint) (file.len - 8 * i));
      sim_end (world.sim);
    }
  g_assert_true (replay (ike_chunk (both->data, both->len), &counts, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counts.runs, ==, 2);
}

static gboolean
to_memory (const guint8 *octets, gsize len, gpointer data)
{
  g_byte_array_append (data, octets, (guint) len);
  return TRUE;
}

/* An engine that does something else than was recorded: said, with what it does. */
static void
test_differs (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (IkeRecorder) recorder = NULL;
  g_autoptr (GError) error = NULL;
  IkeInput stray = { .type = IKE_INPUT_DATAGRAM, .datagram = (const guint8 *) "?", .datagram_len = 1 };
  IkeReplayCounts counts;

  g_assert_true (ike_recorder_begin (to_memory, file));
  recorder = ike_recorder_new (sim_crypto_nss (), IKE_LOG_DEBUG, to_memory, file);
  /* as if nothing had been logged about it */
  ike_recorder_input (recorder, &stray, IKE_SECOND);
  ike_recorder_done (recorder);
  g_assert_false (replay (ike_chunk (file->data, file->len), &counts, &error));
  g_assert_error (error, IKE_REPLAY_ERROR, IKE_REPLAY_ERROR_DIFFERS);
  g_assert_nonnull (strstr (error->message, "not IKEv2"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/record/same", test_same);
  g_test_add_func ("/sim/record/no-keys", test_no_keys);
  g_test_add_func ("/sim/record/no-password", test_no_password);
  g_test_add_func ("/sim/record/damaged", test_damaged);
  g_test_add_func ("/sim/record/runs", test_runs);
  g_test_add_func ("/sim/record/differs", test_differs);
  return g_test_run ();
}
