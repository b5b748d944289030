/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ends of fuzz-engine's worlds. See fuzz-world.h. */
#include "fuzz-world.h"

#include "sim-internal.h"
#include "sim-record.h"

#include <string.h>

static gboolean
are_peers (FuzzWorld kind)
{
  return ((kind.flags >> 1) & 3) == 3;
}

gboolean
fuzz_world_is_mesh (FuzzWorld kind)
{
  return are_peers (kind) && (kind.more & 3) == 3;
}

gboolean
fuzz_world_is_tcp (FuzzWorld kind)
{
  return !are_peers (kind) && (kind.options & 32) != 0;
}

static void
configure_mesh (SimHost *host, IkeConfig *config)
{
  IkeMeshNet all = { { { .family = IKE_FAMILY_IP4 }, 0 }, IKE_GROUP_PRIVATE_OR_CLEAR };
  IkeAddress own = host->address;

  config->mesh = ike_mesh_new ();
  config->mesh->shunt_time = 900 * IKE_SECOND;
  config->mesh->block_time = 60 * IKE_SECOND;
  g_array_append_val (config->mesh->nets, all);
  g_array_append_val (config->mesh->own, own);
  g_clear_pointer (&config->local_id, ike_identity_free);
  g_clear_pointer (&config->remote_id, ike_identity_free);
  g_ptr_array_set_size (config->child.local_ts, 0);
  g_ptr_array_set_size (config->child.remote_ts, 0);
}

static void
configure_peer (FuzzWorld kind, SimHost *host, guint i, IkeConfig *config)
{
  config->role = IKE_ROLE_PEER;
  config->keep_trying = TRUE;
  config->begin = (kind.more & 2) ? IKE_BEGIN_DEMAND : i && !(kind.more & 1) ? IKE_BEGIN_LISTEN : IKE_BEGIN_NOW;
  config->idle_timeout = config->begin == IKE_BEGIN_DEMAND ? 60 * IKE_SECOND : 0;
  if (fuzz_world_is_mesh (kind))
    configure_mesh (host, config);
}

static void
configure_auth (FuzzWorld kind, guint i, IkeConfig *config)
{
  IkeAuth user = (IkeAuth[]){ IKE_AUTH_PSK, IKE_AUTH_EAP, IKE_AUTH_NULL, IKE_AUTH_SIGNATURE }[kind.more & 3];

  if (!(kind.more & 3))
    return;
  config->local_auth = i ? IKE_AUTH_SIGNATURE : user;
  config->remote_auth = i ? user : IKE_AUTH_SIGNATURE;
  config->then_eap = user == IKE_AUTH_SIGNATURE;
  config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
  if (i || user == IKE_AUTH_NULL)
    g_clear_pointer (i ? &config->remote_id : &config->local_id, ike_identity_free);
  if (i)
    {
      config->serve = ike_serve_new ();
      config->serve->pool4 = config->serve->pool6 = TRUE;
      config->serve->banner = g_strdup ("Be good.");
      g_ptr_array_set_size (config->child.remote_ts, 0);
      return;
    }
  config->eap_identity = user == IKE_AUTH_NULL ? NULL : g_strdup ("alice");
  config->want_address4 = config->want_resolvers = TRUE;
  g_ptr_array_set_size (config->child.local_ts, 0);
}

static void
configure_more (FuzzWorld kind, SimHost *host, guint i, IkeConfig *config)
{
  if (kind.more & 4)
    {
      config->ppk = IKE_PPK_YES;
      config->ppk_in_auth = (kind.more & 8) != 0;
      config->ppk_id = g_bytes_new_static ("\2a", 2);
      host->ppk = "a key after the quantum computer";
    }
  if (kind.more & 16)
    {
      sim_offer (config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ML_KEM_768);
      sim_offer (config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
    }
  config->child.ipcomp = config->child.tfc = (kind.more & 32) != 0;
  config->childless = (kind.more & 64) != 0;
  if (kind.more & 128 && i)
    {
      config->qcd_secret = ike_secret_new_from ("a secret for tokens", 19);
      host->sim->config_secrets = 1;
    }
  config->reauth = kind.more & 128 && !i;
}

static void
configure_options (FuzzWorld kind, guint i, IkeConfig *config)
{
  IkeChildConfig *child = &config->child;
  const char *label = i && kind.options & 8 ? "another" : "system_u:object_r:ipsec_spd_t:s0";

  child->transport_mode = (kind.options & 1) != 0;
  child->aggfrag = (kind.options & 2) != 0;
  if (kind.options & 4)
    child->label = g_bytes_new_static (label, strlen (label) + 1);
  child->cpus = kind.options & 16 ? 4 : 0;
  if (kind.options >> 6 == 3)
    child->lifetime_bytes = 1000000;
  if (config->serve)
    config->serve->unique = (IkeUnique[]){ IKE_UNIQUE_REPLACE, IKE_UNIQUE_KEEP, IKE_UNIQUE_NO,
                                           IKE_UNIQUE_REPLACE }[kind.options >> 6];
}

/* Of one host, which has a configuration and no connection yet. */
static void
configure (FuzzWorld kind, SimHost *host, guint i)
{
  IkeConfig *config = host->config;

  config->child.pfs = (kind.flags & 8) != 0;
  config->mobike = config->resumption = (kind.flags & 16) != 0;
  config->fragmentation = (kind.flags & 64) != 0;
  config->dpd_delay = 30 * IKE_SECOND;
  config->child.lifetime = 1000 * IKE_SECOND;
  config->child.rekey_margin = 100 * IKE_SECOND;
  config->ike_lifetime = 4000 * IKE_SECOND;
  config->ike_rekey_margin = 400 * IKE_SECOND;
  config->keep_trying = !i && (kind.flags & 128) != 0;
  config->want_address4 = !i && ((kind.flags >> 1) & 3) == 2;
  if (are_peers (kind))
    configure_peer (kind, host, i, config);
  else
    configure_auth (kind, i, config);
  configure_more (kind, host, i, config);
  configure_options (kind, i, config);
}

void
fuzz_world_begin (FuzzWorld kind, SimHost *const *hosts)
{
  if (((kind.flags >> 1) & 3) == 1 || (!are_peers (kind) && kind.more & 3))
    sim_signatures (hosts[0], hosts[1]);
  for (guint i = 2; i--;)
    if (hosts[i]->config)
      {
        configure (kind, hosts[i], i);
        if (fuzz_world_is_mesh (kind) || (i && !are_peers (kind)))
          sim_listen (hosts[i]);
        else if (fuzz_world_is_tcp (kind))
          {
            sim_engine_add (hosts[i], g_steal_pointer (&hosts[i]->config));
            sim_tcp_stands (hosts[i], hosts[1], IKE_INPUT_START, FUZZ_TCP_PORT);
          }
        else
          sim_start (hosts[i]);
      }
  sim_run (hosts[0]->sim, 2 * IKE_MILLISECOND);
}
