# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# lost.sh: everything goes through the tunnel, and the tunnel is lost: name servers and default route lead into it, and
# what is needed to make it again must not go there.
. "$LAB_SRC/guest/case.sh"
lab_up strongswan || exit 1

up() { nmcli -w 30 connection up vpn >/dev/null; }
back_within() { lab_wait "$1" ping -q -n -c1 -W1 10.10.0.2; } # SECONDS
down_and_out() {
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}
# Only the name servers behind the tunnel know the gateway's name, as far as NetworkManager is concerned.
by_name() {
	before
	quietly plugin_profile vpn eap full4.example.org dpd-delay=2s dpd-timeout=6s ipv4.dns-priority=-50 ipv6.dns-priority=-50
	up
	ping4
	! grep -q 192.0.2.53 /etc/resolv.conf
	net_block udp
	sleep 300
	! ping -q -n -c1 -W1 10.10.0.2
	net_block
	back_within 30
	ping4
	lab_wait 5 vpn_is_up
	down_and_out
}

case_ lost/by-name by_name
tidy
finish
