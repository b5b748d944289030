/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE table of keys. A new key is a row here, a field in profile.h with its line in profile-fields.c or a neighbour of
 * it, a widget in the editor; parser, printer, man page and tests follow from the row. What a row allows but the product
 * cannot do yet stands in unsupported.c.
 */
#include "config.h"

#include "profile/profile-keys.h"

#include <glib/gi18n-lib.h>

#define CLIENT IPSEC_ROLE_CLIENT
#define PEER IPSEC_ROLE_PEER
#define SERVER IPSEC_ROLE_SERVER
#define MESH IPSEC_ROLE_MESH
#define DIALS (CLIENT | PEER)
#define ANY IPSEC_ROLE_ANY
#define SIMPLE IPSEC_KEY_SIMPLE
#define ADVANCED IPSEC_KEY_ADVANCED
#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB 1024

/* clang-format off */
/* { name, type, secret, values, default, min, max, roles, visibility, since, doc } */
static const IpsecKey keys[] = {
  /* the connection */
  { "gateway", IPSEC_KEY_HOSTS, FALSE, NULL, NULL, 0, 16, DIALS, SIMPLE, "0.1",
    N_ ("Host name or address of the VPN gateway. Several, separated by commas, are tried in this order.") },
  { "role", IPSEC_KEY_ENUM, FALSE, "client peer server mesh", "client", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("What this end is: a client (road warrior), one of two peers of which either may begin, a server that hands "
        "out addresses, or part of a mesh of policy groups.") },
  { "start", IPSEC_KEY_ENUM, FALSE, "up ondemand listen", "up", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("When the tunnel is negotiated: at activation, with the first packet for it, or when the other end "
        "begins. A client that is to be given addresses (virtual-ip) negotiates on demand at activation all the same, to "
        "learn them, and again for the first packet after idle-timeout. With an interface the first packet on demand is "
        "refused and has to be repeated; interface=auto makes none then, where there is only IPv4, and it waits.") },
  { "idle-timeout", IPSEC_KEY_TIME, FALSE, "0", "10m", 1, DAY, DIALS | MESH, ADVANCED, "0.1",
    N_ ("With start=ondemand, and for each host of a mesh: the tunnel is given back when nothing has come through it for "
        "so long; 0 keeps it.") },
  { "ike-version", IPSEC_KEY_ENUM, FALSE, "2 1 1-aggressive", "2", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Version of the IKE protocol; version 1 only where the gateway knows nothing better.") },

  /* authentication */
  { "auth", IPSEC_KEY_ENUM, FALSE, "auto psk cert rsa eap null hybrid", "auto", 0, 0, ANY, SIMPLE, "0.1",
    N_ ("How we prove who we are: pre-shared key, certificate, raw key (rsa), EAP (user and password), or not at all; "
        "hybrid is for IKE version 1. With auto it follows from the credentials: a certificate means cert, a "
        "pre-shared key psk, local-rsa-key rsa, a user or password eap.") },
  { "auth2", IPSEC_KEY_ENUM, FALSE, "none eap", "none", 0, 0, CLIENT | SERVER, ADVANCED, "0.1",
    N_ ("What comes after auth (RFC 4739): with eap the machine is proven first, by certificate, raw key or pre-shared "
        "key, and then its user by EAP. A server asks its clients for both, and needs users.") },
  { "remote-auth", IPSEC_KEY_ENUM, FALSE, "auto psk cert rsa eap-only null", "auto", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("How the gateway must prove who it is. With auto: rsa when remote-rsa-key is given, psk when we use one "
        "ourselves, null in a mesh that uses null itself, else cert; the clients of a server with users are proven by "
        "EAP, with auth2=eap after one of these. With eap-only it is proven by the EAP method itself: eap=tls, ttls or "
        "peap, whose certificate is checked (eap-ca, eap-server-name).") },
  { "local-id", IPSEC_KEY_IDENTITY, FALSE, NULL, NULL, 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Our identity. Without it: the subject of our certificate, the user name, or our address; a server with a "
        "certificate is whoever of the names in it a client asks for, else the first in DNS, else the subject.") },
  { "remote-id", IPSEC_KEY_IDENTITY, FALSE, NULL, NULL, 0, 0, DIALS | SERVER, ADVANCED, "0.1",
    N_ ("The identity that the gateway must have. Without it: the gateway as it was dialled. %fromcert accepts "
        "whatever the gateway's certificate says, if a trusted authority has issued it.") },
  { "local-address", IPSEC_KEY_ADDRESSES, FALSE, NULL, NULL, 0, 1, ANY, ADVANCED, "0.1",
    N_ ("Address to send from. Without it the routing table decides.") },
  { "local-port", IPSEC_KEY_INTEGER, FALSE, NULL, NULL, 1, 65535, DIALS, ADVANCED, "0.1",
    N_ ("UDP port to send from. Without it: 500 and 4500 if they are free, else any.") },
  { "remote-port", IPSEC_KEY_INTEGER, FALSE, NULL, "500", 1, 65535, DIALS, ADVANCED, "0.1",
    N_ ("UDP port of the gateway.") },
  { "certificate", IPSEC_KEY_CREDENTIAL, FALSE, NULL, NULL, 0, 0, ANY, SIMPLE, "0.1",
    N_ ("Our certificate: a file in PEM, DER or PKCS#12 format, which may also hold the private key and the "
        "certificates of issuers; or nss: and the name of a certificate with its key in the key store (see nm-ipsec(1)), for "
        "connections of all users; or a PKCS#11 URI (RFC 7512, without anything after ?) of a certificate on a smart card "
        "or another token that p11-kit knows. The token is then used by the user of a private connection, else by root.") },
  { "private-key", IPSEC_KEY_CREDENTIAL, FALSE, NULL, NULL, 0, 0, ANY, SIMPLE, "0.1",
    N_ ("The private key of our certificate: a file in PEM, DER or PKCS#12 format. Without it the key is looked for "
        "in the file of the certificate, or on its token. Or a PKCS#11 URI of a key on a token; the certificate may be a "
        "file then.") },
  { "ca", IPSEC_KEY_CREDENTIAL, FALSE, "system", "system", 0, 0, ANY, SIMPLE, "0.1",
    N_ ("Certificate authorities that may vouch for the gateway: a file with one or more certificates, or system for "
        "those that the system trusts, or nss: and a name in the key store (nss:* for all that are trusted there), or a "
        "PKCS#11 URI of certificates that a token shows without its PIN. The "
        "gateway's own certificate may stand here as well, and lists of revoked certificates (PEM, X509 CRL).") },
  { "remote-certificate", IPSEC_KEY_CREDENTIAL, FALSE, NULL, NULL, 0, 0, DIALS, ADVANCED, "0.1",
    N_ ("The gateway must have exactly this certificate: a file, or nss: and a name in the key store, or a PKCS#11 URI. Who has issued it "
        "does not matter then, and ca is not looked at; the gateway need not send it.") },
  { "revocation", IPSEC_KEY_ENUM, FALSE, "soft strict off", "soft", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Whether revoked certificates are looked for, in the lists in the file of ca, in what the other end shows (OCSP, "
        "RFC 4806), and where the certificates say that it is told (OCSP and lists, by http): soft refuses a "
        "certificate that is known to be revoked, strict also one of which it cannot be found out. What is fetched does "
        "not go through the tunnel that is being made: a kill switch needs an exception for it.") },
  { "require-id-on-certificate", IPSEC_KEY_BOOL, FALSE, NULL, "yes", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("The gateway's certificate must contain its identity. With no, every certificate from a trusted authority "
        "passes for every gateway: dangerous with public authorities.") },
  { "rsa-sha1", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Take signatures by RSA with SHA-1, and make them where the other end takes nothing better: it is one that does not "
        "know RFC 7427, like older gateways, Windows and iOS. SHA-1 is weak. ike=legacy means yes, unless this key says no; in FIPS mode "
        "there are no such signatures.") },
  { "local-rsa-key", IPSEC_KEY_RAW, FALSE, NULL, NULL, 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Our raw key (RSA, ECDSA, Ed25519 or ML-DSA), of which only the public half is known to the other end: the CKAID or "
        "the public key (0s and base64) of a key in the key store, a file with the private key, or the PKCS#11 URI of "
        "one on a token.") },
  { "remote-rsa-key", IPSEC_KEY_RAW, FALSE, NULL, NULL, 0, 0, DIALS, ADVANCED, "0.1",
    N_ ("The other end's raw public key: 0s and the key in base64, as its showhostkey prints it; a PEM file; or a "
        "CKAID in the key store.") },
  { "user", IPSEC_KEY_STRING, FALSE, NULL, NULL, 0, 0, CLIENT, SIMPLE, "0.1",
    N_ ("User name for EAP. Without it vpn.user-name is taken, and without that the name of the user who activates "
        "the connection.") },
  { "eap", IPSEC_KEY_ENUM, FALSE, "auto mschapv2 tls ttls peap gtc md5", "auto", 0, 0, CLIENT, ADVANCED, "0.1",
    N_ ("EAP method. With auto the gateway may choose among those that neither send the password as it is nor let it be "
        "guessed; gtc, if the connection has one-time codes (secret otp). In FIPS mode there are neither mschapv2 nor md5.") },
  { "eap-identity", IPSEC_KEY_STRING, FALSE, NULL, NULL, 0, 0, CLIENT, ADVANCED, "0.1",
    N_ ("What the server is told as identity before a method begins, and outside the tunnel of TTLS and PEAP. Without "
        "it: user; with remote-auth=eap-only, where the gateway is not proven yet: anonymous, or of user@realm no more "
        "than @realm.") },
  { "eap-phase2", IPSEC_KEY_ENUM, FALSE, "auto mschapv2 gtc md5 pap", "auto", 0, 0, CLIENT, ADVANCED, "0.1",
    N_ ("The method inside the tunnel of TTLS and PEAP. With auto the server may choose an EAP method; pap is for TTLS "
        "only.") },
  { "eap-ca", IPSEC_KEY_CREDENTIAL, FALSE, "system", NULL, 0, 0, CLIENT, ADVANCED, "0.1",
    N_ ("Certificate authorities for the login server of TLS, TTLS and PEAP, when they are others than those of the "
        "gateway.") },
  { "eap-server-name", IPSEC_KEY_STRING, FALSE, NULL, NULL, 0, 0, CLIENT, ADVANCED, "0.1",
    N_ ("Name that the login server's certificate must contain. Without it: the gateway's identity, or any name if eap-ca "
        "is given and is not system.") },
  { "xauth", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, CLIENT, ADVANCED, "0.1",
    N_ ("User name and password in addition, with IKE version 1.") },
  { "ppk", IPSEC_KEY_ENUM, FALSE, "no yes insist", "no", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Post-quantum pre-shared key (RFC 8784, RFC 9867): none, if the gateway can, or always. Where an end proves nothing "
        "else (null), yes means always; with auth2=eap the gateway must know RFC 9867. With insist there are only ciphers of "
        "256 bits, unless ike and esp name others.") },
  { "ppk-id", IPSEC_KEY_STRING, FALSE, NULL, NULL, 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Name of the post-quantum pre-shared key, by which the gateway knows it, too; needed with every ppk and ppk-file.") },
  { "ppk-file", IPSEC_KEY_PATH, FALSE, NULL, NULL, 0, 0, DIALS, ADVANCED, "0.1",
    N_ ("One-time pad instead of the secret ppk: random octets of which both ends, and nobody else, have a copy. Each IKE "
        "SA is given the next 32 of them, which are zeroes on the disk before they are used; 32 with a zero among them "
        "count as used. The other end must be one of this kind. Mode 0600, up to 1 MiB, and where NetworkManager may "
        "write: not in /home, but for example /var/lib/nm-ipsec/office.pad. Of a private connection it must be its user's, in a "
        "directory that the user may enter.") },

  /* protection */
  { "ike", IPSEC_KEY_PROPOSALS, FALSE, NULL, "default", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Algorithms that protect the negotiation; see PROPOSALS.") },
  { "esp", IPSEC_KEY_PROPOSALS, FALSE, NULL, "default", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Algorithms that protect the traffic; see PROPOSALS.") },
  { "pfs", IPSEC_KEY_BOOL, FALSE, NULL, "yes", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("A fresh key exchange whenever the keys of the traffic are renewed. When the key is not given at all, a "
        "gateway that does not want it has its way.") },
  { "childless", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, DIALS, ADVANCED, "0.1",
    N_ ("Negotiate the first keys of the traffic, too, by an exchange of their own (RFC 6023), if the gateway can: with a "
        "fresh key exchange (pfs), so that they are not derived from those of the negotiation, and one round trip later. "
        "Some gateways insist on it. A peer then also lets the other end begin so.") },
  { "crypto-policy", IPSEC_KEY_ENUM, FALSE, "system ignore", "system", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Whether the system-wide crypto policy is obeyed, where the system has one; nm-ipsec algorithms shows what it "
        "leaves.") },
  { "ike-lifetime", IPSEC_KEY_TIME, FALSE, NULL, "8h", 10, 7 * DAY, ANY, ADVANCED, "0.1",
    N_ ("How long the keys of the negotiation live; in FIPS mode 24h at most, also with rekey=no.") },
  { "esp-lifetime", IPSEC_KEY_TIME, FALSE, NULL, "1h", 10, 7 * DAY, ANY, ADVANCED, "0.1",
    N_ ("How long the keys of the traffic live; in FIPS mode 8h at most, also with rekey=no.") },
  { "rekey-margin", IPSEC_KEY_TIME, FALSE, NULL, NULL, 1, DAY, ANY, ADVANCED, "0.1",
    N_ ("How long before their end keys are renewed; less than half of both lifetimes. Without it: a tenth of the "
        "lifetime, 9 minutes at most.") },
  { "esp-bytes", IPSEC_KEY_SIZE, FALSE, "0", "0", 1024 * KIB, G_GUINT64_CONSTANT (1) << 60, ANY, ADVANCED, "0.1",
    N_ ("How much traffic one key protects at most, if its cipher does not allow less; 0 is no limit of our own.") },
  { "rekey", IPSEC_KEY_BOOL, FALSE, NULL, "yes", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Renew keys before their lifetime ends. With no this is left to the gateway, and our lifetimes do not "
        "count.") },
  { "reauth", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Authenticate again instead of only renewing keys when ike-lifetime ends. A server has its clients do so (RFC 4478), "
        "and lets go of those that do not; a peer and a mesh renew keys only.") },

  /* the tunnel */
  { "local-ts", IPSEC_KEY_SELECTORS, FALSE, NULL, "dynamic", 0, 0, DIALS | SERVER, ADVANCED, "0.1",
    N_ ("Our side of the traffic that goes through the tunnel; see TRAFFIC SELECTORS. dynamic is the address that the "
        "gateway gives us, or of a peer the address that it has.") },
  { "remote-ts", IPSEC_KEY_SELECTORS, FALSE, NULL, "0.0.0.0/0,::/0", 0, 0, DIALS, SIMPLE, "0.1",
    N_ ("The gateway's side of the traffic that goes through the tunnel; see TRAFFIC SELECTORS. The gateway may "
        "narrow it. A peer without it means the other end's own address, dynamic.") },
  { "virtual-ip", IPSEC_KEY_ADDRESSES, FALSE, "auto yes no", "auto", 0, 2, CLIENT, ADVANCED, "0.1",
    N_ ("Whether to ask the gateway for an address: yes, no, or for which one (one of each IP version). With auto: "
        "when local-ts is dynamic, for the IP versions of remote-ts.") },
  { "mode", IPSEC_KEY_ENUM, FALSE, "tunnel transport iptfs", "tunnel", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Tunnel mode, or transport mode between two hosts. iptfs (RFC 9347) is tunnel mode that sends small packets "
        "together, if the gateway and both kernels can (Linux 6.14); otherwise it is tunnel.") },
  { "interface", IPSEC_KEY_ENUM, FALSE, "auto xfrm vti none", "auto", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("How the tunnel appears: as an XFRM interface, as a VTI, or not at all (none), with addresses and routes on the "
        "interface below. auto takes the first that the kernel can do (with mark or if-id: xfrm), but none in a mesh, for a peer whose remote-ts is "
        "the other end itself, with sec-label, and with start=ondemand when remote-ts has no IPv6. In the first three cases "
        "nothing else is possible; a server needs an interface. connection.interface-name gives the name.") },
  { "if-id", IPSEC_KEY_INTEGER, FALSE, NULL, NULL, 1, 0x3fffffff, DIALS, ADVANCED, "0.1",
    N_ ("Number that ties the XFRM interface to its policies. Without it one is chosen. With interface=none it is that of "
        "an XFRM interface that you make yourself.") },
  { "narrowing", IPSEC_KEY_BOOL, FALSE, NULL, "yes", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Accept it when the gateway lets less traffic through the tunnel than was asked for.") },
  { "mobike", IPSEC_KEY_BOOL, FALSE, NULL, "yes", 0, 0, DIALS | SERVER, ADVANCED, "0.1",
    N_ ("Keep the tunnel when our address changes (RFC 4555), if the gateway can, and when the gateway is to be reached "
        "only at another one of the addresses that it has told. A server tells its own, without local-address.") },
  { "fragmentation", IPSEC_KEY_ENUM, FALSE, "yes no force", "yes", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Split large messages of the negotiation (RFC 7383), if the gateway can; force does it for small ones, "
        "too.") },
  { "compress", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, ANY, ADVANCED, "0.1", N_ ("Another name for ipcomp.") },
  { "esn", IPSEC_KEY_ENUM, FALSE, "no yes force", "no", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Extended sequence numbers: not, if the gateway can, or always. A proposal that says esn or noesn decides for "
        "itself.") },
  { "tfc", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Pad packets so that their size tells nothing (RFC 4303), if the gateway takes that. They go in UDP then, unless "
        "encap=no, because many kernels pad nothing else; and they are not compressed.") },
  { "encap", IPSEC_KEY_ENUM, FALSE, "yes no force", "yes", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Put ESP into UDP: when there is address translation on the way, never, or always.") },
  { "ipcomp", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Compress packets before they are encrypted (RFC 3173), if the gateway agrees, there is no address translation on the "
        "way, and only addresses of the gateway's IP version go through.") },
  { "tcp", IPSEC_KEY_ENUM, FALSE, "no yes fallback", "no", 0, 0, CLIENT | SERVER, ADVANCED, "0.1",
    N_ ("Send everything over TCP (RFC 9329): never, always, or where UDP does not get through. A server takes both, "
        "with fallback also when its kernel cannot do TCP.") },
  { "tcp-port", IPSEC_KEY_INTEGER, FALSE, NULL, "4500", 1, 65535, CLIENT | SERVER, ADVANCED, "0.1",
    N_ ("TCP port of the gateway.") },
  { "dpd-delay", IPSEC_KEY_TIME, FALSE, "0", "30s", 1, DAY, ANY, ADVANCED, "0.1",
    N_ ("When nothing has come from the gateway for so long, ask it whether it is there; 0 never asks.") },
  { "dpd-timeout", IPSEC_KEY_TIME, FALSE, "0", "120s", 1, DAY, ANY, ADVANCED, "0.1",
    N_ ("When the gateway has been silent for so long although we asked, it is gone; 0 waits as long as for any other "
        "answer. A server with mobike=yes does so without this key, too: five minutes for a client that may be moving.") },
  { "keyingtries", IPSEC_KEY_INTEGER, FALSE, NULL, "0", 0, 1000, DIALS, ADVANCED, "0.1",
    N_ ("How many attempts to make with start=up: 1 is the one at activation alone, so that a lost tunnel stays down; 0 is "
        "for ever, once the tunnel has been up. A client whose gateway closes the tunnel comes back only with "
        "vpn.persistent=yes.") },
  { "retransmit-timeout", IPSEC_KEY_TIME, FALSE, NULL, NULL, 2, HOUR, ANY, ADVANCED, "0.1",
    N_ ("How long to wait for the answer to a request while repeating it. Without it: less than 20 seconds for a "
        "gateway that has never answered, longer for one that has.") },
  { "mtu", IPSEC_KEY_INTEGER, FALSE, "auto", "auto", 576, 65535, DIALS | SERVER, ADVANCED, "0.1",
    N_ ("Largest packet inside the tunnel. auto computes it; less than 1280 rules out IPv6.") },
  { "mss-clamp", IPSEC_KEY_INTEGER, FALSE, "auto no", "auto", 500, 65495, DIALS | SERVER, ADVANCED, "0.1",
    N_ ("Largest TCP segment that connections through the tunnel may negotiate.") },
  { "nic-offload", IPSEC_KEY_ENUM, FALSE, "no auto crypto packet", "no", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Let the network card encrypt: whole packets (packet) or only the cipher (crypto). auto takes what the card of the "
        "uplink can do, and the processor otherwise; with crypto or packet the connection fails without. Kernels "
        "offload nothing that comes in by an XFRM interface, so it wants interface=vti or none. After a move to another "
        "uplink it is the processor until the next rekeying.") },
  { "kill-switch", IPSEC_KEY_BOOL, FALSE, NULL, "no", 0, 0, DIALS | MESH, ADVANCED, "0.1",
    N_ ("Block traffic for remote-ts (of a mesh: for the nets of private) that would leave outside the tunnel, from "
        "activation to deactivation. When remote-ts is everything and the gateway lets only some networks through, it is "
        "these, once the tunnel is up. What passes: the tunnel's own packets, DHCP, loopback, what never leaves the local link, and while a gateway's name is looked up, DNS, if "
        "everything else is blocked. When the connection is lost for good after it was up, or its processes die, the block "
        "stays until the connection is activated and deactivated again, or nm-ipsec unblock. It wants vpn.persistent=yes: "
        "else NetworkManager itself ends the connection, and with it the block, when the uplink goes.") },
  { "kill-switch-except", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, DIALS, ADVANCED, "0.1",
    N_ ("Networks that kill-switch does not block.") },
  { "replay-window", IPSEC_KEY_INTEGER, FALSE, NULL, "128", 0, 4096, ANY, ADVANCED, "0.1",
    N_ ("How many packets may arrive late before they pass for replayed; 0 turns the protection off.") },
  { "mark", IPSEC_KEY_MARK, FALSE, NULL, NULL, 0, 0, DIALS | SERVER, ADVANCED, "0.1",
    N_ ("Firewall mark, and mask: only packets that have it go through the tunnel, and those that come out of it get it.") },
  { "copy-dscp", IPSEC_KEY_ENUM, FALSE, "out in yes no", "out", 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Copy the traffic class of a packet to the outer header when it is sent, from it when it is received, both, "
        "or neither.") },
  { "sec-label", IPSEC_KEY_STRING, FALSE, NULL, NULL, 0, 0, DIALS, ADVANCED, "0.1",
    N_ ("SELinux context of the tunnel (labeled IPsec, RFC 9478), which the other end must have word for word: up to 255 "
        "printable characters without blanks, for example system_u:object_r:ipsec_spd_t:s0. Only programs in this context "
        "send through the tunnel; what SELinux's policy does not let match it (polmatch) passes by, unless kill-switch "
        "holds it back. It wants a kernel with SELinux enabled; without one the connection is refused before anything is "
        "sent. There is no interface then (interface=none), since packets lose their labels in one.") },
  { "cpus", IPSEC_KEY_INTEGER, FALSE, NULL, NULL, 1, 1024, ANY, ADVANCED, "0.1",
    N_ ("Up to how many processors encrypt with keys of their own (RFC 9611), at the same time and without waiting for "
        "each other, beside the keys for all. It wants Linux 6.13, and no more are made than this machine has "
        "processors and the other end takes; else the connection has one set of keys, and the journal says so. Of use "
        "where one processor is too slow.") },

  /* role=server */
  { "pool", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, SERVER, SIMPLE, "0.1", N_ ("IPv4 addresses to hand out, up to 65535: networks or ranges. The first is the server's own.") },
  { "pool6", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, SERVER, SIMPLE, "0.1", N_ ("IPv6 addresses to hand out, as in pool.") },
  { "push-dns", IPSEC_KEY_ADDRESSES, FALSE, NULL, NULL, 0, 16, SERVER, ADVANCED, "0.1",
    N_ ("Name servers that clients are told.") },
  { "push-domains", IPSEC_KEY_HOSTS, FALSE, NULL, NULL, 0, 64, SERVER, ADVANCED, "0.1",
    N_ ("Domains that clients look up there.") },
  { "push-banner", IPSEC_KEY_STRING, FALSE, NULL, NULL, 0, 0, SERVER, ADVANCED, "0.1",
    N_ ("Text that clients are shown.") },
  { "users", IPSEC_KEY_PATH, FALSE, NULL, NULL, 0, 0, SERVER, SIMPLE, "0.1",
    N_ ("File with a line name:password for each user; nobody but its owner may be able to read it. Lines that begin with # do "
        "not count. Not in FIPS mode.") },
  { "pam-service", IPSEC_KEY_STRING, FALSE, NULL, NULL, 0, 0, SERVER, ADVANCED, "0.1",
    N_ ("PAM service that must allow an identity.") },
  { "unique", IPSEC_KEY_ENUM, FALSE, "replace keep no", "replace", 0, 0, SERVER, ADVANCED, "0.1",
    N_ ("When a client comes a second time: the old connection goes, the new one is refused, or both stay. With keep a "
        "device that has lost its own connection, after a restart, may take its place from the same address at once, from "
        "another when the old one no longer answers.") },
  { "redirect-to", IPSEC_KEY_HOSTS, FALSE, NULL, NULL, 0, 1, SERVER, ADVANCED, "0.1",
    N_ ("Another gateway that clients are sent to (RFC 5685), by address or by name. A client that cannot be sent away, or "
        "has come to that address already, is served here.") },

  /* role=mesh */
  { "private", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, MESH, SIMPLE, "0.1",
    N_ ("Nets that are reached encrypted or not at all: what comes from them in the clear is dropped, too. A host with which "
        "no tunnel can be made is blocked for a minute, and asked again with the next packet. See MESH.") },
  { "private-or-clear", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, MESH, SIMPLE, "0.1",
    N_ ("Nets that are reached encrypted if possible; we begin. A host that does not answer within a few seconds is reached in "
        "the clear for 15 minutes, and then asked again. What comes in the clear is let in.") },
  { "clear-or-private", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, MESH, SIMPLE, "0.1",
    N_ ("Nets that are reached in the clear until they begin.") },
  { "clear", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, MESH, SIMPLE, "0.1",
    N_ ("Nets that are always reached in the clear; who begins from there is not answered.") },
  { "block", IPSEC_KEY_NETS, FALSE, NULL, NULL, 0, 0, MESH, SIMPLE, "0.1", N_ ("Nets that are never reached, and from which nothing comes in.") },

  { "log-level", IPSEC_KEY_INTEGER, FALSE, NULL, NULL, 0, 7, ANY, ADVANCED, "0.1",
    N_ ("What goes to the journal: syslog levels, 3 errors, 5 what matters, 6 more, 7 everything. Without it: what "
        "NetworkManager's own logging asks for.") },

  /* vpn.secrets */
  { "psk", IPSEC_KEY_SECRET, TRUE, NULL, NULL, 0, 0, ANY, SIMPLE, "0.1",
    N_ ("Pre-shared key: text, or 0x and hexadecimal digits, or 0s and base64. Less than 20 characters can be "
        "guessed.") },
  { "password", IPSEC_KEY_SECRET, TRUE, NULL, NULL, 0, 0, CLIENT, SIMPLE, "0.1",
    N_ ("The user's password for EAP.") },
  { "otp", IPSEC_KEY_SECRET, TRUE, NULL, NULL, 0, 0, CLIENT, ADVANCED, "0.1",
    N_ ("One-time code; never saved unless its flags say otherwise.") },
  { "key-password", IPSEC_KEY_SECRET, TRUE, NULL, NULL, 0, 0, ANY, SIMPLE, "0.1",
    N_ ("Password of the private key or PKCS#12 file.") },
  { "pin", IPSEC_KEY_SECRET, TRUE, NULL, NULL, 0, 0, ANY, SIMPLE, "0.1",
    N_ ("PIN of the token that holds the private key. It is said once: what the token has refused is asked for, never "
        "repeated. Flags 4 (not required) where the token asks for it on keys of its own.") },
  { "ppk", IPSEC_KEY_SECRET, TRUE, NULL, NULL, 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Post-quantum pre-shared key, written like psk.") },
  { "nss-password", IPSEC_KEY_SECRET, TRUE, NULL, NULL, 0, 0, ANY, ADVANCED, "0.1",
    N_ ("Password of the NSS database.") },
};
/* clang-format on */

const IpsecKey *
ipsec_key_at (guint index)
{
  return index < G_N_ELEMENTS (keys) ? &keys[index] : NULL;
}
