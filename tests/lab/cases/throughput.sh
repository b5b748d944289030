# SPDX-License-Identifier: GPL-2.0-or-later
# throughput.sh ROUNDS: the measuring half of ../throughput; lines "hand|ipsec ROUND STREAMS up|down MBIT/S".
#
# Both are there all the time, and nothing but the addresses tells them apart: ours to the host's 10.10.0.2, the hand-made
# states from 10.20.9.9 to its 10.10.0.3. Each transfer is short, and its twin follows at once, so that what else the
# machine does hits both; who comes first is drawn.
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
me=10.20.9.9 far=10.10.0.3 c=192.0.2.2 g=198.51.100.2
tail="proto esp reqid 77 mode tunnel" state='replay-window 32 flag af-unspec aead rfc4106(gcm(aes))'
key2=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223
key3=101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233
ip -n host addr add $far/24 dev eth0
ip addr add $me/32 dev eth0
ip route add $far/32 via 192.0.2.1 src $me
for r in "ip" "ip -n gateway"; do
	[ "$r" = ip ] && po=out pi=in || po=in pi=out
	$r xfrm state add src $c dst $g spi 0x1001 $tail $state 0x$key2 128
	$r xfrm state add src $g dst $c spi 0x1002 $tail $state 0x$key3 128
	$r xfrm policy add src $me dst $far dir $po tmpl src $c dst $g $tail
	$r xfrm policy add src $far dst $me dir $pi tmpl src $g dst $c $tail
	[ $po = out ] || $r xfrm policy add src $me dst $far dir fwd tmpl src $c dst $g $tail
done
nmcli -w 30 connection up vpn >/dev/null
ping4 >/dev/null
ping -q -c1 -W2 -I $me $far >/dev/null

transfer() { # hand|ipsec ROUND STREAMS up|down
	local to=10.10.0.2 r= mbits
	[ $1 = ipsec ] || to=$far
	[ $4 = up ] || r=-R
	mbits=$(iperf3 -c $to -n 12M -P $3 $r -f m | awk '/receiver/ { v = $0 } END { match(v, /[0-9.]+ Mbits/); print substr(v, RSTART, RLENGTH) + 0 }')
	[ "$2" = 0 ] || echo "$1 $2 $3 $4 $mbits" >>"$LAB_OUT/rates"
}
for n in $(seq 0 "$1"); do # round 0 warms up
	for streams in 1 8; do for way in up down; do
		for who in $(shuf -e hand ipsec); do transfer $who $n $streams $way; done
	done; done
done
ip -s xfrm state | grep -E '^src|aead|replay|bytes' >"$LAB_OUT/states"
# each had its own states: what was transferred went through them, once
awk -v n="$(($1 + 1))" '$1 ~ /^[0-9]+\(bytes\)/ { v = $1 + 0; if (v > n * 24e6 && v < n * 32e6) good++ } END { exit good != 4 }' "$LAB_OUT/states" ||
	{ cat "$LAB_OUT/states"; exit 1; }
nmcli -w 10 connection down vpn >/dev/null
