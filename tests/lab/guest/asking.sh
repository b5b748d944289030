# SPDX-License-Identifier: GPL-2.0-or-later
# asking.sh - activations that fail, or that ask the user.  Sourced by the groups that look at what people are told.
uuid_of() { nmcli -g connection.uuid connection show "$1"; }
# The activation fails within so many seconds, with this row of our reasons, told once, and this text of nmcli's.
fails() { # REASON TEXT SECONDS METHOD GATEWAY [KEY=VALUE...]
	local reason=$1 text=$2 limit=$3 started rc=0 uuid
	shift 3
	before
	quietly plugin_profile vpn "$@"
	uuid=$(uuid_of vpn)
	started=$(labtool now)
	nmcli -w 90 connection up vpn >/run/nmcli.out 2>&1 || rc=$?
	cat /run/nmcli.out
	[ $rc != 0 ]
	[ $(($(labtool now) - started)) -le $((limit * 1000)) ]
	grep -q "$text" /run/nmcli.out
	# one line for people, with what a program needs
	lab_wait 2 journal_one "$reason"
	journal_since | grep "NM_IPSEC_REASON=$reason" >/run/line
	cat /run/line
	grep -q "NM_CONNECTION=$uuid" /run/line
	grep -q 'PRIORITY=3' /run/line
	grep -q 'MESSAGE_ID=[0-9a-f]\{32\}' /run/line
	grep -q 'MESSAGE=.\{20,\}' /run/line
	not grep -q -e labpsk -e 'secret$' -e wrongpassword /run/line
	lab_wait 5 vpn_is_down
	nmcli connection delete vpn
	clean_within 2
}
journal_one() { [ "$(journal_since | grep -c 'NM_IPSEC_REASON=')" = 1 ] && journal_since | grep -q "NM_IPSEC_REASON=$1"; }
told() { grep -q "MESSAGE=[^	]*$1" /run/line; } # the sentence says so

refused='Invalid secrets' failed='Unknown reason' unstarted='The VPN service failed to start'

# Without any agent, and nmcli is one: nobody can be asked again.
activate() {
	dbus-send --system --print-reply --dest=org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
		org.freedesktop.NetworkManager.ActivateConnection "objpath:$(nmcli -t -f NAME,DBUS-PATH connection show | sed -n 's/^vpn://p')" \
		objpath:/ objpath:/
}
refuses() { # REASON METHOD GATEWAY [KEY=VALUE...]
	local reason=$1
	shift
	before
	quietly plugin_profile vpn "$@"
	activate
	lab_wait 20 journal_one "$reason"
	journal_since | grep "NM_IPSEC_REASON=$reason" >/run/line
	cat /run/line
	grep -q 'PRIORITY=3' /run/line
	not grep -q -e wrongpassword /run/line
	lab_wait 5 vpn_is_down
	journal_since | grep -q -e 'failure: login-failed' -e 'failed to request VPN secrets'
	nmcli connection delete vpn
	clean_within 2
}

# ---- the user: a secret agent that types ----
agent_start() {
	command -v labagent >/dev/null || skip "libnm-dev was not there when the lab was prepared"
	rm -f /run/agent.log
	labagent /run/agent.log "$@" &
	echo $! >/run/agent.pid
	lab_wait 10 grep -q ready /run/agent.log
}
agent_stop() {
	cat /run/agent.log
	kill "$(cat /run/agent.pid)"
}
