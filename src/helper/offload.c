/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An installation is tried with the most that is wanted, and again with less where the kernel or the card refuses: the
 * batch before has undone itself by then. A bond is its own card: the kernel takes its active port, and follows it.
 *
 * SAs and policies must agree about whole packets, or the kernel does not find one for the other. So a rekeying whose
 * outbound SA is not what the policies say makes these anew.
 */
#include "offload.h"

#include "kernel/pin-build.h"
#include "tunnel-private.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

typedef struct {
  Tunnel *tunnel;
  const ChannelSaInstall *request; /* the caller keeps it until the answer */
  ChannelSaInstall with_policies;
  TunnelFunc func;
  gpointer data;
  guint32 ifindex;
  ChannelOffload level; /* what is being tried; never AUTO */
  char *why; /* what kept it from being more; NULL: nothing */
} Attempt;

static const char *
level_name (ChannelOffload level)
{
  return level == CHANNEL_OFFLOAD_PACKET ? "packet" : "crypto";
}

static void
say (Attempt *a)
{
  char name[IF_NAMESIZE] = "the uplink";

  if (a->tunnel->offload_said == a->level)
    return;
  a->tunnel->offload_said = (guint8) a->level;
  (void) if_indextoname (a->ifindex, name);
  if (a->level == CHANNEL_OFFLOAD_NO)
    g_message ("nic-offload: the processor encrypts, not %s: %s", name, a->why ? a->why : "there is no route");
  else
    g_message ("nic-offload: %s encrypts (%s)%s%s", name, level_name (a->level), a->why ? "; not more: " : "",
               a->why ? a->why : "");
}

static void
finish (Attempt *a, const TunnelResult *result)
{
  a->tunnel->offload = (XfrmOffload){ 0 };
  if (result->error == 0 && a->request->parts & CHANNEL_SA_OUT)
    say (a);
  a->func (result, a->data);
  g_free (a->why);
  g_free (a);
}

static void
refuse (Attempt *a, int error, const char *why)
{
  char name[IF_NAMESIZE] = "the uplink";
  g_autofree char *text = NULL;

  (void) if_indextoname (a->ifindex, name);
  text = g_strdup_printf ("%s does not do what nic-offload=%s wants (auto or no would do without): %s", name,
                          level_name (a->tunnel->traits.offload), why);
  finish (a, &(const TunnelResult){ .error = error, .text = text });
}

static void attempt (Attempt *a);

static void
on_installed (const TunnelResult *result, gpointer data)
{
  Attempt *a = data;

  if (result->error == 0 || a->level == CHANNEL_OFFLOAD_NO)
    finish (a, result);
  else if (a->tunnel->traits.offload != CHANNEL_OFFLOAD_AUTO)
    refuse (a, result->error, result->text);
  else
    {
      if (!a->why)
        a->why = g_strdup (result->text);
      a->level = a->level == CHANNEL_OFFLOAD_PACKET ? CHANNEL_OFFLOAD_CRYPTO : CHANNEL_OFFLOAD_NO;
      attempt (a);
    }
}

static void
note_policy (const LedgerEntry *entry, gpointer data)
{
  Attempt *a = data;

  if (!entry->policy.offload.packet != (a->level != CHANNEL_OFFLOAD_PACKET))
    a->with_policies.parts |= CHANNEL_SA_POLICIES;
}

static void
attempt (Attempt *a)
{
  a->with_policies = *a->request;
  if (a->request->parts & CHANNEL_SA_OUT)
    ledger_each_policy (a->tunnel->ledger, tunnel_slot_reqid (a->tunnel, a->request->slot), note_policy, a);
  a->tunnel->offload = a->level == CHANNEL_OFFLOAD_NO ? (XfrmOffload){ 0 }
                                                      : (XfrmOffload){ a->ifindex, a->level == CHANNEL_OFFLOAD_PACKET };
  tunnel_install (a->tunnel, &a->with_policies, on_installed, a);
}

/* ---- how much can be wanted ---- */

static gboolean
covers (const ChannelSelectors *selectors, const ChannelAddress *address)
{
  for (guint i = 0; i < selectors->n; i++)
    if (selectors->at[i].first.family == address->family &&
        memcmp (selectors->at[i].first.bytes, address->bytes, sizeof address->bytes) <= 0 &&
        memcmp (selectors->at[i].last.bytes, address->bytes, sizeof address->bytes) >= 0)
      return TRUE;
  return FALSE;
}

/* NULL: as much as @a says. */
static const char *
limit (Attempt *a)
{
  if (a->request->cpi_in)
    {
      a->level = CHANNEL_OFFLOAD_NO;
      return "cards do not compress (ipcomp)";
    }
  if (a->level == CHANNEL_OFFLOAD_PACKET && covers (&a->request->remote_ts, &a->request->remote.address))
    {
      /* the card does not know the sockets that may pass */
      a->level = CHANNEL_OFFLOAD_CRYPTO;
      return "the gateway's own address is one of the tunnel's (remote-ts), and the card would take IKE for its "
             "traffic";
    }
  return NULL;
}

static void
begin (Attempt *a)
{
  guint8 wish = a->tunnel->traits.offload;
  const char *why;

  a->level = wish == CHANNEL_OFFLOAD_AUTO ? CHANNEL_OFFLOAD_PACKET : wish;
  why = limit (a);
  if (why && wish != CHANNEL_OFFLOAD_AUTO)
    {
      refuse (a, EOPNOTSUPP, why);
      return;
    }
  a->why = g_strdup (why);
  attempt (a);
}

static void
on_where (const NetlinkReply *reply, gpointer data)
{
  Attempt *a = data;

  a->ifindex = reply->error == 0 && reply->answer ? pin_parse_where (reply->answer) : 0;
  if (a->ifindex)
    begin (a);
  else if (a->tunnel->traits.offload != CHANNEL_OFFLOAD_AUTO)
    refuse (a, reply->error ? reply->error : ENETUNREACH,
            "the kernel does not say by which link it reaches the gateway");
  else
    {
      a->level = CHANNEL_OFFLOAD_NO;
      attempt (a);
    }
}

void
offload_install (Tunnel *tunnel, Netlink *route, const ChannelSaInstall *request, TunnelFunc func, gpointer data)
{
  Attempt *a;

  /* policies alone are a trap: what they will need is not known yet */
  if (tunnel->traits.offload == CHANNEL_OFFLOAD_NO || !(request->parts & (CHANNEL_SA_IN | CHANNEL_SA_OUT)))
    {
      tunnel_install (tunnel, request, func, data);
      return;
    }
  a = g_new0 (Attempt, 1);
  a->tunnel = tunnel;
  a->request = request;
  a->func = func;
  a->data = data;
  netlink_call (route, pin_build_where (&request->remote.address, &request->local.address), on_where, a);
}
