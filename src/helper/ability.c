/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel can do and says only when it makes an SA, which is too late for what has been negotiated by then: IP-TFS
 * (RFC 9347; Linux 6.14, an option of its configuration), SAs for what one processor sends (RFC 9611; Linux 6.13, older
 * ones pass over the attribute). So one is made before, for nothing: an outbound one that no policy names, from this
 * machine to itself, looked at where that tells more, and removed at once. If we die in between, it has our number in its
 * reqid, and is swept.
 */
#include "tunnel-private.h"

#include <unistd.h>

#define PROBE_SLOT 1
static const guint8 probe_key[20]; /* of nothing */

typedef struct {
  Tunnel *tunnel;
  Ability ability;
  TunnelResult answer;
  XfrmSaId id;
  TunnelFunc func;
  gpointer data;
} Probe;

/* its SPI differs in this from one that the kernel has just given: nobody else has it */
static const guint32 other_spi[ABILITY_N] = { [ABILITY_IPTFS] = 0x10000000, [ABILITY_CPUS] = 0x20000000 };

static void
tell (const Tunnel *t, Ability ability, const TunnelResult *answer, TunnelFunc func, gpointer data)
{
  TunnelResult result = *answer;

  switch (ability)
    {
    case ABILITY_IPTFS:
      result.iptfs = t->abilities[ability] > 0;
      break;
    case ABILITY_CPUS:
      result.cpus = (guint) MAX (t->abilities[ability], 0);
      break;
    case ABILITY_N:
      g_assert_not_reached ();
    }
  func (&result, data);
}

static void
finish (Probe *take_probe, gint found)
{
  g_autofree Probe *probe = take_probe;

  probe->tunnel->abilities[probe->ability] = found;
  tell (probe->tunnel, probe->ability, &probe->answer, probe->func, probe->data);
}

/* Those that run: of a virtual machine many more may be possible, and never come. */
static gint
count_cpus (void)
{
  return (gint) CLAMP (sysconf (_SC_NPROCESSORS_ONLN), 1, CHANNEL_MAX_CPUS);
}

static void
on_seen (const NetlinkReply *reply, gpointer data)
{
  Probe *probe = data;
  XfrmState state;
  gboolean has_cpu = reply->error == 0 && reply->answer && xfrm_parse_sa (reply->answer, &state) && state.cpu;

  netlink_call (probe->tunnel->xfrm, xfrm_build_sa_delete (&probe->id), NULL, NULL);
  finish (probe, has_cpu ? count_cpus () : -1);
}

static void
on_made (const NetlinkReply *reply, gpointer data)
{
  Probe *probe = data;

  if (reply->error == 0 && probe->ability == ABILITY_CPUS)
    {
      netlink_call (probe->tunnel->xfrm, xfrm_build_sa_get (&probe->id), on_seen, probe);
      return;
    }
  if (reply->error == 0)
    netlink_call (probe->tunnel->xfrm, xfrm_build_sa_delete (&probe->id), NULL, NULL);
  finish (probe, reply->error == 0 ? 1 : -1);
}

void
ability_find (Tunnel *t, Ability ability, const TunnelResult *answer, TunnelFunc func, gpointer data)
{
  const ChannelAddress here = { .family = 4, .bytes = { 127, 0, 0, 1 } };
  XfrmSa sa = { .with_dir = TRUE,
                .aead = TRUE,
                .encr = "rfc4106(gcm(aes))",
                .integ = "",
                .icv_bits = 128,
                .cpu = ability == ABILITY_CPUS,
                .encr_key = { probe_key, sizeof probe_key } };
  Probe *probe;

  /* what knows no directions is older */
  if (!t->with_dir)
    t->abilities[ability] = -1;
  if (t->abilities[ability])
    {
      tell (t, ability, answer, func, data);
      return;
    }
  probe = g_new0 (Probe, 1);
  probe->tunnel = t;
  probe->ability = ability;
  probe->answer = *answer;
  probe->answer.text = "";
  probe->func = func;
  probe->data = data;
  sa.id = tunnel_sa_id (t, PROBE_SLOT, FALSE);
  sa.id.src = sa.id.dst = here;
  sa.id.spi = answer->spi ^ other_spi[ability];
  sa.id.outbound = TRUE;
  sa.id.iptfs = ability == ABILITY_IPTFS;
  probe->id = sa.id;
  netlink_call (t->xfrm, xfrm_build_sa (&sa, FALSE), on_made, probe);
}
