# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.sh - which kernel the lab runs on; sourced by lab and prepare, with $src and $state set.

# The host's own kernel will do when it can add an ESP SA and an overlay, in namespaces that nobody else sees.
kernel_is_good() {
	[ "$(id -u)" = 0 ] && unshare -nm sh -c '
		ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 mode tunnel \
			aead "rfc4106(gcm(aes))" 0x000102030405060708090a0b0c0d0e0f10111213 128 &&
		mount -t tmpfs tmpfs /run && mkdir /run/u /run/w /run/m &&
		mount -t overlay overlay -o lowerdir=/,upperdir=/run/u,workdir=/run/w /run/m &&
		ip link add lab0 type veth peer name lab1' >/dev/null 2>&1
}

# Sets kernel ("native" or a file), kernel_why (a sentence) and modules (a directory or nothing).
kernel_choose() {
	local k
	modules=${LAB_MODULES:-}
	case ${LAB_KERNEL:-} in
	native) kernel=native kernel_why="this machine's kernel, as LAB_KERNEL says"; return 0 ;;
	?*) kernel=$LAB_KERNEL kernel_why="User Mode Linux from LAB_KERNEL, $LAB_KERNEL"; return 0 ;;
	esac
	if kernel_is_good; then
		kernel=native kernel_why="this machine's kernel, $(uname -r), in namespaces"
		return 0
	fi
	k=$(readlink -m "$src/../../../shared/lab/linux.uml")
	if [ -x "$k" ]; then
		kernel=$k kernel_why="User Mode Linux, $k (this machine's kernel has no ESP for us)"
		return 0
	fi
	k=$state/trees/uml/usr/bin/linux.uml
	if [ -x "$k" ]; then
		kernel=$k kernel_why="User Mode Linux of the package user-mode-linux (this machine's kernel has no ESP for us)"
		modules=$state/trees/uml/usr/lib/uml/modules
		return 0
	fi
	kernel='' kernel_why="none: this machine's kernel has no ESP for us, and there is no User Mode Linux"
	return 1
}
