#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A syslog collector that reads RFC 5424 to the letter, for tests/e2e/log_test.sh.

  collect.py udp PORT FILE      each datagram is one line of FILE: MSGID SDID NAME=VALUE ...
  collect.py local PATH FILE    with PRI=, TIME= (age in seconds), MSG= added; or BAD and why;
                                what others than sluice say there is left out
"""
import datetime
import os
import re
import socket
import sys

# RFC 5424 section 6, rule by rule.
PRINT = r"[\x21-\x7e]"
NAME = r"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}"  # without = ] " and blank
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)"
VALUE = r'(?:[^"\\\]]|\\["\\\]])*'
PARAM = rf' ({NAME})="({VALUE})"'
ELEMENT = rf'\[({NAME})((?: {NAME}="{VALUE}")*)\]'
MESSAGE = re.compile(
    rf"<(0|[1-9]\d{{0,2}})>(1) ({TIME}) ({PRINT}{{1,255}}) ({PRINT}{{1,48}}) ({PRINT}{{1,128}})"
    rf" ({PRINT}{{1,32}}) {ELEMENT}(?: (.*))?\Z")


def read(data):
    match = MESSAGE.match(data.decode("ascii"))
    if match is None:
        raise ValueError("no RFC 5424 message")
    pri, _, time, _, app, _, msgid, sdid, params, text = match.groups()
    if int(pri) > 191:
        raise ValueError("PRI above 191")
    if len(data) > 480:
        raise ValueError("longer than every receiver takes")
    when = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    age = (datetime.datetime.now(datetime.timezone.utc) - when).total_seconds()
    words = [msgid, sdid] + [f"{k}={v}" for k, v in re.findall(PARAM, params)]
    return " ".join(words + [f"PRI={pri}", f"APP={app}", f"TIME={age:.3f}", f"MSG={text or ''}"])


def main():
    kind, where, path = sys.argv[1:]
    if kind == "udp":
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("", int(where)))
    else:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.bind(where)
        os.chmod(where, 0o666)
    with open(path, "a", buffering=1) as out:
        while True:
            data = sock.recv(65535)
            if kind == "local" and b" sluice " not in data:
                continue  # other programs of this machine log there too
            try:
                line = read(data)
            except ValueError as why:
                line = f"BAD {why}: {data!r}"
            out.write(line + "\n")


main()
