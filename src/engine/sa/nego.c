/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns what the negotiation of an IKE SA has collected. */
#include "sa/nego.h"

#include "sa/select.h"

IkeNego *
ike_nego_new (void)
{
  IkeNego *nego = g_new0 (IkeNego, 1);

  nego->peer_certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  nego->peer_status = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return nego;
}

void
ike_nego_free (IkeNego *nego, const IkeCrypto *crypto)
{
  if (!nego)
    return;
  ike_material_clear (&nego->material, crypto);
  g_clear_pointer (&nego->request, g_bytes_unref);
  g_clear_pointer (&nego->response, g_bytes_unref);
  g_clear_pointer (&nego->cookie, g_bytes_unref);
  ike_puzzle_work_free (nego->puzzle);
  g_clear_pointer (&nego->solution, g_bytes_unref);
  g_clear_pointer (&nego->ppk_id, g_bytes_unref);
  ike_secret_free (nego->ppk_secret);
  ike_keys_clear (&nego->plain_keys);
  g_clear_pointer (&nego->no_ppk_auth, g_bytes_unref);
  ike_reason_clear (&nego->doubt);
  ike_session_unref (nego->resumed);
  g_clear_pointer (&nego->my_id, g_bytes_unref);
  g_clear_pointer (&nego->peer_id, g_bytes_unref);
  ike_identity_free (nego->peer_identity);
  g_ptr_array_unref (nego->peer_certificates);
  g_ptr_array_unref (nego->peer_status);
  g_clear_pointer (&nego->own_status, g_bytes_unref);
  ike_secret_free (nego->psk);
  ike_secret_free (nego->msk);
  g_clear_pointer (&nego->auth, g_bytes_unref);
  ike_eap_peer_free (nego->eap);
  ike_eap_server_free (nego->eap_server);
  ike_incoming_free (nego->first);
  g_clear_pointer (&nego->local_ts, g_array_unref);
  g_clear_pointer (&nego->remote_ts, g_array_unref);
  if (nego->configured)
    ike_configured_free (nego->configured);
  g_free (nego);
}
