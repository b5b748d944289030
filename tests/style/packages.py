#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What meson.build asks for is what README, debian/control, the spec and tests/packages.sh say that one has to install."""
import re

import tree

# what meson.build looks for: Debian's package, what the spec says
PACKAGES = {
    'gio-unix-2.0': ('libglib2.0-dev', None), # comes with glib-2.0
    'glib-2.0': ('libglib2.0-dev', 'pkgconfig(glib-2.0)'),
    'gtk+-3.0': ('libgtk-3-dev', 'pkgconfig(gtk+-3.0)'),
    'json-glib-1.0': ('libjson-glib-dev', 'pkgconfig(json-glib-1.0)'),
    'libadwaita-1': ('libadwaita-1-dev', 'pkgconfig(libadwaita-1)'),
    'libnl-3.0': ('libnl-3-dev', 'pkgconfig(libnl-3.0)'),
    'libnl-route-3.0': ('libnl-route-3-dev', 'pkgconfig(libnl-route-3.0)'),
    'libnm': ('libnm-dev', 'pkgconfig(libnm)'),
    'libseccomp': ('libseccomp-dev', 'pkgconfig(libseccomp)'),
    'libsecret-1': ('libsecret-1-dev', 'pkgconfig(libsecret-1)'),
    'libxml-2.0': ('libxml2-dev', 'pkgconfig(libxml-2.0)'),
    'nss': ('libnss3-dev', 'pkgconfig(nss)'),
    'p11-kit-1': ('libp11-kit-dev', 'pkgconfig(p11-kit-1)'),
    'security/pam_appl.h': ('libpam0g-dev', 'pam-devel'),
}
# what is no library, and the same everywhere
TOOLS = {'gettext': ('gettext', 'gettext'), 'meson': ('meson', 'meson')}
# on Debian only: the compiler is part of build-essential, and ninja of meson; of the spec: macros
ELSEWHERE = {'gcc', 'libc6-dev', 'ninja-build', 'pkgconf', 'debhelper-compat', 'dh-apparmor', 'systemd-rpm-macros'}


def wanted():
    """{what meson.build looks for: the version that it must have, or ''}"""
    text = tree.read('meson.build')
    found = dict.fromkeys(re.findall(r"has_header\('([^']+)'", text), '')
    for name, version in re.findall(r"dependency\('([^']+)'(?:, version: '>= ([^']+)')?", text):
        found[name] = version
    found['gettext'] = ''
    found['meson'] = re.search(r"meson_version: '>= ([^']+)'", text)[1]
    return found


def debian_control():
    field = re.search(r'^Build-Depends:(.*(?:\n .*)*)', tree.read('debian/control'), re.M)[1]
    return dict(re.match(r'\s*(\S+)(?: \(>?= (?:\d+:)?(.*)\))?', item).groups('') for item in field.split(','))


def spec():
    return dict(re.findall(r'^BuildRequires: +(\S+)(?: >= (\S+))?$', tree.read('data/NetworkManager-ipsec.spec'), re.M))


def readme():
    lines = re.findall(r'^    apt-get install ((?:.*\\\n)*.*)', tree.read('README.md'), re.M)
    return dict.fromkeys(re.sub(r'#.*|\\', '', ' '.join(lines)).split(), '')


def script():
    text = tree.read('tests/packages.sh')
    return dict.fromkeys(' '.join(re.search(f'^packages_{kind}="([^"]*)"', text, re.M)[1]
                                  for kind in ('build', 'desktop')).split(), '')


def compare(path, have, want, versions):
    for name, version in want.items():
        if name not in have:
            yield f'{path}: {name} is missing'
        elif versions and have[name] != version:
            yield f'{path}: {name} is {have[name] or "of any version"}, meson.build wants {version or "any"}'
    for name in sorted(have.keys() - want.keys() - ELSEWHERE):
        yield f'{path}: {name} is nothing that meson.build looks for'


def main():
    complaints = []
    want = wanted()
    table = PACKAGES | TOOLS
    complaints += [f'meson.build: {name} is not in the table of this test' for name in sorted(want.keys() - table.keys())]
    complaints += [f'meson.build: does not look for {name}' for name in sorted(table.keys() - want.keys())]
    known = {name: version for name, version in want.items() if name in table}
    debian = {table[name][0]: version for name, version in known.items()}
    rpm = {table[name][1]: version for name, version in known.items() if table[name][1]}
    complaints += compare('debian/control', debian_control(), debian, True)
    complaints += compare('data/NetworkManager-ipsec.spec', spec(), rpm, True)
    complaints += compare('README.md', readme(), debian, False)
    complaints += compare('tests/packages.sh', script(), debian, False)
    tree.finish(complaints)


main()
