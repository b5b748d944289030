# SPDX-License-Identifier: GPL-2.0-or-later
# wire.sh - what the router does to packets, and what it has seen of them; the client's own address.

# IP fragments are counted, and go no further.  (Before anything that would put them together.)
wire_no_ip_fragments() {
	printf '%s\n' 'table inet wire {' 'counter cut {' '}' 'chain in {' 'type filter hook prerouting priority -450;' \
		'ip frag-off & 0x3fff != 0 counter name cut drop' 'exthdr frag exists counter name cut drop' '}' '}' | in_router nft -f -
}
wire_ip_fragments() { in_router nft list counter inet wire cut | awk '/packets/ { print $2 }'; }
# Is what is too long for this MTU cut up by IKE, and by nobody else?  (An IP packet of 576 octets may not be enough for a
# fragment of IKE.)
wire_fragments() { # MTU COMMAND... - that connects
	local mtu=$1
	shift
	net_mtu "$mtu"
	[ "$mtu" -lt 1280 ] || wire_no_ip_fragments
	"$@"
	[ "$mtu" -lt 1280 ] || [ "$(wire_ip_fragments)" = 0 ]
	wire_open
	lab_wait 20 ping -q -n -c1 -W1 -s 1300 10.10.0.2
}
wire_cut() { echo 'table inet wire { chain out { type filter hook forward priority 0; drop; }; }' | in_router nft -f -; }
wire_open() {
	in_router nft delete table inet wire 2>/dev/null || :
	ip route flush cache
}
wire_move() { # ADDRESS - of eth0, instead of the one that it has
	nmcli connection modify eth0 ipv4.addresses "$1/24"
	nmcli -w 10 device reapply eth0
}
# Do all SAs of the client have IP-TFS?  (iproute2 knows its number only.)
wire_iptfs() { # all SAs, of which there are some
	local n
	n=$(ip xfrm state | grep -c 'mode 5') && [ "$n" = "$(ip -o xfrm state | wc -l)" ]
}
wire_iptfs_wanted() { # what the kernel cannot do, nobody can show
	! journal_text <"$LAB_OUT/journal" | grep -q 'without IP-TFS: the kernel cannot' || skip "this kernel has no IP-TFS"
}
# The longest time without an answer, of labprobe's last run, ms.
wire_longest() { sed -n 's/.*longest=\([0-9]*\).*/\1/p' /run/probe.out; }
