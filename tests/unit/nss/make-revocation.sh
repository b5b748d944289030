#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes what the tests of revocation read, with openssl, in the directory $1: an authority, certificates of which some were
# taken back, its lists, answers of its OCSP responder and of responders that are none; touches $2 when done.
set -eu
exec < /dev/null
rm -rf "$1"
mkdir -p "$1"
cd "$1"

for name in ca fake other leaf signer stranger; do
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $name.key 2> /dev/null
done
serial=256

authority () { # name, subject, extensions
  printf "[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\n$3\n" > x.cnf
  openssl req -config x.cnf -x509 -new -key "$1.key" -subj "$2" -days 36500 -out "$1.pem"
  openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}

leaf () { # name, key, extensions
  serial=$((serial + 1))
  printf "subjectAltName=DNS:vpn.example.org\n$3\n" > x.cnf
  openssl req -new -key "$2.key" -out req.pem -subj "/CN=$1"
  openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -set_serial $serial -days 36500 -extfile x.cnf -out "$1.pem" \
    2> /dev/null
  openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}

authority ca '/CN=Authority' 'keyUsage=critical,keyCertSign,cRLSign'
authority fake '/CN=Authority' 'keyUsage=critical,keyCertSign,cRLSign'
authority other '/CN=Other' 'keyUsage=critical,keyCertSign,cRLSign'
cp ca.key nosign.key
authority nosign '/CN=Authority' 'keyUsage=critical,keyCertSign'
leaf good leaf 'keyUsage=digitalSignature'
leaf revoked leaf 'keyUsage=digitalSignature'
leaf held leaf 'keyUsage=digitalSignature'
leaf plain leaf 'keyUsage=digitalSignature'
leaf links leaf 'crlDistributionPoints=URI:ldap://a/x,URI:http://list.example/1,URI:http://list.example/2\nauthorityInfoAccess=OCSP;URI:http://ask.example/,caIssuers;URI:http://ask.example/ca,OCSP;URI:https://no.example/'
leaf signer signer 'extendedKeyUsage=OCSPSigning'
leaf stranger stranger 'extendedKeyUsage=serverAuth'

# the authority's book: state, expiry, revocation, serial number, file, name
line () { # V or R, revocation, certificate
  number=$(openssl x509 -in "$3.pem" -noout -serial | sed 's/.*=//')
  printf '%s\t500101000000Z\t%s\t%s\tunknown\t/CN=%s\n' "$1" "$2" "$number" "$3"
}
{
  line V '' good
  line R 260102030405Z,keyCompromise revoked
  line R 260203040506Z,certificateHold held
  line R 260304050607Z plain
  line V '' links
} > index
touch index.attr
printf '[ca]\ndefault_ca=c\n[c]\ndatabase=index\ndefault_md=sha256\n[crl]\n[point]\nissuingDistributionPoint=critical,@p\n[p]\nfullname=URI:http://list.example/2\n' > ca.cnf
printf '[users]\nissuingDistributionPoint=critical,@u\n[u]\nonlyCA=TRUE\n[some]\nissuingDistributionPoint=critical,@s\n[s]\nonlysomereasons=keyCompromise\n' >> ca.cnf
printf '[delta]\n2.5.29.27=critical,DER:02:01:01\n[odd]\n1.2.3.4=critical,DER:05:00\n' >> ca.cnf

list () { # name, signer, further options
  name=$1 by=$2
  shift 2
  openssl ca -gencrl -config ca.cnf -cert "$by.pem" -keyfile "$by.key" -crldays 3650 -out "$name.crl.pem" "$@" 2> /dev/null
  openssl crl -in "$name.crl.pem" -outform DER -out "$name.crl"
}
list full ca
list old ca -crl_lastupdate 20200101000000Z -crl_nextupdate 20200301000000Z
list forged fake
list nosign nosign
list other other
list sha1 ca -md sha1
for name in point users some delta odd; do
  list $name ca -crlexts $name
done
mv index index.full
{ line V '' good && line V '' revoked; } > index
list early ca -crl_lastupdate 20200101000000Z -crl_nextupdate 20500101000000Z
{ line R 191202030405Z,certificateHold good && line R 191202030405Z links; } > index
list hold ca -crl_lastupdate 20200101000000Z -crl_nextupdate 20500101000000Z
list hold-point ca -crlexts point -crl_lastupdate 20200101000000Z -crl_nextupdate 20500101000000Z
mv index.full index
for n in 1 2 3 4 5 6 7 8; do
  cat old.crl.pem early.crl.pem
done > many.pem
cat many.pem full.crl.pem old.crl.pem > too-many.pem
cat ca.pem full.crl.pem old.crl.pem > bundle.pem

answer () { # name, certificate, signer, further options
  name=$1 cert=$2 by=$3
  shift 3
  openssl ocsp -issuer ca.pem -cert "$cert.pem" -no_nonce -reqout req.der > /dev/null 2>&1
  openssl ocsp -index index -CA ca.pem -rsigner "$by.pem" -rkey "$by.key" -reqin req.der -respout "$name.ocsp" "$@" \
    > /dev/null 2>&1
}
answer good good ca -ndays 3650
answer revoked revoked ca -ndays 3650
answer held held signer -ndays 3650
answer delegate good signer -ndays 3650
answer forged good fake -ndays 3650
answer stranger good stranger -ndays 3650
answer unknown signer ca -ndays 3650
answer always good ca
answer links links ca -ndays 3650
sed '/CN=links/d' index > index.other
line R 260506070809Z,superseded links >> index.other
mv index.other index
answer links-revoked links ca -ndays 3650
printf '\060\003\012\001\003' > later.ocsp
openssl ocsp -issuer ca.pem -cert good.pem -no_nonce -reqout good.req > /dev/null 2>&1
rm -f req.* x.cnf ca.cnf
cd "$OLDPWD"
touch "$2"
