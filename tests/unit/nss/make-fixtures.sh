#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the keys and certificates of the certificate tests with openssl, in the directory $1; touches $2 when done.
# Nothing here is secret.
set -eu
exec < /dev/null
rm -rf "$1"
mkdir -p "$1"
cd "$1"
days=36500

key () { # name, openssl genpkey options
  name=$1
  shift
  openssl genpkey -out "$name.key" "$@" 2>/dev/null
}

# name, subject, issuer (certificate and key), extensions, further options of openssl x509; the key is $name.key
issue () {
  name=$1 subject=$2 issuer=$3 extensions=$4
  shift 4
  printf "$extensions\n" > ext.cnf
  openssl req -new -key "$name.key" -out req.pem -subj "$subject"
  openssl x509 -req -in req.pem -CA "$issuer.pem" -CAkey "$issuer.key" -set_serial "0x$(openssl rand -hex 12)" -days $days \
    -extfile ext.cnf -out "$name.pem" "$@" 2>/dev/null
  openssl x509 -in "$name.pem" -outform DER -out "$name.der"
}

# The same with the shared key of all end entities.
leaf () {
  cp leafkey.pem "$1.key"
  issue "$@"
}

# name, subject, extensions, further options of openssl req
self () {
  name=$1 subject=$2 extensions=$3
  shift 3
  printf "[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\n$extensions\n" > self.cnf
  openssl req -config self.cnf -x509 -new -key "$name.key" -subj "$subject" -days $days -out "$name.pem" "$@"
  openssl x509 -in "$name.pem" -outform DER -out "$name.der"
}

ca='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'
san='subjectAltName=DNS:vpn.example.org'

key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024
key rsae3 -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3
key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
key k256 -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1
key ed25519 -algorithm ED25519
key psskey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048
key leafkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
mv leafkey.key leafkey.pem
for name in root int other sub nc ncip nopath weakca v1 selfsigned; do
  key $name -algorithm EC -pkeyopt ec_paramgen_curve:P-256
done
cp root.key fake.key
key fake -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key rsaroot -algorithm RSA -pkeyopt rsa_keygen_bits:2048

# Authorities. "fake" has root's name and another key.
self root '/O=IPsec Lab/CN=Root' "$ca"
self fake '/O=IPsec Lab/CN=Root' "$ca"
self other '/O=Somebody else/CN=Root' "$ca"
self rsaroot '/O=IPsec Lab/CN=RSA Root' "$ca"
issue int '/O=IPsec Lab/CN=Intermediate' root "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=keyCertSign"
issue sub '/O=IPsec Lab/CN=Below' int "$ca"
issue nc '/O=IPsec Lab/CN=Constrained' root "$ca\nnameConstraints=critical,excluded;DNS:EXAMPLE.com"
issue ncip '/O=IPsec Lab/CN=Permitted' root "$ca\nnameConstraints=critical,permitted;DNS:Example.ORG,permitted;IP:192.0.2.0/255.255.255.0,permitted;email:example.org"
issue nopath '/O=IPsec Lab/CN=No CA bit' root 'keyUsage=keyCertSign'
cp rsa1024.key weakca.key
issue weakca '/O=IPsec Lab/CN=Weak' root "$ca"
printf '[req]\ndistinguished_name=dn\n[dn]\n' > v1.cnf
# (since 3.4 it must be told; before, it knew no other way)
openssl req -config v1.cnf -new -x509 -x509v1 -key v1.key -subj '/CN=Version 1 root' -days $days -out v1.pem 2>/dev/null || {
  openssl req -config v1.cnf -new -key v1.key -subj '/CN=Version 1 root' -out req.pem
  openssl x509 -req -in req.pem -signkey v1.key -days $days -out v1.pem 2>/dev/null
}
openssl x509 -in v1.pem -outform DER -out v1.der

# End entities.
leaf good '/O=IPsec Lab/CN=vpn' int "$san"
leaf upper '/O=IPsec Lab/CN=vpn' int 'subjectAltName=DNS:VPN.Example.ORG'
leaf ip '/O=IPsec Lab/CN=vpn' int 'subjectAltName=IP:192.0.2.1,IP:2001:db8::1'
leaf email '/O=IPsec Lab/CN=alice' int 'subjectAltName=email:alice@Example.org'
leaf dn '/O=IPsec Lab/CN=alice' int 'keyUsage=digitalSignature'
leaf cnonly '/CN=vpn.example.org' int 'keyUsage=digitalSignature'
leaf cnandsan '/CN=vpn.example.org' int 'subjectAltName=email:a@b.c'
leaf wild '/CN=wild' int 'subjectAltName=DNS:*.example.org'
leaf nulsan '/CN=nul' int '2.5.29.17=DER:30:12:82:10:76:70:6e:2e:61:62:63:00:2e:65:76:69:6c:2e:63:64'
leaf badsan '/CN=bad' int '2.5.29.17=DER:30:12:82:20:76:70:6e:2e:61:62:63:00:2e:65:76:69:6c:2e:63:64'
leaf nosubject '/' int "$san"
leaf ekuike '/CN=e' int "$san\nextendedKeyUsage=1.3.6.1.5.5.7.3.17"
leaf ekuany '/CN=e' int "$san\nextendedKeyUsage=anyExtendedKeyUsage"
leaf ekuold '/CN=e' int "$san\nextendedKeyUsage=1.3.6.1.5.5.8.2.2"
leaf ekuserver '/CN=e' int "$san\nextendedKeyUsage=serverAuth"
leaf ekuclient '/CN=e' int "$san\nextendedKeyUsage=critical,clientAuth"
leaf ekubad '/CN=e' int "$san\nextendedKeyUsage=codeSigning,emailProtection"
leaf kubad '/CN=k' int "$san\nkeyUsage=critical,keyEncipherment"
leaf kunonrep '/CN=k' int "$san\nkeyUsage=nonRepudiation"
leaf critical '/CN=c' int "$san\n1.2.3.4=critical,DER:05:00"
leaf links '/CN=l' int "$san\ncrlDistributionPoints=URI:http://192.0.2.1/crl\nauthorityInfoAccess=OCSP;URI:http://192.0.2.1/o,caIssuers;URI:http://192.0.2.1/c"
leaf uncritical '/CN=c' int "$san\n1.2.3.4=DER:05:00"
# "openssl x509" cannot choose dates.
printf '[ca]\ndefault_ca=c\n[c]\ndatabase=index\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=p\nunique_subject=no\n' > ca.cnf
printf "x509_extensions=x\n[p]\ncommonName=supplied\n[x]\n$san\n" >> ca.cnf
: > index
dated () { # name, from, to
  cp leafkey.pem "$1.key"
  openssl req -new -key "$1.key" -out req.pem -subj "/CN=$1"
  openssl ca -batch -notext -config ca.cnf -rand_serial -cert int.pem -keyfile int.key -startdate "$2" -enddate "$3" \
    -in req.pem -out "$1.pem" 2> /dev/null
  openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}
dated inverted 20300101000000Z 20250101000000Z
dated old 20200101000000Z 20210101000000Z
openssl ca -gencrl -config ca.cnf -cert int.pem -keyfile int.key -crldays 30 2> /dev/null |
  openssl crl -outform DER -out crl.der
dated forever 20200101000000Z 99991231235959Z
leaf sha1 '/CN=s' rsaroot "$san" -sha1
leaf md5 '/CN=m' rsaroot "$san" -md5
leaf pss '/CN=p' rsaroot "$san" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sha256
leaf psssha1 '/CN=p' rsaroot "$san" -sigopt rsa_padding_mode:pss -sha1
leaf deep '/CN=d' sub "$san"
leaf nonca '/CN=n' good "$san"
leaf nobit '/CN=n' nopath "$san"
leaf ncbad '/CN=n' nc 'subjectAltName=DNS:a.example.com'
leaf ncgood '/CN=n' nc "$san"
leaf ncpermitted '/CN=n' ncip 'subjectAltName=DNS:vpn.EXAMPLE.org,IP:192.0.2.7,email:a@EXAMPLE.org'
leaf ncother '/CN=n' ncip 'subjectAltName=DNS:vpn.example.org,IP:198.51.100.1'
leaf ofweak '/CN=w' weakca "$san"
leaf ofv1 '/CN=v' v1 "$san"
leaf ofother '/CN=o' other "$san"
leaf offake '/CN=f' fake "$san"
for name in rsa rsa1024 rsae3 p256 p384 p521 k256 ed25519 psskey; do
  issue $name "/O=IPsec Lab/CN=$name" rsaroot "$san"
  openssl pkey -in $name.key -pubout -outform DER -out $name.spki
  openssl pkcs8 -topk8 -nocrypt -in $name.key -outform DER -out $name.p8
done
self selfsigned '/CN=selfsigned' 'subjectAltName=DNS:vpn.example.org'
openssl req -new -key rsa.key -subj '/CN=req' -out req.pem
cat root.pem other.pem rsaroot.pem > bundle.pem

# Files of keys. "pässword" has an umlaut on purpose.
pw='pässword'
openssl pkey -in rsa.key -traditional -out rsa-pkcs1.pem
openssl rsa -in rsa.key -traditional -outform DER -out rsa-pkcs1.der 2>/dev/null
openssl ec -in p256.key -out p256-sec1.pem 2>/dev/null
openssl ec -in p384.key -outform DER -out p384-sec1.der 2>/dev/null
openssl ec -in p521.key -no_public -out p521-nopub.pem 2>/dev/null
openssl ec -in good.key -no_public -out good-nopub.pem 2>/dev/null
openssl pkcs8 -topk8 -in p256.key -nocrypt -outform DER -out p256-p8.der
openssl pkcs8 -topk8 -in rsa.key -v2 aes-256-cbc -v2prf hmacWithSHA256 -passout "pass:$pw" -out enc-aes256.pem
openssl pkcs8 -topk8 -in rsa.key -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout "pass:$pw" -outform DER -out enc-aes128.der
openssl pkcs8 -topk8 -in p384.key -v2 aes-192-cbc -v2prf hmacWithSHA512 -passout "pass:$pw" -out enc-aes192.pem
openssl pkcs8 -topk8 -in p256.key -v2 des3 -passout "pass:$pw" -out enc-des3.pem
openssl pkcs8 -topk8 -in p256.key -v1 PBE-SHA1-3DES -passout "pass:$pw" -out enc-p12-3des.pem
openssl pkcs8 -topk8 -in p256.key -scrypt -passout "pass:$pw" -out enc-scrypt.pem
for cipher in aes128 aes192 aes256 des3; do
  openssl rsa -in rsa.key -traditional -$cipher -passout "pass:$pw" -out old-$cipher.pem 2>/dev/null
done
openssl ec -in p256.key -aes256 -passout "pass:$pw" -out old-ec.pem 2>/dev/null
for hash in SHA1 MD5; do # needs openssl's legacy provider
  openssl pkcs8 -topk8 -in p256.key -v1 PBE-$hash-DES -provider legacy -provider default -passout "pass:$pw" \
    -out enc-pbes1-$hash.pem 2>/dev/null || rm -f enc-pbes1-$hash.pem
done

# PKCS#12 and PKCS#7.
cat int.pem root.pem > chain.pem
p12 () { # name, options
  name=$1
  shift
  openssl pkcs12 -export -inkey good.key -in good.pem -certfile chain.pem -out "$name.p12" "$@"
}
p12 modern -passout "pass:$pw"
p12 old3des -passout "pass:$pw" -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1
p12 legacy -passout "pass:$pw" -legacy 2>/dev/null || rm -f legacy.p12
p12 sha512mac -passout "pass:$pw" -macalg sha512
p12 sha384mac -passout "pass:$pw" -macalg sha384 -keypbe AES-128-CBC -certpbe AES-192-CBC
p12 nomac -passout "pass:$pw" -nomac
p12 empty -passout pass:
p12 quick -passout "pass:$pw" -iter 1
p12 quicknomac -passout "pass:$pw" -iter 1 -nomac
p12 plain -passout "pass:$pw" -keypbe NONE -certpbe NONE
p12 pbmac1 -passout "pass:$pw" -pbmac1_pbkdf2 2>/dev/null || rm -f pbmac1.p12
openssl pkcs12 -export -nokeys -in root.pem -out nokey.p12 -passout "pass:$pw"
openssl crl2pkcs7 -nocrl -certfile good.pem -certfile int.pem -out bundle.p7b
openssl crl2pkcs7 -nocrl -certfile good.pem -certfile int.pem -outform DER -out bundle.p7c
openssl crl2pkcs7 -in /dev/null -outform DER -out empty.p7c 2>/dev/null || openssl crl2pkcs7 -nocrl -outform DER -out empty.p7c
cat int.pem good.key good.pem > both.pem
openssl x509 -in good.pem -text > text.pem
sed 's/$/\r/' good.pem > crlf.pem
tr '\n' '\r' < good.pem > cr.pem
openssl x509 -in good.pem -trustout -addtrust serverAuth -out trusted.pem
if command -v pk12util > /dev/null && command -v certutil > /dev/null; then
  # certutil asks for a password for ever when there is a database already, hence the limit besides the new directory.
  mkdir db
  timeout 30 certutil -N -d sql:db --empty-password
  timeout 30 pk12util -i modern.p12 -d sql:db -K '' -W "$pw" > /dev/null
  timeout 30 pk12util -o nss.p12 -n "$(timeout 30 certutil -L -d sql:db | sed -n 's/ *u,u,u *$//p' | head -n 1)" -d sql:db -K '' -W "$pw" > /dev/null
fi

# Signatures by openssl over the file "octets".
printf 'These are the octets that were signed.' > octets
openssl dgst -sha1 -sign rsa.key -out rsa-sha1.sig octets
for hash in sha256 sha384 sha512; do
  openssl dgst -$hash -sign rsa.key -out rsa-$hash.sig octets
  openssl dgst -$hash -sign rsa.key -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1 -out rsa-pss-$hash.sig octets
done
openssl dgst -sha256 -sign rsa.key -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:10 -out rsa-pss-salt10.sig octets
openssl dgst -sha256 -sign psskey.key -sigopt rsa_pss_saltlen:32 -out psskey.sig octets
openssl dgst -sha256 -sign p256.key -out p256.sig octets
openssl dgst -sha384 -sign p384.key -out p384.sig octets
openssl dgst -sha512 -sign p521.key -out p521.sig octets
openssl pkeyutl -sign -rawin -inkey ed25519.key -in octets -out ed25519.sig

# OpenSSL has ML-DSA since 3.5. The private key alone is 32 octets, the key that is made of these, or both (RFC 9881).
if openssl genpkey -algorithm ML-DSA-87 -out mldsaroot.key 2>/dev/null; then
  self mldsaroot '/O=IPsec Lab/CN=ML-DSA Root' "$ca"
  for name in mldsa44 mldsa65 mldsa87; do
    key $name -algorithm ML-DSA-${name#mldsa}
    issue $name "/O=IPsec Lab/CN=$name" mldsaroot "$san"
    openssl pkey -in $name.key -pubout -outform DER -out $name.spki
    for form in seed-only priv-only seed-priv; do
      openssl pkey -in $name.key -provparam ml-dsa.output_formats=$form -outform DER -out $name-$form.p8
    done
    openssl pkeyutl -sign -rawin -inkey $name.key -in octets -out $name.sig
    openssl pkcs12 -export -inkey $name.key -in $name.pem -certfile mldsaroot.pem -out $name.p12 -passout "pass:$pw"
  done
fi
rm -f ??????????????????????????????????????*.pem ca.cnf index* serial* req.pem ext.cnf self.cnf v1.cnf
cd "$OLDPWD"
touch "$2"
