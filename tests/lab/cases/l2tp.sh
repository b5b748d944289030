# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# l2tp.sh strongswan|libreswan: L2TP over ESP in transport mode (RFC 3193), as many offices still have it:
# xl2tpd at both ends, UDP port 1701 of two hosts and nothing else protected, without and with a NAT before us.  PPP goes
# through it if the kernel has that; without, L2TP's tunnel and session are what is shown.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/wire.sh"
gateway=$1
lab_up $gateway || exit 1

# ---- the gateway: our profile's other end, and L2TP's network server ----
l2tp_gateway_strongswan() {
	cat >/lab/roots/gw/etc/swanctl/swanctl.conf <<-C
	connections { l2tp {
		version = 2
		local_addrs = 198.51.100.2
		rekey_time = 4h
		local { auth = psk
			id = vpn.example.org
		}
		remote { auth = psk
		}
		children { net {
			mode = transport
			local_ts = dynamic[udp/1701]
			remote_ts = dynamic[udp/1701]
			rekey_time = 2h
		} }
	} }
	secrets { ike-any { secret = labpsk
	} }
	C
	gw_swanctl --load-all --noprompt --clear >"$LAB_OUT/swanctl.out" 2>&1 || { cat "$LAB_OUT/swanctl.out" >&2; return 1; }
}
# (without narrowing it wants exactly the address that it sees, RFC 7296 section 2.23.1 notwithstanding: "narrow range:
# END initiator.client.selector=198.51.100.1/32:UDP/1701 EQUALS TS TSi[0]=192.0.2.2-192.0.2.2 ==> <unset-range>")
l2tp_gateway_libreswan() {
	local n
	gw_libreswan_connection l2tp 198.51.100.2 leftid=@vpn.example.org rightid=%any authby=secret type=transport narrowing=yes \
		leftprotoport=udp/1701 rightprotoport=udp/1701 >>/lab/roots/gw/etc/ipsec.conf
	for n in psk4 rsa4 ecdsa4 psk6 rsa6 ecdsa6; do gw_ipsec auto --delete $n; done >>"$LAB_OUT/pluto.out" 2>&1
	gw_ipsec auto --add l2tp >>"$LAB_OUT/pluto.out" 2>&1 || { tail -n 20 "$LAB_OUT/pluto.out" >&2; return 1; }
}
l2tp_root() { # NAME
	lab_root "$1" l2tp base
	mkdir -p "/lab/roots/$1/run/xl2tpd"
	printf '%s\n' noauth nodefaultroute noccp mtu 1280 mru 1280 nodetach debug "logfile /lab/out/ppp-$1.log" >"/lab/roots/$1/etc/ppp/lab"
}
l2tp_server() {
	l2tp_root lns
	cat >/lab/roots/lns/etc/xl2tpd/xl2tpd.conf <<-C
	[global]
	listen-addr = 198.51.100.2
	force userspace = yes
	[lns default]
	ip range = 10.30.0.10-10.30.0.20
	local ip = 10.30.0.1
	require authentication = no
	pppoptfile = /etc/ppp/lab
	C
	lab_in lns gateway xl2tpd -D >"$LAB_OUT/lns.log" 2>&1 &
}
# ---- our end ----
l2tp_client() {
	l2tp_root lac
	cat >/lab/roots/lac/etc/xl2tpd/xl2tpd.conf <<-C
	[global]
	force userspace = yes
	[lac lab]
	lns = 198.51.100.2
	require authentication = no
	pppoptfile = /etc/ppp/lab
	C
	there lac xl2tpd -D >"$LAB_OUT/lac.log" 2>&1 &
	lab_wait 5 test -p /lab/roots/lac/run/xl2tpd/l2tp-control
}
l2tp_dial() { echo "c lab" >/lab/roots/lac/run/xl2tpd/l2tp-control; }
l2tp_hang_up() {
	kill $(labtool pids xl2tpd)
	lab_wait 10 l2tp_gone
}
l2tp_gone() { [ -z "$(labtool pids xl2tpd pppd)" ]; }
l2tp_session() { grep -q 'Call established with 198.51.100.2' "$LAB_OUT/lac.log"; }
# What the router sees of L2TP in the clear, packets.
clear_watch() {
	printf '%s\n' 'table inet l2tp {' 'counter clear {' '}' 'chain in {' 'type filter hook prerouting priority -450;' \
		'udp dport 1701 counter name clear' '}' '}' | in_router nft -f -
}
clear_packets() { in_router nft list counter inet l2tp clear | awk '/packets/ { print $2 }'; }

transport() { # NAT
	net_nat "$1"
	before
	quietly plugin_profile vpn psk 198.51.100.2 role=peer mode=transport 'local-ts=dynamic[udp/1701]' \
		'remote-ts=dynamic[udp/1701]'
	nmcli -w 30 connection up vpn
	[ "$(ip xfrm state | grep -c 'mode transport')" = 2 ]
	[ "$(ip xfrm state | grep -c 'encap type espinudp')" = "$([ "$1" = on ] && echo 2 || echo 0)" ]
	ip xfrm policy | grep -q 'proto udp sport 1701 dport 1701'
	clear_watch
	l2tp_server
	l2tp_client
	l2tp_dial
	lab_wait 30 l2tp_session
	if [ -c /dev/ppp ]; then
		lab_wait 30 ping -q -n -c 1 -W 1 10.30.0.1
		ping -q -n -c 5 -i 0.2 -W 2 -s 1200 10.30.0.1
		l2tp_stays
	else
		say "this kernel has no PPP: the session is all that there can be"
	fi
	l2tp_hang_up
	[ "$(clear_packets)" = 0 ]
	in_router nft delete table inet l2tp
	nmcli -w 10 connection down vpn
	clean_within 3
	nmcli connection delete vpn
}
# Over a rekeying of the Child SA nothing is lost.
l2tp_stays() {
	rekeyings_mark
	gw_rekey_child
	lab_wait 10 rekeyings_grew 1 0
	ping -q -n -c 5 -i 0.2 -W 2 10.30.0.1
}
l2tp_gateway_$gateway || exit 1
for n in off on; do
	case_ "l2tp/$gateway/nat-$n" transport $n
	tidy
done
finish
