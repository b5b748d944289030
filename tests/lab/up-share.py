#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""up-share.py DIR: cuts the bus's time stamps into the phases of each activation; see ../up-share."""
import re
import statistics
import sys

PLUGIN = 'org.freedesktop.NetworkManager.VPN.Plugin'
CONFIG = ('Config', 'Ip4Config', 'Ip6Config')


def messages(path):
    """dbus-monitor --profile: type, time, serial, sender, destination, then path, interface, member or reply serial."""
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f:
            c = line.rstrip('\n').split('\t')
            if len(c) >= 6 and re.match(r'\d+\.\d+$', c[1]):
                yield c[0], float(c[1]), c[2], c[3], c[4], c[5:]


def spawn_times(path):
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f:
            m = re.match(r'<\w+>\s+\[(\d+\.\d+)\].*vpn.*(: starting |Started the VPN service)', line)
            if m:
                yield float(m[1])


def phases(window, spawns, start, end):
    """Milliseconds of: start of the process to its name, NeedSecrets, Connect to the last configuration signal."""
    names, calls, replies, last, plugin = {}, [], {}, None, None
    for kind, time, serial, sender, destination, rest in window:
        if kind == 'mc' and len(rest) >= 3:
            if rest[2] == 'RequestName':
                names.setdefault(sender, time)
            if rest[1] == PLUGIN:
                calls.append((rest[2], sender, serial, time))
        elif kind in ('mr', 'err') and rest:
            replies.setdefault((destination, rest[0]), (time, kind))
        elif kind == 'sig' and len(rest) >= 3 and rest[1] == PLUGIN and rest[2] in CONFIG:
            plugin, last = plugin or sender, max(last or 0, time)
    spawn = next((t for t in spawns if start - .01 <= t <= end), None)
    connects = [c for c in calls if c[0] in ('Connect', 'ConnectInteractive')]
    if None in (spawn, plugin, last) or plugin not in names or not connects:
        return None
    begin = names[plugin] - spawn
    secrets = sum(replies[c[1], c[2]][0] - c[3] for c in calls if c[0] == 'NeedSecrets' and (c[1], c[2]) in replies)
    connect = last - connects[0][3]
    return [1e3 * x for x in (begin, secrets, connect, begin + secrets + connect)]


def row(name, values):
    return f'  {name:<44} {statistics.median(values):9.1f}   ({min(values):.1f} .. {max(values):.1f})'


def main():
    out = sys.argv[1]
    bus = list(messages(f'{out}/bus'))
    spawns = list(spawn_times(f'{out}/nm.log'))
    shares, costs, walls, missed = {}, {}, {}, 0
    with open(f'{out}/runs', encoding='utf-8') as f:
        for line in f:
            subject, start, end, *numbers = line.split()
            start, end = float(start), float(end)
            p = phases([m for m in bus if start <= m[1] <= end + .3], spawns, start, end)
            if not p:
                missed += 1
                continue
            shares.setdefault(subject, []).append(p)
            costs.setdefault(subject, []).append([float(x) for x in numbers])
            walls.setdefault(subject, []).append(1e3 * (end - start))
    print('"nmcli connection up", cold, IKEv2; milliseconds and KiB, median (least .. most)')
    for subject, rows in shares.items():
        print(f'{subject}, {len(rows)} runs')
        for i, name in enumerate(('process start to its name on the bus', 'answers to NeedSecrets',
                                  'Connect to the last configuration signal', 'the plugin\'s own share, in all')):
            print(row(name, [r[i] for r in rows]))
        print(row('(nmcli, wall time)', walls[subject]))
        print(row('CPU time of the plugin until now, ms', [c[0] / 1e3 for c in costs[subject]]))
        for i, name in enumerate(('RSS when connected', 'PSS when connected', 'USS when connected', 'threads'), 1):
            print(row(name, [c[i] for c in costs[subject]]))
    if missed or not shares:
        print(f'{missed} runs could not be measured')
        sys.exit(1)
    own = {s: [r[3] for r in rows] for s, rows in shares.items()}
    nothing = own.pop('noop-none')
    for s, values in own.items():
        error = (statistics.variance(values) / len(values) + statistics.variance(nothing) / len(nothing)) ** .5
        print(f'{s} beside the do-nothing plugin, ms: {statistics.median(values) - statistics.median(nothing):+.0f} '
              f'(medians), {statistics.mean(values) - statistics.mean(nothing):+.0f} (means, standard error {error:.0f})')


main()
