# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -t 400
# kernel: package
# labels.sh: labeled IPsec (RFC 9478) between two peers of ours, on a kernel with SELinux: that of Debian's package
# user-mode-linux. (What this kernel cannot do is said by nft and does not matter here.)
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/gw-own.sh"
. "$LAB_SRC/guest/selinux.sh"
command -v checkpolicy >/dev/null || { echo "SKIP labels (no checkpolicy; apt-get install checkpolicy)" && exit 77; }
selinux_up || exit 1
lab_up own psk || exit 1
own_nmcli -w 10 connection down server

label=user_u:base_r:base_t
there() { # KEY=VALUE... - the other end, which waits
	own_nmcli -w 10 connection down server >/dev/null 2>&1 || :
	own_profile psk role=peer gateway=192.0.2.2 local-address=198.51.100.2 remote-id=@client.example.org start=listen \
		pool= pool6= push-dns= push-domains= push-banner= local-ts= unique= "$@"
	own_nmcli -w 20 connection up server
}
here() { # KEY=VALUE...
	before
	quietly plugin_profile vpn psk 198.51.100.2 role=peer local-address=192.0.2.2 local-id=@client.example.org log-level=6 "$@"
	nmcli -w 30 connection up vpn
}
gateway_is_empty() { [ -z "$(ip -n gateway -o xfrm state)" ]; }
gone() {
	nmcli -w 10 connection down vpn || :
	nmcli connection delete vpn
	lab_wait 5 gateway_is_empty
	clean_within 2
}
packets() { ip -s xfrm state list src 192.0.2.2 dst 198.51.100.2 | awk '/\(bytes\), / { sub(/.*, /, ""); n += $0 } END { print n + 0 }'; }

same() { # with a rekeying; and who has another label is not let into it
	local n
	there sec-label=$label
	here sec-label=$label esp-lifetime=20s rekey-margin=5s
	[ "$(ip xfrm state | grep -c "security context $label")" = 2 ]
	[ "$(ip xfrm policy | grep -c "security context $label")" = 3 ]
	n=$(packets)
	ping -q -n -c3 -i0.2 -W2 198.51.100.2
	[ "$(packets)" -ge $((n + 3)) ]
	nm-ipsec status vpn | grep -q "label.*$label"
	n=$(packets)
	! selinux_as other_t ping -q -n -c3 -i0.2 -W1 198.51.100.2
	[ "$(packets)" = "$n" ]
	ip xfrm state | grep '^	proto esp' >/run/first
	lab_wait 40 sh -c 'ip xfrm state | grep "^	proto esp" | grep -qvFf /run/first'
	lab_wait 40 sh -c '! ip xfrm state | grep "^	proto esp" | grep -qFf /run/first'
	[ "$(ip xfrm state | grep -c "security context $label")" = 2 ]
	ping -q -n -c3 -i0.2 -W2 198.51.100.2
	gone
}
differs() { # KEY=VALUE...
	there sec-label=$label
	! here "$@"
	journal_since | grep -q 'NM_IPSEC_REASON=TS_UNACCEPTABLE'
	gone
}
unknown() { # SELinux does not know it
	! here sec-label=user_u:base_r:nobody_t
	journal_since | grep -q 'NM_IPSEC_REASON=LABEL_REFUSED'
	gone
}
case_ labels/same same
tidy
case_ labels/other differs sec-label=user_u:base_r:other_t
tidy
case_ labels/none differs
tidy
case_ labels/unknown unknown
tidy
finish
