#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libraries.py PROGRAM...: what the two processes of a connection bring into memory, and no more.

Each library costs everybody who waits for a connection (GnuTLS comes with libnm and is a fifth of a start), and is code
that an attacker may find in a process.  What is not listed is refused, so that a new one is a decision.
"""
import os
import re
import sys

import tree

GLIB = {'libc.so.6', 'libglib-2.0.so.0'}
ALLOWED = {
    'nm-ipsec-service': GLIB | {'libgobject-2.0.so.0', 'libgio-2.0.so.0', 'libnss3.so', 'libnspr4.so', 'libseccomp.so.2'},
    'nm-ipsec-helper': GLIB | {'libnl-3.so.200'},
}
SANITIZERS = re.compile(r'lib(asan|ubsan|m|gcc_s|dl|pthread)\.so')


def main():
    complaints = []
    for path in sys.argv[1:]:
        name = os.path.basename(path)
        needed = re.findall(r'\(NEEDED\).*\[(.*)\]', tree.run('readelf', '-d', path))
        if not needed:
            complaints.append(f'{path}: nothing to look at')
        complaints += [f'{name} is linked with {library}' for library in needed
                       if library not in ALLOWED[name] and not SANITIZERS.match(library)]
    tree.finish(complaints)


main()
