# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for nm-ipsec(1)
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
	*--ckaid | *delete) mapfile -t COMPREPLY < <(compgen -W "$(nm-ipsec keys 2>/dev/null | cut -d' ' -f1)" -- "$cur") && return ;;
	status*) mapfile -t COMPREPLY < <(compgen -W "$(nmcli -g UUID,TYPE connection show --active 2>/dev/null | sed -n 's/:vpn$//p')" -- "$cur") && return ;;
	unblock*) mapfile -t COMPREPLY < <(compgen -W "$(nmcli -g UUID,TYPE connection show 2>/dev/null | sed -n 's/:vpn$//p')" -- "$cur") && return ;;
	*--keytype) mapfile -t COMPREPLY < <(compgen -W 'rsa ecdsa eddsa' -- "$cur") && return ;;
	esac
	case $cur in
	-*) mapfile -t COMPREPLY < <(compgen -W "$(nm-ipsec "$command" --help 2>/dev/null | grep -o -- '--[a-z-]*')" -- "$cur") ;;
	*) [ "$command" != import ] || _filedir ;;
	esac
} && complete -F _nm_ipsec nm-ipsec
