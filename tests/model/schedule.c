/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens when, from a seed; and as words. */
#include "model.h"

#define MILLISECOND 1000
#define SECOND (1000 * MILLISECOND)

/* How likely, to whom (0: client, 1: gateway, 2: either), and the range of the argument. */
static const struct {
  const char *name;
  guint weight;
  guint8 who;
  guint32 low, high;
} kinds[N_HAPPENINGS] = {
  [HAPPEN_LOSS] = { "loss (percent)", 6, 0, 5, 60 },
  [HAPPEN_DUPLICATES] = { "duplicates (percent)", 3, 0, 5, 50 },
  [HAPPEN_JITTER] = { "jitter (ms)", 4, 0, 1, 400 },
  [HAPPEN_MTU] = { "path mtu", 2, 0, 1280, 1500 },
  [HAPPEN_CUT] = { "nothing of its own arrives", 5, 2, 0, 0 },
  [HAPPEN_HEAL] = { "network heals", 10, 0, 0, 0 },
  [HAPPEN_MOVE] = { "moves to 192.0.2.x", 8, 0, 10, 200 },
  [HAPPEN_REBIND] = { "NAT forgets", 4, 0, 0, 0 },
  [HAPPEN_SLEEP] = { "sleeps (s)", 4, 2, 1, 32400 },
  [HAPPEN_REBOOT] = { "reboots", 3, 2, 0, 0 },
  [HAPPEN_REFUSE_SA] = { "kernel refuses SAs", 3, 2, 0, 0 },
  [HAPPEN_REFUSE_SPI] = { "kernel refuses SPIs", 2, 2, 0, 0 },
  [HAPPEN_ACCEPT] = { "kernel and jobs as they should be", 5, 2, 0, 0 },
  [HAPPEN_SLOW] = { "jobs take (ms)", 5, 2, 10, 40000 },
  [HAPPEN_SOFT] = { "soft lifetime", 12, 2, 0, 0 },
  [HAPPEN_HARD] = { "hard lifetime", 8, 2, 0, 0 },
  [HAPPEN_SOFT_BOTH] = { "soft lifetime at both ends", 8, 0, 0, 0 },
  [HAPPEN_IKE] = { "rekeys its IKE SA", 8, 2, 0, 0 },
  [HAPPEN_IKE_BOTH] = { "IKE rekeyed at both ends", 6, 0, 0, 0 },
  [HAPPEN_STOP] = { "stops", 2, 2, 0, 0 },
  [HAPPEN_START] = { "starts", 4, 2, 0, 0 },
};

static guint8
random_kind (GRand *rand)
{
  gint total = 0, at;

  for (guint i = 0; i < N_HAPPENINGS; i++)
    total += (gint) kinds[i].weight;
  at = g_rand_int_range (rand, 0, total);
  for (guint8 i = 0; i < N_HAPPENINGS; i++)
    if ((at -= (gint) kinds[i].weight) < 0)
      return i;
  g_assert_not_reached ();
}

/* Within one exchange, between two, or long after. */
static gint64
random_gap (GRand *rand)
{
  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      return g_rand_int_range (rand, 0, 2 * MILLISECOND);
    case 1:
      return g_rand_int_range (rand, 0, 60 * MILLISECOND);
    case 2:
      return g_rand_int_range (rand, 0, 5 * SECOND);
    default:
      return (gint64) g_rand_int_range (rand, 0, 90 * 1000) * MILLISECOND;
    }
}

guint
model_random (guint64 seed, Happening ret[MAX_HAPPENINGS])
{
  guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), 0x6d6f64 };
  GRand *rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  guint n = (guint) g_rand_int_range (rand, 1, MAX_HAPPENINGS + 1);

  for (guint i = 0; i < n; i++)
    {
      Happening *happening = &ret[i];

      happening->after = random_gap (rand);
      happening->kind = random_kind (rand);
      happening->who = kinds[happening->kind].who == 2 ? (guint8) g_rand_int_range (rand, 0, 2) : 0;
      happening->arg = (guint32) g_rand_int_range (rand, (gint32) kinds[happening->kind].low,
                                                   (gint32) kinds[happening->kind].high + 1);
      /* most sleeps are short */
      if (happening->kind == HAPPEN_SLEEP && g_rand_int_range (rand, 0, 3))
        happening->arg %= 120;
    }
  g_rand_free (rand);
  return n;
}

char *
model_to_string (const Happening *happening)
{
  return g_strdup_printf ("%+12.6f s  %-7s  %s %u", (double) happening->after / SECOND,
                          happening->who ? "gateway" : "client", kinds[happening->kind].name, happening->arg);
}
