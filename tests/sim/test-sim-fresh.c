/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be new each time: nonces (RFC 7296 section 2.10) and key exchange values (section 2.12: we use none twice), of
 * either end, over attempts, rekeys and whatever is refused. Only who has been told to send the same message again, with a
 * cookie or with another group, keeps the nonce of that attempt; with a cookie also the value.
 */
#include "sim-clear.h"
#include "sim-peer.h"

#include "wire/payload-ke.h"
#include "wire/payload-nonce.h"
#include "wire/payload-notify.h"

#define NONCE_LEN 32 /* at least half of the longest PRF's key */

typedef struct {
  Sim *sim;
  const SimHost *client;
  GHashTable *seen; /* GBytes: nonces, and values with their group */
  GBytes *nonce[2], *value[2]; /* of the last request of each end, the client first */
  GBytes *datagram[2];
  guint nonces, values;
  guint kept; /* that may be the same once more, and were */
} Fresh;

static void
add (Fresh *fresh, GBytes *take_octets, GBytes **last)
{
  sim_assert (fresh->sim, !g_hash_table_contains (fresh->seen, take_octets));
  g_hash_table_add (fresh->seen, take_octets);
  g_clear_pointer (last, g_bytes_unref);
  *last = g_bytes_ref (take_octets);
}

static void
release (Fresh *fresh, GBytes **last)
{
  if (*last)
    g_hash_table_remove (fresh->seen, *last);
  g_clear_pointer (last, g_bytes_unref);
}

static void
look (Fresh *fresh, const IkeHeader *header, const IkePayloads *payloads, guint who)
{
  const IkePayload *nonce = ike_payloads_find (payloads, IKE_PAYLOAD_NONCE);
  const IkePayload *ke = ike_payloads_find (payloads, IKE_PAYLOAD_KE);
  gboolean answer = (header->flags & IKE_FLAG_RESPONSE) != 0;
  GBytes *unused = NULL;
  IkeNotify notify;

  if (answer && ike_notify_find (payloads, IKE_NOTIFY_COOKIE, &notify))
    {
      fresh->kept++;
      release (fresh, &fresh->nonce[!who]);
      release (fresh, &fresh->value[!who]);
    }
  else if (answer && ike_notify_find (payloads, IKE_NOTIFY_INVALID_KE_PAYLOAD, &notify))
    {
      fresh->kept++;
      release (fresh, &fresh->nonce[!who]);
    }
  if (nonce)
    {
      sim_assert (fresh->sim, nonce->body.len == NONCE_LEN);
      fresh->nonces++;
      add (fresh, ike_chunk_dup (nonce->body), answer ? &unused : &fresh->nonce[who]);
      g_clear_pointer (&unused, g_bytes_unref);
    }
  if (ke)
    {
      fresh->values++;
      add (fresh, ike_chunk_dup (ke->body), answer ? &unused : &fresh->value[who]);
      g_clear_pointer (&unused, g_bytes_unref);
    }
}

static gboolean
look_inside (const SimClear *clear, IkeBuilder *instead, gpointer data)
{
  Fresh *fresh = data;

  /* who has begun the IKE SA need not be the client, but is the same end for all of an exchange */
  look (fresh, clear->header, clear->payloads, !clear->from_initiator);
  return FALSE;
}

static SimVerdict
look_outside (Sim *sim, SimPacket *packet, gpointer data)
{
  Fresh *fresh = data;
  guint who = !ike_address_equal (&packet->from.address, &fresh->client->address);
  g_autofree IkeMessage *message = g_new0 (IkeMessage, 1);

  if (ike_message_parse (ike_chunk_bytes (packet->data), message) != IKE_PARSE_OK ||
      (message->header.exchange != IKE_EXCHANGE_IKE_SA_INIT &&
       message->header.exchange != IKE_EXCHANGE_IKE_SESSION_RESUME))
    return SIM_PASS;
  /* sent again because nobody has answered */
  if (fresh->datagram[who] && g_bytes_equal (fresh->datagram[who], packet->data))
    return SIM_PASS;
  g_clear_pointer (&fresh->datagram[who], g_bytes_unref);
  fresh->datagram[who] = g_bytes_ref (packet->data);
  look (fresh, &message->header, &message->payloads, who);
  return SIM_PASS;
}

static void
watch (Fresh *fresh, Sim *sim, const SimHost *client)
{
  *fresh = (Fresh){
    .sim = sim,
    .client = client,
    .seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL),
  };
  sim->filter = look_outside;
  sim->filter_data = fresh;
  sim_clear_watch (look_inside, fresh);
}

static void
end (Fresh *fresh)
{
  sim_clear_watch (NULL, NULL);
  sim_end (fresh->sim);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&fresh->nonce[i], g_bytes_unref);
      g_clear_pointer (&fresh->value[i], g_bytes_unref);
      g_clear_pointer (&fresh->datagram[i], g_bytes_unref);
    }
  g_hash_table_unref (fresh->seen);
}

/* A gateway that does not answer for a while is asked by new attempts; then one is good; and the user comes and goes. */
static void
test_attempts (gconstpointer data)
{
  gboolean resume = GPOINTER_TO_INT (data);
  Sim *sim = sim_new (1);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  Fresh fresh;
  guint before;

  client->config->keep_trying = TRUE;
  client->config->dpd_delay = gateway->config->dpd_delay = 20 * IKE_SECOND;
  client->config->resumption = gateway->config->resumption = resume;
  watch (&fresh, sim, client);
  sim_connect (sim, client, gateway);
  for (guint i = 0; i < 3; i++)
    {
      before = fresh.nonces;
      gateway->off = TRUE;
      sim_run (sim, 900 * IKE_SECOND);
      sim_assert (sim, fresh.nonces >= before + 4);
      gateway->off = FALSE;
      sim_run (sim, 200 * IKE_SECOND);
      sim_assert (sim, client->ups == i + 2);
      sim_assert_agree (client, gateway, 1);
    }
  end (&fresh);
}

/* Rekeys of everything by both, with one key exchange or with two; @invalid: the group is another one at first. */
static void
rekey (gboolean additional, gboolean invalid)
{
  Sim *sim = sim_new (2);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  Fresh fresh;

  for (guint i = 0; i < 2; i++)
    {
      IkeConfig *config = (i ? gateway : client)->config;

      config->child.pfs = TRUE;
      config->ike_lifetime = 4 * 3600 * IKE_SECOND;
      config->ike_rekey_margin = 600 * IKE_SECOND;
      for (guint list = 0; list < 2; list++)
        {
          GPtrArray *proposals = list ? config->proposals : config->child_proposals;

          for (guint p = 0; invalid && p < proposals->len; p++)
            {
              GArray *transforms = ((IkeProposal *) proposals->pdata[p])->transforms;

              for (guint n = transforms->len; n-- > 0;)
                if (g_array_index (transforms, IkeTransform, n).type == IKE_TRANSFORM_KE)
                  g_array_remove_index (transforms, n);
            }
          if (invalid)
            {
              sim_offer (proposals, IKE_TRANSFORM_KE, i ? IKE_KE_ECP_521 : IKE_KE_ECP_384);
              sim_offer (proposals, IKE_TRANSFORM_KE, IKE_KE_ECP_256);
            }
          if (additional)
            sim_offer (proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
        }
    }
  watch (&fresh, sim, client);
  sim_connect (sim, client, gateway);
  for (guint i = 0; i < 8; i++)
    {
      SimHost *host = i & 1 ? client : gateway;
      guint values = fresh.values, nonces = fresh.nonces;

      if (i & 2)
        sim_hasten (host, "rekey");
      else
        sim_expire (host, sim_kernel_outbound (&host->kernel)->spi, FALSE);
      sim_run (sim, 30 * IKE_SECOND);
      sim_assert (sim, fresh.values >= values + (additional ? 4 : 2) && fresh.nonces >= nonces + 2);
      sim_assert_agree (client, gateway, 1);
    }
  sim_assert (sim, !invalid == !fresh.kept);
  end (&fresh);
}

static void
test_rekeys (void)
{
  rekey (FALSE, FALSE);
  rekey (TRUE, FALSE);
}

static void
test_other_groups (void)
{
  rekey (FALSE, TRUE);
}

/* RFC 7296 section 2.6: with a cookie "all other payloads unchanged". */
static void
test_cookies (void)
{
  Sim *sim = sim_new (3);
  SimHost *client = sim_client (sim);
  SimPeer *peer = sim_peer_new (sim);
  Fresh fresh;

  peer->cookies = 2;
  watch (&fresh, sim, client);
  /* the script takes the same nonce each time, and protects by itself */
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_up, client, 10 * IKE_SECOND));
  sim_assert (sim, fresh.kept == 2 && fresh.nonces == 4 && fresh.values == 4);
  /* that of the client, and that of the script */
  sim_assert (sim, g_hash_table_size (fresh.seen) == 4);
  end (&fresh);
  sim_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sim/fresh/attempts", GINT_TO_POINTER (FALSE), test_attempts);
  g_test_add_data_func ("/sim/fresh/attempts-resumed", GINT_TO_POINTER (TRUE), test_attempts);
  g_test_add_func ("/sim/fresh/rekeys", test_rekeys);
  g_test_add_func ("/sim/fresh/other-groups", test_other_groups);
  g_test_add_func ("/sim/fresh/cookies", test_cookies);
  return g_test_run ();
}
