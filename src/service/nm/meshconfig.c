/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "nm/meshconfig.h"

#include "nm/ikeconfig.h"
#include "profile/mesh.h"

#include <string.h>

/* Libreswan's: so long a host that does not answer is reached in the clear. */
#define SHUNT_SECONDS (15 * 60)
/* And so long one that must not be is not asked again; longer than the kernel remembers that it has asked (30 s). */
#define BLOCK_SECONDS 60
#define MAX_OWN 8

/* ---- from which of our addresses ---- */

/* Some address of the net that can be another machine's. */
static IkeAddress
host_of (const IkePrefix *net)
{
  IkeAddress host = net->address;

  if (net->prefix == 0)
    (void) ike_address_from_string (net->address.family == IKE_FAMILY_IP4 ? "192.0.2.1" : "2001:db8::1", &host);
  else if (net->prefix < 8 * ike_family_len (host.family))
    host.bytes[ike_family_len (host.family) - 1] |= 1;
  return host;
}

static void
add_own (GArray *own, const IkeAddress *address)
{
  for (guint i = 0; i < own->len; i++)
    if (ike_address_equal (&g_array_index (own, IkeAddress, i), address))
      return;
  if (address->family)
    g_array_append_val (own, *address);
}

static IkePrefix
prefix_of (const IpsecMeshNet *net)
{
  return (IkePrefix){ ikeconfig_address (&net->net.first), (guint8) ipsec_selector_prefix (&net->net) };
}

/* At most so many, added to @own: of each link that leads to one of the nets. */
static void
find_own (const IpsecProfile *profile, Netwatch *netwatch, guint most, GArray *own)
{
  NetwatchUplink uplinks[NETWATCH_MAX_UPLINKS];

  if (profile->outer.local_address.family)
    {
      const IkeAddress local = ikeconfig_address (&profile->outer.local_address);

      add_own (own, &local);
      return;
    }
  for (guint i = 0; netwatch && i < profile->mesh->len && own->len < most; i++)
    {
      const IkePrefix net = prefix_of (&g_array_index (profile->mesh, IpsecMeshNet, i));
      const IkeAddress host = host_of (&net);
      const guint n = netwatch_uplinks (netwatch, &host, uplinks);

      if (netwatch_link_of (netwatch, &host)) /* it is we: no way to it leaves this machine */
        add_own (own, &host);
      for (guint way = 0; way < n && own->len < most; way++)
        add_own (own, &uplinks[way].source);
    }
}

/* ---- nets ---- */

static IkeGroup
group_of (IpsecGroup group)
{
  switch (group)
    {
    case IPSEC_GROUP_PRIVATE:
      return IKE_GROUP_PRIVATE;
    case IPSEC_GROUP_PRIVATE_OR_CLEAR:
      return IKE_GROUP_PRIVATE_OR_CLEAR;
    case IPSEC_GROUP_CLEAR_OR_PRIVATE:
      return IKE_GROUP_CLEAR_OR_PRIVATE;
    case IPSEC_GROUP_CLEAR:
      return IKE_GROUP_CLEAR;
    case IPSEC_GROUP_BLOCK:
      return IKE_GROUP_BLOCK;
    }
  g_assert_not_reached ();
}

IkeMesh *
meshconfig_new (const IpsecProfile *profile, Netwatch *netwatch)
{
  IkeMesh *mesh = ike_mesh_new ();

  mesh->shunt_time = SHUNT_SECONDS * IKE_SECOND;
  mesh->block_time = BLOCK_SECONDS * IKE_SECOND;
  for (guint i = 0; i < profile->mesh->len; i++)
    {
      const IpsecMeshNet *from = &g_array_index (profile->mesh, IpsecMeshNet, i);
      IkeMeshNet net = { prefix_of (from), group_of (from->group) };

      g_array_append_val (mesh->nets, net);
    }
  find_own (profile, netwatch, MAX_OWN, mesh->own);
  return mesh;
}

gboolean
meshconfig_ipconfig (const IpsecProfile *profile, Netwatch *netwatch, Ipconfig *ret)
{
  const IpconfigOptions options = { .mtu = profile->tunnel.mtu };
  g_autoptr (IkeConfigured) configured = ike_configured_new ();
  const IkePrefix first = prefix_of (&g_array_index (profile->mesh, IpsecMeshNet, 0));
  g_autoptr (GArray) own = g_array_new (FALSE, TRUE, sizeof (IkeAddress));

  find_own (profile, netwatch, 1, own);
  configured->path.remote.address = own->len ? g_array_index (own, IkeAddress, 0) : host_of (&first);
  return ipconfig_build (configured, &options, ret);
}

/* ---- the kill switch ---- */

static gboolean
is_inside (const IpsecSelector *inner, const IpsecSelector *outer)
{
  return inner->first.family == outer->first.family &&
         memcmp (inner->first.bytes, outer->first.bytes, sizeof inner->first.bytes) >= 0 &&
         memcmp (inner->last.bytes, outer->last.bytes, sizeof inner->last.bytes) <= 0;
}

static gboolean
is_left_alone (const GArray *nets, const IpsecMeshNet *net)
{
  gboolean inside = FALSE;

  for (guint i = 0; i < nets->len; i++)
    {
      const IpsecMeshNet *other = &g_array_index (nets, IpsecMeshNet, i);

      if (other->group != IPSEC_GROUP_PRIVATE)
        continue;
      if (is_inside (&other->net, &net->net))
        return FALSE;
      inside = inside || is_inside (&net->net, &other->net);
    }
  return inside && net->group != IPSEC_GROUP_BLOCK;
}

void
meshconfig_guard (const IpsecProfile *profile, GArray *protect, GArray *except)
{
  for (guint i = 0; i < profile->mesh->len; i++)
    {
      const IpsecMeshNet *net = &g_array_index (profile->mesh, IpsecMeshNet, i);
      const IkeSelector selector = { .first = ikeconfig_address (&net->net.first),
                                     .last = ikeconfig_address (&net->net.last),
                                     .port_last = G_MAXUINT16 };

      if (net->group == IPSEC_GROUP_PRIVATE)
        g_array_append_val (protect, selector);
      else if (is_left_alone (profile->mesh, net))
        g_array_append_val (except, selector);
    }
}
