# SPDX-License-Identifier: GPL-2.0-or-later
# sw.sh - strongSwan in the client's own network, as somebody else's client of our server.  sw_up, sw_down; log:
# $LAB_OUT/charon-client.log.  Its connections: psk, rsa, eap, nobody (EAP, as one whom nobody knows); Child SAs net-psk...
# env: SW_TREES, its root ("strongswan base"); SW_REMOTE, another address of the server; SW_CHARON, settings of the daemon;
# SW_PROPOSALS, SW_ESP_PROPOSALS; SW_SETTINGS, more for all of them; the function sw_more, more connections
sw() { there sw timeout 20 swanctl "$@"; }
sw_connection() { # NAME LOCAL REMOTE
	cat <<-C
	$1 {
		remote_addrs = ${SW_REMOTE:-198.51.100.2}
		vips = 0.0.0.0, ::
		proposals = ${SW_PROPOSALS:-default}
		rekey_time = 4h
		${SW_SETTINGS:-}
		local { $2
		}
		remote { $3
			id = vpn.example.org
		}
		children { net-$1 {
			remote_ts = 10.10.0.0/24, 2001:db8:10::/64
			esp_proposals = ${SW_ESP_PROPOSALS:-default}
			rekey_time = 2h
		} }
	}
	C
}
sw_up() {
	local r=/lab/roots/sw
	lab_root sw ${SW_TREES:-strongswan base}
	mkdir -p $r/etc/swanctl/x509 $r/etc/swanctl/x509ca $r/etc/swanctl/private
	cp "$LAB_PKI/client.crt" $r/etc/swanctl/x509/ && cp "$LAB_PKI/client.key" $r/etc/swanctl/private/
	cp "$LAB_PKI/ca.crt" $r/etc/swanctl/x509ca/
	printf '%s\n' 'charon-systemd {' "${SW_CHARON:-}" 'journal { default = -1 }' 'filelog { lab { path = /lab/out/charon-client.log' \
		'default = 1' 'flush_line = yes' '} }' '}' >$r/etc/strongswan.d/lab.conf
	{
		echo 'connections {'
		sw_connection psk 'auth = psk
			id = alice@example.org' 'auth = psk'
		sw_connection rsa 'auth = pubkey
			certs = client.crt' 'auth = pubkey'
		sw_connection eap 'auth = eap-mschapv2
			id = alice
			eap_id = alice' 'auth = pubkey'
		sw_connection nobody 'auth = eap-mschapv2
			id = nobody
			eap_id = nobody' 'auth = pubkey'
		if command -v sw_more >/dev/null; then sw_more; fi
		printf '%s\n' '}' 'secrets {' 'eap-alice { id = alice' 'secret = secret' '}' 'eap-nobody { id = nobody' 'secret = secret' '}' \
			'ike-any { secret = labpsk' '}' 'ppk-lab { id = lab' 'secret = quantum' '}' '}'
	} >$r/etc/swanctl/swanctl.conf
	there sw /usr/sbin/charon-systemd >"$LAB_OUT/charon-client.out" 2>&1 &
	lab_wait 20 test -S $r/run/charon.vici
	sw --load-all --noprompt >"$LAB_OUT/swanctl-client.out" 2>&1 || { cat "$LAB_OUT/swanctl-client.out" >&2; return 1; }
}
sw_down() { quietly kill $(labtool pids charon-systemd) && lab_wait 10 sw_gone; }
sw_gone() { [ -z "$(labtool pids charon-systemd)" ]; }
sw_serials() {
	sw --list-sas | sed -n 's/^[^ ].*: #\([0-9]*\), ESTABLISHED.*/ike \1/p; s/^ .*: #\([0-9]*\), reqid.*INSTALLED.*/child \1/p' |
		awk '$2 > n[$1] { n[$1] = $2 } END { print n["ike"] + 0, n["child"] + 0 }'
}
sw_grew() { # IKE CHILD
	sw_serials | cat /run/sw-serials - | paste -sd' ' | awk -v i="$1" -v c="$2" '{ exit !($3 - $1 >= i && $4 - $2 >= c) }'
}
sw_has_none() { # (a daemon that does not answer has not none)
	local sas
	sas=$(sw --list-sas) && [ "$(printf '%s\n' "$sas" | grep -c ESTABLISHED)" = 0 ]
}
