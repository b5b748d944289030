#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The AppArmor profile names each fixed path of service, helper and NSS's side where the kernel or the machine keeps its
state. What is only read somewhere else falls under the helper's rule for all files."""
import re

import tree

PROFILE = 'data/nm-ipsec.apparmor.in'
STATE = re.compile(r'"(/(?:proc/sys|run|var/lib)/[^"]+)"')
RULE = re.compile(r'^  (?:owner )?((?:/|@\{PROC\}/)\S+) [rwkmixPx]+', re.M)


def pattern(rule):
    """A glob of AppArmor as a regular expression."""
    out = re.escape(rule.replace('@{PROC}', '/proc'))
    return re.compile(out.replace(r'\*\*', '.*').replace(r'\*', '[^/]*'))


def main():
    rules = [pattern(rule) for rule in RULE.findall(tree.read(PROFILE)) if rule != '/**']
    complaints = []
    for path in tree.files('src/helper', 'src/service', 'src/nss', suffixes=('.c', '.h')):
        for name in STATE.findall(tree.read(path)):
            if not any(rule.fullmatch(re.sub('%[a-z]+', 'x', name)) for rule in rules):
                complaints.append(f'{PROFILE}: no rule for {name} of {path}')
    if not rules:
        complaints.append(f'{PROFILE}: no rules that this test can read')
    tree.finish(complaints)


main()
