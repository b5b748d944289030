#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each translation compiles, and its texts have the places of the original: %s in its order, {gateway}, one accelerator.
What is not translated yet is counted and no mistake: whoever adds a string need not speak five languages."""
import os
import re
import subprocess
import tempfile

import tree

PLACES = re.compile(r'%%|%(?:\.\*)?[a-z]+|\{\w+\}')
KEYWORDS = ['--keyword=_', '--keyword=N_', '--keyword=C_:1c,2', '--keyword=NC_:1c,2']
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def entries(text):
    """(original, translation) of each message, without the header."""
    for match in re.finditer(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|$))+)', text, re.M):
        pair = tuple(''.join(STRING.findall(part)) for part in match.groups())
        if pair[0]:
            yield pair


def complaints_of(path, text):
    for original, translation in entries(text):
        if not translation:
            continue
        want, have = PLACES.findall(original), PLACES.findall(translation)
        if '{' in original:
            want, have = sorted(want), sorted(have)
        if want != have:
            yield f'{path}: {want} became {have}: {translation}'
        if re.search(r'_\w', original) and original.count('_') == 1 and translation.count('_') != 1:
            yield f'{path}: no accelerator, or more than one: {translation}'


def strings():
    """What the sources have to translate, now."""
    with tempfile.NamedTemporaryFile(suffix='.pot') as pot:
        subprocess.run(['xgettext', *KEYWORDS, '--from-code=UTF-8', '-o', pot.name, '-f', 'po/POTFILES.in'],
                       cwd=tree.ROOT, check=True, capture_output=True,
                       env=os.environ | {'GETTEXTDATADIRS': os.path.join(tree.ROOT, 'data')})
        return {original for original, _ in entries(pot.read().decode())}


def main():
    complaints = []
    want = strings()
    languages = tree.read('po/LINGUAS').split()
    if not languages or sorted(languages) != languages:
        complaints.append('po/LINGUAS: empty, or not sorted')
    for language in languages:
        path = f'po/{language}.po'
        check = subprocess.run(['msgfmt', '--check', '--check-accelerators=_', '-o', os.devnull, path], cwd=tree.ROOT,
                               capture_output=True, text=True, check=False)
        if check.returncode != 0:
            complaints.append(check.stderr)
        text = tree.read(path)
        complaints += complaints_of(path, text)
        done = {original for original, translation in entries(text) if translation}
        print(f'{path}: {len(want & done)} translated, {len(want - done)} untranslated, {text.count("#, fuzzy")} fuzzy')
    tree.finish(complaints)


main()
