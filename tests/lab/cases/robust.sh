# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -t 850
# robust.sh: two connections at once, and what is left when something dies.  In real time: a process is killed at any
# moment, and the guest's processor is part of it.
. "$LAB_SRC/guest/case.sh"
lab_up strongswan || exit 1

bare() { [ "$(ip -o xfrm state | wc -l)" = 0 ]; }
up() { nmcli -w 30 connection up "$1" >/dev/null; }
two_at_once() {
	before
	quietly plugin_profile one eap 198.51.100.2
	quietly plugin_profile two psk 2001:db8:2::2
	up one &
	o=$!
	up two
	wait $o
	vpn_is_up one
	vpn_is_up two
	[ "$(quietly snap | diff /run/snap-before - | grep -c '^> LINK ')" = 2 ]
	ping4
	ping6
	nmcli -w 10 connection down one
	# the other one lives on
	vpn_is_up two
	lab_wait 5 ping -q -n -c1 -W1 10.10.0.2
	ping4
	ping6
	nmcli -w 10 connection down two
	nmcli connection delete one two
	clean_within 2
}
two_to_the_same() {
	before
	quietly plugin_profile one eap 198.51.100.2
	quietly plugin_profile two eap 198.51.100.2 user=bob secret.password=geheim
	up one
	up two
	[ "$(gw_ike_sas)" = 2 ]
	ping4
	nmcli -w 10 connection down one
	ping4
	nmcli -w 10 connection down two
	nmcli connection delete one two
	clean_within 2
}
# Random, and the same in every run with the same LAB_SEED.
pick() { awk -v s="${LAB_SEED:-1}" -v n="$1" 'BEGIN { srand(s + n); printf "%.2f\n", rand() * 1.2 }'; }
# service, helper, or one of the helper's children (the reaper among them), which have names of their own
pids_of() {
	case $1 in
	service) labtool pids nm-ipsec-service charon-nm ;;
	helper) labtool named nm-ipsec-helper ;;
	children) for p in $(labtool pids nm-ipsec-helper); do case $(cat /proc/$p/comm 2>/dev/null) in nm-ipsec-helper | '') ;; *) echo "$p" ;; esac; done | tr '\n' ' ' ;;
	esac
}
# Of what must not be left by anybody, whatever NetworkManager does about its own things.
nothing_of_ours() {
	quietly snap >/run/snap-now
	! diff -U0 /run/snap-before /run/snap-now | grep -E '^[-+](SA|POLICY|LINK|SOCKET|PROCESS|FILE)' || return 1
}
again() { # it can be had again, in the ordinary way
	quietly plugin_profile vpn eap 198.51.100.2
	lab_wait 20 up vpn
	ping4
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}
killed() { # WHO NUMBER - at some moment of an activation, or soon after it
	local after pids
	after=$(pick "$2")
	before
	quietly plugin_profile vpn eap 198.51.100.2
	nmcli -w 20 connection up vpn &
	n=$!
	sleep "$after"
	pids=$(pids_of "$1")
	say "after $after s: $1 is ${pids:-not there}; $(ip -o xfrm state | wc -l) SAs"
	[ -z "${pids% }" ] || kill_all $pids # (who has ended meanwhile has)
	# without the reaper or another child the tunnel may live; it may also have been too early to hit anything
	if [ "$1" != children ] && [ -n "${pids% }" ]; then lab_wait 5 nothing_of_ours; fi
	wait $n || :
	nmcli -w 10 connection down vpn || :
	nmcli connection delete vpn
	clean_within 2
	again
}
killed_connected() { # WHO - with a tunnel that carries traffic
	before
	quietly plugin_profile vpn eap 198.51.100.2
	up vpn
	ping4
	pids=$(pids_of "$1")
	[ -n "${pids% }" ]
	kill_all $pids
	if [ "$1" = children ]; then
		sleep 2
		! vpn_is_up || ping4 # it is either gone, or it works
		nmcli -w 10 connection down vpn || :
	else
		lab_wait 5 nothing_of_ours
		lab_wait 10 vpn_is_down
	fi
	clean_within 2
	again
}
all_killed() { # both at once: nobody is left to clean up, but the next connection does
	before
	quietly plugin_profile vpn eap 198.51.100.2
	up vpn
	kill_all $(labtool pids nm-ipsec-service nm-ipsec-helper)
	lab_wait 5 vpn_is_down
	nmcli -w 10 connection down vpn || :
	nmcli connection delete vpn
	again
}
nm_killed() { # AFTER CONNECTING yes|no
	before
	quietly plugin_profile vpn eap 198.51.100.2
	if [ "$1" = yes ]; then up vpn; else nmcli -w 20 connection up vpn & n=$!; sleep 0.3; fi
	kill_all $(labtool pids NetworkManager) # (and a child of it that has not become another program yet)
	lab_wait 15 nothing_of_ours # who was just being started finds itself alone, after two or three seconds
	[ "$1" = yes ] || kill_all $n
	nm_start
	lab_wait 20 up vpn
	ping4
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 3
}
nm_restarted() { # twice, so that the connection has the same number while the service of the first one still takes its leave
	before
	quietly plugin_profile vpn eap 198.51.100.2
	kill_all $(labtool pids NetworkManager)
	lab_wait 15 nothing_of_ours
	nm_start
	up vpn
	nmcli -g GENERAL.DBUS-PATH connection show vpn >/run/first
	net_block udp
	kill_all $(labtool pids NetworkManager)
	nm_start
	not nothing_of_ours
	net_block
	up vpn
	[ "$(nmcli -g GENERAL.DBUS-PATH connection show vpn)" = "$(cat /run/first)" ]
	ping4
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 10
}
gateway_dies() { # without a word: the liveness check finds it, and when it is there again the tunnel comes back by itself
	[ $plugin_service = org.freedesktop.NetworkManager.ipsec ] || skip "another plugin's patience is not ours"
	before
	quietly plugin_profile vpn eap 198.51.100.2 dpd-delay=2s dpd-timeout=6s
	up vpn
	ping4
	gw_crash
	quietly gw_start
	lab_wait 60 ping -q -n -c1 -W1 10.10.0.2
	ping4
	ping6
	lab_wait 5 vpn_is_up
	nmcli -w 10 connection down vpn
	nmcli connection delete vpn
	clean_within 2
}
cycles() { # ten times: nothing grows
	before
	quietly plugin_profile vpn eap 198.51.100.2
	for n in $(seq 10); do
		up vpn
		ping -q -n -c1 -W2 10.10.0.2
		nmcli -w 10 connection down vpn
	done
	nmcli connection delete vpn
	clean_within 2
}

for c in two_at_once two_to_the_same cycles gateway_dies; do
	case_ "robust/$c" $c
	tidy
done
[ $plugin_service = org.freedesktop.NetworkManager.ipsec ] && who='service helper children' || who=service
for w in $who; do
	case_ "robust/kill-connected/$w" killed_connected $w
	tidy
	for n in $(seq "${LAB_KILLS:-4}"); do
		case_ "robust/kill/$w/$n" killed $w $n
		tidy
	done
done
case_ robust/kill-all all_killed
tidy
case_ robust/nm-restarted nm_restarted
tidy
for w in yes no; do
	case_ "robust/kill/NetworkManager/connected-$w" nm_killed $w
	tidy
done
finish
