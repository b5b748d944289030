# SPDX-License-Identifier: GPL-2.0-or-later
# nm.sh - the system bus, a journal and NetworkManager in the client.
#
# nm_up; then NetworkManager's log is $LAB_OUT/nm.log, the journal $LAB_OUT/journal (one entry a line), nm_pid its pid.
# NM_UPLINKS="eth0 eth1": what it manages; NM_LOG=INFO|DEBUG|TRACE.

nm_bus() {
	labtool journal "$LAB_OUT/journal" &
	mkdir -p /run/dbus /var/lib/dbus
	lab_user messagebus 982
	dbus-daemon --system --fork --nopidfile --nosyslog 2>"$LAB_OUT/dbus.log" # (it returns when its socket is there)
}
nm_keyfile() { # NAME, the contents on stdin
	(umask 077 && cat >"/etc/NetworkManager/system-connections/$1.nmconnection")
}
nm_configure() {
	local d n managed= etc=/etc/NetworkManager
	mkdir -p $etc/system-connections $etc/conf.d /var/lib/NetworkManager
	# nothing of the host's own configuration
	rm -rf $etc/conf.d/* $etc/system-connections/* /var/lib/NetworkManager/* /usr/lib/NetworkManager/conf.d/*
	for d in ${NM_UPLINKS:-eth0}; do managed="$managed,except:interface-name:$d"; done
	cat >$etc/NetworkManager.conf <<-C
	[main]
	plugins=keyfile
	auth-polkit=false
	dhcp=internal
	dns=default
	rc-manager=file
	systemd-resolved=false
	no-auto-default=*
	hostname-mode=none
	[keyfile]
	unmanaged-devices=interface-name:*$managed
	[connectivity]
	enabled=false
	[logging]
	level=${NM_LOG:-INFO}
	domains=ALL
	C
	rm -f /etc/resolv.conf
	echo 'nameserver 192.0.2.53' >/etc/resolv.conf
	for d in ${NM_UPLINKS:-eth0}; do
		[ "$d" = eth0 ] && n=2 six=1 || n=3 six=3
		nm_keyfile "$d" <<-C
		[connection]
		id=$d
		type=ethernet
		interface-name=$d
		[ethernet]
		[ipv4]
		method=manual
		address1=192.0.$n.2/24,192.0.$n.1
		dns=192.0.2.53;
		route-metric=${n}00
		[ipv6]
		method=manual
		address1=2001:db8:$six::2/64,2001:db8:$six::1
		ip6-privacy=0
		addr-gen-mode=0
		route-metric=${n}00
		C
	done
}
nm_start() {
	# --debug: in the foreground, and the log on stderr
	${LAB_RECORD:+env NM_IPSEC_RECORD="$LAB_OUT"} NetworkManager --debug >>"$LAB_OUT/nm.log" 2>&1 &
	nm_pid=$!
	nm-online -q -s -t 20 || { tail -n 40 "$LAB_OUT/nm.log" >&2; return 1; }
}
nm_up() {
	nm_bus
	nm_configure
	nm_start
}
nm_state() { nmcli -g GENERAL.STATE connection show "$1" 2>/dev/null || :; }
