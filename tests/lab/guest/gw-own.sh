# SPDX-License-Identifier: GPL-2.0-or-later
# gw-own.sh - our own plugin in the gateway, as a server, under a NetworkManager of its own.  gw_own [METHOD [KEY=VALUE...]];
# logs: $LAB_OUT/own-nm.log, own-journal.
#
# At 198.51.100.2 and 2001:db8:2::2 as vpn.example.org.  Clients prove themselves with METHOD: eap (alice/secret,
# bob/geheim; the default), rsa, psk ("labpsk") or null; own_serve METHOD [KEY=VALUE...] changes that.
# Gives out 10.20.0.0/24 and 2001:db8:20::/64, DNS 10.10.0.53 and 2001:db8:10::53, corp.example, and a banner.
own() { lab_in own gateway "$@"; }
own_nmcli() { own nmcli "$@"; }

own_configure() {
	local r=/lab/roots/own etc=/lab/roots/own/etc/NetworkManager line
	cp -a --no-preserve=ownership "$LAB_PLUGIN/." $r/
	line=$(sed -n 's/^u //p' $r/usr/lib/sysusers.d/nm-ipsec.conf)
	lab_user "${line%% *}" 981 $r
	lab_user messagebus 982 $r
	mkdir -p $etc/system-connections $etc/conf.d $r/var/lib/NetworkManager $r/run/dbus $r/var/lib/dbus
	rm -rf $etc/conf.d/* $etc/system-connections/* $r/var/lib/NetworkManager/* $r/usr/lib/NetworkManager/conf.d/*
	cat >$etc/NetworkManager.conf <<-C
	[main]
	plugins=keyfile
	auth-polkit=false
	dns=none
	systemd-resolved=false
	no-auto-default=*
	hostname-mode=none
	[keyfile]
	unmanaged-devices=interface-name:*,except:interface-name:wan
	[connectivity]
	enabled=false
	[logging]
	level=${NM_LOG:-INFO}
	domains=ALL
	C
	(umask 077 && cat >$etc/system-connections/wan.nmconnection) <<-C
	[connection]
	id=wan
	type=ethernet
	interface-name=wan
	[ethernet]
	[ipv4]
	method=manual
	address1=198.51.100.2/24,198.51.100.1
	[ipv6]
	method=manual
	address1=2001:db8:2::2/64,2001:db8:2::1
	addr-gen-mode=0
	ip6-privacy=0
	C
	(umask 077 && printf '%s\n' '# users of the lab' alice:secret bob:geheim >$r/etc/vpn-users)
	printf '%s\n' 'account required pam_permit.so' >$r/etc/pam.d/vpn-all
	printf '%s\n' 'account required pam_deny.so' >$r/etc/pam.d/vpn-none
}
own_profile() { # METHOD [KEY=VALUE...]
	local method=$1
	shift
	{
		printf '%s\n' role=server pool=10.20.0.0/24 pool6=2001:db8:20::/64 push-dns=10.10.0.53,2001:db8:10::53 \
			push-domains=corp.example 'push-banner=Welcome to the lab' local-ts=10.10.0.0/24,2001:db8:10::/64 \
			local-id=vpn.example.org unique=no
		case $method in
		psk) printf '%s\n' auth=psk secret.psk=labpsk ;;
		*) printf '%s\n' "certificate=$LAB_PKI/gw.crt" "private-key=$LAB_PKI/gw.key" "ca=$LAB_PKI/ca.crt" ;;
		esac
		case $method in
		eap) echo users=/etc/vpn-users ;;
		null) echo remote-auth=null ;;
		esac
	} | merge "$@" | own_connection server 11111111-2222-3333-4444-0000000000aa
}
own_connection() { # NAME UUID - of the keys and secret.keys on stdin
	local file=/etc/NetworkManager/system-connections/$1.nmconnection
	cat >/run/own-profile
	{
		printf '%s\n' '[connection]' "id=$1" "uuid=$2" type=vpn autoconnect=false
		printf '%s\n' '[vpn]' service-type=org.freedesktop.NetworkManager.ipsec
		grep -v '^secret\.' /run/own-profile
		echo '[vpn-secrets]' && sed -n 's/^secret\.//p' /run/own-profile
		printf '%s\n' '[ipv4]' method=auto '[ipv6]' method=auto
	} | (umask 077 && cat >"/lab/roots/own$file")
	own_nmcli connection load "$file"
}
own_serve() { # METHOD [KEY=VALUE...]
	own_nmcli -w 10 connection down server >/dev/null 2>&1 || :
	own_profile "$@"
	own_log | wc -l >/run/own-mark
	own_nmcli -w 20 connection up server
}
gw_own() {
	local r=/lab/roots/own
	lab_root own ${LAB_CLIENT:-} base
	own_configure
	nsenter --net=/run/netns/gateway mount -t sysfs -o ro sysfs $r/sys # (NetworkManager then asks no udev)
	# what has addresses already NetworkManager would take for somebody else's
	ip -n gateway addr flush dev wan
	ip -n gateway link set wan down
	own labtool journal /lab/out/own-journal &
	own dbus-daemon --system --fork --nopidfile --nosyslog 2>"$LAB_OUT/own-dbus.log"
	own NetworkManager --debug >"$LAB_OUT/own-nm.log" 2>&1 &
	lab_wait 30 own nm-online -q -s -t 1 || { tail -n 40 "$LAB_OUT/own-nm.log" >&2; return 1; }
	lab_wait 10 own_wan_is_up || { tail -n 40 "$LAB_OUT/own-nm.log" >&2; return 1; }
	own_serve "${@:-eap}" || { tail -n 20 "$LAB_OUT/own-nm.log" >&2; tail -n 20 "$LAB_OUT/own-journal" >&2; return 1; }
}
own_wan_is_up() { [ "$(own_nmcli -g GENERAL.STATE connection show wan)" = activated ]; }
# The journal's lines about clients, oldest first.
own_log() { journal_text <"$LAB_OUT/own-journal"; }
gw_ike_sas() { echo $(($(ip -n gateway -o xfrm state | wc -l) / 2)); }
gw_forget() { own_nmcli -w 10 connection down server >/dev/null 2>&1 || :; }
