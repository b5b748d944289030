# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 200
# leak.sh - secrets and where they are: in the memory of the service, of the helper and its children, in the journal, in
# files and in core files.  While the tunnel is up each process has what its line allows, and nothing else; afterwards
# there is no process of ours whose memory could be searched.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/token.sh"
secrets=/run/secrets psk=a-pre-shared-key-9d3b password=a-password-of-eap-5f07 key_password=the-key-has-this-82c6 pin=73910462
ulimit -c unlimited
mkdir -p /run/cores && chmod 1777 /run/cores && echo '/run/cores/core.%e.%p' >/proc/sys/kernel/core_pattern
export GW_LOG=4 # SK_* in charon's log
lab_up strongswan || exit 1
(cd /lab/roots/gw/etc/swanctl && sed -i "s/secret = labpsk/secret = $psk/; s/secret = secret\$/secret = $password/" swanctl.conf)
gw_swanctl --load-creds --clear --noprompt >"$LAB_OUT/swanctl-leak.out" 2>&1
openssl rsa -aes256 -passout "pass:$key_password" -in "$LAB_PKI/client.key" -out /run/locked.key 2>/dev/null

hex() { od -An -v -tx1 | tr -d ' \n'; }
secret() { printf '%s %s\n' "$1" "$(printf '%s' "$2" | hex)"; }
# What the user has given, one prime of the private key; then ESP's keys, as the kernel says them, and IKE's, as charon does.
collect() {
	{
		secret psk $psk
		secret password $password
		secret key-password $key_password
		secret pin $pin
		openssl rsa -in "$LAB_PKI/client.key" -noout -text 2>/dev/null |
			sed -n '/^prime1/,/^prime2/p' | sed '1d;$d' | tr -d ' :\n' | sed 's/^00//; s/^/prime /' | cut -c 1-134
		echo
		ip xfrm state | awk '/aead|auth-trunc|enc / { for (i = 1; i <= NF; i++) if ($i ~ /^0x/) print "esp-" ++n, substr($i, 3, 64) }'
		tail -n "+$(($(cat /run/log-mark) + 1))" "$LAB_OUT/charon.log" | awk '/Sk_[a-z]+ secret|SKEYSEED|shared Diffie/ { name = ""; for (i = 1; i <= NF; i++) if ($i ~ /^(Sk_|SKEYSEED|shared)/) name = $i; next }
			name && match ($0, /\[IKE\] +[0-9]+: ([0-9A-F][0-9A-F] )+/) {
				s = substr ($0, RSTART, RLENGTH); sub (/.*: /, "", s); gsub (/ /, "", s)
				if (length (s) >= 32) print "ike-" name, s
				name = ""
			}'
	} | sed '/^$/d' >$secrets
}
services() { labtool pids nm-ipsec-service; }
helpers() { labtool pids nm-ipsec-helper; }
# "PROCESS SECRET" of all that is found: service, helper (the first one), child-NAME.
found() {
	local p first=$(helpers | tr ' ' '\n' | sort -n | sed '/^$/d;q')
	for p in $(services); do labtool find $secrets $p >/run/found-one || return 1; sed 's/^[0-9]*/service/' /run/found-one; done
	for p in $(helpers); do
		labtool find $secrets $p >/run/found-one || return 1
		sed "s,^[0-9]*,$([ "$p" = "$first" ] && echo helper || cat /proc/$p/comm)," /run/found-one
	done
}
# Nothing of it on the disk, but for what the user has written himself.
on_disk() {
	local d dirs=
	for d in /run /tmp /etc /var/tmp /var/log /var/lib/NetworkManager /var/lib/nm-ipsec; do [ ! -d $d ] || dirs="$dirs $d"; done
	find $dirs -xdev \( -path /run/lab-roots -o -path /etc/NetworkManager/system-connections \) -prune -o -type f \
		-newer /run/lab-start ! -path $secrets ! -path /run/profile ! -path '/run/found*' ! -path /run/on-disk -exec labtool find $secrets {} + || return 1
	labtool find $secrets "$LAB_OUT/journal" "$LAB_OUT/nm.log" "$LAB_OUT/dbus.log"
}
leaks() { # ALLOWED (extended regular expression of "PROCESS SECRET") METHOD [KEY=VALUE...]
	local allowed=$1 method=$2
	shift 2
	before
	wc -l <"$LAB_OUT/charon.log" >/run/log-mark
	quietly plugin_profile vpn "$method" 198.51.100.2 "$@"
	nmcli -w 60 connection up vpn
	ping4
	collect
	cut -d' ' -f1 $secrets | sort | uniq -c
	[ "$(grep -c '^ike-' $secrets)" -ge 8 ]
	[ "$(grep -c '^esp-' $secrets)" -ge 2 ]
	found >/run/found
	cat /run/found
	# (what must be there shows that the search finds)
	grep -q -x 'service ike-Sk_d' /run/found
	! grep -v -x -E "service ike-Sk_(d|ai|ar|ei|er)|$allowed" /run/found || return 1
	on_disk >/run/on-disk
	[ ! -s /run/on-disk ]
	nmcli -w 10 connection down vpn
	lab_wait 5 vpn_is_down
	clean_within 3
	[ -z "$(services | tr -d ' \n')" ] && [ -z "$(helpers | tr -d ' \n')" ] || return 1
	on_disk >/run/on-disk
	[ ! -s /run/on-disk ]
}
cores() {
	local p
	sh -c 'kill -ABRT $$' || :
	ls /run/cores
	[ "$(ls /run/cores | wc -l)" = 1 ] || skip "this kernel writes no core files"
	rm -f /run/cores/*
	quietly plugin_profile vpn psk 198.51.100.2 secret.psk=$psk
	nmcli -w 60 connection up vpn
	kill -ABRT $(helpers) $(services)
	lab_wait 10 vpn_is_down
	[ -z "$(ls /run/cores)" ]
}
case_ leak/psk leaks 'service psk' psk secret.psk=$psk
case_ leak/password leaks 'service password' eap secret.password=$password
# (the bus's message stays in freed memory of the service, and in the child, which has the key itself, something of NSS's)
case_ leak/key leaks '(service|nm-ipsec-keys) key-password|nm-ipsec-keys prime' rsa private-key=/run/locked.key secret.key-password=$key_password
# (the bus's message again, and the card's module, which logs in by itself)
card() {
	TOKEN_PIN=$pin token_make
	leaks '(service|nm-ipsec-token) pin' rsa private-key=$on_token secret.pin=$pin
}
case_ leak/pin card
case_ leak/cores cores
finish
