# SPDX-License-Identifier: GPL-2.0-or-later
# profile.sh - what differs between the plugins that the lab can try.
#
# plugin_use ipsec|strongswan|noop: defines plugin_service, plugin_programs, plugin_install and plugin_profile.
# plugin_profile NAME psk|rsa|ecdsa|eap GATEWAY [KEY=VALUE...]: a stored connection; a key of the connection's own settings is
# written "ipv4.never-default=yes", a secret "secret.password=...", no value takes a key away.

# Merges KEY=VALUE arguments over lines KEY=VALUE on stdin.
merge() {
	{ cat && printf '%s\n' "$@"; } | awk '
		{ k = $0; sub(/=.*/, "", k); if (k == "") next; if (!(k in v)) order[++n] = k; v[k] = substr($0, length(k) + 2) }
		END { for (i = 1; i <= n; i++) if (v[order[i]] != "") print order[i] "=" v[order[i]] }'
}
lines_of() { sed -n "s/^$1\.//p" /run/profile; }
profile_store() { # NAME SERVICE, the merged lines on stdin
	cat >/run/profile
	{
		printf '%s\n' '[connection]' "id=$1" "uuid=$(cat /proc/sys/kernel/random/uuid)" type=vpn autoconnect=false
		lines_of connection
		printf '%s\n' '[vpn]' "service-type=$2"
		grep -v -E '^(connection|ipv4|ipv6|secret)\.' /run/profile || :
		echo '[vpn-secrets]' && lines_of secret
		echo '[ipv4]' && grep -q '^ipv4.method=' /run/profile || echo method=auto
		lines_of ipv4
		echo '[ipv6]' && grep -q '^ipv6.method=' /run/profile || echo method=auto
		lines_of ipv6
	} | nm_keyfile "$1"
	nmcli connection load "/etc/NetworkManager/system-connections/$1.nmconnection"
}

plugin_use() {
	case $1 in
	ipsec)
		plugin_service=org.freedesktop.NetworkManager.ipsec
		plugin_programs='nm-ipsec-service nm-ipsec-helper'
		plugin_install() { # what systemd-sysusers does when the package is installed
			local line
			line=$(sed -n 's/^u //p' /usr/lib/sysusers.d/nm-ipsec.conf)
			lab_user "${line%% *}" 981
		}
		plugin_profile() {
			local name=$1 method=$2 gateway=$3
			shift 3
			{
				echo "gateway=$gateway"
				case $method in
				psk) printf '%s\n' auth=psk local-id=alice@example.org remote-id=vpn.example.org secret.psk=labpsk ;;
				rsa) printf '%s\n' auth=cert "certificate=$LAB_PKI/client.crt" "private-key=$LAB_PKI/client.key" \
					"ca=$LAB_PKI/ca.crt" remote-id=vpn.example.org ;;
				ecdsa) printf '%s\n' auth=cert "certificate=$LAB_PKI/client-ec.crt" "private-key=$LAB_PKI/client-ec.key" \
					"ca=$LAB_PKI/ca-ec.crt" remote-id=vpn-ec.example.org ;;
				eap) printf '%s\n' auth=eap user=alice "ca=$LAB_PKI/ca.crt" remote-id=vpn.example.org secret.password=secret ;;
				esac
			} | merge "$@" | profile_store "$name" $plugin_service
		}
		;;
	strongswan)
		plugin_service=org.freedesktop.NetworkManager.strongswan
		plugin_programs=charon-nm
		plugin_install() { :; }
		plugin_profile() {
			local name=$1 method=$2 gateway=$3
			shift 3
			{
				printf '%s\n' "address=$gateway" "certificate=$LAB_PKI/ca.crt" virtual=yes encap=no ipcomp=no proposal=no \
					remote-identity=vpn.example.org
				case $method in
				rsa) printf '%s\n' method=key "usercert=$LAB_PKI/client.crt" "userkey=$LAB_PKI/client.key" ;;
				ecdsa) printf '%s\n' method=key "usercert=$LAB_PKI/client-ec.crt" "userkey=$LAB_PKI/client-ec.key" \
					"certificate=$LAB_PKI/ca-ec.crt" remote-identity=vpn-ec.example.org ;;
				eap) printf '%s\n' method=eap user=alice password-flags=0 secret.password=secret ;;
				esac
			} | merge "$@" | profile_store "$name" $plugin_service
		}
		;;
	noop)
		plugin_service=org.freedesktop.NetworkManager.noop
		plugin_programs=labnoop
		plugin_install() {
			printf '%s\n' '[VPN Connection]' name=noop service=$plugin_service "program=$(command -v labnoop)" \
				>/usr/lib/NetworkManager/VPN/nm-noop-service.name
			printf '%s\n' '<busconfig><policy user="root">' "<allow own_prefix=\"$plugin_service\"/>" \
				"<allow send_destination=\"$plugin_service\"/>" '</policy></busconfig>' >/usr/share/dbus-1/system.d/noop.conf
			chmod 644 /usr/lib/NetworkManager/VPN/nm-noop-service.name /usr/share/dbus-1/system.d/noop.conf
			ip link add noop0 type dummy && ip link set noop0 up
		}
		plugin_profile() {
			local name=$1
			shift 3
			echo ipv6.method=disabled | merge "$@" | profile_store "$name" $plugin_service
		}
		;;
	esac
}
