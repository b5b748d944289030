# SPDX-License-Identifier: GPL-2.0-or-later
# up-share.sh RUNS SUBJECT...: the measuring half of ../up-share; leaves runs, bus and nm.log in $LAB_OUT for up-share.py.
# In each round the subjects (PLUGIN-METHOD) take turns in an order of chance, so that none always comes after the same
# other one.
. "$LAB_SRC/guest/case.sh"
set -e
runs=$1
shift
subjects=$*
: >/run/lab-start
for s in ipsec strongswan noop; do plugin_use $s && plugin_install; done
net_up
. "$LAB_SRC/guest/gw-strongswan.sh"
gw_strongswan &
g=$!
nm_up
wait $g
for s in $subjects; do plugin_use ${s%-*} && plugin_profile $s ${s#*-} 198.51.100.2; done
lab_wait 5 ping -q -c1 -W1 198.51.100.2
dbus-monitor --system --profile >"$LAB_OUT/bus" 2>/dev/null &
sleep 1

cpu_of() { labtool cpu $(labtool pids $plugin_programs); }
stop() { # no process of the plugin
	local pids
	pids=$(labtool pids $plugin_programs)
	[ -z "${pids% }" ] || kill -TERM $pids 2>/dev/null || :
	lab_wait 5 sh -c "[ -z \"\$(labtool pids $plugin_programs | tr -d ' ')\" ]"
	sleep 0.5
}
for n in $(seq 0 "$runs"); do
	for s in $(shuf -e $subjects); do
		plugin_use ${s%-*}
		stop
		start=$(date +%s.%N)
		nmcli -w 40 connection up $s >/dev/null
		end=$(date +%s.%N)
		[ $s = noop-none ] || ping -q -n -c1 -W2 10.10.0.2 >/dev/null
		# (number 0 only fills the page cache)
		[ "$n" = 0 ] || echo "$s $start $end $(cpu_of) $(labtool mem $(labtool pids $plugin_programs))" >>"$LAB_OUT/runs"
		nmcli -w 10 connection down $s >/dev/null
		sleep 0.4
	done
done
