#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of at most 80 lines, files of at most 700, headers of at most 120.

Const tables and class_init functions are exempt, and so are the headers named here, which are mostly one table or one
list of plain data.
"""
import json
import os
import subprocess

import tree

FUNCTION, FILE, HEADER = 80, 700, 120
PLAIN_DATA = {'src/engine/ike-engine-io.h', 'src/engine/crypto/crypto.h', 'src/engine/wire/registry.h'}


def functions(paths):
    cmd = ['ctags', '--output-format=json', '--fields=+ne', '--kinds-C=f', '--languages=C', '-f', '-'] + paths
    out = subprocess.run(cmd, check=True, capture_output=True, text=True, cwd=tree.ROOT).stdout
    for line in out.split('\n'):
        if line:
            tag = json.loads(line)
            if 'end' in tag:
                yield tag


def table_lines(text):
    """Lines inside initialisers of const tables at the top level: data is not length."""
    inside = count = 0
    for line in text.split('\n'):
        if not inside and line[:1] not in (' ', '\t', '}') and 'const' in line and line.rstrip().endswith('= {'):
            inside = 1
        elif inside:
            count += 1
            if line.startswith('}'):
                inside = 0
    return count


def main():
    complaints = []
    sources = list(tree.files('src', 'properties', 'auth-dialog', 'tests', suffixes=('.c', '.h')))
    if not any(p.endswith('.c') for p in sources):
        complaints.append('no sources')
    for path in sources:
        text = tree.read(path)
        lines = text.count('\n') - table_lines(text)
        if path.endswith('.h'):
            if lines > HEADER and path not in PLAIN_DATA and not path.startswith('tests/'):
                complaints.append(f'{path}: {lines} lines, a header has at most {HEADER}')
        elif lines > FILE:
            complaints.append(f'{path}: {lines} lines, a file has at most {FILE}')
    for tag in functions([p for p in sources if p.endswith('.c')]):
        n = tag['end'] - tag['line'] + 1
        if n > FUNCTION and not tag['name'].endswith('class_init'):
            complaints.append(f"{tag['path']}:{tag['line']}: {tag['name']} has {n} lines, a function has at most {FUNCTION}")
    missing = PLAIN_DATA - set(sources)
    complaints += [f'tests/style/sizes.py: {p} is exempt but does not exist' for p in sorted(missing)
                   if os.path.exists(os.path.join(tree.ROOT, os.path.dirname(p)))]
    tree.finish(complaints)


main()
