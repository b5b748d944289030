/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Libreswan's words and strongSwan's, by ipsec.conf(5) of both (5.0 and 5.9): only what one of them has and the other
 * does not. keyexchange, leftauth and rightauth are both's.
 *
 * Taken for Libreswan's, a plain name of a certificate is one of the key store, and so are the authorities; taken for
 * strongSwan's, it is a file, and any authority of the system may vouch for the other end. So strongSwan's is what says
 * so, and nothing against it.
 */
#include "config.h"

#include "profile/formats/ipsec-conf-dialect.h"

#include "profile/formats/convert.h"

#include <string.h>

/* Of the connection; of a side without its "left" or "right". */
static const char libreswan_words[] =
    "ikev2 narrowing ipsec-interface nic-offload phase2 phase2alg salifetime initial-contact retransmit-timeout "
    "retransmit-interval replay-window enable-tcp tcp-remoteport encapsulation policy-label sec-label modecfgpull "
    "modecfgdns modecfgdomains modecfgbanner hostaddrfamily clientaddrfamily connaddrfamily require-id-on-certificate "
    "ppk "
    "iptfs intermediate vti-interface vti-routing vti-shared negotiationshunt failureshunt cisco-unity "
    "remote-peer-type "
    "remote_peer_type send-redirect accept-redirect redirect-to ipsec-lifetime ipsec-max-bytes ipsec-max-packets "
    "ikepad sha2-truncbug "
    "ms-dh-downgrade dns-match-id send-vendorid nm-configured pam-authorize decap-dscp nopmtudisc mtu priority metric "
    "aggrmode";
static const char libreswan_side_words[] =
    "modecfgclient modecfgserver rsasigkey ecdsakey pubkey ckaid addresspool xauthclient xauthserver xauthusername "
    "username autheap subnets vti interface-ip cat";
static const char strongswan_words[] =
    "eap_identity aaa_identity xauth xauth_identity closeaction installpolicy lifebytes lifepackets marginbytes "
    "marginpackets margintime inactivity mark_in mark_out modeconfig replay_window ikedscp sha256_96";
static const char strongswan_side_words[] = "hostaccess allowany auth2 groups groups2 id2 cert2 ca2 certpolicy "
                                            "dns sigkey";

static gboolean
begins (const char *value, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  for (guint i = 0; list[i] != NULL; i++)
    if (g_str_has_prefix (value, list[i]))
      return TRUE;
  return FALSE;
}

static gboolean
libreswan_side (const char *key, const char *value)
{
  if (strcmp (key, "id") == 0 || strcmp (key, "") == 0)
    return convert_is (value, "%fromcert %null %opportunistic %opportunisticgroup");
  if (strcmp (key, "auth") == 0)
    return begins (value, "rsasig secret null rsa-sha never");
  return convert_is (key, libreswan_side_words);
}

/* Libreswan knows a certificate by its name in the database, never by its file. */
static gboolean
strongswan_side (const char *key, const char *value)
{
  if (strcmp (key, "sourceip") == 0)
    return value[0] == '%';
  if (strcmp (key, "auth") == 0)
    return begins (value, "pubkey psk eap- xauth") || convert_is (value, "eap");
  if (strcmp (key, "cert") == 0)
    return convert_is_path (value);
  return convert_is (key, strongswan_side_words);
}

/* NULL: it is not of a side. */
static const char *
side_key (const char *name)
{
  if (g_str_has_prefix (name, "left"))
    return name + strlen ("left");
  return g_str_has_prefix (name, "right") ? name + strlen ("right") : NULL;
}

static gboolean
is_libreswan_word (const char *name, const char *value)
{
  const char *side = side_key (name);

  if (side != NULL)
    return libreswan_side (side, value);
  return convert_is (name, libreswan_words) ||
         (strcmp (name, "authby") == 0 && begins (value, "null eaponly rsa- ecdsa-"));
}

static gboolean
is_strongswan_word (const char *name, const char *value)
{
  const char *side = side_key (name);

  if (side != NULL)
    return strongswan_side (side, value);
  return convert_is (name, strongswan_words) ||
         (strcmp (name, "authby") == 0 && convert_is (value, "pubkey psk ecdsasig xauthpsk xauthrsasig"));
}

gboolean
ipsec_conf_is_strongswan (GHashTable *values)
{
  GHashTableIter iter;
  gpointer name, value;
  gboolean found = FALSE;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (is_libreswan_word (name, value))
        return FALSE;
      found = found || is_strongswan_word (name, value);
    }
  return found;
}
