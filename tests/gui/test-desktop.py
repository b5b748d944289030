#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-desktop.py PLUGIN DIALOG CLI [SHOTS-DIR]: the real programs with the plugin: GNOME Settings, nm-connection-editor,
nm-applet, nmcli, and the dialog's own window. Connections are created from nothing, edited, cancelled, applied, and
switched on and off, against a stub that says what it is: see stub-service.py."""
import os
import re
import subprocess
import sys

from gi.repository import GLib

from form import Page, TEXTS, data_of
from screen import SENSITIVE, Screen, strip, until
from world import SERVICE, World, need, skip

PLUGIN, DIALOG, CLI = sys.argv[1:4]
SHOTS = sys.argv[4] if len(sys.argv) > 4 else None
LOOKS = {  # name: (environment, GTK 3's theme)
    'light': ({}, None), 'dark': ({'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'}, 'Adwaita:dark'),
    'contrast': ({'ADW_DEBUG_HIGH_CONTRAST': '1'}, 'HighContrast'),
    'rtl': ({'LC_ALL': 'he_IL.UTF-8', 'LANGUAGE': 'he'}, None),
}
# GTK asks its own translation for the direction, if the program has one, too. With no other word translated a test finds
# everything by its English name.
RTL_CATALOG = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\nmsgid "default:LTR"\nmsgstr "default:RTL"\n'
RTL_FOLDER = '/usr/share/locale/he/LC_MESSAGES'
FORMATS = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../unit/formats'))
IMPORTS = ['eap.sswan', 'eap.mobileconfig', 'rw-eap.swanctl.conf', 'libreswan-site-to-site.conf', 'eap.pbk', 'mschapv2.xml',
           'obfuscated.pcf']  # one of each format
CREATED = {  # connection: what is filled in, in this order
    'client': {'gateway': 'vpn.example.com', 'user': 'alice', 'password': 'geheim'},
    'peer': {'role': 'peer', 'sign-in': 'shared-key', 'gateway': '192.0.2.77', 'psk': 'correct horse battery staple',
             'remote-ts': '10.1.0.0/16', 'local-ts': '10.2.0.0/16'},
    'server': {'role': 'server', 'certificate': '/tmp/gw.pem', 'pool': '10.9.0.0/24', 'push-dns': '10.9.0.1',
               'unique': 'keep', 'remote-id': '*@example.com'},
    'mesh': {'role': 'mesh', 'sign-in': 'nothing', 'private': '10.3.0.0/16', 'private-or-clear': '10.4.0.0/16'},
}
DEFAULTS = {'client': {'auth': 'eap'}, 'server': {'auth': 'cert'}}  # which nobody has chosen
# what is not changed by whoever changes everything else: another kind; what takes other fields away
SAME = ('role', 'sign-in', 'rekey', 'interface', 'mode')
# what the programs say without us as well
KNOWN = re.compile(r'gtk_root_get_focus|gdk_window_get_window_type|gtk_notebook_get_tab_label|Unable to acquire|ModemManager|color-calibration'
                   r'|libEGL|dconf|Rfkill|rfkill|bluez|UPower|AccountsService|geoclue|colord|Error creating proxy'
                   r'|cc_(?!vpn)\w+|polkit|StatusNotifier|libnotify|notification|appindicator|gcr|portal')


class Desktop:
    def __init__(self, world, look='light'):
        self.world, self.screen, self.look = world, Screen(world), look
        self.env, self.theme = LOOKS[look]
        self.prefix = []
        if look == 'rtl':
            self.read_from_the_right()

    def read_from_the_right(self):
        """A locale of our own, seen by the programs that we start."""
        catalog, locales = self.world.path('catalog'), self.world.path('locales')
        os.makedirs(catalog)
        os.makedirs(locales)
        self.world.run('localedef', '-i', 'he_IL', '-f', 'UTF-8', locales + '/he_IL.UTF-8', check=False)
        assert os.path.isdir(locales + '/he_IL.UTF-8'), 'no Hebrew: is the package “locales” installed?'
        for domain in ('gtk30', 'gtk40', 'gnome-control-center-2.0', 'nm-applet'):
            subprocess.run(['msgfmt', '-o', f'{catalog}/{domain}.mo', '-'], input=RTL_CATALOG, text=True, check=True)
        self.env = {**self.env, 'LOCPATH': locales}
        self.prefix = ['unshare', '-m', '--propagation', 'private', 'sh', '-c',
                       f'mount --bind "{catalog}" {RTL_FOLDER} && exec "$@"', 'sh']

    def start(self, log, *argv, gtk3=False):
        theme = {'GTK_THEME': self.theme} if gtk3 and self.theme else {}
        return self.world.spawn(log, *self.prefix, *argv, env={**self.env, **theme})

    def applet(self):
        """Which keeps secrets: NetworkManager knows it when this returns."""
        known = self.world.log('nm').count('agent registered')
        applet = self.start('applet', 'nm-applet', gtk3=True)
        until('the agent', lambda: self.world.log('nm').count('agent registered') > known)
        return applet

    def editor(self, *arguments):
        return self.start('nmce', 'nm-connection-editor', *arguments, gtk3=True)

    def shot(self, name, title=None):
        if SHOTS:
            os.makedirs(SHOTS, exist_ok=True)
            until('a picture', lambda: subprocess.run(['sleep', '0.5'], check=True))
            self.screen.shot(f'{SHOTS}/{self.look}-{name}.png', title)

    def shots_of(self, page, name):
        """The whole page, with all of its sections."""
        if SHOTS:
            for number, _ in enumerate(page.screenfuls()):
                self.shot(f'{name}-{number}')

    def add(self, name, data='gateway=old.example.com, auth=eap, user=alice', secrets='password=geheim'):
        args = ['vpn.secrets', secrets] if secrets else []
        self.world.run('nmcli', 'connection', 'add', 'type', 'vpn', 'vpn-type', SERVICE, 'con-name', name, 'vpn.data', data,
                       *args)

    def data_is(self, name, **want):
        def right():
            have = self.world.vpn_data(name)
            return all(have.get(k.replace('_', '-')) == v for k, v in want.items())
        until(f'{name} with {want}, not {self.world.vpn_data(name)}', right)

    def exists(self, name):
        return name in self.world.run('nmcli', '-g', 'name', 'connection', 'show').split('\n')

    def delete(self, names):
        self.world.run('nmcli', 'connection', 'delete', *names)

    def state(self, name):
        out = self.world.run('nmcli', '-t', '-f', 'name,state', 'connection', 'show', '--active')
        return dict(line.rsplit(':', 1) for line in out.strip().split('\n') if ':' in line).get(name)

    def is_up(self, name):
        until(f'{name} is up', lambda: self.state(name) == 'activated', 60)

    def is_down(self, name):
        until(f'{name} is down', lambda: self.state(name) is None, 60)

    def quiet(self, log):
        noise = [line for line in self.world.log(log).split('\n')
                 if re.search(r'CRITICAL|WARNING', line) and not KNOWN.search(line)]
        assert not noise, '\n'.join(noise)

    def audit(self, where):
        unnamed = where.unnamed()
        assert not unnamed, f'controls without a name: {unnamed}'


def check_created(d, name, values):
    """What NetworkManager has stored is what was filled in, and nothing else."""
    until('the new connection ' + name, lambda: d.exists(name))
    data, secrets = data_of(values)
    check_data(d, name, {**DEFAULTS.get(name, {}), **data}, secrets)


def check_data(d, name, data, secrets):
    uuid = d.world.run('nmcli', '-g', 'connection.uuid', 'connection', 'show', name).strip()

    def have():
        try:
            vpn = stored(d, uuid)['vpn']
        except (LookupError, GLib.Error):  # it is being written
            return None
        return {k: v for k, v in vpn.items() if k not in ('service-type', 'persistent') and not k.endswith('-flags')}
    try:
        until(name, lambda: have() == data)
    except LookupError:
        assert have() == data, f'{name}: {data} expected, {have()} stored'
    for key, value in secrets.items():
        check_secret(d, name, stored(d, uuid), key, value)


def check_shown(window, values):
    """When it is opened again."""
    have = Page(window).values(values)
    assert have and have == {name: values[name] for name in have}, f'{values} became {have}'


def new_in_editor(app, kind=r'IPsec \(IKEv2\)'):
    # the choice of a type is awaited in the answer to a click of AT-SPI, which so never comes
    app.find('push button', 'Add').mouse()
    app.find('menu item', kind, hidden=True).click()
    app.find('push button', 'Create.*').click()
    return app.window('Editing VPN connection.*')


def edit_in_editor(app, name):
    table = app.window('Network Connections')
    button = table.find('push button', 'Edit')
    table.find('table cell', name, hidden=True).select()
    until('the button to edit it', lambda: button.state(SENSITIVE))
    button.click()
    return app.window('Editing ' + name)


def press(window, button):
    """As soon as it can be: permissions come after the window."""
    node = window.find('push button', button)
    until(f'{button} can be pressed', lambda: node.state(SENSITIVE))
    node.click()


def leave_editor(app, window, button):
    press(window, button)
    until('the end of ' + window.name, lambda: all(n.ref != window.ref for n in app.children()))


def test_connection_editor(d):
    """Each kind created from nothing; every field edited; cancelled; no control without a name."""
    agent = d.applet()
    editor = d.editor()
    app = d.screen.app('nm-connection-editor')
    for name, values in CREATED.items():
        window = new_in_editor(app)
        next(n for n in window.walk() if n.role == 'text' and (n.text or '').startswith('VPN connection')).type(name)
        Page(window).fill(values)
        if name == 'client':
            d.audit(window)
        d.shot('nm-connection-editor-new-' + name)
        leave_editor(app, window, 'Save')
        check_created(d, name, values)
        window = edit_in_editor(app, name)
        d.shots_of(Page(window), 'nm-connection-editor-open-' + name)
        check_shown(window, values)
        leave_editor(app, window, 'Cancel')
    edit_everything(d, 'nm-connection-editor-everything', lambda: edit_in_editor(app, 'client'),
                    lambda window, button: leave_editor(app, window, button), 'Save')

    d.add('edited', 'gateway=old.example.com, auth=eap, user=alice, x-unknown=kept')
    for button, gateway in (('Cancel', 'old.example.com'), ('Save', 'new.example.com')):
        window = edit_in_editor(app, 'edited')
        page = Page(window)
        page.fill({'gateway': 'new.example.com', 'mtu': '1'})
        until('the error', lambda: not window.find('push button', 'Save').state(SENSITIVE))
        d.shot('nm-connection-editor-error')
        page.fill({'mtu': '1400'})
        leave_editor(app, window, button)
        d.data_is('edited', gateway=gateway, x_unknown='kept')
    d.data_is('edited', mtu='1400')
    d.world.end(editor)
    d.world.end(agent)
    d.quiet('nmce')
    d.delete(CREATED)


def edit_everything(d, shot, open_it, leave, button):
    """Every field of a client: saved, all of it is stored, and shown again; cancelled, nothing changes."""
    window = open_it()
    changed = Page(window).change_everything(*SAME)
    print(f'   {len(changed)} fields changed', flush=True)
    until('what can be saved', lambda: window.find('push button', button).state(SENSITIVE))
    d.shot(shot)
    leave(window, button)
    data, secrets = data_of({**CREATED['client'], **changed})
    check_data(d, 'client', {**data, 'auth': 'eap'}, secrets)
    window = open_it()
    check_shown(window, changed)
    page = Page(window)
    page.fill({'gateway': 'another.example.com'})
    for name in SAME[2:]:
        page.change(name)
    leave(window, 'Cancel')
    check_data(d, 'client', {**data, 'auth': 'eap'}, secrets)


def open_settings(d):
    program = d.start('settings', 'gnome-control-center', 'network')
    return program, d.screen.app('gnome-control-center')


def show_identity(window):
    """The plugin's page is not the first one."""
    window.find('page tab list').find('label', 'Identity').mouse()
    window.find('combo box', 'Kind')
    return window


def open_options(app, name):
    app.find('list item', name).find('push button', 'Options…|VPN Options').click()
    window = app.find('dialog|frame|window', name)
    return show_identity(window)


def create_in_settings(d, app, name, values):
    app.find('push button', 'Add (connection|VPN)').click()
    window = app.find('dialog|frame|window', 'Add VPN')
    window.find('label', r'IPsec \(IKEv2\)').mouse()
    show_identity(window).find('text', 'Name').type(name)
    Page(window).fill(values)
    if name == 'client':
        d.audit(window)
    d.shot('settings-new-' + name)
    press(window, '(Add|Add Add)')
    app.gone('dialog|frame|window', 'Add VPN')
    check_created(d, name, values)
    window = open_options(app, name)
    d.shots_of(Page(window), 'settings-open-' + name)
    check_shown(window, values)
    leave_options(app, window, 'Cancel')


def leave_options(app, window, button):
    press(window, f'({button}|{button} {button})')
    app.gone('dialog|frame|window', window.name)


def test_settings(d):
    """Add VPN, each kind from nothing; every field edited; Options, Cancel and Apply; the switch."""
    d.add('office')
    agent = d.applet()
    program, app = open_settings(d)
    app.find('push button', 'Add (connection|VPN)').click()
    window = app.find('dialog|frame|window', 'Add VPN')
    assert window.find('label', 'Works with .*')
    d.shot('settings-add')
    window.find('push button', 'Cancel.*').click()
    app.gone('dialog|frame|window', 'Add VPN')
    for name, values in CREATED.items():
        create_in_settings(d, app, name, values)
    edit_everything(d, 'settings-everything', lambda: open_options(app, 'client'),
                    lambda window, button: leave_options(app, window, button), 'Apply')

    window = open_options(app, 'office')
    assert window.extents[3] <= 700, f'the dialog is {window.extents[3]} pixels high'
    window.find('text', 'Gateway').type('a b')
    window.find('label', '“a b” is neither a host name nor an address.')
    d.shot('settings-error')
    d.audit(window)
    window.find('push button', 'Cancel.*').click()
    app.gone('dialog|frame|window', 'office')
    d.data_is('office', gateway='old.example.com')
    window = open_options(app, 'office')
    window.find('text', 'Gateway').type('new.example.com')
    d.shot('settings-options')
    press(window, 'Apply.*')
    d.data_is('office', gateway='new.example.com', user='alice')

    app.find('list item', 'office').find('check box').click()
    d.is_up('office')
    d.shot('settings-on')
    app.find('list item', 'office').find('check box').click()
    d.is_down('office')
    d.world.end(program)
    d.world.end(agent)
    d.quiet('settings')
    d.delete(CREATED)


def test_applet(d):
    """nm-applet: on, with a password that it has to ask for through our dialog; off."""
    d.add('asked', 'gateway=vpn.example.com, auth=eap, user=alice, password-flags=2', secrets=None)
    d.start('tray', 'trayer', '--edge', 'top', '--align', 'right', '--widthtype', 'request', '--expand', 'true')
    applet = d.applet()
    app = d.screen.app('nm-applet')
    # in its place: the program has another window, which nobody sees
    until('the icon', lambda: re.search(r'"Nm-applet"\)\s+\S+\s+\+13\d\d\+', d.world.run('xwininfo', '-root', '-tree')))

    def toggle():
        d.screen.xdo('mousemove', '1352', '12', 'click', '1')
        d.shot('applet-menu')
        app.find('check menu item', 'asked', hidden=True).click()

    toggle()
    window = app.find('dialog|frame', '.*asked.*|Connect to the VPN.*', timeout=60)
    d.shot('applet-asks')
    window.find('password text', 'Password').type('geheim')
    window.find('push button', 'OK|Connect').click()
    d.is_up('asked')
    d.screen.xdo('key', 'Escape')
    toggle()
    d.is_down('asked')
    d.world.end(applet)
    d.quiet('applet')


def test_nmcli(d):
    """nmcli --ask asks what the dialog says, in a terminal without a display."""
    d.add('terminal', 'gateway=vpn.example.com, auth=eap, user=alice, password-flags=2', secrets=None)
    env = {k: v for k, v in d.world.env.items() if k != 'DISPLAY'}
    out = subprocess.run(['nmcli', '--ask', 'connection', 'up', 'terminal'], env=env, input='geheim\n', text=True,
                         capture_output=True, timeout=90, check=False)
    assert out.returncode == 0, out.stdout + out.stderr
    assert 'You need to sign in to the VPN “terminal”.' in out.stdout and 'Password' in out.stdout, out.stdout
    d.world.run('nmcli', 'connection', 'down', 'terminal')
    d.is_down('terminal')


def uuids(d):
    return set(d.world.run('nmcli', '-g', 'uuid', 'connection', 'show').split())


def stored(d, uuid):
    """{group: {key: value}} of the file that NetworkManager keeps of a connection."""
    folder = d.world.path('nm/etc/NetworkManager/system-connections')
    for name in os.listdir(folder):
        keyfile = GLib.KeyFile()
        keyfile.load_from_file(f'{folder}/{name}', GLib.KeyFileFlags.NONE)
        if keyfile.get_string('connection', 'uuid') == uuid:
            return {group: {key: keyfile.get_string(group, key) for key in keyfile.get_keys(group)[0]}
                    for group in keyfile.get_groups()[0]}
    raise LookupError(f'{uuid} is not stored')


def expected(name):
    with open(f'{FORMATS}/expected/{name}', encoding='utf-8') as f:
        return f.read().split('\n')


def check_imported(d, name, uuid):
    """What is stored is what the corpus of formats expects of that file."""
    lines = [line.replace('$HOME', d.world.env['HOME']) for line in expected(name)]
    want = dict(line.split('=', 1) for line in lines if '=' in line and not line.startswith(('note:', 'secret.', 'id=')))
    profile = stored(d, uuid)
    have = {k: v for k, v in profile['vpn'].items() if k not in ('service-type', 'persistent')}
    # whose secret is where may be the program's choice
    assert {k: v for k, v in have.items() if not k.endswith('-flags')} == \
        {k: v for k, v in want.items() if not k.endswith('-flags')}, f'{name}: {have} instead of {want}'
    assert 'id=' + profile['connection']['id'] in lines, profile['connection']
    for line in lines:
        if line.startswith('secret.'):
            check_secret(d, name, profile, *line[len('secret.'):].split('=', 1))


def check_secret(d, name, profile, key, value):
    """In the file, or in the user's keyring: where the flags say."""
    flags = int(profile['vpn'].get(key + '-flags', '0'))
    uuid = profile['connection']['uuid']
    assert flags in (0, 1), f'{name}: {key} has flags {flags}'
    until(f'{key} of {name}, flags {flags}', lambda: value == (
        d.world.secret(uuid, key) if flags else stored(d, uuid).get('vpn-secrets', {}).get(key)))


def take_import(d, window, name, button, before):
    """Adds what was imported. FALSE: it is a connection of IKE version 1, which can only be looked at."""
    notes = [line[len('note: '):] for line in expected(name) if line.startswith('note: ')]
    if notes:
        said = window.find('label', '(?s)About the imported file:.*').name
        assert all(note in said for note in notes), said
    if any('cannot be activated' in note for note in notes):
        assert not window.find('push button', button).state(SENSITIVE)
        return False
    press(window, button)
    new, = until('the imported connection', lambda: uuids(d) - before)
    check_imported(d, name, new)
    return True


def choose_file(d, app, path):
    """A slash opens the file chooser's field for a path. GTK 4.18 puts the next letters before or behind that slash, as it
    happens, so that the path is then set as a whole."""
    chooser = app.window('Select file to import')
    d.screen.xdo('search', '--sync', '--onlyvisible', '--name', 'Select file to import', 'windowfocus', '--sync')
    d.screen.xdo('key', 'slash')

    def typed():
        fields = [n for n in chooser.walk() if n.role in ('text', 'entry') and n.text]
        if any(n.text == path for n in fields):
            return True
        for field in fields:
            field.type(path)
        return False
    until('the path', typed)
    return chooser


def accept_file(app, chooser):
    """The button does nothing while the chooser is looking at the file, and it looks anew at each letter."""
    def gone():
        if all(n.ref != chooser.ref for n in app.children()):
            return True
        for button in (n for n in chooser.walk() if n.matches('push button', '(Open Open|Open)', True)):
            try:
                button.click()
            except LookupError:
                break  # together with its window
        return False
    until('the end of the file chooser', gone)


def test_import_settings(d):
    """Import from file in GNOME Settings, with its file chooser, for each format."""
    program, app = open_settings(d)
    add = app.find('push button', 'Add (connection|VPN)')
    for name in IMPORTS:
        before = uuids(d)
        add.click()
        app.window('Add VPN').find('label', 'Import from file…').mouse()
        chooser = choose_file(d, app, f'{FORMATS}/good/{name}')
        if name == IMPORTS[0]:
            d.shot('settings-import-chooser')
        accept_file(app, chooser)
        window = show_identity(app.window('Add VPN', 'page tab list'))
        d.shot('settings-import-' + name)
        if not take_import(d, window, name, '(Add|Add Add)', before):
            window.find('push button', 'Cancel.*').click()
        until('the end of the editor', lambda: all(strip(w.name) != 'Add VPN' or not w.showing for w in app.children()))
    d.world.end(program)
    d.quiet('settings')


def test_import(d):
    """A file of each format through nmcli and through nm-connection-editor, and none that is not ours."""
    good = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../unit/formats/good/')
    for name in IMPORTS:
        before = uuids(d)
        d.world.run('nmcli', 'connection', 'import', 'type', 'ipsec', 'file', f'{FORMATS}/good/{name}')
        new, = uuids(d) - before
        check_imported(d, name, new)
        before = uuids(d)
        editor = d.editor(f'--import={FORMATS}/good/{name}', '--type=vpn')
        window = d.screen.app('nm-connection-editor').window('Editing .*')
        take_import(d, window, name, 'Save', before)
        d.world.end(editor)
        d.quiet('nmce')
    # what could not be taken over is said where the user looks
    editor = d.editor(f'--import={FORMATS}/good/locked.pcf', '--type=vpn')
    window = d.screen.app('nm-connection-editor').find('frame|dialog', 'Editing .*')
    notes = window.find('label', '(?s)About the imported file:.*').name
    assert 'NTDomain' in notes and 'over TCP' in notes, notes
    d.shot('nm-connection-editor-import-notes')
    d.world.end(editor)
    d.quiet('nmce')
    foreign = subprocess.run(['nmcli', 'connection', 'import', 'type', 'ipsec', 'file', '/etc/passwd'], env=d.world.env,
                             capture_output=True, text=True, check=False)
    assert foreign.returncode != 0 and 'not an IPsec connection' in foreign.stderr, foreign.stderr


def test_migrate(d):
    """Connections of other plugins: looked at, then rewritten, secrets and all; what cannot be ours stays."""
    other = 'org.freedesktop.NetworkManager.'
    for name, service, data, secrets in (
            ('swan', 'libreswan', 'right=192.0.2.9, ikev2=insist, leftcert=alice, leftid=%fromcert', None),
            ('strong', 'strongswan', 'address=vpn.example.com, method=eap, user=alice, virtual=yes, password-flags=0',
             'password=geheim'),
            ('old', 'libreswan', 'right=192.0.2.9, leftid=group', None)):
        d.world.run('nmcli', 'connection', 'add', 'type', 'vpn', 'vpn-type', other + service, 'con-name', name, 'vpn.data',
                    data, *(['vpn.secrets', secrets] if secrets else []))

    def service(name):
        return d.world.run('nmcli', '-g', 'vpn.service-type', 'connection', 'show', name).strip()

    def migrate(*args):
        p = subprocess.run([CLI, 'migrate', *args], env=d.world.env, capture_output=True, text=True, timeout=60, check=False)
        return p.returncode, p.stdout + p.stderr

    status, text = migrate()
    assert status == 1 and 'swan: can be rewritten' in text and 'old: left as it is: ike-version' in text, (status, text)
    assert 'geheim' not in text and service('swan') == other + 'libreswan', text
    status, text = migrate('--apply', 'nobody')
    assert status == 4 and 'is called “nobody”' in text, (status, text)
    # what is there is rewritten, and what is not is said
    status, text = migrate('--apply', 'swan', 'stong')
    assert status == 4 and 'swan: rewritten' in text and 'is called “stong”' in text and '“swan”' not in text, (status, text)
    status, text = migrate('--apply', 'strong')
    assert status == 0 and 'strong: rewritten' in text, (status, text)
    d.data_is('swan', gateway='192.0.2.9', local_id='%fromcert', auth='cert')
    d.data_is('strong', gateway='vpn.example.com', user='alice', auth='eap')
    secrets = d.world.run('nmcli', '--show-secrets', '-g', 'vpn.secrets', 'connection', 'show', 'strong')
    assert secrets.strip() == 'password = geheim', (secrets, text)
    assert [service(n) for n in ('swan', 'strong', 'old')] == [SERVICE, SERVICE, other + 'libreswan']


OTHERS = {  # connection: whose, what is in it, the secret that it needs
    'theirs-libreswan': ('libreswan', 'right=vpn.example.com, ikev2=insist, leftid=@me', 'pskvalue'),
    'theirs-strongswan': ('strongswan', 'address=vpn.example.com, method=eap, user=alice, virtual=yes', 'password')}


def add_other(d, name, flags, secret=None):
    """Returns the UUID."""
    service, data, key = OTHERS[name]
    d.world.run('nmcli', 'connection', 'add', 'type', 'vpn', 'vpn-type', service, 'con-name', name, 'vpn.data',
                f'{data}, {key}-flags={flags}', *(['vpn.secrets', f'{key}={secret}'] if secret else []))
    return d.world.run('nmcli', '-g', 'connection.uuid', 'connection', 'show', name).strip()


def test_others_files(d):
    """nmcli imports and exports Libreswan's files as NetworkManager-libreswan does, and no others."""
    def nmcli(*args):
        p = subprocess.run(['nmcli', 'connection', *args], env=d.world.env, capture_output=True, text=True, timeout=60,
                           check=False)
        return p.returncode, p.stdout, p.stderr

    for name, profile in (('certificate', 'office'), ('group', 'group'), ('verbatim', 'hosts'), ('by-hand', 'my#home')):
        with open(f'{FORMATS}/libreswan/{name}.items', encoding='utf-8') as f:
            want = dict(line.split('=', 1) for line in f.read().split('\n') if line)
        file, data = f'{FORMATS}/libreswan/{name}.conf', []
        for i in range(2):
            before = uuids(d)
            status, _, error = nmcli('import', 'type', 'libreswan', 'file', file)
            assert status == 0, f'{name}: {error}'
            new, = uuids(d) - before
            vpn = stored(d, new)['vpn']
            assert vpn.pop('service-type') == SERVICE.replace('ipsec', 'libreswan') and vpn == want, f'{name}: {vpn}'
            assert stored(d, new)['connection']['id'] == profile
            status, text, error = nmcli('export', new)
            assert status == 0 and re.search(f'(?m)^conn {re.sub("#", "-", profile)}$', text), error
            data.append(text)
            profile, file = re.sub('#', '-', profile), d.world.path('exported.conf')
            with open(file, 'w', encoding='utf-8') as f:
                f.write(text)
            d.delete([new])
        assert data[0] == data[1]
    status, _, error = nmcli('import', 'type', 'libreswan', 'file', '/etc/passwd')
    assert status != 0 and 'not understood' in error, error
    strong = add_other(d, 'theirs-strongswan', 2)
    assert nmcli('export', strong)[0] != 0
    d.delete([strong])


def test_others_asked(d):
    """Secrets of other plugins' connections: asked for in a terminal, found in the keyring, by the names that they have there."""
    env = {k: v for k, v in d.world.env.items() if k != 'DISPLAY'}
    for name, (service, data, key) in OTHERS.items():
        uuid = add_other(d, name, 2)
        out = subprocess.run(['nmcli', '--ask', 'connection', 'up', name], env=env, input='geheim\n', text=True,
                             capture_output=True, timeout=90, check=False)
        assert out.returncode == 0, out.stdout + out.stderr
        assert f'You need to sign in to the VPN “{name}”.' in out.stdout, out.stdout
        d.world.run('nmcli', 'connection', 'down', name)
        d.is_down(name)

        def answer():
            text = ''.join(f'DATA_KEY={k}\nDATA_VAL={v}\n\n' for k, v in d.world.vpn_data(uuid).items()) + 'DONE\n\n'
            out = subprocess.run([DIALOG, '-u', uuid, '-n', name, '-s', SERVICE.replace('ipsec', service), '-i',
                                  '--external-ui-mode'],
                                 env=env, input=text, text=True, capture_output=True, timeout=60, check=True).stdout
            keyfile = GLib.KeyFile()
            keyfile.load_from_data(out, len(out.encode()), GLib.KeyFileFlags.NONE)
            assert keyfile.get_groups()[0] == ['VPN Plugin UI', key], out
            return keyfile.get_boolean(key, 'ShouldAsk'), keyfile.get_string(key, 'Value')

        d.world.keep_secret(uuid, key, 'from the keyring')
        assert answer() == (True, ''), 'what is not saved is not there'
        d.world.run('nmcli', 'connection', 'modify', name, '+vpn.data', f'{key}-flags=1')
        assert answer() == (False, 'from the keyring')
        # a desktop needs nobody for that
        applet = d.applet()
        until('the agent', lambda: subprocess.run(['nmcli', 'connection', 'up', name], env=env, capture_output=True, timeout=90,
                                                 check=False).returncode == 0)
        d.world.run('nmcli', 'connection', 'down', name)
        d.is_down(name)
        d.world.end(applet)
        d.quiet('applet')
        d.delete([uuid])


def test_others_editors(d):
    """The editors show what ours makes of another plugin's connection, say so, and save that, and only when it is saved."""
    def service(uuid):
        return d.world.run('nmcli', '-g', 'vpn.service-type', 'connection', 'show', uuid).strip()

    swan, strong = add_other(d, 'theirs-libreswan', 1), add_other(d, 'theirs-strongswan', 0, 'geheim')
    d.world.keep_secret(swan, 'pskvalue', 'geheim')
    agent = d.applet()
    editor = d.editor()
    app = d.screen.app('nm-connection-editor')
    for button in ('Cancel', 'Save'):
        window = edit_in_editor(app, 'theirs-libreswan')
        window.find('label', '(?s)This connection was made for NetworkManager-libreswan.*')
        check_shown(window, {'gateway': 'vpn.example.com', 'sign-in': 'shared-key', 'psk': 'geheim'})
        assert service(swan) == SERVICE.replace('ipsec', 'libreswan')
        Page(window).fill({'gateway': 'new.example.com'})
        d.shot('nm-connection-editor-other')
        leave_editor(app, window, button)
    until('one of ours', lambda: service(swan) == SERVICE)
    before = uuids(d)
    window = new_in_editor(app, r'IPsec \(NetworkManager-libreswan\)')
    Page(window).fill({'gateway': 'vpn.example.com', 'user': 'alice'})
    assert not any('was made for' in n.name for n in window.walk())
    leave_editor(app, window, 'Save')
    new, = until('the new connection', lambda: uuids(d) - before)
    assert service(new) == SERVICE and d.world.vpn_data(new)['user'] == 'alice'
    d.delete([new])
    d.data_is('theirs-libreswan', gateway='new.example.com', auth='psk', local_id='me', right=None)
    d.world.end(editor)
    d.quiet('nmce')
    program, app = open_settings(d)
    for button in ('Cancel', 'Apply'):
        window = open_options(app, 'theirs-strongswan')
        window.find('label', '(?s)This connection was made for NetworkManager-strongswan.*')
        assert service(strong) == SERVICE.replace('ipsec', 'strongswan')
        Page(window).fill({'gateway': 'new.example.com'})
        d.shot('settings-other')
        leave_options(app, window, button)
    until('one of ours', lambda: service(strong) == SERVICE)
    d.data_is('theirs-strongswan', gateway='new.example.com', auth='eap', user='alice', address=None)
    check_secret(d, 'theirs-libreswan', stored(d, swan), 'psk', 'geheim')
    assert stored(d, swan)['vpn']['psk-flags'] == '1'
    check_secret(d, 'theirs-strongswan', stored(d, strong), 'password', 'geheim')
    d.world.end(program)
    d.world.end(agent)
    d.quiet('settings')
    d.delete([swan, strong])


def ask(d, *hints):
    argv = d.prefix + [DIALOG, '-u', 'u-u-i-d', '-n', 'office', '-s', SERVICE, '-i']
    for h in hints:
        argv += ['-t', h]
    p = subprocess.Popen(argv, env={**d.world.env, **d.env}, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    p.stdin.write('DATA_KEY=gateway\nDATA_VAL=a.example\n\nDATA_KEY=auth\nDATA_VAL=eap\n\nDONE\n\n')
    p.stdin.flush()
    return p, d.screen.app('nm-ipsec-auth-dialog').find('frame|dialog|window', 'Connect to the VPN “office”')


def test_dialog(d):
    """The dialog's own window: an answer, a code that can be read, Cancel, Escape."""
    p, window = ask(d)
    d.audit(window)
    window.find('text|password text', 'Password').type('ge heim')
    window.find('push button', 'Connect.*').click()
    assert [p.stdout.readline() for _ in range(4)] == ['password\n', 'ge heim\n', '\n', '\n']
    p.stdin.write('QUIT\n\n')
    p.stdin.flush()
    assert p.wait(30) == 0 and not p.stderr.read()

    p, window = ask(d, 'otp', 'x-vpn-message:Enter the code from your telephone.')
    window.find('label', 'Enter the code from your telephone.')
    window.find('text', 'One-Time Code').type('123456')
    assert window.find('text', 'One-Time Code').text == '123456'
    d.shot('dialog-code')
    window.find('push button', 'Cancel.*').click()
    assert (p.wait(30), p.stdout.read()) == (1, '')

    if SHOTS:
        p, window = ask(d, 'password', 'x-vpn-message:The gateway has refused the password.')
        d.shot('dialog-refused')
        window.find('push button', 'Cancel.*').click()
        assert p.wait(30) == 1

    p, window = ask(d, 'pin')
    d.screen.xdo('search', '--sync', '--onlyvisible', '--name', 'Connect to the VPN', 'windowfocus', '--sync')
    d.screen.xdo('key', 'Escape')
    assert (p.wait(30), p.stdout.read()) == (1, '')


TESTS = [test_connection_editor, test_settings, test_applet, test_nmcli, test_import, test_import_settings, test_migrate, test_dialog,
         test_others_files, test_others_asked, test_others_editors]


def run(desktop):
    for test in TESTS:
        if os.environ.get('GUI_ONLY', test.__name__) != test.__name__:
            continue
        print(desktop.look, test.__name__, flush=True)
        try:
            test(desktop)
        except BaseException:
            if SHOTS:
                desktop.shot('failure')
            raise


def main():
    if os.geteuid() != 0:
        skip('needs root for network namespaces')
    need('Xvfb', 'openbox', 'xdotool', 'trayer', 'import', 'gnome-control-center', 'nm-connection-editor', 'nm-applet',
         'NetworkManager', 'gnome-keyring-daemon')
    for look in LOOKS if SHOTS else ('light',):
        if os.environ.get('GUI_LOOK', look) == look:
            world = World(PLUGIN, DIALOG, network=True)
            world.add_others(os.path.dirname(os.path.abspath(PLUGIN)), DIALOG)
            with world:
                run(Desktop(world, look))
    print('ok')


main()
