# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 500
# peer.sh strongswan|libreswan|own: role=peer with two networks of each family behind either end.  Ours is the client, with
# lan0 (10.1.0.1, 2001:db8:21::1) and the host "branch" (10.1.0.2, 2001:db8:21::2) behind it; a second network there is
# 10.1.1.0/24 (2001:db8:22::/64), and beyond the gateway 10.10.1.0/24 (2001:db8:11::/64).
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/peer.sh"
gateway=$1
lab_up $gateway || exit 1
peer_networks
peer_gateway_$gateway || exit 1

profile() { # [KEY=VALUE...]
	quietly plugin_profile vpn psk 198.51.100.2 role=peer local-id=@peer.example.org remote-id=@vpn.example.org \
		local-ts=$peer_local remote-ts=$peer_remote "$@"
}
gone() {
	nmcli -w 10 connection down vpn
	lab_wait 5 vpn_is_down
	clean_within 3
	nmcli connection delete vpn
	[ "$(net_leaked)" = "$leaked" ]
}
# From the machine itself, and from the host behind it, to both networks in both families.
everywhere() {
	local a
	for a in 10.10.0.2 10.10.1.2 2001:db8:10::2 2001:db8:11::2; do
		lab_wait 15 ping -q -n -c1 -W1 $a
		in_branch ping -q -n -c 2 -i 0.2 -W 2 $a
	done
}
we_begin() {
	before
	profile
	nmcli -w 30 connection up vpn
	everywhere
	peer_children $children
	gone
	lab_wait 5 gw_is_empty
}
they_begin() {
	before
	profile start=listen
	nmcli -w 30 connection up vpn
	peer_begin
	everywhere
	peer_children $children
	gone
	lab_wait 5 gw_is_empty
}
# Whoever deletes it, the one that starts by itself has it back; a Child SA as well.
deleted() {
	before
	profile
	nmcli -w 30 connection up vpn
	everywhere
	gw_disconnect
	everywhere
	vpn_is_up
	peer_delete_child
	everywhere
	vpn_is_up
	gone
}
waits() {
	before
	profile start=listen
	nmcli -w 30 connection up vpn
	peer_begin
	everywhere
	gw_disconnect
	lab_wait 10 we_said 'has closed the connection' # (Libreswan may be back before a ping is lost)
	vpn_is_up
	peer_begin
	everywhere
	gone
}
rekeyed() {
	before
	profile esp-lifetime=10s ike-lifetime=14s rekey-margin=3s
	nmcli -w 30 connection up vpn
	everywhere
	rekeyings_mark
	lab_wait 60 rekeyings_grew 3 2
	everywhere
	vpn_is_up
	gone
}
# The first packet brings the tunnel; without traffic the tunnel goes; nothing is ever in the clear.  What an XFRM
# interface refuses has to be repeated, else the packet waits and arrives.
demand() { # INTERFACE [KEY=VALUE...]
	local i=$1
	shift
	before
	profile start=ondemand idle-timeout=20s interface=$i "$@"
	nmcli -w 30 connection up vpn
	gw_is_empty
	[ $i = xfrm ] || ping -n -c 1 -W 20 10.10.0.2
	lab_wait 20 ping -q -n -c1 -W1 10.10.0.2
	in_branch ping -q -n -c 2 -i 0.2 -W 2 10.10.1.2
	[ $i != xfrm ] || everywhere
	lab_wait 100 gw_is_empty
	vpn_is_up
	[ $i = xfrm ] || in_branch ping -n -c 1 -W 20 10.10.1.2
	lab_wait 20 in_branch ping -q -n -c1 -W1 10.10.1.2
	gone
	lab_wait 5 gw_is_empty
}
# The same profile, however the tunnel appears.
appears() { # INTERFACE
	local a
	before
	profile interface=$1
	nmcli -w 30 connection up vpn
	for a in 10.10.0.2 10.10.1.2 2001:db8:10::2 2001:db8:11::2; do
		lab_wait 15 in_branch ping -q -n -c1 -W1 $a
	done
	ping -q -n -c1 -W2 10.10.1.2
	gone
}
# Whoever begins, the first Child SA comes by an exchange of its own (RFC 6023); they take nothing else.
childless() {
	sed -i 's/version = 2/&\n			childless = force/' /lab/roots/gw/etc/swanctl/swanctl.conf
	gw_swanctl --load-conns
	before
	for s in listen up; do
		profile start=$s childless=yes
		nmcli -w 30 connection up vpn
		[ $s = up ] || peer_begin
		everywhere
		peer_children $children
		gone
		lab_wait 5 gw_is_empty
	done
}
# One end is killed, has nothing any more, and only waits: it says so to whoever asks, long before that would be tired.
restarted_there() {
	before
	profile dpd-delay=10m
	nmcli -w 30 connection up vpn
	everywhere
	peer_kill
	lab_wait 10 gw_is_empty
	peer_start
	lab_wait 8 ping -q -n -c1 -W1 10.10.0.2
	we_said 'the peer has lost its state'
	everywhere
	peer_children $children
	gone
	lab_wait 5 gw_is_empty
}
restarted_here() {
	before
	profile start=listen
	nmcli -w 30 connection up vpn
	peer_start start=up dpd-delay=10m
	lab_wait 10 in_host ping -q -n -c1 -W1 10.1.0.2
	kill -KILL $(peer_services ours)
	lab_wait 10 vpn_is_down
	nmcli -w 30 connection up vpn
	lab_wait 8 in_host ping -q -n -c1 -W1 10.1.0.2
	own_log | grep 'the peer has lost its state'
	vpn_is_up
	gone
	peer_start
}
if [ $gateway = own ]; then
	for c in we_begin restarted_there restarted_here; do
		leaked=$(net_leaked)
		case_ "peer/own/$c" $c
		tidy
	done
	finish
fi
for c in we_begin they_begin deleted waits rekeyed; do
	leaked=$(net_leaked)
	case_ "peer/$gateway/$c" $c
	tidy
done
leaked=$(net_leaked)
case_ "peer/$gateway/ondemand/waits" demand auto local-ts=10.1.0.0/24,10.1.1.0/24 remote-ts=10.10.0.0/24,10.10.1.0/24
tidy
leaked=$(net_leaked)
case_ "peer/$gateway/ondemand/xfrm" demand xfrm
tidy
for i in xfrm none; do
	leaked=$(net_leaked)
	case_ "peer/$gateway/interface/$i" appears $i
	tidy
done
if [ $gateway = strongswan ]; then
	leaked=$(net_leaked)
	case_ peer/strongswan/childless childless
	tidy
fi
finish
