# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 400
# wrong.sh strongswan|libreswan|own: credentials with one thing wrong in each.  A gateway that shows them ends in the right
# sentence; one that refuses ours is believed; our server refuses them from each client, and its log says why.  Nothing is
# half open afterwards, at either end.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
. "$LAB_SRC/guest/gw-own.sh"
. "$LAB_SRC/guest/lsw.sh"
. "$LAB_SRC/guest/sw.sh"
. "$LAB_SRC/guest/wrong-certs.sh"
command -v openssl >/dev/null || { echo "SKIP: there is no openssl"; exit 77; }
end=$1
[ "$end" = own ] && arguments=rsa || arguments=
lab_up "$end" $arguments || exit 1
wrong_certs || exit 1

reason_of() { # KIND: the name of our reason
	case $1 in
	other) echo CERT_UNKNOWN_CA ;;
	expired) echo CERT_EXPIRED ;;
	future) echo CERT_NOT_YET_VALID ;;
	usage) echo CERT_USAGE ;;
	weak) echo CERT_WEAK ;;
	revoked) echo CERT_REVOKED ;;
	esac
}
text_of() { # KIND: what the sentence says of it
	case $1 in
	other) echo 'not trusted.*Lab ca-other' ;;
	expired) echo 'has expired' ;;
	future) echo 'not valid yet' ;;
	usage) echo 'extended key usage' ;;
	weak) echo 'too weak.*1024' ;;
	revoked) echo 'revoked since 2026-01-02' ;;
	esac
}
ours() { echo "certificate=$wrong/client-$1.crt" "private-key=$wrong/client-$1.key"; }
# Nothing of IPsec is left in the gateway's kernel (but what pluto lets neighbour discovery pass with), and its daemon has no
# IKE SA, not even a half-open one.
gateway_is_clean() {
	[ -z "$(ip -n gateway -o xfrm state)" ] &&
		[ -z "$(ip -n gateway -o xfrm policy | grep -v -e 'socket ' -e 'proto ipv6-icmp')" ] && daemon_is_clean
}

# ---- strongSwan as gateway ----
strongswan_shows() { # KIND
	cp "$wrong/gw-$1.crt" /lab/roots/gw/etc/swanctl/x509/gw.crt
	cp "$wrong/gw-$1.key" /lab/roots/gw/etc/swanctl/private/gw.key
	gw_swanctl --load-all --clear --noprompt
	fails "$(reason_of "$1")" "$failed" 10 rsa 198.51.100.2 ca=$wrong/revoked.ca
	told "$(text_of "$1")"
	lab_wait 10 gateway_is_clean
}
strongswan_right() {
	cp "$LAB_PKI/gw.crt" /lab/roots/gw/etc/swanctl/x509/gw.crt
	cp "$LAB_PKI/gw.key" /lab/roots/gw/etc/swanctl/private/gw.key
	mkdir -p /lab/roots/gw/etc/swanctl/x509crl
	cp $wrong/crl /lab/roots/gw/etc/swanctl/x509crl/
	gw_swanctl --load-all --clear --noprompt
}
gateway_refuses() { # METHOD KEYS [TEXT-OF-NMCLI]
	fails PEER_REFUSED_US "${3:-$refused}" 10 "$1" 198.51.100.2 $2
	lab_wait 10 gateway_is_clean
}
strongswan_name() { # a name that is not in our certificate
	gateway_refuses rsa local-id=@mallory.example.org
}

# ---- our server ----
server_said() { own_log | tail -n "+$(($(cat /run/own-mark) + 1))" | grep -q "$1"; }
server_ready() { # METHOD [KEY=VALUE...]
	own_serve "$@"
	own_log | wc -l >/run/own-mark
}
ours_refused() { # METHOD REASON SERVER-SAYS TEXT-OF-NMCLI KEYS [METHOD-OF-SERVER]
	server_ready "${6:-$1}" ca=/etc/revoked.ca
	fails "$2" "$4" 10 "$1" 198.51.100.2 $5
	server_said "$3"
	lab_wait 10 gateway_is_clean
}
strongswan_refused() { # KIND
	server_ready rsa ca=/etc/revoked.ca
	not sw --initiate --child "net-$1" --timeout 10
	server_said "refused: $(reason_of "$1")"
	lab_wait 10 gateway_is_clean
	lab_wait 10 sw_has_none
}
sw_wrong() { # a connection for each kind
	local kind
	sw_up
	mkdir -p /lab/roots/sw/etc/swanctl/conf.d
	{
		echo 'connections {'
		for kind in $wrong_kinds; do
			cp $wrong/client-$kind.crt /lab/roots/sw/etc/swanctl/x509/
			cp $wrong/client-$kind.key /lab/roots/sw/etc/swanctl/private/
			sw_connection $kind "auth = pubkey
				certs = client-$kind.crt" 'auth = pubkey'
		done
		echo '}'
	} >/lab/roots/sw/etc/swanctl/conf.d/wrong.conf
	echo 'include conf.d/*.conf' >>/lab/roots/sw/etc/swanctl/swanctl.conf
	sw --load-all --noprompt
}

case $end in
strongswan)
	daemon_is_clean() {
		local sas
		sas=$(gw_swanctl --list-sas) && [ -z "$sas" ]
	}
	accepted() { # the right one
		before
		quietly plugin_profile vpn rsa 198.51.100.2
		nmcli -w 30 connection up vpn
		ping4
		nmcli -w 10 connection down vpn
		lab_wait 5 gateway_is_clean
		clean_within 2
	}
	for kind in $wrong_kinds; do
		case_ "wrong/strongswan/shows/$kind" strongswan_shows $kind
		tidy
	done
	(set -e && strongswan_right) >"$LAB_OUT/right.log" 2>&1 || exit 1
	for kind in other expired future revoked; do
		case_ "wrong/strongswan/refuses/$kind" gateway_refuses rsa "$(ours $kind)"
		tidy
	done
	case_ wrong/strongswan/refuses/name strongswan_name
	tidy
	# (last: the others have the same key and name, and strongSwan would take the certificate that it remembers)
	case_ wrong/strongswan/accepts accepted
	tidy
	;;
libreswan)
	daemon_is_clean() { gw_is_empty; } # (what was refused pluto 4.10 itself keeps for a while)
	case_ wrong/libreswan/refuses/psk gateway_refuses psk secret.psk=wrongpassword 'No valid secrets'
	tidy
	for kind in other expired future; do
		case_ "wrong/libreswan/refuses/$kind" gateway_refuses rsa "$(ours $kind)"
		tidy
	done
	case_ wrong/libreswan/shows/other fails CERT_UNKNOWN_CA "$failed" 10 rsa 198.51.100.2 "ca=$LAB_PKI/ca-other.crt"
	tidy
	;;
own)
	cp $wrong/revoked.ca /lab/roots/own/etc/
	daemon_is_clean() { :; } # (it has nothing that its log and the kernel do not show)
	for kind in $wrong_kinds; do
		case_ "wrong/own/ours/$kind" ours_refused rsa PEER_REFUSED_US "a peer was refused: $(reason_of $kind)" "$refused" "$(ours $kind)"
		tidy
	done
	case_ wrong/own/ours/name ours_refused rsa PEER_REFUSED_US 'a peer was refused: CERT_NAME' "$refused" local-id=@mallory.example.org
	tidy
	case_ wrong/own/ours/psk ours_refused psk PEER_REFUSED_US 'a peer was refused: PEER_AUTH_WRONG' 'No valid secrets' secret.psk=wrongpassword psk
	tidy
	case_ wrong/own/ours/method ours_refused psk PEER_REFUSED_US 'a peer was refused: PEER_METHOD' 'No valid secrets' local-id=@alice.example.org rsa
	tidy
	case_ wrong/own/ours/user ours_refused eap EAP_REFUSED 'a client was refused: PEER_AUTH_WRONG' 'No valid secrets' user=mallory
	tidy
	case_ wrong/own/ours/password ours_refused eap EAP_REFUSED 'a client was refused: PEER_AUTH_WRONG' 'No valid secrets' \
		secret.password=wrongpassword
	tidy
	(set -e && sw_wrong) >"$LAB_OUT/sw-wrong.log" 2>&1 || { cat "$LAB_OUT/sw-wrong.log"; exit 1; }
	for kind in $wrong_kinds; do case_ "wrong/own/strongswan/$kind" strongswan_refused $kind; done
	(sw_down) >/dev/null 2>&1
	;;
esac
finish
