# SPDX-License-Identifier: GPL-2.0-or-later
# throughput.sh ROUNDS: the measuring half of ../throughput; lines "hand|ipsec ROUND STREAMS up|down MBIT/S".
. "$LAB_SRC/guest/case.sh"
set -e
: >/run/lab-start
plugin_use ipsec
plugin_install
net_up
. "$LAB_SRC/guest/gw-strongswan.sh"
gw_strongswan &
g=$!
nm_up
wait $g
plugin_profile vpn eap 198.51.100.2 >/dev/null
lab_wait 5 ping -q -c1 -W1 198.51.100.2
in_host iperf3 -s -D >/dev/null 2>&1

# AES-256-GCM, as the gateway's connection has it, in tunnel mode, the policies on the uplink itself
hand() { # add|delete
	local r po pi vip=10.20.0.9/32 lan=10.10.0.0/24 c=192.0.2.2 g=198.51.100.2 key=0x0001020304050607
	local tail="proto esp reqid 77 mode tunnel"
	for r in "ip" "ip -n gateway"; do
		[ "$r" = ip ] && po=out pi=in || po=in pi=out
		if [ "$1" = delete ]; then
			$r xfrm state deleteall reqid 77
			$r xfrm policy delete src $vip dst $lan dir $po
			$r xfrm policy delete src $lan dst $vip dir $pi
			[ $po = out ] || $r xfrm policy delete src $vip dst $lan dir fwd
			continue
		fi
		set -- add "$key$key2" "$key$key3"
		$r xfrm state add src $c dst $g spi 0x1001 $tail replay-window 32 flag af-unspec aead 'rfc4106(gcm(aes))' $2 128
		$r xfrm state add src $g dst $c spi 0x1002 $tail replay-window 32 flag af-unspec aead 'rfc4106(gcm(aes))' $3 128
		$r xfrm policy add src $vip dst $lan dir $po tmpl src $c dst $g $tail
		$r xfrm policy add src $lan dst $vip dir $pi tmpl src $g dst $c $tail
		[ $po = out ] || $r xfrm policy add src $vip dst $lan dir fwd tmpl src $c dst $g $tail
	done
}
key2=08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223 key3=18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233
subject() { # hand|ipsec up|down
	case $* in
	"hand up") ip addr add 10.20.0.9/32 dev eth0 && ip route add 10.10.0.0/24 via 192.0.2.1 src 10.20.0.9 && hand add ;;
	"hand down") hand delete && ip route del 10.10.0.0/24 && ip addr del 10.20.0.9/32 dev eth0 ;;
	"ipsec up") nmcli -w 30 connection up vpn >/dev/null ;;
	"ipsec down") nmcli -w 10 connection down vpn >/dev/null ;;
	esac
}
measure() { # hand|ipsec ROUND
	local streams way r mbits
	subject $1 up
	ping4 >/dev/null
	[ "$2" != 1 ] || ip -s xfrm state | grep -E '^src|aead|replay|bytes' >"$LAB_OUT/states-$1"
	for streams in 1 8; do for way in up down; do
		[ $way = up ] && r= || r=-R
		mbits=$(iperf3 -c 10.10.0.2 -t 2 -O 1 -P $streams $r -f m | awk '/receiver/ { v = $0 } END { match(v, /[0-9.]+ Mbits/); print substr(v, RSTART, RLENGTH) + 0 }')
		echo "$1 $2 $streams $way $mbits" | tee -a "$LAB_OUT/rates"
	done; done
	subject $1 down
}
for n in $(seq "$1"); do
	# whoever comes first has an advantage: they take turns
	if [ $((n % 2)) = 1 ]; then measure hand $n && measure ipsec $n; else measure ipsec $n && measure hand $n; fi
done
