/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing; the nets are few, and looked at once for each host. */
#include "sa/groups.h"

const char *
ike_group_name (IkeGroup group)
{
  switch (group)
    {
    case IKE_GROUP_PRIVATE:
      return "private";
    case IKE_GROUP_PRIVATE_OR_CLEAR:
      return "private-or-clear";
    case IKE_GROUP_CLEAR_OR_PRIVATE:
      return "clear-or-private";
    case IKE_GROUP_CLEAR:
      return "clear";
    case IKE_GROUP_BLOCK:
      return "block";
    }
  g_assert_not_reached ();
}

gboolean
ike_prefix_contains (const IkePrefix *net, const IkeAddress *address)
{
  guint whole = net->prefix / 8, bits = net->prefix % 8;

  if (net->address.family != address->family || net->prefix > 8 * ike_family_len (address->family))
    return FALSE;
  return memcmp (net->address.bytes, address->bytes, whole) == 0 &&
         (bits == 0 || ((net->address.bytes[whole] ^ address->bytes[whole]) & (0xff00 >> bits) & 0xff) == 0);
}

gboolean
ike_mesh_group (const IkeMesh *mesh, const IkeAddress *address, IkeGroup *ret)
{
  const IkeMeshNet *best = NULL;

  for (guint i = 0; i < mesh->nets->len; i++)
    {
      const IkeMeshNet *net = &g_array_index (mesh->nets, IkeMeshNet, i);

      if ((!best || net->net.prefix > best->net.prefix) && ike_prefix_contains (&net->net, address))
        best = net;
    }
  if (best)
    *ret = best->group;
  return best != NULL;
}
