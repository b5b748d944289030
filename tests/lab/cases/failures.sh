# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 700
# failures.sh: every way in which an activation can fail has its own line in the journal, the right reason of
# NetworkManager, comes in time, and leaves nothing.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our sentences"; exit 77; }
lab_up strongswan || exit 1
printf 'this is no certificate\n' >/run/garbage.pem
cp "$LAB_PKI/client.enc.key" /run/client.enc.key

name_unknown() {
	fails NAME_NOT_FOUND "$failed" 3 eap nosuch.example.org
	told nosuch.example.org
}
port_closed() { # nobody listens at the router's own address
	fails UNREACHABLE "$failed" 3 eap 192.0.2.1
	told 192.0.2.1
}
silent() {
	net_block udp
	fails NO_RESPONSE "$failed" 20 eap 198.51.100.2
	net_block
}
# Where IPv6 is switched off the gateway's other address is what counts.
silent_without_ip6() {
	sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	net_block udp
	fails NO_RESPONSE "$failed" 40 eap vpn.example.org
	net_block
}
psk_wrong() { refuses PEER_REFUSED_US psk 198.51.100.2 secret.psk=wrongpassword; }
password_wrong() { refuses EAP_REFUSED eap 198.51.100.2 secret.password=wrongpassword; }
user_unknown() { refuses EAP_REFUSED eap 198.51.100.2 user=mallory; }
# With nmcli, which has nobody to ask: NetworkManager's own reason, and our line all the same.
password_wrong_nmcli() { fails EAP_REFUSED 'No valid secrets' 20 eap 198.51.100.2 secret.password=wrongpassword; }
ca_unknown() {
	fails CERT_UNKNOWN_CA "$failed" 10 eap 198.51.100.2 "ca=$LAB_PKI/ca-other.crt"
	told 'Lab ca'
}
ca_system() { fails CERT_UNKNOWN_CA "$failed" 10 eap 198.51.100.2 ca=system; }
certificate_pinned() { # and the right one, whose authority is not trusted
	fails CERT_PINNED "$failed" 10 eap 198.51.100.2 "remote-certificate=$LAB_PKI/client.crt"
	quietly plugin_profile vpn eap 198.51.100.2 "ca=$LAB_PKI/ca-other.crt" "remote-certificate=$LAB_PKI/gw.crt"
	nmcli -w 60 connection up vpn
	ping4
	nmcli -w 10 connection down vpn
	clean_within 2
}
certificate_expired() { fails CERT_EXPIRED "$failed" 10 eap 198.51.100.3; }
certificate_name() {
	fails CERT_NAME "$failed" 10 eap 198.51.100.4
	told vpn.example.org
}
identity_mismatch() { # the gateway has no such name
	fails PEER_REFUSED_US "$refused" 10 eap 198.51.100.2 remote-id=nobody.example.org
}
identity_default() { # dialled by a name that its certificate does not have
	fails CERT_NAME "$failed" 10 eap vpn4.example.org remote-id=
	told vpn4.example.org
	told vpn.example.org
}
proposal_ike() {
	fails NO_PROPOSAL_CHOSEN "$failed" 10 eap 198.51.100.5
	told AES
}
proposal_esp() {
	fails CHILD_NO_PROPOSAL_CHOSEN "$failed" 10 eap 198.51.100.6
	told AES
}
selectors() {
	fails TS_UNACCEPTABLE "$failed" 10 eap 198.51.100.2 remote-ts=172.31.0.0/16
	told 172.31.0.0/16
}
method_unknown() { fails EAP_METHOD "$failed" 10 eap 198.51.100.9; }
local_address() { # [KEY=VALUE...]
	fails NO_LOCAL_ADDRESS "$failed" 5 eap 198.51.100.2 local-address=192.0.2.77 "$@"
	told local-address
}
local_address_tcp() { local_address tcp=yes; }
certificate_missing() {
	fails FILE_NOT_FOUND "$failed" 5 rsa 198.51.100.2 certificate=/etc/nosuch.pem
	told /etc/nosuch.pem
}
certificate_garbage() {
	fails FILE_BAD "$failed" 5 rsa 198.51.100.2 certificate=/run/garbage.pem
	told /run/garbage.pem
}
key_password_wrong() { refuses KEY_PASSWORD_WRONG rsa 198.51.100.2 private-key=/run/client.enc.key secret.key-password=wrongpassword; }
key_of_another() { fails KEY_MISMATCH "$failed" 5 rsa 198.51.100.2 "private-key=$LAB_PKI/client-ec.key"; }
label() { # this kernel has no SELinux: said at once, and the gateway hears nothing
	echo 'table inet label { counter ike { }
		chain out { type filter hook forward priority 0; udp dport { 500, 4500 } counter name ike; }; }' | in_router nft -f -
	fails NO_LABELS "$failed" 3 eap 198.51.100.2 sec-label=system_u:object_r:ipsec_spd_t:s0
	told sec-label
	told 'forgotten the label'
	in_router nft list counter inet label ike | grep -q 'packets 0 '
	in_router nft delete table inet label
}
key_unknown() {
	fails BAD_PROFILE "$unstarted" 5 eap 198.51.100.2 gatway=198.51.100.2
	told gatway
	told gateway # what was meant
}
value_bad() {
	fails BAD_PROFILE "$unstarted" 5 eap 198.51.100.2 esp-lifetime=12abc
	told esp-lifetime
	told 12abc
}
newline() { # keyfiles know \n
	fails BAD_PROFILE "$unstarted" 5 eap 198.51.100.2 'user=alice\nca=/etc/shadow'
	told user
}

# With an agent: asked again, and told why.
agent_asks_again() {
	before
	agent_start password=wrongpassword password=secret
	quietly plugin_profile vpn eap 198.51.100.2 secret.password= password-flags=1
	nmcli -w 60 connection up vpn
	ping4
	agent_stop
	# asked twice, and the second time with a reason
	[ "$(grep -c 'answered=1' /run/agent.log)" = 2 ]
	grep 'answered=1' /run/agent.log | tail -n 1 | grep -q 'message=".\{10,\}"'
	nmcli -w 10 connection down vpn
	clean_within 2
}
agent_stored_is_wrong() { # a stored password that is refused is asked for as well
	before
	agent_start password=secret
	quietly plugin_profile vpn eap 198.51.100.2 secret.password=wrongpassword
	nmcli -w 60 connection up vpn
	ping4
	agent_stop
	grep 'answered=1' /run/agent.log | grep -q 'message=".\{10,\}"'
	nmcli -w 10 connection down vpn
	clean_within 2
}
agent_gives_up() {
	before
	agent_start password=wrongpassword
	quietly plugin_profile vpn eap 198.51.100.2 secret.password= password-flags=1
	not nmcli -w 60 connection up vpn
	agent_stop
	lab_wait 5 vpn_is_down
	nmcli connection delete vpn
	clean_within 2
}

for c in name_unknown port_closed silent psk_wrong password_wrong user_unknown password_wrong_nmcli ca_unknown ca_system certificate_expired certificate_pinned \
	certificate_name identity_mismatch identity_default proposal_ike proposal_esp selectors method_unknown local_address local_address_tcp certificate_missing \
	certificate_garbage key_password_wrong key_of_another label key_unknown value_bad newline agent_asks_again \
	agent_stored_is_wrong agent_gives_up silent_without_ip6; do
	case_ "failures/$c" $c
	tidy
done
finish
