# SPDX-License-Identifier: GPL-2.0-or-later
# wrong-certs.sh - certificates with one thing wrong in each.  wrong_certs; then $wrong/gw-KIND.crt and .key, as
# vpn.example.org, and $wrong/client-KIND.crt and .key, as alice@example.org.  Each KIND is by ca, but "other":
#   other  by ca-other, which nobody trusts     expired  until yesterday       future   from tomorrow on
#   usage  for e-mail only                      weak     RSA-1024              revoked  as $wrong/revoked.ca says
wrong=/run/wrong
wrong_kinds='other expired future usage weak revoked'

wrong_cert() { # NAME SUBJECT-CN SAN EKU KEY CA FROM TO
	printf '%s\n' '[ca]' default_ca=lab '[lab]' database=$wrong/index new_certs_dir=$wrong rand_serial=yes default_md=sha256 \
		policy=policy unique_subject=no '[policy]' O=supplied CN=supplied '[leaf]' basicConstraints=CA:FALSE \
		keyUsage=digitalSignature "extendedKeyUsage=$4" "subjectAltName=$3" authorityKeyIdentifier=keyid '[list]' \
		authorityKeyIdentifier=keyid:always >$wrong/conf
	: >$wrong/index
	openssl req -new -key "$5" -subj "/O=IPsec Lab/CN=$2" -out $wrong/req
	openssl ca -batch -config $wrong/conf -extensions leaf -cert "$LAB_PKI/$6.crt" -keyfile "$LAB_PKI/$6.key" -in $wrong/req \
		-notext -startdate "$7" -enddate "$8" -out "$wrong/$1.crt"
	cp "$5" "$wrong/$1.key"
}
wrong_day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
wrong_certs_made() {
	local end=20491231000000Z from=20200101000000Z kind who name san usage key ca
	mkdir -p $wrong
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out $wrong/1024.key
	for who in gw client; do for kind in $wrong_kinds; do
		case $who in
		gw) name=vpn.example.org san=DNS:vpn.example.org,IP:198.51.100.2 usage=serverAuth ;;
		client) name=alice@example.org san=email:alice@example.org usage=clientAuth ;;
		esac
		key=$LAB_PKI/$who.key ca=ca
		set -- "$from" "$end"
		case $kind in
		other) ca=ca-other ;;
		expired) set -- "$from" "$(wrong_day yesterday)" ;;
		future) set -- "$(wrong_day '2 days')" "$end" ;;
		usage) usage=emailProtection ;;
		weak) key=$wrong/1024.key ;;
		esac
		wrong_cert "$who-$kind" $name $san $usage "$key" $ca "$1" "$2"
	done; done
	# the authority's book knows these two, and so does its list
	for who in gw client; do
		printf 'R\t491231000000Z\t260102030405Z,keyCompromise\t%s\tunknown\t/CN=%s\n' \
			"$(openssl x509 -in $wrong/$who-revoked.crt -noout -serial | sed 's/.*=//')" $who
	done >$wrong/index
	openssl ca -gencrl -config $wrong/conf -cert "$LAB_PKI/ca.crt" -keyfile "$LAB_PKI/ca.key" -crldays 30 \
		-crlexts list -out $wrong/crl
	cat "$LAB_PKI/ca.crt" $wrong/crl >$wrong/revoked.ca
}
wrong_certs() { (set -e && wrong_certs_made) >"$LAB_OUT/wrong-certs.log" 2>&1 || { cat "$LAB_OUT/wrong-certs.log" >&2; return 1; }; }
