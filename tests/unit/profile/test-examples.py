#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-examples.py CHECK-PROFILE FILE...: every vpn.data of README and the manuals is a profile, and of the kind that is meant."""

import os
import re
import shlex
import subprocess
import sys

# In their order in each file: what the profile is meant to be. Whoever adds an example adds it here.
MEANT = {
    "README.md": [
        "client eap", # user name and password
        "client cert", "client psk",
        "client eap", "client eap", # the first one, changed
        "client eap", "client cert", # strongSwan, Libreswan
        "client eap", # Windows
        "peer psk", # AWS
        "server cert", # for Windows and Apple
        "mesh cert",
    ],
    "nm-ipsec.1": ["peer rsa"],
    "nm-settings-ipsec.5": ["client eap", "client cert", "client psk"],
}
# what stands for something that only the reader has
PLACEHOLDERS = {
    "0sAwEAA...": "0sAwEAAcs1mLw5Cd9r8q2v",
    "CKAID": "0123456789abcdef0123456789abcdef01234567",
    "OUTSIDE-ADDRESS": "192.0.2.1",
    "OUR-PUBLIC-ADDRESS": "198.51.100.1",
    "...": "a long enough secret or two",
}


def plain(source):
    """What of a manual's source has to be typed, as a reader sees it."""
    for block in re.findall(r"^\.(?:nf|EX)\n(.*?)^\.(?:fi|EE)\n", source, re.M | re.S):
        yield block.replace(r"\(aq", "'").replace(r"\-", "-").replace(r"\e", "\\")


def indented(source):
    """The same of README, and what is a list of keys alone."""
    for block in re.findall(r"(?:^    .*\n)+", source, re.M):
        if re.match(r"    [a-z]+=", block):
            block = 'vpn.data "' + " ".join(block.split()).replace("\\", "\\\\") + '"\n'
        yield block


def items(text):
    """{key: value} of a property, as nmcli reads it."""
    for item in re.split(r"(?<!\\),", text):
        name, _, value = item.strip().replace(r"\,", ",").partition("=")
        yield name, PLACEHOLDERS.get(value, value)


def examples(blocks):
    """(data, secrets) of each line that has vpn.data; what is modified is what stood there under that name."""
    named = {}
    for block in blocks:
        for line in block.replace("\\\n", "").splitlines():
            words = shlex.split(line, comments=True)
            if not any(word.endswith("vpn.data") for word in words):
                continue
            data, secrets = {}, {}
            if words[:3] == ["nmcli", "connection", "modify"]:
                data, secrets = (dict(old) for old in named[words[3]])
            for name, value in zip(words, words[1:]):
                if name in ("vpn.data", "+vpn.data"):
                    data.update(items(value))
                elif name in ("vpn.secrets", "+vpn.secrets"):
                    secrets.update(items(value))
                elif name == "+":
                    secrets[value] = PLACEHOLDERS["..."]
            if "con-name" in words:
                named[words[words.index("con-name") + 1]] = data, secrets
            yield data, secrets


def main():
    check, *paths = sys.argv[1:]
    failures = []

    for path in paths:
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as file:
            source = file.read()
        found = list(examples(indented(source) if name.endswith(".md") else plain(source)))
        if len(found) != len(MEANT[name]):
            failures.append(f"{name}: {len(found)} examples, {len(MEANT[name])} are known here")
        for (data, secrets), meant in zip(found, MEANT[name]):
            arguments = [f"{key}={value}" for key, value in data.items()]
            arguments += ["--"] + [f"{key}={value}" for key, value in secrets.items()]
            result = subprocess.run([check, *arguments], capture_output=True, text=True, check=False)
            if result.stdout.strip() != meant:
                failures.append(f"{name}: {arguments}: {result.stderr or result.stdout}({meant} is meant)")

    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


main()
