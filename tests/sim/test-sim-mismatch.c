/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a responder says when nothing comes of an offer: both lists, once, and not without end. */
#include "sim-attacker.h"

#include "wire/payload-notify.h"

#include <string.h>

/* The gateway's line with @text; asserts that there is one, and only one. */
static char *
line_of (Sim *sim, const char *text)
{
  const char *at = strstr (sim->transcript->str, text);

  sim_assert (sim, at != NULL && strstr (at + 1, text) == NULL);
  return g_strndup (at, strcspn (at, "\n"));
}

static void
assert_said (Sim *sim, const char *exchange, const char *offered, const char *taken)
{
  g_autofree char *start = g_strdup_printf ("%s refused: NO_PROPOSAL_CHOSEN", exchange);
  g_autofree char *wanted = g_strdup_printf ("%s: the other end offers %s, and we take %s", start, offered, taken);
  g_autofree char *line = line_of (sim, start);

  g_assert_cmpstr (line, ==, wanted);
}

static GPtrArray *
one_proposal (IkeProtocolId protocol, const IkeTransform *transforms, guint n)
{
  GPtrArray *proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  IkeProposal *proposal = ike_proposal_new (protocol);

  g_array_append_vals (proposal->transforms, transforms, n);
  g_ptr_array_add (proposals, proposal);
  return proposals;
}

static const IkeTransform old_ike[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 128 },
                                        { IKE_TRANSFORM_ENCR, 1234, 0 },
                                        { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 },
                                        { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
                                        { IKE_TRANSFORM_KE, IKE_KE_MODP_2048, 0 } };
static const char old_ike_text[] = "AES_CBC_128, ENCR_1234/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048";
static const IkeTransform new_ike[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256 },
                                        { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
                                        { IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0 } };
static const char new_ike_text[] = "AES_GCM_16_256/PRF_HMAC_SHA2_256/CURVE25519";
static const IkeTransform old_esp[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 128 },
                                        { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA1_96, 0 },
                                        { IKE_TRANSFORM_ESN, IKE_ESN_NO, 0 } };
static const char old_esp_text[] = "AES_CBC_128/HMAC_SHA1_96";
static const IkeTransform new_esp[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256 },
                                        { IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0 },
                                        { IKE_TRANSFORM_ESN, IKE_ESN_YES, 0 } };

static void
begin (SimAttacker *attacker, guint64 seed)
{
  IkeConfig *config;

  sim_attacker_prepare (attacker, seed);
  config = attacker->gateway->config;
  g_clear_pointer (&config->proposals, g_ptr_array_unref);
  config->proposals = one_proposal (IKE_PROTOCOL_IKE, new_ike, G_N_ELEMENTS (new_ike));
  g_clear_pointer (&config->child_proposals, g_ptr_array_unref);
  config->child_proposals = one_proposal (IKE_PROTOCOL_ESP, new_esp, G_N_ELEMENTS (new_esp));
  sim_listen ((SimHost *) attacker->gateway);
}

static void
end (SimAttacker *attacker)
{
  g_clear_pointer (&attacker->offer, g_ptr_array_unref);
  sim_stop ((SimHost *) attacker->gateway);
  sim_end (attacker->sim);
}

static void
offer (SimAttacker *attacker, IkeProtocolId protocol, const IkeTransform *transforms, guint n)
{
  g_clear_pointer (&attacker->offer, g_ptr_array_unref);
  attacker->offer = transforms ? one_proposal (protocol, transforms, n) : NULL;
}

static void
test_init (void)
{
  SimAttacker attacker;

  begin (&attacker, 1);
  offer (&attacker, IKE_PROTOCOL_IKE, old_ike, G_N_ELEMENTS (old_ike));
  sim_attacker_init (&attacker);
  sim_assert (attacker.sim, attacker.refusal == IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
  assert_said (attacker.sim, "IKE_SA_INIT", old_ike_text, new_ike_text);
  end (&attacker);
}

/* The first Child SA has no key exchange of its own, and none is named. */
static void
test_first_child (void)
{
  for (guint ah = 0; ah < 2; ah++)
    {
      SimAttacker attacker;

      begin (&attacker, 2 + ah);
      sim_attacker_init (&attacker);
      offer (&attacker, ah ? IKE_PROTOCOL_AH : IKE_PROTOCOL_ESP, old_esp, G_N_ELEMENTS (old_esp));
      sim_attacker_enter (&attacker, FALSE);
      sim_assert (attacker.sim, attacker.said == IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
      assert_said (attacker.sim, "IKE_AUTH", ah ? "AH:AES_CBC_128/HMAC_SHA1_96" : old_esp_text, "AES_GCM_16_256/ESN");
      end (&attacker);
    }
}

static void
test_later (void)
{
  SimAttacker attacker;

  begin (&attacker, 4);
  sim_attacker_init (&attacker);
  offer (&attacker, IKE_PROTOCOL_ESP, new_esp, G_N_ELEMENTS (new_esp));
  ((IkeProposal *) attacker.offer->pdata[0])->transforms->len = 1; /* as in IKE_AUTH */
  g_array_append_val (((IkeProposal *) attacker.offer->pdata[0])->transforms, new_esp[2]);
  sim_attacker_enter (&attacker, FALSE);
  sim_assert (attacker.sim, attacker.said == 0);
  offer (&attacker, IKE_PROTOCOL_ESP, old_esp, G_N_ELEMENTS (old_esp));
  sim_attacker_child (&attacker);
  sim_assert (attacker.sim, attacker.said == IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
  assert_said (attacker.sim, "CREATE_CHILD_SA", old_esp_text, "AES_GCM_16_256/CURVE25519/ESN");
  offer (&attacker, IKE_PROTOCOL_IKE, old_ike, G_N_ELEMENTS (old_ike));
  sim_attacker_rekey (&attacker);
  sim_assert (attacker.sim, attacker.said == IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
  assert_said (attacker.sim, "CREATE_CHILD_SA (rekey IKE)", old_ike_text, new_ike_text);
  end (&attacker);
}

/* However much is offered, and however often. */
static void
test_much (void)
{
  SimAttacker attacker;
  g_autoptr (GArray) many = g_array_new (FALSE, TRUE, sizeof (IkeTransform));
  g_autofree char *line = NULL;

  for (guint i = 0; i < 250; i++)
    {
      IkeTransform one = { IKE_TRANSFORM_ENCR, (guint16) (1000 + i), i % 2 ? 128 : 0 };

      g_array_append_val (many, one);
    }
  begin (&attacker, 5);
  offer (&attacker, IKE_PROTOCOL_IKE, (const IkeTransform *) (gconstpointer) many->data, many->len);
  sim_attacker_init (&attacker);
  line = line_of (attacker.sim, "the other end offers ");
  sim_assert (attacker.sim, g_str_has_prefix (line, "the other end offers ENCR_1000, ENCR_1001_128, ENCR_1002, "));
  sim_assert (attacker.sim, strstr (line, "..., and we take AES_GCM") && strlen (line) < 600);
  attacker.patience = 50 * IKE_MILLISECOND;
  for (guint i = 0; i < 100; i++)
    {
      attacker.spi_i++;
      sim_attacker_init (&attacker);
    }
  sim_assert (attacker.sim, attacker.inits == 101);
  sim_assert (attacker.sim, sim_count_said (attacker.sim, "refused: NO_PROPOSAL_CHOSEN") <= 20);
  end (&attacker);
}

static void
test_selectors (void)
{
  Sim *sim = sim_new (6);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
  IkeSelector *selector = client->config->child.remote_ts->pdata[0];
  g_autofree char *line = NULL;

  selector->first = (IkeAddress){ IKE_FAMILY_IP4, { 172, 31 } };
  selector->last = (IkeAddress){ IKE_FAMILY_IP4, { 172, 31, 255, 255 } };
  sim_listen (gateway);
  sim_start (client);
  sim_assert (sim, sim_run_until (sim, sim_is_down, client, 10 * IKE_SECOND));
  sim_assert_reason (sim, client, TS_UNACCEPTABLE);
  line = line_of (sim, "IKE_AUTH refused: TS_UNACCEPTABLE");
  g_assert_cmpstr (
      line, ==,
      "IKE_AUTH refused: TS_UNACCEPTABLE: the other end wants 10.1.0.0/16 there and 172.31.0.0/16 here, and "
      "we allow 10.1.0.0/16 and 10.2.0.0/16");
  sim_end (sim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/mismatch/init", test_init);
  g_test_add_func ("/sim/mismatch/first-child", test_first_child);
  g_test_add_func ("/sim/mismatch/later", test_later);
  g_test_add_func ("/sim/mismatch/much", test_much);
  g_test_add_func ("/sim/mismatch/selectors", test_selectors);
  return g_test_run ();
}
