# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 500
# forwarded.sh own|strongswan|libreswan: the gateway is behind a NAT, which forwards it the ports 500 and 4500 of its own address
# 203.0.113.1 and nothing else; with a client that has a public address, and with one that is behind a NAT too.  Our server has
# strongSwan, Libreswan and ourselves as clients.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/lsw.sh"
. "$LAB_SRC/guest/sw.sh"
. "$LAB_SRC/guest/wire.sh"
gateway=$1
export SW_REMOTE=203.0.113.1 LSW_RIGHT=203.0.113.1
if [ $gateway = own ]; then lab_up own rsa || exit 1; else lab_up $gateway || exit 1; fi

# What comes in without having been forwarded is dropped, and what the gateway begins itself goes out as the NAT.
nat_there() {
	ip -n router address add 203.0.113.1/32 dev lo
	printf '%s\n' 'table ip there {' 'chain pre {' 'type nat hook prerouting priority -100;' \
		'ip daddr 203.0.113.1 udp dport { 500, 4500 } dnat to 198.51.100.2' '}' \
		'chain post {' 'type nat hook postrouting priority 100;' 'oifname "c*" ip saddr 198.51.100.2 snat to 203.0.113.1' '}' \
		'chain in {' 'type filter hook forward priority 0;' 'iifname "c*" ct state new ct status & dnat != dnat drop' '}' '}' | in_router nft -f -
}
nat_here() { # on|off, for the client; the one there is not told
	if [ "$1" = on ]; then
		printf '%s\n' 'table ip here {' 'chain post {' 'type nat hook postrouting priority 90;' 'ip saddr 192.0.2.2 oifname "gw" masquerade' \
			'}' '}' | in_router nft -f -
	else
		in_router nft delete table ip here 2>/dev/null || :
	fi
	in_router conntrack -F >/dev/null 2>&1 || :
}
in_udp() { # both ends
	[ "$(ip xfrm state | grep -c 'encap type espinudp')" -ge 2 ]
	[ "$(ip -n gateway xfrm state | grep -c 'encap type espinudp')" -ge 2 ]
}
gateway_is_empty() { [ -z "$(ip -n gateway -o xfrm state)" ]; }
ended() {
	if [ $gateway = own ]; then lab_wait 5 gateway_is_empty; else lab_wait 5 gw_is_empty; fi
}
is() { # KEY VALUE, of the first IKE SA
	nm-ipsec --json status vpn | python3 -c 'import json, sys
sys.exit(str(json.load(sys.stdin)[0]["sas"][0][sys.argv[1]]) != sys.argv[2])' "$1" "$2"
}

# ---- our client ----
ours() { # BEHIND (True|False) [KEY=VALUE...]: it rekeys both kinds of SA, the gateway too, and it moves
	local behind=$1 early
	shift
	[ $gateway != own ] || own_serve rsa "$@"
	[ $behind = False ] || nat_here on
	before
	quietly plugin_profile vpn rsa 203.0.113.1 log-level=6 $([ $gateway = own ] || echo esp-lifetime=10s ike-lifetime=14s rekey-margin=3s)
	nmcli -w 30 connection up vpn
	ping4
	in_udp
	is nat-there True
	is nat-here $behind
	early=$(too_early)
	probe_start 50 10.10.0.2
	if [ $gateway = own ]; then
		lab_wait 60 replaced_twice
	else
		rekeyings_mark
		lab_wait 60 rekeyings_grew 3 2
		gw_rekey_child || :
		sleep 2
		gw_rekey_ike || :
		lab_wait 60 rekeyings_grew 5 3
	fi
	case $gateway in
	libreswan) probe_stop || only_early 15 ;;
	*) probe_stop ;;
	esac
	in_udp
	[ $behind = True ] || moves
	nmcli -w 10 connection down vpn
	lab_wait 5 vpn_is_down
	[ $gateway != libreswan ] || quietly gw_whack --terminate --name rsa4 # (the IKE SAs that it did not let move)
	ended
	clean_within 2
	nat_here off
}
replaced_twice() { [ "$(we_said 'IKE SA #.* replaces' | wc -l)" -ge 2 ] && [ "$(we_said 'Child SA #.*rekeyed by the peer' | wc -l)" -ge 2 ]; }
# (Libreswan behind a NAT answers nobody who moves: we make another IKE SA.)
moved() { # ADDRESS N - for the Nth time
	if [ $gateway = libreswan ]; then [ "$(we_said 'is up again' | wc -l)" -ge "$2" ]; else we_said "the tunnel is at $1(\$|[^0-9])"; fi
}
moves() {
	local n=0 a
	for a in 192.0.2.77 192.0.2.2; do
		n=$((n + 1))
		wire_move $a
		lab_wait 20 moved $a $n
		lab_wait 5 ping4
		in_udp
	done
}

# ---- other clients of our server, which rekeys both kinds of SA ----
theirs() { # strongswan|libreswan BEHIND
	own_serve rsa esp-lifetime=10s ike-lifetime=14s rekey-margin=3s
	[ $2 = False ] || nat_here on
	case $1 in
	strongswan) sw_up && sw --initiate --child net-rsa && sw_serials >/run/sw-serials ;;
	libreswan) lsw_up && lsw auto --up rsa && lsw_rekeyings >/run/lsw-mark ;;
	esac
	ping4
	in_udp
	probe_start 50 10.10.0.2
	early=$(too_early in_gateway)
	case $1 in
	strongswan)
		lab_wait 90 sw_grew 2 3
		probe_stop
		sw --terminate --ike rsa
		;;
	libreswan)
		lab_wait 90 lsw_grew 3 2
		probe_stop || only_early_there 15
		lsw whack --terminate --name rsa
		;;
	esac
	ended
	case $1 in strongswan) sw_down ;; libreswan) lsw_down ;; esac
	nat_here off
}
only_early_there() { # MOST
	awk -v early=$(($(too_early in_gateway) - early)) -v most="$1" '{ gsub(/[a-z(]+=/, " "); out += $4; rest += $5 + $6 }
		END { exit !NR || rest || out > early || out > most }' /run/probe.out
}
clear() {
	quietly wire_move 192.0.2.2 >/dev/null 2>&1
	[ -z "$(labtool pids charon-systemd pluto)" ] || [ $gateway != own ] || quietly kill $(labtool pids charon-systemd pluto)
	tidy
	nat_here off
}

nat_there || exit 1
for behind in False True; do
	case $behind in False) where=direct ;; True) where=nat ;; esac
	case_ "forwarded/$gateway/ours/$where" ours $behind esp-lifetime=10s ike-lifetime=14s rekey-margin=3s
	clear
	[ $gateway = own ] || continue
	for c in strongswan libreswan; do
		case_ "forwarded/$gateway/$c/$where" theirs $c $behind
		clear
	done
done
finish
