#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-exports.py SYMBOL LIBRARY [SYMBOL LIBRARY...]: a module that others load shows them one symbol and no other; the
plugin itself needs no toolkit."""
import subprocess
import sys

for symbol, library in zip(sys.argv[1::2], sys.argv[2::2]):
    out = subprocess.run(['nm', '-D', '--defined-only', library], capture_output=True, text=True, check=True).stdout
    # the sanitizers add their own
    have = [n for n in (line.split()[-1].split('@')[0] for line in out.splitlines()) if not n.startswith('_')]
    assert have == [symbol], f'{library}: {have}'
    if symbol == 'nm_vpn_editor_plugin_factory':
        needs = subprocess.run(['ldd', library], capture_output=True, text=True, check=True).stdout
        assert 'libgtk' not in needs and 'libX11' not in needs, needs
print('ok')
