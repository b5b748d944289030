/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long keys are used, by what each cipher stands, by the profile, by time and by message ids; and that both ends, and
 * two tunnels that began together, do not rekey at once. RFC 7296 sections 2.2 and 2.8. */
#include "sim-internal.h"

#include "crypto/proposal.h"
#include "sa/parent.h"

#define KIB G_GUINT64_CONSTANT (1024)
#define TWO_TO(n) (G_GUINT64_CONSTANT (1) << (n))
#define N_SEEDS 12
#define SETTLED (10 * IKE_SECOND)

/* as ike-engine.c has it */
typedef struct {
  IkeCore core;
} Inside;

static guint32
current_spi (const SimHost *host)
{
  return sim_kernel_outbound (&host->kernel)->spi;
}

/* The only proposal for Child SAs. */
static void
propose (SimHost *host, guint16 encr, guint16 bits, guint16 integ, gboolean esn)
{
  const IkeTransform transforms[] = { { IKE_TRANSFORM_ENCR, encr, bits },
                                      { IKE_TRANSFORM_ESN, esn != FALSE, 0 },
                                      { IKE_TRANSFORM_INTEG, integ, 0 } };
  IkeProposal *proposal = host->config->child_proposals->pdata[0];

  g_ptr_array_set_size (host->config->child_proposals, 1);
  g_array_set_size (proposal->transforms, 0);
  g_array_append_vals (proposal->transforms, transforms, integ ? 3 : 2);
  host->config->child.pfs = FALSE;
}

/* Between eight and nine tenths, in steps of a 256th of a tenth. */
static gboolean
is_soft (guint64 soft, guint64 hard)
{
  return hard ? soft > hard / 10 * 8 && soft <= hard - hard / 10 : soft == 0;
}

/* ---- what the kernel is told ---- */

typedef struct {
  guint16 encr, bits, integ;
  gboolean esn;
  guint64 wanted; /* esp-bytes */
  guint64 octets, packets; /* hard limits */
} Case;

static const Case cases[] = {
  { IKE_ENCR_AES_GCM_16, 256, 0, FALSE, 0, TWO_TO (39), 0xfff00000 },
  { IKE_ENCR_AES_GCM_16, 256, 0, TRUE, 0, TWO_TO (39), TWO_TO (34) },
  { IKE_ENCR_AES_GCM_16, 128, 0, TRUE, TWO_TO (60), TWO_TO (39), TWO_TO (34) },
  { IKE_ENCR_AES_GCM_16, 128, 0, TRUE, TWO_TO (30), TWO_TO (30), TWO_TO (34) },
  { IKE_ENCR_CHACHA20_POLY1305, 0, 0, FALSE, 0, 0, 0xfff00000 },
  { IKE_ENCR_CHACHA20_POLY1305, 0, 0, TRUE, 0, 0, 0 },
  { IKE_ENCR_CHACHA20_POLY1305, 0, 0, TRUE, TWO_TO (60), TWO_TO (60), 0 },
  { IKE_ENCR_AES_CCM_8, 192, 0, TRUE, 0, TWO_TO (37), TWO_TO (33) },
  { IKE_ENCR_NULL_AUTH_AES_GMAC, 256, 0, TRUE, 0, 0, TWO_TO (36) },
  { IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, TRUE, 0, TWO_TO (39), TWO_TO (34) },
  { IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA2_256_128, FALSE, 0, TWO_TO (26), TWO_TO (22) },
  { IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA2_256_128, TRUE, 0, TWO_TO (26), TWO_TO (22) },
  { IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, TRUE, TWO_TO (36), TWO_TO (26), TWO_TO (22) },
  { IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, TRUE, TWO_TO (20), TWO_TO (20), TWO_TO (22) },
  { IKE_ENCR_NULL, 0, IKE_INTEG_AES_CMAC_96, TRUE, 0, 0, TWO_TO (48) },
};

static void
test_ciphers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      Sim *sim = sim_new (700 + i);
      SimHost *hosts[] = { sim_client (sim), sim_gateway (sim) };

      for (guint j = 0; j < 2; j++)
        {
          propose (hosts[j], c->encr, c->bits, c->integ, c->esn);
          hosts[j]->config->child.lifetime_bytes = c->wanted;
        }
      sim_connect (sim, hosts[0], hosts[1]);
      for (guint rekeyed = 0; rekeyed < 2; rekeyed++)
        {
          sim_assert_agree (hosts[0], hosts[1], 1);
          for (guint j = 0; j < 4; j++)
            {
              const SimKernel *kernel = &hosts[j / 2]->kernel;
              const SimSa *out = sim_kernel_outbound (&hosts[(j & 1) ? j / 2 : !(j / 2)]->kernel);
              const SimSa *sa = sim_kernel_find (kernel, out->spi, j & 1);

              sim_assert (sim, sa->encr_id == c->encr && !sa->esn == !c->esn);
              sim_assert (sim, sa->hard_bytes == c->octets && is_soft (sa->soft_bytes, sa->hard_bytes));
              sim_assert (sim, sa->hard_packets == c->packets && is_soft (sa->soft_packets, sa->hard_packets));
            }
          sim_expire (hosts[0], current_spi (hosts[0]), FALSE);
          sim_run (sim, SETTLED);
        }
      sim_end (sim);
    }
}

/* ---- what comes of it ---- */

/* Octets decide, under traffic: nothing is lost, and no key protects more. */
static void
test_octets (void)
{
  Sim *sim = sim_new (720);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->child.lifetime_bytes = gateway->config->child.lifetime_bytes = 64 * KIB;
  sim_connect (sim, client, gateway);
  sim_ping (client, gateway, 10 * IKE_MILLISECOND, 120 * IKE_SECOND);
  sim_run (sim, 135 * IKE_SECOND);
  /* of 780 pings each; 12,000 of them */
  sim_assert (sim, client->kernel.installs >= 16 && client->kernel.installs <= 50);
  sim_assert (sim, sim->pings > 20000 && sim->pings == sim->pongs);
  sim_assert (sim, client->ups == 1 && !client->reconnectings && !strstr (sim->transcript->str, "has expired"));
  sim_assert_agree (client, gateway, 1);
  sim_end (sim);
}

/* 3DES, whose limits the profile does not know of; small packets reach theirs first. */
static void
test_cipher_ends (void)
{
  for (guint small = 0; small < 2; small++)
    {
      const guint64 octets = small ? 8 : 1400, hard = small ? TWO_TO (22) : TWO_TO (26) / 1400;
      Sim *sim = sim_new (730 + small);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      guint32 spi;

      propose (client, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, TRUE);
      propose (gateway, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, TRUE);
      sim_connect (sim, client, gateway);
      spi = current_spi (client);
      for (guint i = 0; i < 2; i++) /* at eight tenths nothing happens */
        sim_assert (sim,
                    sim_carry (client, sim_kernel_outbound (&client->kernel), octets * (hard / 10 * 4), hard / 10 * 4));
      sim_run (sim, SETTLED);
      sim_assert (sim, current_spi (client) == spi);
      for (guint i = 0; i < 2; i++) /* at nine they are rekeyed */
        sim_assert (sim, sim_carry (client, sim_kernel_outbound (&client->kernel), octets * (hard / 9), hard / 9));
      sim_run (sim, SETTLED);
      sim_assert (sim, current_spi (client) != spi);
      sim_assert_agree (client, gateway, 1);

      /* who sends on nevertheless cannot */
      spi = current_spi (client);
      sim_assert (sim, sim_carry (client, sim_kernel_outbound (&client->kernel), octets * (hard + 1), hard + 1));
      sim_assert (sim, !sim_carry (client, sim_kernel_outbound (&client->kernel), octets, 1));
      sim_run (sim, SETTLED);
      sim_assert (sim, current_spi (client) != spi && strstr (sim->transcript->str, "has expired"));
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_end (sim);
    }
}

static gboolean
is_made_anew (Sim *sim, gpointer host)
{
  return sim_kernel_outbound (&((SimHost *) host)->kernel) != NULL;
}

/* A fast line has used up what the gateway may send before the client, to whom its kernel has said so too, has rekeyed it:
 * what the gateway deletes then is made anew as soon as the first time. */
static void
test_fast_line (void)
{
  const guint64 octets = 1400, hard = TWO_TO (26) / 1400;
  Sim *sim = sim_new (735);
  SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

  client->config->keep_trying = TRUE;
  propose (client, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, TRUE);
  propose (gateway, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, TRUE);
  sim_connect (sim, client, gateway);
  for (guint i = 0; i < 8; i++)
    {
      SimSa *out = sim_kernel_outbound (&gateway->kernel);
      SimSa *in = sim_kernel_find (&client->kernel, out->spi, FALSE);

      sim_assert (sim, sim_carry (gateway, out, octets * (hard + 1), hard + 1));
      sim_assert (sim, sim_carry (client, in, octets * (hard - 1), hard - 1) && sim_carry (client, in, octets, 1));
      sim_assert (sim, in->dying && !sim_carry (gateway, out, octets, 1));
      sim_run (sim, 50 * IKE_MILLISECOND);
      sim_assert (sim, !sim_kernel_outbound (&client->kernel));
      sim_assert (sim, sim_run_until (sim, is_made_anew, client, IKE_SECOND / 2));
      sim_run (sim, IKE_SECOND);
      sim_assert_agree (client, gateway, 1);
    }
  sim_assert (sim, client->ups == 1 && !client->reconnectings);
  sim_end (sim);
}

/* ---- never at once ---- */

typedef struct {
  guint64 least, most;
} Range;

static void
range_add (Range *range, guint64 value)
{
  range->least = range->most ? MIN (range->least, value) : value;
  range->most = MAX (range->most, value);
}

/* The soft limits of both ends' SAs differ, in octets and in packets, and so do those of tunnels. */
static void
test_soft_limits (void)
{
  Range octets = { 0 }, packets = { 0 };
  guint same = 0;

  for (guint i = 0; i < N_SEEDS; i++)
    {
      Sim *sim = sim_new (740 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      const SimSa *out, *in;

      sim_connect (sim, client, gateway);
      out = sim_kernel_outbound (&client->kernel);
      in = sim_kernel_find (&gateway->kernel, out->spi, FALSE);
      same += out->soft_bytes == in->soft_bytes;
      same += out->soft_packets == in->soft_packets;
      range_add (&octets, out->soft_bytes);
      range_add (&packets, out->soft_packets);
      sim_end (sim);
    }
  /* of 256 values each */
  g_assert_cmpuint (same, <=, 2);
  g_assert_cmpuint (octets.most - octets.least, >, TWO_TO (39) / 30);
  g_assert_cmpuint (packets.most - packets.least, >, 0xfff00000 / 30);
}

static gboolean
has_other_spi (Sim *sim, gpointer data)
{
  const SimHost *client = sim->hosts->pdata[0];

  return current_spi (client) != GPOINTER_TO_UINT (data);
}

static gboolean
has_other_ike (Sim *sim, gpointer data)
{
  (void) data;
  return strstr (sim->transcript->str, "CREATE_CHILD_SA") != NULL;
}

/* Lifetimes of 1000 s with a margin of 100 s: when each of @N_SEEDS tunnels is rekeyed. */
static void
rekey_by_time (gboolean ike, Range *ret)
{
  *ret = (Range){ 0 };
  for (guint i = 0; i < N_SEEDS; i++)
    {
      Sim *sim = sim_new (760 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);
      IkeTime since;

      if (ike)
        {
          client->config->ike_lifetime = 1000 * IKE_SECOND;
          client->config->ike_rekey_margin = 100 * IKE_SECOND;
        }
      else
        {
          client->config->child.lifetime = 1000 * IKE_SECOND;
          client->config->child.rekey_margin = 100 * IKE_SECOND;
        }
      sim_connect (sim, client, gateway);
      since = sim->now;
      sim_assert (sim, sim_run_until (sim, ike ? has_other_ike : has_other_spi, GUINT_TO_POINTER (current_spi (client)),
                                      1000 * IKE_SECOND));
      range_add (ret, (guint64) ((sim->now - since) / IKE_SECOND));
      sim_assert (sim, client->ups == 1 && !client->reconnectings);
      sim_end (sim);
    }
}

static void
test_soft_lifetimes (void)
{
  for (guint ike = 0; ike < 2; ike++)
    {
      Range seconds;

      rekey_by_time (ike != 0, &seconds);
      g_assert_cmpuint (seconds.least, >=, 799);
      g_assert_cmpuint (seconds.most, <=, 901);
      g_assert_cmpuint (seconds.most - seconds.least, >, 30);
    }
}

/* ---- message ids ---- */

static IkeParent *
newest_ike (const SimHost *host)
{
  const IkeCore *core = &((Inside *) host->engine)->core;
  IkeParent *newest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->parents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((IkeParent *) value)->state == IKE_PARENT_ESTABLISHED)
      newest = value;
  return newest;
}

/* As if so many requests of each had been answered. */
static void
count_on (SimHost *client, SimHost *gateway, guint32 of_client, guint32 of_gateway)
{
  IkeWindow *ours = &newest_ike (client)->window, *theirs = &newest_ike (gateway)->window;

  ike_window_forget_answers (ours);
  ike_window_forget_answers (theirs);
  ours->next = theirs->expected = of_client;
  theirs->next = ours->expected = of_gateway;
}

/* Of either end's requests; who made the IKE SA rekeys it, once, and it goes on from 0. */
static void
test_ids_worn (void)
{
  for (guint i = 0; i < 4; i++)
    {
      const guint32 many = IKE_WINDOW_WORN - 1;
      Sim *sim = sim_new (780 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim), *who = i & 2 ? gateway : client;
      const IkeParent *before;
      guint32 spi;

      client->config->child.pfs = gateway->config->child.pfs = FALSE;
      sim_connect (sim, client, gateway);
      before = newest_ike (client);
      spi = current_spi (client);
      count_on (client, gateway, i & 1 ? many : 5, i & 1 ? 5 : many);
      sim_run (sim, SETTLED);
      sim_assert (sim, newest_ike (client) == before);
      /* one from the side whose ids they are */
      sim_expire (i & 1 ? client : gateway, current_spi (i & 1 ? client : gateway), FALSE);
      sim_run (sim, 3 * SETTLED); /* at first that may be in the way */
      sim_assert (sim, newest_ike (client) && newest_ike (client) != before && current_spi (client) != spi);
      sim_assert (sim, !strstr (sim->transcript->str, "gateway [packet] sent CREATE_CHILD_SA (rekey IKE) request"));
      sim_assert (sim, newest_ike (client)->window.next < 10 && newest_ike (client)->window.expected < 10);
      /* and what is left works */
      spi = current_spi (who);
      before = newest_ike (client);
      sim_expire (who, spi, FALSE);
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, current_spi (who) != spi && newest_ike (client) == before);
      sim_assert_agree (client, gateway, 1);
      sim_assert (sim, sim_count_ike (client) == 1 && sim_count_ike (gateway) == 1);
      sim_assert (sim, client->ups == 1 && !client->downs && !client->reconnectings);
      sim_end (sim);
    }
}

/* A gateway that will not rekey the IKE SA is not asked with every message; with the last id the IKE SA is closed, by
 * DELETE, before any comes again. */
static void
test_ids_end (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Sim *sim = sim_new (790 + i);
      SimHost *client = sim_client (sim), *gateway = sim_gateway (sim);

      client->config->child.pfs = gateway->config->child.pfs = FALSE;
      client->config->keep_trying = FALSE;
      sim_connect (sim, client, gateway);
      count_on (client, gateway, i ? IKE_WINDOW_END - 1 : 5, i ? 5 : IKE_WINDOW_END - 1);
      newest_ike (client)->window.worn = newest_ike (gateway)->window.worn = G_MAXUINT32;
      sim_run (sim, SETTLED);
      sim_assert (sim, sim_count_ike (client) == 1 && !client->downs);
      sim_expire (i ? client : gateway, current_spi (i ? client : gateway), FALSE);
      sim_run (sim, SETTLED);
      sim_assert (sim, client->downs && strstr (sim->transcript->str, "the end of its life"));
      sim_run (sim, 60 * IKE_SECOND);
      sim_assert (sim, !sim_count_ike (client) && !sim_count_ike (gateway));
      sim_assert (sim, !client->kernel.sas->len && !gateway->kernel.sas->len);
      sim_end (sim);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/limits/ciphers", test_ciphers);
  g_test_add_func ("/sim/limits/octets", test_octets);
  g_test_add_func ("/sim/limits/cipher-ends", test_cipher_ends);
  g_test_add_func ("/sim/limits/fast-line", test_fast_line);
  g_test_add_func ("/sim/limits/soft-limits", test_soft_limits);
  g_test_add_func ("/sim/limits/soft-lifetimes", test_soft_lifetimes);
  g_test_add_func ("/sim/limits/ids-worn", test_ids_worn);
  g_test_add_func ("/sim/limits/ids-end", test_ids_end);
  return g_test_run ();
}
