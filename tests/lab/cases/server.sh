# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 400
# server.sh - our server, and strongSwan, Libreswan and ourselves as its clients: each way to prove oneself, addresses,
# name servers, traffic, rekeying and disconnecting from each side, and an empty kernel when the last one has gone.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/gw-own.sh"
. "$LAB_SRC/guest/lsw.sh"
. "$LAB_SRC/guest/sw.sh"
. "$LAB_SRC/guest/wire.sh"
lab_up own eap || exit 1

pings() { ping4 && ping6; }
gateway_is_empty() {
	[ -z "$(ip -n gateway -o xfrm state)" ] && [ -z "$(ip -n gateway -o xfrm policy | grep -v 'socket ')" ]
}
client_is_empty() { [ -z "$(ip -o xfrm state)" ] && ! ip link show ipsec0; }
said() { own_log | tail -n "+$(($(cat /run/own-mark) + 1))" | grep -q "$1"; } # since own_serve

# Everything that one client does; the client disconnects.
strongswan() { # METHOD [KEY=VALUE... of the server]
	own_serve "$@"
	sw_up
	sw --initiate --child "net-$1"
	pings
	sw --list-sas | grep -q '10.20.0.'
	sw_serials >/run/sw-serials
	sw --rekey --child "net-$1"
	sw_grew 0 1
	pings
	sw --rekey --ike "$1"
	lab_wait 5 sw_grew 1 1
	pings
	sw --terminate --ike "$1"
	lab_wait 5 gateway_is_empty
	lab_wait 5 said 'is gone; 0 are left'
	sw_down
}
# A client from before RFC 7427: both ends sign by RSA with SHA-1, or not at all.
old_client() {
	SW_CHARON='signature_authentication = no'
	own_serve rsa
	sw_up
	not sw --initiate --child net-rsa
	said 'a peer was refused: RSA_SHA1'
	sw_down
	strongswan rsa rsa-sha1=yes
}
# The server rekeys, both kinds of SA, and disconnects.
server_side() {
	own_serve eap esp-lifetime=10s ike-lifetime=14s rekey-margin=3s
	sw_up
	sw --initiate --child net-eap
	sw_serials >/run/sw-serials
	probe_start 50 10.10.0.2 2001:db8:10::2
	lab_wait 90 sw_grew 2 3
	probe_stop
	own_nmcli -w 10 connection down server
	lab_wait 5 sw_has_none
	lab_wait 5 gateway_is_empty
	not ip -n gateway link show ipsec0 2>/dev/null
	sw_down
}
# An address belongs to a name, and is the same after a restart of everything.
leased() { ip -n gateway -o xfrm policy | grep -o '10\.20\.0\.[0-9]*' | grep -v '\.0$' | head -n 1; }
leases() {
	local one two first
	own_serve psk # somebody else has the first address
	sw_up
	sw --initiate --child net-psk
	first=$(leased)
	sw --terminate --ike psk
	own_serve eap
	sw --initiate --child net-eap
	one=$(leased)
	[ "$one" != "$first" ]
	sw --terminate --ike eap
	own_nmcli -w 10 connection down server
	own_nmcli -w 20 connection up server
	sw --initiate --child net-eap
	two=$(leased)
	[ -n "$one" ]
	[ "$one" = "$two" ]
	sw --terminate --ike eap
	sw_down
}
# The server alone wants ESP in UDP; nobody is behind a NAT.
encap_forced() {
	own_serve eap encap=force
	sw_up
	sw --initiate --child net-eap
	ip -n gateway xfrm state | grep -q 'encap type espinudp'
	ip xfrm state | grep -q 'encap type espinudp'
	pings
	sw --terminate --ike eap
	lab_wait 5 gateway_is_empty
	sw_down
}
refused() { # wrong password, unknown user, PAM: nothing is left of them
	own_serve eap
	sw_up
	not sw --initiate --child net-nobody --timeout 10
	own_serve eap pam-service=vpn-none
	not sw --initiate --child net-eap --timeout 10
	said 'PAM service "vpn-none"'
	own_serve eap pam-service=vpn-all
	sw --initiate --child net-eap
	sw --terminate --ike eap
	lab_wait 5 gateway_is_empty
	sw_down
}
vanish() {
	kill -KILL $(labtool pids charon-systemd)
	lab_wait 5 sw_gone
	rm -f /lab/roots/sw/run/charon.vici
	ip xfrm state flush
	ip xfrm policy flush
	# what charon could not take away any more would send the next client's packets from an address of the past
	ip route flush table 220
	ip -6 route flush table 220
	for f in '-4 10.20.0.0/24' '-6 2001:db8:20::/64'; do
		ip -o ${f% *} addr show to ${f#* } | while read -r _ dev _ addr _; do ip addr del "$addr" dev "$dev"; done
	done
}
# A client that vanishes is noticed.
vanished() {
	own_serve eap dpd-delay=5s dpd-timeout=10s
	sw_up
	sw --initiate --child net-eap
	net_block udp esp
	vanish
	lab_wait 60 gateway_is_empty
	net_block
	lab_wait 5 said 'is gone; 0 are left'
}
# One that was started again, and does not say that it knows of nothing: it is answered by what it has. When it hangs up what
# it has forgotten goes, too.
restarted() {
	local SW_SETTINGS='unique = never'
	own_serve psk unique=replace dpd-delay=5s dpd-timeout=10s
	sw_up
	sw --initiate --child net-psk
	pings
	vanish
	sw_up
	sw --initiate --child net-psk
	lab_wait 4 pings
	not said 'is gone'
	[ "$(gw_ike_sas)" = 2 ]
	sw --terminate --ike psk
	lab_wait 20 gateway_is_empty
	lab_wait 5 said 'is gone; 0 are left'
	sw_down
}

# ---- Libreswan ----
libreswan() { # METHOD
	own_serve "$1"
	lsw_up
	lsw auto --up "$1"
	ping4
	lsw_rekeys "$1" ipsec
	lsw whack --terminate --name "$1"
	lab_wait 5 gateway_is_empty
	lab_wait 5 said 'is gone; 0 are left'
	# and once more, to be sent away by the server
	lsw auto --up "$1"
	own_nmcli -w 10 connection down server
	lab_wait 5 gateway_is_empty
	lsw_down
}

# ---- ourselves ----
ours() { # METHOD-OF-SERVER [METHOD DATA], of the client
	own_serve "$1"
	net_nat on
	before
	quietly plugin_profile vpn "${2:-$1}" 198.51.100.2 ${3:-}
	nmcli -w 30 connection up vpn
	pings
	[ "$(vpn_get BANNER)" = 'Welcome to the lab' ]
	grep -q 10.10.0.53 /etc/resolv.conf
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gateway_is_empty
	nmcli -w 30 connection up vpn
	pings
	own_nmcli -w 10 connection down server
	lab_wait 10 vpn_is_down
	# (the server's own processes have gone meanwhile: not all is as before)
	lab_wait 2 client_is_empty
	lab_wait 5 gateway_is_empty
}

# The server wants to be shown again who it is: nothing is lost, and the client stays what it was to the server.
anew() { # UNIQUE
	own_serve psk unique=$1 reauth=yes ike-lifetime=80s rekey-margin=5s
	before
	quietly plugin_profile vpn psk 198.51.100.2
	nmcli -w 30 connection up vpn
	ip xfrm state | grep '^	proto esp' >/run/first
	probe_start 100 10.10.0.2 2001:db8:10::2
	lab_wait 120 sh -c 'ip xfrm state | grep "^	proto esp" | grep -qvFf /run/first'
	lab_wait 10 sh -c '! ip xfrm state | grep "^	proto esp" | grep -qFf /run/first'
	probe_stop
	not said 'is gone'
	[ "$(gw_ike_sas)" = 1 ]
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gateway_is_empty
	lab_wait 5 said 'is gone; 0 are left'
}

# Post-quantum signatures at both ends, where NSS has them: certificates of ML-DSA by an authority of ML-DSA.
ml_dsa() {
	local d=/run/ml-dsa c
	openssl genpkey -algorithm ML-DSA-87 -out /dev/null 2>/dev/null || skip "this OpenSSL has no ML-DSA"
	quietly nm-ipsec newhostkey --keytype mldsa || skip "this NSS has no ML-DSA"
	mkdir -p $d
	openssl genpkey -algorithm ML-DSA-87 -out $d/ca.key
	openssl req -x509 -new -key $d/ca.key -days 99 -subj '/O=IPsec Lab/CN=ML-DSA' -out $d/ca.crt \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
	for c in gw:DNS:vpn.example.org:65 client:email:alice@example.org:44; do
		openssl genpkey -algorithm "ML-DSA-${c##*:}" -out "$d/${c%%:*}.key"
		echo "subjectAltName=$(echo "$c" | cut -d: -f2,3)" >$d/ext
		openssl req -new -key "$d/${c%%:*}.key" -subj "/CN=${c%%:*}" -out $d/req
		openssl x509 -req -in $d/req -CA $d/ca.crt -CAkey $d/ca.key -days 99 -extfile $d/ext -out "$d/${c%%:*}.crt"
	done
	cp -a $d /lab/roots/own/run/
	own_serve rsa certificate=$d/gw.crt private-key=$d/gw.key ca=$d/ca.crt
	before
	quietly plugin_profile vpn rsa 198.51.100.2 certificate=$d/client.crt private-key=$d/client.key ca=$d/ca.crt
	nmcli -w 30 connection up vpn
	pings
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gateway_is_empty
	# an authority of another kind is none
	quietly plugin_profile vpn rsa 198.51.100.2 certificate=$d/client.crt private-key=$d/client.key
	not nmcli -w 30 connection up vpn
	journal_since | grep NM_IPSEC_REASON=CERT_UNKNOWN_CA
	clean_within 2
}

# Small packets go together, also through rekeyings.
iptfs() {
	own_serve psk mode=iptfs
	before
	quietly plugin_profile vpn psk 198.51.100.2 mode=iptfs esp-lifetime=10s rekey-margin=3s log-level=6
	nmcli -w 30 connection up vpn
	wire_iptfs_wanted
	wire_iptfs
	ip xfrm state | grep '^	proto esp' >/run/first
	probe_start 100 10.10.0.2 2001:db8:10::2
	ping -q -c 20 -l 20 -W 2 -s 100 10.10.0.2
	ping -q -c 20 -l 20 -W 2 -s 1400 10.10.0.2
	lab_wait 30 sh -c 'ip xfrm state | grep "^	proto esp" | grep -qvFf /run/first'
	lab_wait 30 sh -c '! ip xfrm state | grep "^	proto esp" | grep -qFf /run/first'
	probe_stop
	wire_iptfs
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gateway_is_empty
}

# Keys for each processor (RFC 9611), of which this machine may have one: what that sends has them, also after rekeyings.
# (iproute2 is older: how many there are is all that it can tell.)
cpu_states() { [ "$(ip -o xfrm state | grep -c 'proto esp')" = $((2 * ($(nproc) + 1))) ]; }
cpu_packets() { # PROCESSOR - packets out of its Child SA; -: out of the one for all
	nm-ipsec --json status vpn | python3 -c 'import json, sys
for child in json.load(sys.stdin)[0]["sas"][0]["children"]:
    if str(child.get("processor", "-")) == sys.argv[1] and child["state"] == "ready":
        print(child["packets-out"])' "$1"
}
cpus() {
	local cpu last
	last=$(($(nproc) - 1))
	own_serve psk cpus=8
	before
	quietly plugin_profile vpn psk 198.51.100.2 cpus=8 esp-lifetime=10s rekey-margin=3s log-level=6
	nmcli -w 30 connection up vpn
	! journal_text <"$LAB_OUT/journal" | grep -q 'the kernel cannot give them SAs' || skip "this kernel has no SAs of processors"
	lab_wait 5 cpu_states
	journal_since | journal_text | grep 'no Child SA for processor .*TS_MAX_QUEUE' && return 1
	for cpu in $(seq 0 $last); do
		[ -n "$(cpu_packets $cpu)" ]
		taskset -c $cpu ping -q -n -c 5 -i 0.1 -W 2 10.10.0.2
		[ "$(cpu_packets $cpu)" -ge 5 ]
	done
	[ "$(cpu_packets -)" = 0 ]
	ip xfrm state | grep '^	proto esp' >/run/first
	probe_start 100 10.10.0.2 2001:db8:10::2
	lab_wait 30 sh -c 'ip xfrm state | grep "^	proto esp" | grep -qvFf /run/first'
	lab_wait 30 sh -c '! ip xfrm state | grep "^	proto esp" | grep -qFf /run/first'
	probe_stop
	lab_wait 20 cpu_states
	[ -n "$(cpu_packets $last)" ]
	pings
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gateway_is_empty
}
# Only one end wants them.
cpus_alone() { # OF-THE-SERVER OF-THE-CLIENT
	own_serve psk ${1:+cpus=$1}
	before
	quietly plugin_profile vpn psk 198.51.100.2 ${2:+cpus=$2} log-level=6
	nmcli -w 30 connection up vpn
	pings
	[ "$(ip -o xfrm state | grep -c 'proto esp')" = 2 ]
	nmcli -w 10 connection down vpn
	clean_within 2
	lab_wait 5 gateway_is_empty
}
for m in psk rsa eap; do case_ "server/strongswan/$m" strongswan $m; done
case_ server/strongswan/old-client old_client
case_ server/strongswan/server-side server_side
case_ server/strongswan/encap-forced encap_forced
case_ server/strongswan/leases leases
case_ server/strongswan/refused refused
case_ server/strongswan/vanished vanished
case_ server/strongswan/restarted restarted
for m in psk rsa null; do case_ "server/libreswan/$m" libreswan $m; done
for m in psk rsa eap; do
	case_ "server/ours/$m" ours $m
	tidy
done
case_ server/ours/null ours null rsa auth=null
tidy
for m in replace keep no; do
	case_ "server/ours/anew/$m" anew $m
	tidy
done
case_ server/ours/ml-dsa ml_dsa
tidy
case_ server/ours/iptfs iptfs
tidy
case_ server/ours/cpus cpus
tidy
case_ server/ours/cpus/server cpus_alone 4 ''
tidy
case_ server/ours/cpus/client cpus_alone '' 4
tidy
finish
