#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""unit-filter.py UNIT PROGRAM [ARGUMENT...] - becomes PROGRAM, with the filter of system calls that systemd makes of UNIT.

With "check" in place of PROGRAM: ends with 0 if that can be done here, for which it takes systemd's names of groups of
calls, and libseccomp.
"""
import ctypes
import errno
import os
import subprocess
import sys

KILL_PROCESS, ALLOW, ERRNO = 0x80000000, 0x7fff0000, 0x00050000


def calls_of(name):
    """What the group or call NAME stands for."""
    if not name.startswith('@'):
        return {name}
    out = subprocess.run(['systemd-analyze', 'syscall-filter', name], check=True, capture_output=True, text=True).stdout
    lines = [line.strip() for line in out.splitlines()[1:]]
    return set().union(*(calls_of(line) for line in lines if line and not line.startswith('#')))


def settings(unit):
    with open(unit, encoding='utf-8') as f:
        return [line.strip().split('=', 1) for line in f if '=' in line and not line.startswith('#')]


def load(unit):
    """The filter of UNIT, for this process and whatever it becomes."""
    allowed, refusal = calls_of('@default'), KILL_PROCESS
    for key, value in settings(unit):
        if key == 'SystemCallErrorNumber':
            refusal = ERRNO | getattr(errno, value)
        elif key == 'SystemCallFilter':
            names = set().union(*(calls_of(name) for name in value.lstrip('~').split()))
            allowed = allowed - names if value.startswith('~') else allowed | names
    lib = ctypes.CDLL('libseccomp.so.2')
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    context = lib.seccomp_init(ctypes.c_uint32(refusal))
    for name in allowed:
        number = lib.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            lib.seccomp_rule_add(context, ALLOW, number, 0)
    if lib.seccomp_load(context) != 0:
        sys.exit('no filter of system calls')


def main():
    unit, program = sys.argv[1:3]
    try:
        load(unit)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
    if program != 'check':
        os.execv(program, sys.argv[2:])


main()
