# SPDX-License-Identifier: GPL-2.0-or-later
# gw-strongswan.sh - strongSwan (charon-systemd, swanctl) in the gateway.  gw_strongswan; log: $LAB_OUT/charon.log.
#
# At 198.51.100.2 and 2001:db8:2::2, IKEv2 with certificate (client, client-ec), with EAP-MSCHAPv2 (alice/secret,
# bob/geheim) and with the pre-shared key "labpsk", as vpn.example.org (RSA) or vpn-ec.example.org (ECDSA).
# More personalities, EAP or certificate unless said otherwise:
#   .3 its certificate has expired      .4 its certificate is another machine's
#   .5 other algorithms for IKE         .6 other algorithms for ESP
#   .7 everything goes through it (0.0.0.0/0, ::/0)
#   .8 no addresses to give             .9 asks for EAP-MD5
#   .10 asks for EAP-GTC               .11 asks for EAP-TLS
#   .12 asks for EAP-TTLS               .13 asks the RADIUS server (radius.sh)
#   .14 asks for EAP-TTLS, which proves it as well (RFC 5998)
#   .15 asks for a certificate, and then for EAP-MSCHAPv2 (RFC 4739)
# The pre-shared key comes also with the post-quantum key "quantum" of the name "lab".
# env: GW_TREES, its root ("strongswan base"); GW_PRELOAD, a library for its daemon; GW_FRAGMENT, the size of IKE's; GW_PROPOSALS, GW_ESP_PROPOSALS for psk and eap; GW_PPK=1: it insists on that key
# Gives out 10.20.0.0/24 and 2001:db8:20::/64, DNS 10.10.0.53 and 2001:db8:10::53, corp.example, and a banner.
gw_swanctl() { lab_in gw gateway timeout 20 swanctl "$@"; }

gw_strongswan_connection() { # NAME ADDRESSES LOCAL REMOTE [SETTINGS [CHILD SETTINGS]]
	cat <<-C
	$1 {
		version = 2
		local_addrs = $2
		pools = rw4, rw6
		proposals = ${GW_PROPOSALS:-default}
		${GW_PPK:+ppk_required = yes}
		fragmentation = yes
		mobike = yes
		send_cert = always
		unique = never
		rekey_time = 4h
		${5:-}
		local { $3
		}
		remote { $4
		}
		children { net {
			local_ts = 10.10.0.0/24, 2001:db8:10::/64
			esp_proposals = ${GW_ESP_PROPOSALS:+$GW_ESP_PROPOSALS,} aes256gcm16-x25519, aes256gcm16, chacha20poly1305-x25519, aes256-sha256-x25519, default
			rekey_time = 2h
			dpd_action = clear
			${6:-}
		} }
	}
	C
}
gw_strongswan_conf() {
	local rsa='auth = pubkey
		certs = gw.crt
		id = vpn.example.org' ec='auth = pubkey
		certs = gw-ec.crt
		id = vpn-ec.example.org' eap='auth = eap-mschapv2
		eap_id = %any' main=198.51.100.2,2001:db8:2::2 c=gw_strongswan_connection
	echo 'connections {'
	$c psk $main 'auth = psk
		id = vpn.example.org' 'auth = psk' '' 'ipcomp = yes'
	$c cert $main "$rsa" 'auth = pubkey
		cacerts = ca.crt, ca-ec.crt'
	$c cert-ec $main "$ec" 'auth = pubkey
		cacerts = ca.crt, ca-ec.crt'
	$c eap $main "$rsa" "$eap"
	$c eap-ec $main "$ec" "$eap"
	$c expired 198.51.100.3,2001:db8:2::3 'auth = pubkey
		certs = gw-expired.crt
		id = vpn.example.org' "$eap"
	$c wrong 198.51.100.4,2001:db8:2::4 'auth = pubkey
		certs = gw-wrong.crt
		id = %any' "$eap"
	$c ike 198.51.100.5,2001:db8:2::5 "$rsa" "$eap" 'proposals = 3des-sha1-modp1536'
	$c esp 198.51.100.6,2001:db8:2::6 "$rsa" "$eap" '' 'esp_proposals = 3des-sha1'
	$c full 198.51.100.7,2001:db8:2::7 "$rsa" "$eap" '' 'local_ts = 0.0.0.0/0, ::/0'
	$c noaddr 198.51.100.8,2001:db8:2::8 "$rsa" "$eap" 'pools ='
	$c md5 198.51.100.9,2001:db8:2::9 "$rsa" 'auth = eap-md5
		eap_id = %any'
	$c gtc 198.51.100.10,2001:db8:2::a "$rsa" 'auth = eap-gtc
		eap_id = %any'
	$c tls 198.51.100.11,2001:db8:2::b "$rsa" 'auth = eap-tls
		eap_id = %any'
	$c ttls 198.51.100.12,2001:db8:2::c "$rsa" 'auth = eap-ttls
		eap_id = %any'
	$c radius 198.51.100.13,2001:db8:2::d "$rsa" 'auth = eap-radius
		eap_id = %any'
	$c both 198.51.100.15,2001:db8:2::f "$rsa" 'auth = pubkey
		cacerts = ca.crt
	}
	remote-2 { auth = eap-mschapv2
		eap_id = %any'
	$c only 198.51.100.14,2001:db8:2::e 'auth = eap-ttls
		id = vpn.example.org' 'auth = eap-ttls
		eap_id = %any'
	cat <<-'C'
	}
	pools {
		rw4 {
			addrs = 10.20.0.10-10.20.0.250
			dns = 10.10.0.53
			25 = corp.example
			28672 = "Welcome to the lab"
		}
		rw6 {
			addrs = 2001:db8:20::10-2001:db8:20::250
			dns = 2001:db8:10::53
		}
	}
	secrets {
		eap-alice { id = alice
			secret = secret
		}
		eap-bob { id = bob
			secret = geheim
		}
		ike-any { secret = labpsk
		}
		ppk-lab { id = lab
			secret = quantum
		}
	}
	C
}
gw_strongswan() {
	local r=/lab/roots/gw n
	lab_root gw ${GW_TREES:-strongswan base}
	mkdir -p $r/etc/swanctl/x509 $r/etc/swanctl/x509ca $r/etc/swanctl/private
	for n in gw gw-ec gw-expired gw-wrong; do
		cp "$LAB_PKI/$n.crt" $r/etc/swanctl/x509/
		cp "$LAB_PKI/$n.key" $r/etc/swanctl/private/
	done
	cp "$LAB_PKI/ca.crt" "$LAB_PKI/ca-ec.crt" $r/etc/swanctl/x509ca/
	cat >$r/etc/strongswan.d/lab.conf <<-C
	charon-systemd {
		journal { default = -1 }
		filelog { lab { path = /lab/out/charon.log
			default = 1
			ike = ${GW_LOG:-1}
			cfg = ${GW_LOG:-1}
			flush_line = yes
			time_format = %H:%M:%S
			time_add_ms = yes } }
		install_routes = no
		${GW_FRAGMENT:+fragment_size = $GW_FRAGMENT}
		# each algorithm that it asks a kernel with modules for takes a process
		plugins {
			af-alg { load = no
			}
			eap-gtc { backend = generic
			}
			eap-ttls { phase2_method = md5
			}
			eap-radius { servers { lab { address = 127.0.0.1
				secret = labradius } }
			}
		}
		# half-open IKE SAs are hardly rationed: cases that break off leave them by the dozen
		block_threshold = 1000
		cookie_threshold = 1000
		cookie_threshold_ip = 5
	}
	C
	gw_strongswan_conf >$r/etc/swanctl/swanctl.conf
	gw_start
}
gw_start() {
	lab_in gw gateway ${GW_PRELOAD:+env "LD_PRELOAD=$GW_PRELOAD"} /usr/sbin/charon-systemd >"$LAB_OUT/charon.out" 2>&1 &
	lab_wait 60 test -S /lab/roots/gw/run/charon.vici || { cat "$LAB_OUT/charon.out" >&2; return 1; }
	gw_swanctl --load-all --noprompt >"$LAB_OUT/swanctl.out" 2>&1 || { cat "$LAB_OUT/swanctl.out" >&2; return 1; }
}
gw_crash() { # as if the power had gone: nobody is told
	kill -KILL $(labtool pids charon-systemd)
	ip -n gateway xfrm state flush
	ip -n gateway xfrm policy flush
	rm -f /lab/roots/gw/run/charon.*
}
gw_ike_sas() { # (a daemon that does not answer has not none)
	local sas
	sas=$(gw_swanctl --list-sas 2>/dev/null) || return 1
	printf '%s\n' "$sas" | grep -c ESTABLISHED || :
}
# How often Child SAs and IKE SAs were rekeyed, by either side.  (Halves are told of only when there was one before.)
gw_rekeyings() { awk '/ outbound CHILD_SA .* established/ { child++ } / IKE_SA .* rekeyed between/ { ike++ } END { print child + 0, ike + 0 }' "$LAB_OUT/charon.log"; }
gw_ike_id() { gw_swanctl --list-sas | sed -n 's/^[^ ].*: #\([0-9]*\), ESTABLISHED.*/\1/p' | sort -n | tail -n 1; }
gw_rekey_child() { gw_swanctl --rekey --child net; }
gw_rekey_ike() { gw_swanctl --rekey --ike-id "$(gw_ike_id)"; }
gw_disconnect() { gw_swanctl --terminate --ike-id "$(gw_ike_id)"; }
gw_cookies() { # on|off: every IKE_SA_INIT must come back with a cookie, as long as the others are half-open
	[ "$1" = on ] || return 0
	sleep 11 # (what it gives out in its first ten seconds it does not take back)
	labtool init 198.51.100.2 8
}
gw_forget() { # all of them, without waiting for an answer
	local id
	for id in $(gw_swanctl --list-sas 2>/dev/null | sed -n 's/^[^ ].*: #\([0-9]*\), .*/\1/p'); do
		gw_swanctl --terminate --force --ike-id "$id"
	done >/dev/null 2>&1 || :
}
gw_redirect_next() { echo "$*" >/lab/roots/gw/run/redirect; } # init|auth ADDRESS - the next client, with lab-redirect.so
gw_redirect() { gw_swanctl --redirect --ike "$1" --gateway "$2"; } # CONNECTION ADDRESS
