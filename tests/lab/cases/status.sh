# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 200
# status.sh: what nm-ipsec(1) and the helper's D-Bus door say of tunnels, against what the kernel and the gateway have.
. "$LAB_SRC/guest/case.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: this is our program"; exit 77; }
lab_up strongswan || exit 1

none() {
	nm-ipsec status | grep -q 'No IPsec connection is active'
	[ "$(nm-ipsec --json status)" = '[]' ]
}
one() {
	before
	quietly plugin_profile vpn eap 198.51.100.2
	nmcli -w 60 connection up vpn
	ping4
	nm-ipsec status vpn >/run/status
	cat /run/status
	grep -q '^vpn (.*): up, 198.51.100.2$' /run/status
	grep -q '^  DNS  *10.10.0.53, 2001:db8:10::53$' /run/status
	not grep -q 'by TLS' /run/status
	grep -q '^  IKE SA established, AES_' /run/status
	grep -q 'there  *198.51.100.2:.*vpn.example.org' /run/status
	grep -q 'addresses  10.20.0.' /run/status
	grep -q 'Child SA ready, .*AES_GCM_16_256' /run/status
	grep -q 'networks .* <-> .*10.10.0.0/24' /run/status
	# the kernel's own counts
	for way in in out; do grep -q "^        $way  *[1-9][0-9]* .* in [1-9][0-9]* packets" /run/status; done
	grep -q 'rekeying   in ' /run/status
	nm-ipsec --json status >/run/status
	cat /run/status
	grep -q '"bytes-in": [1-9]' /run/status
	grep -q '"nat-here": false' /run/status
	not nm-ipsec status nobody
	nmcli -w 10 connection down vpn
	clean_within 2
	none
}
case_ status/none none
tidy
case_ status/one one
tidy
finish
