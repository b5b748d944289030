#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-selftest.py SERVICE BROKEN-NSS: a library that computes wrongly carries no tunnel.

The real service with an NSS whose digests are wrong ends before there is a helper, and says which test failed; with the same
library, that leaves them as they are, the helper is started.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def run(directory, broken):
    """What the service says, and whether it has started its helper."""
    mark = pathlib.Path(directory) / f'helper-{broken}'
    helper = pathlib.Path(directory) / f'start-{broken}'
    helper.write_text(f'#!/bin/sh\n: >{mark}\n')
    helper.chmod(0o755)
    env = dict(os.environ, LD_PRELOAD=sys.argv[2], NM_IPSEC_HELPER=str(helper),
               DBUS_SYSTEM_BUS_ADDRESS='unix:path=/nonexistent/bus', LC_ALL='C')
    # the sanitizer wants to be first
    env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0:detect_leaks=0'
    if broken:
        env['BROKEN_NSS'] = '1'
    done = subprocess.run([sys.argv[1], '--debug'], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60, check=False)
    assert done.returncode != 0, done.stdout  # there is no bus, at the latest
    if not broken:
        until = time.monotonic() + 30
        while not mark.exists() and time.monotonic() < until:
            time.sleep(0.05)
    return done.stdout, mark.exists()


def main():
    if os.geteuid() != 0:
        print('needs root')
        return 77
    with tempfile.TemporaryDirectory() as directory:
        said, started = run(directory, broken=False)
        assert started, said
        assert 'does not compute' not in said, said
        said, started = run(directory, broken=True)
        assert not started, said
        assert 'does not compute' in said, said
    return 0


if __name__ == '__main__':
    sys.exit(main())
