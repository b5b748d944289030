# SPDX-License-Identifier: GPL-2.0-or-later
# authority.sh - what the lab's authority says of certificates: its book, and openssl's OCSP responder beside the gateway.
ca=/run/authority
mkdir -p $ca
printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s\ndefault_md=sha256\n' $ca/index >$ca/conf

serial() { openssl x509 -in "$1" -noout -serial | sed 's/.*=//'; }
book() { # V or R, when and why, certificate: what the authority's book says about it
	printf '%s\t491231000000Z\t%s\t%s\tunknown\t/CN=vpn\n' "$1" "$2" "$(serial "$3")" >$ca/index
	: >$ca/index.attr
}
# The gateway's certificate again, by the same authority, with the address of a responder in it: $ca/gw.crt.
certificate_with_responder() { # ADDRESS
	openssl req -new -key "$LAB_PKI/gw.key" -subj '/O=IPsec Lab/CN=vpn.example.org' -out $ca/req
	printf 'subjectAltName=DNS:vpn.example.org,IP:198.51.100.2\nextendedKeyUsage=serverAuth\nauthorityInfoAccess=OCSP;URI:http://%s:2560/\n' \
		"$1" >$ca/ext
	openssl x509 -req -in $ca/req -CA "$LAB_PKI/ca.crt" -CAkey "$LAB_PKI/ca.key" -set_serial 4711 -days 7000 -extfile $ca/ext \
		-out $ca/gw.crt
}
responder_start() { # [HOW LONG AN ANSWER IS VALID: -ndays 1]
	ip netns exec gateway openssl ocsp -port 2560 -index $ca/index -CA "$LAB_PKI/ca.crt" -rsigner "$LAB_PKI/ca.crt" \
		-rkey "$LAB_PKI/ca.key" ${*:--ndays 1} >$ca/ocsp.log 2>&1 &
	echo $! >$ca/ocsp.pid
	lab_wait 10 responder_listens
}
responder_listens() { ip netns exec gateway grep -q ':0A00 .* 0A ' /proc/net/tcp /proc/net/tcp6; }
responder_stop() {
	kill "$(cat $ca/ocsp.pid)"
	lab_wait 10 responder_gone
}
responder_gone() { ! responder_listens; }
