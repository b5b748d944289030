#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-man.py PAGE KEYS: every key of the table is in the man page once; it renders without a warning; lexgrog reads it."""

import re
import shutil
import subprocess
import sys


def main():
    page, list_keys = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        source = file.read()
    failures = []

    for line in subprocess.run([list_keys], check=True, capture_output=True, text=True).stdout.splitlines():
        kind, name = line.split()
        section = source.split(".SH SECRETS" if kind == "secret" else ".SH KEYS", 1)[1].split("\n.SH ", 1)[0]
        entry = ".TP\n.B " + name.replace("-", r"\-") + "\n"
        if section.count(entry) != 1:
            failures.append(f"{kind} {name} is there {section.count(entry)} times")

    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "KEYS", "SECRETS", "PROPOSALS", "FILES"):
        if f".SH {section}\n" not in source:
            failures.append(f"no section {section}")
    if re.search(r"[^\x00-\x7f]", source):
        failures.append("not plain ASCII")

    if shutil.which("man"):
        man = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                             env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}, check=False)
        if man.returncode or man.stderr.strip():
            failures.append("man: " + man.stderr.strip())
        if "vpn.data 'gateway=" not in man.stdout:
            failures.append("the examples do not come out as they must be typed")
    if shutil.which("lexgrog"):
        if subprocess.run(["lexgrog", page], capture_output=True, check=False).returncode:
            failures.append("lexgrog finds no NAME")

    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


main()
