# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 400
# mtu.sh strongswan|libreswan|strongswan13|libreswan13: a network that takes less than its links say, and drops what is
# larger without a word: the tunnel's MTU becomes what arrives.  Where all is well, or the profile names an MTU, nothing
# changes.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/wire.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: nobody else looks for it"; exit 77; }
kind=${1%1[34]}
[ "$1" = "$kind" ] || export GW_TREES="$1 debian${1#$kind}"
lab_up $kind || exit 1
in_host iperf3 -s -D >/dev/null 2>&1

# Towards the gateway there is only room for so much, both ways; nobody hears of it.  "whole": nor do fragments pass.
hole() { # MTU [whole]
	ip -n router link set gw mtu "$1"
	printf '%s\n' 'table inet hole {' 'chain out {' 'type filter hook output priority 0;' \
		'icmp type destination-unreachable icmp code 4 counter drop' 'icmpv6 type packet-too-big counter drop' '}' '}' | in_router nft -f -
	[ -z "${2:-}" ] || printf '%s\n' 'table inet hole {' 'chain in {' 'type filter hook prerouting priority -450;' \
		'ip frag-off & 0x3fff != 0 counter drop' 'exthdr frag exists counter drop' '}' '}' | in_gateway nft -f -
}
hole_end() {
	ip -n router link set gw mtu 1500
	in_router nft delete table inet hole 2>/dev/null || :
	in_gateway nft delete table inet hole 2>/dev/null || :
	net_nat off
	ip route flush cache
}
up() { # GATEWAY [KEY=VALUE...]
	local gateway=$1
	shift
	before
	${first:-:}
	quietly plugin_profile vpn psk "$gateway" log-level=7 "$@"
	nmcli -w 30 connection up vpn
	ping4
	dev=$(snap | diff /run/snap-before - | sed -n 's/^> LINK //p')
	[ -n "$dev" ] || skip "no interface of its own"
}
mtu() { cat "/sys/class/net/$dev/mtu"; }
down() {
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	hole_end
	lab_wait 5 gw_is_empty
	clean_within 2
}
# Whole packets of this size arrive, and much of TCP, both ways.
carries() { # MTU
	ping -q -n -c 3 -i 0.2 -W 2 -M do -s $(($1 - 28)) 10.10.0.2
	not ping -q -n -c 1 -W 1 -M do -s $(($1 - 27)) 10.10.0.2
	iperf3 -c 10.10.0.2 -n 4M -J >/run/iperf
	iperf3 -c 10.10.0.2 -n 4M -J -R >/run/iperf
}

good() { # GATEWAY [KEY=VALUE...]
	up "$@"
	lab_wait 5 we_said 'packets of 1500 octets arrive'
	[ "$(we_said 'sent INFORMATIONAL .probe. request' | wc -l)" = 1 ]
	before=$(mtu)
	carries "$before"
	not we_said 'though nothing says so|MTU is now'
	[ "$(we_said 'The tunnel to .* is up' | wc -l)" = 1 ]
	down
}
exact() { # ESP MTU
	good 198.51.100.2 esp="$1"
	[ "$before" = "$2" ]
}
# The route by which all began is gone by the time that the tunnel is up: what the kernel kept of it for the socket knows
# no size any more.
rerouted() {
	first=first_route up 198.51.100.2
	net_netem
	[ -z "$(ip route show proto 99)" ]
	lab_wait 5 we_said 'packets of 1500 octets arrive'
	[ "$(mtu)" = 1446 ]
	down
}
first_route() {
	net_netem delay 150ms
	ip route add 198.51.100.2/32 via 192.0.2.1 dev eth0 proto 99
	{ lab_wait 10 we_said 'sent IKE_AUTH request' && ip route del 198.51.100.2/32 proto 99; } &
}
swallows() { # GATEWAY OVERHEAD [whole] - of ESP and what is around it, in a hole of 1400
	hole 1400 ${3:-}
	up "$1"
	lab_wait 30 we_said 'those of 1400 octets arrive'
	lab_wait 5 sh -c "[ \$(cat /sys/class/net/$dev/mtu) = $((1400 - $2)) ]"
	carries $((1400 - $2))
	# without another tunnel, or an end of this one
	[ "$(we_said 'The tunnel to .* is up' | wc -l)" = 1 ]
	[ "$(we_said 'a new IKE SA beside' | wc -l)" = 0 ] || echo "a new IKE SA took over"
	down
}
natted() { net_nat on && "$@"; }
given() {
	up 198.51.100.2 mtu=1420
	ping4
	not we_said 'INFORMATIONAL .probe.'
	[ "$(mtu)" = 1420 ]
	down
}
# What ICMP says is believed at once, and exactly.
honest() {
	ip -n router link set gw mtu 1444
	up 198.51.100.2
	lab_wait 30 we_said 'packets of 1444 octets arrive'
	lab_wait 5 sh -c "[ \$(cat /sys/class/net/$dev/mtu) = $((1444 - $1)) ]"
	carries $((1444 - $1))
	down
}
# A path without a hole, then one with it, and back.
moves() {
	up 198.51.100.2
	lab_wait 5 we_said 'packets of 1500 octets arrive'
	usual=$(mtu)
	hole 1400
	wire_move 192.0.2.77
	lab_wait 10 we_said 'the tunnel is at 192.0.2.77'
	lab_wait 30 we_said 'those of 1400 octets arrive'
	lab_wait 5 sh -c "[ \$(cat /sys/class/net/$dev/mtu) = $((1400 - $1)) ]"
	carries $((1400 - $1))
	hole_end
	wire_move 192.0.2.2
	lab_wait 10 we_said 'the tunnel is at 192.0.2.2($|[^0-9])'
	lab_wait 10 sh -c "[ \$(cat /sys/class/net/$dev/mtu) = $usual ]"
	carries "$usual"
	[ "$(we_said 'The tunnel to .* is up' | wc -l)" = 1 ]
	down
}

# AES-GCM: 54 octets around a packet that needs no padding, in IPv4, 8 more in UDP, 20 in IPv6
case_ "$1/good" good 198.51.100.2
# (with an outer address of IPv6 the lab's Libreswan gives no inner one of IPv4)
[ $kind = libreswan ] || case_ "$1/good-ip6" good 2001:db8:2::2
case_ "$1/good-nat" natted good 198.51.100.2
case_ "$1/exact-stream" exact aes256gcm16 1446
case_ "$1/exact-blocks" exact aes256-sha256 1438
case_ "$1/rerouted" rerouted
case_ "$1/hole" swallows 198.51.100.2 54
case_ "$1/hole-nat" natted swallows 198.51.100.2 62
[ $kind = libreswan ] || case_ "$1/hole-ip6" swallows 2001:db8:2::2 74
case_ "$1/hole-whole" swallows 198.51.100.2 54 whole
case_ "$1/hole-whole-nat" natted swallows 198.51.100.2 62 whole
case_ "$1/given" given
case_ "$1/honest" honest 54
case_ "$1/moves" moves 54
finish
