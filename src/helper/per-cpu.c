/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the kernel has SAs for what one processor sends (RFC 9611; Linux 6.13). Older ones pass over the attribute, and
 * take such an SA for one of all processors: so one is made, looked at, and removed, like IP-TFS's (iptfs.c).
 */
#include "tunnel-private.h"

#include <unistd.h>

#define PROBE_SLOT 1
static const guint8 probe_key[20]; /* of nothing */
#define PROBE_OTHER 0x20000000u /* its SPI differs in this from one that the kernel has just given */

typedef struct {
  Tunnel *tunnel;
  TunnelResult answer;
  XfrmSaId id;
  TunnelFunc func;
  gpointer data;
} Probe;

static void
tell (const Tunnel *t, const TunnelResult *answer, TunnelFunc func, gpointer data)
{
  TunnelResult result = *answer;

  result.cpus = (guint) MAX (t->cpus, 0);
  func (&result, data);
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
  g_autofree Probe *probe = data;
  XfrmState state;

  probe->tunnel->cpus =
      reply->error == 0 && reply->answer && xfrm_parse_sa (reply->answer, &state) && state.cpu ? count_cpus () : -1;
  netlink_call (probe->tunnel->xfrm, xfrm_build_sa_delete (&probe->id), NULL, NULL);
  tell (probe->tunnel, &probe->answer, probe->func, probe->data);
}

static void
on_made (const NetlinkReply *reply, gpointer data)
{
  Probe *probe = data;

  if (reply->error == 0)
    {
      netlink_call (probe->tunnel->xfrm, xfrm_build_sa_get (&probe->id), on_seen, probe);
      return;
    }
  probe->tunnel->cpus = -1;
  tell (probe->tunnel, &probe->answer, probe->func, probe->data);
  g_free (probe);
}

void
per_cpu_probe (Tunnel *t, const TunnelResult *answer, TunnelFunc func, gpointer data)
{
  const ChannelAddress here = { .family = 4, .bytes = { 127, 0, 0, 1 } };
  XfrmSa sa = { .with_dir = TRUE,
                .aead = TRUE,
                .encr = "rfc4106(gcm(aes))",
                .integ = "",
                .icv_bits = 128,
                .cpu = 1,
                .encr_key = { probe_key, sizeof probe_key } };
  Probe *probe;

  /* what knows no directions is older */
  if (!t->with_dir)
    t->cpus = -1;
  if (t->cpus)
    {
      tell (t, answer, func, data);
      return;
    }
  probe = g_new0 (Probe, 1);
  probe->tunnel = t;
  probe->answer = *answer;
  probe->answer.text = "";
  probe->func = func;
  probe->data = data;
  sa.id = tunnel_sa_id (t, PROBE_SLOT, FALSE);
  sa.id.src = sa.id.dst = here;
  sa.id.spi = answer->spi ^ PROBE_OTHER;
  sa.id.outbound = TRUE;
  probe->id = sa.id;
  netlink_call (t->xfrm, xfrm_build_sa (&sa, FALSE), on_made, probe);
}
