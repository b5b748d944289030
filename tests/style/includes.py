#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may include whom: the walls of the house, as HACKING.md draws them.

A folder's row lists what its files may include besides their own folder: other folders of src/, single headers, and
for the folders that must stay pure the only system headers that they may use.  A folder without a row is an error, so
that a new room gets its walls on the day it is built.
"""
import os
import re

import tree

C_ONLY = {'stdarg.h', 'stdbool.h', 'stddef.h', 'stdint.h', 'limits.h', 'string.h', 'inttypes.h', 'errno.h', 'glib.h',
          'arpa/inet.h'}  # inet_ntop() and inet_pton() compute, they do not ask
IO = ['engine/ike-engine-io.h']
ENGINE_BELOW = {
    'base': [],
    'wire': ['engine/base'] + IO,
    'crypto': ['engine/base', 'engine/wire'] + IO,
    'eap': ['engine/base', 'engine/wire', 'engine/crypto'] + IO,
    'sa': ['engine/base', 'engine/wire', 'engine/crypto', 'engine/eap'] + IO,
    'exchange': ['engine/base', 'engine/wire', 'engine/crypto', 'engine/sa', 'engine/eap'] + IO,
}
NSS = ('nss', 'nspr', 'pk11', 'cert', 'key', 'secerr', 'sechash', 'secitem', 'secmod', 'secoid', 'secasn1', 'secder',
       'secport', 'ocsp', 'p12', 'blapi', 'hasht', 'prerror', 'prinit', 'prio', 'plarena', 'genname')
NETLINK = ('netlink/',)
NM = ('NetworkManager.h', 'libnm/')

# folder: (may include, only these system headers or None, system headers that it must not include)
RULES = {f'engine/{k}': (v, C_ONLY, ()) for k, v in ENGINE_BELOW.items()}
RULES['engine'] = (['engine/' + k for k in ENGINE_BELOW], C_ONLY, ())
RULES['recorder'] = (['engine/ike-engine.h', 'engine/crypto', 'engine/base', 'engine/wire'] + IO, C_ONLY, ())
RULES['profile'] = (['engine/wire/registry.h', 'engine/ike-engine-io.h', 'engine/base'], None, NSS + NETLINK)
RULES['nss'] = (['engine/crypto', 'engine/base', 'engine/wire'] + IO, None, NETLINK + NM)
RULES['service'] = (['engine/ike-engine.h', 'engine/crypto', 'engine/base', 'engine/wire', 'profile', 'nss',
                     'helper/channel-msg.h', 'helper/channel-types.h', 'helper/watch.h', 'recorder/recorder.h'] + IO, None, NSS + NETLINK)
RULES['service/nm'] = (RULES['service'][0] + ['service', 'service/io', 'profile/formats/compat.h'], None, NSS + NETLINK)
RULES['service/io'] = (RULES['service'][0] + ['service'], None, NSS + NETLINK + NM)
RULES['service'][0].extend(['service/nm', 'service/io'])
RULES['helper'] = (['nss', 'helper/kernel'], None, NM)
RULES['cli'] = (['profile', 'profile/formats/compat.h', 'helper/said.h'], None, NSS + NETLINK)
RULES['helper/kernel'] = (['helper'], None, NM + NSS)
RULES['profile/formats'] = (['profile'], None, NSS + NETLINK)
# beside src/: what desktops load, and the dialog; they see the profile and nothing else
OUTSIDE = ('properties', 'auth-dialog')
GTK = ('gtk/', 'adwaita', 'gdk/')
RULES['properties'] = (['profile/formats/formats.h', 'profile/formats/compat.h', 'profile/formats/compat-conf.h', 'profile/setting.h',
                        'nss/nss-des3.h', 'properties/form/form.h'], None, NSS + NETLINK + GTK)
RULES['properties/form'] = (['profile'], None, NSS + NETLINK + GTK)
RULES['properties/editor'] = (['properties/form/form.h', 'properties/form/fields.h', 'helper/said.h'], None, NSS + NETLINK)
RULES['auth-dialog'] = (['profile', 'profile/formats/compat.h'], None, NSS + NETLINK)


def headers():
    return {relative(p) for p in tree.files('src', *OUTSIDE, suffixes=('.h', '.def'))}


def relative(path):
    """As the rows above name it."""
    return os.path.relpath(path, 'src') if path.startswith('src/') else path


def resolve(name, folder, known):
    """The project's header that #include "name" means, as the rows name it; None when it is not the project's."""
    for base in (folder, '.', 'engine', 'service', 'helper', 'profile', 'nss') + OUTSIDE:
        path = os.path.normpath(os.path.join(base, name))
        if path in known:
            return path
    return None


def allowed(target, folder, may):
    """A row that ends in .h means that header; any other one the files of that folder, without its subfolders."""
    return os.path.dirname(target) == folder or any(target == m or os.path.dirname(target) == m for m in may)


def check(path, known):
    folder = os.path.dirname(relative(path))
    if folder not in RULES:
        yield f'{path}: no row for {folder} in tests/style/includes.py'
        return
    may, only, never = RULES[folder]
    for number, line in enumerate(tree.read(path).split('\n'), 1):
        m = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not m:
            continue
        name = m[2]
        target = resolve(name, folder, known) if m[1] == '"' else None
        if target:
            if not allowed(target, folder, may):
                yield f'{path}:{number}: {folder} must not include {target}'
        elif m[1] == '"' and name not in ('config.h', 'nm-interfaces.h'):  # meson makes them
            yield f'{path}:{number}: "{name}" is not a header of the project'
        elif only is not None and name not in only:
            yield f'{path}:{number}: {folder} must not include {name}'
        elif m[1] == '<' and any(name.startswith(n) for n in never):
            yield f'{path}:{number}: {folder} must not include {name}'


def own_header_first(path):
    """The header of a .c file is its first include: it proves that the header stands alone."""
    own = path[:-2] + '.h'
    if not os.path.exists(os.path.join(tree.ROOT, own)):
        return
    m = re.search(r'^\s*#\s*include\s+["<](?!config\.h")([^">]+)', tree.read(path), re.M)
    name = os.path.basename(own)
    if m and os.path.basename(m[1]) not in (name, name.replace('.h', '-private.h')):
        yield f'{path}: its own header is not the first include'


def main():
    known = headers()
    complaints = []
    for path in tree.files('src', *OUTSIDE, suffixes=('.c', '.h')):
        complaints += check(path, known)
        if path.endswith('.c'):
            complaints += own_header_first(path)
    tree.finish(complaints)


main()
