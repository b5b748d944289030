# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 400
# interfaces.sh: the same profile, and the same tunnel, whichever way it appears; and each leaves nothing.
. "$LAB_SRC/guest/case.sh"
lab_up strongswan || exit 1

tunnel_with() { # INTERFACE GATEWAY EXTRA...
	kind=$1 gateway=$2
	shift 2
	before
	leaked=$(net_leaked)
	quietly plugin_profile vpn eap "$gateway" interface="$kind" "$@"
	nmcli -w 60 connection up vpn >/dev/null
	ping4
	# without an interface NetworkManager cannot say from which IPv6 address to send
	[ "$kind" = none ] || ping6
	case $kind in
	xfrm) ip -d link show ipsec0 | grep -q 'xfrm if_id' ;;
	vti) ip -d link show ipsec0 | grep -q 'vti' ;;
	none) ! ip link show ipsec0 ;;
	esac
	[ "$kind" = none ] || [ "$(net_leaked)" = "$leaked" ]
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}
dscp() { # the class is copied inside, and not outside
	before
	quietly plugin_profile vpn eap 198.51.100.2 copy-dscp=in
	nmcli -w 60 connection up vpn >/dev/null
	ip -s xfrm state >/run/states
	grep -q decap-dscp /run/states
	grep -q dont-encap-dscp /run/states
	ping4
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}

before
case_ interfaces/xfrm tunnel_with xfrm 198.51.100.2
case_ interfaces/vti tunnel_with vti 198.51.100.2
case_ interfaces/vti6 tunnel_with vti 2001:db8:2::2
case_ interfaces/none tunnel_with none 198.51.100.2
case_ interfaces/dscp dscp
finish
