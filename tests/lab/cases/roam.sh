# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# roam.sh: two uplinks, an echo a hundred times a second, and what happens to uplinks and their addresses. The tunnel must
# survive, traffic must flow again soon, and nothing for the protected networks may be seen in the clear outside.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/wire.sh"
. "$LAB_SRC/guest/uplinks.sh"
NET_UPLINKS=2 NM_UPLINKS='eth0 eth1'
lab_up strongswan || exit 1
IPSEC=org.freedesktop.NetworkManager.ipsec

roam() { # WHAT LIMIT - milliseconds for the longest gap
	leaked=$(net_leaked)
	[ "$1" != rebind ] || net_nat on
	quietly plugin_profile vpn eap 198.51.100.2 persistent=true
	nmcli -w 30 connection up vpn
	ping4
	ups=$(journal_since | grep -c 'is up' || :)
	probe_start 100 10.10.0.2
	sleep 2
	happens "$1"
	sleep "${3:-10}"
	vpn_is_up
	probe_stop || :
	[ "$(wire_longest)" -le "$2" ]
	ping4
	[ "$(net_leaked)" = "$leaked" ]
	# the same tunnel, not another one
	[ $plugin_service != $IPSEC ] || [ "$(journal_since | grep -c 'is up')" = "$ups" ]
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	[ "$1" != rebind ] || net_nat off
	quietly uplinks_restore
}
# The gateway knows no MOBIKE: the tunnel is made anew by the other uplink, as soon as the first one swallows everything.
no_mobike() { # LIMIT
	local conf=/lab/roots/gw/etc/swanctl/swanctl.conf
	leaked=$(net_leaked)
	cp $conf /run/swanctl.conf
	sed -i 's/mobike = yes/mobike = no/' $conf
	gw_swanctl --load-conns
	quietly plugin_profile vpn eap 198.51.100.2 persistent=true
	nmcli -w 30 connection up vpn
	ping4
	ups=$(journal_since | grep -c 'is up' || :)
	probe_start 100 10.10.0.2
	sleep 2
	short_hole eth0 # is no reason
	[ "$(journal_since | grep -c 'is up')" = "$ups" ]
	black_hole eth0
	sleep 10
	vpn_is_up
	probe_stop || :
	[ "$(wire_longest)" -le "$1" ]
	ping4
	[ "$(net_leaked)" = "$leaked" ]
	[ "$(journal_since | grep -c 'is up')" = $((ups + 1)) ]
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	cp /run/swanctl.conf $conf
	gw_swanctl --load-conns
	quietly gw_forget # the one that nobody could take leave of
	quietly uplinks_restore
}
# Only the gateway's side sends: the client says nothing that the NAT could learn a new mapping from.
rebind_silent() {
	net_nat on
	quietly plugin_profile vpn eap 198.51.100.2
	nmcli -w 30 connection up vpn
	ping4
	vip=$(ip -4 -o addr show dev ipsec0 | sed 's/.*inet \([0-9.]*\).*/\1/')
	printf '%s\n' 'table inet silent {' 'chain out {' 'type filter hook output priority 0;' 'oifname "ipsec0" drop' '}' '}' | nft -f -
	in_host bash -c "echo \$\$ >/run/sender.pid; while sleep 0.1; do echo x >/dev/udp/$vip/9999; done" &
	sleep 5
	nat_forgets
	sleep 2
	a=$(cat /sys/class/net/ipsec0/statistics/rx_packets)
	sleep 2
	b=$(cat /sys/class/net/ipsec0/statistics/rx_packets)
	kill "$(cat /run/sender.pid)"
	nft delete table inet silent
	[ $((b - a)) -ge 4 ] # so many at least, however slow the sender is
	vpn_is_up
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	net_nat off
}
# The user's address is not on the uplink that NetworkManager likes best, and its provider lets nobody else's addresses
# out: all goes by the uplink of the address, before the first message and when it has been away.
strangers() { in_router nft list counter inet strict strangers | awk '/packets/ { print $2 }'; }
local_address() { # GATEWAY ADDRESS LIMIT - of which two seconds are without the cable; IPv6 looks for twins of its address
	local ip=ip
	case $2 in *:*) ip=ip6 ;; esac
	printf '%s\n' 'table inet strict {' 'counter strangers {' '}' 'chain in {' 'type filter hook prerouting priority -450;' \
		'iifname "c0" '"$ip saddr $2 counter name strangers drop" '}' '}' | in_router nft -f -
	lab_wait 10 sh -c "ip -o addr show dev eth1 -tentative | grep -q ' $2/'"
	leaked=$(net_leaked)
	quietly plugin_profile vpn eap $1 local-address=$2 persistent=true
	nmcli -w 30 connection up vpn
	ping4
	ip xfrm state | grep -q "^src $2 dst $1\$"
	ip route get $1 | grep -q 'dev eth1'
	nmcli connection modify eth0 ipv4.route-metric 50 ipv6.route-metric 50
	nmcli -w 10 device reapply eth0
	ping4
	[ "$(strangers)" = 0 ]
	ups=$(journal_since | grep -c 'is up' || :)
	probe_start 100 10.10.0.2
	net_cable eth1 down
	sleep 2
	net_cable eth1 up
	sleep 5
	vpn_is_up
	probe_stop || :
	[ "$(wire_longest)" -le "$3" ]
	[ "$(journal_since | grep -c 'is up')" = "$ups" ]
	[ "$(net_leaked)" = "$leaked" ]
	seen=$(strangers) # while the cable was out
	ping4
	[ "$(strangers)" = "$seen" ]
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	in_router nft delete table inet strict
	ip route get $1 | grep -q 'dev eth0'
	[ -z "$(ip nexthop)" ]
	quietly uplinks_restore
}
# The new network's route is there while the uplink's address is still looked for twins, and the kernel would take that which
# is good on the link alone. (Made by hand: NetworkManager's "reapply" makes that anew as well.)
alone() { # LIMIT
	leaked=$(net_leaked)
	nmcli connection modify eth1 ipv6.method link-local ipv6.addresses '' ipv6.gateway ''
	nmcli -w 10 connection up eth1
	lab_wait 10 sh -c "ip -o -6 addr show dev eth1 scope link -tentative | grep -q fe80"
	echo 3 >/proc/sys/net/ipv6/conf/eth1/dad_transmits
	lab_wait 5 ping -q -n -c1 -W1 2001:db8:2::2
	quietly plugin_profile vpn eap 2001:db8:2::2 persistent=true ipv6.method=disabled
	nmcli -w 30 connection up vpn
	ping4
	ups=$(journal_since | grep -c 'is up' || :)
	probe_start 100 10.10.0.2
	sleep 2
	nmcli -w 10 device disconnect eth0
	ip link set eth0 down # what NetworkManager has left there of the VPN's route
	ip addr add 2001:db8:3::2/64 dev eth1
	ip route add ::/0 via 2001:db8:3::1 dev eth1
	ip route get 2001:db8:2::2 | grep -q 'dev eth1 .*src fe80'
	sleep 10
	vpn_is_up
	probe_stop || :
	[ "$(wire_longest)" -le "$1" ]
	ping4
	[ "$(journal_since | grep -c 'is up')" = "$ups" ]
	[ "$(net_leaked)" = "$leaked" ]
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	echo 0 >/proc/sys/net/ipv6/conf/eth1/dad_transmits
	nmcli connection modify eth1 ipv6.method manual ipv6.addresses 2001:db8:3::2/64 ipv6.gateway 2001:db8:3::1
	quietly uplinks_restore
}
# The gateway deletes the Child SA every three seconds, ten times, by itself (its hard lifetime) or because somebody says
# so; it is made again, and what is sent in between waits or is lost, but does not leave.
deletions() { grep -c 'sending DELETE for ESP' "$LAB_OUT/charon.log" || :; }
child_deleted() { # lifetime|terminate
	local i=0 conf=/lab/roots/gw/etc/swanctl/swanctl.conf
	leaked=$(net_leaked) deleted=$(deletions)
	if [ "$1" = lifetime ]; then
		cp $conf /run/swanctl.conf
		sed -i 's/rekey_time = 2h/rekey_time = 3s/' $conf
		gw_swanctl --load-conns
	fi
	quietly plugin_profile vpn eap 198.51.100.2
	nmcli -w 30 connection up vpn
	ping4
	probe_start 100 10.10.0.2
	while [ $i -lt 10 ]; do
		sleep 3
		[ "$1" = lifetime ] || gw_swanctl --terminate --child net
		i=$((i + 1))
	done
	vpn_is_up
	probe_stop || :
	[ "$(wire_longest)" -le 500 ]
	[ $(($(deletions) - deleted)) -ge 9 ]
	[ "$(net_leaked)" = "$leaked" ]
	ping4
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	[ "$1" != lifetime ] || { cp /run/swanctl.conf $conf && gw_swanctl --load-conns; }
}
before
for c in 'metric 100' 'address 500' 'rebind 300' 'blink 2600' 'disconnect 1000' 'cable 1000' 'blackhole 2000'; do
	case_ "roam/${c% *}" roam $c
	tidy
	quietly uplinks_restore >/dev/null 2>&1 || :
done
if [ $plugin_service = $IPSEC ]; then
	case_ roam/blackhole/no-mobike no_mobike 1500
	tidy
	quietly uplinks_restore >/dev/null 2>&1 || :
	case_ roam/rebind-silent rebind_silent
	tidy
	for a in '198.51.100.2 192.0.3.2 3000' '2001:db8:2::2 2001:db8:3::2 4000'; do
		case_ "roam/local-address/${a%% *}" local_address $a
		tidy
		quietly uplinks_restore >/dev/null 2>&1 || :
	done
	case_ roam/alone alone 5000
	tidy
	quietly uplinks_restore >/dev/null 2>&1 || :
fi
for c in terminate lifetime; do
	case_ roam/child-deleted/$c child_deleted $c
	tidy
done
case_ roam/nothing-left clean_within 2
finish
