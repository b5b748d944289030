# SPDX-License-Identifier: GPL-2.0-or-later
"""A desktop of its own for one test: X, window manager, session bus, accessibility bus, and, when asked for, a
NetworkManager in its own namespaces on a system bus of its own. Nothing of the machine is touched, and everything that
was started is ended by its process group."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from gi.repository import Gio, GLib

HERE = os.path.dirname(os.path.abspath(__file__))
SKIP = 77
SERVICE = 'org.freedesktop.NetworkManager.ipsec'
WAIT = 60  # seconds, generous: the machine may be busy

SYSTEM_BUS = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>
'''

# In unshare -n -m. A /sys that cannot be written tells NetworkManager that there is no udev to wait for.
NETWORK_MANAGER = '''set -e
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys
for d in /run/NetworkManager /var/lib/NetworkManager /etc/NetworkManager; do
  mkdir -p "$d" "$W/nm$d"; mount --bind "$W/nm$d" "$d"
done
mkdir -p -m 700 /etc/NetworkManager/system-connections /etc/NetworkManager/VPN
cp "$W"/names/*.name /etc/NetworkManager/VPN/
cat >/etc/NetworkManager/NetworkManager.conf <<C
[main]
plugins=keyfile
auth-polkit=false
dns=none
rc-manager=unmanaged
systemd-resolved=false
dhcp=internal
no-auto-default=*
[device]
match-device=type:veth
managed=1
C
ip link set lo up
ip link add eth0 type veth peer name peer0
ip link set peer0 up
ip addr add 192.0.2.1/24 dev peer0
exec /usr/sbin/NetworkManager --debug
'''


def skip(why):
    print(f'skipped: {why}')
    sys.exit(SKIP)


def need(*programs):
    for p in programs:
        if not shutil.which(p, path=os.environ.get('PATH', '') + ':/usr/sbin:/usr/libexec'):
            skip(f'{p} is not installed')


def wait_for(what, condition, timeout=WAIT):
    end = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


class World:
    def __init__(self, plugin, dialog=None, screen='1366x768x24', network=False):
        self.dir = tempfile.mkdtemp(prefix='ipsec-gui-')
        self.screen, self.network, self.procs = screen, network, []
        self.env = {k: v for k, v in os.environ.items() if k in ('PATH', 'ASAN_OPTIONS', 'LSAN_OPTIONS', 'USER')}
        home, run = self.path('home'), self.path('run')
        os.makedirs(home + '/.config')
        os.makedirs(run, mode=0o700)
        self.env.update(
            HOME=home, XDG_RUNTIME_DIR=run, XDG_CONFIG_HOME=home + '/.config', XDG_CURRENT_DESKTOP='GNOME',
            LC_ALL='C.UTF-8', GSETTINGS_BACKEND='memory', GDK_BACKEND='x11', GTK_A11Y='atspi', GSK_RENDERER='cairo',
            LIBGL_ALWAYS_SOFTWARE='1', GTK_USE_PORTAL='0', ADW_DISABLE_PORTAL='1',
            DBUS_SESSION_BUS_ADDRESS='unix:path=' + self.path('session'),
            DBUS_SYSTEM_BUS_ADDRESS='unix:path=' + self.path('system'), NM_VPN_PLUGIN_DIR=self.path('names'))
        for v in ('3.0', '4.0'):
            os.makedirs(f'{home}/.config/gtk-{v}')
            with open(f'{home}/.config/gtk-{v}/settings.ini', 'w', encoding='utf-8') as f:
                f.write('[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=false\n')
        os.makedirs(self.path('names'))
        self.name_file = self.path('names/nm-ipsec-service.name')
        with open(self.name_file, 'w', encoding='utf-8') as f:
            f.write(f'[VPN Connection]\nname=ipsec\nservice={SERVICE}\nprogram={HERE}/stub-service.py\n'
                    f'[libnm]\nplugin={os.path.abspath(plugin)}\n[GNOME]\n')
            if dialog:
                f.write(f'auth-dialog={os.path.abspath(dialog)}\nsupports-external-ui-mode=true\nsupports-hints=true\n')

    def add_others(self, plugins, dialog):
        """The .name files for connections of other plugins, as they are installed but for the paths."""
        for name in ('libreswan', 'strongswan'):
            with open(os.path.join(plugins, f'../data/nm-{name}-service.name'), encoding='utf-8') as f:
                text = f.read()
            for key, path in (('program', f'{HERE}/stub-service.py'), ('auth-dialog', dialog),
                              ('plugin', f'{plugins}/libnm-vpn-plugin-ipsec-{name}.so')):
                text, n = re.subn(f'(?m)^{key}=.*', f'{key}={os.path.abspath(path)}', text)
                assert n == 1, f'{key} in the .name file for {name}: {text}'
            with open(self.path(f'names/nm-{name}-service.name'), 'w', encoding='utf-8') as f:
                f.write(text)

    def path(self, name):
        return os.path.join(self.dir, name)

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # in order, so that nothing stays
        try:
            self.start_x()
            self.start_session()
            if self.network:
                self.start_network()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name, p in reversed(self.procs):
            if p.poll() is None:
                os.killpg(p.pid, signal.SIGTERM)
        for name, p in reversed(self.procs):
            try:
                p.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
        if not os.environ.get('GUI_KEEP'):
            shutil.rmtree(self.dir, ignore_errors=True)

    def spawn(self, name, *argv, env=None, pass_fds=(), stdin=subprocess.DEVNULL):
        """Starts a program whose output goes into NAME.log."""
        with open(self.path(name + '.log'), 'ab') as log:
            p = subprocess.Popen(argv, env={**self.env, **(env or {})}, stdin=stdin, stdout=log, stderr=log,
                                 start_new_session=True, pass_fds=pass_fds)
        self.procs.append((name, p))
        return p

    def end(self, proc):
        os.killpg(proc.pid, signal.SIGTERM)
        proc.wait(20)

    def log(self, name):
        with open(self.path(name + '.log'), encoding='utf-8', errors='replace') as f:
            return f.read()

    def run(self, *argv, check=True):
        return subprocess.run(argv, env=self.env, check=check, capture_output=True, text=True, timeout=WAIT).stdout

    def start_x(self):
        read, write = os.pipe()
        self.spawn('x', 'Xvfb', '-displayfd', str(write), '-screen', '0', self.screen, '-nolisten', 'tcp', '-ac',
                   pass_fds=(write,))
        os.close(write)
        number = b''
        while not number.endswith(b'\n'):
            got = os.read(read, 16)
            if not got:
                raise RuntimeError('Xvfb did not start: ' + self.log('x'))
            number += got
        os.close(read)
        self.env['DISPLAY'] = ':' + number.decode().strip()
        self.spawn('wm', 'openbox')

    def start_session(self):
        self.spawn('session', 'dbus-daemon', '--session', '--nofork', '--address=' + self.env['DBUS_SESSION_BUS_ADDRESS'])
        wait_for('the session bus', lambda: os.path.exists(self.path('session')))
        self.spawn('a11y', '/usr/libexec/at-spi-bus-launcher', '--launch-immediately')
        wait_for('the accessibility bus', lambda: self.call_ok('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus.GetAddress'))
        self.run('gdbus', 'call', '--session', '--dest', 'org.a11y.Bus', '--object-path', '/org/a11y/bus', '--method',
                 'org.freedesktop.DBus.Properties.Set', 'org.a11y.Status', 'IsEnabled', '<true>')

    def call_ok(self, dest, path, method):
        return subprocess.run(['gdbus', 'call', '--session', '--dest', dest, '--object-path', path, '--method', method],
                              env=self.env, capture_output=True, check=False).returncode == 0

    def start_network(self):
        with open(self.path('system.conf'), 'w', encoding='utf-8') as f:
            f.write(SYSTEM_BUS.format(socket=self.path('system')))
        self.spawn('system', 'dbus-daemon', '--nofork', '--config-file=' + self.path('system.conf'))
        wait_for('the system bus', lambda: os.path.exists(self.path('system')))
        # a keyring that is open: a locked one would ask
        self.spawn('keyring', 'sh', '-c', 'printf test | exec gnome-keyring-daemon --foreground --unlock --components=secrets')
        self.spawn('nm', 'unshare', '-n', '-m', '--propagation', 'private', 'sh', '-c', NETWORK_MANAGER,
                   env={'W': self.dir})
        wait_for('NetworkManager', lambda: subprocess.run(['nmcli', '-t', 'general', 'status'], env=self.env,
                                                          capture_output=True, check=False).returncode == 0)
        self.run('nmcli', 'connection', 'add', 'type', 'ethernet', 'ifname', 'eth0', 'con-name', 'lan', 'ip4',
                 '192.0.2.2/24', 'gw4', '192.0.2.1', 'ipv6.method', 'disabled')
        self.run('nmcli', 'connection', 'up', 'lan')
        wait_for('the keyring', lambda: self.call_ok('org.freedesktop.secrets', '/org/freedesktop/secrets',
                                                     'org.freedesktop.DBus.Peer.Ping'))

    def keyring(self, work):
        """What WORK says, which gets a function that calls the user's keyring, and a session there."""
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        bus = Gio.DBusConnection.new_for_address_sync(self.env['DBUS_SESSION_BUS_ADDRESS'], flags, None, None)

        def call(method, signature, *args, path='', interface='Service'):
            return bus.call_sync('org.freedesktop.secrets', '/org/freedesktop/secrets' + path,
                                 'org.freedesktop.Secret.' + interface, method, GLib.Variant(signature, args), None, 0,
                                 WAIT * 1000, None).unpack()
        result = work(call, call('OpenSession', '(sv)', 'plain', GLib.Variant('s', ''))[1])
        bus.close_sync(None)
        return result

    def secret(self, uuid, key):
        """Of a connection, in the user's keyring, or None."""
        def work(call, session):
            items, _ = call('SearchItems', '(a{ss})', {'connection-uuid': uuid, 'setting-name': 'vpn', 'setting-key': key})
            found = call('GetSecrets', '(aoo)', items, session)[0]
            return next((bytes(value).decode() for _, _, value, _ in found.values()), None)
        return self.keyring(work)

    def keep_secret(self, uuid, key, value):
        """Puts it there, as agents do."""
        attributes = {'connection-uuid': uuid, 'setting-name': 'vpn', 'setting-key': key,
                      'xdg:schema': 'org.freedesktop.NetworkManager.Connection'}
        item = {'org.freedesktop.Secret.Item.Label': GLib.Variant('s', key),
                'org.freedesktop.Secret.Item.Attributes': GLib.Variant('a{ss}', attributes)}
        self.keyring(lambda call, session: call(
            'CreateItem', '(a{sv}(oayays)b)', item, (session, b'', value.encode(), 'text/plain'), True,
            path='/collection/login', interface='Collection'))

    def vpn_data(self, connection):
        text = self.run('nmcli', '-g', 'vpn.data', 'connection', 'show', connection)
        return dict(item.split(' = ', 1) for item in text.strip().split(', ') if ' = ' in item)
