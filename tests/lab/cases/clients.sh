# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 500
# clients.sh strongswan|libreswan|strongswan13|libreswan13|strongswan14: what others, as clients, may ask of our server beyond what
# server.sh has, or it of them: cookies (RFC 7296 section 2.6), fragments (RFC 7383), moving (RFC 4555), post-quantum
# pre-shared keys (RFC 8784), resumption (RFC 5723), an IKE SA without a Child SA at first (RFC 6023),
# additional key exchanges (RFC 9370), a great many rekeyings.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/gw-own.sh"
. "$LAB_SRC/guest/lsw.sh"
. "$LAB_SRC/guest/sw.sh"
. "$LAB_SRC/guest/wire.sh"
client=$1 kind=${1%1[34]}
[ "$1" = "$kind" ] || export SW_TREES="$1 debian${1#$kind}" LSW_TREES="$1 debian${1#$kind}"
case $kind in strongswan) client_log=$LAB_OUT/charon-client.log ;; libreswan) client_log=$LAB_OUT/pluto-client.log ;; esac
lab_up own rsa || exit 1

# ---- the client, whichever it is ----
there_up() { if [ $kind = strongswan ]; then sw_up; else lsw_up; fi; }
there_down() { if [ $kind = strongswan ]; then sw_down; else lsw_down; fi; }
begin() { if [ $kind = strongswan ]; then sw --initiate --child "net-$1"; else lsw auto --up "$1"; fi; }
end() { if [ $kind = strongswan ]; then sw --terminate --ike "$1"; else lsw whack --terminate --name "$1"; fi; }
rekey_child() {
	if [ $kind = strongswan ]; then sw --rekey --child "net-$1"
	else lsw whack $([ $client = $kind ] && echo --rekey-ipsec || echo --rekey-child) --name "$1"; fi
}
client_said() { grep -qE "$1" "$client_log"; }
gateway_is_empty() { [ -z "$(ip -n gateway -o xfrm state)" ] && [ -z "$(ip -n gateway -o xfrm policy | grep -v 'socket ')" ]; }
server_said() { own_log | grep -q "$1"; }
# The log is the case's own.
connect() { # METHOD
	rm -f "$client_log"
	there_up
	begin "$1"
	ping4
}
leave() { # METHOD
	end "$1"
	lab_wait 5 gateway_is_empty
	there_down
}

cookies() { # the server has many half-open IKE SAs
	own_serve psk
	labtool init 198.51.100.2 80
	connect psk
	client_said 'N\(COOKIE\)|COOKIE response'
	leave psk
}
fragments() { # MTU
	own_serve rsa
	SW_CHARON="fragment_size = 576" WIRE_WHOLE=1280 wire_fragments "$1" connect rsa
	[ $kind != strongswan ] || client_said 'received fragment #1 of'
	leave rsa
}
# The server sends to the new address from the moment that the client names it: nothing is lost but what was under way.  How
# long it takes the client to say so is its own affair: strongSwan asks first whether it can be heard from there, and Debian's
# NetworkManager takes the address inside away from it meanwhile.
moves() {
	own_serve rsa
	LSW_LEFT=%defaultroute LSW_SETTINGS=mobike=yes connect rsa
	net_netem delay 20ms
	wire_watch_gateway
	probe_start 100 10.10.0.2
	sleep 2
	wire_move 192.0.2.77
	lab_wait 10 server_at 192.0.2.77
	sleep 2
	probe_stop || :
	[ "$(wire_moved 192.0.2.2 192.0.2.77 $([ $kind = strongswan ] && echo 2 || echo 1))" -le 50 ]
	not said_since_serving "is gone"
	[ "$(wire_longest)" -le 1000 ]
	net_netem
	ping4
	leave rsa
	wire_move 192.0.2.2
}

# The server tells of its other addresses, and of what changes of them.
other_address() {
	own_serve rsa
	connect rsa
	client_said 'parsed IKE_AUTH response .* N\(MOBIKE_SUP\) N\(ADD_6_ADDR\)'
	ip -n gateway addr add 198.51.100.3/24 dev wan
	lab_wait 10 was_told 4 1
	ip -n gateway addr del 198.51.100.3/24 dev wan
	lab_wait 10 was_told 6 1
	ip -n gateway addr add 198.51.100.3/24 dev wan
	lab_wait 10 was_told 4 2
	leave rsa
}
was_told() { # FAMILY TIMES - of the first address of a list
	[ "$(grep -c "parsed INFORMATIONAL request [0-9]* \[ N(ADD_$1_ADDR)" "$client_log")" = "$2" ]
}
said_since_serving() { own_log | tail -n "+$(($(cat /run/own-mark) + 1))" | grep -q "$1"; }
server_at() { ip -n gateway xfrm state | grep -q "dst $1"; }
ppk() { # yes|insist of ours
	own_serve psk ppk=$1 ppk-id=lab secret.ppk=quantum
	SW_SETTINGS='ppk_id = lab
		ppk_required = yes' LSW_SETTINGS=ppk=insist connect psk
	client_said 'using PPK for PPK_ID|PPK'
	rekey_child psk
	lab_wait 5 ping4
	leave psk
}
ppk_missing() { # the client has none, and we insist
	own_serve psk ppk=insist ppk-id=lab secret.ppk=quantum
	there_up
	not begin psk
	lab_wait 5 gateway_is_empty
	there_down
}
resumed() { # it is away, and comes back with our ticket (which its Delete, if it got to us, would make worthless)
	own_serve psk
	LSW_NARROWING=no LSW_SETTINGS=session-resumption=yes connect psk
	for round in 1 2; do
		wire_cut
		lsw whack --suspend --name psk
		wire_open
		begin psk
		ping4
	done
	[ "$(grep -c 'processed IKE_SESSION_RESUME response' "$client_log")" = 2 ]
	leave psk
}
redirected() { # to another address of ours, where it is served
	ip -n gateway address add 198.51.100.7/24 dev wan
	own_serve psk redirect-to=198.51.100.7
	connect psk
	client_said 'N\(REDIR\)'
	server_at 192.0.2.2
	ip -n gateway xfrm state | grep -q 'src 198.51.100.7 dst 192.0.2.2'
	leave psk
	ip -n gateway address del 198.51.100.7/24 dev wan
}
childless() {
	own_serve psk
	SW_SETTINGS='childless = force' connect psk
	client_said 'CHDLESS_SUP'
	client_said 'parsed CREATE_CHILD_SA response'
	leave psk
}
# The machine's certificate, and then its user's password (RFC 4739).
sw_more() {
	sw_connection both 'auth = pubkey
			certs = client.crt
		}
		local-2 {
			auth = eap-mschapv2
			id = alice
			eap_id = alice' 'auth = pubkey'
	sw_connection mixed-psk 'auth = psk
			id = alice@example.org' 'auth = pubkey'
	sw_connection mixed-cert 'auth = pubkey
			certs = client.crt' 'auth = psk'
}
# One end proves itself with a pre-shared key, the other with a certificate.
mixed() { # OF-THE-CLIENT
	case $1 in
	psk) own_serve rsa remote-auth=psk secret.psk=labpsk ;;
	cert) own_serve psk remote-auth=cert "ca=$LAB_PKI/ca.crt" ;;
	esac
	connect mixed-$1
	rekey_child mixed-$1
	lab_wait 5 ping4
	leave mixed-$1
}
second() {
	own_serve rsa auth2=eap users=/etc/vpn-users
	connect both
	leave both
}
second_missing() {
	own_serve rsa auth2=eap users=/etc/vpn-users
	rm -f "$client_log"
	there_up
	not begin rsa
	lab_wait 5 gateway_is_empty
	there_down
}
# What it offers is refused, and the server says so: both lists.
mismatch() { # SERVER'S-IKE SERVER'S-ESP CLIENT'S-IKE CLIENT'S-ESP WHAT-THE-SERVER-SAYS
	own_serve psk "ike=$1" "esp=$2"
	export SW_PROPOSALS=$3 SW_ESP_PROPOSALS=$4
	there_up
	not begin psk
	server_said "$5"
	there_down
	unset SW_PROPOSALS SW_ESP_PROPOSALS
	lab_wait 5 gateway_is_empty
}
several() { # IKE ESP, IKE ESP of the client
	own_serve psk ike=$1 esp=$2
	SW_PROPOSALS=$1 SW_ESP_PROPOSALS=$2 connect psk
	client_said 'IKE_INTERMEDIATE response'
	sw --list-sas | grep -iE 'ke1_'
	sw_serials >/run/sw-serials
	sw --rekey --child net-psk
	lab_wait 5 sw_grew 0 1
	client_said 'IKE_FOLLOWUP_KE response'
	sw --rekey --ike psk
	lab_wait 5 sw_grew 1 1
	ping4
	leave psk
}
# The client is told to renew the same as soon as it is seen that the server does.
rekey_ike() { if [ $kind = strongswan ]; then sw --rekey --ike "$1"; else lsw whack --rekey-ike --name "$1"; fi; }
# Libreswan sends at once on the Child SA that the server asks for, and may forget it with the IKE SA (see extensions.sh): then it
# must be told to come again.
at_once() { # child|ike KEY=VALUE...
	local what=$1 n early
	shift
	own_serve psk "$@"
	wire_slow 250
	connect psk
	wire_watch_creates wan in_gateway
	early=$(too_early in_gateway)
	probe_start 50 10.10.0.2
	for n in 1 2 3; do
		wire_next_create 198.51.100.2 wan in_gateway
		quietly rekey_$what psk || :
	done
	sleep 5
	n=$(wire_collisions)
	[ "$n" -ge 2 ]
	case $kind-$what in
	strongswan-*)
		probe_stop
		client_said "detected $(echo $what | tr a-z A-Z)_REKEY collision"
		;;
	libreswan-child) probe_stop || no_more_out $((n * 25)) ;;
	libreswan-ike) quietly probe_stop || { end psk && begin psk; } ;;
	esac
	wire_slow off
	ping4
	leave psk
}
# The same of the gateway, whose early ones are ours.
no_more_out() { # MOST
	awk -v early=$(($(too_early in_gateway) - early)) -v most="$1" '{ gsub(/[a-z(]+=/, " "); out += $4; rest += $5 + $6 }
		END { exit !NR || rest || out > early || out > most }' /run/probe.out
}
# Two hundred in a minute, and not one packet is missing.  (Libreswan deletes the old one after a second, and does nothing else until
# then: the server rekeys, and what Libreswan sends before the server has the new one is lost.)
renew() {
	if [ $kind = strongswan ]; then rekey_child psk || sleep 0.05 # (it may be about to delete the one before)
	else in_gateway labtool wear 192.0.2.2 && sleep 0.1; fi
}
many() {
	local start early
	own_serve psk
	connect psk
	early=$(too_early in_gateway)
	probe_start 100 10.10.0.2
	start=$(labtool now)
	until [ "$(grep -cE 'CHILD_SA net-psk.* established|(rekeyed|established) Child SA' "$client_log")" -gt 200 ]; do
		quietly renew
		[ $(($(labtool now) - start)) -le 60000 ]
	done
	case $kind in
	strongswan) probe_stop ;;
	libreswan) probe_stop || no_more_out 50 ;;
	esac
	leave psk
}
# What a case that failed has left.
clear() {
	net_mtu 1500
	wire_open
	quietly wire_slow off
	quietly wire_move 192.0.2.2 >/dev/null 2>&1
	[ -z "$(labtool pids charon-systemd pluto)" ] || quietly kill $(labtool pids charon-systemd pluto)
	lab_wait 5 sh -c '[ -z "$(labtool pids charon-systemd pluto)" ]'
	tidy
	net_mtu 1500
}

case_ "clients/$1/cookies" cookies
clear
for m in 576 1280; do
	case_ "clients/$1/fragments/$m" fragments $m
	clear
done
for m in psk cert; do
	case_ "clients/$1/mixed/$m" mixed $m
	clear
done
case_ "clients/$1/moves" moves
if [ $kind = strongswan ]; then
	case_ "clients/$1/other-address" other_address
	quietly ip -n gateway addr del 198.51.100.3/24 dev wan
	tidy
fi
clear
case_ "clients/$1/at-once/child" at_once child esp-lifetime=20s rekey-margin=3s
clear
case_ "clients/$1/at-once/ike" at_once ike ike-lifetime=20s esp-lifetime=60s rekey-margin=3s
clear
for p in yes insist; do
	case_ "clients/$1/ppk/$p" ppk $p
	clear
done
case_ "clients/$1/ppk/missing" ppk_missing
clear
case $1 in
strongswan)
	case_ "clients/$1/childless" childless
	clear
	case_ "clients/$1/redirected" redirected
	clear
	case_ "clients/$1/second" second
	clear
	case_ "clients/$1/second/missing" second_missing
	clear
	offers='NO_PROPOSAL_CHOSEN: the other end offers'
	case_ "clients/$1/mismatch/ike" mismatch aes128gcm16-prfsha256-ecp256 aes128gcm16 aes256-sha256-modp2048 aes128gcm16 \
		"IKE_SA_INIT refused: $offers AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048, and we take AES_GCM_16_128/PRF_HMAC_SHA2_256/ECP_256"
	clear
	case_ "clients/$1/mismatch/esp" mismatch aes128gcm16-prfsha256-ecp256 aes128gcm16 aes128gcm16-prfsha256-ecp256 aes256-sha256 \
		"IKE_AUTH refused: $offers AES_CBC_256/HMAC_SHA2_256_128, and we take AES_GCM_16_128"
	clear
	case_ "clients/$1/many" many
	clear
	;;
libreswan)
	case_ "clients/$1/many" many
	clear
	;;
libreswan13)
	case_ "clients/$1/many" many
	clear
	case_ "clients/$1/resumed" resumed
	clear
	;;
strongswan1[34])
	case_ "clients/$1/several" several aes256gcm16-prfsha384-x25519-ke1_ecp384-ke2_modp2048 aes256gcm16-x25519-ke1_ecp384
	clear
	;;
esac
case "$1:$LAB_CLIENT" in
strongswan14:debian1*)
	case_ "clients/$1/mlkem768" several aes256gcm16-prfsha384-x25519-ke1_mlkem768 aes256gcm16-x25519-ke1_mlkem768
	clear
	;;
esac
if [ "$1:$LAB_CLIENT" = strongswan14:debian14 ]; then
	case_ "clients/$1/mlkem1024" several aes256gcm16-prfsha384-ecp384-ke1_mlkem1024 aes256gcm16-ecp384-ke1_mlkem1024
	clear
fi
finish
