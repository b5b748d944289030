# SPDX-License-Identifier: GPL-2.0-or-later
# packages.sh - sourced by check and demo, with $root set: Debian packages that building and testing need.
packages_build="gcc libc6-dev meson ninja-build pkgconf gettext libglib2.0-dev libnm-dev libnss3-dev
	libnl-3-dev libnl-route-3-dev libpam0g-dev libseccomp-dev libxml2-dev libjson-glib-dev"
# the editors and the dialog; where these are missing, what needs them is not built
packages_desktop="libadwaita-1-dev libgtk-3-dev libsecret-1-dev libp11-kit-dev"
# universal-ctags, apparmor, appstream: tests/style; the bus: tests/service; polkitd: tests/door; openssl and the rest:
# tests/lab, which takes gateways and
# NetworkManager from trees of its own and never installs them
packages_test="python3 universal-ctags dbus dbus-daemon openssl libnss3-tools iproute2 util-linux procps softhsm2
	p11-kit-modules apparmor appstream polkitd rpm"
# tests/gui: the real programs, and a screen for them
packages_gui="network-manager network-manager-gnome gnome-control-center xvfb openbox trayer at-spi2-core
	gir1.2-atspi-2.0 python3-gi imagemagick x11-utils xdotool gnome-keyring adwaita-icon-theme fonts-cantarell
	libglib2.0-bin iproute2 locales"
# tests/packages
packages_package="debhelper dh-apparmor dpkg-dev lintian debootstrap fakeroot"

packages_install() { # PACKAGE... - those that are missing
	local p missing=
	for p; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in installed) ;; *) missing="$missing $p" ;; esac
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "These packages are missing; install them, or run this as root:$missing" >&2
		return 1
	fi
	echo "installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 --no-install-recommends install $missing >"$root/build/apt.log" 2>&1 </dev/null && return 0
	apt-get -qq update >>"$root/build/apt.log" 2>&1 &&
		apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 --no-install-recommends install $missing >>"$root/build/apt.log" 2>&1 </dev/null && return 0
	tail -n 20 "$root/build/apt.log" >&2
	return 1
}
# A build directory with these options; made when it is not there.
build_in() { # DIR MESON-OPTION...
	local dir=$1 log
	shift
	log=$root/build/$(basename "$dir")
	[ -e "$dir/build.ninja" ] || meson setup "$dir" "$root" "$@" >"$log-setup.log" 2>&1 || { tail -n 30 "$log-setup.log" >&2; return 1; }
	ninja -C "$dir" >"$log-ninja.log" 2>&1 </dev/null || { tail -n 60 "$log-ninja.log" >&2; return 1; }
}
