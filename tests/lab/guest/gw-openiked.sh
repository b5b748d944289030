# SPDX-License-Identifier: GPL-2.0-or-later
# gw-openiked.sh - OpenIKED (iked) in the gateway.  gw_openiked eap|rsa|ecdsa|psk; log: $LAB_OUT/iked.log.
#
# At 198.51.100.2 (and 2001:db8:2::2 with GW_FAMILY=6), IKEv2 as vpn.example.org: EAP-MSCHAPv2 (alice/secret),
# certificates, or the pre-shared key "labpsk".  Gives out 10.20.0.0/24, DNS 10.10.0.53.
# Version 7.2 answers IKE_AUTH to port 4500 of the client unless it sees a NAT.
gw_ikectl() { lab_in gw gateway ikectl "$@"; }
gw_openiked() {
	local r=/lab/roots/gw cert=gw ca=ca how local_address=198.51.100.2 id=vpn.example.org
	case $1 in
	eap) how='eap "mschap-v2"' ;;
	psk) how='psk "labpsk"' ;;
	rsa) how=rsa ;;
	ecdsa) how=ecdsa256 cert=gw-ec ca=ca-ec id=vpn-ec.example.org ;;
	esac
	[ "${GW_FAMILY:-4}" = 4 ] || local_address=2001:db8:2::2
	lab_root gw openiked base
	lab_user _iked 990 $r /var/lib/openiked/empty
	mkdir -p $r/etc/iked/ca $r/etc/iked/certs $r/etc/iked/private $r/etc/iked/crls $r/var/lib/openiked/empty
	cp "$LAB_PKI/$ca.crt" $r/etc/iked/ca/ca.crt
	cp "$LAB_PKI/$cert.crt" $r/etc/iked/certs/$id.crt # (looked up by the identity)
	(umask 077 && cp "$LAB_PKI/$cert.key" $r/etc/iked/private/local.key)
	openssl pkey -in $r/etc/iked/private/local.key -pubout -out $r/etc/iked/local.pub
	(umask 077 && cat >$r/etc/iked.conf) <<-C
	set fragmentation
	set mobike
	user "alice" "secret"
	ikev2 "rw" passive esp from 10.10.0.0/24 to dynamic \\
		local $local_address peer any \\
		srcid $id \\
		$how \\
		config address 10.20.0.0/24 \\
		config name-server 10.10.0.53
	C
	lab_in gw gateway iked -d ${GW_LOG:--v} >"$LAB_OUT/iked.log" 2>&1 &
	lab_wait 20 test -S $r/run/iked.sock || lab_wait 1 test -S $r/var/run/iked.sock || { cat "$LAB_OUT/iked.log" >&2; return 1; }
}
gw_ike_sas() { # (a daemon that does not answer has not none)
	local sas
	sas=$(gw_ikectl show sa 2>/dev/null) || return 1
	printf '%s\n' "$sas" | grep -c '^iked_sas:.*ESTABLISHED' || :
}
gw_disconnect() { gw_ikectl reset sa; }
gw_forget() { gw_ikectl reset sa >/dev/null 2>&1 || :; }
