# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 200
# pad.sh - post-quantum pre-shared keys out of a one-time pad (ppk-file), between two of ours: who begins, what is zeroes
# on both disks by then, and what is said when a copy is used up or is older than the other.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/gw-own.sh"
our_pad=/var/lib/pad their_pad=/lab/roots/own/var/lib/pad
theirs() { # [KEY=VALUE...]
	printf '%s\n' role=peer start=listen gateway=192.0.2.2 pool= pool6= push-dns= push-domains= push-banner= \
		local-ts=10.10.0.0/24 remote-ts=10.1.0.0/24 local-id=@vpn.example.org remote-id=@peer.example.org \
		ppk=insist ppk-id=pad1 ppk-file=/var/lib/pad unique= "$@"
}
pads() { # SLICES: new ones, the same at both ends; text, so that there is no zero in it
	quietly base64 -w0 /dev/urandom | head -c $(($1 * 32)) >/run/pad
	for f in $our_pad $their_pad; do
		mkdir -p ${f%/*} && (umask 077 && cp /run/pad $f)
	done
}
lab_up own psk || exit 1
pads 6
own_serve psk $(theirs) || exit 1
{
	echo link add lan0 type dummy
	echo link set lan0 up
	echo addr add 10.1.0.1/24 dev lan0
} | ip -b -

profile() { # [KEY=VALUE...]
	quietly plugin_profile vpn psk 198.51.100.2 role=peer local-id=@peer.example.org remote-id=@vpn.example.org \
		local-ts=10.1.0.0/24 remote-ts=10.10.0.0/24 ppk=insist ppk-id=pad1 ppk-file=$our_pad "$@"
}
# Which slices are zeroes, of a file: "0 5"; all others are as they were made.
used() {
	local i n=$(($(stat -c %s "$1") / 32))
	for i in $(seq 0 $((n - 1))); do
		if cmp -s -n 32 -i $((i * 32)):0 "$1" /dev/zero; then printf '%s ' "$i"
		else cmp -n 32 -i $((i * 32)) "$1" /run/pad >&2 || return 1; fi
	done
}
both_used() { # COUNT
	local n
	n=$(used $our_pad) && [ "$n" = "$1" ] && n=$(used $their_pad) && [ "$n" = "$1" ]
}
down() {
	nmcli -w 10 connection down vpn
	lab_wait 5 vpn_is_down
	lab_wait 5 gw_is_empty
	clean_within 3
	nmcli connection delete vpn
}
they_have_said() { own_log | grep -q 'named a part that has been used'; }

we_begin() {
	before
	profile
	nmcli -w 30 connection up vpn
	ping4
	both_used '0 '
	down
	profile ppk=yes
	nmcli -w 30 connection up vpn
	ping4
	both_used '0 1 '
	down
}
# From the other end of the file: two that begin at the same moment never take the same.
they_begin() {
	before
	profile start=listen
	nmcli -w 30 connection up vpn
	own_serve psk $(theirs start=up)
	lab_wait 20 ping -q -n -c1 -W1 10.10.0.2
	both_used '0 1 5 '
	own_serve psk $(theirs)
	down
}
# A copy that was restored from a backup: what the other end has used it has used.
older_copy() {
	before
	(umask 077 && cp /run/pad $our_pad)
	profile
	! nmcli -w 30 connection up vpn || return 1
	lab_wait 5 vpn_is_down
	journal_since | grep 'NM_IPSEC_REASON=PPK'
	lab_wait 5 they_have_said
	used $our_pad >/run/used
	[ "$(cat /run/used)" = '0 ' ]
	lab_wait 5 gw_is_empty
	nmcli connection delete vpn
	clean_within 3
}
used_up() {
	before
	head -c $((3 * 32)) /dev/zero >$our_pad
	profile
	! nmcli -w 30 connection up vpn || return 1
	lab_wait 5 vpn_is_down
	journal_since | grep 'NM_IPSEC_REASON=PPK_FILE' | grep 'used up'
	nmcli connection delete vpn
	clean_within 3
}
case_ pad/we-begin we_begin
case_ pad/they-begin they_begin
case_ pad/older-copy older_copy
case_ pad/used-up used_up
finish
