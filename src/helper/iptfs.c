/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the kernel has IP-TFS (RFC 9347; Linux 6.14, an option of its configuration). It says so only when it makes an SA,
 * and that is too late: what has been negotiated cannot be another mode any more. So one is made before, for nothing: an
 * outbound one that no policy names, from this machine to itself, and removed at once. If we die in between, it has our
 * number in its reqid, and is swept.
 */
#include "tunnel-private.h"

#define PROBE_SLOT 1
static const guint8 probe_key[20]; /* of nothing */
#define PROBE_OTHER 0x10000000u /* its SPI differs in this from one that the kernel has just given: nobody else has it */

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

  result.iptfs = t->iptfs > 0;
  func (&result, data);
}

static void
on_made (const NetlinkReply *reply, gpointer data)
{
  g_autofree Probe *probe = data;

  probe->tunnel->iptfs = reply->error == 0 ? 1 : -1;
  if (reply->error == 0)
    netlink_call (probe->tunnel->xfrm, xfrm_build_sa_delete (&probe->id), NULL, NULL);
  tell (probe->tunnel, &probe->answer, probe->func, probe->data);
}

void
iptfs_probe (Tunnel *t, const TunnelResult *answer, TunnelFunc func, gpointer data)
{
  const ChannelAddress here = { .family = 4, .bytes = { 127, 0, 0, 1 } };
  XfrmSa sa = { .with_dir = TRUE,
                .aead = TRUE,
                .encr = "rfc4106(gcm(aes))",
                .integ = "",
                .icv_bits = 128,
                .encr_key = { probe_key, sizeof probe_key } };
  Probe *probe;

  /* what knows no directions is older */
  if (!t->with_dir)
    t->iptfs = -1;
  if (t->iptfs)
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
  sa.id.outbound = sa.id.iptfs = TRUE;
  probe->id = sa.id;
  netlink_call (t->xfrm, xfrm_build_sa (&sa, FALSE), on_made, probe);
}
