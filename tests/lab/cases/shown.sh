# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# shown.sh strongswan13: what OCSP says of a certificate, shown in the negotiation (RFC 4806), by a gateway to us and by our
# server to a client.  Whoever is shown it cannot reach the responder itself.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
. "$LAB_SRC/guest/authority.sh"
. "$LAB_SRC/guest/sw.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our sentences"; exit 77; }
command -v openssl >/dev/null || { echo "SKIP: there is no openssl"; exit 77; }
export GW_TREES="$1 debian13" SW_TREES="$1 debian13"

# ---- a gateway shows it ----
gateway_policy() { # reply|never
	sed -i "/^ocsp = /d; s/^unique = never/&\nocsp = $1/" /lab/roots/gw/etc/swanctl/swanctl.conf
	grep -q "^ocsp = $1" /lab/roots/gw/etc/swanctl/swanctl.conf
	gw_swanctl --load-all --clear --noprompt
}
shown() {
	book V '' $ca/gw.crt
	responder_start
	gateway_policy reply
	before
	quietly plugin_profile vpn rsa 198.51.100.2 revocation=strict
	nmcli -w 60 connection up vpn
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
	responder_stop
}
shown_revoked() {
	book R 260203040506Z,superseded $ca/gw.crt
	responder_start
	gateway_policy reply
	fails CERT_REVOKED "$failed" 20 rsa 198.51.100.2
	told 'revoked since 2026-02-03: it was replaced (what the other end shows)'
	responder_stop
}
not_shown() {
	book V '' $ca/gw.crt
	responder_start
	gateway_policy never
	fails CERT_STATUS "$failed" 20 rsa 198.51.100.2 revocation=strict
	responder_stop
}
# ---- our server shows it ----
server_shows() { # V|R: a client who insists on it comes in, or does not
	book "$1" "${2:-}" $ca/gw.crt
	responder_start
	own_serve rsa certificate=/etc/gw.crt
	net_block tcp
	rm -f "$LAB_OUT/charon-client.log"
	SW_SETTINGS='ocsp = request' sw_up
	if [ "$1" = V ]; then
		sw --initiate --child net-strict
		ping4
		sw --terminate --ike strict
	else
		! sw --initiate --child net-strict --timeout 20
	fi
	grep -q OCSP "$LAB_OUT/charon-client.log"
	responder_stop
	net_block
	sw_down
}

if [ "${2:-}" = own ]; then
	. "$LAB_SRC/guest/gw-own.sh"
	sw_more() {
		sw_connection strict 'auth = pubkey
			certs = client.crt' 'auth = pubkey
			revocation = strict'
	}
	lab_up own rsa || exit 1
	certificate_with_responder 198.51.100.2 >$ca/log 2>&1 || { cat $ca/log; exit 1; }
	cp $ca/gw.crt /lab/roots/own/etc/gw.crt
	case_ "shown/$1/by-us" server_shows V
	responder_listens && responder_stop
	tidy
	case_ "shown/$1/by-us/not-good" server_shows R 260203040506Z,superseded
else
	lab_up strongswan || exit 1
	certificate_with_responder 127.0.0.1 >$ca/log 2>&1 || { cat $ca/log; exit 1; }
	cp $ca/gw.crt /lab/roots/gw/etc/swanctl/x509/gw.crt
	for c in shown not_shown shown_revoked; do
		case_ "shown/$1/$c" $c
		responder_listens && responder_stop
		tidy
	done
fi
finish
