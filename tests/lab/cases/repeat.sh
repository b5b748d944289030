# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 700
# repeat.sh: a hundred activations and deactivations in a row, and nothing grows: memory, descriptors, processes, SAs,
# policies, interfaces, routes, tables, files.
. "$LAB_SRC/guest/case.sh"
lab_up strongswan || exit 1

again() { # TIMES
	local i=0
	while [ $i -lt "$1" ]; do
		# (nobody's errexit: it is called quietly)
		nmcli -w 30 connection up vpn >/dev/null && ping -q -n -c1 -W2 10.10.0.2 >/dev/null &&
			nmcli -w 10 connection down vpn >/dev/null && lab_wait 5 idle || return 1
		i=$((i + 1))
	done
}
idle() { vpn_is_down && [ -z "$(labtool pids nm-ipsec-service nm-ipsec-helper)" ]; }
descriptors() { for p in $(labtool pids NetworkManager dbus-daemon); do ls /proc/$p/fd; done | wc -l; }
# In KiB: what NetworkManager and the bus hold, and what the whole machine has left.
held() { for p in $(labtool pids NetworkManager dbus-daemon); do grep VmRSS /proc/$p/status; done | awk '{ n += $2 } END { print n }'; }
left() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemFree/ { print $2 }' /proc/meminfo
}
things() { # one a line: everything that could have been left, in numbers
	echo "SAs $(ip -o xfrm state | wc -l)"
	echo "policies $(ip -o xfrm policy | grep -vc 'socket ' || :)"
	echo "links $(ip -o link | wc -l)"
	echo "routes $(ip route show table all | wc -l) $(ip -6 route show table all | wc -l)"
	echo "rules $(ip rule | wc -l) $(ip -6 rule | wc -l)"
	echo "tables $(nft list tables | wc -l)"
	echo "files $(find /run /tmp /var/lib -xdev ! -path '/run/lab*' -name '*ipsec*' | wc -l)"
	echo "sockets $(cat /proc/net/udp /proc/net/udp6 /proc/net/netlink | wc -l)"
	echo "descriptors $(descriptors)"
}
hundred() {
	before
	quietly plugin_profile vpn eap 198.51.100.2
	quietly again 10 # whatever is kept from the first times
	things >/run/things
	held=$(held) left=$(left)
	quietly again 100
	things >/run/things-now
	diff /run/things /run/things-now
	echo "NetworkManager and bus: $held, then $(held) KiB; free: $left, then $(left) KiB"
	[ $(($(held) - held)) -lt 2048 ]
	[ $((left - $(left))) -lt 8192 ]
	nmcli connection delete vpn
	clean_within 3
}
case_ repeat/hundred hundred
finish
