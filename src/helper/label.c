/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The security label of a connection's SAs and policies (RFC 9478).
 *
 * A kernel without SELinux takes a label and forgets it, without a word: then what is to be kept apart would not be. So
 * it is asked before anything is negotiated, by an SA that no policy names, from this machine to itself, which is looked
 * at and removed. If we die in between, it has our number in its reqid, and is swept.
 *
 * Invariant: there is one label at a time, and what was made with another one, or without, is gone before it is set.
 */
#include "tunnel-private.h"

#include <errno.h>
#include <string.h>

#define PROBE_SLOT 1
#define PROBE_SPI (XFRM_SPI_MAX + 1) /* and the process: of the living nobody else has it */
static const guint8 probe_key[20]; /* of nothing */

typedef struct {
  Tunnel *tunnel;
  XfrmSaId id;
  TunnelFunc func;
  gpointer data;
} Probe;

/* Contexts are text; the kernel's have a final NUL. */
static gboolean
same_text (XfrmLabel a, XfrmLabel b)
{
  gsize a_len = a.len && !a.data[a.len - 1] ? a.len - 1 : a.len,
        b_len = b.len && !b.data[b.len - 1] ? b.len - 1 : b.len;

  return a_len == b_len && (a_len == 0 || memcmp (a.data, b.data, a_len) == 0);
}

static XfrmLabel
text_label (const Tunnel *t)
{
  return (XfrmLabel){ (const guint8 *) t->label_text, strlen (t->label_text) + 1 };
}

static void
finish (Probe *take_probe, int error, const char *text)
{
  g_autofree Probe *probe = take_probe;

  if (!error)
    probe->tunnel->label = text_label (probe->tunnel);
  tunnel_answer (probe->func, probe->data, error, text);
}

static void
on_seen (const NetlinkReply *reply, gpointer data)
{
  Probe *probe = data;
  XfrmState state = { 0 };
  gboolean seen = reply->error == 0 && reply->answer && xfrm_parse_sa (reply->answer, &state) &&
                  same_text (state.label, text_label (probe->tunnel));

  netlink_call (probe->tunnel->xfrm, xfrm_build_sa_delete (&probe->id), NULL, NULL);
  finish (probe, seen ? 0 : EOPNOTSUPP, seen ? "" : "the kernel has forgotten the label of an SA");
}

static void
on_made (const NetlinkReply *reply, gpointer data)
{
  Probe *probe = data;
  g_autofree char *text = NULL;

  if (!reply->error)
    {
      netlink_call (probe->tunnel->xfrm, xfrm_build_sa_get (&probe->id), on_seen, probe);
      return;
    }
  text = g_strdup_printf ("The kernel refused an SA labelled %s: %s", probe->tunnel->label_text,
                          *reply->text ? reply->text : g_strerror (reply->error));
  finish (probe, reply->error, text);
}

void
tunnel_set_label (Tunnel *t, const char *label, TunnelFunc func, gpointer data)
{
  const ChannelAddress here = { .family = 4, .bytes = { 127, 0, 0, 1 } };
  XfrmSa sa = { .with_dir = t->with_dir,
                .aead = TRUE,
                .encr = "rfc4106(gcm(aes))",
                .integ = "",
                .icv_bits = 128,
                .encr_key = { probe_key, sizeof probe_key } };
  Probe *probe;

  if (ledger_size (t->ledger) > 0 || t->label.len ||
      g_strlcpy (t->label_text, label, sizeof t->label_text) >= sizeof t->label_text)
    {
      tunnel_answer (func, data, EBUSY, "The label cannot be changed any more");
      return;
    }
  t->label_said = FALSE;
  probe = g_new0 (Probe, 1);
  probe->tunnel = t;
  probe->func = func;
  probe->data = data;
  sa.label = text_label (t);
  sa.id = tunnel_sa_id (t, PROBE_SLOT, FALSE);
  sa.id.src = sa.id.dst = here;
  sa.id.spi = PROBE_SPI + (guint32) t->owner;
  sa.id.outbound = TRUE;
  probe->id = sa.id;
  netlink_call (t->xfrm, xfrm_build_sa (&sa, FALSE), on_made, probe);
}

gboolean
tunnel_label_is (const Tunnel *t, const char *wanted)
{
  return wanted && *wanted ? t->label.len && strcmp (wanted, t->label_text) == 0 : !t->label.len;
}

gboolean
tunnel_label_takes (Tunnel *t, XfrmLabel label)
{
  g_autofree char *text = NULL;

  if (!label.len || same_text (label, t->label))
    return TRUE;
  if (!t->label_said)
    {
      text = g_strndup ((const char *) label.data, MIN (label.len, CHANNEL_MAX_SEC_LABEL));
      g_message ("packets labelled %s meet a policy of this connection and are dropped: its SAs are labelled %s", text,
                 t->label_text);
    }
  t->label_said = TRUE;
  return FALSE;
}
