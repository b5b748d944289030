/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of fields. See fields.h. */
#include "config.h"

#include "form/fields.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* clang-format off */
static const FieldChoice sign_ins[] = {
  /* Translators: ways to prove who one is, after “Sign In With” */
  { SIGN_IN_USER, N_ ("User and Password") },
  { SIGN_IN_CERTIFICATE, N_ ("Certificate") },
  { SIGN_IN_TOKEN, N_ ("Smart Card or Token") },
  { SIGN_IN_SHARED_KEY, N_ ("Pre-Shared Key") },
  { SIGN_IN_RAW_KEY, N_ ("Raw Public Key") },
  { SIGN_IN_NOTHING, N_ ("Nothing (Anonymous)") },
  { SIGN_IN_OTHER, N_ ("Another Way") },
  { NULL, NULL } };
static const FieldChoice roles[] = {
  /* Translators: kinds of connection */
  { "client", N_ ("Remote Access") },
  { "peer", N_ ("Host-to-Host or Site-to-Site") },
  { "server", N_ ("Server for Others") },
  { "mesh", N_ ("Mesh of Hosts") },
  { NULL, NULL } };
static const FieldChoice remote_auths[] = {
  { "auto", N_ ("Automatic") },
  { "cert", N_ ("Certificate") },
  { "psk", N_ ("Pre-Shared Key") },
  { "rsa", N_ ("Raw Public Key") },
  { "eap-only", N_ ("EAP Alone") },
  { "null", N_ ("Nothing (Anonymous)") },
  { NULL, NULL } };
static const FieldChoice seconds[] = {
  { "none", N_ ("Nothing") },
  { "eap", N_ ("User Name and Password") },
  { NULL, NULL } };
static const FieldChoice revocations[] = {
  { "soft", N_ ("Refuse What Is Known to Be Revoked") },
  { "strict", N_ ("Refuse What Is Not Known to Be Valid") },
  { "off", N_ ("Do Not Check") },
  { NULL, NULL } };
static const FieldChoice eaps[] = {
  { "auto", N_ ("The Gateway Chooses") },
  { "mschapv2", "MSCHAPv2" }, { "tls", "TLS" }, { "ttls", "TTLS" }, { "peap", "PEAP" }, { "gtc", "GTC" },
  { "md5", "MD5" },
  { NULL, NULL } };
static const FieldChoice phase2s[] = {
  { "auto", N_ ("Automatic") },
  { "mschapv2", "MSCHAPv2" }, { "gtc", "GTC" }, { "md5", "MD5" }, { "pap", "PAP" },
  { NULL, NULL } };
static const FieldChoice modes[] = {
  { "tunnel", N_ ("Tunnel") }, { "transport", N_ ("Transport (Between Two Hosts)") },
  { "iptfs", N_ ("Tunnel, Packets Together (IP-TFS)") },
  { NULL, NULL } };
static const FieldChoice algorithms[] = {
  { "default", N_ ("Recommended") },
  { "legacy", N_ ("Legacy Gateway") },
  { "suiteb128", N_ ("Suite B, 128 Bits") },
  { "suiteb192", N_ ("Suite B, 192 Bits") },
  { "cnsa2", N_ ("CNSA 2.0") },
  { ALGORITHMS_CUSTOM, N_ ("My Own") },
  { NULL, NULL } };
static const FieldChoice pfs[] = {
  { "", N_ ("Unless the Gateway Refuses") }, { "yes", N_ ("Always") }, { "no", N_ ("Never") },
  { NULL, NULL } };
static const FieldChoice sha1s[] = {
  /* Translators: when signatures with RSA and SHA-1 are taken: with the algorithms for a “Legacy Gateway”, as above */
  { "", N_ ("With a Legacy Gateway") }, { "yes", N_ ("Always") }, { "no", N_ ("Never") },
  { NULL, NULL } };
static const FieldChoice policies[] = {
  { "system", N_ ("Obey") }, { "ignore", N_ ("Ignore") },
  { NULL, NULL } };
static const FieldChoice ppks[] = {
  { "no", N_ ("None") }, { "yes", N_ ("If the Gateway Can") }, { "insist", N_ ("Required") },
  { NULL, NULL } };
static const FieldChoice starts[] = {
  { "up", N_ ("When Switched On") }, { "ondemand", N_ ("With the First Packet") },
  { "listen", N_ ("When the Other Side Begins") },
  { NULL, NULL } };
static const FieldChoice tcps[] = {
  { "no", N_ ("Never") }, { "fallback", N_ ("Where UDP Is Blocked") }, { "yes", N_ ("Always") },
  { NULL, NULL } };
static const FieldChoice encaps[] = {
  { "yes", N_ ("Behind Address Translation") }, { "force", N_ ("Always") }, { "no", N_ ("Never") },
  { NULL, NULL } };
static const FieldChoice versions[] = {
  { "2", N_ ("IKEv2") }, { "1", N_ ("IKEv1") }, { "1-aggressive", N_ ("IKEv1, Aggressive Mode") },
  { NULL, NULL } };
static const FieldChoice interfaces[] = {
  { "auto", N_ ("Automatic") }, { "xfrm", N_ ("XFRM Interface") }, { "vti", N_ ("VTI") }, { "none", N_ ("None") },
  { NULL, NULL } };
static const FieldChoice fragmentations[] = {
  { "yes", N_ ("If the Gateway Can") }, { "force", N_ ("Small Messages, Too") }, { "no", N_ ("Never") },
  { NULL, NULL } };
static const FieldChoice esns[] = {
  { "no", N_ ("No") }, { "yes", N_ ("If the Gateway Can") }, { "force", N_ ("Required") },
  { NULL, NULL } };
static const FieldChoice offloads[] = {
  { "no", N_ ("No") }, { "auto", N_ ("If Possible") }, { "crypto", N_ ("Encryption") }, { "packet", N_ ("Packets") },
  { NULL, NULL } };
static const FieldChoice dscps[] = {
  { "out", N_ ("When Sent") }, { "in", N_ ("When Received") }, { "yes", N_ ("Both Ways") }, { "no", N_ ("Never") },
  { NULL, NULL } };
static const FieldChoice uniques[] = {
  { "replace", N_ ("End the Old Connection") }, { "keep", N_ ("Refuse the New One") }, { "no", N_ ("Keep Both") },
  { NULL, NULL } };

/* { name, kind, flags, section, when, title, choices, missing } */
static const Field fields[] = {
  { "gateway", FIELD_TEXT, 0, SECTION_GENERAL, NULL, N_ ("_Gateway"), NULL,
    N_ ("Enter the host name or address of the gateway.") },
  { "role", FIELD_CHOICE, 0, SECTION_GENERAL, NULL, N_ ("_Kind"), roles, NULL },

  /* how to sign in, and the fields of that choice */
  { FIELD_SIGN_IN, FIELD_CHOICE, FIELD_OWN, SECTION_SIGN_IN, NULL, N_ ("_Sign In With"), sign_ins, NULL },
  { "user", FIELD_TEXT, 0, SECTION_SIGN_IN, "sign-in=user xauth=yes auth2=eap", N_ ("_User Name"), NULL, NULL },
  { "password", FIELD_SECRET, 0, SECTION_SIGN_IN, "sign-in=user xauth=yes auth2=eap", N_ ("_Password"), NULL, NULL },
  { "otp", FIELD_SECRET, FIELD_OPTIONAL, SECTION_SIGN_IN, "eap=gtc eap=auto eap-phase2=gtc eap-phase2=auto xauth=yes",
    N_ ("One-Time _Code"), NULL, NULL },
  { "certificate", FIELD_FILE, FIELD_STORE, SECTION_SIGN_IN, "sign-in=certificate sign-in=token eap=tls",
    N_ ("_Certificate"), NULL, N_ ("Choose your certificate.") },
  { "private-key", FIELD_FILE, FIELD_STORE, SECTION_SIGN_IN, "sign-in=certificate eap=tls", N_ ("Private _Key"), NULL,
    NULL },
  { "key-password", FIELD_SECRET, FIELD_OPTIONAL, SECTION_SIGN_IN, "sign-in=certificate eap=tls",
    N_ ("Key _Password"), NULL, NULL },
  { "pin", FIELD_SECRET, 0, SECTION_SIGN_IN,
    "sign-in=token certificate=pkcs11:* private-key=pkcs11:* local-rsa-key=pkcs11:*", N_ ("_PIN"), NULL, NULL },
  { "psk", FIELD_SECRET, 0, SECTION_SIGN_IN, "sign-in=shared-key remote-auth=psk", N_ ("_Pre-Shared Key"), NULL, NULL },
  { "local-rsa-key", FIELD_PUBLIC_KEY, FIELD_STORE, SECTION_SIGN_IN, "sign-in=raw-key", N_ ("_This Machine’s Public Key"),
    NULL, N_ ("Choose the key of this machine.") },
  { "remote-rsa-key", FIELD_TEXT, 0, SECTION_SIGN_IN, "sign-in=raw-key remote-auth=rsa",
    N_ ("Public Key of the _Other Side"), NULL, N_ ("Paste the public key of the other side.") },
  { "ca", FIELD_FILE, FIELD_STORE, SECTION_SIGN_IN,
    "sign-in=user sign-in=certificate sign-in=token sign-in=nothing sign-in=other remote-auth=cert",
    N_ ("Certificate _Authority"), NULL, NULL },

  { "pool", FIELD_TEXT, 0, SECTION_SERVER, NULL, N_ ("I_Pv4 Addresses for Clients"), NULL,
    N_ ("Enter the addresses that clients get, like 10.9.0.0/24.") },
  { "pool6", FIELD_TEXT, 0, SECTION_SERVER, NULL, N_ ("IPv_6 Addresses for Clients"), NULL, NULL },
  { "users", FIELD_FILE, 0, SECTION_SERVER, "sign-in=certificate sign-in=token sign-in=raw-key", N_ ("File of _Users"), NULL, NULL },
  { "push-dns", FIELD_TEXT, 0, SECTION_SERVER, NULL, N_ ("_Name Servers for Clients"), NULL, NULL },
  { "push-domains", FIELD_TEXT, 0, SECTION_SERVER, NULL, N_ ("_Domains for Clients"), NULL, NULL },
  { "push-banner", FIELD_TEXT, 0, SECTION_SERVER, NULL, N_ ("_Welcome Text"), NULL, NULL },
  { "unique", FIELD_CHOICE, 0, SECTION_SERVER, NULL, N_ ("When a Client Comes _Twice"), uniques, NULL },
  { "pam-service", FIELD_TEXT, 0, SECTION_SERVER, NULL, N_ ("PA_M Service"), NULL, NULL },
  { "redirect-to", FIELD_TEXT, 0, SECTION_SERVER, NULL, N_ ("_Send Clients To"), NULL, NULL },

  { "private", FIELD_TEXT, 0, SECTION_MESH, NULL, N_ ("_Encrypted or Not at All"), NULL,
    N_ ("Enter networks, like 10.1.0.0/16, here or in one of the next two fields.") },
  { "private-or-clear", FIELD_TEXT, 0, SECTION_MESH, NULL, N_ ("Encrypted if _Possible"), NULL, NULL },
  { "clear-or-private", FIELD_TEXT, 0, SECTION_MESH, NULL, N_ ("Encrypted When They Be_gin"), NULL, NULL },
  { "clear", FIELD_TEXT, 0, SECTION_MESH, NULL, N_ ("_Never Encrypted"), NULL, NULL },
  { "block", FIELD_TEXT, 0, SECTION_MESH, NULL, N_ ("_Blocked"), NULL, NULL },

  { "local-id", FIELD_TEXT, 0, SECTION_IDENTITIES, NULL, N_ ("_My Identity"), NULL, NULL },
  { "remote-id", FIELD_TEXT, 0, SECTION_IDENTITIES, NULL, N_ ("_Identity of the Gateway"), NULL, NULL },
  { "auth2", FIELD_CHOICE, 0, SECTION_IDENTITIES,
    "sign-in=certificate sign-in=token sign-in=shared-key sign-in=raw-key", N_ ("An_d Then"), seconds, NULL },
  { "remote-auth", FIELD_CHOICE, 0, SECTION_IDENTITIES, NULL, N_ ("The Gateway Signs In _With"), remote_auths, NULL },
  { "require-id-on-certificate", FIELD_SWITCH, 0, SECTION_IDENTITIES, "remote-auth!=psk",
    N_ ("Identity Must Be in the _Certificate"), NULL, NULL },
  { "remote-certificate", FIELD_FILE, FIELD_STORE, SECTION_IDENTITIES, "remote-auth!=psk",
    N_ ("Only This Gateway Certi_ficate"), NULL, NULL },
  { "revocation", FIELD_CHOICE, 0, SECTION_IDENTITIES, "remote-auth!=psk", N_ ("_Revoked Certificates"), revocations,
    NULL },
  { "eap", FIELD_CHOICE, 0, SECTION_IDENTITIES, "sign-in=user auth2=eap", N_ ("_EAP Method"), eaps, NULL },
  { "eap-phase2", FIELD_CHOICE, 0, SECTION_IDENTITIES, "eap=ttls eap=peap", N_ ("I_nner Method"), phase2s, NULL },
  { "eap-identity", FIELD_TEXT, 0, SECTION_IDENTITIES, "eap=ttls eap=peap eap=auto", N_ ("Anonym_ous Identity"), NULL,
    NULL },
  { "eap-ca", FIELD_FILE, FIELD_STORE, SECTION_IDENTITIES, "eap=tls eap=ttls eap=peap eap=auto",
    N_ ("EAP Server’s Certificate A_uthority"), NULL, NULL },
  { "eap-server-name", FIELD_TEXT, 0, SECTION_IDENTITIES, "eap=tls eap=ttls eap=peap eap=auto",
    N_ ("Name of the EAP _Server"), NULL, NULL },

  { "remote-ts", FIELD_TEXT, 0, SECTION_NETWORKS, "role!=server", N_ ("_Networks Behind the Gateway"), NULL, NULL },
  { "local-ts", FIELD_TEXT, 0, SECTION_NETWORKS, NULL, N_ ("Networks on _This Side"), NULL, NULL },
  { "virtual-ip", FIELD_TEXT, 0, SECTION_NETWORKS, NULL, N_ ("_Address to Ask For"), NULL, NULL },
  { "narrowing", FIELD_SWITCH, 0, SECTION_NETWORKS, NULL, N_ ("The Gateway May Allow _Less"), NULL, NULL },
  { "mode", FIELD_CHOICE, 0, SECTION_NETWORKS, NULL, N_ ("_Mode"), modes, NULL },

  { FIELD_ALGORITHMS, FIELD_CHOICE, FIELD_OWN, SECTION_ALGORITHMS, NULL, N_ ("_Algorithms"), algorithms, NULL },
  { "ike", FIELD_TEXT, 0, SECTION_ALGORITHMS, "algorithms=custom", N_ ("For the _Negotiation (IKE)"), NULL, NULL },
  { "esp", FIELD_TEXT, 0, SECTION_ALGORITHMS, "algorithms=custom", N_ ("For the _Traffic (ESP)"), NULL, NULL },
  { "pfs", FIELD_CHOICE, 0, SECTION_ALGORITHMS, NULL, N_ ("_Fresh Key Exchange (PFS)"), pfs, NULL },
  { "childless", FIELD_SWITCH, 0, SECTION_ALGORITHMS, "ike-version=2", N_ ("First Keys of the Traffic Apart (_Childless)"),
    NULL, NULL },
  { "crypto-policy", FIELD_CHOICE, 0, SECTION_ALGORITHMS, NULL, N_ ("System-Wide _Policy"), policies, NULL },
  { "rekey", FIELD_SWITCH, 0, SECTION_ALGORITHMS, NULL, N_ ("_Renew Keys in Time"), NULL, NULL },
  { "ike-lifetime", FIELD_TEXT, 0, SECTION_ALGORITHMS, "rekey=yes", N_ ("Lifetime of _IKE Keys"), NULL, NULL },
  { "esp-lifetime", FIELD_TEXT, 0, SECTION_ALGORITHMS, "rekey=yes", N_ ("Lifetime of _ESP Keys"), NULL, NULL },
  { "esp-bytes", FIELD_TEXT, 0, SECTION_ALGORITHMS, "rekey=yes", N_ ("Traffic per _Key"), NULL, NULL },
  { "rekey-margin", FIELD_TEXT, 0, SECTION_ALGORITHMS, "rekey=yes", N_ ("Renew This Long _Before the End"), NULL, NULL },
  { "reauth", FIELD_SWITCH, 0, SECTION_ALGORITHMS, "rekey=yes", N_ ("_Sign In Again Instead of Renewing"), NULL, NULL },
  { "ppk", FIELD_CHOICE, 0, SECTION_ALGORITHMS, NULL, N_ ("_Post-Quantum Key (PPK)"), ppks, NULL },
  { "ppk-id", FIELD_TEXT, 0, SECTION_ALGORITHMS, "ppk!=no", N_ ("Na_me of the Post-Quantum Key"), NULL, NULL },
  { "ppk", FIELD_SECRET, 0, SECTION_ALGORITHMS, "ppk!=no", N_ ("Post-_Quantum Key"), NULL, NULL },
  { "ppk-file", FIELD_FILE, 0, SECTION_ALGORITHMS, "ppk!=no", N_ ("_One-Time Pad"), NULL, NULL },

  { "start", FIELD_CHOICE, 0, SECTION_CONNECTION, NULL, N_ ("_Start"), starts, NULL },
  { "idle-timeout", FIELD_TEXT, 0, SECTION_CONNECTION, "start=ondemand role=mesh", N_ ("Give It _Back When Idle For"), NULL, NULL },
  { FIELD_PERSISTENT, FIELD_SWITCH, FIELD_OWN, SECTION_CONNECTION, NULL, N_ ("_Reconnect Automatically"), NULL, NULL },
  { "kill-switch", FIELD_SWITCH, 0, SECTION_CONNECTION, NULL, N_ ("_Block Traffic Outside the Tunnel"), NULL, NULL },
  { "kill-switch-except", FIELD_TEXT, 0, SECTION_CONNECTION, "kill-switch=yes", N_ ("But Not for _These Networks"), NULL, NULL },
  { "tcp", FIELD_CHOICE, 0, SECTION_CONNECTION, NULL, N_ ("_Use TCP"), tcps, NULL },
  { "tcp-port", FIELD_TEXT, 0, SECTION_CONNECTION, "tcp!=no", N_ ("TCP _Port"), NULL, NULL },
  { "encap", FIELD_CHOICE, 0, SECTION_CONNECTION, NULL, N_ ("Packets in U_DP"), encaps, NULL },
  { "mobike", FIELD_SWITCH, 0, SECTION_CONNECTION, "ike-version=2", N_ ("Keep the Tunnel on Other N_etworks (MOBIKE)"),
    NULL, NULL },
  { "mtu", FIELD_TEXT, 0, SECTION_CONNECTION, NULL, N_ ("Largest Packet (_MTU)"), NULL, NULL },

  { "ike-version", FIELD_CHOICE, 0, SECTION_ADVANCED, NULL, N_ ("_Protocol"), versions, NULL },
  { "xauth", FIELD_SWITCH, 0, SECTION_ADVANCED, "ike-version!=2", N_ ("User Name and Password, _Too (XAUTH)"), NULL,
    NULL },
  { "interface", FIELD_CHOICE, 0, SECTION_ADVANCED, NULL, N_ ("_Interface"), interfaces, NULL },
  { "if-id", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Interface N_umber"), NULL, NULL },
  { "rsa-sha1", FIELD_CHOICE, 0, SECTION_ADVANCED, NULL, N_ ("Signatures With _RSA and SHA-1"), sha1s, NULL },
  { "local-address", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Send _From Address"), NULL, NULL },
  { "local-port", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Send From P_ort"), NULL, NULL },
  { "remote-port", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Port of the _Gateway"), NULL, NULL },
  { "dpd-delay", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Ask a Silent Gateway _After"), NULL, NULL },
  { "dpd-timeout", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Give a Silent Gateway _Up After"), NULL, NULL },
  { "keyingtries", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Attempts to _Connect"), NULL, NULL },
  { "retransmit-timeout", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("_Wait for an Answer"), NULL, NULL },
  { "fragmentation", FIELD_CHOICE, 0, SECTION_ADVANCED, NULL, N_ ("_Split Large IKE Messages"), fragmentations, NULL },
  { "mss-clamp", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Largest TCP _Segment (MSS)"), NULL, NULL },
  { "ipcomp", FIELD_SWITCH, 0, SECTION_ADVANCED, NULL, N_ ("Co_mpress Packets"), NULL, NULL },
  { "tfc", FIELD_SWITCH, 0, SECTION_ADVANCED, NULL, N_ ("_Hide the Size of Packets"), NULL, NULL },
  { "esn", FIELD_CHOICE, 0, SECTION_ADVANCED, NULL, N_ ("_Extended Sequence Numbers"), esns, NULL },
  { "replay-window", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Packets That Ma_y Be Late"), NULL, NULL },
  { "nic-offload", FIELD_CHOICE, 0, SECTION_ADVANCED, NULL, N_ ("The _Network Card Encrypts"), offloads, NULL },
  { "copy-dscp", FIELD_CHOICE, 0, SECTION_ADVANCED, NULL, N_ ("Copy the T_raffic Class"), dscps, NULL },
  { "mark", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Firewall Mar_k"), NULL, NULL },
  { "sec-label", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Security _Label"), NULL, NULL },
  { "cpus", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Processors With Keys of Their O_wn"), NULL, NULL },
  { "nss-password", FIELD_SECRET, FIELD_OPTIONAL, SECTION_ADVANCED, NULL, N_ ("Password of the Key S_tore"), NULL,
    NULL },
  { "log-level", FIELD_TEXT, 0, SECTION_ADVANCED, NULL, N_ ("Le_vel of Log Messages (0 to 7)"), NULL, NULL },
};
/* clang-format on */

static const struct {
  const char *title, *subtitle;
} sections[SECTION_N] = {
  [SECTION_GENERAL] = { NULL, NULL },
  [SECTION_SIGN_IN] = { N_ ("Sign In"), NULL },
  [SECTION_SERVER] = { N_ ("Clients"), NULL },
  [SECTION_MESH] = { N_ ("Networks"), NULL },
  [SECTION_IDENTITIES] = { N_ ("Identities"), N_ ("Who the two sides are, and how the gateway proves it") },
  [SECTION_NETWORKS] = { N_ ("Networks"), N_ ("What goes through the tunnel") },
  [SECTION_ALGORITHMS] = { N_ ("Encryption"), N_ ("Algorithms and the lifetime of keys") },
  [SECTION_CONNECTION] = { N_ ("Connection"), N_ ("Starting, reconnecting, and what is on the way") },
  [SECTION_ADVANCED] = { N_ ("Advanced"), N_ ("What hardly anybody has to change") },
};

guint
field_count (void)
{
  return G_N_ELEMENTS (fields);
}

const Field *
field_at (guint index)
{
  return index < G_N_ELEMENTS (fields) ? &fields[index] : NULL;
}

int
field_find (const char *name, gboolean secret)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if ((fields[i].kind == FIELD_SECRET) == (secret != FALSE) && strcmp (fields[i].name, name) == 0)
        return (int) i;
    }
  return -1;
}

const IpsecKey *
field_key (const Field *field)
{
  return field->flags & FIELD_OWN ? NULL : ipsec_key_find (field->name, field->kind == FIELD_SECRET);
}

/* Where the other end is no gateway. */
static const struct {
  const char *name;
  guint role;
  const char *title;
} other_titles[] = {
  { "remote-id", IPSEC_ROLE_SERVER, N_ ("_Identity of the Clients") },
  { "remote-auth", IPSEC_ROLE_SERVER, N_ ("Clients Sign In _With") },
  { "remote-auth", IPSEC_ROLE_MESH, N_ ("Other Hosts Sign In _With") },
};

const char *
field_title (const Field *field, guint role)
{
  for (guint i = 0; i < G_N_ELEMENTS (other_titles); i++)
    if (other_titles[i].role == role && strcmp (other_titles[i].name, field->name) == 0)
      return _ (other_titles[i].title);
  return _ (field->title);
}

char *
title_without_mnemonic (const char *title)
{
  g_auto (GStrv) parts = g_strsplit (title, "_", 2);

  return g_strjoinv ("", parts);
}

char *
field_plain_title (const Field *field)
{
  return title_without_mnemonic (_ (field->title));
}

const char *
section_title (Section section)
{
  return sections[section].title != NULL ? _ (sections[section].title) : NULL;
}

const char *
section_subtitle (Section section)
{
  return sections[section].subtitle != NULL ? _ (sections[section].subtitle) : NULL;
}
