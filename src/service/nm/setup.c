/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns what the helper has made for one activation. Every request holds a reference until its answer has come; answers
 * after the end, or after a failure, are ignored.
 */
#include "nm/setup.h"

#include "helper-label.h"
#include "helper-pad.h"
#include "nm/hints.h"
#include "nm/ikeconfig.h"
#include "profile/profile-eap.h"

#include <string.h>

#define END_SECONDS 3

enum {
  MISSING_BEGIN = 1,
  MISSING_LINK = 2,
  MISSING_CREDENTIALS = 4,
  MISSING_ADDRESSES = 8,
  MISSING_SERVER = 16,
  MISSING_LEASES = 32,
  MISSING_GUARD = 64,
  MISSING_EAP_CAS = 128,
  MISSING_PAD = 256,
  MISSING_LABEL = 512
};

struct _Setup {
  guint refs;
  gboolean over; /* failed, ending or freed: no answer matters */
  gboolean closed; /* freed */
  gboolean watching; /* the link */
  HelperClient *helper;
  const Activation *activation;
  const SetupEvents *events;
  gpointer data;
  gboolean started;
  guint missing;
  HelperLink link;
  HelperCredentials *credentials;
  IkeAddress own[2]; /* IPv4, IPv6: for what this machine itself sends through the tunnel; family NONE: none */
  Guard *guard; /* NULL: none is wanted */
  GBytes *leases; /* what serve.h has kept of the last time; NULL: a client's */
  GPtrArray *eap_cas; /* GBytes; NULL: the gateway's are good for EAP's server too */
  guint timer;
};

static Setup *
setup_ref (Setup *self)
{
  self->refs++;
  return self;
}

static void
setup_unref (Setup *self)
{
  if (--self->refs)
    return;
  helper_credentials_free (self->credentials);
  guard_free (self->guard);
  g_clear_pointer (&self->leases, g_bytes_unref);
  g_clear_pointer (&self->eap_cas, g_ptr_array_unref);
  g_free (self);
}

/* The reference that an answer brings back. */
typedef Setup SetupRef;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SetupRef, setup_unref)

static void
unwatch (Setup *self)
{
  if (self->watching)
    helper_client_watch_link (self->helper, NULL, NULL);
  self->watching = FALSE;
}

Setup *
setup_new (HelperClient *helper, const Activation *activation, const SetupEvents *events, gpointer data)
{
  Setup *self = g_new0 (Setup, 1);

  self->refs = 1;
  self->helper = helper;
  self->activation = activation;
  self->events = events;
  self->data = data;
  self->guard = guard_new (helper, activation);
  return self;
}

void
setup_free (Setup *self)
{
  if (!self)
    return;
  unwatch (self);
  self->over = self->closed = TRUE;
  g_clear_handle_id (&self->timer, g_source_remove);
  setup_unref (self);
}

static void
failed (Setup *self, guint code, const GError *error)
{
  self->over = TRUE;
  self->events->failed (failure_new_from_error (error, code, NULL), self->data);
}

static void
done (Setup *self, guint what)
{
  self->missing &= ~what;
  if (!self->missing)
    self->events->ready (self->data);
}

/* The helper's answer to a request that only can work or not. */
static void
answered (Setup *self, guint what, const GError *error)
{
  if (self->over)
    return;
  if (error)
    failed (self, IKE_REASON_HELPER, error);
  else
    done (self, what);
}

static void
on_begin (GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  answered (self, MISSING_BEGIN, error);
}

static void
on_guard (GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  answered (self, MISSING_GUARD, error);
}

/* Its routes went with it: what should be protected would leave in the clear. */
static void
on_link_gone (gpointer data)
{
  g_autoptr (SetupRef) self = setup_ref (data);

  if (!self->over)
    failed (self, FAILURE_LINK_GONE, NULL);
}

static void
on_link (const HelperLink *link, GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  if (self->over)
    return;
  if (!link)
    {
      failed (self, FAILURE_LINK, error);
      return;
    }
  self->link = *link;
  self->watching = TRUE;
  helper_client_watch_link (self->helper, on_link_gone, self);
  done (self, MISSING_LINK);
}

static gboolean
wants_pin (const GError *error)
{
  return g_error_matches (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NEED_PIN) ||
         g_error_matches (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PIN);
}

static void
on_credentials (HelperCredentials *take_credentials, GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  if (self->over)
    {
      helper_credentials_free (take_credentials);
      return;
    }
  if (take_credentials)
    {
      helper_credentials_free (self->credentials);
      self->credentials = take_credentials;
      /* the helper has the key open: what opened it is of no use any more */
      for (SecretName name = 0; name < SECRET_N; name++)
        if (secret_opens_key (name))
          secrets_refuse (self->activation->secrets, name);
      done (self, MISSING_CREDENTIALS);
    }
  else if (g_error_matches (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_NEED_PASSWORD) ||
           g_error_matches (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PASSWORD) || wants_pin (error))
    self->events->key_password (error, self->data);
  else
    failed (self, IKE_REASON_HELPER, error);
}

static char *
secret_text (const Setup *self, SecretName name)
{
  g_autoptr (IkeSecret) secret = secrets_take (self->activation->secrets, name);

  return secret ? g_strndup ((const char *) ike_secret_data (secret), ike_secret_len (secret)) : NULL;
}

static void
text_erase (char *text)
{
  if (text)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

static gboolean
is_in_store (const char *name)
{
  return name && (g_str_has_prefix (name, HELPER_KEY_STORE_CKAID) || g_str_has_prefix (name, HELPER_KEY_STORE));
}

SecretName
setup_key_secret (const Setup *self, const GError *error)
{
  HelperCredentialSpec spec = { 0 };

  if (wants_pin (error))
    return SECRET_PIN;
  (void) ikeconfig_credential_spec (self->activation->profile, &spec);
  (void) raw_keys_add (self->activation->raw_keys, &spec);
  return is_in_store (spec.certificate) || is_in_store (spec.private_key) ? SECRET_NSS_PASSWORD : SECRET_KEY_PASSWORD;
}

void
setup_load_credentials (Setup *self)
{
  HelperCredentialSpec spec = { 0 };
  char *text, *store_text, *pin;
  gboolean needed = ikeconfig_credential_spec (self->activation->profile, &spec);

  needed = raw_keys_add (self->activation->raw_keys, &spec) || needed;
  if (self->over || !needed)
    return;
  self->missing |= MISSING_CREDENTIALS;
  text = secret_text (self, SECRET_KEY_PASSWORD);
  store_text = secret_text (self, SECRET_NSS_PASSWORD);
  pin = secret_text (self, SECRET_PIN);
  spec.key_password = text;
  spec.pin = pin;
  spec.pin_typed = secrets_is_typed (self->activation->secrets, SECRET_PIN);
  spec.store_password = store_text;
  spec.user = self->activation->file_user;
  helper_client_credentials (self->helper, &spec, on_credentials, setup_ref (self));
  text_erase (text);
  text_erase (store_text);
  text_erase (pin);
}

static void
on_addresses (const IkeAddress *addresses, guint n, GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  for (guint i = 0; i < n; i++)
    self->own[addresses[i].family == IKE_FAMILY_IP6] = addresses[i];
  if (!self->over)
    done (self, MISSING_ADDRESSES);
}

/* Between networks nobody gives us an address: one that we have is taken. */
static void
find_addresses (Setup *self)
{
  const IpsecTunnel *tunnel = &self->activation->profile->tunnel;
  g_autoptr (GArray) inside = NULL;

  if (tunnel->local_ts->len == 0 || tunnel->want_address4 || tunnel->want_address6)
    return;
  inside = ikeconfig_selectors (tunnel->local_ts);
  for (guint i = inside->len; i-- > 0;)
    if (!g_array_index (inside, IkeSelector, i).first.family)
      g_array_remove_index (inside, i);
  self->missing |= MISSING_ADDRESSES;
  helper_client_addresses (self->helper, inside, on_addresses, setup_ref (self));
}

static void
on_eap_cas (HelperCredentials *take_credentials, GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  if (!self->over && take_credentials)
    {
      self->eap_cas = g_ptr_array_ref (take_credentials->cas);
      done (self, MISSING_EAP_CAS);
    }
  else if (!self->over)
    failed (self, IKE_REASON_HELPER, error);
  helper_credentials_free (take_credentials);
}

/* Who may vouch for EAP's server, where that is not who may vouch for the gateway. */
static void
load_eap_cas (Setup *self)
{
  const IpsecProfile *profile = self->activation->profile;
  const IpsecAuthentication *auth = &profile->auth;
  const HelperCredentialSpec spec = { .ca = auth->eap_ca, .user = self->activation->file_user };
  HelperCredentialSpec gateway;

  (void) ikeconfig_credential_spec (profile, &gateway);
  if (!profile_eap_uses_tls (profile) || (!auth->remote_certificate && g_strcmp0 (auth->eap_ca, gateway.ca) == 0))
    return;
  self->missing |= MISSING_EAP_CAS;
  helper_client_credentials (self->helper, &spec, on_eap_cas, setup_ref (self));
}

static void
on_pad (GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  if (error && !self->over)
    failed (self, IKE_REASON_PPK_FILE, error);
  else if (!self->over)
    done (self, MISSING_PAD);
}

static void
name_pad (Setup *self)
{
  const char *path = self->activation->profile->auth.ppk_file;

  if (!path)
    return;
  self->missing |= MISSING_PAD;
  helper_client_pad (self->helper, path, self->activation->file_user, on_pad, setup_ref (self));
}

/* Which of the two it is, its kernel has said; else the helper is at fault. */
static void
on_label (GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  if (self->over)
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    failed (self, FAILURE_NO_LABELS, error);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT) ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    failed (self, FAILURE_LABEL_REFUSED, error);
  else
    answered (self, MISSING_LABEL, error);
}

static void
set_label (Setup *self)
{
  const char *label = self->activation->profile->tunnel.sec_label;

  if (!label)
    return;
  self->missing |= MISSING_LABEL;
  helper_client_label (self->helper, label, on_label, setup_ref (self));
}

static HelperLinkKind
link_kind (IpsecInterface interface)
{
  switch (interface)
    {
    case IPSEC_INTERFACE_AUTO:
      return HELPER_LINK_AUTO;
    case IPSEC_INTERFACE_XFRM:
      return HELPER_LINK_XFRM;
    case IPSEC_INTERFACE_VTI:
      return HELPER_LINK_VTI;
    case IPSEC_INTERFACE_NONE:
      return HELPER_LINK_NONE;
    }
  g_assert_not_reached ();
}

static void
make_link (Setup *self)
{
  const IpsecProfile *profile = self->activation->profile;
  HelperLinkWish wish = { .kind = link_kind (profile->tunnel.interface),
                          .name = self->activation->interface_name,
                          .dscp_not_out = !profile->tunnel.dscp_out,
                          .dscp_in = profile->tunnel.dscp_in,
                          .offload = (guint8) profile->tunnel.nic_offload,
                          .if_id = profile->tunnel.if_id,
                          .mark = profile->tunnel.mark,
                          .mark_mask = profile->tunnel.mark_mask };
  IkeAddress gateway = { 0 };

  if (profile->outer.gateways && profile->outer.gateways[0] &&
      ike_address_from_string (profile->outer.gateways[0], &gateway))
    wish.family = gateway.family;
  helper_client_link (self->helper, &wish, on_link, setup_ref (self));
}

/* ---- a server ---- */

static void
on_server (GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  answered (self, MISSING_SERVER, error);
}

static void
on_state (const char *state, gsize len, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  if (self->over)
    return;
  self->leases = g_bytes_new (state, len);
  done (self, MISSING_LEASES);
}

/* Who does not say so may not listen. */
static void
start_server (Setup *self)
{
  const IpsecServer *server = &self->activation->profile->server;

  self->missing |= MISSING_SERVER;
  helper_client_server (self->helper, server->users, self->activation->file_user, server->pam_service, on_server,
                        setup_ref (self));
}

/* Whoever may be asked for an IKE SA that a restart has ended. */
static void
recall (Setup *self)
{
  self->missing |= MISSING_LEASES;
  helper_client_load_state (self->helper, on_state, setup_ref (self));
}

GBytes *
setup_leases (const Setup *self)
{
  return self->leases;
}

void
setup_start (Setup *self)
{
  const Activation *activation = self->activation;

  self->started = TRUE;
  hints_recall (self->helper, activation->profile->outer.gateways);
  self->missing = MISSING_BEGIN | MISSING_LINK;
  helper_client_begin (self->helper, activation->uuid, self->guard != NULL, on_begin, setup_ref (self));
  if (self->guard)
    {
      self->missing |= MISSING_GUARD;
      guard_begin (self->guard, on_guard, setup_ref (self));
    }
  if (activation->profile->role == IPSEC_ROLE_SERVER || activation->profile->role == IPSEC_ROLE_MESH)
    start_server (self);
  if (activation->profile->role != IPSEC_ROLE_CLIENT)
    recall (self);
  set_label (self);
  make_link (self);
  setup_load_credentials (self);
  find_addresses (self);
  load_eap_cas (self);
  name_pad (self);
}

gboolean
setup_is_ready (const Setup *self)
{
  return self->started && !self->over && !self->missing;
}

/* ---- the end ---- */

static void
ended (Setup *self)
{
  if (self->closed || !self->timer)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->events->ended (self->data);
}

static void
on_end (GError *error, gpointer data)
{
  g_autoptr (SetupRef) self = data;

  ended (self);
}

static gboolean
on_end_timeout (gpointer data)
{
  g_autoptr (SetupRef) self = setup_ref (data);
  LogFields fields = { .uuid = self->activation->uuid };

  log_write (IKE_LOG_WARNING, &fields, "The helper did not say that it has cleaned up");
  ended (self);
  return G_SOURCE_CONTINUE; /* removed by ended() */
}

void
setup_end (Setup *self)
{
  if (self->timer || self->closed)
    return;
  self->over = TRUE;
  unwatch (self);
  self->timer = g_timeout_add_seconds (END_SECONDS, on_end_timeout, self);
  helper_client_end (self->helper, on_end, setup_ref (self));
}

Guard *
setup_guard (const Setup *self)
{
  return self->guard;
}

guint32
setup_ifindex (const Setup *self)
{
  return self->link.ifindex;
}

const char *
setup_tundev (const Setup *self)
{
  return self->link.name;
}

IpconfigOptions
setup_ipconfig_options (const Setup *self)
{
  return (IpconfigOptions){ .tundev = setup_tundev (self),
                            .mtu = self->activation->profile->tunnel.mtu,
                            .can_persist = TRUE,
                            .own4 = &self->own[0],
                            .own6 = &self->own[1] };
}

GPtrArray *
setup_eap_cas (const Setup *self)
{
  return self->eap_cas ? g_ptr_array_ref (self->eap_cas) : NULL;
}

HelperCredentials *
setup_credentials (const Setup *self)
{
  const HelperCredentials *from = self->credentials;
  GBytes *remote_key = self->activation->raw_keys->remote_key;
  HelperCredentials *copy;

  if (!remote_key && from)
    remote_key = from->remote_key;
  if (!from && !remote_key)
    return NULL;
  copy = g_new0 (HelperCredentials, 1);
  copy->remote_key = remote_key ? g_bytes_ref (remote_key) : NULL;
  if (!from)
    return copy;
  copy->key = from->key;
  copy->key_type = from->key_type;
  copy->key_bits = from->key_bits;
  copy->certificates = from->certificates ? g_ptr_array_ref (from->certificates) : NULL;
  copy->cas = from->cas ? g_ptr_array_ref (from->cas) : NULL;
  copy->crls = from->crls ? g_ptr_array_ref (from->crls) : NULL;
  copy->crls_left_out = from->crls_left_out;
  return copy;
}
