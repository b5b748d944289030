# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 1200
# guard.sh: the kill switch. What the router sees of the protected networks in the clear is nothing, whatever happens to
# the tunnel, its processes and its uplinks; what must pass, passes; and in the end nothing is left.
. "$LAB_SRC/guest/case.sh"
NET_UPLINKS=2 NM_UPLINKS='eth0 eth1'
lab_up strongswan || exit 1

ping -q -n -c1 -W1 10.10.0.2 >/dev/null
[ "$(net_leaked)" != 0 ] || { echo "the router does not see what goes in the clear"; exit 1; }

blocks() { ip xfrm policy | grep -c 'action block' || :; }
blocked() { [ "$(blocks)" != 0 ]; }
gone() { [ -z "$(processes)" ]; }
leaked_is() { [ "$(net_leaked)" = "$1" ]; }
# Traffic for the protected networks all the time, of both IP versions, from wherever the kernel likes.
traffic_start() {
	labprobe -n /run/netns/host -r 50 10.10.0.2 2001:db8:10::2 >/run/traffic.out 2>&1 &
	echo $! >/run/traffic.pid
	sleep 0.3
}
traffic_stop() {
	[ ! -e /run/traffic.pid ] || kill "$(cat /run/traffic.pid)" 2>/dev/null || :
	rm -f /run/traffic.pid
}
up() { nmcli -w 30 connection up vpn >/dev/null; }
profile() { quietly plugin_profile vpn eap 198.51.100.2 kill-switch=yes persistent=true "$@"; }
down_and_out() { # nothing is left
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}

# From activation to deactivation, while the gateway is away, the uplink changes, and the tunnel is made again.
life() { # 4|46 EXTRA...
	before
	six=$1
	shift
	leaked=$(net_leaked)
	profile "$@"
	net_block udp
	up &
	n=$!
	lab_wait 30 blocked
	traffic_start # the tunnel is not there yet
	leaked_is "$leaked"
	net_block
	wait $n
	ping4
	[ "$six" = 4 ] || ping6
	gw_forget # the gateway says goodbye, or knows nothing any more
	lab_wait 60 ping4
	leaked_is "$leaked"
	net_cable eth0 down # the other uplink
	lab_wait 60 ping4
	leaked_is "$leaked"
	net_cable eth0 up
	nmcli -w 10 connection up eth0 >/dev/null
	lab_wait 60 ping4
	leaked_is "$leaked"
	traffic_stop
	down_and_out
	lab_wait 5 ping -q -n -c1 -W1 198.51.100.2
}

# Everything is blocked, but for these.
passes() {
	before
	leaked=$(net_leaked)
	profile kill-switch-except=198.51.100.7
	net_block udp
	up &
	n=$!
	lab_wait 30 blocked
	not ping -q -n -c1 -W1 198.51.100.3
	not ping -q -n -c1 -W1 2001:db8:2::3
	ping -q -n -c1 -W1 198.51.100.7
	ping -q -n -c1 -W1 127.0.0.1
	ping -q -n -c1 -W1 ::1
	ip -6 neigh flush dev eth0
	ping -q -n -c1 -W1 ff02::1%eth0
	# IKE itself: it goes out, and only the router stops it
	in_router nft list table ip block | grep -q 'udp counter packets [1-9]'
	net_block
	wait $n
	ping4
	ping6
	# what this gateway lets through is protected from now on, and the rest goes as ever
	not ping -q -n -c1 -W1 -I eth0 10.10.0.2
	not ping -q -n -c1 -W1 -I eth0 2001:db8:10::2
	leaked_is "$leaked"
	ping -q -n -c1 -W1 198.51.100.3
	down_and_out
}

# A name is looked up although everything is blocked, and after that no more.
by_name() {
	before
	quietly plugin_profile vpn eap vpn4.example.org kill-switch=yes
	up
	ping4
	down_and_out
}

processes() { labtool pids nm-ipsec-service nm-ipsec-helper; }
is_lifted() { [ "$(blocks)" = 0 ]; }
killed() { # WHO HOW - and the block is there, until it is lifted
	before
	leaked=$(net_leaked)
	profile
	up
	traffic_start
	sleep 0.5
	case $1 in
	service) kill -KILL $(labtool pids nm-ipsec-service) ;;
	both) kill_all $(labtool pids nm-ipsec-service) $(labtool named nm-ipsec-helper) ;;
	all) kill_all $(processes) ;;
	esac
	lab_wait 30 vpn_is_down
	lab_wait 30 gone
	sleep 1
	blocked
	leaked_is "$leaked"
	not ping -q -n -c1 -W1 10.10.0.2
	ping -q -n -c1 -W1 127.0.0.1
	[ "$1" = all ] || [ "$(ip xfrm policy | grep -c tmpl)" = 0 ]
	traffic_stop
	if [ "$2" = unblock ]; then
		door_start
		nm-ipsec unblock "$(nmcli -g connection.uuid connection show vpn)" | grep 'Nothing is blocked any more'
		nm-ipsec unblock | grep 'Nothing was blocked'
		door_stop
		nmcli connection delete vpn
	else
		lab_wait 60 up
		lab_wait 10 ping4
		nmcli -w 10 connection down vpn
		nmcli connection delete vpn
	fi
	lab_wait 5 is_lifted
	[ "$1" = all ] || clean_within 2
}
# The door of the helper without systemd: it is asked by root.
door_start() {
	/usr/libexec/nm-ipsec-helper-bus 2>/dev/null &
	echo $! >/run/door.pid
	lab_wait 30 busctl_has org.freedesktop.NetworkManager.ipsec.Helper
}
busctl_has() { dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:"$1" | grep -q true; }
door_stop() { kill "$(cat /run/door.pid)"; }

# ---- whatever happens ----
# A hundred events in a random order, the same in every run with the same LAB_SEED: processes die, uplinks come and go,
# the gateway forgets, dies, is silent. Nothing in the clear, neither during an event nor until the tunnel is back.
draw() { seed=$(((seed * 1103515245 + 12345) % 2147483648)) && eval "$1=$((seed / 65536 % $2))"; } # NAME BELOW
event() { # NUMBER
	case $1 in
	0) kill_all $(labtool pids nm-ipsec-service) ;;
	1) kill_all $(labtool named nm-ipsec-helper) ;;
	2) kill_all $(labtool pids nm-ipsec-service) $(labtool named nm-ipsec-helper) ;;
	3) kill_all $(processes) ;;
	4) net_cable eth0 down ;;
	5) net_cable eth0 down && net_cable eth1 down ;;
	6) nmcli -w 10 device disconnect eth0 ;;
	7) nmcli connection modify eth0 ipv4.addresses 192.0.2.$((70 + n % 100))/24 && nmcli -w 10 device reapply eth0 ;;
	8) nmcli connection modify eth0 ipv4.route-metric $((900 - n % 2 * 700)) && nmcli -w 10 device reapply eth0 ;;
	9) gw_forget ;;
	10) gw_crash && gw_start ;;
	11) net_block udp ;;
	12) kill_all $(processes) && sleep 0.1 && net_cable eth0 down ;;
	esac
}
EVENTS='service helper both all cable cables disconnect address metric forgotten gateway silence all-cable'
mend() { # everything that the tunnel needs is there again
	net_block
	gw_runs || { echo "the gateway is started once more" && gw_start; }
	for u in eth0 eth1; do
		net_cable $u up
		[ "$(nmcli -g GENERAL.STATE device show $u)" = '100 (connected)' ] || nmcli -w 10 connection up $u
	done
}
gw_runs() { [ -n "$(labtool pids charon-systemd | tr -d ' ')" ]; }
works() { ping -q -n -c1 -W1 10.10.0.2 && vpn_is_up; }
back() { works || { ! vpn_is_down || lab_wait 60 up; lab_wait 90 works; }; }
# One of them, and until the tunnel is back. (Whoever calls this looks at its status: no errexit here.)
one_event() { # NUMBER OF THE EVENT, PAUSE
	event "$1" || :
	sleep $(($2 / 10)).$(($2 % 10))
	leaked_is "$leaked" || return 1
	quietly mend || return 1
	quietly back || return 1
	leaked_is "$leaked"
}
hundred() {
	before
	leaked=$(net_leaked) seed=${LAB_SEED:-1} n=0
	profile
	up
	traffic_start
	while [ $n -lt 100 ]; do
		draw what 13
		draw pause 40
		echo "$n: $(echo $EVENTS | cut -d' ' -f$((what + 1))), and $pause tenths of a second"
		one_event $what $pause >"$LAB_OUT/event" 2>&1 || { tail -n 20 "$LAB_OUT/event"; return 1; }
		n=$((n + 1))
	done
	sender=$(cat /run/traffic.pid)
	traffic_stop
	wait "$sender" || : # it has lost many
	cat /run/traffic.out
	nmcli connection modify eth0 ipv4.addresses 192.0.2.2/24 ipv4.route-metric 200
	nmcli -w 10 connection up eth0
	down_and_out
}

before
case_ guard/life life 46
traffic_stop
# (without an interface NetworkManager does not say from which IPv6 address to send: that traffic stays blocked)
case_ guard/life-none life 4 interface=none remote-ts=10.10.0.0/24,2001:db8:10::/64
traffic_stop
tidy
case_ guard/passes passes
tidy
case_ guard/name by_name
tidy
case_ guard/killed-service killed service again
traffic_stop
tidy
case_ guard/killed-both killed both unblock
traffic_stop
tidy
case_ guard/killed-all killed all again
traffic_stop
tidy
case_ guard/hundred hundred
traffic_stop
tidy
case_ guard/nothing-left clean_within 2
finish
