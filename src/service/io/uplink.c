/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the choice and the pin. An uplink that has failed is left alone until it goes away and comes back, until all others
 * have failed as well, or for some minutes, which double each time: it may have been no more than a bad moment. A pin stays
 * until its own uplink is gone, or one comes that the kernel would like better.
 */
#include "io/uplink.h"

#define LEFT_ALONE (5 * 60 * G_USEC_PER_SEC)
#define MOST_DOUBLINGS 4
/* IPv6 follows no route to a neighbour that has been silent, whatever its metric, before that has answered the helper's
 * question: it is pinned once more at the news of the last pin, so many times. */
#define PINS_IN_VAIN 10

typedef struct {
  guint32 ifindex; /* 0: none */
  guint times;
  gint64 until; /* when it is as good as any other */
} Failure;

struct _Uplink {
  guint refs;
  gboolean closed;
  Netwatch *netwatch;
  HelperClient *helper;
  UplinkFunc go;
  UplinkOthersFunc others;
  gpointer data;
  IkeAddress only; /* our address; family NONE: any */
  IkeAddress gateway, source;
  guint32 ifindex; /* of the one in use; 0: not known */
  NetwatchUplink liked; /* the one in use as it was when it was chosen: what the kernel thought of it */
  gboolean pinned;
  gboolean beginning; /* uplink_begin() waits for its pin */
  guint in_vain; /* pins one after the other that the kernel does not follow */
  NetwatchUplink next; /* being pinned; ifindex 0: none */
  Failure failed[NETWATCH_MAX_UPLINKS];
  gboolean has_others; /* as was told last */
};

static void
uplink_unref (Uplink *self)
{
  if (--self->refs == 0)
    g_free (self);
}

/* Whoever is sent by another way may have no use for any. */
typedef Uplink UplinkRef;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UplinkRef, uplink_unref)

static Uplink *
uplink_ref (Uplink *self)
{
  self->refs++;
  return self;
}

/* As netwatch_uplinks(), but of our address's link only. */
static guint
find_uplinks (const Uplink *self, NetwatchUplink ret[NETWATCH_MAX_UPLINKS])
{
  guint n = netwatch_uplinks (self->netwatch, &self->gateway, ret);
  guint32 link;

  if (!self->only.family)
    return n;
  link = netwatch_link_of (self->netwatch, &self->only);
  for (guint i = 0; i < n; i++)
    if (ret[i].ifindex == link)
      {
        ret[0] = ret[i];
        ret[0].source = self->only;
        return 1;
      }
  return 0;
}

/* ---- which have failed ---- */

static gboolean
has_failed (const Uplink *self, guint32 ifindex)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->failed); i++)
    if (self->failed[i].ifindex == ifindex)
      return g_get_monotonic_time () < self->failed[i].until;
  return FALSE;
}

static void
forget_failures (Uplink *self, const NetwatchUplink *there, guint n)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->failed); i++)
    {
      gboolean found = FALSE;

      for (guint k = 0; k < n; k++)
        found = found || there[k].ifindex == self->failed[i].ifindex;
      if (!found)
        self->failed[i] = (Failure){ 0 };
    }
}

static void
note_failure (Uplink *self, guint32 ifindex)
{
  Failure *failure = NULL;

  if (!ifindex || has_failed (self, ifindex))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (self->failed); i++)
    if (self->failed[i].ifindex == ifindex || (!failure && !self->failed[i].ifindex))
      failure = &self->failed[i];
  if (!failure)
    return;
  failure->ifindex = ifindex;
  failure->until = g_get_monotonic_time () + ((gint64) LEFT_ALONE << MIN (failure->times, MOST_DOUBLINGS));
  failure->times++;
}

/* ---- going there ---- */

static const NetwatchUplink *
first_good (const Uplink *self, const NetwatchUplink *ups, guint n, guint32 except)
{
  for (guint i = 0; i < n; i++)
    if (ups[i].ifindex != except && !has_failed (self, ups[i].ifindex))
      return &ups[i];
  return NULL;
}

static void
tell_others (Uplink *self, const NetwatchUplink *ups, guint n)
{
  gboolean others = self->ifindex && first_good (self, ups, n, self->ifindex);

  if (self->closed || !others == !self->has_others)
    return;
  self->has_others = others;
  self->others (others, self->data);
}

static void
arrive (Uplink *self, const NetwatchUplink *up)
{
  IkeAddress source = up->source;

  self->beginning = FALSE;
  self->liked = *up;
  self->ifindex = up->ifindex;
  self->source = source;
  self->go (&source, self->data);
}

static void
on_pinned (GError *error, gpointer data)
{
  Uplink *self = data;
  NetwatchUplink next = self->next;

  self->next.ifindex = 0;
  if (!self->closed && next.ifindex)
    {
      self->pinned = error == NULL;
      if (error)
        note_failure (self, next.ifindex);
      /* who begins goes by it even so */
      if (!error || self->beginning)
        arrive (self, &next);
    }
  uplink_unref (self);
}

static void
go_to (Uplink *self, const NetwatchUplink *up)
{
  if (up->chosen)
    {
      self->next.ifindex = 0;
      arrive (self, up);
      return;
    }
  if (self->next.ifindex == up->ifindex)
    return;
  self->next = *up;
  helper_client_pin (self->helper, &self->gateway, up->ifindex, on_pinned, uplink_ref (self));
}

/* ---- looking ---- */

static gboolean
is_better (const NetwatchUplink *a, const NetwatchUplink *b)
{
  return a->prefix > b->prefix || (a->prefix == b->prefix && a->metric < b->metric);
}

static const NetwatchUplink *
find (const NetwatchUplink *ups, guint n, guint32 ifindex)
{
  for (guint i = 0; i < n; i++)
    if (ups[i].ifindex == ifindex)
      return &ups[i];
  return NULL;
}

static void
pin_again (Uplink *self, const NetwatchUplink *up)
{
  if (self->next.ifindex != up->ifindex && self->in_vain++ < PINS_IN_VAIN)
    go_to (self, up);
}

/* The one in use is still there: is it the one that should be? */
static void
reconsider (Uplink *self, const NetwatchUplink *ups, guint n, const NetwatchUplink *now)
{
  const NetwatchUplink *other;

  if (now->chosen)
    self->in_vain = 0;
  if (self->pinned)
    {
      if (!now->chosen)
        pin_again (self, now); /* somebody has removed our pin */
      else if ((other = first_good (self, ups, n, now->ifindex)) && is_better (other, &self->liked))
        go_to (self, other);
      return;
    }
  /* the kernel sends it elsewhere by now: there, or, where that leads nowhere, back */
  if (!now->chosen && ups[0].chosen && !has_failed (self, ups[0].ifindex))
    go_to (self, &ups[0]);
  else if (!now->chosen)
    pin_again (self, now);
}

/* May what is in use stay? Its address must be there, and be the uplink's own if that has one by now. */
static gboolean
is_fit (const Uplink *self, const NetwatchUplink *now)
{
  const guint32 link = netwatch_link_of (self->netwatch, &self->source);

  return link && (link == now->ifindex || netwatch_link_of (self->netwatch, &now->source) != now->ifindex);
}

static void
look (gpointer data)
{
  g_autoptr (UplinkRef) self = uplink_ref (data);
  NetwatchUplink ups[NETWATCH_MAX_UPLINKS];
  const NetwatchUplink *now, *other;
  guint n;

  if (!self->gateway.family)
    return;
  n = find_uplinks (self, ups);
  forget_failures (self, ups, n);
  now = find (ups, n, self->ifindex);
  if (now && is_fit (self, now))
    {
      reconsider (self, ups, n, now);
      tell_others (self, ups, n);
      return;
    }
  self->in_vain = 0;
  other = first_good (self, ups, n, 0);
  if (other || n)
    go_to (self, other ? other : &ups[0]);
  tell_others (self, ups, n);
}

void
uplink_look (Uplink *self)
{
  if (self->netwatch)
    look (self);
}

void
uplink_fails (Uplink *self)
{
  g_autoptr (UplinkRef) keep = uplink_ref (self);
  NetwatchUplink ups[NETWATCH_MAX_UPLINKS];
  const NetwatchUplink *other;
  guint n;

  if (!self->netwatch || !self->gateway.family)
    return;
  n = find_uplinks (self, ups);
  note_failure (self, self->ifindex);
  other = first_good (self, ups, n, self->ifindex);
  if (!other)
    {
      /* all have failed: once more from the beginning */
      forget_failures (self, NULL, 0);
      other = first_good (self, ups, n, self->ifindex);
    }
  if (other)
    go_to (self, other);
  tell_others (self, ups, n);
}

void
uplink_missed (Uplink *self)
{
  self->ifindex = 0;
  self->source.family = IKE_FAMILY_NONE;
}

gboolean
uplink_has_others (const Uplink *self)
{
  return self->has_others;
}

guint32
uplink_get_link (const Uplink *self)
{
  return self->ifindex;
}

void
uplink_begin (Uplink *self, const IkeAddress *gateway)
{
  NetwatchUplink ups[NETWATCH_MAX_UPLINKS];

  self->gateway = *gateway;
  self->ifindex = self->next.ifindex = 0;
  self->beginning = TRUE;
  if (self->netwatch && find_uplinks (self, ups))
    go_to (self, &ups[0]);
  else
    {
      self->beginning = FALSE;
      self->go (&self->only, self->data);
    }
}

void
uplink_use (Uplink *self, const IkePath *path)
{
  NetwatchUplink ups[NETWATCH_MAX_UPLINKS];
  guint n;

  self->gateway = path->remote.address;
  self->source = path->local.address;
  if (!self->netwatch)
    return;
  n = find_uplinks (self, ups);
  for (guint i = 0; i < n; i++)
    if (ike_address_equal (&ups[i].source, &self->source))
      {
        if (self->ifindex != ups[i].ifindex)
          self->liked = ups[i];
        self->ifindex = ups[i].ifindex;
        tell_others (self, ups, n);
        return;
      }
  /* an address that is not the uplink's first: whatever the kernel takes */
  self->ifindex = n && ups[0].chosen ? ups[0].ifindex : 0;
  tell_others (self, ups, n);
}

/* ---- the object ---- */

Uplink *
uplink_new (Netwatch *netwatch, HelperClient *helper, const IkeAddress *only, UplinkFunc go, UplinkOthersFunc others,
            gpointer data)
{
  Uplink *self = g_new0 (Uplink, 1);

  self->refs = 1;
  self->netwatch = netwatch;
  self->helper = helper;
  self->only = *only;
  self->go = go;
  self->others = others;
  self->data = data;
  if (netwatch)
    netwatch_listen (netwatch, look, self);
  return self;
}

void
uplink_free (Uplink *self)
{
  if (!self)
    return;
  self->closed = TRUE;
  if (self->netwatch)
    netwatch_listen (self->netwatch, NULL, NULL);
  /* a new driver begins with the kernel's choice */
  if (self->pinned || self->next.ifindex)
    helper_client_pin (self->helper, &self->gateway, 0, NULL, NULL);
  uplink_unref (self);
}
