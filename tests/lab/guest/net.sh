# SPDX-License-Identifier: GPL-2.0-or-later
# net.sh - the network of the lab.
#
#   client (the guest itself)    router                     gateway              host
#   eth0 192.0.2.2 ------------- c0 192.0.2.1
#   eth1 192.0.3.2 ------------- c1 192.0.3.1
#                                gw 198.51.100.1 ---------- wan 198.51.100.2
#                                                           lan 10.10.0.1 ------ eth0 10.10.0.2
# IPv6: 2001:db8:{1,3,2,10}::/64 in that order, with the same last number.  The client is the initial network namespace:
# NetworkManager sees eth0 and eth1 as on any machine, and gives them their addresses (nm.sh), or net_address does.
# The gateway has 198.51.100.3 to .15 as well; the router answers DNS at 192.0.2.53 (dns_up), the host at 10.10.0.53.
#
# net_up [NUMBER OF UPLINKS]; then at any time net_nat on|off, net_block WHAT..., net_mtu N, net_netem ARGUMENTS,
# net_cable eth0 up|down.  in_router, in_gateway, in_host COMMAND.

in_router() { nsenter --net=/run/netns/router "$@"; }
in_gateway() { nsenter --net=/run/netns/gateway "$@"; }
in_host() { nsenter --net=/run/netns/host "$@"; }

# Debian's User Mode Linux has nft for bridges alone; the older tables do there what the demo and most cases need.
net_has_nft() { in_router nft 'add table inet any; delete table inet any' 2>/dev/null; }
net_xt() { # ARGUMENT... - for both families
	in_router iptables-legacy -w "$@" && in_router ip6tables-legacy -w "$@"
}

net_nat() { # on|off: the router masquerades the client, in both families
	local f
	if net_has_nft; then
		for f in ip ip6; do
			echo "table $f nat" && echo "delete table $f nat"
			[ "$1" = off ] || printf '%s\n' "table $f nat {" 'chain post {' 'type nat hook postrouting priority 100;' \
				'oifname "gw" masquerade' '}' '}'
		done | in_router nft -f -
	else
		net_xt -t nat -F
		[ "$1" = off ] || net_xt -t nat -A POSTROUTING -o gw -j MASQUERADE
	fi
	in_router conntrack -F >/dev/null 2>&1 || :
}
net_block() { # any of udp udp500 udp4500 esp tcp; nothing: lets everything through
	local f b
	if ! net_has_nft; then
		net_xt -F FORWARD
		for b; do case $b in
			udp500 | udp4500) net_xt -A FORWARD -p udp --dport "${b#udp}" -j DROP && net_xt -A FORWARD -p udp --sport "${b#udp}" -j DROP ;;
			*) net_xt -A FORWARD -p "$b" -j DROP ;;
		esac; done
		return
	fi
	for f in ip ip6; do
		printf '%s\n' "table $f block" "delete table $f block" "table $f block {" 'chain drops {' \
			'type filter hook forward priority 0;'
		for b; do case $b in
			udp500 | udp4500) echo "udp dport ${b#udp} drop" && echo "udp sport ${b#udp} drop" ;;
			*) echo "meta l4proto $b counter drop" ;;
		esac; done
		printf '%s\n' '}' '}'
	done | in_router nft -f -
}
net_mtu() { ip -n router link set gw mtu "$1" && ip -n gateway link set wan mtu "$1"; }
net_netem() { # netem's arguments, each way; nothing: a perfect link
	local l
	for l in router:gw gateway:wan; do
		if [ $# -gt 0 ]; then tc -n "${l%:*}" qdisc replace dev "${l#*:}" root netem limit 10000 "$@"
		else tc -n "${l%:*}" qdisc del dev "${l#*:}" root 2>/dev/null || :; fi
	done
}
net_cable() { ip -n router link set "c${1#eth}" "$2"; }

# What the router sees of the protected network in the clear, packets; first of all, so that what a black hole swallows
# is seen.
net_watch() {
	if net_has_nft; then
		printf '%s\n' 'table inet leak {' 'chain seen {' 'type filter hook prerouting priority -500;' \
			'iifname "c*" ip daddr 10.10.0.0/24 counter' 'iifname "c*" ip6 daddr 2001:db8:10::/64 counter' '}' '}' | in_router nft -f -
	else
		in_router iptables-legacy -w -t raw -A PREROUTING -i c+ -d 10.10.0.0/24
		in_router ip6tables-legacy -w -t raw -A PREROUTING -i c+ -d 2001:db8:10::/64
	fi
}
net_leaked() {
	if net_has_nft; then
		in_router nft list table inet leak | awk '/counter packets/ { seen = 1; for (i = 1; i < NF; i++) if ($i == "packets") n += $(i + 1) } END { if (!seen) exit 1; print n + 0 }'
	else
		net_xt -t raw -nvxL PREROUTING | awk '$1 ~ /^[0-9]+$/ { n += $1 } END { print n + 0 }'
	fi
}

# For what can be written only in sysfs (it is read-only, so that NetworkManager does not wait for udev): $net_sys.
net_sys=/run/sys
net_sys_writable() {
	mount -o remount,rw /sys && mkdir $net_sys && mount --bind /sys $net_sys && mount -o remount,bind,ro /sys
}
net_cable_of_card() { # NUMBER OUR-NAME ROUTER-NAME - two of netdevsim, with a cable between
	local bus=$net_sys/bus/netdevsim
	[ -d $net_sys ] || net_sys_writable
	echo "1$1 1" >$bus/new_device
	in_router sh -c "echo '2$1 1' >$bus/new_device"
	ip link set "$(ls $net_sys/bus/netdevsim/devices/netdevsim1$1/net)" name "$2"
	ip -n router link set eth0 name "$3"
	(
		exec 8</proc/self/ns/net 9</run/netns/router
		echo "8:$(cat "/sys/class/net/$2/ifindex") 9:$(in_router ip -o link show "$3" | cut -d: -f1)" >$bus/link_device
	)
}
net_card() { # card|bond: eth0 is one, or two of them
	local i
	if [ "$1" = card ]; then
		net_cable_of_card 0 eth0 c0
		return
	fi
	ip link add bond9 type bond mode active-backup
	ip -n router link add c0 type bridge
	for i in 0 1; do
		net_cable_of_card $i p$i r$i
		ip link set p$i master bond9
		ip link set p$i up
		ip -n router link set r$i master c0 up
	done
	ip link set bond9 name eth0
	ip link set eth0 type bond active_slave p0
	ip link set eth0 up
	ip addr add 192.0.2.2/24 dev eth0
	ip route add default via 192.0.2.1
}

net_up() {
	local n=${1:-1} i ns
	echo 0 >/proc/sys/net/ipv6/conf/default/dad_transmits # duplicate address detection takes a second or two
	printf 'netns add %s\n' router gateway host | ip -b -
	for ns in router gateway host; do
		nsenter --net=/run/netns/$ns sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/dad_transmits'
	done
	for i in $(seq 0 $((n - 1))); do
		[ $i != 0 ] || [ -z "${NET_CARD:-}" ] || { net_card "$NET_CARD" && continue; }
		echo "link add eth$i type veth peer name c$i netns router"
	done | ip -b -
	{
		echo link set lo up
		echo link add gw type veth peer name wan netns gateway
		echo link set gw up
		echo addr add 198.51.100.1/24 dev gw
		echo addr add 2001:db8:2::1/64 dev gw nodad
		echo link set c0 up
		echo addr add 192.0.2.1/24 dev c0
		echo addr add 192.0.2.53/32 dev c0
		echo addr add 2001:db8:1::1/64 dev c0 nodad
		[ "$n" = 1 ] || printf '%s\n' 'link set c1 up' 'addr add 192.0.3.1/24 dev c1' 'addr add 2001:db8:3::1/64 dev c1 nodad'
	} | ip -n router -b -
	{
		echo link set lo up
		echo link add lan type veth peer name eth0 netns host
		echo link set wan up
		echo link set lan up
		for i in $(seq 2 15); do printf "addr add 198.51.100.%d/24 dev wan\naddr add 2001:db8:2::%x/64 dev wan nodad\n" $i $i; done
		echo addr add 10.10.0.1/24 dev lan
		echo addr add 2001:db8:10::1/64 dev lan nodad
		echo route add default via 198.51.100.1
		echo route add ::/0 via 2001:db8:2::1
	} | ip -n gateway -b -
	{
		echo link set lo up
		echo link set eth0 up
		echo addr add 10.10.0.2/24 dev eth0
		echo addr add 10.10.0.53/32 dev eth0
		echo addr add 2001:db8:10::2/64 dev eth0 nodad
		echo addr add 2001:db8:10::53/128 dev eth0 nodad
		echo route add default via 10.10.0.1
		echo route add ::/0 via 2001:db8:10::1
	} | ip -n host -b -
	for ns in router gateway; do
		nsenter --net=/run/netns/$ns sh -c 'cd /proc/sys/net
			echo 1 >ipv4/ip_forward
			echo 1 >ipv6/conf/all/forwarding
			echo 1 >ipv6/conf/all/keep_addr_on_down # net_cable
			for f in ipv4/conf/*/rp_filter ipv4/conf/*/send_redirects; do echo 0 >$f; done
			# ICMP errors are not rationed: a test must see each of them
			echo 0 >ipv4/icmp_ratelimit; echo 0 >ipv6/icmp/ratelimit'
	done
	net_watch
	[ -z "${NET_NAT:-}" ] || net_nat on
	[ -z "${NET_NETEM:-}" ] || net_netem $NET_NETEM
	[ -z "${NET_MTU:-}" ] || net_mtu "$NET_MTU"
}

# Name servers: the router's, for everybody (vpn.example.org is the gateway, full4 that for everything; nothing else
# exists), and the host's, for those who came through the tunnel (intranet.corp.example).
dns_up() {
	in_router dnsmasq --keep-in-foreground --no-resolv --no-hosts --user=root --bind-interfaces --pid-file= \
		--listen-address=192.0.2.53 --local=/#/ \
		--host-record=vpn.example.org,198.51.100.2,2001:db8:2::2 --host-record=vpn4.example.org,198.51.100.2 \
		--host-record=full4.example.org,198.51.100.7 >"$LAB_OUT/dns-router.log" 2>&1 &
	in_host dnsmasq --keep-in-foreground --no-resolv --no-hosts --user=root --bind-interfaces --pid-file= \
		--listen-address=10.10.0.53,2001:db8:10::53 --local=/#/ \
		--host-record=intranet.corp.example,10.10.0.2,2001:db8:10::2 >"$LAB_OUT/dns-host.log" 2>&1 &
}

# lab_root NAME TREE... - another root: the host's, the trees over it, a tmpfs on top, a /run of its own.  Two daemons
# in two of these never meet at a socket, a pid file or in /etc.  A second time, when its daemon has gone, /run is new.
lab_root() {
	local name=$1 root=/lab/roots/$1 lower= t
	shift
	for t; do lower="$lower/lab/trees/$t:"; done
	! mountpoint -q "$root" || umount -R "$root" # (an overlay mounted twice is no file system any more)
	mkdir -p "$root" /run/lab-roots
	mountpoint -q /run/lab-roots || mount -t tmpfs tmpfs /run/lab-roots
	mkdir -p "/run/lab-roots/$name/upper" "/run/lab-roots/$name/work"
	mount -t overlay -o "lowerdir=$lower/lab/host,upperdir=/run/lab-roots/$name/upper,workdir=/run/lab-roots/$name/work" overlay "$root"
	mkdir -p "$root/lab/out"
	mount -t proc proc "$root/proc"
	mount --bind /dev "$root/dev"
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	mount --bind /lab/out "$root/lab/out"
}
# NAME ID [ROOT [HOME]]: the user that a package's installation would have made
lab_user() {
	grep -q "^$1:" "${3:-}/etc/passwd" || echo "$1:x:$2:$2::${4:-/}:/usr/sbin/nologin" >>"${3:-}/etc/passwd"
	grep -q "^$1:" "${3:-}/etc/group" || echo "$1:x:$2:" >>"${3:-}/etc/group"
}
lab_in() { # ROOT NETNS COMMAND...
	local root=/lab/roots/$1 ns=$2
	shift 2
	nsenter --root="$root" --wd="$root" --net="/run/netns/$ns" "$@"
}
there() { # ROOT COMMAND... - in the client's network
	local root=$1
	shift
	chroot "/lab/roots/$root" "$@"
}
quietly() { # COMMAND... - without a trace of its insides
	local trace=$- rc=0
	{ set +x; } 2>/dev/null
	"$@" || rc=$?
	case $trace in *x*) set -x ;; esac
	return $rc
}
lab_wait() { quietly lab_wait_for "$@"; } # SECONDS COMMAND... - until it succeeds
# Asked ten times a second, and less often what takes longer: processes are what a guest's time goes to.
lab_wait_for() {
	local end=$(($(date +%s) + $1 + 1)) asked=0 pause=0.1 # at least so long: a second has begun already
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		asked=$((asked + 1))
		case $asked in 5) pause=0.3 ;; 10) pause=1 ;; esac
		sleep $pause
	done
}
