# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -t 400
# kernel: package
# labels.sh own|strongswan|libreswan: labeled IPsec (RFC 9478) between two peers, on a kernel with SELinux: that of Debian's
# package user-mode-linux. (What this kernel cannot do is said by nft and does not matter here.) strongSwan as Debian builds
# it negotiates labels but tells its kernel nothing of them.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/selinux.sh"
command -v checkpolicy >/dev/null || { echo "SKIP labels (no checkpolicy; apt-get install checkpolicy)" && exit 77; }
gateway=$1
selinux_up || exit 1
lab_up $gateway $([ $gateway != own ] || echo psk) || exit 1

label=user_u:base_r:base_t
# there [LABEL]: the other end, which waits
case $gateway in
own)
	own_nmcli -w 10 connection down server
	there() {
		own_nmcli -w 10 connection down server >/dev/null 2>&1 || :
		own_profile psk role=peer gateway=192.0.2.2 local-address=198.51.100.2 remote-id=@client.example.org start=listen \
			pool= pool6= push-dns= push-domains= push-banner= local-ts= unique= ${1:+sec-label=$1}
		own_nmcli -w 20 connection up server
	}
	;;
strongswan)
	there() {
		cat >/lab/roots/gw/etc/swanctl/swanctl.conf <<-C
		connections {
			peer {
				version = 2
				local_addrs = 198.51.100.2
				remote_addrs = 192.0.2.2
				proposals = default
				local { auth = psk
					id = vpn.example.org
				}
				remote { auth = psk
					id = client.example.org
				}
				children { net {
					local_ts = 198.51.100.2/32
					remote_ts = 192.0.2.2/32
					${1:+label = $1
					label_mode = simple}
				} }
			}
		}
		secrets { ike-any { secret = labpsk
		} }
		C
		gw_swanctl --load-all --noprompt --clear
	}
	they_begin() { gw_swanctl --initiate --child net; }
	;;
libreswan)
	there() {
		gw_ipsec auto --delete peer || :
		gw_libreswan_connection peer 198.51.100.2 right=192.0.2.2 leftid=@vpn.example.org rightid=@client.example.org \
			authby=secret ${1:+sec-label=$1} >/lab/roots/gw/etc/ipsec.d/peer.conf
		gw_ipsec auto --config /etc/ipsec.d/peer.conf --add peer
	}
	they_begin() { gw_ipsec auto --ondemand peer; } # the first packet has the label
	;;
esac
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
	there $label
	here sec-label=$label esp-lifetime=40s rekey-margin=10s
	[ "$(ip xfrm state | grep -c "security context $label")" = 2 ]
	[ "$(ip xfrm policy | grep -c "security context $label")" = 3 ]
	n=$(packets)
	ping -q -n -c3 -i0.2 -W2 198.51.100.2
	[ "$(packets)" -ge $((n + 3)) ]
	nm-ipsec status vpn | grep -q "label.*$label"
	n=$(packets)
	not selinux_as other_t ping -q -n -c3 -i0.2 -W1 198.51.100.2
	[ "$(packets)" = "$n" ]
	ip xfrm state | grep '^	proto esp' >/run/first
	lab_wait 60 sh -c 'ip xfrm state | grep "^	proto esp" | grep -qvFf /run/first'
	lab_wait 60 sh -c '! ip xfrm state | grep "^	proto esp" | grep -qFf /run/first'
	[ "$(ip xfrm state | grep -c "security context $label")" = 2 ]
	ping -q -n -c3 -i0.2 -W2 198.51.100.2
	gone
}
begun() { # by the other end
	there $label
	here sec-label=$label start=listen
	they_begin
	lab_wait 20 ip netns exec gateway ping -q -n -c1 -W1 192.0.2.2
	[ "$(ip xfrm state | grep -c "security context $label")" = 2 ]
	ping -q -n -c3 -i0.2 -W2 198.51.100.2
	gone
}
differs() { # KEY=VALUE...
	there $label
	not here "$@"
	journal_since | grep -q 'NM_IPSEC_REASON=TS_UNACCEPTABLE'
	gone
}
unknown() { # SELinux does not know it
	not here sec-label=user_u:base_r:nobody_t
	journal_since | grep -q 'NM_IPSEC_REASON=LABEL_REFUSED'
	gone
}
case_ labels/same same
tidy
[ $gateway = own ] || case_ labels/begun begun
tidy
# (Libreswan asks SELinux, which is permissive here)
[ $gateway = libreswan ] || case_ labels/other differs sec-label=user_u:base_r:other_t
tidy
case_ labels/none differs
tidy
case_ labels/unknown unknown
tidy
finish
