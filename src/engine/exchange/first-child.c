/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ends of IKE_AUTH do alike for the first Child SA: RFC 7296 sections 2.9, 2.17. Owns nothing. */
#include "exchange/auth-common.h"

#include "sa/client.h"
#include "sa/label.h"
#include "sa/select.h"

GArray *
ike_auth_selectors (const IkeParent *parent, gboolean local)
{
  const GPtrArray *configured = ike_parent_config (parent)->child.remote_ts;
  const IkeClient *client = parent->client;
  GArray *selectors;

  if (local || !client || (configured && configured->len) || !(client->address4.family || client->address6.family))
    /* a mate is never more than the host that it was at the beginning */
    return ike_config_selectors (ike_parent_config (parent),
                                 parent->connection->mesh ? &parent->connection->path : &parent->path, local);
  selectors = ike_select_new ();
  if (client->address4.family)
    ike_select_add_address (selectors, &client->address4);
  if (client->address6.family)
    ike_select_add_address (selectors, &client->address6);
  return selectors;
}

GArray *
ike_config_selectors (const IkeConfig *config, const IkePath *path, gboolean local)
{
  const GPtrArray *configured = local ? config->child.local_ts : config->child.remote_ts;
  GArray *selectors = ike_select_new ();

  for (guint i = 0; configured && i < configured->len && i < IKE_MAX_SELECTORS; i++)
    {
      IkeSelector selector = *(const IkeSelector *) configured->pdata[i];

      /* of one protocol between the two hosts */
      if (!selector.first.family)
        selector.first = selector.last = local ? path->local.address : path->remote.address;
      g_array_append_val (selectors, selector);
    }
  if (selectors->len)
    return selectors;
  /* "dynamic": the virtual address, which is yet unknown; else the outer one */
  if (local && config->want_address4)
    ike_select_add_all (selectors, IKE_FAMILY_IP4);
  if (local && config->want_address6)
    ike_select_add_all (selectors, IKE_FAMILY_IP6);
  if (!selectors->len)
    ike_select_add_address (selectors, local ? &path->local.address : &path->remote.address);
  return selectors;
}

gboolean
ike_auth_is_cut (const IkeConfig *config, const GArray *local_ts, const GArray *remote_ts, const GArray *local_offer,
                 const GArray *remote_offer)
{
  gboolean ours = config->child.local_ts && config->child.local_ts->len;

  return config->child.exact &&
         (!ike_select_among (remote_ts, remote_offer) || (ours && !ike_select_among (local_ts, local_offer)) ||
          (config->role != IKE_ROLE_PEER && remote_ts->len != remote_offer->len));
}

char *
ike_auth_wanted_to_string (const IkeParent *parent)
{
  g_autofree char *local = ike_select_to_string (parent->nego->local_ts);
  g_autofree char *remote = ike_select_to_string (parent->nego->remote_ts);
  g_autofree char *label = ike_label_to_string (ike_parent_config (parent)->child.label);

  return g_strdup_printf ("%s and %s%s", local, remote, label);
}

gboolean
ike_child_keep_offered (const IkeParent *parent, gboolean rekey, GArray **local_ts, GArray **remote_ts,
                        const GArray *local_offer, const GArray *remote_offer)
{
  g_autoptr (GArray) local = g_steal_pointer (local_ts);
  g_autoptr (GArray) remote = g_steal_pointer (remote_ts);
  gboolean within = ike_select_within (local, local_offer) && ike_select_within (remote, remote_offer);

  *local_ts = within ? g_array_ref (local) : ike_select_narrow (local, local_offer);
  *remote_ts = within ? g_array_ref (remote) : ike_select_narrow (remote, remote_offer);
  if (!within && (*local_ts)->len && (*remote_ts)->len)
    {
      g_autofree char *more_local = ike_select_to_string (local);
      g_autofree char *more_remote = ike_select_to_string (remote);

      ike_parent_log (parent, rekey ? IKE_LOG_DEBUG : IKE_LOG_NOTICE, "child",
                      "the other end allows more than we asked for, which is not used: %s and %s", more_local,
                      more_remote);
    }
  if (rekey)
    return ike_select_within (local_offer, *local_ts) && ike_select_within (remote_offer, *remote_ts);
  return (*local_ts)->len && (*remote_ts)->len;
}

GPtrArray *
ike_auth_child_proposals (const IkeConfig *config)
{
  GPtrArray *proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);

  for (guint i = 0; i < config->child_proposals->len; i++)
    g_ptr_array_add (proposals, ike_proposal_without_ke (config->child_proposals->pdata[i]));
  return proposals;
}

guint32
ike_child_peer_spi (const IkeSuite *suite)
{
  IkeReader reader = ike_reader (ike_chunk (suite->spi, suite->spi_len));

  return suite->spi_len == 4 ? ike_read_u32 (&reader) : 0;
}

void
ike_child_set_suite (IkeChild *child, const IkeSuite *suite)
{
  child->encr = suite->encr;
  child->encr_bits = suite->encr_bits;
  child->integ = suite->integ;
  child->ke = suite->ke;
  child->esn = suite->esn;
}

gboolean
ike_auth_child_keys (IkeParent *parent, IkeChild *child, const IkeSuite *suite)
{
  const IkeMaterial *material = &parent->nego->material;
  IkeKeyInput input = { 0 };

  input.ni = g_bytes_get_data (material->ni, &input.ni_len);
  input.nr = g_bytes_get_data (material->nr, &input.nr_len);
  return ike_child_keys_derive (&child->keys, parent->core->crypto, &parent->keys, suite, NULL, &input,
                                parent->initiator);
}
