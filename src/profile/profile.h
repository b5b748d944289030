/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection's profile: vpn.data and vpn.secrets turned into one immutable, typed value, and back.
 *
 * After ipsec_profile_new() nobody needs a user's string again: what is here is in range, consistent and something
 * that this version can do; the error otherwise names the key, the value and what would be right. Secret values are
 * not kept, only which of them were there. Times are seconds.
 */
#pragma once

#include "profile/error.h"
#include "profile/identity.h"
#include "profile/profile-enums.h"
#include "profile/profile-keys.h"
#include "profile/raw-key.h"
#include "profile/selector.h"
#include "profile/server.h"

#include <NetworkManager.h>

/* The outer connection. */
typedef struct {
  char **gateways;            /* host names (ASCII) or addresses, in order of preference; none for a server */
  IpsecAddress local_address; /* family 0: any */
  guint16 local_port, remote_port, tcp_port; /* of the first message; local 0: 500 and 4500 when they are free */
  IpsecTcp tcp;
  gboolean mobike, fragmentation, fragment_all, childless; IpsecEncap encap; /* fragment_all: small messages, too */
  guint dpd_delay, dpd_timeout; /* 0: off */
  guint retransmit_timeout;   /* 0: the engine's own */
  gboolean keep_trying;       /* after a first success, reconnect */
  guint tries;                /* so often in a row; 0: for ever */
} IpsecOuter;

typedef struct {
  IpsecAuth local, remote;    /* "auto" resolved; remote: EAP only for a server */
  IpsecIdentity *local_id; gboolean local_id_asked; /* NULL: our address; a server's: the name of its certificate that is asked for */
  IpsecIdentity *remote_id;   /* NULL: the gateway as dialled, see ipsec_profile_remote_id() */
  char *certificate, *private_key; /* absolute paths, or NULL: none; the key may be in the certificate's file */
  char *ca, *remote_certificate; /* as they; who may vouch, or "system"; the only one that is good, NULL: what @ca says */
  IpsecRawKey *local_key, *remote_key; /* with RAW; a path is that of our private, of their public key */
  enum { IPSEC_REVOCATION_SOFT, IPSEC_REVOCATION_STRICT, IPSEC_REVOCATION_OFF } revocation;
  gboolean require_id, rsa_sha1; /* the certificate must contain the remote identity; RSA with SHA-1 may be used */
  char *user;                 /* EAP: who we are; NULL: nobody has said yet, see ipsec_profile_check_ready() */
  guint eap_methods, eap_inner; /* 1 << IkeEapType of what may be used, and of the same inside of TTLS and PEAP */
  enum { IPSEC_TTLS_EAP, IPSEC_TTLS_PAP, IPSEC_TTLS_MSCHAPV2 } eap_ttls; /* inside of TTLS */
  char *eap_identity, *eap_ca, *eap_server_name; /* told to it, NULL: user; a login server's: as ca; NULL: the gateway's identity, or any name with */
  gboolean then_eap; /* after @local a client's user by EAP as well (RFC 4739); a server asks for both */
  gboolean eap_server_any, otp; /* an authority of its own; EAP-GTC is answered with the secret otp, else with password */
  IpsecPpk ppk;               /* post-quantum pre-shared key */
  char *ppk_id, *ppk_file;    /* its name, NULL without one; a one-time pad, NULL: it is the secret */
} IpsecAuthentication;

typedef struct {
  GPtrArray *ike, *esp;       /* proposals (proposal.h), complete: ESP with ESN transforms, and KE transforms for PFS */
  gboolean pfs;               /* FALSE: no proposal of ESP has KE transforms */
  guint ike_lifetime, esp_lifetime; /* 0: for ever, the gateway rekeys */
  guint ike_margin, esp_margin;     /* rekey that long before the end */
  guint64 esp_bytes;          /* 0: no limit */
  gboolean reauth;            /* instead of rekeying the IKE SA */
  gboolean system_policy;     /* obey the system-wide crypto policy, where there is one */
} IpsecProtection;

#define IPSEC_MSS_NO G_MAXUINT

/* What goes through the tunnel, and how it appears. */
typedef struct {
  GPtrArray *local_ts;        /* IpsecSelector; empty: dynamic, the address that we get */
  GPtrArray *remote_ts;       /* IpsecSelector; empty: dynamic, the other end's address (a peer's) */
  gboolean transport, iptfs;  /* mode: between the two hosts, without addresses of its own; RFC 9347 */
  gboolean narrowing;         /* less than all of it is good enough */
  gboolean want_address4, want_address6;    /* ask the gateway for an address */
  IpsecAddress ask_address4, ask_address6;  /* for this one; family 0: any */
  IpsecInterface interface; IpsecOffload nic_offload; /* its name is connection.interface-name's */
  guint32 if_id, mark, mark_mask; /* 0: any; of what goes through and comes out; mask 0: any */
  gboolean dscp_out, dscp_in, ipcomp, tfc; /* the traffic class is copied to the outer header, from it; compress; pad */
  guint mtu, mss_clamp, replay_window; /* 0: computed; largest TCP segment, 0: what fits, IPSEC_MSS_NO; packets, 0: none */
  char *sec_label; /* NULL: none */ guint cpus; GPtrArray *kill_switch; /* so many have keys of their own; IpsecSelector that it leaves alone, NULL: none */
} IpsecTunnel;

typedef struct {
  IpsecRole role;
  IpsecStart start;
  guint idle_timeout; /* start=ondemand; 0: never */
  IpsecOuter outer;
  IpsecAuthentication auth;
  IpsecProtection protection;
  IpsecTunnel tunnel;
  IpsecServer server; GArray *mesh; /* role SERVER; role MESH: IpsecMeshNet (mesh.h), else NULL */
  int log_level;        /* 0-7; -1: the service's own */
  GPtrArray *warnings;  /* char*: sentences for the log and the editor; may be empty */
  GHashTable *data;     /* char* -> char*: canonical vpn.data: what was given, x-... and flags included */
  guint secrets;        /* bits of the secrets that were there: ipsec_profile_has_secret() */
} IpsecProfile;

/* The result is nobody's to change. @data, @secrets: name -> value, not kept; @secrets and @user_name (vpn.user-name)
 * may be NULL. */
IpsecProfile *ipsec_profile_new (GHashTable *data, GHashTable *secrets, const char *user_name, GError **error);
IpsecProfile *ipsec_profile_new_from_setting (NMSettingVpn *setting, GError **error);
void ipsec_profile_free (IpsecProfile *profile);
/* Canonical vpn.data: parses to an equal profile. The caller's copy. */
GHashTable *ipsec_profile_to_data (const IpsecProfile *profile);
gboolean ipsec_profile_equal (const IpsecProfile *a, const IpsecProfile *b); /* same keys with the same meaning */

gboolean ipsec_profile_has_secret (const IpsecProfile *profile, const char *name);
gboolean ipsec_profile_uses_eap (const IpsecProfile *profile); /* to say who we are, alone or as well */
/* As libnm reads "<name>-flags": no such item gives NONE (otp: NOT_SAVED), garbage gives NONE. */
NMSettingSecretFlags ipsec_profile_secret_flags (const IpsecProfile *profile, const char *name);
/* The name of a secret that has to be asked for before Connect, NULL: none. For NeedSecrets. */
const char *ipsec_profile_missing_secret (const IpsecProfile *profile);
/* At Connect: is everything there that NetworkManager fills in only then (user, secrets)? */
gboolean ipsec_profile_check_ready (const IpsecProfile *profile, GError **error);

/* Who the gateway that was reached as @gateway must be; FROM_CERT: whoever its certificate says. Never NULL. */
IpsecIdentity *ipsec_profile_remote_id (const IpsecProfile *profile, const char *gateway);

/* The octets of a pre-shared key as written: text, 0x hex, 0s base64. NULL: malformed; the error does not quote it. The
 * caller erases the result. */
guint8 *ipsec_psk_decode (const char *text, gsize *ret_len, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IpsecProfile, ipsec_profile_free)
