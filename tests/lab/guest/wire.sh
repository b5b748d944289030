# SPDX-License-Identifier: GPL-2.0-or-later
# wire.sh - what the router does to packets, and what it has seen of them; the client's own address.

# IP fragments are counted, and go no further.  (Before anything that would put them together.)
wire_no_ip_fragments() {
	printf '%s\n' 'table inet wire {' 'counter cut {' '}' 'chain in {' 'type filter hook prerouting priority -450;' \
		'ip frag-off & 0x3fff != 0 counter name cut drop' 'exthdr frag exists counter name cut drop' '}' '}' | in_router nft -f -
}
wire_ip_fragments() { in_router nft list counter inet wire cut | awk '/packets/ { print $2 }'; }
# Is what is too long for this MTU cut up by IKE, by both ends, and by nobody else?  (strongSwan has to be told that 1280 is too much,
# and what others as initiators have to say in IKE_SA_INIT, which IKE cannot cut, may be too long for 576: WIRE_WHOLE=1280.)
wire_fragments() { # MTU COMMAND... - that connects
	local mtu=$1 a
	shift
	net_mtu "$mtu"
	[ "$mtu" -lt "${WIRE_WHOLE:-576}" ] || wire_no_ip_fragments
	# RFC 7383: the first payload is an Encrypted Fragment
	in_router tcpdump -Z root --immediate-mode -l -n -i c0 '(udp port 500 and udp[24] = 53) or (udp port 4500 and udp[28] = 53)' \
		>/run/fragments 2>/run/fragments.err &
	lab_wait 5 grep -q listening /run/fragments.err
	"$@"
	cp /run/fragments "$LAB_OUT/fragments-$mtu"
	for a in 192.0.2.2 198.51.100.2; do [ "$(grep -c "IP $a\.[0-9]* >" /run/fragments)" -ge 2 ]; done
	[ "$mtu" -lt "${WIRE_WHOLE:-576}" ] || [ "$(wire_ip_fragments)" = 0 ]
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
# Of labprobe's last run: packets lost.
wire_lost() { sed -n 's/.* lost=\([0-9]*\).*/\1/p' /run/probe.out; }
# The longest time without an answer, of labprobe's last run, ms.
wire_longest() { sed -n 's/.*longest=\([0-9]*\).*/\1/p' /run/probe.out; }

# The exchanges CREATE_CHILD_SA, seen where one end is before they are under way: each way takes so long.
wire_creates='(udp port 500 and udp[26] = 36) or (udp port 4500 and udp[30] = 36)'
wire_slow() { # MILLISECONDS|off
	local l
	for l in gw c0; do
		if [ "$1" = off ]; then tc -n router qdisc del dev $l root 2>/dev/null || :
		else tc -n router qdisc replace dev $l root netem limit 10000 delay "$1ms"; fi
	done
}
wire_watch_creates() { # DEVICE [in_gateway]
	local device=$1
	shift
	"$@" tcpdump -Z root --immediate-mode -l -n -i "$device" "$wire_creates" >/run/creates 2>/run/creates.err &
	lab_wait 5 grep -q listening /run/creates.err
}
wire_next_create() { # ADDRESS DEVICE [in_gateway] - it asks for something
	local from=$1 device=$2
	shift 2
	"$@" timeout 60 tcpdump -Z root --immediate-mode -c 1 -n -i "$device" "src $from and ($wire_creates) and \
		((udp port 500 and udp[27] & 0x20 = 0) or (udp port 4500 and udp[31] & 0x20 = 0))" >/dev/null 2>&1
}
# How often one end has asked while the other's question was not answered yet.
wire_collisions() {
	cp /run/creates "$LAB_OUT/"
	awk '{ r = /\[I?R\]/ }
		!r { if (open && open != $3) n++; open = $3 }
		r { open = "" }
		END { print n + 0 }' /run/creates
}

# How much of what is sent at a rate may be lost when eth0 gets another address: what was under way, and what is sent until
# the first answer to an IKE packet from the new one (what we send before that need not get there), and the kernel is told.
wire_watch_moves() {
	ip -ts -4 monitor address dev eth0 >/run/moves &
	tcpdump -Z root --immediate-mode -l -n -i eth0 'udp port 500 or udp port 4500' >/run/moves.ike 2>/run/moves.err &
	lab_wait 5 grep -q listening /run/moves.err
}
wire_in_flight() { # RATE ROUND-TRIP-MS
	kill $(labtool pids ip) 2>/dev/null || :
	cp /run/moves /run/moves.ike "$LAB_OUT/"
	sed -n 's/^.*T\([0-9:.]*\)\] *Deleted .* eth0 .*inet \([0-9.]*\).*/\1 gone \2/p' /run/moves | sort - /run/moves.ike | awk -v rate="$1" -v rtt="$2" '
		{ split($1, t, ":"); now = t[1] * 3600 + t[2] * 60 + t[3] }
		$2 == "gone" { gone = now; old = $3 }
		$2 == "IP" && gone && index($5, "192.0.2.") == 1 && index($5, old ".") != 1 {
			n += int((now - gone + rtt / 1000) * rate) + 4
			gone = 0
		}
		END { print n + 0 }'
}
# When the client's other address took over at the gateway, by its packets there: the Nth IKE request from the new one, and after
# that nothing to the old one.
wire_watch_gateway() {
	in_gateway tcpdump -Z root --immediate-mode -l -n -i wan 'udp port 500 or udp port 4500 or esp' >/run/moves.gw 2>/run/moves.err &
	lab_wait 5 grep -q listening /run/moves.err
}
wire_moved() { # OLD NEW N - prints by how many ms the last packet to the old address was later
	cp /run/moves.gw "$LAB_OUT/"
	awk -v old="$1" -v new="$2" -v n="$3" '
		{ split($1, t, ":"); now = t[1] * 3600 + t[2] * 60 + t[3] }
		/isakmp/ && index($3, new ".") == 1 && !/\[I?R\]/ && ++seen == n { moved = now }
		/ESP/ && $5 == old ":" { last = now }
		END { if (!moved || !last) exit 1; print int((last - moved) * 1000) }' /run/moves.gw
}
