# SPDX-License-Identifier: GPL-2.0-or-later
# uplinks.sh - what happens to two uplinks and their addresses.  Sourced in the guest, after case.sh and wire.sh.
#
# happens WHAT: makes it happen. uplinks_restore: everybody again where he was.

uplinks_restore() {
	local u
	nmcli connection modify eth0 ipv4.route-metric 200 ipv6.route-metric 200 ipv4.addresses 192.0.2.2/24
	for u in eth0 eth1; do
		net_cable $u up
		in_router nft delete table inet hole 2>/dev/null || :
		nmcli -w 10 connection up $u >/dev/null 2>&1 || nmcli -w 10 connection up $u >/dev/null
	done
	lab_wait 5 ping -q -n -c1 -W1 198.51.100.2
}
# The uplink is there and swallows everything.
short_hole() { # UPLINK - for half a second, and then there is time to see what came of it
	local c="c${1#eth}"
	# (the kernel ends it: removing a table takes longer, and how long depends on what else the machine does)
	printf '%s\n' 'table inet hole {' 'set dark {' 'type ifname' 'flags timeout' "elements = { \"$c\" timeout 500ms }" '}' \
		'chain in {' 'type filter hook prerouting priority -400;' 'iifname @dark counter drop' '}' \
		'chain out {' 'type filter hook postrouting priority 400;' 'oifname @dark drop' '}' '}' | in_router nft -f -
	sleep 5
	in_router nft list table inet hole | grep -q 'packets [1-9]' # it was there
	in_router nft delete table inet hole
}
black_hole() { # UPLINK
	printf '%s\n' 'table inet hole {' 'chain in {' 'type filter hook prerouting priority -400;' "iifname \"c${1#eth}\" drop" '}' \
		'chain out {' 'type filter hook postrouting priority 400;' "oifname \"c${1#eth}\" drop" '}' '}' | in_router nft -f -
}
nat_forgets() { # the router maps to other ports from now on
	printf '%s\n' 'delete table ip nat' 'table ip nat {' 'chain post {' 'type nat hook postrouting priority 100;' \
		'oifname "gw" meta l4proto udp masquerade to :2000-3000' 'oifname "gw" masquerade' '}' '}' | in_router nft -f -
	in_router conntrack -F >/dev/null 2>&1
}
happens() {
	case $1 in
	metric) nmcli connection modify eth0 ipv4.route-metric 900 && nmcli -w 10 device reapply eth0 ;;
	address) wire_move 192.0.2.77 ;;
	cable) net_cable eth0 down ;;
	blink) net_cable eth0 down && sleep 2 && net_cable eth0 up ;;
	disconnect) nmcli -w 10 device disconnect eth0 ;;
	rebind | rebind-silent) nat_forgets ;;
	blackhole) black_hole eth0 ;;
	esac
}
