# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# tcp.sh [libreswan13|lsw13|uplinks] - IKE and ESP in TCP (RFC 9329): our client and our server; alone and as a fallback
# for UDP, through NAT, with rekeying and broken connections, and what is said when it cannot be.  uplinks: our two ends,
# and a client with two of them; libreswan13: our client and Debian 13's Libreswan; lsw13: the other way round.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/gw-own.sh"
. "$LAB_SRC/guest/lsw.sh"
can=$(grep -cw espintcp /proc/sys/net/ipv4/tcp_available_ulp)
case $* in *uplinks) . "$LAB_SRC/guest/wire.sh" && . "$LAB_SRC/guest/uplinks.sh" && NET_UPLINKS=2 NM_UPLINKS='eth0 eth1' ;; esac
if [ "${1:-}" = libreswan13 ]; then
	export GW_TREES='libreswan13 debian13' GW_SETUP=listen-tcp=yes GW_SETTINGS=enable-tcp=fallback GW_REKEY_CHILD=--rekey-child
	lab_up libreswan || exit 1
else
	export LSW_TREES='libreswan13 debian13' LSW_SETTINGS=enable-tcp=yes
	lab_up own psk tcp=fallback || exit 1
fi

pings() { ping4 && ping6; }
in_tcp() { # all SAs, both ends; what only waits for one is none
	for n in client gateway; do
		if [ $n = client ]; then ip xfrm state; else ip -n gateway xfrm state; fi
	done | awk '/proto esp spi/ && !/ 0x00000000 / { sas++ } /encap type espintcp/ { tcp++ } END { exit !(sas == tcp && sas >= 4) }'
}
in_udp() { ! ip xfrm state | grep -q espintcp && [ -n "$(ip xfrm state)" ]; }
gateway_is_empty() { [ -z "$(ip -n gateway -o xfrm state)" ] && [ -z "$(ip -n gateway -o xfrm policy | grep -v 'socket ')" ]; }
client_port() { ip xfrm state | sed -n '/^src 192.0.2.2/,/^src/s/.*espintcp sport \([0-9]*\) .*/\1/p' | head -n 1; }
ss_count() { in_gateway ss -Htn state established "sport = :${1:-4500}" | wc -l; }
resets() { # on|off: the router resets whatever TCP goes through it
	printf '%s\n' 'table inet broken {' 'chain f {' 'type filter hook forward priority 0;' '}' '}' 'delete table inet broken' | in_router nft -f -
	[ "$1" = off ] || printf '%s\n' 'table inet broken {' 'chain f {' 'type filter hook forward priority 0;' \
		'meta l4proto tcp reject with tcp reset' '}' '}' | in_router nft -f -
}
port_changed() { [ -n "$(client_port)" ] && [ "$(client_port)" != "$1" ]; }

alone() { # METHOD [KEY=VALUE...]: UDP is not even tried
	local method=$1
	shift
	own_serve $method tcp=yes
	net_nat on
	net_block udp esp
	before
	quietly plugin_profile vpn $method 198.51.100.2 tcp=yes "$@"
	nmcli -w 30 connection up vpn
	pings
	in_tcp
	we_said 'in TCP'
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gateway_is_empty
	lab_wait 5 sh -c "[ \$(ip netns exec gateway ss -Htn state established 'sport = :4500' | wc -l) = 0 ]"
	# and once more, to be sent away by the server
	nmcli -w 30 connection up vpn
	pings
	own_nmcli -w 10 connection down server
	lab_wait 10 vpn_is_down
	lab_wait 5 gateway_is_empty
}
alone6() {
	own_serve psk tcp=yes tcp-port=443
	quietly plugin_profile vpn psk 2001:db8:2::2 tcp=yes tcp-port=443
	nmcli -w 30 connection up vpn
	pings
	in_tcp
	nmcli -w 10 connection down vpn
	lab_wait 5 gateway_is_empty
}
rekeys() {
	own_serve psk tcp=yes
	quietly plugin_profile vpn psk 198.51.100.2 tcp=yes esp-lifetime=10s ike-lifetime=14s rekey-margin=3s
	nmcli -w 30 connection up vpn
	probe_start 50 10.10.0.2 2001:db8:10::2
	sleep 30
	probe_stop
	in_tcp
	[ "$(ss_count)" = 1 ]
	nmcli -w 10 connection down vpn
}
# The connection breaks, the tunnel does not.
break_connection() {
	local port
	port=$(client_port)
	resets on
	ping -q -n -c 3 -i 0.2 -W 1 10.10.0.2 || :
	sleep 2
	resets off
	lab_wait 10 port_changed "$port"
	lab_wait 5 ping4
}
broken() { # [KEY=VALUE...]
	own_serve psk tcp=yes
	quietly plugin_profile vpn psk 198.51.100.2 tcp=yes log-level=7 "$@"
	nmcli -w 30 connection up vpn
	pings
	break_connection
	in_tcp
	[ "$(journal_since | journal_text | grep -c 'The tunnel to .* is up')" = 1 ]
	nmcli -w 10 connection down vpn
	lab_wait 5 gateway_is_empty
}
refuse_udp() { # the router says that there is nobody
	printf '%s\n' 'table inet refuse {' 'chain f {' 'type filter hook forward priority 0;' 'meta l4proto udp reject' \
		'meta l4proto esp reject' '}' '}' | in_router nft -f -
}
fallback() { # what the network drops; "refused"
	local start before_ms
	own_serve psk tcp=fallback
	rm -rf /run/NetworkManager/ike-groups
	quietly plugin_profile vpn psk 198.51.100.2 tcp=fallback
	before
	nmcli -w 30 connection up vpn
	in_udp
	nmcli -w 10 connection down vpn
	clean_within 2
	if [ "$1" = refused ]; then refuse_udp; else net_block "$@"; fi
	start=$(labtool now)
	nmcli -w 30 connection up vpn
	before_ms=$(($(labtool now) - start))
	[ $before_ms -lt 12000 ]
	pings
	in_tcp
	nmcli -w 10 connection down vpn
	clean_within 2
	# the second time it is known: UDP is not tried
	printf '%s\n' 'table inet tried {' 'chain c {' 'type filter hook prerouting priority -310;' \
		'udp dport { 500, 4500 } counter' '}' '}' | in_router nft -f -
	nmcli -w 30 connection up vpn
	in_tcp
	in_router nft list table inet tried | grep -q 'packets 0 '
	in_router nft delete table inet tried
	nmcli -w 10 connection down vpn
	in_router nft delete table inet refuse || :
	net_block
}
failures() {
	own_serve psk
	quietly plugin_profile vpn psk 198.51.100.2 tcp=yes
	not nmcli -w 30 connection up vpn
	journal_since | grep -q NM_IPSEC_REASON=TCP_CLOSED
	we_said 'takes no TCP connection'
	net_block tcp
	not nmcli -w 30 connection up vpn
	[ "$(journal_since | grep -c NM_IPSEC_REASON=TCP_CLOSED)" = 2 ]
	net_block
}

cannot() { # Debian's kernels
	quietly plugin_profile vpn psk 198.51.100.2 tcp=yes
	not nmcli -w 30 connection up vpn
	journal_since | grep -q NM_IPSEC_REASON=NO_ESP_IN_TCP
	own_log | grep -q 'no ESP in TCP'
	quietly plugin_profile vpn psk 198.51.100.2 tcp=fallback
	nmcli -w 30 connection up vpn
	pings
	in_udp
	nmcli -w 10 connection down vpn
}

# Libreswan's gateway; it rekeys, we disconnect, it disconnects.
libreswan() { # METHOD [KEY=VALUE...]
	local method=$1
	shift
	net_block udp esp
	before
	quietly plugin_profile vpn $method 198.51.100.2 tcp=yes "$@"
	nmcli -w 30 connection up vpn
	ping4
	in_tcp
	rekeyings_mark
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	ping4
	gw_rekey_ike
	lab_wait 5 rekeyings_grew 1 1
	ping4
	in_tcp
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gw_is_empty
	nmcli -w 30 connection up vpn
	ping4
	gw_disconnect
	lab_wait 10 vpn_is_down
	lab_wait 5 gw_is_empty
}
libreswan_fallback() {
	net_block udp
	quietly plugin_profile vpn psk 198.51.100.2 tcp=fallback
	nmcli -w 30 connection up vpn
	ping4
	in_tcp
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
}
# (pluto 5.2 answers by the connection that broke, and closes ours)
libreswan_broken() { # [KEY=VALUE...]
	quietly plugin_profile vpn psk 198.51.100.2 tcp=yes "$@"
	nmcli -w 30 connection up vpn
	ping4
	break_connection
	nmcli -w 10 connection down vpn
}
# One of two uplinks swallows everything: TCP gets its time to repeat, and then the tunnel is at the other one.
swallowed() { # LIMIT [KEY=VALUE...]
	local limit=$1 leaked
	shift
	own_serve psk tcp=yes
	leaked=$(net_leaked)
	before
	quietly plugin_profile vpn psk 198.51.100.2 tcp=yes persistent=true log-level=7 "$@"
	nmcli -w 30 connection up vpn
	pings
	probe_start 100 10.10.0.2
	sleep 2
	short_hole eth0 # what TCP can mend is no reason
	ip xfrm state | grep -q '^src 192.0.2.2 dst 198.51.100.2$'
	[ "$(journal_since | journal_text | grep -c 'The tunnel to .* is up')" = 1 ]
	black_hole eth0
	sleep 10
	vpn_is_up
	probe_stop || :
	[ "$(wire_longest)" -le "$limit" ]
	pings
	in_tcp
	ip xfrm state | grep -q '^src 192.0.3.2 dst 198.51.100.2$'
	[ "$(net_leaked)" = "$leaked" ]
	nmcli -w 10 connection down vpn
	quietly uplinks_restore
	clean_within 2
	nmcli connection delete vpn
}
far() { # COMMAND... - over a round trip of 50 ms
	net_netem delay 25ms
	"$@"
}
# Libreswan's client.
lsw_client() { # METHOD
	own_serve "$1" tcp=yes
	net_block udp esp
	lsw_up
	lsw auto --up "$1"
	ping4
	in_tcp
	lsw_rekeys "$1" child
	in_tcp
	lsw whack --terminate --name "$1"
	lab_wait 5 gateway_is_empty
	lsw auto --up "$1"
	own_nmcli -w 10 connection down server
	lab_wait 5 gateway_is_empty
	lsw_down
	net_block
}

case ${1:-} in
libreswan13)
	for m in psk rsa; do
		case_ tcp/libreswan/$m libreswan $m
		tidy
	done
	case_ tcp/libreswan/fallback libreswan_fallback
	tidy
	case_ tcp/libreswan/broken/mobike libreswan_broken
	tidy
	case_ tcp/libreswan/broken/plain libreswan_broken mobike=no
	tidy
	finish
	;;
lsw13)
	for m in psk rsa; do
		case_ tcp/lsw/$m lsw_client $m
		tidy
	done
	finish
	;;
esac
if [ "${1:-}" = uplinks ]; then
	[ "$can" != 0 ] || { echo "SKIP tcp uplinks (this kernel has no ESP in TCP)" && exit 77; }
	case_ tcp/black-hole/mobike swallowed 1000
	tidy
	quietly uplinks_restore >/dev/null 2>&1 || :
	case_ tcp/black-hole/plain swallowed 1000 mobike=no
	tidy
	quietly uplinks_restore >/dev/null 2>&1 || :
	case_ tcp/black-hole/far/mobike far swallowed 1400
	tidy
	quietly uplinks_restore >/dev/null 2>&1 || :
	case_ tcp/black-hole/far/plain far swallowed 1400 mobike=no
	tidy
	finish
fi
if [ "$can" = 0 ]; then
	case_ tcp/kernel-cannot cannot
	tidy
	finish
fi
case_ tcp/alone/psk alone psk
tidy
case_ tcp/alone/eap alone eap mobike=no
tidy
case_ tcp/alone/ipv6 alone6
tidy
case_ tcp/rekeys rekeys
tidy
case_ tcp/broken/mobike broken
tidy
case_ tcp/broken/plain broken mobike=no
tidy
case_ tcp/fallback/udp fallback udp esp
tidy
case_ tcp/fallback/4500 fallback udp4500 esp
tidy
case_ tcp/fallback/refused fallback refused
tidy
case_ tcp/failures failures
tidy
finish
