# SPDX-License-Identifier: GPL-2.0-or-later
# talk.sh - for cases about what is said: the connection "vpn" to one gateway, $1 of the group, and the gateway's log.
# $kind: strongswan or libreswan, of whatever release.
kind=${1%1[34]}
case $kind in strongswan) gateway_log=$LAB_OUT/charon.log ;; libreswan) gateway_log=$LAB_OUT/pluto.log ;; esac

up() { # METHOD KEY=VALUE...
	local method=$1
	shift
	before
	wc -l <"$gateway_log" >/run/log-mark
	quietly plugin_profile vpn "$method" 198.51.100.2 log-level=6 "$@"
	nmcli -w 30 connection up vpn
	ping4
	rekeyings_mark
}
# Since then.
gateway_said() { tail -n "+$(($(cat /run/log-mark) + 1))" "$gateway_log" | grep -E "$1"; }
down() {
	nmcli -w 10 connection down vpn
	lab_wait 5 vpn_is_down
	lab_wait 5 gw_is_empty
	clean_within 2
}
