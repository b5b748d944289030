/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the defaults that need more than the profile to be known: who we are (RFC 7296 section 3.5), which algorithms
 * are left on this machine, how much patience one of several gateways gets.
 *
 * Invariant: the result is complete; nothing in it is looked up later.
 */
#include "config.h"

#include "nm/ikeconfig.h"

#include "crypto/proposal.h"
#include "nm/serveconfig.h"
#include "nm/vpn-error.h"
#include "nss-cert.h"
#include "nss-name.h"
#include "profile/profile-eap.h"

#include <glib/gi18n-lib.h>
#include <string.h>

IkeAddress
ikeconfig_address (const IpsecAddress *address)
{
  IkeAddress result = { .family = address->family };

  memcpy (result.bytes, address->bytes, sizeof result.bytes);
  return result;
}

gboolean
ikeconfig_credential_spec (const IpsecProfile *profile, HelperCredentialSpec *ret_spec)
{
  const IpsecAuthentication *auth = &profile->auth;
  gboolean ours = profile_shows_certificate (profile);
  /* a gateway that is to be proven by EAP alone may sign all the same; it is the login server as far as we know */
  gboolean eap_only = auth->remote == IPSEC_AUTH_EAP_ONLY, theirs = eap_only || auth->remote == IPSEC_AUTH_CERT;
  const char *ca = eap_only && !g_hash_table_contains (profile->data, "ca") ? auth->eap_ca : auth->ca;

  *ret_spec = (HelperCredentialSpec){
    .certificate = ours ? auth->certificate : NULL,
    .private_key = ours ? auth->private_key : NULL,
    .ca = !theirs                    ? NULL
          : auth->remote_certificate ? auth->remote_certificate
                                     : ca,
  };
  return ours || theirs;
}

/* ---- identities ---- */

static IkeIdentity *
identity_from_profile (const IpsecIdentity *identity, GError **error)
{
  g_autoptr (GBytes) der = NULL;
  g_autofree char *text = NULL;
  gsize len;
  gconstpointer data = g_bytes_get_data (identity->data, &len);

  switch (identity->kind)
    {
    case IPSEC_IDENTITY_ADDRESS:
    case IPSEC_IDENTITY_FQDN:
    case IPSEC_IDENTITY_EMAIL:
    case IPSEC_IDENTITY_KEY_ID:
      return ike_identity_new (identity->type, data, len);
    case IPSEC_IDENTITY_DN:
      text = g_strndup (data, len);
      der = nss_name_from_string (text, error);
      return der ? ike_identity_new (IKE_ID_DER_ASN1_DN, g_bytes_get_data (der, NULL), g_bytes_get_size (der)) : NULL;
    case IPSEC_IDENTITY_FROM_CERT:
      break;
    }
  g_assert_not_reached ();
}

/* What devices dial is a name: the first in DNS, which a wildcard is not. */
static const IkeIdentity *
dialled_name (const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      const IkeIdentity *name = names->pdata[i];

      if (name->type == IKE_ID_FQDN &&
          !memchr (g_bytes_get_data (name->data, NULL), '*', g_bytes_get_size (name->data)))
        return name;
    }
  return NULL;
}

/* What gateways look for first is the subject; a certificate may have only other names. What a client looks for in a
 * server's is the name that it has dialled: with @names the certificate's are appended to them. */
static IkeIdentity *
identity_from_certificate (const HelperCredentials *credentials, GPtrArray *names, GError **error)
{
  g_autoptr (NssCert) cert = NULL;
  g_autoptr (GPtrArray) others = NULL;
  const IkeIdentity *dialled;
  IkeIdentity *subject;

  if (!credentials || !credentials->certificates || credentials->certificates->len == 0)
    {
      g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS,
                           _ ("there is no certificate to take the identity from"));
      return NULL;
    }
  cert = nss_cert_new (credentials->certificates->pdata[0], error);
  if (!cert)
    return NULL;
  others = nss_cert_identities (cert);
  for (guint i = 0; names && i < others->len; i++)
    g_ptr_array_add (names, ike_identity_copy (others->pdata[i]));
  dialled = names ? dialled_name (others) : NULL;
  if (dialled)
    return ike_identity_copy (dialled);
  subject = nss_cert_subject_identity (cert);
  if (subject)
    return subject;
  if (others->len)
    return ike_identity_copy (others->pdata[0]);
  g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, _ ("the certificate names nobody"));
  return NULL;
}

static gboolean
set_identities (IkeConfig *config, const IkeconfigInput *input, GError **error)
{
  const IpsecAuthentication *auth = &input->profile->auth;
  g_autoptr (IpsecIdentity) remote = ipsec_profile_remote_id (input->profile, input->host);

  /* none: the engine takes our address, which only it knows */
  if (auth->local_id && auth->local_id->kind == IPSEC_IDENTITY_FROM_CERT)
    config->local_id =
        identity_from_certificate (input->credentials, auth->local_id_asked ? config->names : NULL, error);
  else if (auth->local_id)
    config->local_id = identity_from_profile (auth->local_id, error);
  if (auth->local_id && !config->local_id)
    {
      g_prefix_error (error, "local-id: ");
      return FALSE;
    }

  if (remote->kind == IPSEC_IDENTITY_FROM_CERT)
    return TRUE;
  config->remote_id = identity_from_profile (remote, error);
  if (!config->remote_id)
    {
      g_prefix_error (error, "remote-id: ");
      return FALSE;
    }
  /* A gateway that goes by another name than the one we dial would refuse a name that it does not know. */
  config->send_remote_id = auth->remote_id != NULL;
  return TRUE;
}

/* What an EAP server that knows certificates looks for: the first name beside the subject, or the subject. */
static char *
name_in_certificate (const HelperCredentials *credentials)
{
  g_autoptr (NssCert) cert = NULL;
  g_autoptr (GPtrArray) names = NULL;

  if (!credentials || !credentials->certificates || credentials->certificates->len == 0)
    return NULL;
  cert = nss_cert_new (credentials->certificates->pdata[0], NULL);
  names = cert ? nss_cert_identities (cert) : NULL;
  return names && names->len ? nss_identity_to_string (names->pdata[0]) : NULL;
}

IkeIdentity *
ikeconfig_eap_server (const IpsecProfile *profile, const IkeConfig *config)
{
  const IpsecAuthentication *auth = &profile->auth;

  if (auth->eap_server_name)
    return ike_identity_new (IKE_ID_FQDN, auth->eap_server_name, strlen (auth->eap_server_name));
  return auth->eap_server_any ? NULL : ike_identity_copy (config->remote_id);
}

/* ---- authentication ---- */

static IkeAuth
auth_method (IpsecAuth auth)
{
  switch (auth)
    {
    case IPSEC_AUTH_PSK:
      return IKE_AUTH_PSK;
    case IPSEC_AUTH_CERT:
    case IPSEC_AUTH_RAW:
      return IKE_AUTH_SIGNATURE;
    case IPSEC_AUTH_EAP:
      return IKE_AUTH_EAP;
    case IPSEC_AUTH_EAP_ONLY:
      return IKE_AUTH_EAP_ONLY;
    case IPSEC_AUTH_NULL:
      return IKE_AUTH_NULL;
    }
  g_assert_not_reached ();
}

static GBytes *
certificate_requests (GPtrArray *cas)
{
  g_autoptr (GPtrArray) first = g_ptr_array_new ();

  for (guint i = 0; i < cas->len && i < IKECONFIG_MAX_CERTREQ; i++)
    g_ptr_array_add (first, cas->pdata[i]);
  return nss_cert_ca_hashes (first);
}

static gboolean
set_key (IkeConfig *config, const HelperCredentials *credentials)
{
  if (!credentials || !credentials->key)
    return FALSE;
  config->key_type = credentials->key_type;
  config->key_bits = credentials->key_bits;
  config->key_pss = credentials->key_type == IKE_KEY_RSA;
  return TRUE;
}

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, text);
  return FALSE;
}

/* RFC 8784 section 5.1: the type octet says that the name alone tells which key it is. */
#define PPK_ID_FIXED 2

static void
set_ppk (IkeConfig *config, const IpsecAuthentication *auth)
{
  g_autofree char *id = NULL;

  if (auth->ppk == IPSEC_PPK_NO)
    return;
  config->ppk = auth->ppk == IPSEC_PPK_INSIST ? IKE_PPK_INSIST : IKE_PPK_YES;
  if (auth->ppk_file)
    return; /* each key has another name (io/pad.h) */
  id = g_strdup_printf ("%c%s", PPK_ID_FIXED, auth->ppk_id);
  config->ppk_id = g_bytes_new (id, strlen (id));
}

/* RFC 9190 section 2.1.8, RFC 7542 section 2.4: of a name nothing but the realm, which says where to ask. */
static char *
anonymous (const char *user)
{
  const char *realm = user ? strrchr (user, '@') : NULL;

  return g_strdup (realm && realm[1] ? realm : "anonymous");
}

static gboolean
set_authentication (IkeConfig *config, const IkeconfigInput *input, GError **error)
{
  const IpsecAuthentication *auth = &input->profile->auth;
  const HelperCredentials *credentials = input->credentials;
  gboolean signs = auth->remote == IPSEC_AUTH_CERT || auth->remote == IPSEC_AUTH_EAP_ONLY;

  config->local_auth = auth_method (auth->local);
  config->remote_auth = auth_method (auth->remote);
  config->then_eap = auth->then_eap;
  /* a raw key says nothing of its owner: who it is must be claimed as it is wanted */
  config->certificate_identity_check = auth->require_id && auth->remote != IPSEC_AUTH_RAW;
  config->allow_rsa_sha1 = auth->rsa_sha1 && !input->crypto->fips;
  config->eap_identity = auth->user ? g_strdup (auth->user) : name_in_certificate (credentials);
  config->eap_inner = auth->eap_inner;
  config->eap_ttls = auth->eap_ttls == IPSEC_TTLS_PAP        ? IKE_TTLS_PAP
                     : auth->eap_ttls == IPSEC_TTLS_MSCHAPV2 ? IKE_TTLS_MSCHAPV2
                                                             : IKE_TTLS_EAP;
  config->eap_outer_identity = g_strdup (auth->eap_identity);
  /* the gateway, which nobody has proven yet, need not hear who we are: inside of TLS it will */
  if (!auth->eap_identity && auth->remote == IPSEC_AUTH_EAP_ONLY)
    config->eap_outer_identity = anonymous (config->eap_identity);
  config->eap_methods = auth->eap_methods;
  set_ppk (config, auth);
  if (auth->local == IPSEC_AUTH_CERT)
    {
      if (!set_key (config, credentials) || !credentials->certificates || credentials->certificates->len == 0)
        return fail (error, _ ("certificate, private-key: the files hold no certificate with its private key"));
      for (guint i = 0; i < credentials->certificates->len; i++)
        g_ptr_array_add (config->certificates, g_bytes_ref (credentials->certificates->pdata[i]));
    }
  if (auth->local == IPSEC_AUTH_RAW && !set_key (config, credentials))
    return fail (error, _ ("local-rsa-key: there is no such private key"));
  if (auth->remote == IPSEC_AUTH_RAW && !(credentials && credentials->remote_key))
    return fail (error, _ ("remote-rsa-key: the file holds no public key"));
  if (signs && credentials && credentials->remote_key)
    return fail (error, _ ("ca: the file holds a public key, and no certificate"));
  if (signs && credentials && credentials->cas)
    {
      config->certreq_hashes = certificate_requests (credentials->cas);
      config->ask_status = auth->revocation != IPSEC_REVOCATION_OFF;
    }
  return TRUE;
}

/* ---- algorithms ---- */

static void
add_proposals (GPtrArray *ret, IkeProtocolId protocol, GPtrArray *lists)
{
  for (guint i = 0; i < lists->len; i++)
    {
      const GArray *transforms = lists->pdata[i];
      IkeProposal *proposal = ike_proposal_new (protocol);

      g_array_append_vals (proposal->transforms, transforms->data, transforms->len);
      g_ptr_array_add (ret, proposal);
    }
}

static gboolean
has_esn (GPtrArray *proposals)
{
  for (guint i = 0; i < proposals->len; i++)
    {
      const GArray *transforms = ((const IkeProposal *) proposals->pdata[i])->transforms;

      for (guint t = 0; t < transforms->len; t++)
        {
          const IkeTransform *transform = &g_array_index (transforms, IkeTransform, t);

          if (transform->type == IKE_TRANSFORM_ESN && transform->id == IKE_ESN_YES)
            return TRUE;
        }
    }
  return FALSE;
}

static void
obey_policy (GPtrArray *proposals, const IpsecPolicy *policy)
{
  for (guint i = 0; i < proposals->len; i++)
    {
      const IkeProposal *proposal = proposals->pdata[i];

      for (guint t = proposal->transforms->len; t-- > 0;)
        if (!ipsec_policy_allows (policy, (IkeProtocolId) proposal->type,
                                  &g_array_index (proposal->transforms, IkeTransform, t)))
          g_array_remove_index (proposal->transforms, t);
    }
}

/* RFC 8784 section 6: a quantum computer would halve the strength of a cipher. What the user names is his own business. */
static void
drop_short_ciphers (GPtrArray *proposals, const IpsecProfile *profile, const char *key)
{
  const char *named = g_hash_table_lookup (profile->data, key);

  for (guint i = 0; (!named || strcmp (named, "default") == 0) && i < proposals->len; i++)
    {
      const IkeProposal *proposal = proposals->pdata[i];

      for (guint t = proposal->transforms->len; t-- > 0;)
        {
          const IkeTransform *transform = &g_array_index (proposal->transforms, IkeTransform, t);

          if (transform->type == IKE_TRANSFORM_ENCR && transform->key_bits && transform->key_bits < 256)
            g_array_remove_index (proposal->transforms, t);
        }
    }
}

/* SP 800-57 and what Libreswan allows in this mode. */
static void
limit_lifetimes (IkeConfig *config)
{
  if (config->ike_lifetime == 0 || config->ike_lifetime > IKECONFIG_FIPS_IKE * IKE_SECOND)
    config->ike_lifetime = IKECONFIG_FIPS_IKE * IKE_SECOND;
  if (config->child.lifetime == 0 || config->child.lifetime > IKECONFIG_FIPS_ESP * IKE_SECOND)
    config->child.lifetime = IKECONFIG_FIPS_ESP * IKE_SECOND;
}

/* MD4, MD5 and DES are in them, also where they are inside of TLS: those have a method of their own, or none. */
static void
limit_methods (IkeConfig *config)
{
  const guint bad = 1u << IKE_EAP_MSCHAPV2 | 1u << IKE_EAP_MD5;

  config->eap_methods &= ~bad;
  config->eap_inner &= ~bad;
  if (config->eap_inner == 0)
    config->eap_methods &= ~(1u << IKE_EAP_PEAP);
  if (config->eap_ttls == IKE_TTLS_MSCHAPV2 || (config->eap_ttls == IKE_TTLS_EAP && config->eap_inner == 0))
    config->eap_methods &= ~(1u << IKE_EAP_TTLS);
}

/* What neither FIPS mode nor the system's policy lets pass, of all that is no proposal. */
static gboolean
check_rules (IkeConfig *config, const IkeconfigInput *input, GError **error)
{
  guint least = input->crypto->fips ? 2048 : 0;

  if (input->policy)
    least = MAX (least, input->policy->rsa_min);
  if (config->key_type == IKE_KEY_RSA && config->key_bits < least)
    {
      g_set_error (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS,
                   _ ("private-key: an RSA key of %u bits is too short for this machine's policy, which wants %u"),
                   config->key_bits, least);
      return FALSE;
    }
  if (!input->crypto->fips)
    return TRUE;
  /* what only follows from ike=legacy is passed over like its algorithms */
  if (g_strcmp0 (g_hash_table_lookup (input->profile->data, "rsa-sha1"), "yes") == 0)
    return fail (error, _ ("rsa-sha1: SHA-1 is not approved, and this machine is in FIPS mode"));
  if (config->key_type > IKE_KEY_P521)
    return fail (error, _ ("private-key: keys of this kind are not approved, and this machine is in FIPS mode"));
  limit_lifetimes (config);
  limit_methods (config);
  if (ipsec_profile_uses_eap (input->profile) && config->eap_methods == 0)
    return fail (error, _ ("eap: none of these methods is approved, and this machine is in FIPS mode"));
  /* a server of ours asks by MSCHAPv2 */
  return (config->remote_auth != IKE_AUTH_EAP && !(config->then_eap && input->profile->role == IPSEC_ROLE_SERVER)) ||
         fail (error, _ ("users: EAP-MSCHAPv2 is not approved, and this machine is in FIPS mode"));
}

static gboolean
set_proposals (IkeConfig *config, const IkeconfigInput *input, GError **error)
{
  const IpsecProtection *protection = &input->profile->protection;
  const char *key = NULL;

  add_proposals (config->proposals, IKE_PROTOCOL_IKE, protection->ike);
  add_proposals (config->child_proposals, IKE_PROTOCOL_ESP, protection->esp);
  if (config->ppk == IKE_PPK_INSIST)
    {
      drop_short_ciphers (config->proposals, input->profile, "ike");
      drop_short_ciphers (config->child_proposals, input->profile, "esp");
    }
  obey_policy (config->proposals, input->policy);
  obey_policy (config->child_proposals, input->policy);
  if (!ike_proposals_filter (config->proposals, input->crypto))
    key = "ike";
  else if (!ike_proposals_filter (config->child_proposals, input->crypto))
    key = "esp";
  if (key)
    {
      g_set_error (
          error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS,
          input->crypto->fips ? _ ("%s: none of these algorithms is approved, and this machine is in FIPS mode")
          : input->policy ? _ ("%s: the system's crypto policy allows none of these algorithms (nm-ipsec algorithms "
                               "lists what it allows; crypto-policy=ignore does not obey it)")
                          : _ ("%s: none of these algorithms is possible on this machine"),
          key);
      return FALSE;
    }
  config->ke_hint = input->ke_hint;
  config->ike_lifetime = protection->ike_lifetime * IKE_SECOND;
  config->ike_rekey_margin = protection->ike_margin * IKE_SECOND;
  config->reauth = protection->reauth;
  config->child.pfs = protection->pfs;
  config->child.esn = has_esn (config->child_proposals);
  config->child.lifetime = protection->esp_lifetime * IKE_SECOND;
  config->child.rekey_margin = protection->esp_margin * IKE_SECOND;
  config->child.lifetime_bytes = protection->esp_bytes;
  return TRUE;
}

/* ---- what goes through ---- */

/* "dynamic" has no family here either: the engine puts the outer address in its place. */
GArray *
ikeconfig_selectors (GPtrArray *selectors)
{
  GArray *ret = g_array_new (FALSE, TRUE, sizeof (IkeSelector));

  for (guint i = 0; i < selectors->len; i++)
    {
      const IpsecSelector *from = selectors->pdata[i];
      IkeSelector selector = { ikeconfig_address (&from->first), ikeconfig_address (&from->last), from->protocol,
                               from->port_first, from->port_last };

      g_array_append_val (ret, selector);
    }
  return ret;
}

static void
add_selectors (GPtrArray *ret, GPtrArray *selectors)
{
  g_autoptr (GArray) list = ikeconfig_selectors (selectors);

  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (ret, g_memdup2 (&g_array_index (list, IkeSelector, i), sizeof (IkeSelector)));
}

static void
set_tunnel (IkeConfig *config, const IkeconfigInput *input)
{
  const IpsecTunnel *tunnel = &input->profile->tunnel;

  add_selectors (config->child.local_ts, tunnel->local_ts);
  add_selectors (config->child.remote_ts, tunnel->remote_ts);
  config->child.exact = !tunnel->narrowing;
  config->child.transport_mode = tunnel->transport;
  config->child.ipcomp = tunnel->ipcomp && !tunnel->tfc;
  config->child.tfc = tunnel->tfc;
  config->child.aggfrag = tunnel->iptfs;
  config->child.replay_window = tunnel->replay_window;
  config->child.cpus = tunnel->cpus;
  if (tunnel->sec_label)
    config->child.label = g_bytes_new (tunnel->sec_label, strlen (tunnel->sec_label) + 1);
  config->want_address4 = tunnel->want_address4;
  config->want_address6 = tunnel->want_address6;
  config->want_resolvers = input->resolvers;
  config->ask_address4 = ikeconfig_address (&tunnel->ask_address4);
  config->ask_address6 = ikeconfig_address (&tunnel->ask_address6);
}

/* Several gateways that do not answer share the time that one would have; with only one it is the engine's business. */
static IkeTime
init_patience (const IkeconfigInput *input)
{
  if (input->profile->outer.retransmit_timeout || input->candidates <= 1)
    return 0;
  return MAX (IKECONFIG_PATIENCE * IKE_SECOND / input->candidates, IKECONFIG_MIN_PATIENCE * IKE_SECOND);
}

/* Where the kernel can leave ESP to a network card, its own code for such packets pads none (esp4_offload.c), and UDP is
 * what it does not leave to it. */
static IkeEncap
encap_of (const IpsecProfile *profile)
{
  switch (profile->outer.encap)
    {
    case IPSEC_ENCAP_NEVER:
      return IKE_ENCAP_NEVER;
    case IPSEC_ENCAP_ALWAYS:
      return IKE_ENCAP_ALWAYS;
    case IPSEC_ENCAP_DETECT:
      return profile->tunnel.tfc && !profile->tunnel.transport ? IKE_ENCAP_ALWAYS : IKE_ENCAP_DETECT;
    }
  g_assert_not_reached ();
}

static void
set_outer (IkeConfig *config, const IkeconfigInput *input)
{
  const IpsecOuter *outer = &input->profile->outer;

  config->mobike = outer->mobike;
  config->childless = outer->childless || input->profile->role == IPSEC_ROLE_SERVER;
  config->fragmentation = outer->fragmentation;
  config->fragment_all = outer->fragment_all;
  config->encap = encap_of (input->profile);
  config->dpd_delay = outer->dpd_delay * IKE_SECOND;
  config->dpd_timeout = outer->dpd_timeout * IKE_SECOND;
  config->retransmit_timeout = outer->retransmit_timeout * IKE_SECOND;
  config->init_timeout = init_patience (input);
  config->keep_trying = outer->keep_trying;
  config->tries = outer->tries;
}

static IkeBegin
begin_of (IpsecStart start)
{
  switch (start)
    {
    case IPSEC_START_UP:
      return IKE_BEGIN_NOW;
    case IPSEC_START_ONDEMAND:
      return IKE_BEGIN_DEMAND;
    case IPSEC_START_LISTEN:
      return IKE_BEGIN_LISTEN;
    }
  g_assert_not_reached ();
}

/* Whoever does not answer soon has no IKE; and nobody moves, since it is the address that counts. The nets are added by
 * nm/meshconfig.h. */
static void
set_mesh (IkeConfig *config)
{
  config->role = IKE_ROLE_PEER;
  config->begin = IKE_BEGIN_DEMAND;
  config->mobike = FALSE;
  config->resumption = FALSE;
  config->init_timeout = IKECONFIG_MESH_PATIENCE * IKE_SECOND;
}

IkeConfig *
ikeconfig_new (const IkeconfigInput *input, GError **error)
{
  g_autoptr (IkeConfig) config = ike_config_new ();
  g_autoptr (GError) local = NULL;

  config->id = 1;
  config->name = g_strdup (input->name);
  config->role = input->profile->role == IPSEC_ROLE_PEER ? IKE_ROLE_PEER : IKE_ROLE_INITIATOR;
  config->begin = begin_of (input->profile->start);
  config->resumption = TRUE;
  config->idle_timeout = input->profile->idle_timeout * IKE_SECOND;
  if (input->profile->role == IPSEC_ROLE_SERVER)
    {
      config->role = IKE_ROLE_RESPONDER;
      config->serve = serveconfig_serve (&input->profile->server);
    }
  set_tunnel (config, input);
  set_outer (config, input);
  if (input->profile->role == IPSEC_ROLE_MESH)
    set_mesh (config);
  if (set_identities (config, input, &local) && set_authentication (config, input, &local) &&
      set_proposals (config, input, &local) && check_rules (config, input, &local))
    {
      if (config->role == IKE_ROLE_RESPONDER && config->reauth)
        config->auth_lifetime = config->ike_lifetime;
      return g_steal_pointer (&config);
    }
  g_set_error_literal (error, VPN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, local->message);
  return NULL;
}
