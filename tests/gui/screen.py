# SPDX-License-Identifier: GPL-2.0-or-later
"""What is on the screen, as assistive technology sees it, and how a person would work it.

AT-SPI is spoken over D-Bus directly, because libatspi 2.46 deadlocks and shows stale trees now and then."""
import functools
import re
import subprocess
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib  # noqa: E402 - Atspi only for its table of roles

ROLES = {i: Atspi.Role(i).value_nick.replace('-', ' ') for i in range(Atspi.Role.LAST_DEFINED)}
ROLES[43] = 'push button'  # which newer ones call otherwise
A11Y = 'org.a11y.atspi.'
SENSITIVE, SHOWING, VISIBLE = 24, 25, 30  # numbers of states
LABELLED_BY = 2
TIMEOUT_MS = 30000  # who is busy is not gone: who is gone answers at once
WINDOWS = {'dialog', 'frame', 'window'}
# what must have a name: one can do something with it
CONTROLS = {'text', 'password text', 'entry', 'combo box', 'push button', 'toggle button', 'check box', 'radio button',
            'spin button', 'switch'}


def strip(text):
    return (text or '').replace('_', '').rstrip(':').strip()


class Screen:
    def __init__(self, world):
        self.world = world
        self.gtk4 = {}  # program: is it one of GTK 4
        self.roles = {}  # object: number, of GTK 4, which gives no name twice
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        out = world.run('gdbus', 'call', '--session', '--dest', 'org.a11y.Bus', '--object-path', '/org/a11y/bus',
                        '--method', 'org.a11y.Bus.GetAddress')
        self.bus = Gio.DBusConnection.new_for_address_sync(re.search(r"'(.*)'", out)[1], flags, None, None)

    def apps(self):
        return Node(self, ('org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root')).children()

    def app(self, name, timeout=60):
        return until(f'the program {name}', lambda: next((a for a in self.apps() if re.fullmatch(name, a.name)), None),
                     timeout)

    def shot(self, path, title=None):
        subprocess.run(['import', '-window', title or 'root', path], env=self.world.env, check=True, timeout=60)

    def xdo(self, *args):
        return self.world.run('xdotool', *args)


def until(what, condition, timeout=30):
    end = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise LookupError(f'not there: {what}')
        time.sleep(0.1)


class Node:
    """One accessible object."""
    def __init__(self, screen, ref):
        self.screen, self.ref = screen, ref

    def call(self, interface, method, args=None, default=None):
        try:
            out = self.screen.bus.call_sync(self.ref[0], self.ref[1], A11Y + interface, method, args, None, 0,
                                            TIMEOUT_MS, None).unpack()
            return out[0] if out else True
        except GLib.Error:
            return default

    def get(self, interface, name, default=None):
        try:
            return self.screen.bus.call_sync(self.ref[0], self.ref[1], 'org.freedesktop.DBus.Properties', 'Get',
                                             GLib.Variant('(ss)', (A11Y + interface, name)), None, 0, TIMEOUT_MS,
                                             None).unpack()[0]
        except GLib.Error:
            return default

    @property
    def name(self):
        return self.get('Accessible', 'Name', '') or ''

    @property
    def description(self):
        return self.get('Accessible', 'Description', '') or ''

    @functools.cached_property
    def role(self):
        # by number: GTK 4 gives other words than GTK 3
        number = self.screen.roles.get(self.ref)
        if number is None:
            number = self.call('Accessible', 'GetRole', default=0)
            if number and self.gtk4:
                self.screen.roles[self.ref] = number
        return ROLES.get(number, '')

    def state(self, number):
        words = self.call('Accessible', 'GetState', default=[]) or []
        return len(words) > number // 32 and bool(words[number // 32] >> number % 32 & 1)

    @property
    def gtk4(self):
        program = self.ref[0]
        if program not in self.screen.gtk4:
            root = Node(self.screen, (program, '/org/a11y/atspi/accessible/root'))
            version = root.get('Application', 'Version')
            if version is None:
                return False  # asked again
            self.screen.gtk4[program] = version.startswith('4')
        return self.screen.gtk4[program]

    @property
    def extents(self):
        return self.call('Component', 'GetExtents', GLib.Variant('(u)', (1 if self.gtk4 else 0,)))

    @property
    def showing(self):
        if self.state(SHOWING):
            return True
        e = self.extents if self.gtk4 else None  # GTK 4.8 does not tell, but what is not shown has no size
        return e is not None and e[2] > 0 and e[3] > 0

    @property
    def text(self):
        n = self.get('Text', 'CharacterCount')
        return None if n is None else self.call('Text', 'GetText', GLib.Variant('(ii)', (0, n)))

    def labels(self):
        out = []
        for kind, targets in self.call('Accessible', 'GetRelationSet', default=[]) or []:
            if kind == LABELLED_BY:
                out += [n.name or n.text or '' for n in (Node(self.screen, t) for t in targets)]
        return out

    def selected(self):
        ref = self.call('Selection', 'GetSelectedChild', GLib.Variant('(i)', (0,)))
        return Node(self.screen, ref) if ref and not ref[1].endswith('/null') else None

    def select(self):
        """This row of a list."""
        self.call('Component', 'GrabFocus')
        self.parent.call('Selection', 'SelectChild', GLib.Variant('(i)', (self.call('Accessible', 'GetIndexInParent'),)))

    def children(self):
        return [Node(self.screen, ref) for ref in self.call('Accessible', 'GetChildren', default=[]) or []]

    @property
    def parent(self):
        ref = self.get('Accessible', 'Parent')
        return Node(self.screen, ref) if ref and not ref[1].endswith('/null') else None

    def walk(self):
        yield self
        for child in self.children():
            yield from child.walk()

    def walk_shown(self):
        """What may be shown: GTK 4.8 does not tell, and asking for the size takes longer than looking in."""
        yield self
        for child in self.children():
            if child.gtk4 or child.state(SHOWING):
                yield from child.walk_shown()

    def walk_page(self):
        """What there is for whoever scrolls: not what is hidden, nor what controls are made of."""
        yield self
        if self.role not in CONTROLS:
            for child in self.children():
                if self.gtk4 or child.state(VISIBLE):  # GTK 4.8 does not tell
                    yield from child.walk_page()

    def matches(self, role, name, hidden):
        if role and self.role not in role.split('|'):
            return False
        if name is not None and not any(re.fullmatch(name, strip(n)) for n in [self.name] + self.labels()):
            return False
        return hidden or self.showing

    def all(self, role, name, hidden):
        """Everything in here that is so; windows are only looked for at the top of a program."""
        nodes = self.children() if role and WINDOWS.issuperset(role.split('|')) else self.walk()
        return (n for n in nodes if n.matches(role, name, hidden))

    def find(self, role=None, name=None, timeout=30, hidden=False):
        return until(f'{role} {name!r}', lambda: next(self.all(role, name, hidden), None), timeout)

    def window(self, name, having=None):
        """Of a program; with something of the role @having in it. Nothing else of the program is looked at."""
        return until(f'the window {name!r}', lambda: next(
            (w for w in self.children() if re.fullmatch(name, strip(w.name)) and
             (not having or any(n.role == having for n in w.walk()))), None))

    def gone(self, role=None, name=None, timeout=30):
        until(f'{role} {name!r} should go', lambda: not any(self.all(role, name, False)), timeout)

    # deeds
    def click(self):
        n = self.get('Action', 'NActions', 0) or 0
        names = [self.call('Action', 'GetName', GLib.Variant('(i)', (i,)), '') for i in range(n)]
        for want in ('click', 'press', 'activate', 'toggle'):
            if want in names:
                self.call('Action', 'DoAction', GLib.Variant('(i)', (names.index(want),)))
                return
        self.mouse()

    def origin(self):
        """Of what a program says about places: GTK 4 says it within the window."""
        top = self
        while top.parent and top.parent.role != 'application':
            top = top.parent
        place = window_origin(self.screen, top.name) if top.name else (0, 0)  # until it has one others are wrong, too
        return place if self.gtk4 else (0, 0)

    def still(self):
        """The extents, when they stay: what has just changed gets its place with a later frame."""
        def same():
            before = self.extents
            time.sleep(0.05)
            return before if before == self.extents else None
        return until(f'{self.name} at rest', same)

    def mouse(self, button='1', times=1, origin=None):
        if not self.extents:
            raise LookupError('gone: what the mouse was for')
        origin = origin or self.origin()
        x, y, w, h = self.still()
        x, y = x + origin[0], y + origin[1]
        self.screen.xdo('mousemove', str(x + w // 2), str(y + h // 2), 'click', '--repeat', str(times), '--delay', '10', button)

    def type(self, text):
        for n in self.walk():
            if n.call('EditableText', 'SetTextContents', GLib.Variant('(s)', (text,))):
                return
        raise LookupError(f'nothing to type into: {self.role} {self.name}')

    def unnamed(self):
        """Controls that have no name: "role (place)"."""
        out = []
        for n in self.walk_shown():
            if n.role not in CONTROLS or not n.showing:
                continue
            name = strip(n.name) or ''.join(n.labels())
            if not name or re.match(r'(Gtk|Adw)[A-Z]', name):
                if n.parent and n.parent.role == 'combo box':
                    continue  # the button inside, which nobody meets alone
                out.append(f'{n.role} {n.name!r} in {n.parent.role if n.parent else "?"} {n.extents}')
        return out


def window_origin(screen, title):
    """Once the window manager has found a place for it."""
    while True:
        before = read_origin(screen, title)
        if before == read_origin(screen, title):
            return before


def read_origin(screen, title):
    """Where the contents of a GTK 4 window begin: X's position and the invisible border for the shadow."""
    window = screen.xdo('search', '--sync', '--onlyvisible', '--name', f'^{re.escape(title)}$').split()[-1]
    info = screen.world.run('xwininfo', '-id', window)
    x, y = (int(re.search(rf'Absolute upper-left {k}:\s+(-?\d+)', info)[1]) for k in 'XY')
    m = re.search(r'= (\d+), \d+, (\d+)', screen.world.run('xprop', '-id', window, '_GTK_FRAME_EXTENTS'))
    return (x + int(m[1]), y + int(m[2])) if m else (x, y)
