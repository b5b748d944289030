# SPDX-License-Identifier: GPL-2.0-or-later
# lsw.sh - Libreswan (pluto) in the client's own network, as somebody else's client of our server.  lsw_up; log:
# $LAB_OUT/pluto-client.log.  Its connections: psk, rsa, mixed-psk and mixed-cert (the server has the other), null.
# env: LSW_TREES, its root ("libreswan base"); LSW_RIGHT, another address of the server; LSW_NARROWING, yes or no;
# LSW_LEFT, its address; LSW_SETTINGS, one more for all, as in ipsec.conf
lsw() { there lsw timeout 30 ipsec "$@"; }
lsw_up() {
	local r=/lab/roots/lsw n=/var/lib/ipsec/nss
	lab_root lsw ${LSW_TREES:-libreswan base}
	mkdir -p $r$n $r/run/pluto $r/etc/ipsec.d/policies $r/var/log
	[ -e $r$n/cert9.db ] || there lsw sh -e >"$LAB_OUT/nss-client.out" 2>&1 <<-C
		certutil -N -d sql:$n --empty-password
		pk12util -i $LAB_PKI/client.p12 -d sql:$n -W lab -K ''
		certutil -A -d sql:$n -n ca -t CT,, -a -i $LAB_PKI/ca.crt
	C
	printf '%s\n' ': PSK "labpsk"' ': PPKS "lab" "quantum"' >$r/etc/ipsec.secrets
	rm -f $r/etc/ipsec.d/*.conf
	{
		printf '%s\n' 'config setup' '    logfile=/lab/out/pluto-client.log' '    nssdir=/var/lib/ipsec/nss' 'conn %default' \
			'    ikev2=insist' "    left=${LSW_LEFT:-192.0.2.2}" '    leftsubnet=0.0.0.0/0' '    leftmodecfgclient=yes' "    right=${LSW_RIGHT:-198.51.100.2}" \
			'    rightsubnet=10.10.0.0/24' '    rightid=@vpn.example.org' "    narrowing=${LSW_NARROWING:-yes}" '    auto=ignore' "    ${LSW_SETTINGS:-}"
		printf '%s\n' 'conn psk' '    authby=secret' '    leftid=@alice.example.org'
		printf '%s\n' 'conn rsa' '    authby=rsasig' '    leftcert=client' '    leftid=%fromcert' '    leftsendcert=always'
		printf '%s\n' 'conn mixed-psk' '    leftauth=secret' '    leftid=@alice.example.org' '    rightauth=rsasig' '    rightca=%same'
		printf '%s\n' 'conn mixed-cert' '    leftauth=rsasig' '    leftcert=client' '    leftid=%fromcert' '    leftsendcert=always' '    rightauth=secret'
		printf '%s\n' 'conn null' '    leftauth=null' '    leftid=%null' '    rightauth=rsasig' '    rightca=%same'
	} >$r/etc/ipsec.conf
	there lsw ipsec pluto --config /etc/ipsec.conf --nofork >"$LAB_OUT/pluto-client.out" 2>&1 &
	lab_wait 20 lsw whack --briefstatus
	for n in psk rsa mixed-psk mixed-cert null; do lsw auto --add $n; done >>"$LAB_OUT/pluto-client.out" 2>&1
	lsw whack --listen >/dev/null 2>&1 || :
}
lsw_down() { lsw whack --shutdown >/dev/null 2>&1 && lab_wait 10 lsw_gone; }
lsw_gone() { [ -z "$(labtool pids pluto)" ]; }
# How often it has rekeyed Child SAs and IKE SAs.
lsw_rekeyings() { awk '/ rekeyed Child SA/ { c++ } / rekeyed IKE SA/ { i++ } END { print c + 0, i + 0 }' "$LAB_OUT/pluto-client.log"; }
lsw_grew() { lsw_rekeyings | cat /run/lsw-mark - | paste -sd' ' | awk -v c="$1" -v i="$2" '{ exit !($3 - $1 >= c && $4 - $2 >= i) }'; }
lsw_rekeys() { # NAME ipsec|child (what this pluto calls a Child SA) - that, and then the IKE SA
	lsw_rekeyings >/run/lsw-mark
	lsw whack --rekey-$2 --name "$1"
	lab_wait 5 lsw_grew 1 0
	ping4
	lsw whack --rekey-ike --name "$1"
	lab_wait 5 lsw_grew 1 1
	ping4
}
lsw_states() { lsw whack --showstates | grep -c "$1"; }
