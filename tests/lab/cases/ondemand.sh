# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# ondemand.sh: start=ondemand of a client.  A packet brings the tunnel and arrives; without traffic the tunnel goes, and
# comes again with the next packet; nothing is ever in the clear.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/peer.sh"
lab_up strongswan || exit 1

# Twice: goes without traffic, and is back with one packet, which is not lost unless an interface has refused it.
comes_and_goes() { # INTERFACE
	local i
	for i in 1 2; do
		lab_wait 100 gw_is_empty
		vpn_is_up
		[ "$1" = xfrm ] || ping -n -c 1 -W 20 10.10.0.2
		lab_wait 20 ping -q -n -c1 -W1 10.10.0.2
		ping4
	done
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	lab_wait 5 gw_is_empty
	clean_within 3
	[ "$(net_leaked)" = "$leaked" ]
}
# The addresses are known from the first negotiation on, which is at activation.
given() { # INTERFACE [KEY=VALUE...]
	local i=$1
	shift
	before
	leaked=$(net_leaked)
	quietly plugin_profile vpn eap 198.51.100.2 start=ondemand idle-timeout=20s interface=$i "$@"
	nmcli -w 30 connection up vpn
	ping4
	[ $i = auto ] || ping6
	comes_and_goes $i
}
# Nothing is to be learnt: the first packet begins.
own() {
	before
	leaked=$(net_leaked)
	quietly plugin_profile vpn psk 198.51.100.2 start=ondemand idle-timeout=20s local-id=@peer.example.org \
		remote-id=@vpn.example.org virtual-ip=no local-ts=10.1.0.0/24 remote-ts=10.10.0.0/24
	nmcli -w 30 connection up vpn
	gw_is_empty
	comes_and_goes auto
}
case_ ondemand/given given auto remote-ts=10.10.0.0/16
tidy
# Of two nets the gateway has one: the other one waits beside it, and takes nothing of it.
case_ ondemand/part given auto remote-ts=10.10.0.0/24,10.77.0.0/24
tidy
case_ ondemand/xfrm given xfrm
tidy
peer_networks
peer_gateway_strongswan || exit 1
case_ ondemand/own own
finish
