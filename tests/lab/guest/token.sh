# SPDX-License-Identifier: GPL-2.0-or-later
# token.sh - a card (SoftHSM), "Lab card" with the PIN 1234.  token_make: anew, with the key of client.crt as $on_token;
# token_add KEY ID LABEL: one more.  env: TOKEN_PIN, another one
on_token='pkcs11:token=Lab%20card;object=alice'
token_make() {
	command -v softhsm2-util >/dev/null || skip "SoftHSM (softhsm2) is not installed"
	rm -rf /run/token && mkdir -p /run/token /etc/softhsm
	printf '%s\n' 'directories.tokendir = /run/token' 'objectstore.backend = file' >/etc/softhsm/softhsm2.conf
	softhsm2-util --init-token --free --label 'Lab card' --pin ${TOKEN_PIN:-1234} --so-pin 5678
	token_add "$LAB_PKI/client.key" 07 alice
}
token_add() {
	openssl pkcs8 -topk8 -nocrypt -in "$1" -out /run/token.key
	softhsm2-util --import /run/token.key --token 'Lab card' --pin ${TOKEN_PIN:-1234} --id "$2" --label "$3"
	rm /run/token.key
}
