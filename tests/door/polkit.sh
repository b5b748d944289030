#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# polkit.sh HELPER NM-IPSEC POLICY - who is let in at the helper's door: the real polkitd decides by our policy, for root, an
# active user, an inactive one, one without a session, with and without an agent that can ask for a password (polkit's own,
# with its real setuid helper and PAM); without polkit; when polkit dies or hangs; when the caller goes while it asks.
#
# logind is not run: its daemon needs systemd as the first process.  What polkitd asks of it is libsystemd's, which reads
# the cgroup of the caller and /run/systemd/{sessions,users}; both are laid out here as logind writes them, in namespaces
# of our own, with users, passwords and polkit's directories of our own.
set -eu
export LC_ALL=C.UTF-8
cg=/sys/fs/cgroup self=$(readlink -f "$0")
polkitd=/usr/lib/polkit-1/polkitd
case ${POLKIT_STAGE:-} in
"")
	[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
	for p in $polkitd /usr/bin/pkttyagent /usr/bin/script; do [ -x $p ] || { echo "needs $p"; exit 77; }; done
	POLKIT_STAGE=mounts exec unshare --mount sh "$self" "$@"
	;;
mounts)
	# a cgroup that is the root for those in it, so that the paths below are what they are on a desktop
	[ -d $cg ] || mount -t tmpfs tmpfs /sys/fs
	mkdir -p $cg
	mount -t cgroup2 cgroup2 $cg || { echo "cgroups cannot be mounted here"; exit 77; }
	home=$cg$(sed -n 's/^0:://p' /proc/self/cgroup) ours=nm-ipsec-polkit.$$ rc=0
	[ -d "$home" ] || home=$cg # (it is of another namespace's root)
	mkdir "$home/$ours"
	trap : INT TERM # the namespace ends first
	POLKIT_STAGE=inside sh -c 'echo $$ >"$0/cgroup.procs"; exec unshare --mount --pid --fork --kill-child --cgroup --mount-proc \
		sh "$@"' "$home/$ours" "$self" "$@" || rc=$?
	n=0 # the last of them may not have left yet
	until find "$home/$ours" -depth -type d -exec rmdir {} + 2>/dev/null || [ $((n += 1)) -gt 50 ]; do sleep 0.1; done
	exit $rc
	;;
esac

helper=$1 cli=$2 policy=$3
umount $cg
mount -t cgroup2 cgroup2 $cg
mount -t tmpfs tmpfs /run
. "$(dirname "$self")/bus.sh"

# ---- users, sessions, polkit's files ----
umask 022 # others read them

mkdir -p "$d/polkit/rules.d" "$d/share/actions" "$d/share/rules.d" "$d/pam.d" /run/systemd/sessions /run/systemd/users \
	/run/systemd/seats /run/systemd/machines
mkdir -m 1777 "$d/pids"
# (polkit's setuid helper takes no address from its environment)
mkdir -p /run/dbus && ln -s "$d/bus" /run/dbus/system_bus_socket
install -m 755 "$cli" "$d/nm-ipsec"
cli=$d/nm-ipsec
cp "$policy" "$d/share/actions/"
cp /usr/share/polkit-1/actions/org.freedesktop.policykit.policy "$d/share/actions/"
cat >"$d/polkit/rules.d/50-test.rules" <<'R'
polkit.addAdminRule (function (action, subject) { return ["unix-user:root"]; });
polkit.addRule (function (action, subject) {
  if (action.id != "org.freedesktop.NetworkManager.ipsec.keys") return polkit.Result.NOT_HANDLED;
  if (subject.user == "guest") return polkit.Result.NO;
  if (subject.isInGroup ("keepers")) return polkit.Result.YES;
  return polkit.Result.NOT_HANDLED;
});
R
printf 'auth required pam_unix.so nodelay\naccount required pam_permit.so\n' >"$d/pam.d/polkit-1"
grep -E '^(root|polkitd|nobody):' /etc/passwd >"$d/passwd"
grep -E '^(root|polkitd|nogroup):' /etc/group >"$d/group"
printf 'root:%s:19000::::::\n' "$(openssl passwd -6 -salt lab Adm1n-pass)" >"$d/shadow"
chmod 600 "$d/shadow"
chmod 755 "$d/polkit/rules.d" "$d/share/rules.d"
user() { # NAME UID [GROUP]
	echo "$1:x:$2:$2::/:/bin/sh" >>"$d/passwd"
	echo "${3:-$1}:x:$2:" >>"$d/group"
}
session() { # UID ACTIVE STATE SEAT - what logind writes for one who is logged in
	local c=$cg/user.slice/user-$1.slice/session-s$1.scope
	mkdir -p "$c"
	printf 'NAME=u%s\nSTATE=%s\nDISPLAY=s%s\nSESSIONS=s%s\n' "$1" "$3" "$1" "$1" >/run/systemd/users/$1
	printf 'UID=%s\nACTIVE=%s\nIS_DISPLAY=1\nSTATE=%s\nREMOTE=0\nTYPE=wayland\nCLASS=user\n%s' "$1" "$2" "$3" \
		"${4:+SEAT=$4
}" >/run/systemd/sessions/s$1
}
user active 61001; session 61001 1 active seat0
user inactive 61002; session 61002 0 online seat0 # somebody else has the screen
user remote 61003; session 61003 1 active "" # ssh: no seat
user daemon 61004 # no session at all
user guest 61005; session 61005 1 active seat0
user keeper 61006 keepers; session 61006 1 active seat0
mkdir -p $cg/system.slice/cron.service
mount --bind "$d/polkit" /etc/polkit-1
mount --bind "$d/share" /usr/share/polkit-1
mount --bind "$d/pam.d" /etc/pam.d
for f in passwd group shadow; do mount --bind "$d/$f" /etc/$f; done

# UID COMMAND...: in that user's session; the process stays the same.
cat >"$d/as" <<-'A'
	#!/bin/sh
	uid=$1 c=/sys/fs/cgroup/user.slice/user-$1.slice/session-s$1.scope
	shift
	[ -d "$c" ] || c=/sys/fs/cgroup/system.slice/cron.service
	echo $$ >"$c/cgroup.procs"
	exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@" </dev/null
A
chmod 755 "$d/as"
as() { "$d/as" "$@"; }
polkit_start() {
	$polkitd --no-debug >>"$d/polkitd.log" 2>&1 &
	polkitd_pid=$!
	others="$others $polkitd_pid"
	gdbus wait --system --timeout 20 org.freedesktop.PolicyKit1
}
polkit_kill() {
	kill -KILL $polkitd_pid
	wait $polkitd_pid || :
}
soon() { # COMMAND...: it becomes true
	local n=0
	until "$@"; do
		[ $((n += 1)) -le 1200 ] || { echo "not within a minute: $*"; cat "$d/tty" || :; exit 1; }
		sleep 0.05
	done
}
# One at a terminal, who types what is written to descriptor 9; nm-ipsec starts polkit's agent there.
terminal_start() { # UID COMMAND...
	local uid=$1
	shift
	rm -f "$d/keyboard" "$d/pids/caller" "$d/tty"
	mkfifo "$d/keyboard"
	exec 9<>"$d/keyboard"
	as_terminal "$uid" "sh -c 'echo \$\$ >$d/pids/caller; exec $*'" >"$d/tty" 2>&1 &
	terminal=$!
	soon grep -s -q '^Password: ' "$d/tty"
	# (what is typed before that is thrown away)
	soon sh -c 'stty -a -F "$(readlink "/proc/$(cat "$1")/fd/0")" | grep -q -w -e -echo' sh "$d/pids/caller"
}
as_terminal() { as "$1" sh -c 'exec script -qefc "$1" /dev/null <"$2"' sh "$2" "$d/keyboard"; }
terminal_ends() { # STATUS
	local rc=0
	wait $terminal || rc=$?
	exec 9>&-
	cp "$d/tty" "$d/out"
	[ "$1" = any ] || [ $rc = "$1" ] || { echo "the terminal ended with $rc, not $1:"; cat "$d/tty"; exit 1; }
}
counted() { [ "$(grep -c "$1" "$d/monitor")" -ge "$2" ]; }
descriptors() { ls /proc/$helper_pid/fd | wc -l; }
key_count() { "$cli" --json keys 2>/dev/null | grep -o '"ckaid"' | wc -l; }

# ---- no polkit: root, and nobody else, at once (D-Bus gives up after 25 seconds) ----
echo "no polkit: root, and nobody else, at once"

status 0 timeout 20 "$cli" fipsstatus
for u in 61001 61002 61004; do
	status 3 as $u timeout 20 "$cli" fipsstatus
	says 'There is no polkit'
	status 3 as $u timeout 20 "$cli" newhostkey
done
[ ! -e "$d/store" ]

# ---- the policy ----
echo "the policy"

polkit_start
status 0 as 61001 "$cli" fipsstatus
status 0 as 61001 "$cli" status
status 4 as 61001 "$cli" keys # (there is no store yet)
for u in 61002 61003 61004; do
	status 3 as $u "$cli" fipsstatus
	says "An administrator's password is needed"
	status 3 as $u "$cli" status
done
for u in 61001 61002 61003 61004; do
	for c in newhostkey unblock; do
		status 3 as $u "$cli" $c
		says 'do it as root (sudo)'
	done
done
# the same for a program that does not allow that somebody is asked
status 1 as 61001 $door.Unblock ''
says 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired'
# what an administrator's rules say goes before the policy
status 3 as 61005 "$cli" newhostkey
says 'You may not do this'
[ ! -e "$d/store" ]
status 0 as 61006 "$cli" newhostkey --keytype ecdsa
status 3 as 61006 "$cli" unblock
status 0 "$cli" newhostkey --keytype ecdsa
[ "$(key_count)" = 2 ]

# ---- a caller that goes while polkit asks ----
echo "a caller that goes while polkit asks"

monitor_start
fds=$(descriptors)
# The terminal, and polkit's agent on it, stay: if both go at once, polkitd can wait for itself for ever (it calls the agent
# while GLib, which holds its connection's lock, waits for that call's end).
printf '#!/bin/sh\n"$@"\nread -r line\n' >"$d/stay"
chmod 755 "$d/stay"
terminal_start 61001 "$d/stay" "$cli" newhostkey
kill -KILL "$(pgrep -P "$(cat "$d/pids/caller")")"
soon counted 'member=CancelAuthentication' 1
kill -KILL "$(cat "$d/pids/caller")"
terminal_ends any
status 0 as 61001 "$cli" fipsstatus
[ "$(key_count)" = 2 ]
# as many of them as one user may have waiting; polkit hangs meanwhile
kill -STOP $polkitd_pid
status 1 call Marker # what was asked before is printed before it
soon grep -q member=Marker "$d/monitor"
asked=$(grep -c 'member=CheckAuthorization' "$d/monitor")
for round in 1 2; do
	callers= n=0
	while [ $((n += 1)) -le 8 ]; do
		"$d/as" 61001 $door.GetFips &
		callers="$callers $!"
	done >"$d/callers" 2>&1
	soon counted 'member=CheckAuthorization' $((asked += 8))
	# polkit is not asked for one more, but for others it is, and root needs no polkit
	status 1 as 61001 timeout 20 $door.GetFips
	says 'Error.Busy'
	"$d/as" 61006 $door.GetFips >>"$d/callers" 2>&1 &
	callers="$callers $!"
	soon counted 'member=CheckAuthorization' $((asked += 1))
	status 0 timeout 20 "$cli" fipsstatus
	status 0 timeout 20 $door.Unblock ''
	kill -KILL $callers
	for c in $callers; do wait $c || :; done 2>/dev/null
	status 0 timeout 20 "$cli" fipsstatus
	! counted 'member=CheckAuthorization' $((asked + 1)) || { echo "polkit was asked for one too many"; exit 1; }
done
kill -CONT $polkitd_pid
status 0 as 61001 "$cli" fipsstatus
few_descriptors() { [ "$(descriptors)" -le "$fds" ]; }
soon few_descriptors

# ---- polkit goes while it asks ----
echo "polkit goes while it asks"

terminal_start 61001 "$cli" newhostkey
polkit_kill
terminal_ends 3
says 'There is no polkit'
status 3 as 61001 timeout 20 "$cli" fipsstatus
status 0 "$cli" fipsstatus
polkit_start
status 0 as 61001 "$cli" fipsstatus
[ "$(key_count)" = 2 ]

# ---- somebody types the password ----
echo "somebody types the password"

terminal_start 61001 "$cli" newhostkey --keytype ecdsa
echo wrong >&9
terminal_ends 3
says 'You may not do this'
[ "$(key_count)" = 2 ]
terminal_start 61001 "$cli" newhostkey --keytype ecdsa
echo Adm1n-pass >&9
terminal_ends 0
says 'Generated ECDSA key pair'
[ "$(key_count)" = 3 ]
! grep -q Adm1n-pass "$d/monitor" "$d/tty" || { echo "the password was seen"; exit 1; }
kill -0 $helper_pid
echo ok
