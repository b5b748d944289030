# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# rhel.sh - "Setting up an IPsec VPN" of Red Hat's guide "Securing networks", section by section: what is "ipsec ..." there
# is "nm-ipsec ..." or nmcli here.  The other host is a Libreswan that does what the guide says, command for command.
. "$LAB_SRC/guest/case.sh"
[ "${LAB_SUBJECT:-ipsec}" = ipsec ] || { echo "SKIP: this is our program"; exit 77; }
GW_SETUP=listen-tcp=yes lab_up libreswan || exit 1
west=192.0.2.2 east=198.51.100.2 conf=/etc/ipsec.d store=/var/lib/nm-ipsec/nss
mkdir -p $conf
east_ipsec() { gw_ipsec "$@"; }
reads() { grep -q -e "$1" /run/screen || { cat /run/screen >&2; return 1; }; } # what the reader sees
shows() { "$@" >/run/screen 2>&1; } # COMMAND...
ckaid_shown() { sed -n 's/.*CKAID \([0-9a-f]\{40\}\) was stored in the NSS database.*/\1/p' /run/screen; }
key_shown() { sed -n "s/^[[:space:]]*$1=\(0s[A-Za-z0-9+\/=]*\)$/\1/p" /run/screen; }
esp_counted() { ip -s xfrm state | awk '/lifetime current/ { getline; n += $2 } END { print n + 0 }'; } # packets, both ways
ends() { # CONNECTION: as "ipsec auto --down"
	nmcli connection down "$1"
	lab_wait 5 gw_is_empty
	clean_within 2
}

# ---- 3.3 Creating a host-to-host VPN ----

host_to_host() {
	local west_ckaid west_key east_ckaid east_key
	# "Generate a raw RSA key pair on each of the hosts"
	shows nm-ipsec newhostkey
	reads 'Generated RSA key pair with CKAID [0-9a-f]* was stored in the NSS database'
	west_ckaid=$(ckaid_shown)
	shows east_ipsec newhostkey
	east_ckaid=$(ckaid_shown)
	# "The previous step returned the generated key's ckaid. Use that ckaid with the following command on left" ... "on right"
	shows nm-ipsec showhostkey --left --ckaid "$west_ckaid"
	west_key=$(key_shown leftrsasigkey)
	shows east_ipsec showhostkey --right --ckaid "$east_ckaid"
	east_key=$(key_shown rightrsasigkey)
	# "The secret part of the key is stored in the database"; this lists what is there
	shows nm-ipsec showhostkey --list
	reads "^< *1> RSA-3072 ckaid: $west_ckaid$"
	# "create a new file with the following content; write the public RSA keys from the output of the commands"
	tee $conf/my_host-to-host.conf /lab/roots/gw$conf/my_host-to-host.conf <<-C
	conn mytunnel
	    leftid=@west
	    left=$west
	    leftrsasigkey=$west_key
	    rightid=@east
	    right=$east
	    rightrsasigkey=$east_key
	    authby=rsasig
	    # load and initiate automatically
	    auto=start
	C
	# there: "ipsec auto --add mytunnel"; here NetworkManager loads it, and finds out by its address which end it is
	east_ipsec auto --config $conf/my_host-to-host.conf --add mytunnel
	nmcli connection import type ipsec file $conf/my_host-to-host.conf
	before
	nmcli connection up mytunnel
	# "Verification"
	ping -q -n -c 3 -i 0.2 $east
	[ "$(esp_counted)" -ge 6 ]
	shows nm-ipsec status mytunnel
	reads "^mytunnel .*: up, $east"
	reads west
	reads east
	shows gw_whack --trafficstatus
	reads '"mytunnel".*inBytes=[1-9].*outBytes=[1-9]'
	ends mytunnel
	nmcli connection delete mytunnel
	# the same without the file
	nmcli connection add type vpn vpn-type ipsec con-name mytunnel vpn.data "role=peer, auth=rsa, gateway=$east,
		local-id=west, local-rsa-key=$west_key, remote-id=east, remote-rsa-key=$east_key"
	nmcli connection up mytunnel
	ping -q -n -c 3 -i 0.2 $east
	[ "$(esp_counted)" -ge 6 ]
	ends mytunnel
	east_ipsec auto --delete mytunnel
}

# ---- 3.4 Configuring a site-to-site VPN ----

site_to_site() {
	ip addr add 192.0.1.254/24 dev lo
	{
		cat <<-C
		conn mysubnet
		    also=mytunnel
		    leftsubnet=192.0.1.0/24
		    rightsubnet=10.10.0.0/24
		    auto=start

		# the following part of the configuration file is the same for both host-to-host and site-to-site connections:
		C
		grep -v auto= $conf/my_host-to-host.conf
	} | tee $conf/my_site-to-site.conf >/lab/roots/gw$conf/my_site-to-site.conf
	east_ipsec auto --config $conf/my_site-to-site.conf --add mysubnet
	nmcli connection import type ipsec file $conf/my_site-to-site.conf
	before
	nmcli connection up mysubnet
	ping -q -n -c 3 -i 0.2 -I 192.0.1.254 10.10.0.2
	[ "$(esp_counted)" -ge 6 ]
	ends mysubnet
	east_ipsec auto --delete mysubnet
	ip addr del 192.0.1.254/24 dev lo
}

# ---- 3.5 Configuring a remote access VPN ----

road_warrior() {
	cat >/lab/roots/gw$conf/roadwarriors.conf <<-C
	conn roadwarriors
	    ikev2=insist
	    # support (roaming) MOBIKE clients (RFC 4555)
	    mobike=yes
	    fragmentation=yes
	    left=$east
	    # if access to the LAN is given, enable this, otherwise use 0.0.0.0/0
	    # leftsubnet=10.10.0.0/16
	    leftsubnet=0.0.0.0/0
	    leftcert=gw
	    leftid=%fromcert
	    leftxauthserver=yes
	    leftmodecfgserver=yes
	    right=%any
	    # trust our own Certificate Agency
	    rightca=%same
	    # pick an IP address pool to assign to remote users
	    # 100.64.0.0/16 prevents RFC1918 clashes when remote users are behind NAT
	    rightaddresspool=100.64.13.100-100.64.13.254
	    # if you want remote clients to use some local DNS zones and servers
	    modecfgdns="10.10.0.53"
	    modecfgdomains="internal.example.com, corp"
	    rightxauthclient=yes
	    rightmodecfgclient=yes
	    authby=rsasig
	    # load connection, do not initiate
	    auto=add
	    # kill vanished roadwarriors
	    dpddelay=1m
	    dpdtimeout=5m
	    dpdaction=clear
	C
	cat >$conf/to-vpn-server.conf <<-C
	conn to-vpn-server
	    ikev2=insist
	    # pick up our dynamic IP
	    left=%defaultroute
	    leftsubnet=0.0.0.0/0
	    leftcert=alice
	    leftid=%fromcert
	    leftmodecfgclient=yes
	    # right can also be a DNS hostname
	    right=$east
	    # if access to the remote LAN is required, enable this, otherwise use 0.0.0.0/0
	    # rightsubnet=10.10.0.0/16
	    rightsubnet=0.0.0.0/0
	    fragmentation=yes
	    # trust our own Certificate Agency
	    rightca=%same
	    authby=rsasig
	    # allow narrowing to the server's suggested assigned IP and remote subnet
	    narrowing=yes
	    # support (roaming) MOBIKE clients (RFC 4555)
	    mobike=yes
	    # initiate connection
	    auto=start
	C
	for c in psk4 rsa4 ecdsa4; do east_ipsec auto --delete $c; done
	east_ipsec auto --config $conf/roadwarriors.conf --add roadwarriors
	# "ipsec import": a PKCS#12 file with its authority
	echo lab >/run/password
	shows nm-ipsec import --name alice --password-file /run/password "$LAB_PKI/client.p12"
	reads 'imported: alice'
	nmcli connection import type ipsec file $conf/to-vpn-server.conf
	before
	nmcli connection up to-vpn-server
	ip -4 -o address | grep 100.64.13.1
	ping4
	[ "$(esp_counted)" -ge 6 ]
	ends to-vpn-server
}

# ---- 3.7 Deploying a FIPS-compliant IPsec VPN ----

fips() {
	local door
	# "Verify: display the FIPS status; list the disabled algorithms; list all allowed algorithms and ciphers"
	shows nm-ipsec fipsstatus
	reads '^FIPS mode disabled$'
	# (the kernel here is in no FIPS mode, and a door that is told so does not ask it)
	kill $(labtool pids nm-ipsec-helper-bus) || : # (its child ends with it)
	lab_wait 5 door_is_shut
	NM_IPSEC_FIPS=1 $(sed -n 's/^Exec=//p' /usr/share/dbus-1/system-services/org.freedesktop.NetworkManager.ipsec.Helper.service) &
	door=$!
	lab_wait 5 fips_is_on
	shows nm-ipsec selftest
	reads '^FIPS Mode: YES$'
	nm-ipsec selftest | grep disabled >/run/screen
	reads 'Encryption algorithm CHACHA20_POLY1305 disabled; not FIPS compliant'
	nm-ipsec selftest | grep ESP | grep FIPS | sed 's/FIPS.*//' >/run/screen
	reads AES_GCM_16_256
	! grep -e CHACHA -e 3DES -e MD5 /run/screen || return 1
	kill $door
}
door_is_shut() { # also for the bus, which learns it after the kernel
	[ -z "$(labtool pids nm-ipsec-helper-bus | tr -d ' \n')" ] &&
		dbus-send --system --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.NameHasOwner \
			string:org.freedesktop.NetworkManager.ipsec.Helper | grep -q 'boolean false'
}
fips_is_on() { nm-ipsec fipsstatus | grep -q enabled; }

# ---- 3.8 Protecting the IPsec NSS database by a password ----

password() {
	# "certutil -W -d sql:...": the old password, which is none, and the new one
	printf '\n' >/run/old
	printf 'Kenn0Wort!\n' >/run/new
	certutil -W -d sql:$store -f /run/old -@ /run/new
	not nmcli connection up to-vpn-server
	journal_since | journal_text | grep -i password
	# "create the nsspassword file containing the password you have set"
	(umask 077 && echo 'NSS Certificate DB:Kenn0Wort!' >$store/nsspassword)
	before
	nmcli connection up to-vpn-server
	ping4
	ends to-vpn-server
	# another one, by our own command, which writes the file too
	printf 'Kenn0Wort!\nein anderes 2\n' | nm-ipsec nss-password --store
	cat $store/nsspassword
	before
	nmcli connection up to-vpn-server
	ping4
	ends to-vpn-server
	certutil -K -d sql:$store -f /run/new && return 1
	# "listing the keys" with the file
	shows nm-ipsec selftest
	reads 'NSS database: with password, which is in nsspassword'
}

# ---- 3.9 Configuring an IPsec VPN to use TCP ----

tcp() {
	[ "$(grep -cw espintcp /proc/sys/net/ipv4/tcp_available_ulp)" = 1 ] || skip "this kernel has no ESP in TCP"
	# (there: listen-tcp=yes in "config setup")  "Use TCP as a fallback option if UDP fails"
	nmcli connection delete to-vpn-server
	printf '    %s\n' enable-tcp=fallback tcp-remoteport=4500 >>$conf/to-vpn-server.conf
	nmcli connection import type ipsec file $conf/to-vpn-server.conf
	net_block udp esp
	before
	nmcli connection up to-vpn-server
	ip xfrm state | grep 'encap type espintcp'
	ping4
	ends to-vpn-server
	# "Use TCP as a replacement for UDP"
	nmcli connection modify to-vpn-server +vpn.data tcp=yes
	nmcli connection up to-vpn-server
	ip xfrm state | grep 'encap type espintcp'
	ping4
	ends to-vpn-server
}

case_ rhel/3.3-host-to-host host_to_host
tidy
case_ rhel/3.4-site-to-site site_to_site
tidy
case_ rhel/3.5-remote-access road_warrior
tidy
case_ rhel/3.7-fips fips
tidy
case_ rhel/3.8-password password
tidy
case_ rhel/3.9-tcp tcp
finish
