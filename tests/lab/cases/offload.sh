# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 200
# kernel: made
# offload.sh: nic-offload with a card that takes ESP: netdevsim, which is there for tests of drivers (in the kernel of
# make-kernel). It has crypto offload, for AES-GCM alone, and encrypts nothing: what is shown is what the kernel and the
# card were asked for, not traffic. options.sh has the cards that cannot do it.  "offload bond": two of them in a bond.
. "$LAB_SRC/guest/case.sh"
[ -d /sys/bus/netdevsim ] || { echo "SKIP offload (this kernel has no netdevsim)" && exit 77; }
# (NetworkManager would want a bond's ports to be its own as well: it has another uplink then, and knows nothing of this)
NET_CARD=${1:-card}
[ $NET_CARD = card ] || { NET_UPLINKS=2 NM_UPLINKS=eth1; }
GW_ESP_PROPOSALS=aes128gcm16-x25519,aes128gcm16
lab_up strongswan || exit 1
mkdir /run/debug && mount -t debugfs debugfs /run/debug
cards=/run/debug/netdevsim
card=$cards/netdevsim10/ports/0/ipsec

card_has() { [ "$(sed -n 's/^SA count=\([0-9]*\).*/\1/p' $card)" = "$1" ]; }
mark() { wc -l <"$LAB_OUT/nm.log" >/run/helper-mark; }
up() { # KEY=VALUE...
	before
	mark
	quietly plugin_profile vpn psk 198.51.100.2 interface=none "$@"
	nmcli -w 60 connection up vpn >/dev/null
}
down() {
	nmcli -w 10 connection down vpn
	lab_wait 5 card_has 0
	nmcli connection delete vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
# (older ip(8) does not say "mode crypto")
offloaded() {
	ip -d xfrm state >/run/states
	[ "$(grep -c 'crypto offload parameters: dev eth0 dir \(in\|out\)' /run/states)" = 2 ]
	not grep -q 'mode packet' /run/states
}
said() { tail -n "+$(($(cat /run/helper-mark) + 1))" "$LAB_OUT/nm.log" | grep -F "$1"; } # (the helper)

taken() { # auto|crypto - and again when the Child SA was rekeyed, and none is left of the old ones
	up nic-offload=$1 esp=aes128gcm16
	card_has 2
	offloaded
	said 'nic-offload: eth0 encrypts (crypto)'
	rekeyings_mark
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	lab_wait 20 card_has 2
	offloaded
	down
}
not_that_cipher() { # auto: the processor does it, and the traffic flows
	up nic-offload=auto esp=aes256-sha256
	card_has 0
	! ip -d xfrm state | grep -q 'offload' || return 1
	said 'nic-offload: the processor encrypts, not eth0'
	ping4
	down
}
with_interface() { # kernels let no card decrypt what arrives by an XFRM interface: the processor does it
	up interface=xfrm nic-offload=auto esp=aes128gcm16
	card_has 0
	said 'nic-offload: the processor encrypts, not eth0'
	ping4
	down
}
refused() { # WANTED ESP
	before
	mark
	quietly plugin_profile vpn psk 198.51.100.2 interface=none nic-offload=$1 esp=$2
	not nmcli -w 60 connection up vpn
	journal_since | grep "eth0 does not do what nic-offload=$1 wants"
	card_has 0
	nmcli connection delete vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
ports_have() { # NUMBER NUMBER
	card=$cards/netdevsim10/ports/0/ipsec
	card_has "$1" || return 1
	card=$cards/netdevsim11/ports/0/ipsec
	card_has "$2"
}
bond() { # its active port has them, and the other one as soon as that is the active one
	up nic-offload=crypto esp=aes128gcm16 local-address=192.0.2.2
	offloaded
	ports_have 2 0
	ip link set eth0 type bond active_slave p1
	lab_wait 5 ports_have 0 2
	offloaded
	rekeyings_mark
	gw_rekey_child
	lab_wait 30 rekeyings_grew 1 0
	lab_wait 20 ports_have 0 2
	offloaded
	ip link set eth0 type bond active_slave p0
	lab_wait 5 ports_have 2 0
	offloaded
	down
	ports_have 0 0
}
if [ "${1:-}" = bond ]; then
	case_ offload/bond bond
	tidy
	finish
fi
for c in auto crypto; do
	case_ "offload/$c" taken $c
	tidy
done
case_ offload/auto/cipher not_that_cipher
tidy
case_ offload/auto/interface with_interface
tidy
case_ offload/crypto/cipher refused crypto aes256-sha256
tidy
case_ offload/packet refused packet aes128gcm16
tidy
finish
