#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-dialog.py DIALOG: the program as its callers start it: framing of standard input, exit status, no display."""
import configparser
import os
import subprocess
import sys
import tempfile
import unittest

DIALOG = sys.argv.pop(1)
PREFIX = 'org.freedesktop.NetworkManager.'
SERVICE = PREFIX + 'ipsec'
EAP = {'gateway': 'vpn.example.com', 'auth': 'eap', 'user': 'alice'}


def frame(data, secrets=None, blank=True, end='DONE\n\n'):
    """The connection as gnome-shell (blank lines) or nm-applet writes it."""
    gap = '\n' if blank else ''
    out = ''.join(f'DATA_KEY={k}\nDATA_VAL={v}\n{gap}' for k, v in data.items())
    out += ''.join(f'SECRET_KEY={k}\nSECRET_VAL={v}\n{gap}' for k, v in (secrets or {}).items())
    return out + end


def run(text, *args, service=SERVICE, external=True, home=None, locale='C.UTF-8', name='office'):
    env = {k: v for k, v in os.environ.items()
           if k not in ('DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR')}
    env.update(LC_ALL=locale, HOME=home or '/nonexistent', DBUS_SESSION_BUS_ADDRESS='unix:path=/nonexistent')
    argv = [DIALOG, '-u', 'u-u-i-d', '-n', name, '-s', service]
    argv += ['--external-ui-mode'] if external else []
    return subprocess.run(argv + list(args), input=text, env=env, capture_output=True, text=True, timeout=30, check=False)


def keyfile(text):
    parser = configparser.ConfigParser(interpolation=None, delimiters=('=',))
    parser.optionxform = str
    parser.read_string(text)
    return parser


class Asked(unittest.TestCase):
    def check(self, result):
        self.assertEqual(result.returncode, 0, result.stderr)
        k = keyfile(result.stdout)
        self.assertEqual(k.sections()[0], 'VPN Plugin UI')
        self.assertEqual(k['VPN Plugin UI']['Version'], '2')
        self.assertTrue(k['VPN Plugin UI']['Title'] and k['VPN Plugin UI']['Description'])
        for s in k.sections()[1:]:
            self.assertEqual({'Value', 'Label', 'IsSecret', 'ShouldAsk'} - set(k[s]), set())
        return k


class External(Asked):
    def test_callers(self):
        for text in (frame(EAP), frame(EAP, blank=False, end='DONE\n\nQUIT\n\n'), frame(EAP, end='DONE\nQUIT\n')):
            k = self.check(run(text, '-i'))
            self.assertEqual(k['password']['ShouldAsk'], 'true')
            self.assertEqual(k['password']['Label'], 'Password')

    def test_without_interaction(self):
        k = self.check(run(frame(EAP)))
        self.assertEqual(k['password']['ShouldAsk'], 'false')

    def test_known(self):
        k = self.check(run(frame(EAP, {'password': 'geheim'}), '-i'))
        self.assertEqual((k['password']['Value'], k['password']['ShouldAsk']), ('geheim', 'false'))

    def test_message(self):
        k = self.check(run(frame(EAP, {'password': 'x'}), '-i', '-t', 'password', '-t', 'x-vpn-message:Wrong: again.'))
        self.assertEqual(k['VPN Plugin UI']['Description'], 'Wrong: again.')
        self.assertEqual((k['password']['Value'], k['password']['ShouldAsk']), ('', 'true'))

    def test_locale(self):
        k = self.check(run(frame(EAP), '-i', '-t', 'password', '-t', 'x-vpn-message:Noch einmal, für „Büro“.', locale='C', name='Büro'))
        self.assertEqual(k['VPN Plugin UI']['Description'], 'Noch einmal, für „Büro“.')

    def test_code(self):
        k = self.check(run(frame(EAP), '-i', '-t', 'otp'))
        self.assertEqual(k['otp']['ForceEcho'], 'true')

    def test_nothing_needed(self):
        k = self.check(run(frame({'gateway': 'a', 'auth': 'cert', 'certificate': '/a.pem'}), '-i'))
        self.assertEqual(k['no-secret']['ShouldAsk'], 'false')


class Others(Asked):
    """Connections of the other plugins: their names on both sides."""
    SWAN = {'right': 'vpn.example.com', 'ikev2': 'insist', 'leftid': '@me'}
    STRONG = {'address': 'vpn.example.com', 'method': 'eap', 'user': 'alice', 'virtual': 'yes'}

    def ask(self, service, data, *args, secrets=None, external=True, end='DONE\n\n'):
        return run(frame(data, secrets, end=end), '-i', *args, service=PREFIX + service, external=external)

    def test_libreswan(self):
        for service in ('libreswan', 'openswan'):
            k = self.check(self.ask(service, self.SWAN))
            self.assertEqual(k.sections()[1:], ['pskvalue'])
            self.assertEqual((k['pskvalue']['ShouldAsk'], k['pskvalue']['Label']), ('true', 'Pre-Shared Key'))
        k = self.check(self.ask('libreswan', self.SWAN, secrets={'pskvalue': 'geheim'}))
        self.assertEqual((k['pskvalue']['Value'], k['pskvalue']['ShouldAsk']), ('geheim', 'false'))
        k = self.check(self.ask('libreswan', self.SWAN, '-t', 'pskvalue', '-t', 'x-vpn-message:Again.', secrets={'pskvalue': 'x'}))
        self.assertEqual((k['VPN Plugin UI']['Description'], k['pskvalue']['ShouldAsk']), ('Again.', 'true'))
        k = self.check(self.ask('libreswan', {**self.SWAN, 'leftcert': 'me'}))
        self.assertEqual(k.sections()[1:], ['no-secret'])

    def test_strongswan(self):
        k = self.check(self.ask('strongswan', self.STRONG))
        self.assertEqual(k.sections()[1:], ['password'])
        self.assertEqual((k['password']['ShouldAsk'], k['password']['Label']), ('true', 'Password'))
        k = self.check(self.ask('strongswan', {**self.STRONG, 'method': 'psk'}, secrets={'password': 'x' * 20}))
        self.assertEqual((k['password']['Value'], k['password']['ShouldAsk']), ('x' * 20, 'false'))

    def test_lines(self):
        r = self.ask('libreswan', self.SWAN, secrets={'pskvalue': 'geheim'}, external=False, end='DONE\n\nQUIT\n\n')
        self.assertEqual((r.returncode, r.stdout), (0, 'pskvalue\ngeheim\n\n\n'))


class Graphical(unittest.TestCase):
    def test_known(self):
        r = run(frame(EAP, {'password': 'geheim'}, end='DONE\n\nQUIT\n\n'), '-i', external=False)
        self.assertEqual((r.returncode, r.stdout), (0, 'password\ngeheim\n\n\n'))

    def test_caller_gone(self):
        """The end of standard input counts as QUIT: no lingering."""
        r = run(frame(EAP, {'password': 'geheim'}), '-i', external=False)
        self.assertEqual(r.returncode, 0)

    def test_no_display(self):
        r = run(frame(EAP), '-i', external=False)
        self.assertEqual((r.returncode, r.stdout), (1, ''))
        self.assertNotEqual(r.stderr, '')

    def test_may_not_ask(self):
        r = run(frame(EAP, end='DONE\n\nQUIT\n\n'), external=False)
        self.assertEqual((r.returncode, r.stdout), (1, ''))


class Wrong(unittest.TestCase):
    def test_usage(self):
        self.assertEqual(run(frame(EAP), '--nonsense').returncode, 2)
        self.assertEqual(run(frame(EAP), service='org.freedesktop.NetworkManager.openvpn').returncode, 2)

    def test_input(self):
        for text in ('', 'DONE\n', 'nonsense\n', 'DATA_KEY=a\n'):
            r = run(text, '-i')
            self.assertEqual((r.returncode, r.stdout), (1, ''), text)

    def test_no_toolkit(self):
        """nmcli over ssh: neither GTK nor a display library is even loaded."""
        out = subprocess.run(['ldd', DIALOG], capture_output=True, text=True, check=True).stdout
        self.assertNotIn('gtk', out)
        self.assertNotIn('libX', out)
        self.assertNotIn('wayland', out)


if __name__ == '__main__':
    unittest.main()
