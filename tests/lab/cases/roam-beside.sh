# SPDX-License-Identifier: GPL-2.0-or-later
# roam-beside.sh [EVENT...]: the measuring half of ../roam-beside; a line for each event and plugin:
#   EVENT PLUGIN same|other|dead SENT LOST CLEAR GAP-MS STILL-MS
# SENT, LOST: an echo a hundred times a second. CLEAR: packets for the protected network that the router saw. GAP: the
# longest time without an answer. STILL: the longest time without an octet for iperf3, which goes on beside the echo.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/wire.sh"
. "$LAB_SRC/guest/uplinks.sh"
set -e
NET_UPLINKS=2 NM_UPLINKS='eth0 eth1'
: >/run/lab-start
for s in ipsec strongswan; do plugin_use $s && plugin_install; done
net_up $NET_UPLINKS
. "$LAB_SRC/guest/gw-strongswan.sh"
gw_strongswan &
g=$!
nm_up
wait $g
lab_wait 5 ping -q -c1 -W1 198.51.100.2

gw_sa() { gw_swanctl --list-sas | sed -n 's/^[^ ].*: #[0-9]*, ESTABLISHED.* \([0-9a-f]*\)_i.*/\1/p'; } # its SPI
stillness() { # the longest run of intervals of 0.1 s without an octet
	awk '/ sec / && !/(sender|receiver)/ { seen = 1; n = / 0\.00 Bytes / ? n + 1 : 0; if (n > most) most = n }
		END { print seen ? most * 100 : "-" }' /run/iperf.out
}
measure() { # EVENT PLUGIN
	local event=$1 vip sa leaked p i= state port seconds=12 # to be watched afterwards
	case $event in rebind*) net_nat on ;; esac
	plugin_use "$2"
	plugin_profile vpn eap 198.51.100.2 persistent=true >/dev/null
	nmcli -w 30 connection up vpn >/dev/null
	ping4 >/dev/null
	vip=$(nmcli -g IP4.ADDRESS connection show vpn)
	vip=${vip%%/*} sa=$(gw_sa) leaked=$(net_leaked)
	if [ $event = rebind-silent ]; then
		# nothing leaves, so that the NAT can learn nothing new from us
		printf '%s\n' 'table inet silent {' 'chain out {' 'type filter hook output priority 0;' "ip saddr $vip drop" \
			'ip6 saddr 2001:db8:20::/64 drop' '}' '}' | nft -f -
		labprobe -w -n /run/netns/host -r 100 "$vip" >/run/probe.out &
		p=$!
		seconds=30
	else
		port=$((5300 + ++rounds))
		in_host iperf3 -s -1 -p $port >/dev/null 2>&1 &
		i=$!
		lab_wait 10 sh -c "nsenter --net=/run/netns/host ss -Hltn sport = :$port | grep -q ."
		iperf3 -c 10.10.0.2 -p $port -R -b 4M -t 60 -i 0.1 --forceflush >/run/iperf.out 2>&1 &
		i="$i $!"
		labprobe -n /run/netns/host -r 100 10.10.0.2 >/run/probe.out &
		p=$!
	fi
	sleep 3
	happens $event >/dev/null
	sleep $seconds
	kill $p
	wait $p || :
	nft delete table inet silent 2>/dev/null || :
	[ -z "$i" ] || kill $i 2>/dev/null || :
	leaked=$(($(net_leaked) - leaked)) state=dead
	! ping4 >/dev/null 2>&1 || { state=other && [ "$(gw_sa)" != "$sa" ] || state=same; }
	sed -n "s/^[^ ]* sent=\([0-9]*\) lost=\([0-9]*\) .*longest=\([0-9]*\)/$event $2 $state \1 \2 $leaked \3/p" /run/probe.out |
		sed "s/\$/ $([ -n "$i" ] && stillness || echo -)/" >>"$LAB_OUT/roams"
	tail -n 1 "$LAB_OUT/roams"
	nmcli -w 10 connection down vpn >/dev/null 2>&1 || :
	nmcli connection delete vpn >/dev/null
	tidy
	uplinks_restore >/dev/null
	# what charon-nm keeps as long as nobody answers its goodbye would take the next one's packets
	for p in $(labtool pids charon-nm); do kill -KILL $p; done
	ip xfrm policy flush
	ip xfrm state flush
	gw_forget # what a client that is gone has left there would be taken for the next one's
	lab_wait 10 gw_is_empty || :
}
rounds=0
for event; do
	for s in ipsec strongswan; do measure "$event" $s; done
done
