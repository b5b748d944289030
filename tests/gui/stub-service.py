#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A VPN service that is none: it makes a device, gives NetworkManager an address and says that it is connected, so that
the switches of desktops can be tested without a gateway. The banner says what it is. It asks for the secret "password"
when the connection has none; of a connection of NetworkManager-libreswan for "pskvalue"."""
import subprocess
import sys

from gi.repository import Gio, GLib

NAME = sys.argv[sys.argv.index('--bus-name') + 1] if '--bus-name' in sys.argv else 'org.freedesktop.NetworkManager.ipsec'
SECRET = 'pskvalue' if 'libreswan' in NAME else 'password'
PATH = '/org/freedesktop/NetworkManager/VPN/Plugin'
INTERFACE = 'org.freedesktop.NetworkManager.VPN.Plugin'
DEVICE = 'stub0'
INIT, STARTING, STARTED, STOPPED = 1, 3, 4, 6
XML = f'''<node><interface name="{INTERFACE}">
<method name="Connect"><arg type="a{{sa{{sv}}}}" direction="in"/></method>
<method name="ConnectInteractive"><arg type="a{{sa{{sv}}}}" direction="in"/><arg type="a{{sv}}" direction="in"/></method>
<method name="NeedSecrets"><arg type="a{{sa{{sv}}}}" direction="in"/><arg type="s" direction="out"/></method>
<method name="NewSecrets"><arg type="a{{sa{{sv}}}}" direction="in"/></method>
<method name="Disconnect"/>
<signal name="StateChanged"><arg type="u"/></signal><signal name="Config"><arg type="a{{sv}}"/></signal>
<signal name="Ip4Config"><arg type="a{{sv}}"/></signal>
<property name="State" type="u" access="read"/></interface></node>'''


def address(text):
    """As NetworkManager wants it: in network order."""
    return GLib.Variant('u', int.from_bytes(bytes(int(x) for x in text.split('.')), 'little'))


class Stub:
    def __init__(self):
        self.state = INIT
        self.loop = GLib.MainLoop()
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        info = Gio.DBusNodeInfo.new_for_xml(XML)
        self.bus.register_object(PATH, info.interfaces[0], self.on_call, self.on_get, None)
        Gio.bus_own_name_on_connection(self.bus, NAME, 0, None, None)

    def emit(self, signal, value):
        self.bus.emit_signal(None, PATH, INTERFACE, signal, value)

    def set_state(self, state):
        self.state = state
        self.emit('StateChanged', GLib.Variant('(u)', (state,)))

    def on_get(self, *_):
        return GLib.Variant('u', self.state)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'NeedSecrets':
            secrets = parameters.unpack()[0].get('vpn', {}).get('secrets', {})
            invocation.return_value(GLib.Variant('(s)', ('' if secrets.get(SECRET) else 'vpn',)))
            return
        invocation.return_value(None)
        if method.startswith('Connect'):
            self.set_state(STARTING)
            GLib.idle_add(self.connect)
        elif method == 'Disconnect':
            subprocess.run(['ip', 'link', 'del', DEVICE], check=False)
            # it stays for the next connection, which would else meet one that is about to leave
            self.set_state(STOPPED)

    def connect(self):
        subprocess.run(['ip', 'tuntap', 'add', DEVICE, 'mode', 'tun'], check=True)
        subprocess.run(['ip', 'link', 'set', DEVICE, 'up'], check=True)
        common = {'tundev': GLib.Variant('s', DEVICE), 'gateway': address('192.0.2.1')}
        self.emit('Config', GLib.Variant('(a{sv})', ({**common, 'has-ip4': GLib.Variant('b', True),
                                                      'banner': GLib.Variant('s', 'A stub, no VPN')},)))
        self.emit('Ip4Config', GLib.Variant('(a{sv})', ({**common, 'address': address('198.51.100.7'),
                                                         'prefix': GLib.Variant('u', 24),
                                                         'never-default': GLib.Variant('b', True)},)))
        self.set_state(STARTED)
        return False


Stub().loop.run()
