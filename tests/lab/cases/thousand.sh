# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 900 -m 2G
# thousand.sh - a thousand clients of our server at the same moment, each with an identity and an address of its own.
# strongSwan plays them all, in one process and from one address, which is the hardest: an office behind a NAT.  They
# come, send, are rekeyed and vanish; then they come again, have the addresses that they had, and say goodbye.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/gw-own.sh"
. "$LAB_SRC/guest/sw.sh"
clients=1000
lab_up own psk || exit 1

crowd_connections() {
	echo 'connections {'
	seq 1 "$clients" | awk '{
		print "c" $1 " { remote_addrs = 198.51.100.2\n vips = 0.0.0.0\n keyingtries = 0\n rekey_time = 0\n mobike = no"
		print "local { auth = psk\n id = client" $1 "@example.org\n }\n remote { auth = psk\n id = vpn.example.org\n }"
		print "children { net" $1 " { remote_ts = 10.10.0.0/24\n rekey_time = 0\n start_action = start\n } } }"
	}'
	printf '%s\n' '}' 'secrets { ike-any { secret = labpsk' '} }'
}
crowd_up() {
	sw_up
	# (the addresses on a link with which NetworkManager has nothing to do)
	printf '%s\n' 'charon-systemd {' 'install_virtual_ip_on = lo' '}' >/lab/roots/sw/etc/strongswan.d/crowd.conf
	crowd_connections >/lab/roots/sw/etc/swanctl/swanctl.conf
	there sw timeout 100 swanctl --load-all --noprompt --clear >"$LAB_OUT/swanctl-crowd.out" 2>&1
}
gateway_has() { [ "$(ip -n gateway -o xfrm state | wc -l)" = "$1" ]; } # SAs
gateway_is_empty() {
	[ -z "$(ip -n gateway -o xfrm state)" ] && [ -z "$(ip -n gateway -o xfrm policy | grep -v 'socket ')" ]
}
# (What is asked takes longer than a second, so that it is asked rarely.)
wait_rarely() { # SECONDS COMMAND...
	local end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 10
	done
}
# Every IKE SA and every SA of the kernel's is another one, and every client has one.
gateway_spis() { ip -n gateway xfrm state | sed -n 's/.*proto esp spi \(0x[0-9a-f]*\).*/\1/p' | sort; }
sas() { there sw timeout 100 swanctl --list-sas; }
ike_spis() { sas | sed -n 's/.*ESTABLISHED, IKEv2, \([0-9a-f]*\)_i.*/\1/p' | sort; }
rekeyed() {
	gateway_spis >/run/esp-now
	[ "$(wc -l </run/esp-now)" -ge $((2 * clients)) ] && none_left esp || return 1
	ike_spis >/run/ike-now
	[ "$(wc -l </run/ike-now)" -ge "$clients" ] && none_left ike
}
none_left() { comm -12 "/run/$1" "/run/$1-now" >/run/both && [ ! -s /run/both ]; }
# "IDENTITY ADDRESS" of each client
leases() { sas | sed -n "s/^  local  '\([^']*\)'.*\[\(10\.20\.[0-9.]*\)\].*/\1 \2/p" | sort; }
ours() { labtool pids nm-ipsec-service nm-ipsec-helper; }
memory() { echo "== $1: service and helper, KiB (RSS PSS USS) and threads: $(labtool mem $(ours))"; }
pings_of_some() {
	awk -v step=$((clients / 20)) 'NR % step == 1 { print $2 }' /run/leases >/run/some
	while read -r a; do ping -q -n -c 3 -i 0.2 -W 2 -I "$a" 10.10.0.2 || return 1; done </run/some
	[ "$(wc -l </run/some)" -ge 20 ]
}
said_gone() { own_log | grep 'is gone; ' | tail -n 1 | grep 'is gone; 0 are left'; }

crowd() {
	own_serve psk pool=10.20.0.0/21 pool6= local-ts=10.10.0.0/24 dpd-delay=60s dpd-timeout=60s esp-lifetime=4m \
		ike-lifetime=5m rekey-margin=1m
	memory before
	crowd_up
	wait_rarely 120 gateway_has $((2 * clients))
	memory connected
	leases >/run/leases
	[ "$(wc -l </run/leases)" = "$clients" ]
	[ "$(cut -d' ' -f2 /run/leases | sort -u | wc -l)" = "$clients" ]
	pings_of_some
	gateway_spis >/run/esp
	ike_spis >/run/ike
	wait_rarely 400 rekeyed
	memory rekeyed
	leases | cmp - /run/leases
	pings_of_some
	# all of them vanish
	net_block udp esp
	kill -KILL $(labtool pids charon-systemd)
	ip xfrm state flush
	ip xfrm policy flush
	wait_rarely 300 gateway_is_empty
	said_gone
	memory vanished
	net_block
	ip route flush table 220
	ip addr flush dev lo to 10.20.0.0/21
	# and are back, each with the address that it had; then they say goodbye
	crowd_up
	wait_rarely 120 gateway_has $((2 * clients))
	leases | cmp - /run/leases
	pings_of_some
	sw_down
	wait_rarely 60 gateway_is_empty
	memory gone
	[ "$(own_log | grep -c 'is gone; ')" = $((2 * clients)) ]
	said_gone
	own_nmcli -w 10 connection down server
}
case_ thousand/crowd crowd
grep '^== ' "$LAB_OUT/cases/thousand_crowd.log"
finish
