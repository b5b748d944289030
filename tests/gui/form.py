# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of the editors' fields, what is typed into each, and the page in the window of another program, worked as a
person would."""
import base64
import functools
import os
import re

from screen import SENSITIVE, WINDOWS, strip, until

FORM = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../properties/form')
RAW_KEY = '0s' + base64.b64encode(b'\x03\x01\x00\x01' + b'\xc3' * 256).decode()  # RFC 3110
# What is typed into each field; two fields that need each other come in the order of the page.
TEXTS = {
    'gateway': 'vpn.example.com', 'user': 'alice', 'password': 'geheim', 'otp': '123456', 'certificate': '/tmp/alice.pem',
    'private-key': '/tmp/alice.key', 'key-password': 'k', 'pin': '1234', 'psk': 'correct horse battery staple',
    'ca': '/tmp/ca.pem', 'pool': '10.9.0.0/24', 'pool6': '2001:db8:9::/64', 'users': '/tmp/users',
    'push-dns': '10.9.0.1', 'push-domains': 'example.com', 'push-banner': 'Welcome', 'pam-service': 'ipsec',
    'redirect-to': 'gw2.example.com',
    'private': '10.1.0.0/16', 'private-or-clear': '10.2.0.0/16', 'clear-or-private': '10.3.0.0/16',
    'clear': '10.4.0.0/16', 'block': '10.5.0.0/16', 'local-id': '@me.example.com', 'remote-id': '@gw.example.com',
    'remote-certificate': '/tmp/gw.pem', 'eap-identity': 'anonymous', 'eap-ca': '/tmp/eap-ca.pem',
    'eap-server-name': 'radius.example.com', 'remote-ts': '10.0.0.0/8', 'local-ts': '10.9.9.0/24',
    'virtual-ip': '10.9.0.7', 'ike': 'aes256gcm16-prfsha384-ecp384', 'esp': 'aes256gcm16', 'ike-lifetime': '4h',
    'esp-lifetime': '2h', 'esp-bytes': '10G', 'rekey-margin': '5m', 'ppk-id': 'pad1', 'ppk#secret': 'a post-quantum key',
    'ppk-file': '/tmp/pad', 'tcp-port': '443', 'mtu': '1400', 'if-id': '42', 'local-address': '192.0.2.7',
    'local-port': '5000', 'remote-port': '5001', 'dpd-delay': '1m', 'dpd-timeout': '5m', 'keyingtries': '1',
    'retransmit-timeout': '1m', 'mss-clamp': 'no',
    'kill-switch-except': '192.168.0.0/16', 'replay-window': '64', 'mark': '0x1/0xff',
    'sec-label': 'system_u:object_r:other_t:s0', 'cpus': '4', 'nss-password': 'n', 'log-level': '6',
    'local-rsa-key': 'a1' * 20, 'idle-timeout': '20m', 'remote-rsa-key': RAW_KEY,
}
ENTRIES = {'text', 'password text', 'entry'}
ROLES = {'FIELD_CHOICE': {'combo box'}, 'FIELD_SWITCH': {'check box', 'switch', 'toggle button'}}  # else entries
CONTROLS = ENTRIES.union(*ROLES.values())
EDGE = 3  # pixels from it there is nothing that has a tooltip, which with GTK 3 takes the wheel
WHEEL = 100  # pixels that a step of it moves a page, more than it does
CHECKED = 4  # number of a state
# which have more fields of their own, or leave those that were filled in; of other choices the next one is taken
PICKS = {'eap': 'ttls', 'eap-phase2': 'gtc', 'algorithms': 'custom'}
AUTHS = {'user': 'eap', 'certificate': 'cert', 'token': 'cert', 'shared-key': 'psk', 'raw-key': 'rsa', 'nothing': 'null'}


class Field:
    """A row of the table. A secret may have the name of another field: then it is "NAME#secret" here."""
    def __init__(self, name, kind, flags, section, title, choices):
        self.name, self.kind, self.section, self.titles = name, kind, section, {title.replace('_', '')}
        self.key, self.secret, self.own = name.split('#')[0], kind == 'FIELD_SECRET', 'FIELD_OWN' in flags
        self.choices = choices  # [(word, title)]


def read_table():
    """{name: Field}, in the order of the page."""
    with open(os.path.join(FORM, 'fields.h'), encoding='utf-8') as f:
        own = dict(re.findall(r'#define (\w+) "([\w-]+)"', f.read()))
    with open(os.path.join(FORM, 'fields.c'), encoding='utf-8') as f:
        text = f.read()
    lists = {name: [(own.get(word, word.strip('"')), title) for word, title in
                    re.findall(r'\{ ("[^"]*"|\w+), (?:N_ \()?"([^"]+)"', body)]
             for name, body in re.findall(r'^static const FieldChoice (\w+)\[\] = \{(.*?)NULL, NULL', text, re.M | re.S)}
    rows = re.findall(r'^  \{ (?:"([\w-]+)"|(FIELD_\w+)), (FIELD_\w+), ([\w |]+), (SECTION_\w+),\s+(?:NULL|"[^"]*"),\s+'
                      r'N_ \("([^"]+)"\),\s+(\w+)', text, re.M)
    out = {}
    for name, macro, kind, flags, section, title, choices in rows:
        name = name or own[macro]
        name = f'{name}#secret' if name in out else name
        out[name] = Field(name, kind, flags, section, title, lists.get(choices))
    for name, title in re.findall(r'^  \{ "([\w-]+)", IPSEC_ROLE_\w+, N_ \("([^"]+)"\)', text, re.M):
        out[name].titles.add(title.replace('_', ''))
    assert len(out) == len(re.findall(r'^  \{ .*, SECTION_\w+,', text, re.M)), 'a row that form.py cannot read'
    return out


def read_sections():
    """{section: title} of those that are folded at first."""
    with open(os.path.join(FORM, 'fields.c'), encoding='utf-8') as f:
        return dict(re.findall(r'^  \[(SECTION_\w+)\] = \{ N_ \("([^"]+)"\), N_', f.read(), re.M))


TABLE = read_table()


SECTIONS = read_sections()


def data_of(values):
    """(vpn.data, secrets) of a new connection in whose form these VALUES were filled in; what is 0 or 1 is the program's
    choice of where a secret is."""
    data, secrets = {}, {}
    for name, value in values.items():
        field = TABLE[name]
        if field.secret:
            secrets[field.key] = value
        elif not field.own:
            data[field.key] = value
        elif name == 'sign-in':
            data['auth'] = AUTHS[value]
    return data, secrets


class Page:
    """The editor's page in a WINDOW of a program, which stays where it is."""
    def __init__(self, window):
        self.window, self.screen = window, window.screen
        self.found = {}

    @functools.cached_property
    def area(self):
        """What scrolls, the outermost if there are two; of a window of GTK 4, in which other pages are as well."""
        area = node = self.inner
        while node and node.role not in WINDOWS:
            area, node = node if node.role == 'scroll pane' else area, node.parent
        return area

    @functools.cached_property
    def inner(self):
        """The page's own scroll pane."""
        node = self.window.find('combo box', 'Kind')
        while node.role != 'scroll pane':
            node = node.parent
        return node

    @functools.cached_property
    def origin(self):
        return self.window.origin()

    def nodes(self):
        return (self.area if self.window.gtk4 else self.window).walk_page()

    def controls(self):
        """{name: control} of what is on the page, also below what the window shows of it."""
        titles = {title: field for field in TABLE.values() for title in field.titles}
        self.found = {}
        for n in self.nodes():
            field = titles.get(strip(n.name)) if n.role in CONTROLS else None
            if field and n.role in ROLES.get(field.kind, ENTRIES) and (not n.gtk4 or n.showing):
                self.found[field.name] = n
        return self.found

    def control(self, name):
        if name not in self.found:
            section = TABLE[name].section
            if section in SECTIONS and name not in self.controls():
                self.unfold(section)
            until(f'the field {name}', lambda: name in self.controls())
        return self.found[name]

    def heads(self, section):
        role = 'label' if self.window.gtk4 else 'toggle button'
        return [n for n in self.nodes() if n.matches(role, SECTIONS[section], not n.gtk4)]

    def unfold(self, section):
        def is_open():
            return any(TABLE[name].section == section for name in self.controls())

        def opened():
            if is_open():
                return True
            for head in self.heads(section)[-1:]:
                if head.gtk4:
                    self.bring_into_sight(head)
                    head.mouse(origin=self.origin)
                else:
                    head.click()
                try:
                    return until('its fields', is_open, 10)
                except LookupError:
                    pass  # a tooltip has taken the click
            return False
        until(f'the section {SECTIONS[section]}', opened, 60)

    def bring_into_sight(self, node):
        """By the mouse's wheel."""
        area = self.area

        def visible():
            top, height = area.extents[1], area.extents[3]
            _, y, _, tall = node.still()
            end = y + tall
            if top <= y and end <= top + height:
                return True
            area.mouse('4' if y < top else '5', 1 + max(top - y, end - top - height) // WHEEL, self.origin)
            try:
                until('the page to roll', lambda: node.extents[1] != y, 3)
            except LookupError:
                pass  # a tooltip has taken the wheel
            return False
        until(f'{node.name} in sight', visible)

    def screenfuls(self):
        """With everything unfolded, from the top to the end: yields when the next can be looked at."""
        area, kind = self.area, self.control('role')
        until('the page, which has to wait for secrets', lambda: kind.state(SENSITIVE))
        for section in SECTIONS:
            if self.heads(section):
                self.unfold(section)
        if not area.gtk4:  # which says nothing new of what has been rolled away
            kind = self.inner.find('viewport').children()[0]
        step, moved = area.extents[3] * 3 // 4, True
        area.mouse('4', 100, self.origin)
        yield
        while moved:
            begin = kind.extents[1]
            while moved and begin - kind.extents[1] < step:
                moved = self.roll(area, kind)
            if kind.extents[1] != begin:
                yield

    def roll(self, area, node):
        """A little on; FALSE: it was the end of the page."""
        before = node.extents[1]
        if area.gtk4:
            area.mouse('5', 1, self.origin)
        else:
            _, y, _, height = area.extents
            self.screen.xdo('mousemove', str(self.inner.extents[0] + EDGE), str(y + height // 2), 'click', '5')
        try:
            until('more of the page', lambda: node.extents[1] != before, 1)
        except LookupError:
            return False
        return True

    def option(self, name, control):
        """The word of what is chosen."""
        if control.gtk4:
            titles = [n.name for n in control.walk() if n.role == 'label' and n.name not in TABLE[name].titles]
        else:
            titles = [n.name for n in (control.selected(),) if n]
        return next((word for word, title in TABLE[name].choices if title in titles), None)

    def pick(self, name, word):
        control = self.control(name)
        title = dict(TABLE[name].choices)[word]
        if control.gtk4:
            self.pick_from_list(control, title)
        else:
            control.find('menu item', re.escape(title), hidden=True).click()
        until(f'{name} is {word}', lambda: self.option(name, control) == word)

    def open_list(self, control):
        """Titles of what can be chosen. (GTK 4)"""
        def titles():
            lists = [n for n in control.walk() if n.role == 'list']
            return [n.name for n in lists[-1].walk() if n.role == 'label'] if lists else []

        def opened():
            if len(titles()) > 1:
                return titles()
            control.mouse(origin=self.origin)
            try:
                return until('its titles', lambda: len(titles()) > 1 and titles(), 5)
            except LookupError:
                return None  # a tooltip has taken the click
        self.bring_into_sight(control)
        return until('the list of ' + control.name, opened)

    def pick_from_list(self, control, title):
        titles = self.open_list(control)
        self.screen.xdo('key', 'Home', *['Down'] * titles.index(title), 'Return')

    def put(self, name, value):
        kind = TABLE[name].kind
        if kind == 'FIELD_CHOICE':
            self.pick(name, value)
        elif kind != 'FIELD_SWITCH':
            self.control(name).type(value)
        elif self.value(name) != value:
            self.control(name).click()
            until(f'{name} is {value}', lambda: self.value(name) == value)

    def fill(self, values):
        for name, value in values.items():
            self.put(name, value)

    def value(self, name):
        control = self.control(name)
        kind = TABLE[name].kind
        if kind == 'FIELD_CHOICE':
            return self.option(name, control)
        return control.text if kind != 'FIELD_SWITCH' else 'yes' if control.state(CHECKED) else 'no'

    def values(self, names):
        """Of these fields; a secret may have to be fetched first and is not looked at."""
        return {name: self.value(name) for name in names if not TABLE[name].secret}

    def change(self, name):
        """To something else, which is returned."""
        field = TABLE[name]
        if field.kind == 'FIELD_CHOICE' and self.control(name).gtk4:
            return self.pick_another(name)
        if field.kind == 'FIELD_CHOICE':
            offered = [n.name for n in self.control(name).walk() if n.role == 'menu item']
            words = [word for word, title in field.choices if title in offered]
            value = PICKS.get(name) or words[(words.index(self.value(name)) + 1) % len(words)]
        elif field.kind == 'FIELD_SWITCH':
            value = 'no' if self.value(name) == 'yes' else 'yes'
        else:
            value = TEXTS[name]
        self.put(name, value)
        return value

    def pick_another(self, name):
        """(GTK 4)"""
        control = self.control(name)
        before = self.option(name, control)
        words = {title: word for word, title in TABLE[name].choices}
        offered = [words[title] for title in self.open_list(control)]
        value = PICKS.get(name) or offered[(offered.index(before) + 1) % len(offered)]
        self.screen.xdo('key', 'Home', *['Down'] * offered.index(value), 'Return')
        until(f'{name} is {value}', lambda: self.option(name, control) == value)
        return value

    def change_everything(self, *but):
        """All that is on the page, and what is shown because of that; {name: value}."""
        for section in SECTIONS:
            self.unfold(section)
        changed = {}
        while True:
            todo = [name for name in self.controls() if name not in but and name not in changed]
            if not todo:
                return changed
            for name in todo:
                changed[name] = self.change(name)
