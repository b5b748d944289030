/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Post-quantum pre-shared keys: RFC 8784 in IKE_AUTH, RFC 9867 in IKE_INTERMEDIATE. Who has one, who insists on one, and
 * what comes of it.
 */
#include "sim-clear.h"

#include "wire/header.h"

static void
give (SimHost *host, IkePpk ppk, const char *id, const char *key)
{
  host->config->ppk = ppk;
  host->config->ppk_id = id ? g_bytes_new (id, strlen (id)) : NULL;
  host->ppk = key;
}

typedef struct {
  IkePpk ours, theirs;
  const char *our_key, *their_key;
  const char *our_id, *their_id;
  gboolean up;
  IkeReasonCode reason; /* not up */
} Row;

static const Row rows[] = {
  { IKE_PPK_YES, IKE_PPK_YES, "k", "k", "\2a", "\2a", TRUE, 0 },
  { IKE_PPK_INSIST, IKE_PPK_INSIST, "k", "k", "\2a", "\2a", TRUE, 0 },
  { IKE_PPK_INSIST, IKE_PPK_YES, "k", "k", "\2a", NULL, TRUE, 0 },
  { IKE_PPK_YES, IKE_PPK_NO, "k", NULL, "\2a", NULL, TRUE, 0 },
  { IKE_PPK_NO, IKE_PPK_YES, NULL, "k", NULL, "\2a", TRUE, 0 },
  { IKE_PPK_INSIST, IKE_PPK_NO, "k", NULL, "\2a", NULL, FALSE, IKE_REASON_PPK },
  { IKE_PPK_NO, IKE_PPK_INSIST, NULL, "k", NULL, "\2a", FALSE, IKE_REASON_PEER_REFUSED_US },
  /* another name: without where both can, not at all where one insists */
  { IKE_PPK_YES, IKE_PPK_YES, "k", "k", "\2a", "\2b", TRUE, 0 },
  { IKE_PPK_YES, IKE_PPK_YES, "k", NULL, "\2a", NULL, TRUE, 0 },
  { IKE_PPK_YES, IKE_PPK_YES, NULL, "k", "\2a", "\2a", FALSE, IKE_REASON_SECRET_MISSING },
};

static guint proofs[2]; /* AUTH payloads: of the client, of the gateway */

static gboolean
count_proofs (const SimClear *clear, IkeBuilder *instead, gpointer data)
{
  proofs[!clear->from_initiator] += ike_payloads_count (clear->payloads, IKE_PAYLOAD_AUTH);
  return FALSE;
}

/* Whoever does without it although he must not has proven nothing to anybody; and the other end answers no wrong proof with
 * one of its own. */
static void
assert_unproven (SimHost *client)
{
  sim_assert (client->sim, proofs[0] == (client->reason.code == IKE_REASON_PEER_REFUSED_US));
  sim_assert (client->sim, proofs[1] == 0);
}

static void
run_row (const Row *row, guint64 seed, gboolean intermediate, guint how)
{
  Sim *sim = sim_new (seed);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  if (how > 0)
    sim_signatures (client, gateway);
  for (guint i = 0; how == 2 && i < 2; i++)
    {
      SimHost *host = i ? gateway : client;
      IkeConfig *config = host->config;

      host->sign_key = i ? "long key of the gateway" : "long key of the client";
      host->peer_key = i ? "long key of the client" : "long key of the gateway";
      config->key_type = IKE_KEY_RSA;
      config->key_bits = 4096;
      config->key_pss = TRUE;
    }
  give (client, row->ours, row->our_id, row->our_key);
  give (gateway, row->theirs, row->their_id, row->their_key);
  client->config->ppk_in_auth = gateway->config->ppk_in_auth = !intermediate;
  proofs[0] = proofs[1] = 0;
  sim_clear_watch (count_proofs, NULL);
  sim_listen (gateway);
  sim_start (client);
  if (row->up)
    {
      gboolean both = row->ours && row->theirs;

      sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
      if (how < 2) /* (long signatures are sent in fragments) */
        sim_assert (sim, client->sent == (intermediate && both ? 3u : 2u));
      /* the keys of both ends are the same: what comes later works */
      sim_expire (client, sim_kernel_outbound (&client->kernel)->spi, FALSE);
      sim_run (sim, 10 * IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, client->kernel.installs >= 2);
    }
  else
    {
      sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
      sim_assert (sim,
                  client->reason.code == row->reason || (intermediate && client->reason.code == IKE_REASON_PEER_ERROR));
      assert_unproven (client);
      sim_run (sim, 40 * IKE_SECOND);
      sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
    }
  sim_clear_watch (NULL, NULL);
  sim_end (sim);
}

static void
test_intermediate (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint how = 0; how < 3; how++)
      run_row (&rows[i], 10 + i, TRUE, how);
}

static void
test_auth (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint how = 0; how < 3; how++)
      run_row (&rows[i], 60 + i, FALSE, how);
}

/* The rows that are up because both have the same key are not when one has another one. Where the key is confirmed first
 * (RFC 9867) that is so for who insists on it. */
static void
test_other_key (void)
{
  for (guint i = 0; i < 3; i++)
    for (guint how = 0; how < 6; how++)
      {
        Row row = rows[i];

        g_assert (row.up && row.our_key && row.their_key);
        if (how >= 3 && row.ours != IKE_PPK_INSIST)
          continue;
        row.their_key = "other";
        row.up = FALSE;
        row.reason = how >= 3 ? IKE_REASON_PPK : IKE_REASON_PEER_REFUSED_US;
        run_row (&row, 110 + 3 * i + how, how >= 3, how % 3);
      }
}

static GBytes *
key_with (const char *ppk, gboolean intermediate)
{
  Sim *sim = sim_new (130);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  GBytes *key;

  give (client, IKE_PPK_INSIST, "\2a", ppk);
  give (gateway, IKE_PPK_INSIST, "\2a", ppk);
  client->config->ppk_in_auth = gateway->config->ppk_in_auth = !intermediate;
  sim_connect (sim, client, gateway);
  key = ike_chunk_dup (ike_secret_chunk (sim_kernel_outbound (&client->kernel)->encr));
  sim_end (sim);
  return key;
}

/* All else being equal, the Child SA's keys are others with another one. */
static void
test_keys (void)
{
  for (guint intermediate = 0; intermediate < 2; intermediate++)
    {
      g_autoptr (GBytes) one = key_with ("k", intermediate), again = key_with ("k", intermediate);
      g_autoptr (GBytes) other = key_with ("l", intermediate);

      g_assert_true (g_bytes_equal (one, again));
      g_assert_false (g_bytes_equal (one, other));
    }
}

/* Keys that differ under the same name: the confirmation shows it (RFC 9867), so that it goes on without. */
static void
test_wrong_key (void)
{
  for (guint insist = 0; insist < 2; insist++)
    {
      Sim *sim = sim_new (40 + insist);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      give (client, insist ? IKE_PPK_INSIST : IKE_PPK_YES, "\2a", "one");
      give (gateway, IKE_PPK_YES, "\2a", "other");
      if (!insist)
        sim_connect (sim, client, gateway);
      else
        {
          sim_listen (gateway);
          sim_start (client);
          sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
          sim_assert_reason (sim, client, PPK);
        }
      sim_end (sim);
    }
}

/* After additional key exchanges. */
static void
test_with_addke (void)
{
  Sim *sim = sim_new (50);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeTransform transform = { IKE_TRANSFORM_ADDKE1, IKE_KE_ML_KEM_768, 0 };

  for (guint i = 0; i < 2; i++)
    {
      SimHost *host = i ? gateway : client;

      give (host, IKE_PPK_INSIST, "\2a", "k");
      for (guint p = 0; p < host->config->proposals->len; p++)
        g_array_append_val (((IkeProposal *) host->config->proposals->pdata[p])->transforms, transform);
    }
  sim_connect (sim, client, gateway);
  sim_assert (sim, client->sent == 4);
  sim_end (sim);
}

/* Each key has another name, told with the key (a one-time pad): by whoever begins. Then there is none any more, and the
 * reason of whoever keeps them is the connection's. */
static void
test_pad (void)
{
  for (guint intermediate = 0; intermediate < 2; intermediate++)
    for (guint used_up = 0; used_up < 2; used_up++)
      {
        Sim *sim = sim_new (60 + intermediate);
        SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

        give (client, IKE_PPK_INSIST, NULL, used_up ? NULL : "k");
        give (gateway, IKE_PPK_INSIST, NULL, "k");
        client->config->ppk_in_auth = gateway->config->ppk_in_auth = !intermediate;
        client->ppk_name = "\1front1";
        sim_listen (gateway);
        sim_start (client);
        if (!used_up)
          {
            sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
            sim_assert (sim, g_strcmp0 (gateway->ppk_asked, "\1front1") == 0);
          }
        else
          {
            sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
            sim_assert_reason (sim, client, PPK_FILE);
          }
        sim_end (sim);
      }
}

/* The other end has used it: no reason of the network's, and nothing is open. */
static void
test_pad_used_there (void)
{
  for (guint intermediate = 0; intermediate < 2; intermediate++)
    {
      Sim *sim = sim_new (70 + intermediate);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      give (client, IKE_PPK_INSIST, NULL, "k");
      give (gateway, IKE_PPK_INSIST, NULL, NULL);
      client->config->ppk_in_auth = gateway->config->ppk_in_auth = !intermediate;
      client->ppk_name = gateway->ppk_name = "\1front1";
      sim_listen (gateway);
      sim_start (client);
      sim_assert (sim, sim_run_until (sim, sim_is_down, client, 60 * IKE_SECOND));
      sim_assert (sim, client->reason.code == (intermediate ? IKE_REASON_PPK : IKE_REASON_PEER_REFUSED_US));
      sim_run (sim, 40 * IKE_SECOND);
      sim_assert (sim, sim_kernel_count (&gateway->kernel, TRUE) == 0);
      sim_end (sim);
    }
}

/* Before the gateway's answer comes the same one without what it says of PPKs, which anybody can make of it. */
static SimVerdict
forge (Sim *sim, SimPacket *packet, gpointer data)
{
  gsize len;
  g_autofree guint8 *octets = g_memdup2 (g_bytes_get_data (packet->data, &len), g_bytes_get_size (packet->data));
  g_autoptr (GBytes) forged = NULL;
  guint *found = data;

  if (octets[18] != IKE_EXCHANGE_IKE_SA_INIT || !(octets[19] & IKE_FLAG_RESPONSE))
    return SIM_PASS;
  for (gsize i = IKE_HEADER_LEN; i + 8 <= len; i++)
    {
      const guint16 type = (guint16) (octets[i + 6] << 8 | octets[i + 7]);

      if (octets[i + 2] == 0 && octets[i + 3] == 8 && (type == IKE_NOTIFY_USE_PPK || type == IKE_NOTIFY_USE_PPK_INT))
        {
          octets[i + 6] = 0xff; /* a status that nobody knows */
          (*found)++;
        }
    }
  forged = g_bytes_new (octets, len);
  sim_send (sim, &packet->from, &packet->to, packet->natt, forged, 0);
  return SIM_PASS;
}

static void
test_forged (void)
{
  for (guint intermediate = 0; intermediate < 2; intermediate++)
    {
      Sim *sim = sim_new (80 + intermediate);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint found = 0;

      give (client, IKE_PPK_INSIST, "\2a", "k");
      give (gateway, IKE_PPK_INSIST, "\2a", "k");
      client->config->ppk_in_auth = gateway->config->ppk_in_auth = !intermediate;
      sim->filter = forge;
      sim->filter_data = &found;
      sim_connect (sim, client, gateway);
      sim_assert (sim, found == 1 && client->ups == 1 && client->downs == 0);
      sim_end (sim);
    }
}

#define UNUSED "no post-quantum pre-shared key protects this connection: the peer "

/* Said once by each end that would have liked to have one. */
static void
test_said (void)
{
  static const struct {
    IkePpk theirs;
    const char *their_key;
    guint none, unknown;
  } said[] = { { IKE_PPK_YES, "k", 0, 0 }, { IKE_PPK_NO, NULL, 1, 0 }, { IKE_PPK_YES, NULL, 0, 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    for (guint in_auth = 0; in_auth < 2; in_auth++)
      {
        Sim *sim = sim_new (150);
        SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
        g_auto (GStrv) none = NULL, unknown = NULL;

        give (client, IKE_PPK_YES, "\2a", "k");
        give (gateway, said[i].theirs, "\2a", said[i].their_key);
        client->config->ppk_in_auth = gateway->config->ppk_in_auth = in_auth;
        sim_connect (sim, client, gateway);
        none = g_strsplit (sim->transcript->str, UNUSED "uses none", -1);
        unknown = g_strsplit (sim->transcript->str, UNUSED "does not know ours", -1);
        sim_assert (sim, g_strv_length (none) == said[i].none + 1 && g_strv_length (unknown) == said[i].unknown + 1);
        sim_end (sim);
      }
}

/* Which end proves nothing but that it has the key. */
enum { NULL_CLIENT = 1, NULL_GATEWAY = 2, NULL_BOTH = 3 };

static void
run_null (IkePpk ours, const char *key, const char *id, guint who, gboolean in_auth, gboolean up)
{
  Sim *sim = sim_new (140);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  give (client, ours, "\2a", "k");
  give (gateway, IKE_PPK_YES, id, key);
  client->config->ppk_in_auth = gateway->config->ppk_in_auth = in_auth;
  if (who & NULL_CLIENT)
    client->config->local_auth = gateway->config->remote_auth = IKE_AUTH_NULL;
  if (who & NULL_GATEWAY)
    client->config->remote_auth = gateway->config->local_auth = IKE_AUTH_NULL;
  sim_listen (gateway);
  sim_start (client);
  sim_run (sim, 60 * IKE_SECOND);
  sim_assert (sim, (client->ups > 0) == up);
  sim_assert (sim, (sim_kernel_count (&gateway->kernel, TRUE) > 0) == up && (gateway->kernel.installs > 0) == up);
  sim_end (sim);
}

/* RFC 8784 section 5.2.3: whoever can get in without the key could be anybody. */
static void
test_null (void)
{
  for (guint who = NULL_CLIENT; who <= NULL_BOTH; who++)
    for (guint in_auth = 0; in_auth < 2; in_auth++)
      {
        run_null (IKE_PPK_YES, "k", "\2a", who, in_auth, TRUE);
        run_null (IKE_PPK_NO, "k", "\2a", who, in_auth, FALSE);
        run_null (IKE_PPK_YES, "other", "\2a", who, in_auth, FALSE);
        run_null (IKE_PPK_YES, NULL, "\2a", who, in_auth, FALSE);
        run_null (IKE_PPK_YES, "k", "\2b", who, in_auth, FALSE);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/ppk/intermediate", test_intermediate);
  g_test_add_func ("/sim/ppk/auth", test_auth);
  g_test_add_func ("/sim/ppk/other-key", test_other_key);
  g_test_add_func ("/sim/ppk/keys", test_keys);
  g_test_add_func ("/sim/ppk/wrong-key", test_wrong_key);
  g_test_add_func ("/sim/ppk/with-addke", test_with_addke);
  g_test_add_func ("/sim/ppk/forged", test_forged);
  g_test_add_func ("/sim/ppk/said", test_said);
  g_test_add_func ("/sim/ppk/null", test_null);
  g_test_add_func ("/sim/ppk/pad", test_pad);
  g_test_add_func ("/sim/ppk/pad-used-there", test_pad_used_there);
  return g_test_run ();
}
