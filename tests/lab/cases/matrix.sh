# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# matrix.sh strongswan|libreswan METHOD...: every method, with and without NAT, over IPv4 and IPv6: connect, traffic
# inside in both families, rekeying from each side without a lost packet, disconnecting from each side, and nothing left.
. "$LAB_SRC/guest/case.sh"
gateway=$1
shift
lab_up $gateway || exit 1

# Addresses inside, and packets a second to each: a hundred in all.  Libreswan 4.10 has one family inside, the outer one.
inside_of() { # OUTER
	case $gateway$1 in
	strongswan*) inside='10.10.0.2 2001:db8:10::2' rate=50 ;;
	libreswan4) inside=10.10.0.2 rate=100 ;;
	libreswan6) inside=2001:db8:10::2 rate=100 ;;
	esac
}
traffic() {
	local a
	for a in $inside; do ping -q -n -c 3 -i 0.2 -W 2 "$a"; done
}
connect() { # METHOD OUTER [KEY=VALUE...]
	local method=$1 outer=$2
	shift 2
	inside_of "$outer"
	quietly plugin_profile vpn "$method" "$(gateway_of "$outer")" "$@"
	nmcli -w 30 connection up vpn
	traffic
	rekeyings_mark
}
disconnected() {
	lab_wait 5 vpn_is_down
	lab_wait 5 gw_is_empty
	clean_within 2
	nmcli connection delete vpn
}
# In flight means something only on a link that takes time.
network() {
	net_nat "$1"
	net_netem delay 5ms
}
# Libreswan 4.10, when we rekey, does not wait: packets from it may be missing, a few for each rekeying; none of ours.
only_back() { [ $gateway = libreswan ] && only_early 15; }
ours() { # METHOD NAT OUTER - we rekey, and we disconnect
	[ $plugin_service = org.freedesktop.NetworkManager.ipsec ] || skip "this plugin cannot be told when to rekey"
	network "$2"
	before
	connect "$1" "$3" esp-lifetime=10s ike-lifetime=12s rekey-margin=3s
	early=$(too_early)
	probe_start $rate $inside
	lab_wait 60 rekeyings_grew 3 2
	probe_stop || only_back
	traffic
	vpn_is_up
	nmcli -w 10 connection down vpn
	disconnected
	[ "$(net_leaked)" = "$leaked" ]
}
theirs() { # METHOD NAT OUTER - the gateway rekeys, and disconnects
	network "$2"
	before
	connect "$1" "$3"
	probe_start $rate $inside
	for n in 1 2 3; do gw_rekey_child; sleep 1; done
	for n in 1 2; do gw_rekey_ike; sleep 1; done
	probe_stop
	rekeyings_grew 3 2
	traffic
	vpn_is_up
	# (charon-nm does not tell NetworkManager when the gateway has ended it, and answers nothing any more)
	if [ $plugin_service = org.freedesktop.NetworkManager.ipsec ]; then gw_disconnect; else nmcli -w 10 connection down vpn; fi
	disconnected
	[ "$(net_leaked)" = "$leaked" ]
}
for method; do for nat in off on; do for outer in 4 6; do
	[ $nat = on ] && where=nat || where=direct
	for side in ours theirs; do
		leaked=$(net_leaked)
		case_ "$gateway/$method/$where/ipv$outer/$side" $side $method $nat $outer
		tidy
	done
done; done; done
# Libreswan wants MODP 2048: after the first time that is guessed at once, by a new process too.
remembered() { # METHOD
	local n
	n=$(grep -c 'guessed wrong keying material group' "$LAB_OUT/pluto.log")
	[ "$n" -ge 1 ]
	before
	connect "$1" 4
	[ "$(grep -c 'guessed wrong keying material group' "$LAB_OUT/pluto.log")" = "$n" ]
	nmcli -w 10 connection down vpn
	disconnected
}
if [ $gateway = libreswan ] && [ $plugin_service = org.freedesktop.NetworkManager.ipsec ]; then
	case_ "libreswan/$1/remembered" remembered "$1"
	tidy
fi
finish
