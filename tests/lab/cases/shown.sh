# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# shown.sh strongswan13: what OCSP says of a certificate, shown by a gateway in the negotiation (RFC 4806).  Its responder
# is its own: we cannot reach it.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
. "$LAB_SRC/guest/authority.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our sentences"; exit 77; }
command -v openssl >/dev/null || { echo "SKIP: there is no openssl"; exit 77; }
export GW_TREES="$1 debian13"

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

lab_up strongswan || exit 1
certificate_with_responder 127.0.0.1 >$ca/log 2>&1 || { cat $ca/log; exit 1; }
cp $ca/gw.crt /lab/roots/gw/etc/swanctl/x509/gw.crt
for c in shown not_shown shown_revoked; do
	case_ "shown/$1/$c" $c
	responder_listens && responder_stop
	tidy
done
finish
