# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh - the guest's part of tests/demo.
. "$LAB_SRC/guest/case.sh"
gateway=${1:-own}
set -e
trap '[ $? = 0 ] || { echo; echo "FAILED. What the journal said:"; journal_since | journal_text | tail -n 15; }' EXIT
journal_mark
step() { printf '\n== %s\n' "$*"; }
show() { printf '$ %s\n' "$*" && "$@"; }
indent() { sed 's/^/    /'; }

step "A network: laptop -- router with NAT -- internet (15 ms each way) -- gateway ($gateway) -- 10.10.0.0/24"
lab_up $gateway
net_nat on
net_netem delay 15ms
before
plugin_profile office eap vpn4.example.org
echo "laptop: $(ip -4 -o addr show dev eth0 | awk '{ print $4 }'), NetworkManager $(nmcli -g VERSION general); gateway: $gateway"
not ping -q -n -c1 -W1 10.10.0.2 >/dev/null 2>&1
echo "10.10.0.2 cannot be reached"

step "Connecting, as alice with a password"
show nmcli -f vpn.data connection show office | indent
show nmcli -w 30 connection up office

step "What came of it"
show nmcli -f GENERAL.STATE,IP4.ADDRESS,IP4.ROUTE,IP4.DNS,IP4.DOMAIN,IP6.ADDRESS,IP6.DNS connection show office
nmcli connection show office | grep '^VPN.BANNER' || :
echo '$ cat /etc/resolv.conf' && grep -v '^#' /etc/resolv.conf
echo '$ ip xfrm state   (keys masked)' && ip xfrm state | sed -E 's/0x[0-9a-f]{16,}/0x…/g'
[ "$(ip -o xfrm state | wc -l)" -ge 2 ]

step "Traffic"
show ping -q -n -c 5 -i 0.2 -W 2 10.10.0.2
show ping -q -n -c 5 -i 0.2 -W 2 2001:db8:10::2
echo '$ getent hosts intranet.corp.example' && getent hosts intranet.corp.example
in_host iperf3 -s -1 -D >/dev/null
lab_wait 5 sh -c 'nsenter --net=/run/netns/host grep -q ":1451 " /proc/net/tcp /proc/net/tcp6'
show iperf3 -c 10.10.0.2 -t 3 -f m --forceflush
[ "$(net_leaked)" = 1 ]
echo "nothing went through the router in the clear (but the one ping before)"
for pid in $(labtool pids nm-ipsec-service nm-ipsec-helper); do
	echo "$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ .*//'): user $(awk '/^Uid/ { print $2 }' "/proc/$pid/status"), PSS $(labtool mem "$pid" | cut -d' ' -f2) KiB"
done

step "Disconnecting"
show nmcli -w 10 connection down office
clean_within 2
echo "SAs, policies, interfaces, addresses, routes, name servers, sockets, processes: as before"
echo
echo "The journal of the service:"
grep "SYSLOG_IDENTIFIER=nm-ipsec" "$LAB_OUT/journal" | journal_text | indent
step "Done"
