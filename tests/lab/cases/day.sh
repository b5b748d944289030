# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 1400
# day.sh: twenty-four hours of one connection behind a NAT, with a ping a second: hourly Child SAs, IKE SAs of five hours, a
# new lease, two roams, a night's sleep, a gateway that starts again, a NAT that forgets. Nothing is lost but in the
# outages, and three seconds after the network (or the gateway) is there again traffic flows.
#
# The guest cannot be suspended: in the night its uplinks are without carrier and our processes are stopped, so that all of
# their timers come late, as after a sleep; only CLOCK_MONOTONIC goes on, which it would not.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/wire.sh"
. "$LAB_SRC/guest/uplinks.sh"
NET_UPLINKS=2 NM_UPLINKS='eth0 eth1' NET_NAT=1
lab_up strongswan || exit 1

HOUR=3600
ours() { kill -s $1 $(labtool pids nm-ipsec-service nm-ipsec-helper); }
quiet() { # SECONDS - not one is missing
	probe_start 1 10.10.0.2
	sleep "$1"
	probe_stop
}
flows_within() { # MS - from now on
	local start now
	start=$(labtool now)
	until ping -q -n -c1 -W0.2 10.10.0.2 >/dev/null; do
		now=$(labtool now)
		[ $((now - start)) -le $(($1 + 200)) ] || return 1
	done
	echo "traffic flows after $(($(labtool now) - start)) ms"
	[ $(($(labtool now) - start)) -le "$1" ]
}
moves() { # WHAT - while ten packets a second flow
	probe_start 10 10.10.0.2
	sleep 2
	happens "$1"
	sleep 30
	probe_stop || :
	[ "$(wire_longest)" -le 3000 ]
}
night() {
	net_cable eth0 down
	net_cable eth1 down
	ours STOP
	sleep $((9 * HOUR))
	ours CONT
	net_cable eth0 up
	net_cable eth1 up
	flows_within 3000
}
reboot() {
	gw_crash
	sleep 60
	gw_start
	flows_within 3000
}
day() {
	leaked=$(net_leaked)
	quietly plugin_profile vpn eap 198.51.100.2 persistent=true esp-lifetime=1h ike-lifetime=5h
	nmcli -w 30 connection up vpn
	ping4
	rekeyings_mark
	quiet $((5 * HOUR + 1800))
	rekeyings_grew 5 1
	moves address
	quiet $HOUR
	moves cable
	quiet $((2 * HOUR))
	net_cable eth0 up
	nmcli -w 10 connection up eth0
	moves disconnect
	nmcli -w 10 connection up eth0
	quiet $HOUR
	night
	quiet $((3 * HOUR))
	reboot
	quiet $HOUR
	moves rebind
	quiet $((HOUR + 1800))
	vpn_is_up
	[ "$(net_leaked)" = "$leaked" ]
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
}
before
case_ day/all day
tidy
quietly uplinks_restore
case_ day/nothing-left clean_within 3
finish
