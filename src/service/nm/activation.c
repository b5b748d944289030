/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the checks of what is in a connection: the profile is checked by its own library, the rest here. */
#include "nm/activation.h"

#include "nm/ikeconfig.h"
#include "nm/vpn-error.h"
#include "profile/formats/compat.h"

#include <string.h>

#define MAX_UUID 64

static gboolean
bad (GError **error, const char *text)
{
  g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, text);
  return FALSE;
}

/* Also the odd ones of old versions; what matters is that it is short and harmless. */
static gboolean
uuid_valid (const char *uuid)
{
  gsize len = uuid ? strlen (uuid) : 0;

  return len > 0 && len <= MAX_UUID && strspn (uuid, "0123456789abcdefABCDEF-") == len;
}

/* What everybody may use, or what stands in the connection itself, is nobody's file. */
static gboolean
is_file (const char *value)
{
  return value && strcmp (value, "system") != 0 && !g_str_has_prefix (value, "data:");
}

static gboolean
uses_files (const Activation *self)
{
  const IpsecAuthentication *auth = &self->profile->auth;
  HelperCredentialSpec spec = { 0 };

  (void) ikeconfig_credential_spec (self->profile, &spec);
  (void) raw_keys_add (self->raw_keys, &spec);
  return is_file (spec.certificate) || is_file (spec.private_key) || is_file (spec.ca) || is_file (auth->eap_ca) ||
         auth->ppk_file || self->profile->server.users;
}

/* Files and keys of a private connection are its user's, whichever they are: who may not be named here gets none. */
static gboolean
read_file_user (Activation *self, const Connection *connection, GError **error)
{
  guint n = g_strv_length (connection->permissions);

  if (n == 0 || (n > 1 && !uses_files (self)))
    return TRUE;
  if (n > 1)
    return bad (error, "connection.permissions: a connection that is private to several users cannot use files or "
                       "keys of this machine");
  self->file_user = connection_user (connection);
  return self->file_user || bad (error, "connection.permissions: this is no user");
}

/* Taken out of @connection. */
static IpsecSetting *
take_setting (Connection *connection, GError **error)
{
  if (!connection->vpn)
    bad (error, "This is no VPN connection with a UUID");
  else if (ipsec_compat_is_other (connection->vpn->service_type))
    return ipsec_compat_translate (connection->vpn, NULL, error);
  return g_steal_pointer (&connection->vpn);
}

IpsecSetting *
activation_setting (GVariant *settings)
{
  g_autoptr (Connection) connection = connection_new (settings);

  return take_setting (connection, NULL);
}

static gboolean
read_connection (Activation *self, Connection *connection, GError **error)
{
  g_autoptr (IpsecSetting) vpn = NULL;

  self->service_type = g_strdup (connection->vpn ? connection->vpn->service_type : NULL);
  vpn = take_setting (connection, error);
  if (!vpn)
    return FALSE;
  if (!uuid_valid (self->uuid))
    return bad (error, "This is no VPN connection with a UUID");
  self->name = g_strdup (connection->id);
  self->interface_name = g_strdup (connection->interface_name);
  self->tls = connection->tls;
  self->persistent = vpn->persistent;
  self->profile = ipsec_setting_profile (vpn, error);
  if (!self->profile)
    return FALSE;
  /* without a user there is nobody to ask for a secret; a secret that is missing fails, or is asked for, in its time */
  if (ipsec_profile_uses_eap (self->profile) && !self->profile->auth.user &&
      !ipsec_profile_check_ready (self->profile, error))
    return FALSE;
  self->secrets = secrets_new (vpn, error);
  self->raw_keys = raw_keys_new (self->profile, error);
  return self->secrets && self->raw_keys && read_file_user (self, connection, error);
}

Activation *
activation_new (GVariant *settings, GError **error)
{
  g_autoptr (Activation) self = g_new0 (Activation, 1);
  g_autoptr (Connection) connection = connection_new (settings);
  g_autoptr (GError) local = NULL;
  g_autoptr (Failure) failure = NULL;

  self->uuid = g_strdup (connection->uuid);
  if (read_connection (self, connection, &local))
    return g_steal_pointer (&self);
  failure = failure_new_from_error (local, FAILURE_BAD_PROFILE, NULL);
  failure_log (failure, self->uuid, NULL);
  g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, local->message);
  return NULL;
}

void
activation_free (Activation *self)
{
  if (!self)
    return;
  g_free (self->uuid);
  g_free (self->name);
  g_free (self->service_type);
  g_free (self->interface_name);
  g_free (self->file_user);
  ipsec_profile_free (self->profile);
  secrets_free (self->secrets);
  raw_keys_free (self->raw_keys);
  g_free (self);
}

void
activation_log (const Activation *self)
{
  LogFields fields = { .uuid = self->uuid };

  log_set_level (self->profile->log_level);
  for (guint i = 0; i < self->profile->warnings->len; i++)
    log_write (IKE_LOG_WARNING, &fields, self->profile->warnings->pdata[i]);
  if (self->profile->tunnel.kill_switch && !self->persistent)
    log_write (IKE_LOG_WARNING, &fields,
               "kill-switch: without vpn.persistent NetworkManager ends the connection, and the block, when the uplink "
               "goes");
}
