/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From canonical values to the typed fields of a profile (all but authentication), and what must hold between them.
 */
#include "config.h"

#include "profile/profile-private.h"

#include "profile/number.h"
#include "profile/proposal.h"
#include "profile/unsupported.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define BAD IPSEC_PROFILE_ERROR_BAD_VALUE
#define SEC_LABEL_MAX 255 /* as the helper takes it */
#define MARGIN_MAX 540 /* seconds: of a rekey margin that nobody has chosen */

/* ---- reading ---- */

gboolean
profile_is_set (const IpsecProfile *profile, const char *key)
{
  return g_hash_table_contains (profile->data, key);
}

const char *
profile_get (const IpsecProfile *profile, const char *key)
{
  const char *value = g_hash_table_lookup (profile->data, key);

  return value != NULL ? value : ipsec_key_find (key, FALSE)->fallback;
}

gboolean
profile_get_is (const IpsecProfile *profile, const char *key, const char *word)
{
  return g_strcmp0 (profile_get (profile, key), word) == 0;
}

guint64
profile_get_number (const IpsecProfile *profile, const char *key)
{
  const char *value = profile_get (profile, key);
  guint64 number = 0;

  if (value == NULL)
    return 0;
  switch (ipsec_key_find (key, FALSE)->type)
    {
    case IPSEC_KEY_TIME:
      return ipsec_time_parse (value, &number) ? number : 0;
    case IPSEC_KEY_SIZE:
      return ipsec_size_parse (value, &number) ? number : 0;
    case IPSEC_KEY_INTEGER:
      return g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT64, &number, NULL) ? number : 0;
    case IPSEC_KEY_STRING:
    case IPSEC_KEY_HOSTS:
    case IPSEC_KEY_ENUM:
    case IPSEC_KEY_BOOL:
    case IPSEC_KEY_IDENTITY:
    case IPSEC_KEY_CREDENTIAL:
    case IPSEC_KEY_PATH:
    case IPSEC_KEY_RAW:
    case IPSEC_KEY_PROPOSALS:
    case IPSEC_KEY_SELECTORS:
    case IPSEC_KEY_NETS:
    case IPSEC_KEY_ADDRESSES:
    case IPSEC_KEY_MARK:
    case IPSEC_KEY_SECRET:
      break;
    }
  g_assert_not_reached ();
}

void
profile_warn (IpsecProfile *profile, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (profile->warnings, g_strdup_vprintf (format, args));
  va_end (args);
}

/* ---- the outer connection ---- */

/* Can @family be spoken to one of the gateways? Of a name we do not know it. */
static gboolean
gateways_may_have_family (char **gateways, guint8 family)
{
  for (guint i = 0; gateways[i] != NULL; i++)
    {
      IpsecAddress address;

      if (!ipsec_address_parse (gateways[i], &address) || address.family == family)
        return TRUE;
    }
  return FALSE;
}

gboolean
profile_fill_outer (IpsecProfile *profile, GError **error)
{
  IpsecOuter *outer = &profile->outer;
  const char *local = profile_get (profile, "local-address");

  gboolean dials = profile->role == IPSEC_ROLE_CLIENT || profile->role == IPSEC_ROLE_PEER;

  if (!profile_is_set (profile, "gateway") && dials)
    return ipsec_fail (error, IPSEC_PROFILE_ERROR_MISSING_KEY,
                       _ ("gateway: the key is missing; it names the VPN gateway, by host name or address"));
  outer->gateways = g_strsplit (profile_is_set (profile, "gateway") ? profile_get (profile, "gateway") : "", ",", -1);
  if (local != NULL)
    g_assert_true (ipsec_address_parse (local, &outer->local_address));
  if (local != NULL && dials && !gateways_may_have_family (outer->gateways, outer->local_address.family))
    return ipsec_fail (error, CONFLICT, _ ("local-address: %s and the gateway are of different IP versions"), local);
  outer->local_port = (guint16) profile_get_number (profile, "local-port");
  outer->remote_port = (guint16) profile_get_number (profile, "remote-port");
  outer->tcp = profile_get_is (profile, "tcp", "yes")        ? IPSEC_TCP_YES
               : profile_get_is (profile, "tcp", "fallback") ? IPSEC_TCP_FALLBACK
                                                             : IPSEC_TCP_NO;
  outer->tcp_port = (guint16) profile_get_number (profile, "tcp-port");
  outer->mobike = profile_get_is (profile, "mobike", "yes");
  outer->childless = profile_get_is (profile, "childless", "yes");
  outer->fragmentation = !profile_get_is (profile, "fragmentation", "no");
  outer->fragment_all = profile_get_is (profile, "fragmentation", "force");
  outer->encap = (IpsecEncap) ipsec_key_word_index (ipsec_key_find ("encap", FALSE), profile_get (profile, "encap"));
  outer->dpd_delay = (guint) profile_get_number (profile, "dpd-delay");
  outer->dpd_timeout = (guint) profile_get_number (profile, "dpd-timeout");
  if (profile_is_set (profile, "dpd-timeout") && outer->dpd_timeout != 0 && outer->dpd_timeout < outer->dpd_delay)
    return ipsec_fail (error, CONFLICT, _ ("dpd-timeout: %s is shorter than dpd-delay, %s"),
                       profile_get (profile, "dpd-timeout"), profile_get (profile, "dpd-delay"));
  if (outer->dpd_timeout != 0)
    outer->dpd_timeout = MAX (outer->dpd_timeout, outer->dpd_delay); /* the default below a long delay */
  /* how long a client that moves is waited for is the engine's to say */
  if (profile->role == IPSEC_ROLE_SERVER && outer->mobike && !profile_is_set (profile, "dpd-timeout"))
    outer->dpd_timeout = 0;
  outer->retransmit_timeout = (guint) profile_get_number (profile, "retransmit-timeout");
  outer->tries = (guint) profile_get_number (profile, "keyingtries");
  outer->keep_trying = outer->tries != 1;
  return TRUE;
}

/* ---- protection ---- */

static GPtrArray *
fill_proposals (IpsecProfile *profile, IkeProtocolId protocol, const char *key, GError **error)
{
  g_autoptr (GPtrArray) weak = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) proposals = ipsec_proposals_parse (protocol, profile_get (profile, key), weak, error);

  g_assert (proposals != NULL);
  for (guint i = 0; i < weak->len; i++)
    profile_warn (profile, _ ("%s: %s is weak; use it only when the gateway has nothing better"), key,
                  (const char *) weak->pdata[i]);
  return g_steal_pointer (&proposals);
}

static gboolean
has_addke (const GArray *proposal)
{
  for (guint8 type = IKE_TRANSFORM_ADDKE1; type <= IKE_TRANSFORM_ADDKE7; type++)
    {
      if (ipsec_proposal_has_type (proposal, type))
        return TRUE;
    }
  return FALSE;
}

static void
add_esn (GArray *proposal, guint16 id)
{
  IkeTransform transform = { .type = IKE_TRANSFORM_ESN, .id = id };

  g_array_append_val (proposal, transform);
}

/* RFC 7296 section 3.3.3: a proposal for ESP must say which sequence numbers it means. */
static void
complete_esn (const IpsecProfile *profile, GArray *proposal)
{
  if (ipsec_proposal_has_type (proposal, IKE_TRANSFORM_ESN))
    return;
  if (!profile_get_is (profile, "esn", "no"))
    add_esn (proposal, IKE_ESN_YES);
  if (!profile_get_is (profile, "esn", "force"))
    add_esn (proposal, IKE_ESN_NO);
}

/* A copy of @proposal with the KE transforms of @groups instead of its own. NULL: without any, so that additional key
 * exchanges have nothing to be added to (RFC 9370 section 2.2.2). */
static GArray *
with_groups (const GArray *proposal, const GArray *groups)
{
  GArray *copy = g_array_new (FALSE, FALSE, sizeof (IkeTransform));
  gboolean without = groups == NULL;

  for (guint i = 0; i < proposal->len; i++)
    {
      IkeTransform transform = g_array_index (proposal, IkeTransform, i);
      gboolean addke = transform.type >= IKE_TRANSFORM_ADDKE1 && transform.type <= IKE_TRANSFORM_ADDKE7;

      if (groups != NULL && transform.type == IKE_TRANSFORM_ESN)
        {
          g_array_append_vals (copy, groups->data, groups->len);
          groups = NULL;
        }
      if (transform.type != IKE_TRANSFORM_KE && !(without && addke))
        g_array_append_val (copy, transform);
    }
  return copy;
}

/* The groups of all proposals for IKE, each once. */
static GArray *
all_groups (GPtrArray *ike)
{
  GArray *groups = g_array_new (FALSE, FALSE, sizeof (IkeTransform));

  for (guint i = 0; i < ike->len; i++)
    {
      const GArray *proposal = ike->pdata[i];

      for (guint j = 0; j < proposal->len; j++)
        {
          IkeTransform ke = g_array_index (proposal, IkeTransform, j);
          gboolean seen = FALSE;

          for (guint k = 0; k < groups->len; k++)
            seen = seen || g_array_index (groups, IkeTransform, k).id == ke.id;
          if (ke.type == IKE_TRANSFORM_KE && !seen)
            g_array_append_val (groups, ke);
        }
    }
  return groups;
}

/* PFS: proposals that name groups stay as they are; the others get those of IKE. Unless the user insists, the same is
 * offered without a group behind that, since many gateways refuse to rekey otherwise. */
static GPtrArray *
complete_esp (const IpsecProfile *profile, GPtrArray *esp, GPtrArray *ike)
{
  g_autoptr (GArray) groups = all_groups (ike);
  GPtrArray *done = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  gboolean pfs = profile_get_is (profile, "pfs", "yes");

  for (guint i = 0; i < esp->len; i++)
    {
      GArray *proposal = esp->pdata[i];

      complete_esn (profile, proposal);
      if (pfs && ipsec_proposal_has_type (proposal, IKE_TRANSFORM_KE))
        g_ptr_array_add (done, g_array_ref (proposal));
      else
        g_ptr_array_add (done, with_groups (proposal, pfs ? groups : NULL));
    }
  for (guint i = 0; pfs && !profile_is_set (profile, "pfs") && i < esp->len && done->len < IPSEC_PROPOSALS_MAX; i++)
    {
      if (!ipsec_proposal_has_type (esp->pdata[i], IKE_TRANSFORM_KE) && !has_addke (esp->pdata[i]))
        g_ptr_array_add (done, with_groups (esp->pdata[i], NULL));
    }
  return done;
}

/* The margin for a lifetime; 0: the user's is too long. */
static guint
rekey_margin (const IpsecProfile *profile, guint lifetime)
{
  guint64 margin = profile_get_number (profile, "rekey-margin");

  if (margin == 0)
    return MIN (MAX (lifetime / 10, 1), MARGIN_MAX);
  return margin * 2 < lifetime ? (guint) margin : 0;
}

static gboolean
fill_lifetimes (IpsecProfile *profile, GError **error)
{
  IpsecProtection *protection = &profile->protection;

  protection->reauth = profile_get_is (profile, "reauth", "yes");
  if (profile_get_is (profile, "rekey", "no"))
    {
      if (protection->reauth)
        return ipsec_fail (error, CONFLICT, _ ("reauth: yes contradicts rekey=no"));
      return TRUE;
    }
  protection->ike_lifetime = (guint) profile_get_number (profile, "ike-lifetime");
  protection->esp_lifetime = (guint) profile_get_number (profile, "esp-lifetime");
  protection->ike_margin = rekey_margin (profile, protection->ike_lifetime);
  protection->esp_margin = rekey_margin (profile, protection->esp_lifetime);
  if (protection->ike_margin == 0 || protection->esp_margin == 0)
    return ipsec_fail (error, CONFLICT, _ ("rekey-margin: %s is not less than half of %s, %s"),
                       profile_get (profile, "rekey-margin"),
                       protection->ike_margin == 0 ? "ike-lifetime" : "esp-lifetime",
                       profile_get (profile, protection->ike_margin == 0 ? "ike-lifetime" : "esp-lifetime"));
  return TRUE;
}

gboolean
profile_fill_protection (IpsecProfile *profile, GError **error)
{
  IpsecProtection *protection = &profile->protection;
  g_autoptr (GPtrArray) esp = NULL;

  protection->ike = fill_proposals (profile, IKE_PROTOCOL_IKE, "ike", error);
  if (protection->ike == NULL)
    return FALSE;
  esp = fill_proposals (profile, IKE_PROTOCOL_ESP, "esp", error);
  if (esp == NULL)
    return FALSE;
  protection->pfs = profile_get_is (profile, "pfs", "yes");
  protection->esp = complete_esp (profile, esp, protection->ike);
  protection->esp_bytes = profile_get_number (profile, "esp-bytes");
  protection->system_policy = profile_get_is (profile, "crypto-policy", "system");
  return fill_lifetimes (profile, error);
}

/* ---- the tunnel ---- */

static gboolean
has_family (GPtrArray *selectors, guint8 family)
{
  for (guint i = 0; i < selectors->len; i++)
    {
      if (((const IpsecSelector *) selectors->pdata[i])->first.family == family)
        return TRUE;
    }
  return FALSE;
}

static GPtrArray *
fill_selectors (const IpsecProfile *profile, const char *key, GError **error)
{
  gboolean peer = profile->role == IPSEC_ROLE_PEER || profile->role == IPSEC_ROLE_MESH;
  /* between hosts nothing but the hosts is meant, as long as nothing is said */
  const char *text = peer && !profile_is_set (profile, key) ? "dynamic" : profile_get (profile, key);
  g_autoptr (GPtrArray) selectors = ipsec_selectors_parse (text, FALSE, NULL);

  g_assert (selectors != NULL);
  if (!ipsec_supported_check_selectors (key, peer, selectors, error))
    return NULL;
  if (selectors->len == 1 && has_family (selectors, 0) && ((const IpsecSelector *) selectors->pdata[0])->protocol == 0)
    g_ptr_array_set_size (selectors, 0); /* dynamic, alone */
  return g_steal_pointer (&selectors);
}

static gboolean
fill_virtual_ip (IpsecProfile *profile, GError **error)
{
  IpsecTunnel *tunnel = &profile->tunnel;
  const char *value = profile_get (profile, "virtual-ip");
  g_auto (GStrv) list = g_strsplit (value, ",", -1);
  IpsecAddress address;

  if (strcmp (value, "no") == 0 || profile->role != IPSEC_ROLE_CLIENT ||
      (strcmp (value, "auto") == 0 && tunnel->local_ts->len > 0))
    return TRUE;
  if (!ipsec_address_parse (list[0], &address))
    {
      gboolean all = strcmp (value, "yes") == 0;

      tunnel->want_address4 = all || has_family (tunnel->remote_ts, 4);
      tunnel->want_address6 = all || has_family (tunnel->remote_ts, 6);
      return TRUE;
    }
  for (guint i = 0; list[i] != NULL; i++)
    {
      gboolean *want;

      g_assert_true (ipsec_address_parse (list[i], &address));
      want = address.family == 4 ? &tunnel->want_address4 : &tunnel->want_address6;
      if (*want)
        return ipsec_fail (error, CONFLICT, _ ("virtual-ip: %s has two addresses of one IP version"), value);
      *want = TRUE;
      *(address.family == 4 ? &tunnel->ask_address4 : &tunnel->ask_address6) = address;
    }
  return TRUE;
}

/* Is nothing but the gateway itself on the other side? */
static gboolean
is_between_hosts (const IpsecProfile *profile)
{
  GPtrArray *remote = profile->tunnel.remote_ts;
  IpsecAddress gateway;

  for (guint i = 0; i < remote->len; i++)
    {
      const IpsecSelector *selector = remote->pdata[i];

      for (char *const *host = profile->outer.gateways; *host != NULL; host++)
        if (ipsec_address_parse (*host, &gateway) && memcmp (&selector->first, &gateway, sizeof gateway) == 0 &&
            memcmp (&selector->last, &gateway, sizeof gateway) == 0)
          return TRUE;
    }
  return remote->len == 0 || has_family (remote, 0);
}

/* Both stand for what an XFRM interface has, or plain policies; a VTI is found by a mark of its own. */
static gboolean
fill_scope (IpsecProfile *profile, GError **error)
{
  IpsecTunnel *tunnel = &profile->tunnel;
  const char *mark = profile_get (profile, "mark");

  if (mark == NULL && !profile_is_set (profile, "if-id"))
    return TRUE;
  tunnel->if_id = (guint32) profile_get_number (profile, "if-id");
  if (mark != NULL)
    ipsec_mark_parse (mark, &tunnel->mark, &tunnel->mark_mask);
  if (tunnel->mark & ~tunnel->mark_mask || (mark != NULL && tunnel->mark_mask == 0))
    return ipsec_fail (error, CONFLICT,
                       _ ("mark: in %s the mark has bits that its mask does not have, or the mask none"), mark);
  if (tunnel->interface == IPSEC_INTERFACE_VTI)
    return ipsec_fail (error, CONFLICT, _ ("interface: vti has a mark of its own, and no number; use xfrm or none"));
  if (tunnel->interface == IPSEC_INTERFACE_AUTO)
    tunnel->interface = IPSEC_INTERFACE_XFRM;
  return TRUE;
}

/* A peer's own address cannot be reached through an interface that stands on it: its route would catch the tunnel's
 * packets as well. */
static gboolean
check_interface (IpsecProfile *profile, GError **error)
{
  IpsecTunnel *tunnel = &profile->tunnel;

  if (profile->role != IPSEC_ROLE_MESH && (profile->role != IPSEC_ROLE_PEER || !is_between_hosts (profile)))
    return TRUE;
  if (tunnel->interface == IPSEC_INTERFACE_AUTO)
    tunnel->interface = IPSEC_INTERFACE_NONE;
  if (tunnel->interface == IPSEC_INTERFACE_NONE || profile->role == IPSEC_ROLE_MESH) /* (which says so itself) */
    return TRUE;
  return ipsec_fail (error, CONFLICT, _ ("interface: %s cannot be between the two hosts themselves; use none"),
                     profile_get (profile, "interface"));
}

static gboolean
fill_start (IpsecProfile *profile, GError **error)
{
  profile->start = (IpsecStart) ipsec_key_word_index (ipsec_key_find ("start", FALSE), profile_get (profile, "start"));
  if (profile_is_set (profile, "idle-timeout") && profile->role != IPSEC_ROLE_MESH &&
      profile->start != IPSEC_START_ONDEMAND)
    return ipsec_fail (error, CONFLICT, _ ("idle-timeout: the key means nothing without start=ondemand"));
  /* an XFRM interface refuses packets that have to wait for an SA; plain policies keep them, but for IPv6
   * NetworkManager could not be told then from which address this machine itself must send */
  if (profile->start == IPSEC_START_ONDEMAND && profile->tunnel.interface == IPSEC_INTERFACE_AUTO &&
      !has_family (profile->tunnel.remote_ts, 6))
    profile->tunnel.interface = IPSEC_INTERFACE_NONE;
  profile->idle_timeout = (guint) profile_get_number (profile, "idle-timeout");
  return TRUE;
}

/* A context of SELinux is text without blanks. */
static gboolean
fill_label (IpsecProfile *profile, GError **error)
{
  const char *label = profile_get (profile, "sec-label");

  if (label == NULL)
    return TRUE;
  for (const char *p = label; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p))
      return ipsec_fail (error, BAD,
                         _ ("sec-label: a security context is of printable ASCII characters without blanks"));
  if (strlen (label) > SEC_LABEL_MAX)
    return ipsec_fail (error, BAD, _ ("sec-label: a security context has at most %d characters"), SEC_LABEL_MAX);
  /* the kernel does not ask who has sent what it takes out of a virtual interface */
  if (profile->tunnel.interface != IPSEC_INTERFACE_AUTO && profile->tunnel.interface != IPSEC_INTERFACE_NONE)
    return ipsec_fail (error, CONFLICT, _ ("interface: packets lose their labels in one; sec-label needs none"));
  profile->tunnel.interface = IPSEC_INTERFACE_NONE;
  profile->tunnel.sec_label = g_strdup (label);
  return TRUE;
}

gboolean
profile_fill_tunnel (IpsecProfile *profile, GError **error)
{
  IpsecTunnel *tunnel = &profile->tunnel;

  tunnel->local_ts = fill_selectors (profile, "local-ts", error);
  if (tunnel->local_ts == NULL)
    return FALSE;
  tunnel->remote_ts = fill_selectors (profile, "remote-ts", error);
  if (tunnel->remote_ts == NULL)
    return FALSE;
  tunnel->narrowing = profile_get_is (profile, "narrowing", "yes");
  tunnel->transport = profile_get_is (profile, "mode", "transport");
  if (tunnel->transport && profile->role != IPSEC_ROLE_MESH &&
      (profile->role != IPSEC_ROLE_PEER || !is_between_hosts (profile)))
    return ipsec_fail (error, CONFLICT, _ ("mode: transport is between two hosts; it needs role=peer and no networks"));
  tunnel->iptfs = profile_get_is (profile, "mode", "iptfs");
  if (tunnel->local_ts->len > 0 && tunnel->remote_ts->len > 0 && !has_family (tunnel->local_ts, 0) &&
      !has_family (tunnel->remote_ts, 0) && !(has_family (tunnel->local_ts, 4) && has_family (tunnel->remote_ts, 4)) &&
      !(has_family (tunnel->local_ts, 6) && has_family (tunnel->remote_ts, 6)))
    return ipsec_fail (error, CONFLICT, _ ("local-ts: %s and remote-ts=%s have no IP version in common"),
                       profile_get (profile, "local-ts"), profile_get (profile, "remote-ts"));
  if (!fill_virtual_ip (profile, error))
    return FALSE;
  tunnel->interface =
      (IpsecInterface) ipsec_key_word_index (ipsec_key_find ("interface", FALSE), profile_get (profile, "interface"));
  tunnel->nic_offload = (IpsecOffload) ipsec_key_word_index (ipsec_key_find ("nic-offload", FALSE),
                                                             profile_get (profile, "nic-offload"));
  tunnel->mtu = (guint) profile_get_number (profile, "mtu");
  tunnel->mss_clamp =
      profile_get_is (profile, "mss-clamp", "no") ? IPSEC_MSS_NO : (guint) profile_get_number (profile, "mss-clamp");
  tunnel->replay_window = (guint) profile_get_number (profile, "replay-window");
  tunnel->cpus = profile_is_set (profile, "cpus") ? (guint) profile_get_number (profile, "cpus") : 0;
  tunnel->dscp_out = profile_get_is (profile, "copy-dscp", "out") || profile_get_is (profile, "copy-dscp", "yes");
  tunnel->dscp_in = profile_get_is (profile, "copy-dscp", "in") || profile_get_is (profile, "copy-dscp", "yes");
  tunnel->ipcomp = profile_get_is (profile, "ipcomp", "yes") || profile_get_is (profile, "compress", "yes");
  tunnel->tfc = profile_get_is (profile, "tfc", "yes");
  if (tunnel->iptfs && (tunnel->ipcomp || tunnel->tfc))
    return ipsec_fail (error, CONFLICT, _ ("mode: with iptfs packets are neither compressed nor padded; leave out %s"),
                       tunnel->tfc ? "tfc" : "ipcomp");
  if (!fill_label (profile, error))
    return FALSE;
  if (profile_get_is (profile, "kill-switch", "yes"))
    tunnel->kill_switch = profile_is_set (profile, "kill-switch-except")
                              ? ipsec_selectors_parse (profile_get (profile, "kill-switch-except"), TRUE, NULL)
                              : g_ptr_array_new ();
  else if (profile_is_set (profile, "kill-switch-except"))
    return ipsec_fail (error, CONFLICT, _ ("kill-switch-except: the key means nothing without kill-switch=yes"));
  return check_interface (profile, error) && fill_scope (profile, error) && fill_start (profile, error);
}
