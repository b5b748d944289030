/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of ipsec.conf that say the same as one of ours. Of several for one of ours the first is written. */
#include "profile/formats/ipsec-conf-rows.h"

#include <string.h>

/* clang-format off */
static const ConvertRow rows[] = {
  { "ike", "ike", CONVERT_PROPOSALS, NULL },
  { "esp", "esp", CONVERT_PROPOSALS, NULL },
  { "phase2alg", "esp", CONVERT_PROPOSALS, NULL },
  { "ikelifetime", "ike-lifetime", CONVERT_TIME, NULL },
  { "keylife", "esp-lifetime", CONVERT_TIME, NULL },
  { "lifetime", "esp-lifetime", CONVERT_TIME, NULL },
  { "salifetime", "esp-lifetime", CONVERT_TIME, NULL },
  { "ipsec-lifetime", "esp-lifetime", CONVERT_TIME, NULL },
  { "rekeymargin", "rekey-margin", CONVERT_TIME, NULL },
  { "margintime", "rekey-margin", CONVERT_TIME, NULL },
  { "dpddelay", "dpd-delay", CONVERT_TIME, NULL },
  { "dpdtimeout", "dpd-timeout", CONVERT_TIME, NULL },
  { "lifebytes", "esp-bytes", CONVERT_COPY, NULL },
  { "ipsec-max-bytes", "esp-bytes", CONVERT_COPY, NULL },
  { "rekey", "rekey", CONVERT_BOOL, NULL },
  { "reauth", "reauth", CONVERT_BOOL, NULL },
  { "pfs", "pfs", CONVERT_BOOL, NULL },
  { "mobike", "mobike", CONVERT_BOOL, NULL },
  { "narrowing", "narrowing", CONVERT_BOOL, NULL },
  { "compress", "ipcomp", CONVERT_BOOL, NULL },
  { "require-id-on-certificate", "require-id-on-certificate", CONVERT_BOOL, NULL },
  { "mtu", "mtu", CONVERT_COPY, NULL },
  { "replay-window", "replay-window", CONVERT_COPY, NULL },
  { "replay_window", "replay-window", CONVERT_COPY, NULL },
  { "sec-label", "sec-label", CONVERT_COPY, NULL },
  { "policy-label", "sec-label", CONVERT_COPY, NULL },
  { "mark", "mark", CONVERT_COPY, NULL },
  { "tcp-remoteport", "tcp-port", CONVERT_COPY, NULL },
  { "type", "mode", CONVERT_WORDS, "tunnel tunnel transport transport" },
  { "iptfs", "mode", CONVERT_WORDS, "yes iptfs" },
  { "fragmentation", "fragmentation", CONVERT_WORDS, "yes yes no no force force accept yes" },
  { "esn", "esn", CONVERT_WORDS, "yes force no no either yes" },
  { "tfc", "tfc", CONVERT_WORDS, "0 no %mtu yes" },
  { "enable-tcp", "tcp", CONVERT_WORDS, "yes yes no no fallback fallback" },
  { "encapsulation", "encap", CONVERT_WORDS, "yes force no no auto yes" },
  { "forceencaps", "encap", CONVERT_WORDS, "yes force no yes" },
  { "nic-offload", "nic-offload", CONVERT_WORDS, "yes crypto no no auto auto crypto crypto packet packet" },
  { "ppk", "ppk", CONVERT_WORDS, "yes yes no no propose yes permit yes insist insist" },
  { "ppk_id", "ppk-id", CONVERT_COPY, NULL },
  { "ppk_required", "ppk", CONVERT_WORDS, "yes insist no yes" },
  { "keyingtries", "keyingtries", CONVERT_WORDS, "%forever 0 0 0 1 1 2 2 3 3 4 4 5 5" },
};

/* clang-format on */

const ConvertRow *
ipsec_conf_row (guint index)
{
  return index < G_N_ELEMENTS (rows) ? &rows[index] : NULL;
}

const char *
ipsec_conf_key_word (guint index)
{
  static const char *const words[] = { "rsasigkey", "ecdsakey", "eddsakey", "pubkey" };

  return index < G_N_ELEMENTS (words) ? words[index] : NULL;
}

/* Keys that say nothing that we do not do anyway, or that are for other programs' inner life. */
static const char ignored[] =
    "auto authby left right dpdaction closeaction leftsendcert rightsendcert leftfirewall "
    "rightfirewall lefthostaccess righthostaccess leftnexthop rightnexthop hostaddrfamily clientaddrfamily modecfgpull "
    "remote_peer_type remote-peer-type cisco-unity leftxauthclient rightxauthclient leftxauthserver rightxauthserver "
    "leftmodecfgclient rightmodecfgclient leftmodecfgserver rightmodecfgserver leftsourceip rightsourceip "
    "rekeyfuzz ipsec-interface vti-routing vti-shared "
    "priority uniqueids connaddrfamily initial-contact send-vendorid leftrsasigkey rightrsasigkey leftecdsakey "
    "rightecdsakey lefteddsakey righteddsakey leftpubkey rightpubkey accept-redirect "
    "send-redirect retransmit-timeout retransmit-interval ikepad nm-configured keyexchange ikev2 "
    "leftdns rightdns intermediate";

gboolean
ipsec_conf_says_nothing (const char *key, const char *value)
{
  if (convert_is (key, "leftupdown rightupdown")) /* with the script that comes with the program */
    return g_str_has_prefix (value, "ipsec _updown") || convert_is (value, "%disabled");
  return convert_is (key, ignored) || (strcmp (key, "installpolicy") == 0 && convert_is (value, "yes")) ||
         (strcmp (key, "sha2-truncbug") == 0 && convert_is (value, "no"));
}
