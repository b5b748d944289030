# SPDX-License-Identifier: GPL-2.0-or-later
# selinux.sh - labels for packets and SAs: a policy with two types, base_t and other_t, which may do everything with each
# other; permissive all the same.  selinux_up; selinux_as TYPE COMMAND...  Labels: user_u:base_r:TYPE.
selinux_policy() {
	local sids='kernel security unlabeled file port netif netmsg node devnull' classes='security process file association' c
	for c in $classes; do echo "class $c"; done
	for c in $sids; do echo "sid $c"; done
	cat <<-P
	class security { compute_av check_context load_policy setenforce }
	class process { fork transition dyntransition setcurrent }
	class file { read write execute entrypoint }
	class association { sendto recvfrom setcontext polmatch }
	type base_t;
	type other_t;
	role base_r;
	role base_r types { base_t other_t };
	P
	for c in $classes; do echo "allow { base_t other_t } { base_t other_t }:$c *;"; done
	echo 'user user_u roles { base_r };'
	for c in $sids; do echo "sid $c user_u:base_r:base_t"; done
}
selinux_up() {
	selinux_policy >/run/policy.conf
	checkpolicy -U allow -o /run/policy.bin /run/policy.conf >/run/policy.log 2>&1 || { cat /run/policy.log >&2; return 1; }
	mount -t selinuxfs selinuxfs /sys/fs/selinux
	dd if=/run/policy.bin of=/sys/fs/selinux/load bs=1M status=none # (in one piece)
}
selinux_as() { # TYPE COMMAND...
	local type=$1
	shift
	sh -c "printf %s user_u:base_r:$type >/proc/self/attr/current; exec \"\$@\"" sh "$@"
}
