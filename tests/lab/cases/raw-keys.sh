# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 600
# raw-keys.sh: keys without certificates against Libreswan, which has made its own and is told ours; and with a key that is
# not the one that it has been told.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
lab_up libreswan || exit 1

nss=/var/lib/ipsec/nss keys=/run/keys
mkdir -p $keys
gateway_key() { # TYPE: makes one, once; prints its CKAID
	local type=
	[ "$1" = rsa ] || type="--keytype $1"
	[ -s "$keys/$1.ckaid" ] || gw_ipsec newhostkey --nssdir $nss $type 2>&1 | tee -a "$LAB_OUT/newhostkey" |
		sed -n 's/.*CKAID \([0-9a-f]*\).*/\1/p' | head -n 1 >"$keys/$1.ckaid"
	cat "$keys/$1.ckaid"
}
gateway_public() { # CKAID: as showhostkey says it, "0s..."
	gw_ipsec showhostkey --nssdir $nss --left --ckaid "$1" | sed -n 's/.*left[a-z]*key=\(0s[^ ]*\).*/\1/p'
}
base64_of_hex() { basenc --base16 -d | base64 -w0; }
our_key() { # NAME TYPE: a key of openssl's, $keys/NAME.key; its public half as text in $keys/NAME.pub
	case $2 in
	rsa)
		openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$keys/$1.key" 2>/dev/null
		# RFC 3110: the length of the exponent, the exponent, the modulus
		{ printf 03010001 && openssl rsa -in "$keys/$1.key" -noout -modulus | sed 's/.*=//' | tr -d '\n'; } | base64_of_hex
		;;
	ecdsa)
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$keys/$1.key"
		openssl pkey -in "$keys/$1.key" -pubout -outform DER | tail -c 64 | base64 -w0
		;;
	esac >"$keys/$1.pub"
}
connection() { # NAME TYPE GATEWAY-CKAID OUR-PUBLIC-KEY
	local word=rsasigkey authby=rsasig
	[ "$2" = rsa ] || word=ecdsakey authby=ecdsa
	# (4.10 would answer with what %default says of certificates)
	cat >>/lab/roots/gw/etc/ipsec.conf <<-C
	conn $1
	    left=198.51.100.2
	    leftid=@gw.example.org
	    leftckaid=$3
	    leftsendcert=never
	    leftsubnet=10.10.0.0/24
	    right=192.0.2.2
	    rightid=@client.example.org
	    right$word=0s$4
	    authby=$authby
	C
	gw_ipsec auto --add "$1"
}
profile() { # KEY THEIRS [KEY=VALUE...]
	local key=$1 theirs=$2
	shift 2
	quietly plugin_profile vpn raw 198.51.100.2 auth=rsa "private-key=$keys/$key.key" "remote-rsa-key=$theirs" \
		local-id=client.example.org remote-id=gw.example.org virtual-ip=no remote-ts=10.10.0.0/24 "$@"
}
works() { # TYPE
	local ckaid theirs
	ckaid=$(gateway_key "$1")
	theirs=$(gateway_public "$ckaid")
	our_key "$1" "$1"
	connection "raw-$1" "$1" "$ckaid" "$(cat "$keys/$1.pub")"
	before
	profile "$1" "$theirs"
	nmcli -w 30 connection up vpn
	ping4
	gw_states ESTABLISHED_CHILD_SA
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	# and the other way round
	profile "$1" "$theirs" virtual-ip= role=peer start=listen local-ts=192.0.2.2/32
	nmcli -w 30 connection up vpn
	gw_ipsec auto --up "raw-$1"
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
	gw_ipsec auto --delete "raw-$1"
}
# They have another key of ours; or we another of theirs.
refused() { # US|THEM
	local ckaid theirs
	ckaid=$(gateway_key rsa)
	theirs=$(gateway_public "$ckaid")
	our_key other rsa
	our_key right rsa
	before
	if [ "$1" = us ]; then
		connection "raw-wrong-$1" rsa "$ckaid" "$(cat $keys/other.pub)"
		profile right "$theirs"
		not nmcli -w 30 connection up vpn
		lab_wait 2 journal_one PEER_REFUSED_US
	else
		connection "raw-wrong-$1" rsa "$ckaid" "$(cat $keys/right.pub)"
		profile right "0s$(cat $keys/other.pub)"
		not nmcli -w 30 connection up vpn
		lab_wait 2 journal_one PEER_AUTH_WRONG
	fi
	gw_ipsec auto --delete "raw-wrong-$1"
	lab_wait 5 gw_is_empty
	clean_within 2
}
for type in rsa ecdsa; do
	case_ "raw-keys/$type" works $type
	tidy
done
for who in us them; do
	case_ "raw-keys/refused-by-$who" refused $who
	tidy
done
finish
