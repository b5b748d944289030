#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# door.sh HELPER NM-IPSEC FIXTURES SERVICE - the helper's D-Bus door on a bus of its own, as nm-ipsec(1) uses it: every method, every
# exit status, and who is refused. Root is let in; nobody else, because there is no polkit here (polkit.sh has one).
set -eu
helper=$1 cli=$2 fixtures=$3 service=$4
completion=$(dirname "$0")/../../data/nm-ipsec.bash
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
. "$(dirname "$0")/bus.sh"

# nothing there yet
status 4 "$cli" keys
says 'no key store yet'
status 2 "$cli" nonsense
status 2 "$cli" import
status 4 "$cli" import "$d/nothing.p12"
status 0 "$cli" fipsstatus
status 0 "$cli" --json selftest
says '"passed": true'

# the kill switch: nothing is there, and what is not ours stays
status 0 "$cli" unblock
says 'Nothing was blocked'
status 0 "$cli" --json unblock 11111111-2222-3333-4444-555555555555
says '\(^\|[^0-9]\)0\($\|[^0-9]\)'
status 2 "$cli" unblock office # it knows no names
says 'is no UUID'
status 2 "$cli" unblock one two

# tunnels: there are none, and no service that could have one
status 0 "$cli" status
says 'No IPsec connection is active'
status 0 "$cli" --json status
says '^\[\]$'
status 4 "$cli" status office
says 'is called “office”'
status 2 "$cli" status one two

# one, and what NetworkManager was told of its name servers
ours=org.freedesktop.NetworkManager.ipsec.Connection
"$service" "[{'uuid': <'11111111-2222-3333-4444-555555555555'>,
	'name': <'office'>, 'gateway': <'192.0.2.1'>, 'state': <'up'>, 'dns': <['10.9.8.53', 'fd00::1']>,
	'dns-over-tls': <['dns.example (10.9.8.53)']>, 'sas': <@aa{sv} []>}]" ${ours}_7 &
others="$others $!"
gdbus wait --system --timeout 20 ${ours}_7
status 0 "$cli" status office
says '^office (11111111-.*): up, 192.0.2.1$'
says '^  DNS        10.9.8.53, fd00::1$'
says '^  by TLS     dns.example (10.9.8.53)$'
status 0 "$cli" --json status
json "o[0]['dns'] == ['10.9.8.53', 'fd00::1'] and o[0]['dns-over-tls'] == ['dns.example (10.9.8.53)']"

# services that the network has taken over: one with many names is heard once, and all together only so far
"$service" "[{'uuid': <'many'>, 'sas': <[@a{sv} {}, {'children': <[@a{sv} {}]>}]>}]" ${ours}_8 ${ours}_9 \
	org.freedesktop.NetworkManager.libreswan.Connection_1 &
others="$others $!"
gdbus wait --system --timeout 20 ${ours}_9
status 0 "$cli" --json status
json "sorted(c['uuid'] for c in o) == ['11111111-2222-3333-4444-555555555555', 'many']"
long=
for i in 10 11 12 13 14 15; do
	PADDING=3900000 "$service" "[{'uuid': <'long'>}]" ${ours}_$i &
	long="$long $!"
	gdbus wait --system --timeout 20 ${ours}_$i
done
others="$others $long"
status 0 "$cli" --json status
json "[c.get('uuid') for c in o].count('long') == 4 and 'many' in [c.get('uuid') for c in o]"
kill $long
SAS=70000 "$service" "@aa{sv} []" ${ours}_16 &
others="$others $!"
gdbus wait --system --timeout 20 ${ours}_16
status 0 "$cli" --json status
json "60000 < max(len(c['sas']) for c in o) <= 65536"
kill $!

# keys
status 1 "$cli" newhostkey --keytype dsa
status 1 "$cli" newhostkey --bits 1024
status 0 "$cli" newhostkey --keytype ecdsa
says 'Generated ECDSA key pair with CKAID [0-9a-f]\{40\} was stored'
ckaid=$(sed -n 's/.*CKAID \([0-9a-f]*\) was.*/\1/p' "$d/out")
status 0 "$cli" showhostkey --left --ckaid "$ckaid"
says "leftecdsakey=0s[A-Za-z0-9+/=]\{88\}$"
status 0 "$cli" showhostkey --right
says rightecdsakey=
status 0 "$cli" showhostkey --pem
openssl pkey -pubin -in "$d/out" -noout
status 2 "$cli" showhostkey --left --right
status 0 "$cli" --json showhostkey --list
json "len(o) == 1 and o[0]['ckaid'] == '$ckaid'"
status 4 "$cli" showhostkey --left --ckaid ffff

# certificates; the password is never seen on the bus
printf 'wrong\n' >"$d/pw"
status 5 "$cli" import --password-file "$d/pw" "$fixtures/modern.p12"
says 'password is wrong'
printf 'pässword\n' >"$d/pw"
monitor_start
status 0 "$cli" import --name office --password-file "$d/pw" "$fixtures/modern.p12"
says 'imported: office'
status 0 "$cli" fipsstatus
until grep -q member=GetFips "$d/monitor"; do sleep 0.1; done # all of the import is before it
kill $monitor
grep -q ImportPkcs12 "$d/monitor"
! grep -q -e pässword -e '70 c3 a4 73 73' "$d/monitor" || { echo "the password was on the bus"; exit 1; }
status 0 "$cli" import --trust --name other "$fixtures/other.pem"
status 1 "$cli" import "$fixtures/octets"
status 0 "$cli" --json certificates
says '"nickname": "office".*"private-key": true'
status 0 "$cli" certificates office
openssl x509 -in "$d/out" -noout
status 0 "$cli" --json certificates office
json "o['nickname'] == 'office' and o['pem'].startswith('-----BEGIN CERTIFICATE-----')"
status 4 "$cli" certificates nobody
status 0 "$cli" --json trust other
json "o == {}"
status 0 "$cli" trust other --remove
has_not .
status 0 "$cli" certificates
says 'not trusted'
status 4 "$cli" trust nobody

# what bash completes: the names of what is there, and nothing in a name is a command
offered() { # WORD...: all that is offered for the last one
	PATH="$(dirname "$cli"):$d:$PATH" bash -c '. "$0"
		_init_completion() {
			words=("${typed[@]}") cword=$((${#typed[@]} - 1))
			cur=${words[cword]} prev=${words[cword - 1]}
		}
		typed=(nm-ipsec "$@")
		_nm_ipsec
		printf "%s\n" "${COMPREPLY[@]}"' "$completion" "$@" >"$d/out"
}
cat >"$d/nmcli" <<'S'
#!/bin/sh
case "$*" in
*service-type*aaaa) echo org.freedesktop.NetworkManager.libreswan ;;
*service-type*) echo org.freedesktop.NetworkManager.ipsec ;;
*) printf 'aaaa:vpn\nbbbb:vpn\ncccc:802-3-ethernet\n' ;;
esac
S
chmod +x "$d/nmcli"
odd="an odd \$(touch $d/odd) name"
status 0 "$cli" import --name "$odd" "$fixtures/email.pem"
offered ''
[ "$(grep -c . "$d/out")" -ge 17 ]
for word in certificates trust delete; do
	offered $word ''
	says '^office$'
	says '^an\\ odd\\ '
	offered $word off
	[ "$(cat "$d/out")" = office ]
done
[ ! -e "$d/odd" ]
offered showhostkey --ckaid ''
says "^$ckaid$"
offered migrate ''
[ "$(cat "$d/out")" = aaaa ]
offered unblock b
[ "$(cat "$d/out")" = bbbb ]
offered migrate --d
says '^--dry-run$'
status 0 "$cli" delete "$odd"
# in every locale
LC_ALL=C status 0 "$cli" import --name Büro "$fixtures/email.pem"
LC_ALL=C status 0 "$cli" --json certificates
json "'Büro' in [c['nickname'] for c in o]"
status 0 "$cli" delete Büro
status 2 "$cli" delete "$(printf 'B\374ro')"
says 'is not UTF-8'

# the database's password
printf 'Kenn0Wort!\n' >"$d/new"
status 0 "$cli" --json nss-password <"$d/new"
json "o == {}"
status 5 "$cli" keys
says 'wants its password'
printf 'wrong\nx\n' >"$d/old"
status 5 "$cli" nss-password <"$d/old"
printf 'Kenn0Wort!\nother\n' >"$d/old"
# what cannot be written is not the password either
mkdir "$NM_IPSEC_KEY_STORE/nsspassword.new"
status 1 "$cli" nss-password --store <"$d/old"
rmdir "$NM_IPSEC_KEY_STORE/nsspassword.new"
status 0 "$cli" nss-password --store <"$d/old"
[ "$(stat -c %a:%u "$NM_IPSEC_KEY_STORE/nsspassword")" = 600:0 ]
[ "$(cat "$NM_IPSEC_KEY_STORE/nsspassword")" = 'NSS Certificate DB:other' ]
status 0 "$cli" keys
says office
status 0 "$cli" --json delete office
json "o == {}"
status 0 "$cli" delete "$ckaid"
status 4 "$cli" delete "$ckaid"
status 0 "$cli" keys
has_not .
[ -z "$(find "$d/store" -perm /077)" ]

# what the machine's crypto policy forbids is not allowed, for programs as for people; in an /etc that has nothing else
policy() { # COMMAND...
	unshare --mount --propagation private sh -ec 'mount --bind "$0/etc" /etc; exec "$@"' "$d" "$@"
}
mkdir -p "$d/etc/crypto-policies/back-ends" "$d/etc/crypto-policies/state"
echo NARROW >"$d/etc/crypto-policies/state/current"
printf 'conn %%default\n\tike=aes_gcm256-sha2_512+sha2_256-dh20\n\tesp=aes_gcm256\n' \
	>"$d/etc/crypto-policies/back-ends/libreswan.config"
status 0 "$cli" --json algorithms
json "all(a['allowed'] or a['reason'] != 'policy' for a in o)"
if policy true; then
	status 0 policy "$cli" algorithms
	says 'algorithm AES_CBC_128 disabled; not in the crypto policy NARROW'
	cp "$d/out" "$d/told"
	status 0 policy "$cli" --json algorithms
	json "all('algorithm %s disabled; not in the crypto policy NARROW' % a['name'] in told
		for a in o if a.get('policy') == 'NARROW') and
		[(a['allowed'], a['reason']) for a in o if a['name'] == 'AES_CBC_128'] == [(False, 'policy')] and
		[a['allowed'] for a in o if a['name'] == 'AES_GCM_16_256'] == [True]"
else
	echo "not checked, there are no mount namespaces: the crypto policy"
fi

# others: without polkit nobody
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
if nobody test -x "$cli"; then
	status 3 nobody "$cli" fipsstatus
	says polkit
	status 3 nobody "$cli" newhostkey
fi
# a method that the introspection does not know, arguments of another type, descriptors that are not there
status 1 call Nonsense
status 1 call GenerateKey 7
status 0 "$cli" fipsstatus # and it still lives
kill -0 $helper_pid
echo ok
