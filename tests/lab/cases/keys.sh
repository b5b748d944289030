# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 400
# keys.sh strongswan|libreswan: host-to-host by every kind of key that both ends have: certificates of RSA (as the gateway
# likes it; strongSwan once with nothing but PSS), P-256, P-384 and P-521; with strongSwan also raw keys (those of Libreswan
# are in raw-keys.sh).  Each end begins once, and is proven by the same kind of key.
. "$LAB_SRC/guest/case.sh"
kind=$1 keys=/run/keys
lab_up $kind || exit 1
mkdir -p $keys

key() { # TYPE NAME - a key, its public half, and a certificate of NAME.example.org
	local n=$keys/$2
	case $1 in
	rsa | pss) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out $n.key ;;
	p*) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:P-${1#p}" -out $n.key ;;
	esac
	openssl pkey -in $n.key -pubout -out $n.pub
	openssl req -new -key $n.key -subj "/O=IPsec Lab/CN=$2.example.org" -out $n.req
	printf '%s\n' "subjectAltName=DNS:$2.example.org" extendedKeyUsage=serverAuth,clientAuth >$n.ext
	openssl x509 -req -in $n.req -CA "$LAB_PKI/ca.crt" -CAkey "$LAB_PKI/ca.key" -set_serial "0x$(openssl rand -hex 8)" \
		-days 7000 -extfile $n.ext -out $n.crt
}

# ---- the gateway ----
strongswan_knows() { # TYPE HOW [CHILD SETTINGS]
	local etc=/lab/roots/gw/etc/swanctl auth=pubkey child=${3:-}
	[ "$1" != pss ] || auth=ike:rsa/pss-sha256
	mkdir -p $etc/conf.d $etc/pubkey
	cp $keys/gw-$1.crt $etc/x509/ && cp $keys/gw-$1.key $etc/private/ && cp $keys/gw-$1.pub $keys/us-$1.pub $etc/pubkey/
	case $2 in
	certificate) set -- "$1" "certs = gw-$1.crt" 'cacerts = ca.crt' ;;
	raw) set -- "$1" "pubkeys = gw-$1.pub" "pubkeys = us-$1.pub" ;;
	esac
	{
		echo 'connections {'
		gw_strongswan_connection keys 198.51.100.2 "auth = $auth
			$2
			id = gw-$1.example.org" "auth = $auth
			$3
			id = us-$1.example.org" 'remote_addrs = 192.0.2.2
			pools =' "$child"
		echo '}'
	} >$etc/conf.d/keys.conf
	grep -q '^include conf.d' $etc/swanctl.conf || echo 'include conf.d/*.conf' >>$etc/swanctl.conf
	gw_swanctl --load-all --clear --noprompt
}
libreswan_knows() { # TYPE certificate
	local authby=ecdsa nss=/var/lib/ipsec/nss
	[ "$1" != rsa ] || authby=rsasig
	openssl pkcs12 -export -in $keys/gw-$1.crt -inkey $keys/gw-$1.key -name gw-$1 -passout pass:lab \
		-out /lab/roots/gw/run/gw.p12
	lab_in gw gateway pk12util -i /run/gw.p12 -d sql:$nss -W lab -K ''
	gw_libreswan_connection keys-$1 198.51.100.2 leftid=@gw-$1.example.org leftcert=gw-$1 leftsubnet=10.10.0.0/24 \
		right=192.0.2.2 rightid=@us-$1.example.org rightca=%same authby=$authby >>/lab/roots/gw/etc/ipsec.conf
	gw_ipsec auto --add keys-$1
}
# Nothing but the hosts themselves: NetworkManager has nothing to configure, and stays connected while we connect again.
hosts() { # HOW
	key p256 gw-p256
	key p256 us-p256
	strongswan_knows p256 "$1" 'local_ts = dynamic'
	before
	profile p256 "$1" local-ts= remote-ts=
	nmcli -w 30 connection up vpn
	ping -q -n -c 3 -i 0.2 -W 2 198.51.100.2
	gw_swanctl --terminate --ike keys
	lab_wait 20 we_said 'is up again'
	lab_wait 5 vpn_is_up
	ping -q -n -c 3 -i 0.2 -W 2 198.51.100.2
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
they_begin() {
	case $kind in
	strongswan) gw_swanctl --initiate --ike keys --child net ;;
	libreswan) gw_ipsec auto --up keys-$1 ;;
	esac
}

profile() { # TYPE HOW [KEY=VALUE...]
	local type=$1 how=$2
	shift 2
	case $how in
	certificate) set -- auth=cert "certificate=$keys/us-$type.crt" "ca=$LAB_PKI/ca.crt" "$@" ;;
	raw) set -- auth=rsa "remote-rsa-key=$keys/gw-$type.pub" "$@" ;;
	esac
	quietly plugin_profile vpn key 198.51.100.2 role=peer "private-key=$keys/us-$type.key" local-id=us-$type.example.org \
		remote-id=gw-$type.example.org local-ts=192.0.2.2/32 remote-ts=10.10.0.0/24 "$@"
}
both() { # TYPE HOW
	key "$1" gw-$1
	key "$1" us-$1
	${kind}_knows "$1" "$2"
	before
	profile "$1" "$2"
	nmcli -w 30 connection up vpn
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	profile "$1" "$2" start=listen
	nmcli -w 30 connection up vpn
	they_begin "$1"
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
	[ $kind != libreswan ] || gw_ipsec auto --delete keys-$1
}
# (pluto 4.10 would take another connection for ours)
[ $kind != libreswan ] || for c in psk4 rsa4 ecdsa4 psk6 rsa6 ecdsa6; do gw_ipsec auto --delete $c; done >>"$LAB_OUT/pluto.out" 2>&1
for t in rsa p256 p384 p521; do
	case_ "keys/$kind/certificate/$t" both $t certificate
	tidy
done
if [ $kind = strongswan ]; then
	case_ "keys/$kind/hosts" hosts certificate
	tidy
	case_ "keys/$kind/certificate/pss" both pss certificate
	tidy
	for t in rsa p256 p384; do
		case_ "keys/$kind/raw/$t" both $t raw
		tidy
	done
fi
finish
