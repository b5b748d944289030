# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 700
# methods.sh: every EAP method against strongSwan's own server, each connects, passes traffic, rekeys once and is gone;
# and what is wrong ends in the right sentence, with nothing half open.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our methods"; exit 77; }
lab_up strongswan || exit 1

connects() { # GATEWAY [KEY=VALUE...]
	before
	quietly plugin_profile vpn eap "$@"
	nmcli -w 60 connection up vpn
	ping4
	gw_serials >/run/serials
	gw_rekey_ike
	lab_wait 5 serials_grew 0 1
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
	! grep -q secret /etc/NetworkManager/system-connections/vpn.nmconnection
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
gtc_not_in_auto() { fails EAP_METHOD "$failed" 10 eap 198.51.100.10; }
gtc_refused() { refuses EAP_REFUSED eap 198.51.100.10 eap=gtc secret.password=wrongpassword; }
md5_refused() { refuses EAP_REFUSED eap 198.51.100.9 eap=md5 secret.password=wrongpassword; }

for c in gtc_password md5 gtc_code gtc_code_wrong gtc_not_in_auto gtc_refused md5_refused; do
	case_ "methods/$c" $c
	tidy
done
finish
