# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 700
# methods.sh: every EAP method against strongSwan's own server, each connects, passes traffic, rekeys once and is gone;
# and what is wrong ends in the right sentence, with nothing half open.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
. "$LAB_SRC/guest/gw-radius.sh"
. "$LAB_SRC/guest/token.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our methods"; exit 77; }
lab_up strongswan && radius_start || exit 1

connects() { # GATEWAY [KEY=VALUE...]; METHOD, if it is not eap
	before
	quietly plugin_profile vpn ${METHOD:-eap} "$@"
	nmcli -w 60 connection up vpn
	ping4
	rekeyings_mark
	gw_rekey_ike
	lab_wait 5 rekeyings_grew 0 1
	ping4
	ends
}
ends() {
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
gtc_password() { connects 198.51.100.10 eap=gtc; }
md5() {
	connects 198.51.100.9 eap=md5
	journal_since | grep -q 'MESSAGE=eap: with md5'
}
# The server's question is what the user sees; the code comes from him, and is not kept.
gtc_code() {
	before
	agent_start otp=secret
	quietly plugin_profile vpn eap 198.51.100.10 eap=gtc secret.password= otp-flags=2
	nmcli -w 60 connection up vpn
	ping4
	agent_stop
	grep -q 'names=otp.*message=".*Details: .*answered=1' /run/agent.log
	not grep -q =secret /etc/NetworkManager/system-connections/vpn.nmconnection
	ends
}
gtc_code_wrong() { # and then the right one
	before
	agent_start otp=000000 otp=secret
	quietly plugin_profile vpn eap 198.51.100.10 eap=gtc secret.password= otp-flags=2
	nmcli -w 60 connection up vpn
	ping4
	agent_stop
	[ "$(grep -c 'names=otp.*answered=1' /run/agent.log)" = 2 ]
	ends
}
# On demand the question comes with the traffic, when NetworkManager takes us for connected.
gtc_on_demand() {
	before
	agent_start otp=secret otp=secret
	quietly plugin_profile vpn eap 198.51.100.10 eap=gtc secret.password= otp-flags=2 start=ondemand idle-timeout=20s
	nmcli -w 60 connection up vpn
	ping4
	lab_wait 100 gw_is_empty
	vpn_is_up
	lab_wait 20 ping -q -n -c1 -W1 10.10.0.2
	lab_wait 5 vpn_is_up
	ping4
	agent_stop
	[ "$(grep -c 'names=otp.*answered=1' /run/agent.log)" = 2 ]
	ends
}
gtc_not_in_auto() { fails EAP_METHOD "$failed" 10 eap 198.51.100.10; }
gtc_refused() { refuses EAP_REFUSED eap 198.51.100.10 eap=gtc secret.password=wrongpassword; }
# The machine's certificate, and then its user's password (RFC 4739).
second() { METHOD=rsa connects 198.51.100.15 auth2=eap user=alice secret.password=secret; }
second_refused() { refuses EAP_REFUSED rsa 198.51.100.15 auth2=eap user=alice secret.password=wrongpassword; }
second_missing() { refuses PEER_REFUSED_US rsa 198.51.100.15; }
md5_refused() { refuses EAP_REFUSED eap 198.51.100.9 eap=md5 secret.password=wrongpassword; }

# A gateway from before RFC 7427 signs by RSA with SHA-1, and wants the same of us.
gw_knows_rfc7427() { # yes|no
	sed -i "/signature_authentication/d; s/^charon-systemd {/&\nsignature_authentication = $1/" \
		/lab/roots/gw/etc/strongswan.d/lab.conf
	gw_swanctl --reload-settings
}
old_gateway_refused() { # METHOD: rsa it is our signature, eap the gateway's
	trap 'gw_knows_rfc7427 yes' EXIT
	gw_knows_rfc7427 no
	fails RSA_SHA1 "$failed" 10 $1 198.51.100.2
}
old_gateway() {
	trap 'gw_knows_rfc7427 yes' EXIT
	gw_knows_rfc7427 no
	connects 198.51.100.2 rsa-sha1=yes
	METHOD=rsa connects 198.51.100.2 rsa-sha1=yes
	METHOD=rsa connects 198.51.100.2 ike=legacy
}

# ---- TLS; strongSwan's own TLS 1.3 comes from before RFC 9190 and 9427: that is FreeRADIUS's part ----
own() { echo eap=$1 secret.password= "certificate=$LAB_PKI/client.crt" "private-key=$LAB_PKI/client.key"; }
radius() { echo 198.51.100.13 "eap-ca=$LAB_PKI/ca-other.crt" eap-server-name=aaa.example.org; }
tls() { connects 198.51.100.11 user= $(own tls); }
# certificate, key and authority in the profile itself
data() { printf 'data:application/x-pem-file;base64,'; base64 -w0 <"$LAB_PKI/$1"; }
tls_data() { connects 198.51.100.11 user= $(own tls) "certificate=$(data client.crt)" "private-key=$(data client.key)" "ca=$(data ca.crt)"; }
ttls() { connects 198.51.100.12 eap=ttls; }
eap_only() { # and no other certificate will do
	connects 198.51.100.14 eap=ttls remote-auth=eap-only
	connects 198.51.100.12 eap=ttls remote-auth=eap-only # this one signs all the same
	fails EAP_CERT_UNKNOWN_CA "$failed" 10 eap 198.51.100.14 eap=ttls remote-auth=eap-only "eap-ca=$LAB_PKI/ca-other.crt" \
		eap-server-name=vpn.example.org
}
# without a rekey
logs_in() {
	before
	quietly plugin_profile vpn eap $(radius) "$@"
	nmcli -w 60 connection up vpn
	ping4
	ends
}
radius_tls() { logs_in user= $(own tls); }
radius_auto() { logs_in; }
# the server refuses us, within TLS
tls_refused() {
	fails EAP_TLS "$failed" 10 eap $(radius) user= $(own tls) \
		"certificate=$LAB_PKI/client-expired.crt" "private-key=$LAB_PKI/client-expired.key"
}
server_ca() { fails EAP_CERT_UNKNOWN_CA "$failed" 10 eap 198.51.100.13 eap=peap; }
server_name() {
	fails EAP_CERT_NAME "$failed" 10 eap $(radius) eap=ttls eap-server-name=other.example.org
	told other.example.org
	told aaa.example.org
}
server_expired() {
	radius_stop
	radius_start aaa-expired
	fails EAP_CERT_BAD "$failed" 10 eap $(radius) eap=peap
	told 'has expired'
}
inner_refused() { refuses EAP_REFUSED eap $(radius) "$@" secret.password=wrongpassword; }

# ---- a key that never leaves its token ----
token_key() {
	token_make
	before
	quietly plugin_profile vpn rsa 198.51.100.2 "private-key=$on_token" secret.pin=1234
	nmcli -w 60 connection up vpn
	ping4
	ends
}
token_pin_asked() { # the wrong one is not said again, the right one opens it
	before
	agent_start pin=9999 pin=1234
	quietly plugin_profile vpn rsa 198.51.100.2 "private-key=$on_token" pin-flags=2
	nmcli -w 60 connection up vpn
	ping4
	agent_stop
	grep -q 'names=pin.*message=".*PIN of the token is wrong.*answered=1' /run/agent.log
	ends
}
token_pin_wrong() { refuses PIN_WRONG rsa 198.51.100.2 "private-key=$on_token" secret.pin=wrongpassword; }
token_pin_told() { # after it: what is stored is not tried, whoever types it is heard
	before
	agent_start pin=1234
	quietly plugin_profile vpn rsa 198.51.100.2 "private-key=$on_token" secret.pin=1234
	nmcli -w 60 connection up vpn
	ping4
	agent_stop
	grep -q 'names=pin.*message=".*not tried.*answered=1' /run/agent.log
	ends
}
token_missing() {
	fails TOKEN_MISSING "$failed" 5 rsa 198.51.100.2 'private-key=pkcs11:token=Lost' secret.pin=1234
	told Lost
}
token_object() { fails TOKEN_OBJECT "$failed" 5 rsa 198.51.100.2 "private-key=$on_token;id=%01" secret.pin=1234; }

for c in gtc_password md5 gtc_code gtc_code_wrong gtc_on_demand gtc_not_in_auto gtc_refused md5_refused second second_refused second_missing old_gateway; do
	case_ "methods/$c" $c
	tidy
done
for m in rsa eap; do
	case_ "methods/old_gateway/$m" old_gateway_refused $m
	tidy
done
for c in tls tls_data ttls eap_only radius_tls radius_auto tls_refused server_ca server_name; do
	case_ "methods/$c" $c
	tidy
done
for m in 'eap=ttls eap-phase2=pap' 'eap=ttls eap-phase2=mschapv2 eap-identity=anonymous' eap=peap; do
	case_ "methods/1.2/$(echo "$m" | tr ' ' /)" logs_in $m
	tidy
done
for m in 'eap=ttls eap-phase2=pap' eap=peap; do
	case_ "methods/refused/$(echo "$m" | tr ' ' /)" inner_refused $m
	tidy
done
for c in token_key token_pin_asked token_missing token_object token_pin_wrong token_pin_told; do
	case_ "methods/$c" $c
	tidy
done
radius_stop
radius_start aaa 1.3
case_ methods/1.3/tls radius_tls
tidy
for m in 'eap=ttls eap-phase2=mschapv2' eap=ttls eap=peap; do
	case_ "methods/1.3/$(echo "$m" | tr ' ' /)" logs_in $m
	tidy
done
case_ methods/server_expired server_expired
tidy
finish
