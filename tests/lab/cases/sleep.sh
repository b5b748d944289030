# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 300
# kernel: made
# sleep.sh: the machine really sleeps (the kernel of make-kernel has a clock that wakes it): CLOCK_BOOTTIME goes on,
# CLOCK_MONOTONIC and everything that runs do not. The gateway, which is in the same guest, sleeps too; what it would
# have forgotten meanwhile it forgets just before.
. "$LAB_SRC/guest/case.sh"
lab_up strongswan || exit 1
[ -d $net_sys ] || net_sys_writable
[ -e $net_sys/class/rtc/rtc0/wakealarm ] || { echo "SKIP sleep (this kernel has no clock that wakes it)" && exit 77; }

sleeps() { # SECONDS
	echo 0 >$net_sys/class/rtc/rtc0/wakealarm
	echo "+$1" >$net_sys/class/rtc/rtc0/wakealarm
	asleep=$(cut -d. -f1 /proc/uptime)
	echo mem >$net_sys/power/state
	[ $(($(cut -d. -f1 /proc/uptime) - asleep)) -ge $(($1 - 2)) ]
}
up() { # KEY=VALUE...
	before
	quietly plugin_profile vpn psk 198.51.100.2 "$@"
	nmcli -w 60 connection up vpn >/dev/null
	ping4
}
down() {
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	lab_wait 5 gw_is_empty
	clean_within 2
}
carries_within() { # SECONDS - from now, by the guest's own clock
	local start
	start=$(labtool now)
	lab_wait "$1" ping -q -n -c1 -W1 10.10.0.2
	say "carries after $(($(labtool now) - start)) ms"
	[ $(($(labtool now) - start)) -le $(($1 * 1000)) ]
}
asked() { grep -c 'parsed INFORMATIONAL request' "$LAB_OUT/charon.log" || :; }
asked_more() { [ "$(asked)" -gt "$1" ]; }

nap() { # the tunnel is still there; it is asked at once, although dpd-delay is far away
	local n
	up dpd-delay=1h log-level=6
	n=$(asked)
	sleeps 600
	lab_wait 2 asked_more "$n"
	carries_within 3
	down
}
lifetime() { # longer than keys may live: new ones, and of the old none
	up esp-lifetime=1200 rekey-margin=60 ike-lifetime=4h
	rekeyings_mark
	ip -o xfrm state | grep -o 'spi 0x[0-9a-f]*' >/run/first
	sleeps 32400
	carries_within 3
	lab_wait 10 sh -c '! ip xfrm state | grep -qFf /run/first'
	ping4
	down
}
forgotten() { # the gateway has given us up meanwhile, and does not say so
	up dpd-delay=1h log-level=6
	gw_crash
	gw_start
	sleeps 3600
	carries_within 3
	down
}
elsewhere() { # it is opened again in another network
	up
	nmcli connection modify eth0 ipv4.addresses 192.0.2.77/24
	sleeps 3600
	nmcli -w 10 device reapply eth0
	carries_within 3
	nmcli connection modify eth0 ipv4.addresses 192.0.2.2/24
	nmcli -w 10 device reapply eth0
	carries_within 3
	down
}
for c in nap lifetime forgotten elsewhere; do
	case_ sleep/$c $c
	tidy
done
finish
