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
	none) not ip link show ipsec0 ;;
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
# TCP through it negotiates segments that fit, however it appears, and nothing of that is left.
segments() { # INTERFACE BYTES [KEY=VALUE...] - what the host behind the gateway is offered is at most so much
	kind=$1 most=$2
	shift 2
	before
	quietly plugin_profile vpn eap 198.51.100.2 interface="$kind" remote-ts=10.10.0.0/16 "$@"
	nmcli -w 60 connection up vpn
	ping4
	lab_wait 5 clamped "$most"
	printf '%s\n' 'table ip syn {' 'chain in {' 'type filter hook prerouting priority 0;' \
		"tcp dport 9 tcp option maxseg size <= $most counter comment \"fits\"" \
		"tcp dport 9 tcp option maxseg size > $most counter comment \"large\"" '}' '}' | in_host nft -f -
	# nobody listens there: it is the SYN that counts
	not bash -c 'exec 3<>/dev/tcp/10.10.0.2/9'
	in_host nft list table ip syn >/run/syn
	in_host nft delete table ip syn
	grep -q 'packets [1-9].*fits' /run/syn
	grep -q 'packets 0 .*large' /run/syn
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
	lab_wait 5 sh -c '! nft list tables | grep -q nm-ipsec'
}
clamped() { # BYTES - both rules are there, and say as much
	nft list ruleset | awk -v m="$1" '/tcp option maxseg size set/ { n++; bad += $NF > m } END { exit n < 2 || bad }'
}
# Somebody removes the interface: the routes went with it, so that the user has to know.
removed() {
	before
	quietly plugin_profile vpn eap 198.51.100.2
	nmcli -w 60 connection up vpn
	ping4
	ip link delete ipsec0
	lab_wait 5 vpn_is_down
	journal_since | grep -q 'PRIORITY=3.*NM_IPSEC_REASON=LINK_GONE\|NM_IPSEC_REASON=LINK_GONE.*PRIORITY=3'
	nmcli connection delete vpn
	clean_within 2
}

before
case_ interfaces/xfrm tunnel_with xfrm 198.51.100.2
case_ interfaces/vti tunnel_with vti 198.51.100.2
case_ interfaces/vti6 tunnel_with vti 2001:db8:2::2
case_ interfaces/none tunnel_with none 198.51.100.2
case_ interfaces/dscp dscp
case_ interfaces/removed removed
tidy
for kind in xfrm vti none; do
	case_ interfaces/segments-$kind segments $kind 1410
	case_ interfaces/segments-given-$kind segments $kind 1200 mss-clamp=1200
done
finish
