# SPDX-License-Identifier: GPL-2.0-or-later
# case.sh - cases, what they check, and what must be left when they are over.  Sourced in the guest by every group.
#
# case_ NAME COMMAND ARGUMENT...: runs it (errexit, traced) and prints "ok|FAIL|SKIP NAME SECONDS".  A case that calls
# "skip WHY" is skipped; one that fails shows the end of its trace and what the journal said meanwhile.
# finish: the group's exit status.
. "$LAB_SRC/guest/net.sh"
. "$LAB_SRC/guest/nm.sh"
. "$LAB_SRC/guest/profile.sh"

cases_failed=0 cases_passed=0 cases_skipped=0
export NO_COLOR=1 PAGER=cat TERM=dumb
mkdir -p "$LAB_OUT/cases"
: >>"$LAB_OUT/journal"

case_() { # NAME COMMAND ARGUMENT...
	local name=$1 start seconds rc result log why=
	shift
	case $name in ${LAB_ONLY:-*}) ;; *) return 0 ;; esac
	log=$LAB_OUT/cases/$(echo "$name" | tr / _).log
	start=$(labtool now)
	journal_mark
	(
		set -ex
		"$@"
	) >"$log" 2>&1
	rc=$?
	seconds=$(awk "BEGIN { printf \"%.1f\", ($(labtool now) - $start) / 1000 }")
	case $rc in
	0) result=ok cases_passed=$((cases_passed + 1)) ;;
	77) result=SKIP cases_skipped=$((cases_skipped + 1)) why=" ($(cat /run/skip))" ;;
	*) result=FAIL cases_failed=$((cases_failed + 1)) ;;
	esac
	echo "$result $name $seconds s$why"
	if [ $result = FAIL ]; then
		tail -n "${LAB_TAIL:-25}" "$log" | sed 's/^/    | /'
		journal_since | journal_text | tail -n 20 | sed 's/^/    j /'
	fi
}
finish() {
	echo "$cases_passed ok, $cases_failed failed, $cases_skipped skipped"
	[ $cases_failed = 0 ] || exit 1
	[ $cases_passed != 0 ] || exit 77
	exit 0
}
skip() {
	echo "$*" >/run/skip
	exit 77
}
say() { echo "$*" >&2; }
not() { ! "$@"; } # COMMAND...: a line that begins with ! ends nothing, whatever comes of it

# ---- the journal ----
journal_mark() { wc -l <"$LAB_OUT/journal" >/run/journal-mark; }
journal_since() { tail -n "+$(($(cat /run/journal-mark) + 1))" "$LAB_OUT/journal"; }
we_said() { journal_since | journal_text | grep -E "$1"; } # PATTERN
journal_text() { sed -n 's/^\([0-9]*\.[0-9]*\).*\tMESSAGE=\([^\t]*\).*/\1 \2/p'; }

# ---- the state of the client's kernel, one fact a line ----
snap() {
	local f p
	{
		echo == SA && ip -o xfrm state
		echo == POLICY && ip -o xfrm policy
		echo == LINK && ip -o link
		echo == ADDRESS && ip -o addr
		for f in 4 6; do
			echo == ROUTE$f && ip -$f route show table all
			echo == RULE$f && ip -$f rule
		done
		for p in $plugin_programs; do echo "== PROCESS $p" && labtool pids "$p" && echo; done
		echo == FILE
		find /run /tmp /var/lib -xdev \( -name '*ipsec*' -o -name '*.pem' -o -name '*.p12' \) -newer /run/lab-start \
			! -path '/run/lab-roots/*' 2>/dev/null
	} | awk '
		/^== / { kind = $2; program = $3; next }
		!NF { next }
		kind ~ /^(SA|POLICY)$/ {
			# per-socket policies live and die with their socket, and the socket is counted below
			if (kind == "POLICY" && /socket /) next
			sub(/\\.*/, "")
		}
		kind ~ /^(LINK|ADDRESS)$/ && /: (ip6?_vti0|ip6tnl0|tunl0|sit0)[@: ]/ { next } # a module makes these when it is loaded
		kind == "LINK" { sub(/^[0-9]+: /, ""); sub(/ (mtu|qdisc) .*/, ""); sub(/@.*/, ""); sub(/:.*/, "") }
		kind == "ADDRESS" { $0 = $2 " " $3 " " $4 }
		kind ~ /^ROUTE/ {
			if (/^(local|broadcast|multicast|anycast) |fe80::/) next
			gsub(/ (proto|expires|pref|error|hoplimit) [^ ]*/, "")
		}
		kind == "PROCESS" { for (i = 1; i <= NF; i++) print kind, program; next }
		{ print kind, $0 }
		END {
			# (in /proc, because "ss" makes names of the addresses)
			for (kind = 0; kind < 2; kind++) {
				file = kind ? "udp6" : "udp"
				for (n = 0; (getline < ("/proc/net/" file)) > 0; n++) if (n) print "SOCKET", file, $2, $3
			}
			while ((getline < "/etc/resolv.conf") > 0) if (/^(nameserver|search)/) print "DNS", $0
		}' | sort
}
as_before() { snap >/run/snap-now && diff -U0 /run/snap-before /run/snap-now >/run/snap-diff; }
# Nothing is left within so many seconds; otherwise what is.
clean_within() {
	lab_wait "$1" as_before && return 0
	[ "$plugin_service" = org.freedesktop.NetworkManager.ipsec ] || return 0 # (others do leave things; it is known)
	say "left over (+) or missing (-):"
	grep -E '^[-+][A-Z]' /run/snap-diff >&2
	return 1
}
gw_is_empty() { [ "$(gw_ike_sas)" = 0 ]; }
before() { quietly snap >/run/snap-before; }

# ---- what a tunnel must do ----
ping4() { ping -q -n -c 3 -i 0.2 -W 2 10.10.0.2; }
ping6() { ping -q -n -c 3 -i 0.2 -W 2 2001:db8:10::2; }
gateway_of() { [ "$1" = 4 ] && echo 198.51.100.2 || echo 2001:db8:2::2; }
probe_start() { # RATE ADDRESS...
	local rate=$1
	shift
	labprobe -n /run/netns/host -r "$rate" "$@" >/run/probe.out &
	echo $! >/run/probe.pid
	sleep 0.3
}
probe_stop() { # no packet may be missing
	local rc=0
	kill -TERM "$(cat /run/probe.pid)"
	wait "$(cat /run/probe.pid)" || rc=$?
	cat /run/probe.out
	return $rc
}
# A peer may send on a new SA from its answer on, while that is still on its way to us (RFC 7296 section 2.8 would let it wait
# for our first packet): what it sends until we have the SA nobody can decrypt, and our kernel counts it.
too_early() { # [in_gateway]
	"$@" awk '$1 ~ /^Xfrm(InNoStates|AcquireError)$/ { n += $2 } END { print n + 0 }' /proc/net/xfrm_stat
}
only_early() { # MOST - probe_stop has missed no packet but such, since $early, and not more of them than that
	awk -v early=$(($(too_early) - early)) -v most="$1" '{ gsub(/[a-z(]+=/, " "); gsub(/[)]/, ""); out += $4 + $6; back += $5 }
		END { exit !NR || out || back > early || back > most }' /run/probe.out
}
# The gateway has seen so many rekeyings of the Child SA and of the IKE SA, by either side, since rekeyings_mark.
rekeyings_mark() { gw_rekeyings >/run/rekeyings; }
rekeyings_grew() { # CHILD IKE
	local child ike child_now ike_now
	read -r child ike </run/rekeyings
	gw_rekeyings >/run/rekeyings-now
	read -r child_now ike_now </run/rekeyings-now
	[ $((child_now - child)) -ge "$1" ] && [ $((ike_now - ike)) -ge "$2" ]
}
# Some of them may have gone with others by the time that their turn comes.
kill_all() { kill -KILL "$@" || :; }
vpn_is_up() { [ "$(nm_state "${1:-vpn}")" = activated ]; }
vpn_is_down() { [ -z "$(nm_state "${1:-vpn}")" ]; }

# nmcli takes "VPN.BANNER" in -f for a property of the profile, but shows it
vpn_get() { nmcli -t connection show vpn | sed -n "s/^VPN\.$1\(\[[0-9]*\]\)\?://p"; }

# lab_up GATEWAY [ARGUMENT...]: network, name servers, gateway (none: without), bus, NetworkManager, the plugin's files
lab_up() {
	local gateway=$1 g=
	shift
	: >/run/lab-start
	sleep 0.01
	plugin_use "${LAB_SUBJECT:-ipsec}"
	plugin_install
	net_up "${NET_UPLINKS:-1}"
	dns_up
	if [ "$gateway" != none ]; then
		. "$LAB_SRC/guest/gw-$gateway.sh"
		"gw_$gateway" "$@" &
		g=$!
	fi
	nm_up || return 1
	[ -z "$g" ] || wait $g || return 1
	lab_wait 5 ping -q -c1 -W1 198.51.100.2 || :
	lab_wait 5 ping -q -c1 -W1 2001:db8:2::2 || :
}
# Whatever a case has left: the next one begins with nothing.
tidy() {
	local c pids
	pids=$(labtool pids labagent labprobe tcpdump)
	[ -z "${pids% }" ] || kill_all $pids
	for c in $(nmcli -g NAME connection show 2>/dev/null); do
		case $c in vpn | one | two) ;; *) continue ;; esac
		nmcli -w 10 connection down $c >/dev/null 2>&1 || :
		nmcli connection delete $c >/dev/null 2>&1 || :
	done
	net_nat off
	net_block
	net_netem
	gw_forget 2>/dev/null || :
	sleep 0.5
}
