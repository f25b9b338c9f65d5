#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What looking_test.sh needs beside Debian's programs.

  looking.py flood ADDRESS PORT FIRST N   one UDP datagram from each of N source ports
  looking.py rates FILE                   of "top -j": sessions made by the rates, by the totals
  looking.py screen COMMAND...            run it on a terminal, make that larger, press q; print
                                          the screen as it was, exit as the command does
"""
import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import sys
import termios
import time

TIMEOUT = 20
BURST = 100


def flood(address, port, first, n):
    for i in range(int(n)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("", int(first) + i))
            s.sendto(b"x", (address, int(port)))
        if i % BURST == BURST - 1:
            time.sleep(0.005)


def rates(path):
    with open(path, encoding="ascii") as f:
        frames = [json.loads(line) for line in f]
    by_rate = sum(f["sessions"]["made_per_second"] * f["seconds"] for f in frames[1:])
    print(len(frames), round(by_rate), frames[-1]["sessions"]["made"] - frames[0]["sessions"]["made"])


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Screen:
    """The text that a program has put on a terminal since it last began a picture."""

    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.seen = ""

    def wait(self, what):
        """Read until what(seen) is true."""
        end = time.monotonic() + TIMEOUT
        while not what(self.seen):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                sys.exit(f"not on the screen: {self.seen[-2000:]!r}")
            try:
                self.seen += os.read(self.fd, 65536).decode()
            except OSError:
                break

    def picture(self):
        """The last whole picture, as lines."""
        whole = self.seen[:self.seen.rindex("\033[J")]
        return whole[whole.rindex("\033[H") + 3:].replace("\033[K", "").split("\r\n")


def whole(n):
    return lambda seen: seen.count("\033[H") >= n and seen.endswith("\033[J")


def screen(*command):
    s = Screen(command)
    resize(s.fd, 12, 60)
    s.wait(whole(2))
    os.kill(s.pid, signal.SIGWINCH)
    s.seen = ""
    s.wait(whole(1))
    small = s.picture()
    if len(small) != 12 or max(map(len, small)) > 60 or max(map(len, small)) < 55:
        sys.exit(f"12 lines of 60 columns: {small}")
    s.seen = ""
    resize(s.fd, 60, 132)
    s.wait(lambda seen: whole(1)(seen) and "lost so far" in seen)
    print("\n".join(s.picture()))
    before = termios.tcgetattr(s.fd)[3] & termios.ECHO
    s.seen = ""
    os.write(s.fd, b"q")
    s.wait(lambda seen: "\033[?1049l" in seen)
    status = os.waitstatus_to_exitcode(os.waitpid(s.pid, 0)[1])
    after = termios.tcgetattr(s.fd)[3] & termios.ECHO
    if before or not after:
        sys.exit("the terminal is not as it was")
    return status


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
