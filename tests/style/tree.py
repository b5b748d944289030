# SPDX-License-Identifier: GPL-2.0-or-later
"""What the style tests share: the project's files, and how they report."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIP_DIRS = {'.git', 'state', 'corpus', '__pycache__'}


def files(*tops, suffixes=None):
    """Paths relative to the project's root, sorted; build directories and the lab's state are not the project's."""
    for top in tops or ('.',):
        for base, dirs, names in os.walk(os.path.join(ROOT, top)):
            dirs[:] = sorted(d for d in dirs if d not in SKIP_DIRS
                             and not os.path.exists(os.path.join(base, d, 'build.ninja')))
            for name in sorted(names):
                if suffixes is None or name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(base, name), ROOT)


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        return f.read()


def run(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True).stdout


def finish(complaints):
    for c in complaints:
        print(c)
    print(f'{len(complaints)} complaints' if complaints else 'ok')
    sys.exit(1 if complaints else 0)
