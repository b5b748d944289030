/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns what a profile says of raw keys: RFC 3110 and its kin become a SubjectPublicKeyInfo, a CKAID a name. */
#include "nm/raw-keys.h"

#include "nm/vpn-error.h"
#include "nss-crypto.h"
#include "nss-raw-key.h"

void
raw_keys_free (RawKeys *keys)
{
  if (!keys)
    return;
  g_free (keys->local);
  g_free (keys->remote);
  g_clear_pointer (&keys->remote_key, g_bytes_unref);
  g_free (keys);
}

static GBytes *
key_read (const IpsecRawKey *key, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) spki = nss_start (&local) ? nss_raw_key_from_octets (key->octets, &local) : NULL;

  if (spki && nss_raw_key_verifies (spki, &local))
    return g_steal_pointer (&spki);
  g_set_error (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, "%s: the value %s", name, local->message);
  return NULL;
}

static char *
in_store (const char *ckaid)
{
  return g_strconcat (HELPER_KEY_STORE_CKAID, ckaid, NULL);
}

/* Our own key may be named by its public half: the key store knows it by its CKAID. */
static gboolean
read_local (RawKeys *self, const IpsecRawKey *key, GError **error)
{
  g_autoptr (GBytes) spki = key->octets ? key_read (key, "local-rsa-key", error) : NULL;
  g_autofree char *ckaid = spki ? nss_raw_key_ckaid (spki) : NULL;

  if (key->octets && !ckaid)
    return FALSE;
  self->local = key->path ? g_strdup (key->path) : in_store (ckaid ? ckaid : key->ckaid);
  return TRUE;
}

static gboolean
read_remote (RawKeys *self, const IpsecRawKey *key, GError **error)
{
  if (key->octets)
    self->remote_key = key_read (key, "remote-rsa-key", error);
  else
    self->remote = key->path ? g_strdup (key->path) : in_store (key->ckaid);
  return self->remote || self->remote_key;
}

RawKeys *
raw_keys_new (const IpsecProfile *profile, GError **error)
{
  const IpsecAuthentication *auth = &profile->auth;
  g_autoptr (RawKeys) self = g_new0 (RawKeys, 1);

  if ((auth->local_key && !read_local (self, auth->local_key, error)) ||
      (auth->remote_key && !read_remote (self, auth->remote_key, error)))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
raw_keys_add (const RawKeys *keys, HelperCredentialSpec *spec)
{
  if (keys->local)
    spec->private_key = keys->local;
  if (keys->remote)
    spec->ca = keys->remote;
  return keys->local || keys->remote;
}
