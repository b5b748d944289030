#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-page.py HOST PLUGIN [SHOTS-DIR]: the editor in a bare window: every kind of connection and every way to sign in
that this version offers, from nothing; every field edited; what is saved is loaded again; the keyboard; the size.

With a directory, screenshots of all of it are written there, in several looks."""
import collections
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

from form import ENTRIES, RAW_KEY, TABLE, TEXTS
from screen import Screen, until
from world import World, need, wait_for

HOST, PLUGIN = sys.argv[1:3]
TOKEN_PUT = os.environ.get('IPSEC_TOKEN_PUT')  # see make_token()
SHOTS = sys.argv[3] if len(sys.argv) > 3 else None
HEIGHT_MAX = 460
ROLES = ['client', 'peer', 'server', 'mesh']
SIGN_INS = ['user', 'certificate', 'token', 'shared-key', 'raw-key', 'nothing']
TOKEN_TEXTS = {  # when one signs in with a token
    'certificate': 'pkcs11:token=Card;object=alice', 'private-key': 'pkcs11:token=Card;object=alice;type=private',
}
TALL = 3200  # pixels: everything is on the screen
SECTIONS = 5  # that are folded
# what is not offered because it is not possible, here or yet, but shown when a profile has it
ONLY_SHOWN = {'gateway': 'vpn.example.com', 'auth': 'psk', 'ike-version': '1', 'xauth': 'yes',
              'sec-label': 'system_u:object_r:ipsec_spd_t:s0'}
REVEALING = {'eap': '3', 'algorithms': '5', 'ppk': '1', 'start': '1', 'kill-switch': 'yes', 'tcp': '1'}
UNSUITED = {'remote-auth', 'mode', 'start', 'remote-ts', 'interface', 'ike-version'}  # not for every connection: then they are put back
LAST = {'role', 'sign-in', 'ike-version', 'interface', 'rekey', 'mode'}  # change what else there is, or can be
NEEDED = {'gateway', 'certificate', 'local-rsa-key', 'remote-rsa-key', 'pool', 'users', 'private'}
LOOKS = {  # name: (environment, width, height)
    'light': ({}, 500, 600),
    'dark': ({'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark', 'GTK_THEME3': 'Adwaita:dark'}, 500, 600),
    'contrast': ({'ADW_DEBUG_HIGH_CONTRAST': '1', 'GTK_THEME3': 'HighContrast'}, 500, 600),
    'rtl': ({'HOST_RTL': '1'}, 500, 600),
}
SEEN_AS = {'entry': ENTRIES, 'choice': {'combo box'}, 'switch': {'check box', 'switch'}}
NOISE = re.compile(r'CRITICAL|WARNING|ERROR|assertion', re.I)


class Host:
    """The test host with one profile (a keyfile, or nothing)."""
    def __init__(self, world, profile='', env=None, width=500, height=600):
        self.log = world.path('host.log')
        environment = {**world.env, 'G_ENABLE_DIAGNOSTIC': '0', **(env or {})}
        if 'host3' in HOST and 'GTK_THEME3' in environment:
            environment['GTK_THEME'] = environment['GTK_THEME3']
        with open(self.log, 'ab') as log:
            self.p = subprocess.Popen([HOST, world.name_file, ','.join(TABLE), profile, str(width), str(height)],
                                      env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        self.lines('READY')

    def lines(self, last):
        out = []
        for line in self.p.stdout:
            line = line.rstrip('\n')
            if line == last:
                return out
            out.append(line)
        raise RuntimeError('the host died: ' + open(self.log, encoding='utf-8').read()[-2000:])

    def do(self, command):
        self.p.stdin.write(command + '\n')
        self.p.stdin.flush()
        return self.lines('OK')

    def fields(self):
        """{name: (kind, value)} of what is shown, in the order of the page."""
        return {(w := line.split(' ', 3))[1]: (w[2], w[3]) for line in self.do('fields') if line.startswith('FIELD')}

    def count(self):
        return int(self.do('count')[0].split()[1])

    def set(self, name, text):
        out = self.do(f'set {name} {text}')
        assert out == [f'SET {name}'], out

    def save(self):
        """(data, secrets), or the error as a string."""
        data, secrets = {}, {}
        for line in self.do('save'):
            if line.startswith('ERROR'):
                return line[6:]
            if line != 'SAVED':
                kind, pair = line.split(' ', 1)
                (data if kind == 'DATA' else secrets).update([pair.split('=', 1)])
        return data, secrets

    def size(self):
        return [int(n) for n in self.do('size')[0].split()[1:]]

    def quit(self, last=''):
        self.p.stdin.write(f'quit {last}\n')
        self.p.stdin.close()
        self.p.stdout.read()
        code = self.p.wait(60)
        assert code == 0, f'the host ended with {code}'


def keyfile(world, data, secrets):
    """A profile as NetworkManager would keep it."""
    fd, path = tempfile.mkstemp(dir=world.dir)
    esc = lambda t: t.replace('\\', '\\\\')
    with os.fdopen(fd, 'w', encoding='utf-8') as f:
        f.write('[connection]\nid=test\nuuid=00000000-0000-4000-8000-000000000002\ntype=vpn\n[vpn]\n'
                'service-type=org.freedesktop.NetworkManager.ipsec\n')
        f.writelines(f'{k}={esc(v)}\n' for k, v in data.items())
        f.write('[vpn-secrets]\n')
        f.writelines(f'{k}={esc(v)}\n' for k, v in secrets.items())
    return path


def choose(host, name, index):
    """TRUE: the choice is there, and now made."""
    fields = host.fields()
    if name not in fields:
        return index == 0
    n = int(fields[name][1].split('/')[1])
    if index >= n:
        return False
    if int(fields[name][1].split('/')[0]) != index:
        edit(host, name, str(index))
    return True


def text_for(name, fields):
    return TOKEN_TEXTS[name] if 'pin' in fields and name in TOKEN_TEXTS else TEXTS[name]


def fill_needed(host):
    fields = host.fields()
    for name, (kind, value) in fields.items():
        if name == 'users' and 'certificate' not in fields:
            continue  # passwords are for a server that has one
        if name in NEEDED and kind == 'entry' and not value:
            host.set(name, text_for(name, fields))


def edit(host, name, value):
    """The editor says exactly once that something has changed."""
    before = host.count()
    host.set(name, value)
    assert host.count() == before + 1, f'{name}: changed {host.count() - before} times'


def edit_everything(host, edited):
    """Each field that is shown and not among @edited is changed once, and the page can still be saved, or says what is
    wrong."""
    while True:
        fields = host.fields()
        todo = [f for f in fields if f not in edited and f not in LAST] or [f for f in fields if f not in edited]
        if not todo:
            return
        name = todo[0]
        kind, value = fields[name]
        edited.add(name)
        if kind == 'choice':
            chosen, n = (int(x) for x in value.split('/'))
            value = str(chosen)
            new = str(n - 1 if name == 'algorithms' else (chosen + 1) % n)
        elif kind == 'switch':
            new = 'no' if value == 'yes' else 'yes'
        else:
            assert name in TEXTS, f'test-page.py does not know what to type into {name}'
            new = text_for(name, fields)
        if kind == 'entry' and value:  # the toolkits' way to set a text is to remove the old one first
            edit(host, name, '')
            if name not in host.fields():  # it was only shown because it was there
                continue
        edit(host, name, new)
        if name in UNSUITED and isinstance(host.save(), str) and name in host.fields():
            edit(host, name, value)


def edit_choices(host, edited):
    """Everything that can be chosen is, and what is shown then is edited, too."""
    for name, (kind, _) in host.fields().items():
        if kind != 'choice' or name in ('role', 'sign-in') or name not in host.fields():
            continue
        first, n = (int(x) for x in host.fields()[name][1].split('/'))
        for option in [i for i in range(n) if i != first] + [first]:
            if name not in host.fields():
                break  # it was only shown because of what was chosen
            edit(host, name, str(option))
            result = host.save()
            assert result and (isinstance(result, tuple) or result.endswith('.')), f'{name} {option}: {result!r}'
            edit_everything(host, edited)


def check_reload(world, saved):
    """What was saved is on the page again, and saving it once more changes nothing."""
    again = Host(world, keyfile(world, *saved))
    assert again.count() == 0, 'opening is not a change'
    result = again.save()
    assert result == saved, f'{saved} became {result}'
    again.quit()


def offered(world):
    """The kinds of connection and, for each, how many ways to sign in there are."""
    host = Host(world)
    out = {}
    for role in range(len(ROLES)):
        if choose(host, 'role', role):
            out[role] = int(host.fields()['sign-in'][1].split('/')[1])
    host.quit()
    return out


def test_kinds(world):
    """Every kind of connection and way to sign in, from nothing; no field of the table is left out."""
    all_edited = set()
    for role, ways in offered(world).items():
        for sign_in in range(ways):
            host = Host(world)
            host.do('unfold')
            assert host.count() == 0 and isinstance(host.save(), str), 'an empty form must not be saved'
            assert choose(host, 'role', role) and choose(host, 'sign-in', sign_in)
            fill_needed(host)
            saved = host.save()
            assert isinstance(saved, tuple), f'role {role}, sign in {sign_in}: {saved}'
            fields = len(host.fields())
            edited = {'role', 'sign-in'}  # just now
            edit_everything(host, edited)
            full = host.save()
            assert isinstance(full, tuple), full
            print(f'   {saved[0].get("role", "client")}, {saved[0].get("auth")}: {fields} fields, {len(edited)} edited; '
                  f'{len(full[0])} keys')
            if role == 0 and sign_in == 0:
                edit_choices(host, edited)
            all_edited |= edited
            host.quit()
            check_reload(world, full)
    host = Host(world, keyfile(world, ONLY_SHOWN, {}))
    host.do('unfold')
    edit_everything(host, all_edited)
    host.quit()
    missing = {name for name, field in TABLE.items()
               if field.section != 'SECTION_MESH' or ROLES.index('mesh') in offered(world)}
    assert missing <= all_edited, f'never edited: {missing - all_edited}'


def test_errors(world):
    """A wrong value is said, and can be mended; nothing is marked on an empty form."""
    host = Host(world)
    host.set('gateway', 'a b')
    assert host.save() == 'Gateway: “a b” is neither a host name nor an address.', host.save()
    host.set('gateway', 'vpn.example.com')
    assert isinstance(host.save(), tuple)
    host.quit()


def test_unknown(world):
    """A key that nobody knows is named on the page, and saved with the rest."""
    data = {'gateway': 'vpn.example.com', 'auth': 'eap', 'dpd-dely': '1m'}
    host = Host(world, keyfile(world, data, {}))
    Screen(world).app('host').find('label', 'There is no key “dpd-dely”; did you mean dpd-delay.*')
    host.set('user', 'alice')
    assert host.save()[0] == data | {'user': 'alice'}, host.save()
    host.quit()


def test_files(world):
    """A file is chosen; one that cannot stand in a connection is refused with a word; and none after the window is gone."""
    good, bad = world.path('ca.pem'), os.fsencode(world.path('c')) + b'\xff.pem'
    for path in good, bad:
        with open(path, 'w', encoding='utf-8'):
            pass
    host = Host(world, keyfile(world, {'gateway': 'vpn.example.com', 'auth': 'eap'}, {}))
    assert host.do('browse ca') == [] and host.do(f'choose {good}') == []
    assert host.fields()['ca'] == ('entry', good), host.fields()['ca']
    before = host.count()
    assert host.do('browse ca') == [] and host.do('choose ' + world.path('c') + '\\377.pem') == []
    assert host.fields()['ca'] == ('entry', good) and host.count() == before, host.fields()['ca']
    Screen(world).app('host').find('label', 'This file cannot be taken: .*UTF-8.*')
    assert host.save()[0]['ca'] == good
    host.do('browse ca')
    host.do('close')
    # with GTK 4 the page lives on with its editor
    assert host.do(f'choose {good}') == (['NONE'] if 'host3' in HOST else [])
    assert host.count() == before
    host.quit('window')


def test_word(world):
    """Only where a raw key is asked for does “new:” make one."""
    host = Host(world)
    host.set('gateway', 'vpn.example.com')
    host.set('user', 'new:')
    data, _ = host.save()
    assert data['user'] == 'new:', data
    host.quit()


def test_size(world):
    """Small enough for the dialog of GNOME Settings; what is more scrolls."""
    host = Host(world)
    assert host.size()[1] <= HEIGHT_MAX, host.size()
    host.do('unfold')
    assert host.size()[1] <= HEIGHT_MAX, host.size()
    host.quit()


def test_wheel(world):
    """Whoever rolls the page on changes nothing that comes below the mouse."""
    host = Host(world)
    host.do('unfold')
    host.do('settle')
    kind = Screen(world).app('host').find('combo box', 'Kind')
    begin = kind.extents[1]
    kind.mouse('5', 2)
    wait_for('the page to be rolled', lambda: kind.extents[1] < begin)
    assert host.count() == 0 and host.fields()['role'][1].startswith('0/'), host.fields()['role']
    host.quit()


def test_end(world):
    """The host's window may go before the editor: at once, and while answers are still to come."""
    for wait in (0, 1):
        host = Host(world, env={'MALLOC_PERTURB_': '165', 'G_SLICE': 'always-malloc'})
        if wait:
            host.do('unfold')
        host.quit('window')


def test_keyboard(world):
    """Of each kind, Tab comes to every field, in the order of the page, and round again. (The key itself once.)"""
    for role in offered(world):
        check_keyboard(world, role, (lambda host: host.do('tab')) if role else lambda host: tab(world))


def check_keyboard(world, role, tab):
    host = Host(world)
    host.do('unfold')
    assert choose(host, 'role', role)
    for name in REVEALING.keys() & host.fields().keys():
        host.set(name, REVEALING[name])
    host.do('settle')
    world.run('xdotool', 'search', '--sync', '--onlyvisible', '--name', '^host$', 'windowactivate', '--sync')
    want = list(host.fields())
    seen, first, rows = [], None, []
    wait_for('focus', lambda: host.do('focus')[0].split()[1] != '-' or tab(host))
    for _ in range(4 * len(want) + 20):
        _, row, kind, address = host.do('focus')[0].split()
        first = first or address
        if seen and address == first:
            break
        seen.append(address)
        if row != '-' and (not rows or rows[-1] != row):
            rows.append(row)
        tab(host)
        wait_for('the focus to move', lambda a=address: host.do('focus')[0].split()[3] != a)
    start = rows.index(want[0]) if want[0] in rows else 0
    rows = rows[start:] + rows[:start]
    rows = [r for i, r in enumerate(rows) if i == 0 or r != rows[i - 1]]
    assert [r for r in rows if r in want][:len(want)] == want, f'{ROLES[role]}: {rows} instead of {want}'
    host.quit()


def test_audit(world):
    """Everything that one can do something with has a name, for whoever cannot see it: for each kind and way to sign in,
    with all sections open and what is only shown with some choices."""
    screen = Screen(world)
    for role, ways in offered(world).items():
        host = Host(world, height=TALL)
        host.do('unfold')
        for sign_in in range(ways):
            assert choose(host, 'role', role) and choose(host, 'sign-in', sign_in)
            for name in REVEALING.keys() & host.fields().keys():
                host.set(name, REVEALING[name])
            page = screen.app('host')
            want = collections.Counter(kind for kind, _ in host.fields().values())

            def seen():
                roles = collections.Counter(n.role for n in page.walk_shown() if n.showing)
                return all(sum(roles[r] for r in SEEN_AS[kind]) >= want[kind] for kind in want)
            until('every field', seen)
            unnamed = page.unnamed()
            assert not unnamed, f'role {role}, sign in {sign_in}: {unnamed}'
        host.quit()


def make_token(world):
    """A software token with a key that has a certificate, and one that has none; how many keys, or 0: there is no SoftHSM."""
    if not shutil.which('softhsm2-util') or not TOKEN_PUT:
        return 0
    store = world.path('tokens')
    os.makedirs(store)
    with open(world.path('softhsm2.conf'), 'w', encoding='utf-8') as f:
        f.write(f'directories.tokendir = {store}\nobjectstore.backend = file\n')
    world.env['SOFTHSM2_CONF'] = world.path('softhsm2.conf')
    world.run('softhsm2-util', '--init-token', '--free', '--label', 'Card', '--pin', '1234', '--so-pin', '5678')
    for number, label, kind in ('07', 'alice', ['-newkey', 'rsa:2048']), ('08', 'host', None):
        key = world.path(label + '.key')
        if kind:
            world.run('openssl', 'req', '-x509', *kind, '-nodes', '-keyout', key, '-out', world.path(label + '.pem'),
                      '-subj', '/CN=' + label)
            world.run(TOKEN_PUT, 'Card', '1234', number, label, world.path(label + '.pem'))
        else:
            world.run('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key)
        world.run('softhsm2-util', '--import', key, '--token', 'Card', '--label', label, '--id', number, '--pin', '1234')
    return 2


def offers(host, name):
    return [line.split(' ', 2)[1:] for line in host.do(f'offers {name}') if line.startswith('OFFER pkcs11:')]


def pick(host, name, index):
    before = host.count()
    assert host.do(f'pick {name} {index}') == [f'SET {name}'] and host.count() == before + 1


def test_tokens(world):
    """Keys and certificates on a token are offered wherever one can be chosen, and its PIN can be entered then."""
    keys = make_token(world)
    if not keys:
        print('   skipped: there is no SoftHSM')
        return
    host = Host(world)
    host.do('unfold')
    host.set('gateway', 'vpn.example.com')
    choose(host, 'sign-in', SIGN_INS.index('raw-key'))
    wait_for('the keys of the token', lambda: len(offers(host, 'local-rsa-key')) == keys)
    assert 'pin' not in host.fields()
    found = offers(host, 'local-rsa-key')
    assert sorted(title for _, title in found) == ['alice (Card)', 'host (Card)'], found
    assert all(value.endswith('type=private') for value, _ in found), found
    pick(host, 'local-rsa-key', next(i for i, (_, title) in enumerate(found) if title.startswith('host')))
    assert 'pin' in host.fields()
    host.set('remote-rsa-key', RAW_KEY)
    saved = host.save()
    assert saved[0]['local-rsa-key'] == next(v for v, t in found if t.startswith('host')), saved
    check_reload(world, saved)

    # EAP-TLS: the certificate, and the key by itself
    choose(host, 'sign-in', SIGN_INS.index('user'))
    host.set('eap', '2')
    certificates = offers(host, 'certificate')
    assert [title for _, title in certificates] == ['alice (Card)'], certificates
    assert 'pin' not in host.fields()
    assert sorted(v for v, _ in offers(host, 'private-key')) == sorted(v for v, _ in found)
    pick(host, 'certificate', 0)
    assert 'pin' in host.fields()
    saved = host.save()
    assert saved[0]['eap'] == 'tls' and saved[0]['certificate'] == certificates[0][0], saved
    check_reload(world, saved)
    host.set('certificate', '/tmp/alice.pem')
    pick(host, 'private-key', next(i for i, (_, title) in enumerate(found) if title.startswith('alice')))
    assert 'pin' in host.fields() and host.save()[0]['private-key'].endswith('type=private')
    host.quit()


def tab(world):
    world.run('xdotool', 'key', 'Tab')
    return False


def shots_of(world, look, env, width, height):
    """Every kind and way to sign in; an error; each section open, and all of them, with errors in them."""
    prefix = f'{SHOTS}/{"3" if "host3" in HOST else "4"}-{look}'
    host = Host(world, env=env, width=width, height=height)
    host.do(f'shot {prefix}-empty.png')
    host.set('gateway', 'a b')
    host.do(f'shot {prefix}-error.png')
    host.quit()
    for role, ways in offered(world).items():
        for sign_in in range(ways):
            host = Host(world, env=env, width=width, height=height)
            choose(host, 'role', role)
            choose(host, 'sign-in', sign_in)
            fill_needed(host)
            host.do(f'shot {prefix}-{ROLES[role]}-{SIGN_INS[sign_in] if role == 0 else sign_in}.png')
            host.quit()
    for role in offered(world):
        host = Host(world, env=env, width=width, height=TALL)
        choose(host, 'role', role)
        fill_needed(host)
        host.do('unfold')
        host.do(f'shot {prefix}-{ROLES[role]}-open.png')
        host.quit()
    for section in range(SECTIONS):
        host = Host(world, env=env, width=width, height=TALL // 2)
        fill_needed(host)
        host.do(f'unfold {section}')
        host.do(f'shot {prefix}-section-{section}.png')
        host.quit()
    host = Host(world, env=env, width=width, height=TALL)
    host.set('gateway', 'vpn.example.com')
    host.set('algorithms', '5')
    for name, text in ('ike', '3des-sha1-modp1024'), ('esp', 'aes'), ('mtu', '1'), ('remote-ts', '10.0.0.0/99'):
        host.set(name, text)
    host.do('unfold')
    host.do(f'shot {prefix}-all.png')
    host.quit()


def shots(world):
    os.makedirs(SHOTS, exist_ok=True)
    for look, (env, width, height) in LOOKS.items():
        if os.environ.get('GUI_LOOK', look) == look:
            shots_of(world, look, env, width, height)


def main():
    need('Xvfb', 'openbox', 'xdotool', 'dbus-daemon', 'gdbus', 'at-spi-bus-launcher')
    with World(PLUGIN, screen='1366x3400x24') as world:
        for test in (shots,) if SHOTS else (test_kinds, test_errors, test_unknown, test_files, test_word, test_size, test_wheel, test_end, test_keyboard,
                                                test_tokens, test_audit):
            if os.environ.get('GUI_ONLY', test.__name__) != test.__name__:
                continue
            print(test.__name__)
            test(world)
        log = world.log('host') if os.path.exists(world.path('host.log')) else ''  # GUI_ONLY may be another program's test
        noise = [line for line in log.split('\n') if NOISE.search(line)]
        assert not noise, '\n'.join(noise)
    print('ok')


main()
