# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for nm-ipsec(1)
# Of the lines those that begin with $cur; they are names that somebody has chosen, so that nothing may expand them.
_nm_ipsec_offer() {
	local line
	while IFS= read -r line; do
		[[ $line != "$cur"* ]] || COMPREPLY+=("$(printf %q "$line")")
	done
}

_nm_ipsec_connections() { # [--active]
	nmcli -g UUID,TYPE connection show "$@" 2>/dev/null | sed -n 's/:vpn$//p'
}

_nm_ipsec() {
	local cur prev words cword command i
	_init_completion || return
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in -*) ;; *) command=${words[i]} && break ;; esac
	done
	case $command in
	'') mapfile -t COMPREPLY < <(compgen -W "--json --help --version $(nm-ipsec --help 2>/dev/null | sed -n 's/^  \([a-z-]*\) .*/\1/p')" -- "$cur") && return ;;
	esac
	case $command$prev in
	*--ckaid) _nm_ipsec_offer < <(nm-ipsec keys 2>/dev/null | cut -d' ' -f1) && return ;;
	deletedelete) _nm_ipsec_offer < <(nm-ipsec certificates 2>/dev/null | grep '^[^ ]'; nm-ipsec keys 2>/dev/null | cut -d' ' -f1) && return ;;
	certificates* | trusttrust) _nm_ipsec_offer < <(nm-ipsec certificates 2>/dev/null | grep '^[^ ]') ;;
	status*) _nm_ipsec_offer < <(_nm_ipsec_connections --active) && return ;;
	unblock*) _nm_ipsec_offer < <(_nm_ipsec_connections) && return ;;
	migrate*)
		for i in $(_nm_ipsec_connections); do
			case $(nmcli -g vpn.service-type connection show "$i" 2>/dev/null) in
			*.libreswan | *.openswan | *.strongswan) _nm_ipsec_offer <<<"$i" ;;
			esac
		done
		;;
	*--keytype) mapfile -t COMPREPLY < <(compgen -W 'rsa ecdsa eddsa mldsa' -- "$cur") && return ;;
	esac
	case $cur in
	-*) mapfile -t COMPREPLY < <(compgen -W "$(nm-ipsec "$command" --help 2>/dev/null | grep -o -- '--[a-z-]*')" -- "$cur") ;;
	*) [ "$command" != import ] || _filedir ;;
	esac
} && complete -F _nm_ipsec nm-ipsec
