/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a mesh's profile says of its groups; and what must hold for a mesh. */
#include "config.h"

#include "profile/mesh.h"
#include "profile/profile-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define MISSING IPSEC_PROFILE_ERROR_MISSING_KEY

static const char *const groups[] = { "private", "private-or-clear", "clear-or-private", "clear", "block" };

static gboolean
is_same_net (const IpsecSelector *a, const IpsecSelector *b)
{
  return memcmp (&a->first, &b->first, sizeof a->first) == 0 && memcmp (&a->last, &b->last, sizeof a->last) == 0;
}

/* The most specific net decides, so that one in two groups would be a matter of chance. */
static gboolean
add_net (IpsecProfile *profile, IpsecGroup group, const IpsecSelector *net, GError **error)
{
  const IpsecMeshNet fresh = { *net, group };
  g_autofree char *range = ipsec_selector_prefix (net) < 0 ? ipsec_selector_to_string (net) : NULL;

  if (range)
    return ipsec_fail (error, CONFLICT,
                       _ ("%s: %s is no network; a mesh has networks, such as 10.1.0.0/16, and single addresses"),
                       groups[group], range);
  for (guint i = 0; i < profile->mesh->len; i++)
    {
      const IpsecMeshNet *other = &g_array_index (profile->mesh, IpsecMeshNet, i);
      g_autofree char *text = NULL;

      if (!is_same_net (&other->net, net))
        continue;
      if (other->group == group)
        return TRUE;
      text = ipsec_selector_to_string (net);
      return ipsec_fail (error, CONFLICT, _ ("%s: %s is in %s as well; a net is in one group"), groups[group], text,
                         groups[other->group]);
    }
  if (profile->mesh->len >= IPSEC_MESH_MAX_NETS)
    return ipsec_fail (error, CONFLICT, _ ("%s: there are more than %d nets in all groups"), groups[group],
                       IPSEC_MESH_MAX_NETS);
  g_array_append_val (profile->mesh, fresh);
  return TRUE;
}

static gboolean
fill_groups (IpsecProfile *profile, GError **error)
{
  profile->mesh = g_array_new (FALSE, TRUE, sizeof (IpsecMeshNet));
  for (guint group = 0; group < G_N_ELEMENTS (groups); group++)
    {
      g_autoptr (GPtrArray) nets = NULL;

      if (!profile_is_set (profile, groups[group]))
        continue;
      nets = ipsec_selectors_parse (profile_get (profile, groups[group]), TRUE, NULL);
      g_assert (nets != NULL);
      for (guint i = 0; i < nets->len; i++)
        if (!add_net (profile, (IpsecGroup) group, nets->pdata[i], error))
          return FALSE;
    }
  if (profile->mesh->len == 0)
    return ipsec_fail (error, MISSING,
                       _ ("private: the key is missing; a mesh needs nets, in this group or in private-or-clear, "
                          "clear-or-private, clear or block"));
  return TRUE;
}

gboolean
profile_fill_mesh (IpsecProfile *profile, GError **error)
{
  const IpsecAuthentication *auth = &profile->auth;

  if (profile->role != IPSEC_ROLE_MESH)
    return TRUE;
  if (!fill_groups (profile, error))
    return FALSE;
  if (auth->local == IPSEC_AUTH_EAP || auth->remote == IPSEC_AUTH_EAP)
    return ipsec_fail (error, CONFLICT,
                       _ ("auth: hosts of a mesh are known by a certificate, a pre-shared key or not at all"));
  if ((auth->local == IPSEC_AUTH_NULL) != (auth->remote == IPSEC_AUTH_NULL))
    return ipsec_fail (error, CONFLICT, _ ("auth: in a mesh, in which either end begins, null is for both ends"));
  if (profile->start == IPSEC_START_LISTEN)
    return ipsec_fail (error, CONFLICT,
                       _ ("start: a mesh begins by itself; use clear-or-private for nets in which others begin"));
  if (profile->tunnel.interface != IPSEC_INTERFACE_NONE)
    return ipsec_fail (error, CONFLICT, _ ("interface: a mesh has none, because hosts are reached as ever"));
  if (profile->tunnel.iptfs)
    return ipsec_fail (error, CONFLICT, _ ("mode: iptfs is not for a mesh"));
  if (profile->tunnel.sec_label)
    return ipsec_fail (error, CONFLICT, _ ("sec-label: a mesh has none; use role=peer"));
  if (auth->local == IPSEC_AUTH_NULL)
    profile_warn (profile, _ ("auth: with null anybody can pretend to be any host; it only hides from who listens"));
  return TRUE;
}
