# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 400
# tokens.sh: keys that stay where they are, on a card or in the key store, for other things than a certificate of IKE's: raw
# keys, and EAP-TLS.  The other end is strongSwan, which knows raw keys at 198.51.100.15, and FreeRADIUS behind it.
. "$LAB_SRC/guest/case.sh"
. "$LAB_SRC/guest/asking.sh"
. "$LAB_SRC/guest/gw-radius.sh"
. "$LAB_SRC/guest/token.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: these are our keys"; exit 77; }
command -v softhsm2-util >/dev/null || { echo "SKIP: SoftHSM (softhsm2) is not installed"; exit 77; }
lab_up strongswan && radius_start || exit 1

prepare() {
	local etc=/lab/roots/gw/etc/swanctl n
	token_make
	token_add "$LAB_PKI/client-ec.key" 08 alice-ec
	mkdir -p $etc/pubkey $etc/conf.d /run/keys
	for n in gw gw-ec client client-ec; do
		openssl pkey -in "$LAB_PKI/$n.key" -pubout -out /run/keys/$n.pub
		cp /run/keys/$n.pub $etc/pubkey/
	done
	{
		echo 'connections {'
		for n in '' -ec; do
			gw_strongswan_connection raw$n 198.51.100.15 "auth = pubkey
				pubkeys = gw$n.pub
				id = gw$n.example.org" "auth = pubkey
				pubkeys = client$n.pub
				id = client$n.example.org"
		done
		echo '}'
	} >$etc/conf.d/raw.conf
	echo 'include conf.d/*.conf' >>$etc/swanctl.conf
	gw_swanctl --load-all --noprompt
	nm-ipsec import --password-file /run/p12.password --name alice "$LAB_PKI/client.p12"
	nm-ipsec certificates
}

up_and_down() { # METHOD GATEWAY [KEY=VALUE...]
	before
	quietly plugin_profile vpn "$@"
	nmcli -w 60 connection up vpn
	ping4
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
raw() { echo auth=rsa "local-rsa-key=pkcs11:token=Lab%20card;object=alice$1" "remote-rsa-key=/run/keys/gw$1.pub" \
	"local-id=client$1.example.org" "remote-id=gw$1.example.org"; }
raw_key() { up_and_down raw 198.51.100.15 $(raw "$1") secret.pin=1234; }
raw_pin_asked() { # the wrong one is not said again, the right one opens it
	before
	agent_start pin=9999 pin=1234
	quietly plugin_profile vpn raw 198.51.100.15 $(raw '') pin-flags=2
	nmcli -w 60 connection up vpn
	ping4
	agent_stop
	grep -q 'names=pin.*message=".*PIN of the token is wrong.*answered=1' /run/agent.log
	nmcli -w 10 connection down vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
raw_pin_wrong() { refuses PIN_WRONG raw 198.51.100.15 $(raw '') secret.pin=wrongpassword; }
raw_missing() {
	fails TOKEN_OBJECT "$failed" 5 raw 198.51.100.15 $(raw '') 'local-rsa-key=pkcs11:token=Lab%20card;object=nobody' \
		secret.pin=1234
}
raw_other() { # another key than the one that the gateway knows
	fails PEER_REFUSED_US 'Invalid secrets' 10 raw 198.51.100.15 $(raw '') 'local-rsa-key=pkcs11:token=Lab%20card;object=alice-ec' \
		secret.pin=1234
}
tls() { echo 198.51.100.13 "eap-ca=$LAB_PKI/ca-other.crt" eap-server-name=aaa.example.org eap=tls user= secret.password=; }
tls_token() { up_and_down eap $(tls) "certificate=$LAB_PKI/client.crt" "private-key=$on_token" secret.pin=1234; }
tls_pin_wrong() {
	refuses PIN_WRONG eap $(tls) "certificate=$LAB_PKI/client.crt" "private-key=$on_token" secret.pin=wrongpassword
}
tls_store() { up_and_down eap $(tls) certificate=nss:alice; }
tls_store_missing() {
	fails FILE_NOT_FOUND "$failed" 5 eap $(tls) certificate=nss:nobody
	told nobody
}

echo lab >/run/p12.password
(set -e && prepare) >"$LAB_OUT/tokens.log" 2>&1 || { cat "$LAB_OUT/tokens.log"; exit 1; }
for c in '' -ec; do
	case_ "tokens/raw$c" raw_key "$c"
	tidy
done
for c in raw_pin_asked raw_pin_wrong raw_missing raw_other tls_token tls_pin_wrong tls_store tls_store_missing; do
	case_ "tokens/$c" $c
	tidy
done
radius_stop
radius_start aaa 1.3
for c in tls_token tls_store; do
	case_ "tokens/1.3/$c" $c
	tidy
done
finish
