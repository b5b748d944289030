# SPDX-License-Identifier: GPL-2.0-or-later
# gw-libreswan.sh - Libreswan (pluto) in the gateway.  gw_libreswan; log: $LAB_OUT/pluto.log.
#
# At 198.51.100.2 and 2001:db8:2::2, IKEv2 with RSA certificate as vpn.example.org, with ECDSA certificate as
# vpn-ec.example.org, and with the pre-shared key "labpsk" as vpn.example.org.
# The pre-shared key comes also with the post-quantum key "quantum" of the name "lab".
# env: GW_TREES, its root ("libreswan base"); GW_SETTINGS, one more for all, GW_SETUP, one for the daemon, as in ipsec.conf
# Gives out 10.20.0.0/24, DNS 10.10.0.53, to whom comes over IPv4, and 2001:db8:20::/64, DNS 2001:db8:10::53, to whom
# comes over IPv6; corp.example.  (Version 4.10 can do no other mixture of families, and no EAP-MSCHAPv2.)
gw_ipsec() { lab_in gw gateway ipsec "$@"; }
gw_whack() { lab_in gw gateway timeout 20 ipsec whack "$@"; }

gw_libreswan_connection() { # NAME ADDRESS SETTINGS...
	echo "conn $1"
	echo "    left=$2"
	shift 2
	printf '    %s\n' "$@"
}
gw_libreswan_conf() {
	local c=gw_libreswan_connection f a inside
	cat <<-C
	config setup
	    logfile=/lab/out/pluto.log
	    logappend=no
	    plutodebug=${GW_LOG:-none}
	    nssdir=/var/lib/ipsec/nss
	    uniqueids=no
	    ${GW_SETUP:-}
	conn %default
	    ikev2=insist
	    leftsendcert=always
	    right=%any
	    modecfgdomains=corp.example
	    mobike=yes
	    dpddelay=30
	    dpdtimeout=120
	    dpdaction=clear
	    fragmentation=yes
	    auto=ignore
	    ${GW_SETTINGS:-}
	C
	for f in 4 6; do
		if [ $f = 4 ]; then
			a=198.51.100.2
			inside='leftsubnet=10.10.0.0/24 rightaddresspool=10.20.0.10-10.20.0.250 modecfgdns=10.10.0.53'
		else
			a=2001:db8:2::2
			inside='hostaddrfamily=ipv6 leftsubnet=2001:db8:10::/64 rightaddresspool=2001:db8:20::100/120 modecfgdns=2001:db8:10::53'
		fi
		$c psk$f $a $inside leftid=@vpn.example.org authby=secret ppk=yes
		$c rsa$f $a $inside leftid=@vpn.example.org leftcert=gw authby=rsasig rightid=%fromcert rightca=%same
		$c ecdsa$f $a $inside leftid=@vpn-ec.example.org leftcert=gw-ec authby=ecdsa rightid=%fromcert rightca=%same
	done
}
gw_libreswan() {
	local r=/lab/roots/gw n=/var/lib/ipsec/nss c
	# pluto 4.10 overlooks some of an interface's addresses when it has many
	for c in $(seq 3 9); do
		echo "addr del 198.51.100.$c/24 dev wan"
		echo "addr del 2001:db8:2::$c/64 dev wan"
	done | ip -n gateway -b -
	lab_root gw ${GW_TREES:-libreswan base}
	mkdir -p $r$n $r/run/pluto $r/etc/ipsec.d/policies $r/var/log
	lab_in gw gateway sh -e >"$LAB_OUT/nss.out" 2>&1 <<-C || { cat "$LAB_OUT/nss.out" >&2; return 1; }
		certutil -N -d sql:$n --empty-password
		for c in gw gw-ec; do pk12util -i $LAB_PKI/\$c.p12 -d sql:$n -W lab -K ''; done
		certutil -A -d sql:$n -n ca -t CT,, -a -i $LAB_PKI/ca.crt
		certutil -A -d sql:$n -n ca-ec -t CT,, -a -i $LAB_PKI/ca-ec.crt
	C
	printf '%s\n' ': PSK "labpsk"' ': PPKS "lab" "quantum"' >$r/etc/ipsec.secrets
	rm -f $r/etc/ipsec.d/*.conf
	gw_libreswan_conf >$r/etc/ipsec.conf
	lab_in gw gateway ipsec pluto --config /etc/ipsec.conf --nofork >"$LAB_OUT/pluto.out" 2>&1 &
	lab_wait 20 gw_whack --briefstatus || { cat "$LAB_OUT/pluto.out" >&2; return 1; }
	for c in psk4 rsa4 ecdsa4 psk6 rsa6 ecdsa6; do
		gw_ipsec auto --add $c >>"$LAB_OUT/pluto.out" 2>&1 || { cat "$LAB_OUT/pluto.out" >&2; return 1; }
	done
	gw_whack --listen >>"$LAB_OUT/pluto.out" 2>&1 || :
}
gw_states() { # (a daemon that does not answer has not none)
	local states
	states=$(gw_whack --showstates 2>/dev/null) || return 1
	printf '%s\n' "$states" | sed 's/^[0-9]* //' | grep "^#.*$1" || :
}
gw_ike_sas() {
	local states
	states=$(gw_states ESTABLISHED_IKE_SA) || return 1
	printf '%s' "${states:+$states
}" | wc -l
}
# How often Child SAs and IKE SAs were rekeyed, by either side.
gw_rekeyings() { awk '/ rekeyed Child SA/ { child++ } / rekeyed IKE SA/ { ike++ } END { print child + 0, ike + 0 }' "$LAB_OUT/pluto.log"; }
gw_name() { gw_states "$1" | sed -n 's/^#[0-9]*: "\([^"]*\)".*/\1/p' | tail -n 1; }
gw_rekey_child() { gw_whack ${GW_REKEY_CHILD:---rekey-ipsec} --name "$(gw_name ESTABLISHED_CHILD_SA)"; }
gw_rekey_ike() { gw_whack --rekey-ike --name "$(gw_name ESTABLISHED_IKE_SA)"; }
gw_disconnect() { gw_whack --terminate --name "$(gw_name ESTABLISHED_IKE_SA)"; }
gw_forget() { :; }
gw_cookies() { # on|off: every IKE_SA_INIT must come back with a cookie
	if [ "$1" = on ]; then gw_whack --ddos-busy; else gw_whack --ddos-auto; fi
}
