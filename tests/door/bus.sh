# SPDX-License-Identifier: GPL-2.0-or-later
# bus.sh - sourced by door.sh and polkit.sh, with $helper and $cli set: a directory of our own ($d), a system bus in it,
# the helper's door on that, and what a command ends with and says.
d=$(mktemp -d)
chmod 755 "$d"
export NM_IPSEC_KEY_STORE="$d/store/nss" DBUS_SYSTEM_BUS_ADDRESS="unix:path=$d/bus" LC_ALL=C.UTF-8
helper_pid= others=
finish() {
	kill $helper_pid $others $(cat "$d/pid") 2>/dev/null || :
	rm -rf "$d"
}
trap finish EXIT
cat >"$d/bus.conf" <<-C
<busconfig><type>system</type><listen>unix:path=$d/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>
C
dbus-daemon --config-file="$d/bus.conf" --fork --print-pid=3 3>"$d/pid"
# as systemd starts it: what the unit's filter of system calls refuses must not end it, with any GLib
here=$(dirname "$0")
filter="python3 $here/unit-filter.py $here/../../data/nm-ipsec-helper.service.in"
# (a sanitizer looks for leaks by what it refuses)
! grep -q __asan_init "$helper" && $filter check || { echo "not checked: the unit's filter of system calls"; filter=; }
$filter "$helper" &
helper_pid=$!
gdbus wait --system --timeout 20 org.freedesktop.NetworkManager.ipsec.Helper

status() { # STATUS COMMAND...: ends with that exit status
	local want=$1 rc=0
	shift
	"$@" >"$d/out" 2>&1 || rc=$?
	[ $rc = "$want" ] || { echo "status $rc, not $want: $*"; cat "$d/out"; exit 1; }
}
says() { grep -q -e "$1" "$d/out" || { echo "does not say “$1”:"; cat "$d/out"; exit 1; }; }
has_not() { ! grep -q -e "$1" "$d/out" || { echo "says “$1”:"; cat "$d/out"; exit 1; }; }
json() { # EXPRESSION: is true of o, what was printed; told: what $d/told holds
	python3 - "$d" "($1)" <<-'P' || { cat "$d/out"; exit 1; }
	import json, os, sys
	d, expression = sys.argv[1:]
	told = open(f'{d}/told').read() if os.path.exists(f'{d}/told') else ''
	with open(f'{d}/out') as f:
	    o = json.load(f)
	if not eval(expression):
	    sys.exit(f'not true: {expression}')
	P
}
door_name=org.freedesktop.NetworkManager.ipsec.Helper
door="gdbus call --system --dest $door_name --object-path /org/freedesktop/NetworkManager/ipsec/Helper --method $door_name"
call() { $door."$@"; } # METHOD ARGUMENT...
monitor_start() {
	dbus-monitor --address "$DBUS_SYSTEM_BUS_ADDRESS" >"$d/monitor" 2>&1 &
	monitor=$!
	others="$others $monitor"
	until grep -q NameAcquired "$d/monitor"; do sleep 0.1; done
}
