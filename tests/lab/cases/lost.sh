# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# lost.sh: everything goes through the tunnel, and the tunnel is lost: name servers and default route lead into it, and
# what is needed to make it again must not go there.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
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
	not grep -q 192.0.2.53 /etc/resolv.conf
	net_block udp
	sleep 300
	not ping -q -n -c1 -W1 10.10.0.2
	net_block
	back_within 30
	ping4
	lab_wait 5 vpn_is_up
	down_and_out
}

# Whoever ends the connection while it is being made again: no name server behind the tunnel is left to be asked.
lose() { # [KEY=VALUE...]
	before
	quietly plugin_profile vpn eap 198.51.100.2 dpd-delay=2s dpd-timeout=6s "$@"
	up
	lab_wait 5 grep -q 10.10.0.53 /etc/resolv.conf
	gw_crash
}
found() {
	lab_wait 5 vpn_is_down
	not grep -q 10.10.0.53 /etc/resolv.conf
	quietly gw_start
	nmcli connection delete vpn
	clean_within 2
}
given_up() {
	lose keyingtries=2
	lab_wait 200 vpn_is_down
	found
}
uplink_goes() {
	lose
	sleep 12
	nmcli -w 10 device disconnect eth0
	nmcli -w 10 connection up eth0
	found
}
service_dies() {
	lose
	sleep 12
	kill -KILL $(labtool pids nm-ipsec-service)
	found
}
deactivated() {
	lose
	sleep 12
	nmcli -w 10 connection down vpn
	found
}

# The same while the user is being asked for what is needed to make it again.
ask() { # [KEY=VALUE...]
	lose gateway=198.51.100.10 eap=gtc secret.password= otp-flags=2 "$@"
	quietly gw_start
}
asked_cancelled() {
	agent_start otp=secret
	ask
	lab_wait 30 grep -q 'names=otp.*answered=0' /run/agent.log
	agent_stop
	found
}
# Nobody answers; the question is there until something else ends it.
unanswered() { # [KEY=VALUE...]
	agent_start otp=secret otp=secret otp=secret
	ask "$@"
	kill -STOP "$(cat /run/agent.pid)"
	lab_wait 30 vpn_is_asked
	not grep -q 10.10.0.53 /etc/resolv.conf
}
vpn_is_asked() { vpn_get VPN-STATE | grep -q 'need authentication'; }
kill_agent() { kill -KILL "$(cat /run/agent.pid)"; }
asked_uplink_goes() {
	unanswered
	nmcli -w 10 device disconnect eth0
	nmcli -w 10 connection up eth0
	kill_agent
	found
}
asked_service_term() {
	unanswered
	kill -TERM $(labtool pids nm-ipsec-service)
	kill_agent
	found
}
asked_service_dies() {
	unanswered
	kill -KILL $(labtool pids nm-ipsec-service)
	kill_agent
	found
}

# NetworkManager forgets the question when it does anything to the interface: it is there again, and is answered.
asked_withdrawn() {
	unanswered interface=none
	nmcli connection modify eth0 ipv4.addresses 192.0.2.2/24,192.0.2.99/24
	nmcli -w 10 device reapply eth0
	lab_wait 10 vpn_is_asked
	kill -CONT "$(cat /run/agent.pid)"
	back_within 30
	lab_wait 5 vpn_is_up
	lab_wait 5 grep -q 10.10.0.53 /etc/resolv.conf
	agent_stop
	nmcli connection modify eth0 ipv4.addresses 192.0.2.2/24
	nmcli -w 10 device reapply eth0
	down_and_out
}

# NetworkManager keeps only the first one's address out of the tunnel that is lost.
next_gateway() { # [KEY=VALUE...]
	before
	quietly plugin_profile vpn eap 198.51.100.7,198.51.100.2 dpd-delay=2s dpd-timeout=6s "$@"
	up
	ping4
	ip route get 198.51.100.2 | grep -q 'dev ipsec0'
	echo 'table ip first { chain drops { type filter hook forward priority 0; ip daddr 198.51.100.7 drop; }; }' | in_router nft -f -
	back_within 60
	ping4
	we_said 'The tunnel to 198.51.100.2 is up again'
	ip route get 198.51.100.2 | grep -q 'dev eth0'
	in_router nft delete table ip first
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 40 # the kernel waits for an SA to the first one, and forgets that by itself
}

# The gateway gives no IPv6 address any more: NetworkManager must not keep the routes of the one before.
family_goes() {
	local conf=/lab/roots/gw/etc/swanctl/swanctl.conf
	before
	quietly plugin_profile vpn eap 198.51.100.7 dpd-delay=2s dpd-timeout=6s
	up
	ping4
	ping6
	leads_in
	cp $conf /run/swanctl.conf
	sed -i 's/pools = rw4, rw6/pools = rw4/; s/, ::.0$//' $conf
	gw_crash
	quietly gw_start
	lab_wait 60 said_again
	lab_wait 5 vpn_is_up
	ping4
	not leads_in
	grep -q 10.10.0.53 /etc/resolv.conf
	lab_wait 5 not grep -q 2001:db8:10::53 /etc/resolv.conf
	cp /run/swanctl.conf $conf
	gw_swanctl --load-conns
	down_and_out
}
leads_in() { ip -6 route show dev ipsec0 | grep '^default'; }
said_again() { we_said 'is up again' >/dev/null; }

case_ lost/by-name by_name
tidy
case_ lost/family-goes family_goes
tidy
# at its other address the first gateway would go on (RFC 4555): extensions other-address
case_ lost/next-gateway next_gateway mobike=no
tidy
for c in given_up uplink_goes service_dies deactivated asked_cancelled asked_uplink_goes asked_service_term asked_service_dies; do
	case_ "lost/name-servers/$c" $c
	tidy
done
case_ lost/asked-withdrawn asked_withdrawn
tidy
case_ lost/nothing-left clean_within 2
finish
