# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# revocation.sh: a gateway whose certificate was taken back, told by a list in a file and by openssl's OCSP responder beside
# strongSwan; and what each mode makes of it when nobody tells.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our sentences"; exit 77; }
command -v openssl >/dev/null || { echo "SKIP: there is no openssl"; exit 77; }
lab_up strongswan || exit 1
. "$LAB_SRC/guest/authority.sh"

# ---- the authority ----
list() { # FILE [OPTION...]: the authority's certificate and its list, as the key ca reads them
	local file=$1
	shift
	openssl ca -gencrl -config $ca/conf -cert "$LAB_PKI/ca.crt" -keyfile "$LAB_PKI/ca.key" -out $ca/crl "$@"
	cat "$LAB_PKI/ca.crt" $ca/crl >"$file"
}
gateway_with_responder() {
	certificate_with_responder 198.51.100.2
	cp $ca/gw.crt /lab/roots/gw/etc/swanctl/x509/gw.crt
	gw_swanctl --load-all --clear --noprompt
}

connects() { # [KEY=VALUE...]
	before
	quietly plugin_profile vpn rsa 198.51.100.2 "$@"
	nmcli -w 60 connection up vpn
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}

# ---- lists in a file ----
file_revoked() {
	book R 260102030405Z,keyCompromise "$LAB_PKI/gw.crt"
	list /run/revoked.ca -crldays 30
	fails CERT_REVOKED "$failed" 10 rsa 198.51.100.2 ca=/run/revoked.ca
	told 'revoked since 2026-01-02: its key was compromised'
}
file_strict() {
	book V '' "$LAB_PKI/gw.crt"
	list /run/good.ca -crldays 30
	connects ca=/run/good.ca revocation=strict
}
file_strict_old() {
	book V '' "$LAB_PKI/gw.crt"
	list /run/old.ca -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z
	fails CERT_STATUS_OLD "$failed" 10 rsa 198.51.100.2 ca=/run/old.ca revocation=strict
	told 'not been valid since 2020-02-01'
}
file_off() {
	book R 260102030405Z,keyCompromise "$LAB_PKI/gw.crt"
	list /run/revoked.ca -crldays 30
	connects ca=/run/revoked.ca revocation=off
}
nowhere_strict() {
	fails CERT_STATUS "$failed" 10 rsa 198.51.100.2 revocation=strict
	told 'does not say where that is told'
}

# ---- OCSP ----
ocsp_strict() {
	book V '' $ca/gw.crt
	responder_start
	connects revocation=strict
	responder_stop
}
ocsp_revoked() {
	book R 260203040506Z,superseded $ca/gw.crt
	responder_start
	fails CERT_REVOKED "$failed" 10 rsa 198.51.100.2
	told 'revoked since 2026-02-03: it was replaced'
	responder_stop
}
ocsp_down_strict() {
	fails CERT_STATUS "$failed" 20 rsa 198.51.100.2 revocation=strict
	told 'http://198.51.100.2:2560/'
}
ocsp_down_soft() {
	connects
	journal_since | grep -q 'MESSAGE=[^	]*which is let pass'
}

# All goes through the tunnel, the responder's answer has become too old, and the tunnel is lost: its way is another one.
ocsp_beside() {
	[ -n "$LAB_TRAVEL" ] || skip "in real time this takes twenty minutes"
	certificate_with_responder 198.51.100.3
	cp $ca/gw.crt /lab/roots/gw/etc/swanctl/x509/gw.crt
	gw_swanctl --load-all --clear --noprompt
	book V '' $ca/gw.crt
	responder_start -nmin 1
	before
	quietly plugin_profile vpn eap 198.51.100.7 revocation=strict dpd-delay=2s dpd-timeout=6s
	nmcli -w 60 connection up vpn
	ping4
	ip route get 198.51.100.3 | grep -q 'dev ipsec0'
	net_block udp
	sleep 1200
	net_block
	lab_wait 120 ping -q -n -c1 -W1 10.10.0.2
	ping4
	nmcli -w 10 connection down vpn
	quietly gw_forget # the one that nobody could take leave of
	clean_within 2
	responder_stop
}

for c in file_revoked file_strict file_strict_old file_off nowhere_strict; do
	case_ "revocation/$c" $c
	tidy
done
(gateway_with_responder) >$ca/log 2>&1 || { cat $ca/log; exit 1; }
for c in ocsp_strict ocsp_revoked ocsp_down_strict ocsp_down_soft ocsp_beside; do
	case_ "revocation/$c" $c
	tidy
	! responder_listens || responder_stop # of one that has failed
done
finish
