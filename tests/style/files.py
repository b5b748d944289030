#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What every file must have: a licence line, an opening comment, no leftovers; po/POTFILES.in complete and sorted."""
import os
import re

import tree

SPDX = 'SPDX-License-Identifier: GPL-2.0-or-later'
SOURCES = ('.c', '.h', '.def', '.py', '.sh', 'meson.build', 'meson.options', 'meson_options.txt')
# (put together so that this file does not complain about itself)
LEFTOVERS = re.compile(r'\b(TO' r'DO|FIX' r'ME|X' r'XX)\b')
TRANSLATED = re.compile(r'(?<![A-Za-z0-9_])(N_|Q_|_|C_|NC_)\s?\(\s*"')


def licence(path, text):
    head = text[:300]
    if SPDX not in head:
        yield f'{path}: no licence line'
    if path.endswith(('.c', '.h')):
        rest = head.split('*/', 1)
        if len(rest) == 2 and not rest[1].lstrip().startswith('/*') and path.startswith(('src/', 'properties/', 'auth-dialog/')):
            yield f'{path}: does not open with a comment that says what it owns'


def leftovers(path, text):
    for number, line in enumerate(text.split('\n'), 1):
        if LEFTOVERS.search(line):
            yield f'{path}:{number}: {LEFTOVERS.search(line)[0]}'
        if line != line.rstrip():
            yield f'{path}:{number}: space at the end of the line'
        if '\t' in line and path.endswith(('.c', '.h')):
            yield f'{path}:{number}: tab'


def shell(path, text):
    """With set -e a line that begins with ! ends nothing: what it says would be checked by nobody."""
    for number, line in enumerate(text.split('\n'), 1):
        alone = re.match(r'\s*! (?!-)', line) and '||' not in line
        last = re.search(r'(\|\||&&) ! (?!.*(\|\||&&))', line) and not line.rstrip().endswith('}')
        if alone or last:
            yield f'{path}:{number}: “!” alone, or as the last of a list, checks nothing; “|| return 1”, or “not” (tests/lab/guest/case.sh)'


def potfiles():
    want = sorted(p for p in tree.files('src', 'properties', 'auth-dialog', suffixes=('.c', '.h', '.def', '.ui'))
                  if TRANSLATED.search(tree.read(p))) + list(tree.files('data', suffixes='.policy.in'))
    have = [line for line in tree.read('po/POTFILES.in').split('\n') if line and not line.startswith('#')]
    for p in want:
        if p not in have:
            yield f'po/POTFILES.in: {p} is missing'
    for p in have:
        if p not in want:
            yield f'po/POTFILES.in: {p} has no translated strings'
    if have != sorted(have):
        yield 'po/POTFILES.in: not sorted'


def scripts():
    """Files without a suffix whose first line names an interpreter."""
    for path in tree.files():
        if '.' in os.path.basename(path):
            continue
        with open(os.path.join(tree.ROOT, path), 'rb') as f:
            if f.read(2) == b'#!':
                yield path


def main():
    complaints = []
    for path in list(tree.files('src', 'properties', 'auth-dialog', 'tests', 'data', 'po', suffixes=SOURCES)) + list(scripts()):
        text = tree.read(path)
        complaints += licence(path, text)
        complaints += leftovers(path, text)
        if path.endswith('.sh') or text.startswith('#!/bin/sh'):
            complaints += shell(path, text)
    complaints += potfiles()
    tree.finish(complaints)


main()
