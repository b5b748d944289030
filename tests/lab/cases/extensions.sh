# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# extensions.sh strongswan|libreswan|strongswan13|libreswan13: what a gateway may ask of us, or we of it, beyond the
# ordinary exchanges, as far as it can: cookies (RFC 7296 section 2.6), fragments (RFC 7383), moving (RFC 4555),
# another gateway (RFC 5685), resumption (RFC 5723), nobody in particular (RFC 7619); rekeyings by both at once, and a
# great many; and the first Child SA by an exchange of its own (RFC 6023).
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/talk.sh"
. "$LAB_SRC/guest/wire.sh"
if [ "$1" != "$kind" ]; then
	export GW_TREES="$1 debian${1#$kind}" GW_REKEY_CHILD=--rekey-child
	[ $kind != libreswan ] || export GW_SETTINGS=session-resumption=yes
fi
export GW_FRAGMENT=576 GW_PRELOAD="$LAB_STATE/bin/lab-redirect.so"
lab_up $kind || exit 1

cookies() {
	gw_cookies on
	up psk
	gateway_said 'N\(COOKIE\)|notification COOKIE'
	down
	gw_cookies off
}
# What is too long goes in pieces, none of which the network must cut again.
fragments() { # MTU
	# (with a given mtu nobody looks for the path's: what that sends in vain is cut by IP in the end)
	wire_fragments "$1" up rsa $([ "$1" = 576 ] || echo mtu=1200)
	[ $kind != strongswan ] || gateway_said 'received fragment #1 of'
	gw_rekey_ike
	lab_wait 5 rekeyings_grew 0 1
	ping4
	down
}
# At a hundred packets a second nothing is lost but what is under way.
moves() {
	local most
	net_netem delay 20ms
	up rsa
	wire_watch_moves
	probe_start 100 10.10.0.2
	sleep 2
	wire_move 192.0.2.77
	lab_wait 10 we_said 'the tunnel is at 192.0.2.77'
	sleep 2
	wire_move 192.0.2.2
	lab_wait 10 we_said 'the tunnel is at 192.0.2.2($|[^0-9])'
	sleep 2
	probe_stop || :
	most=$(wire_in_flight 100 40)
	[ "$most" -gt 0 ]
	[ "$(wire_lost)" -le "$most" ]
	[ "$(we_said 'The tunnel to .* is up' | wc -l)" = 1 ]
	net_netem
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
}
# The gateway's first address leads nowhere any more; it has told of others (RFC 4555), and the tunnel goes on at one of them.
other_address() {
	up rsa
	probe_start 100 10.10.0.2
	sleep 2
	echo 'table inet dead { chain first { type filter hook forward priority 0; ip daddr 198.51.100.2 drop; ip saddr 198.51.100.2 drop; }; }' |
		in_router nft -f -
	lab_wait 20 we_said 'the peer answers at 198.51.100.[3-9]'
	lab_wait 5 sh -c "ip xfrm state | grep -q 'dst 198.51.100.[3-9]'"
	not sh -c "ip xfrm state | grep -q 'dst 198.51.100.2\$'"
	lab_wait 5 ping4
	probe_stop || :
	[ "$(wire_longest)" -le 8000 ]
	[ "$(we_said 'The tunnel to .* is up' | wc -l)" = 1 ]
	[ "$(gw_ike_sas)" = 1 ]
	gw_rekey_ike
	lab_wait 5 rekeyings_grew 0 1
	ping4
	down
	in_router nft delete table inet dead
}
# For a moment the uplink has a route and no address: the kernel would take the tunnel's own.
no_address() {
	up rsa
	ip -4 addr flush dev eth0
	ip route add default via 192.0.2.1 dev eth0 onlink
	ip route get 198.51.100.2 | grep -q 'src 10\.'
	sleep 1 # in which nothing must happen
	ip addr add 192.0.2.77/24 dev eth0
	lab_wait 10 we_said 'the tunnel is at 192.0.2.77'
	not we_said 'the tunnel is at 10\.'
	lab_wait 5 ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
}
no_address_over() {
	ip route del default via 192.0.2.1 dev eth0 onlink
	ip -4 addr flush dev eth0
	nmcli -w 10 connection up eth0
}
# After it was up the gateway sends us away.
redirect() { # METHOD ADDRESS [KEY=VALUE...]
	local method=$1 to=$2
	shift 2
	up "$method" "$@"
	gw_redirect "$method" "$to"
	lab_wait 10 we_said "the gateway sends us to $to"
	lab_wait 10 sh -c "ip xfrm state | grep -q 'dst $to'"
	lab_wait 5 ping4
	vpn_is_up
	[ "$(gw_ike_sas)" = 1 ]
	down
}
# Before it is up at all: in IKE_SA_INIT, which proves nothing yet, or in IKE_AUTH.
redirect_early() { # init|auth ADDRESS
	local to=$2
	gw_redirect_next "$1" "$to"
	up eap
	we_said "the gateway sends us to $to"
	not test -e /lab/roots/gw/run/redirect
	ip xfrm state | grep -q "dst $to"
	not sh -c 'ip xfrm state | grep -q "dst 198.51.100.2$"'
	[ "$(gw_ike_sas)" = 1 ]
	down
}
# Each time that we come it sends us on, to where we come again: that has an end.
redirect_for_ever() {
	gw_whack --global-redirect-to 198.51.100.10,198.51.100.11 --global-redirect yes
	before
	quietly plugin_profile vpn psk 198.51.100.2 log-level=6
	not nmcli -w 30 connection up vpn
	we_said 'which is not obeyed'
	lab_wait 5 vpn_is_down
	gw_whack --global-redirect no
	clean_within 2
}
# The network is away until we give up, and come back with the ticket.  (It is asked for what RFC 5723 says; that is
# what Libreswan refuses, and the next time we know it.)
resumed() {
	local round
	up psk dpd-delay=2s dpd-timeout=6s
	for round in 1 2 3; do
		wire_cut
		lab_wait 60 vpn_waits $round
		wire_open
		lab_wait 60 back $round
		lab_wait 5 ping4
	done
	[ "$(we_said 'resuming the session' | wc -l)" = 3 ]
	[ "$(we_said 'cannot be resumed' | wc -l)" = 1 ]
	rekeyings_mark
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	nmcli -w 10 connection down vpn
	quietly gw_whack --terminate --name psk4 # (it has kept what we came back from)
	lab_wait 20 gw_is_empty
	clean_within 2
}
vpn_waits() { [ "$(we_said 'reconnecting: PEER_DEAD' | wc -l)" -ge "$1" ]; }
back() { [ "$(we_said 'The tunnel to .* is up again' | wc -l)" -ge "$1" ]; }
nobody() {
	gw_libreswan_connection null4 198.51.100.2 leftsubnet=10.10.0.0/24 rightaddresspool=10.20.0.10-10.20.0.250 \
		leftid=@vpn.example.org leftcert=gw leftauth=rsasig rightauth=null rightid=%null >>/lab/roots/gw/etc/ipsec.conf
	for c in psk4 rsa4 ecdsa4; do gw_ipsec auto --delete $c; done
	gw_ipsec auto --add null4
	up rsa auth=null
	gw_states ESTABLISHED_IKE_SA | grep null4
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	ping4
	down
	gw_ipsec auto --delete null4
	for c in psk4 rsa4 ecdsa4; do gw_ipsec auto --add $c; done
}
# One end proves itself with a pre-shared key, the other with a certificate.
mixed() { # OURS THEIRS - psk|cert
	local conf=/lab/roots/gw/etc/swanctl/swanctl.conf theirs ours
	case $kind-$2 in
	strongswan-psk) theirs='auth = psk
		id = vpn.example.org' ;;
	strongswan-cert) theirs='auth = pubkey
		certs = gw.crt
		id = vpn.example.org' ;;
	esac
	case $kind-$1 in
	strongswan-psk) ours='auth = psk' ;;
	strongswan-cert) ours='auth = pubkey
		cacerts = ca.crt' ;;
	libreswan-psk) ours='leftauth=rsasig rightauth=secret leftcert=gw' ;;
	libreswan-cert) ours='leftauth=secret rightauth=rsasig rightid=%fromcert rightca=%same' ;;
	esac
	case $kind in
	strongswan)
		cp $conf /run/swanctl.before
		{ echo 'connections {' && gw_strongswan_connection mixed 198.51.100.2 "$theirs" "$ours" && echo '}' && sed -n '/^	pools {/,$p' $conf; } >$conf.new
		mv $conf.new $conf
		gw_swanctl --load-conns
		;;
	libreswan)
		gw_libreswan_connection mixed-$1 198.51.100.2 leftsubnet=10.10.0.0/24 rightaddresspool=10.20.0.10-10.20.0.250 \
			leftid=@vpn.example.org $ours >>/lab/roots/gw/etc/ipsec.conf
		for c in psk4 rsa4 ecdsa4; do gw_ipsec auto --delete $c; done
		gw_ipsec auto --add mixed-$1
		;;
	esac
	case $1 in
	psk) up psk remote-auth=cert "ca=$LAB_PKI/ca.crt" ;;
	cert) up rsa remote-auth=psk secret.psk=labpsk ;;
	esac
	case $kind in
	strongswan) gw_swanctl --list-sas | grep '^mixed: .*ESTABLISHED' ;;
	libreswan) gw_states ESTABLISHED_IKE_SA | grep mixed-$1 ;;
	esac
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	ping4
	down
}
mixed_over() { # OURS
	case $kind in
	strongswan)
		cp /run/swanctl.before /lab/roots/gw/etc/swanctl/swanctl.conf
		gw_swanctl --load-conns
		;;
	libreswan)
		gw_ipsec auto --delete mixed-$1
		for c in psk4 rsa4 ecdsa4; do gw_ipsec auto --add $c; done
		;;
	esac
}
# Both ends renew everything at the same time, while packets are half a second under way.
at_once() {
	local conf=/lab/roots/gw/etc/swanctl/swanctl.conf
	cp $conf /run/swanctl.before
	sed -i 's/rekey_time = 4h/rekey_time = 6s\n		rand_time = 0s\n		over_time = 60s/
		s/rekey_time = 2h/rekey_time = 5s\n		rand_time = 0s\n		life_time = 60s/' $conf
	gw_swanctl --load-conns
	net_netem delay 250ms
	up psk esp-lifetime=10s ike-lifetime=11s rekey-margin=3s
	probe_start 50 10.10.0.2
	lab_wait 200 collided
	probe_stop
	net_netem
	cp /run/swanctl.before $conf
	gw_swanctl --load-conns
	ping4
	vpn_is_up
	lab_wait 20 one_ike_sa
	down
}
# It takes nothing else, and a user who does not know that is told.
childless() {
	local conf=/lab/roots/gw/etc/swanctl/swanctl.conf m
	cp $conf /run/swanctl.childless
	sed -i 's/version = 2/&\n		childless = force/' $conf
	gw_swanctl --load-conns
	for m in psk eap; do
		before
		quietly plugin_profile vpn $m 198.51.100.2
		not nmcli -w 30 connection up vpn
		lab_wait 5 vpn_is_down
		clean_within 2
	done
	[ "$(we_said 'Set the key .*childless.* to yes' | wc -l)" = 2 ]
	gw_is_empty
	for m in psk eap; do
		up $m childless=yes
		[ "$(gateway_said 'parsed CREATE_CHILD_SA request' | wc -l)" = 1 ]
		rekeyings_mark
		gw_rekey_child
		lab_wait 5 rekeyings_grew 1 0
		gw_rekey_ike
		lab_wait 5 rekeyings_grew 1 1
		ping4
		down
	done
	# a new IKE SA beside it, which begins without a Child SA as well
	up psk childless=yes reauth=yes ike-lifetime=20s rekey-margin=5s
	lab_wait 60 we_said 'IKE SA #2 replaces #1'
	lab_wait 10 one_ike_sa
	ping4
	vpn_is_up
	down
}
childless_over() {
	cp /run/swanctl.childless /lab/roots/gw/etc/swanctl/swanctl.conf
	gw_swanctl --load-conns
}
collided() { [ "$(gateway_said 'detected CHILD_REKEY collision' | wc -l)" -ge 3 ] && gateway_said 'detected IKE_REKEY collision'; }
one_ike_sa() { [ "$(gw_ike_sas)" = 1 ]; }
# Libreswan is told to renew the same as soon as it is seen that we do.  It sends at once on the Child SA that we ask for; when
# that is the one that goes (RFC 7296 section 2.8.1), which we never have, what it sends until our Delete is lost.  It keeps both
# IKE SAs and both Child SAs; and it has moved the Child SA to the IKE SA that we asked for, so that it forgets the Child SA when
# that is the one that goes: which we notice when we rekey that.
at_once_told() { # child|ike KEY=VALUE...
	local what=$1 n early
	shift
	wire_slow 250
	up psk "$@"
	wire_watch_creates eth0
	early=$(too_early)
	probe_start 50 10.10.0.2
	for n in 1 2 3; do
		wire_next_create 192.0.2.2 eth0
		quietly gw_rekey_$what || :
	done
	sleep 5
	n=$(wire_collisions)
	[ "$n" -ge 2 ]
	case $what in
	child) probe_stop || only_early $((n * 25)) ;;
	ike) quietly probe_stop || lab_wait 6 ping -q -n -c1 -W1 10.10.0.2 ;;
	esac
	wire_slow off
	ping4
	vpn_is_up
	lab_wait 120 one_of_each # (for so long it is left to the other end to delete what it rekeyed)
	nmcli -w 10 connection down vpn
	clean_within 2
	quietly gw_whack --terminate --name psk4
	lab_wait 20 gw_is_empty
}
one_of_each() { # of ours
	nm-ipsec --json status vpn >"$LAB_OUT/status"
	python3 <"$LAB_OUT/status" -c 'import json, sys
sas = json.load(sys.stdin)[0]["sas"]
sys.exit(len(sas) != 1 or len(sas[0]["children"]) != 1)'
}
# Two hundred in a minute, and not one packet is missing.  (Libreswan deletes the old one after a second, and does nothing else until
# then: we rekey, which may make it too early for a packet or two of its, as in matrix.sh.)
renew() {
	if [ $kind = strongswan ]; then gw_rekey_child || sleep 0.05 # (it may be about to delete the one before)
	else labtool wear 198.51.100.2 && sleep 0.1; fi
}
many() {
	local start early
	up psk
	early=$(too_early)
	probe_start 100 10.10.0.2
	start=$(labtool now)
	until quietly rekeyings_grew 200 0; do
		quietly renew
		[ $(($(labtool now) - start)) -le 60000 ]
	done
	case $kind in
	strongswan) probe_stop ;;
	libreswan) probe_stop || only_early 50 ;;
	esac
	down
}

esp_states() { ip -o xfrm state | grep -c 'proto esp'; }
for_all() { # it gives no processor keys of its own (RFC 9611), and there is one Child SA, also after rekeyings by either
	up psk cpus=4 esp-lifetime=10s rekey-margin=3s
	we_said 'is for all processors: '
	[ "$(esp_states)" = 2 ]
	lab_wait 60 rekeyings_grew 2 0
	quietly gw_rekey_child || :
	lab_wait 20 sh -c '[ "$(ip -o xfrm state | grep -c "proto esp")" = 2 ]'
	ping4
	down
}

for m in 576 1280; do
	case_ "$1/fragments/$m" fragments $m
	net_mtu 1500
	wire_open
	tidy
done
for m in 'psk cert' 'cert psk'; do
	case_ "$1/mixed/${m% *}" mixed $m
	quietly mixed_over ${m% *} >/dev/null 2>&1
	tidy
done
case_ "$1/moves" moves
quietly wire_move 192.0.2.2
tidy
case_ "$1/no-address" no_address
quietly no_address_over
tidy
case $kind in
strongswan)
	case_ "$1/other-address" other_address
	quietly in_router nft delete table inet dead
	tidy
	case_ "$1/redirect" redirect eap 198.51.100.7
	tidy
	for w in init auth; do
		case_ "$1/redirect/$w" redirect_early $w 198.51.100.7
		tidy
	done
	case_ "$1/at-once" at_once
	tidy
	case_ "$1/many" many
	tidy
	case_ "$1/childless" childless
	quietly childless_over >/dev/null
	tidy
	;;
libreswan)
	[ "$1" = $kind ] || { case_ "$1/resumed" resumed; tidy; }
	case_ "$1/at-once/child" at_once_told child esp-lifetime=20s rekey-margin=3s
	quietly wire_slow off
	tidy
	case_ "$1/at-once/ike" at_once_told ike ike-lifetime=20s esp-lifetime=60s rekey-margin=3s
	quietly wire_slow off
	tidy
	case_ "$1/many" many
	tidy
	case_ "$1/redirect/for-ever" redirect_for_ever
	tidy
	case_ "$1/nobody" nobody
	tidy
	;;
esac
case_ "$1/for-all" for_all
tidy
case_ "$1/cookies" cookies
tidy
finish
