/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens when, from a seed; and as words. */
#include "model.h"

#define MILLISECOND 1000
#define SECOND (1000 * MILLISECOND)

/* To whom: a client, or anybody. */
enum { CLIENT, ANY };

/* How likely, to whom, and the range of the argument. */
static const struct {
  const char *name;
  guint weight;
  guint8 who;
  guint32 low, high;
} kinds[N_HAPPENINGS] = {
  [HAPPEN_LOSS] = { "loss (percent)", 6, CLIENT, 5, 60 },
  [HAPPEN_DUPLICATES] = { "duplicates (percent)", 3, CLIENT, 5, 50 },
  [HAPPEN_JITTER] = { "jitter (ms)", 4, CLIENT, 1, 400 },
  [HAPPEN_MTU] = { "path mtu", 2, CLIENT, 1280, 1500 },
  [HAPPEN_CUT] = { "nothing of its own arrives", 5, ANY, 0, 0 },
  [HAPPEN_HEAL] = { "network heals", 10, CLIENT, 0, 0 },
  [HAPPEN_MOVE] = { "moves to 192.0.2.x", 8, CLIENT, 10, 200 },
  [HAPPEN_REBIND] = { "NAT forgets", 4, CLIENT, 0, 0 },
  [HAPPEN_SLEEP] = { "sleeps (s)", 4, ANY, 1, 32400 },
  [HAPPEN_REBOOT] = { "reboots", 3, ANY, 0, 0 },
  [HAPPEN_REFUSE_SA] = { "kernel refuses SAs", 3, ANY, 0, 0 },
  [HAPPEN_REFUSE_SPI] = { "kernel refuses SPIs", 2, ANY, 0, 0 },
  [HAPPEN_ACCEPT] = { "kernel and jobs as they should be", 5, ANY, 0, 0 },
  [HAPPEN_SLOW] = { "jobs take (ms)", 5, ANY, 10, 40000 },
  [HAPPEN_SOFT] = { "soft lifetime", 12, ANY, 0, 0 },
  [HAPPEN_HARD] = { "hard lifetime", 8, ANY, 0, 0 },
  [HAPPEN_SOFT_BOTH] = { "soft lifetime at both ends", 8, CLIENT, 0, 0 },
  [HAPPEN_IKE] = { "rekeys its IKE SA", 8, ANY, 0, 0 },
  [HAPPEN_IKE_BOTH] = { "IKE rekeyed at both ends", 6, CLIENT, 0, 0 },
  [HAPPEN_STOP] = { "stops", 2, ANY, 0, 0 },
  [HAPPEN_START] = { "starts", 4, ANY, 0, 0 },
};

ModelKind
model_kind (guint64 seed)
{
  static const ModelKind all[] = { MODEL_TUNNEL, MODEL_TUNNEL, MODEL_TUNNEL, MODEL_PEERS, MODEL_DEMAND, MODEL_SERVER };

  return all[(seed * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 40) % G_N_ELEMENTS (all)];
}

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

static guint8
random_host (GRand *rand, guint8 who, gboolean second)
{
  if (who == ANY)
    return (guint8) g_rand_int_range (rand, 0, second ? MODEL_MAX_HOSTS : MODEL_SECOND);
  return second && g_rand_boolean (rand) ? MODEL_SECOND : MODEL_CLIENT;
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
      happening->who = random_host (rand, kinds[happening->kind].who, model_kind (seed) == MODEL_SERVER);
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
  static const char *const names[] = { "client", "gateway", "second" };

  return g_strdup_printf ("%+12.6f s  %-7s  %s %u", (double) happening->after / SECOND, names[happening->who],
                          kinds[happening->kind].name, happening->arg);
}
