#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Write a sluice's start-up file anew and have it read again, many times.

  reloads.py SOCKET FILE PID GOOD_A GOOD_B BAD N

GOOD_A and GOOD_B turn about; each tenth time by SIGHUP to PID instead of the statement, which
nobody answers. Before each hundredth one comes BAD, which must be refused by its line 3, and
leave what "show configuration" says. Prints how long a reload took.
"""
import os
import shutil
import signal
import socket
import sys
import time

PATH, FILE, PID, GOOD_A, GOOD_B, BAD, N = sys.argv[1:8]

s = socket.socket(socket.AF_UNIX)
s.connect(PATH)
stream = s.makefile("rwb")


def ask(statement):
    """Status, output and messages of one statement."""
    text = statement.encode()
    stream.write(b"sluice1 - %d reloads\n" % len(text) + text)
    stream.flush()
    got = {"o": b"", "e": b""}
    while True:
        kind, value = stream.readline().decode().split()
        if kind == "s":
            return int(value), got["o"].decode(), got["e"].decode()
        got[kind] += stream.read(int(value))


def put(source):
    shutil.copy(source, FILE + ".new")
    os.rename(FILE + ".new", FILE)


def refused():
    before = ask("show configuration")[1]
    put(BAD)
    status, _, said = ask("reload")
    if status == 0 or f"{FILE}:3: " not in said:
        sys.exit(f"a bad file: status {status}, {said!r}")
    if ask("show configuration")[1] != before:
        sys.exit("a bad file changed something")


def hang_up(wanted):
    """SIGHUP, until what it brings is there."""
    before = ask("show configuration")[1]
    os.kill(int(PID), signal.SIGHUP)
    end = time.monotonic() + 10
    while ask("show configuration")[1] == before:
        if time.monotonic() > end:
            sys.exit(f"SIGHUP: {wanted} is not in force")


took = []
for i in range(int(N)):
    if i % 100 == 50:
        refused()
    good = GOOD_B if i % 2 == 0 else GOOD_A
    put(good)
    begin = time.monotonic()
    if i % 10 == 9:
        hang_up(good)
    else:
        status, _, said = ask("reload")
        if status != 0:
            sys.exit(f"{good}: status {status}, {said!r}")
    took.append(time.monotonic() - begin)
took.sort()
print(f"{N} reloads, {took[len(took) // 2] * 1000:.1f} ms each, at most {took[-1] * 1000:.0f} ms")
