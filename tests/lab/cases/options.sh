# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 400
# options.sh: what a profile can ask of the Child SA and of the kernel, each with the gateway's consent and without it,
# and still there when it was rekeyed.
. "$LAB_SRC/guest/case.sh"
# it takes extended sequence numbers for one cipher, and never for the others
GW_ESP_PROPOSALS=aes256gcm16-x25519-esn-noesn,aes256gcm16-esn-noesn
lab_up strongswan || exit 1

up() { # KEY=VALUE...
	before
	quietly plugin_profile vpn psk 198.51.100.2 "$@"
	nmcli -w 60 connection up vpn >/dev/null
}
down() {
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}
states() { ip -d xfrm state >/run/states; }

number() { # it is the interface's, the policies' and the SAs'
	up if-id=77
	ip -d link show ipsec0 | grep -q 'xfrm if_id 0x4d'
	[ "$(ip xfrm state | grep -c 'if_id 0x4d')" = 2 ]
	[ "$(ip xfrm policy | grep -c 'if_id 0x4d')" = 6 ]
	ping4
	ping6
	down
}
own_interface() { # somebody else's, and the route into it too
	local address
	ip link add mine type xfrm if_id 77
	ip link set mine up
	up if-id=77 interface=none remote-ts=10.10.0.0/16
	[ "$(ip xfrm policy | grep -c 'if_id 0x4d')" = 3 ]
	address=$(ip -4 -o addr | awk '$4 ~ /^10[.]20[.]/ { print $4 }')
	ip addr replace "$address" dev mine
	ip route replace 10.10.0.0/24 dev mine src "${address%/*}" table 99
	ip rule add to 10.10.0.0/24 table 99
	ping4
	ip rule del to 10.10.0.0/24 table 99
	ip route flush table 99
	ip addr del "$address" dev mine
	down
	ip link del mine
}
crashed() { # the next one finds what was left, although the number says nothing of its owner
	up if-id=77
	kill_all $(labtool pids nm-ipsec-service nm-ipsec-helper)
	lab_wait 10 vpn_is_down
	nmcli -w 60 connection up vpn >/dev/null
	ping4
	down
}
# The lab's cards encrypt nothing: auto says so and goes on, the others do not.
offload() { # WANTED
	if [ "$1" = auto ]; then
		up nic-offload=auto
		ping4
		grep -q 'nic-offload: the processor encrypts, not eth0' "$LAB_OUT/nm.log"
		down
		return
	fi
	before
	quietly plugin_profile vpn psk 198.51.100.2 nic-offload="$1"
	not nmcli -w 60 connection up vpn
	journal_since | grep "nic-offload=$1"
	nmcli connection delete vpn
	clean_within 2
}
mark() { # nothing goes through without it, and what comes out has it
	up mark=0x10/0xf0 remote-ts=10.10.0.0/16
	ip xfrm policy | grep -q 'mark 0x10/0xf0'
	ip xfrm state >/run/states
	grep -q '^	mark 0x10/0xf0' /run/states
	grep -q 'output-mark 0x10/0xf0' /run/states
	ping -q -n -c 2 -i 0.2 -W 2 -m 16 10.10.0.2
	not ping -q -n -c 1 -W 1 10.10.0.2
	down
}
no_encap() {
	up encap=no
	! ip xfrm state | grep -q 'encap type' || return 1
	gw_swanctl --list-sas | grep -q 'remote .*\[500\]'
	ping4
	down
}
fragments() { # strongSwan puts them together, also from what would have gone in one piece
	up fragmentation=force
	grep -q 'received fragment #2 of [23]' "$LAB_OUT/charon.log"
	ping4
	down
}

wire() { # COUNTER - packets from the client to the gateway
	in_router nft list counter inet wire "$1" | awk '/packets/ { print $2 }'
}
padded() { # on the way out a small one is as large as a large one, also after a rekeying
	printf '%s\n' 'table inet wire {' 'counter large {' '}' 'counter small {' '}' \
		'chain forward { type filter hook forward priority 100;' \
		'iifname "c*" udp dport 4500 meta length > 1200 counter name large' \
		'iifname "c*" udp dport 4500 meta length 100-500 counter name small' '}' '}' | in_router nft -f -
	up tfc=yes esp-lifetime=10s rekey-margin=3s
	ip -d xfrm state | grep -q 'encap type espinudp'
	in_router nft reset counters table inet wire >/dev/null
	ping4
	ping6
	[ "$(wire large)" -ge 6 ]
	[ "$(wire small)" = 0 ]
	rekeyings_mark
	lab_wait 60 rekeyings_grew 1 0
	in_router nft reset counters table inet wire >/dev/null
	ping4
	[ "$(wire large)" -ge 3 ]
	in_router nft delete table inet wire
	down
}
large() { ping -q -n -c 3 -i 0.2 -W 2 -s 1000 -p 00 10.10.0.2; }
comp_states() { ip xfrm state | grep -c 'proto comp' || :; }
ipcomp() { # large packets become small ones, small ones stay as they are; both arrive, also after rekeyings
	up ipcomp=yes remote-ts=10.10.0.0/16 esp-lifetime=10s rekey-margin=3s "$@"
	[ "$(comp_states)" = 2 ]
	ip xfrm policy | grep -q 'proto comp'
	ping4
	large
	rekeyings_mark
	lab_wait 60 rekeyings_grew 2 0
	[ "$(comp_states)" -ge 2 ]
	ping4
	large
	gw_compresses
	down
}
gw_compresses() {
	gw_swanctl --list-sas --raw | grep -q 'cpi-in'
}
ipcomp_refused() { # by a gateway that does not want it, or because of addresses of the other family
	before
	quietly plugin_profile vpn eap 198.51.100.2 ipcomp=yes remote-ts=10.10.0.0/16
	nmcli -w 60 connection up vpn >/dev/null
	[ "$(comp_states)" = 0 ]
	journal_since | grep -q 'is not compressed: the peer does not want it'
	ping4
	down
	up ipcomp=yes
	[ "$(comp_states)" = 0 ]
	journal_since | grep -q 'is not compressed: addresses of another family'
	ping4
	ping6
	down
}

agreed() { # yes|no: all SAs of ours have extended sequence numbers, and the gateway's too; or none
	local ours theirs=no
	states
	ours=$(grep -c 'flag .*esn' /run/states) || :
	[ "$ours" = "$([ "$1" = no ] && echo 0 || grep -c '^src ' /run/states)" ] || return 1
	gw_swanctl --list-sas --raw | grep -q 'esn=1' && theirs=yes
	[ $theirs = "$1" ]
}
extended() { # yes|no KEY=VALUE...: also after a rekeying
	local what=$1
	shift
	up remote-ts=10.10.0.0/16 esp-lifetime=10s rekey-margin=3s "$@"
	agreed "$what"
	ping4
	rekeyings_mark
	lab_wait 60 rekeyings_grew 1 0
	ping4
	agreed "$what"
	down
}
esn_yes() {
	extended yes esn=yes
	extended yes esn=force
	extended no esn=yes esp=aes256-sha256-x25519
}
esn_no() {
	extended no esn=no
	extended no
}
esn_refused() { # by a gateway that cannot, and nothing else will do
	before
	quietly plugin_profile vpn psk 198.51.100.2 esn=force esp=aes256-sha256-x25519
	not nmcli -w 60 connection up vpn
	journal_since | grep -q NM_IPSEC_REASON=CHILD_NO_PROPOSAL_CHOSEN
	nmcli connection delete vpn
	clean_within 2
}
inbound() { # what the kernel says of the inbound one
	ip -d xfrm state | awk -v src=198.51.100.2 '/^src / { ours = $2 == src } ours' >/run/inbound
}
window() { # with ours, and what the kernel makes of it with extended sequence numbers
	up replay-window=0
	inbound
	grep 'replay-window 0 ' /run/inbound
	not grep 'anti-replay esn context' /run/inbound
	ping4
	down
	up replay-window=1024
	inbound
	grep 'replay_window 1024, bitmap-length 32' /run/inbound
	ping4
	down
	up replay-window=1024 esn=yes
	agreed yes
	inbound
	grep 'replay_window 1024, bitmap-length 32' /run/inbound
	ping4
	down
}
octets() { # keys are renewed by what they have protected, and nothing is lost
	up esp-bytes=1M remote-ts=10.10.0.0/16
	ip -s xfrm state | grep -q 'limit: soft [89][0-9]*(bytes), hard 1048576(bytes)'
	rekeyings_mark
	probe_start 50 10.10.0.2
	ping -q -n -c 3000 -i 0.01 -W 2 -s 1200 10.10.0.2 >/run/ping.out
	probe_stop
	cat /run/ping.out
	grep -q '3000 received' /run/ping.out
	rekeyings_grew 3 0
	not we_said 'has expired'
	down
}

iptfs_refused() { # by a gateway that does not know it
	up mode=iptfs
	ping4
	journal_since | grep -q 'is without IP-TFS'
	down
}

# A name server for DNS over TLS (RFC 9464). strongSwan sends whatever attributes it is told to, but no octet of zero: hence
# the priority and the address, which is for the gateway that takes everything.
resolver() {
	local newest
	printf 'charon-systemd { plugins { attr { 27 = "AA\001\013H012dns.example" } } }\n' >/lab/roots/gw/etc/strongswan.d/resolver.conf
	gw_swanctl --reload-settings
	before
	quietly plugin_profile vpn eap 198.51.100.7 connection.dns-over-tls=1
	nmcli -w 60 connection up vpn >/dev/null
	newest=$(printf '%s\n' 1.56 "$(nmcli --version | grep -o '[0-9][0-9.]*' | head -n 1)" | sort -V | tail -n 1)
	if [ "$newest" = 1.56 ]; then
		lab_wait 5 sh -c 'nm-ipsec status | grep -q "DNS .*10\.10\.0\.53"'
		journal_since | journal_text | grep 'offers DNS over TLS at dns.example (72.48.49.50), which takes NetworkManager 1.56'
		lab_wait 5 grep -q 10.10.0.53 /etc/resolv.conf
	else
		journal_since | journal_text | grep 'Names are looked up by DNS over TLS at dns.example (72.48.49.50)'
		lab_wait 5 grep -q 72.48.49.50 /etc/resolv.conf
		[ "$(grep -n -o -m 1 72.48.49.50 /etc/resolv.conf)" '<' "$(grep -n -o -m 1 10.10.0.53 /etc/resolv.conf)" ]
		nm-ipsec status | grep -q 'by TLS .*dns.example (72.48.49.50)'
	fi
	down
	rm /lab/roots/gw/etc/strongswan.d/resolver.conf
	gw_swanctl --reload-settings
}

for c in number own_interface crashed mark no_encap fragments padded ipcomp ipcomp_refused esn_yes esn_no esn_refused window \
	octets iptfs_refused resolver; do
	case_ "options/$c" $c
	tidy
done
for c in auto crypto packet; do
	case_ "options/nic-offload-$c" offload $c
	tidy
done
finish
