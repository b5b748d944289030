# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# exchanges.sh strongswan|libreswan|strongswan13|libreswan13|strongswan14 [again|mlkem]: what comes before, between and after the ordinary exchanges, as
# far as the gateway can do it: post-quantum pre-shared keys (RFC 8784, RFC 9867), additional key exchanges (RFC 9370), repeated authentication (RFC 4478).
# Repeated authentication with "again" alone, since it takes a minute; with "mlkem" nothing else.  The numbers are those of Debian's
# releases ("prepare debian13"). ML-KEM needs both ends to have it: strongswan14, and -c debian13 or debian14.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
. "$LAB_SRC/guest/talk.sh"
if [ "$1" != "$kind" ]; then
	export GW_TREES="$1 debian${1#$kind}"
	export GW_SETTINGS=ppk=yes GW_REKEY_CHILD=--rekey-child # Libreswan
	export GW_PROPOSALS=aes256gcm16-prfsha384-x25519-ke1_ecp384-ke2_modp2048,aes256gcm16-prfsha384-x25519-ke1_mlkem768,aes256gcm16-prfsha384-ecp384-ke1_mlkem1024,default \
		GW_ESP_PROPOSALS=aes256gcm16-x25519-ke1_ecp384,aes256gcm16-x25519-ke1_mlkem768,aes256gcm16-ecp384-ke1_mlkem1024
fi
lab_up $kind || exit 1

ppk() { # PPK PPK-ID METHOD
	up "$3" ppk=$1 ppk-id=$2 secret.ppk=quantum
	case $kind:$2 in
	strongswan:lab) gateway_said 'using PPK for PPK_ID' ;;
	strongswan:*) gateway_said 'no PPK' ;;
	libreswan:lab)
		gateway_said 'PPK'
		not gateway_said 'ignored received PPK_IDENTITY|continuing without PPK'
		;;
	esac
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	ping4
	down
}
ppk_refused() { # what the gateway does not know, and we insist
	before
	quietly plugin_profile vpn psk 198.51.100.2 ppk=insist ppk-id=other secret.ppk=quantum
	! nmcli -w 30 connection up vpn || return 1
	lab_wait 5 vpn_is_down
	journal_since | grep -E 'NM_IPSEC_REASON=(PPK|PEER_REFUSED_US)'
	lab_wait 5 gw_is_empty
	clean_within 2
}
several() { # IKE ESP - both ends rekey everything
	up psk ike=$1 esp=$2
	lab_in gw gateway swanctl --list-sas | grep -E 'KE1_|ke1'
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	gw_rekey_ike
	lab_wait 5 rekeyings_grew 1 1
	ping4
	down
	up psk ike=$1 esp=$2 esp-lifetime=10s ike-lifetime=14s rekey-margin=3s
	lab_wait 60 rekeyings_grew 3 2
	ping4
	down
}
# The new IKE SA is there before the old one goes: the same address, and not one packet is missing.  (But what the gateway
# sends on the new SA before its answer is read.)
again() { # KEY=VALUE...
	local address early
	net_netem delay 5ms
	up psk "$@"
	address=$(address_inside)
	[ -n "$address" ]
	early=$(too_early)
	probe_start 50 10.10.0.2
	lab_wait 100 reauthenticated
	probe_stop || only_early 5
	[ "$(address_inside)" = "$address" ]
	vpn_is_up
	ping4
	lab_wait 10 one_ike_sa
	down
}
address_inside() { ip -4 -o addr show dev ipsec0 | sed -n 's/.*inet \([0-9.]*\).*/\1/p'; }
reauthenticated() { [ "$(gateway_said 'established (between|IKE SA)' | wc -l)" -ge 2 ]; }
one_ike_sa() { [ "$(gw_ike_sas)" = 1 ]; }
told_when() { # the gateway says when (strongSwan; it counts from a minute)
	sed -i 's/rekey_time = 4h/rekey_time = 4h\n		reauth_time = 70s\n		over_time = 20s/' /lab/roots/gw/etc/swanctl/swanctl.conf
	gw_swanctl --load-conns
	again
	gateway_said 'AUTH_LFT'
}
# A code that is good for once: the tunnel stands as long as the gateway lets it, and then the user is asked for the next.
told_code() {
	before
	agent_start otp=secret otp=secret
	quietly plugin_profile vpn eap 198.51.100.10 eap=gtc secret.password= otp-flags=2 persistent=true
	nmcli -w 60 connection up vpn
	ping4
	lab_wait 100 asked_later
	ping4
	lab_wait 60 answered_twice
	lab_wait 10 ping -q -n -c1 -W1 10.10.0.2
	vpn_is_up
	ping4
	agent_stop
	down
}
asked_later() { journal_since | grep -q 'it is asked for when the tunnel is lost'; }
answered_twice() { [ "$(grep -c 'names=otp.*answered=1' /run/agent.log)" = 2 ]; }
mlkem() {
	case_ "$1/several/mlkem768" several aes256gcm16-prfsha384-x25519-ke1_mlkem768 aes256gcm16-x25519-ke1_mlkem768
	tidy
	if [ "$LAB_CLIENT" = debian14 ]; then
		case_ "$1/several/mlkem1024" several cnsa2 aes256gcm16-ecp384-ke1_mlkem1024
		tidy
	fi
}
case ${2:-} in
again)
	case_ "$1/again" again reauth=yes ike-lifetime=30s rekey-margin=5s
	tidy
	[ $kind = libreswan ] || case_ "$1/again/told" told_when
	tidy
	[ $kind = libreswan ] || case_ "$1/again/told/code" told_code
	tidy
	finish
	;;
mlkem)
	mlkem "$1"
	finish
	;;
esac
case_ "$1/ppk" ppk yes lab psk
tidy
case_ "$1/ppk/insist" ppk insist lab psk
tidy
case_ "$1/ppk/unknown-and-insist" ppk_refused
tidy
if [ $kind = strongswan ]; then
	case_ "$1/ppk/unknown" ppk yes other psk
	tidy
	case_ "$1/ppk/certificate" ppk yes lab rsa
	tidy
	case_ "$1/ppk/eap" ppk insist lab eap
	tidy
fi
if [ "$1" != libreswan13 ] && [ "$1" != $kind ]; then
	case_ "$1/several/ecp384" several aes256gcm16-prfsha384-x25519-ke1_ecp384-ke2_modp2048 aes256gcm16-x25519-ke1_ecp384
	tidy
fi
# (Debian 12's NSS has none)
[ "$1" != strongswan14 ] || [ -z "$LAB_CLIENT" ] || mlkem "$1"
finish
