/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints nm-settings-ipsec(5): the prose is here, everything about keys comes from the table of src/profile.
 * Runs at build time, on the machine that builds.
 */
#include "config.h"

#include "profile/profile-keys.h"
#include "profile/proposal.h"
#include "profile/unsupported.h"
#include "profile/value.h"

#include <stdio.h>
#include <string.h>

static const char intro[] =
    ".SH NAME\n"
    "nm\\-settings\\-ipsec \\- settings of IPsec VPN connections in NetworkManager\n"
    ".SH SYNOPSIS\n"
    ".B nmcli connection add type vpn vpn\\-type ipsec con\\-name\n"
    ".I NAME\n"
    ".B vpn.data\n"
    ".RI \\(dq KEY = VALUE \", ...\\(dq\"\n"
    ".SH DESCRIPTION\n"
    "A connection of the type\n"
    ".I vpn\n"
    "with the service\n"
    ".I org.freedesktop.NetworkManager.ipsec\n"
    "is an IKEv2 tunnel. What is special about it stands in the properties\n"
    ".B vpn.data\n"
    "(keys and values) and\n"
    ".B vpn.secrets\n"
    "of the connection, which this page describes. All other properties (addresses, routes, DNS, zone, ...) are those "
    "of\n"
    "every connection; see\n"
    ".BR nm\\-settings\\-nmcli (5).\n"
    "The name of the tunnel's interface is\n"
    ".BR connection.interface\\-name .\n"
    ".PP\n"
    ".B gateway\n"
    "and credentials are enough: every other key has a default that works with most gateways.\n"
    ".PP\n"
    "Blanks around a value do not count. Lists are separated by commas; on the command line of\n"
    ".B nmcli\n"
    "a comma within a value is written as\n"
    ".BR \\e, .\n"
    "Times take one of the units s, m, h, d (seconds without one), sizes K, M, G, T. Control characters are refused\n"
    "everywhere but in secrets. An unknown key is an error, except keys that begin with\n"
    ".BR x\\- ,\n"
    "which are kept and ignored.\n"
    ".PP\n"
    "What is wrong with a profile is told in the journal when the connection is activated:\n"
    ".B journalctl \\-e NM_CONNECTION=\n"
    "and the UUID of the connection.\n"
    ".SH EXAMPLES\n"
    "User and password (EAP); the desktop asks for the password and keeps it in the keyring, nmcli asks each time:\n"
    ".PP\n"
    ".in +4n\n.EX\n"
    "nmcli connection add type vpn vpn\\-type ipsec con\\-name office \\e\n"
    "  vpn.data \\(aqgateway=vpn.example.com, user=alice, password\\-flags=1\\(aq\n"
    "nmcli \\-\\-ask connection up office\n"
    ".EE\n.in\n"
    ".PP\n"
    "Certificate and key from a PKCS#12 file whose password is asked for each time; the gateway's certificate comes "
    "from a\n"
    "private authority:\n"
    ".PP\n"
    ".in +4n\n.EX\n"
    "nmcli connection add type vpn vpn\\-type ipsec con\\-name office \\e\n"
    "  vpn.data \\(aqgateway=vpn.example.com, certificate=/home/alice/alice.p12\\(aq \\e\n"
    "  +vpn.data \\(aqkey\\-password\\-flags=2, ca=/home/alice/company\\-ca.pem\\(aq\n"
    ".EE\n.in\n"
    ".PP\n"
    "Pre\\-shared key, stored with the connection; only two networks go through the tunnel:\n"
    ".PP\n"
    ".in +4n\n.EX\n"
    "nmcli connection add type vpn vpn\\-type ipsec con\\-name branch \\e\n"
    "  vpn.data \\(aqgateway=192.0.2.1, local\\-id=branch.example.com\\(aq \\e\n"
    "  +vpn.data \\(aqremote\\-ts=10.0.0.0/8\\e,2001:db8::/32\\(aq \\e\n"
    "  vpn.secrets \\(aqpsk=correct horse battery staple\\(aq\n"
    ".EE\n.in\n";

static const char flags_text[] =
    "Each secret has a key\n"
    ".IR NAME \\-flags\n"
    "in vpn.data, a sum of:\n"
    ".BR 0 ,\n"
    "saved in the connection for all users;\n"
    ".BR 1 ,\n"
    "kept by an agent of the user, such as the keyring;\n"
    ".BR 2 ,\n"
    "not saved: asked for each time;\n"
    ".BR 4 ,\n"
    "not required. When\n"
    ".B key\\-password\\-flags\n"
    "is missing or 0 and there is no such secret, it is asked for only if the key turns out to be encrypted.\n"
    "Secrets are taken as they are; blanks in them count.\n";

static const char servers_text[] =
    ".SH NAME SERVERS\n"
    "NetworkManager asks the gateway's name servers for the gateway's domains, or for everything. One that is outside of "
    "the\n"
    "networks in the tunnel is left out.\n"
    ".PP\n"
    "A gateway that has proven who it is may name encrypted ones as well (RFC 9464). Those for DNS over TLS at port 853 "
    "are\n"
    "used when\n"
    ".B connection.dns\\-over\\-tls\n"
    "says so: with\n"
    ".BR yes ,\n"
    "if there are any, they are the tunnel's only name servers; with\n"
    ".BR opportunistic ,\n"
    "they come before the plain ones. That takes NetworkManager 1.56 or later, and an interface of the tunnel's own; the\n"
    "journal says so where it is missing. It also takes a resolver that knows DNS over TLS, such as systemd\\-resolved. "
    "The\n"
    "server's certificate is checked by its address alone, since NetworkManager has no place for the name that the gateway\n"
    "gives for it: with\n"
    ".B yes\n"
    "the address must be in the certificate.\n";

static const char selectors_text[] =
    ".SH MESH\n"
    "With role=mesh, the most specific net over all groups decides how a host is reached. Each pair of hosts has "
    "tunnels of its\n"
    "own, between their two addresses and nothing else, which come with the first packet and go when idle "
    "(idle\\-timeout). No\n"
    "host can have more than the address that it speaks from; but any certificate of ca is as good as another for "
    "that, as\n"
    "in Libreswan. ICMP errors, neighbour discovery and DHCP pass. Only what this machine itself sends and receives is "
    "meant,\n"
    "from the addresses that it has when it is activated (or local\\-address): after a change activate it again.\n"
    "When everything of ours dies, nothing is left of it, and private hosts are reached in the clear, unless there is\n"
    "kill\\-switch=yes. Of servers and meshes only one can be active at a time: each needs the ports 500 and "
    "4500.\n"
    ".SH TRAFFIC SELECTORS\n"
    "A network (10.0.0.0/8, 2001:db8::/32), an address, or a range (10.0.0.5\\-10.0.0.9). Protocol and port may follow "
    "in\n"
    "brackets, by number or, for the usual ones, by name: 10.0.0.0/8[tcp/443], 10.0.0.0/8[udp/1000\\-2000],\n"
    "10.0.0.0/8[icmp].\n"
    ".B dynamic\n"
    "is an address that is known only when the tunnel is negotiated. In local\\-ts of a client it is the one that the "
    "gateway gives\n"
    "us, or with virtual\\-ip=no the one that we have; nothing may stand beside it there, and no protocol behind it. "
    "In\n"
    "remote\\-ts of a client it is refused. Of a peer, local\\-ts and remote\\-ts take it: it is the address that this "
    "end, or the other\n"
    "one, has on the way between the two, may have a protocol and ports (dynamic[udp/1701]), and other networks may "
    "stand\n"
    "beside it. A server's local\\-ts=dynamic is everything, as when nothing is said.\n"
    ".SH IDENTITIES\n"
    "An IP address; a host name (vpn.example.com); @ and any name, which then is no address even if it looks like one; "
    "a mail\n"
    "address (alice@example.com); a distinguished name (O=Example, CN=alice); a key ID as text, @[group], or in "
    "hexadecimal\n"
    "digits, @#0a0b0c;\n"
    ".BR %fromcert ,\n"
    "the subject of the certificate.\n";

static const char proposals_text[] = ".SH PROPOSALS\n"
                                     "A list, best first. Each entry names its algorithms in the spelling of "
                                     "strongSwan, aes256gcm16\\-prfsha384\\-ecp384, or of\n"
                                     "Libreswan, aes_gcm256\\-sha2_384;dh20. Algorithms of the same kind in one entry "
                                     "are alternatives. What an entry leaves\n"
                                     "out is filled in: the PRF follows from the integrity algorithm, groups and "
                                     "integrity are the default ones. Without a\n"
                                     "group in esp, pfs decides about one. ke1_ to ke7_ before a group, as in\n"
                                     "x25519\\-ke1_mlkem768, ask for further key exchanges after the first; "
                                     "ke1_none beside it says that it need not be.\n"
                                     "Weak algorithms (3DES, MD5, modp1024, "
                                     "modp1536, ...) are used only when they are\n"
                                     "named; single DES never. These words stand for whole lists:\n";

static const char exchange_text[] =
    ".SH FILES OF OTHER PROGRAMS\n"
    ".B nmcli connection import type ipsec file\n"
    ".I FILE\n"
    "and the desktops read ipsec.conf (of Libreswan and strongSwan), swanctl.conf, .mobileconfig, .sswan, .pcf, "
    "rasphone.pbk and\n"
    "ProfileXML.\n"
    ".B nmcli connection export\n"
    ".I NAME FILE\n"
    "writes .mobileconfig or .sswan, for clients, when the file's name ends so, and ipsec.conf otherwise. Secrets are "
    "never\n"
    "written.\n"
    ".PP\n"
    "No connection becomes another one in silence. What a .mobileconfig or a .sswan cannot say is an error where, "
    "without it,\n"
    "somebody else would be trusted, less be proven, or something else be protected: auth2, remote\\-auth,\n"
    "remote\\-certificate, remote\\-rsa\\-key, ppk=insist, ike and esp (when the file would take other algorithms), "
    "local\\-ts,\n"
    "remote\\-ts, mark, sec\\-label, mode=transport and kill\\-switch; with .sswan also ca, if it is no file (of which "
    "the first certificate is taken). Of these "
    "a .sswan has\n"
    "auth2 after auth=cert and networks in remote\\-ts, and a .mobileconfig has kill\\-switch. ipsec.conf has nearly "
    "all keys; a\n"
    "comment in it names the others, kill\\-switch among them, and for auth2=eap it has a word of strongSwan's, with "
    "which\n"
    "Libreswan refuses the file.\n"
    ".PP\n"
    "What else is not in the file is told by\n"
    ".BR nmcli ,\n"
    "and in a comment of a .mobileconfig and an ipsec.conf. A .sswan has no comments, and desktops show nothing when "
    "they\n"
    "export: what they had to say is in the journal of the session. Certificate and key are written to .mobileconfig "
    "and .sswan\n"
    "only if they are in one PKCS#12 file (certificate=/home/alice/alice.p12), which keeps its password; those in PEM "
    "files, in the\n"
    "key store (nss:) and on tokens (pkcs11:) are not.\n";

static const char outro[] =
    ".SH FILES\n"
    "Certificates and keys are read when the connection is activated: as root, or, when\n"
    ".B connection.permissions\n"
    "says that the connection belongs to a user, as this user, who must be able to read them. One of several users\n"
    "can have no files, only the system's authorities and data: URIs, and NetworkManager 1.58 refuses it.\n"
    "In place of a file each of these keys takes the file itself, up to 24 KiB, as a data: URI with ;base64.\n"
    ".TP\n"
    ".I /etc/NetworkManager/system\\-connections\n"
    "Connections, with the secrets that are saved in them.\n"
    ".SH SEE ALSO\n"
    ".BR nmcli (1),\n"
    ".BR nm\\-settings\\-nmcli (5),\n"
    ".BR NetworkManager (8),\n"
    ".BR journalctl (1)\n";

/* Text as roff wants it; '-' in names is a real minus sign, since people copy them. */
static void
print_text (const char *text, gboolean name)
{
  if (*text == '.' || *text == '\'')
    fputs ("\\&", stdout);
  for (; *text != '\0'; text++)
    {
      if (*text == '\\')
        fputs ("\\e", stdout);
      else if (*text == '-' && name)
        fputs ("\\-", stdout);
      else if (*text == '\'')
        fputs ("\\(aq", stdout);
      else
        putchar (*text);
    }
}

static void
print_line (const char *label, const char *text, gboolean name)
{
  printf (".br\n%s: ", label);
  print_text (text, name);
  putchar ('\n');
}

/* What unsupported.c says about @key: "a, b", "any value", "any value but a, b". */
static void
print_unsupported (const char *label, const char *key, gboolean no_effect)
{
  const char *except = NULL, *words = ipsec_unsupported_values (key, no_effect, &except);
  g_auto (GStrv) list = NULL;
  g_autofree char *joined = NULL, *text = NULL;

  if (words == NULL)
    return;
  list = g_strsplit (except != NULL ? except : words, " ", -1);
  joined = g_strjoinv (", ", list);
  if (strcmp (words, "*") != 0)
    text = g_strdup (joined);
  else
    text = except != NULL ? g_strconcat ("any value but ", joined, NULL) : g_strdup ("any value");
  print_line (label, text, TRUE);
}

static void
print_roles (guint roles)
{
  static const char *const names[] = { "client", "peer", "server", "mesh" };
  g_autoptr (GString) text = g_string_new (NULL);

  if (roles == IPSEC_ROLE_ANY)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (roles & (1u << i))
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", names[i]);
    }
  print_line ("With role", text->str, TRUE);
}

static void
print_key (const IpsecKey *key)
{
  puts (".TP");
  fputs (".B ", stdout);
  print_text (key->name, TRUE);
  putchar ('\n');
  print_text (key->doc, FALSE);
  putchar ('\n');
  if (!key->secret)
    {
      g_autofree char *values = ipsec_key_describe_values (key);

      print_line ("Value", values, TRUE);
    }
  if (key->fallback != NULL)
    print_line ("Default", key->fallback, TRUE);
  if (!key->secret)
    {
      print_roles (key->roles);
      print_unsupported ("Refused by this version", key->name, FALSE);
      print_unsupported ("Without effect in this version", key->name, TRUE);
    }
  print_line ("Since", key->since, FALSE);
}

static void
print_keys (gboolean secret)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    {
      if (!key->secret == !secret)
        print_key (key);
    }
}

static void
print_aliases (void)
{
  const char *name, *doc;

  for (guint i = 0; (name = ipsec_proposals_alias_at (i, &doc)) != NULL; i++)
    {
      printf (".TP\n.B %s\n", name);
      print_text (doc, FALSE);
      putchar ('\n');
    }
}

int
main (void)
{
  printf (".\\\" Made by profile-doc from the table of keys.\n.TH NM\\-SETTINGS\\-IPSEC 5 \"\" "
          "\"NetworkManager\\-ipsec %s\" \"Configuration\"\n",
          PACKAGE_VERSION);
  fputs (intro, stdout);
  puts (".SH KEYS");
  print_keys (FALSE);
  puts (".SH SECRETS");
  print_keys (TRUE);
  puts (".PP");
  fputs (flags_text, stdout);
  fputs (proposals_text, stdout);
  print_aliases ();
  fputs (servers_text, stdout);
  fputs (selectors_text, stdout);
  fputs (exchange_text, stdout);
  fputs (outro, stdout);
  return fflush (stdout) == 0 && !ferror (stdout) ? 0 : 1;
}
