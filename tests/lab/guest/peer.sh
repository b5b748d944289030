# SPDX-License-Identifier: GPL-2.0-or-later
# peer.sh - networks behind both ends, and gateways that know a peer.  peer_networks, then peer_gateway_NAME.
peer_local=10.1.0.0/24,10.1.1.0/24,2001:db8:21::/64,2001:db8:22::/64
peer_remote=10.10.0.0/24,10.10.1.0/24,2001:db8:10::/64,2001:db8:11::/64
in_branch() { nsenter --net=/run/netns/branch "$@"; }

peer_networks() {
	ip netns add branch
	in_branch sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/dad_transmits'
	{
		echo link add lan0 type veth peer name eth0 netns branch
		echo link set lan0 up
		echo addr add 10.1.0.1/24 dev lan0
		echo addr add 10.1.1.1/24 dev lan0
		echo addr add 2001:db8:21::1/64 dev lan0 nodad
		echo addr add 2001:db8:22::1/64 dev lan0 nodad
	} | ip -b -
	{
		echo link set lo up
		echo link set eth0 up
		echo addr add 10.1.0.2/24 dev eth0
		echo addr add 2001:db8:21::2/64 dev eth0 nodad
		echo route add default via 10.1.0.1
		echo route add ::/0 via 2001:db8:21::1
	} | ip -n branch -b -
	printf '%s\n' 'addr add 10.10.1.1/24 dev lan' 'addr add 2001:db8:11::1/64 dev lan nodad' | ip -n gateway -b -
	printf '%s\n' 'addr add 10.10.1.2/24 dev eth0' 'addr add 2001:db8:11::2/64 dev eth0 nodad' | ip -n host -b -
	echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done
}

# ---- strongSwan: one Child SA takes everything ----
peer_gateway_strongswan() {
	children=1
	cat >/lab/roots/gw/etc/swanctl/swanctl.conf <<-C
	connections {
		peer {
			version = 2
			local_addrs = 198.51.100.2
			remote_addrs = 192.0.2.2
			proposals = default
			rekey_time = 4h
			dpd_delay = 30s
			local { auth = psk
				id = vpn.example.org
			}
			remote { auth = psk
				id = peer.example.org
			}
			children { net {
				local_ts = $peer_remote
				remote_ts = $peer_local
				esp_proposals = default
				rekey_time = 2h
			} }
		}
	}
	secrets { ike-any { secret = labpsk
	} }
	C
	gw_swanctl --load-all --noprompt --clear >"$LAB_OUT/swanctl.out" 2>&1 || { cat "$LAB_OUT/swanctl.out" >&2; return 1; }
	peer_begin() { gw_swanctl --initiate --child net; }
	peer_delete_child() { gw_swanctl --terminate --child net; }
	peer_children() { # N - are there
		gw_swanctl --list-sas | grep -c 'INSTALLED, TUNNEL' | grep -qx "$1"
	}
}

# ---- Libreswan 4.10: a connection, and a Child SA, for each pair of networks ----
peer_gateway_libreswan() {
	local i j n=0 l r
	children=8
	peer_names=
	for f in 4 6; do
		for i in 0 1; do for j in 0 1; do
			n=$((n + 1))
			if [ $f = 4 ]; then l=10.10.$i.0/24 r=10.1.$j.0/24
			else l=2001:db8:1$i::/64 r=2001:db8:2$((j + 1))::/64; fi
			gw_libreswan_connection peer$n 198.51.100.2 right=192.0.2.2 leftid=@vpn.example.org rightid=@peer.example.org \
				authby=secret leftsubnet=$l rightsubnet=$r >>/lab/roots/gw/etc/ipsec.conf
			peer_names="$peer_names peer$n"
		done; done
	done
	for n in psk4 rsa4 ecdsa4 psk6 rsa6 ecdsa6; do gw_ipsec auto --delete $n; done >>"$LAB_OUT/pluto.out" 2>&1
	for n in $peer_names; do
		gw_ipsec auto --add $n >>"$LAB_OUT/pluto.out" 2>&1 || { tail -n 20 "$LAB_OUT/pluto.out" >&2; return 1; }
	done
	peer_begin() { for n in $peer_names; do gw_whack --asynchronous --initiate --name $n; done; }
	peer_delete_child() { gw_whack --deletestate "$(gw_states ESTABLISHED_CHILD_SA | sed 's/^#\([0-9]*\).*/\1/;q')"; }
	peer_children() { [ "$(gw_states ESTABLISHED_CHILD_SA | wc -l)" = "$1" ]; }
	gw_disconnect() { gw_whack --deletestate "$(gw_states ESTABLISHED_IKE_SA | sed 's/^#\([0-9]*\).*/\1/;q')"; }
	# (what pluto has begun once it begins again whenever it is gone)
	gw_forget() { for n in $peer_names; do gw_whack --terminate --name $n; done >/dev/null 2>&1 || :; }
}

# ---- ours: it waits ----
peer_gateway_own() {
	children=1
	own_nmcli -w 10 connection down server
	own sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	peer_start() { # [KEY=VALUE...]
		own_nmcli -w 10 connection down peer >/dev/null 2>&1 || :
		printf '%s\n' role=peer start=listen gateway=192.0.2.2 auth=psk secret.psk=labpsk local-id=@vpn.example.org \
			remote-id=@peer.example.org "local-ts=$peer_remote" "remote-ts=$peer_local" |
			merge "$@" | own_connection peer 11111111-2222-3333-4444-0000000000ac
		own_nmcli -w 20 connection up peer
	}
	peer_services() { # ours|theirs
		local p
		for p in $(labtool pids nm-ipsec-service); do
			case $1:$(readlink /proc/$p/root) in ours:/ | theirs:/lab/roots/own) echo $p ;; esac
		done
	}
	peer_kill() { kill -KILL $(peer_services theirs); }
	peer_children() { [ "$(gw_ike_sas)" = "$1" ]; }
	peer_start
}
