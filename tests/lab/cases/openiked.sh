# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# openiked.sh eap|rsa|ecdsa|psk [4|6]: a third implementation: connect, traffic, disconnect from each side.
. "$LAB_SRC/guest/case.sh"
method=$1
GW_FAMILY=${2:-4}
lab_up openiked "$method" || exit 1

connect() { # NAT
	net_nat "$1"
	before
	quietly plugin_profile vpn $method "$(gateway_of $GW_FAMILY)"
	nmcli -w 30 connection up vpn
	ping4
}
ours() {
	connect "$1"
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	nmcli connection delete vpn
	clean_within 2
}
theirs() {
	connect "$1"
	gw_disconnect
	lab_wait 10 vpn_is_down
	nmcli connection delete vpn
	clean_within 2
}
for nat in off on; do for side in ours theirs; do
	case_ "openiked/$method/nat-$nat/ipv$GW_FAMILY/$side" $side $nat
	tidy
done; done
finish
