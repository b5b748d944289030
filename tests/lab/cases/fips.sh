# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# fips.sh strongswan|libreswan: our side in FIPS mode, forced as for a machine whose kernel is: what still works, with which
# algorithms, and what the user is told of the rest.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: it is our mode"; exit 77; }
export NM_IPSEC_FIPS=1
export GW_PPK=
lab_up "$1" || exit 1

connects() { # [KEY=VALUE...]
	before
	quietly plugin_profile vpn rsa 198.51.100.2 "$@"
	nmcli -w 60 connection up vpn
	ping4
	journal_since | grep -o 'MESSAGE=The tunnel to [^	]*' >/run/suite
	cat /run/suite
	not grep -q -e CHACHA -e CURVE25519 -e MODP_1 -e 3DES /run/suite
	rekeyings_mark
	gw_rekey_child
	lab_wait 5 rekeyings_grew 1 0
	gw_rekey_ike
	lab_wait 5 rekeyings_grew 1 1
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
named() { # KEY VALUE - nothing that the profile names is approved
	fails BAD_PROFILE "$failed" 5 rsa 198.51.100.2 "$1=$2"
	told "$1: none of these algorithms is approved"
}
psk_short() {
	fails SECRET_WEAK "$failed" 10 psk 198.51.100.2
	told 'too short for FIPS mode'
}
mschapv2() {
	fails BAD_PROFILE "$failed" 5 eap 198.51.100.2 eap=mschapv2
	told 'none of these methods is approved'
}
inner() { # inside of TLS as well
	fails BAD_PROFILE "$failed" 5 eap 198.51.100.2 eap=peap
	told 'none of these methods is approved'
}
# (pluto 4.10 takes what it is configured for only)
beside=ike=chacha20poly1305-prfsha256-curve25519,aes256gcm16-prfsha384-ecp384
[ "$1" = strongswan ] || beside=
for c in '' $beside; do
	case_ "fips/$1/connects/${c%%=*}" connects $c
	tidy
done
case_ "fips/$1/ike" named ike chacha20poly1305-prfsha256-curve25519
tidy
case_ "fips/$1/esp" named esp chacha20poly1305
tidy
for c in psk_short mschapv2 inner; do
	case_ "fips/$1/$c" $c
	tidy
done
finish
