# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -T -t 900
# mesh.sh own|libreswan: role=mesh against a second end of ours, or Libreswan's opportunistic groups, at 198.51.100.2; and
# hosts without IKE, which are the router, at 198.51.100.1.  What goes in the clear is counted at the router.
. "$LAB_SRC/guest/case.sh"
gateway=$1
lab_up $gateway || exit 1
with=198.51.100.2 with6=2001:db8:2::2 without=198.51.100.1 without6=2001:db8:2::1 me=192.0.2.2 me6=2001:db8:1::2

# Packets of ours that are neither ESP nor IKE, by destination: all of it, since the last call.
wire_watch() {
	printf '%s\n' 'table inet mesh' 'delete table inet mesh' 'table inet mesh {' 'chain seen {' 'type filter hook prerouting priority -450;' \
		'meta l4proto esp accept' 'udp dport { 500, 4500 } accept' 'udp sport { 500, 4500 } accept' \
		"ip daddr $with counter" "ip daddr $without counter" "ip saddr $with counter" "ip6 daddr $without6 meta l4proto != icmpv6 counter" \
		"ip6 daddr $without6 icmpv6 type echo-request counter" \
		"ip6 daddr $with6 meta l4proto != icmpv6 counter" "ip6 saddr $with6 meta l4proto != icmpv6 counter" \
		"ip6 daddr $with6 icmpv6 type { echo-request, echo-reply } counter" \
		"ip6 saddr $with6 icmpv6 type { echo-request, echo-reply } counter" '}' '}' | in_router nft -f -
}
wire_clear() { in_router nft list table inet mesh | awk '/counter packets/ { for (i = 1; i < NF; i++) if ($i == "packets") n += $(i + 1) } END { print n + 0 }'; }

profile_named() { # NAME cert|null|psk [KEY=VALUE...]
	local name=$1 auth=$2
	shift 2
	case $auth in
	cert) quietly plugin_profile $name rsa - gateway= remote-id= role=mesh "$@" ;;
	null) quietly plugin_profile $name psk - gateway= remote-id= local-id= secret.psk= role=mesh auth=null "$@" ;;
	psk) quietly plugin_profile $name psk - gateway= remote-id= local-id=@peer.example.org role=mesh "$@" ;;
	esac
}
profile() { profile_named vpn "$@"; } # cert|null|psk [KEY=VALUE...]
begin() { # AUTH [KEY=VALUE...]
	profile "$@"
	begin_profile
}
begin_profile() {
	lab_wait 60 not asked
	before
	wire_watch
	nmcli -w 20 connection up vpn
	vpn_is_up
}
gone() { # [SECONDS]
	vpn_is_up
	nmcli -w 10 connection down vpn
	lab_wait 5 vpn_is_down
	clean_within ${1:-3}
	nmcli connection delete vpn
}
# (SPI 0 is the kernel's own mark that it has asked, at either end: while that is there it does not ask again)
asked() { { ip -o xfrm state; they ip -o xfrm state; } | grep -q 'spi 0x00000000'; }
tunnels() { [ "$(ip -o xfrm state | grep -vc 'spi 0x00000000')" = "$1" ]; }
has_tunnel() { # [ADDRESS]
	local to=${1:-$with}
	ip xfrm policy | grep -B1 'dir out' | grep -q "dst $to/" &&
		[ "$(ip xfrm state | grep -A1 "^src .* dst $to\$\|^src $to dst" | grep -c 'proto esp spi 0x')" -ge 2 ]
}

# ---- the other end ----
if [ $gateway = own ]; then
	own_nmcli -w 10 connection down server
	their() { # cert|null|psk KEY=VALUE...
		local auth=$1
		shift
		own_nmcli -w 10 connection down mesh >/dev/null 2>&1 || :
		{
			echo role=mesh
			case $auth in
			cert) printf '%s\n' auth=cert "certificate=$LAB_PKI/gw.crt" "private-key=$LAB_PKI/gw.key" "ca=$LAB_PKI/ca.crt" ;;
			null) echo auth=null ;;
			psk) printf '%s\n' auth=psk local-id=@vpn.example.org secret.psk=labpsk ;;
			esac
		} | merge "$@" | own_connection mesh 11111111-2222-3333-4444-0000000000ab
		own_nmcli -w 20 connection up mesh
	}
	they() { own "$@"; }
	their_end() { own_nmcli -w 10 connection down mesh && lab_wait 5 sh -c '[ -z "$(ip -n gateway xfrm policy | grep -v socket | grep ^src)" ]'; }
else
	for c in psk4 rsa4 ecdsa4 psk6 rsa6 ecdsa6; do gw_ipsec auto --delete $c; done >>"$LAB_OUT/pluto.out" 2>&1
	their() { # cert|null|psk GROUP=NET
		local auth=$1 group=${2%%=*} net=${2#*=} shunt=drop r=/lab/roots/gw a host=$with
		case $net in *:*) host="$with6 hostaddrfamily=ipv6" ;; esac
		[ $group = private ] || shunt=passthrough
		case $auth in
		cert) a='leftid=%fromcert leftcert=gw rightid=%fromcert rightca=%same rightrsasigkey=%cert authby=rsasig' ;;
		null) a='leftid=%null rightid=%null authby=null' ;;
		psk) skip "Libreswan's groups know no pre-shared key" ;;
		esac
		their_end
		rm -f $r/etc/ipsec.d/policies/*
		echo "$net" >$r/etc/ipsec.d/policies/$group
		gw_libreswan_conf | sed '/^conn psk4/,$d' >$r/etc/ipsec.conf
		gw_libreswan_connection $group $host $a right=%opportunisticgroup type=tunnel narrowing=yes negotiationshunt=hold \
			failureshunt=$shunt auto=ondemand mobike=no >>$r/etc/ipsec.conf
		gw_ipsec auto --add $group >>"$LAB_OUT/pluto.out" 2>&1
		gw_whack --listen >>"$LAB_OUT/pluto.out" 2>&1
		gw_ipsec auto --route $group >>"$LAB_OUT/pluto.out" 2>&1
	}
	# Their configuration is what we export of a profile; the nets go where its comments say.
	their_export() { # cert|null KEY=VALUE...
		local auth=$1 r=/lab/roots/gw keys= what value file
		shift
		[ $auth = null ] || keys='certificate=nss:gw private-key= ca='
		their_end
		rm -f $r/etc/ipsec.d/policies/*
		profile_named exported $auth $keys "$@"
		nmcli connection export exported /run/exported.conf
		nmcli connection delete exported
		cat /run/exported.conf
		sed -n 's/^# Libreswan reads .* from \(.*\)$/file \1/p; s/^ *x-nets="*\([^"]*\)"*$/nets \1/p' /run/exported.conf |
			while read -r what value; do
				case $what in
				file) file=$value ;;
				nets) echo "$value" | tr ', ' '\n\n' | grep . >$r$file ;;
				esac
			done
		gw_libreswan_conf | sed '/^conn /,$d' >$r/etc/ipsec.conf
		cat /run/exported.conf >>$r/etc/ipsec.conf
		gw_ipsec addconn --checkconfig
		gw_ipsec addconn --autoall
		gw_whack --listen
	}
	they() { in_gateway "$@"; }
	their_end() { for c in private private-or-clear clear-or-private clear block; do gw_ipsec auto --delete $c; done >>"$LAB_OUT/pluto.out" 2>&1; }
fi

# ---- cases ----
# Our packets to the other host. (The first one may be what waits.)
protected() {
	lab_wait 20 ping -q -n -c1 -W1 $with
	ping -q -n -c 3 -i 0.2 -W 2 $with
	has_tunnel
	[ "$(wire_clear)" = 0 ]
}
called() { # AUTH - by the other host
	begin $1 clear-or-private=198.51.100.0/24 private=198.51.100.128/25
	lab_wait 20 they ping -q -n -c1 -W1 192.0.2.2
	they ping -q -n -c 3 -i 0.2 -W 2 192.0.2.2
	protected
	gone
}
we_begin() { # AUTH [KEY=VALUE...]
	local auth=$1
	shift
	their $auth private-or-clear=192.0.2.0/24
	begin $auth private=$with/32 "$@"
	protected
	gone
	their_end
}
they_begin() { # AUTH
	their $1 private=192.0.2.2/32
	called $1
	their_end
}
both_begin() {
	their cert private=192.0.2.2/32
	begin cert private=198.51.100.0/30
	ping -q -n -c 20 -i 0.2 -W 2 $with >/run/ping.a & a=$!
	they ping -q -n -c 20 -i 0.2 -W 2 192.0.2.2 >/run/ping.b || :
	wait $a || :
	ping -q -n -c 3 -i 0.2 -W 2 $with
	lab_wait 40 tunnels 2
	they ping -q -n -c 3 -i 0.2 -W 2 192.0.2.2
	[ "$(wire_clear)" = 0 ]
	gone
	their_end
}
# Two hosts by IPv6.
pair6() { # we|they
	if [ $1 = we ]; then
		their cert private-or-clear=2001:db8:1::/64
		begin cert private=$with6/128
		lab_wait 20 ping -q -n -c1 -W1 $with6
	else
		their cert private=$me6/128
		begin cert clear-or-private=2001:db8:2::/64 private=2001:db8:2:0:8000::/65
		lab_wait 20 they ping -q -n -c1 -W1 $me6
	fi
	has_tunnel $with6
	ping -q -n -c 3 -i 0.2 -W 2 $with6
	they ping -q -n -c 3 -i 0.2 -W 2 $me6
	[ "$(wire_clear)" = 0 ]
	gone
	their_end
	lab_wait 5 ping -q -n -c1 -W1 $with6
	[ "$(wire_clear)" != 0 ] # it can be seen
}
# What we write of a mesh is Libreswan's whole configuration.
exported() { # cert|null
	their_export $1 private-or-clear=192.0.2.0/24 clear=192.0.2.1/32 private=198.51.100.128/25
	begin $1 private=$with/32
	protected
	gone
	their_export $1 private=192.0.2.2/32
	called $1
	their_end
}
# What Libreswan's manual has for this host is our mesh.
imported() { # cert|null
	local dir=/run/libreswan ours
	mkdir -p $dir/policies
	if [ $1 = null ]; then
		ours='authby=null leftid=%null rightid=%null'
	else
		ours='authby=rsasig leftid=%fromcert leftcert=client rightid=%fromcert rightrsasigkey=%cert rightca=%same'
		echo lab >/run/p12.password
		nm-ipsec import --name client --password-file /run/p12.password "$LAB_PKI/client.p12"
	fi
	{
		for g in private private-or-clear clear-or-private; do
			echo "conn $g"
			printf '    %s\n' type=tunnel left=%defaultroute right=%opportunisticgroup negotiationshunt=hold ikev2=insist $ours \
				"failureshunt=$(if [ $g = private ]; then echo drop; else echo passthrough; fi)" \
				"auto=$(if [ $g = clear-or-private ]; then echo add; else echo ondemand; fi)"
		done
		for g in clear block; do
			echo "conn $g"
			printf '    %s\n' "type=$(if [ $g = clear ]; then echo passthrough; else echo reject; fi)" authby=never left=%defaultroute \
				right=%group auto=ondemand
		done
	} >$dir/mesh.conf
	printf '# who must\n%s\n' "$with/32" >$dir/policies/private
	echo 198.51.100.0/24 >$dir/policies/clear-or-private
	echo "$without/32" >$dir/policies/clear
	echo 192.0.2.1/32 >$dir/policies/block
	: >$dir/policies/private-or-clear
	their $1 private-or-clear=192.0.2.0/24
	nmcli connection import type ipsec file $dir/mesh.conf
	nmcli connection modify mesh connection.id vpn
	nmcli -g vpn.data connection show vpn
	begin_profile
	protected
	ping -q -n -c 3 -i 0.2 -W 2 $without
	[ "$(wire_clear)" != 0 ]
	not ping -q -n -c 2 -i 0.2 -W 1 192.0.2.1
	gone
	their_end
}
each() { # COMMAND... - for every host that is there
	local h
	for h in $hosts; do "$@" $h || return 1; done
}
unreachable() { ! ping -q -n -c 3 -i 0.3 -W 1 "$1"; }
# The kill switch: what is private is never seen in the clear: while nobody answers, while there is a tunnel, when all of
# this end is dead, and when it has begun anew; until it is deactivated.
kill_switch() { # WHO - of this end dies: both|all
	local hosts=$with nets=$me/32 theirs ours
	[ $gateway = libreswan ] || hosts="$with $with6" nets="$me/32,$me6/128"
	their cert private-or-clear=$nets
	theirs=" $(processes) "
	begin cert private=198.51.100.0/24,2001:db8:2::/64 kill-switch=yes
	net_block udp
	each unreachable
	unreachable $without6
	[ "$(wire_clear)" = 0 ]
	net_block
	each lab_wait 90 ping -q -n -c1 -W1 # (who has not answered is not asked again for a minute)
	each has_tunnel
	unreachable $without
	ours=$(without_theirs $(if [ $1 = all ]; then processes; else without_reaper; fi))
	kill_all $ours
	lab_wait 10 vpn_is_down
	# (if the reaper is dead too its SAs go on, encrypted, until the next begins)
	if [ $1 = all ]; then
		each unreachable || :
	else
		lab_wait 10 not has_template
		each unreachable
	fi
	unreachable $without
	unreachable $without6
	[ "$(wire_clear)" = 0 ]
	nmcli -w 20 connection up vpn
	each lab_wait 60 ping -q -n -c1 -W1
	each has_tunnel
	[ "$(wire_clear)" = 0 ]
	gone 40
	their_end
	each lab_wait 5 ping -q -n -c1 -W1
	[ "$(wire_clear)" != 0 ] # it can be seen
}
without_reaper() { labtool pids nm-ipsec-service && labtool named nm-ipsec-helper; }
without_theirs() { # PID...
	local p
	for p; do case $theirs in *" $p "*) ;; *) echo $p ;; esac; done
}
processes() { labtool pids nm-ipsec-service nm-ipsec-helper; }
has_template() { ip xfrm policy | grep -q tmpl; }
# Nobody there who knows IKE.
blocked() {
	begin cert private=$without/32,$without6/128
	not ping -q -n -c 10 -i 1 -W 1 $without
	not ping -q -n -c 3 -i 1 -W 1 $without6
	# nor is what comes in the clear let in
	not in_router ping -q -n -c 3 -i 0.3 -W 1 -I $without 192.0.2.2
	[ "$(wire_clear)" = 0 ]
	ping -q -n -c 1 -W 1 192.0.2.1
	# (the kernel's own mark that it has asked, which cannot be named, goes by itself after 30 s)
	gone 40
}
fallback() {
	begin cert private-or-clear=$without/32 private=198.51.100.0/24
	not ping -q -n -c 1 -W 1 $without
	lab_wait 12 ping -q -n -c1 -W1 $without
	ping -q -n -c 3 -i 0.2 -W 1 $without
	ip xfrm policy | grep -A2 "dst $without/32" | grep -q 'dir out'
	gone 40
}
in_clear() {
	begin cert clear=$without/32 clear-or-private=198.51.100.2/32 private=198.51.100.0/24 block=192.0.2.1/32
	ping -q -n -c 3 -i 0.2 -W 1 $without
	ping -q -n -c 3 -i 0.2 -W 1 $with
	not ping -q -n -c 2 -i 0.2 -W 1 192.0.2.1
	not in_router ping -q -n -c 2 -i 0.2 -W 1 192.0.2.2
	tunnels 0
	gone
}
idle() {
	their cert private-or-clear=192.0.2.0/24
	begin cert private=$with/32 idle-timeout=20s
	lab_wait 20 ping -q -n -c1 -W1 $with
	has_tunnel
	lab_wait 100 tunnels 0
	lab_wait 60 ping -q -n -c1 -W1 $with
	has_tunnel
	[ "$(wire_clear)" = 0 ]
	gone
	their_end
}
# Those of this end die, all at once.
killed() { # service|both
	local theirs ours
	their cert private-or-clear=192.0.2.0/24
	theirs=" $(processes) "
	begin cert private=$with/32 clear=$without/32
	lab_wait 20 ping -q -n -c1 -W1 $with
	has_tunnel
	ours=$(without_theirs $(if [ $1 = both ]; then without_reaper; else labtool pids nm-ipsec-service; fi))
	kill_all $ours
	lab_wait 10 vpn_is_down
	nmcli connection delete vpn
	clean_within 10
	their_end
}
kinds='cert null'
[ $gateway != own ] || kinds='cert null psk'
for k in $kinds; do
	case_ mesh/$gateway/we-begin/$k we_begin $k
	tidy
	case_ mesh/$gateway/they-begin/$k they_begin $k
	tidy
done
case_ mesh/$gateway/both-begin both_begin
tidy
case_ mesh/$gateway/idle idle
tidy
# (Libreswan 4.10 holds nothing for a group's hosts in IPv6: its packets leave in the clear, and it asks for nobody)
for c in we $([ $gateway = libreswan ] || echo they); do
	case_ mesh/$gateway/pair6/$c pair6 $c
	tidy
done
for c in both all; do
	case_ mesh/$gateway/kill-switch/$c kill_switch $c
	tidy
done
if [ $gateway = libreswan ]; then
	for k in $kinds; do
		case_ mesh/libreswan/exported/$k exported $k
		tidy
		case_ mesh/libreswan/imported/$k imported $k
		tidy
	done
else
	case_ mesh/own/transport we_begin cert mode=transport
	tidy
	for c in blocked fallback in_clear; do
		case_ mesh/own/$c $c
		tidy
	done
	case_ mesh/own/killed-service killed service
	tidy
	case_ mesh/own/killed-both killed both
	tidy
fi
finish
