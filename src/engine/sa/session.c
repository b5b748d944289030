/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the facts of one session. RFC 5723 section 5. */
#include "sa/session.h"

#include "sa/parent.h"

IkeSession *
ike_session_new (const IkeParent *parent)
{
  IkeSession *session = g_new0 (IkeSession, 1);
  const guint8 *sk_d;
  gsize len;

  g_assert (parent->keys.all);
  session->refs = 1;
  sk_d = ike_keys_get (&parent->keys, IKE_SK_D, &len);
  session->sk_d = ike_secret_new_from (sk_d, len);
  session->suite = (IkeSuite){ .protocol = IKE_PROTOCOL_IKE,
                               .encr = parent->keys.encr,
                               .encr_bits = parent->keys.encr_bits,
                               .prf = parent->keys.prf,
                               .integ = parent->keys.integ };
  session->peer_id = ike_identity_copy (parent->peer_id);
  session->authenticated = parent->authenticated;
  session->parent = parent->serial;
  return session;
}

IkeSession *
ike_session_ref (IkeSession *session)
{
  session->refs++;
  return session;
}

void
ike_session_unref (IkeSession *session)
{
  if (!session || --session->refs)
    return;
  ike_secret_free (session->sk_d);
  g_clear_pointer (&session->id_i, g_bytes_unref);
  g_clear_pointer (&session->id_r, g_bytes_unref);
  g_clear_pointer (&session->ticket, g_bytes_unref);
  ike_identity_free (session->peer_id);
  g_free (session);
}
