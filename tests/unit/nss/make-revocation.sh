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
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsaca.key 2> /dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key 2> /dev/null
serial=256

authority () { # name, subject, extensions
  printf "[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\n$3\n" > x.cnf
  openssl req -config x.cnf -x509 -new -key "$1.key" -subj "$2" -days 36500 -out "$1.pem"
  openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}

leaf () { # name, key, extensions, issuer, further options
  name=$1 key=$2 extensions=$3 by=${4:-ca}
  shift 3
  [ $# = 0 ] || shift
  serial=$((serial + 1))
  printf "subjectAltName=DNS:vpn.example.org\n$extensions\n" > x.cnf
  openssl req -new -key "$key.key" -out req.pem -subj "/CN=$name"
  openssl x509 -req -in req.pem -CA "$by.pem" -CAkey "$by.key" -set_serial $serial -days 36500 -extfile x.cnf \
    -out "$name.pem" "$@" 2> /dev/null
  openssl x509 -in "$name.pem" -outform DER -out "$name.der"
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
# who may not answer for "ca", each for one reason; "alias" has its key under another name, "fake" its name
cp ca.key alias.key
authority alias '/CN=Alias' 'keyUsage=critical,keyCertSign,cRLSign'
authority rsaca '/CN=RSA' 'keyUsage=critical,keyCertSign,cRLSign'
leaf short signer 'extendedKeyUsage=OCSPSigning' ca -days 1
leaf impostor signer 'extendedKeyUsage=OCSPSigning' fake
leaf renamed signer 'extendedKeyUsage=OCSPSigning' alias
leaf weak weak 'extendedKeyUsage=OCSPSigning'
leaf sha1 signer 'extendedKeyUsage=OCSPSigning' ca -sha1
leaf strange signer 'extendedKeyUsage=OCSPSigning\n1.2.3.4=critical,DER:05:00'
leaf twin signer 'extendedKeyUsage=serverAuth'
for name in short impostor renamed sha1 strange twin; do
  cp signer.key $name.key
done
leaf below leaf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign'
url=http://list.example
long=$(printf '%01024d' 0)
points=p1,p2
for n in 3 4 5 6 7 8 9 10; do
  points=$points,p$n
done
leaf oddlinks leaf "crlDistributionPoints=$points
[p1]\nfullname=URI:$url/some\nreasons=keyCompromise\n[p2]\nfullname=URI:$url/theirs\nCRLissuer=dirName:name\n[name]\nCN=Other
[p3]\nfullname=URI:$url/a\n[p4]\nfullname=URI:$url/a\n[p5]\nfullname=URI:$url/$long\n[p6]\nfullname=URI:$url/\303\244
[p7]\nfullname=URI:$url/b\n[p8]\nfullname=URI:$url/c\n[p9]\nfullname=URI:$url/d\n[p10]\nfullname=URI:$url/e"

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
printf '[onlyusers]\nissuingDistributionPoint=critical,@o\n[o]\nonlyuser=TRUE\n[indirect]\nissuingDistributionPoint=critical,@i\n[i]\nindirectCRL=TRUE\n' >> ca.cnf
printf '[attributes]\nissuingDistributionPoint=critical,@a\n[a]\nonlyAA=TRUE\n[unheard]\n2.5.29.28=critical,DER:30:03:86:01:00\n' >> ca.cnf
printf '[cutpoint]\n2.5.29.28=critical,DER:30:03:81:04:FF\n[twopoints]\n2.5.29.28=critical,DER:30:00:30:00\n' >> ca.cnf
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
list rsa rsaca
list rsasha1 rsaca -md sha1
list pss rsaca -md sha256 -sigopt rsa_padding_mode:pss
list psssha1 rsaca -md sha1 -sigopt rsa_padding_mode:pss
for name in point users onlyusers some delta odd indirect attributes unheard cutpoint twopoints; do
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
for name in short impostor renamed weak sha1 strange; do
  answer $name good $name -ndays 3650
done
# the delegate's certificate beside somebody else's signature; not the first one, the fourth, and the fifth
answer borrowed good stranger -ndays 3650 -rother signer.pem
answer second good twin -ndays 3650 -rother signer.pem
cat good.pem revoked.pem signer.pem > others.pem
answer fourth good twin -ndays 3650 -rother others.pem
cat good.pem revoked.pem held.pem signer.pem > others.pem
answer fifth good twin -ndays 3650 -rother others.pem
answer_for () { # name, further options: what is asked
  name=$1
  shift
  openssl ocsp -no_nonce -reqout req.der "$@" > /dev/null 2>&1
  openssl ocsp -index index -CA "$2" -rsigner signer.pem -rkey signer.key -reqin req.der -respout "$name.ocsp" -ndays 3650 \
    > /dev/null 2>&1
}
answer_for other-key -issuer fake.pem -serial 257
answer_for other-name -issuer alias.pem -serial 257
# the issuer named by better hashes than that of our own questions
for hash in sha256 sha384 sha512 sha224; do
  answer_for by-$hash -issuer ca.pem -$hash -serial 257
done
answer_for other-key-sha256 -issuer fake.pem -sha256 -serial 257
answer_for both -issuer ca.pem -cert revoked.pem -cert good.pem
many=
for n in $(seq 1001 1063); do
  many="$many -serial $n"
done
answer_for last -issuer ca.pem $many -cert good.pem
answer_for beyond -issuer ca.pem $many -serial 1064 -cert good.pem
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
