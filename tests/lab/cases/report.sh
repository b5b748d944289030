# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# report.sh: what NetworkManager is told, and what becomes of it: addresses, DNS, domains, routes, MTU, banner, default
# routes.
. "$LAB_SRC/guest/case.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our reports"; exit 77; }
lab_up strongswan || exit 1

own_link() {
	ip link add probe0 type xfrm if_id 4242 || skip "this kernel has no XFRM interfaces"
	ip link del probe0
}
up() {
	before
	quietly plugin_profile vpn eap "$@"
	nmcli -w 30 connection up vpn
	nmcli -f GENERAL,IP4,IP6 connection show vpn
	dev=$(quietly device)
	ip addr show dev "$dev"
	ip route
	ip -6 route
	cat /etc/resolv.conf
}
down() {
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}
get() { nmcli -g "$1" connection show vpn; }
device() { # the link that has come; without one it is the uplink (nmcli names that in either case)
	local d
	d=$(snap | diff /run/snap-before - | sed -n 's/^> LINK //p')
	echo "${d:-eth0}"
}

addresses() {
	up 198.51.100.2
	get IP4.ADDRESS | grep -qx '10\.20\.0\.[0-9]*/32'
	get IP6.ADDRESS | tr -d '\\' | grep -q '2001:db8:20::[0-9a-f]*/128'
	ip -4 -o addr show dev "$dev" | grep -q 'inet 10\.20\.0\.'
	ip -6 -o addr show dev "$dev" | grep -q 'inet6 2001:db8:20::'
	down
}
dns() {
	up 198.51.100.2
	get IP4.DNS | grep -qx 10.10.0.53
	get IP6.DNS | tr -d '\\' | grep -qx 2001:db8:10::53
	head -n 3 /etc/resolv.conf | grep -q '^search.*corp.example'
	sed -n '/^nameserver/{p;q}' /etc/resolv.conf | grep -qE '10.10.0.53|2001:db8:10::53'
	getent ahostsv4 intranet.corp.example | grep -q 10.10.0.2 # asked through the tunnel
	getent ahostsv4 intranet | grep -q 10.10.0.2
	down
}
split_routes() { # the gateway narrows 0/0 to its networks: those are routes, and the default routes stay
	own_link
	up 198.51.100.2
	ip route get 10.10.0.2 | grep -q "dev $dev"
	ip -6 route get 2001:db8:10::2 | grep -q "dev $dev"
	ip route show default | grep -q eth0
	! ip route show default | grep -q "$dev" || return 1
	ip route get 192.0.2.1 | grep -q 'dev eth0'
	ip route get 203.0.113.1 | grep -q 'dev eth0'
	# a more specific wish of ours
	down
	up 198.51.100.2 remote-ts=10.10.0.2/32
	ip route get 10.10.0.2 | grep -q "dev $dev"
	! ip route get 10.10.0.3 | grep -q "dev $dev" || return 1
	down
}
full_tunnel() {
	own_link
	up 198.51.100.7
	ip route show default | head -n 1 | grep -q "dev $dev"
	ip -6 route show default | head -n 1 | grep -q "dev $dev"
	ip route get 198.51.100.7 | grep -q 'dev eth0' # the tunnel itself does not go through the tunnel
	ip route get 203.0.113.1 | grep -q "dev $dev"
	ping4
	ping6
	down
}
never_default() { # the user's word counts
	own_link
	up 198.51.100.7 ipv4.never-default=true ipv6.never-default=true
	! ip route show default | grep -q "$dev" || return 1
	! ip -6 route show default | grep -q "$dev" || return 1
	down
}
ip4_only() {
	up 198.51.100.2 ipv6.method=disabled
	ping4
	! ip -6 -o addr show dev "$dev" scope global | grep -q inet6 || return 1
	down
}
mtu() { # large packets go through whole, over a link that is small
	own_link
	net_mtu 1400
	up 198.51.100.2
	m=$(cat "/sys/class/net/$dev/mtu")
	[ "$m" -ge 1280 ]
	[ "$m" -lt 1500 ]
	down
	up 198.51.100.2 mtu=1300
	[ "$(cat "/sys/class/net/$dev/mtu")" = 1300 ]
	ping -q -n -c 2 -i 0.2 -W 2 -M do -s $((1300 - 28)) 10.10.0.2
	ping -q -n -c 2 -i 0.2 -W 2 -M do -s $((1300 - 48)) 2001:db8:10::2
	down
	net_mtu 1500
}
banner() {
	up 198.51.100.2
	vpn_get BANNER | grep -q 'Welcome to the lab'
	down
}
interface_name() {
	own_link
	up 198.51.100.2 connection.interface-name=office0
	[ "$dev" = office0 ]
	ip link show office0
	down
}
no_link() { # plain policies, addresses on the uplink: what is sent from them goes through the tunnel
	before
	quietly plugin_profile vpn eap 198.51.100.2 interface=none
	nmcli -w 30 connection up vpn
	six=$(ip -6 -o addr show dev eth0 | sed -n 's|.* inet6 \(2001:db8:20::[0-9a-f]*\)/.*|\1|p')
	ping4 # (its routes name the source)
	lab_wait 5 ping -q -n -c 1 -W 2 -I "$six" 2001:db8:10::2
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}
nat_outer() {
	net_nat on
	up 198.51.100.2
	ip xfrm state | grep -q 'encap type espinudp'
	ping4
	ping6
	down
	net_nat off
}
encap_forced() {
	up 198.51.100.2 encap=force
	ip xfrm state | grep -q 'encap type espinudp'
	ping4
	down
}
name_dialled() { # the gateway's name is its identity
	up vpn.example.org remote-id=
	ping4
	down
}
address_dialled() { # it says its name, but its certificate has the address too
	up 198.51.100.2 remote-id=
	ping4
	down
}
pkcs12() {
	before
	quietly plugin_profile vpn rsa 198.51.100.2 "certificate=$LAB_PKI/client.p12" private-key= secret.key-password=lab
	nmcli -w 30 connection up vpn
	ping4
	down
}
encrypted_key() {
	before
	quietly plugin_profile vpn rsa 198.51.100.2 "private-key=$LAB_PKI/client.enc.key" secret.key-password=lab
	nmcli -w 30 connection up vpn
	ping4
	down
}
cookies() { # a gateway under load asks for a cookie first
	local n
	n=$(wc -l <"$LAB_OUT/charon.log")
	gw_cookies on
	up 198.51.100.2
	ping4
	tail -n "+$((n + 1))" "$LAB_OUT/charon.log" | grep 'parsed IKE_SA_INIT request 0 \[ N(COOKIE)'
	down
	gw_cookies off
}
loss() { # certificates make large messages: fragments, some of which are lost
	net_netem delay 20ms loss 5%
	before
	quietly plugin_profile vpn rsa 198.51.100.2
	nmcli -w 60 connection up vpn
	ping -q -n -c 10 -i 0.2 -W 2 10.10.0.2 || :
	nmcli -w 20 connection down vpn
	nmcli connection delete vpn
	net_netem
	clean_within 5 # (its DELETE may be lost too, and is waited for)
}
isolation() { # neither of our processes is what it should not be
	up 198.51.100.2
	pid=$(labtool pids nm-ipsec-service)
	grep -E '^(Uid|CapEff|CapPrm|Seccomp|NoNewPrivs):' /proc/${pid% }/status
	grep -qP '^Uid:\t(?!0\t)' /proc/${pid% }/status
	grep -q '^CapEff:	0000000000000000' /proc/${pid% }/status
	grep -q '^CapPrm:	0000000000000000' /proc/${pid% }/status
	grep -q '^Seccomp:	2' /proc/${pid% }/status
	grep -q '^NoNewPrivs:	1' /proc/${pid% }/status
	! journal_since | grep -q -e 'MESSAGE=.*labpsk' -e 'password=secret' || return 1
	down
}

for c in addresses dns split_routes full_tunnel never_default ip4_only mtu banner interface_name no_link nat_outer \
	encap_forced name_dialled address_dialled pkcs12 encrypted_key cookies loss isolation; do
	case_ "report/$c" $c
	tidy
	net_mtu 1500
done
finish
